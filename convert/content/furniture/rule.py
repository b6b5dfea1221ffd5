"""What a rule of furniture is, and what several rules look for."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable

from lxml import etree

from convert.content.draft import Draft
from convert.content.tree import drop_all, text_of
from convert.content.vocabulary import names

Finder = Callable[[etree._Element, Draft], Iterable[etree._Element]]
Taker = Callable[[etree._Element, Iterable[etree._Element]], None]

READ_ALOUD = names(
    "sr-only sr_only sronly visually-hidden visuallyhidden visually_hidden screen-reader-text"
    " screen-reader-only screenreader-only screen-reader screenreader is-sr-only show-for-sr"
    " a11y-hidden u-visually-hidden u-hidden-visually govuk-visually-hidden usa-sr-only"
    " assistive-text accessibly-hidden element-invisible cdk-visually-hidden hidden-visually"
    " visually-hidden-focusable sr-only-focusable skip-link"
)
"""Classes of what only programs that read aloud are to say."""


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


def words_of(element: etree._Element) -> set[str]:
    """Return the classes of an element, in lower case."""
    return set(element.get("class", "").lower().split())


def is_silent(element: etree._Element) -> bool:
    """Tell whether an element is hidden from programs that read aloud."""
    is_hidden = element.get("aria-hidden", "false").strip().lower() != "false"
    return is_hidden or element.get("role", "").strip().lower() in {"presentation", "none"}


def has_words(text: str | None) -> bool:
    """Tell whether there is a letter or digit in a text."""
    return text is not None and re.search(r"\w", text) is not None


def is_wordless(element: etree._Element) -> bool:
    """Tell whether there is no letter or digit inside an element."""
    return not has_words(text_of(element))
