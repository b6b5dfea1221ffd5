"""Headings under the entry's title, which is the h1 of every output."""

from __future__ import annotations

import re

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.tree import drop, is_blank, text_of

_WORD = re.compile(r"\w+")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make the highest h2 and skip none; drop a heading that only repeats the title."""
    headings = list(tree.iter(*v.HEADINGS))
    title = _words(draft.title)
    while headings and title and _words(text_of(headings[0])) == title:
        if not _opens(tree, headings[0]):
            break
        element = headings.pop(0)
        parent = element.getparent()
        drop(element)
        # What held nothing but the heading goes with it.
        while parent is not None and parent is not tree:
            if len(parent) or not is_blank(parent.text):
                break
            element, parent = parent, parent.getparent()
            drop(element)
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
    """Return whether no text stands before a heading."""
    around = set(heading.iterancestors())
    for element in tree.iter():
        if element is heading:
            return True
        # The tail of an element that contains the heading comes after it.
        if not is_blank(element.text) or (element not in around and not is_blank(element.tail)):
            return False
    return True
