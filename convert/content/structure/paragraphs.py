"""Loose text becomes paragraphs; what is empty, or says nothing, goes."""

from __future__ import annotations

from lxml import etree

from convert.content import vocabulary as v
from convert.content.structure.runs import is_block, runs
from convert.content.tree import drop, is_blank, selector, unwrap

_LISTS = frozenset(("ul", "ol", "dl"))
_SEVERAL_BREAKS = selector("//br/..")
_EDGE = " \t\r\n"
_EMPTY_BLOCKS = frozenset(
    ("p", "div", "blockquote", "figure", "figcaption", "aside", "section", "details", "pre",
     "caption", "summary", *v.HEADINGS)
)  # fmt: skip
_NO_CONTENT = frozenset(("br", "hr", "img", "wbr", "svg", "math"))
_EMPTY_INLINE = v.PHRASING - _NO_CONTENT - {"rt", "rp"}


def mark(tree: etree._Element) -> None:
    """Wraps the loose text of the root and of blocks, and clears away what is empty."""
    for holder in [tree, *tree.iter(*v.CONTAINERS, *v.CELLS)]:
        _wrap_loose(holder, holder is tree)
    for holder in _SEVERAL_BREAKS(tree):
        if holder.tag == "p":
            _split(holder)
    for paragraph in tree.iter("p"):
        _trim(paragraph)
    _prune_blocks(tree)


def _wrap_loose(holder: etree._Element, root: bool) -> None:
    blocks = [child for child in holder if is_block(child)]
    tag = holder.tag
    if not root and not blocks and tag == "div":
        holder.tag = "p"
        return
    cell = tag in v.CELLS and not root
    if cell and not blocks:
        return
    keeps = tag == "figure" or (cell and all(block.tag in _LISTS for block in blocks))
    if not keeps:
        for run in list(runs(holder)):
            run.wrap(etree.Element("p"))
    if is_blank(holder.text):
        holder.text = None
    for child in holder:
        if is_block(child) and is_blank(child.tail):
            child.tail = None


def _split(paragraph: etree._Element) -> None:
    """Two line breaks in a row stand for the end of a paragraph."""
    pieces = [paragraph]
    children = list(paragraph)
    at = 0
    while at < len(children):
        last = at
        while _is_break(children[last]) and last + 1 < len(children) and (
            _is_break(children[last + 1]) and is_blank(children[last].tail)
        ):  # fmt: skip
            last += 1
        if last > at:
            piece = etree.Element("p")
            for name in ("class", "lang", "dir"):
                if value := paragraph.get(name):
                    piece.set(name, value)
            piece.text = children[last].tail
            for each in children[at : last + 1]:
                parent = each.getparent()
                if parent is not None:
                    each.tail = None
                    parent.remove(each)
            pieces.append(piece)
        elif len(pieces) > 1:
            pieces[-1].append(children[at])
        at = last + 1
    place = paragraph
    for piece in pieces[1:]:
        tail, place.tail = place.tail, None
        place.addnext(piece)
        piece.tail = tail
        place = piece


def _is_break(element: etree._Element) -> bool:
    return element.tag == "br"


def _trim(paragraph: etree._Element) -> None:
    """Takes white space and line breaks from both ends."""
    while True:
        paragraph.text = (paragraph.text or "").lstrip(_EDGE) or None
        if paragraph.text or not len(paragraph) or not _is_break(paragraph[0]):
            break
        drop(paragraph[0])
    while True:
        if not len(paragraph):
            paragraph.text = (paragraph.text or "").rstrip(_EDGE) or None
            break
        last = paragraph[-1]
        last.tail = (last.tail or "").rstrip(_EDGE) or None
        if last.tail or not _is_break(last):
            break
        drop(last)


def _prune_blocks(tree: etree._Element) -> None:
    """Takes away blocks that are empty or say nothing, from the inside out."""
    for element in reversed(list(tree.iterdescendants(*_EMPTY_BLOCKS, "li"))):
        if _is_empty(element):
            _drop_empty(element)
        elif element.tag == "div" and not _speaks(element):
            unwrap(element)


def drop_empty(tree: etree._Element) -> None:
    """Takes away empty blocks only, from the inside out."""
    for element in reversed(list(tree.iterdescendants(*_EMPTY_BLOCKS, "li"))):
        if _is_empty(element):
            _drop_empty(element)


def _is_empty(element: etree._Element) -> bool:
    return not len(element) and not (element.text or "").strip()


def _drop_empty(element: etree._Element) -> None:
    if element.get("id") is not None and element.tag not in {"caption", "summary", "figcaption"}:
        if element.tag != "li":
            element.tag, element.text = "p", None  # a place to link to, and nothing else
        return
    parent = element.getparent()
    if element.tag == "li" and (parent is None or parent.tag == "ol"):
        return  # the numbers of the others would change
    drop(element)
    if parent is not None and parent.tag in _LISTS and not len(parent):
        drop(parent)


def prune_inline(tree: etree._Element) -> None:
    """Takes away inline elements that are empty or say nothing, from the inside out."""
    for element in reversed(list(tree.iterdescendants(*_EMPTY_INLINE))):
        _prune_inline(element)


def _prune_inline(element: etree._Element) -> None:
    if not len(element) and not element.text:
        if element.get("id") is None or _is_in_code(element):
            drop(element)
        elif element.tag != "span":
            _only_id(element)
    elif element.tag == "a" and element.get("href") is None:
        element.tag = "span"
    if element.tag == "span" and (not _speaks(element) or _is_in_code(element)):
        unwrap(element)


def _is_in_code(element: etree._Element) -> bool:
    return next(element.iterancestors("code"), None) is not None


def _speaks(element: etree._Element) -> bool:
    return any(element.get(name) is not None for name in ("id", "class", "lang", "dir"))


def _only_id(element: etree._Element) -> None:
    name = str(element.get("id"))
    element.attrib.clear()
    element.set("id", name)
    element.tag = "span"
