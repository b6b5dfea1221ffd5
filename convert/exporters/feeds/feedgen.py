"""feedgen, streamed: a head from its ``FeedGenerator``, then one ``FeedEntry`` at a time.

feedgen builds a whole feed in memory; its parts written into ``lxml.etree.xmlfile`` make the
same file in constant memory.  What feedgen has no field for comes in as an ``Addition``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension
from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
HISTORY = "http://purl.org/syndication/history/1.0"
THREAD = "http://purl.org/syndication/thread/1.0"
XHTML = "http://www.w3.org/1999/xhtml"
XML = "http://www.w3.org/XML/1998/namespace"
XML_LANG = f"{{{XML}}}lang"

# feedgen names elements without a prefix to go with their namespace; these are the usual ones.
for _prefix, _namespace in (("content", CONTENT), ("atom", ATOM), ("dc", DC)):
    etree.register_namespace(_prefix, _namespace)


class Addition(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no type information
    """A feedgen extension that lets one function complete an entry's element, in either format."""

    def __init__(self, complete: Callable[[etree._Element], None]) -> None:
        self._complete = complete

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """Called by feedgen when the Atom entry stands."""
        self._complete(entry)
        return entry

    def extend_rss(self, entry: etree._Element) -> etree._Element:
        """Called by feedgen when the RSS item stands."""
        self._complete(entry)
        return entry


def add(entry: FeedEntry, name: str, complete: Callable[[etree._Element], None]) -> None:
    """Registers an addition with a feedgen entry, under a name of its own."""
    entry.register_extension(name, lambda: Addition(complete))


def child(parent: etree._Element, name: str, text: str | None = None, **values: str) -> Any:
    """An element under ``parent``; without namespace it takes the document's default."""
    made = etree.SubElement(parent, name, dict(values))
    made.text = text
    return made


def write_feed(
    path: Path,
    *,
    root: str,
    namespaces: Mapping[str | None, str],
    attributes: Mapping[str, str],
    parts: Iterable[etree._Element],
    inner: str | None = None,
) -> None:
    """Writes ``root`` (and ``inner`` within it) around the parts, each as it comes."""
    with etree.xmlfile(str(path), encoding="utf-8") as stream:
        stream.write_declaration()
        with stream.element(root, dict(attributes), nsmap=dict(namespaces)):
            if inner is None:
                _write_parts(stream, parts)
            else:
                stream.write("\n")
                with stream.element(inner):
                    _write_parts(stream, parts)


def _write_parts(stream: Any, parts: Iterable[etree._Element]) -> None:
    stream.write("\n")
    for part in parts:
        stream.write(part)
        stream.write("\n")
