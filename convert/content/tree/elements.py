"""Elements found, made, filled and replaced; ``tree`` has the surgery on single ones."""

from __future__ import annotations

from lxml import etree

from convert.content.tree.surgery import add_text_before, append_text, drop

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def parse(body: str) -> etree._Element:
    """A prepared body as a tree.  Loads nothing, whatever the body says."""
    return etree.fromstring(body, _PARSER)


def new(tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """An element with text; an underscore at the end of an attribute's name is dropped,
    others become hyphens (``class_``, ``data_number``)."""
    made = etree.Element(tag)
    for name, value in attributes.items():
        made.set(name.rstrip("_").replace("_", "-"), value)
    made.text = text
    return made


def listed(tree: etree._Element, *tags: str) -> list[etree._Element]:
    """The elements of these names in document order, listed so that the tree may change."""
    return list(tree.iter(*tags))


def classes(each: etree._Element) -> list[str]:
    """The words of the class attribute, in lower case."""
    return (each.get("class") or "").lower().split()


def take(each: etree._Element, name: str) -> str | None:
    """The value of an attribute, which is gone afterwards; None where there is none."""
    value = each.get(name)
    if value is not None:
        del each.attrib[name]
    return value


def inside(each: etree._Element, *tags: str) -> bool:
    """True where an element of one of these names is above."""
    return next(each.iterancestors(*tags), None) is not None


def move_content(source: etree._Element, target: etree._Element) -> None:
    """Adds all content of one element to the end of another."""
    append_text(target, source.text)
    source.text = None
    target.extend(list(source))


def replace_with(old: etree._Element, *others: etree._Element) -> None:
    """Puts elements in the place of one, whose content goes; the text after it stays."""
    if not others:
        drop(old)
        return
    for other in others:
        old.addprevious(other)
    others[-1].tail, old.tail = old.tail, None
    drop(old)


def replace_with_text(old: etree._Element, text: str) -> None:
    """Puts text where the element is."""
    add_text_before(old, text)
    drop(old)


def emerge(each: etree._Element, holders: frozenset[str]) -> None:
    """Lifts a block out of what cannot hold it: each element above that is one of
    ``holders`` is parted into what stands before and what stands after."""
    parent = each.getparent()
    while parent is not None and parent.tag in holders and parent.getparent() is not None:
        after = etree.Element(str(parent.tag), {str(k): str(v) for k, v in parent.items()})
        after.attrib.pop("id", "")
        after.text, each.tail = each.tail, None
        after.extend(list(each.itersiblings()))
        after.tail, parent.tail = parent.tail, None
        parent.addnext(after)
        parent.addnext(each)
        for part in (parent, after):
            if (
                next(iter(part), None) is None
                and not (part.text or "").strip()
                and not part.get("id")
            ):
                drop(part)
        parent = each.getparent()
