"""The feeds that a page names (the ``rel="alternate"`` links of HTML)."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from bs4.filter import SoupStrainer

from convert.sources import clean

_KINDS = (
    "application/atom+xml",
    "application/rss+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/json",
    "application/xml",
    "text/xml",
)
# The links of a page stand in its head; what comes after this is no head.
_HEAD = 500_000


def feeds(page: bytes, address: str) -> tuple[str, ...]:
    """Return the absolute addresses of the page's feeds.

    Atom before RSS before JSON Feed, in the page's order; comments' feeds last.
    """
    # lxml, because Python's own parser is quadratic on hostile markup.
    soup = BeautifulSoup(page[:_HEAD], "lxml", parse_only=SoupStrainer(["base", "link"]))
    base = soup.find("base", href=True)
    stated = clean.join(address, str(base["href"]).strip()) if isinstance(base, Tag) else ""
    ranks: dict[str, tuple[bool, int]] = {}
    for link in soup.find_all("link", href=True):
        rel = " ".join(map(str, link.get_attribute_list("rel"))).lower().split()
        kind = str(link.get("type") or "").partition(";")[0].strip().lower()
        href = clean.web(clean.join(clean.web(stated) or address, str(link["href"]).strip()))
        if href and kind in _KINDS and ("alternate" in rel or "feed" in rel):
            comments = "comment" in f"{href} {link.get('title') or ''}".lower()
            ranks.setdefault(href, (comments, _KINDS.index(kind)))
    return tuple(sorted(ranks, key=lambda href: ranks[href]))
