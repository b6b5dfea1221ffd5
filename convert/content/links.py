"""Links: addresses made absolute and clean, anchors by name made ids.

What leads to the entry's own feed leads into the entry.  An address that cannot be linked to is
said in words.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Self
from urllib.parse import unquote, urlsplit

from lxml import etree

from convert.content.draft import Draft
from convert.content.tree import append_text, ids_of, inside, selector, text_of, unwrap_all
from convert.content.vocabulary import UNREADABLE
from convert.text.addresses import absolute, clean_address, feed_address, same_address_key
from convert.text.characters import fold, shortened

_CITING = ("blockquote", "q", "del", "ins")
_REPLIES = frozenset(("u-in-reply-to", "in-reply-to"))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FEED = re.compile(
    r".*(?:\.(?:xml|rss2?|atom|rdf)|[/.](?:feeds?|rss2?|atom)"
    r"(?:\.json|/(?:atom|rss2?|rdf|json|default|posts/default))?)/?",
    re.IGNORECASE,
)
"""The paths of feeds, as they are usually called …"""
_BELOW_FEEDS = re.compile(r".*/(?:feeds?|rss2?|atom)/.*", re.IGNORECASE)
"""… and where one stands whose address is known."""
_WITHOUT_SCHEME = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+(?:[/?#:].*)?", re.IGNORECASE | re.DOTALL)
_NAMES = (
    (re.compile(r"(?:doi:|info:doi/|urn:doi:)\s*(?=10\.)", re.IGNORECASE), "https://doi.org/"),
    (re.compile(r"(?:hdl:|info:hdl/|urn:hdl:)\s*(?=\d)", re.IGNORECASE), "https://hdl.handle.net/"),
)
"""Names of things, and where they are looked up."""
_ACTING = frozenset({"javascript", "livescript", "vbscript"})
_EMPTY = frozenset({"about:blank", "about:srcdoc"})
_WITHIN = frozenset({"blob", "cid", "data", "file", "filesystem"})
"""Schemes of what is nowhere but on the machine that wrote it."""
_DEAD = "data-dead"
_DEAD_LINKS = selector(f".//a[@{_DEAD}]")
_WORDLESS = selector(
    ".//a[@href][not(normalize-space() or starts-with(@href, '#'))]"
    "[not(.//img or .//svg or .//math)]"
)
_LONGEST = 300
_SHOWN = 60


def mark(tree: etree._Element, draft: Draft) -> None:
    """Make every ``href`` an absolute address, or ``#`` and the raw id of an element here, or
    take it away and say in words what it was; note in the draft what the entry says it replies
    to."""
    place = _Place.of(tree, draft)
    for anchor in tree.iter("a", "area"):
        if (name := anchor.get("name")) and not anchor.get("id"):
            anchor.set("id", name)
        href = anchor.get("href")
        if href is None:
            continue
        address = place.address(href)
        if address is None:
            del anchor.attrib["href"]
            if not place.leads_here(href) and not inside(anchor, "svg"):
                _say(anchor, fold(href).removeprefix(UNREADABLE), draft)
            continue
        anchor.set("href", address)
        if "#" in address and address[0] != "#" and place.leads_here(address):
            anchor.set(_DEAD, "")
        named = f"{anchor.get('class', '')} {anchor.get('rel', '')}".split()
        if not _REPLIES.isdisjoint(named) and address.startswith("http"):
            draft.answers.append(address)
    for quoting in tree.iter(*_CITING):
        cite = quoting.get("cite")
        if cite is not None:
            quoting.set("cite", absolute(cite, draft.base) or "")


def end(tree: etree._Element, draft: Draft) -> None:
    """End the links to places in the entry's own feed that are nowhere: up to here they told
    which links belong to footnotes.  Links that show nothing are called by their names."""
    unwrap_all(tree, _DEAD_LINKS(tree))
    if wordless := _WORDLESS(tree):
        _name(tree, wordless, draft)


def _name(tree: etree._Element, wordless: list[etree._Element], draft: Draft) -> None:
    """Give links that show nothing the words that they are called by; note where one without leads,
    unless the entry does so elsewhere, or it is itself."""
    shown = {str(each.get("href")) for each in tree.iter("a") if text_of(each).strip()}
    own = {absolute(draft.stored.link or "", draft.base), draft.base}
    for link in wordless:
        href = str(link.get("href"))
        label = link.get("aria-label") or link.get("title") or ""
        if label.strip() and link.get("aria-hidden") != "true":
            link.text = " ".join(label.split())
            for inner in link:
                inner.tail = None
        elif href not in shown and href.partition("#")[0] not in own:
            draft.note(f"a link to {shortened(href, _SHOWN)!r} shows nothing; left out")


def _say(anchor: etree._Element, href: str, draft: Draft) -> None:
    """Put an address that cannot be linked to after the words, where they do not say it."""
    scheme = _SCHEME.match(href)
    name = scheme[1].lower() if scheme else ""
    bare = href[scheme.end() :].strip("/ ") if scheme else href
    if name in _ACTING or not bare or href.lower() in _EMPTY:
        return
    if (not scheme and not href.startswith("//")) or name in _WITHIN or len(href) > _LONGEST:
        draft.note(f"{shortened(href, _SHOWN)!r} cannot be linked to; only the link's text is left")
    elif bare.casefold() not in text_of(anchor).casefold():
        append_text(anchor, f" ({href})")


@functools.lru_cache(maxsize=1024)
def is_feed(address: str) -> bool:
    """Tell whether a web address is that of a feed, as feeds are usually called.

    >>> is_feed("https://a.b/feed/"), is_feed("https://a.b/x/index.xml"), is_feed("https://a.b/x")
    (True, True, False)
    """
    parts = urlsplit(address)
    return (
        _FEED.fullmatch(parts.path) is not None
        or re.search(r"(?:^|&)(?:feed|format)=(?:rss2?|atom|feed)", parts.query) is not None
    )


def page(draft: Draft) -> str | None:
    """Return the address that places of an entry are looked for at: never that of a feed."""
    addresses = (draft.base, absolute(draft.stored.link or "", draft.base))
    return next((each for each in addresses if each and not is_feed(each)), None)


@dataclasses.dataclass(frozen=True)
class _Place:
    """Where an entry stands: what its references are relative to, and which lead into it."""

    base: str | None
    pages: frozenset[str]
    """The addresses of the entry itself, by their keys."""
    feeds: frozenset[str]
    """Those of feeds that it is in, by their keys."""
    hosts: frozenset[str]
    ids: frozenset[str]

    @classmethod
    def of(cls, tree: etree._Element, draft: Draft) -> Self:
        stored = draft.stored
        own = absolute(stored.link or "", draft.base)
        near = (draft.base, own, stored.base, stored.source, stored.path, stored.origin)
        web = [each for each in near if each and each[:4].lower() == "http"]
        feeds = frozenset(
            same_address_key(each)
            for each in web
            if is_feed(each) or _BELOW_FEEDS.fullmatch(urlsplit(each).path)
        )
        pages = [each for each in (draft.base, own) if each]
        keys = frozenset(map(same_address_key, pages)) - feeds
        return cls(
            base=page(draft),
            pages=keys,
            feeds=feeds,
            hosts=frozenset(urlsplit(each).netloc for each in web),
            ids=ids_of(tree),
        )

    def has(self, fragment: str) -> bool:
        return fragment in self.ids or unquote(fragment) in self.ids

    def leads_here(self, href: str) -> bool:
        """Tell whether an address is a place in the entry, or in a feed that it is in."""
        if href.strip().startswith("#"):
            return True
        address = absolute(href, self.base)
        if address is None or "#" not in href:
            return False
        key = same_address_key(address)
        return key in self.feeds or (urlsplit(address).netloc in self.hosts and is_feed(address))

    def address(self, href: str) -> str | None:
        """Return what an ``href`` leads to; None where that is nothing to link to."""
        href = href.strip()
        fragment = href.partition("#")[2]
        if href.startswith("#"):
            return self.own_place(fragment)
        address = absolute(written_out(href), self.base, linked=True)
        if address is None or "#" not in href:
            return address
        if self.has(fragment):
            is_here = same_address_key(address) in self.pages or self.leads_here(href)
            return f"#{address.partition('#')[2]}" if is_here else address
        return None if not fragment and self.leads_here(href) else address

    def own_place(self, fragment: str) -> str | None:
        """Return what a place of the entry is linked to by, or of its page; None for its top."""
        if self.has(fragment):
            return f"#{fragment}"
        if unquote(fragment).lower() in {"", "top"} or self.base is None:
            return None
        return clean_address(f"{self.base.partition('#')[0]}#{fragment}")


def written_out(href: str) -> str:
    """Return an address with the scheme that was left out, or of where a name is looked up."""
    if href[:4].lower() == "http":
        return href
    if _WITHOUT_SCHEME.fullmatch(href):
        return f"https://{href}"
    for name, place in _NAMES:
        if looked_up := name.match(href):
            return f"{place}{href[looked_up.end() :]}"
    return feed_address(href)
