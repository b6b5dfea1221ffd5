"""Lists of tasks, in the dialects of real blogs: a box that is ticked or not before each."""

from __future__ import annotations

import re

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.tree import classes, drop, is_bare, is_blank, selector, text_of

OPEN, DONE = "☐", "☑"
_CUES = ("<input", "data-list", "data-checked", "aria-checked")
_CALLED = re.compile("check|square|task-list|^(?:on|off|trans)$")
"""The markup, or a class in it, has one of these where a list of tasks may be."""
_marked = selector(
    "descendant::*[self::input"
    " or self::li[@data-checked or @data-list or @aria-checked or @class or ../@class]"
    " or contains(@class, 'checkbox-o') or contains(@class, 'square')]"
)
_STATES = {"true": DONE, "checked": DONE, "false": OPEN, "unchecked": OPEN}
_SIGNS = {"checkbox-on": DONE, "checkbox-off": OPEN, "fa-check-square-o": DONE} | {
    "fa-check-square": DONE,
    "fa-square-o": OPEN,
    "fa-square": OPEN,
}
"""Classes of elements that are drawn as a box: Notion, Asciidoctor."""
_WRITTEN = re.compile(r"\[([ \xa0xX-])\]")
"""Org's box."""


def mark(tree: etree._Element, draft: Draft) -> None:
    """Put ☐ or ☑ where a page has a check box: before the words of its item."""
    if not (draft.holds(*_CUES) or any(map(_CALLED.search, draft.called))):
        return
    for each in _marked(tree):
        if each.tag == "li":
            mark_item(each)
        elif each.tag == "input":
            # No other field than a check box says anything on paper.
            if each.get("type", "").strip().lower() == "checkbox":
                _replace(each, OPEN if each.get("checked") is None else DONE)
        elif is_bare(each) and not text_of(each).strip():
            sign = next((_SIGNS[word] for word in classes(each) if word in _SIGNS), None)
            if sign is not None and _begins(each):
                _replace(each, sign)


def mark_item(item: etree._Element) -> None:
    """Put a box before an item that says itself whether it is done."""
    first = next(item.iterchildren(), None)
    if (
        first is not None
        and first.tag == "code"
        and not {"on", "off", "trans"}.isdisjoint(classes(item))
    ):
        if is_blank(item.text) and (box := _WRITTEN.fullmatch(text_of(first))):
            _replace(first, DONE if box[1] in "xX" else OPEN)
        return
    stated = item.get("data-checked") or item.get("data-list") or item.get("aria-checked") or ""
    sign = _STATES.get(stated)
    parent = item.getparent()
    if sign is None and parent is not None and "inline-task-list" in classes(parent):  # Confluence
        sign = DONE if "checked" in classes(item) else OPEN
    boxes = (each.get("type") == "checkbox" for each in item.iter("input"))
    if sign is not None and not any(boxes):
        _put_before(item, sign)


def _begins(each: etree._Element) -> bool:
    """Tell whether an element stands before all text of an item."""
    while each.tag != "li":
        parent = each.getparent()
        if parent is None or each.getprevious() is not None or not is_blank(parent.text):
            return False
        each = parent
    return True


def _replace(box: etree._Element, sign: str) -> None:
    """Put a sign where a box is, or before the words that it belongs to where they stand in
    another block than the box."""
    item = next(box.iterancestors("li"), None)
    if item is None or not _begins(box):
        following = box.tail or ""
        box.tail = f"{sign}{'' if following[:1].isspace() else ' '}{following}"
        drop(box)
        return
    drop(box)
    _put_before(item, sign)


def _put_before(item: etree._Element, sign: str) -> None:
    """Put a sign before the first words in an item, and take what is empty before them away."""
    holder = item
    while True:
        if is_blank(holder.text):
            holder.text = None
        first = next(holder.iterchildren(), None)
        if holder.text or first is None or first.tag not in _WRAPPERS:
            holder.text = f"{sign} {(holder.text or '').lstrip()}"
            return
        if text_of(first).strip() or first.get("id") or next(first.iter(*_SHOWN), None) is not None:
            holder = first
        else:
            drop(first)


_WRAPPERS = v.names("label p div span section")
_SHOWN = ("img", "svg", "math", "iframe", "object")
