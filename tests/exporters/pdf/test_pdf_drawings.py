"""What stands in a drawing is seen on paper."""

from __future__ import annotations

import io
import subprocess

import pytest
import weasyprint
from lxml import etree
from PIL import Image

from convert.exporters.pdf import drawings

STOPS = '<stop offset="0" stop-color="#f00"/><stop offset="1" stop-color="#00f"/>'
DRAWING = f"""<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"
viewBox="0 0 100 100"><linearGradient id="a">{STOPS}</linearGradient>
<linearGradient id="b" href="#a" x1="0%" x2="0" y2="1"/>
<radialGradient id="c" gradientTransform="translate(0 0)">{STOPS}</radialGradient>
<symbol id="s" viewBox="0 0 1 1"><rect width="1" height="1" fill="#0f0"/></symbol>
<rect width="50" height="50" fill="url(#a)"/><rect x="50" width="50" height="50" fill="url(#b)"/>
<rect y="50" width="50" height="50" fill="url(#c)"/>
<g transform="translate(50 50) scale(0.5)"><use href="#s"/></g></svg>"""
WIDE = """<svg width="100" height="100" viewBox="0 0 900 900" xmlns="http://www.w3.org/2000/svg">
<linearGradient id="w"><stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>
<rect width="900" height="900" fill="url(#w)"/></svg>"""


@pytest.mark.parametrize("shapes", [DRAWING, WIDE])
def test_gradients_and_symbols_are_drawn(shapes: str) -> None:
    svg = etree.fromstring(shapes)
    drawings.settle(svg)
    page = (
        "<style>@page { size: 100px; margin: 0 } body { margin: 0 } svg { display: block }</style>"
    )
    book = weasyprint.HTML(
        string=f"{page}</style>" + etree.tostring(svg, encoding="unicode")
    ).write_pdf()
    shown = subprocess.run(
        ["pdftoppm", "-r", "96", "-png"], input=book, check=True, capture_output=True
    )
    picture = Image.open(io.BytesIO(shown.stdout)).convert("RGB")
    red, blue, green = (255, 0, 0), (0, 0, 255), (0, 255, 0)
    if shapes is WIDE:
        assert picture.getpixel((3, 50)) == pytest.approx(red, abs=45)
        assert picture.getpixel((96, 96)) == pytest.approx(blue, abs=45)
        return
    for place, colour in {
        (3, 25): red, (47, 25): blue,  # from left to right
        (75, 3): red, (75, 47): blue,  # from above
        (25, 75): red, (3, 97): blue,  # from the middle
        (75, 75): green, (97, 97): green,
    }.items():  # fmt: skip
        assert picture.getpixel(place) == pytest.approx(colour, abs=45), place


def test_gradients_keep_their_measures() -> None:
    svg = etree.fromstring(
        '<svg><linearGradient id="a" gradientUnits="userSpaceOnUse" x1="3"/>'
        '<linearGradient id="b" href="#a"/><radialGradient id="c" r="0.25" cy="10%"/>'
        '<radialGradient id="d" href="#c" fx=".1" gradientTransform="rotate(9)"/></svg>'
    )
    drawings.settle(svg)
    assert [dict(each.items()) for each in svg] == [
        {"id": "a", "gradientUnits": "userSpaceOnUse", "x1": "3"},
        {"id": "b", "href": "#a"},
        {"id": "c", "r": "2500", "cy": "1000", "cx": "5000", "gradientTransform": "scale(0.0001)"},
        {"id": "d", "href": "#c", "fx": "1000", "gradientTransform": "rotate(9) scale(0.0001)"},
    ]
