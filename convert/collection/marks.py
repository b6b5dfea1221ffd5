"""By what sources are known again, wherever they lie and however much they have grown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from convert.model import StoredEntry
from convert.text.names import digest

_FEW = 32


class Marks:
    """Digests of the ids of entries, of their feeds, and of where on the web they come from.

    Of what is noted down, ``few``, one that is still there is enough: entries come and go, a
    feed shows the newest only.
    """

    def __init__(self) -> None:
        self._entries: set[int] = set()
        self._places: set[int] = set()

    def note(self, entry: StoredEntry) -> None:
        """Take one entry."""
        self._entries.add(_mark(entry.id))
        if entry.source:
            self._places.add(_mark(entry.source))

    def know(self, addresses: Iterable[str]) -> None:
        """Take what tells the sources from all others, even where no entry is the same: an old
        revision may hold none of those that were noted down."""
        self._places.update(map(_mark, addresses))

    def few(self) -> tuple[int, ...]:
        """Return some of them to note down, the same of the same sources."""
        return (*sorted(self._places)[:_FEW], *sorted(self._entries)[:_FEW])

    def differ(self, few: Sequence[int]) -> bool:
        """Return whether none of what was noted down is here, where anything is."""
        here = self._entries | self._places
        return bool(here) and here.isdisjoint(few)


def _mark(name: str) -> int:
    # Takes half the memory of its digits: there may be 100,000.  JSON has 53 bits.
    return int(digest(name, 13), 16)
