"""What a rule of furniture is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from lxml import etree

from convert.content.tree import drop_all

Finder = Callable[[etree._Element], Iterable[etree._Element]]
Taker = Callable[[etree._Element, Iterable[etree._Element]], None]


@dataclasses.dataclass(frozen=True)
class Rule:
    """One kind of furniture: who writes it, how it is known, and how it is taken away.

    Only where one of ``cues`` (lower case) stands in the markup is the tree looked at.
    """

    name: str
    source: str
    """Who writes it so: programs, or the address of a page that says it."""
    cues: tuple[str, ...]
    find: Finder
    """Returns what goes; of elements inside one another the outer ones are enough."""
    take: Taker = drop_all
