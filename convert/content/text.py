"""The words of a tree as plain text."""

from __future__ import annotations

import html
import re

from lxml import etree

from convert.content import vocabulary as v

_SPACE = re.compile(r"[ \t\r\n]+")
_LINES = re.compile(r" *\n[ \n]*")
_BREAKING = v.BLOCKS | v.PARTS | {"br"}
_SPACED = frozenset(("td", "th"))


def plain(tree: etree._Element) -> str:
    """The words of a tree: white space folded, a line for each block.

    A formula is its TeX where that is known.  ``pre`` keeps its line breaks.
    """
    pieces: list[str] = []
    _gather(tree, pieces)
    return _LINES.sub("\n", "".join(pieces)).strip()


def escape(text: str) -> str:
    """Plain text as XHTML text; quotes too, so that it may stand in an attribute."""
    return html.escape(text)


def words(text: str) -> int:
    """The number of words, for "12 minutes to read"; each ideograph or kana counts as half."""
    wide = len(_WIDE.findall(text))
    return len(_WIDE.sub(" ", text).split()) + (wide + 1) // 2


_WIDE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def _gather(element: etree._Element, pieces: list[str]) -> None:
    for event, each in etree.iterwalk(element, events=("start", "end")):
        tag = each.tag
        if event == "start":
            if tag in _BREAKING:
                pieces.append(" " if tag in _SPACED else "\n")
            if tag == "annotation" or not isinstance(tag, str):
                continue
            if each.text:
                pieces.append(each.text if _is_pre(each) else _SPACE.sub(" ", each.text))
        else:
            if tag in _BREAKING:
                pieces.append(" " if tag in _SPACED else "\n")
            if each is not element and each.tail:
                pieces.append(each.tail if _is_pre(each) else _SPACE.sub(" ", each.tail))


def _is_pre(element: etree._Element) -> bool:
    return element.tag == "pre"
