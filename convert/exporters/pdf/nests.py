"""Nests of lists and quotations: set in no further than the page allows."""

from __future__ import annotations

from lxml import etree

INDENTS = {"ul": 1.6, "ol": 1.6, "dd": 1.6, "blockquote": 3.2, "details": 1.0, "aside": 0.9}
"""Em that these are set in: the style sheet's, left and right together."""
MOST = 13.0
"""Em that a nest of them is set in at most: more than half of the narrowest page is left."""
_DEEP = "deep"


def limit_indents(root: etree._Element) -> None:
    """Mark the lists and quotations that lie deeper than there is room for."""
    indents: dict[etree._Element, float] = {}
    for each in root.iter(*INDENTS):
        above = next((indents[outer] for outer in each.iterancestors(*INDENTS)), 0.0)
        indents[each] = above + INDENTS[str(each.tag)]
        if indents[each] > MOST:
            add_class(each, _DEEP)
            indents[each] = above


def indent_of(element: etree._Element) -> float:
    """Return the em that an element is set in, after ``limit_indents``."""
    return sum(
        INDENTS[str(each.tag)]
        for each in element.iterancestors(*INDENTS)
        if _DEEP not in (each.get("class") or "").split()
    )


def add_class(element: etree._Element, name: str) -> None:
    """Add a word to the classes of an element."""
    element.set("class", f"{element.get('class') or ''} {name}".strip())
