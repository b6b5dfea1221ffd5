"""Feed documents as one reading: users, dates and order."""

from __future__ import annotations

import dataclasses
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

    loaded: tuple[Loaded, ...] = ()
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
        for subscription in self._subscriptions:
            self._feeds.setdefault(subscription.feed.id, subscription.feed)
            names_users = False
            for document in (loaded.document for loaded in subscription.loaded):
                for source in document.sources.values():
                    self._feeds.setdefault(source.id, source)
                for entry in document.entries:
                    names_users = names_users or bool(entry.user)
                    source_id = entry.source or ""
                    if self._one and entry.user:
                        feed = self._feeds.get(source_id, Feed(id=""))
                        author = User(
                            username=entry.user,
                            display_name=feed.title or None,
                            homepage=feed.link,
                            feeds=(feed.address,) if feed.address else (),
                        )
                        self._users.setdefault(entry.user, author)
                    elif source_id in document.sources and source_id not in self._user_of_source:
                        user = user_for(document.sources[source_id], self._store)
                        self._user_of_source[source_id] = user.username
                        self._add(user)
            # The feed of a whole group, ours, belongs to nobody in it.
            if not (self._one and names_users):
                self._add(subscription.user)
        self._users = {name: self._users[name] for name in sorted(self._users)}

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
        """Yield each feed's entries in the feed's own order; an id of an earlier page stands."""
        address = self._origin.address
        now = dates.now().replace(microsecond=0) if self._store.exists else UNDATED
        for subscription in self._subscriptions:
            owner = subscription.user.username
            for entry in subscription.copy:
                yield msgspec.structs.replace(entry, user=owner, origin=address)
            seen: set[str] = set()
            for number, loaded in enumerate(subscription.loaded):
                feed, entries = loaded.document.feed, loaded.document.entries
                undated = 0
                for entry in entries:
                    # Within one document equal ids are for the set to judge.
                    if number and entry.id in seen:
                        continue
                    updated = entry.updated
                    if updated == UNDATED:
                        # RSS demands no date: then that of the first storing, or the feed's.
                        undated += 1
                        updated = self._store.first_seen(entry.id) or feed.updated or now
                    newest = max(updated, entry.published or updated)
                    if dates.is_future(newest):
                        field, reason = entry.link or entry.id, f"{newest.date()} is in the future"
                        self._context.warn(Problem(path=entry.path, field=field, reason=reason))
                    user = entry.user if self._one else ""
                    user = user or self._user_of_source.get(entry.source or "") or owner
                    yield msgspec.structs.replace(entry, user=user, updated=updated, origin=address)
                seen.update(entry.id for entry in entries)
                if undated:
                    some = "1 entry has" if undated == 1 else f"{undated} entries have"
                    reason = (
                        f"{some} no date; the feed's own, or that of the first storing, is used"
                    )
                    self._context.warn(Problem(path=loaded.name, reason=reason))

    def file(self, path: str, entry_path: str) -> bytes | None:
        """Return None: nothing lies beside a feed."""
        return None

    def _add(self, user: User) -> None:
        known = self._users.get(user.username)
        if known is not None:
            feeds = tuple(dict.fromkeys((*known.feeds, *user.feeds)))
            user = msgspec.structs.replace(known, feeds=feeds)
        self._users[user.username] = user


def last_copy(
    address: str, reason: str, context: SourceContext, store: Store
) -> Subscription | None:
    """Return what the store holds of a feed that cannot be read, and warn of its age.

    None where the store holds nothing of it.
    """
    feed = Feed(id=address, address=address)
    copy = store.copy(feed)
    if not copy:
        return None
    newest = max(entry.updated for entry in copy).date()
    stand_in = f"the {len(copy)} entries of it in the store, the newest of {newest}, are used"
    context.warn(Problem(path=address, reason=f"{reason}; {stand_in}"))
    return Subscription(user=user_for(feed, store), feed=feed, copy=copy)


def user_for(feed: Feed, store: Store, *, name: str = "") -> User:
    """Return the user that a feed belongs to: the store's, else one named after ``name`` or
    the site."""
    username = store.username(feed.address) or store.username(feed.id) or slug(name)
    if not username:
        # The site is the host, and the first folder where many share the host.
        parts = urllib.parse.urlsplit(feed.link or feed.address or "")
        site = (parts.hostname or "").removeprefix("www.")
        folder = next((part for part in parts.path.split("/") if part), "")
        if "." not in folder and folder.lower() not in {"", "blog", "feed", "feeds", "rss"}:
            site = f"{site}-{urllib.parse.unquote(folder)}"
        username = slug(site) or "feed"
    return User(
        username=username,
        display_name=name or feed.title or None,
        homepage=feed.link,
        icon=feed.icon,
        feeds=(feed.address,) if feed.address else (),
    )


def slug(name: str) -> str:
    """Return a name as a username: "Anil Madhavapeddy's Blog" is "anil-madhavapeddys-blog"."""
    plain = unicodedata.normalize("NFC", name).casefold()
    # An apostrophe belongs to the word; all else that is no letter parts words.
    plain = re.sub(r"['’]", "", plain)
    return re.sub(r"[^\w.]+", "-", plain).strip("-._")[:80]
