"""Tables that set line numbers, or the signs of a comparison, beside lines of code."""

from __future__ import annotations

from lxml import etree

from convert.content.code.dialects import NUMBERS, count_up, is_numbered
from convert.content.code.languages import Language, called
from convert.content.code.lines import code_text, what_is_none
from convert.content.tree import classes, drop_all, is_blank, selector, text_of

_MARKED = selector(".//@data-code-marker/.. | .//@data-type-marker/..")
_SIGNED = selector(".//*[@data-type-marker]")
_MOST_COLUMNS = 4


def lines_of(table: etree._Element) -> list[str] | None:
    """Return the lines of code that a table sets beside their numbers; None where it does not."""
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
    cells = [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]
    if not cells or any(not 2 <= len(row) <= _MOST_COLUMNS for row in cells):
        return None
    if any(not all(_is_gutter(cell, row[-1]) for cell in row[:-1]) for row in cells):
        return None
    if not any(_is_called_numbers(cell) for row in cells for cell in row[:-1]):
        # Numbers that nothing calls so must count the lines beside them; without a name of any
        # kind, they may as well be those of steps.
        if len(cells) > 1 and table.get("class") is None:
            return None
        numbers = [text_of(row[0]).split() for row in cells]
        if not count_up([number for of in numbers for number in of]):
            return None
        for row, of in zip(cells, numbers, strict=True):
            text = code_text(row[-1])
            if not text.strip("\n").count("\n") < len(of) <= text.count("\n") + 1:
                return None
    drop_all(table, what_is_none([row[-1] for row in cells]))
    lines = [
        "".join(sign.get("data-type-marker", "") for cell in row[:-1] for sign in _SIGNED(cell))
        + code_text(row[-1])
        for row in cells
    ]
    return [line.removesuffix("\n") for line in lines] if len(lines) > 1 else lines


def language_by_signs(table: etree._Element) -> Language | None:
    """Return the language of comparisons, where the lines of a table bear their signs."""
    return called("diff") if _MARKED(table) else None


def _is_called_numbers(cell: etree._Element) -> bool:
    return (
        cell.get("data-line-number") is not None
        or cell.get("data-line-num") is not None
        or any(is_numbered(each.get("class") or "") for each in cell.iter())
        or any("marker" in word for word in classes(cell))
    )


def _is_gutter(cell: etree._Element, beside: etree._Element) -> bool:
    """Tell whether a cell holds the line numbers of the code beside it."""
    block = next(beside.iter("pre", "code"), None)
    if block is None and not any("code" in name or "line" in name for name in classes(beside)):
        return False
    text = text_of(cell)
    numbers = bool(NUMBERS.fullmatch(text)) or "".join(text.split()).isdecimal()
    if _is_called_numbers(cell):
        return numbers or is_blank(text) or not text.strip()
    return numbers and block is not None and block.tag == "pre"
