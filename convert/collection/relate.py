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
from convert.text.members import keys, names_host

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
    """Return the set of these entries, each with its key, and their relations.

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
    # A link to the front page of a blog means the blog, not an entry of it.
    fronts = [*(user.homepage for user in users.values()), *(each.link for each in feeds.values())]
    # Anybody may link to a page: an entry of its own site goes before others of one address.
    sites = {
        entry.key: keys(
            (
                *(users[entry.user].feeds if entry.user in users else ()),
                feeds.get(entry.source or "", Feed(id="")).address,
            )
        )
        for entry in by_age
    }
    book = _AddressBook(by_age, keys(fronts), sites)
    named = {
        entry.key: cited
        for entry, out in zip(keyed, outgoing, strict=True)
        if (cited := tuple(_citations(entry, out, book)))
    }
    citations = _with_real_fragments(named, {entry.key: entry for entry in keyed}, bodies)
    cited_by: dict[str, dict[str, None]] = {}
    for entry in by_age:
        for citation in citations.get(entry.key, ()):
            cited_by.setdefault(citation.key, {})[entry.key] = None
    newest: dict[str, dt.datetime] = {}
    for entry in keyed:
        if entry.source and (now is None or entry.updated <= now):
            newest[entry.source] = max(entry.updated, newest.get(entry.source, entry.updated))
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
        feeds={name: _current(feed, newest.get(name), now) for name, feed in feeds.items()},
        origins=tuple(origins),
        citations=citations,
        cited_by={key: tuple(keys) for key, keys in cited_by.items()},
    )


def identity(publication: Publication) -> str:
    """Return the IRI of the publication: its id, else its base address, else a UUID of its name.

    Neither title nor contents count: readers of a feed would see a new one each time.
    """
    if publication.id or publication.base_url:
        return publication.id or publication.base_url or ""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"thicket-convert:{publication.name}").urn


class _AddressBook:
    """Every address of every entry.  One address may belong to several: blogs that announce
    each release under the page of the software."""

    def __init__(
        self,
        by_age: Iterable[Entry],
        fronts: frozenset[str],
        sites: Mapping[str, frozenset[str]],
    ) -> None:
        self._holders: dict[str, tuple[Entry, ...]] = {}
        for entry in by_age:
            named = (entry.id, entry.link or "", *entry.aliases)
            for address in dict.fromkeys(same_address_key(each) for each in named if each):
                if address not in fronts:
                    self._holders[address] = (*self._holders.get(address, ()), entry)
        # The root of a site that several entries name, as in feeds without addresses of their
        # own, stands for none of them.
        shared = [address for address, holders in self._holders.items() if len(holders) > 1]
        for address in shared:
            if not {"/", "?", ":"} & set(address):
                del self._holders[address]
                continue
            host = f"https://{address}"
            self._holders[address] = tuple(
                sorted(
                    self._holders[address],
                    key=lambda holder: (
                        same_address_key(holder.id) != address,
                        not names_host(host, sites[holder.key]),
                    ),
                )
            )
        self._hosts = {address.partition("/")[0].partition("?")[0] for address in self._holders}

    def find(self, address: str, citing: Entry) -> Entry | None:
        """Return the entry that an address in ``citing`` leads to, if any.

        Of several that share the address: none where the citing entry is among them, else
        the oldest of the same user, else one whose id it is, or whose site, else the oldest.
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
    """Yield what an entry cites, in the order that it names it; what it only answers last."""
    answered = {
        cited.key: address
        for address in reversed(out.answers)
        if (cited := book.find(address, entry)) is not None
    }
    linked: set[str] = set()
    for address in dict.fromkeys(out.links):
        cited = book.find(address, entry)
        if cited is not None:
            linked.add(cited.key)
            yield Citation(
                address=address,
                key=cited.key,
                fragment=fragment_of(address),
                reply=cited.key in answered,
            )
    for key, address in reversed(answered.items()):
        if key not in linked:
            yield Citation(address=address, key=key, reply=True)


def _with_real_fragments(
    named: Mapping[str, tuple[Citation, ...]], entries: Mapping[str, Entry], bodies: Bodies
) -> Mapping[str, tuple[Citation, ...]]:
    """Return the citations with the ids, in the body that they lead to, of the places that they
    name as its page does; without fragments that name none there."""
    keys = sorted({each.key for cited in named.values() for each in cited if each.fragment})
    loaded = bodies.load(entries[key].digest for key in keys)
    ids = {
        key: {name: name for each in parse(prepared.body).iter() if (name := each.get("id"))}
        | {own: name for name, own in prepared.anchors}
        for key, prepared in zip(keys, loaded, strict=True)
    }
    return {
        key: tuple(
            msgspec.structs.replace(each, fragment=ids[each.key].get(each.fragment, ""))
            if each.fragment
            else each
            for each in citations
        )
        for key, citations in named.items()
    }


def _current(feed: Feed, newest: dt.datetime | None, now: dt.datetime | None) -> Feed:
    """Return the feed, updated when the newest of its entries was; later than ``now`` is never."""
    if newest is None and feed.updated and now and feed.updated > now:
        return msgspec.structs.replace(feed, updated=None)
    return msgspec.structs.replace(feed, updated=newest or feed.updated)
