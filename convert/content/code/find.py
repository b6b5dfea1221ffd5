"""Code blocks reduced to their text and language, whatever highlighter went over them.

The text is kept to the last space: only what a highlighter added goes, which is its elements
and its line numbers.
"""

from __future__ import annotations

from lxml import etree

from convert.content.code import styled, tables, tabs
from convert.content.code.around import outermost, survey
from convert.content.code.boxes import is_empty
from convert.content.code.dialects import CODE_CLASSES, WRAPPERS, is_suspect
from convert.content.code.languages import Language, language_of
from convert.content.code.lines import LINE_CLASSES, NO_CODE, code_text, what_is_none
from convert.content.draft import Draft
from convert.content.tree import (
    classes,
    drop_all,
    inside,
    is_bare,
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
_MARKED = selector(".//*[@data-code-marker]")
_SPANS_IN_CODE = selector(".//code//span")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Give code the form ``<pre data-language="…"><code class="language-…">text</code></pre>``;
    other preformatted text keeps its inline elements, its breaks become line breaks."""
    if draft.holds(*tabs.CUES):
        tabs.mark(tree)
    if draft.holds(*styled.CUES):
        styled.mark(tree)
    blocks = _BLOCKS(tree)
    for table in [each for each in blocks if each.tag == "table"]:
        _from_table(table)
    if blocks:
        _mark_blocks(tree, listed(tree, "pre"), draft)
    unwrap_all(tree, _SPANS_IN_CODE(tree))


def _mark_blocks(tree: etree._Element, blocks: list[etree._Element], draft: Draft) -> None:
    # TeX in a fence is the business of maths.
    whole = [
        each
        for each in blocks
        if not inside(each, "pre")
        and not any("math" in " ".join(classes(x)) for x in (each, *outermost(each)[:1]))
    ]
    around = {block: survey(block) for block in whole}
    # Only what names the language must be understood first: it is furniture like the tools.
    for rule, going in (
        ("code: tools", [each for one in around.values() for each in one.tools]),
        ("code: languages", [each for one in around.values() for each in one.labels]),
        ("code: numbers", [each for one in around.values() for each in one.numbers]),
    ):
        draft.note_removal(rule, going)
        drop_all(tree, going)
    emptied = [each for one in around.values() for each in one.beside if is_empty(each)]
    drop_all(tree, emptied)
    if draft.holds(*NO_CODE) or any(is_suspect(word, None) for word in draft.called):
        none = what_is_none(whole)
        draft.note_removal("code: what is none", none)
        drop_all(tree, none)
    may_have_lines = draft.holds("data-line") or not LINE_CLASSES.isdisjoint(draft.called)
    for block in whole:
        beside = around[block]
        for title in beside.titles:  # what is called a title inside of a block stands before it
            title.tag, title.tail = "p", None
            block.addprevious(title)
        codes = outermost(block)
        named = {name for each in (block, *beside.boxes) for name in classes(each)}
        is_code = not CODE_CLASSES.isdisjoint(named) or _is_all_code(block, codes)
        if beside.language or is_code:
            text = code_text(block, may_have_lines=may_have_lines)
            _replace_block(block, text, beside.language)
        else:
            lines = listed(block, "br")
            for line in lines:
                line.text = "\n"
            unwrap_all(block, lines)
        for wrapper in beside.boxes:
            inner = lone(wrapper)
            if WRAPPERS.isdisjoint(classes(wrapper)) and language_of(wrapper) is None:
                break
            if inner is None or not is_blank(wrapper.text) or not is_blank(inner.tail):
                break
            unwrap(wrapper)


def settle(tree: etree._Element) -> None:
    """Do the same to what later steps have made of blocks: code is only text."""
    for block in listed(tree, "pre"):
        if _is_settled(block):
            continue
        codes = outermost(block)
        if _is_all_code(block, codes):
            _replace_block(block, code_text(block), language_of(*codes[:1], block))
    unwrap_all(tree, _SPANS_IN_CODE(tree))


def _is_settled(block: etree._Element) -> bool:
    """Tell whether a block is one ``code`` that is only text."""
    code = lone(block)
    return (
        code is not None
        and code.tag == "code"
        and is_bare(code)
        and not block.text
        and not code.tail
        and block.keys() == ["data-language"]
    )


def _is_all_code(block: etree._Element, codes: list[etree._Element]) -> bool:
    """Tell whether nothing but white space stands outside of the ``code`` elements."""
    if not codes:
        return False
    if lone(block) is codes[0] and is_blank(block.text) and is_blank(codes[0].tail):
        return True
    return len("".join(text_of(block).split())) == sum(
        len("".join(text_of(code).split())) for code in codes
    )


def _replace_block(block: etree._Element, text: str, language: Language | None) -> None:
    around, code = new("pre"), new("code", text)
    for name in ("id", "dir"):
        if value := block.get(name):
            around.set(name, value)
    if language is not None:
        code.set("class", f"language-{language.word}")
        if language.alias is not None:
            around.set("data-language", language.alias)
    around.append(code)
    replace(block, around)


def _from_table(table: etree._Element) -> None:
    """Make a table that sets line numbers beside code the code."""
    lines = tables.lines_of(table)
    if lines is None:
        # A comparison side by side stays a table; the signs that a style sheet would show stay.
        for each in _MARKED(table):
            each.text = each.get("data-code-marker", "").strip() + (each.text or "")
            del each.attrib["data-code-marker"]
        return
    cell = next(row for row in table.iter("tr"))[-1]
    inner = list(cell.iter("pre", "code"))
    place = table
    for above in table.iterancestors("pre", "code"):
        place = above
    outer = () if place is table else (*place.iter("code"), place)
    language = tables.language_by_signs(table) or language_of(
        *inner, table, cell, *outer, *survey(place).boxes
    )
    _replace_block(place, "\n".join(lines), language)
