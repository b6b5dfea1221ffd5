"""Feed documents as one reading: users, dates and order."""

from __future__ import annotations

import collections
import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import msgspec

from convert.contract import SourceContext
from convert.copied import SourceCopy, SourceHead
from convert.model import Feed, ListedFeed, Origin, Problem, StoredEntry, User
from convert.sources.feeds import entry_dates, identity
from convert.sources.feeds.document import UNDATED
from convert.sources.feeds.load import Loaded
from convert.sources.feeds.owners import Owners, add_user, member_of, user_of
from convert.sources.store import Store, newest_missing
from convert.text import dates, future, members, stale
from convert.text.characters import several, shortened
from convert.text.members import Bearer, Claim
from convert.text.names import fold


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subscription:
    """One feed of a reading: its documents, newest first, and the user it belongs to.

    ``address`` is what it is known by.  ``copy`` gives the entries that could not be read, if there
    is one: what is ``cut`` off, or those that it shows and that are ``unread``, by their ids.
    """

    address: str
    loaded: tuple[Loaded, ...] = ()
    user: User
    named: bool = False
    """Whether a list says that its user is called so, whoever else is."""
    feed: Feed
    copy: SourceCopy | None = None
    cut: bool = False
    unread: frozenset[str] = frozenset()
    unnamed: int | None = 0
    """How many without an id cannot be read, and could not when nothing was missing."""

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
        single feed that the user chose, and its word on who wrote what is taken.  Where there are
        others it speaks for itself alone, and for those who are nobody else's."""
        self._origin = origin
        self._context = context
        self._store = store
        self._one = one
        self._parts = tuple((each, _owners_of(each)) for each in subscriptions)
        unread = (place for each, _ in self._parts for place in each.lost)
        self._lost = (*unread, *lost)
        self.call(members.settle(self._claims(alone=one), self.recorded))
        known = frozenset(map(fold, store.users))
        for subscription, owners in self._parts:
            if namesakes := list(owners.namesakes(known)):
                reason = f"is no feed that the store has of {several(namesakes)}: its entries stay"
                way_out = "apart; if it is theirs, add its address to their feeds in index.json"
                context.warn(Problem(path=subscription.address, reason=f"{reason} {way_out}"))

    def claims(self) -> Sequence[Claim]:
        """Return how the members want to be called where there are other sources, too."""
        return self._claims(alone=False)

    def _claims(self, *, alone: bool) -> Sequence[Claim]:
        stored = (members.named(user, "stored") for user in self._store.users.values())
        of_feeds = (owners.claims(alone=alone) for _, owners in self._parts)
        return (*stored, *itertools.chain.from_iterable(of_feeds))

    def call(self, bearers: Sequence[Bearer]) -> None:
        """Take how those of ``claims`` are called, in their order."""
        rest = iter(bearers[len(self._store.users) :])
        users: dict[str, User] = {}
        for _, owners in self._parts:
            owners.call(tuple(itertools.islice(rest, len(owners))))
            for user in owners.users.values():
                add_user(users, user)
        self._users = {name: users[name] for name in sorted(users)}
        # What a feed says of itself goes before what others say of it.
        self._feeds = {
            id_: feed
            for own in (False, True)
            for _, owners in reversed(self._parts)
            for id_, feed in owners.feeds.items()
            if owners.is_own(id_) is own
        }

    def recorded(self, claim: Claim) -> bool:
        """Return whether earlier runs called the member of a feed so."""
        for subscription, owners in self._parts:
            if owners.whose == claim.whose:
                copy = self._store.copy(subscription.address)
                users = copy.head.users if copy is not None else ()
                return any(each.username == claim.name for each in users)
        return False

    @property
    def origin(self) -> Origin:
        return self._origin

    @property
    def users(self) -> Mapping[str, User]:
        return MappingProxyType(self._users)

    @property
    def feeds(self) -> Mapping[str, Feed]:
        return MappingProxyType(self._feeds)

    def had(self, feed: str, id_: str) -> int:
        """Return 2 where earlier runs published an entry of this id from a feed, by its address,
        1 where they stored it."""
        if self._context.had(feed, id_):
            return 2
        users = [
            name for each, owners in self._parts if each.address == feed for name in owners.users
        ]
        return int(any((name, id_) in self._store.stored for name in users))

    @property
    def spoken_of(self) -> frozenset[str]:
        """The ids of feeds that are not read themselves."""
        own = {id_ for _, owners in self._parts for id_ in owners.feeds if owners.is_own(id_)}
        return frozenset(self._feeds) - own

    @property
    def stated(self) -> Mapping[str, str]:
        """The addresses on the web that files state, by where these lie."""
        return {
            place: subscription.feed.address
            for subscription, _ in self._parts
            if subscription.feed.address and "://" not in subscription.address
            for place in (
                subscription.address,
                *(f"{self._origin.address}/{each.name}" for each in subscription.loaded),
            )
        }

    @property
    def duplicates(self) -> Mapping[str, str]:
        return MappingProxyType({})

    @property
    def lost(self) -> tuple[str, ...]:
        return self._lost

    def entries(self) -> Iterator[StoredEntry]:
        """Yield each feed's entries in the feed's own order; an id of an earlier page stands."""
        for subscription, owners in self._parts:
            yield from self._entries(subscription, owners)

    def places(self) -> tuple[str, ...]:
        """Return the addresses of the feeds."""
        return tuple(subscription.address for subscription, _ in self._parts)

    def lent(self) -> tuple[SourceHead, ...]:
        """Return nothing: no file says anything of several feeds."""
        return ()

    def parts(self) -> Iterator[SourceCopy]:
        """Yield what each feed gave, as it stands in ``entries``."""
        for subscription, owners in self._parts:
            head = SourceHead(
                address=subscription.address,
                origin=self._origin if self._one else None,
                users=tuple(owners.users.values()),
                feeds=tuple(owners.feeds.values()),
                unnamed=subscription.unnamed,
            )
            answers = [each.answered for each in subscription.loaded if each.answered]
            fresh = subscription.whole and not subscription.stale
            yield SourceCopy(
                head,
                tuple(self._entries(subscription, owners)),
                min(answers, default=None),
                subscription.whole,
                self._store.folder(subscription.address) if fresh else None,
                bool(subscription.loaded),
            )

    def _entries(self, subscription: Subscription, owners: Owners) -> Iterator[StoredEntry]:
        address = self._origin.address
        rule = self._context.future_dates
        seen: set[str] = set()
        for number, loaded in enumerate(subscription.loaded):
            feed, entries = loaded.document.feed, loaded.document.entries
            # It moves with each entry: only a store remembers what it was when an entry came.
            of_feed = feed.updated if self._context.store is not None else None
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
                owned = owners.owned(entry)
                yield msgspec.structs.replace(owned, updated=updated, origin=address)
            seen.update(entry.id for entry in entries)
            if used := +used:
                self._context.warn(Problem(path=loaded.name, reason=entry_dates.undated(used)))
            if ahead:
                self._context.warn(Problem(path=loaded.name, reason=future.ignored(ahead, rule)))
        if subscription.copy is not None:
            read = [each for loaded in subscription.loaded for each in loaded.document.entries]
            for entry in _unlike(read, subscription.copy.entries):
                owned = owners.owned(entry, copied=True)
                yield msgspec.structs.replace(owned, origin=address)

    def file(self, path: str, entry_path: str) -> bytes | None:
        """Return None: nothing lies beside a feed."""
        return None


def said_of(address: str, feed: Feed, context: SourceContext) -> ListedFeed:
    """Return what the user says of a feed: by its address, of a file also by what it states."""
    said = context.said_of(address)
    if said != ListedFeed(address=address) or "://" in address or not feed.address:
        return said
    return context.said_of(feed.address)


def titled(address: str, loaded: tuple[Loaded, ...], store: Store) -> tuple[Loaded, ...]:
    """Return what was loaded of a feed, with the title that it had where it has lost it: members
    and outputs are called after that."""
    if loaded[0].document.feed.title or not (title := store.title(address)):
        return loaded
    feeds = (msgspec.structs.replace(each.document.feed, title=title) for each in loaded)
    return tuple(
        dataclasses.replace(each, document=dataclasses.replace(each.document, feed=feed))
        for each, feed in zip(loaded, feeds, strict=True)
    )


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


def _owners_of(subscription: Subscription) -> Owners:
    return Owners(
        user=subscription.user,
        word="given" if subscription.named else "own",
        address=subscription.address,
        feed=subscription.feed,
        documents=[each.document for each in subscription.loaded],
        copy=subscription.copy,
    )


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
    by_link = said_of(address, feed, context).ids == "link"
    shown = [
        (
            each.document.feed,
            msgspec.structs.replace(entry, id=entry.link) if by_link and entry.link else entry,
        )
        for each in loaded
        for entry in each.document.entries
    ]
    knew, bearers = partial(store.knew, address), partial(store.bearers, address, feed.id)
    identified = identity.identify(shown, knew, bearers)
    for note in identified.notes:
        context.warn(Problem(path=address, reason=note))
    named = iter(identified.entries)
    loaded = tuple(
        dataclasses.replace(each, document=dataclasses.replace(each.document, entries=entries))
        for each in loaded
        for entries in (tuple(filter(None, itertools.islice(named, len(each.document.entries)))),)
    )
    cut = next((each.document.cut for each in loaded if each.document.cut), missing)
    unnamed = [place for each in loaded for place in each.document.unnamed]
    nobody = f"{several(unnamed)} could not be read, without an id that tells which"
    missing = cut or (nobody if unnamed else "")
    unread = frozenset(id_ for each in loaded for id_ in each.document.unread)
    if not unread and not any(each.document.entries for each in loaded):
        failure = missing or "holds no entry any more"
        empty = last_copy(address, failure, store, store.published(address))
        if empty is not None:
            return empty
        if held and not missing:
            cut = missing = f"{failure}; if that is meant: --prune"
    copy = store.published(address) if missing or unread else None
    if unnamed and not cut and (copy is not None or not held):
        ids = {entry.id for each in loaded for entry in each.document.entries}
        missing, unread = "", unread | newest_missing(copy, ids, len(unnamed))
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
        unnamed=copy.head.unnamed if copy is not None else len(unnamed),
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
    user = member_of(copy, address) or user_of(feed)
    return Subscription(address=address, user=user, feed=feed, copy=copy, cut=True)
