"""By what sources are known again, wherever they lie and however much they have grown."""

from __future__ import annotations

import collections
import itertools
import posixpath
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from convert.collection.places import Place, keys_of, part_address, part_name
from convert.model import Entry, Origin, StoredEntry
from convert.output.manifest import WrittenOutput, WrittenPart
from convert.text.addresses import source_keys
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
        self._places: set[Place] = set()
        # As in a record: there may be 100,000.
        self._read: dict[Place, tuple[bytearray, bytearray]] = {}
        self._from: dict[Path, Mapping[int, Counter[_Slot]]] = {}
        """The same as it is seen from a folder, which each of its outputs asks for."""
        self._lent: set[Place] = set()
        self._named: set[Place] = set()
        self._lost: set[Place] = set()
        self._unread: set[tuple[Place, bytes]] = set()

    def note(self, entry: StoredEntry, origin: Origin) -> None:
        """Take one entry of a source."""
        mark = _mark(fold(entry.id))
        self._entries.add(mark)
        if entry.source:
            self._web.add(_mark(entry.source))
        place = Place(origin.address, part_address(entry.path, origin))
        self._places.add(place)
        entries, files = self._read.setdefault(place, (bytearray(), bytearray()))
        self._from.clear()
        entries += _short(mark)
        files += _file(entry.path, origin)

    def know(self, addresses: Iterable[str]) -> None:
        """Take what tells the sources from all others, even where no entry is the same: an old
        revision may hold none of those that were noted down."""
        self._web.update(map(_mark, addresses))

    def see(self, source: str, places: Iterable[str]) -> None:
        """Take the addresses of a source, its feeds and its folders that are there, whatever they
        hold."""
        self._places.update(Place(source, each) for each in places)

    def name(self, source: str, folders: Iterable[str]) -> None:
        """Take the addresses of folders that a source names, whether they hold anything or not."""
        self._named.update(Place(source, each) for each in folders)

    def lend(self, source: str, files: Iterable[str]) -> None:
        """Take the addresses of files of a source that lend something to all of its entries."""
        self._lent.update(Place(source, each) for each in files)

    def lose(self, source: str, places: Iterable[str]) -> None:
        """Take the addresses of what could not be read of a source: what it holds is not gone.
        One of an entry in a feed is the feed's, "#" and the id."""
        for each in places:
            for at in (sign.start() for sign in re.finditer("#", each)):
                if (feed := Place(source, each[:at])) in self._places:
                    self._unread.add((feed, _short(_mark(fold(each[at + 1 :])))))
                    break
            else:
                self._lost.add(Place(source, each))

    def few(self) -> tuple[int, ...]:
        """Return some of them to note down, the same of the same sources."""
        return (*sorted(self._web)[:_FEW], *sorted(self._entries)[:_FEW])

    def parts(
        self,
        entries: Iterable[tuple[Entry, Origin, bool]],
        folder: Path,
        before: Sequence[WrittenPart] = (),
        *,
        meant: bool = False,
    ) -> tuple[WrittenPart, ...]:
        """Return what to note down of the feeds and folders that these entries, renamed or not, are
        from, and of the files that lend to them; of ``before`` also those that lent, where it is
        not ``meant`` that they have gone, and the sources that failed."""
        of_part: dict[tuple[str, str, str], list[_Slot]] = collections.defaultdict(list)
        renamed: dict[tuple[str, str, str], list[bytes]] = collections.defaultdict(list)
        for entry, origin, is_renamed in entries:
            part_of = (
                part_name(entry.path, origin),
                part_address(entry.path, origin),
                origin.address,
            )
            mark = _short(_mark(entry.id))
            of_part[part_of].append(_Slot(mark, _file(entry.path, origin)))
            renamed[part_of] += [mark] if is_renamed else []
        for each in self._lent:
            of_part[posixpath.basename(each.address), each.address, each.source] = []
        parts = []
        keys = keys_of(folder, (Place(source, place) for _, place, source in of_part))
        tops = keys_of(folder, (Place(source, source) for _, _, source in of_part))
        for name, place, source in sorted(of_part):
            slots = sorted(of_part[name, place, source])
            part = WrittenPart(
                name=name,
                place=_mark(keys[Place(source, place)][0]),
                source=_mark(tops[Place(source, source)][0]),
                entries=b"".join(each.entry for each in slots),
                files=b"".join(each.file for each in slots),
                renamed=b"".join(sorted(renamed[name, place, source])),
            )
            parts.append(part)
        known = {part.place for part in parts}
        sources = _seen_from(folder, (Place(each.source, each.source) for each in self._places))
        lent = [each for each in before if not (meant or _has_or_had(each))]
        noted = [each for each in lent if each.source in sources]
        noted += _of_failed(before, _seen_from(folder, self._lost))
        return (*parts, *{each.place: each for each in noted if each.place not in known}.values())

    def lost(
        self, before: Sequence[WrittenPart], now: Sequence[WrittenPart], folder: Path
    ) -> Iterator[tuple[str, int]]:
        """Yield the name of each part that an output held and that could not be read whole, and
        how many of its entries are neither in what could be read nor in what it would hold now."""
        places = _seen_from(folder, self._lost)
        keys = keys_of(folder, (each for each in self._lost if each.is_inside))
        inside = [key for each in keys.values() for key in each]
        files = {(_mark(posixpath.dirname(key)), _short_name(key)) for key in inside}
        # Older records name no files: then any of the folder may be the one.
        above = {place for place, _ in files}
        feeds = keys_of(folder, (feed for feed, _ in self._unread))
        unread = {(_mark(key), entry) for feed, entry in self._unread for key in feeds[feed]}
        slots = {part.place: Counter(_slots_of(part.entries, part.files)) for part in now}
        missing = self._missing(before, slots, folder)
        for part in before:
            whole = part.place in places or part.source in places
            whole = whole or (not part.files and part.place in above)
            count = sum(
                whole or (part.place, slot.file) in files or (part.place, slot.entry) in unread
                for slot in missing[part.place]
            )
            if count:
                yield part.name, count

    def gone(self, parts: Sequence[WrittenPart], folder: Path) -> Iterator[Gone]:
        """Yield each part that is no longer there, wherever it may have moved, with those of its
        entries that are not."""
        there, lost = _seen_from(folder, self._places), _seen_from(folder, self._lost)
        gone = [
            part
            for part in parts
            if part.entries
            and lost.isdisjoint((part.place, part.source))
            and part.place not in there
        ]
        if not gone:
            return
        missing = self._missing(parts, self._read_from(folder), folder)
        named = _seen_from(folder, self._named)
        for part in gone:
            if missing[part.place]:
                yield Gone(part.name, len(missing[part.place]), part.place in named)

    def _missing(
        self,
        before: Sequence[WrittenPart],
        now: Mapping[int, Counter[_Slot]],
        folder: Path,
    ) -> Mapping[int, Sequence[_Slot]]:
        """Return, by the place of their part, those entries that could not be read where they were,
        and did not move: that another place has one of the same id, as it had before, says
        nothing."""
        # A place may have been noted down by another key than it has now.
        place_of = {part.place: part.place for part in before}
        for key, *others in keys_of(folder, self._places).values():
            place_of |= dict.fromkeys(map(_mark, others), _mark(key))
        read = self._read_from(folder)
        were = {
            place_of[each.place]: Counter(_slots_of(each.entries, each.files)) for each in before
        }
        fresh = {place: _ids(slots - were.get(place, Counter())) for place, slots in now.items()}
        missing: dict[int, list[_Slot]] = {}
        for part in before:
            place = place_of[part.place]
            here = Counter(read.get(place, Counter()))
            if not part.files:
                here = Counter(_Slot(slot.entry, b"") for slot in here.elements())
            left = (were[place] - here).elements()
            # What is new in the same folder is what moved, rather than from another.
            missing[part.place] = _without(left, fresh.get(place, Counter()))
        elsewhere = Counter(entry for ids in fresh.values() for entry in ids.elements())
        return {place: _without(left, elsewhere) for place, left in missing.items()}

    def _read_from(self, folder: Path) -> Mapping[int, Counter[_Slot]]:
        if folder not in self._from:
            keys = keys_of(folder, self._read)
            self._from[folder] = {
                _mark(keys[place][0]): Counter(_slots_of(bytes(entries), bytes(files)))
                for place, (entries, files) in self._read.items()
            }
        return self._from[folder]

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


class Gone(NamedTuple):
    """A part that is no longer there, how many entries go with it, and whether its source still
    names it: then it is empty."""

    part: str
    entries: int
    named: bool


class _Slot(NamedTuple):
    """The short digests of an entry, and of the name of its file; b"" where it has none."""

    entry: bytes
    file: bytes


def holds(parts: Iterable[WrittenPart], source: str, path: str, folder: Path) -> bool:
    """Return whether there is an entry in these parts from a file or folder of a source, or what
    a file lends; "" is the top."""
    place = Place(source, f"{source}/{path}" if path else source)
    keys = keys_of(folder, (place,))[place]
    marks, name = set(map(_mark, keys)), _short_name(keys[0])
    above = {_mark(posixpath.dirname(key)) for key in keys}
    for part in parts:
        # A member's folder, which has files, is no source by itself.
        is_place = part.place in marks and bool(path or not part.files)
        if is_place or (part.source in marks and _has_or_had(part)):
            return True
        of_folder = part.place in above and part.entries
        if of_folder and (not part.files or name in _each(part.files)):
            return True
    return False


def holds_feeds(parts: Iterable[WrittenPart], source: str, folder: Path) -> bool:
    """Return whether there is an entry in these parts from a feed that a source lists."""
    tops = set(map(_mark, source_keys(source, folder)))
    feeds = (part for part in parts if _has_or_had(part) and not part.files)
    return any(part.source in tops and part.place not in tops for part in feeds)


def _of_failed(before: Iterable[WrittenPart], failed: Container[int]) -> Iterator[WrittenPart]:
    """Yield what stays known of sources that failed: that they were some.  A member's folder is
    none."""
    for part in before:
        if part.source in failed and _has_or_had(part):
            place = part.source if part.files else part.place
            yield WrittenPart(
                name=part.name, place=place, source=part.source, entries=b"", failed=True
            )


def _has_or_had(part: WrittenPart) -> bool:
    return bool(part.entries or part.failed)


def entries_of(parts: Iterable[WrittenPart], feed: str, folder: Path) -> frozenset[bytes]:
    """Return what stands for the entries that these parts hold of a feed, by its address, under the
    ids that it gives them."""
    places = set(map(_mark, source_keys(feed, folder)))
    of_feed = [part for part in parts if part.place in places]
    return frozenset().union(
        *(Counter(_each(part.entries)) - Counter(_each(part.renamed)) for part in of_feed)
    )


def entry_mark(id_: str) -> bytes:
    """Return what stands for an entry among those of its feed."""
    return _short(_mark(fold(id_)))


def is_part(parts: Iterable[WrittenPart], key: str) -> bool:
    """Return whether the key of a source, or of a feed, is that of any of these parts."""
    mark = _mark(key)
    return any(mark in (part.place, part.source) for part in parts)


def without(
    parts: Iterable[WrittenPart], feeds: Iterable[str], folder: Path
) -> tuple[WrittenPart, ...]:
    """Return the parts that are none of the feeds at these addresses."""
    places = {_mark(key) for each in feeds for key in source_keys(each, folder)}
    return tuple(part for part in parts if part.place not in places)


def _seen_from(folder: Path, places: Iterable[Place]) -> set[int]:
    return {_mark(key) for keys in keys_of(folder, places).values() for key in keys}


def _ids(slots: Counter[_Slot]) -> Counter[bytes]:
    return Counter(slot.entry for slot in slots.elements())


def _without(slots: Iterable[_Slot], moved: Counter[bytes]) -> list[_Slot]:
    """Return the entries without those that are among the ``moved``, which are used up."""
    left = []
    for slot in slots:
        if moved[slot.entry]:
            moved[slot.entry] -= 1
        else:
            left.append(slot)
    return left


def _slots_of(entries: bytes, files: bytes) -> Iterator[_Slot]:
    return map(_Slot, _each(entries), _each(files) if files else itertools.repeat(b""))


def _file(path: str, origin: Origin) -> bytes:
    return _short_name(path) if origin.kind == "thicket" else b""


@lru_cache(maxsize=50_000)  # every output asks for the same ones
def _short_name(path: str) -> bytes:
    return _short(_mark(posixpath.basename(path)))


def _each(marks: bytes) -> Iterator[bytes]:
    return (marks[at : at + _BYTES] for at in range(0, len(marks), _BYTES))


def _short(mark: int) -> bytes:
    return mark.to_bytes(8, "big")[-_BYTES:]


@lru_cache(maxsize=50_000)  # every output asks for the same ones
def _mark(name: str) -> int:
    # Takes half the memory of its digits: there may be 100,000.  JSON has 53 bits.
    return int(digest(name, 13), 16)
