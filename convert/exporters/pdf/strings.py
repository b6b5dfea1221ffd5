"""Strings that nothing breaks: addresses, digests, names of modules, words without an end.

The style sheet lets them break anywhere; here stands what it cannot see to.
"""

from __future__ import annotations

import itertools
import re

from lxml import etree

from convert.content import tree
from convert.content.vocabulary import BLOCKS, PARTS
from convert.exporters.pdf.nests import add_class

UNBROKEN = re.compile("[!-\u0dff]{40,}")
"""What has no place to break; in scripts from Thai on there is one anywhere."""
_PIECE_LENGTH = 1_000
_PIECE = re.compile(f"[!-\u0dff]{{{_PIECE_LENGTH}}}(?=[!-\u0dff])")
"""As much of such a string as the engine gets at once: its time grows with the square."""
_DRAWN = ("pre", "svg", "img", "math")
_APART = BLOCKS | PARTS | {"br"}


def loosen(root: etree._Element) -> None:
    """Let such a string break where an element begins or ends in it, and do not draw its paragraph
    apart to the edges nor put hyphens into it.

    The engine breaks a string anywhere only where it begins a line, and does not take it for one
    string where an element begins or ends in it.
    """
    texts: list[str] = []
    length = 0
    edges: list[tuple[int, etree._Element, str]] = []
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, each in walker:
        name = str(each.tag).rpartition("}")[2]
        begins = event == "start"
        drawn = name in _DRAWN
        if drawn or name in _APART:
            texts.append("\n")
            length += 1
        if begins and drawn:
            walker.skip_subtree()
        edges.append((length, each, event))
        text = each.text if begins and not drawn else None if begins else each.tail
        texts.append(text or "")
        length += len(text or "")
    spans = UNBROKEN.finditer("".join(texts))
    span = next(spans, None)
    if span is None:
        return
    passed = 0
    begun: dict[etree._Element, int] = {}
    for at, each, event in edges:
        while span is not None and span.end() <= at:
            passed = span.end()
            span = next(spans, None)
        if span is not None and span.start() < at and each.tag != "wbr":
            mark = tree.new("wbr")
            if event == "end":
                mark.tail, each.tail = each.tail, None
                each.addnext(mark)
            else:
                each.addprevious(mark)
        if each.tag == "p" and event == "start":
            begun[each] = at
        elif each.tag == "p" and passed > begun[each]:
            add_class(each, "ragged")


def divide(root: etree._Element) -> None:
    """Divide the longest of such strings into pieces, with a mark between each two."""
    for each in list(root.iter(etree.Element)):
        for where in ("text", "tail"):
            text = each.text if where == "text" else each.tail
            if text is None or len(text) <= _PIECE_LENGTH:
                continue
            ends = [match.end() for match in _PIECE.finditer(text)]
            inside = each if where == "text" else each.getparent()
            if not ends or inside is None or inside.xpath("ancestor-or-self::pre"):
                continue
            setattr(each, where, None)
            pieces = [text[start:end] for start, end in itertools.pairwise([0, *ends, len(text)])]
            for piece in reversed(pieces[1:]):
                mark = tree.new("wbr")
                mark.tail = piece
                if where == "text":
                    each.insert(0, mark)
                else:
                    each.addnext(mark)
            setattr(each, where, pieces[0])
