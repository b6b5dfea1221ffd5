"""The plan of a run as a visible list: output × volume, each a unit.

A unit is a value that holds all it needs and pickles; ``make`` makes its files.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence

import msgspec

from convert import plugins
from convert.collection import volumes
from convert.contract import (
    ExporterOptions,
    Images,
    PlannedOutput,
    VolumeLister,
)
from convert.entryset import EntrySet
from convert.errors import ContractError, UsageError
from convert.needs import Needs
from convert.output.stages import StageFolder
from convert.plugins import AnyExporter
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
    needs: Needs | None = None
    """What its exporter says that it needs; None where it does not say, and is handed all."""
    outputs: tuple[PlannedOutput, ...] = ()
    version: str = ""
    variant: str = ""
    listing: bool = False
    selection: str = ""
    called_after: str = ""
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
    path: str = ""
    """What the one file is called that the user named."""
    selection: str = ""
    """What stands for all that it selects by."""
    called_after: str = ""
    """What stands for where its name is from."""


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
        needs = plugins.needs_of(exporter, options)
        if needs is not None:
            files = files.only(needs.templates)
        try:
            check_path(request.stem)
        except ContractError as error:
            raise UsageError(f"{error}; give {exporter.name} another name") from error
        for stem, entries, listing in _cut(request):
            unit = Unit(
                to=request.to,
                exporter=exporter.name,
                name=request.stem,
                path=request.path or stem + suffix,
                folder=stem,
                media_type=exporter.media_type,
                options=encoded,
                entries=entries,
                now=moment(entries, now),
                images=images,
                templates=files,
                needs=needs,
                version=version,
                variant="" if suffix == plain else suffix,
                listing=listing,
                selection=request.selection,
                called_after=request.called_after,
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
