"""Pictures in a view: shown from the output, from where they live, or told in words."""

from __future__ import annotations

import base64

from lxml import etree

from convert.content.tree import (
    drop,
    inside,
    listed,
    new,
    replace,
    replace_with_text,
    take,
    text_of,
)
from convert.content.views.view import View
from convert.text.phrases import say

ICON = 32
"""Pixels up to which a width that the markup states is that of an icon, whatever the file has."""
_VANISHING = frozenset({"p", "figure", "a"})


def show_pictures(root: etree._Element, view: View) -> None:
    """Show each ``<img src="image:REF">`` as ``View.images`` says."""
    for image in listed(root, "img"):
        reference = image.get("src") or ""
        if not reference.startswith("image:"):
            continue
        address = take(image, "data-address")
        if view.images == "link" and address:
            image.set("src", address)
        elif view.images != "embed":
            _show_words(image)
        elif picture := view.picture(reference.removeprefix("image:"), address):
            image.set("src", picture.src)
            width, height, stated = picture.width, picture.height, int(image.get("width") or 0)
            if width and height and 0 < stated <= min(ICON, width):
                width, height = stated, max(1, round(height * stated / width))
            for name, pixels in (("width", width), ("height", height)):
                if pixels:
                    image.set(name, str(pixels))
        else:
            # Alt text and a link to the picture; in a link, which cannot hold another, the text.
            above = next(image.iterancestors("a"), None)
            words = image.get("alt") or say(view.language, "image")
            if above is None and address is not None:
                replace(image, new("a", words, href=address, class_="picture"))
            elif above is not None and not image.get("alt") and text_of(above).strip():
                drop(image)
            else:
                replace_with_text(image, words)


def show_drawings(root: etree._Element, view: View) -> None:
    """Show the pictures that are drawn in the text as ``View.drawings`` says."""
    for drawing in listed(root, "svg"):
        if inside(drawing, "svg"):
            continue
        drawing.set("xmlns", "http://www.w3.org/2000/svg")
        if view.drawings == "image":
            words = " ".join(text_of(drawing).split()) or drawing.get("aria-label") or ""
            replace(drawing, as_image(drawing, words))


def as_image(drawing: etree._Element, words: str, **attributes: str) -> etree._Element:
    """Return an image that holds a drawing itself (RFC 2397) and stands on white: the page may
    be dark, and a drawing says nothing of what is behind it."""
    style = f"background: white; {drawing.get('style') or ''}".strip("; ")
    drawing.set("style", style)
    content = base64.b64encode(etree.tostring(drawing, encoding="utf-8", with_tail=False))
    address = f"data:image/svg+xml;base64,{content.decode()}"
    return new("img", src=address, alt=words, **attributes)


def _show_words(image: etree._Element) -> None:
    """Put the alt text in place of the picture; a figure or paragraph left empty goes too."""
    parent = image.getparent()
    replace_with_text(image, image.get("alt") or "")
    while parent is not None and parent.tag in _VANISHING:
        if len(parent) or (parent.text or "").strip() or parent.get("id"):
            break
        above = parent.getparent()
        drop(parent)
        parent = above
