"""What the steps of one preparation share and collect."""

from __future__ import annotations

import dataclasses

from convert.contract import MAX_BODY
from convert.model import ImageReference, Problem, StoredEntry, Value

MAX_DEPTH = 60
"""Deepest nest of elements that a prepared body has."""


class PrepareOptions(Value, frozen=True, kw_only=True):
    """What shapes prepared entries; part of the key under which they are remembered.

    ``dollar_math`` reads ``$…$`` as TeX, which in most blogs would be shell and prices.
    ``max_body`` is the most characters that a body may have.
    """

    dollar_math: bool = False
    max_body: int = MAX_BODY


@dataclasses.dataclass
class Draft:
    """One entry in the making: each step reads it, changes its tree, and notes what it met."""

    stored: StoredEntry
    options: PrepareOptions
    title: str
    """The entry's title as plain text."""
    base: str | None
    """The absolute http(s) address that relative references resolve against."""
    images: dict[str, ImageReference] = dataclasses.field(default_factory=dict)
    answers: list[str] = dataclasses.field(default_factory=list)
    """Addresses that the markup itself says the entry replies to."""
    problems: list[Problem] = dataclasses.field(default_factory=list)

    def warn(self, field: str, reason: str) -> None:
        """Note a problem that cost nothing but should be known."""
        self.problems.append(Problem(path=self.stored.path, field=field, reason=reason))
