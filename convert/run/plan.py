"""The plan of a run as a visible list: output × volume; and the making of one of them.

A unit is a value that holds all it needs and pickles; so is its result.  Where units are made
is the business of ``execution``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from convert.collection import volumes
from convert.contract import (
    CONTRACT_VERSION,
    PATH_OPTIONS,
    ExportContext,
    Exporter,
    ExporterOptions,
    Images,
    OutputFile,
    PlannedOutput,
    VolumeLister,
)
from convert.entryset import EntrySet
from convert.errors import ContractError, ConvertError, ExportError, OutputError, UsageError
from convert.model import Problem, Value
from convert.output.manifest import Manifest, OutputRecord, UnitRecord, check_path
from convert.output.publish import Made
from convert.output.staging import StagedFile, same_place, stage
from convert.plugins import AnyExporter, Registry
from convert.run import fingerprint as fingerprints
from convert.text.templates import TemplateFolder


@dataclasses.dataclass(frozen=True, kw_only=True)
class Unit:
    """One output, or one volume of it, or (``listing``) what lists its volumes.

    ``to`` is the exporter as asked for (a name or a path), ``exporter`` its own name;
    ``options`` are its typed options as JSON, so that the unit crosses processes without
    the exporter's code.  ``path`` and ``folder`` are those of the export context, ``name``
    the stem that the output's files share.
    """

    to: str
    exporter: str
    name: str
    path: str
    folder: str
    media_type: str
    options: bytes
    entries: EntrySet
    now: dt.datetime
    images: Images
    templates: TemplateFolder
    styled: str = ""
    """The digest of all templates."""
    outputs: tuple[PlannedOutput, ...] = ()
    version: str = ""
    listing: bool = False
    most_bytes: int | None = None
    """What a volume should not exceed; told where it does, as sizes are only estimated."""


class UnitResult(Value, frozen=True, kw_only=True):
    """What became of one unit.

    ``failure`` is set where it was not made; ``fatal`` where no other can be made either
    (the disk is full), and ``trace`` is for those who look into it.
    """

    staged: tuple[StagedFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    failure: Problem | None = None
    fatal: bool = False
    trace: str = ""
    seconds: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wish:
    """One output as asked for: the exporter, and what it shall work with."""

    to: str
    exporter: AnyExporter
    options: ExporterOptions
    stem: str
    entries: EntrySet
    weigh: volumes.Weigh | None = None


def plan(
    wishes: Sequence[Wish],
    *,
    now: dt.datetime,
    images: Images,
    templates: TemplateFolder,
    version: str,
) -> tuple[Unit, ...]:
    """Every unit, in the order of the wishes and of their volumes; listings after those.

    All know all planned outputs.  Raises UsageError where two would share a name, where a
    name is no file name, or where ``volumes`` has no known value.
    """
    for wish in wishes:
        _check_stem(wish)
    styled = templates.fingerprint(".")
    drafts = [
        Unit(
            to=wish.to,
            exporter=wish.exporter.name,
            name=wish.stem,
            path=stem + wish.exporter.suffix(wish.options),
            folder=stem,
            media_type=wish.exporter.media_type,
            options=msgspec.json.encode(wish.options),
            entries=entries,
            now=moment(entries, now),
            images=images,
            templates=templates,
            styled=styled,
            version=version,
            listing=listing,
            most_bytes=volumes.most_bytes(wish.options.volumes),
        )
        for wish in wishes
        for stem, entries, listing in _cut(wish)
    ]
    _check_distinct(drafts)
    planned = tuple(_planned(unit) for unit in drafts)
    return tuple(dataclasses.replace(unit, outputs=planned) for unit in drafts)


def moment(entries: EntrySet, now: dt.datetime) -> dt.datetime:
    """The clock of one unit: when the newest of its entries was updated, ``now`` at the most.

    The clock of the whole run would change every volume with each new entry.
    """
    past = (entry.updated for entry in entries if entry.updated <= now)
    return max(past, default=now)


def fingerprint(
    unit: Unit, exporter: AnyExporter, pictures: Mapping[str, Iterable[str]] | None = None
) -> str:
    """The digest of all that shapes the unit's files.

    ``pictures`` holds, by ``Entry.digest``, the digests of the pictures that an entry shows,
    and by its address that of a person's icon.
    """
    shown = pictures or {}
    return fingerprints.combined(
        [
            (CONTRACT_VERSION, unit.version, unit.to, unit.exporter, unit.listing),
            (unit.path, unit.folder, unit.options, unit.now, unit.outputs),
            fingerprints.of_exporter(exporter, unit.media_type),
            unit.styled,
            [fingerprints.of_files(Path(path)) for path in _named_files(unit)],
            [tuple(shown.get(user.icon or "", ())) for user in unit.entries.users.values()],
            [tuple(shown.get(entry.digest, ())) for entry in unit.entries],
            *fingerprints.of_entries(unit.entries),
        ]
    )


def _named_files(unit: Unit) -> list[str]:
    """The files and folders of the user's that the options name."""
    options: dict[str, object] = msgspec.json.decode(unit.options)
    return [str(options[name]) for name in PATH_OPTIONS if options.get(name)]


def make(unit: Unit, staging: Path, registry: Registry | None = None) -> UnitResult:
    """Makes the files of one unit below ``staging``, an empty private folder.

    Never raises an Exception: what goes wrong is the result's ``failure``.
    """
    exporter: Any = None

    def files(context: ExportContext) -> Iterable[OutputFile]:
        nonlocal exporter
        exporter = (registry or Registry.default()).exporter(unit.to)
        options = msgspec.json.decode(unit.options, type=exporter.Options)
        given = dataclasses.replace(context, options=options)
        if unit.listing:
            return _listing(exporter, unit.entries, given)
        if not isinstance(exporter, Exporter):
            raise ExportError(f"{unit.exporter}: takes stored entries, not prepared ones")
        reason = exporter.unavailable()
        if reason is not None:
            raise ExportError(reason)
        return exporter.export(unit.entries, given)

    return finished(unit, staging, files)


def finished(
    unit: Unit, staging: Path, files: Callable[[ExportContext], Iterable[OutputFile]]
) -> UnitResult:
    """Stages what ``files`` gives for the unit's context; the options in it are None."""
    problems: list[Problem] = []
    start = time.monotonic()

    def result(**fields: Any) -> UnitResult:
        seconds = round(time.monotonic() - start, 3)
        return UnitResult(problems=tuple(problems), seconds=seconds, **fields)

    try:
        context = context_of(unit, staging, problems.append)
        staged = stage(files(context), staging, path=unit.path, folder=unit.folder)
        problems += _oversize(unit, sum(file.record.size for file in staged))
        return result(staged=staged)
    except OutputError as error:
        return result(failure=_failure(unit, str(error)), fatal=True)
    except ConvertError as error:
        return result(failure=_failure(unit, str(error)), trace=traceback.format_exc())
    except Exception as error:  # one output must never take the others down
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
        reason += f"; the exporter {unit.exporter!r} failed: run with --debug to see where"
        return result(failure=_failure(unit, reason), trace=traceback.format_exc())


def context_of(unit: Unit, staging: Path, warn: Callable[[Problem], None]) -> ExportContext:
    """What the unit's exporter is given; the options in it are None."""
    return ExportContext(
        now=unit.now,
        options=None,
        path=unit.path,
        folder=unit.folder,
        staging=staging,
        templates=unit.templates,
        images=unit.images,
        warn=warn,
        outputs=unit.outputs,
        version=unit.version,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """A unit with its fingerprint and what became of it; ``result`` is None where the files
    of an earlier run were kept."""

    unit: Unit
    fingerprint: str
    result: UnitResult | None


def to_publish(
    outcomes: Iterable[Outcome], manifest: Manifest, *, complete: bool
) -> tuple[Made, ...]:
    """What ``OutputFolder.publish`` is given, by output.

    A unit that failed keeps the files and the record of the last run.  ``complete`` is False
    where a source failed: then nothing is removed.
    """
    by_output: dict[tuple[str, str], list[Outcome]] = {}
    for each in outcomes:
        by_output.setdefault((each.unit.exporter, each.unit.name), []).append(each)
    return tuple(
        _made(exporter, name, found, manifest, complete=complete)
        for (exporter, name), found in by_output.items()
    )


def _made(
    exporter: str, name: str, outcomes: Sequence[Outcome], manifest: Manifest, *, complete: bool
) -> Made:
    records = []
    staged: list[StagedFile] = []
    failed = False
    for each in outcomes:
        if each.result is None or each.result.failure is not None:
            failed = failed or each.result is not None
            before = manifest.unit(exporter, name, each.unit.path)
            records += [before] if before is not None else []
        else:
            files = tuple(file.record for file in each.result.staged)
            records.append(
                UnitRecord(path=each.unit.path, fingerprint=each.fingerprint, files=files)
            )
            staged += each.result.staged
    record = OutputRecord(exporter=exporter, name=name, units=tuple(records))
    return Made(record=record, staged=tuple(staged), stale=complete and not failed)


def _failure(unit: Unit, reason: str) -> Problem:
    return Problem(path=unit.path, reason=reason, severity="output")


def _oversize(unit: Unit, size: int) -> list[Problem]:
    if unit.most_bytes is None or unit.listing or size <= unit.most_bytes:
        return []
    reason = f"{size:,} bytes, more than the {unit.most_bytes:,} asked for; ask for a smaller size"
    return [Problem(path=unit.path, field="volumes", reason=reason)]


def _listing(exporter: object, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
    return exporter.list_volumes(entries, context) if isinstance(exporter, VolumeLister) else ()


def _cut(wish: Wish) -> Iterator[tuple[str, EntrySet, bool]]:
    """Stem, entries and whether it is the listing, for each unit of one output."""
    parts = volumes.cut(wish.entries, wish.options.volumes, wish.weigh, wish.stem)
    for part in parts:
        yield (part.volume.name if part.volume else wish.stem), part, False
    if parts[0].volume and isinstance(wish.exporter, VolumeLister):
        whole = dataclasses.replace(wish.entries, volumes=parts[0].volumes)
        yield wish.stem, whole, True


def _planned(unit: Unit) -> PlannedOutput:
    return PlannedOutput(
        exporter=unit.exporter,
        name=unit.name,
        path=unit.path,
        media_type=unit.media_type,
        title=unit.entries.volume.title if unit.entries.volume else unit.entries.title,
        volume=unit.entries.volume,
    )


def _check_stem(wish: Wish) -> None:
    try:
        check_path(wish.stem)
    except ContractError as error:
        raise UsageError(f"{error}; give {wish.exporter.name} another name") from error


def _check_distinct(units: Iterable[Unit]) -> None:
    taken: dict[str, Unit] = {}
    for unit in units:
        other = taken.setdefault(same_place(unit.path), unit)
        if other is not unit:
            raise UsageError(
                f"{other.exporter} and {unit.exporter} would both write {unit.path};"
                " give one of them a name of its own"
            )
