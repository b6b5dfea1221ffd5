"""Atom's XHTML constructs as the same markup in text, where no parser of feeds can bend it.

feedparser rebuilds such markup event by event: it lowers the case of SVG and MathML, repeats
declarations of namespaces and knows no xml:base below the construct.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from convert.sources import clean

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
    """Return the document with each ``type="xhtml"`` construct as ``type="html"``.

    The text is both HTML and XML; references below an xml:base of its own are made absolute.
    Documents that lxml does not read (deep nests, huge texts) are returned as they are.
    """
    if not _MAY_HOLD_XHTML.search(document):
        return document
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        source = document.encode()
        root = etree.fromstring(source, parser, base_url=address or "")  # noqa: TID251 - a feed
    except etree.XMLSyntaxError:
        return document
    for element in list(root.iter(*_CONSTRUCTS)):
        division = next(iter(element.iterchildren("*")), None)
        if element.get("type") == "xhtml" and division is not None:
            copy = _plain_copy(division, division.base)
            etree.cleanup_namespaces(copy)
            whole = etree.tostring(copy, encoding="unicode", with_tail=False)
            del element[:]
            # The <div> itself is no part of the content (RFC 4287 §3.1.1.3).
            element.text = whole[whole.index(">") + 1 : whole.rindex("<")].strip()
            element.set("type", "html")
    return etree.tostring(root, encoding="unicode")


def _plain_copy(source: etree._Element, base: str | None) -> etree._Element:
    """Return a copy as HTML has it: no prefixes, no xml: attributes, no comments."""
    name = etree.QName(source)
    if name.namespace in (_XHTML, None):
        copy = etree.Element(name.localname)
        copy.text = source.text or (None if name.localname in _VOID else "")
    else:
        # lxml-stubs know no default namespace, which lxml calls None.
        spaces: Any = {None: name.namespace, "xlink": _XLINK}
        copy = etree.Element(name, nsmap=spaces)
        copy.text = source.text
    for key, value in ((str(key), str(value)) for key, value in source.attrib.items()):
        if key == _XML + "lang":
            copy.set("lang", value)
        elif key in _ADDRESSES and source.base and source.base != base:
            copy.set(key, clean.join(source.base, value))
        elif not key.startswith("{") or key.startswith(f"{{{_XLINK}}}"):
            copy.set(key, value)
    for child in source:
        if isinstance(child.tag, str):
            below = _plain_copy(child, base)
            below.tail = child.tail
            copy.append(below)
        elif len(copy):
            copy[-1].tail = (copy[-1].tail or "") + (child.tail or "")
        else:
            copy.text = (copy.text or "") + (child.tail or "")
    return copy
