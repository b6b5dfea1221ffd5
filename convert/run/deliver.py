"""From entry sets to published files: the units of a job, what is kept, what is made."""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from convert.contract import Images, Reading, StoreExporter
from convert.errors import OutputError, UsageError
from convert.output import publish
from convert.output.publish import OutputFolder, hold
from convert.plugins import Registry
from convert.run import execute, store
from convert.run.assemble import Assembly
from convert.run.gather import Sources
from convert.run.plan import Outcome, Unit, UnitResult, Wish, fingerprint, plan, to_publish
from convert.run.report import FileRecord, Observer, UnitRecord
from convert.settings.job import Job, OutputRequest
from convert.text.names import safe_name
from convert.text.templates import TemplateFolder
from convert.version import __version__


class Delivery(NamedTuple):
    """What the outputs of a job are made from, and who is told."""

    job: Job
    registry: Registry
    assembly: Assembly
    sources: Sources
    images: Images
    watch: Observer


class _Place(NamedTuple):
    """Where units go: a folder, or one file (``file``; "-" is standard output).  ``owned``
    folders have a manifest."""

    units: tuple[Unit, ...]
    folder: Path | None = None
    file: str = ""
    owned: bool = False


def deliver(given: Delivery) -> tuple[UnitRecord, ...]:
    """Makes and publishes every output of the job; what became of each unit.

    Raises UsageError for a plan that cannot be, OutputError where nothing can be written.
    """
    units = units_of(given)
    given.watch.stage("making outputs", len(units))
    return tuple(record for place in _places(given, units) for record in _fill(given, place))


def units_of(given: Delivery) -> tuple[Unit, ...]:
    """The plan of the job: every unit, in the order in which outputs were asked for."""
    return plan(
        [_wish(given, request) for request in given.job.outputs],
        now=given.assembly.now,
        images=given.images,
        templates=TemplateFolder(given.job.templates),
        version=__version__,
    )


def _wish(given: Delivery, request: OutputRequest) -> Wish:
    exporter = given.registry.exporter(request.to)
    suffix = exporter.suffix(request.options)
    stem = request.name or (given.assembly.publication.name if suffix else exporter.name)
    if request.file and request.file != "-":
        stem = safe_name(Path(request.file).name.removesuffix(suffix))
    entries = given.assembly.set_of(request.select, request.options.order)
    return Wish(
        to=request.to, exporter=exporter, options=request.options, stem=stem, entries=entries
    )


def _places(given: Delivery, units: Sequence[Unit]) -> Iterator[_Place]:
    job = given.job
    named = {request.to: request.file for request in job.outputs if request.file}
    stores = tuple(unit for unit in units if job.into and _is_store(given, unit))
    rest = tuple(unit for unit in units if unit.to not in named and unit not in stores)
    if rest:
        yield _Place(rest, job.out or Path("out"), owned=True)
    for to, file in named.items():
        yield _Place(tuple(unit for unit in units if unit.to == to), file=file)
    if len(stores) > 1:
        raise UsageError("--into DIR takes one output; 'volumes' cannot cut a store")
    if stores:
        top = tuple(dataclasses.replace(unit, path="", folder="") for unit in stores)
        yield _Place(top, job.into)


def _fill(given: Delivery, place: _Place) -> list[UnitRecord]:
    if place.folder is None:
        return _fill_file(given, place)
    warn = given.watch.problem
    with hold(place.folder, warn, overwrite=given.job.overwrite, owned=place.owned) as out:
        outcomes = list(_made(given, place, out))
        complete = given.sources.complete
        out.publish(
            to_publish(outcomes, out.manifest, complete=complete), checksums=given.job.checksums
        )
        for outcome in outcomes:
            unit, result = outcome.unit, outcome.result
            if result is not None and result.failure is None and _is_store(given, unit):
                exporter = given.registry.exporter(unit.to)
                store.finish(unit, result, exporter, place.folder, given.watch)
        return [_record(outcome, out) for outcome in outcomes]


def _fill_file(given: Delivery, place: _Place) -> list[UnitRecord]:
    """One file, named by the user; whatever it is called, the unit is called as ever."""
    target = Path(tempfile.gettempdir(), f"standard-output-{os.getpid()}")
    if place.file != "-":
        target = Path(place.file)
    with publish.hold_file(target, given.watch.problem) as out:
        outcomes = list(_made(given, place, out))
        results = [outcome.result for outcome in outcomes if outcome.result is not None]
        staged = [file for result in results for file in result.staged]
        if len(staged) > 1:
            raise UsageError(f"{place.file}: there are {len(staged)} files to write; use --out")
        for file in staged:
            if place.file == "-":
                publish.pour(file, sys.stdout.buffer)
            else:
                publish.place(file, target)
        return [_record(outcome, out) for outcome in outcomes]


def _made(given: Delivery, place: _Place, out: OutputFolder) -> Iterator[Outcome]:
    """Every unit with what became of it: first those that are kept, then the others."""
    shown = given.assembly.shown_pictures(given.images)
    todo: dict[int, tuple[Unit, str]] = {}
    for number, unit in enumerate(place.units):
        print_ = fingerprint(unit, given.registry.exporter(unit.to), shown)
        before = out.manifest.unit(unit.exporter, unit.name, unit.path)
        # What shapes a store is more than its unit tells: the whole index, duplicates too.
        known = before if before and not _is_store(given, unit) else None
        if known and known.fingerprint == print_ and out.intact(known):
            given.watch.advance()
            yield Outcome(unit=unit, fingerprint=print_, result=None)
        else:
            todo[number] = unit, print_
    stores = [pair for pair in todo.values() if _is_store(given, pair[0])]
    others = [pair for pair in todo.values() if not _is_store(given, pair[0])]
    results = execute.run(
        [unit for unit, _ in others],
        out,
        jobs=given.job.jobs,
        timeout=given.job.timeout,
        registry=given.registry,
    )
    for (unit, print_), (_, result) in zip(others, results, strict=False):
        yield _told(given, unit, print_, result)
    for number, (unit, print_) in enumerate(stores):
        staging = out.staging(f"store-{number}")
        yield _told(given, unit, print_, _stored(given, unit, out, staging))


def _told(given: Delivery, unit: Unit, print_: str, result: UnitResult) -> Outcome:
    """The outcome, once its problems are told.  Raises OutputError where no unit can be made."""
    if result.failure is not None and result.fatal:
        raise OutputError(result.failure.reason)
    for problem in (*result.problems, *((result.failure,) if result.failure else ())):
        path = problem.path or str(given.job.into or "")
        given.watch.problem(msgspec.structs.replace(problem, path=path))
    if result.trace:
        given.watch.trace(result.trace)
    given.watch.advance()
    return Outcome(unit=unit, fingerprint=print_, result=result)


def _is_store(given: Delivery, unit: Unit) -> bool:
    return isinstance(given.registry.exporter(unit.to), StoreExporter)


def _stored(given: Delivery, unit: Unit, out: OutputFolder, staging: Path) -> UnitResult:
    """A unit of the one kind of exporter that is given entries as stored: in this process,
    where the sources are open."""
    job = given.job

    def existing() -> Reading | None:
        source = given.registry.source("thicket")
        return store.opened(out.folder, source, job.max_body, given.watch.problem)

    return store.make(
        unit,
        staging,
        given.registry.exporter(unit.to),
        given.sources.readings,
        _asked_for(given, unit),
        existing=(lambda: None) if unit.folder else existing,
    )


def _asked_for(given: Delivery, unit: Unit) -> frozenset[tuple[str, str, str]]:
    """Origin, path and id of the unit's entries: a store keeps duplicates, a volume of one
    has its own entries."""
    if unit.entries.volume is not None:
        return frozenset((entry.origin, entry.path, entry.id) for entry in unit.entries)
    requests = {(each.to, each.name or unit.exporter): each for each in given.job.outputs}
    return given.assembly.asked_for(requests[unit.to, unit.name].select)


def _record(outcome: Outcome, out: OutputFolder) -> UnitRecord:
    unit, result = outcome.unit, outcome.result
    volume = unit.entries.volume
    before = out.manifest.unit(unit.exporter, unit.name, unit.path)
    if result is None:
        files = before.files if before else ()
    else:
        files = tuple(staged.record for staged in result.staged)
    status: Literal["kept", "failed", "made"] = "made"
    if result is None or (not unit.path and not files):
        status = "kept"
    if result is not None and result.failure:
        status = "failed"
    return UnitRecord(
        exporter=unit.exporter,
        name=unit.name,
        path=unit.path or str(out.folder),
        status=status,
        entries=len(unit.entries),
        seconds=result.seconds if result else 0.0,
        volume=volume.label if volume else None,
        files=tuple(FileRecord(path=f.path, size=f.size, sha256=f.sha256) for f in files),
    )
