"""Units of the one kind of exporter that is given entries as stored."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from convert.contract import (
    ExportContext,
    OutputFile,
    Reading,
    SourceContext,
    StoredBefore,
    StoreExporter,
)
from convert.copied import SourceCopy, SourceHead
from convert.errors import ConvertError, ExportError, NotASource, Overdue
from convert.model import Problem
from convert.output.manifest import FileRecord, file_digest
from convert.plugins import AnyExporter, Registry, fault
from convert.run.handover import context_of
from convert.run.limit import within
from convert.run.make import UnitResult, stage_files
from convert.run.plan import Unit
from convert.run.report import Observer
from convert.settings.job import Job
from convert.text import json_text
from convert.text.characters import fold
from convert.web.fetcher import HttpFetcher


def make(
    unit: Unit,
    staging: Path,
    registry: Registry,
    readings: tuple[Reading, ...],
    selected: frozenset[tuple[str, str, str]],
    *,
    update: Path | None,
    before: tuple[Path, Sequence[FileRecord]] | None,
    max_body: int,
    warn: Callable[[Problem], None],
) -> UnitResult:
    """Make the files of one unit below ``staging``, an empty private folder.

    It is made in this process, where the sources are open, of the entries whose origin, path
    and id are ``selected``.  ``update`` is the folder of a repository that is updated,
    ``before`` that of the one that is made anew, and what the record has of it.  Never
    raises an Exception: what goes wrong is the result's ``failure``.
    """

    def files(exporter: AnyExporter, context: ExportContext) -> Iterable[OutputFile]:
        if not isinstance(exporter, StoreExporter):
            raise ExportError(f"{unit.exporter}: takes prepared entries, not stored ones")
        entries = (
            msgspec.structs.replace(entry, origin=reading.origin.address)
            for reading in readings
            for entry in reading.entries()
            if (reading.origin.address, entry.path, fold(entry.id)) in selected
        )
        existing = _existing(update, registry, max_body, warn) if update is not None else None
        stored = _stored_before(*before, registry, max_body) if before is not None else None
        return exporter.store(entries, readings, context, existing, stored)

    return stage_files(unit, staging, registry, files)


def _stored_before(
    folder: Path, recorded: Sequence[FileRecord], registry: Registry, max_body: int
) -> StoredBefore | None:
    """Return what lies in the folder of a store, as far as it is ``recorded`` and was not edited;
    None where nothing can be read."""
    digests = {file.path: file.sha256 for file in recorded}

    def picture(path: str) -> bytes | None:
        place = folder / path
        sha256 = digests.get(f"{folder.name}/{path}")
        if not sha256 or file_digest(place) != sha256:
            return None
        return place.read_bytes()

    try:
        return StoredBefore(_opened(folder, registry, max_body, lambda _: None).entries(), picture)
    except (ConvertError, OSError):
        return None


def replaces(result: UnitResult, folder: Path) -> bool:
    """Return whether files of the unit take the place of others."""
    return any((folder / file.record.path).is_file() for file in result.staged)


class Finished(NamedTuple):
    """How a store was finished: with which ``commit``, as ``UnitRecord`` has it, or not."""

    commit: str | None = None
    failed: bool = False


def finish(unit: Unit, registry: Registry, folder: Path, job: Job, watch: Observer) -> Finished:
    """Let the exporter of a store commit it as it is, and return what came of it:
    ``StoreExporter.finish``.

    Whatever goes wrong is reported: the files are published, and the other outputs go on.
    """
    exporter = registry.exporter(unit.to)
    top = folder / unit.folder

    def work() -> str | None:
        # What is wrong with its files was reported when they were read before.
        stored = _existing(top, registry, job.max_body, lambda _: None)
        if stored is not None and isinstance(exporter, StoreExporter):
            return exporter.finish(stored, top, context_of(unit, exporter, folder, watch.problem))
        return None

    try:
        return Finished(within(job.timeout, work))
    except Overdue:
        reason = f"is written but not finished: that took more than {job.timeout:g} seconds;"
        reason += " allow more with --timeout and run again"
    except ConvertError as error:
        reason = str(error)
    except Exception as error:
        watch.trace(traceback.format_exc())
        reason = fault(unit.to, exporter, error)
    watch.problem(Problem(path=str(top), reason=reason, severity="output"))
    return Finished(failed=True)


def _existing(
    folder: Path, registry: Registry, max_body: int, warn: Callable[[Problem], None]
) -> Reading | None:
    """Return the Thicket repository in a folder, to be updated; None where there is none yet.

    A file in it that cannot be read costs no entry of this run: it is reported as a warning.
    Raises ExportError for a folder that must not become one.
    """
    if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
        raise ExportError(f"{folder}: is a bare Git repository; name a folder with files")

    def soften(problem: Problem) -> None:
        if problem.severity != "warning":
            path = str(folder / problem.path)
            warn(msgspec.structs.replace(problem, path=path, severity="warning"))

    try:
        if _is_store(folder, _opened(folder, registry, max_body, lambda _: None)):
            return _opened(folder, registry, max_body, soften)
        reason = "is no Thicket repository: what lies in it is something else"
    except NotASource as error:
        reason = error.reason
    if not _held(folder):  # nothing at all, or Git's own folder alone
        return None
    raise ExportError(f"{folder}: {reason}; {_WAY_OUT}")


_WAY_OUT = (
    "nothing is written into it. Name a repository or an empty folder, or begin one there with"
    ' an index.json that says {"users": {}}'
)


def _opened(
    folder: Path, registry: Registry, max_body: int, warn: Callable[[Problem], None]
) -> Reading:
    """Return the reading of a folder as a Thicket repository.  Raises NotASource."""
    source = registry.source("thicket")
    with HttpFetcher(None, True, ()) as closed:
        context = SourceContext(
            fetcher=closed,
            warn=warn,
            options=source.Options(),
            offline=True,
            max_body=max_body,
            # What its index and its list of duplicates say is kept by hand: none of them, broken
            # or not, keeps the entries from being read.
            known=lambda address: SourceCopy(SourceHead(address=address)),
        )
        return source.open(str(folder.absolute()), context)


def _is_store(folder: Path, reading: Reading) -> bool:
    """Return whether a folder that can be read as a repository is one.

    Its index.json has users; without one there are entries in each of its folders: a first run
    that was killed leaves that, as the index is put in place last.
    """
    if (content := reading.file("index.json", "")) is not None:
        try:
            index = json_text.decode(content)
        except json_text.BadJSON:
            return True  # a broken one: the exporter tells
        return isinstance(index, dict) and "users" in index
    users = {entry.path.partition("/")[0] for entry in reading.entries()}
    folders = {each.name for each in _held(folder) if each.is_dir()}
    return bool(users) and folders <= users


def _held(folder: Path) -> list[Path]:
    """Return what lies in a folder, but for hidden files and folders without any other."""
    return [each for each in _visible(folder) if not each.is_dir() or _visible(each)]


def _visible(folder: Path) -> list[Path]:
    return [each for each in folder.glob("*") if not each.name.startswith(".")]
