"""Inline content among blocks: lifted apart, wrapped in paragraphs, and cleared of what says
nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Set

from lxml import etree

from convert.content import vocabulary as v
from convert.content.draft import Draft
from convert.content.tree import (
    add_text_before,
    drop,
    drop_all,
    inside,
    is_bare,
    is_blank,
    selector,
    unwrap_all,
)

_ALL_BLOCKS = v.BLOCKS | v.PARTS
_HOLDERS = (v.CONTAINERS | v.CELLS | v.PHRASING_ONLY) - {"pre"}
_SPLITTABLE = v.PHRASING | v.PHRASING_ONLY
_LISTS = frozenset(("ul", "ol", "dl"))
_SEVERAL_BREAKS = selector("descendant::br/..")
_EDGE = " \t\r\n"
MOST_REPEATED = 200_000
"""Characters of attributes that all copies of one element have together."""
_EMPTY_BLOCKS = frozenset(
    ("p", "div", "blockquote", "figure", "figcaption", "aside", "section", "details", "pre",
     "caption", "summary", *v.HEADINGS)
)  # fmt: skip
_NO_CONTENT = frozenset(("br", "hr", "img", "wbr", "svg", "math"))
_STRESS = frozenset(("b", "strong", "i", "em"))
_EMPTY_INLINE = v.PHRASING - _NO_CONTENT - {"rt", "rp"}


def mark(tree: etree._Element) -> None:
    """Wrap the loose text of the root and of blocks, and clear away what is empty."""
    for holder in [tree, *tree.iter(*v.CONTAINERS, *v.CELLS)]:
        blocks = [child for child in holder if _is_block(child)]
        tag = holder.tag
        root = holder is tree
        if not root and not blocks and tag == "div":
            holder.tag = "p"
            continue
        cell = tag in v.CELLS and not root
        if cell and not blocks:
            continue
        # "Label: <list>" in a cell, and the words of a figure, read as lines and not as paragraphs.
        keeps = tag == "figure" or (cell and all(block.tag in _LISTS for block in blocks))
        if not keeps:
            for run in list(_runs(holder)):
                run.wrap(etree.Element("p"))
        if is_blank(holder.text):
            holder.text = None
        for child in holder:
            if _is_block(child) and is_blank(child.tail):
                child.tail = None
    for holder in _SEVERAL_BREAKS(tree):
        if holder.tag == "p":
            _split(holder)
    for paragraph in tree.iter("p", *v.HEADINGS):
        _trim(paragraph)
    drop_empty(tree, boxes=True)


def _split(paragraph: etree._Element) -> None:
    """Part a paragraph where two line breaks in a row stand for its end."""
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
            # The id stays with the first piece: it may stand once.
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
    """Take white space and line breaks from both ends."""
    while True:
        text = paragraph.text
        if text and text[0] in _EDGE:
            paragraph.text = text = text.lstrip(_EDGE) or None
        if text or is_bare(paragraph) or not _is_break(paragraph[0]):
            break
        drop(paragraph[0])
    while True:
        if is_bare(paragraph):
            if (text := paragraph.text) and text[-1] in _EDGE:
                paragraph.text = text.rstrip(_EDGE) or None
            break
        last = paragraph[-1]
        if (tail := last.tail) and tail[-1] in _EDGE:
            last.tail = tail = tail.rstrip(_EDGE) or None
        if tail or not _is_break(last):
            break
        drop(last)


def drop_empty(tree: etree._Element, *, boxes: bool = False) -> None:
    """Take away empty blocks, and ``boxes`` that say nothing, from the inside out."""
    unwrapped: list[etree._Element] = []
    dropped: set[etree._Element] = set()
    for element in reversed(list(tree.iterdescendants(*_EMPTY_BLOCKS, "li"))):
        if not _is_empty(element, dropped):
            if boxes and element.tag == "div" and not _speaks(element):
                unwrapped.append(element)
            continue
        if element.get("id") is not None and element.tag not in {
            "caption",
            "summary",
            "figcaption",
        }:
            if element.tag != "li":
                # A place to link to, and nothing else.
                element.tag, element.text = "p", None
                del element[:]
            continue
        parent = element.getparent()
        if element.tag == "li" and (parent is None or parent.tag == "ol"):
            continue  # the numbers of the others would change
        dropped.add(element)
        if parent is not None and parent.tag in _LISTS and dropped.issuperset(parent):
            dropped.add(parent)
    unwrap_all(tree, unwrapped)
    drop_all(tree, dropped)


def _is_empty(element: etree._Element, dropped: Set[etree._Element]) -> bool:
    """Tell whether only white space is left in an element without what is ``dropped``."""
    return not (element.text or "").strip() and all(
        child in dropped and not (child.tail or "").strip() for child in element
    )


def prune_inline(tree: etree._Element) -> None:
    """Take away inline elements that are empty or say nothing, from the inside out."""
    unwrapped: list[etree._Element] = []
    dropped: set[etree._Element] = set()
    for element in reversed(list(tree.iterdescendants(*_EMPTY_INLINE))):
        if not element.text and all(one in dropped and not one.tail for one in element):
            name = element.get("id")
            if name is None or inside(element, "code"):
                dropped.add(element)
                continue
            if element.tag != "span":
                # A place to link to, and nothing else.
                element.attrib.clear()
                element.set("id", name)
                element.tag = "span"
        elif element.tag == "a" and element.get("href") is None:
            element.tag = "span"
        elif element.tag in _STRESS and _is_line_end(element):
            unwrapped.append(element)
        if element.tag == "span" and (not _speaks(element) or inside(element, "code")):
            unwrapped.append(element)
    unwrap_all(tree, unwrapped)
    drop_all(tree, dropped)


def _is_line_end(element: etree._Element) -> bool:
    """Tell whether nothing but blanks and line breaks is in an element."""
    if (element.text or "").strip():
        return False
    return all(_is_break(each) and not (each.tail or "").strip() for each in element)


def _speaks(element: etree._Element) -> bool:
    return any(element.get(name) is not None for name in ("id", "class", "lang", "dir"))


def _is_block(element: etree._Element) -> bool:
    """Return whether an element stands among blocks; a displayed formula does."""
    tag = element.tag
    return tag in _ALL_BLOCKS or (tag == "math" and element.get("display") == "block")


@dataclasses.dataclass(frozen=True)
class _Run:
    """Inline content of ``holder`` that is not blank: the text after ``after`` (at the start
    where that is None), then ``elements`` with the text after each."""

    holder: etree._Element
    after: etree._Element | None
    elements: tuple[etree._Element, ...]

    def wrap(self, wrapper: etree._Element) -> None:
        """Put the run into a new element, which takes its place."""
        if self.after is None:
            wrapper.text, self.holder.text = self.holder.text, None
            self.holder.insert(0, wrapper)
        else:
            wrapper.text, self.after.tail = self.after.tail, None
            self.after.addnext(wrapper)
        wrapper.extend(self.elements)


def _runs(holder: etree._Element) -> Iterator[_Run]:
    """Yield the runs directly in an element, in order; blank ones are left out."""
    after: etree._Element | None = None
    elements: list[etree._Element] = []
    for child in [*holder, None]:
        if child is not None and not _is_block(child):
            elements.append(child)
            continue
        text = holder.text if after is None else after.tail
        if elements or not is_blank(text):
            yield _Run(holder, after, tuple(elements))
        after, elements = child, []


def lift(tree: etree._Element, inner: Iterable[etree._Element], draft: Draft) -> None:
    """Take elements out of the inline elements and paragraphs around them.

    ``<b>x<p>y</p>z</b>`` becomes ``<b>x</b><p><b>y</b></p><b>z</b>``.  Takes linear time: the
    children of each element around are passed once, from the inside out.
    """
    breaking = list(inner)
    breaks = set(breaking)
    for element in _splittable_around(tree, breaking):
        itself_breaks = element in breaks
        copies = _Copies(element)
        pieces = [copies.further()]
        pieces[0].text = element.text
        for child in list(element):
            if child in breaks:
                after, child.tail = child.tail, None
                _push(element, child, copies)
                pieces += [child, copies.further()]
                pieces[-1].text = after
            else:
                pieces[-1].append(child)
        name = element.get("id")
        for piece in pieces:
            if is_bare(piece) and is_blank(piece.text) and piece not in breaks:
                add_text_before(element, piece.text)
                continue
            if name and not piece.get("id"):
                piece.set("id", name)
                name = None
            element.addprevious(piece)
            if itself_breaks:
                breaks.add(piece)
        add_text_before(element, element.tail)
        parent = element.getparent()
        if parent is not None:
            element.tail = None
            parent.remove(element)
        if copies.bare:
            draft.note(
                f"<{element.tag}> goes around too many blocks for its attributes"
                f" ({MOST_REPEATED:,} characters of them); the later ones are without"
            )


def _splittable_around(
    tree: etree._Element, inner: Iterable[etree._Element]
) -> list[etree._Element]:
    """Return the elements to be parted around others, from the inside out."""
    around: dict[etree._Element, int] = {}
    for element in inner:
        for ancestor in element.iterancestors():
            if ancestor is tree or ancestor.tag not in _SPLITTABLE or ancestor in around:
                break
            around[ancestor] = sum(1 for _ in ancestor.iterancestors())
    return sorted(around, key=lambda each: -around[each])


class _Copies:
    """Copies of one element: bare ones once its attributes would be repeated too often, as
    few bytes around many blocks would become gigabytes."""

    def __init__(self, element: etree._Element) -> None:
        self._tag = str(element.tag)
        self._stated = [(str(k), str(value)) for k, value in element.items() if k != "id"]
        self._size = sum(len(value) for _, value in self._stated)
        self._left = MOST_REPEATED
        # An anchor without address and a bare span say nothing.
        telling = {"a": {"href"}, "span": {"lang", "dir"}}.get(self._tag)
        self.tell = telling is None or not telling.isdisjoint(name for name, _ in self._stated)
        self.bare = False
        """True once a copy was made without what the element says."""

    def further(self) -> etree._Element:
        """Return one more copy, without id and content."""
        copy = etree.Element(self._tag)
        self._left -= self._size
        if self._left >= 0:
            copy.attrib.update(self._stated)
        else:
            self.bare = True
        return copy


def _push(outer: etree._Element, block: etree._Element, copies: _Copies) -> None:
    """Say of the inline content of a block what the element around it said."""
    if copies.tell and outer.tag in v.PHRASING and _is_block(block):
        for holder in list(block.iter(*_HOLDERS)):
            for run in list(_runs(holder)):
                run.wrap(copies.further())
