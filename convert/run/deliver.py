"""From units to published files: what is kept, what is made, what became of each."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

import msgspec

from convert.cache.digests import FileDigests
from convert.contract import ListingExporter, StoreExporter
from convert.errors import EmptySelection, OutputError, UsageError
from convert.model import Entry
from convert.needs import Needs
from convert.output import holding
from convert.output.holding import hold
from convert.output.manifest import FileRecord, FolderState, Manifest, file_digest
from convert.output.publish import SUMS_KEY, OutputFolder
from convert.output.staging import pour
from convert.pictures.collect import ImageStore
from convert.plugins import Registry, suffix_of
from convert.run import code, execute, naming, store
from convert.run.fingerprint import digests
from convert.run.foresee import (
    Delivery,
    Place,
    as_called,
    by_output,
    check_owners,
    parts_of,
    places,
)
from convert.run.handover import context_of
from convert.run.make import UnitResult
from convert.run.outcome import Outcome, judged, named_no_more, to_publish
from convert.run.plan import Unit
from convert.run.report import UnitRecord
from convert.settings import apart
from convert.settings.job import Job, OutputRequest, Publication
from convert.settings.places import STANDARD_OUTPUT

Gathered = tuple[str, str, str]
"""Origin, path and digest: what tells the entries of a run apart, duplicates too."""


class Delivered(NamedTuple):
    """What became of each unit, and the entries that files of ours hold, as they were gathered."""

    units: tuple[UnitRecord, ...] = ()
    published: frozenset[Gathered] = frozenset()
    images: ImageStore | None = None
    """The pictures that were had, where outputs embed any."""


def deliver(delivery: Delivery, units: Sequence[Unit]) -> Delivered:
    """Make and publish every unit, and return what became of them.

    Raises UsageError for a plan that cannot be, OutputError where nothing can be written.
    """
    units = tuple(pictured(delivery, units))
    delivery.watch.stage("making outputs", len(units))
    records: list[UnitRecord] = []
    published: set[Gathered] = set()
    for place in places(delivery, units):
        fill = _fill_folder if place.folder else _fill_file
        for unit, record in fill(delivery, place):
            holding = _holding(delivery, unit, record) if unit is not None else set()
            if record.status != "failed" or record.stays:
                published |= holding
            records.append(msgspec.structs.replace(record, entries=len(holding)))
    return Delivered(tuple(records), frozenset(published))


def pictured(delivery: Delivery, units: Iterable[Unit]) -> Iterator[Unit]:
    """Yield the units with the pictures that they embed: they were planned before there were
    any."""
    for unit in units:
        needs = unit.needs or Needs(pictures=True, icons=True)
        embeds = needs.pictures and msgspec.json.decode(unit.options)["images"] == "embed"
        shown = delivery.assembly.shown_by(unit.entries, icons=needs.icons) if embeds else ()
        yield dataclasses.replace(unit, images=delivery.images.only(shown))


def unmade(request: OutputRequest, job: Job, registry: Registry, whole: Publication) -> UnitRecord:
    """Return the record of an output that is not begun: what it was before stays."""
    exporter = registry.exporter(request.to)
    suffix = suffix_of(exporter, request.options)
    stem = naming.stem(request, exporter.name, suffix, job, whole)
    store = job.into if isinstance(exporter, StoreExporter) else None
    place = request.file or str(store or job.out or "")
    path = place if store or request.file else f"{stem}{suffix}"
    return UnitRecord(
        exporter=exporter.name, name=stem, path=path, place=place, status="failed", entries=0
    )


def _fill_folder(delivery: Delivery, place: Place) -> list[tuple[Unit | None, UnitRecord]]:
    folder = place.folder or Path()
    job, watch = delivery.job, delivery.watch
    with hold(
        folder,
        watch.problem,
        overwrite=job.overwrite,
        prune=job.prune,
        owned=place.owned,
        dry=delivery.dry,
    ) as out:
        if place.owned:
            out.manifest = as_called(place, out.manifest)
            check_owners(delivery, place, out.manifest)
        outcomes = list(_outcomes(delivery, place, out))
        updates = to_publish(
            outcomes,
            out.manifest,
            lost=() if job.prune else delivery.sources.lost,
            sources=delivery.assembly.marks.few(),
            parts={
                key: parts_of(delivery, units, out.manifest, folder)
                for key, units in (by_output(place) if place.owned else {}).items()
            },
        )
        if place.owned and job.all_of_file:
            named = {update.record.key for update in updates}
            updates += named_no_more(named, out, prune=job.prune, warn=watch.problem)
        if place.owned:
            paths = (file.record.path for update in updates for file in update.staged)
            apart.check_files(folder, paths, job, out.manifest.digests())
        stores = [
            (unit, result)
            for unit, _, result, *_ in outcomes
            if result is not None and result.failure is None and delivery.is_store(unit)
            if not delivery.dry
        ]
        finish = partial(
            store.finish, registry=delivery.registry, folder=folder, job=job, watch=watch
        )
        for unit, result in stores:
            if store.replaces(result, folder):
                finish(unit)  # a commit has what they held
        before = out.manifest
        out.publish(updates, checksums=job.checksums)
        finished = {unit.path: finish(unit) for unit, _ in stores}
        done: list[tuple[Unit | None, UnitRecord]] = [
            (
                each.unit,
                _record(each, out, str(folder), finished.get(each.unit.path, store.Finished())),
            )
            for each in outcomes
        ]
        return [*done, *((None, each) for each in _beside(out, before, sums=job.checksums))]


def _beside(out: OutputFolder, before: Manifest, *, sums: bool) -> Iterator[UnitRecord]:
    """Yield the records of what no unit of this run has, and files of it went or stay: outputs that
    are named no more, and the sums of all files, which are wanted or not."""
    keys = {*out.removed, *out.left, *([SUMS_KEY] if SUMS_KEY[1] in out.blocked else [])}
    for key in sorted(keys):
        (exporter, name), output = key, before.find(*key)
        units = output.units if output else ()
        wanted = sums and key == SUMS_KEY
        blocked = (name,) if wanted and name in out.blocked else ()
        yield UnitRecord(
            exporter=exporter,
            name=name,
            path=units[0].path if len(units) == 1 else name,
            place=str(out.folder),
            status="failed" if blocked else "edited" if wanted else "dropped",
            entries=0,
            removed=tuple(out.removed.get(key, ())),
            edited=tuple(out.left.get(key, ())),
            blocked=blocked,
            why="" if wanted else "asked for no more",
            stays=bool(blocked),
        )


def _fill_file(delivery: Delivery, place: Place) -> list[tuple[Unit | None, UnitRecord]]:
    """Make one file, named by the user; whatever it is called, the unit is called as ever."""
    target = Path(place.file) if place.file != "-" else None
    with holding.hold_file(target, delivery.watch.problem, dry=delivery.dry) as out:
        outcomes = list(_outcomes(delivery, place, out))
        results = [outcome.result for outcome in outcomes if outcome.result is not None]
        staged = [file for result in results for file in result.staged]
        if len(staged) > 1:
            raise UsageError(f"{place.file}: there are {len(staged)} files to write; use --out")
        for file in staged:
            if target is not None:
                # It has no record that tells what it held.
                empty = not len(delivery.assembly) and not delivery.job.allow_empty
                if empty and file_digest(target.resolve()) not in {None, file.record.sha256}:
                    raise EmptySelection(
                        f"{target}: would lose all that it holds, as no source has any entry; it"
                        " stays as it is (--allow-empty makes it empty)"
                    )
                out.place(file, target)
                continue
            out.written.add(file.record.path)
            if not delivery.dry:
                pour(file, sys.stdout.buffer)
        records: list[tuple[Unit | None, UnitRecord]] = []
        for each in outcomes:
            record = _record(each, out, place.file, store.Finished())
            # It is called as the user named it.
            files = [msgspec.structs.replace(file, path=place.file) for file in record.files]
            record = msgspec.structs.replace(record, path=place.file, files=tuple(files))
            records.append((each.unit, record))
        return records


def _outcomes(delivery: Delivery, place: Place, out: OutputFolder) -> Iterator[Outcome]:
    """Yield every unit with what became of it: first those that are kept, then the others."""
    job, registry = delivery.job, delivery.registry
    stores: list[Outcome] = []
    others: list[Outcome] = []
    for each in _judged(delivery, place, out):
        if delivery.is_store(each.unit):
            stores.append(each)
        elif each.why:
            others.append(each)
        else:
            before = out.manifest.unit(*each.unit.output, each.unit.path)
            for problem in before.problems if before else ():
                delivery.watch.problem(problem)  # it still is so
            delivery.watch.advance()
            yield each
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
        exporter, to = registry.exporter(each.unit.to), each.unit.to
        opened = code.recorded(exporter, (*registry.opened(to), *result.opened))
        yield _reported(delivery, place, each._replace(result=result, opened=opened))
    for number, each in enumerate(stores):
        unit, staging = each.unit, out.staging(f"store-{number}")
        work = partial(
            store.make,
            unit,
            staging,
            registry,
            delivery.sources.readings,
            _selected(delivery, unit),
            # Without a folder of its own it is the whole of the folder, and updated in place.
            update=None if unit.folder else out.folder,
            before=(out.folder / unit.folder, files) if (files := _recorded(out, unit)) else None,
            max_body=job.max_body,
            warn=delivery.watch.problem,
        )
        result = execute.here(unit, work, job.timeout)
        yield _reported(delivery, place, each._replace(result=result))


def _recorded(out: OutputFolder, unit: Unit) -> tuple[FileRecord, ...]:
    """Return the files that the record has of a unit."""
    before = out.manifest.unit(*unit.output, unit.path)
    return before.files if before else ()


def _judged(delivery: Delivery, place: Place, out: OutputFolder) -> Iterator[Outcome]:
    """Yield each unit with why it has to be made, before any is."""
    state, remembered = FolderState(out.folder), FileDigests(delivery.images.cache)
    for unit in place.units:
        if delivery.is_store(unit):
            # What shapes a store is more than its unit tells: the whole index, duplicates too.
            yield Outcome(unit, why="a store: what differs is written")
        elif not place.owned:
            yield Outcome(unit, why="no record is kept beside a file of its own")
        else:
            exporter = delivery.registry.exporter(unit.to)
            before = out.manifest.unit(*unit.output, unit.path)
            outcome = judged(unit, digests(unit, exporter, remembered), before, state)
            if before and not outcome.why and code.reads_otherwise(exporter, before.opened):
                outcome = outcome._replace(why="a file that its code opens changed")
            yield outcome


def _reported(delivery: Delivery, place: Place, outcome: Outcome) -> Outcome:
    """Return the outcome and report its problems.

    Raises OutputError where no unit can be made.
    """
    result = outcome.result or UnitResult()
    failure = result.failure
    if failure is not None and result.fatal:
        raise OutputError(failure.reason)
    for problem in (*result.problems, *((failure,) if failure else ())):
        path = problem.path or str(delivery.job.into or "")
        if path == outcome.unit.path and place.file not in {"", str(STANDARD_OUTPUT)}:
            path = place.file
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


def _record(
    outcome: Outcome, out: OutputFolder, place: str, finished: store.Finished
) -> UnitRecord:
    """Return what became of a unit; the files that its output lost go with its first unit.

    What it takes of ``out.removed`` and ``out.left`` is not there any more."""
    unit, result = outcome.unit, outcome.result
    volume = unit.entries.volume
    if result is None:
        files = _recorded(out, unit)
    else:
        files = tuple(staged.record for staged in result.staged)
    written = tuple(file.path for file in files if file.path in out.written)
    edited = tuple(file.path for file in files if file.path in out.refused)
    left = out.left.pop(unit.output, ())
    blocked = tuple(file.path for file in files if file.path in out.blocked)
    ours = tuple(file for file in files if file.path not in {*edited, *blocked})
    stays = bool(blocked) or finished.failed
    status: Literal["kept", "edited", "failed", "made"] = "made" if written else "kept"
    if edited:
        status = "edited"
    if stays or (result is not None and result.failure):
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
        files=ours if unit.path else tuple(file for file in ours if file.path in written),
        written=len(written),
        removed=tuple(out.removed.pop(unit.output, ())),
        edited=(*edited, *left),
        blocked=blocked,
        commit=finished.commit,
        why=outcome.why,
        stays=stays,
    )


def _holding(delivery: Delivery, unit: Unit, record: UnitRecord) -> set[Gathered]:
    """Return the entries that files of ours hold, or would hold of a unit that failed: an edited
    file takes the entry that it is called after, one that is the whole output all of them."""
    if delivery.is_store(unit):
        selected = _selected(delivery, unit)
        return {
            (each.origin, each.path, each.digest)
            for _, each in delivery.assembly.let_through()
            if (each.origin, each.path, each.id) in selected
        }
    foreign = {*record.edited, *record.blocked}
    if unit.path in foreign:
        return set()
    exporter = delivery.registry.exporter(unit.to)
    entries: Iterable[Entry] = unit.entries
    if unit.listing and isinstance(exporter, ListingExporter):
        entries = exporter.listed(unit.entries, context_of(unit, exporter, Path(), lambda _: None))
    taken = {PurePosixPath(path).with_suffix("").as_posix() for path in foreign}
    return {
        (each.origin, each.path, each.digest)
        for each in entries
        if f"{unit.folder}/{each.key}" not in taken
    }
