"""Formulas in MathML: every element with the children that it must have (MathML 3, chapter 3)."""

from __future__ import annotations

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.safety import allowlist
from convert.content.tree import drop, is_blank, unwrap

_CHILDREN = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
}
_ONLY_IN = {
    "mtr": ("mtable",),
    "mtd": ("mtr",),
    "none": ("mmultiscripts",),
    "mprescripts": ("mmultiscripts",),
    "annotation": ("semantics",),
}
_ONLY_OF = {"mtable": "mtr", "mtr": "mtd"}


def mark(tree: etree._Element, draft: Draft) -> None:
    """Makes every formula valid; what is malformed in it becomes a row of what it holds."""
    for math in list(tree.iter("math")):
        if next(math.iterancestors("math"), None) is not None:
            _row(math)
            continue
        for element in list(math.iterdescendants()):
            element.attrib.pop("id", "")
            if element.tag not in allowlist.MATHML:
                unwrap(element)
        if math.get("display") != "block":
            math.set("display", "inline")
        _house_text(math)
        if not len(math):
            drop(math)
        for element in reversed(list(math.iterdescendants())):  # from the inside out
            _complete(element)


def _row(element: etree._Element) -> None:
    element.attrib.clear()
    element.tag = "mrow"


def _house_text(math: etree._Element) -> None:
    """Loose text stands in ``mtext``; tokens hold nothing but text."""
    for element in list(math.iter()):
        parent = element.getparent()
        if element.tag in v.MATHML_TOKENS:
            etree.strip_tags(element, "*")
        elif not is_blank(element.text):
            first = etree.Element("mtext")
            first.text, element.text = element.text, None
            element.insert(0, first)
        if element is not math and not is_blank(element.tail) and parent is not None:
            after = etree.Element("mtext")
            after.text, element.tail = element.tail, None
            element.addnext(after)


def _complete(element: etree._Element) -> None:
    tag = str(element.tag)
    parent = element.getparent()
    home = _ONLY_IN.get(tag)
    if home is not None and (parent is None or parent.tag not in home):
        if tag in {"none", "mprescripts"} and not len(element):
            drop(element)
        else:
            _to_row_or_text(element)
    elif not _is_complete(tag, [str(child.tag) for child in element]):
        _row(element)


def _is_complete(tag: str, children: list[str]) -> bool:
    """Whether the children of an element are as many, and of the kinds, that it must have."""
    if tag in _CHILDREN:
        return len(children) == _CHILDREN[tag]
    if tag in _ONLY_OF:
        return all(child == _ONLY_OF[tag] for child in children)
    if tag == "mspace":
        return not children
    if tag == "semantics":
        return (
            bool(children) and children[0] != "annotation" and set(children[1:]) <= {"annotation"}
        )
    if tag == "mmultiscripts":
        return _are_scripts(children)
    return True


def _are_scripts(children: list[str]) -> bool:
    """Whether this is a base, scripts in pairs, and perhaps prescripts in pairs."""
    if not children or children[0] in {"none", "mprescripts"} or children.count("mprescripts") > 1:
        return False
    at = children.index("mprescripts") if "mprescripts" in children else len(children)
    return (at - 1) % 2 == 0 and max(0, len(children) - at - 1) % 2 == 0


def _to_row_or_text(element: etree._Element) -> None:
    if element.tag == "annotation":
        element.attrib.clear()
        element.tag = "mtext"
    else:
        _row(element)
