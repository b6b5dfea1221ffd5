"""The last step: nothing but what the allow-list names leaves the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from lxml import etree

from convert.content.draft import Draft
from convert.content.safety import allowlist
from convert.content.tree import add_text_before, drop, unwrap

_FOREIGN = {"svg": allowlist.SVG, "math": allowlist.MATHML}


def mark(tree: etree._Element, draft: Draft) -> None:
    """Applies the allow-list to everything below the root, whose attributes all go."""
    for name in tree.keys():  # noqa: SIM118  # lxml's elements iterate over children
        del tree.attrib[name]
    elements = list(tree.iterdescendants())
    at = 0
    while at < len(elements):
        element = elements[at]
        table = _FOREIGN.get(str(element.tag))
        if table is None:
            _apply(element, allowlist.HTML)
            at += 1
        else:
            inside = list(element.iter())
            for each in inside:
                _apply(each, table)
            at += len(inside)


def _apply(element: etree._Element, table: allowlist.Table) -> None:
    tag = str(element.tag)  # that of a comment is a function, which no table has
    row = table.get(tag)
    if row is None:
        if not isinstance(element.tag, str) or tag in allowlist.REMOVED:
            drop(element)
        else:
            unwrap(element)
        return
    found = cast("list[tuple[str, str]]", element.items())
    if found:
        kept = _checked(found, row)
        if kept != found:
            element.attrib.clear()
            for name, value in kept:
                element.set(name, value)
    if tag in _NEEDED:
        _complete(element, _NEEDED[tag])


def _checked(
    found: list[tuple[str, str]], row: Mapping[str, allowlist.Check]
) -> list[tuple[str, str]]:
    """The attributes that pass, in the order of the table."""
    given = dict(found)
    checked = ((name, row[name](given[name])) for name in row if name in given)
    return [(name, value) for name, value in checked if value is not None]


_NEEDED = {"img": "src", "time": "datetime", "bdo": "dir"}
"""Elements that are invalid, or say nothing, without an attribute."""


def _complete(element: etree._Element, needed: str) -> None:
    if needed not in element.attrib:
        if element.tag == "img":
            add_text_before(element, element.get("alt"))
        unwrap(element)
    elif element.tag == "img" and element.get("alt") is None:
        element.set("alt", "")
