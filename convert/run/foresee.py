"""What is known of outputs before they are made: their units, where these go, what stands there."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from convert.collection.marks import Gone, without
from convert.contract import StoreExporter
from convert.errors import EmptySelection, UsageError
from convert.model import Problem
from convert.output import holding
from convert.output.manifest import Manifest, WrittenPart
from convert.output.owners import Owners, as_spelled
from convert.pictures.collect import ImageStore
from convert.plugins import Registry, suffix_of
from convert.run import naming
from convert.run.assemble import Assembly
from convert.run.plan import ResolvedRequest, Unit, plan
from convert.run.report import Observer, UnitRecord
from convert.run.sources import Sources
from convert.run.stages import folder_of
from convert.settings import apart
from convert.settings.job import Job
from convert.text.characters import amount, several
from convert.text.templates import TemplateFolder
from convert.version import __version__


class Delivery(NamedTuple):
    """What the outputs of a job are made from, and who watches."""

    job: Job
    registry: Registry
    assembly: Assembly
    sources: Sources
    images: ImageStore
    watch: Observer
    dry: bool = False
    """Whether nothing is to be written, and what would be is to be found out."""

    def is_store(self, unit: Unit) -> bool:
        """Return whether the unit is of an exporter that takes entries as stored."""
        return isinstance(self.registry.exporter(unit.to), StoreExporter)


class Place(NamedTuple):
    """Where units go: a folder, or one file (``file``; "-" is standard output).  ``owned``
    folders have a manifest."""

    units: tuple[Unit, ...]
    folder: Path | None = None
    file: str = ""
    owned: bool = False


class Foreseen(NamedTuple):
    """The units that are to be made, and the records of those that stay as they are, as they
    would lose entries, each with the reason."""

    units: tuple[Unit, ...]
    staying: Mapping[UnitRecord, Problem]


def foresee(delivery: Delivery) -> Foreseen:
    """Return every unit, and tell all that is known of them before pictures are fetched, which
    takes minutes.

    Raises UsageError for a plan that cannot be, EmptySelection where outputs would be emptied,
    OutputError where a folder's record cannot be read.
    """
    units = _units_of(delivery)
    staying: dict[tuple[str, str], tuple[UnitRecord, Problem]] = {}
    for place in places(delivery, units):
        if place.folder is not None and place.owned:
            for unit in place.units:
                apart.check_output(
                    place.folder / unit.path, place.folder / unit.folder, delivery.job
                )
            manifest = holding.recorded(
                place.folder, delivery.watch.problem, overwrite=delivery.job.overwrite
            )
            manifest = as_called(place, manifest)
            check_owners(delivery, place, manifest)
            _require_entries(delivery, place, manifest)
            staying |= _staying(delivery, place, manifest)
            _tell_what_is_gone(delivery, place, manifest, staying)
    others = tuple(each for each in units if each.output not in staying)
    return Foreseen(others, dict(staying.values()))


def require_free(delivery: Delivery, units: Sequence[Unit]) -> None:
    """Raise OutputError where another run holds a folder that the units go to."""
    for place in places(delivery, units):
        if place.folder is not None:
            holding.require_free(place.folder)


def _units_of(delivery: Delivery) -> tuple[Unit, ...]:
    """Return the plan of the job: every unit, in the order in which outputs were asked for."""
    job, assembly = delivery.job, delivery.assembly
    resolved = []
    for request in job.outputs:
        exporter = delivery.registry.exporter(request.to)
        suffix = suffix_of(exporter, request.options)
        stem = naming.stem(request, exporter.name, suffix, job, assembly.publication)
        entries = assembly.set_of(request.select, request.options.order)
        resolved.append(
            ResolvedRequest(
                to=request.to,
                exporter=exporter,
                options=request.options,
                stem=stem,
                path=naming.path_of(request),
                entries=naming.of_output(entries, request, stem, job),
                selection=naming.selection_of(request, job),
                called_after=naming.called_after(request, job),
            )
        )
    return plan(
        resolved,
        now=assembly.now,
        images=delivery.images,
        templates=TemplateFolder(job.templates),
        version=__version__,
        stages=folder_of(job),
    )


def places(delivery: Delivery, units: Sequence[Unit]) -> Iterator[Place]:
    """Yield where units go, those of one place together.  Raises UsageError for no place."""
    job = delivery.job
    named = {request.to: request.file for request in job.outputs if request.file}
    stores = tuple(unit for unit in units if job.into and delivery.is_store(unit))
    rest = tuple(unit for unit in units if unit.to not in named and unit not in stores)
    if rest:
        if job.out is None:
            raise UsageError("out: name the folder of the outputs")
        yield Place(rest, job.out, owned=True)
    for to, file in named.items():
        yield Place(tuple(unit for unit in units if unit.to == to), file=file)
    if stores:
        top = tuple(dataclasses.replace(unit, path="", folder="") for unit in stores)
        yield Place(top, job.into)


def as_called(place: Place, manifest: Manifest) -> Manifest:
    """Return the record of a folder with the names that the outputs of this run have."""
    paths: dict[tuple[str, str], list[str]] = {}
    for unit in place.units:
        paths.setdefault(unit.output, []).append(unit.path)
    return as_spelled(manifest, paths, place.folder or Path())


def check_owners(delivery: Delivery, place: Place, manifest: Manifest) -> None:
    """Raise UsageError where an output would replace one that was made from something else,
    unless that is asked for."""
    if delivery.job.overwrite:
        return
    folder = place.folder or Path()
    ours = {unit.output for unit in place.units}
    owners = Owners(manifest, ours, folder)
    for unit in place.units:
        # A volume may be called what another output is.
        owners.require_free(unit.path)
        before = manifest.find(*unit.output)
        if before is None or not before.sources:
            continue
        what = "other sources" if delivery.assembly.marks.differ(before, folder) else ""
        # A name that was given by hand both times stays whatever is selected.
        if (
            before.selection not in {"", unit.selection}
            and before.called_after != unit.called_after
        ):
            what = "another selection"
        if what:
            raise UsageError(
                f"{folder / unit.path}: was made from {what}; give this output another name"
                " (--name, or name in [[output]]) or folder (--out), or replace it (--overwrite)"
            )


def _require_entries(delivery: Delivery, place: Place, manifest: Manifest) -> None:
    """Raise EmptySelection where outputs that hold entries would hold none, unless that is asked
    for: a feed that is empty for a day looks like one that was emptied."""
    if len(delivery.assembly) or delivery.job.allow_empty:
        return
    for key, units in by_output(place).items():
        before = manifest.find(*key)
        if before is not None and any(part.entries for part in before.parts):
            path = (place.folder or Path()) / units[0].path
            raise EmptySelection(
                f"{path}: would lose all its entries, as no source has any; it stays as it is"
                " (--allow-empty makes it empty)"
            )


def _staying(
    delivery: Delivery, place: Place, manifest: Manifest
) -> Mapping[tuple[str, str], tuple[UnitRecord, Problem]]:
    """Return the outputs that would lose entries of what could not be read, of which there is no
    copy, unless that is asked for: they stay until it can be read."""
    staying: dict[tuple[str, str], tuple[UnitRecord, Problem]] = {}
    folder, marks = place.folder or Path(), delivery.assembly.marks
    for key, units in by_output(place).items():
        before = manifest.find(*key)
        if before is None or not delivery.sources.lost or delivery.job.prune:
            continue
        parts, now = before.parts, parts_of(delivery, units, manifest, folder)
        if units[0].needs is not None and units[0].needs.only_feeds:
            feeds = (each.address for each in units[0].entries.feeds.values() if each.address)
            parts = without(parts, feeds, folder)
        lost = dict(marks.lost(parts, now, folder))
        if not lost:
            continue
        path = units[0].path if len(units) == 1 else key[1]
        record = UnitRecord(
            exporter=units[0].exporter,
            name=units[0].name,
            path=path,
            place=str(folder),
            status="failed",
            entries=0,
            stays=True,
        )
        counted = several(
            [f"{amount(count, 'entry', 'entries')} of {part}" for part, count in lost.items()]
        )
        reason = (
            f"would lose {counted}, which could not be read whole; it stays as it is until"
            " that is mended (--prune makes it without them)"
        )
        staying[key] = record, Problem(path=path, reason=reason, severity="output")
    return staying


def _tell_what_is_gone(
    delivery: Delivery, place: Place, manifest: Manifest, staying: Container[tuple[str, str]]
) -> None:
    """Warn of each feed and member's folder that outputs had entries of, and that is among the
    sources no more: it may be meant, or a slip in a list or a command."""
    leaving: dict[Gone, list[str]] = {}
    with_files: list[str] = []
    folder = place.folder or Path()
    for key, units in by_output(place).items():
        before = manifest.find(*key)
        if key in staying:
            continue
        output = units[0].path if len(units) == 1 else key[1]
        for gone in delivery.assembly.marks.gone(before.parts if before else (), folder):
            leaving.setdefault(gone, []).append(output)
        if before and delivery.sources.lost and not delivery.job.prune and len(before.files) > 1:
            with_files.append(output)
    for (name, count, named), outputs in leaving.items():
        entries = amount(count, "entry of it leaves", "entries of it leave")
        why = "holds no entry any more" if named else "is not among the sources any more"
        reason = f"{why}: {entries} {', '.join(outputs)}"
        if left := [each for each in outputs if each in with_files]:
            reason += f"; its files in {', '.join(left)} stay until every source is read"
        delivery.watch.problem(Problem(path=name, reason=reason, of_source=True))


def parts_of(
    delivery: Delivery, units: Sequence[Unit], manifest: Manifest, folder: Path
) -> tuple[WrittenPart, ...]:
    """Return what to note down of where the entries of an output are from."""
    assembly, job = delivery.assembly, delivery.job
    entries = assembly.traced(each for unit in units for each in unit.entries)
    before = manifest.find(*units[0].output)
    # What was believed to have gone is not asked for again.
    meant = job.prune or job.allow_empty
    return assembly.marks.parts(entries, folder, before.parts if before else (), meant=meant)


def by_output(place: Place) -> Mapping[tuple[str, str], Sequence[Unit]]:
    """Return the units that hold entries by exporter and name: the volumes of each output."""
    units: dict[tuple[str, str], list[Unit]] = {}
    for unit in place.units:
        if not unit.listing:
            units.setdefault(unit.output, []).append(unit)
    return units
