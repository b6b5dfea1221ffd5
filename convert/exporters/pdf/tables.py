"""Tables of a printed body: a head on each page, and no table wider than the paper."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from convert.content import tree
from convert.exporters import tables, widths
from convert.exporters.pdf.code import break_lines
from convert.exporters.pdf.nests import add_class, indent_of
from convert.exporters.pdf.page import MONO_ADVANCE, Page

TABLE = 0.9
"""Size of the type in a table, as a part of the text's."""
NOTE = 0.85
"""Size of the type in a note at the foot of a page, as a part of the text's."""
CODE = 0.85
"""Size of the type of code in a cell, as a part of the table's."""
TALL = 25
"""Lines of a row that may go over to the next page; shorter ones stay together."""
_CLASSES = dict(zip(tables.SIZES, ("fitted", "fitted small", "fitted smallest"), strict=True))
_LINES = ("p", "li", "pre", "br", "tr", "dt", "dd", "h3", "h4", "h5", "h6")


def fit_tables(root: etree._Element, page: Page) -> Iterator[str]:
    """Make the tables of a body fit the page; yield what could not be done."""
    if next(root.iter("table"), None) is None:
        return
    measured = widths.measure_all(root)
    for table in list(measured):
        give_head(table)
    for table in list(root.iter("table")):
        if next(table.iterancestors("td", "th", "caption"), None) is not None:
            continue
        note = table.xpath("ancestor::span[@data-number]")
        size = page.em * (NOTE if note else 1.0)
        upright, turned = (
            (width / size - indent_of(table)) / TABLE
            for width in (page.text_width, page.turned_width)
        )
        room = tables.Room(upright=upright, turned=0.0 if note else turned)
        yield from _fit(table, room, measured)
    # The engine goes back to an upright page only where one is asked for.
    for turned_one in root.iterfind(".//div[@class='turned']"):
        around = (turned_one, *turned_one.iterancestors())
        after = next((each.getnext() for each in around if each.getnext() is not None), None)
        if after is not None and after.get("class") != "turned":
            add_class(after, "upright")


def _fit(
    table: etree._Element,
    room: tables.Room,
    measured: Mapping[etree._Element, Sequence[widths.Column]],
) -> Iterator[str]:
    fit = tables.choose(measured[table], room)
    if fit is None:
        _let_break(table, [each.most for each in measured[table]])
        return
    whole = len(fit.groups) == 1
    parts = (table,) if whole else tables.cut(table, [each.columns for each in fit.groups])
    if not parts:
        add_class(table, "stacked")
        where = " in a cell" if room.inner else ""
        yield (
            f"a table of {len(measured[table])} columns{where} is too wide for the page; "
            "its cells stand one below the other"
        )
        return
    if not whole:
        measured = widths.measure_all(*parts)
        tree.replace(table, *parts)
    elif fit.turned:
        tree.wrap(table, "div").set("class", "turned")
    available = (room.turned if fit.turned else room.upright) / fit.size
    for part, group in zip(parts, fit.groups, strict=True):
        across = min(1.0, sum(group.widths))
        add_class(part, _CLASSES[fit.size])
        part.set("style", f"width: {across:.2%}")
        columns = tree.new("colgroup")
        for each in group.widths:
            columns.append(tree.new("col", style=f"width: {each / across:.2%}"))
        part.insert(sum(1 for each in part if each.tag == "caption"), columns)
        _let_break(part, [each * available for each in group.widths])
        for _, cells in widths.cells_of(part):
            for cell in cells:
                wide = sum(group.widths[cell.column : cell.column + cell.wide]) * available
                yield from _fit_content(cell.element, wide - widths.PADDING, measured)


def _fit_content(
    cell: etree._Element,
    wide: float,
    measured: Mapping[etree._Element, Sequence[widths.Column]],
) -> Iterator[str]:
    """Make tables and code in a cell fit it."""
    for each in list(cell.iter("table", "pre")):
        if next(each.iterancestors("td", "th", "caption"), None) is not cell:
            continue
        between = itertools.takewhile(lambda above: above is not cell, each.iterancestors())
        indent = sum(widths.INDENTS.get(str(above.tag), 0.0) for above in between)
        if each.tag == "pre":
            break_lines(each, max(8, math.floor((wide - indent - 1) / (MONO_ADVANCE * CODE))))
        else:
            yield from _fit(each, tables.Room(upright=wide - indent, inner=True), measured)


def _let_break(table: etree._Element, ems: Sequence[float]) -> None:
    """Let the rows go over to the next page that are tall, in columns of these em."""
    for row, cells in widths.cells_of(table):
        for cell in cells:
            wide = sum(ems[cell.column : cell.column + cell.wide]) - widths.PADDING
            # A letter takes half an em, each block a line, and a picture about ten.
            lines = len(tree.text_of(cell.element)) / 2 / max(1.0, wide)
            lines += sum(1 for _ in cell.element.iter(*_LINES))
            lines += 10 * sum(1 for _ in cell.element.iter("img", "figure"))
            if lines > TALL:
                add_class(row, "tall")
                break


def give_head(table: etree._Element) -> None:
    """Give a table a head, which is repeated from page to page, where its first row is one."""
    first = next(widths.rows_of(table), None)
    above = first.getparent() if first is not None else None
    if first is None or above is None or table.find("thead") is not None or not len(first):
        return
    if all(cell.tag == "th" and not cell.get("rowspan") for cell in first):
        head = tree.new("thead")
        table.insert(sum(1 for each in table if each.tag in ("caption", "colgroup", "col")), head)
        head.append(first)
        if above is not table and not len(above):
            table.remove(above)
