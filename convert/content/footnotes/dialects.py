"""Dialects that do not link a reference to its note: made to look like those that do."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from convert.content.tree import (
    classes,
    drop,
    is_blank,
    listed,
    move_content,
    new,
    replace,
    text_of,
)


def rewrite_unusual(tree: etree._Element) -> None:
    """Each dialect in turn."""
    for _, rewrite in DIALECTS:
        rewrite(tree)


def drop_buttons(tree: etree._Element) -> None:
    """Littlefoot and Bigfoot put a button beside each reference, which a script would open."""
    for each in listed(tree, "span", "div", "button", "sup"):
        if not _BUTTONS.isdisjoint(classes(each)) and next(each.iter("a"), None) is None:
            drop(each)


def place_side_notes(tree: etree._Element) -> None:
    """A note that stands in the text where it is referred to: Tufte's side notes, Modern
    Footnotes for WordPress.  The number before it is its reference."""
    found: dict[etree._Element, None] = {}
    for each in listed(tree, "span", "small", "aside"):
        said = any(letter.isalpha() for letter in text_of(each))
        # What holds something that a link may lead to is more than a note.
        named = any(below.get("id") or below.get("name") for below in each.iterdescendants())
        if _SIDE_NOTES.isdisjoint(classes(each)) or named or not said:
            continue
        if any(above in found for above in each.iterancestors()):
            del each.attrib["class"]  # a note in a note is part of it
        else:
            found[each] = None
    if not found:
        return
    box = new("ol", class_="footnotes")
    for count, note in enumerate(found, start=1):
        label = f"fn-side-{count}"
        _drop_number_before(note)
        link = new("a", str(count), href=f"#{label}", class_="footnote-ref")
        entry = new("li", id=label)
        replace(note, link)
        move_content(note, entry)
        box.append(entry)
    tree.append(box)


def _drop_number_before(note: etree._Element) -> None:
    """The label, check box or number that belongs to a side note."""
    before = note.getprevious()
    while before is not None and is_blank(before.tail):
        names = classes(before)
        if before.tag not in {"label", "input", "sup", "span"} or not any(
            "note" in name or "toggle" in name for name in names
        ):
            return
        if len(text_of(before).strip()) > 3:
            return
        gone, before = before, before.getprevious()
        drop(gone)


def link_tooltips(tree: etree._Element) -> None:
    """The WordPress plug-in "footnotes": ``footnote_plugin_tooltip_X`` is the reference,
    ``footnote_plugin_reference_X`` the row with the note, and a tool tip repeats it."""
    rows = {
        name: each
        for each in tree.iter("th", "td", "tr", "a", "div", "li")
        if (name := each.get("id") or "").startswith("footnote_plugin_reference_")
    }
    if not rows:
        return
    for mark in listed(tree, "sup"):
        name = mark.get("id") or ""
        label = name.replace("tooltip", "reference", 1)
        if not name.startswith("footnote_plugin_tooltip_") or label not in rows:
            continue
        outer = mark
        above = mark.getparent()
        if above is not None and above.tag == "a":
            outer = above
        replace(outer, new("a", text_of(mark), href=f"#{label}", class_="footnote-ref"))
    for each in listed(tree, "span"):
        if "footnote_tooltip" in classes(each):
            drop(each)


DIALECTS: tuple[tuple[str, Callable[[etree._Element], None]], ...] = (
    ("buttons", drop_buttons),
    ("side notes", place_side_notes),
    ("tool tips", link_tooltips),
)

_BUTTONS = frozenset(
    {"littlefoot", "littlefoot--container", "littlefoot__button", "bigfoot-footnote__container"}
    | {"bigfoot-footnote__button", "littlefoot-footnote__container"}
)
_SIDE_NOTES = frozenset({"sidenote", "marginnote", "modern-footnotes-footnote__note"})
