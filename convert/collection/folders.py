"""The folders that lists of feeds have their feeds in: entries are selected by them, and do not say
them of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from convert.model import Category, Entry, Feed, ListedFeed, StoredEntry


class Folders:
    """Tells the feed that an entry came from, and the folders of that."""

    def __init__(self, feeds: Mapping[str, Feed], listed: Iterable[ListedFeed] = ()) -> None:
        """Take the feeds by ``Feed.id``, and what the user says of single ones, files among them,
        which may state no address, or a wrong one."""
        self._of_file = {each.address: each.categories for each in listed}
        self._by_id = feeds
        # Anybody may say that a source of theirs lies at an address; folders are the user's word.
        by_trust = sorted(feeds.values(), key=lambda feed: bool(feed.categories))
        self._by_address = {each.address: each for each in by_trust if each.address}

    def feed_of(self, entry: StoredEntry | Entry) -> Feed | None:
        """Return the feed that an entry was read from; of a repository the one that it names.

        What an entry of a feed names may be another's, whose folders are not for it.
        """
        feed = self._by_address.get(entry.path)
        if feed is not None or "://" in entry.path:
            return feed
        return self._by_id.get(entry.source or "")

    def of(self, entry: StoredEntry | Entry) -> tuple[Category, ...]:
        """Return the folders of the feed that an entry came from."""
        if entry.path in self._of_file and "://" not in entry.path:
            return self._of_file[entry.path]
        feed = self.feed_of(entry)
        return feed.categories if feed is not None else ()

    @property
    def names(self) -> Iterator[str]:
        """The names of all folders, also of those without entries."""
        for feed in self._by_id.values():
            yield from names_of(feed.categories)


def names_of(folders: tuple[Category, ...]) -> Iterator[str]:
    """Yield what folders may be called: each with those around it and without, and those."""
    for each in folders:
        parts = each.term.split("/")
        yield from ("/".join(parts[:end]) for end in range(len(parts), 0, -1))
        yield from filter(None, (parts[-1], each.label))
