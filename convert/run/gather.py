"""From a job's sources to prepared headers: open, read, sift, prepare."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from convert.cache.prepared import PreparedStore
from convert.collection.relate import Outgoing
from convert.collection.select import matches, sift
from convert.collection.similarity import fingerprint
from convert.content.draft import PrepareOptions
from convert.contract import Fetcher, Reading, Source, SourceContext
from convert.errors import NotASource, SourceError, UsageError
from convert.model import Entry, Feed, Fingerprint, Person, Prepared, Problem, StoredEntry, User
from convert.plugins import Registry
from convert.run.prepare import prepare_all
from convert.settings.job import Job, Selection
from convert.sources.thicket import index
from convert.sources.thicket.tree import FolderTree
from convert.text.languages import language_tag

Warn = Callable[[Problem], None]


class PreparedHeader(NamedTuple):
    """What stays in memory of one prepared entry: all but its body.

    ``source`` is the index of its reading; ``matched`` holds the texts of ``--match`` that
    it answered.
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
    def users(self) -> Mapping[str, User]:
        """Members of all sources by username; the first to name one describes it."""
        return {
            name: each
            for reading in reversed(self.readings)
            for name, each in reading.users.items()
        }

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """Feeds of all sources by ``Feed.id``."""
        return {
            id_: each for reading in reversed(self.readings) for id_, each in reading.feeds.items()
        }

    def declared(self, job: Job, warn: Warn) -> Mapping[str, str]:
        """Duplicate id to canonical id: what the user's own file says, else the sources."""
        if job.duplicates is not None:
            if not job.duplicates.is_file():
                raise UsageError(f"{job.duplicates}: no such file of duplicates")
            folder = FolderTree(job.duplicates.parent)
            return index.duplicates(folder, warn, job.duplicates.name)
        return {
            old: new
            for reading in reversed(self.readings)
            for old, new in reading.duplicates.items()
        }

    @property
    def complete(self) -> bool:
        """False once any part could not be read; final after the entries are read."""
        return not self.failed and all(reading.complete for reading in self.readings)


def open_sources(
    job: Job, registry: Registry, fetcher: Fetcher, cache: Path | None, warn: Warn
) -> Sources:
    """Every source of the job, opened.

    One that fails is a problem and the others go on; raises SourceError where none opens and
    NotASource where an address is no source at all.
    """
    for reason in registry.broken_sources:
        warn(Problem(path="plug-ins", reason=f"{reason}; the others go on"))
    readings: list[Reading] = []
    failed: list[SourceError] = []
    given = dict(job.source_options)
    for address in job.sources:
        source = source_for(address, registry)
        context = SourceContext(
            fetcher=fetcher,
            warn=warn,
            options=given.get(source.name) or source.Options(),
            rev=job.rev,
            offline=job.offline,
            cache=cache,
            store=job.into,
            max_body=job.max_body,
        )
        try:
            readings.append(source.open(address, context))
        except NotASource:
            raise
        except SourceError as error:
            failed.append(error)
    for each in failed if readings else failed[1:]:
        warn(Problem(path=each.address, reason=each.reason, severity="entry"))
    if not readings:
        raise failed[0]
    return Sources(tuple(readings), tuple(error.address for error in failed))


def source_for(address: str, registry: Registry) -> Source:
    """The source that is surest of an address.  Raises NotASource where none is."""
    surest = max(registry.all_sources, key=lambda source: source.recognises(address), default=None)
    if surest is None or surest.recognises(address) == 0:
        kinds = ", ".join(f"{source.name} ({source.summary})" for source in registry.all_sources)
        if "://" not in address and address != "-" and not Path(address).exists():
            raise NotASource(address, "no such file or folder")
        raise NotASource(address, f"not something that can be read; there are {kinds}")
    return surest


def gather(
    sources: Sources,
    job: Job,
    store: PreparedStore,
    warn: Warn,
    tell: Callable[[int], None],
    *,
    keep: Callable[[StoredEntry], None] = lambda entry: None,
) -> tuple[list[PreparedHeader], list[int]]:
    """Every selected entry, prepared; and how many entries each source gave.

    ``tell`` is told of each step, ``keep`` given each entry as it was stored.  What
    a source fails to give is a problem.
    """
    counts = [0] * len(sources.readings)
    origin_of = {reading.origin.address: at for at, reading in enumerate(sources.readings)}
    users = sources.users
    texts = _texts(job)

    def wanted() -> Iterator[StoredEntry]:
        for at, reading in enumerate(sources.readings):
            for entry in _read(reading, warn):
                counts[at] += 1
                if sift(entry, job.select, users):
                    found = msgspec.structs.replace(entry, origin=reading.origin.address)
                    keep(found)
                    yield found
                else:
                    tell(1)

    kept: list[PreparedHeader] = []
    for prepared in prepare_all(
        wanted(), prepare_options(job, sources), store, warn, jobs=job.jobs
    ):
        tell(1)
        if not matches(prepared, job.select):
            continue
        kept.append(_kept(prepared, origin_of, texts, emails=job.emails))
    return kept, counts


def prepare_options(job: Job, sources: Sources) -> PrepareOptions:
    """What shapes the prepared entries of this job."""
    return PrepareOptions(
        language=language(job, sources), dollar_math=job.dollar_math, max_body=job.max_body
    )


def language(job: Job, sources: Sources) -> str:
    """The language of the set: as asked for, else as the sources say, else English."""
    stated = (job.language, *(reading.origin.language for reading in sources.readings))
    return next((tag for each in stated if (tag := language_tag(each))), "en")


def _read(reading: Reading, warn: Warn) -> Iterator[StoredEntry]:
    try:
        yield from reading.entries()
    except SourceError as error:
        warn(Problem(path=error.address, reason=error.reason, severity="entry"))


def _kept(
    prepared: Prepared, origin_of: Mapping[str, int], texts: tuple[str, ...], *, emails: bool
) -> PreparedHeader:
    entry = prepared.entry if emails else _without_emails(prepared.entry)
    return PreparedHeader(
        entry=entry,
        mark=prepared.fingerprint or fingerprint(prepared),
        outgoing=Outgoing(prepared.links, prepared.answers),
        source=origin_of.get(entry.origin, 0),
        matched=frozenset(text for text in texts if matches(prepared, Selection(match=text))),
        pictured=bool(prepared.images),
    )


def _without_emails(entry: Entry) -> Entry:
    """Addresses of people are published only when asked for."""
    if not any(person.email for person in (*entry.authors, *entry.contributors)):
        return entry
    return msgspec.structs.replace(
        entry, authors=_anonymous(entry.authors), contributors=_anonymous(entry.contributors)
    )


def _anonymous(people: tuple[Person, ...]) -> tuple[Person, ...]:
    return tuple(Person(name=person.name, uri=person.uri) for person in people)


def _texts(job: Job) -> tuple[str, ...]:
    """What the outputs' own selections look for in the text."""
    selects = (request.select for request in job.outputs)
    return tuple(dict.fromkeys(each.match for each in selects if each and each.match))
