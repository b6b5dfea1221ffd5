"""What a rule of furniture is, and what several rules look for."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.tree import drop_all, is_blank, text_of
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
    called: frozenset[str] = frozenset()
    """Classes and ids, of which one stands in the markup, too, where there are any."""
    keeps_words: bool = False
    """Whether only tags go."""


def drop_tidily(tree: etree._Element, elements: Iterable[etree._Element]) -> None:
    """Drop elements, with the blanks between them and where their line begins or ends."""
    elements = list(elements)
    for each in elements:
        before, parent = each.getprevious(), each.getparent()
        if before is None and parent is not None and is_blank(parent.text):
            each.tail = (each.tail or "").lstrip()
        elif each.getnext() is None and is_blank(each.tail):
            if before is not None:
                before.tail = (before.tail or "").rstrip()
            elif parent is not None:
                parent.text = (parent.text or "").rstrip()
    drop_all(tree, elements)


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


def text_without(element: etree._Element, parts: Iterable[etree._Element]) -> str:
    """Return the text of an element that does not stand in some of its parts."""
    hidden = set(parts)
    shown = [element.text or ""]
    waiting = [*element]
    while waiting:
        each = waiting.pop()
        shown.append(each.tail or "")
        if each not in hidden:
            shown.append(each.text or "")
            waiting += [*each]
    return "".join(shown)


def shows_words(element: etree._Element) -> bool:
    """Tell whether there are words in an element beside those of drawings."""
    return has_words(text_without(element, element.iter("svg")))


def stands_in_text(element: etree._Element, *, boxes: bool = False) -> bool:
    """Tell whether words stand in the same line as an element, near it.

    In a box that is no paragraph only text of its own counts: what stands in its elements may be
    furniture, too; with ``boxes`` that counts as well.
    """
    at, parent = element, element.getparent()
    while parent is not None:
        is_line = (
            boxes
            or parent.tag in v.PHRASING
            or parent.tag in v.PHRASING_ONLY
            or parent.tag in v.CELLS
        )
        before = at.getprevious()
        if has_words(at.tail) or has_words(parent.text if before is None else before.tail):
            return True
        if is_line and any(map(is_word, [*_near(at), *_near(at, preceding=True)])):
            return True
        if parent.tag not in v.PHRASING and parent.tag not in _AROUND:
            return is_line and has_words(parent.text)
        at, parent = parent, parent.getparent()
    return False


_NEAR = 20
"""Elements on each side that are looked at."""
_AROUND = frozenset(("button", "label", "picture", "font"))
_WORDLESS = frozenset(("svg", "img", "button", "select", "input", "textarea", "br"))


def _near(at: etree._Element, *, preceding: bool = False) -> Iterator[etree._Element]:
    """Yield the inline elements on one side, as far as the line goes."""
    for each in itertools.islice(at.itersiblings(preceding=preceding), _NEAR):
        if each.tag in v.BLOCKS or each.tag == "br":
            return
        yield each


def is_word(each: etree._Element) -> bool:
    """Tell whether an element is a word of a line, or stands before one."""
    return has_words(each.tail) or (each.tag not in _WORDLESS and has_words(text_of(each)))
