"""Tables on paper: how wide their columns are, what fits a page, and where the rest is cut.

No engine is asked: widths are estimated from the characters, in em of the table's own type, and
what is decided is in em, too.
"""

from __future__ import annotations

import bisect
import copy
import dataclasses
import itertools
import math
import operator
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from convert.content import tree
from convert.exporters.widths import Cell, Column, cells_of, total

SIZES = (1.0, 0.8, 2 / 3)
"""Parts of the full size of a table's type, of 9 pt: 7.2 pt, and 6 pt as the least."""
_CAPS = (math.inf, 24.0, 12.0, 6.0)
"""Em that a column is given for a word that nothing breaks, the more the better; the last only
for a table in a cell."""

MOST_AGAIN = 200_000
"""Rows, elements and lines that a table which is cut may print again."""
_COLUMN = operator.attrgetter("column")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Room:
    """Em at full size that a table may be wide.

    ``turned`` is for a page that lies on its side, 0 where the table cannot have one; ``inner``
    is the room in a cell of another table, where nothing is cut.
    """

    upright: float
    turned: float = 0.0
    inner: bool = False


class Group(NamedTuple):
    """Columns that are printed side by side, and how wide: parts of the room."""

    columns: tuple[int, ...]
    widths: tuple[float, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fit:
    """How a table is set: its size as a part of the full one, and its groups of columns; none
    where no group would be legible."""

    size: float
    turned: bool = False
    groups: tuple[Group, ...]


def choose(columns: Sequence[Column], room: Room) -> Fit | None:
    """Return how a table is set; None where it fits as it is.

    In this order: whole, smaller, with words broken, turned, cut at the second size.
    """
    # The letters of another font may be a quarter wider.
    if total(columns).most <= 0.8 * room.upright:
        return None
    everything = tuple(range(len(columns)))
    caps = _CAPS if room.inner else _CAPS[:-1]
    sizes = SIZES[:2] if room.turned or room.inner else SIZES
    places = [(size, False, cap) for cap in caps for size in sizes]
    places += [(size, True, cap) for size in SIZES[1:] for cap in caps if room.turned]
    for size, turned, cap in places:
        available = (room.turned if turned else room.upright) / size
        if sum(min(each.least, cap) for each in columns) <= available:
            widths = _share(columns, cap, available)
            return Fit(size=size, turned=turned, groups=(Group(everything, widths),))
    size = SIZES[1]
    return Fit(size=size, groups=() if room.inner else tuple(_cut(columns, room.upright / size)))


def _share(columns: Sequence[Column], cap: float, room: float) -> tuple[float, ...]:
    """Share the room among columns: each has its least up to the cap, the rest goes where the
    lines are long."""
    least = [min(each.least, cap) for each in columns]
    wanted = [
        max(0.0, min(each.most, room) - had) for each, had in zip(columns, least, strict=True)
    ]
    left = room - sum(least)
    # Twice what all lines want would pull a narrow table apart.
    part = min(left / (sum(wanted) or 1.0), 2.0)
    widths = [had + part * more for had, more in zip(least, wanted, strict=True)]
    return tuple(round(each / room, 4) for each in widths)


def _cut(columns: Sequence[Column], room: float) -> Iterator[Group]:
    """Cut columns into groups that fit, about equally wide; each has the first column."""
    cap = min(_CAPS[2], 0.4 * room)
    least = [min(each.least, cap) for each in columns]
    free = room - least[0]
    rest = sum(least[1:])
    start = 1
    while start < len(columns):
        target = rest / math.ceil(rest / free)
        used, end = least[start], start + 1
        while end < len(columns) and used + least[end] <= free and used + least[end] / 2 <= target:
            used += least[end]
            end += 1
        group = (0, *range(start, end))
        yield Group(group, _share([columns[at] for at in group], cap, room))
        start, rest = end, rest - used


def cut(
    table: etree._Element, groups: Sequence[Sequence[int]]
) -> tuple[etree._Element, ...] | None:
    """Return a table for each group of columns of another: what spans columns of several stands in
    each of them, and ids and notes only where they come first.  None where so much would be
    printed again that a small page would make a large book."""
    rows = [(row, cells) for row, cells in cells_of(table)]
    again = len(rows) * len(groups)
    for cell in itertools.chain.from_iterable(cells for _, cells in rows):
        copies = min(len(groups), cell.wide - 1) if cell.column else len(groups)
        if copies:
            elements = sum(1 for _ in cell.element.iter())
            again += copies * (elements + len(tree.text_of(cell.element)) // 40)
    if again > MOST_AGAIN:
        return None
    return tuple(
        _part(table, rows, columns, number, len(groups))
        for number, columns in enumerate(groups, start=1)
    )


def _part(
    table: etree._Element,
    rows: Sequence[tuple[etree._Element, list[Cell]]],
    columns: Sequence[int],
    number: int,
    count: int,
) -> etree._Element:
    part = tree.new("table")
    part.attrib.update(table.attrib)
    if number > 1:
        part.attrib.pop("id", "")
    before: dict[etree._Element, etree._Element] = {}
    caption = table.find("caption")
    title = etree.SubElement(part, "caption")
    if caption is not None:
        title.attrib.update(caption.attrib)
        title.text = caption.text
        title.extend(copy.deepcopy(each) for each in caption)
        if number > 1:
            _make_second(title)
    tree.append_text(title, f"{' ' if tree.text_of(title) else ''}({number}/{count})")
    begin, end = columns[1], columns[-1] + 1
    for row, cells in rows:
        group = row.getparent()
        if group is None or group is table:
            above = part
        elif group not in before:
            above = before[group] = _bare(part, group)
        else:
            above = before[group]
        new = _bare(above, row)
        # The cells stand in the order of their columns.
        first = max(0, bisect.bisect_right(cells, begin, key=_COLUMN) - 1)
        last = bisect.bisect_left(cells, end, key=_COLUMN)
        for cell in (*cells[: min(first, 1)], *cells[first:last]):
            until = cell.column + cell.wide
            here = max(0, min(end, until) - max(begin, cell.column)) + (cell.column == 0)
            if not here:
                continue
            element = copy.deepcopy(cell.element)
            element.attrib.pop("colspan", "")
            if here > 1:
                element.set("colspan", str(here))
            if number > 1 and cell.column < begin:
                _make_second(element)
            new.append(element)
    return part


def _bare(parent: etree._Element, like: etree._Element) -> etree._Element:
    """Return a new last child, like another element but without what is in it."""
    child = etree.SubElement(parent, str(like.tag))
    child.attrib.update(like.attrib)
    return child


def _make_second(element: etree._Element) -> None:
    """Take ids and notes out of what is printed again."""
    tree.drop_all(element, list(element.iterfind(".//span[@data-number]")))
    for each in element.iter():
        each.attrib.pop("id", "")
