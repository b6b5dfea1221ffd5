"""The addresses that a feed or an entry names, by what they are to it (RFC 4287 §4.2.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from convert.model import Link
from convert.sources import clean
from convert.sources.feeds.vocabulary import Parts, attribute, reference, text_of
from convert.text.languages import language_tag

_REGISTRY = "http://www.iana.org/assignments/relation/"
_PAGES = ("", "text/html", "application/xhtml+xml")
_FILES = ("audio/", "image/", "video/", "application/pdf", "application/octet-stream")
_FURTHER = ("alternate", "related", "via", "license", "replies")
"""What a reader of an entry may want to follow, beside the page and the enclosures."""


def stated(parts: Parts) -> Iterator[Link]:
    """Yield all links, of any relation, with addresses of the web: Atom's, RSS's, CDF's."""
    for element in parts.all("link"):
        href = parts.address(element, reference(element))
        if href is not None:
            yield Link(
                rel=relation(element),
                href=href,
                type=clean.optional(attribute(element, "type").lower()),
                hreflang=language_tag(attribute(element, "hreflang")),
                title=clean.literal(attribute(element, "title")),
            )
    if href := parts.address(parts.element, attribute(parts.element, "href")):
        yield Link(rel="alternate", href=href)
    for element in parts.all("content"):  # that lies elsewhere (RFC 4287 §4.1.3.2)
        href = parts.address(element, attribute(element, "src"))
        if href and not is_file(element):
            yield Link(rel="alternate", href=href, type=clean.optional(attribute(element, "type")))


def relation(element: etree._Element) -> str:
    """Return what an address is, by its short name (RFC 4287 §4.2.7.2)."""
    return attribute(element, "rel").lower().removeprefix(_REGISTRY) or "alternate"


def is_file(element: etree._Element) -> bool:
    """Tell whether the content of an entry is a file that lies elsewhere, and no page."""
    media_type = attribute(element, "type").lower()
    return bool(attribute(element, "src")) and media_type.startswith(_FILES)


def page(links: Iterable[Link], language: str | None) -> str | None:
    """Return the page of an entry or a feed: HTML before other forms, then the language that it
    is in, then what comes first."""

    def rank(link: Link) -> tuple[bool, bool]:
        foreign = bool(link.hreflang and language and _primary(link.hreflang) != _primary(language))
        return (link.type or "").partition(";")[0].strip() not in _PAGES, foreign

    pages = sorted((link for link in links if link.rel == "alternate"), key=rank)
    return pages[0].href if pages else None


def further(parts: Parts, links: Iterable[Link], chosen: str | None) -> tuple[Link, ...]:
    """Return the links of an entry that readers may follow, without its page, each once."""
    licences = [
        Link(rel="license", href=href)
        for each in parts.all("cc:license", "creativecommons:license")
        if (href := parts.address(each, reference(each)))
    ]
    comments = [
        Link(rel="replies", href=href, type=media_type)
        for name, media_type in (("comments", "text/html"), ("wfw:commentrss", None))
        for each in parts.all(name)
        if (href := parts.address(each, text_of(each)))
    ]
    stated = (each for each in links if each.rel in _FURTHER)
    every = {(each.rel, each.href): each for each in (*stated, *licences, *comments)}
    return tuple(each for each in every.values() if (each.rel, each.href) != ("alternate", chosen))


def _primary(tag: str) -> str:
    return tag.partition("-")[0]
