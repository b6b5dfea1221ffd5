"""Formulas in a view: MathML, a drawing, or TeX."""

from __future__ import annotations

from functools import lru_cache
from xml.etree import ElementTree  # the trees that ziamath takes; it is given only our own text

from lxml import etree

from convert.content.tree import listed, new, parse, replace, text_of
from convert.content.views.view import View
from convert.content.vocabulary import PHRASING, PHRASING_ONLY

MATHML = "http://www.w3.org/1998/Math/MathML"
EM = 24.0
"""Size of the drawing's em in its own units; the view states sizes in em of the text."""
MAX_COST = 5_000
"""Steps of layout beyond which a formula is not drawn; about two take a millisecond."""


def show_math(root: etree._Element, view: View) -> None:
    """Each formula as ``View.math`` says."""
    for formula in listed(root, "math"):
        tex = tex_of(formula)
        if view.math == "mathml":
            _as_mathml(formula, tex)
        elif view.math == "svg":
            drawing = drawn(formula, tex)
            _put(formula, _as_code(formula, tex) if drawing is None else drawing)
        else:
            _put(formula, _as_code(formula, tex))
    if view.math == "tex":
        for code in root.iter("code"):
            if code.get("class") == "tex" and code.get("data-display") is None:
                code.set("data-display", "inline")


def tex_of(formula: etree._Element) -> str | None:
    """The TeX that a formula keeps in its annotation."""
    for annotation in formula.iter("annotation"):
        if annotation.get("encoding") == "application/x-tex":
            return (annotation.text or "").strip() or None
    return None


def _as_mathml(formula: etree._Element, tex: str | None) -> None:
    formula.set("xmlns", MATHML)
    if tex is not None:
        formula.set("alttext", tex)


def _as_code(formula: etree._Element, tex: str | None) -> etree._Element:
    if tex is None:
        return new("code", " ".join(text_of(formula).split()), class_="math")
    return new("code", tex, class_="tex", data_display=formula.get("display") or "inline")


def _stdlib_tree(mathml: str) -> ElementTree.Element:
    return ElementTree.fromstring(mathml)  # noqa: S314 - written by lxml just above, no DTD


def _put(formula: etree._Element, shown: etree._Element) -> None:
    """In the formula's place; in a paragraph where a block stood among blocks."""
    parent = formula.getparent()
    alone = formula.get("display") == "block" and (
        parent is not None and parent.tag not in PHRASING | PHRASING_ONLY
    )
    if alone:
        paragraph = new("p", class_="math")
        paragraph.append(shown)
        shown = paragraph
    replace(formula, shown)


def drawn(formula: etree._Element, tex: str | None) -> etree._Element | None:
    """The formula as ``<svg role="img">`` sized in em, or None where it cannot be drawn."""
    bare = _presentation(formula)
    if _cost(bare) > MAX_COST:
        return None
    svg = _draw(etree.tostring(bare, encoding="unicode"))
    if svg is None:
        return None
    drawing = parse(svg)
    drawing.set("aria-label", tex or " ".join(text_of(formula).split()))
    return drawing


def _presentation(formula: etree._Element) -> etree._Element:
    """The formula in what ziamath knows: no ``semantics``, no annotations, few rows in rows."""
    copy = parse(etree.tostring(formula, encoding="unicode", with_tail=False))
    for semantics in listed(copy, "semantics"):
        replace(semantics, *[part for part in semantics if part.tag not in _ANNOTATIONS])
    for style in copy.iter("mstyle"):
        if not style.attrib:
            style.tag = "mrow"
    for row in reversed(listed(copy, "mrow")):
        _flatten(row)
    if copy.get("mathcolor") is None:
        copy.set("mathcolor", "currentColor")
    return copy


def _flatten(row: etree._Element) -> None:
    """Splices a row into the row that holds it, where nothing in it is tall: its brackets
    need not grow with it.  Each level of rows doubles the time of layout."""
    if any(space.get("linebreak") for space in row.iterchildren("mspace")):
        return
    if next(row.iter(*_TALL), None) is None:
        for operator in row.iterchildren("mo"):
            operator.set("stretchy", "false")
    above = row.getparent()
    stretches = any(each.get("stretchy") != "false" for each in row.iterchildren("mo"))
    if above is not None and above.tag in _ROWS and not (row.attrib or stretches):
        replace(row, *list(row))


def _cost(formula: etree._Element) -> int:
    """Steps that layout takes, about: each row lays out what it holds twice."""
    total = 0
    waiting = [(formula, 1)]
    while waiting and total <= MAX_COST:
        each, weight = waiting.pop()
        total += weight
        weight *= 2 if each.tag in _ROWS | _DOUBLED else 1
        waiting += [(child, weight) for child in each]
    return total


_ROWS = frozenset({"math", "mrow", "mtd"})
_DOUBLED = frozenset({"mfenced", "mstyle", "mpadded", "mphantom", "menclose", "merror"})
_TALL = ("mfrac", "mtable", "munder", "mover", "munderover", "mroot", "msqrt")
_ANNOTATIONS = frozenset({"annotation", "annotation-xml"})


@lru_cache(maxsize=4096)
def _draw(mathml: str) -> str | None:
    # Here, not above: the fonts that ziamath loads cost every format 0.2 s otherwise.
    from ziamath.config import config  # noqa: PLC0415
    from ziamath.zmath import Math  # noqa: PLC0415

    # Shared symbols would need ids, which then repeat from formula to formula.
    config.svg2 = False
    try:
        markup = Math(_stdlib_tree(mathml), size=EM).svg()
        drawing = etree.fromstring(markup)
        left, top, width, height = (float(one) for one in str(drawing.get("viewBox")).split())
    except Exception:
        return None
    made = new("svg", role="img")
    made.set("xmlns", "http://www.w3.org/2000/svg")
    made.set("width", f"{width / EM:.3f}em")
    made.set("height", f"{height / EM:.3f}em")
    made.set("viewBox", f"{left:g} {top:g} {width:g} {height:g}")
    # What reaches below the base line (y = 0) hangs below that of the text.
    made.set("style", f"vertical-align: {-(top + height) / EM:.3f}em")
    for shape in drawing:
        plain = etree.SubElement(made, etree.QName(shape).localname)
        plain.attrib.update(shape.attrib)
    return etree.tostring(made, encoding="unicode")
