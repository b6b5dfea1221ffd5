"""feedgen, streamed: a head from its ``FeedGenerator``, then one ``FeedEntry`` at a time.

feedgen builds a whole feed in memory; its parts written into ``lxml.etree.xmlfile`` make the
same file in constant memory.  What feedgen has no field for is added to the element it makes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from convert.exporters.outline import NAMESPACE

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "gd": "http://schemas.google.com/g/2005",
    "fh": "http://purl.org/syndication/history/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "thicket": NAMESPACE,
    "thr": "http://purl.org/syndication/thread/1.0",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
STATED = ("thr", "media", "itunes", "thicket")
"""The prefixes that Atom and RSS state, beside what each has of its own."""


def new(name: str, text: str | None = None, **attributes: str) -> Any:
    """Return an element, as "title" or "dc:creator"; without a prefix it takes the document's
    default namespace."""
    prefix, _, local = name.rpartition(":")
    if prefix:
        namespace = NAMESPACES[prefix]
        element = etree.Element(f"{{{namespace}}}{local}", attributes, {prefix: namespace})
    else:
        element = etree.Element(name, attributes)
    element.text = text
    return element


def child(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> Any:
    """Add a ``new`` element to ``parent`` and return it."""
    element = new(name, text, **attributes)
    parent.append(element)
    return element


def write_feed(
    path: Path,
    root: str,
    attributes: dict[str, str],
    namespaces: dict[str | None, str],
    parts: Iterable[etree._Element],
    *,
    inner: str | None = None,
) -> None:
    """Write ``root`` (and ``inner`` within it) around the parts, each as it comes.

    ``namespaces`` are stated at the root and nowhere else: a validator of feeds warns of each
    statement of one that it does not know.
    """
    # A file of Python says why the disk takes no more; of a path lxml tells it in its own words.
    with path.open("wb") as file, etree.xmlfile(file, encoding="utf-8") as stream:
        stream.write_declaration()
        with contextlib.ExitStack() as elements:
            elements.enter_context(stream.element(root, attributes, nsmap=namespaces))
            stream.write("\n")
            if inner is not None:
                elements.enter_context(stream.element(inner))
                stream.write("\n")
            for part in parts:
                _write(stream, part)
                stream.write("\n")


def _write(stream: Any, element: etree._Element) -> None:
    """Write an element piece by piece: as a whole it would state its namespaces again."""
    if not len(element) and not element.nsmap:
        stream.write(element)
        return
    with stream.element(element.tag, element.attrib):
        if element.text:
            stream.write(element.text)
        for each in element:
            _write(stream, each)
