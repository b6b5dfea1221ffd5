"""Boxes around blocks of code: which of them hold one block, and little beside it."""

from __future__ import annotations

import itertools

from lxml import etree

from convert.content.code.dialects import WRAPPERS, is_column, is_numbered
from convert.content.tree import classes, is_blank, text_of
from convert.content.vocabulary import HEADINGS

BOXES = frozenset({"div", "figure", "section", "pre"})
_MOST_BESIDE, _MOST_ELEMENTS, _MOST_TEXT = 12, 60, 200
"""What belongs to a block of code is small: beyond that nothing is looked at."""
_BAR = 32
"""Pixels."""
_HOLLOW = frozenset({"div", "span", "ul", "li", "nav", "p", "header"})
_PROSE = frozenset({"pre", "table", "blockquote", "dl", "video", "iframe", "math", *HEADINGS})


def are_of_code(boxes: list[etree._Element]) -> bool:
    """Tell whether boxes are called those of code."""
    words = (word for each in boxes for word in classes(each))
    return any(
        word in WRAPPERS
        or any(part in word for part in ("code", "highlight", "snippet", "syntax", "language-"))
        for word in words
    )


def holds_one(box: etree._Element, here: etree._Element) -> bool:
    """Tell whether a box holds a block of code and small things beside it, no loose words."""
    if box.tag not in BOXES or not is_blank(box.text):
        return False
    for at, child in enumerate(box):
        if at == _MOST_BESIDE or not is_blank(child.tail):
            return False
        if child is not here and not is_small(child):
            return False
    return True


def is_small(each: etree._Element) -> bool:
    """Tell whether an element may stand beside code: a column of numbers, or few words."""
    if is_numbered(each.get("class") or "") and is_column(text_of(each)):
        return True
    if each.get("role") == "button" and is_blank(text_of(each)):
        return True
    elements = list(itertools.islice(each.iter(), _MOST_ELEMENTS))
    if len(elements) == _MOST_ELEMENTS or any(one.tag in _PROSE for one in elements):
        return False
    length = 0
    for one in elements:
        if one.tag != "textarea":
            length += len(one.text or "")
        if one is not each:
            length += len(one.tail or "")
    return length <= _MOST_TEXT


def is_ornament(drawing: etree._Element) -> bool:
    """Tell whether a drawing is no higher than a bar above code, and has no words."""
    height = drawing.get("height") or ""
    return (
        height.isascii()
        and height.isdecimal()
        and int(height[:6]) <= _BAR
        and not text_of(drawing).strip()
    )


def is_empty(each: etree._Element) -> bool:
    """Tell whether nothing is left of what stood beside code."""
    elements = itertools.islice(each.iter(), _MOST_ELEMENTS)
    return all(one.tag in _HOLLOW and not one.get("id") for one in elements) and is_blank(
        text_of(each)
    )
