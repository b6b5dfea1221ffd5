"""Headings under the entry's title, which is the h1 of every output."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.tree import drop, is_bare, is_blank, text_of

_WORD = re.compile(r"\w+")
_TEXTS_BEFORE = cast("Callable[[etree._Element], list[str]]", etree.XPath("preceding::text()"))


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make the highest h2 and skip none; drop a heading that only repeats the title."""
    headings = list(tree.iter(*v.HEADINGS))
    title = _words(draft.title)
    while headings and title and _words(text_of(headings[0])) == title:
        if not all(map(is_blank, _TEXTS_BEFORE(headings[0]))):
            break
        element = headings.pop(0)
        parent = element.getparent()
        drop(element)
        # What held nothing but the heading goes with it.
        while parent is not None and parent is not tree:
            if not is_bare(parent) or not is_blank(parent.text):
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
