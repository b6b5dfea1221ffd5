"""TeX between delimiters in the text: ``\\(…\\)``, ``\\[…\\]``, ``$$…$$``, environments, and
``$…$`` where it is asked for."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import cast

from lxml import etree

from convert.content.maths.tex import MAX_TEX, Display, formula
from convert.content.tree import append_text, drop, text_of

_OPENING = re.compile(
    r"(?<!\\)(?:\\(?P<round>\()|\\(?P<square>\[)|(?P<double>\$\$)|(?P<single>\$)(?=\S)"
    r"|\\begin\{(?P<environment>(?:align|equation|gather|multline|eqnarray|flalign|alignat)\*?)\})"
)
_TEX_LIKE = re.compile(r"[\\^_{}=+<>*/|-]|^\s*[A-Za-z]\d?\s*$")
_PUNCTUATION = re.compile(r"[ \t]*([.,;:!?]{1,3})(?=\s|$)")
_NO_TEX = frozenset("code pre kbd samp tt script style math svg textarea".split())  # noqa: SIM905
_LINES = 40

_DELIMITERS = ("$$", "\\(", "\\[", "\\begin{")
_texts = cast(
    "Callable[[etree._Element], list[str]]",
    etree.XPath(".//text()[contains(., '$') or contains(., '\\')]"),
)


@dataclasses.dataclass(frozen=True)
class _Found:
    """A formula in a text: where it stands, delimiters included, and what it says."""

    start: int
    end: int
    tex: str
    display: Display


def find_in_text(tree: etree._Element, *, dollar: bool) -> None:
    """Every formula between delimiters becomes ``math``, but not in code."""
    whole = text_of(tree)
    if not any(each in whole for each in (*_DELIMITERS, *(("$",) if dollar else ()))):
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
    """Turns the formulas of one text; ``owner`` is whose text or tail it is."""
    text, lines = _with_lines(owner, is_tail=is_tail)
    found = _formulas(text, dollar=dollar)
    if lines and not any("\n" in one.tex for one in found):
        text, lines = (owner.tail if is_tail else owner.text) or "", []
        found = _formulas(text, dollar=dollar)
    if not found:
        return
    for line in lines:
        line.tail = None
        drop(line)
    made = [
        _made(text, one, following)
        for one, following in zip(found, [*found[1:], None], strict=True)
    ]
    if is_tail:
        owner.tail = None
        for each in reversed(made):
            owner.addnext(each)
        owner.tail = text[: found[0].start] or None
    else:
        owner.text = text[: found[0].start] or None
        owner[:0] = made


def _made(text: str, found: _Found, following: _Found | None) -> etree._Element:
    """The formula, with the text up to the next one after it."""
    made = formula(found.tex, found.display)
    after = text[found.end : following.start if following else len(text)]
    if found.display == "block" and (mark := _PUNCTUATION.match(after)):
        _add_punctuation(made, mark[1])
        after = after[mark.end() :]
    made.tail = after or None
    return made


def _add_punctuation(made: etree._Element, mark: str) -> None:
    """The full stop after a formula that stands alone is part of its line."""
    row, annotation = made.find("semantics/mrow"), made.find("semantics/annotation")
    if row is None or annotation is None:
        append_text(made, mark)
        return
    etree.SubElement(row, "mtext").text = mark
    append_text(annotation, mark)


def _with_lines(owner: etree._Element, *, is_tail: bool) -> tuple[str, list[etree._Element]]:
    """The text, with those of the lines after it where a formula opens in it and stays open."""
    text = (owner.tail if is_tail else owner.text) or ""
    following = owner.getnext() if is_tail else next(iter(owner), None)
    last = max(text.rfind("\\["), text.rfind("\\begin{"))
    opened = last > max(text.rfind("\\]"), text.rfind("\\end{")) or text.count("$$") % 2 == 1
    lines: list[etree._Element] = []
    if not opened:
        return text, lines
    whole = text
    while following is not None and following.tag == "br" and len(lines) < _LINES:
        lines.append(following)
        whole += "\n" + (following.tail or "").lstrip("\n")
        following = following.getnext()
    return (whole, lines) if lines else (text, lines)


def _formulas(text: str, *, dollar: bool) -> list[_Found]:
    found: list[_Found] = []
    at = 0
    ends = _Ends(text)
    while opening := _OPENING.search(text, at):
        one = _closed(text, opening, ends) if dollar or not opening["single"] else None
        if one is not None:
            found.append(one)
        at = one.end if one is not None else opening.end()
    return found


class _Ends:
    """Where each closing delimiter stands next: found once, however many open before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def after(self, closing: str, start: int) -> int:
        """The place of the first at or after ``start``; -1 where there is none in reach."""
        place = self._next.get(closing, start - 1)
        if place < start and place != len(self._text):
            place = self._text.find(closing, start)
            self._next[closing] = place = place if place >= 0 else len(self._text)
        return place if place < min(start + MAX_TEX, len(self._text)) else -1


def _closed(text: str, opening: re.Match[str], ends: _Ends) -> _Found | None:
    """The formula that begins here, if it ends in reach and reads like one."""
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
    displayed = environment or opening["square"]
    if not tex.strip() or ("\n\n" in tex.strip() and not displayed):
        return None
    if opening["double"] and not _TEX_LIKE.search(tex):
        return None
    if opening["single"] and not _is_dollar_math(text, start, end):
        return None
    set_off = opening["double"] and _is_set_off(text, start, end)
    return _Found(start, end, tex, "block" if displayed or set_off else "inline")


def _is_set_off(text: str, start: int, end: int) -> bool:
    """True for what stands on lines of its own."""
    before, after = text[:start].rstrip(" \t"), text[end:]
    mark = _PUNCTUATION.match(after)
    after = after[mark.end() if mark else 0 :].lstrip(" \t")
    return before[-1:] in {"", "\n"} and after[:1] in {"", "\n"}


def _is_dollar_math(text: str, start: int, end: int) -> bool:
    """As in Pandoc: no space inside the signs, no digit after, and none of it a word or price."""
    tex = text[start + 1 : end - 1]
    return (
        not tex[-1].isspace()
        and not text[end : end + 1].isalnum()
        and not (text[start - 1 : start].isalnum() if start else False)
        and "$" not in text[start - 1 : start]
    )
