"""Blocks made inline: for a place that takes no block, such as a printed footnote."""

from __future__ import annotations

from lxml import etree

from convert.content.tree import append_text, is_blank, new, text_of
from convert.content.views.numbers import label, ordinals
from convert.content.vocabulary import BLOCKS, PARTS

_CELLS = frozenset({"td", "th"})
_BLOCKS = (BLOCKS | PARTS) - _CELLS
_DROPPED = frozenset({"colgroup", "col"})
_STRONG = frozenset({"h2", "h3", "h4", "h5", "h6", "dt", "summary"})


def inline_content(source: etree._Element, target: etree._Element) -> None:
    """Add the content of ``source`` to ``target`` as inline content.

    Blocks are kept apart by ``<br>``, list items get their bullet or number, cells a dash
    between them; inline elements stay as they are.
    """
    if not is_blank(source.text) or source.tag not in _BLOCKS:
        append_text(target, source.text)
    numbers = (label(number, source.get("type")) for number in ordinals(source))
    for child in list(source):
        tag = str(child.tag)
        tail, child.tail = child.tail, None
        if tag == "pre":
            _break(target)
            # Without its element, white space is kept by no-break spaces, lines by breaks.
            for count, line in enumerate(text_of(child).strip("\n").split("\n")):
                if count:
                    target.append(new("br"))
                target.append(new("code", line.replace("\t", "    ").replace("  ", "\u00a0 ")))
        elif tag in _CELLS:
            append_text(target, " — " if child.getprevious() is not None else None)
            inline_content(child, target)
        elif tag in _BLOCKS:
            _break(target)
            if tag == "li":
                append_text(target, f"{next(numbers)}. " if source.tag == "ol" else "• ")
            strong = tag in _STRONG
            inline_content(child, etree.SubElement(target, "strong") if strong else target)
        elif tag not in _DROPPED:
            if tag == "math":
                child.set("display", "inline")
            target.append(child)
        if not is_blank(tail):
            append_text(target, tail)
        elif tail and tag not in _BLOCKS:
            append_text(target, " ")


def _break(target: etree._Element) -> None:
    """Start a new line, unless the target is at the start of one."""
    last = target[-1] if len(target) else None
    if last is None:
        if not is_blank(target.text) and not (target.text or "").endswith(("• ", ". ")):
            target.append(new("br"))
    elif last.tag != "br" or not is_blank(last.tail):
        target.append(new("br"))
