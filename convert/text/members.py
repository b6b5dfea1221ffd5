"""Who bears which name where several speak of people: nobody by another's."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from convert.model import User, Value
from convert.text.addresses import same_address_key
from convert.text.names import digest, fold

Word = Literal["given", "stored", "chosen", "own", "claimed"]
"""By whose word: that of a repository or of the user's list; of the store that is written, which
knows members by their feeds; of a feed that speaks of others, which the user chose and no other;
of one that speaks for itself; of one that speaks of others."""
_OF_OTHERS: frozenset[Word] = frozenset(("chosen", "claimed"))

_TAG = re.compile(r"tag:(?:[^@,:\s]*@)?([\w.-]+),", re.IGNORECASE)


class Claim(Value, frozen=True, kw_only=True):
    """That somebody is called ``name``.

    ``whose`` tells one feed from all others, ``feeds`` are addresses that are known to be theirs,
    ``stated`` such as are only said to be, and pages.  ``ids`` are those of the feeds that a
    repository or the store has of them.
    """

    name: str
    word: Word
    whose: str = ""
    feeds: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    feed: str = ""
    """The ``Feed.id`` of a feed that speaks for itself."""


class Bearer(NamedTuple):
    """How one is called, None where the name is another's, and the id of the feed."""

    name: str | None
    feed: str


@runtime_checkable
class ClaimingReading(Protocol):
    """What a reading also is that calls its members by what feeds say."""

    def claims(self) -> Sequence[Claim]:
        """Return how they want to be called where there are other sources, too."""
        ...

    def call(self, bearers: Sequence[Bearer]) -> None:
        """Take how those of ``claims`` are called, in their order."""
        ...

    def recorded(self, claim: Claim) -> bool:
        """Return whether earlier runs called somebody so."""
        ...

    def had(self, feed: str, id_: str) -> int:
        """Return 2 where earlier runs published an entry of this id from a feed, by its address,
        1 where they stored it: duplicates are stored, too."""
        ...

    @property
    def spoken_of(self) -> frozenset[str]:
        """The ids of feeds that are not read themselves."""
        ...

    @property
    def stated(self) -> Mapping[str, str]:
        """The addresses on the web that files state, by where these lie."""
        ...


def named(user: User, word: Word) -> Claim:
    """Return the claim of a user whom a repository or the store names."""
    described = (each.id for each in user.described)
    return Claim(
        name=user.username,
        word=word,
        feeds=keys(user.feeds),
        stated=keys([user.homepage]),
        ids=frozenset(filter(None, (*user.feeds, *described, user.homepage))),
    )


def keys(addresses: Iterable[str | None]) -> frozenset[str]:
    """Return what addresses are compared by."""
    return frozenset(same_address_key(each) for each in addresses if each)


@dataclasses.dataclass
class _Member:
    name: str
    words: set[Word] = dataclasses.field(default_factory=set)
    feeds: set[str] = dataclasses.field(default_factory=set)
    pages: set[str] = dataclasses.field(default_factory=set)

    def shares(self, claim: Claim) -> bool:
        """Return whether a claim names a feed or a page of theirs."""
        return not (self.feeds | self.pages).isdisjoint(claim.feeds | claim.stated)

    def may_have_moved_to(self, places: Iterable[str]) -> bool:
        """Return whether a feed that was fetched from these places may be theirs: it lies beside
        one that is, or below their page, where that is on the host of one."""
        hosts = {_folders(each)[0] for each in self.feeds}
        pages = {each for each in self.pages if not hosts or _folders(each)[0] in hosts}
        homes = {_folders(each)[-1] for each in self.feeds} | pages
        return any(not homes.isdisjoint((each, *_folders(each))) for each in places)


class _Members:
    """Those who have a name, found by it and by their feeds."""

    def __init__(self) -> None:
        self._by_name: dict[str, _Member] = {}
        self._by_feed: dict[str, _Member] = {}
        self._stored: dict[str, _Member] = {}
        self._by_whose: dict[str, _Member] = {}

    def join(self, claim: Claim, name: str) -> str:
        """Note a claim with who is called so; return the name as it is spelled."""
        member = self._by_name.setdefault(fold(name), _Member(name))
        member.words.add(claim.word)
        member.feeds |= claim.feeds
        member.pages |= claim.stated
        for feed in claim.feeds:
            (self._stored if claim.word == "stored" else self._by_feed).setdefault(feed, member)
        if claim.whose:
            self._by_whose.setdefault(claim.whose, member)
        return member.name

    def of_feed(self, claim: Claim) -> _Member | None:
        """Return whose the feed of a claim is.  What a feed only says of its address counts where
        the store was made of it."""
        places = [self._by_feed.get(each) for each in claim.feeds]
        places += [self._stored.get(each) for each in (*claim.feeds, *claim.stated)]
        return next(filter(None, places), self._by_whose.get(claim.whose))

    def free_name(self, claim: Claim) -> str:
        """Return the name, with a suffix of the feed's address where it is another's: not of one
        whom only the store knows, where nothing tells that it is another's feed."""
        for number in itertools.count():
            suffix = f"-{digest(claim.whose + '+' * (number - 1))}" if number else ""
            member = self._by_name.get(fold(claim.name + suffix))
            if member is None or (
                member.words == {"stored"}
                and (not claim.feeds or member.may_have_moved_to(claim.feeds))
            ):
                return claim.name + suffix
        raise AssertionError

    def may_be_claimed(self, claim: Claim) -> bool:
        """Return whether a feed may speak of somebody: nobody does so for themselves, of the same
        name it is the same feed, and the feed is nobody's by another name, but of those who share
        it."""
        member = self._by_name.get(fold(claim.name))
        of_feed = self.of_feed(claim)
        is_known = of_feed is not None and bool(of_feed.words - _OF_OTHERS)
        if is_known and (member is None or not (member is of_feed or member.shares(claim))):
            return False
        if claim.word == "chosen":
            known = member is not None and bool(member.feeds | member.pages)
            return member is None or not known or member.shares(claim)
        if member is None:
            return bool(claim.feeds)
        return member.words <= {"stored", "claimed"} and member.shares(claim)


def settle(
    claims: Sequence[Claim], recorded: Callable[[Claim], bool] = lambda claim: False
) -> tuple[Bearer, ...]:
    """Return the name that each bears, None where one that is only claimed is another's; and the
    id of each feed, which is another where that is another's, too.

    The order of the claims makes no difference.  A feed is the member that a repository, a list or
    the store says, else one of its own: where the name is taken it gets a suffix made of the
    feed's address.  Of several that would be called the same, one that earlier runs ``recorded``
    so keeps the plain name.
    """
    members = _Members()
    of_word: dict[Word, list[int]] = collections.defaultdict(list)
    for at, claim in enumerate(claims):
        of_word[claim.word].append(at)
    settled: dict[int, str | None] = {
        at: members.join(claims[at], claims[at].name)
        for at in (*of_word["given"], *of_word["stored"])
    }

    def believe(word: Word) -> None:
        for at in sorted(of_word[word], key=lambda at: (claims[at].whose, claims[at].name)):
            claim = claims[at]
            settled[at] = members.join(claim, claim.name) if members.may_be_claimed(claim) else None

    believe("chosen")
    alike = collections.Counter(fold(claims[at].name) for at in of_word["own"])
    by_age = sorted(
        of_word["own"],
        key=lambda at: (
            # That the store knows it goes first: its name is taken then.
            members.of_feed(claims[at]) is None,
            alike[fold(claims[at].name)] > 1 and not recorded(claims[at]),
            claims[at].whose,
            claims[at].name,
        ),
    )
    for at in by_age:
        there = members.of_feed(claims[at])
        name = there.name if there is not None else members.free_name(claims[at])
        settled[at] = members.join(claims[at], name)
    believe("claimed")
    names = [settled[at] for at in range(len(claims))]
    return tuple(map(Bearer, names, _feed_ids(claims, names)))


def _feed_ids(claims: Sequence[Claim], names: Sequence[str | None]) -> Sequence[str]:
    """Return the id of each feed: one that a repository or the store has is its member's, of
    several feeds that state one it is that of the feed on the host that the id names, and the
    others get one of their own."""
    owners: dict[str, set[str | None]] = {}
    for claim, name in zip(claims, names, strict=True):
        for each in claim.ids:
            owners.setdefault(each, set()).add(name)
    bearers: dict[str, str] = {}
    for claim, name in sorted(
        zip(claims, names, strict=True),
        key=lambda each: (not names_host(each[0].feed, each[0].feeds), each[0].whose),
    ):
        if name in owners.get(claim.feed, {name}):
            bearers.setdefault(claim.feed, claim.whose)
    return [
        claim.feed
        if not claim.feed or bearers.get(claim.feed) == claim.whose
        else uuid.uuid5(uuid.NAMESPACE_URL, f"{claim.feed}\n{claim.whose}").urn
        for claim in claims
    ]


def names_host(identity: str, places: Iterable[str]) -> bool:
    """Return whether an id or an address names the host of one of these places, which are keys."""
    host = authority(identity)
    return bool(host) and any(host == each.partition("/")[0] for each in places)


def _folders(place: str) -> Sequence[str]:
    """Return the folders that the key of an address lies in, from its host on."""
    parts = place.partition("?")[0].split("/")
    return ["/".join(parts[:end]) for end in range(1, max(len(parts), 2))]


def authority(identity: str) -> str:
    """Return the host that an id or an address names (RFC 4151 of tag: ids); "" for none."""
    tagged = _TAG.match(identity)
    address = f"https://{tagged[1]}/" if tagged else identity
    key = same_address_key(address)
    return key.partition("/")[0] if key != address.strip() or tagged else ""
