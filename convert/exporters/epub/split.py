"""Chapters that are too large for old readers, cut at headings with their links intact.

Readers built on Adobe's engine refuse or crawl through documents of over 300 kB.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from lxml import etree

LIMIT = 250_000
"""Bytes of the markup of one file."""
GROWTH = 6
"""How much larger than prepared a body may come out: highlighted code is the extreme."""

_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_CONTAINERS = frozenset({"div", "section", "blockquote", "ul", "ol", "dl"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pieces:
    """A body in one or more roots; ``where`` tells in which piece an id stands."""

    roots: tuple[etree._Element, ...]
    where: dict[str, int]


def may_be_large(size: int) -> bool:
    """Tell whether a body of ``size`` prepared bytes could come out over the limit."""
    return size * GROWTH > LIMIT


def pieces(root: etree._Element, limit: int = LIMIT) -> Pieces:
    """Return the body cut into pieces of at most ``limit`` bytes, as few as need be.

    It is cut before headings; a section that is too large by itself, between blocks; a list
    or quotation that is too large, between its children.  What cannot be cut (a table, a
    block of code) stays whole.
    """
    return _indexed((root,) if _size(root) <= limit else tuple(_packed(root, limit)))


def whole(root: etree._Element) -> Pieces:
    """Return the body in one piece, whatever its size."""
    return _indexed((root,))


def _indexed(roots: tuple[etree._Element, ...]) -> Pieces:
    where = {
        str(each.get("id")): at
        for at, piece in enumerate(roots)
        for each in piece.iter(etree.Element)
        if each.get("id")
    }
    return Pieces(roots=roots, where=where)


def link_pieces(cut: Pieces, files: Sequence[str]) -> None:
    """Lead each ``#id`` to the file of the piece that holds it; one that none holds is no
    link any more."""
    for at, piece in enumerate(cut.roots):
        for anchor in piece.iter("a"):
            href = anchor.get("href") or ""
            if not href.startswith("#"):
                continue
            target = cut.where.get(href[1:])
            if target is None:
                del anchor.attrib["href"]
            elif target != at:
                anchor.set("href", files[target] + href)


def _packed(root: etree._Element, limit: int) -> Iterable[etree._Element]:
    """Yield roots that hold the children in order, each within the limit where that can be."""
    filled = 0
    target = _shell(root)
    for run in _runs(root, limit):
        size = sum(map(_size, run))
        if filled and filled + size > limit:
            yield target
            target = _shell(root, again=True)
            filled = 0
        target.extend(run)
        filled += size
    yield target


def _runs(root: etree._Element, limit: int) -> Iterable[list[etree._Element]]:
    """Yield the children in runs that should stay together: a heading with what follows it, unless
    that is too much."""
    run: list[etree._Element] = []
    for child in list(root):
        # A heading right under another stays with it.
        if child.tag in _HEADINGS and run and run[-1].tag not in _HEADINGS:
            yield from _fitting(run, limit)
            run = []
        run.append(child)
    if run:
        yield from _fitting(run, limit)


def _fitting(run: list[etree._Element], limit: int) -> Iterable[list[etree._Element]]:
    if sum(map(_size, run)) <= limit:
        yield run
        return
    heading: list[etree._Element] = []
    for block in run:
        if block.tag in _HEADINGS:
            heading.append(block)  # goes with the block after it
        elif _size(block) > limit and block.tag in _CONTAINERS and len(block) > 1:
            parts = list(_packed(block, limit))
            yield [*heading, parts[0]]
            yield from ([part] for part in parts[1:])
            heading = []
        else:
            yield [*heading, block]
            heading = []
    if heading:
        yield heading


def _shell(element: etree._Element, *, again: bool = False) -> etree._Element:
    """Return an empty element of the same name; only the first keeps the id."""
    shell = etree.Element(element.tag)
    shell.attrib.update(element.attrib)
    if not again:
        shell.text = element.text
    elif "id" in shell.attrib:
        del shell.attrib["id"]
    return shell


_HREF = re.compile(rb' href="[^"]*"')


def _size(element: etree._Element) -> int:
    """Return the bytes of the markup but for where its links lead, which is known only after
    the cut: a body is cut in the same places before and after."""
    return len(_HREF.sub(b"", etree.tostring(element, encoding="utf-8")))
