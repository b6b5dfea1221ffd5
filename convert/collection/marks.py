"""By what sources are known again, wherever they lie and however much they have grown."""

from __future__ import annotations

import collections
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from convert.model import Entry, Origin, StoredEntry
from convert.output.manifest import WrittenOutput, WrittenPart
from convert.text.addresses import source_key
from convert.text.characters import fold
from convert.text.names import digest

_FEW = 32
_BYTES = 4
"""Bytes that stand for an entry among those of its source."""


class Marks:
    """Digests of the ids of entries, of their feeds, and of where they come from.

    Of what is noted down, ``few``, one that is still there is enough: entries come and go, a
    feed shows the newest only.  ``parts`` tell more: which of several sources is gone.  Where
    they come from is noted as seen from the ``folder`` of the outputs, however it is spelled.
    """

    def __init__(self) -> None:
        self._entries: set[int] = set()
        self._web: set[int] = set()
        self._places: set[str] = set()
        self._unread: set[str] = set()

    def note(self, entry: StoredEntry, origin: Origin) -> None:
        """Take one entry of a source."""
        self._entries.add(_mark(fold(entry.id)))
        if entry.source:
            self._web.add(_mark(entry.source))
        self._places.add(_place(entry.path, origin))

    def know(self, addresses: Iterable[str]) -> None:
        """Take what tells the sources from all others, even where no entry is the same: an old
        revision may hold none of those that were noted down."""
        self._web.update(map(_mark, addresses))

    def see(self, places: Iterable[str]) -> None:
        """Take the addresses of sources, feeds and folders that are there, whatever they hold."""
        self._places.update(places)

    def excuse(self, sources: Iterable[str]) -> None:
        """Take the addresses of sources that could not be read: what they hold is not gone."""
        self._unread.update(sources)

    def few(self) -> tuple[int, ...]:
        """Return some of them to note down, the same of the same sources."""
        return (*sorted(self._web)[:_FEW], *sorted(self._entries)[:_FEW])

    def parts(
        self, entries: Iterable[tuple[Entry, Origin]], folder: Path
    ) -> tuple[WrittenPart, ...]:
        """Return what to note down of the feeds and folders that these entries are from."""
        of_part: dict[tuple[str, str, str], set[bytes]] = collections.defaultdict(set)
        for entry, origin in entries:
            key = _name(entry.path, origin), _place(entry.path, origin), origin.address
            of_part[key].add(_short(_mark(entry.id)))
        return tuple(
            WrittenPart(
                name=name,
                place=_mark(source_key(place, folder)),
                source=_mark(source_key(source, folder)),
                entries=b"".join(sorted(of_part[name, place, source])),
            )
            for name, place, source in sorted(of_part)
        )

    def gone(self, parts: Sequence[WrittenPart], folder: Path) -> Iterator[tuple[str, int]]:
        """Yield the name of each part that is no longer there, wherever it may have moved, and how
        many of its entries are not."""
        if not parts:
            return
        here = set(map(_short, self._entries))
        places, unread = _seen_from(folder, self._places), _seen_from(folder, self._unread)
        for part in parts:
            if part.place not in places and part.source not in unread:
                lost = sum(each not in here for each in _each(part))
                if lost:
                    yield part.name, lost

    def differ(self, before: WrittenOutput, folder: Path) -> bool:
        """Return whether nothing of what was noted down of an output is here, where anything is:
        what could not be read excuses no more than what it is the address of."""
        here = self._entries | self._web
        if not here or not here.isdisjoint(before.sources):
            return False
        short = set(map(_short, self._entries))
        places, unread = _seen_from(folder, self._places), _seen_from(folder, self._unread)
        return all(
            part.place not in places and part.source not in unread and short.isdisjoint(_each(part))
            for part in before.parts
        )


def _seen_from(folder: Path, addresses: Iterable[str]) -> set[int]:
    return {_mark(source_key(each, folder)) for each in addresses}


def _place(path: str, origin: Origin) -> str:
    """Return the address of the feed, or of the member's folder, that holds an entry."""
    if origin.kind == "thicket":
        return f"{origin.address}/{posixpath.dirname(path)}"
    return path if _is_address(path, origin) else f"{origin.address}/{path}"


def _name(path: str, origin: Origin) -> str:
    """Return the same for people, without the folders above."""
    if origin.kind == "thicket":
        return posixpath.join(origin.name, posixpath.dirname(path))
    return path if _is_address(path, origin) else f"{origin.name}/{path}"


def _is_address(path: str, origin: Origin) -> bool:
    return "://" in path or path == origin.address


def _each(part: WrittenPart) -> Iterator[bytes]:
    return (part.entries[at : at + _BYTES] for at in range(0, len(part.entries), _BYTES))


def _short(mark: int) -> bytes:
    return mark.to_bytes(8, "big")[-_BYTES:]


def _mark(name: str) -> int:
    # Takes half the memory of its digits: there may be 100,000.  JSON has 53 bits.
    return int(digest(name, 13), 16)
