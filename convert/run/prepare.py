"""Stored entries to prepared ones: remembered ones from the store, the others over the cores.

``prepare`` itself is pure; here it is spread.  One entry that hangs or kills its worker costs
that entry, named, and no other.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from itertools import islice
from typing import Any

import msgspec
from pebble import ProcessExpired, ProcessPool

from convert import content
from convert.cache.prepared import PreparedStore
from convert.collection.similarity import fingerprint
from convert.content.draft import PrepareOptions
from convert.errors import ConvertError
from convert.model import Prepared, Problem, StoredEntry, Value
from convert.run.pool import end_with_parent

CHUNK = 24
"""Entries that a worker takes at once: large enough that sending costs little."""
SECONDS = 20.0
"""How long one entry may take; a chunk has the sum of its entries' times at the most."""
LOOKAHEAD = 256
"""Entries asked of the store at once."""

Warn = Callable[[Problem], None]


class Outcome(Value, frozen=True, kw_only=True):
    """What became of one stored entry: prepared under its digest, or a problem."""

    digest: str
    prepared: Prepared | None = None
    problem: Problem | None = None


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Outcome)


def prepare_all(
    stored: Iterable[StoredEntry],
    options: PrepareOptions,
    store: PreparedStore,
    warn: Warn,
    *,
    jobs: int = 1,
) -> Iterator[Prepared]:
    """Each entry prepared, in the order given; its body is in ``store`` by then.

    Entries that cannot be prepared go to ``warn`` and are left out.  ``jobs`` is the number
    of worker processes; 1 works in this one.
    """
    pending = _batches(stored, options)
    for batch in _through_store(pending, options, store, jobs):
        for outcome in batch:
            if outcome.prepared is None:
                if outcome.problem is not None:
                    warn(outcome.problem)
                continue
            for problem in outcome.prepared.problems:
                warn(problem)
            yield outcome.prepared


def _batches(
    stored: Iterable[StoredEntry], options: PrepareOptions
) -> Iterator[list[tuple[str, StoredEntry]]]:
    # The text of the file shapes nothing that is prepared: it neither travels nor counts.
    iterator = (msgspec.structs.replace(entry, stored=b"") for entry in stored)
    while batch := list(islice(iterator, LOOKAHEAD)):
        yield [(content.digest(entry, options), entry) for entry in batch]


def _through_store(
    batches: Iterator[list[tuple[str, StoredEntry]]],
    options: PrepareOptions,
    store: PreparedStore,
    jobs: int,
) -> Iterator[list[Outcome]]:
    """What the store knows is loaded, the rest prepared and put there."""
    with _Workers(options, jobs) as workers:
        window: collections.deque[tuple[list[str], set[str], list[_Chunk]]] = collections.deque()
        for batch in batches:
            known = store.known(digest for digest, _ in batch)
            fresh = [pair for pair in batch if pair[0] not in known]
            window.append(([digest for digest, _ in batch], known, workers.submit(fresh)))
            # Two batches under way keep every worker busy while this process reads on.
            if len(window) > (2 if jobs > 1 else 0):
                yield _settle(*window.popleft(), store)
        while window:
            yield _settle(*window.popleft(), store)


def _settle(
    order: list[str], known: set[str], chunks: list[_Chunk], store: PreparedStore
) -> list[Outcome]:
    made = {outcome.digest: outcome for chunk in chunks for outcome in chunk()}
    store.put((o.digest, o.prepared) for o in made.values() if o.prepared is not None)
    remembered = [digest for digest in order if digest in known]
    loaded = dict(zip(remembered, store.load(remembered), strict=True))
    return [
        Outcome(digest=digest, prepared=loaded[digest]) if digest in loaded else made[digest]
        for digest in order
    ]


_Chunk = Callable[[], list[Outcome]]


class _Workers:
    """Runs ``prepare`` here or in a pool that exists only once there is something to do."""

    def __init__(self, options: PrepareOptions, jobs: int) -> None:
        self._options = options
        self._jobs = jobs
        self._pool: Any = None

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._pool is not None:
            if kind is None:
                self._pool.close()
            else:
                self._pool.stop()
            self._pool.join()

    def submit(self, pairs: list[tuple[str, StoredEntry]]) -> list[_Chunk]:
        """Chunks under way; calling one waits for its outcomes."""
        chunks = [pairs[at : at + CHUNK] for at in range(0, len(pairs), CHUNK)]
        if self._jobs <= 1:
            return [_here(chunk, self._options) for chunk in chunks]
        if self._pool is None and chunks:
            self._pool = ProcessPool(
                max_workers=self._jobs, initializer=end_with_parent, initargs=(os.getpid(),)
            )
        return [self._scheduled(chunk) for chunk in chunks]

    def _scheduled(self, chunk: list[tuple[str, StoredEntry]]) -> _Chunk:
        future = self._schedule(chunk)

        def outcomes() -> list[Outcome]:
            try:
                return [_DECODER.decode(each) for each in future.result()]
            except (FutureTimeout, ProcessExpired) as error:
                if len(chunk) == 1:
                    return [_lost(*chunk[0], error)]
                # One of them is the culprit: each alone tells which.
                alone = [self._scheduled([pair]) for pair in chunk]
                return [outcome for each in alone for outcome in each()]

        return outcomes

    def _schedule(self, chunk: list[tuple[str, StoredEntry]]) -> Future[list[bytes]]:
        scheduled: Future[list[bytes]] = self._pool.schedule(
            _prepare_chunk, args=(chunk, self._options), timeout=SECONDS * (1 + len(chunk) / 8)
        )
        return scheduled


def _here(chunk: list[tuple[str, StoredEntry]], options: PrepareOptions) -> _Chunk:
    return lambda: [_prepare_one(digest, entry, options) for digest, entry in chunk]


def _prepare_chunk(chunk: list[tuple[str, StoredEntry]], options: PrepareOptions) -> list[bytes]:
    """In a worker.  Outcomes cross as bytes: a third of what pickle takes."""
    return [_ENCODER.encode(_prepare_one(digest, entry, options)) for digest, entry in chunk]


def _prepare_one(digest: str, entry: StoredEntry, options: PrepareOptions) -> Outcome:
    try:
        prepared = content.prepare(entry, options)
    except ConvertError as error:
        problem = Problem(path=entry.path, field="content", reason=str(error), severity="entry")
        return Outcome(digest=digest, problem=problem)
    except Exception as error:  # an entry must never take the others down
        reason = f"could not be prepared ({type(error).__name__}: {error}); please report it"
        problem = Problem(path=entry.path, field="content", reason=reason, severity="entry")
        return Outcome(digest=digest, problem=problem)
    # Here, so that it is made where there are cores to spare, and remembered.
    marked = msgspec.structs.replace(prepared, fingerprint=fingerprint(prepared))
    return Outcome(digest=digest, prepared=marked)


def _lost(digest: str, entry: StoredEntry, error: BaseException) -> Outcome:
    why = "took too long" if isinstance(error, FutureTimeout) else "ended its worker process"
    reason = f"preparing it {why}; it is left out"
    problem = Problem(path=entry.path, field="content", reason=reason, severity="entry")
    return Outcome(digest=digest, problem=problem)
