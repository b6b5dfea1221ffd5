"""The signs that MathJax drew in one token, from the names of its glyphs, and in which letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

_CODE = re.compile(r"(?:mjx-c)?([0-9A-Fa-f]{2,5})")
_GLYPH = re.compile(r"#.*-([0-9A-F]{2,5})")
_FONT = re.compile(r"(?:TEX|NCM|MJXc-TeX)-(?:main-)?([A-Za-z]+)")
_VARIANTS = {
    "B": "bold", "BI": "bold-italic", "C": "script", "CB": "bold-script", "FR": "fraktur",
    "FRB": "bold-fraktur", "SS": "sans-serif", "SSB": "bold-sans-serif", "T": "monospace",
    "cal": "script", "frak": "fraktur", "sans": "sans-serif", "type": "monospace",
    "ams": "double-struck", "A": "double-struck", "script": "script",
}  # fmt: skip
"""The style of letters that each of MathJax's fonts draws."""
_ITALIC = frozenset({"math", "I"})
_PIECES = (
    ("⎢⎣", "⌊"), ("⎥⎦", "⌋"), ("⎡⎢", "⌈"), ("⎤⎥", "⌉"), ("⎡⎢⎣", "["), ("⎤⎥⎦", "]"),
    ("⎛⎜⎝", "("), ("⎞⎟⎠", ")"), ("⎧⎨⎩⎪", "{"), ("⎫⎬⎭⎪", "}"), ("∣|", "|"), ("∥‖", "‖"),
    ("–—―¯", "¯"), ("−→", "→"), ("←−", "←"), ("=⇒", "⇒"), ("⇐=", "⇐"), ("√⎷\ue000\ue001", "√"),
    ("\ue150\ue151\ue154\ue152\ue153\ue156", "⏞"),
)  # fmt: skip
"""What large signs are put together of."""
_UNDER_BRACE = "\ue152"


class Signs(NamedTuple):
    """What one token shows."""

    text: str
    variant: str
    """``mathvariant``, or "" where the letters are as they are by default."""


def signs_of(token: etree._Element) -> Signs:
    """Return the signs of a token in their order."""
    drawn = list(_drawn(token))
    text = "".join(sign for sign, _ in drawn)
    fonts = {font for _, font in drawn}
    variant = _VARIANTS.get(next(iter(fonts)), "") if len(fonts) == 1 else ""
    stretched = (
        each.tag == "svg"
        or (each.get("data-own") or "").startswith("mjx-stretchy")
        or "delim" in (each.get("class") or "")
        for each in token.iter()
    )
    if any(stretched) or (len(text) > 1 and not text.isalnum()):
        pieces = {*text.replace("\u00a0", "").strip()}
        whole = next((sign for known, sign in _PIECES if pieces and pieces <= {*known}), text)
        text = "⏟" if text.startswith(_UNDER_BRACE) else whole
    plain = "".join(map(_upright, text))
    upright = not variant and fonts.isdisjoint(_ITALIC) and plain == text and len(plain) == 1
    if upright and plain.isalpha() and plain.isascii():
        variant = "normal"  # letters of formulas are italic by default
    return Signs(plain, variant)


def _drawn(box: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield each sign in a box, and the name of the font that it has."""
    names = f"{box.get('data-class') or ''} {box.get('class') or ''}".split()
    shown = box.get("data-c") or next((each for each in names if each.startswith("mjx-c")), "")
    code = _CODE.fullmatch(shown)
    if code is None and box.tag in {"use", "path"}:
        code = _GLYPH.fullmatch(box.get("href") or "")
    if code is not None:
        font = _FONT.search(" ".join([*names, box.get("href") or ""]))
        number = int(code[1], 16)
        if number < 0x110000 and not 0xD800 <= number < 0xE000:
            yield chr(number), font[1] if font else ""
        return
    font = next((_FONT.match(each) for each in names if each.startswith("MJXc-TeX")), None)
    for sign in (box.text or "").strip("\n"):
        yield sign, font[1] if font is not None else ""
    for child in box:
        yield from _drawn(child)


def _upright(sign: str) -> str:
    """Return the letter that an italic one is by default; bold ones and others stay."""
    name = unicodedata.name(sign, "")
    if sign == "ℎ" or name.startswith("MATHEMATICAL ITALIC "):
        return chr(int(unicodedata.decomposition(sign).rpartition(" ")[2], 16))
    return sign
