"""Drawings said in the words that the engine understands, where it draws others amiss."""

from __future__ import annotations

import re

from lxml import etree

_SHARE = re.compile(r"\s*([-+]?(?:\d*\.)?\d{1,9})\s*(%?)\s*")
_SIDES = {
    "linearGradient": {"x1": "0", "y1": "0", "x2": "10000", "y2": "0"},
    "radialGradient": {"cx": "5000", "cy": "5000", "r": "5000", "fx": "", "fy": "", "fr": ""},
}
"""Where a gradient stands, in parts of 10,000, where it does not say so."""
_LONGEST_CHAIN = 10


def settle(drawing: etree._Element) -> None:
    """Say what a drawing leaves unsaid: how large its symbols are, and its gradients, which are
    measured in parts of 10,000 of the shapes that they fill: no shape is larger than the tile.

    For a gradient that is measured in shares WeasyPrint 70 writes a tile of one by one, and
    Poppler draws nothing of tiles so small.
    """
    symbols = {f"#{each.get('id')}" for each in drawing.iter("{*}symbol")}
    for use in drawing.iter("{*}use"):
        if use.get("href") in symbols:
            for side in ("width", "height"):
                use.set(side, use.get(side) or "100%")
    gradients = [each for each in drawing.iter(etree.Element) if _name(each) in _SIDES]
    by_id = {str(each.get("id")): each for each in gradients}
    relative = [each for each in gradients if not _is_absolute(each, by_id)]
    for each in relative:
        inherits = str(each.get("href") or "#")[1:] in by_id
        for side, usual in _SIDES[_name(each)].items():
            share = _SHARE.fullmatch(each.get(side) or "")
            if share is not None:
                each.set(side, f"{float(share[1]) * (100 if share[2] else 10_000):g}")
            elif usual and not inherits:
                each.set(side, usual)
        own = each.get("gradientTransform")
        if own or not inherits:
            each.set("gradientTransform", f"{own or ''} scale(0.0001)".strip())


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _is_absolute(gradient: etree._Element, by_id: dict[str, etree._Element]) -> bool:
    """Tell whether a gradient, or what it takes after, is measured as the drawing is."""
    at: etree._Element | None = gradient
    for _ in range(_LONGEST_CHAIN):
        if at is None or at.get("gradientUnits"):
            break
        at = by_id.get(str(at.get("href") or "#")[1:])
    return at is not None and at.get("gradientUnits") == "userSpaceOnUse"
