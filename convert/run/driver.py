"""Runs a ``Job`` along the one way: sources, sift, prepare, choose, relate, export, output."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from convert.cache.originals import StoredTexts
from convert.cache.prepared import PreparedStore, cache_folder
from convert.contract import Images
from convert.model import ImageReference, Problem
from convert.pictures import collect
from convert.plugins import Registry
from convert.run import deliver, report
from convert.run.assemble import Assembly
from convert.run.gather import Sources, gather, open_sources
from convert.run.report import (
    InputRecord,
    Observer,
    Problems,
    RightsRecord,
    RunReport,
    Silent,
    UnitRecord,
)
from convert.settings.job import Job
from convert.text import names
from convert.version import __version__
from convert.web.credentials import from_environment
from convert.web.fetcher import HttpFetcher


class Ready(NamedTuple):
    """A job after preparation: what its outputs are made from."""

    assembly: Assembly
    sources: Sources
    counts: list[int]
    """How many entries each source gave."""
    cache: Path


def run(job: Job, registry: Registry, observer: Observer | None = None) -> RunReport:
    """Does what the job asks for and tells what became of it.

    Raises UsageError and NotASource for what cannot be meant, SourceError where no source
    could be read, OutputError where the output folder takes nothing: nothing is changed then.
    """
    watch = observer or Silent()
    problems = Problems(watch.problem)
    told = report.Relayed(watch, problems)
    with ready(job, registry, problems, watch) as made:
        units: tuple[UnitRecord, ...] = ()
        if job.outputs and _anything(made, problems, told):
            images = needed_pictures(job, made, problems, watch)
            units = deliver.deliver(_delivery(job, registry, made, images, told))
    return _report(job, made, units, problems)


def _anything(made: Ready, problems: Problems, watch: Observer) -> bool:
    """False, and told, where entries are there but none of them could be read: empty outputs
    must not take the place of good ones."""
    if sum(made.counts) or problems.worst() != "entry":
        return True
    addresses = ", ".join(reading.origin.address for reading in made.sources.readings)
    reason = "none of its entries could be read; every output stays as it is"
    watch.problem(Problem(path=addresses, reason=reason, severity="output"))
    return False


def plan(job: Job, registry: Registry) -> Iterator[str]:
    """The units of a job, a line each: what ``run`` would make, and from how many entries."""
    problems = Problems(Silent().problem)
    with ready(job, registry, problems, Silent()) as made:
        images = collect.ImageStore(made.cache, {})
        for unit in deliver.units_of(_delivery(job, registry, made, images, Silent())):
            count = f"{len(unit.entries)} entries"
            yield f"{unit.exporter}\t{unit.path}\t{'list of volumes' if unit.listing else count}"


@contextlib.contextmanager
def ready(job: Job, registry: Registry, problems: Problems, watch: Observer) -> Iterator[Ready]:
    """The job's entries, read, prepared and related; what it opened is closed afterwards."""
    with (
        cache_folder(job.cache, problems) as cache,
        fetcher(job, cache) as opened,
    ):
        store = PreparedStore(cache)
        sources = open_sources(job, registry, opened, cache, problems)
        watch.stage("reading and preparing", None)
        if any(request.options.encloses_originals for request in job.outputs):
            originals = StoredTexts(cache)
            kept, counts = gather(sources, job, store, problems, watch.advance, keep=originals.keep)
        else:
            originals = None
            kept, counts = gather(sources, job, store, problems, watch.advance)
        assembly = Assembly(job, sources, kept, store, problems, originals=originals)
        yield Ready(assembly, sources, counts, cache)


def fetcher(job: Job, cache: Path) -> HttpFetcher:
    """The door to the network for sources, with the user's credentials."""
    return HttpFetcher(cache, job.offline, job.allow_network, credentials=from_environment())


def needed_pictures(job: Job, made: Ready, problems: Problems, watch: Observer) -> Images:
    """The pictures of the entries, where an output embeds any; fetched at most once a run."""
    if all(request.options.images != "embed" for request in job.outputs):
        return collect.ImageStore(made.cache, {})
    watch.stage("fetching pictures", None)
    # Without credentials: what an entry names must not be read with the user's rights.
    with HttpFetcher(made.cache, job.offline, job.allow_network) as bare:
        return collect.collect(_wanted(made), bare, made.cache, problems)


def _delivery(
    job: Job, registry: Registry, made: Ready, images: Images, watch: Observer
) -> deliver.Delivery:
    return deliver.Delivery(job, registry, made.assembly, made.sources, images, watch)


def _wanted(made: Ready) -> Iterator[collect.Wanted]:
    for entry, at, references in made.assembly.pictures():
        for reference in references:
            yield collect.Wanted(
                reference=reference, entry_path=entry.path, file=made.sources.readings[at].file
            )
    for reading in made.sources.readings:
        for user in reading.users.values():
            if user.icon:
                # Named as preparation names pictures, so that exporters find it by its address.
                icon = ImageReference(ref=names.picture_ref(user.icon), address=user.icon)
                yield collect.Wanted(reference=icon, entry_path="index.json")


def _report(job: Job, made: Ready, units: tuple[UnitRecord, ...], problems: Problems) -> RunReport:
    readings = zip(made.sources.readings, made.counts, strict=True)
    return RunReport(
        version=__version__,
        exit_code=report.exit_code(problems.worst(), job.fail_on, units),
        inputs=tuple(
            InputRecord(
                address=reading.origin.address,
                kind=reading.origin.kind,
                entries=count,
                commit=reading.origin.commit,
                remote=reading.origin.remote,
                complete=reading.complete,
            )
            for reading, count in readings
        ),
        options=report.options_of(job),
        versions=report.versions(),
        read=sum(made.counts),
        entries=len(made.assembly),
        units=units,
        problems=problems.all,
        rights=tuple(
            RightsRecord(author=author, rights=rights, entries=count)
            for (author, rights), count in made.assembly.rights()
        ),
    )
