"""Trees of elements: found, made, moved and taken away without losing a word.

lxml keeps text in ``text`` and ``tail``; everything here sees to both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import cast

from lxml import etree


def selector(expression: str) -> Callable[[etree._Element], list[etree._Element]]:
    """Compile an XPath expression that finds elements, in document order."""
    return cast("Callable[[etree._Element], list[etree._Element]]", etree.XPath(expression))


_ids = cast("Callable[[etree._Element], list[str]]", etree.XPath("//@id", smart_strings=False))
_names = cast(
    "Callable[[etree._Element], list[str]]", etree.XPath("//a/@name", smart_strings=False)
)


def text_of(element: etree._Element) -> str:
    """Return all the text inside an element, without its tail."""
    return "".join(element.itertext())  # type: ignore[arg-type]  # we parse no bytes: text is str


def ids_of(tree: etree._Element) -> frozenset[str]:
    """Return what links may lead to in a tree: ids, and the names of old."""
    return frozenset((*_ids(tree), *_names(tree)))


def is_bare(element: etree._Element) -> bool:
    """Tell whether there is no element inside; ``len`` would count all that are."""
    return next(element.iterchildren(), None) is None


def lone(element: etree._Element) -> etree._Element | None:
    """Return the one child of an element; None where it has none or several."""
    first = next(element.iterchildren(), None)
    return first if first is not None and first.getnext() is None else None


def is_blank(text: str | None) -> bool:
    """Tell whether a text is None, "" or XML white space; a no-break space is no blank."""
    return not text or not text.strip(" \t\r\n")


def add_text_before(element: etree._Element, text: str | None) -> None:
    """Put text directly before an element, at the end of what stands there already."""
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
    """Put text at the very end of an element."""
    if not text:
        return
    last = next(parent.iterchildren(reversed=True), None)
    if last is not None:
        last.tail = (last.tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def drop(element: etree._Element) -> None:
    """Take an element and all inside it away; the text after it stays."""
    add_text_before(element, element.tail)
    parent = element.getparent()
    if parent is not None:
        element.tail = None
        parent.remove(element)


def unwrap(element: etree._Element) -> None:
    """Take an element's tags away; what is inside stays where it was."""
    if element.getparent() is None:
        return
    add_text_before(element, element.text)
    for child in element:
        element.addprevious(child)  # takes constant time, where an index would count siblings
    drop(element)


def unwrap_all(tree: etree._Element, elements: Iterable[etree._Element]) -> None:
    """Unwrap any number of elements below one, in linear time: one after the other, each would
    copy the text that those before it have left."""
    some = False
    for each in elements:
        each.tag, some = _UNWRAPPED, True
    if some:
        etree.strip_tags(tree, _UNWRAPPED)


def drop_all(tree: etree._Element, elements: Iterable[etree._Element]) -> None:
    """Drop any number of elements below one, in linear time; the text after each stays."""
    some = False
    for each in elements:
        each.tag, some = _DROPPED, True
    if some:
        etree.strip_elements(tree, _DROPPED, with_tail=False)


_UNWRAPPED, _DROPPED = "x-unwrapped", "x-dropped"
"""What an element is called just before it goes; no markup has elements of these names."""


def leave_blank(elements: Iterable[etree._Element]) -> None:
    """Put a blank behind elements that go and had a place of their own in a line, so that the
    words around each stay two."""
    for each in elements:
        before, parent, after = each.getprevious(), each.getparent(), each.tail
        if parent is None or not after or after[0].isspace() or inside(each, "pre", "code"):
            continue
        if before is not None or not is_blank(parent.text):
            each.tail = f" {after}"


def replace(old: etree._Element, *others: etree._Element) -> None:
    """Put elements in the place of one, whose content goes; the text after it stays."""
    if old.getparent() is None:
        return
    for other in others:
        old.addprevious(other)
    if others:
        others[-1].tail, old.tail = old.tail, None
    drop(old)


def wrap(element: etree._Element, tag: str) -> etree._Element:
    """Put a new element around one; return the new one."""
    new = etree.Element(tag)
    replace(element, new)
    new.append(element)
    return new


def rename(element: etree._Element, tag: str, keep: Iterable[str] = ("id", "lang", "dir")) -> None:
    """Make an element another one; only the attributes in ``keep`` stay."""
    element.tag = tag
    names = frozenset(keep)
    for name in element.keys():  # noqa: SIM118  # lxml's elements iterate over children
        if name not in names:
            del element.attrib[name]


def new(tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """Make an element with text; an underscore at the end of an attribute's name is dropped,
    others become hyphens (``class_``, ``data_number``)."""
    element = etree.Element(tag)
    for name, value in attributes.items():
        element.set(name.rstrip("_").replace("_", "-"), value)
    element.text = text
    return element


def listed(tree: etree._Element, *tags: str) -> list[etree._Element]:
    """List the elements of these names in document order, so that the tree may change."""
    return list(tree.iter(*tags))


def classes(each: etree._Element) -> tuple[str, ...]:
    """Return the words of the class attribute, in lower case."""
    return _lower_words(each.get("class") or "")


# The same few come again all through a text, and are asked for at each element below.
@lru_cache(maxsize=1024)
def _lower_words(text: str) -> tuple[str, ...]:
    return tuple(text.lower().split())


def take(each: etree._Element, name: str) -> str | None:
    """Remove an attribute and return its value; None where there is none."""
    value = each.get(name)
    if value is not None:
        del each.attrib[name]
    return value


def inside(each: etree._Element, *tags: str) -> bool:
    """Tell whether an element of one of these names is above."""
    return next(each.iterancestors(*tags), None) is not None


def move_content(source: etree._Element, target: etree._Element) -> None:
    """Add all content of one element to the end of another."""
    append_text(target, source.text)
    source.text = None
    target.extend(list(source))


def replace_with_text(old: etree._Element, text: str) -> None:
    """Put text where the element is, whose content goes."""
    add_text_before(old, text)
    drop(old)


MOST_REPEATED = 2_000
"""Characters of attributes that what stands behind a block says again."""


def emerge(each: etree._Element, holders: frozenset[str], note: Callable[[str], None]) -> None:
    """Lift a block out of what cannot hold it: each element above that is one of
    ``holders`` is parted into what stands before and what stands after, which says nothing
    more where its attributes are very long: ``note`` is told."""
    parent = each.getparent()
    while parent is not None and parent.tag in holders and parent.getparent() is not None:
        after = etree.Element(str(parent.tag))
        stated = [(str(k), str(value)) for k, value in parent.items() if k != "id"]
        # Few bytes around many blocks would become gigabytes.
        if sum(len(value) for _, value in stated) <= MOST_REPEATED:
            after.attrib.update(stated)
        else:
            note(
                f"<{parent.tag}> has more than {MOST_REPEATED:,} characters of attributes; what"
                " follows a block in it is without"
            )
        after.text, each.tail = each.tail, None
        after.extend(list(each.itersiblings()))
        after.tail, parent.tail = parent.tail, None
        parent.addnext(after)
        parent.addnext(each)
        for part in (parent, after):
            if is_bare(part) and not ((part.text or "").strip() or part.get("id")):
                drop(part)
        parent = each.getparent()
