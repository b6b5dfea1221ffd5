"""Prepared bodies as trees: the one parser of markup that we, or a library for us, wrote.

Documents of strangers have parsers of their own, each with its limits and its reason.
"""

from __future__ import annotations

from lxml import etree

# huge_tree: libxml2 refuses a text of more than 10 MB otherwise, and prepared bodies may have
# one.  What it guards against (depth, entities) no prepared body has.
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def parse(markup: str | bytes) -> etree._Element:
    """Return the tree of a prepared body, or of XML that a library wrote for us; load nothing,
    whatever it says."""
    return etree.fromstring(markup, _PARSER)  # noqa: TID251 - this is the one
