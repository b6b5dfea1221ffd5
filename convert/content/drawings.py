"""SVG as it stands in bodies: styles become attributes, everything stands where it may."""

from __future__ import annotations

import re

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.safety import allowlist
from convert.content.safety.svg import Weights
from convert.content.tree import drop, unwrap

_DECLARATION = re.compile(r"\s*([a-z-]+)\s*:\s*([^;]+)")
_SVG_TEXT = frozenset(("text", "tspan", "textPath", "title", "desc"))
_PRIMITIVES = frozenset(name for name in allowlist.SVG if name.startswith("fe"))
_GRADIENTS = frozenset(("linearGradient", "radialGradient"))
_GROUPS = v.names("svg g defs switch symbol marker pattern mask clipPath")
_HOMES = (
    dict.fromkeys(sorted(_PRIMITIVES - {"feMergeNode"}), frozenset(("filter",)))
    | {"feMergeNode": frozenset(("feMerge",)), "stop": _GRADIENTS}
    | dict.fromkeys(("tspan", "textPath"), _SVG_TEXT)
)


def mark(tree: etree._Element, draft: Draft) -> None:
    """Makes every picture valid; what stands where it means nothing goes."""
    for svg in list(tree.iter("svg")):
        for element in list(svg.iterdescendants()):
            if element.tag == "a" or element.tag not in allowlist.SVG:
                (drop if element.tag in allowlist.REMOVED else unwrap)(element)
        for element in list(svg.iterdescendants()):
            parent = element.getparent()
            if parent is not None and parent.tag not in _homes(element):
                drop(element)
        for element in svg.iter():
            _style(element)
            if element.tag not in _SVG_TEXT:  # where text is not drawn
                element.text = None
                for child in element:
                    child.tail = None
    weights = Weights(tree)
    for svg in reversed(list(tree.iter("svg"))):
        if weights.too_heavy(svg):
            draft.warn("content", "a drawing that repeats itself without end is left out")
            drop(svg)
        elif not len(svg):
            drop(svg)


def _homes(element: etree._Element) -> frozenset[str]:
    tag = str(element.tag)
    if tag in {"title", "desc"}:
        return frozenset(allowlist.SVG) - {"title", "desc"}
    return _HOMES.get(tag, _GROUPS)


def _style(element: etree._Element) -> None:
    style = element.get("style")
    if style:
        for name, value in _DECLARATION.findall(style):
            if name in allowlist.SVG_STYLE:
                element.set(name, value.replace("!important", "").strip())
