"""TeX between delimiters in the text: ``\\(…\\)``, ``\\[…\\]``, ``$$…$$``, environments, and
``$…$`` where it is asked for."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import cast

from lxml import etree

from convert.content.maths.commands import active_in_prose
from convert.content.maths.tex import MAX_TEX, Display, formula
from convert.content.tree import append_text, drop, text_of

_OPENING = re.compile(
    r"(?<!\\)(?:\\(?P<round>\()|\\(?P<square>\[)|(?P<double>\$\$)|(?P<single>\$)(?=\S)"
    r"|\\begin\{(?P<environment>(?:align|equation|gather|multline|eqnarray|flalign|alignat)\*?)\})"
)
_TEX_LIKE = re.compile(r"[\\^_{}=+<>*/|-]|^\s*[A-Za-z]\d?\s*$")
_PUNCTUATION = re.compile(r"[ \t]*([.,;:!?]{1,3})(?=\s|$)")
_NO_TEX = frozenset("code pre kbd samp tt script style math svg textarea".split())  # noqa: SIM905
_ARGUMENT = re.compile(r"\s*[{\[]")
MOST_LINES = 40

_DELIMITERS = ("$", "\\(", "\\[", "\\begin{")
_texts = cast(
    "Callable[[etree._Element], list[str]]",
    etree.XPath(".//text()[contains(., '$') or contains(., '\\')]"),
)


@dataclasses.dataclass(frozen=True)
class _Span:
    """A formula in a text: where it stands, delimiters included, and what it says."""

    start: int
    end: int
    tex: str
    display: Display


def find_in_text(tree: etree._Element, *, dollar: bool) -> None:
    """Turn every formula between delimiters into ``math``, but not in code."""
    whole = text_of(tree)
    if not any(each in whole for each in _DELIMITERS):
        return
    for text in _texts(tree):
        owner = cast("etree._Element", text.getparent())  # type: ignore[attr-defined]
        is_tail = bool(text.is_tail)  # type: ignore[attr-defined]
        place = owner.getparent() if is_tail else owner
        if place is None or any(
            each.tag in _NO_TEX or "tex2jax_ignore" in (each.get("class") or "")
            for each in (place, *place.iterancestors())
        ):
            continue
        _replace(owner, is_tail=is_tail, dollar=dollar)


def _replace(owner: etree._Element, *, is_tail: bool, dollar: bool) -> None:
    """Turn the formulas of one text; ``owner`` is whose text or tail it is."""
    own = text = (owner.tail if is_tail else owner.text) or ""
    lines: list[etree._Element] = []
    last = max(text.rfind("\\["), text.rfind("\\begin{"))
    if last > max(text.rfind("\\]"), text.rfind("\\end{")) or text.count("$$") % 2 == 1:
        # A formula that opens here and stays open goes on in the lines after it.
        line = owner.getnext() if is_tail else next(iter(owner), None)
        while line is not None and line.tag == "br" and len(lines) < MOST_LINES:
            lines.append(line)
            text += "\n" + (line.tail or "").lstrip("\n")
            line = line.getnext()
    spans = _formulas(text, dollar=dollar)
    if lines and not any("\n" in span.tex for span in spans):
        text, lines = own, []
        spans = _formulas(text, dollar=dollar)
    if not spans:
        return
    for each in lines:
        each.tail = None
        drop(each)
    elements = []
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        maths = formula(span.tex, span.display)
        after = text[span.end : following.start if following else len(text)]
        if span.display == "block" and (mark := _PUNCTUATION.match(after)):
            # The full stop after a formula that stands alone is part of its line.
            row, annotation = maths.find("semantics/mrow"), maths.find("semantics/annotation")
            if row is not None and annotation is not None:
                etree.SubElement(row, "mtext").text = mark[1]
                append_text(annotation, mark[1])
            else:
                append_text(maths, mark[1])
            after = after[mark.end() :]
        maths.tail = after or None
        elements.append(maths)
    if is_tail:
        owner.tail = None
        for each in reversed(elements):
            owner.addnext(each)
        owner.tail = text[: spans[0].start] or None
    else:
        owner.text = text[: spans[0].start] or None
        owner[:0] = elements


def _formulas(text: str, *, dollar: bool) -> list[_Span]:
    spans: list[_Span] = []
    at = 0
    ends = _Ends(text)
    while opening := _OPENING.search(text, at):
        span = _closed(text, opening, ends)
        if span is not None and opening["single"] and not dollar:
            # A page may read it all the same: what acts there on an argument is code.
            commands = active_in_prose(span.tex)
            acts = any(_ARGUMENT.match(span.tex, each.end()) for each in commands)
            span = span if acts else None
        if span is not None:
            spans.append(span)
        at = span.end if span is not None else opening.end()
    return spans


class _Ends:
    """Where each closing delimiter stands next: found once, however many open before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def after(self, closing: str, start: int) -> int:
        """Return the place of the first at or after ``start``; -1 where none is in reach."""
        place = self._next.get(closing, start - 1)
        if place < start and place != len(self._text):
            place = self._text.find(closing, start)
            self._next[closing] = place = place if place >= 0 else len(self._text)
        return place if place < min(start + MAX_TEX, len(self._text)) else -1


def _closed(text: str, opening: re.Match[str], ends: _Ends) -> _Span | None:
    """Return the formula that begins here, if it ends in reach and reads like one."""
    start, inner = opening.span()
    environment = opening["environment"]
    if environment:
        closing = f"\\end{{{environment}}}"
    elif opening["round"] or opening["square"]:
        closing = "\\)" if opening["round"] else "\\]"
    else:
        closing = "$$" if opening["double"] else "$"
    last = ends.after(closing, inner)
    while closing == "$" and last > 0 and text[last - 1] == "\\":
        last = ends.after(closing, last + 1)
    if last < 0:
        return None
    end = last + len(closing)
    tex = text[start:end] if environment else text[inner:last]
    displayed = bool(environment or opening["square"])
    if not tex.strip() or ("\n\n" in tex.strip() and not displayed):
        return None
    if opening["double"] and not _TEX_LIKE.search(tex):
        return None
    if opening["single"]:
        # As in Pandoc: no space inside the signs, no digit after, and none of it a word or price.
        before, after = text[start - 1 : start], text[end : end + 1]
        if tex[-1].isspace() or after.isalnum() or before.isalnum() or before == "$":
            return None
    elif opening["double"]:
        # What stands on lines of its own is set off.
        before, after = text[:start], text[end:]
        mark = _PUNCTUATION.match(after)
        rest = after[mark.end() if mark else 0 :].lstrip(" \t")
        displayed = before.rstrip(" \t")[-1:] in {"", "\n"} and rest[:1] in {"", "\n"}
    return _Span(start, end, tex, "block" if displayed else "inline")
