"""Where units are made: in this process, or in a pool of processes that may die or hang.

A unit goes to a worker as a file and its result comes back as one: what travels through
pipes is two paths.  A worker that ends or takes too long costs its unit one retry and then
one named problem; the others go on.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any

import msgspec
from pebble import ProcessExpired, ProcessPool

from convert.model import Problem
from convert.output.publish import OutputFolder
from convert.output.staging import writing_failed
from convert.plugins import Registry
from convert.run.plan import Unit, UnitResult, make
from convert.run.pool import end_with_parent

ATTEMPTS = 2
"""How often a unit is tried whose worker died or hung."""
LARGE = 50_000
"""Entries of a unit from which on a second copy of them, in a worker, costs too much memory."""
_UNITS_PER_WORKER = 4
"""Layout does not hand memory back: workers are replaced now and then."""


def run(
    units: Sequence[Unit],
    out: OutputFolder,
    *,
    jobs: int = 1,
    timeout: float = 600.0,
    registry: Registry | None = None,
) -> Iterator[tuple[Unit, UnitResult]]:
    """Each unit with its result, in the order given, as soon as that order allows.

    ``jobs`` is the number of worker processes; 1 works in this process, where nothing can be
    timed out, and so do units of more than ``LARGE`` entries.  ``timeout`` is the seconds
    that one unit may take.  After a ``fatal`` result nothing more is begun.  Leaving the
    iterator early stops the workers at once.
    """
    if jobs <= 1 or any(len(unit.entries) > LARGE for unit in units):
        return _here(units, out, registry)
    return _in_pool(units, out, jobs, timeout)


def _here(
    units: Sequence[Unit], out: OutputFolder, registry: Registry | None
) -> Iterator[tuple[Unit, UnitResult]]:
    for number, unit in enumerate(units):
        result = make(unit, out.staging(f"{number:04}"), registry)
        yield unit, result
        if result.fatal:
            return


def _in_pool(
    units: Sequence[Unit], out: OutputFolder, jobs: int, timeout: float
) -> Iterator[tuple[Unit, UnitResult]]:
    with _Workers(min(jobs, len(units)), timeout) as workers:
        tries = [_Try(unit, out, workers, number) for number, unit in enumerate(units)]
        # The largest first: one that begins last would be waited for alone.
        for each in sorted(tries, key=lambda each: -weight(each.unit)):
            each.schedule()
        for each in tries:
            result = each.result()
            yield each.unit, result
            if result.fatal:
                return


def weight(unit: Unit) -> int:
    """What a unit costs, roughly: the bytes of its bodies."""
    return sum(entry.size for entry in unit.entries)


class _Workers:
    """The pool, and a new one where it broke."""

    def __init__(self, number: int, timeout: float) -> None:
        self.timeout = timeout
        self._number = number
        self._pool: Any = None

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        # Everything asked for has come by now, or nobody waits for it any more.
        self._stop()

    def schedule(self, sent: Path, place: Path) -> Future[str]:
        """The path of the result, to come."""
        if self._pool is None or not self._pool.active:
            self._stop()
            self._pool = ProcessPool(
                max_workers=self._number,
                max_tasks=_UNITS_PER_WORKER,
                initializer=end_with_parent,
                initargs=(os.getpid(),),
            )
        scheduled: Future[str] = self._pool.schedule(
            _work, args=(str(sent), str(place)), timeout=self.timeout
        )
        return scheduled

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()


class _Try:
    """A unit on its way through the pool."""

    def __init__(self, unit: Unit, out: OutputFolder, workers: _Workers, number: int) -> None:
        self.unit = unit
        self._out = out
        self._workers = workers
        self._number = number
        self._begun = 0
        self._future: Future[str] = Future()

    def schedule(self) -> None:
        """Sends the unit to a worker.  Raises OutputError where the disk is full."""
        self._begun += 1
        place = self._out.staging(f"{self._number:04}-{self._begun}")
        sent = place.with_name(f"{place.name}.unit")
        try:
            with sent.open("wb") as file:
                pickle.dump(self.unit, file, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise writing_failed(sent, error) from error
        self._future = self._workers.schedule(sent, place)

    def result(self) -> UnitResult:
        """Waits for the result, once more where the worker was lost."""
        while True:
            try:
                answer = Path(self._future.result())
                return msgspec.msgpack.decode(answer.read_bytes(), type=UnitResult)
            except (FutureTimeout, ProcessExpired, BrokenExecutor) as error:
                if self._begun == ATTEMPTS:
                    return UnitResult(failure=self._lost(error))
                self.schedule()
            except OSError as error:
                failure = Problem(
                    path=self.unit.path,
                    reason=str(writing_failed(self._out.folder, error)),
                    severity="output",
                )
                return UnitResult(failure=failure, fatal=True)

    def _lost(self, error: BaseException) -> Problem:
        if isinstance(error, FutureTimeout):
            allowed = f"{self._workers.timeout:g} seconds"
            why = f"took more than {allowed}; allow more time, or cut it into volumes"
        else:
            why = "ended its worker process (out of memory?); fewer jobs or volumes may help"
        reason = f"{why}; tried {ATTEMPTS} times"
        return Problem(path=self.unit.path, reason=reason, severity="output")


def _work(sent: str, place: str) -> str:
    """In a worker: makes one unit, and says where its result lies."""
    with Path(sent).open("rb") as file:
        unit: Unit = pickle.load(file)  # noqa: S301 - the parent wrote it into a private folder
    try:
        result = make(unit, Path(place))
    except BaseException as error:  # an exporter that calls sys.exit ends its unit only
        failure = Problem(path=unit.path, reason=f"{type(error).__name__}", severity="output")
        result = UnitResult(failure=failure)
    answer = Path(place).with_name(f"{Path(place).name}.result")
    answer.write_bytes(msgspec.msgpack.encode(result))
    return str(answer)
