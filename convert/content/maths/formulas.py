"""Formulas in MathML: every element with the children that it must have (MathML 3, chapter 3)."""

from __future__ import annotations

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.maths.written import tex_of
from convert.content.safety import allowlist
from convert.content.tree import drop, inside, is_blank, new, unwrap

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
    """Make every formula valid; what is malformed in it becomes a row of what it holds."""
    for math in list(tree.iter("math")):
        # A formula in a formula has no meaning (§2.2): it is a part like others.
        if inside(math, "math"):
            _become(math, "mrow")
            continue
        for element in list(math.iterdescendants()):
            element.attrib.pop("id", "")
            if element.tag not in allowlist.MATHML:
                unwrap(element)
        if math.get("display") != "block":
            math.set("display", "inline")
        for element in list(math.iter()):
            # Loose text stands in mtext; tokens hold nothing but text.
            if element.tag in v.MATHML_TOKENS:
                etree.strip_tags(element, "*")
            elif not is_blank(element.text):
                element.insert(0, new("mtext", element.text))
                element.text = None
            if element is not math and not is_blank(element.tail):
                text, element.tail = element.tail, None
                element.addnext(new("mtext", text))
        if not len(math):
            drop(math)
        for element in reversed(list(math.iterdescendants())):  # from the inside out
            _complete(element)
        _say(math)


def _say(math: etree._Element) -> None:
    """Put TeX beside a formula that has none; where it is out of bounds it stays without."""
    if math.getparent() is None or math.find("semantics/annotation") is not None:
        return
    tex = tex_of(math)
    if tex is None:
        return
    shown = [part for part in math if part.tag != "annotation"]
    row = shown[0] if len(shown) == 1 and shown[0].tag == "mrow" else new("mrow")
    if row not in shown:
        row.extend(shown)
    semantics = new("semantics")
    semantics.append(row)
    semantics.append(new("annotation", tex, encoding="application/x-tex"))
    math[:] = [semantics]


def _become(element: etree._Element, tag: str) -> None:
    element.attrib.clear()
    element.tag = tag


def _complete(element: etree._Element) -> None:
    """Make a row of an element that is not where it may be, or has not the children it must."""
    tag = str(element.tag)
    parent = element.getparent()
    home = _ONLY_IN.get(tag)
    if home is not None and (parent is None or parent.tag not in home):
        if tag in {"none", "mprescripts"} and not len(element):
            drop(element)
        else:
            _become(element, "mtext" if tag == "annotation" else "mrow")
        return
    children = [str(child.tag) for child in element]
    complete = True
    if tag in _CHILDREN:
        complete = len(children) == _CHILDREN[tag]
    elif tag in _ONLY_OF:
        complete = set(children) <= {_ONLY_OF[tag]}
    elif tag == "mspace":
        complete = not children
    elif tag == "semantics":
        complete = set(children[:1]) != {"annotation"} and set(children[1:]) <= {"annotation"}
    elif tag == "mmultiscripts":
        # A base, scripts in pairs, and perhaps prescripts in pairs (§3.4.7).
        scripts = children[1:]
        at = scripts.index("mprescripts") if "mprescripts" in scripts else len(scripts)
        complete = (
            not {"none", "mprescripts"} & set(children[:1])
            and scripts.count("mprescripts") <= 1
            and at % 2 == 0
            and max(0, len(scripts) - at - 1) % 2 == 0
        )
    if tag in {"semantics", "mmultiscripts"} and not children:
        complete = False
    if not complete:
        _become(element, "mrow")
