"""What is done to each drawing, part by part, so that it needs nothing but itself.

Every part takes the drawing, what the styles of its elements come to, and the draft.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from convert.content.draft import Draft
from convert.content.drawings import glyphs
from convert.content.safety import allowlist
from convert.content.tree import drop, drop_all, inside, new, text_of, unwrap_all
from convert.content.vocabulary import DRAWN_LABEL, names

Said = Mapping[etree._Element, Mapping[str, str]]
"""What the styles of elements come to."""
_TEXT = frozenset(("text", "tspan", "textPath", "title", "desc"))
_GONE = allowlist.REMOVED.keys() - {"title"}
_KNOWN = allowlist.SVG.keys()
_PRIMITIVES = frozenset(name for name in allowlist.SVG if name.startswith("fe"))
_GRADIENTS = frozenset(("linearGradient", "radialGradient"))
_GROUPS = names("svg g defs symbol marker pattern mask clipPath")
_HOMES = (
    dict.fromkeys(sorted(_PRIMITIVES - {"feMergeNode"}), frozenset(("filter",)))
    | {"feMergeNode": frozenset(("feMerge",)), "stop": _GRADIENTS}
    | dict.fromkeys(("tspan", "textPath"), _TEXT)
    | dict.fromkeys(("title", "desc"), frozenset(allowlist.SVG) - {"title", "desc"})
)
"""Where an element may stand; one of ``_GROUPS`` where nothing is said."""
_HIDDEN = names("circle ellipse g image line path polygon polyline rect svg text tspan use")
"""What is not drawn where it is not displayed."""


def put_styles(svg: etree._Element, said: Said, draft: Draft) -> None:
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


def choose(svg: etree._Element, said: Said, draft: Draft) -> None:
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


def hide(svg: etree._Element, said: Said, draft: Draft) -> None:
    """Take away what is not displayed; what stands in a group may still be used elsewhere."""
    for element in list(svg.iterdescendants()):
        display = said.get(element, {}).get("display") or element.get("display")
        if display == "none" and element.tag in _HIDDEN:
            if element.tag == "g" and not element.get(DRAWN_LABEL):
                element.tag = "defs"
            else:
                drop(element)


def lift_pictures(svg: etree._Element, said: Said, draft: Draft) -> None:
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


def lift_links(svg: etree._Element, said: Said, draft: Draft) -> None:
    """Put the links of a drawing after it, as it may lead nowhere; in a link there can be none."""
    words: dict[str, str] = {}
    for link in svg.iter("a"):
        address = link.get("href") or ""
        if address.strip() and not address.startswith("#"):
            shown = [link] if inside(link, "text") else link.iter("text")
            spoken = " ".join(" ".join(map(text_of, shown)).split())
            words.setdefault(address, spoken or link.get("title") or address)
    for address in reversed(words) if not inside(svg, "a", "button") else ():
        lifted = new("a", words[address], href=address)
        lifted.tail, svg.tail = svg.tail, " "
        svg.addnext(lifted)


def name(svg: etree._Element, said: Said, draft: Draft) -> None:
    """Say first what a drawing shows, where it says so in an attribute."""
    words = " ".join((svg.get("aria-label") or "").split()) or glyphs.spoken(svg)
    if words and svg.find("title") is None:
        svg.insert(0, new("title", words))


def place(svg: etree._Element, said: Said, draft: Draft) -> None:
    """Take away what SVG does not know, or what stands where it means nothing."""
    gone = [each for each in svg.iterdescendants() if each.tag in _GONE]
    drop_all(svg, gone)
    unwrap_all(svg, [each for each in svg.iterdescendants() if each.tag not in _KNOWN])
    for element in list(svg.iterdescendants()):
        parent = element.getparent()
        homes = _HOMES.get(str(element.tag), _GROUPS)
        if parent is not None and parent.tag not in homes:
            drop(element)
    for element in svg.iter():
        if element.tag not in _TEXT:  # where text is not drawn
            element.text = None
            for child in element:
                child.tail = None


def part_words(svg: etree._Element, said: Said, draft: Draft) -> None:
    """Keep the words of one text, or line, apart from those of the next, however they are read."""
    spoken = [each for each in svg.iter("title", "desc", "text") if not inside(each, *_TEXT)]
    for each in spoken[:-1]:
        each.tail = " "
    for line in svg.iter("tspan"):
        before = line.getprevious()
        if before is not None and before.tag == "tspan" and not line.tail and not before.tail:
            moves = line.get("y") or (line.get("dy") or "0").rstrip("pxem") != "0"
            if line.get("x") and moves and not text_of(before)[-1:].isspace():
                before.tail = " "
