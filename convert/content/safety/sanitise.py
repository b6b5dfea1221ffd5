"""The last step: nothing but what the allow-list names leaves the tree, and no TeX that may act."""

from __future__ import annotations

from typing import NamedTuple, cast

from lxml import etree

from convert.content.draft import Draft
from convert.content.maths import loose
from convert.content.safety import allowlist
from convert.content.tree import drop, drop_all, unwrap_all

_FOREIGN = {"svg": allowlist.SVG, "math": allowlist.MATHML}
_NEEDED = {"img": "src", "time": "datetime", "bdo": "dir"}
"""Elements that are invalid, or say nothing, without an attribute."""


def mark(tree: etree._Element, draft: Draft) -> None:
    """Apply the allow-list to everything below the root, whose attributes all go."""
    for name in tree.keys():  # noqa: SIM118  # lxml's elements iterate over children
        del tree.attrib[name]
    elements = list(tree.iterdescendants())
    going = _Going([], [])
    at = 0
    while at < len(elements):
        element = elements[at]
        table = _FOREIGN.get(str(element.tag))
        if table is None:
            _apply(element, allowlist.HTML, going)
            at += 1
        else:
            inside = list(element.iter())
            for each in inside:
                _apply(each, table, going)
            at += len(inside)
    unwrap_all(tree, going.unwrapped)
    drop_all(tree, going.dropped)
    loose.disarm(tree)


class _Going(NamedTuple):
    """What leaves the tree once all of it was looked at."""

    unwrapped: list[etree._Element]
    dropped: list[etree._Element]


def _apply(element: etree._Element, table: allowlist.Table, going: _Going) -> None:
    tag = str(element.tag)  # that of a comment is a function, which no table has
    row = table.get(tag)
    if row is None:
        if not isinstance(element.tag, str):  # whose name cannot be changed
            drop(element)
        elif tag in allowlist.REMOVED:
            going.dropped.append(element)
        else:
            going.unwrapped.append(element)
        return
    if element.attrib:
        attributes = cast("list[tuple[str, str]]", element.items())
        stored = dict(attributes)
        checked = ((name, row[name](stored[name])) for name in row if name in stored)
        allowed = [(name, value) for name, value in checked if value is not None]
        if allowed != attributes:  # in the order of the table
            element.attrib.clear()
            for name, value in allowed:
                element.set(name, value)
    if tag not in _NEEDED:
        return
    if _NEEDED[tag] not in element.attrib:
        if tag == "img":
            element.text = element.get("alt")
        going.unwrapped.append(element)
    elif tag == "img" and element.get("alt") is None:
        element.set("alt", "")
