"""Maps of pictures: what can be clicked in one becomes a list of links beside it."""

from __future__ import annotations

from lxml import etree

from convert.content.tree import drop, emerge, listed, new, unwrap
from convert.content.vocabulary import PHRASING, PHRASING_ONLY

_HOLDERS = PHRASING | PHRASING_ONLY | frozenset({"center", "font", "big", "tt"})


def mark(tree: etree._Element) -> None:
    """Make a list of the links of each map, behind the picture that uses it or where it stands."""
    users: dict[str, etree._Element] = {}
    for picture in tree.iter("img", "object"):
        if picture.get("usemap"):
            users.setdefault(str(picture.get("usemap")).lstrip("#"), picture)
    for each in listed(tree, "map"):
        links: dict[str, str] = {}
        for area in listed(each, "area"):
            if href := (area.get("href") or "").strip():
                words = area.get("alt") or area.get("title") or area.get("aria-label") or href
                links.setdefault(href, " ".join(words.split()))
            drop(area)
        if links:
            listing = new("ul")
            for href, words in links.items():
                item = new("li")
                item.append(new("a", words, href=href))
                listing.append(item)
            place_beside(listing, each, users.get(each.get("name") or each.get("id") or ""))
        unwrap(each)


def place_beside(
    listing: etree._Element, each: etree._Element, picture: etree._Element | None
) -> None:
    """Put a list behind a picture, or where its map stands."""
    beside = picture if picture is not None else each
    for above in beside.iterancestors("figure", "a", "picture"):
        beside = above
    listing.tail, beside.tail = beside.tail, None
    beside.addnext(listing)
    emerge(listing, _HOLDERS, lambda _: None)
