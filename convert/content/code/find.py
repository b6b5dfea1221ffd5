"""Code blocks reduced to their text and language, whatever highlighter went over them.

The text is kept to the last space: only what a highlighter added goes, which is its elements
and its line numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from convert.content.code.languages import language_of
from convert.content.draft import Draft
from convert.content.tree import (
    classes,
    inside,
    is_blank,
    listed,
    lone,
    new,
    replace,
    selector,
    text_of,
    unwrap,
    unwrap_all,
)

_BLOCKS = selector(
    ".//pre | .//table[.//pre or .//*[contains(@class, 'code') or contains(@class, 'line')]]"
)
_SPANS_IN_CODE = selector(".//code//span")
_LINES = frozenset({"div", "p", "li", "tr"})
_NUMBER_CLASSES = frozenset(
    {
        "blob-num",
        "crayon-nums",
        "gl",
        "gutter",
        "hljs-ln-numbers",
        "line-number",
        "line-numbers",
        "line-numbers-rows",
        "linenodiv",
        "lineno",
        "linenos",
        "linenumber",
        "ln",
        "lnt",
        "rouge-gutter",
    }
)
_WRAPPERS = frozenset(
    {
        "chroma",
        "code-block",
        "code-wrapper",
        "codehilite",
        "coderay",
        "gatsby-highlight",
        "hljs",
        "highlight",
        "highlighter-rouge",
        "listingblock",
        "sourcecode",
        "src-block",
        "syntaxhighlighter",
        "org-src-container",
        "wp-block-code",
        "wp-block-syntaxhighlighter-code",
        "literal-block-wrapper",
    }
)
_CODE_CLASSES = _WRAPPERS | frozenset(
    {"code", "prettyprint", "programlisting", "src", "screen", "literal-block", "crayon-plain"}
)
_NUMBERS = re.compile(r"\s*\d{1,6}(?:\s+\d{1,6})*\s*")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Give code the form ``<pre data-language="…"><code>text</code></pre>``; other
    preformatted text keeps its inline elements, its breaks become line breaks."""
    blocks = _BLOCKS(tree)
    for table in [each for each in blocks if each.tag == "table"]:
        _from_table(table)
    for block in listed(tree, "pre") if blocks else ():
        codes = list(block.iter("code"))
        if inside(block, "pre") or any("math" in " ".join(classes(x)) for x in (block, *codes[:1])):
            continue  # TeX in a fence is the business of maths
        around = _around(block)
        language = language_of(*codes[:1], block, *list(block.iter("pre"))[1:2], *around)
        named = {name for each in (block, *around) for name in classes(each)}
        if language or not _CODE_CLASSES.isdisjoint(named) or _is_all_code(block, codes):
            _replace_block(block, code_text(block), language)
        else:
            lines = listed(block, "br")
            for line in lines:
                line.text = "\n"
            unwrap_all(block, lines)
        for wrapper in around:
            inner = lone(wrapper)
            if inner is None or not is_blank(wrapper.text) or not is_blank(inner.tail):
                break
            unwrap(wrapper)
    unwrap_all(tree, _SPANS_IN_CODE(tree))


def settle(tree: etree._Element) -> None:
    """Do the same to what later steps have made of blocks: code is only text."""
    for block in listed(tree, "pre"):
        if _is_all_code(block, list(block.iter("code"))):
            _replace_block(block, code_text(block), block.get("data-language"))
    unwrap_all(tree, _SPANS_IN_CODE(tree))


def _around(block: etree._Element) -> list[etree._Element]:
    """Return the boxes that highlighters put around a block, innermost first."""
    boxes: list[etree._Element] = []
    for above in block.iterancestors("div", "figure", "pre", "section", "td"):
        names = classes(above)
        if above.tag == "td" or (_WRAPPERS.isdisjoint(names) and language_of(above) is None):
            break
        boxes.append(above)
    return boxes[:4]


def _is_all_code(block: etree._Element, codes: list[etree._Element]) -> bool:
    """Tell whether nothing but white space stands outside of the ``code`` elements."""
    if not codes:
        return False
    return not "".join(text_of(block).split()).replace(
        "".join("".join(text_of(code) for code in codes).split()), "", 1
    )


def _replace_block(block: etree._Element, text: str, language: str | None) -> None:
    code = new("pre")
    for name in ("id", "dir"):
        value = block.get(name)
        if value:
            code.set(name, value)
    if language is not None:
        code.set("data-language", language)
    code.append(new("code", text))
    replace(block, code)


def code_text(block: etree._Element) -> str:
    """Return the text of a block of code, lines and spaces kept, line numbers left out."""
    parts: list[str] = []
    shapes_lines = any(
        each.tag not in {"span", "a", "code"}
        or (each.attrib and (_is_numbered(each.get("class") or "") or each.get("data-line-number")))
        for each in block.iterdescendants()
    )
    if shapes_lines:
        _add_text(block, parts)
    else:  # nothing but coloured words
        parts.append(text_of(block))
    return "".join(parts).replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=1024)
def _is_numbered(names: str) -> bool:
    return not _NUMBER_CLASSES.isdisjoint(names.lower().split())


def _add_text(each: etree._Element, parts: list[str]) -> None:
    """Add the lines of an element; no part is empty."""
    if each.text:
        parts.append(each.text)
    for child in each.iterchildren():
        if child.tag == "br":
            parts.append("\n")
        elif child.tag == "img":
            if alt := child.get("alt"):
                parts.append(alt)
        elif child.tag in _LINES:
            # A line of its own: what lies between two such is no text.
            _start_line(parts)
            before = len(parts)
            _add_text(child, parts)
            if len(parts) == before:
                parts.append("\n")
            elif child.getnext() is not None or not is_blank(child.tail):
                _start_line(parts)
        elif not _is_line_number(child):
            _add_text(child, parts)
        if child.tail and (child.tag not in _LINES or not is_blank(child.tail)):
            parts.append(child.tail)


def _start_line(parts: list[str]) -> None:
    if parts and not parts[-1].endswith("\n"):
        parts.append("\n")


def _is_line_number(each: etree._Element) -> bool:
    if not _is_numbered(each.get("class") or ""):
        return each.get("data-line-number") is not None and is_blank(text_of(each))
    text = text_of(each)
    return is_blank(text) or bool(_NUMBERS.fullmatch(text))


def _from_table(table: etree._Element) -> None:
    """Make a table that sets line numbers beside code the code."""
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
    cells = [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]
    if not cells or any(len(row) != 2 or not _is_gutter(*row) for row in cells):
        return
    lines = [row[1] for row in cells]
    text = "\n".join(code_text(cell) for cell in lines)
    inner = [each for cell in lines[:1] for each in cell.iter("pre", "code")]
    place = table
    for above in table.iterancestors("pre", "code"):
        place = above
    outer = () if place is table else (*place.iter("code"), place)
    language = language_of(*inner, table, *lines[:1], *outer, *_around(place))
    _replace_block(place, text, language)


def _is_gutter(cell: etree._Element, beside: etree._Element) -> bool:
    """Tell whether a cell holds the line numbers of the code beside it."""
    block = next(beside.iter("pre", "code"), None)
    if block is None and not any("code" in name or "line" in name for name in classes(beside)):
        return False
    numbers = bool(_NUMBERS.fullmatch(text_of(cell)))
    if cell.get("data-line-number") is not None or not _NUMBER_CLASSES.isdisjoint(classes(cell)):
        return numbers or is_blank(text_of(cell))
    return numbers and block is not None and block.tag == "pre"
