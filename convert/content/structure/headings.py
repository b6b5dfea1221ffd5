"""Headings under the entry's title, which is the h1 of every output."""

from __future__ import annotations

import re

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.tree import drop, is_blank, text_of

_WORD = re.compile(r"\w+")


def mark(tree: etree._Element, draft: Draft) -> None:
    """The highest is h2 and none is skipped; one that only repeats the title goes."""
    headings = list(tree.iter(*v.HEADINGS))
    if not headings:
        return
    title = _words(draft.title)
    while headings and title and _words(text_of(headings[0])) == title:
        if not _opens(tree, headings[0]):
            break
        _take_away(tree, headings.pop(0))
    above: list[int] = []
    for heading in headings:
        level = int(str(heading.tag)[1])
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        heading.tag = f"h{min(len(above) + 1, 6)}"


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _opens(tree: etree._Element, heading: etree._Element) -> bool:
    """Whether no text stands before a heading."""
    for element in tree.iter():
        if element is heading:
            return True
        if not is_blank(element.text):
            return False
        # The tail of an element that contains the heading comes after it.
        if element.tail and not is_blank(element.tail) and element not in _around(heading):
            return False
    return True


def _around(element: etree._Element) -> list[etree._Element]:
    return list(element.iterancestors())


def _take_away(tree: etree._Element, heading: etree._Element) -> None:
    element = heading
    while True:
        parent = element.getparent()
        drop(element)
        if parent is None or parent is tree or len(parent) or not is_blank(parent.text):
            return
        element = parent
