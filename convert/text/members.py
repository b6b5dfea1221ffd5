"""Who bears which name where several speak of people: nobody by another's."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from convert.model import User, Value
from convert.text.addresses import same_address_key
from convert.text.names import digest, fold

Word = Literal["given", "stored", "own", "claimed"]
"""By whose word: that of a repository or of the user's list; of the store that is written, which
knows members by their feeds; of a feed that speaks for itself; of one that speaks of others."""

_TAG = re.compile(r"tag:(?:[^@,:\s]*@)?([\w.-]+),", re.IGNORECASE)


class Claim(Value, frozen=True, kw_only=True):
    """That somebody is called ``name``.

    ``whose`` tells one feed from all others, ``feeds`` are addresses that are known to be theirs,
    ``stated`` such as a feed only says to be.
    """

    name: str
    word: Word
    whose: str = ""
    feeds: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()
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


def named(user: User, word: Word) -> Claim:
    """Return the claim of a user whom a repository or the store names."""
    return Claim(
        name=user.username, word=word, feeds=keys(user.feeds), stated=keys([user.homepage])
    )


def keys(addresses: Iterable[str | None]) -> frozenset[str]:
    """Return what addresses are compared by."""
    return frozenset(same_address_key(each) for each in addresses if each)


@dataclasses.dataclass
class _Member:
    name: str
    words: set[Word] = dataclasses.field(default_factory=set)
    feeds: set[str] = dataclasses.field(default_factory=set)


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
        member.feeds |= claim.feeds | claim.stated
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
        whom only the store knows, whose feed may have moved."""
        for number in itertools.count():
            suffix = f"-{digest(claim.whose + '+' * (number - 1))}" if number else ""
            member = self._by_name.get(fold(claim.name + suffix))
            if member is None or member.words == {"stored"}:
                return claim.name + suffix
        raise AssertionError

    def may_be_claimed(self, claim: Claim) -> bool:
        """Return whether a feed may speak of somebody: nobody does so for themselves, and of the
        same name it is the same feed."""
        member = self._by_name.get(fold(claim.name))
        if member is None:
            return bool(claim.feeds)
        return member.words <= {"stored", "claimed"} and not member.feeds.isdisjoint(claim.feeds)


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
    for at in sorted(of_word["claimed"], key=lambda at: (claims[at].whose, claims[at].name)):
        claim = claims[at]
        settled[at] = members.join(claim, claim.name) if members.may_be_claimed(claim) else None
    feeds = _feed_ids(claims)
    return tuple(Bearer(settled[at], feeds[at]) for at in range(len(claims)))


def _feed_ids(claims: Sequence[Claim]) -> Sequence[str]:
    """Return the id of each feed: of several that state one it is that of the feed on the host that
    the id names, and the others get one of their own."""
    bearers: dict[str, str] = {}
    for claim in sorted(
        claims, key=lambda each: (not names_host(each.feed, each.feeds), each.whose)
    ):
        bearers.setdefault(claim.feed, claim.whose)
    return [
        claim.feed
        if bearers[claim.feed] == claim.whose
        else uuid.uuid5(uuid.NAMESPACE_URL, f"{claim.feed}\n{claim.whose}").urn
        for claim in claims
    ]


def names_host(identity: str, places: Iterable[str]) -> bool:
    """Return whether an id or an address names the host of one of these places, which are keys."""
    host = authority(identity)
    return bool(host) and any(host == each.partition("/")[0] for each in places)


def authority(identity: str) -> str:
    """Return the host that an id or an address names (RFC 4151 of tag: ids); "" for none."""
    tagged = _TAG.match(identity)
    address = f"https://{tagged[1]}/" if tagged else identity
    key = same_address_key(address)
    return key.partition("/")[0] if key != address.strip() or tagged else ""
