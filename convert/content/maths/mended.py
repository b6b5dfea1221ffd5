"""Formulas in which a Markdown processor saw emphasis: ``$a<em>i+b</em>i$`` is ``$a_i+b_i$``."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

from lxml import etree

from convert.content.maths.delimiters import Rule, Span, spans_of
from convert.content.maths.tex import try_formula
from convert.content.tree import inside, text_of, unwrap_all

_parents = cast(
    "Callable[[etree._Element], list[etree._Element]]",
    etree.XPath(
        ".//*[em or i or sub or sup][text()[contains(., '$') or contains(., '\\(')"
        " or contains(., '\\[') or contains(., '\\begin')]]"
    ),
)
_OTHER = "\ufffc"
"""Stands for an element that is none of a formula."""


class _Marked(NamedTuple):
    """An element that may have been signs of TeX: where it stands in the text of its parent."""

    element: etree._Element
    start: int
    end: int


def mend(tree: etree._Element, rule: Rule) -> None:
    """Put the signs back wherever they make a formula that can be read, and nothing else does."""
    # An underscore by far the most often: two asterisks are rare in a formula.
    for sign in "_*":
        mended = []
        for parent in _parents(tree):
            if inside(parent, "code", "pre", "math", "svg"):
                continue
            for element in _parts_of_formulas(parent, sign, rule):
                before, after = _signs(element, sign)
                element.text = f"{before}{element.text or ''}{after}"
                mended.append(element)
        unwrap_all(tree, mended)


def _parts_of_formulas(parent: etree._Element, sign: str, rule: Rule) -> Iterator[etree._Element]:
    """Yield the children that begin and end in formulas once the signs are put back."""
    pieces, marked = [parent.text or ""], []
    length = len(pieces[0])
    for child in parent:
        before, after = _signs(child, sign)
        words = f"{before}{text_of(child)}{after}" if before else _OTHER
        if child.tag == "br":
            words = "\n"
        pieces += [words, child.tail or ""]
        if before:
            marked.append(_Marked(child, length, length + len(words)))
        length += len(words) + len(pieces[-1])
    formulas = [
        each
        for each in (spans_of("".join(pieces), rule) if marked else ())
        if _OTHER not in each.tex and try_formula(each.tex, each.display) is not None
    ]
    starts = [each.start for each in formulas]
    for element, start, end in marked:
        if _within(formulas, starts, start) and _within(formulas, starts, end - 1):
            yield element


def _within(formulas: list[Span], starts: list[int], place: int) -> bool:
    at = bisect.bisect_right(starts, place) - 1
    return at >= 0 and place < formulas[at].end


def _signs(element: etree._Element, sign: str) -> tuple[str, str]:
    """Return what an element may have been written with, before and after its text."""
    if len(element) or not element.text:
        return "", ""
    if element.tag in {"em", "i"}:
        return sign, sign
    if element.tag == "sup" and (element.tail or "")[:1].isalnum():
        return "^", "^"  # x^2+y^2 where two of them raise what is between
    return {"sub": ("_{", "}"), "sup": ("^{", "}")}.get(str(element.tag), ("", ""))
