"""The words of a tree as plain text."""

from __future__ import annotations

import html
import re

from lxml import etree

from convert.content.vocabulary import BLOCKS, PARTS
from convert.text.characters import unusual

_BLOCK_NAMES = "|".join(sorted((BLOCKS | PARTS | {"br"}) - {"td", "th"}))
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_TEX = re.compile(r"<annotation\b[^>]*>(.*?)</annotation>", re.DOTALL)
_PREFORMATTED = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_LINE_TAG = re.compile(rf"</?(?:{_BLOCK_NAMES})\b[^>]*>")
_CELL_TAG = re.compile(r"<t[dh]\b[^>]*>")
_ANY_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"  +")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def plain(tree: etree._Element) -> str:
    """Return the words of a tree: white space folded, a line for each block.

    A formula is its TeX where that is known.  ``pre`` keeps its lines, not their indentation.
    """
    return plain_of(etree.tostring(tree, encoding="unicode", with_tail=False))


def plain_of(xhtml: str) -> str:
    """Do the same for well-formed markup as lxml writes it (no ``>`` inside of tags)."""
    if "<math" in xhtml:
        xhtml = _FORMULA.sub(
            lambda formula: tex[1] if (tex := _TEX.search(formula[0])) else formula[0], xhtml
        )
    pieces = _PREFORMATTED.split(xhtml)
    pieces[::2] = [piece.replace("\n", " ").replace("\t", " ") for piece in pieces[::2]]
    text = _CELL_TAG.sub(" ", _LINE_TAG.sub("\n", "".join(pieces)))
    text = _SPACES.sub(" ", html.unescape(_ANY_TAG.sub("", text)))
    return "\n".join([line for each in text.split("\n") if (line := each.strip())])


def words(text: str) -> int:
    """Count the words, to tell how long a text is to read; two ideographs or kana are one."""
    wide = len(_WIDE.findall(unusual(text)))
    return len(_WIDE.sub(" ", text).split() if wide else text.split()) + (wide + 1) // 2
