"""By what sources are known again, wherever they lie and however much they have grown."""

from __future__ import annotations

from collections.abc import Sequence

from convert.model import StoredEntry
from convert.text.names import digest

_FEW = 32


class Marks:
    """Digests of the ids of entries and of their feeds.

    Of what is noted down, ``few``, one that is still there is enough: entries come and go, a
    feed shows the newest only.
    """

    def __init__(self) -> None:
        self._entries: set[int] = set()
        self._feeds: set[int] = set()

    def note(self, entry: StoredEntry) -> None:
        """Take one entry."""
        self._entries.add(_mark(entry.id))
        if entry.source:
            self._feeds.add(_mark(entry.source))

    def few(self) -> tuple[int, ...]:
        """Return some of them to note down, the same of the same sources."""
        return (*sorted(self._feeds)[:_FEW], *sorted(self._entries)[:_FEW])

    def differ(self, few: Sequence[int]) -> bool:
        """Return whether none of what was noted down is here, where anything is."""
        here = self._entries | self._feeds
        return bool(here) and here.isdisjoint(few)


def _mark(name: str) -> int:
    # Takes half the memory of its digits: there may be 100,000.  JSON has 53 bits.
    return int(digest(name, 13), 16)
