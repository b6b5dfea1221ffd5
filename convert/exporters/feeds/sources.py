"""Where the entries of a merged feed came from (RFC 4287 §4.2.11), for every feed format."""

from __future__ import annotations

import datetime as dt

import msgspec

from convert.entryset import EntrySet
from convert.exporters.feeds.options import clean, is_web
from convert.model import Entry, Feed, Person


class SourceFeeds:
    """The source of each entry of one set, made fit to publish: text without characters that
    XML forbids, addresses only where they are http(s).

    ``settled`` is True for documents that are never to change: a feed's own ``updated`` moves
    with every new entry, so there each entry's stands in for it.
    """

    def __init__(self, entries: EntrySet, *, settled: bool = False) -> None:
        self._entries = entries
        self._settled = settled
        self._known: dict[str, Feed | None] = {}
        self._newest: dict[str, dt.datetime] = {}
        for entry in entries.entries:
            name = entry.source or entry.user
            self._newest[name] = max(self._newest.get(name, entry.updated), entry.updated)

    def of(self, entry: Entry) -> Feed | None:
        """The feed, with ``updated`` always set; None where nothing is known of it."""
        name = f"{entry.user}\n{entry.source}"
        if name not in self._known:
            found = self._found(entry)
            self._known[name] = _fit(found) if found else None
        feed = self._known[name]
        if feed is None:
            return None
        if self._settled:
            return msgspec.structs.replace(feed, updated=entry.updated)
        if feed.updated is None:
            newest = self._newest.get(entry.source or entry.user, entry.updated)
            return msgspec.structs.replace(feed, updated=newest)
        return feed

    def _found(self, entry: Entry) -> Feed | None:
        """The feed as read; where it was not, what its id and the entry's user tell of it."""
        feed = self._entries.feed(entry)
        if feed is not None:
            return feed
        user = self._entries.user(entry)
        address = entry.source or (user.feeds[0] if len(user.feeds) == 1 else None)
        found = address or user.homepage
        if found is None:
            return None
        return Feed(id=found, title=user.name, address=address, link=user.homepage)


def _fit(feed: Feed) -> Feed:
    return Feed(
        id=clean(feed.id),
        title=clean(feed.title),
        subtitle=clean(feed.subtitle) or None,
        updated=feed.updated,
        address=_web(feed.address),
        link=_web(feed.link),
        rights=clean(feed.rights) or None,
        icon=_web(feed.icon),
        logo=_web(feed.logo),
        language=feed.language,
        authors=tuple(
            Person(name=clean(each.name), uri=_web(each.uri), email=each.email)
            for each in feed.authors
            if clean(each.name).strip()
        ),
    )


def _web(address: str | None) -> str | None:
    return address if is_web(address) else None
