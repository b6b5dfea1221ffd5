"""Characters that a face only seems to have are seen on paper."""

from __future__ import annotations

import io
import re
import subprocess
from xml.etree import ElementTree

import pytest
from pdf_samples import made
from PIL import Image

from convert.exporters.pdf import glyphs
from convert.testing import entry_set, prepared

SIGNS = "₥₦₩₪₭₮ℋℒ℗℘℞ℬℰℱℳℴ⅁▾▿☑☓☸"
_WORD = re.compile(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.)</word>')


def test_every_sign_is_seen() -> None:
    lines = "".join(f"<p>{sign}</p>" for sign in SIGNS)
    body = f'<div>{lines}<p><b>☑</b></p><p><i>₪</i></p><p><a href="#x">₩</a></p></div>'
    book = made(entry_set([prepared("a/b", body)]), qr=False)
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=book, check=True, capture_output=True
    ).stdout.decode()
    at, page = next(
        (number, page)
        for number, page in enumerate(boxes.split("<page"))
        if f">{SIGNS[0]}<" in page
    )
    shown = subprocess.run(
        ["pdftoppm", "-r", "72", "-gray", "-f", str(at), "-l", str(at)],
        input=book,
        check=True,
        capture_output=True,
    )
    paper = Image.open(io.BytesIO(shown.stdout))
    darkest = {
        sign: min(paper.crop((int(left), int(top), int(right) + 1, int(bottom) + 1)).tobytes())
        for *box, sign in _WORD.findall(page)
        if sign in SIGNS
        for left, top, right, bottom in [map(float, box)]
    }
    assert set(darkest) == set(SIGNS)
    assert {sign: value for sign, value in darkest.items() if value > 160} == {}


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>a ☑ b</p>", "<p>a *☑* b</p>"),
        ("<p>☑₪<b>₩</b> ℒ, ▾ c</p>", "<p>*☑₪*<b>*₩*</b> *ℒ*, *▾* c</p>"),
        ("<p><i>a</i>☑<i>b</i>₪</p>", "<p><i>a</i>*☑*<i>b</i>*₪*</p>"),
        ("<pre>☑<b>☑</b></pre>", "<pre>☑<b>☑</b></pre>"),
        ("<p><code>☑</code>☑</p>", "<p><code>☑</code>*☑*</p>"),
        ("<p>☐ ☒ ✓ é</p>", "<p>☐ ☒ ✓ é</p>"),
    ],
)
def test_only_these_signs_have_another_face(markup: str, expected: str) -> None:
    tree = ElementTree.fromstring(markup)
    glyphs.mark_white(tree)
    written = ElementTree.tostring(tree, encoding="unicode")
    assert written == re.sub(r"\*([^*]+)\*", r'<font class="sign">\1</font>', expected)
