"""SVG as it stands in bodies: styles become attributes, everything stands where it may."""

from __future__ import annotations

import re

from lxml import etree

from convert.content.draft import Draft
from convert.content.safety import allowlist
from convert.content.safety.svg import MAX_CHAIN, MAX_DRAWN, Weights
from convert.content.tree import drop, unwrap
from convert.content.vocabulary import names

_DECLARATION = re.compile(r"\s*([a-z-]+)\s*:\s*([^;]+)")
_SVG_TEXT = frozenset(("text", "tspan", "textPath", "title", "desc"))
_PRIMITIVES = frozenset(name for name in allowlist.SVG if name.startswith("fe"))
_GRADIENTS = frozenset(("linearGradient", "radialGradient"))
_GROUPS = names("svg g defs switch symbol marker pattern mask clipPath")
_HOMES = (
    dict.fromkeys(sorted(_PRIMITIVES - {"feMergeNode"}), frozenset(("filter",)))
    | {"feMergeNode": frozenset(("feMerge",)), "stop": _GRADIENTS}
    | dict.fromkeys(("tspan", "textPath"), _SVG_TEXT)
    | dict.fromkeys(("title", "desc"), frozenset(allowlist.SVG) - {"title", "desc"})
)
"""Where an element may stand; one of ``_GROUPS`` where nothing is said."""


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make every drawing valid; what stands where it means nothing goes."""
    for svg in list(tree.iter("svg")):
        for element in list(svg.iterdescendants()):
            if element.tag == "a" or element.tag not in allowlist.SVG:
                (drop if element.tag in allowlist.REMOVED else unwrap)(element)
        for element in list(svg.iterdescendants()):
            parent = element.getparent()
            homes = _HOMES.get(str(element.tag), _GROUPS)
            if parent is not None and parent.tag not in homes:
                drop(element)
        for element in svg.iter():
            declared = _DECLARATION.findall(element.get("style") or "")
            element.attrib.update(
                [
                    (name, value.replace("!important", "").strip())
                    for name, value in declared
                    if name in allowlist.SVG_STYLE
                ]
            )
            if element.tag not in _SVG_TEXT:  # where text is not drawn
                element.text = None
                for child in element:
                    child.tail = None
    weights = Weights(tree)
    for svg in reversed(list(tree.iter("svg"))):
        if weights.too_heavy(svg):
            draft.note(
                f"a drawing that comes to more than {MAX_DRAWN:,} elements, or {MAX_CHAIN} inside"
                " one another, is left out"
            )
            drop(svg)
        elif not len(svg):
            drop(svg)
