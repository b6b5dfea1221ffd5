"""By what sources are known again, wherever they lie and however much they have grown."""

from __future__ import annotations

import collections
import itertools
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

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
    feed shows the newest only.  ``parts`` tell more: which of several sources is gone, and what
    outputs hold of those that cannot be read.  Where they come from is noted as seen from the
    ``folder`` of the outputs, however it is spelled.
    """

    def __init__(self) -> None:
        self._entries: set[int] = set()
        self._web: set[int] = set()
        self._places: set[_Place] = set()
        self._lost: set[_Place] = set()

    def note(self, entry: StoredEntry, origin: Origin) -> None:
        """Take one entry of a source."""
        self._entries.add(_mark(fold(entry.id)))
        if entry.source:
            self._web.add(_mark(entry.source))
        self._places.add(_Place(origin.address, _place(entry.path, origin)))

    def know(self, addresses: Iterable[str]) -> None:
        """Take what tells the sources from all others, even where no entry is the same: an old
        revision may hold none of those that were noted down."""
        self._web.update(map(_mark, addresses))

    def see(self, source: str, places: Iterable[str]) -> None:
        """Take the addresses of a source, its feeds and its folders that are there, whatever they
        hold."""
        self._places.update(_Place(source, each) for each in places)

    def lose(self, source: str, places: Iterable[str]) -> None:
        """Take the addresses of what could not be read of a source: what it holds is not gone."""
        self._lost.update(_Place(source, each) for each in places)

    def few(self) -> tuple[int, ...]:
        """Return some of them to note down, the same of the same sources."""
        return (*sorted(self._web)[:_FEW], *sorted(self._entries)[:_FEW])

    def parts(
        self, entries: Iterable[tuple[Entry, Origin]], folder: Path
    ) -> tuple[WrittenPart, ...]:
        """Return what to note down of the feeds and folders that these entries are from."""
        of_part: dict[tuple[str, str, str], set[tuple[str, str]]] = collections.defaultdict(set)
        for entry, origin in entries:
            part_of = _name(entry.path, origin), _place(entry.path, origin), origin.address
            file = posixpath.basename(entry.path) if origin.kind == "thicket" else ""
            of_part[part_of].add((entry.id, file))
        parts = []
        for name, place, source in sorted(of_part):
            key = _Place(source, place).key(folder)
            marked = sorted(
                (_short(_mark(id_)), _short(_mark(f"{key}/{file}")) if file else b"")
                for id_, file in of_part[name, place, source]
            )
            part = WrittenPart(
                name=name,
                place=_mark(key),
                source=_mark(source_key(source, folder)),
                entries=b"".join(entry for entry, _ in marked),
                files=b"".join(file for _, file in marked),
            )
            parts.append(part)
        return tuple(parts)

    def lost(self, parts: Sequence[WrittenPart], folder: Path) -> Iterator[tuple[str, int]]:
        """Yield the name of each part that could not be read whole, and how many of its entries
        are neither in what could be read nor in a copy."""
        here = set(map(_short, self._entries)) if parts and self._lost else set()
        places = _seen_from(folder, self._lost)
        inside = [each.key(folder) for each in self._lost if each.is_inside]
        files = {_short(_mark(each)) for each in inside}
        # Older records name no files: then any of the folder may be the one.
        above = {_mark(posixpath.dirname(each)) for each in inside}
        for part in parts if places else ():
            whole = part.place in places or part.source in places
            whole = whole or (not part.files and part.place in above)
            each_file = _each(part.files) if part.files else itertools.repeat(b"")
            missing = sum(
                entry not in here and (whole or file in files)
                for entry, file in zip(_each(part.entries), each_file, strict=False)
            )
            if missing:
                yield part.name, missing

    def gone(self, parts: Sequence[WrittenPart], folder: Path) -> Iterator[tuple[str, int]]:
        """Yield the name of each part that is no longer there, wherever it may have moved, and how
        many of its entries are not."""
        if not parts:
            return
        here = set(map(_short, self._entries))
        there, lost = _seen_from(folder, self._places), _seen_from(folder, self._lost)
        for part in parts:
            if lost.isdisjoint((part.place, part.source)) and part.place not in there:
                missing = sum(each not in here for each in _each(part.entries))
                if missing:
                    yield part.name, missing

    def differ(self, before: WrittenOutput, folder: Path) -> bool:
        """Return whether nothing of what was noted down of an output is here, where anything is:
        what could not be read excuses no more than what it is the address of."""
        here = self._entries | self._web
        if not here or not here.isdisjoint(before.sources):
            return False
        short = set(map(_short, self._entries))
        there, lost = _seen_from(folder, self._places), _seen_from(folder, self._lost)
        return all(
            lost.isdisjoint((part.place, part.source))
            and part.place not in there
            and short.isdisjoint(_each(part.entries))
            for part in before.parts
        )


class _Place(NamedTuple):
    """The address of a source, and that of what is meant of it: the same, or a part's."""

    source: str
    address: str

    @property
    def is_inside(self) -> bool:
        """Whether it is a part of the source that stands below it."""
        return self.address.startswith(f"{self.source}/")

    def key(self, folder: Path) -> str:
        """Return what is equal for all spellings, whether a link stands there now or not."""
        if not self.is_inside:
            return source_key(self.address, folder)
        below = self.address.removeprefix(f"{self.source}/")
        return f"{source_key(self.source, folder)}/{below}".removesuffix("/")


def holds(parts: Iterable[WrittenPart], source: str, path: str, folder: Path) -> bool:
    """Return whether there is an entry in these parts from a file or folder of a source; "" is
    the top."""
    key = _Place(source, f"{source}/{path}" if path else source).key(folder)
    mark, above = _mark(key), _mark(posixpath.dirname(key))
    for part in parts:
        if mark in (part.place, part.source):
            return True
        if part.place == above and (not part.files or _short(mark) in _each(part.files)):
            return True
    return False


def is_part(parts: Iterable[WrittenPart], key: str) -> bool:
    """Return whether the key of a source, or of a feed, is that of any of these parts."""
    mark = _mark(key)
    return any(mark in (part.place, part.source) for part in parts)


def without(
    parts: Iterable[WrittenPart], feeds: Iterable[str], folder: Path
) -> tuple[WrittenPart, ...]:
    """Return the parts that are none of the feeds at these addresses."""
    places = {_mark(source_key(each, folder)) for each in feeds}
    return tuple(part for part in parts if part.place not in places)


def _seen_from(folder: Path, places: Iterable[_Place]) -> set[int]:
    return {_mark(each.key(folder)) for each in places}


def entry_address(path: str, origin: Origin) -> str:
    """Return the address of the file, or of the feed, that holds an entry."""
    if origin.kind != "thicket" and _is_address(path, origin):
        return path
    return f"{origin.address}/{path}"


def _place(path: str, origin: Origin) -> str:
    """Return the address of the feed, or of the member's folder, that holds an entry."""
    if origin.kind == "thicket":
        return f"{origin.address}/{posixpath.dirname(path)}"
    return entry_address(path, origin)


def _name(path: str, origin: Origin) -> str:
    """Return the same for people, without the folders above."""
    if origin.kind == "thicket":
        return posixpath.join(origin.name, posixpath.dirname(path))
    return path if _is_address(path, origin) else f"{origin.name}/{path}"


def _is_address(path: str, origin: Origin) -> bool:
    return "://" in path or path == origin.address


def _each(marks: bytes) -> Iterator[bytes]:
    return (marks[at : at + _BYTES] for at in range(0, len(marks), _BYTES))


def _short(mark: int) -> bytes:
    return mark.to_bytes(8, "big")[-_BYTES:]


@lru_cache(maxsize=50_000)  # every output asks for the same ones
def _mark(name: str) -> int:
    # Takes half the memory of its digits: there may be 100,000.  JSON has 53 bits.
    return int(digest(name, 13), 16)
