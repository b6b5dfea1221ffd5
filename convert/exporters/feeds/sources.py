"""Where the entries of a merged feed came from (RFC 4287 §4.2.11), for every feed format."""

from __future__ import annotations

import datetime as dt

import msgspec

from convert.entryset import EntrySet
from convert.exporters.feeds.entry import web_uri
from convert.model import Entry, Feed, User
from convert.text.characters import fold


class SourceFeeds:
    """The source of each entry of one set, made fit to publish: text without characters that
    XML forbids, addresses only where they are http(s)."""

    def __init__(self, entries: EntrySet) -> None:
        self._entries = entries
        self._feeds: dict[tuple[str, str | None], Feed | None] = {}
        self._newest: dict[str, dt.datetime] = {}
        for entry in entries:
            name = entry.source or entry.user
            self._newest[name] = max(self._newest.get(name, entry.updated), entry.updated)

    def of(self, entry: Entry, *, settled: bool) -> Feed | None:
        """Return the feed, with ``updated`` always set; None where nothing is known of it.

        ``settled`` is True for documents that are never to change: a feed's own ``updated``
        moves with every new entry, so there each entry's stands in for it.
        """
        name = entry.user, entry.source
        if name not in self._feeds:
            user = self._entries.user(entry)
            feed = self._entries.feed(entry) or feed_of_member(user, entry.source)
            self._feeds[name] = fit_to_publish(feed, user) if feed is not None else None
        known = self._feeds[name]
        if known is not None and (settled or known.updated is None):
            newest = self._newest.get(entry.source or entry.user, entry.updated)
            return msgspec.structs.replace(known, updated=entry.updated if settled else newest)
        return known


def feed_of_member(user: User, source: str | None) -> Feed | None:
    """Return what the member says of a feed that was not read: name, page and address."""
    address = source or (user.feeds[0] if len(user.feeds) == 1 else None)
    identity = address or user.homepage
    if identity is None:
        return None
    return Feed(id=identity, title=user.name, address=address, link=user.homepage)


def fit_to_publish(feed: Feed, user: User) -> Feed:
    """Return the feed with what may be published of it; a planet shows the member's face where
    the feed has none."""
    return Feed(
        id=fold(feed.id),
        title=fold(feed.title),
        subtitle=fold(feed.subtitle or "") or None,
        updated=feed.updated,
        address=web_uri(feed.address),
        link=web_uri(feed.link),
        rights=fold(feed.rights or "") or None,
        icon=web_uri(feed.icon) or web_uri(user.icon),
        logo=web_uri(feed.logo),
        language=feed.language,
        authors=tuple(
            msgspec.structs.replace(each, name=fold(each.name), uri=web_uri(each.uri))
            for each in feed.authors
            if fold(each.name)
        ),
    )
