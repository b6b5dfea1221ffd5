"""From a job's sources to prepared headers: open, read, sift, prepare."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from convert.cache.bodies import PreparedBodies
from convert.cache.folder import CacheFolder
from convert.collection.marks import Marks
from convert.collection.relate import Outgoing
from convert.collection.select import matches, sift
from convert.collection.similarity import fingerprint
from convert.collection.vocabulary import Vocabulary
from convert.content import fields
from convert.content.draft import PrepareOptions
from convert.contract import (
    Fetcher,
    PartedReading,
    PlacedReading,
    Reading,
    Source,
    SourceContext,
)
from convert.errors import NotASource, SourceError, UnknownName, UsageError
from convert.model import Entry, Feed, Fingerprint, Origin, Problem, StoredEntry, User
from convert.plugins import Registry, calling
from convert.run.prepare import prepare_all
from convert.run.standin import Held, Known, StandIn, lacks_names, without_emails
from convert.settings.job import NO_SOURCE, Job, Selection
from convert.settings.options import parse
from convert.text import duplicates_file, files, json_text
from convert.text.addresses import source_key
from convert.web import redirects

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


@dataclasses.dataclass(frozen=True)
class Sources:
    """The opened sources of a job, as one."""

    readings: tuple[Reading, ...]
    failed: tuple[str, ...] = ()
    """Addresses that could not be opened at all."""

    @property
    def several(self) -> bool:
        """Whether a path says nothing without the source that it lies in."""
        return len(self.readings) + len(self.failed) > 1

    @property
    def users(self) -> Mapping[str, User]:
        """Members of all sources by username; the first to name one describes it."""
        return {
            name: fields.of_user(each)
            for reading in reversed(self.readings)
            for name, each in reading.users.items()
        }

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """Feeds of all sources by ``Feed.id``."""
        return {
            id_: fields.of_feed(each)
            for reading in reversed(self.readings)
            for id_, each in reading.feeds.items()
        }

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where each of the sources is."""
        return tuple(fields.of_origin(reading.origin) for reading in self.readings)

    @property
    def known_as(self) -> Mapping[str, str]:
        """What stands for each source, by its address, in what is prepared of it: the same however
        its path is spelled and wherever it lies."""
        names: dict[str, str] = {}
        for reading in self.readings:
            origin = reading.origin
            alike = sum(name.partition("\n")[0] == origin.name for name in names.values())
            names[origin.address] = f"{origin.name}\n{alike}" if alike else origin.name
        return names

    def declared(self, job: Job, warn: Warn) -> Mapping[str, str]:
        """Return duplicate id to canonical id: what the user's own file says, else the sources.

        Raises UsageError for a file of the user's that is no JSON object.
        """
        if job.duplicates is not None:
            path = job.duplicates

            def refuse(problem: Problem) -> None:
                raise UsageError(f"duplicates: {problem}")

            table = json_text.decode_object(files.read_named(path), str(path), refuse)
            return duplicates_file.parse(table, str(path), warn)
        # As with users: the first source to say something of an id is believed.
        return {
            old: new
            for reading in reversed(self.readings)
            for old, new in reading.duplicates.items()
        }

    @property
    def addresses(self) -> Iterator[str]:
        """Addresses on the web of all sources, and of the feeds of their members."""
        for reading in self.readings:
            if "://" in reading.origin.address:
                yield reading.origin.address
            if reading.origin.remote:
                yield reading.origin.remote
            for user in reading.users.values():
                yield from user.feeds

    @property
    def places(self) -> Iterator[str]:
        """Addresses of all sources that could be opened, and of their feeds and folders."""
        for reading in self.readings:
            yield from places_of(reading)

    @property
    def lost(self) -> tuple[str, ...]:
        """The addresses of what could not be read: sources, and feeds, folders and files of them;
        final after the entries are read."""
        return (*self.failed, *(place for reading in self.readings for place in reading.lost))


def open_sources(
    job: Job,
    registry: Registry,
    fetcher: Fetcher,
    cache: CacheFolder,
    warn: Warn,
    *,
    known: Known,
    held: Held,
) -> Sources:
    """Open every source of the job.

    For one that fails what is ``known`` of it stands in; without that it is a problem and the
    others go on.  ``held`` tells what gave entries before.  Raises SourceError where none opens
    and NotASource where an address is no source at all and never was; UsageError where a revision
    is asked for of none that has any.
    """
    if not job.sources:
        raise UsageError(NO_SOURCE)
    for reason in registry.broken_sources:
        warn(Problem(path="plug-ins", reason=f"{reason}; the others go on"))
    opened: dict[int, Reading] = {}
    failed: list[SourceError] = []
    options = dict(job.source_options)
    # What lies on this machine goes first: a mistake there costs no connection.
    each_once = [*_each_once(job.sources, registry, warn)]
    for at, address in sorted(each_once, key=lambda each: "://" in each[1]):
        shown = redirects.shown(address).removeprefix("git+")
        try:
            source = source_for(address, registry)
            context = SourceContext(
                fetcher=fetcher,
                warn=partial(_warn_within, shown, warn) if len(each_once) > 1 else warn,
                options=options.get(source.name) or parse(source.Options, {}, source.name),
                rev=job.rev,
                offline=job.offline,
                cache=cache.lasting,
                private=cache.private,
                store=job.into,
                known=known,
                held=held,
                max_body=job.max_body,
                max_stale=job.max_stale,
            )
            reading = source.open(address, context)
        except SourceError as error:
            copy = StandIn.of(shown, error.reason, known, job.max_stale, warn)
            if copy is not None:
                opened[at] = copy
            elif isinstance(error, NotASource) and not held(shown, ""):
                raise
            else:
                # What was a source before is one that fails, whatever lies there now.
                failed.append(SourceError(shown, error.reason))
        else:
            if not isinstance(reading, PartedReading):
                shown = reading.origin.address
                reading = StandIn(shown, reading, known, job.max_stale, warn)
            opened[at] = reading
    readings = tuple(opened[at] for at in sorted(opened))
    # Where nothing opens, the first is raised, and not a problem as well.
    for each in failed if readings else failed[1:]:
        warn(Problem(path=each.address, reason=each.reason, severity="entry", of_source=True))
    if not readings:
        raise failed[0]
    if job.rev is not None and not any(reading.origin.commit for reading in readings):
        reason = "none of the sources is a Git repository, which alone has revisions"
        raise UsageError(f"rev: {job.rev!r} cannot be read: {reason}; leave --rev out")
    return Sources(readings, tuple(error.address for error in failed))


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
        kind = ""
        with contextlib.suppress(NotASource):  # told where it is opened
            kind = source_for(address, registry).name
        # A page and a repository are two sources, whatever their addresses have in common.
        first = firsts.setdefault((kind, _same_source(address)), address)
        if addresses.index(first) == at:
            # "./feed.xml" and "feed.xml": entries are known by the path of their feed.
            yield at, str(Path(address)) if address and Path(address).exists() else address
        else:
            reason = f"is the same source as {redirects.shown(first)}; it is read once"
            warn(Problem(path=redirects.shown(address), reason=reason))


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


def places_of(reading: Reading) -> Iterator[str]:
    """Yield the addresses of a source, and of its feeds and folders."""
    yield reading.origin.address
    if isinstance(reading, PlacedReading):
        yield from reading.places()


def stored_entries(sources: Sources, warn: Warn) -> Iterator[tuple[int, StoredEntry]]:
    """Yield each entry of the sources, with the index of its reading and its ``origin`` set.

    What a source fails to give is a problem, and the others go on.
    """
    for at, reading in enumerate(sources.readings):
        try:
            for entry in reading.entries():
                yield at, msgspec.structs.replace(entry, origin=reading.origin.address)
        except SourceError as error:
            warn(Problem(path=error.address, reason=error.reason, severity="entry", of_source=True))


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
    users = sources.users
    selects = [request.select for request in job.outputs if request.select]
    texts = {text: Selection(match=(text,)) for select in selects for text in select.match}
    names, marks = Vocabulary((job.select, *selects)), Marks()
    marks.know(sources.addresses)
    for reading in sources.readings:
        marks.see(reading.origin.address, places_of(reading))
        if isinstance(reading, PlacedReading):
            marks.lend(reading.origin.address, (each.address for each in reading.lent()))

    def sifted() -> Iterator[StoredEntry]:
        for at, entry in stored_entries(sources, warn):
            counts[at] += 1
            names.note(entry, users)
            marks.note(entry, sources.readings[at].origin)
            if sift(entry, job.select, users):
                # Before it is prepared, so that a copy without them is prepared to the same.
                yield entry if job.emails else without_emails(entry)
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
        if not matches(prepared, job.select):
            continue
        entry = prepared.entry
        names.note(entry, users)
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
    for error in names.unknown(sources.users):
        if not (sources.failed or any(map(lacks_names, sources.readings)) or names.days is None):
            raise error
        reason = f"{error}; it may belong to what is not there yet or could not be read"
        warn(Problem(path="selection", reason=reason))
