"""From separate entries to an entry set: keys, addresses, who cites whom, who answers whom."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from convert.contract import Order
from convert.entryset import Bodies, EntrySet
from convert.model import Citation, Entry, Feed, Origin, User
from convert.settings.job import Publication
from convert.text import names
from convert.text.addresses import fragment_of, same_address_key
from convert.text.markup import parse

_PLAIN_HOST = re.compile(r"https?://(?:www\.)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)/")
"""A host that stands in an address as it does in its ``same_address_key``."""


class Outgoing(NamedTuple):
    """What one prepared entry points to: ``Prepared.links`` and ``Prepared.answers``."""

    links: tuple[str, ...]
    answers: tuple[str, ...] = ()


def relate(
    entries: Sequence[Entry],
    outgoing: Iterable[Outgoing],
    *,
    publication: Publication,
    bodies: Bodies,
    order: Order = "newest",
    users: Mapping[str, User] | None = None,
    feeds: Mapping[str, Feed] | None = None,
    origins: Iterable[Origin] = (),
    now: dt.datetime | None = None,
) -> EntrySet:
    """The set of these entries, each with its key, and their relations.

    ``outgoing`` goes along with ``entries``, one for one, and is read once.  A citation is a
    link to the id, the link or an alias of another entry, however it is spelt.  ``now`` is
    the moment after which dates do not move a feed's ``updated``.
    """
    users, feeds = users or {}, feeds or {}
    keyed = [
        msgspec.structs.replace(entry, key=key)
        for entry, key in zip(entries, names.keys(entries, users), strict=True)
    ]
    by_age = sorted(keyed, key=lambda entry: (entry.date, entry.id))
    book = _AddressBook(by_age, _fronts(users.values(), feeds.values()))
    found = {
        entry.key: cited
        for entry, out in zip(keyed, outgoing, strict=True)
        if (cited := tuple(_citations(entry, out, book)))
    }
    citations = _with_real_fragments(found, {entry.key: entry for entry in keyed}, bodies)
    return EntrySet(
        id=identity(publication),
        name=publication.name,
        title=publication.title,
        subtitle=publication.subtitle,
        language=publication.language,
        rights=publication.rights,
        base_url=publication.base_url,
        entries=tuple(by_age if order == "oldest" else reversed(by_age)),
        bodies=bodies,
        users=users,
        feeds=_current(feeds, keyed, now),
        origins=tuple(origins),
        citations=citations,
        cited_by=_cited_by(by_age, citations),
    )


def identity(publication: Publication) -> str:
    """The IRI of the publication: its id, else its base address, else a UUID of its name.

    Neither title nor contents count: readers of a feed would see a new one each time.
    """
    if publication.id or publication.base_url:
        return publication.id or publication.base_url or ""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"thicket-convert:{publication.name}").urn


class _AddressBook:
    """Every address of every entry.  One address may belong to several: blogs that announce
    each release under the page of the software."""

    def __init__(self, by_age: Iterable[Entry], fronts: frozenset[str]) -> None:
        self._holders: dict[str, tuple[Entry, ...]] = {}
        for entry in by_age:
            named = (entry.id, entry.link or "", *entry.aliases)
            for address in dict.fromkeys(same_address_key(each) for each in named if each):
                if address not in fronts:
                    self._holders[address] = (*self._holders.get(address, ()), entry)
        for address in [each for each, holders in self._holders.items() if len(holders) > 1]:
            if _is_root(address):
                del self._holders[address]
        self._hosts = {address.partition("/")[0].partition("?")[0] for address in self._holders}

    def find(self, address: str, citing: Entry) -> Entry | None:
        """The entry that an address in ``citing`` leads to, if any.

        Of several that share the address: none where the citing entry is among them, else
        the oldest of the same user, else the oldest.
        """
        # Most links lead to sites of nobody in the set: their host alone tells.
        plain = _PLAIN_HOST.match(address)
        if plain is not None and plain[1].lower() not in self._hosts:
            return None
        holders = self._holders.get(same_address_key(address), ())
        if any(holder.key == citing.key for holder in holders):
            return None
        same_user = (holder for holder in holders if holder.user == citing.user)
        return next(same_user, holders[0] if holders else None)


def _citations(entry: Entry, out: Outgoing, book: _AddressBook) -> Iterator[Citation]:
    """What an entry cites, in the order that it names it; what it only answers comes last."""
    answered = {
        found.key: address
        for address in reversed(out.answers)
        if (found := book.find(address, entry)) is not None
    }
    linked: set[str] = set()
    for address in dict.fromkeys(out.links):
        found = book.find(address, entry)
        if found is not None:
            linked.add(found.key)
            yield Citation(
                address=address,
                key=found.key,
                fragment=fragment_of(address),
                reply=found.key in answered,
            )
    for key, address in reversed(answered.items()):
        if key not in linked:
            yield Citation(address=address, key=key, reply=True)


def _with_real_fragments(
    found: Mapping[str, tuple[Citation, ...]], entries: Mapping[str, Entry], bodies: Bodies
) -> Mapping[str, tuple[Citation, ...]]:
    """The citations without the fragments that are no id in the body they lead to."""
    wanted = {each.key for citations in found.values() for each in citations if each.fragment}
    targets = [entries[key] for key in sorted(wanted)]
    loaded = bodies.load(entry.digest for entry in targets)
    ids = {entry.key: _ids(prepared.body) for entry, prepared in zip(targets, loaded, strict=True)}
    return {
        key: tuple(
            msgspec.structs.replace(each, fragment="")
            if each.fragment and each.fragment not in ids[each.key]
            else each
            for each in citations
        )
        for key, citations in found.items()
    }


def _cited_by(
    by_age: Iterable[Entry], citations: Mapping[str, tuple[Citation, ...]]
) -> Mapping[str, tuple[str, ...]]:
    citing: dict[str, dict[str, None]] = {}
    for entry in by_age:
        for citation in citations.get(entry.key, ()):
            citing.setdefault(citation.key, {})[entry.key] = None
    return {key: tuple(keys) for key, keys in citing.items()}


def _fronts(users: Iterable[User], feeds: Iterable[Feed]) -> frozenset[str]:
    """The front pages of blogs: a link to one means the blog, not an entry of it."""
    pages = [*(user.homepage for user in users), *(feed.link for feed in feeds)]
    return frozenset(same_address_key(page) for page in pages if page)


def _ids(body: str) -> frozenset[str]:
    return frozenset(str(each.get("id")) for each in parse(body).iter() if each.get("id"))


def _is_root(address: str) -> bool:
    """Whether a ``same_address_key`` is the root of a site: where several entries name it, as
    feeds without addresses of their own do, it stands for none of them."""
    return not {"/", "?", ":"} & set(address)


def _current(
    feeds: Mapping[str, Feed], entries: Iterable[Entry], now: dt.datetime | None
) -> Mapping[str, Feed]:
    """The feeds, each updated when the newest of its entries was; later than ``now`` is never."""
    newest: dict[str, dt.datetime] = {}
    for entry in entries:
        if entry.source and (now is None or entry.updated <= now):
            newest[entry.source] = max(entry.updated, newest.get(entry.source, entry.updated))
    return {name: _updated(feed, newest.get(name), now) for name, feed in feeds.items()}


def _updated(feed: Feed, newest: dt.datetime | None, now: dt.datetime | None) -> Feed:
    if newest is None and feed.updated and now and feed.updated > now:
        return msgspec.structs.replace(feed, updated=None)
    return msgspec.structs.replace(feed, updated=newest or feed.updated)
