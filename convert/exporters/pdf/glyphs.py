"""Characters that no installed font can show, and those that one only seems to have: found before
the pages are laid out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from html import escape
from xml.etree import ElementTree

from convert.exporters.pdf import layout

_SHOWN = frozenset({"data-head", "data-see", "alt"})
"""Attributes that the style sheet prints."""
_WITHOUT_GLYPH = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_BATCH = 4000
"""Characters a page is tried with at once: more would only take memory."""

_WHITE = re.compile(
    "[\u20a5\u20a6\u20a9\u20aa\u20ad\u20ae\u2104\u2107\u2108\u210a\u210b\u2110\u2112\u2114\u2117\u2118"
    "\u211b\u211e\u211f\u2123\u2125\u2128\u2129\u212c-\u212d\u212f-\u2134\u2138\u213a\u213c\u2141-\u2144"
    "\u25be\u25bf\u2611\u2613\u2616\u2637\u2638]+"
)
"""Of Linux Libertine (5.3.0) only Semibold Italic has these, as glyphs without a line: fontconfig
takes them from there, and nothing is seen on paper."""
_OTHER_FACES = frozenset({"head", "pre", "code", "kbd", "samp", "{http://www.w3.org/2000/svg}svg"})


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


def mark_white(tree: ElementTree.Element) -> None:
    """Put what the face of the text has only as white space into elements of another face."""
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if each.tag in _OTHER_FACES:
            continue
        children = list(each)
        waiting += children
        if not any(_WHITE.search(text) for text in (each.text or "", *_tails(children))):
            continue
        each.text, parted = _part(each.text)
        for child in children:
            child.tail, signs = _part(child.tail)
            parted += [child, *signs]
        each[:] = parted


def _tails(children: list[ElementTree.Element]) -> Iterator[str]:
    return (child.tail or "" for child in children)


def _part(text: str | None) -> tuple[str | None, list[ElementTree.Element]]:
    """Return what stands before the first such character, and an element for each run of them
    with what follows it."""
    signs: list[ElementTree.Element] = []
    before, end = text, 0
    for sign in _WHITE.finditer(text or ""):
        if signs:
            signs[-1].tail = sign.string[end : sign.start()]
        else:
            before = sign.string[: sign.start()]
        # A span in a link would be tagged as one, which PDF/UA forbids.
        signs.append(ElementTree.Element("font", {"class": "sign"}))
        signs[-1].text, end = sign[0], sign.end()
    if signs and text:
        signs[-1].tail = text[end:]
    return before, signs


def listing(names: Mapping[str, str]) -> str:
    """Return the characters for a warning: the first twenty with their code points."""
    shown = [f"{character} (U+{ord(character):04X})" for character in list(names)[:20]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
