"""From prepared headers to entry sets: duplicates, choice, relations, once for each selection."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from convert.cache.bodies import PreparedBodies
from convert.collection import duplicates
from convert.collection import select as selection
from convert.collection.marks import Marks
from convert.collection.relate import relate
from convert.contract import Order
from convert.entryset import EntrySet, Originals
from convert.model import Entry, ImageReference, Origin, Person, Problem
from convert.run import naming
from convert.run.emails import feed_without, user_without
from convert.run.gather import PreparedHeader
from convert.run.sources import Sources
from convert.run.standings import standings
from convert.settings.job import Job, Publication, Selection
from convert.text import names
from convert.text.dates import source_date, today


class Assembly:
    """Builds the entry sets of a job from what was gathered, each selection once."""

    def __init__(
        self,
        job: Job,
        sources: Sources,
        headers: Sequence[PreparedHeader],
        store: PreparedBodies,
        warn: Callable[[Problem], None],
        *,
        originals: Originals | None = None,
        marks: Marks | None = None,
        stored: bool = False,
    ) -> None:
        self._job = job
        self._originals = originals
        self.marks = marks or Marks()
        self._sources = sources
        self._store = store
        self._gathered = headers
        self._wanted = sources.wanted(job)
        self._kept = _only(
            self._wanted.newest,
            _one_of_each(job, sources, headers, store, warn, stored=stored),
        )
        self._users, self._feeds = self._wanted.users, sources.feeds
        if not job.emails:
            self._users = {name: user_without(user) for name, user in self._users.items()}
            self._feeds = {id_: feed_without(feed) for id_, feed in self._feeds.items()}
        self._sets: dict[Selection | None, EntrySet] = {}
        self.now = the_moment(sources, [each.entry for each in self._kept])

    @property
    def publication(self) -> Publication:
        """What the outputs are called as a whole."""
        return naming.publication(self._job, self._sources)

    def set_of(self, select: Selection | None, order: Order) -> EntrySet:
        """Return the entries that the job and then ``select`` ask for, related, in that order."""
        if select not in self._sets and select is not None:
            # Of one whole: an entry has the same key in every output.
            whole = self.set_of(None, "oldest")
            chosen = {each.entry.id for each in self._chosen(select, self._kept)}
            self._sets[select] = whole.only(entry for entry in whole if entry.id in chosen)
        elif select not in self._sets:
            related = relate(
                [each.entry for each in self._kept],
                [each.outgoing for each in self._kept],
                publication=self.publication,
                bodies=self._store,
                order="oldest",
                users=self._users,
                feeds=self._feeds,
                origins=self._sources.origins,
                now=self.now,
            )
            self._sets[None] = dataclasses.replace(related, originals=self._originals)
        entries = self._sets[select]
        if order == "oldest":
            return entries
        return dataclasses.replace(entries, entries=entries.entries[::-1])

    def selected(self, select: Selection | None) -> frozenset[tuple[str, str, str]]:
        """Return origin, path and id of all that the job and then ``select`` ask for,
        duplicates among them."""
        headers = self._let_through
        if select is not None:
            # What stays of duplicates may be older than what goes, and counts in its place.
            both = (*self._chosen(select, headers), *self._chosen(select, self._kept))
            headers = self._as_gathered(both)
        return frozenset((each.entry.origin, each.entry.path, each.entry.id) for each in headers)

    def let_through(self) -> Iterator[tuple[int, Entry]]:
        """Yield all that the job asks for, duplicates among them, each as it was gathered and
        with the index of its reading."""
        for each in self._let_through:
            yield each.source, each.entry

    @cached_property
    def _let_through(self) -> list[PreparedHeader]:
        return self._as_gathered((*_only(self._wanted.newest, self._gathered), *self._kept))

    def _as_gathered(self, headers: Iterable[PreparedHeader]) -> list[PreparedHeader]:
        """Return these as they were gathered: what stays of duplicates may have another id."""
        chosen = {(each.source, each.entry.path, each.entry.digest) for each in headers}
        return [
            each
            for each in self._gathered
            if (each.source, each.entry.path, each.entry.digest) in chosen
        ]

    def traced(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Origin, bool]]:
        """Yield each of these entries under the id that its source gave it, the source, and whether
        its id is another one here."""
        gathered = {
            (each.entry.origin, each.entry.path, each.entry.digest): each for each in self._gathered
        }
        for entry in entries:
            each = gathered[entry.origin, entry.path, entry.digest]
            origin = self._sources.readings[each.source].origin
            yield each.entry, origin, each.entry.id != entry.id

    def __len__(self) -> int:
        return len(self._kept)

    def pictures(self) -> Iterator[tuple[Entry, int, tuple[ImageReference, ...]]]:
        """Yield each entry that shows pictures, the index of its reading, and the pictures."""
        shown = [each for each in self._kept if each.pictured]
        loaded = self._store.load(each.entry.digest for each in shown)
        for each, prepared in zip(shown, loaded, strict=True):
            yield each.entry, each.source, prepared.images

    def shown_by(self, entries: EntrySet, *, icons: bool) -> Iterator[str]:
        """Yield the REFs of the pictures that entries show, and of the ``icons`` of people."""
        for entry in entries:
            yield from self.references.get(entry.digest, ())
        for user in entries.users.values() if icons else ():
            if user.icon:
                yield names.picture_ref(user.icon)

    @cached_property
    def references(self) -> Mapping[str, tuple[str, ...]]:
        """The REFs of the pictures that each entry shows, by its digest."""
        return {
            entry.digest: tuple(each.ref for each in references)
            for entry, _, references in self.pictures()
        }

    def rights(self) -> Iterator[tuple[tuple[str, str], int]]:
        """Yield who says what of rights, and of how many entries; by author."""
        counted: collections.Counter[tuple[str, str]] = collections.Counter()
        for each in self._kept:
            if each.entry.rights:
                people = each.entry.authors or (Person(name=each.entry.user),)
                counted.update((person.name, each.entry.rights) for person in people)
        yield from sorted(counted.items())

    def _chosen(self, select: Selection, among: Sequence[PreparedHeader]) -> list[PreparedHeader]:
        answering = [
            each
            for each in among
            if selection.sift(each.entry, select, self._wanted.users, self._wanted.folders)
            and each.matched.issuperset(select.match)
        ]
        return _only(partial(selection.newest_of, select=select), answering)


def the_moment(sources: Sources, entries: Sequence[Entry]) -> dt.datetime:
    """Return the only clock of the outputs: SOURCE_DATE_EPOCH, else the newest commit that was
    read, else the newest ``updated`` that does not lie in the future."""
    if (stated := source_date()) is not None:
        return stated
    origins = [reading.origin for reading in sources.readings]
    commits = [origin.committed for origin in origins if origin.committed is not None]
    if commits and len(commits) == len(origins):
        return max(commits)
    now = today()
    past = [entry.updated for entry in entries if entry.updated <= now]
    return max([*past, *commits], default=dt.datetime(1970, 1, 1, tzinfo=dt.UTC))


def _one_of_each(
    job: Job,
    sources: Sources,
    headers: Sequence[PreparedHeader],
    store: PreparedBodies,
    warn: Callable[[Problem], None],
    *,
    stored: bool,
) -> list[PreparedHeader]:
    """Return one of each set of duplicates."""
    resolution = duplicates.resolve(
        [each.entry for each in headers],
        [each.mark for each in headers],
        standings(sources, headers, sources.declared(job, warn)),
        store,
        stored=stored,
        several=sources.several,
    )
    for problem in resolution.problems:
        warn(problem)
    stay = iter(resolution.entries)
    upcoming = next(stay, None)
    resolved = []
    for each in headers:
        # Both run in one order; an entry that stays may have a new id, but not a new digest.
        if upcoming is not None and (each.entry.digest, each.entry.path, each.entry.origin) == (
            upcoming.digest,
            upcoming.path,
            upcoming.origin,
        ):
            resolved.append(each._replace(entry=upcoming))
            upcoming = next(stay, None)
    return resolved


def _only(
    choose: Callable[[Sequence[Entry]], Sequence[Entry]], headers: Sequence[PreparedHeader]
) -> list[PreparedHeader]:
    """Return those whose entries are chosen."""
    stay = {id(entry) for entry in choose([each.entry for each in headers])}
    return [each for each in headers if id(each.entry) in stay]
