"""Dialects that do not link a reference to its note: made to look like those that do."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from convert.content.tree import (
    classes,
    drop,
    drop_all,
    is_blank,
    listed,
    move_content,
    new,
    replace,
    text_of,
)


def drop_buttons(tree: etree._Element) -> None:
    """Drop the button of Littlefoot and Bigfoot beside a reference, which a script would open."""
    drop_all(
        tree,
        [
            each
            for each in tree.iter("span", "div", "button", "sup")
            if not _BUTTONS.isdisjoint(classes(each)) and next(each.iter("a"), None) is None
        ],
    )


def place_side_notes(tree: etree._Element) -> None:
    """Move the notes that stand in the text where they are referred to into a list at the end.

    Tufte's side notes, Modern Footnotes for WordPress.  The number before is the reference.
    """
    notes: dict[etree._Element, None] = {}
    for each in listed(tree, "span", "small", "aside"):
        if _SIDE_NOTES.isdisjoint(classes(each)):
            continue
        wordless = not any(letter.isalpha() for letter in text_of(each))
        # What holds something that a link may lead to is more than a note.
        named = any(below.get("id") or below.get("name") for below in each.iterdescendants())
        if named or wordless:
            continue
        if any(above in notes for above in each.iterancestors()):
            del each.attrib["class"]  # a note in a note is part of it
        else:
            notes[each] = None
    if not notes:
        return
    box = new("ol", class_="footnotes")
    for count, note in enumerate(notes, start=1):
        label = f"fn-side-{count}"
        # Before a note stands a label with a check box (Tufte CSS) or a number.
        before = note.getprevious()
        while before is not None and is_blank(before.tail):
            of_a_note = any("note" in name or "toggle" in name for name in classes(before))
            if before.tag not in {"label", "input", "sup", "span"} or not of_a_note:
                break
            if len(text_of(before).strip()) > 3:
                break
            number, before = before, before.getprevious()
            drop(number)
        link = new("a", str(count), href=f"#{label}", class_="footnote-ref")
        entry = new("li", id=label)
        replace(note, link)
        move_content(note, entry)
        box.append(entry)
    tree.append(box)


def link_tooltips(tree: etree._Element) -> None:
    """Link the references of the WordPress plug-in "footnotes" to their notes.

    ``footnote_plugin_tooltip_X`` is the reference, ``footnote_plugin_reference_X`` the row with
    the note, and a tool tip repeats it.
    """
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
        above = mark.getparent()
        outer = above if above is not None and above.tag == "a" else mark
        replace(outer, new("a", text_of(mark), href=f"#{label}", class_="footnote-ref"))
    drop_all(tree, [each for each in tree.iter("span") if "footnote_tooltip" in classes(each)])


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
