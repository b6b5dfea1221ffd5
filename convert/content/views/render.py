"""Prepared markup, rendered the way one format shows it: pure functions on content.

``VIEWS`` is the chain: each step takes the root and the view and changes what concerns it.
A body that nothing in the chain concerns is handed through as the text it is, unparsed.
Every choice is a field of ``View``; docs/prepared-markup.md says what stands in the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from convert.content.tree import parse, take
from convert.content.views.highlight import highlight, highlight_css
from convert.content.views.math import show_math
from convert.content.views.notes import show_notes
from convert.content.views.pictures import show_pictures
from convert.content.views.view import Picture, View
from convert.model import Content

__all__ = ["VIEWS", "Picture", "View", "element", "highlight_css", "render"]

Step = Callable[[etree._Element, View], None]


def render(content: Content, view: View) -> str:
    """The body as XHTML text without the root: parses as XML inside any XHTML element, and as
    HTML to the same tree (every element but the void ones has an end tag)."""
    body = content.xhtml
    if _concerns(body, view):
        body = etree.tostring(element(content, view), encoding="unicode")
    return _with_end_tags(_inner(body))


def element(content: Content, view: View) -> etree._Element:
    """The body as a tree of un-namespaced elements under a ``<div>``; ``svg`` and ``math``
    have their ``xmlns``, and ``epub:type`` its namespace.  The caller may change it."""
    root = parse(content.xhtml)
    for _, concerns, step in VIEWS:
        if concerns(content.xhtml, view):
            step(root, view)
    return root


def link_citations(root: etree._Element, view: View) -> None:
    """``entry:KEY#fragment`` becomes the address in this output, else the original one."""
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
    """``View.headings`` levels further down; h6 is the floor."""
    for heading in root.iter("h2", "h3", "h4", "h5", "h6"):
        heading.tag = f"h{min(6, int(heading.tag[1]) + view.headings)}"


def prefix_ids(root: etree._Element, view: View) -> None:
    """``View.prefix`` before every id and before every reference to one."""
    for each in root.iter():
        for name, value in each.items():
            changed = _prefixed(str(name), str(value), view.prefix)
            if changed != value:
                each.set(name, changed)


def _prefixed(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name.endswith("href"):
        return f"#{prefix}{value[1:]}" if value.startswith("#") else value
    if name in _ID_LISTS:
        return " ".join(prefix + one for one in value.split())
    if "url(#" in value and name not in _PROSE:
        return value.replace("url(#", f"url(#{prefix}")
    return value


def name_vector_space(root: etree._Element, view: View) -> None:
    """``xmlns`` on the pictures that are drawn in the text."""
    for drawing in root.iter("svg"):
        if not any(True for _ in drawing.iterancestors("svg")):
            drawing.set("xmlns", "http://www.w3.org/2000/svg")


_PROSE = frozenset({"alt", "title", "alttext", "aria-label", "data-address"})
_ID_LISTS = frozenset({"aria-labelledby", "aria-describedby", "headers", "for"})

# Each step with the cheap look that tells whether a body concerns it.  Citations come after
# the prefixes: what ``View.citation`` answers is final.  Formulas become SVG after the ids.
VIEWS: tuple[tuple[str, Callable[[str, View], bool], Step], ...] = (
    ("pictures", lambda body, view: "<img" in body, show_pictures),
    ("notes", lambda body, view: 'role="doc-' in body, show_notes),
    ("code", lambda body, view: view.code == "highlighted" and "data-language" in body, highlight),
    ("headings", lambda body, view: view.headings > 0 and "<h" in body, lower_headings),
    (
        "ids",
        lambda body, view: bool(view.prefix) and (' id="' in body or '="#' in body),
        prefix_ids,
    ),
    ("citations", lambda body, view: 'href="entry:' in body, link_citations),
    ("svg", lambda body, view: "<svg" in body, name_vector_space),
    ("maths", lambda body, view: "<math" in body or 'class="tex"' in body, show_math),
)


def _concerns(body: str, view: View) -> bool:
    return any(concerns(body, view) for _, concerns, _ in VIEWS)


def _inner(body: str) -> str:
    """What stands between the tags of the root.  Serialised attributes hold no ``>``."""
    opened = body.index(">")
    return "" if body[opened - 1] == "/" else body[opened + 1 : body.rindex("</")]


_EMPTY = re.compile(r"<([^\s<>/]+)((?:\s[^<>]*)?)/>")
_VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "source", "track", "wbr"})


def _with_end_tags(markup: str) -> str:
    """``<td/>`` as ``<td></td>``: an HTML parser reads the former as a start tag."""
    if "/>" not in markup:
        return markup
    return _EMPTY.sub(
        lambda found: (
            found[0] if found[1] in _VOID else f"<{found[1]}{found[2].rstrip()}></{found[1]}>"
        ),
        markup,
    )
