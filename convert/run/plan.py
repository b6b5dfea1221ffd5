"""The plan of a run as a visible list: output × volume, each a unit.

A unit is a value that holds all it needs and pickles; ``make`` makes its files.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from convert import plugins
from convert.collection import volumes
from convert.contract import (
    CONTRACT_VERSION,
    PATH_OPTIONS,
    ExporterOptions,
    Images,
    PlannedOutput,
    VolumeLister,
)
from convert.entryset import EntrySet
from convert.errors import ContractError, UsageError
from convert.output.stages import StageFolder
from convert.plugins import AnyExporter
from convert.run import fingerprint as fingerprints
from convert.text import cuts
from convert.text.paths import check_path, same_place
from convert.text.templates import TemplateFolder


@dataclasses.dataclass(frozen=True, kw_only=True)
class Unit:
    """One output, or one volume of it, or (``listing``) what lists its volumes.

    ``to`` is the exporter as asked for (a name or a path), ``exporter`` its own name;
    ``options`` are its typed options as JSON, so that the unit crosses processes without
    the exporter's code.  ``path`` and ``folder`` are those of the export context, ``name``
    the stem that the output's files share, ``variant`` the ending that sets them apart from
    those of the same exporter with its default options (".kepub.epub").
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
    variant: str = ""
    listing: bool = False
    selection: str = ""
    stages: StageFolder | None = None
    """Where exporters show what they make of each entry."""
    most_bytes: int | None = None
    """What a volume should not exceed; told where it does, as sizes are only estimated."""

    @property
    def output(self) -> tuple[str, str]:
        """The exporter and the name by which the record of a folder knows the output."""
        return self.exporter, f"{self.name}{self.variant}"

    @property
    def planned(self) -> PlannedOutput:
        """What the others are told of it."""
        volume = self.entries.volume
        return PlannedOutput(
            exporter=self.exporter,
            name=self.name,
            path=self.path,
            media_type=self.media_type,
            title=volume.title if volume else self.entries.title,
            volume=volume,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResolvedRequest:
    """One output as asked for, with its exporter, its name and its entries."""

    to: str
    exporter: AnyExporter
    options: ExporterOptions
    stem: str
    entries: EntrySet
    selection: str = ""
    """What its name stands for, where that was made of what is selected."""


def plan(
    requests: Sequence[ResolvedRequest],
    *,
    now: dt.datetime,
    images: Images,
    templates: TemplateFolder,
    version: str,
    stages: StageFolder | None = None,
) -> tuple[Unit, ...]:
    """Return every unit, in the order of the requests and of their volumes; listings after
    those.

    All know all planned outputs.  Raises UsageError where two would share a name, where a
    name is no file name, or where ``volumes`` has no known value.
    """
    drafts: list[Unit] = []
    taken: dict[str, Unit] = {}
    for request in requests:
        exporter, options = request.exporter, request.options
        suffix = plugins.suffix_of(exporter, options)
        plain = plugins.suffix_of(exporter, exporter.Options())
        with plugins.calling(f"exporter {exporter.name!r}: Options"):
            encoded = msgspec.json.encode(options)
        files = templates.beside(exporter)
        styled = files.fingerprint(".")
        try:
            check_path(request.stem)
        except ContractError as error:
            raise UsageError(f"{error}; give {exporter.name} another name") from error
        for stem, entries, listing in _cut(request):
            unit = Unit(
                to=request.to,
                exporter=exporter.name,
                name=request.stem,
                path=stem + suffix,
                folder=stem,
                media_type=exporter.media_type,
                options=encoded,
                entries=entries,
                now=moment(entries, now),
                images=images,
                templates=files,
                styled=styled,
                version=version,
                variant="" if suffix == plain else suffix,
                listing=listing,
                selection=request.selection,
                stages=stages,
                most_bytes=cuts.most_bytes(options.volumes),
            )
            other = taken.setdefault(same_place(unit.path), unit)
            if other is not unit:
                raise UsageError(
                    f"{other.exporter} and {unit.exporter} would both write {unit.path};"
                    " give one of them a name of its own"
                )
            drafts.append(unit)
    planned = tuple(unit.planned for unit in drafts)
    return tuple(dataclasses.replace(unit, outputs=planned) for unit in drafts)


def _cut(request: ResolvedRequest) -> Iterator[tuple[str, EntrySet, bool]]:
    """Yield stem, entries and whether it is the listing, for each unit of one output."""
    parts = volumes.cut(request.entries, request.options.volumes, stem=request.stem)
    for part in parts:
        yield (part.volume.name if part.volume else request.stem), part, False
    if parts[0].volume and isinstance(request.exporter, VolumeLister):
        yield request.stem, dataclasses.replace(request.entries, volumes=parts[0].volumes), True


def moment(entries: EntrySet, now: dt.datetime) -> dt.datetime:
    """Return the clock of one unit: when the newest of its entries was updated, at most ``now``.

    The clock of the whole run would change every volume with each new entry.
    """
    past = (entry.updated for entry in entries if entry.updated <= now)
    return max(past, default=now)


def fingerprint(
    unit: Unit, exporter: AnyExporter, pictures: Mapping[str, Iterable[str]] | None = None
) -> str:
    """Return the digest of all that shapes the unit's files.

    ``pictures`` holds, by ``Entry.digest``, the digests of the pictures that an entry shows,
    and by its address that of a person's icon.
    """
    shown = pictures or {}
    options: dict[str, object] = msgspec.json.decode(unit.options)
    named = [Path(str(options[name])) for name in PATH_OPTIONS if options.get(name)]
    return fingerprints.combined(
        [
            (CONTRACT_VERSION, unit.version, unit.to, unit.exporter, unit.listing),
            (unit.path, unit.folder, unit.options, unit.now, unit.outputs),
            fingerprints.of_exporter(exporter, unit.media_type),
            unit.styled,
            [fingerprints.of_files(path) for path in named],
            [tuple(shown.get(user.icon or "", ())) for user in unit.entries.users.values()],
            [tuple(shown.get(entry.digest, ())) for entry in unit.entries],
            *fingerprints.of_entries(unit.entries),
        ]
    )


def unpictured(
    unit: Unit, exporter: AnyExporter, pictures: Mapping[str, Iterable[str]]
) -> tuple[str, int]:
    """Return the digest of all but the pictures, and how many of these could be had, of a unit
    that embeds some; "" and 0 of any other."""
    if msgspec.json.decode(unit.options).get("images") != "embed":
        return "", 0
    icons = {user.icon for user in unit.entries.users.values() if user.icon}
    shown = [pictures.get(name, ()) for name in (*icons, *(each.digest for each in unit.entries))]
    return fingerprint(unit, exporter), sum(bool(digest) for each in shown for digest in each)
