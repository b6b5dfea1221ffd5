"""Lists and tables of boxes that only their roles make one (WAI-ARIA)."""

from __future__ import annotations

from lxml import etree

from convert.content.draft import Draft
from convert.content.tree import selector, unwrap_all

CUES = ("listitem", "gridcell", "columnheader", "rowheader", "cell")
"""What the markup, in lower case, has one of where such a list or table may be."""
_BOXES = frozenset(("div", "span", "p"))
_HOLDERS = {"list": "ul", "table": "table", "grid": "table"}
_PARTS = {
    "listitem": "li",
    "rowgroup": "tbody",
    "row": "tr",
    "cell": "td",
    "gridcell": "td",
    "columnheader": "th",
    "rowheader": "th",
}
_HOMES = {
    "li": ("ul",),
    "tbody": ("table",),
    "tr": ("table", "tbody"),
    "td": ("tr",),
    "th": ("tr",),
}
_with_roles = selector("descendant::*[@role]")
_lists = selector(
    "descendant::*[@role='list' and descendant::*[@role='listitem']"
    " or (@role='table' or @role='grid') and descendant::*[@role='row']]"
)


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make a list or a table of the boxes that say that they are one."""
    if not draft.holds(*CUES):
        return
    holders = {each for each in _lists(tree) if each.tag in _BOXES}
    around: set[etree._Element] = set()
    for each in _with_roles(tree) if holders else ():
        role = each.get("role", "")
        if each in holders:
            each.tag = _HOLDERS[role]
        elif role in _PARTS and each.tag in _BOXES:
            between: list[etree._Element] = []
            above = each.getparent()
            while above is not None and above.tag in _BOXES and not above.get("role"):
                between.append(above)
                above = above.getparent()
            if above is not None and above.tag in _HOMES[_PARTS[role]]:
                each.tag = _PARTS[role]
                around.update(between)
    unwrap_all(tree, around)
