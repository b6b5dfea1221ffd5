"""Raw markup to a tree, so that no element, attribute or text is read otherwise than by a browser.

The way is: ``scan`` (linear, caps depth), nh3 (html5ever's parser, as browsers parse, with a
wide list), then an XML parse of what nh3 wrote, because it keeps the case of SVG's names and
every space of ``pre``.
"""

from __future__ import annotations

import functools
import re

import nh3
from lxml import etree

from convert.content.draft import Note, note_nothing
from convert.content.parse.scan import scan
from convert.content.safety import allowlist
from convert.content.vocabulary import UNREADABLE, VOID, WIDE, WIDE_ATTRIBUTES
from convert.text.characters import legal

_DRAWN = {
    name for table in (allowlist.SVG, allowlist.MATHML) for row in table.values() for name in row
}
_USUAL = frozenset({"http", "https", "mailto", "data", "image", UNREADABLE[:-1]})
_ACTING = frozenset({"javascript", "livescript", "vbscript"})
# One for each attribute: a pattern that begins with a word is many times faster.
_SCHEMES = tuple(
    re.compile(rf"""{name}\s*+=\s*+["']?\s*+([A-Za-z][A-Za-z0-9+.-]{{0,30}}+):""")
    for name in ("href", "src", "data")
)
_MOST_SCHEMES = 20
# huge_tree: libxml2 stops at 256 levels otherwise; ``scan`` has set a limit already.
_PARSER = etree.XMLParser(
    huge_tree=True, resolve_entities=False, no_network=True, collect_ids=False
)
_VOID = re.compile(rf"<((?:{'|'.join(sorted(VOID & WIDE))})(?: [^>]*+)?)>")
_SCRIPT = re.compile(r"(</?)tex-(?=(?:(?:no)?script|style)[ >])")


@functools.lru_cache(maxsize=64)
def _cleaner(schemes: frozenset[str]) -> nh3.Cleaner:
    """Return the first clean; addresses of other schemes leave nothing in it."""
    return nh3.Cleaner(
        tags=set(WIDE),
        clean_content_tags=set(),
        attributes={"*": set(WIDE_ATTRIBUTES) | _DRAWN},
        generic_attribute_prefixes={"data-"},
        link_rel=None,
        url_schemes=set(schemes),
    )


def _schemes(markup: str) -> frozenset[str]:
    """Return the usual schemes and those that the addresses of a body have, so that each can be
    named; none that acts."""
    written = {each for pattern in _SCHEMES for each in pattern.findall(markup)}
    others = {each.lower() for each in written} - _USUAL - _ACTING
    return _USUAL.union(sorted(others)[:_MOST_SCHEMES])


def tidy(markup: str, note: Note = note_nothing, *, xml: bool = False) -> str:
    """Return markup as well-formed XHTML without namespaces, inside a ``<div>``.

    ``markup`` is any string at all; with ``xml`` it is read as an XML author meant it.  ``note``
    is told what was left out of it.
    Everything that acts is still in it where a step may need it; only ``sanitise`` makes it safe.
    """
    # nh3 refuses lone surrogates.
    encodable = markup.replace("\0", "").encode("utf-8", "ignore").decode()
    clean = legal(_cleaner(_schemes(encodable)).clean(scan(encodable, note, xml=xml)))
    closed = _VOID.sub(r"<\1/>", clean.replace("&nbsp;", "\u00a0"))
    if "tex-" in closed:
        closed = _SCRIPT.sub(r"\1", closed)
    return f"<div>{closed}</div>"


def read_xhtml(tidied: str) -> etree._Element:
    """Return the tree of what ``tidy`` returned."""
    return etree.fromstring(tidied, _PARSER)  # noqa: TID251 - not yet prepared
