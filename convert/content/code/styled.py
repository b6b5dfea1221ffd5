"""Text that only a style or a class says to be set as it is: code, or lines."""

from __future__ import annotations

import re

from lxml import etree

from convert.content.code.dialects import is_monospace
from convert.content.code.languages import called
from convert.content.tree import (
    classes,
    inside,
    is_blank,
    lone,
    new,
    rename,
    selector,
    text_of,
)
from convert.content.vocabulary import BLOCKS, names

CUES = ("white-space", "whitespace-pre", "mermaid", "dp-", "ql-code-block", "cm-content")
"""What stands in markup that concerns these rules."""
_STYLED = selector(
    ".//*[contains(@style, 'white-space') or contains(@class, 'whitespace-pre')"
    " or contains(@class, 'mermaid') or contains(@class, 'ql-code-block-container')"
    " or contains(@class, 'cm-content')] | .//ol[starts-with(@class, 'dp-')]"
)
_KEEPS = re.compile(r"\bwhite-space\s*:\s*(pre(?:-wrap)?|break-spaces)\b(?!-)", re.IGNORECASE)
_LINES_ONLY = re.compile(r"\bwhite-space\s*:\s*pre-line\b", re.IGNORECASE)
_IN_CODE = names("a b br code div em font i li mark ol p s small span strong sub sup u")
_HOLDERS = names("div p section blockquote article td")
_APART = BLOCKS | names("br article")
_NO_TEXT = names("pre textarea svg math script style")
_EDITED = names("ql-code-block cm-line")
"""Lines of code of editors: Quill's, CodeMirror's."""
_INDENT = re.compile(r"(?<=\n)[ \t]+")


def mark(tree: etree._Element) -> None:
    """Make blocks of code of what looks like them and of diagrams; keep the lines of text whose
    style keeps them."""
    settled: set[etree._Element] = set()
    for each in _STYLED(tree):
        if each.tag == "pre" or not settled.isdisjoint(each.iterancestors()):
            continue
        if inside(each, "pre") or each.getparent() is None:
            continue
        settled.add(each)
        style, words = each.get("style") or "", classes(each)
        if _make_called(each, words):
            continue
        if keeps := bool(_KEEPS.search(style)) or not names(
            "whitespace-pre whitespace-pre-wrap"
        ).isdisjoint(words):
            if not (
                (is_monospace(each) or ((inner := lone(each)) is not None and is_monospace(inner)))
                and _make_code(each)
            ):
                _keep_lines(each, keeps)
        elif _LINES_ONLY.search(style) or "whitespace-pre-line" in words:
            _keep_lines(each, indents=False)


def _make_called(each: etree._Element, words: tuple[str, ...]) -> bool:
    """Make a block of code of an element that is called one; tell whether it is called so."""
    if each.tag == "ol":  # SyntaxHighlighter 1's
        each.tag = "pre"
        each.set("class", "code")
    elif "ql-code-block-container" in words or "cm-content" in words:
        if len(each) and not any(_EDITED.isdisjoint(classes(line)) for line in each):
            named = each.get("data-language") or each[0].get("data-language") or ""
            rename(each, "pre")
            each.set("class", "code")
            each.set("data-language", named)
    elif "mermaid" in words:
        if next(each.iter("svg", "img", "pre"), None) is None and each.tag in _HOLDERS:
            # What is drawn already stays a drawing; breaks in labels are part of the language.
            if "\n" in text_of(each).strip():
                for line_break in each.iter("br"):
                    line_break.tag, line_break.text = "span", "<br/>"
            rename(each, "pre", keep=("id", "class"))
    else:
        return False
    return True


def _make_code(each: etree._Element) -> bool:
    """Make an element a block of code, where it is one; tell whether it was."""
    if any(inner.tag not in _IN_CODE or inner.get("href") for inner in each.iterdescendants()):
        return False  # what links to somewhere is a letter rather than a program
    if each.tag not in _HOLDERS:
        # Code that is all of its paragraph and has lines is a block.
        parent = each.getparent()
        if parent is None or "\n" not in text_of(each).strip("\n") or parent.tag not in _HOLDERS:
            return False
        if lone(parent) is None or not (is_blank(parent.text) and is_blank(each.tail)):
            return False
        if parent.tag != "td":
            each = parent
    if each.tag == "td":
        return False
    named = next((word for word in classes(each) if called(word)), "")
    rename(each, "pre")
    each.set("class", f"code {named}".strip())
    return True


def _keep_lines(each: etree._Element, indents: bool) -> None:
    """Make breaks of the line feeds in the text of an element."""
    pending = [each]
    while pending:
        holder = pending.pop()
        children = list(holder)
        _break(holder, None, indents)
        for child in children:
            _break(holder, child, indents)
            if child.tag not in _NO_TEXT:
                pending.append(child)


def _break(holder: etree._Element, before: etree._Element | None, indents: bool) -> None:
    """Put breaks into the text after a child, or into the first; line feeds beside blocks, beside
    breaks and at the edges of a block are those of a source."""
    text = holder.text if before is None else before.tail
    if not text or "\n" not in text or is_blank(text):
        return
    after = next(holder.iterchildren(), None) if before is None else before.getnext()
    is_block = holder.tag in _HOLDERS
    if (before is None and is_block) or (before is not None and before.tag in _APART):
        text = text.lstrip("\n")
    if (after is None and is_block) or (after is not None and after.tag in _APART):
        text = text.rstrip()
    if indents:
        text = _INDENT.sub(lambda run: "\u00a0" * len(run[0].expandtabs()), text)
    first, *others = text.split("\n")
    if before is None:
        holder.text = first
    else:
        before.tail = first
    at = before
    for line in others:
        line_break = new("br")
        line_break.tail = line
        if at is None:
            holder.insert(0, line_break)
        else:
            at.addnext(line_break)
        at = line_break
