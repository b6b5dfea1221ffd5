"""Characters that no installed font can show: found before the pages are laid out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from html import escape
from xml.etree import ElementTree

from convert.exporters.pdf import layout

_SHOWN = frozenset({"data-head", "data-see", "alt"})
"""Attributes that the style sheet prints."""
_WITHOUT_GLYPH = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_BATCH = 4000
"""Characters a page is tried with at once: more would only take memory."""


def stand_ins(tree: ElementTree.Element, fetcher: layout.KnownOnly) -> Mapping[str, str]:
    """For each character of the tree that no font has, what to print in its place: its name.

    Pango is asked by setting all characters beyond ASCII once, on pages that are thrown away.
    """
    wanted = sorted({character for text in _texts(tree) for character in text if _asks(character)})
    lacking: set[int] = set()
    for first in range(0, len(wanted), _BATCH):
        lacking |= layout.missing_glyphs(_page(wanted[first : first + _BATCH]), fetcher)
    return {chr(point): _name(chr(point)) for point in sorted(lacking)}


def put_in(tree: ElementTree.Element, names: Mapping[str, str]) -> None:
    """Prints the names in place of the characters; addresses stay what they are."""
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


def told(names: Mapping[str, str]) -> str:
    """The characters for a warning: the first twenty with their code points."""
    shown = [f"{character} (U+{ord(character):04X})" for character in list(names)[:20]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _texts(tree: ElementTree.Element) -> Iterable[str]:
    for each in tree.iter():
        yield each.text or ""
        yield each.tail or ""
        for name in _SHOWN & each.attrib.keys():
            yield each.attrib[name]


def _asks(character: str) -> bool:
    # Controls, format characters and spaces need no glyph.
    return character > "\x7f" and unicodedata.category(character) not in _WITHOUT_GLYPH


def _page(characters: list[str]) -> ElementTree.Element:
    text = " ".join(escape(character) for character in characters)
    return layout.parse(f'<html lang="en"><body><p>{text}</p></body></html>')


def _name(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f"[{name or f'U+{ord(character):04X}'}]"
