"""Elements of MathML, put together from what a page only draws."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from convert.content.tree import new


def element_of(tag: str, parts: Iterable[etree._Element], **attributes: str) -> etree._Element:
    """Return an element that holds some others."""
    element = new(tag, **attributes)
    element.extend(list(parts))
    return element


def group(parts: list[etree._Element]) -> etree._Element:
    """Return elements as one: a row, where it is not one already."""
    return parts[0] if len(parts) == 1 else element_of("mrow", parts)
