"""Small moves on lxml trees that keep the text where it is.

In lxml the text after an element belongs to that element (``tail``): taking an element out
takes that text along unless it is handed on.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

PHRASING_PARENTS = frozenset(
    """
    p h1 h2 h3 h4 h5 h6 span a em strong b i u s small sub sup code pre summary dt caption
    """.split()  # noqa: SIM905 - one word a line would fill the screen
)
"""Elements that hold no blocks."""


def parse(body: str) -> etree._Element:
    """A prepared body as a tree.  Loads nothing, whatever the body says."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(body, parser)


def text_of(tree: etree._Element) -> str:
    """All text inside an element, as it stands."""
    return "".join(str(part) for part in tree.itertext(with_tail=False))


def new(tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """An element with text; an underscore at the end of a name is dropped, others become
    hyphens (``class_``, ``data_number``)."""
    made = etree.Element(tag)
    for name, value in attributes.items():
        made.set(name.rstrip("_").replace("_", "-"), value)
    made.text = text
    return made


def take(each: etree._Element, name: str) -> str | None:
    """The value of an attribute, which is gone afterwards; None where there is none."""
    value = each.get(name)
    if value is not None:
        del each.attrib[name]
    return value


def append_text(parent: etree._Element, text: str | None) -> None:
    """Adds text at the end of an element's content."""
    if not text:
        return
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def text_before(each: etree._Element, text: str | None) -> None:
    """Adds text just before an element, inside its parent."""
    if not text:
        return
    previous = each.getprevious()
    if previous is not None:
        previous.tail = (previous.tail or "") + text
        return
    parent = each.getparent()
    if parent is not None:
        parent.text = (parent.text or "") + text


def remove(each: etree._Element) -> None:
    """Takes an element out; the text after it stays."""
    parent = each.getparent()
    if parent is None:
        return
    text_before(each, each.tail)
    each.tail = None
    parent.remove(each)


def replace(each: etree._Element, *others: etree._Element) -> None:
    """Puts other elements where this one is; the text after it stays after the last."""
    parent = each.getparent()
    if parent is None:
        return
    if not others:
        remove(each)
        return
    others[-1].tail = (others[-1].tail or "") + (each.tail or "") or None
    each.tail = None
    at = parent.index(each)
    parent.remove(each)
    for offset, other in enumerate(others):
        parent.insert(at + offset, other)


def replace_with_text(each: etree._Element, text: str) -> None:
    """Puts text where the element is."""
    text_before(each, text)
    remove(each)


def unwrap(each: etree._Element) -> None:
    """Puts an element's content in its place."""
    parent = each.getparent()
    if parent is None:
        return
    text_before(each, each.text)
    for child in list(each):
        each.addprevious(child)
    remove(each)


def move_content(source: etree._Element, target: etree._Element) -> None:
    """Adds all content of one element to the end of another."""
    append_text(target, source.text)
    source.text = None
    target.extend(list(source))


def classes(each: etree._Element) -> list[str]:
    """The words of the class attribute, as they are spelled."""
    return (each.get("class") or "").split()


def elements(tree: etree._Element, *tags: str) -> list[etree._Element]:
    """The elements of these names in document order, listed so that the tree may change."""
    return list(tree.iter(*tags))


def is_blank(text: str | None) -> bool:
    """True where there is nothing but white space."""
    return not text or not text.strip()


def only_child(parent: etree._Element, each: etree._Element) -> bool:
    """True where the element is all that its parent holds."""
    return len(parent) == 1 and parent[0] is each and is_blank(parent.text) and is_blank(each.tail)


def join(parts: Iterable[str | None]) -> str:
    """The parts that are there, one after the other."""
    return "".join(part for part in parts if part)
