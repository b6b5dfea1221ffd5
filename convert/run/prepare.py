"""Stored entries to prepared ones: remembered ones from the store, the others over the cores.

``prepare`` itself is pure; here it is spread.  One entry that hangs or kills its worker costs
that entry, named, and no other.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec

from convert import content
from convert.cache.bodies import PreparedBodies
from convert.collection import similarity
from convert.content.draft import PrepareOptions
from convert.errors import ConvertError, internal_error
from convert.model import Prepared, Problem, StoredEntry, Value
from convert.run.chunks import Chunks
from convert.run.pool import Pool, WorkerLost
from convert.text.characters import legal, shortened

CHUNK = 24
"""Entries that a worker takes at once: large enough that sending costs little."""
SECONDS = 20.0
"""How long one entry may take."""
LOOKAHEAD = 256
"""Entries asked of the store at once."""


class Preparation(Value, frozen=True, kw_only=True):
    """What became of one stored entry: prepared under its digest, or a problem."""

    digest: str
    prepared: Prepared | None = None
    problem: Problem | None = None


_SIMILARITY = content.code_of(Path(similarity.__file__))
"""What is added here to a prepared entry counts in its digest, too."""
_Named = tuple[str, StoredEntry]
"""An entry by the digest of all that shapes what is prepared of it."""
_Wait = Callable[[], list[Preparation]]
_Work = Chunks[_Named, bytes]
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Preparation])


def prepare_all(
    stored: Iterable[StoredEntry],
    options: PrepareOptions,
    store: PreparedBodies,
    warn: Callable[[Problem], None],
    *,
    workers: int = 0,
    known_as: Mapping[str, str] | None = None,
    several: bool = False,
) -> Iterator[Prepared]:
    """Yield each entry prepared, in the order given; its body is in ``store`` by then.

    Entries that cannot be prepared go to ``warn`` and are left out.  ``workers`` is the
    number of worker processes; 0 works in this one.  ``known_as`` says what stands for a
    source while its entries are prepared, by its address.  Where they are of ``several``
    sources, problems say of which.
    """
    # Where each entry is from, and its id where it has no file of its own.
    known: collections.deque[tuple[str, str]] = collections.deque()

    def shaped() -> Iterator[_Named]:
        for entry in stored:
            known.append((entry.origin, "" if entry.stored else shortened(entry.id)))
            shaping = shaping_of(entry, known_as or {})
            yield digest(shaping, options), shaping

    named = shaped()
    with Pool(workers, warn=warn) as pool:
        work = Chunks(
            pool=pool,
            work=partial(_prepare_chunk, options=options),
            lost=_lost,
            size=CHUNK,
            seconds=SECONDS,
        )
        begun: collections.deque[_Wait] = collections.deque()
        more = True
        while more or begun:
            batch = list(islice(named, LOOKAHEAD))
            more = bool(batch)
            if more:
                begun.append(_begin(batch, store, work))
            # Two batches under way keep every worker busy while this process reads on.
            if len(begun) <= (2 if more and workers else 0):
                continue
            for outcome in begun.popleft()():
                (origin, id_), prepared = known.popleft(), outcome.prepared
                problems = (outcome.problem,) if prepared is None else prepared.problems
                for each in filter(None, problems):
                    problem = each.of(id_) if id_ else each
                    warn(problem.within(origin) if several else problem)
                if prepared is not None:
                    entry = msgspec.structs.replace(prepared.entry, origin=legal(origin))
                    yield msgspec.structs.replace(prepared, entry=entry)
    store.trim()


def shaping_of(entry: StoredEntry, known_as: Mapping[str, str]) -> StoredEntry:
    """Return what shapes a prepared entry: neither the text of its file, nor how the path of its
    source is spelled."""
    origin = known_as.get(entry.origin, entry.origin)
    return msgspec.structs.replace(entry, stored=b"", origin=origin)


def digest(entry: StoredEntry, options: PrepareOptions) -> str:
    """Return the digest under which the entry is remembered once it is prepared."""
    return content.digest(entry, options, _SIMILARITY)


def _begin(batch: Sequence[_Named], store: PreparedBodies, work: _Work) -> _Wait:
    """Begin to prepare what the store does not have; what is returned waits, puts it there,
    and returns the outcome of every entry in order."""
    remembered = store.known([digest for digest, _ in batch])
    chunks = work.begin([each for each in batch if each[0] not in remembered])

    def outcomes() -> list[Preparation]:
        recalled = store.recall(digest for digest, _ in batch if digest in remembered)
        # What was remembered and turns out to be damaged.
        lost = [pair for pair in batch if pair[0] in remembered and pair[0] not in recalled]
        answers = (answer for wait in (*chunks, *work.begin(lost)) for answer in wait())
        fresh_of = {each.digest: each for answer in answers for each in _DECODER.decode(answer)}
        store.put({key: each.prepared for key, each in fresh_of.items() if each.prepared})
        remembered_of = {
            digest: Preparation(digest=digest, prepared=prepared)
            for digest, prepared in recalled.items()
        }
        outcome_of = fresh_of | remembered_of
        return [outcome_of[digest] for digest, _ in batch]

    return outcomes


def _prepare_chunk(chunk: Sequence[_Named], options: PrepareOptions) -> bytes:
    """Prepare entries in a worker.  Outcomes cross as bytes: a third of what pickle takes."""
    return _ENCODER.encode([_prepare_one(digest, entry, options) for digest, entry in chunk])


def _prepare_one(digest: str, entry: StoredEntry, options: PrepareOptions) -> Preparation:
    try:
        prepared = content.prepare(entry, options, _SIMILARITY)
    except ConvertError as error:
        return _left_out(digest, entry, str(error))
    except Exception as error:  # an entry must never take the others down
        return _left_out(digest, entry, internal_error(error))
    # Here, so that it is made where there are cores to spare, and remembered.
    marked = msgspec.structs.replace(prepared, fingerprint=similarity.fingerprint(prepared))
    return Preparation(digest=digest, prepared=marked)


def _lost(named: _Named, worker: WorkerLost) -> bytes:
    """Return the outcome of an entry whose worker was lost with it."""
    digest, entry = named
    late = f"took more than {SECONDS:g} seconds"
    reason = f"preparing it {late if worker.late else worker}; it is left out"
    return _ENCODER.encode([_left_out(digest, entry, reason)])


def _left_out(digest: str, entry: StoredEntry, reason: str) -> Preparation:
    problem = Problem(path=entry.path, field="content", reason=reason, severity="entry")
    return Preparation(digest=digest, problem=problem)
