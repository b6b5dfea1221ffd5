"""Lines of code broken to the width of a page, each break marked by a sign of continuation.

CSS has no sign for a soft wrap, so the lines are broken here, by columns.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator

from lxml import etree

from convert.content import tree

SIGN = "↪ "
"""Opens a line that continues the one above; no line of code starts with it."""
TAB = 4
MIN_COLUMNS = 20
INDENT = 5
"""Columns that a list, a quotation or a note takes from the code inside it."""
_INDENTING = frozenset({"li", "dd", "blockquote", "details", "aside"})
SEARCH = 24
"""Columns before the edge in which a better place than the edge is looked for."""
_PLAIN = frozenset({"m", "nf", "nc", "na", "nd"})
"""Classes of ``highlight_css`` that paper can do without: numbers and names."""

_Piece = tuple[etree._Element, str, str]
"""An element, which of its texts ("text" or "tail"), and what it says."""


def break_lines(pre: etree._Element, columns: int) -> None:
    """Break the lines of a ``<pre>`` that are longer than ``columns``; spans stay whole.

    Tabs become spaces.  A break stands before a new line and ``<span class="cont">``.
    """
    pieces = _pieces(pre)
    if any("\t" in piece for _, _, piece in pieces):
        # A line may run through many spans; tab stops count from its beginning.
        column = 0
        for element, where, piece in pieces:
            spaced = ""
            for part in re.split(r"([\t\n])", piece):
                text = " " * (TAB - column % TAB) if part == "\t" else part
                spaced += text
                column = 0 if part == "\n" else column + len(text)
            setattr(element, where, spaced)
        pieces = _pieces(pre)
    indents = sum(1 for above in pre.iterancestors() if above.tag in _INDENTING)
    room = max(MIN_COLUMNS, columns - INDENT * indents)
    breaks: list[int] = []
    start = 0
    for line in "".join(piece for _, _, piece in pieces).split("\n"):
        # No character is wider than two columns: most lines need no closer look.
        if len(line) * 2 > room:
            breaks.extend(start + at for at in _line_breaks(line, room))
        start += len(line) + 1
    if breaks:
        _apply(pieces, breaks)


def thin_out(pre: etree._Element) -> None:
    """Take the spans of numbers and names away: each is a box that takes time and memory,
    and ink shows keywords, strings and comments well enough."""
    for span in list(pre.iter("span")):
        if span.get("class") in _PLAIN:
            span.tag = "plain"
    etree.strip_tags(pre, "plain")


def _pieces(root: etree._Element) -> list[_Piece]:
    pieces: list[_Piece] = []

    def visit(each: etree._Element) -> None:
        if each.text:
            pieces.append((each, "text", each.text))
        for child in each:
            visit(child)
            if child.tail:
                pieces.append((child, "tail", child.tail))

    visit(root)
    return pieces


def _line_breaks(line: str, columns: int) -> Iterator[int]:
    """Yield the offsets before which a line is broken; East Asian wide characters take two
    columns, marks above or below others none."""
    first, room = 0, columns
    indent = len(line) - len(line.lstrip())
    while True:
        edge, left = first, room
        while edge < len(line):
            left -= _width(line[edge])
            if left < 0 and edge > first:
                break
            edge += 1
        else:
            return
        first = _good_place(line, max(first + 1, edge - SEARCH, indent), edge)
        room = columns - len(SIGN)
        yield first


def _width(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _good_place(line: str, first: int, edge: int) -> int:
    """Return the offset after a space, else after a sign that ends a word, else at the edge."""
    for signs in (" ", ",;)]}", "/|&=+.-_:"):
        for at in range(edge, first, -1):
            if line[at - 1] in signs:
                return at
    return edge


def _apply(pieces: list[_Piece], breaks: list[int]) -> None:
    """Break the pieces at these offsets of the text that they are together."""
    # From the end, so that taking the next one is cheap.
    pending = list(reversed(breaks))
    start = 0
    for element, where, piece in pieces:
        cuts = [0]
        while pending and pending[-1] < start + len(piece):
            cuts.append(pending.pop() - start)
        start += len(piece)
        if len(cuts) == 1:
            continue
        first, *others = [piece[at:end] for at, end in itertools.pairwise([*cuts, len(piece)])]
        setattr(element, where, f"{first}\n")
        signs = [tree.new("span", SIGN, class_="cont") for _ in others]
        for number, (sign, part) in enumerate(zip(signs, others, strict=True), start=1):
            sign.tail = part if number == len(others) else f"{part}\n"
        for sign in reversed(signs):
            if where == "text":
                element.insert(0, sign)
            else:
                element.addnext(sign)
