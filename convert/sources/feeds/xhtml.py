"""Atom's XHTML constructs as the same markup in text, where no parser of feeds can bend it.

feedparser rebuilds such markup event by event: it lowers the case of SVG and MathML, repeats
declarations of namespaces and knows no xml:base below the construct.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

from lxml import etree

_ATOM = "{http://www.w3.org/2005/Atom}"
_XHTML = "http://www.w3.org/1999/xhtml"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_CONSTRUCTS = tuple(_ATOM + name for name in ("content", "summary", "title", "subtitle", "rights"))
_MAY_HOLD_XHTML = re.compile(r"type\s*=\s*[\"']xhtml[\"']")
_ADDRESSES = ("href", "src", "cite", "poster", "data")
# HTML's elements without content; any other must not be written as an empty tag, which an
# HTML parser would take for an open one.
_VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
    *("source", "track", "wbr"),
}


def as_text(document: str, address: str | None) -> str:
    """The document with each ``type="xhtml"`` construct as ``type="html"``.

    The text is both HTML and XML; references below an xml:base of its own are made absolute.
    Documents that lxml does not read (deep nests, huge texts) are given back as they are.
    """
    if not _MAY_HOLD_XHTML.search(document):
        return document
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(document.encode(), parser, base_url=address or "")
    except etree.XMLSyntaxError:
        return document
    for element in list(root.iter(*_CONSTRUCTS)):
        division = next(iter(element.iterchildren("*")), None)
        if element.get("type") == "xhtml" and division is not None:
            text = _inner(division)
            del element[:]
            element.text = text
            element.set("type", "html")
    return etree.tostring(root, encoding="unicode")


def _inner(division: etree._Element) -> str:
    """What stands in the <div>, which is no part of the content (RFC 4287 §3.1.1.3)."""
    made = _copied(division, division.base)
    etree.cleanup_namespaces(made)
    whole = etree.tostring(made, encoding="unicode", with_tail=False)
    return whole[whole.index(">") + 1 : whole.rindex("<")].strip()


def _copied(source: etree._Element, base: str | None) -> etree._Element:
    name = etree.QName(source)
    if name.namespace in (_XHTML, None):
        made = etree.Element(name.localname)
        made.text = source.text or (None if name.localname in _VOID else "")
    else:
        # lxml-stubs know no default namespace, which lxml calls None.
        spaces: Any = {None: name.namespace, "xlink": _XLINK}
        made = etree.Element(name, nsmap=spaces)
        made.text = source.text
    for key, value in _attributes(source):
        if key == _XML + "lang":
            made.set("lang", value)
        elif key in _ADDRESSES and source.base and source.base != base:
            made.set(key, _joined(source.base, value))
        elif not key.startswith("{") or key.startswith(f"{{{_XLINK}}}"):
            made.set(key, value)
    for child in source:
        if isinstance(child.tag, str):
            copy = _copied(child, base)
            copy.tail = child.tail
            made.append(copy)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + (child.tail or "")
        else:
            made.text = (made.text or "") + (child.tail or "")
    return made


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    return ((str(key), str(value)) for key, value in element.attrib.items())


def _joined(base: str, reference: str) -> str:
    try:
        return urllib.parse.urljoin(base, reference)
    except ValueError:
        return reference
