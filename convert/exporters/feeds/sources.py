"""Where the entries of a merged feed came from (RFC 4287 §4.2.11), for every feed format."""

from __future__ import annotations

import datetime as dt

import msgspec

from convert.entryset import EntrySet
from convert.exporters.feeds.entry import web_uri
from convert.model import Entry, Feed
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
            self._feeds[name] = self._describe(entry)
        feed = self._feeds[name]
        if feed is not None and (settled or feed.updated is None):
            newest = self._newest.get(entry.source or entry.user, entry.updated)
            return msgspec.structs.replace(feed, updated=entry.updated if settled else newest)
        return feed

    def _describe(self, entry: Entry) -> Feed | None:
        """Return the feed as read; where it was not, what its id and the entry's user say."""
        feed = self._entries.feed(entry)
        if feed is None:
            user = self._entries.user(entry)
            address = entry.source or (user.feeds[0] if len(user.feeds) == 1 else None)
            identity = address or user.homepage
            if identity is None:
                return None
            feed = Feed(id=identity, title=user.name, address=address, link=user.homepage)
        return Feed(
            id=fold(feed.id),
            title=fold(feed.title),
            subtitle=fold(feed.subtitle or "") or None,
            updated=feed.updated,
            address=web_uri(feed.address),
            link=web_uri(feed.link),
            rights=fold(feed.rights or "") or None,
            # A planet shows the face of the member where the feed has none.
            icon=web_uri(feed.icon) or web_uri(self._entries.user(entry).icon),
            logo=web_uri(feed.logo),
            language=feed.language,
            authors=tuple(
                msgspec.structs.replace(each, name=fold(each.name), uri=web_uri(each.uri))
                for each in feed.authors
                if fold(each.name)
            ),
        )
