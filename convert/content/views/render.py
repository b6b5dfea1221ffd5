"""Prepared markup, rendered the way one format shows it: pure functions on content.

``VIEWS`` is the chain: each step takes the root and the view and changes what concerns it.
A body that nothing in the chain concerns is handed through as the text it is, unparsed.
Every choice is a field of ``View``; docs/prepared-markup.md says what stands in the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from lxml import etree

from convert.content.tree import take
from convert.content.views.highlight import highlight
from convert.content.views.math import show_math
from convert.content.views.notes import show_notes
from convert.content.views.pictures import show_drawings, show_pictures
from convert.content.views.view import View
from convert.content.vocabulary import VOID
from convert.model import Content
from convert.text.markup import parse

Step = Callable[[etree._Element, View], None]


def render(content: Content, view: View) -> str:
    """Return the body as XHTML text without the root: it parses as XML inside any XHTML element,
    and as HTML to the same tree (every element but the void ones has an end tag)."""
    body = content.xhtml
    if any(concerns(body, view) for _, concerns, _ in VIEWS):
        body = etree.tostring(element(content, view), encoding="unicode")
    opened = body.index(">")  # that of the root: serialised attributes hold no ">"
    inner = "" if body[opened - 1] == "/" else body[opened + 1 : body.rindex("</")]
    if "/>" not in inner:
        return inner
    # An HTML parser reads ``<td/>`` as a start tag, ``<td></td>`` as an element.
    return _EMPTY.sub(
        lambda tag: tag[0] if tag[1] in VOID else f"<{tag[1]}{tag[2].rstrip()}></{tag[1]}>", inner
    )


def element(content: Content, view: View) -> etree._Element:
    """Return the body as a tree of un-namespaced elements under a ``<div>``; ``svg`` and ``math``
    have their ``xmlns``, and ``epub:type`` its namespace.  The caller may change it."""
    root = parse(content.xhtml)
    for _, concerns, step in VIEWS:
        if concerns(content.xhtml, view):
            step(root, view)
    return root


def link_citations(root: etree._Element, view: View) -> None:
    """Lead ``entry:KEY#fragment`` to the address in this output, else to the original one."""
    for anchor in root.iter("a"):
        href = anchor.get("href") or ""
        if not href.startswith("entry:"):
            continue
        address = take(anchor, "data-address")
        key, _, fragment = href.removeprefix("entry:").partition("#")
        target = view.citation(key, fragment) or address
        if target is None:
            del anchor.attrib["href"]
        else:
            anchor.set("href", target)


def lower_headings(root: etree._Element, view: View) -> None:
    """Lower headings by ``View.headings`` levels; h6 is the floor."""
    for heading in root.iter("h2", "h3", "h4", "h5", "h6"):
        heading.tag = f"h{min(6, int(heading.tag[1]) + view.headings)}"


def prefix_ids(root: etree._Element, view: View) -> None:
    """Put ``View.prefix`` before every id and before every reference to one."""
    prefix = view.prefix
    for each in root.iter():
        for name, value in cast("list[tuple[str, str]]", each.items()):
            if name == "id":
                each.set(name, prefix + value)
            elif name.endswith("href"):
                if value.startswith("#"):
                    each.set(name, f"#{prefix}{value[1:]}")
            elif name in _ID_LISTS:
                each.set(name, " ".join(prefix + one for one in value.split()))
            elif "url(#" in value and name not in _PROSE:
                each.set(name, value.replace("url(#", f"url(#{prefix}"))


def lead_to_page(root: etree._Element, view: View) -> None:
    """Call every place as the entry's own page does, and lead what leads to one there."""
    for each in root.iter():
        name, href = each.get("id") or "", each.get("href") or ""
        if name in view.anchors:
            each.set("id", view.anchors[name])
        if each.tag == "a" and href.startswith("#"):
            place = view.anchors.get(href[1:], href[1:])
            each.set("href", f"{view.page}#{quote(place, safe=_IN_FRAGMENTS)}")


# RFC 3986 §3.5.
_IN_FRAGMENTS = "!$&'()*+,;=:@/?-._~"
_PROSE = frozenset({"alt", "title", "alttext", "aria-label", "data-address"})
_ID_LISTS = frozenset({"aria-labelledby", "aria-describedby", "headers", "for"})
_EMPTY = re.compile(r"<([^\s<>/]+)((?:\s[^<>]*)?)/>")

# Each step with the cheap look that tells whether a body concerns it.  Citations come after
# the prefixes: what ``View.citation`` answers is final.  Formulas become SVG after the ids.
VIEWS: tuple[tuple[str, Callable[[str, View], bool], Step], ...] = (
    ("pictures", lambda body, view: "<img" in body, show_pictures),
    ("notes", lambda body, view: 'role="doc-' in body, show_notes),
    ("code", lambda body, view: view.code == "highlighted" and "data-language" in body, highlight),
    ("headings", lambda body, view: view.headings > 0 and "<h" in body, lower_headings),
    (
        "page",
        lambda body, view: bool(view.page) and ('="#' in body or bool(view.anchors)),
        lead_to_page,
    ),
    (
        "ids",
        lambda body, view: bool(view.prefix) and (' id="' in body or '="#' in body),
        prefix_ids,
    ),
    ("citations", lambda body, view: 'href="entry:' in body, link_citations),
    ("drawings", lambda body, view: "<svg" in body, show_drawings),
    ("maths", lambda body, view: "<math" in body or 'class="tex"' in body, show_math),
)
