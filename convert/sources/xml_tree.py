"""The tree of a document that a stranger wrote, well-formed or not.

What is not well-formed is made so: a start tag that nothing ends, an end tag of nothing, values
without quotes.  So there is one reader of trees, and none of pieces.
"""

from __future__ import annotations

import collections
import html
import re
from typing import NamedTuple

from lxml import etree

from convert.sources import xml_text

DEEPEST = 240
"""Open elements; tags deeper than that go, and their text stays.  libxml2 stops at 256."""
WRAPPER = "mended"
"""The element around a document that was made well-formed."""
_STRICT = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
)
# Of a document that is well-formed this excuses prefixes that nothing declares.
_TOLERANT = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    remove_comments=True,
    remove_pis=True,
    huge_tree=True,
    recover=True,
)
# Possessive quantifiers ("*+"), and none goes past the next "<": nothing is read twice.
_TOKEN = re.compile(
    r"""<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)
      |<!--.*?(?:-->|\Z) | <\?.*?(?:\?>|\Z) | <![^<>]*+>
      |</(?P<end>[^\W\d][\w.:-]*+)[^<>]*+>?
      |<(?P<start>[^\W\d][\w.:-]*+)(?=[\s/>])
        (?P<attributes>(?:[^<>"']++|"[^<"]*+"|'[^<']*+')*+ | [^<>]*+)>
      |<""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"""(?<![\w.:-])(?P<name>[^\W\d][\w.:-]*+)\s*+=\s*+(?:"(?P<d>[^"]*+)"|'(?P<s>[^']*+)'|(?P<u>[^\s"']++))"""
)
_SECTION = re.compile(r"<(?P<name>[^\W\d][\w.:-]*+)[^<>]*+>\s*+<!\[CDATA\[")
_TAG_BEHIND = re.compile(r"\s*+</?\w")
_NO_END = re.compile(r"\]\s?\]\s?>?\s*\Z")
_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*\Z", re.IGNORECASE)
_UNQUOTED = re.compile(r"=\s*[^\s\"'=]+/\Z")
_LINKING = frozenset(("a", "iframe", "video", "audio"))
"""HTML's elements with an address and an end tag."""
_VOID = frozenset(("area", "br", "col", "embed", "hr", "img", "input", "wbr"))
"""HTML's elements without content; not ``link`` and ``source``, which hold text in RSS."""
_UNITS = frozenset(("entry", "item"))
_AROUND_UNITS = frozenset(("channel", "feed", "rdf", "rss"))
_LINES = frozenset(
    ("category", "guid", "id", "language", "link", "pubdate", "published", "title", "updated")
)
"""Elements of feeds that hold text, and none of these and the next."""
_FIELDS = _LINES | {"author", "content", "description", "encoded", "enclosure", "summary"}


class Tree(NamedTuple):
    """A document.  ``broken`` says where it stops being well-formed, ``cut`` that it ends there:
    the tree then holds what is complete.  The root may be a wrapper around several."""

    root: etree._Element
    broken: str | None = None
    cut: bool = False


def parse(text: str) -> Tree | None:
    """Return the tree of a document that ``xml_text.read`` gave; None where it has no element."""
    text, endless = with_sections_ended(text)
    try:
        return Tree(etree.fromstring(text.encode(), _STRICT), endless)  # noqa: TID251 - a stranger's
    except (etree.XMLSyntaxError, ValueError):
        pass
    scan = xml_text.scan(text)
    whole = scan.whole if scan.whole is not None else text
    if scan.depth > DEEPEST or (scan.broken is not None and scan.whole is None):
        whole = mended(whole)
    try:
        root = etree.fromstring(whole.encode(), _TOLERANT)  # noqa: TID251 - as above
    except (etree.XMLSyntaxError, ValueError):
        return None
    # lxml-stubs do not know that there may be nothing to recover.
    is_tree = isinstance(root, etree._Element)
    return Tree(root, endless or scan.broken, scan.whole is not None) if is_tree else None


def with_sections_ended(text: str) -> tuple[str, str | None]:
    """Return a document in which each CDATA section ends within its element, and where one did
    not, None for nowhere: it swallowed what follows, up to the end of the next one.

    What ends in the middle of a section stays so, but for a feed that is there to its end.
    """
    pieces: list[str] = []
    first = None
    is_whole = _END.search(text[-200:]) is not None
    position = after = close = 0
    for section in _SECTION.finditer(text):
        at = section.end()
        if at < after:
            continue
        close = text.find("]]>", at) if close < at else close
        if close < 0:
            close = len(text)
        end = text.find(f"</{section['name']}>", at, close)
        behind = _TAG_BEHIND.match(text, end + len(section["name"]) + 3) if end >= 0 else None
        is_last = close == len(text)
        if behind and (is_whole if is_last else text.find("<![CDATA[", end, close) >= 0):
            first = (
                first or f"line {text.count(chr(10), 0, at) + 1}: a CDATA section without an end"
            )
            pieces += (text[position:at], _NO_END.sub("", text[at:end]), "]]>")
            position = after = end
        else:
            after = close
    return "".join((*pieces, text[position:])), first


def mended(text: str) -> str:
    """Return a document that is well-formed, in an element of its own, with all the text.

    An end tag ends what was opened since; an entry or item begins outside of everything but
    the feed, and a field of either outside of a title, an id and the like.
    """
    pieces = [f"<{WRAPPER}>"]
    opened: list[str] = []
    around: list[int] = []  # how many are open with each element around units
    names: collections.Counter[str] = collections.Counter()
    position = 0

    def close(count: int) -> None:
        """Close the innermost elements until so many are open."""
        while len(opened) > count:
            name = opened.pop()
            names[name.lower()] -= 1
            if len(opened) < DEEPEST:
                pieces.append(f"</{name}>")
        while around and around[-1] > count:
            around.pop()

    for token in _TOKEN.finditer(text):
        pieces.append(text[position : token.start()])
        position = token.end()
        if token["cdata"] is not None:
            pieces.append(html.escape(token["cdata"], quote=False))
        elif end := (token["end"] or "").lower():
            if names[end]:
                close(next(at for at in reversed(range(len(opened))) if opened[at].lower() == end))
        elif name := token["start"]:
            local = name.rpartition(":")[2].lower()
            if local in _UNITS and around:
                close(around[-1])
            elif local in _FIELDS and opened and opened[-1].lower() in _LINES:
                close(len(opened) - 1)
            attributes = token["attributes"]
            # HTML 13.1.2.3: the slash behind a value without quotes is of the value.
            is_open = name.lower() in _LINKING and _UNQUOTED.search(attributes)
            is_empty = (attributes.endswith("/") and not is_open) or name.lower() in _VOID
            attributes = attributes.removesuffix("/") if is_empty else attributes
            if len(opened) < DEEPEST:
                pieces.append(f"<{name}{_attributes(attributes)}{'/' if is_empty else ''}>")
            if not is_empty:
                opened.append(name)
                names[name.lower()] += 1
                if local in _AROUND_UNITS:
                    around.append(len(opened))
        elif token[0] == "<":
            pieces.append("&lt;")
    pieces.append(text[position:])
    close(0)
    return "".join((*pieces, f"</{WRAPPER}>"))


def _attributes(written: str) -> str:
    """Return attributes as XML has them: each once, in quotes."""
    values: dict[str, str] = {}
    for each in _ATTRIBUTE.finditer(written):
        value = each["d"] or each["s"] or each["u"] or ""
        values.setdefault(each["name"], value.replace('"', "&quot;"))
    return "".join(f' {name}="{value}"' for name, value in values.items())
