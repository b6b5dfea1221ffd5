"""What a browser would make of markup, as html5lib tells: what is text, what would act."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import html5lib
from entries import stored
from lxml import etree

from convert.content import PrepareOptions, prepare
from convert.content.safety.allowlist import HTML, MATHML, REMOVED, SVG

_SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.-]*)[\x00-\x20]*:", re.IGNORECASE)
_ADDRESSES = frozenset(("href", "src", "cite", "data-address", "action", "formaction", "poster"))
_INERT = re.compile("https?|image|ftp|gopher|irc|mailto|news|tel|xmpp", re.IGNORECASE)
_SPACES = {
    "http://www.w3.org/2000/svg": SVG,
    "http://www.w3.org/1998/Math/MathML": MATHML,
}


def _elements(markup: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each element as (namespace, name, attributes)."""
    walker = html5lib.getTreeWalker("etree")
    tree: Any = html5lib.parseFragment(markup, treebuilder="etree", namespaceHTMLElements=True)
    for token in walker(tree):
        if token["type"] in {"StartTag", "EmptyTag"}:
            given = {str(name): value for (_, name), value in token["data"].items()}
            yield str(token["namespace"]), str(token["name"]), given


def faults(markup: str) -> list[str]:
    """All that would act, or is not on the allow-list, once a browser has parsed it."""
    found: list[str] = []
    for space, name, given in _elements(markup):
        table = _SPACES.get(space, HTML)
        if name not in table:
            found.append(f"element {name}")
            continue
        for attribute, value in given.items():
            if attribute.lower() not in {known.lower() for known in table[name]}:
                found.append(f"attribute {attribute} of {name}")
            scheme = _SCHEME.match(value)
            if attribute in _ADDRESSES and scheme is not None:
                if not _INERT.fullmatch(scheme[1]):
                    found.append(f"{attribute}={value}")
            elif re.search(r"(?:java|vb)script\s*:", value, re.IGNORECASE) and attribute not in {
                "alt",
                "title",
                "alttext",
                "href",
                "data-address",
            }:
                found.append(f"{attribute}={value}")
    return found


_FALLBACK = frozenset(("video", "audio", "object"))


def words(markup: str) -> str:
    """The text that a browser shows, less what the allow-list names; without white space."""
    walker = html5lib.getTreeWalker("etree")
    tree: Any = html5lib.parseFragment(markup, treebuilder="etree", namespaceHTMLElements=False)
    inside: list[str] = []
    text: list[str] = []
    for token in walker(tree):
        kind = token["type"]
        if kind == "StartTag":
            inside.append(str(token["name"]))
        elif kind == "EndTag":
            inside.pop()
        elif kind in {"Characters", "SpaceCharacters"} and not _is_removed(inside):
            text.append(str(token["data"]))
    return "".join("".join(text).split())


def _is_removed(inside: list[str]) -> bool:
    if any(name in REMOVED and not (name == "title" and "svg" in inside) for name in inside):
        return True
    if not _FALLBACK.isdisjoint(inside):
        return True
    return "svg" in inside and inside[-1] not in {"text", "tspan", "textPath", "title", "desc"}


def body_words(xhtml: str) -> str:
    """The text of a prepared body, without white space."""
    return "".join("".join(map(str, etree.fromstring(xhtml).itertext())).split())


def holds(text: str, part: str) -> bool:
    """Whether all of a text's characters stand in another one, in that order.

    (html5lib itself loses text that stands in a table after an element that is moved out.)
    """
    rest = iter(text)
    return all(character in rest for character in part)


_PICTURE = re.compile(r"image:[0-9a-f]{24}(?=\")")


def twice(content: str, kind: str = "html", **fields: object) -> tuple[str, str]:
    """A body, and what a second pass makes of it, with the same names of pictures: one that may
    be a file is known by where it is written, which its prepared form does not tell."""
    options = PrepareOptions()
    once = prepare(stored(content, kind, **fields), options).body
    again = prepare(stored(once, "xhtml", **fields), options).body
    names = iter(_PICTURE.findall(once))
    return once, _PICTURE.sub(lambda name: next(names, name[0]), again)
