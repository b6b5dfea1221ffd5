"""Pictures in a view: shown from the output, from where they live, or told in words."""

from __future__ import annotations

from lxml import etree

from convert.content.tree import drop, listed, new, replace, replace_with_text, take, text_of
from convert.content.views.view import View
from convert.text.phrases import say


def show_pictures(root: etree._Element, view: View) -> None:
    """Each ``<img src="image:REF">`` as ``View.images`` says."""
    for image in listed(root, "img"):
        reference = image.get("src") or ""
        if not reference.startswith("image:"):
            continue
        address = take(image, "data-address")
        if view.images == "drop":
            _tell(image)
        elif view.images == "link":
            if address:
                image.set("src", address)
            else:
                _tell(image)
        else:
            _embed(image, reference.removeprefix("image:"), address, view)


def _embed(image: etree._Element, ref: str, address: str | None, view: View) -> None:
    picture = view.picture(ref, address)
    if picture is None:
        _link(image, address, view)
        return
    image.set("src", picture.src)
    for name, pixels in (("width", picture.width), ("height", picture.height)):
        if pixels:
            image.set(name, str(pixels))


def _tell(image: etree._Element) -> None:
    """The alt text in place of the picture; a figure or paragraph left empty goes too."""
    parent = image.getparent()
    replace_with_text(image, image.get("alt") or "")
    while parent is not None and parent.tag in _VANISHING and _is_empty(parent):
        above = parent.getparent()
        drop(parent)
        parent = above


def _link(image: etree._Element, address: str | None, view: View) -> None:
    """Alt text and a link to the picture; in a link, which cannot hold another, the text."""
    above = next(image.iterancestors("a"), None)
    if above is not None and not image.get("alt") and text_of(above).strip():
        drop(image)
        return
    words = image.get("alt") or say(view.language, "image")
    if address is None or above is not None:
        replace_with_text(image, words)
    else:
        replace(image, new("a", words, href=address, class_="picture"))


def _is_empty(each: etree._Element) -> bool:
    return not len(each) and not (each.text or "").strip() and not each.get("id")


_VANISHING = frozenset({"p", "figure", "a"})
