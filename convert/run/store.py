"""Units of the one kind of exporter that is given entries as stored."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from convert.contract import ExportContext, OutputFile, Reading, Source, SourceContext
from convert.errors import ConvertError, ExportError, NotASource
from convert.model import Problem
from convert.run.plan import Unit, UnitResult, context_of, finished
from convert.run.report import Observer
from convert.text.characters import fold
from convert.web.fetcher import HttpFetcher

Asked = frozenset[tuple[str, str, str]]
"""Origin, path and id of each entry that is asked for."""


def make(
    unit: Unit,
    staging: Path,
    exporter: Any,
    readings: tuple[Reading, ...],
    asked: Asked,
    *,
    existing: Callable[[], Reading | None],
) -> UnitResult:
    """Makes the files of one unit below ``staging``, an empty private folder.

    ``existing`` opens the repository that is updated, None for a new one.  Never raises an
    Exception: what goes wrong is the result's ``failure``.
    """

    def files(context: ExportContext) -> Iterable[OutputFile]:
        reason = exporter.unavailable()
        if reason is not None:
            raise ExportError(reason)
        entries = (
            msgspec.structs.replace(entry, origin=reading.origin.address)
            for reading in readings
            for entry in reading.entries()
            if (reading.origin.address, entry.path, fold(entry.id)) in asked
        )
        given = _with_options(context, unit, exporter)
        return exporter.store(entries, readings, given, existing())  # type: ignore[no-any-return]

    return finished(unit, staging, files)


def finish(unit: Unit, result: UnitResult, exporter: Any, folder: Path, watch: Observer) -> None:
    """Lets the exporter do what can only be done once the files are in place."""
    top = folder / unit.folder
    files = [file.record.path.removeprefix(f"{unit.folder}/") for file in result.staged]
    try:
        context = context_of(unit, folder, watch.problem)
        exporter.finish(files, top, _with_options(context, unit, exporter))
    except Exception as error:  # the files are published, and the other outputs go on
        reason = str(error)
        if not isinstance(error, ConvertError):
            watch.trace(traceback.format_exc())
            reason = f"{type(error).__name__}: {error}; run with --debug to see where"
        watch.problem(Problem(path=str(top), reason=reason, severity="output"))


def opened(
    folder: Path, source: Source, max_body: int, warn: Callable[[Problem], None]
) -> Reading | None:
    """The Thicket repository in a folder, to be updated; None where there is none yet.

    A file in it that cannot be read costs no entry of this run: it is told as a warning.  Raises
    ExportError for a folder that must not become one.
    """
    if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
        raise ExportError(f"{folder}: is a bare Git repository; name a folder with files")

    def told(problem: Problem) -> None:
        if problem.severity != "warning":
            path = str(folder / problem.path)
            warn(msgspec.structs.replace(problem, path=path, severity="warning"))

    with HttpFetcher(None, True, ()) as closed:
        context = SourceContext(
            fetcher=closed, warn=told, options=source.Options(), offline=True, max_body=max_body
        )
        try:
            return source.open(str(folder.absolute()), context)
        except NotASource as error:
            if any(folder.glob("*.json")) or any(folder.glob("*/index.json")):
                raise ExportError(f"{folder}: {error.reason}") from error
            return None


def _with_options(context: ExportContext, unit: Unit, exporter: Any) -> ExportContext:
    options = msgspec.json.decode(unit.options, type=exporter.Options)
    return dataclasses.replace(context, options=options)
