"""Feed documents as one reading: users, dates and order."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
import unicodedata
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from convert.contract import SourceContext
from convert.copied import SourceCopy, SourceHead
from convert.model import Feed, Origin, Problem, StoredEntry, User
from convert.sources.feeds import entry_dates, identity
from convert.sources.feeds.document import UNDATED
from convert.sources.feeds.load import Loaded
from convert.sources.store import Store
from convert.text import dates, future, stale
from convert.text.characters import several, shortened


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subscription:
    """One feed of a reading: its documents, newest first, and the user it belongs to.

    ``address`` is what it is known by.  ``copy`` gives the entries that could not be read, if there
    is one: what is ``cut`` off, or those that it shows and that are ``unread``, by their ids.
    """

    address: str
    loaded: tuple[Loaded, ...] = ()
    user: User
    feed: Feed
    copy: SourceCopy | None = None
    cut: bool = False
    unread: frozenset[str] = frozenset()

    @property
    def lost(self) -> tuple[str, ...]:
        """The addresses of what could not be read of it."""
        if self.cut or self.stale:
            return (self.address,)
        return tuple(f"{self.address}#{id_}" for id_ in sorted(self.unread))

    @property
    def whole(self) -> bool:
        """Whether nothing is cut off, and nothing stands in for what could not be read: an entry
        that never was published lacks nothing."""
        return not self.cut and self.copy is None

    @property
    def stale(self) -> bool:
        """Whether a document is an older copy, because its host failed since."""
        return any(each.stale for each in self.loaded)


class _People:
    """The users and feeds of one subscription, and which user an entry belongs to.

    ``one``: what the feed says of who wrote what is taken.
    """

    def __init__(self, subscription: Subscription, store: Store, *, one: bool) -> None:
        copy = subscription.copy
        self.users = {each.username: each for each in copy.head.users} if copy else {}
        self.feeds = {each.id: each for each in copy.head.feeds} if copy else {}
        self._one = one
        self._owner = subscription.user.username
        self._user_of_source: dict[str, str] = {}
        if copy is not None and not subscription.loaded:
            return
        self.feeds.setdefault(subscription.feed.id, subscription.feed)
        names_users = False
        for document in (loaded.document for loaded in subscription.loaded):
            for source in document.sources.values():
                self.feeds.setdefault(source.id, source)
            for entry in document.entries:
                names_users = names_users or bool(entry.user)
                source_id = entry.source or ""
                if one and entry.user:
                    feed = self.feeds.get(source_id, Feed(id=""))
                    author = User(
                        username=entry.user,
                        display_name=feed.title or None,
                        homepage=feed.link,
                        feeds=(feed.address,) if feed.address else (),
                    )
                    self.users.setdefault(entry.user, author)
                elif source_id in document.sources and source_id not in self._user_of_source:
                    user = user_for(document.sources[source_id], store)
                    self._user_of_source[source_id] = user.username
                    add_user(self.users, user)
        # The feed of a whole group, ours, belongs to nobody in it; nor does one that never
        # answered belong to anybody yet.
        if not (one and names_users) and subscription.loaded:
            add_user(self.users, subscription.user)

    def user_of(self, entry: StoredEntry) -> str:
        """Return the username that an entry belongs to."""
        user = entry.user if self._one else ""
        return user or self._user_of_source.get(entry.source or "") or self._owner


class FeedReading:
    """Opened feeds; satisfies ``convert.contract.PartedReading``."""

    def __init__(
        self,
        origin: Origin,
        subscriptions: Iterable[Subscription],
        context: SourceContext,
        store: Store,
        *,
        lost: Iterable[str] = (),
        one: bool = False,
    ) -> None:
        """``lost`` are the addresses of feeds that are in no subscription.  ``one``: this is a
        single feed that the user chose, and its word on who wrote what is taken.  Among several,
        one could speak for the members of the others."""
        self._origin = origin
        self._context = context
        self._store = store
        self._one = one
        self._parts = tuple((each, _People(each, store, one=one)) for each in subscriptions)
        unread = (place for each, _ in self._parts for place in each.lost)
        self._lost = (*unread, *lost)
        self._users: dict[str, User] = {}
        self._feeds: dict[str, Feed] = {}
        for _, people in self._parts:
            for feed in people.feeds.values():
                self._feeds.setdefault(feed.id, feed)
            for user in people.users.values():
                add_user(self._users, user)
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
    def lost(self) -> tuple[str, ...]:
        return self._lost

    def entries(self) -> Iterator[StoredEntry]:
        """Yield each feed's entries in the feed's own order; an id of an earlier page stands."""
        for subscription, people in self._parts:
            yield from self._entries(subscription, people)

    def places(self) -> tuple[str, ...]:
        """Return the addresses of the feeds."""
        return tuple(subscription.address for subscription, _ in self._parts)

    def lent(self) -> tuple[SourceHead, ...]:
        """Return nothing: no file says anything of several feeds."""
        return ()

    def parts(self) -> Iterator[SourceCopy]:
        """Yield what each feed gave, as it stands in ``entries``."""
        for subscription, people in self._parts:
            head = SourceHead(
                address=subscription.address,
                origin=self._origin if self._one else None,
                users=tuple(people.users.values()),
                feeds=tuple(people.feeds.values()),
            )
            answers = [each.answered for each in subscription.loaded if each.answered]
            fresh = subscription.whole and not subscription.stale
            yield SourceCopy(
                head,
                tuple(self._entries(subscription, people)),
                min(answers, default=None),
                subscription.whole,
                self._store.folder(subscription.address) if fresh else None,
                bool(subscription.loaded),
            )

    def _entries(self, subscription: Subscription, people: _People) -> Iterator[StoredEntry]:
        address = self._origin.address
        rule = self._context.future_dates
        seen: set[str] = set()
        for number, loaded in enumerate(subscription.loaded):
            feed, entries = loaded.document.feed, loaded.document.entries
            of_feed = feed.updated
            if rule == "ignore_date" and of_feed is not None and dates.is_future(of_feed):
                of_feed = None
            ahead = 0
            used: collections.Counter[str] = collections.Counter()
            for stated in entries:
                entry = future.past(stated, UNDATED) if rule == "ignore_date" else stated
                # Within one document equal ids are for the set to judge.
                if number and entry.id in seen:
                    continue
                updated = entry.updated
                if updated == UNDATED:
                    # RSS demands no date.
                    stored = self._store.first_seen(subscription.address, entry.id)
                    updated, called = entry_dates.stand_in(stored, of_feed)
                    used[called] += entry is stated
                ahead += entry is not stated
                user = people.user_of(entry)
                yield msgspec.structs.replace(entry, user=user, updated=updated, origin=address)
            seen.update(entry.id for entry in entries)
            if used := +used:
                self._context.warn(Problem(path=loaded.name, reason=entry_dates.undated(used)))
            if ahead:
                self._context.warn(Problem(path=loaded.name, reason=future.ignored(ahead, rule)))
        if subscription.copy is not None:
            read = [each for loaded in subscription.loaded for each in loaded.document.entries]
            for entry in _unlike(read, subscription.copy.entries):
                yield msgspec.structs.replace(entry, origin=address)

    def file(self, path: str, entry_path: str) -> bytes | None:
        """Return None: nothing lies beside a feed."""
        return None


def add_user(users: dict[str, User], user: User) -> None:
    """Add a user; one who is there already gets the further feeds."""
    there = users.get(user.username)
    if there is not None:
        user = msgspec.structs.replace(
            there, feeds=tuple(dict.fromkeys((*there.feeds, *user.feeds)))
        )
    users[user.username] = user


def _unlike(read: Iterable[StoredEntry], copied: Iterable[StoredEntry]) -> Iterator[StoredEntry]:
    """Yield the entries of a copy that are not among those that were read: of one id there may be
    several, which their titles tell apart."""
    titles = collections.defaultdict(set)
    for entry in read:
        titles[entry.id].add(entry.title)
    if not titles:
        yield from copied
        return
    # A title that is new may be that of one of them.
    missing = collections.Counter(entry.id for entry in copied)
    missing.subtract({id_: len(each) for id_, each in titles.items()})
    for entry in copied:
        if missing[entry.id] > 0 and entry.title not in titles[entry.id]:
            missing[entry.id] -= 1
            yield entry


def subscribe(
    address: str,
    loaded: tuple[Loaded, ...],
    user: User,
    feed: Feed,
    store: Store,
    *,
    missing: str = "",
    held: bool,
) -> Subscription:
    """Return a feed that could be read, and what it gave before in place of what could not.

    ``missing`` is why pages of it are, ``held`` tells whether there were entries of it.  What fails
    is one line, with what stands in for it.
    """
    context = store.context
    by_link = context.said_of(address).ids == "link"
    shown = [
        (
            each.document.feed,
            msgspec.structs.replace(entry, id=entry.link) if by_link and entry.link else entry,
        )
        for each in loaded
        for entry in each.document.entries
    ]
    identified = identity.identify(shown, lambda link: link in store.dates(address))
    for note in identified.notes:
        context.warn(Problem(path=address, reason=note))
    named = iter(identified.entries)
    loaded = tuple(
        dataclasses.replace(each, document=dataclasses.replace(each.document, entries=entries))
        for each in loaded
        for entries in (tuple(filter(None, itertools.islice(named, len(each.document.entries)))),)
    )
    cut = next((each.document.cut for each in loaded if each.document.cut), missing)
    unnamed = several([each.document.unnamed for each in loaded if each.document.unnamed])
    missing = cut or (unnamed and f"{unnamed} could not be read, without an id that tells which")
    unread = frozenset(id_ for each in loaded for id_ in each.document.unread)
    if not unread and not any(each.document.entries for each in loaded):
        failure = missing or "holds no entry any more"
        empty = last_copy(address, failure, store, store.published(address))
        if empty is not None:
            return empty
        if held and not missing:
            cut = missing = f"{failure}; if that is meant: --prune"
    copy = store.published(address) if missing or unread else None
    if copy is not None and not missing:
        entries = tuple(each for each in copy.entries if each.id in unread)
        copy = copy._replace(entries=entries) if entries else None
    if copy is not None:
        rest = "the rest of what it gave before" if missing else "what it gave before"
        reason = missing or f"{several([*map(shortened, sorted(unread))])} could not be read"
        context.warn(
            stale.stand_in(
                address, reason, rest, copy.answered, context.max_stale, newest=copy.newest
            )
        )
    elif cut:
        rest = "; what can be read is used" if any(each.document.entries for each in loaded) else ""
        context.warn(Problem(path=address, reason=f"{cut}{rest}", of_source=True))
    return Subscription(
        address=address,
        loaded=loaded,
        user=user,
        feed=feed,
        copy=copy,
        cut=bool(missing),
        unread=unread,
    )


def last_copy(
    address: str, reason: str, store: Store, copy: SourceCopy | None
) -> Subscription | None:
    """Return a copy in place of a feed that cannot be read, and report it; None without one."""
    if copy is None:
        return None
    before, context = "what it gave before", store.context
    context.warn(
        stale.stand_in(
            address, reason, before, copy.answered, context.max_stale, newest=copy.newest
        )
    )
    feed = next(iter(copy.head.feeds), None) or Feed(id=address, address=address)
    user = next(iter(copy.head.users), None) or user_for(feed, store)
    return Subscription(address=address, user=user, feed=feed, copy=copy, cut=True)


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
