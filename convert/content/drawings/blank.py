"""Drawings that draw nothing: an empty one, a sprite, a ``use`` of what is not there."""

from __future__ import annotations

import itertools

from lxml import etree

from convert.content.drawings.share import named_by
from convert.content.tree import replace_with_text, text_of
from convert.content.vocabulary import names

_NEVER = names(
    "defs symbol marker pattern mask clipPath filter linearGradient radialGradient title desc"
)
"""What is only drawn where it is used."""
_SIZES = {
    "path": ("d",),
    "rect": ("width", "height"),
    "circle": ("r",),
    "ellipse": ("rx", "ry"),
    "polyline": ("points",),
    "polygon": ("points",),
    "line": (),
}
"""What each shape needs to be seen."""
_NOTHING = frozenset(("", "0", "0px", "none"))
_BESIDE = 50
"""The most texts of a link that are looked at."""


def draws(svg: etree._Element, *, hidden: bool) -> bool:
    """Tell whether anything in a drawing could be seen; of one that is hidden until a script
    shows it only text."""
    ids = {str(each.get("id")): each for each in reversed(list(svg.iter())) if each.get("id")}
    seen: set[etree._Element] = set()
    waiting = list(svg)
    while waiting:
        element = waiting.pop()
        if element in seen:
            continue
        seen.add(element)
        tag = str(element.tag)
        if tag == "use":
            meant = [ids[name] for name in named_by(element) if name in ids]
            waiting += [part for each in meant for part in (each, *each)]
        elif tag == "text":
            if text_of(element).strip():
                return True
        elif tag in _SIZES:
            if not hidden and all(
                (element.get(name) or "").strip() not in _NOTHING for name in _SIZES[tag]
            ):
                return True
        elif tag not in _NEVER:
            waiting += list(element)
    return False


def leave_words(svg: etree._Element) -> None:
    """Leave the words that name a drawing in its place, where it is not hidden from those who
    hear and the link around it does not say them."""
    link = next(svg.iterancestors("a"), None)
    beside = ""
    if link is not None:
        others = itertools.islice(link.itertext(), _BESIDE)
        beside = "".join(map(str, others)).replace(text_of(svg), "", 1)
    words = ""
    if svg.get("aria-hidden") != "true":
        words = " ".join(" ".join(text_of(each) for each in svg.iterchildren("title")).split())
    if not words and link is not None and not beside.strip():
        words = link.get("aria-label") or link.get("title") or ""
    replace_with_text(svg, "" if words in beside else words)
