"""Where entries are from: the addresses of sources and of their parts, however they are spelled."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from convert.model import Origin
from convert.text.addresses import source_keys


class Place(NamedTuple):
    """The address of a source, and that of what is meant of it: the same, or a part's."""

    source: str
    address: str

    @property
    def is_inside(self) -> bool:
        """Whether it is a part of the source that stands below it."""
        return self.address.startswith(f"{self.source}/")


def keys_of(folder: Path, places: Iterable[Place]) -> Mapping[Place, Sequence[str]]:
    """Return the key of each place, the same for all spellings, and behind it those by which it
    may have been noted down, too.  The disk is asked once for each source: of what is a part of
    it, whether a link stands there now makes no difference."""
    places = frozenset(places)
    tops = {each.source if each.is_inside else each.address for each in places}
    of_top = {each: source_keys(each, folder) for each in tops}
    keys: dict[Place, Sequence[str]] = {}
    for each in places:
        if each.is_inside:
            below = each.address.removeprefix(f"{each.source}/")
            keys[each] = [f"{key}/{below}".removesuffix("/") for key in of_top[each.source]]
        else:
            keys[each] = of_top[each.address]
    return keys


def entry_address(path: str, origin: Origin) -> str:
    """Return the address of the file, or of the feed, that holds an entry."""
    if origin.kind != "thicket" and _is_address(path, origin):
        return path
    return f"{origin.address}/{path}"


def part_address(path: str, origin: Origin) -> str:
    """Return the address of the feed, or of the member's folder, that holds an entry."""
    if origin.kind == "thicket":
        return f"{origin.address}/{posixpath.dirname(path)}"
    return entry_address(path, origin)


def part_name(path: str, origin: Origin) -> str:
    """Return the same for people, without the folders above."""
    if origin.kind == "thicket":
        return posixpath.join(origin.name, posixpath.dirname(path))
    return path if _is_address(path, origin) else f"{origin.name}/{path}"


def _is_address(path: str, origin: Origin) -> bool:
    # A config file names the files of feeds, and they are no part of it.
    return origin.kind == "config" or "://" in path or path == origin.address
