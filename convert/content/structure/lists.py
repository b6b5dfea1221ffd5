"""Lists, definition lists and ruby as HTML wants them (§4.4.5 to §4.4.10, §4.5.10)."""

from __future__ import annotations

from lxml import etree

from convert.content.tree import append_text, is_bare, is_blank, unwrap, unwrap_all

_LISTS = frozenset(("ul", "ol"))
_LIST_PARTS = {"ul": ("li",), "ol": ("li",), "dl": ("dt", "dd")}


def mark(tree: etree._Element) -> None:
    """Put everything in a list into items and every item into a list; likewise terms."""
    for each in tree.iter("ul", "ol", "dl"):
        _open_groups(each)
    _house(tree, ("li",), "ul", _LISTS)
    _house(tree, ("dt", "dd"), "dl", frozenset(("dl",)))
    for each in list(tree.iter("ul", "ol")):
        _fill(each, frozenset(("li",)), "li")
    for each in list(tree.iter("dl")):
        _fill(each, frozenset(("dt", "dd")), "dd")
        parts = list(each)
        if parts and all(part.tag == "dd" for part in parts):
            # A list without any term was a way to indent.
            each.tag = "blockquote"
            for part in parts:
                part.tag = "div"
        elif parts:
            # §4.4.9: a group is terms and then definitions, if empty ones.
            if parts[0].tag == "dd":
                each.insert(0, etree.Element("dt"))
            if parts[-1].tag == "dt":
                each.append(etree.Element("dd"))


def _open_groups(each: etree._Element) -> None:
    """Take the boxes around the parts of a list away (§4.4.9 has them in ``dl``)."""
    parts = _LIST_PARTS[str(each.tag)]
    while groups := [
        box
        for box in each.iterchildren("div")
        if any(part.tag in parts for holder in (box, *box.iterchildren("div")) for part in holder)
    ]:
        unwrap_all(each, groups)


def arrange_ruby(tree: etree._Element) -> None:
    """Put every annotation into a ruby, last and in turn with its base; undo the others.

    Parentheses stand only around an annotation.
    """
    for each in list(tree.iter("ruby")):
        unwrap_all(each, [rp for rp in each.iterchildren("rp") if not _encloses(rp)])
        # What comes after the last annotation has none, so it is no part of the ruby (§4.5.10).
        last = next(each.iterchildren("rt", reversed=True), None)
        if last is None:
            each.tag = "span"
            continue
        following = last.getnext()
        if following is not None and following.tag == "rp":
            last = following
        rest = etree.Element("span")
        rest.text, last.tail = last.tail, None
        rest.extend(list(last.itersiblings()))
        if rest.text or not is_bare(rest):
            each.addnext(rest)
            unwrap(rest)
    loose = [each for each in tree.iter("rt", "rp") if not _is_in_ruby(each)]
    unwrap_all(tree, loose)


def _house(tree: etree._Element, parts: tuple[str, ...], home: str, homes: frozenset[str]) -> None:
    """Put each row of parts that stand outside of their kind of list into a new one."""
    housing: etree._Element | None = None
    for part in list(tree.iter(*parts)):
        parent = part.getparent()
        if parent is None or parent.tag in homes:
            continue
        before = part.getprevious()
        if housing is None or before is not housing or not is_blank(housing.tail):
            housing = etree.Element(home)
            part.addprevious(housing)
        housing.tail, part.tail = part.tail, None
        housing.append(part)


def _fill(each: etree._Element, parts: frozenset[str], part: str) -> None:
    """Put what is no part of a list into one.

    A nested list goes into the part before it, all else into a new one.
    """
    text, each.text = each.text, None
    filled: list[etree._Element] = []
    loose: etree._Element | None = None
    for child in [None, *each]:
        if child is not None:
            text, child.tail = child.tail, None
            each.remove(child)
            if child.tag == "br" and loose is None:
                pass  # the end of a line between items is no item
            elif child.tag in parts:
                filled.append(child)
                loose = None
            elif child.tag in _LISTS and part == "li" and filled:
                filled[-1].append(child)
                loose = filled[-1]
            else:
                if loose is None:
                    loose = etree.Element(part)
                    filled.append(loose)
                loose.append(child)
        if text and text.strip() and loose is None:  # a no-break space is no item either
            loose = etree.Element(part)
            filled.append(loose)
        if loose is not None:
            append_text(loose, text)
    each.extend(filled)
    if not filled:
        unwrap(each)


def _is_in_ruby(each: etree._Element) -> bool:
    parent = each.getparent()
    return parent is not None and parent.tag == "ruby"


def _encloses(rp: etree._Element) -> bool:
    """Return whether this is one of the two around an annotation, only space between."""
    before, after = rp.getprevious(), rp.getnext()
    if after is not None and after.tag == "rt" and is_blank(rp.tail):
        closing = after.getnext()
        return closing is not None and closing.tag == "rp" and is_blank(after.tail)
    if before is not None and before.tag == "rt" and is_blank(before.tail):
        opening = before.getprevious()
        return opening is not None and opening.tag == "rp" and is_blank(opening.tail)
    return False
