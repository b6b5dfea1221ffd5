"""SVG and MathML as they stand in bodies: style becomes attributes, stray text a home."""

from __future__ import annotations

import re

from lxml import etree

from convert.content import allowlist
from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.tree import drop, is_blank, unwrap

_DECLARATION = re.compile(r"\s*([a-z-]+)\s*:\s*([^;]+)")
_SVG_TEXT = frozenset(("text", "tspan", "textPath", "title", "desc"))


def mark(tree: etree._Element, draft: Draft) -> None:
    """Makes pictures and formulas in the markup safe to judge by the allow-list."""
    for svg in list(tree.iter("svg")):
        for element in list(svg.iter()):
            if element is not svg and (element.tag == "a" or element.tag not in allowlist.SVG):
                (drop if element.tag in allowlist.REMOVED else unwrap)(element)
            else:
                _style(element)
        _text_of_drawing(svg)
    for math in list(tree.iter("math")):
        _text_of_formula(math)


def _style(element: etree._Element) -> None:
    style = element.get("style")
    if style:
        for name, value in _DECLARATION.findall(style):
            if name in allowlist.SVG_STYLE:
                element.set(name, value.replace("!important", "").strip())


def _text_of_drawing(svg: etree._Element) -> None:
    """Text that no reader draws goes: it is not valid outside of ``text`` and the like."""
    for element in svg.iter():
        if element.tag not in _SVG_TEXT:
            element.text = None
            for child in element:
                child.tail = None


def _text_of_formula(math: etree._Element) -> None:
    """Loose text stands in ``mtext``, tokens hold nothing but text."""
    for element in list(math.iter()):
        if element.tag in v.MATHML_TOKENS:
            etree.strip_tags(element, "*")
        elif not is_blank(element.text):
            first = etree.Element("mtext")
            first.text, element.text = element.text, None
            element.insert(0, first)
        if element is not math and element.tail and not is_blank(element.tail):
            parent = element.getparent()
            if parent is not None and parent.tag not in v.MATHML_TOKENS:
                after = etree.Element("mtext")
                after.text, element.tail = element.tail, None
                element.addnext(after)
