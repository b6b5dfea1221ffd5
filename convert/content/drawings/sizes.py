"""How large drawings are: what their styles say of it, in the attributes that remain."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from convert.content.drawings.labels import backdrop
from convert.content.tree import take

_LENGTH = re.compile(r"(\d*\.?\d+)(px|pt|pc|in|cm|mm|em|ex|rem|)")
_SIDE = r"[\s,]*([-+\d.eE]+)"
_BOX = re.compile(
    rf"{_SIDE}{_SIDE.replace('*', '+')}{_SIDE.replace('*', '+')}{_SIDE.replace('*', '+')}\s*"
)
_WHITE = frozenset(("white", "#fff", "#ffffff", "#FFF", "#FFFFFF"))
"""What stands behind a drawing anyway."""
_PIXELS = frozenset(("", "px"))


def settle(svg: etree._Element, stated: Mapping[str, str]) -> bool:
    """Give a drawing the size that its styles say; tell whether it is hidden.

    One whose pixels are known gets the box that lets it shrink, and one that fills the page up
    to some width has that width.
    """
    size: dict[str, tuple[float, str]] = {}
    for name in ("width", "height"):
        written = stated.get(name) or svg.get(name) or ""
        length = _LENGTH.fullmatch(written.strip())
        if length is not None:
            unit = "em" if length[2] == "rem" else length[2]
            size[name] = (float(length[1]), unit)
            svg.set(name, _written(*size[name]))
        elif name in stated or (name == "height" and svg.get(name)):
            # A share of a height that is not set is none.
            if name == "width" and written.endswith("%"):
                svg.set(name, written)
            else:
                take(svg, name)
    most = _LENGTH.fullmatch(stated.get("max-width", ""))
    if most is not None and most[2] in _PIXELS and "width" not in size:
        size["width"] = (float(most[1]), "")
        svg.set("width", _written(*size["width"]))
    box = _BOX.fullmatch(svg.get("viewBox") or "")
    pixels = [size[name][0] for name in size if size[name][1] in _PIXELS]
    if len(pixels) == 2 and all(pixels) and not svg.get("viewBox"):
        svg.set("viewBox", " ".join(["0 0", *(f"{each:g}" for each in pixels)]))
    elif box is not None and most is not None and "height" not in size and pixels:
        across, down = _number(box[3]), _number(box[4])
        if across and down:
            svg.set("height", f"{pixels[0] * down / across:g}")
    behind = stated.get("background", "none")
    shown = _BOX.fullmatch(svg.get("viewBox") or "")
    if shown is not None and behind not in {"none", "currentColor", *_WHITE}:
        svg.insert(0, backdrop(behind, *map(_number, shown.groups())))
    return stated.get("display") == "none" or any(length == 0 for length, _ in size.values())


def _written(length: float, unit: str) -> str:
    return f"{length:g}{'' if unit == 'px' else unit}"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
