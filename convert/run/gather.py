"""From a job's sources to prepared headers: open, read, sift, prepare."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from convert.cache.bodies import PreparedBodies
from convert.cache.folder import CacheFolder
from convert.collection.folders import Folders
from convert.collection.marks import Marks
from convert.collection.relate import Outgoing
from convert.collection.select import matches
from convert.collection.similarity import fingerprint
from convert.collection.vocabulary import Vocabulary
from convert.content.draft import PrepareOptions
from convert.contract import (
    Fetcher,
    NoFeedRead,
    PartedReading,
    PlacedReading,
    Reading,
    Source,
    SourceContext,
)
from convert.errors import NotASource, SourceError, UnknownName, UsageError
from convert.model import Entry, Fingerprint, ListedFeed, Origin, Problem, StoredEntry
from convert.plugins import Registry, calling
from convert.run import several
from convert.run.emails import entry_without
from convert.run.prepare import prepare_all
from convert.run.sources import Sources, places_of, stored_entries
from convert.run.standin import Before, StandIn, lacks_names
from convert.settings.job import NO_SOURCE, Job, Selection
from convert.settings.options import parse
from convert.text.addresses import shown, source_key
from convert.text.source_names import source_name

Warn = Callable[[Problem], None]


class Gathered(NamedTuple):
    """What the sources gave: the selected entries, what all are called, and by what their
    sources are known again."""

    headers: list[PreparedHeader]
    names: Vocabulary
    marks: Marks


class PreparedHeader(NamedTuple):
    """What stays in memory of one prepared entry: all but its body.

    ``source`` is the index of its reading; ``matched`` holds those texts that it has of all
    that outputs select by.
    """

    entry: Entry
    mark: Fingerprint
    outgoing: Outgoing
    source: int
    matched: frozenset[str]
    pictured: bool


def open_sources(
    job: Job,
    registry: Registry,
    fetcher: Fetcher,
    cache: CacheFolder,
    warn: Warn,
    *,
    before: Before,
) -> Sources:
    """Open every source of the job.

    For one that fails what is known of it from ``before`` stands in; without that it is a problem
    and the others go on, as they do beside a list none of whose feeds can be read.  Raises
    SourceError where nothing can be read and NotASource where an address is no source at all and
    never was; UsageError where a revision is asked for of none that has any.
    """
    if not job.sources:
        raise UsageError(NO_SOURCE)
    for reason in registry.broken_sources:
        warn(Problem(path="plug-ins", reason=f"{reason}; the others go on"))
    opened: dict[int, Reading] = {}
    failed: list[SourceError] = []
    silent: list[SourceError] = []
    unopened: dict[int, Origin] = {}
    options = dict(job.source_options)
    each_once = [*_each_once(job.sources, registry, warn)]
    alone = len(each_once) == 1
    for at, address, listed in _in_order(each_once, job, opened, failed):
        place = shown(address).removeprefix("git+")
        try:
            source = registry.source("opml") if listed else source_for(address, registry)
            context = SourceContext(
                fetcher=fetcher,
                # What a config file lists lies where it says, and not in the file.
                warn=partial(_warn_within, place, warn) if not (alone or listed) else warn,
                options=options.get(source.name) or parse(source.Options, {}, source.name),
                rev=job.rev,
                offline=job.offline,
                cache=cache.lasting,
                private=cache.private,
                store=job.into,
                known=before.known,
                held=before.held,
                had=before.had,
                max_body=job.max_body,
                max_stale=job.max_stale,
                future_dates=job.future_dates,
                feeds=tuple(request.feed for request in job.feeds),
                listed=listed,
            )
            reading = source.open(address, context)
        except NoFeedRead as error:
            # What the list names no more has no copy to stand in, and each feed said its failure.
            opened[at] = error.reading
            silent.append(error)
        except SourceError as error:
            copy = StandIn.of(place, error.reason, before.known, job.max_stale, warn)
            if copy is not None:
                opened[at] = copy
            elif isinstance(error, NotASource) and not before.was_source(place):
                raise
            else:
                # What was a source before is one that fails, whatever lies there now.
                failed.append(SourceError(place, error.reason))
                kind = "config" if listed else _kind(address, registry)
                unopened[at] = _as_named(place, kind, before)
        else:
            if not isinstance(reading, PartedReading):
                place = reading.origin.address
                reading = StandIn(place, reading, before.known, job.max_stale, warn)
            opened[at] = reading
    readings = tuple(opened[at] for at in sorted(opened))
    _judge_failures(failed, silent, warn, nothing=len(readings) == len(silent))
    if job.rev is not None and not any(reading.origin.commit for reading in readings):
        reason = "none of the sources is a Git repository, which alone has revisions"
        raise UsageError(f"rev: {job.rev!r} cannot be read: {reason}; leave --rev out")
    several.call_members(readings, alone=len(readings) + len(failed) == 1)
    all_named = sorted({*opened, *unopened})
    return Sources(readings, {all_named.index(at): unopened[at] for at in unopened})


def _judge_failures(
    failed: Sequence[SourceError], silent: Sequence[SourceError], warn: Warn, *, nothing: bool
) -> None:
    """Warn of the sources that failed, but raise the first of them, or of the lists none of whose
    feeds could be read, where ``nothing`` else could be."""
    fatal = [*failed, *silent][0] if nothing else None
    for each in failed:
        if each is not fatal:
            warn(Problem(path=each.address, reason=each.reason, severity="entry", of_source=True))
    if fatal is not None:
        raise fatal


def _in_order(
    each_once: Sequence[tuple[int, str]],
    job: Job,
    opened: Mapping[int, Reading],
    failed: Sequence[SourceError],
) -> Iterator[tuple[int, str, tuple[ListedFeed, ...]]]:
    """Yield each source to open, with its number, and the feeds of the list that it is where it is
    the config file: those that none is or names of the others, which are ``opened`` or ``failed``
    by then."""
    own_list = str(job.read_from) if job.feeds else None
    # What lies on this machine goes first: a mistake there costs no connection.
    for at, address in sorted(each_once, key=lambda each: "://" in each[1]):
        if address != own_list:
            yield at, address, ()
    for at, address in each_once:
        if address == own_list:
            places = [place for each in opened.values() for place in places_of(each)]
            stated = several.stated(opened.values()).values()
            places += [*stated, *(each.address for each in failed)]
            named = {source_key(each, Path()) for each in places}
            feeds = (request.feed for request in job.feeds)
            if listed := tuple(f for f in feeds if source_key(f.address, Path()) not in named):
                yield at, address, listed


def _warn_within(origin: str, warn: Warn, problem: Problem) -> None:
    warn(problem.within(origin))


def source_for(address: str, registry: Registry) -> Source:
    """Return the source that is surest of an address.  Raises NotASource where none is."""
    sure: dict[str, int] = {}
    for source in registry.all_sources:
        with calling(f"source {source.name!r}: recognises"):
            sure[source.name] = int(source.recognises(address))
    surest = max(registry.all_sources, key=lambda source: sure[source.name], default=None)
    if surest is None or sure[surest.name] == 0:
        kinds = ", ".join(f"{source.name} ({source.summary})" for source in registry.all_sources)
        if "://" not in address and address != "-" and not Path(address).exists():
            raise NotASource(address, "no such file or folder")
        if address.endswith(".toml"):
            reason = f"is no source; of a config file the outputs are made by: build {address}"
            raise NotASource(address, reason)
        raise NotASource(address, f"not something that can be read; there are {kinds}")
    return surest


def _each_once(
    addresses: Sequence[str], registry: Registry, warn: Warn
) -> Iterator[tuple[int, str]]:
    """Yield each source that is named, and its number; of several spellings of one the first."""
    firsts: dict[tuple[str, str], str] = {}
    for at, address in enumerate(addresses):
        # A page and a repository are two sources, whatever their addresses have in common.
        key = _kind(address, registry), _same_source(address)
        first = firsts.setdefault(key, address)
        if addresses.index(first) == at:
            # "./feed.xml" and "feed.xml": entries are known by the path of their feed.
            yield at, str(Path(address)) if address and Path(address).exists() else address
        else:
            reason = f"is the same source as {shown(first)}; it is read once"
            warn(Problem(path=shown(address), reason=reason))


def _as_named(address: str, kind: str, before: Before) -> Origin:
    """Return what the address says of a source that cannot be opened."""
    if kind == "feed" and before.was_list(address):
        kind = "opml"
    return Origin(address=address, kind=kind, name=source_name(address, kind) or "feed")


def _kind(address: str, registry: Registry) -> str:
    """Return the name of the source for an address; "" where none is."""
    try:
        return source_for(address, registry).name
    except NotASource:  # told where it is opened
        return ""


def _same_source(address: str) -> str:
    """Return what is equal for two spellings of one address or path."""
    if "://" in address:
        # With another user's credentials it may be another source.
        whose = re.findall(r"(?<=//)[^/?#@]*(?=@)", address)[:1]
        plain = source_key(address, Path()).removesuffix(".git")
        return " ".join([plain, *whose])
    try:
        state = Path(address).stat()
    except (OSError, ValueError):
        return os.path.abspath(address)  # noqa: PTH100 - what is not there has no other path
    return f"{state.st_dev} {state.st_ino}"


def gather(
    sources: Sources,
    job: Job,
    store: PreparedBodies,
    warn: Warn,
    advance: Callable[[int], None],
    *,
    counts: list[int],
) -> Gathered:
    """Return every selected entry, prepared, and what was seen of all the others.

    ``advance`` is called with 1 for each entry that is done; ``counts`` is made to hold how
    many each source gave so far.  Raises UnknownName for a name that is selected by and that
    nobody bears.
    """
    counts[:] = [0] * len(sources.readings)
    reading_of = {reading.origin.address: at for at, reading in enumerate(sources.readings)}
    wanted = sources.wanted(job)
    selects = [request.select for request in job.outputs if request.select]
    texts = {text: Selection(match=(text,)) for select in selects for text in select.match}
    names, marks = Vocabulary((job.select, *selects)), Marks()
    marks.know(sources.addresses)
    for reading in sources.readings:
        marks.see(reading.origin.address, places_of(reading))
        folders = (user.directory for user in reading.users.values() if user.directory)
        address = reading.origin.address
        marks.name(address, (f"{address}/{each}" for each in folders))
        if isinstance(reading, PlacedReading):
            marks.lend(reading.origin.address, (each.address for each in reading.lent()))

    def sifted() -> Iterator[StoredEntry]:
        for at, entry in stored_entries(sources, job, warn):
            counts[at] += 1
            names.note(entry, wanted.users, wanted.folders)
            marks.note(entry, sources.readings[at].origin)
            if wanted.sift(entry):
                # Before it is prepared, so that a copy without them is prepared to the same.
                yield entry if job.emails else entry_without(entry)
            else:
                advance(1)

    headers: list[PreparedHeader] = []
    options = PrepareOptions(dollar_math=job.dollar_math, max_body=job.max_body)
    known_as, several = sources.known_as, sources.several
    for prepared in prepare_all(
        sifted(),
        options,
        store,
        warn,
        workers=job.workers,
        known_as=known_as,
        several=several,
    ):
        advance(1)
        if not wanted.matches(prepared):
            continue
        entry = prepared.entry
        names.note(entry, wanted.users, wanted.folders)
        headers.append(
            PreparedHeader(
                entry=entry,
                mark=prepared.fingerprint or fingerprint(prepared),
                # Links and marks stay here, so that relating the set loads no body.
                outgoing=Outgoing(prepared.links, prepared.answers),
                source=reading_of.get(entry.origin, 0),
                matched=frozenset(text for text in texts if matches(prepared, texts[text])),
                pictured=bool(prepared.images),
            )
        )
    for problem in wanted.unanswered:
        warn(problem)
    for failed in sources.failed:
        marks.lose(failed, (failed,))
    for reading in sources.readings:
        marks.lose(reading.origin.address, reading.lost)
    names.partial = bool(sources.lost)
    try:
        judge(names, sources, warn)
    except UnknownName as error:
        for request in job.outputs:
            if request.select is not None and error.name in request.select.names:
                where = f"[[output]] {request.to}: select"
                raise error.within(
                    f"{job.read_from}: {where}" if job.read_from else where
                ) from error
        raise
    return Gathered(headers, names, marks)


def judge(names: Vocabulary, sources: Sources, warn: Warn) -> None:
    """Raise UnknownName for a name that nobody bears in sources that were read whole; where a
    part of them could not be read, or there is nothing yet, warn: it may be missing there."""
    for error in names.unknown(sources.users, Folders(sources.feeds)):
        if not (sources.failed or any(map(lacks_names, sources.readings)) or names.days is None):
            raise error
        reason = f"{error}; it may belong to what is not there yet or could not be read"
        warn(Problem(path="selection", reason=reason))
