"""The text of a block of code, its lines made of whatever elements."""

from __future__ import annotations

import re

from lxml import etree

from convert.content.code.dialects import (
    is_counting,
    is_folding,
    is_popup,
    is_suspect,
    is_unselectable,
)
from convert.content.tree import classes, is_blank, lone, text_of

_CELLS = frozenset({"td", "th"})
_LINES = frozenset({"div", "p", "li", "tr"})
_WORDS = frozenset({"span", "a", "code", "b", "i", "em", "strong", "mark", "font", "u", "s"})
"""Elements that make no lines."""
_TOOLS = frozenset({"button", "textarea", "svg"})
NO_CODE = ("<button", "<textarea", "<svg", "<summary", "data-line-number", "user-select")
"""What the markup has, in lower case, where a block holds what is no code, but for classes."""
LINE_CLASSES = frozenset({"line", "code-line", "token-line", "code-snippet_outer", "view-line"})
_MARKERS = ("data-code-marker", "data-type-marker")
_NO_BREAK = re.compile(r"^[ \t\u00a0]+|[ \u00a0]{2,}", re.MULTILINE)


def what_is_none(blocks: list[etree._Element]) -> list[etree._Element]:
    """Return what nobody would copy with blocks of code: tools, what pops up, and, where more is
    left, the numbers of lines and what cannot be selected."""
    going: list[etree._Element] = []
    for block in blocks:
        tools, numbers, guarded = _none(block)
        rest = _letters(block) - sum(map(_letters, tools))
        # Where a field is all that there is, it holds the code.
        going += tools if rest else [each for each in tools if each.tag != "textarea"]
        for some in (numbers, guarded):
            # Where nothing can be selected, somebody guards the code.
            less = sum(map(_letters, some))
            if less < rest or not less:
                going += some
                rest -= less
    return going


def _letters(each: etree._Element) -> int:
    return len("".join(text_of(each).split()))


def _none(block: etree._Element) -> tuple[list[etree._Element], ...]:
    """Return the outermost elements of a block that are no code: tools, numbers of lines, what
    cannot be selected."""
    tools: list[etree._Element] = []
    numbers: list[etree._Element] = []
    guarded: list[etree._Element] = []
    pending = list(block.iterchildren(reversed=True))
    while pending:
        each = pending.pop()
        tag = each.tag
        if tag == "svg" and next(each.iter("text"), None) is not None:
            continue  # a drawing with words is none of the tools
        if tag in _TOOLS or (tag == "summary" and is_folding(each)):
            tools.append(each)
        elif not each.attrib or not (
            is_suspect(each.get("class"), each.get("style")) or each.get("data-line-number")
        ):
            pending += each.iterchildren(reversed=True)
        elif is_popup(each.get("class") or ""):
            tools.append(each)
        elif is_counting(each):
            numbers.append(each)
        elif tag not in _CELLS and is_unselectable(each.get("class"), each.get("style")):
            guarded.append(each)
        else:
            pending += each.iterchildren(reversed=True)
    return tools, numbers, guarded


def code_text(block: etree._Element, *, may_have_lines: bool = True) -> str:
    """Return the text of a block of code, lines and spaces kept; without ``may_have_lines`` no
    class or attribute in the whole body is that of a line."""
    lines = _bare_lines(block, may_have_lines=may_have_lines)
    shapes = {str(each.tag) for each in block.iterdescendants()}
    if lines is None and _WORDS.issuperset(shapes) and block.tag not in _CELLS:
        text = text_of(block)  # nothing but coloured words
    else:
        parts: list[str] = []
        _add_text(block, parts, lines)
        text = "".join(parts)
        if "\u00a0" in text and ("br" in shapes or not _LINES.isdisjoint(shapes)):
            # Where elements make the lines, spaces at their beginning are no-break spaces.
            text = _NO_BREAK.sub(lambda run: run[0].replace("\u00a0", " "), text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bare_lines(block: etree._Element, *, may_have_lines: bool) -> etree._Element | None:
    """Return the element whose children are lines that only a style sets apart."""
    holder = block if block.tag == "pre" and block.find("code") is not None else None
    if holder is None or lone(holder) is not None:
        spans = block.iter("span") if may_have_lines else ()
        first = next((each for each in spans if _is_line(each)), None)
        holder = None if first is None else first.getparent()
    if holder is None or lone(holder) is not None or "\n" in text_of(holder):
        return None
    for each in holder:
        whole = each.tag == "code" if holder is block else _is_line(each)
        # A blank line may hold a break; what breaks other lines sets them apart.
        broken = next(each.iter("br"), None) is not None and not is_blank(text_of(each))
        if not whole or broken or each.tail:
            return None
    return holder


def _is_line(each: etree._Element) -> bool:
    if each.get("data-line") is not None:
        return True
    return bool(each.attrib) and not LINE_CLASSES.isdisjoint(classes(each))


def _add_text(each: etree._Element, parts: list[str], lines: etree._Element | None) -> None:
    """Add the lines of an element; no part is empty."""
    for name in _MARKERS:
        if (marker := each.get(name)) and len(marker) == 1:
            parts.append(marker)
    if each.text:
        parts.append(each.text)
    for child in each.iterchildren():
        is_line = each is lines or child.tag in _LINES
        if child.tag == "br":
            parts.append("\n")
        elif child.tag == "img":
            if alt := child.get("alt"):
                parts.append(alt)
        elif is_line:
            # A line of its own: what lies between two such is no text.
            _start_line(parts)
            before = len(parts)
            _add_text(child, parts, lines)
            if len(parts) == before:
                parts.append("\n")
            elif child.getnext() is not None or not is_blank(child.tail):
                _start_line(parts)
        else:
            _add_text(child, parts, lines)
        if child.tail and (not is_line or not is_blank(child.tail)):
            parts.append(child.tail)


def _start_line(parts: list[str]) -> None:
    if parts and not parts[-1].endswith("\n"):
        parts.append("\n")
