"""Buttons, forms and their fields, which nobody can use on paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.furniture.rule import Rule, shows_words, stands_in_text, words_of
from convert.content.tree import drop_all, inside, leave_blank, text_of

_LONGEST = 600
"""Characters in a form, its fields not counted: what says more is text that a form is around."""
_BUTTON = 60
"""Characters on a button."""
_TEXT = v.names(
    "button color date datetime-local email file hidden image month number password range reset"
    " search submit tel text time url week"
)
"""Types of the fields that hold nothing to read; not those that lists are made of."""
_OPENING = v.names(
    "aria-controls aria-expanded data-toggle data-bs-toggle data-target data-bs-target"
    " popovertarget data-collapse-toggle"
)
_OPENS = frozenset(("tab", "treeitem", "menuitemradio"))


_NOT_WRITTEN = v.names("button hidden image reset submit")
_TITLING = re.compile(r"accordion|collaps|disclosure|expand|faq|question", re.IGNORECASE)
"""Words of the classes of a title that shows what is below it, and of what is around one."""
_QUESTION = ("?", "？", "؟")
_HOLDERS = (*v.HEADINGS, "summary", "dt", "figcaption", "caption", "legend", "th", "td", "kbd")


def is_written_into(each: etree._Element) -> bool:
    """Tell whether somebody can write into an element or choose from it."""
    return each.tag in {"select", "textarea"} or (
        each.tag == "input" and each.get("type", "text").strip().lower() not in _NOT_WRITTEN
    )


def is_field(each: etree._Element) -> bool:
    """Tell whether an element is a field to write into, to choose from or to press."""
    return each.tag in {"select", "textarea", "datalist"} or (
        each.tag == "input" and each.get("type", "text").strip().lower() in _TEXT
    )


def opens_text(button: etree._Element) -> bool:
    """Tell whether a button is the title of what it shows: a tab, a fold."""
    if button.get("role") in _OPENS or not _OPENING.isdisjoint(map(str, button.keys())):
        return True
    parent = button.getparent()
    around = "" if parent is None else parent.get("class", "")
    return (
        inside(button, *_HOLDERS)
        or text_of(button).rstrip().endswith(_QUESTION)
        or any(word.startswith(("tab", "toggle", "spoiler")) for word in words_of(button))
        or _TITLING.search(f"{button.get('class', '')} {around}") is not None
    )


def find_forms(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield forms with fields to write into and few words."""
    for form in tree.iter("form"):
        fields = list(form.iter("input", "select", "textarea", "button"))
        chosen = any(each.get("type", "").lower() in {"radio", "checkbox"} for each in fields)
        text = len(text_of(form)) - sum(len(text_of(each)) for each in fields)
        more = next(form.iter("pre", "table", "figure", "ol", "iframe", "video", "math"), None)
        if any(map(is_written_into, fields)) and not chosen and text <= _LONGEST and more is None:
            yield form


def find_fields(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield fields, and the labels of fields; what somebody wrote into a long one is text."""
    fields: set[str] = set()
    for each in tree.iter("select", "textarea", "datalist", "input"):
        if is_field(each):
            if name := each.get("id"):
                fields.add(name)
            is_read = each.get("readonly") is not None
            if each.tag == "textarea" and (is_read or len(text_of(each)) > _BUTTON):
                each.tag = "pre"
            elif each.tag == "input" and is_read and each.get("value"):
                each.tag, each.text = "code", each.get("value")
            elif each.tag != "input":
                yield each
    for label in tree.iter("label"):
        held = [each for each in label.iter("select", "textarea", "input") if is_field(each)]
        if (held or label.get("for") in fields) and len(text_of(label)) <= _LONGEST:
            yield label
        else:
            part(label)


def find_buttons(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield buttons that stand by themselves; one that a sentence names is one of its words, one
    around a link or a picture is around what is to be seen."""
    for button in tree.iter("button"):
        is_text = shows_words(button) or button.get("role") in _OPENS
        if (is_text and opens_text(button)) or len(text_of(button).strip()) > _BUTTON:
            part(button)
            continue
        more = next(button.iter("a", "pre", "p", "iframe", "video", "audio", "picture"), None)
        pictures = button.iter("img")
        if more is not None or any(map(shows_picture, pictures)):
            continue
        is_label = inside(button, "a") and not stands_in_text(button)
        if not shows_words(button) or not (is_label or stands_in_text(button)):
            yield button


def shows_picture(image: etree._Element) -> bool:
    """Tell whether a picture on a button is one to be looked at."""
    width = image.get("width", "")
    return bool(image.get("alt")) or not width or (width.isdecimal() and int(width) > _ICON)


_ICON = 64
"""Pixels up to which a picture on a button says what it does."""


def part(each: etree._Element) -> None:
    """Part the words of an element that stays from those of the next one of its kind."""
    following = each.getnext()
    if following is not None and following.tag == each.tag and not each.tail:
        each.tail = " "


def drop_apart(tree: etree._Element, elements: Iterable[etree._Element]) -> None:
    """Drop elements; the words around each stay two."""
    elements = list(elements)
    leave_blank(elements)
    drop_all(tree, elements)


RULES = (
    Rule("form", "HTML: nothing on paper takes what is written into it", ("<form",), find_forms),
    Rule(
        "field",
        "HTML: select, textarea, datalist, label of such a field",
        ("<select", "<textarea", "<datalist", "<label", "readonly"),
        find_fields,
        drop_apart,
    ),
    Rule("button", "HTML: nothing on paper can be pressed", ("<button",), find_buttons, drop_apart),
)
