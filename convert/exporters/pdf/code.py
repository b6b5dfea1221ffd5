"""Lines of code broken to the width of a page, each break marked by a sign of continuation.

CSS has no sign for a soft wrap, so the lines are broken here, by columns.
"""

from __future__ import annotations

import unicodedata

from lxml import etree

SIGN = "↪ "
"""Opens a line that continues the one above; no line of code starts with it."""
TAB = 4
MIN_COLUMNS = 20
INDENT = 5
"""Columns that a list, a quotation or a note takes from the code inside it."""
_INDENTING = frozenset({"li", "dd", "blockquote", "details"})
SEARCH = 24
"""Columns before the edge in which a better place than the edge is looked for."""


def break_lines(pre: etree._Element, columns: int) -> None:
    """Breaks the lines of a ``<pre>`` that are longer than ``columns``; spans stay whole.

    Tabs become spaces.  A break stands before a new line and ``<span class="cont">``.
    """
    pieces = _pieces(pre)
    if any("\t" in piece for _, _, piece in pieces):
        _expand_tabs(pieces)
        pieces = _pieces(pre)
    indents = sum(1 for above in pre.iterancestors() if above.tag in _INDENTING)
    room = max(MIN_COLUMNS, columns - INDENT * indents)
    breaks = _breaks("".join(piece for _, _, piece in pieces), room)
    if breaks:
        _apply(pieces, breaks)


_PLAIN = frozenset({"m", "nf", "nc", "na", "nd"})
"""Classes of ``highlight_css`` that paper can do without: numbers and names."""


def thin_out(pre: etree._Element) -> None:
    """Takes the spans of numbers and names away: each is a box that takes time and memory,
    and ink shows keywords, strings and comments well enough."""
    for span in list(pre.iter("span")):
        if span.get("class") in _PLAIN:
            span.tag = "plain"
    etree.strip_tags(pre, "plain")


_Piece = tuple[etree._Element, str, str]
"""An element, which of its texts ("text" or "tail"), and what it says."""


def _pieces(root: etree._Element) -> list[_Piece]:
    found: list[_Piece] = []

    def visit(each: etree._Element) -> None:
        if each.text:
            found.append((each, "text", each.text))
        for child in each:
            visit(child)
            if child.tail:
                found.append((child, "tail", child.tail))

    visit(root)
    return found


def _expand_tabs(pieces: list[_Piece]) -> None:
    column = 0
    for element, where, piece in pieces:
        made: list[str] = []
        for character in piece:
            if character == "\t":
                spaces = TAB - column % TAB
                made.append(" " * spaces)
                column += spaces
            else:
                made.append(character)
                column = 0 if character == "\n" else column + 1
        setattr(element, where, "".join(made))


def _breaks(text: str, columns: int) -> list[int]:
    """Offsets in the text before which a line is broken."""
    breaks: list[int] = []
    start = 0
    for line in text.split("\n"):
        if len(line) * 2 > columns:
            breaks.extend(start + at for at in _line_breaks(line, columns))
        start += len(line) + 1
    return breaks


def _line_breaks(line: str, columns: int) -> list[int]:
    breaks: list[int] = []
    first, room = 0, columns
    while (edge := _fitting(line, first, room)) < len(line):
        at = _good_place(line, max(first + 1, edge - SEARCH), edge)
        breaks.append(at)
        first, room = at, columns - len(SIGN)
    return breaks


def _fitting(line: str, first: int, room: int) -> int:
    """The offset up to which the line fits; East Asian wide characters take two columns."""
    at = first
    while at < len(line):
        room -= _width(line[at])
        if room < 0 and at > first:
            return at
        at += 1
    return at


def _width(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _good_place(line: str, first: int, edge: int) -> int:
    """After a space, else after a sign that ends a word, else at the edge."""
    for signs in (" ", ",;)]}", "/|&=+.-_:"):
        for at in range(edge, first, -1):
            if line[at - 1] in signs and line[:at].strip():
                return at
    return edge


def _apply(pieces: list[_Piece], breaks: list[int]) -> None:
    pending = list(reversed(breaks))
    start = 0
    for element, where, piece in pieces:
        end = start + len(piece)
        cuts: list[int] = []
        while pending and pending[-1] < end:
            cuts.append(pending.pop() - start)
        if cuts:
            _cut(element, where, piece, cuts)
        start = end


def _cut(element: etree._Element, where: str, piece: str, cuts: list[int]) -> None:
    first, *others = [
        piece[start:end] for start, end in zip([0, *cuts], [*cuts, len(piece)], strict=True)
    ]
    signs = [_sign(f"{part}\n") for part in others[:-1]] + [_sign(others[-1])]
    setattr(element, where, f"{first}\n")
    parent = element if where == "text" else element.getparent()
    if parent is not None:
        place = 0 if where == "text" else parent.index(element) + 1
        parent[place:place] = signs


def _sign(following: str) -> etree._Element:
    sign = etree.Element("span")
    sign.set("class", "cont")
    sign.text = SIGN
    sign.tail = following
    return sign
