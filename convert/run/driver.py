"""Runs a ``Job`` along the one way: sources, sift, prepare, choose, relate, export, output.

``open_job``, ``prepare`` and ``publish`` are its steps; the library calls the same ones.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import msgspec

from convert.cache.bodies import PreparedBodies
from convert.cache.folder import CacheFolder, cache_folder
from convert.cache.originals import StoredTexts
from convert.collection.vocabulary import Vocabulary
from convert.errors import EmptySelection, ReportInTheWay, UsageError
from convert.model import ImageReference, Problem
from convert.output.copies import CopyFolders
from convert.output.kept_pictures import KeptPictures
from convert.pictures import collect
from convert.plugins import Registry
from convert.run import deliver, report, standin
from convert.run.assemble import Assembly
from convert.run.deliver import Delivered
from convert.run.examine import examine_all
from convert.run.foresee import Delivery, foresee, require_free
from convert.run.gather import gather, open_sources
from convert.run.keep import keep
from convert.run.report import (
    InputRecord,
    Observer,
    Problems,
    Relayed,
    RightsRecord,
    RunReport,
    Silent,
    UnitRecord,
    code_of,
    message_of,
)
from convert.run.sources import Sources, stored_entries
from convert.run.stages import folder_of, write_stages
from convert.settings import apart, together
from convert.settings.job import Job, Selection
from convert.text.characters import fold
from convert.text.names import picture_ref
from convert.version import __version__
from convert.web.credentials import from_environment
from convert.web.fetcher import HttpFetcher


class Opened(NamedTuple):
    """The sources of a job, open, and what remembers things."""

    sources: Sources
    cache: CacheFolder
    copies: CopyFolders
    counts: list[int]
    """How many entries each source gave so far."""
    stored: bool = False
    """Whether an output is a store."""


class Ready(NamedTuple):
    """A job after preparation: what its outputs are made from."""

    opened: Opened
    assembly: Assembly
    readable: bool
    """False where there are entries, but none of them could be read."""
    names: Vocabulary


def run(
    job: Job,
    registry: Registry,
    observer: Observer | None = None,
    *,
    write: bool = True,
    dry: bool = False,
) -> RunReport:
    """Make the outputs of a job and report what became of them; without ``write`` only read, of a
    ``dry`` run report what would become of them, and put nothing in place.

    Where the job names a file for the report it is written, whatever ends the run, but for
    ReportInTheWay, where it would stand in the place of something else.  Raises
    UsageError and NotASource for what cannot be meant, SourceError where no source could be
    read, EmptySelection where nothing of them is selected, OutputError where the output
    folder takes nothing: nothing is changed then.
    """
    watch = observer or Silent()
    problems = Problems(watch.problem)
    apart.check_report(job)
    opened: Opened | None = None
    delivered = Delivered()
    try:
        stages = folder_of(job)
        with open_job(job, registry, problems) as opened:
            ready = prepare(job, opened, problems, watch)
            if stages is not None:
                whole = ready.assembly.set_of(None, "oldest")
                write_stages(stages, job, opened.sources, whole, problems)
            others, empty = _without_empty(job, registry, ready)
            for problem in empty.values():
                problems(problem)
            if others.outputs and write:
                delivered = publish(others, registry, ready, problems, watch, dry=dry)
            if write:
                delivered = delivered._replace(units=(*delivered.units, *empty))
            if not dry:
                keep_sources(others, registry, ready, delivered, opened.copies)
    except BaseException as error:
        if job.report is not None and not isinstance(error, ReportInTheWay):
            code = code_of(error)
            ended = _report(
                job, problems, opened, delivered, error=message_of(error), exit_code=code
            )
            with contextlib.suppress(UsageError):  # what ended the run is told
                report.write(ended, job.report)
        raise
    units = delivered.units
    done = _report(
        job,
        problems,
        opened,
        delivered,
        exit_code=report.exit_code(problems.worst(), job.fail_on, units, wanted=write),
        checked=not write,
        dry=dry,
        entries=len(ready.assembly),
        rights=tuple(
            RightsRecord(author=author, rights=rights, entries=count)
            for (author, rights), count in ready.assembly.rights()
        ),
    )
    if job.report is not None:
        report.write(done, job.report)
    return done


def _report(
    job: Job, problems: Problems, opened: Opened | None, delivered: Delivered, **known: Any
) -> RunReport:
    """Return the report of a run, however far it came, with what is ``known`` of its end."""
    readings = zip(opened.sources.readings, opened.counts, strict=True) if opened else ()
    return RunReport(
        version=__version__,
        inputs=tuple(
            InputRecord(
                address=reading.origin.address,
                kind=reading.origin.kind,
                entries=count,
                commit=reading.origin.commit,
                remote=reading.origin.remote,
                complete=not reading.lost,
            )
            for reading, count in readings
        ),
        options=report.options_of(job),
        versions=report.versions(),
        lost=opened.sources.lost if opened else (),
        read=sum(opened.counts) if opened else 0,
        counts=report.counts_of(delivered.units, len(delivered.published), problems.all),
        units=delivered.units,
        problems=problems.all,
        **known,
    )


@contextlib.contextmanager
def open_job(job: Job, registry: Registry, problems: Problems) -> Iterator[Opened]:
    """Open the sources of a job; what it opened is closed afterwards."""
    if not job.allow_empty and job.select.is_impossible:
        raise EmptySelection(Vocabulary(()).why_empty(job.select))
    together.check(job, registry)
    cache = cache_folder(job.cache, problems)
    copies = standin.copy_folders(job, registry, problems)
    with HttpFetcher(cache, job.offline, job.allow_network, credentials=from_environment()) as door:
        # Who prunes, or empties, means what is not there.
        meant = job.prune or job.allow_empty
        before = standin.Before(copies, meant=meant, max_body=job.max_body)
        sources = open_sources(job, registry, door, cache, problems, before=before)
        stored = any(standin.is_store(each, registry) for each in job.outputs)
        yield Opened(sources, cache, copies, [0] * len(sources.readings), stored)


def prepare(job: Job, opened: Opened, problems: Problems, watch: Observer) -> Ready:
    """Read, prepare and relate the entries that the job selects.

    Raises UnknownName for a name that nobody bears, EmptySelection where nothing is selected.
    """
    store = PreparedBodies(opened.cache)
    watch.stage("reading and preparing", None)
    headers, names, marks = gather(
        opened.sources, job, store, problems, watch.advance, counts=opened.counts
    )
    originals = StoredTexts(opened.cache)
    assembly = Assembly(
        job,
        opened.sources,
        headers,
        store,
        problems,
        originals=originals,
        marks=marks,
        stored=opened.stored,
    )
    selective, read = job.select != Selection(), sum(opened.counts)
    sifted = any(each.select != Selection() for each in job.feeds) and problems.worst() != "entry"
    if (selective or sifted) and read and not len(assembly) and not job.allow_empty:
        raise EmptySelection(names.why_empty(job.select, job.feeds))
    readable = bool(headers) or problems.worst() != "entry" or (selective and read > 0)
    return Ready(opened, assembly, readable, names)


def _without_empty(
    job: Job, registry: Registry, ready: Ready
) -> tuple[Job, dict[UnitRecord, Problem]]:
    """Return the job without the outputs whose own selection holds nothing, and those, each with
    the reason: what they were before stays."""
    stay, empty = [], {}
    for request in job.outputs:
        select = request.select if len(ready.assembly) and not job.allow_empty else None
        if select and not len(ready.assembly.set_of(select, "oldest")):
            record = deliver.unmade(request, job, registry, ready.assembly.publication)
            reason = f"{ready.names.why_empty(select)}; it stays as it is"
            empty[record] = Problem(
                path=record.path, field="select", reason=reason, severity="output"
            )
        else:
            stay.append(request)
    whole = job.all_of_file and not empty
    return msgspec.structs.replace(job, outputs=tuple(stay), all_of_file=whole), empty


def publish(
    job: Job,
    registry: Registry,
    ready: Ready,
    problems: Problems,
    watch: Observer,
    *,
    dry: bool = False,
) -> Delivered:
    """Make and publish the outputs of a job that is ready; return what became of each unit, or of a
    ``dry`` run what would."""
    watch = Relayed(watch, problems)
    opened, publication = ready.opened, ready.assembly.publication
    if not ready.readable:
        # Empty outputs must not take the place of good ones.
        addresses = ", ".join(reading.origin.address for reading in opened.sources.readings)
        reason = "none of its entries could be read; every output stays as it is"
        watch.problem(Problem(path=addresses, reason=reason, severity="output"))
        requests = job.outputs
        return Delivered(
            tuple(deliver.unmade(each, job, registry, publication) for each in requests)
        )
    planned = _delivery(job, registry, ready, watch)
    units, staying = foresee(planned)
    for problem in staying.values():
        watch.problem(problem)
    if staying:  # they are named nevertheless
        job = msgspec.structs.replace(job, all_of_file=False)
    if any(request.options.encloses_originals for request in job.outputs):
        # Read again rather than kept while reading: keeping costs twenty times as much, and
        # the library learns only here which formats there will be.
        published, originals = ready.assembly.selected(None), StoredTexts(opened.cache)
        for _, entry in stored_entries(opened.sources, job, problems):
            if (entry.origin, entry.path, fold(entry.id)) in published:
                originals.keep(entry)
    images: collect.ImageStore | None = None
    if any(request.options.images == "embed" for request in job.outputs):
        if not dry:
            require_free(planned, units)
        watch.stage("fetching pictures", None)
        # Without credentials: what an entry names must not be read with the user's rights.
        with HttpFetcher(opened.cache, job.offline, job.allow_network) as bare:
            examine = partial(examine_all, workers=job.workers, warn=problems)
            earlier = KeptPictures(opened.copies).find
            icons = any(unit.needs is None or unit.needs.icons for unit in units)
            wanted = _pictures(ready, icons=icons)
            images = collect.collect(wanted, bare, opened.cache, problems, examine, earlier=earlier)
    made_from = _delivery(job, registry, ready, watch, images)._replace(dry=dry)
    delivered = deliver.deliver(made_from, units)
    return delivered._replace(images=images, units=(*delivered.units, *staying))


def keep_sources(
    job: Job, registry: Registry, ready: Ready, delivered: Delivered, copies: CopyFolders
) -> None:
    """Keep what the sources gave for runs in which they fail, where any output is there."""
    if any(unit.status != "failed" for unit in delivered.units if unit.of_entries):
        images = delivered.images or collect.ImageStore(ready.opened.cache, {})
        keep(copies, ready.opened.sources, ready.assembly, job, registry, images=images)


def _delivery(
    job: Job,
    registry: Registry,
    ready: Ready,
    watch: Observer,
    images: collect.ImageStore | None = None,
) -> Delivery:
    """Return what outputs are made from; without ``images`` they are planned, and not made."""
    images = images or collect.ImageStore(ready.opened.cache, {})
    return Delivery(job, registry, ready.assembly, ready.opened.sources, images, watch)


def _pictures(ready: Ready, *, icons: bool) -> Iterator[collect.Wanted]:
    """Yield the pictures of the entries, and the ``icons`` of members where some output shows
    them."""
    sources = ready.opened.sources
    origins = [each.origin.address if sources.several else "" for each in sources.readings]
    for entry, at, references in ready.assembly.pictures():
        for reference in references:
            yield collect.Wanted(
                reference=reference,
                entry_path=entry.path,
                origin=origins[at],
                file=sources.readings[at].file,
            )
    for reading, origin in zip(sources.readings, origins, strict=True):
        for user in reading.users.values():
            if icons and user.icon:
                # Named as preparation names pictures, so that exporters find it by its address.
                icon = ImageReference(ref=picture_ref(user.icon), address=user.icon)
                of_feed = next(iter(user.feeds), user.username)
                place = "index.json" if reading.origin.kind == "thicket" else of_feed
                yield collect.Wanted(reference=icon, entry_path=place, origin=origin, in_text=False)
