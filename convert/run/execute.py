"""Where units are made: in worker processes that may die or hang, or in this one.

A worker that ends costs its unit one retry and then one named problem, one that takes too long
that problem at once; the others go on.  A plug-in's worker makes that one unit and is ended with
all that was started in it, so that whatever a stranger's code changes in its process goes with
it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from convert.errors import ContractError, internal_error
from convert.model import Problem
from convert.output.publish import OutputFolder
from convert.output.staging import writing_failed
from convert.plugins import Registry, is_ours, raised
from convert.run.make import UnitResult, make
from convert.run.plan import Unit
from convert.run.pool import Pool, TaskEnded, WorkerLost

ATTEMPTS = 2
"""How often a unit is tried whose worker died; one that hung would hang again."""
LARGE = 50_000
"""Entries of a unit from which on a second copy of them, in a worker, costs too much memory."""
LOADING = 30.0
"""Seconds that the code of an exporter in a file may take until it is loaded."""
_UNITS_PER_WORKER = 4
"""Layout does not hand memory back: workers are replaced now and then."""


def run(
    units: Sequence[Unit],
    out: OutputFolder,
    registry: Registry,
    *,
    workers: int = 0,
    timeout: float = 600.0,
    large: int = LARGE,
    warn: Callable[[Problem], None] | None = None,
) -> Iterator[tuple[Unit, UnitResult]]:
    """Yield each unit with its result, in the order given, as soon as that order allows.

    With no ``workers`` every unit is made in this process, and so are, of our own exporters,
    units of more than ``large`` entries.  ``timeout`` is the seconds that one unit may take.
    After a ``fatal`` result nothing more is begun.  Leaving the iterator early stops the
    workers at once.
    """
    ours = [is_ours(registry.exporter(unit.to)) for unit in units]
    pooled = [
        number
        for number, unit in enumerate(units)
        if workers and (len(unit.entries) <= large or not ours[number])
    ]
    # The largest first: one that begins last would be waited for alone.
    pooled.sort(key=lambda number: -sum(entry.size for entry in units[number].entries))
    folders = [out.staging(f"{number:04}") for number in range(len(units))]
    with Pool(min(workers, len(pooled)), tasks_per_worker=_UNITS_PER_WORKER, warn=warn) as pool:
        waiting = {
            number: pool.submit(
                partial(_work, units[number], folders[number]),
                seconds=timeout,
                attempts=ATTEMPTS,
                last=not ours[number],
            )
            for number in pooled
        }
        results: dict[int, UnitResult] = {}
        for number, unit in enumerate(units):
            # A worker that is forked while this process works may inherit a lock that nobody
            # frees: whatever may start another comes before what is made here.
            for each in [number] if number in waiting else pooled:
                if each not in results:
                    results[each] = _waited(units[each], waiting[each], timeout)
            if number not in waiting:
                work = partial(_make, unit, folders[number], registry)
                results[number] = here(unit, work, timeout)
            yield unit, results[number]
            if results[number].fatal:
                return


def try_out(name: str) -> None:
    """Load the exporter in a file in a worker, before this process does.

    Raises ContractError where its code ends the process or takes more than ``LOADING``
    seconds; what it raises is for those who load it here.
    """
    with Pool(1) as pool, suppress(TaskEnded):
        try:
            pool.submit(partial(_load, name), seconds=LOADING, last=True)()
        except WorkerLost as lost:
            late = f"took more than {LOADING:g} seconds"
            raise ContractError(f"{name}: loading it {late if lost.late else lost}") from lost


def _load(name: str) -> None:
    """Load an exporter, and ask of it what the main process asks."""
    with suppress(Exception):
        exporter = _registry().exporter(name)
        exporter.unavailable()
        exporter.suffix(exporter.Options())


def here(unit: Unit, work: Callable[[], UnitResult], timeout: float) -> UnitResult:
    """Return the result of a unit that is made in this process, within its time."""
    with Pool(0) as nobody:
        return _waited(unit, nobody.submit(work, seconds=timeout), timeout)


def _waited(unit: Unit, wait: Callable[[], UnitResult], timeout: float) -> UnitResult:
    """Return the result that is waited for; a worker that was lost is its failure."""
    try:
        return wait()
    except TaskEnded as ended:
        reason = raised(unit.to, str(ended))
    except WorkerLost as lost:
        reason = f"its exporter {lost}"
        if lost.late:
            reason = (
                f"took more than {timeout:g} seconds; allow more with --timeout,"
                " or cut it into volumes"
            )
        elif lost.ending == "SIGKILL":
            reason += ", perhaps for want of memory; fewer --jobs or volumes may help"
        if lost.attempts > 1:
            reason += f"; tried {lost.attempts} times"
    except Exception as error:  # what came from its worker is no result
        reason = internal_error(error)
    return UnitResult(failure=Problem(path=unit.path, reason=reason, severity="output"))


def _work(unit: Unit, folder: Path) -> UnitResult:
    """Make one unit in a worker."""
    return _make(unit, folder, _registry())


def _make(unit: Unit, folder: Path, registry: Registry) -> UnitResult:
    """Make one unit in a folder for this attempt: one that was lost may have left files."""
    try:
        staging = Path(tempfile.mkdtemp(dir=folder))
    except OSError as error:
        reason = str(writing_failed(folder, error))
        failure = Problem(path=unit.path, reason=reason, severity="output")
        return UnitResult(failure=failure, fatal=True)
    return make(unit, staging, registry)


@cache
def _registry() -> Registry:
    """Return the plug-ins of a worker, so that it loads each once."""
    return Registry.default()
