"""What the W3C's feed validator warns of in the HTML and the XML of a feed, by its own rules.

It parses each body as HTML, counts what breaks the parser's rules and each element that HTML
does not have, and every statement of a namespace that it does not know.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import html5lib
from html5lib.html5parser import ParseError
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_KNOWN = {
    "http://www.w3.org/2005/Atom",
    "http://www.w3.org/XML/1998/namespace",
    "http://purl.org/rss/1.0/modules/content/",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/syndication/history/1.0",
    "http://purl.org/syndication/thread/1.0",
    "http://search.yahoo.com/mrss/",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
}
_UNSUPPORTED = {"http://schemas.google.com/g/2005"}
_HTML = frozenset(
    re.findall(
        r"\w+",
        """
        a abbr address area article aside audio b bdi bdo blockquote body br button caption
        cite code col colgroup data dd del details dfn div dl dt em fieldset figcaption figure
        footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label
        legend li link main map mark menu meta meter nav noscript object ol optgroup option
        output p param picture pre progress q rp rt ruby s samp script section select small
        source span strong style sub summary sup table tbody td template textarea tfoot th
        thead time title tr track u ul var video wbr
        """,
    )
)


def warnings(document: bytes) -> Counter[str]:
    """How often it warns of what."""
    root = etree.fromstring(document)
    found: Counter[str] = Counter()
    bodies = (f"{ATOM}content", f"{ATOM}summary", "description", f"{CONTENT}encoded")
    for each in (text for item in root.iter("item", f"{ATOM}entry") for text in item.iter(*bodies)):
        if not str(each.tag).startswith(ATOM) or each.get("type") == "html":
            found["NotHtml"] += _no_html(each.text or "")
    spaces = re.findall(rb' xmlns(?::\w+)?="([^"]*)"', b"".join(re.findall(rb"<[^<>]*>", document)))
    found["UnknownNamespace"] += sum(
        space.decode() not in _KNOWN | _UNSUPPORTED for space in spaces
    )
    found["UnsupportedNamespace"] += sum(space.decode() in _UNSUPPORTED for space in spaces)
    # It knows of each namespace where its elements may stand; of a person it knows no extension.
    found["UndefinedElement"] += sum(
        etree.QName(each).namespace in _KNOWN - {ATOM.strip("{}")}
        for person in root.iter(f"{ATOM}author", f"{ATOM}contributor")
        for each in person
    )
    moments = sorted(each.text or "" for each in root.iterfind(f"{ATOM}entry/{ATOM}updated"))
    found["DuplicateUpdated"] += sum(one == other for one, other in pairwise(moments))
    for item in root.iter("item"):
        names = [each.tag for each in item]
        late = (
            f"{CONTENT}encoded" in names
            and "description" not in names[: names.index(f"{CONTENT}encoded")]
        )
        found["NeedDescriptionBeforeContent"] += late
    return +found


def _no_html(text: str) -> int:
    builder = html5lib.getTreeBuilder("etree")
    try:
        tree = html5lib.HTMLParser(strict=True, tree=builder).parseFragment(text)
    except ParseError:
        return 1
    tags = (str(each.tag).rpartition("}")[2] for each in tree.iter() if isinstance(each.tag, str))
    return sum(tag.lower() not in _HTML for tag in tags if tag != "DOCUMENT_FRAGMENT")
