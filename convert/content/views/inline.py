"""Blocks made inline: for a place that takes no block, such as a printed footnote."""

from __future__ import annotations

from lxml import etree

from convert.content.tree import append_text, is_blank, new
from convert.content.vocabulary import names

_BLOCKS = names(
    "p h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre table caption thead tbody tfoot tr "
    "figure figcaption hr div section details summary aside "
)
_DROPPED = frozenset({"colgroup", "col"})
_STRONG = frozenset({"h2", "h3", "h4", "h5", "h6", "dt", "summary"})


def inline_content(source: etree._Element, target: etree._Element) -> None:
    """Adds the content of ``source`` to ``target`` as inline content.

    Blocks are kept apart by ``<br>``, list items get their bullet or number, cells a dash
    between them; inline elements stay as they are.
    """
    if not is_blank(source.text) or source.tag not in _BLOCKS:
        append_text(target, source.text)
    for child in list(source):
        tail, child.tail = child.tail, None
        _add(child, target)
        if not is_blank(tail):
            append_text(target, tail)
        elif tail and child.tag not in _BLOCKS:
            append_text(target, " ")


def _add(each: etree._Element, target: etree._Element) -> None:
    tag = str(each.tag)
    if tag in _DROPPED:
        return
    if tag == "pre":
        _break(target)
        _add_lines(each, target)
    elif tag in {"td", "th"}:
        if each.getprevious() is not None:
            append_text(target, " — ")
        inline_content(each, target)
    elif tag in _STRONG:
        _break(target)
        inline_content(each, etree.SubElement(target, "strong"))
    elif tag in _BLOCKS:
        _break(target)
        append_text(target, _bullet(each) if tag == "li" else None)
        inline_content(each, target)
    elif tag == "math":
        each.set("display", "inline")
        target.append(each)
    else:
        target.append(each)


def _bullet(entry: etree._Element) -> str:
    parent = entry.getparent()
    if parent is None or parent.tag != "ol":
        return "• "
    return f"{1 + sum(1 for _ in entry.itersiblings('li', preceding=True))}. "


def _break(target: etree._Element) -> None:
    """Starts a new line, unless the target is at the start of one."""
    last = target[-1] if len(target) else None
    if last is None:
        if not is_blank(target.text) and not (target.text or "").endswith(("• ", ". ")):
            target.append(new("br"))
    elif last.tag != "br" or not is_blank(last.tail):
        target.append(new("br"))


def _add_lines(block: etree._Element, target: etree._Element) -> None:
    """Preformatted lines: white space kept by no-break spaces, lines by breaks."""
    text = "".join(str(part) for part in block.itertext())
    for count, line in enumerate(text.strip("\n").split("\n")):
        if count:
            target.append(new("br"))
        target.append(new("code", line.replace("\t", "    ").replace("  ", "\u00a0 ")))
