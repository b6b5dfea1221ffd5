"""From entry sets to published files: the units of a job, what is kept, what is made."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from convert.contract import Images, StoreExporter
from convert.errors import OutputError, UsageError
from convert.model import Problem
from convert.output import publish
from convert.output.manifest import WrittenPart
from convert.output.publish import OutputFolder, hold
from convert.plugins import Registry, suffix_of
from convert.run import execute, naming, store
from convert.run.assemble import Assembly
from convert.run.gather import Sources
from convert.run.outcome import Outcome, to_publish
from convert.run.plan import (
    ResolvedRequest,
    Unit,
    UnitResult,
    fingerprint,
    plan,
    unpictured,
)
from convert.run.report import Observer, UnitRecord
from convert.run.stages import folder_of
from convert.settings.job import Job
from convert.text.paths import same_place
from convert.text.templates import TemplateFolder
from convert.version import __version__


class Delivery(NamedTuple):
    """What the outputs of a job are made from, and who watches."""

    job: Job
    registry: Registry
    assembly: Assembly
    sources: Sources
    images: Images
    watch: Observer

    def is_store(self, unit: Unit) -> bool:
        """Return whether the unit is of an exporter that takes entries as stored."""
        return isinstance(self.registry.exporter(unit.to), StoreExporter)


class _Place(NamedTuple):
    """Where units go: a folder, or one file (``file``; "-" is standard output).  ``owned``
    folders have a manifest."""

    units: tuple[Unit, ...]
    folder: Path | None = None
    file: str = ""
    owned: bool = False


def deliver(delivery: Delivery) -> tuple[UnitRecord, ...]:
    """Make and publish every output of the job, and return what became of each unit.

    Raises UsageError for a plan that cannot be, OutputError where nothing can be written.
    """
    units = units_of(delivery)
    delivery.watch.stage("making outputs", len(units))
    return tuple(
        record
        for place in _places(delivery, units)
        for record in (_fill_folder if place.folder else _fill_file)(delivery, place)
    )


def units_of(delivery: Delivery) -> tuple[Unit, ...]:
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
                entries=naming.of_output(entries, request, stem, job),
                selection=naming.selection_of(request, suffix, job),
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


def _places(delivery: Delivery, units: Sequence[Unit]) -> Iterator[_Place]:
    job = delivery.job
    named = {request.to: request.file for request in job.outputs if request.file}
    stores = tuple(unit for unit in units if job.into and delivery.is_store(unit))
    rest = tuple(unit for unit in units if unit.to not in named and unit not in stores)
    if rest:
        if job.out is None:
            raise UsageError("out: name the folder of the outputs")
        yield _Place(rest, job.out, owned=True)
    for to, file in named.items():
        yield _Place(tuple(unit for unit in units if unit.to == to), file=file)
    if len(stores) > 1:
        raise UsageError("--into DIR takes one output; 'volumes' cannot cut a store")
    if stores:
        top = tuple(dataclasses.replace(unit, path="", folder="") for unit in stores)
        yield _Place(top, job.into)


def _fill_folder(delivery: Delivery, place: _Place) -> list[UnitRecord]:
    folder = place.folder or Path()
    job, watch = delivery.job, delivery.watch
    with hold(folder, watch.problem, overwrite=job.overwrite, owned=place.owned) as out:
        if place.owned and not job.overwrite:
            _check_owners(delivery, place, out)
        if place.owned:
            _tell_what_is_gone(delivery, place, out)
        outcomes = list(_outcomes(delivery, place, out))
        updates = to_publish(
            outcomes,
            out.manifest,
            complete=delivery.sources.complete,
            sources=delivery.assembly.marks.few(),
            parts=_parts(delivery, place) if place.owned else {},
        )
        out.publish(updates, checksums=job.checksums)
        for unit, _, result, *_ in outcomes:
            if result is not None and result.failure is None and delivery.is_store(unit):
                store.finish(unit, delivery.registry, folder, job, watch)
        return [_record(outcome, out, str(folder)) for outcome in outcomes]


def _check_owners(delivery: Delivery, place: _Place, out: OutputFolder) -> None:
    """Raise UsageError where an output would replace one that was made from something else."""
    ours = {(unit.exporter, unit.name) for unit in place.units}
    theirs = {
        same_place(file.path): output
        for output in out.manifest.outputs
        if output.key not in ours
        for file in output.files
    }
    for unit in place.units:
        # A volume may be called what another output is.
        if (other := theirs.get(same_place(unit.path))) is not None:
            raise UsageError(
                f"{out.folder / unit.path}: belongs to the output {other.name} of"
                f" {other.exporter}; give this one another name (--name, or name in [[output]])"
                " or folder (--out), or replace it (--overwrite)"
            )
        before = out.manifest.find(unit.exporter, unit.name)
        if before is None or not before.sources or not delivery.sources.complete:
            continue
        what = "other sources" if delivery.assembly.marks.differ(before) else ""
        if before.selection and unit.selection and before.selection != unit.selection:
            what = "another selection"
        if what:
            raise UsageError(
                f"{out.folder / unit.path}: was made from {what}; give this output another name"
                " (--name, or name in [[output]]) or folder (--out), or replace it (--overwrite)"
            )


def _tell_what_is_gone(delivery: Delivery, place: _Place, out: OutputFolder) -> None:
    """Warn of each feed and member's folder that outputs had entries of, and that is among the
    sources no more: it may be meant, or a slip in a list or a command."""
    leaving: dict[tuple[str, int], list[str]] = {}
    for key, units in _by_output(place).items():
        before = out.manifest.find(*key)
        for gone in delivery.assembly.marks.gone(before.parts if before else ()):
            leaving.setdefault(gone, []).append(units[0].path if len(units) == 1 else key[1])
    for (name, count), outputs in leaving.items():
        entries = "1 entry of it leaves" if count == 1 else f"{count} entries of it leave"
        reason = f"is not among the sources any more: {entries} {', '.join(outputs)}"
        delivery.watch.problem(Problem(path=name, reason=reason, of_source=True))


def _parts(delivery: Delivery, place: _Place) -> Mapping[tuple[str, str], tuple[WrittenPart, ...]]:
    assembly = delivery.assembly
    return {
        key: assembly.marks.parts(assembly.traced(each for unit in units for each in unit.entries))
        for key, units in _by_output(place).items()
    }


def _by_output(place: _Place) -> Mapping[tuple[str, str], Sequence[Unit]]:
    """Return the units that hold entries by exporter and name: the volumes of each output."""
    units: dict[tuple[str, str], list[Unit]] = {}
    for unit in place.units:
        if not unit.listing:
            units.setdefault((unit.exporter, unit.name), []).append(unit)
    return units


def _fill_file(delivery: Delivery, place: _Place) -> list[UnitRecord]:
    """Make one file, named by the user; whatever it is called, the unit is called as ever."""
    target = Path(place.file) if place.file != "-" else None
    with publish.hold_file(target, delivery.watch.problem) as out:
        outcomes = list(_outcomes(delivery, place, out))
        results = [outcome.result for outcome in outcomes if outcome.result is not None]
        staged = [file for result in results for file in result.staged]
        if len(staged) > 1:
            raise UsageError(f"{place.file}: there are {len(staged)} files to write; use --out")
        for file in staged:
            if target is None:
                publish.pour(file, sys.stdout.buffer)
                out.written.add(file.record.path)
            else:
                out.place(file, target)
        return [_record(outcome, out, place.file) for outcome in outcomes]


def _outcomes(delivery: Delivery, place: _Place, out: OutputFolder) -> Iterator[Outcome]:
    """Yield every unit with what became of it: first those that are kept, then the others."""
    job, registry = delivery.job, delivery.registry
    shown = delivery.assembly.shown_pictures(delivery.images)
    stores: list[tuple[Unit, str]] = []
    others: list[Outcome] = []
    for unit in place.units:
        exporter = registry.exporter(unit.to)
        digest = fingerprint(unit, exporter, shown)
        text, pictures = unpictured(unit, exporter, shown)
        before = out.manifest.unit(unit.exporter, unit.name, unit.path)
        if delivery.is_store(unit):
            # What shapes a store is more than its unit tells: the whole index, duplicates too.
            stores.append((unit, digest))
            continue
        outcome = Outcome(unit, digest, None, text, pictures)
        if unit.stages is None and before and outcome.is_no_better(before) and out.intact(before):
            delivery.watch.advance()
            yield outcome
        else:
            others.append(outcome)
    units = [each.unit for each in others]
    results = execute.run(
        units,
        out,
        registry,
        workers=job.workers,
        timeout=job.timeout,
        warn=delivery.watch.problem,
    )
    for each, (_, result) in zip(others, results, strict=False):
        yield _reported(delivery, each._replace(result=result))
    for number, (unit, digest) in enumerate(stores):
        staging = out.staging(f"store-{number}")
        work = partial(
            store.make,
            unit,
            staging,
            registry,
            delivery.sources.readings,
            _selected(delivery, unit),
            # Without a folder of its own it is the whole of the folder, and updated in place.
            update=None if unit.folder else out.folder,
            max_body=job.max_body,
            warn=delivery.watch.problem,
        )
        result = execute.here(unit, work, job.timeout)
        yield _reported(delivery, Outcome(unit, digest, result))


def _reported(delivery: Delivery, outcome: Outcome) -> Outcome:
    """Return the outcome and report its problems.

    Raises OutputError where no unit can be made.
    """
    result = outcome.result or UnitResult()
    failure = result.failure
    if failure is not None and result.fatal:
        raise OutputError(failure.reason)
    for problem in (*result.problems, *((failure,) if failure else ())):
        path = problem.path or str(delivery.job.into or "")
        delivery.watch.problem(msgspec.structs.replace(problem, path=path))
    if result.trace:
        delivery.watch.trace(result.trace)
    delivery.watch.advance()
    return outcome


def _selected(delivery: Delivery, unit: Unit) -> frozenset[tuple[str, str, str]]:
    """Return origin, path and id of the entries that a store of the unit holds: it keeps
    duplicates, and a volume of one has its own entries."""
    if unit.entries.volume is not None:
        return frozenset((entry.origin, entry.path, entry.id) for entry in unit.entries)
    job, publication = delivery.job, delivery.assembly.publication
    requests = {
        (each.to, naming.stem(each, unit.exporter, "", job, publication)): each
        for each in job.outputs
    }
    return delivery.assembly.selected(requests[unit.to, unit.name].select)


def _record(outcome: Outcome, out: OutputFolder, place: str) -> UnitRecord:
    """Return what became of a unit; the files that its output lost go with its first unit."""
    unit, result = outcome.unit, outcome.result
    volume = unit.entries.volume
    if result is None:
        before = out.manifest.unit(unit.exporter, unit.name, unit.path)
        files = before.files if before else ()
    else:
        files = tuple(staged.record for staged in result.staged)
    written = tuple(file.path for file in files if file.path in out.written)
    status: Literal["kept", "failed", "made"] = "made" if written else "kept"
    if result is not None and result.failure:
        status = "failed"
    return UnitRecord(
        exporter=unit.exporter,
        name=unit.name,
        path=unit.path or str(out.folder),
        place=place,
        status=status,
        entries=len(unit.entries),
        seconds=result.seconds if result else 0.0,
        volume=volume.label if volume else None,
        # Of a repository that is updated only what changed is told.
        files=files if unit.path else tuple(file for file in files if file.path in written),
        written=len(written),
        removed=tuple(out.removed.pop((unit.exporter, unit.name), ())),
    )
