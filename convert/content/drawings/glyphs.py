"""What MathJax has drawn, as the signs that its glyphs are called after."""

from __future__ import annotations

import re
import unicodedata

from lxml import etree

_GLYPH = re.compile(r"#(?:E\d+-)?MJ[A-Z0-9]*-(?:[\w-]+-)?([0-9A-F]{2,5})")
_SIGN = re.compile(r"[0-9A-Fa-f]{2,5}")
MOST = 200
"""Signs of one drawing that are read."""


def spoken(svg: etree._Element) -> str:
    """Return the signs of a formula in their order; "" where MathJax has not drawn it."""
    signs: list[str] = []
    for each in svg.iter("use", "path"):
        code = each.get("data-c") or ""
        named = _GLYPH.fullmatch(each.get("href") or "")
        if named is not None or _SIGN.fullmatch(code):
            number = int(named[1] if named is not None else code, 16)
            signs.append("" if 0xD800 <= number < 0xE000 else chr(number))
    return "".join(unicodedata.normalize("NFKC", "".join(signs[:MOST])).split())
