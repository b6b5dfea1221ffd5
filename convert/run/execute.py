"""Where units are made: in this process, or in a pool of processes that may die or hang.

A unit goes to a worker as a file and its result comes back as one: what travels through
pipes is two paths.  A worker that ends or takes too long costs its unit one retry and then
one named problem; the others go on.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import msgspec

from convert.model import Problem
from convert.output.publish import OutputFolder
from convert.output.staging import writing_failed
from convert.plugins import Registry
from convert.run.plan import Unit, UnitResult, make
from convert.run.pool import Pool, WorkerLost

ATTEMPTS = 2
"""How often a unit is tried whose worker died or hung."""
LARGE = 50_000
"""Entries of a unit from which on a second copy of them, in a worker, costs too much memory."""
_UNITS_PER_WORKER = 4
"""Layout does not hand memory back: workers are replaced now and then."""


def run(
    units: Sequence[Unit],
    out: OutputFolder,
    registry: Registry,
    *,
    jobs: int = 1,
    timeout: float = 600.0,
    large: int = LARGE,
) -> Iterator[tuple[Unit, UnitResult]]:
    """Yield each unit with its result, in the order given, as soon as that order allows.

    ``jobs`` is the number of worker processes; 1 works in this process, where nothing can be
    timed out, and so do units of more than ``large`` entries.  ``timeout`` is the seconds
    that one unit may take.  After a ``fatal`` result nothing more is begun.  Leaving the
    iterator early stops the workers at once.
    """
    pooled = [
        number for number, unit in enumerate(units) if jobs > 1 and len(unit.entries) <= large
    ]
    # The largest first: one that begins last would be waited for alone.
    pooled.sort(key=lambda number: -sum(entry.size for entry in units[number].entries))
    with Pool(min(jobs, len(pooled)), tasks_per_worker=_UNITS_PER_WORKER) as pool:
        waiting = {
            number: _submit(units[number], out.staging(f"{number:04}"), pool, timeout)
            for number in pooled
        }
        for number, unit in enumerate(units):
            if number in waiting:
                result = waiting[number]()
            else:
                # A worker that is forked while this process works may inherit a lock that
                # nobody frees: whatever may start another comes first.
                for wait in waiting.values():
                    wait()
                result = make(unit, out.staging(f"{number:04}"), registry)
            yield unit, result
            if result.fatal:
                return


def _submit(unit: Unit, folder: Path, pool: Pool, timeout: float) -> Callable[[], UnitResult]:
    """Send a unit to a worker and return what waits for its result.

    Raises OutputError where the disk is full.
    """
    sent = folder / "unit"
    try:
        with sent.open("wb") as file:
            pickle.dump(unit, file, pickle.HIGHEST_PROTOCOL)
    except OSError as error:
        raise writing_failed(sent, error) from error
    wait = pool.submit(partial(_work, str(sent)), seconds=timeout, attempts=ATTEMPTS)

    def result() -> UnitResult:
        fatal = False
        try:
            return msgspec.msgpack.decode(Path(wait()).read_bytes(), type=UnitResult)
        except WorkerLost as lost:
            reason = "ended its worker process (out of memory?); fewer jobs or volumes may help"
            if lost.late:
                reason = (
                    f"took more than {timeout:g} seconds; allow more time, or cut it into volumes"
                )
            reason += f"; tried {ATTEMPTS} times"
        except OSError as error:
            reason, fatal = str(writing_failed(folder, error)), True
        failure = Problem(path=unit.path, reason=reason, severity="output")
        return UnitResult(failure=failure, fatal=fatal)

    return result


def _work(sent: str) -> str:
    """Make one unit in a worker, and return where its result lies."""
    path = Path(sent)
    with path.open("rb") as file:
        unit: Unit = pickle.load(file)  # noqa: S301 - the parent wrote it into a private folder
    # A folder for each attempt: one that was lost may have left files.
    staging = Path(tempfile.mkdtemp(dir=path.parent))
    result = make(unit, staging, _registry())
    answer = staging.with_suffix(".result")
    answer.write_bytes(msgspec.msgpack.encode(result))
    return str(answer)


@cache
def _registry() -> Registry:
    """Return the plug-ins of a worker, so that it loads each once."""
    return Registry.default()
