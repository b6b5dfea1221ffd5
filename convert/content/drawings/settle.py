"""Drawings made whole: styles become attributes, labels text, and all stands where it may."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from convert.content.draft import Draft
from convert.content.drawings import blank, labels, share, sheets, sizes
from convert.content.safety import allowlist
from convert.content.safety.svg import MAX_CHAIN, MAX_DRAWN, Weights
from convert.content.tree import drop, drop_all, inside, new, selector, text_of, unwrap_all
from convert.content.vocabulary import DRAWN_LABEL, names

_GONE = allowlist.REMOVED.keys() - {"title"}
SVG_TEXT = frozenset(("text", "tspan", "textPath", "title", "desc"))
_PRIMITIVES = frozenset(name for name in allowlist.SVG if name.startswith("fe"))
_GRADIENTS = frozenset(("linearGradient", "radialGradient"))
_GROUPS = names("svg g defs symbol marker pattern mask clipPath")
_HOMES = (
    dict.fromkeys(sorted(_PRIMITIVES - {"feMergeNode"}), frozenset(("filter",)))
    | {"feMergeNode": frozenset(("feMerge",)), "stop": _GRADIENTS}
    | dict.fromkeys(("tspan", "textPath"), SVG_TEXT)
    | dict.fromkeys(("title", "desc"), frozenset(allowlist.SVG) - {"title", "desc"})
)
"""Where an element may stand; one of ``_GROUPS`` where nothing is said."""
_sheets = selector(f".//style | .//metadata[@{DRAWN_LABEL} = 'style']")
Said = Mapping[etree._Element, Mapping[str, str]]
"""What the styles of elements come to."""


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make every drawing one that stands alone; one that would draw nothing goes."""
    found = _sheets(tree)
    drawings = [svg for svg in tree.iter("svg") if not inside(svg, "svg")]
    if not drawings:
        drop_all(tree, found)
        return
    texts = [text_of(each) for each in found]
    drop_all(tree, found)
    if sum(map(len, texts)) > sheets.MAX_SHEETS:
        draft.note(f"style sheets of more than {sheets.MAX_SHEETS:,} characters; left out")
        texts = []
    styles = sheets.read(texts)
    hidden = [svg for svg in drawings if _settle(svg, styles, draft)]
    if styles.tried > sheets.MAX_TRIED:
        draft.note("style sheets have too many rules for so many shapes; some are left out")
    share.copy_in(drawings, draft)
    for svg in reversed(drawings):
        if Weights(svg).too_heavy(svg):
            draft.note(
                f"a drawing that comes to more than {MAX_DRAWN:,} elements, or {MAX_CHAIN} inside"
                " one another, is left out"
            )
            drop(svg)
        elif svg in hidden or not blank.draws(svg):
            blank.leave_words(svg)


def _settle(svg: etree._Element, styles: sheets.Styles, draft: Draft) -> bool:
    """Make one drawing valid; tell whether it is hidden."""
    said = {
        element: styles.of(element, is_root=element is svg) for element in svg.iter(etree.Element)
    }
    is_hidden = sizes.settle(svg, said[svg])
    _state(svg, said)
    _choose(svg, draft)
    _hide(svg, said)
    labels.set_as_text(svg, said)
    _lift_pictures(svg)
    elements = list(svg.iterdescendants())
    drop_all(svg, (each for each in elements if each.tag in _GONE))
    unwrap_all(svg, (each for each in svg.iterdescendants() if each.tag not in allowlist.SVG))
    for element in list(svg.iterdescendants()):
        parent = element.getparent()
        homes = _HOMES.get(str(element.tag), _GROUPS)
        if parent is not None and parent.tag not in homes:
            drop(element)
    for element in svg.iter():
        if element.tag not in SVG_TEXT:  # where text is not drawn
            element.text = None
            for child in element:
                child.tail = None
    _name(svg)
    return is_hidden and not any(text_of(each).strip() for each in svg.iter("text"))


def _state(svg: etree._Element, said: Said) -> None:
    """Put what styles say into the attributes that elements have for it."""
    for element, stated in said.items():
        row = allowlist.SVG.get(str(element.tag))
        if row is None or not stated:
            continue
        for name, value in stated.items():
            if name in row and (name not in {"width", "height"} or element is not svg):
                checked = row[name](value.removesuffix("px"))
                if checked is not None:
                    element.set(name, checked)


def _choose(svg: etree._Element, draft: Draft) -> None:
    """Leave of each ``switch`` what a browser draws: the first in the entry's language, or in
    none (SVG 2, §5.8.3), but no label without words."""
    language = (draft.stored.language or "").lower()[:2]
    for switch in reversed(list(svg.iter("switch"))):
        fitting = None
        for each in switch:
            languages = (each.get("systemLanguage") or language or "").lower()
            empty = each.get(DRAWN_LABEL) and not text_of(each).strip()
            if fitting is None and not empty and (not languages or language in languages):
                fitting = each
        if fitting is None:
            fitting = next((each for each in switch), None)
        for each in list(switch):
            if each is not fitting:
                drop(each)
        switch.tag = "g"


def _hide(svg: etree._Element, said: Said) -> None:
    """Take away what is not displayed; what stands in a group may still be used elsewhere."""
    for element in list(svg.iterdescendants()):
        display = said.get(element, {}).get("display") or element.get("display")
        if display == "none" and element.tag in {"g", "svg", "use", "text", "tspan", *_SHAPES}:
            if element.tag == "g" and not element.get(DRAWN_LABEL):
                element.tag = "defs"
            else:
                drop(element)


_SHAPES = names("path rect circle ellipse line polyline polygon image")


def _lift_pictures(svg: etree._Element) -> None:
    """Put the pictures of a drawing after it: it may load none, wherever it is shown."""
    for picture in reversed(list(svg.iter("image"))):
        address = picture.get("href") or picture.get("src")
        if address and not inside(picture, "defs", "symbol", "pattern", "mask", "clipPath"):
            words = picture.get("aria-label") or " ".join(text_of(picture).split())
            image = new("img", src=address, alt=words)
            for name in ("width", "height"):
                image.set(name, picture.get(name) or "")
            image.tail, svg.tail = svg.tail, None
            svg.addnext(image)
        drop(picture)


def _name(svg: etree._Element) -> None:
    """Say first what a drawing shows, where it says so in an attribute."""
    words = " ".join((svg.get("aria-label") or "").split())
    if words and svg.find("title") is None:
        svg.insert(0, new("title", words))
