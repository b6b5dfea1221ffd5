"""Formulas as pictures made of pixels, for Kindle.

Its converter drops MathML and takes SVG only in a few forms; every guide for it ends with
pictures.  The formula is drawn from the outlines that the SVG view of it holds: paths of
straight lines and quadratic curves, and boxes.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lxml import etree
from PIL import Image, ImageChops

from convert.text.late import Late

if TYPE_CHECKING:
    from PIL import ImageDraw
else:
    ImageDraw = Late("PIL.ImageDraw")

PIXELS = 72
"""Pixels of one em: sharp on a screen of 300 dpi at a large size of text."""
UNITS = 24.0
"""Units of the drawing in one em."""
FINE = 4
"""Each pixel is the mean of so many by so many."""
WIDEST = 2_400
_STEPS = 8

_Point = tuple[float, float]
_TOKEN = re.compile(r"[A-Za-z]|-?\d*\.?\d+(?:e-?\d+)?")


def formula_png(svg: etree._Element) -> bytes | None:
    """Return a drawn formula as a PNG on white, None where it holds what is not known here."""
    try:
        left, top, width, height = (float(each) for each in (svg.get("viewBox") or "").split())
        scale = PIXELS / UNITS * min(1.0, WIDEST / (width * PIXELS / UNITS))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        fine = scale * FINE
        # These fine pixels are many: with one bit each they take an eighth of the memory.
        mask = Image.new("1", (size[0] * FINE, size[1] * FINE))
        for shape in svg:
            _draw(mask, shape, (left, top), fine)
    except (ValueError, IndexError, ZeroDivisionError):
        return None
    grey = ImageChops.invert(mask.convert("L")).resize(size, Image.Resampling.BOX)
    out = io.BytesIO()
    # Electronic paper shows sixteen greys: more would only be more bytes.
    grey.quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw(mask: Image.Image, shape: etree._Element, origin: _Point, scale: float) -> None:
    """Add one shape to the mask.  Raises ValueError for a shape that is not known."""
    name = etree.QName(shape).localname
    if name == "path":
        contours = list(_contours(shape.get("d") or ""))
    elif name == "rect":
        x, y, width, height = (
            float(shape.get(each, "0")) for each in ("x", "y", "width", "height")
        )
        contours = [[(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]]
    else:
        raise ValueError(name)
    # Each shape on a piece of its own: most are letters, far smaller than the formula.
    stroke = float(shape.get("stroke-width") or 1) if shape.get("stroke") is not None else 0.0
    margin = round(stroke * scale) + 1
    points = [point for contour in contours for point in contour]
    if not points:
        return
    x0 = math.floor((min(x for x, _ in points) - origin[0]) * scale) - margin
    y0 = math.floor((min(y for _, y in points) - origin[1]) * scale) - margin
    wide = math.ceil((max(x for x, _ in points) - origin[0]) * scale) + margin - x0
    high = math.ceil((max(y for _, y in points) - origin[1]) * scale) + margin - y0
    placed = [
        [((x - origin[0]) * scale - x0, (y - origin[1]) * scale - y0) for x, y in contour]
        for contour in contours
    ]
    one = Image.new("1", (wide, high))
    for contour in placed:
        if stroke:
            ImageDraw.Draw(one).line(contour, fill=1, width=max(1, round(stroke * scale)))
            continue
        # Contours inside others are holes: every second one takes away.
        filled = Image.new("1", one.size)
        if len(contour) > 2:
            ImageDraw.Draw(filled).polygon(contour, fill=1)
        one = ImageChops.logical_xor(one, filled)
    mask.paste(1, (x0, y0), one)


def _contours(path: str) -> Iterator[list[_Point]]:
    """Yield the outlines of a path as polygons.  Raises ValueError for a command that is not one of
    M, L, Q and Z."""
    tokens = _TOKEN.findall(path)
    contour: list[_Point] = []
    at = 0
    command = ""
    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
        if command == "Z":
            if contour:
                yield [*contour, contour[0]]
            contour = []
        elif command in ("M", "L"):
            if command == "M" and contour:
                yield contour
                contour = []
            contour.append(_point(tokens, at))
            at += 2
        elif command == "Q":
            start, control, end = contour[-1], _point(tokens, at), _point(tokens, at + 2)
            for t in (step / _STEPS for step in range(1, _STEPS + 1)):
                x, y = (
                    (1 - t) ** 2 * start[axis] + 2 * t * (1 - t) * control[axis] + t**2 * end[axis]
                    for axis in (0, 1)
                )
                contour.append((x, y))
            at += 4
        else:
            raise ValueError(command)
    if contour:
        yield contour


def _point(tokens: Sequence[str], at: int) -> _Point:
    return float(tokens[at]), float(tokens[at + 1])
