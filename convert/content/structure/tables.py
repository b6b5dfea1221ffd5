"""Tables as HTML wants them (§4.9): parts in order, rows with cells, spans that fit."""

from __future__ import annotations

import dataclasses
import re

from lxml import etree

from convert.content.draft import Draft
from convert.content.tree import drop, inside, is_bare, is_blank, new, text_of, unwrap
from convert.content.vocabulary import HEADINGS

_GROUPS = ("thead", "tbody", "tfoot")
_HOMES = {
    "caption": frozenset(("table",)),
    **dict.fromkeys(_GROUPS, frozenset(("table",))),
    "tr": frozenset(("table", *_GROUPS)),
    "td": frozenset(("tr",)),
    "th": frozenset(("tr",)),
}
_PARTS_OF = {
    "table": frozenset(("caption", "tr", *_GROUPS)),
    **dict.fromkeys(_GROUPS, frozenset(("tr",))),
    "tr": frozenset(("td", "th")),
}
_NUMBER = re.compile(r"\s*\+?0*([0-9]+)", re.ASCII)
_BLOCKS_IN_ROW = ("table", "ul", "ol", "dl", "pre", "blockquote", *HEADINGS)
_SHOWN = ("img", "svg", "math", "hr", "pre")
MOST_SPANNED = 200
MOST_COLUMNS = 100_000
MOST_SLOTS = 1_000_000
"""What a span may claim, and all cells of a table: a page of nothing costs nothing."""


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make every table one that has rows, or leave only what was in it."""
    for part in list(tree.iter("caption", "tr", "td", "th", *_GROUPS)):
        parent = part.getparent()
        if parent is not None and parent.tag not in _HOMES[str(part.tag)]:
            part.tag = "div"
    for table in list(tree.iter("table")):
        _arrange(table, draft)


def _arrange(table: etree._Element, draft: Draft) -> None:
    """Put the groups of a table in order: one head, bodies, one foot; or undo the table."""
    _house(table)
    for group in list(table.iterchildren(*_GROUPS)):
        for row in list(group):
            if is_bare(row):
                drop(row)
        if is_bare(group):
            drop(group)
    groups = list(table.iterchildren(*_GROUPS))
    if not groups:
        for caption in list(table.iterchildren("caption")):
            caption.tag = "div"
        unwrap(table)
        return
    if lays_out(table):
        undo(table)
        return
    # HTML 4 had the foot before the bodies; only one head and one foot may stand.
    first = next((group for group in groups if group.tag != "tfoot"), None)
    for position, group in enumerate(groups):
        if group.tag == "thead" and group is not first:
            group.tag = "tbody"
        elif group.tag == "tfoot" and position < len(groups) - 1:
            table.append(group)
    feet = list(table.iterchildren("tfoot"))
    for foot in feet[:-1]:
        foot.tag = "tbody"
    rows = [row for group in table.iterchildren(*_GROUPS) for row in group]
    if any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row):
        _fit(table, draft)


def lays_out(table: etree._Element) -> bool:
    """Tell whether a table is no more than a way to place things: it says so itself, or nothing
    says that it is one of data (headings, a caption, a foot) and no row has more than one cell
    that is filled, a cell has a table in it, or its one row holds blocks.

    Every sign is one that prepared markup keeps, so that what is prepared again stays the same.
    """
    groups = list(table.iterchildren(*_GROUPS))
    titled = table.find("caption") is not None
    if table.get("role", "").strip().lower() in {"presentation", "none"}:
        return not titled
    if titled or inside(table, "figure") or any(group.tag != "tbody" for group in groups):
        return False
    rows = [row for group in groups for row in group]
    if any(cell.tag == "th" or cell.get("scope") for row in rows for cell in row):
        return False
    if all(len(row) == 1 or sum(map(_is_filled, row)) < 2 for row in rows):
        return True
    blocks = _BLOCKS_IN_ROW if len(rows) == 1 else ("table",)
    return next(table.iterdescendants(*blocks), None) is not None


def _is_filled(cell: etree._Element) -> bool:
    return bool(text_of(cell).strip()) or next(cell.iter(*_SHOWN), None) is not None


def undo(table: etree._Element) -> None:
    """Leave the cells of a table as blocks, in order."""
    for cell in list(table.iter("caption", "td", "th")):
        if next(cell.iterancestors("table"), None) is not table:
            continue
        if not _is_filled(cell) and cell.get("id") is None:
            continue
        cell.tag = "div"
        cell.tail = None
        for name in ("lang", "dir"):
            if (stated := table.get(name)) and not cell.get(name):
                cell.set(name, stated)
        if next(cell.iterdescendants("table"), None) is not None:
            cell.attrib.pop("class", "")  # it places the table, not the lines of text
        table.addprevious(cell)
    if place := table.get("id"):
        table.addprevious(new("div", id=place))
    drop(table)


def _house(table: etree._Element) -> None:
    """Move what is no part of a table before it, and loose rows into a body.

    So do browsers: they call it foster parenting (§13.2.6.1).
    """
    holders = [table, *table.iterchildren("tr", *_GROUPS)]
    holders += [row for group in table.iterchildren(*_GROUPS) for row in group.iterchildren("tr")]
    captions = 0
    for holder in holders:
        parts = _PARTS_OF[str(holder.tag)]
        for child in list(holder):
            if not is_blank(child.tail):
                _before(table, child.tail)
            child.tail = None
            if child.tag == "caption":
                captions += 1
                if captions > 1:
                    child.tag = "div"
            if child.tag not in parts:
                table.addprevious(child)
        if not is_blank(holder.text):
            _before(table, holder.text)
        holder.text = None
    caption = table.find("caption")
    if caption is not None:
        table.insert(0, caption)
    body: etree._Element | None = None
    for child in list(table):
        if child.tag != "tr":
            body = None
            continue
        if body is None:
            body = etree.Element("tbody")
            child.addprevious(body)
        body.append(child)


def _before(table: etree._Element, text: str | None) -> None:
    paragraph = etree.Element("p")
    paragraph.text = text
    table.addprevious(paragraph)


@dataclasses.dataclass
class _Cell:
    element: etree._Element
    column: int
    rows: int
    columns: int


def _fit(table: etree._Element, draft: Draft) -> None:
    """Make spans as wide and high as the table is (the algorithm of §4.9.12)."""
    elements = [cell for row in table.iter("tr") for cell in row]
    # Spans are a few bytes that claim much: a small page could cost minutes here.
    lowest = sum(1 for _ in table.iter("tr"))
    widths = [min(_span(each, "colspan"), MOST_SPANNED) for each in elements]
    heights = (min(_span(each, "rowspan", lowest), lowest) for each in elements)
    slots = sum(wide * high for wide, high in zip(widths, heights, strict=True))
    if sum(widths) > MOST_COLUMNS or slots > MOST_SLOTS:
        draft.note(
            f"cells of a table claim more than {MOST_COLUMNS:,} columns or {MOST_SLOTS:,} places;"
            " none of them spans others"
        )
        for each in elements:
            _set_span(each, "colspan", 1)
            _set_span(each, "rowspan", 1)
        return
    cells: list[_Cell] = []
    for group in table.iterchildren(*_GROUPS):
        rows = list(group.iterchildren("tr"))
        free: dict[int, int] = {}
        """By column, the row of the group from which on it is free."""
        for at, row in enumerate(rows):
            column = 0
            for element in row:
                while free.get(column, 0) > at:
                    column += 1
                stated = min(_span(element, "colspan"), MOST_SPANNED)
                columns = 1
                while columns < stated and free.get(column + columns, 0) <= at:
                    columns += 1
                height = min(_span(element, "rowspan", len(rows)), len(rows) - at)
                cells.append(_Cell(element, column, height, columns))
                free.update(dict.fromkeys(range(column, column + columns), at + height))
                column += columns
    begun = {cell.column for cell in cells}
    if len(begun) > MOST_SPANNED and any(
        _span(each, "colspan") > MOST_SPANNED for each in elements
    ):
        draft.note(f"a cell spans more than {MOST_SPANNED} columns of a table; it ends there")
    for cell in cells:
        # A column in which no cell begins is no column.
        wide = sum(at in begun for at in range(cell.column, cell.column + cell.columns))
        _set_span(cell.element, "colspan", wide)
        _set_span(cell.element, "rowspan", cell.rows)


def _span(element: etree._Element, name: str, nothing: int = 1) -> int:
    """Return what a span says, read as a browser does (§4.9.11); ``nothing`` where it says 0."""
    number = _NUMBER.match(element.get(name, "1"))
    if number is None:
        return 1
    return (int(number[1]) or nothing) if len(number[1]) <= len(str(MOST_SLOTS)) else MOST_SLOTS


def _set_span(element: etree._Element, name: str, number: int) -> None:
    if number > 1:
        element.set(name, str(number))
    else:
        element.attrib.pop(name, "")
