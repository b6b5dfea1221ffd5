"""Runs of inline content between blocks, and what stands inside inline content by mistake."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from lxml import etree

from convert.content import vocabulary as v
from convert.content.tree import add_text_before, is_blank

_ALL_BLOCKS = v.BLOCKS | v.PARTS
_HOLDERS = (v.CONTAINERS | v.CELLS | v.PHRASING_ONLY) - {"pre"}
_SPLITTABLE = v.PHRASING | v.PHRASING_ONLY


def is_block(element: etree._Element) -> bool:
    """Whether an element stands among blocks; a displayed formula does."""
    tag = element.tag
    return tag in _ALL_BLOCKS or (tag == "math" and element.get("display") == "block")


@dataclasses.dataclass(frozen=True)
class Run:
    """Inline content of ``holder`` that is not blank: the text after ``after`` (at the start
    where that is None), then ``elements`` with the text after each."""

    holder: etree._Element
    after: etree._Element | None
    elements: tuple[etree._Element, ...]

    def wrap(self, wrapper: etree._Element) -> None:
        """Puts the run into a new element, which takes its place."""
        if self.after is None:
            wrapper.text, self.holder.text = self.holder.text, None
            self.holder.insert(0, wrapper)
        else:
            wrapper.text, self.after.tail = self.after.tail, None
            self.after.addnext(wrapper)
        wrapper.extend(self.elements)


def runs(holder: etree._Element) -> Iterator[Run]:
    """The runs directly in an element, in order; blank ones are left out."""
    after: etree._Element | None = None
    elements: list[etree._Element] = []
    for child in [*holder, None]:
        if child is not None and not is_block(child):
            elements.append(child)
            continue
        text = holder.text if after is None else after.tail
        if elements or not is_blank(text):
            yield Run(holder, after, tuple(elements))
        after, elements = child, []


def lift(tree: etree._Element, inner: Iterable[etree._Element]) -> None:
    """Takes elements out of the inline elements and paragraphs around them.

    ``<b>x<p>y</p>z</b>`` becomes ``<b>x</b><p><b>y</b></p><b>z</b>``.  Takes linear time: the
    children of each element around are passed once, from the inside out.
    """
    breaking = list(inner)
    around: dict[etree._Element, int] = {}
    for element in breaking:
        for ancestor in element.iterancestors():
            if ancestor is tree or ancestor.tag not in _SPLITTABLE or ancestor in around:
                break
            around[ancestor] = sum(1 for _ in ancestor.iterancestors())
    breaks = set(breaking)
    for element in sorted(around, key=lambda each: -around[each]):
        _break(element, breaks)


def _break(element: etree._Element, breaks: set[etree._Element]) -> None:
    """Puts copies of an element, and what breaks it between them, in its place."""
    itself_breaks = element in breaks
    pieces = [_copy(element)]
    pieces[0].text = element.text
    for child in list(element):
        if child in breaks:
            after, child.tail = child.tail, None
            _push(element, child)
            pieces += [child, _copy(element)]
            pieces[-1].text = after
        else:
            pieces[-1].append(child)
    name = element.get("id")
    for piece in pieces:
        if not len(piece) and is_blank(piece.text) and piece not in breaks:
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


def _copy(element: etree._Element) -> etree._Element:
    copy = etree.Element(str(element.tag))
    for name, value in element.items():
        if name != "id":
            copy.set(name, value)
    return copy


def _push(outer: etree._Element, block: etree._Element) -> None:
    """Says of the inline content of a block what the element around it said."""
    if not is_block(block) or not _speaks(outer):
        return
    for holder in list(block.iter(*_HOLDERS)):
        for run in list(runs(holder)):
            run.wrap(_copy(outer))


def _speaks(element: etree._Element) -> bool:
    if element.tag not in v.PHRASING:
        return False
    if element.tag == "a":
        return element.get("href") is not None
    return (
        element.tag != "span" or element.get("lang") is not None or element.get("dir") is not None
    )
