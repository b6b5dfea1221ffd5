"""Ids: valid, each only once, and every reference inside the body leads to one."""

from __future__ import annotations

import re
import zlib
from urllib.parse import unquote

from lxml import etree

from convert.content import links
from convert.content.draft import Draft
from convert.content.tree import inside, selector, take, unwrap_all
from convert.content.vocabulary import names
from convert.text.addresses import clean_address

_VALID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NAME = re.compile(r"[^\s\x00-\x20\x7f-\x9f\ud800-\udfff\ufffe\uffff]{1,500}")
"""What an id of HTML may be."""
_RUN = re.compile(r"[^A-Za-z0-9_.-]+")
_PAINT = re.compile(r"url\(\s*['\"]?#([^)'\"]*)['\"]?\s*\)")
_ids = selector("//*[@id][not(ancestor::svg)]")
"""Those of places; in a drawing nobody can go anywhere."""
_ids_of_notes = selector("//*[@id][@role='doc-noteref'] | //li[@id][../../@role='doc-endnotes']")
_references = selector("//a[starts-with(@href, '#')]")
_PAINTS = frozenset(("linearGradient", "radialGradient", "pattern"))
_GRAPHICS = names("circle ellipse g line path polygon polyline rect svg switch symbol text use")
_PAINTED = {
    "clip-path": frozenset(("clipPath",)),
    "filter": frozenset(("filter",)),
    "mask": frozenset(("mask",)),
    **dict.fromkeys(("marker-end", "marker-mid", "marker-start"), frozenset(("marker",))),
}
"""What ``url(#id)`` may lead to, by the attribute; a paint where none is named."""
_USED = {
    "use": _GRAPHICS,
    "textPath": frozenset(("path",)),
    "pattern": frozenset(("pattern",)),
    **dict.fromkeys(("linearGradient", "radialGradient"), _PAINTS - {"pattern"}),
}
"""What ``href`` may lead to, by the element."""


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make ids valid and unique, those of footnotes first; lead all that refers to them there,
    and take dead references away."""
    renamed: dict[str, str] = {}
    unique = _Unique()
    for element in dict.fromkeys([*_ids_of_notes(tree), *_ids(tree)]):
        old = str(element.get("id"))
        if not old or old in renamed or element.tag in {"br", "wbr"}:
            del element.attrib["id"]
            continue
        renamed[old] = new = unique.of(old)
        own = draft.anchors.pop(old, old)
        if new != own:
            draft.anchors[new] = own
        if new != old:
            element.set("id", new)
    _refer_all(tree, renamed, links.page(draft))
    for svg in tree.iter("svg"):
        if not inside(svg, "svg"):
            _settle_drawing(svg, unique)


class _Unique:
    """The ids of a body, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}
        """The last number that told an id from others of its form."""

    def of(self, old: str) -> str:
        """Return a valid id for one, which nothing else has."""
        new = unique = anchor_id(old)
        while unique in self._taken:
            self._numbers[new] = self._numbers.get(new, 1) + 1
            unique = f"{new}-{self._numbers[new]}"
        self._taken.add(unique)
        return unique


def check(tree: etree._Element, draft: Draft) -> None:
    """End the references to what has gone since, such as a heading that repeats the title."""
    _refer_all(
        tree, {name: name for each in _ids(tree) if (name := each.get("id"))}, links.page(draft)
    )


def anchors(tree: etree._Element, draft: Draft) -> tuple[tuple[str, str], ...]:
    """Return the ids that stand for a place which the entry's own page calls otherwise, and
    how."""
    taken = {str(each.get("id")) for each in tree.iter()} - draft.anchors.keys()
    own_names: dict[str, str] = {}
    for place in _ids(tree):
        name = str(place.get("id"))
        own = draft.anchors.get(name)
        if own is not None and own not in taken and _NAME.fullmatch(own):
            own_names[name] = own
            taken.add(own)
    return tuple(own_names.items())


def _refer_all(tree: etree._Element, renamed: dict[str, str], base: str | None) -> None:
    dead: list[etree._Element] = []
    for anchor in _references(tree):
        old = anchor.get("href", "")[1:]
        new = renamed.get(old) or renamed.get(unquote(old))
        # Nothing of that name here (any more): it may stand on the page itself.
        address = clean_address(f"{base.partition('#')[0]}#{old}") if base and old else None
        if new is not None or address is not None:
            anchor.set("href", f"#{new}" if new is not None else str(address))
        else:
            dead.append(anchor)
    unwrap_all(tree, dead)


def _settle_drawing(svg: etree._Element, unique: _Unique) -> None:
    """Give what a drawing uses of itself ids that no other has, by the kinds of elements that
    fit; no other element of it needs one."""
    places: dict[str, etree._Element] = {}
    for element in svg.iterdescendants():
        if old := take(element, "id"):
            places.setdefault(old, element)

    def target(old: str, fitting: frozenset[str]) -> str | None:
        place = places.get(old)
        if place is None or place.tag not in fitting:
            return None
        if place.get("id") is None:
            place.set("id", unique.of(old))
        return str(place.get("id"))

    for element in svg.iter():
        href = element.get("href")
        if href is not None:
            new = target(href[1:], _USED.get(str(element.tag), frozenset()))
            if new is None:
                del element.attrib["href"]
            else:
                element.set("href", f"#{new}")
        for name, value in element.items():
            if "url(" in (text := str(value)):
                painted = _PAINT.search(text)
                fitting = _PAINTED.get(str(name), _PAINTS)
                new = target(painted[1], fitting) if painted else None
                instead = (text[painted.end() :].strip() if painted else "") or "none"
                element.set(name, f"url(#{new})" if new else instead)


def anchor_id(text: str) -> str:
    """Return a valid id for any text; valid ones stay as they are.

    What is not ASCII is told apart by a check sum.
    """
    if _VALID.fullmatch(text):
        return text
    readable = _RUN.sub("-", text).strip("-")
    if not text.isascii() or not readable:
        readable = f"{readable}-{zlib.crc32(text.encode('utf-8', 'replace')):08x}".lstrip("-")
    return readable if _VALID.fullmatch(readable) else f"id-{readable}"
