"""How wide the columns of a table are, in em of its own type: estimated from the characters, as no
engine is asked."""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lxml import etree

from convert.content.vocabulary import BLOCKS, PARTS

PADDING = 0.9
"""Em beside the text of a cell, both sides together."""
INDENTS = {"ul": 1.2, "ol": 1.2, "dd": 1.2, "blockquote": 1.6}
"""Em that lists and quotations in a cell are set in."""
_BLOCKS = BLOCKS | PARTS | {"br"}
_EM = 9.0
"""Points of an em of a table, for what states its width in pixels (three quarters of a point)."""


class Column(NamedTuple):
    """Em without which a word of the column is broken, and em that keep each line whole."""

    least: float
    most: float


class Cell(NamedTuple):
    """A cell, its first column, and how many it spans."""

    element: etree._Element
    column: int
    wide: int


def rows_of(table: etree._Element) -> Iterator[etree._Element]:
    """Yield the rows of a table, none of a table inside it."""
    for part in table:
        if part.tag == "tr":
            yield part
        else:
            yield from part.iterchildren("tr")


def cells_of(table: etree._Element) -> Iterator[tuple[etree._Element, list[Cell]]]:
    """Yield each row of a table with its cells at their columns (HTML, 4.9.12); spans fit."""
    for _, group in itertools.groupby(rows_of(table), key=etree._Element.getparent):
        free: dict[int, int] = {}
        for at, row in enumerate(group):
            cells, column = [], 0
            for element in row:
                while free.get(column, 0) > at:
                    column += 1
                wide = int(element.get("colspan") or 1)
                cells.append(Cell(element, column, wide))
                until = at + int(element.get("rowspan") or 1)
                free.update(dict.fromkeys(range(column, column + wide), until))
                column += wide
            yield row, cells


def measure_all(*roots: etree._Element) -> Mapping[etree._Element, tuple[Column, ...]]:
    """Return the columns of each table in these elements."""
    measured: dict[etree._Element, tuple[Column, ...]] = {}
    # The inner ones first: an outer table is as wide as what its cells hold.
    for table in reversed([each for root in roots for each in root.iter("table")]):
        measured[table] = columns_of(table, measured)
    return measured


def total(columns: Sequence[Column]) -> Column:
    """Return the widths of a whole table."""
    return Column(sum(each.least for each in columns), sum(each.most for each in columns))


def columns_of(
    table: etree._Element, inner: Mapping[etree._Element, tuple[Column, ...]]
) -> tuple[Column, ...]:
    """Return the columns of a table; those of the tables in its cells are known."""
    rows = [cells for _, cells in cells_of(table)]
    count = max((cell.column + cell.wide for cells in rows for cell in cells), default=0)
    least, most = [PADDING] * count, [PADDING] * count
    spanning = []
    for cell in itertools.chain.from_iterable(rows):
        width = _Ruler(inner).measure(cell.element)
        if cell.wide > 1:
            spanning.append((cell, width))
        else:
            least[cell.column] = max(least[cell.column], width.least)
            most[cell.column] = max(most[cell.column], width.most)
    for cell, width in spanning:
        spanned = slice(cell.column, cell.column + cell.wide)
        for widths, wanted in ((least, width.least), (most, width.most)):
            lacking = (wanted - sum(widths[spanned])) / cell.wide
            if lacking > 0:
                widths[spanned] = [each + lacking for each in widths[spanned]]
    return tuple(map(Column, least, map(max, least, most)))


def beginning(text: str, wide: float) -> str:
    """Return as much of a text as is about so many em wide."""
    left = wide
    for at, character in enumerate(text):
        left -= _advance(character)[0]
        if left < 0:
            return text[:at]
    return text


class _Ruler:
    """Measures what a cell holds: its longest word and its longest line."""

    def __init__(self, inner: Mapping[etree._Element, tuple[Column, ...]]) -> None:
        self._inner = inner
        self._least = self._most = self._word = self._line = self._indent = 0.0

    def measure(self, cell: etree._Element) -> Column:
        """Return the widths of a cell with its padding."""
        code = 0
        walker = etree.iterwalk(cell, events=("start", "end"))
        bold = 1.08 if cell.tag == "th" else 1.0
        for event, each in walker:
            tag = str(each.tag)
            if event == "start":
                if tag in _BLOCKS:
                    self._end_line()
                    self._indent += INDENTS.get(tag, 0.0)
                code += tag in ("code", "pre")
                wide = self._width_of(each)
                if wide is not None:
                    self._end_word()
                    self._least = max(self._least, wide.least + self._indent)
                    self._line += wide.most
                    walker.skip_subtree()
                elif each.text:
                    self._add(each.text, 0.52 if code else 0.0, bold)
                continue
            code -= tag in ("code", "pre")
            if tag in _BLOCKS:
                self._end_line()
                self._indent -= INDENTS.get(tag, 0.0)
            if each.tail and each is not cell:
                self._add(each.tail, 0.52 if code else 0.0, bold)
        self._end_line()
        return Column(self._least + PADDING, self._most + PADDING)

    def _width_of(self, element: etree._Element) -> Column | None:
        """Return the width of what is no text: a table, a picture, a drawing."""
        if element.tag == "table":
            return total(self._inner[element])
        if element.tag == "img":
            wide = _length(element.get("width") or "100")
            return Column(min(wide, 5.0), wide)
        if etree.QName(element).localname == "svg":
            wide = _length(element.get("width") or "100")
            return Column(wide, wide)
        return None

    def _add(self, text: str, narrowest: float, bold: float) -> None:
        for character in text:
            if character in " \t\n\r":
                self._end_word()
                if character == "\n" and narrowest:
                    self._end_line()
                self._line += 0.27
                continue
            advance, breaks = _advance(character)
            self._word += max(advance, narrowest) * bold
            if breaks:
                self._end_word()

    def _end_word(self) -> None:
        self._least = max(self._least, self._word + self._indent)
        self._line += self._word
        self._word = 0.0

    def _end_line(self) -> None:
        self._end_word()
        self._most = max(self._most, self._line + self._indent)
        self._line = 0.0


def _length(text: str) -> float:
    """Return a width in em: of pixels, where it says no other unit."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz%")
    unit = text[len(number) :]
    try:
        value = float(number)
    except ValueError:
        return 10.0
    em = {"em": 1.0, "ex": 0.5, "pt": 1 / _EM, "mm": 72 / 25.4 / _EM, "%": 0.1}
    return min(value * em.get(unit, 0.75 / _EM), 200.0)


@functools.lru_cache(maxsize=10_000)
def _advance(character: str) -> tuple[float, bool]:
    """Return about how wide a character is in a face for text, and whether a line may end after
    it: after hyphens, and in scripts without spaces."""
    if character < "\x7f":
        narrow, broad = character in " iljftr.,;:!'|()[]{}`\"-/\\I", character in "mwMW@%&"
        wide = 0.35 if narrow else 0.88 if broad else 0.72 if character.isupper() else 0.52
        return wide, character in "-/"
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0, character in "\u00ad\u200b"
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05, True
    spaceless = unicodedata.name(character, "").startswith(("THAI ", "LAO ", "KHMER ", "MYANMAR "))
    return 0.72 if character.isupper() else 0.6, spaceless or character in "\u2010\u2013\u2014"
