"""Whose word an entry is, and which of two who have it had it first."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from convert.text.addresses import same_address_key
from convert.text.members import authority


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """Who says that there is an entry.

    ``voice`` tells one feed, or one repository, from all others.  ``places`` are keys of where it
    was read, or of what a repository says of its member; ``stated`` of what a feed says of itself,
    ``credited`` of the feed that it says to have the entry from.  ``had`` tells how surely the
    entry of an id was there before: 2 where it was published, 1 where it was stored.
    """

    voice: str = ""
    member: str = ""
    is_repository: bool = True
    places: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()
    credited: frozenset[str] = frozenset()
    had: Callable[[str], int] = lambda id_: 0
    links: Sequence[str] = ()
    """What the entry links to."""
    declared: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Duplicate id to canonical one, as the user says or the source says of its own entries."""

    @property
    def is_known(self) -> bool:
        """Whether more tells whose it is than what it says of itself, which a file may."""
        return self.is_repository or bool(self.places)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that are known to be its own."""
        return frozenset(map(_host, self.places))

    @cached_property
    def _homes(self) -> frozenset[str]:
        """The folders that are its own: as it says, where it lies in them."""
        if not self.places:
            return self.stated
        around = {page for page in self.stated if any(_is_in(each, page) for each in self.places)}
        return frozenset(around) or self.places

    def rank(self, identity: str) -> tuple[int, int]:
        """Return how surely an id or an address is this one's own: by the host that it names, on a
        host of many by the folder, too."""
        host = authority(identity)
        if not host:
            return 0, 0
        certain = 2 if host in self.hosts else int(host in map(_host, self.stated))
        key = same_address_key(identity)
        inside = (each.count("/") + 1 for each in self._homes if _is_in(key, each))
        return certain, max(inside, default=0) if certain else 0

    def is_of_same(self, other: Standing) -> bool:
        """Return whether two speak for one blog: a feed of all and one of a category."""
        if self.voice == other.voice or self.member == other.member:
            return True
        return any(
            _is_in(one, two) or _is_in(two, one) for one in self._homes for two in other._homes
        )


def _host(key: str) -> str:
    return key.partition("/")[0]


def _is_in(key: str, folder: str) -> bool:
    return key == folder or key.startswith(f"{folder}/")
