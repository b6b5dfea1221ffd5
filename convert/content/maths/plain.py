"""TeX between delimiters in the text becomes ``math``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from lxml import etree

from convert.content.maths import mended
from convert.content.maths.delimiters import PUNCTUATION, Rule, spans_of
from convert.content.maths.dollars import is_tex
from convert.content.maths.tex import formula
from convert.content.tree import append_text, drop, text_of
from convert.contract import DollarMath

_NO_TEX = frozenset("code pre kbd samp tt script style math svg textarea".split())  # noqa: SIM905
MOST_LINES = 40

_DELIMITERS = ("$", "\\(", "\\[", "\\begin{", "[/latex]", "[/tex]", "[/math]")
_texts = cast(
    "Callable[[etree._Element], list[str]]",
    etree.XPath(".//text()[contains(., '$') or contains(., '\\') or contains(., '[/')]"),
)


def find_in_text(tree: etree._Element, dollar: DollarMath) -> None:
    """Turn every formula between delimiters into ``math``, but not in code."""
    whole = text_of(tree)
    if not any(each in whole for each in _DELIMITERS):
        return
    rule = _RULES[dollar]
    mended.mend(tree, rule)
    if rule is _is_tex and "$" in whole and _has_formula(tree):
        rule = functools.partial(is_tex, among_tex=True)
    for owner, is_tail in list(_owners(tree)):
        _replace(owner, is_tail=is_tail, rule=rule)


def _has_formula(tree: etree._Element) -> bool:
    """Tell whether a body has a formula that is one without doubt."""
    if tree.find(".//math") is not None or tree.find(".//code[@class='tex']") is not None:
        return True
    texts = (owner.tail if is_tail else owner.text for owner, is_tail in _owners(tree))
    return any(spans_of(text or "", _is_tex) for text in texts)


def _owners(tree: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """Yield whose text, or tail, may hold formulas."""
    for text in _texts(tree):
        owner = cast("etree._Element", text.getparent())  # type: ignore[attr-defined]
        is_tail = bool(text.is_tail)  # type: ignore[attr-defined]
        place = owner.getparent() if is_tail else owner
        if place is not None and not any(
            each.tag in _NO_TEX or "tex2jax_ignore" in (each.get("class") or "")
            for each in (place, *place.iterancestors())
        ):
            yield owner, is_tail


_is_tex = functools.partial(is_tex, among_tex=False)
_RULES: Mapping[DollarMath, Rule] = {
    "auto": _is_tex,
    "always": lambda _text, _start, _end: True,
    "never": lambda _text, _start, _end: False,
}


def _replace(owner: etree._Element, *, is_tail: bool, rule: Rule) -> None:
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
    spans = spans_of(text, rule)
    if lines and not any("\n" in span.tex for span in spans):
        text, lines = own, []
        spans = spans_of(text, rule)
    if not spans:
        return
    for each in lines:
        each.tail = None
        drop(each)
    elements = []
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        maths = formula(span.tex, span.display)
        after = text[span.end : following.start if following else len(text)]
        if span.display == "block" and (mark := PUNCTUATION.match(after)):
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
