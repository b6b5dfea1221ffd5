"""Small surgery on trees that loses no text; lxml keeps it in ``text`` and ``tail``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from lxml import etree


def selector(expression: str) -> Callable[[etree._Element], list[etree._Element]]:
    """A compiled XPath expression that gives elements, in document order."""
    return cast("Callable[[etree._Element], list[etree._Element]]", etree.XPath(expression))


def text_of(element: etree._Element) -> str:
    """All the text inside an element, without its tail."""
    return "".join(element.itertext())  # type: ignore[arg-type]  # we parse no bytes: text is str


def is_blank(text: str | None) -> bool:
    """True for None, "" and XML whitespace; a no-break space is no blank."""
    return not text or not text.strip(" \t\r\n")


def add_text_before(element: etree._Element, text: str | None) -> None:
    """Puts text directly before an element, at the end of what stands there already."""
    if not text:
        return
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + text
        return
    parent = element.getparent()
    if parent is not None:
        parent.text = (parent.text or "") + text


def append_text(parent: etree._Element, text: str | None) -> None:
    """Puts text at the very end of an element."""
    if not text:
        return
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def drop(element: etree._Element) -> None:
    """Takes an element and all inside it away; the text after it stays."""
    add_text_before(element, element.tail)
    parent = element.getparent()
    if parent is not None:
        element.tail = None
        parent.remove(element)


def unwrap(element: etree._Element) -> None:
    """Takes an element's tags away; what is inside stays where it was."""
    if element.getparent() is None:
        return
    add_text_before(element, element.text)
    for child in element:
        element.addprevious(child)  # takes constant time, where an index would count siblings
    drop(element)


def replace(old: etree._Element, new: etree._Element) -> None:
    """Puts ``new`` in the place of ``old``, whose content goes; the text after it stays."""
    parent = old.getparent()
    if parent is not None:
        new.tail, old.tail = old.tail, None
        parent.replace(old, new)


def wrap(element: etree._Element, tag: str) -> etree._Element:
    """Puts a new element around one; gives the new one."""
    new = etree.Element(tag)
    replace(element, new)
    new.append(element)
    return new


def rename(element: etree._Element, tag: str, keep: Iterable[str] = ("id", "lang", "dir")) -> None:
    """Makes an element another one; only the attributes in ``keep`` stay."""
    element.tag = tag
    kept = frozenset(keep)
    for name in element.keys():  # noqa: SIM118  # lxml's elements iterate over children
        if name not in kept:
            del element.attrib[name]
