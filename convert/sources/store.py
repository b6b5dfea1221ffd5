"""What is known of a feed already: from earlier runs, beside the outputs that they made, and from
the Thicket repository that this run writes.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from convert.contract import SourceContext
from convert.copied import SourceCopy, SourceHead
from convert.errors import SourceError
from convert.model import Feed, StoredEntry, User
from convert.sources.thicket import place
from convert.sources.thicket.source import ThicketReading
from convert.text import stale


class _AlsoIds(msgspec.Struct, frozen=True):
    """Further ids that feeds gave an entry later, as our own ``thicket`` exporter notes them."""

    also_ids: list[str] = []


class Former(NamedTuple):
    """An entry as earlier runs knew it; ``words`` stand for its text."""

    id: str
    link: str | None
    published: dt.datetime | None
    updated: dt.datetime
    title: str
    words: int

    @classmethod
    def of(cls, entry: StoredEntry) -> Self:
        """Return what is remembered of an entry."""
        words = hash(entry.content or entry.summary or "")
        title = entry.title.strip()
        return cls(entry.id, entry.link, entry.published, entry.updated, title, words)


@dataclasses.dataclass(frozen=True)
class Store:
    """What ``context.known`` and ``context.store`` hold; nothing where there is none yet.  The
    repository is read on first use."""

    context: SourceContext

    @property
    def users(self) -> Mapping[str, User]:
        """The users of the repository as it was when this run began."""
        return self._reading.users if self._reading else {}

    def username(self, address: str | None) -> str | None:
        """Return the user that the store's index.json gives a feed's address to."""
        users = self.users.values()
        return next((user.username for user in users if address in user.feeds), None)

    def first_seen(self, address: str, identity: str) -> dt.datetime | None:
        """Return the date that an entry of this id, of the feed at this address, got when it was
        first stored or published."""
        if (stored := self._dates.get(identity)) is not None:
            return stored
        return next((each.updated for each in self._known_by(address, identity)), None)

    def knew(self, address: str, entry: StoredEntry, identity: str) -> bool:
        """Return whether earlier runs knew an entry of a feed by this id."""
        if not (self.context.had(address, identity) or identity in self._dates):
            return False
        before = next(self._known_by(address, identity), None)
        if before is None:
            return identity.startswith("urn:uuid:")  # made of its traits: nobody else's
        return before.title == entry.title.strip() or before.published == entry.published

    def bearers(self, address: str, feed: str, identity: str) -> Sequence[Former]:
        """Return the entries that earlier runs had from a feed, by its address and its id, and that
        are known by an id or share it."""
        of_feed = (self._of_source.get((each, identity), ()) for each in {address, feed})
        return [*self._before(address).get(identity, ()), *itertools.chain.from_iterable(of_feed)]

    @cached_property
    def _of_source(self) -> Mapping[tuple[str | None, str], Sequence[Former]]:
        """The entries of the repository, by the id of their feed and what they bear as ids."""
        bearers = collections.defaultdict(list)
        for entry in self._entries:
            for id_ in {entry.id, entry.shared_id or entry.id}:
                bearers[entry.source, id_].append(Former.of(entry))
        return bearers

    @cached_property
    def stored(self) -> frozenset[tuple[str, str]]:
        """The usernames and ids of the entries of the repository."""
        return frozenset((entry.user, entry.id) for entry in self._entries)

    def _known_by(self, address: str, identity: str) -> Iterator[Former]:
        before = self._before(address).get(identity, ())
        return (each for each in before if each.id == identity)

    def _before(self, address: str) -> Mapping[str, Sequence[Former]]:
        """Return what was published from a feed, by what it bore as ids."""
        if address not in self._published:
            copy = self.published(address)
            bearers = self._published[address] = collections.defaultdict(list)
            for entry in copy.entries if copy is not None else ():
                for id_ in {entry.id, entry.shared_id or entry.id}:
                    bearers[id_].append(Former.of(entry))
        return self._published[address]

    def published(self, address: str) -> SourceCopy | None:
        """Return what earlier runs published from a feed, else what the repository holds of it;
        None where there is no entry of it."""
        copy = self.context.known(address)
        if copy is not None and next(iter(copy.entries), None):
            return copy
        return self._held(address)

    def copy(self, address: str) -> SourceCopy | None:
        """Return the same, else what a run noted that selected none of its entries."""
        return self.published(address) or self.context.known(address)

    def title(self, address: str) -> str | None:
        """Return the title that a feed had when it was last published."""
        copy = self.context.known(address)
        if copy is None:
            return None
        if copy.head.origin is not None:
            return copy.head.origin.title
        return next((each.title for each in copy.head.feeds if each.title), None)

    def folder(self, address: str) -> Path | None:
        """Return the folder of the repository that a feed's entries go to.  Its date is when
        a run last noted that the feed answered, or any other."""
        if self.context.store is None:
            return None
        # A member who is new to the repository is in it once it is written.
        for users in (self.users, self._users_now()):
            for user in users.values():
                if address in user.feeds:
                    return self.context.store / user.directory if user.directory else None
        return None

    def _users_now(self) -> Mapping[str, User]:
        """Return the users of the repository as it is now, read once for each state of it."""
        try:
            state = (Path(self.context.store or "") / "index.json").stat().st_mtime_ns
        except OSError:
            return {}
        if state not in self._later:
            reading = self._opened()
            self._later[state] = reading.users if reading else {}
        return self._later[state]

    @cached_property
    def _later(self) -> dict[int, Mapping[str, User]]:
        return {}

    @cached_property
    def _published(self) -> dict[str, dict[str, list[Former]]]:
        return {}

    def _held(self, address: str) -> SourceCopy | None:
        users = self.users
        owner = users.get(self.username(address) or "")
        # A file names its feed by id, an index by address; older ones say no id.
        others = {each for each in (owner.feeds if owner else ()) if each != address}
        others |= {each.id for each in (owner.described if owner else ()) if each.address in others}
        entries = tuple(
            entry
            for entry in self._entries
            if entry.source == address
            or (owner and entry.user == owner.username and entry.source not in others)
        )
        if not entries:
            return None
        owner = owner or users.get(entries[0].user) or User(username=entries[0].user)
        ids = dict.fromkeys((address, *(entry.source for entry in entries if entry.source)))
        itself = next(
            (each for each in owner.described if each.address == address), Feed(id=address)
        )
        feed = msgspec.structs.replace(
            itself,
            title=itself.title or owner.name,
            address=address,
            link=itself.link or owner.homepage,
        )
        head = SourceHead(
            address=address,
            users=(msgspec.structs.replace(owner, email=None, directory=None),),
            feeds=tuple(msgspec.structs.replace(feed, id=each) for each in ids),
        )
        folder = self.folder(address)
        answered = None
        if folder is not None and folder.is_dir():
            answered = stale.noted(folder.stat().st_mtime_ns)
        newest = max(entry.updated for entry in entries)
        of_owner = (msgspec.structs.replace(each, user=owner.username) for each in entries)
        return SourceCopy(head, tuple(of_owner), answered, newest=newest)

    @cached_property
    def _reading(self) -> ThicketReading | None:
        return self._opened()

    def _opened(self) -> ThicketReading | None:
        folder = self.context.store
        if folder is None or not Path(folder).is_dir():
            return None
        # This run reads feeds; what is wrong in the store is told where it is read itself.
        quiet = dataclasses.replace(self.context, warn=lambda problem: None, rev=None)
        try:
            return ThicketReading(place.locate(str(folder), None), quiet)
        except SourceError:
            return None

    @cached_property
    def _entries(self) -> tuple[StoredEntry, ...]:
        return tuple(self._reading.entries()) if self._reading else ()

    @cached_property
    def _dates(self) -> Mapping[str, dt.datetime]:
        """Dates by id; what an entry is called first goes before another's further ids."""
        further: dict[str, dt.datetime] = {}
        for entry in self._entries:
            if b'"also_ids"' in entry.stored:
                with contextlib.suppress(msgspec.MsgspecError):  # somebody else's key
                    also = msgspec.json.decode(entry.stored, type=_AlsoIds).also_ids
                    further |= dict.fromkeys(also, entry.updated)
        return further | {entry.id: entry.updated for entry in self._entries}


def newest_missing(copy: SourceCopy | None, shown: Set[str], unnamed: int) -> frozenset[str]:
    """Return the ids of the entries of a copy that may be those which bear none and cannot be read,
    but could then: as many as there are more now, the newest of what the feed shows no more."""
    if copy is None or copy.head.unnamed is None or copy.head.unnamed >= unnamed:
        return frozenset()
    # What rolls off a feed is the oldest of it.
    gone = sorted(
        (each for each in copy.entries if each.id not in shown),
        key=lambda each: each.published or each.updated,
        reverse=True,
    )
    return frozenset(each.id for each in gone[: unnamed - copy.head.unnamed])
