"""Markup that stands in a feed as elements, as text that is both HTML and XML."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from convert.sources import clean
from convert.sources.feeds.vocabulary import based

_XHTML = "http://www.w3.org/1999/xhtml"
_DRAWN = ("http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML")
_XLINK = "http://www.w3.org/1999/xlink"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ADDRESSES = ("href", "src", "cite", "poster", "data")
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_SPEAKING = frozenset(("dir", "lang", _XML_LANG))
# HTML's elements without content; any other must not be written as an empty tag, which an
# HTML parser would take for an open one.
_VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
    *("source", "track", "wbr"),
}

_PREFORMATTED = dict.fromkeys(("listing", "plaintext", "xmp"), "pre")
"""HTML's elements in which it would read no references, and no end."""


def is_shown(element: etree._Element) -> bool:
    """Tell whether an element is one that browsers show, whatever the type around it says."""
    return str(element.tag).startswith(tuple(f"{{{each}}}" for each in (_XHTML, *_DRAWN)))


def inside(element: etree._Element, base: str | None, *, division: bool) -> str:
    """Return all that is in an element, text and elements.

    References below an xml:base are made absolute where that differs from ``base``.  With
    ``division``, a ``div`` around it all is no part of it (RFC 4287 §3.1.1.3), unless it says
    in which language that is, or which way it runs.
    """
    inner = element[0] if len(element) == 1 else None
    if inner is not None and not (element.text or "").strip() and not (inner.tail or "").strip():
        name = str(inner.tag).rpartition("}")[2].lower()
        speaking = _SPEAKING.intersection(map(str, inner.keys()))
        if not speaking and (name == "body" or (division and name == "div")):
            return _written(inner, base, based(inner, base))
    return _written(element, base, base)


def _written(element: etree._Element, base: str | None, here: str | None) -> str:
    around = etree.Element("div")
    _fill(around, element, base, here)
    etree.cleanup_namespaces(around)
    whole = etree.tostring(around, encoding="unicode", with_tail=False)
    return whole[whole.index(">") + 1 : max(whole.rindex("<"), whole.index(">") + 1)].strip()


def _fill(copy: etree._Element, source: etree._Element, base: str | None, here: str | None) -> None:
    """Fill a copy with what is in an element: no prefixes, no xml: attributes, no comments."""
    copy.text = source.text or copy.text
    for child in source.iterchildren("*"):
        below = based(child, here)
        part = _empty_copy(child, base, below)
        _fill(part, child, base, below)
        part.tail = child.tail
        copy.append(part)


def _empty_copy(source: etree._Element, base: str | None, here: str | None) -> etree._Element:
    namespace, _, local = str(source.tag).removeprefix("{").rpartition("}")
    name = local.rpartition(":")[2]
    if not _NAME.fullmatch(name):  # <x:>, <x:1>
        name = "span"
    if namespace in _DRAWN:
        # lxml-stubs know no default namespace, which lxml calls None.
        spaces: Any = {None: namespace, "xlink": _XLINK}
        copy = etree.Element(f"{{{namespace}}}{name}", nsmap=spaces)
    else:
        copy = etree.Element(_PREFORMATTED.get(name.lower(), name))
        copy.text = None if name in _VOID else ""
    for key, value in ((str(key), str(value)) for key, value in source.attrib.items()):
        if key in {_XML_LANG, "xml:lang"}:
            copy.set("lang", value)
        elif key in _ADDRESSES and here and here != base:
            copy.set(key, clean.join(here, value))
        elif _NAME.fullmatch(key.removeprefix(f"{{{_XLINK}}}")):
            copy.set(key, value)
    return copy
