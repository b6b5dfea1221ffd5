"""What of a PDF lies outside the page or its margins: words by pdftotext, pictures, rules and
drawings by the operators of the pages' content."""

from __future__ import annotations

import html
import io
import re
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

import pikepdf

from convert.exporters.pdf.page import POINT, Page

LETTER = 0.8
"""Width of a letter as a part of its height; more of a word may not be in the margin."""
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
)


class Box(NamedTuple):
    """A box on a page in points from its upper left corner, and what it holds."""

    left: float
    top: float
    right: float
    bottom: float
    name: str


def outside(content: bytes, page: Page) -> list[str]:
    """Return a line for each box that leaves the paper or stands in a side margin; the cover is
    looked at for the paper alone, and so are running heads and feet."""
    lines = []
    run = subprocess.run(
        ["pdftotext", "-bbox", "-enc", "UTF-8", "-", "-"],
        input=content,
        capture_output=True,
        check=True,
    )
    sheets = _PAGE.findall(run.stdout.decode())
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for number, (sheet, (width, height, text)) in enumerate(
            zip(pdf.pages, sheets, strict=True), start=1
        ):
            wide, high = float(width), float(height)
            turned = wide > high
            side = (page.turned_side if turned else page.side) / POINT
            words = [
                Box(float(left), float(top), float(right), float(bottom), html.unescape(word))
                for left, top, right, bottom, word in _WORD.findall(text)
            ]
            drawn = list(_drawn(sheet, high))
            spares = [LETTER * (box.bottom - box.top) for box in words] + [2.0] * len(drawn)
            for box, spare in zip([*words, *drawn], spares, strict=True):
                inside = page.top / POINT - 2 < box.top < high - page.bottom / POINT
                margin = side - spare if number > 1 and inside else -1.0
                if (
                    box.left < margin
                    or box.right > wide - margin
                    or min(box.left, box.top) < -1
                    or box.bottom > high + 1
                ):
                    lines.append(f"page {number}: {box.name[:40]!r} at {box[:4]} of {wide}×{high}")
    return lines


def _drawn(sheet: Any, high: float) -> Iterator[Box]:
    """Yield the boxes of pictures and of painted paths, as far as they are not clipped."""
    yield from _painted(sheet, pikepdf.Matrix(), (-1e6, -1e6, 1e6, 1e6), high)


def _painted(holder: Any, start: Any, clip: tuple[float, ...], high: float) -> Iterator[Box]:
    matrix, saved = start, []
    points: list[tuple[float, float]] = []
    clipping = False
    resources = holder.get("/Resources", {})
    for instruction in pikepdf.parse_content_stream(holder):
        operands: Any = instruction.operands
        name = str(instruction.operator)
        if name == "q":
            saved.append((matrix, clip))
        elif name == "Q":
            matrix, clip = saved.pop()
        elif name == "cm":
            matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
        elif name == "re":
            x, y, wide, tall = map(float, operands)
            corners = ((x, y), (x + wide, y), (x, y + tall), (x + wide, y + tall))
            points.extend(matrix.transform(corner) for corner in corners)
        elif name in ("m", "l", "c", "v", "y"):
            flat = [float(each) for each in operands]
            pairs = zip(flat[::2], flat[1::2], strict=True)
            points.extend(matrix.transform(pair) for pair in pairs)
        elif name in ("W", "W*"):
            clipping = True
        elif name in ("f", "f*", "F", "S", "s", "B", "B*", "b", "b*", "n", "sh"):
            if clipping and points:
                clip = _common(clip, _around(points))
            elif points and name != "n":
                yield from _box(_common(clip, _around(points)), high, "a path")
            points, clipping = [], False
        elif name == "Do":
            inner = resources["/XObject"][str(operands[0])]
            if inner.Subtype == "/Image":
                corners = ((0, 0), (1, 0), (0, 1), (1, 1))
                square = [matrix.transform(corner) for corner in corners]
                yield from _box(_common(clip, _around(square)), high, "a picture")
            else:
                own = pikepdf.Matrix(*map(float, inner.get("/Matrix", (1, 0, 0, 1, 0, 0))))
                left, low, right, upper = map(float, inner.BBox)
                corners = ((left, low), (right, low), (left, upper), (right, upper))
                frame = _around([(own @ matrix).transform(corner) for corner in corners])
                yield from _painted(inner, own @ matrix, _common(clip, frame), high)


def _around(points: list[tuple[float, float]]) -> tuple[float, ...]:
    across, up = zip(*points, strict=True)
    return min(across), min(up), max(across), max(up)


def _common(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    """The part that two boxes share."""
    return (*map(max, one[:2], other[:2]), *map(min, one[2:], other[2:]))


def _box(box: tuple[float, ...], high: float, name: str) -> Iterator[Box]:
    left, low, right, upper = box
    if right >= left and upper >= low:
        yield Box(left, high - upper, right, high - low, name)
