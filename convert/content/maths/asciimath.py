"""AsciiMath is no TeX: nothing here reads it, so it is shown as it was typed."""

from __future__ import annotations

import re

from lxml import etree

from convert.content.tree import inside, is_bare, new, selector, text_of

find = selector(
    ".//*[self::span or self::div or self::p][contains(@class, 'asciimath')"
    " or starts-with(@class, 'stem') or parent::div[starts-with(@class, 'stemblock')]]"
)
_DELIMITED = re.compile(r"`([^`]+)`|\\\$(.+)\\\$", re.DOTALL)


def read(holder: etree._Element) -> None:
    """Make code of what stands between the delimiters of an element that says it is AsciiMath."""
    whole = _DELIMITED.fullmatch(text_of(holder).strip())
    if is_bare(holder) and whole is not None and not inside(holder, "pre", "code"):
        holder.text = None
        holder.append(new("code", (whole[1] or whole[2]).strip()))
