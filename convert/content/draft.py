"""What the steps of one preparation share and collect."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable

from lxml import etree

from convert.content.tree import text_of
from convert.contract import MAX_BODY, DollarMath
from convert.model import ImageReference, Problem, StoredEntry, Value
from convert.text.addresses import absolute

MAX_DEPTH = 60
"""Deepest nest of elements that a prepared body has."""
FLATTENED = 40
"""Where a nest that would come to be deeper is cut, as preparation wraps some more around it."""
TOO_DEEP = f"elements nest too deep; those deeper than {FLATTENED} are only their text"
MOST_NOTED = 20
"""Problems of one entry beyond which what else is left out is not named."""
# As the parser writes attributes; two patterns, as one with a choice takes five times as long.
_CLASSES = re.compile(' class="([^"]*)"')
_IDS = re.compile(' id="([^"]*)"')
Note = Callable[[str], None]
"""Takes what was left out of a body, and why."""


def note_nothing(reason: str) -> None:
    """Do nothing."""


class PrepareOptions(Value, frozen=True, kw_only=True):
    """What shapes prepared entries; part of the key under which they are remembered.

    ``dollar_math`` tells where ``$…$`` is TeX; in most blogs it is shell and prices.
    ``max_body`` is the most characters that a body may have.
    """

    dollar_math: DollarMath = "auto"
    max_body: int = MAX_BODY


def base_of(stored: StoredEntry) -> str | None:
    """Return the address that the relative references of an entry resolve against."""
    base = absolute(stored.link or "", None) or absolute(stored.base or "", None)
    return absolute(stored.base or "", base) or base


@dataclasses.dataclass
class Draft:
    """One entry in the making: each step reads it, changes its tree, and notes what it met."""

    stored: StoredEntry
    options: PrepareOptions
    title: str
    """The entry's title as plain text."""
    body_field: str
    """The name of the field that is its body."""
    base: str | None
    """The absolute http(s) address that relative references resolve against."""
    markup: str = ""
    """The body as it was parsed, in lower case: what does not stand in it no step need look for."""
    images: dict[str, ImageReference] = dataclasses.field(default_factory=dict)
    answers: list[str] = dataclasses.field(default_factory=list)
    """Addresses that the markup itself says the entry replies to."""
    anchors: dict[str, str] = dataclasses.field(default_factory=dict)
    """What the entry's own page calls a place, by the id that it has here, where they differ."""
    removed: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    """What the furniture said that was taken away, by the name of its rule."""
    problems: list[Problem] = dataclasses.field(default_factory=list)

    def holds(self, *cues: str) -> bool:
        """Tell whether one of some words, in lower case, stands in the body as it was parsed."""
        markup = self.markup
        for cue in cues:  # noqa: SIM110 - a generator takes twice as long, in each step
            if cue in markup:
                return True
        return False

    @functools.cached_property
    def called(self) -> frozenset[str]:
        """All words of the classes and ids in the body as it was parsed, in lower case."""
        named = [*_CLASSES.findall(self.markup), *_IDS.findall(self.markup)]
        return frozenset(" ".join(named).split())

    def warn(self, field: str, reason: str) -> None:
        """Note a problem that left the entry whole enough to be published, once."""
        problem = Problem(path=self.stored.path, field=field, reason=reason)
        if problem not in self.problems:
            self.problems.append(problem)

    def note(self, reason: str) -> None:
        """Note what was left out of the body, as long as it is not too much to read."""
        if len(self.problems) >= MOST_NOTED:
            reason = f"more is left out than these {MOST_NOTED} lines tell"
        self.warn(self.body_field, reason)

    def note_removal(self, rule: str, going: Iterable[etree._Element]) -> None:
        """Note what furniture says that is about to be taken away by a rule."""
        said = [" ".join(text_of(each).split()) for each in going]
        if said:
            self.removed.setdefault(rule, []).extend(said)
