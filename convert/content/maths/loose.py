"""TeX outside of formulas: a page with MathJax or KaTeX looks for it in all text but code."""

from __future__ import annotations

import collections
import itertools
import re

from lxml import etree

from convert.content.maths.commands import active_in_prose, only_typesets
from convert.content.tree import drop_all, inside, new, selector, text_of

_OPENING = re.compile(r"\\[(\[]|\$|\\begin(?![A-Za-z])")
_CLOSINGS = ("\\)", "\\]", "$", "\\end")
_suspects = selector(
    "descendant-or-self::*[text()[contains(., '\\')]]"
    "[not(ancestor-or-self::code or ancestor-or-self::pre)]"
)
_DRAWINGS = ("math", "svg")
_described = selector(".//*[contains(@alt, '\\') or contains(@title, '\\')]")


def disarm(tree: etree._Element) -> None:
    """Leave no TeX that may act: not beside a formula, not marked as TeX, not between
    delimiters that no step took for those of a formula."""
    annotations = [
        each
        for each in tree.iter("annotation")
        if not (each.get("encoding") and only_typesets(text_of(each)))
    ]
    drop_all(tree, annotations)
    for code in tree.iter("code"):
        if code.get("class") == "tex" and not only_typesets(text_of(code)):
            del code.attrib["class"]
    suspects = _suspects(tree) if "\\" in text_of(tree) else []
    for element in suspects:
        _disarm_text(element)
    for element in _described(tree):
        for name in ("alt", "title"):
            if text := element.get(name):
                element.set(name, disarmed(text))


def disarmed(text: str) -> str:
    """Return text with U+2216 in place of the backslash of each command that may act."""
    pieces = _cut(text, _between_delimiters(text))
    pieces[1::2] = [_drawn(command) for command in pieces[1::2]]
    return "".join(pieces)


def _drawn(command: str) -> str:
    return command.replace("\\", "\u2216")


def _between_delimiters(text: str) -> list[tuple[int, int]]:
    """Return where the commands stand that may act, from the first delimiter to the last.

    Which delimiters a page pairs is its own affair.
    """
    opening = _OPENING.search(text) if "\\" in text else None
    if opening is None:
        return []
    last = max(map(text.rfind, _CLOSINGS))
    commands = (each.span() for each in active_in_prose(text))
    return [each for each in commands if opening.start() <= each[0] <= last]


def _cut(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """Return what stands before, in, between and after the spans, in turn."""
    places = [0, *itertools.chain.from_iterable(spans), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(places)]


def _disarm_text(element: etree._Element) -> None:
    """Make code of the commands in the text of an element, which ends every formula there.

    Its children are passed over: to MathJax, ``br`` and ``wbr`` are part of the text.
    """
    owners = [element, *element]
    texts = [element.text or "", *(child.tail or "" for child in element)]
    commands = collections.deque(_between_delimiters("".join(texts)))
    passed = 0
    for owner, text in zip(owners, texts, strict=True):
        spans = []
        while commands and commands[0][0] < passed + len(text):
            start, end = commands.popleft()
            spans.append((start - passed, min(end - passed, len(text))))
        passed += len(text)
        if spans:
            _mark(element, owner, _cut(text, spans))


def _mark(element: etree._Element, owner: etree._Element, pieces: list[str]) -> None:
    """Put the pieces of one text in its place, every second as code."""
    if element.tag in _DRAWINGS or inside(element, *_DRAWINGS):
        # Neither MathML nor SVG has an element for code.
        codes = []
        before = "".join(_drawn(each) if at % 2 else each for at, each in enumerate(pieces))
    else:
        before = pieces[0]
        codes = [new("code", each) for each in pieces[1::2]]
        for code, after in zip(codes, pieces[2::2], strict=True):
            code.tail = after
    if owner is element:
        owner.text = before
        owner[:0] = codes
    else:
        owner.tail = None
        for code in reversed(codes):
            owner.addnext(code)
        owner.tail = before
