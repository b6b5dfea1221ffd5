"""TeX between ``\\(…\\)``, ``\\[…\\]``, ``$$…$$``, ``$…$``, as environment or shortcode."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from convert.content.maths.commands import active_in_prose, is_known
from convert.content.maths.tex import MAX_TEX, Display

_OPENING = re.compile(
    r"(?<!\\)(?:\\(?P<round>\()|\\(?P<square>\[)|(?P<double>\$\$)"
    r"|\$latex(?P<wordpress>)\s|(?P<single>\$)(?=\S)"
    r"|\[(?P<shortcode>latex|tex|math)\]"
    r"|\\begin\{(?P<environment>(?:align|equation|gather|multline|eqnarray|flalign|alignat)\*?)\})"
)
_TEX_LIKE = re.compile(r"[\\^_{}=+<>*/|-]|^\s*[A-Za-z]\d?\s*$")
_WORDS = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}")
_OF_WORDPRESS = re.compile(r"\s*(?:&(?:s|bg|fg)=\w+)+$")
PUNCTUATION = re.compile(r"[ \t]*([.,;:!?]{1,3})(?=\s|$)")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_ARGUMENT = re.compile(r"\s*[{\[]")

Rule = Callable[[str, int, int], bool]
"""Tells whether a piece of a text, dollars included, is a formula."""


@dataclasses.dataclass(frozen=True)
class Span:
    """A formula in a text: where it stands, delimiters included, and what it says."""

    start: int
    end: int
    tex: str
    display: Display


def spans_of(text: str, rule: Rule) -> list[Span]:
    """Return the formulas of a text; ``rule`` judges those between single dollars."""
    spans: list[Span] = []
    at = 0
    ends = _Ends(text)
    while opening := _OPENING.search(text, at):
        span = _closed(text, opening, ends)
        if span is not None and opening["single"] and not rule(text, span.start, span.end):
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


def _closed(text: str, opening: re.Match[str], ends: _Ends) -> Span | None:
    """Return the formula that begins here, if it ends in reach and reads like one."""
    start, inner = opening.span()
    environment, shortcode = opening["environment"], opening["shortcode"]
    if environment:
        closing = f"\\end{{{environment}}}"
    elif shortcode:
        closing = f"[/{shortcode}]"
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
    if not _reads_like_one(text, start, end, tex, opening):
        return None
    if opening["wordpress"] is not None:
        tex = _OF_WORDPRESS.sub("", tex)
    elif opening["double"]:
        # What stands on lines of its own is set off.
        mark = PUNCTUATION.match(text, end)
        displayed = _is_end(text, start - 1, -1) and _is_end(text, mark.end() if mark else end, 1)
    return Span(start, end, tex, "block" if displayed else "inline")


def _reads_like_one(text: str, start: int, end: int, tex: str, opening: re.Match[str]) -> bool:
    """Tell whether what stands between delimiters can be a formula."""
    if opening["single"]:
        # As in Pandoc: no space inside the signs, no digit after.
        follows = text[end : end + 1].isdigit() and not _is_command(tex)
        return not (tex[-1].isspace() or follows or text[max(0, start - 1) : start] == "$")
    if opening["environment"] or opening["wordpress"] is not None or _TEX_LIKE.search(tex):
        return True
    if opening["square"]:
        # Brackets in a line of text are those that somebody's Markdown escaped.
        return _is_end(text, start - 1, -1) and _is_end(text, end, 1)
    return opening["round"] is not None and _WORDS.search(tex) is None


def _is_command(tex: str) -> bool:
    r"""Tell whether TeX is one command that draws a sign, as in ``$\sim$3``."""
    command = _COMMAND.fullmatch(tex)
    return command is not None and is_known(command[1])


def _is_end(text: str, at: int, step: int) -> bool:
    """Tell whether nothing but blanks is between a place and the end of its line."""
    while 0 <= at < len(text) and text[at] in " \t":
        at += step
    return not 0 <= at < len(text) or text[at] == "\n"
