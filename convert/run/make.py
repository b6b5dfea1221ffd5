"""The making of one unit: its exporter called, its files staged, what goes wrong told.

A unit is a value that holds all it needs and pickles; so is its result.  Where units are made
is the business of ``execute``.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path

from convert import plugins
from convert.contract import (
    ExportContext,
    Exporter,
    OutputFile,
    VolumeLister,
)
from convert.errors import (
    ContractError,
    ConvertError,
    ExportError,
    Interrupted,
    OutputError,
    Overdue,
)
from convert.model import Problem, Value
from convert.output.staging import StagedFile, stage
from convert.plugins import AnyExporter, Registry
from convert.run.handover import context_of, entries_of
from convert.run.plan import Unit
from convert.text.opened import watched


class UnitResult(Value, frozen=True, kw_only=True):
    """What became of one unit.

    ``opened`` are the paths of what a plug-in's code read.  ``failure`` is set where it was not
    made; ``fatal`` where no other can be made either (the disk is full), and ``trace`` is for
    those who look into it.
    """

    staged: tuple[StagedFile, ...] = ()
    opened: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    failure: Problem | None = None
    fatal: bool = False
    trace: str = ""
    seconds: float = 0.0


def make(unit: Unit, staging: Path, registry: Registry) -> UnitResult:
    """Make the files of one unit below ``staging``, an empty private folder.

    Never raises an Exception: what goes wrong is the result's ``failure``.
    """

    def files(exporter: AnyExporter, context: ExportContext) -> Iterable[OutputFile]:
        entries = entries_of(unit, exporter)
        if unit.listing and isinstance(exporter, VolumeLister):
            return exporter.list_volumes(entries, context)
        if not isinstance(exporter, Exporter):
            raise ExportError(f"{unit.exporter}: takes stored entries, not prepared ones")
        return exporter.export(entries, context)

    return stage_files(unit, staging, registry, files)


def stage_files(
    unit: Unit,
    staging: Path,
    registry: Registry,
    files: Callable[[AnyExporter, ExportContext], Iterable[OutputFile]],
) -> UnitResult:
    """Stage what ``files`` gives for the unit's exporter and its context.

    Never raises an Exception: what goes wrong is the result's ``failure``.
    """
    problems: list[Problem] = []
    start = time.monotonic()
    staged: tuple[StagedFile, ...] = ()
    opened: tuple[str, ...] = ()
    failure: str | None = None
    trace = ""
    fatal = False
    exporter: AnyExporter | None = None
    try:
        exporter = registry.exporter(unit.to)
        reason = plugins.lacking(exporter)
        if reason is not None:
            raise ExportError(reason)
        context = context_of(unit, exporter, staging, problems.append)
        ours = plugins.is_ours(exporter)
        with (
            nullcontext() if ours else plugins.set_apart(),
            nullcontext() if ours else watched(staging) as seen,
        ):
            yielded = files(exporter, context)
            if not isinstance(yielded, Iterable):
                what = type(yielded).__name__
                raise ContractError(f"{unit.to}: its exporter returns {what}, not files")
            staged = stage(yielded, staging, path=unit.path, folder=unit.folder)
        opened = seen.paths if seen else ()
    except OutputError as error:
        failure, fatal = str(error), True
    except ConvertError as error:
        failure, trace = str(error), traceback.format_exc()
    except (Interrupted, KeyboardInterrupt, Overdue):
        raise
    except MemoryError:
        failure = "needs more memory than there is; cut it into volumes, or give fewer --jobs"
    except BaseException as error:  # one output, whatever its code does, takes no other down
        failure, trace = plugins.fault(unit.to, exporter, error), traceback.format_exc()
    size = sum(file.record.size for file in staged)
    if unit.most_bytes is not None and not unit.listing and size > unit.most_bytes:
        reason = (
            f"{size:,} bytes, more than the {unit.most_bytes:,} asked for; ask for a smaller size"
        )
        problems.append(Problem(path=unit.path, field="volumes", reason=reason))
    return UnitResult(
        staged=staged,
        opened=opened,
        problems=tuple(problems),
        failure=None
        if failure is None
        else Problem(path=unit.path, reason=failure, severity="output"),
        fatal=fatal,
        trace=trace,
        seconds=round(time.monotonic() - start, 3),
    )
