"""Characters that no installed font can show: found before the pages are laid out."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html import escape
from xml.etree import ElementTree

from convert.exporters.pdf import layout

_SHOWN = frozenset({"data-head", "data-see", "alt"})
"""Attributes that the style sheet prints."""
_WITHOUT_GLYPH = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_BATCH = 4000
"""Characters a page is tried with at once: more would only take memory."""


def stand_ins(tree: ElementTree.Element, fetcher: layout.KnownOnly) -> Mapping[str, str]:
    """Return for each character of the tree that no font has what to print in its place: its
    name.

    Pango is asked by setting all characters beyond ASCII once, on pages that are thrown away.
    """
    text: set[str] = set()
    for each in tree.iter():
        shown = (value for name, value in each.attrib.items() if name in _SHOWN)
        text.update(each.text or "", each.tail or "", *shown)
    # Controls, format characters and spaces need no glyph.
    wanted = sorted(
        character
        for character in text
        if character > "\x7f" and unicodedata.category(character) not in _WITHOUT_GLYPH
    )
    lacking: set[int] = set()
    for first in range(0, len(wanted), _BATCH):
        words = " ".join(escape(character) for character in wanted[first : first + _BATCH])
        page = layout.parse(f'<html lang="en"><body><p>{words}</p></body></html>')
        lacking |= layout.missing_glyphs(page, fetcher)
    names = {}
    for point in sorted(lacking):
        name = unicodedata.name(chr(point), "").lower()
        names[chr(point)] = f"[{name or f'U+{point:04X}'}]"
    return names


def put_in(tree: ElementTree.Element, names: Mapping[str, str]) -> None:
    """Print the names in place of the characters; addresses stay what they are."""
    if not names:
        return
    table = str.maketrans(dict(names))
    for each in tree.iter():
        if each.text:
            each.text = each.text.translate(table)
        if each.tail:
            each.tail = each.tail.translate(table)
        for name in sorted(_SHOWN & each.attrib.keys()):
            each.set(name, each.attrib[name].translate(table))


def listing(names: Mapping[str, str]) -> str:
    """Return the characters for a warning: the first twenty with their code points."""
    shown = [f"{character} (U+{ord(character):04X})" for character in list(names)[:20]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
