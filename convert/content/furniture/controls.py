"""Buttons, forms and their fields, which nobody can use on paper."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.furniture.rule import Rule, shows_words, stands_in_text, words_of
from convert.content.tree import inside, text_of

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


def is_field(each: etree._Element) -> bool:
    """Tell whether an element is a field to write into, to choose from or to press."""
    return each.tag in {"select", "textarea", "datalist"} or (
        each.tag == "input" and each.get("type", "text").strip().lower() in _TEXT
    )


def opens_text(button: etree._Element) -> bool:
    """Tell whether a button is the title of what it shows: a tab, a fold."""
    if button.get("role") in _OPENS or not _OPENING.isdisjoint(map(str, button.keys())):
        return True
    holders = (*v.HEADINGS, "summary", "dt", "figcaption", "caption", "legend", "th")
    return inside(button, *holders) or any(
        word.startswith(("accordion", "tab", "toggle", "collaps", "spoiler", "faq"))
        for word in words_of(button)
    )


def find_forms(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield forms with fields to write into and few words."""
    for form in tree.iter("form"):
        fields = list(form.iter("input", "select", "textarea", "button"))
        chosen = any(each.get("type", "").lower() in {"radio", "checkbox"} for each in fields)
        text = len(text_of(form)) - sum(len(text_of(each)) for each in fields)
        more = next(form.iter("pre", "table", "figure", "ol", "iframe", "video", "math"), None)
        if fields and not chosen and text <= _LONGEST and more is None:
            yield form


def find_fields(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield fields, and the labels of fields; what somebody wrote into a long one is text."""
    fields: set[str] = set()
    for each in tree.iter("select", "textarea", "datalist", "input"):
        if is_field(each):
            if name := each.get("id"):
                fields.add(name)
            if each.tag == "textarea" and len(text_of(each)) > _BUTTON:
                each.tag = "pre"
            elif each.tag != "input":
                yield each
    for label in tree.iter("label"):
        held = [each for each in label.iter("select", "textarea", "input") if is_field(each)]
        if (held or label.get("for") in fields) and len(text_of(label)) <= _LONGEST:
            yield label


def find_buttons(tree: etree._Element, draft: Draft) -> Iterator[etree._Element]:
    """Yield buttons that stand by themselves; one that a sentence names is one of its words, one
    around a link or a picture is around what is to be seen."""
    for button in tree.iter("button"):
        if opens_text(button) or len(text_of(button).strip()) > _BUTTON:
            continue
        more = next(button.iter("a", "pre", "p", "iframe", "video", "audio", "picture"), None)
        pictures = button.iter("img")
        if more is not None or any(each.get("alt") or not each.get("width") for each in pictures):
            continue
        is_label = inside(button, "a") and not stands_in_text(button)
        if not shows_words(button) or not (is_label or stands_in_text(button)):
            yield button


RULES = (
    Rule("form", "HTML: nothing on paper takes what is written into it", ("<form",), find_forms),
    Rule(
        "field",
        "HTML: select, textarea, datalist, label of such a field",
        ("<select", "<textarea", "<datalist", "<label"),
        find_fields,
    ),
    Rule("button", "HTML: nothing on paper can be pressed", ("<button",), find_buttons),
)
