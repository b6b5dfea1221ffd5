"""Formulas in a view: MathML, a drawing, a picture, or TeX."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from xml.etree import ElementTree  # the trees that ziamath takes; it is given only our own text

from lxml import etree

from convert.content.maths.tex import on_one_line
from convert.content.tree import listed, lone, new, replace
from convert.content.views import broken
from convert.content.views.linear import linear
from convert.content.views.pictures import as_image
from convert.content.views.view import View
from convert.content.vocabulary import PHRASING, PHRASING_ONLY
from convert.text.markup import parse

MATHML = "http://www.w3.org/1998/Math/MathML"
EM = 24.0
"""Size of the drawing's em in its own units; the view states sizes in em of the text."""
NARROWEST = 6.0
"""Em of the narrowest place that a formula is cut for."""
MAX_COST = 5_000
"""Steps of layout beyond which a formula is not drawn; about two take a millisecond."""


def show_math(root: etree._Element, view: View) -> None:
    """Show each formula as ``View.math`` says."""
    for formula in listed(root, "math"):
        tex = tex_of(formula)
        if view.math in {"mathml", "presentation"}:
            if view.math == "presentation":
                _leave_presentation(formula)
                while (row := lone(formula)) is not None and row.tag == "mrow" and not row.attrib:
                    replace(row, *row)  # <math> is a row itself
            formula.set("xmlns", MATHML)
            if tex is not None:
                # An attribute has no lines: what reads it as XML makes spaces of them.
                formula.set("alttext", on_one_line(tex))
            continue
        if view.math == "svg" and view.widest_formula:
            _show_on_paper(formula, tex, view.widest_formula)
            continue
        shown = drawn(formula, tex) if view.math in {"svg", "image"} else None
        if shown is not None and view.math == "image":
            words = on_one_line(tex) if tex else linear(formula)
            shown = as_image(shown, words, class_="tex" if tex else "math")
        if shown is None and tex is None:
            shown = new("code", linear(formula), class_="math")
        elif shown is None:
            # As GitHub and GitLab write it.
            style = "display" if formula.get("display") == "block" else "inline"
            shown = new("code", tex, class_="tex", data_math_style=style)
        _put(formula, [shown])
    if view.math == "tex":
        for code in root.iter("code"):
            if code.get("class") == "tex" and code.get("data-math-style") is None:
                code.set("data-math-style", "inline")


def _put(formula: etree._Element, shown: list[etree._Element]) -> None:
    """Put what shows a formula in its place; in a paragraph of its own where it stands alone."""
    parent = formula.getparent()
    among_blocks = parent is not None and parent.tag not in PHRASING | PHRASING_ONLY
    if among_blocks and formula.get("display") == "block":
        paragraph = new("p", class_="math")
        paragraph.extend(shown)
        shown = [paragraph]
    replace(formula, *shown)


def _show_on_paper(formula: etree._Element, tex: str | None, widest: float) -> None:
    """Draw a formula in as many pieces as lines of its place need; as TeX where it would have to
    be too small."""
    for each in formula.iterancestors("li", "dd", "blockquote", "tr"):
        widest -= 2.0
        if each.tag == "tr":
            widest = (widest - 2.0) / max(1, len(each))

    def draw(parts: Sequence[etree._Element]) -> etree._Element | None:
        if len(parts) == 1 and parts[0] is formula:
            return drawn(formula, tex)
        row = new("math")
        row.extend(copy.deepcopy(each) for each in parts)
        return drawn(row, None)

    try:
        shown = list(broken.pieces([formula], max(widest, NARROWEST), draw))
    except broken.TooWideError:
        style = "display" if formula.get("display") == "block" else "inline"
        words = tex or linear(formula)
        shown = [new("code", words, class_="tex" if tex else "math", data_math_style=style)]
    for each in shown[:-1]:
        each.tail = "\u200b"  # a line may end here
    _put(formula, shown)


def tex_of(formula: etree._Element) -> str | None:
    """Return the TeX that a formula keeps in its annotation."""
    for annotation in formula.iter("annotation"):
        if annotation.get("encoding") == "application/x-tex":
            return (annotation.text or "").strip() or None
    return None


def drawn(formula: etree._Element, tex: str | None) -> etree._Element | None:
    """Return the formula as ``<svg role="img">`` sized in em; None where it cannot be drawn."""
    bare = parse(etree.tostring(formula, encoding="unicode", with_tail=False))
    _leave_presentation(bare)
    for style in bare.iter("mstyle"):
        if not style.attrib:
            style.tag = "mrow"
    # Each level of rows in rows doubles the time of layout.
    for row in reversed(listed(bare, "mrow")):
        if any(space.get("linebreak") for space in row.iterchildren("mspace")):
            continue
        if next(row.iter(*_TALL), None) is None:  # its brackets need not grow with it
            for operator in row.iterchildren("mo"):
                operator.set("stretchy", "false")
        above = row.getparent()
        stretches = any(each.get("stretchy") != "false" for each in row.iterchildren("mo"))
        if above is not None and above.tag in _ROWS and not (row.attrib or stretches):
            replace(row, *row)
    if bare.get("mathcolor") is None:
        bare.set("mathcolor", "currentColor")
    steps = 0
    waiting = [(bare, 1)]
    while waiting:
        each, weight = waiting.pop()
        steps += weight
        if steps > MAX_COST:
            return None
        weight *= 2 if each.tag in _ROWS | _DOUBLED else 1  # a row lays out what it holds twice
        waiting += [(child, weight) for child in each]
    svg = _draw(etree.tostring(bare, encoding="unicode"))
    if svg is None:
        return None
    drawing = parse(svg)
    drawing.set("aria-label", tex or linear(formula))
    return drawing


def _leave_presentation(formula: etree._Element) -> None:
    """Leave of a formula what is shown of it: no ``semantics``, no annotations."""
    for semantics in listed(formula, "semantics"):
        replace(semantics, *[part for part in semantics if part.tag not in _ANNOTATIONS])


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
        tree = ElementTree.fromstring(mathml)  # noqa: S314 - written by lxml, no DTD
        markup = Math(tree, size=EM).svg()
        drawing = parse(markup)
        left, top, width, height = (float(one) for one in str(drawing.get("viewBox")).split())
    except Exception:
        return None
    root = new("svg", role="img", xmlns="http://www.w3.org/2000/svg")
    root.set("width", f"{width / EM:.3f}em")
    root.set("height", f"{height / EM:.3f}em")
    root.set("viewBox", f"{left:g} {top:g} {width:g} {height:g}")
    # What reaches below the base line (y = 0) hangs below that of the text.
    root.set("style", f"vertical-align: {-(top + height) / EM:.3f}em")
    for shape in drawing:
        plain = etree.SubElement(root, etree.QName(shape).localname)
        plain.attrib.update(shape.attrib)
    return etree.tostring(root, encoding="unicode")
