"""Feed documents as one reading: users, dates and order."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import unicodedata
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from convert.contract import SourceContext
from convert.model import Feed, Origin, Problem, StoredEntry, User
from convert.sources.feeds.document import UNDATED
from convert.sources.feeds.load import Loaded
from convert.sources.store import Store
from convert.text import dates


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subscription:
    """One feed of a reading: its documents, newest first, and the user it belongs to.

    ``copy`` are entries of the store that stand in for a feed that could not be read.
    """

    loaded: tuple[Loaded, ...]
    user: User
    feed: Feed
    copy: tuple[StoredEntry, ...] = ()


class FeedReading:
    """Opened feeds; satisfies ``convert.contract.Reading``."""

    def __init__(
        self,
        origin: Origin,
        subscriptions: Iterable[Subscription],
        context: SourceContext,
        store: Store,
        *,
        complete: bool = True,
        one: bool = False,
    ) -> None:
        """``one``: this is a single feed that the user chose, and its word on who wrote what
        is taken.  Among several, one could speak for the members of the others."""
        self._origin = origin
        self._subscriptions = tuple(subscriptions)
        self._context = context
        self._store = store
        self._complete = complete
        self._one = one
        self._users: dict[str, User] = {}
        self._feeds: dict[str, Feed] = {}
        self._user_of_source: dict[str, str] = {}
        for each in self._subscriptions:
            self._know(each)

    @property
    def origin(self) -> Origin:
        return self._origin

    @property
    def users(self) -> Mapping[str, User]:
        return MappingProxyType(self._users)

    @property
    def feeds(self) -> Mapping[str, Feed]:
        return MappingProxyType(self._feeds)

    @property
    def duplicates(self) -> Mapping[str, str]:
        return MappingProxyType({})

    @property
    def complete(self) -> bool:
        return self._complete

    def entries(self) -> Iterator[StoredEntry]:
        """Each feed's entries in the feed's own order; an id of an earlier page stands."""
        for subscription in self._subscriptions:
            yield from self._copied(subscription)
            seen: set[str] = set()
            for number, loaded in enumerate(subscription.loaded):
                document = loaded.document
                undated = 0
                for entry in document.entries:
                    # Within one document equal ids are for the set to judge.
                    if number and entry.id in seen:
                        continue
                    when = self._date(entry, document.feed)
                    undated += entry.updated == UNDATED
                    yield self._finished(entry, subscription, when)
                seen.update(entry.id for entry in document.entries)
                self._tell(loaded, undated)

    def file(self, path: str, entry_path: str) -> bytes | None:
        """Nothing lies beside a feed."""
        return None

    def _know(self, subscription: Subscription) -> None:
        self._feeds.setdefault(subscription.feed.id, subscription.feed)
        for loaded in subscription.loaded:
            sources = loaded.document.sources
            for source in sources.values():
                self._feeds.setdefault(source.id, source)
            for entry in loaded.document.entries:
                source_id = entry.source or ""
                if self._one and entry.user:
                    self._know_author(entry)
                elif source_id in sources and source_id not in self._user_of_source:
                    user = user_for(sources[source_id], self._store)
                    self._user_of_source[source_id] = user.username
                    self._add(user)
        if not self._one or all(
            not entry.user for loaded in subscription.loaded for entry in loaded.document.entries
        ):
            # Otherwise it is the feed of a whole group, and belongs to nobody in it.
            self._add(subscription.user)
        self._users = {name: self._users[name] for name in sorted(self._users)}

    def _know_author(self, entry: StoredEntry) -> None:
        source = self._feeds.get(entry.source or "")
        if entry.user and entry.user not in self._users:
            address = source.address if source else None
            self._users[entry.user] = User(
                username=entry.user,
                display_name=(source.title if source else "") or None,
                homepage=source.link if source else None,
                feeds=(address,) if address else (),
            )

    def _add(self, user: User) -> None:
        known = self._users.get(user.username)
        if known is not None:
            feeds = tuple(dict.fromkeys((*known.feeds, *user.feeds)))
            user = msgspec.structs.replace(known, feeds=feeds)
        self._users[user.username] = user

    def _copied(self, subscription: Subscription) -> Iterator[StoredEntry]:
        for entry in subscription.copy:
            yield msgspec.structs.replace(
                entry, user=subscription.user.username, origin=self._origin.address
            )

    def _finished(
        self, entry: StoredEntry, subscription: Subscription, when: dt.datetime
    ) -> StoredEntry:
        user = (
            (entry.user if self._one else "")
            or self._user_of_source.get(entry.source or "")
            or subscription.user.username
        )
        newest = max(when, entry.published or when)
        if dates.is_future(newest):
            field = entry.link or entry.id
            reason = f"{newest.date()} is in the future"
            self._context.warn(Problem(path=entry.path, field=field, reason=reason))
        return msgspec.structs.replace(entry, user=user, updated=when, origin=self._origin.address)

    def _date(self, entry: StoredEntry, feed: Feed) -> dt.datetime:
        """RSS demands no date: then when it was first stored, or what the feed says of itself."""
        if entry.updated != UNDATED:
            return entry.updated
        known = self._store.first_seen(entry.id) or feed.updated
        return known or (dates.now().replace(microsecond=0) if self._store.exists else UNDATED)

    def _tell(self, loaded: Loaded, undated: int) -> None:
        if undated:
            some = "1 entry has" if undated == 1 else f"{undated} entries have"
            reason = f"{some} no date; the feed's own, or that of the first storing, is used"
            self._context.warn(Problem(path=loaded.name, reason=reason))


def user_for(feed: Feed, store: Store, *, name: str = "") -> User:
    """The user that a feed belongs to: the store's, else one named after ``name`` or the site."""
    username = store.username(feed.address) or store.username(feed.id)
    return User(
        username=username or slug(name) or _site(feed.link or feed.address) or "feed",
        display_name=name or feed.title or None,
        homepage=feed.link,
        icon=feed.icon,
        feeds=(feed.address,) if feed.address else (),
    )


def slug(name: str) -> str:
    """A name as a username: "Anil Madhavapeddy's Blog" is "anil-madhavapeddys-blog"."""
    plain = unicodedata.normalize("NFC", name).casefold()
    plain = re.sub(r"['’]", "", plain)
    return re.sub(r"[^\w.]+", "-", plain).strip("-._")[:80]


def _site(address: str | None) -> str:
    """The site of a feed: its host, and the first folder where many share the host."""
    if not address:
        return ""
    try:
        parts = urllib.parse.urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    folder = next((part for part in parts.path.split("/") if part), "")
    shared = "." not in folder and folder.lower() not in {"", "blog", "feed", "feeds", "rss"}
    return slug(f"{host}-{urllib.parse.unquote(folder)}" if shared else host)
