"""Elements of feeds that are neither text nor address, as values of the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from lxml import etree
from msgspec.structs import replace

from convert.model import Category
from convert.sources import clean
from convert.sources.feeds import entry_dates
from convert.sources.feeds.entry_dates import EntryDates, StatedDate
from convert.sources.feeds.exports import KIND
from convert.sources.feeds.vocabulary import Parts, attribute, name_of, text_of

# In the order in which they count.
_UPDATED = (
    "updated",
    "modified",
    "lastbuilddate",
    "dcterms:modified",
    "dc:date",
    "wp:post_modified_gmt",
)
_PUBLISHED = (
    *("published", "issued", "pubdate", "dcterms:issued", "wp:post_date_gmt"),
    # What journals write.
    "prism:publicationdate",
)
_CREATED = ("created", "dcterms:created", "date")
_CATEGORIES = ("category", "dc:subject", "itunes:category", "media:category")
_LISTS = ("itunes:keywords", "media:keywords", "keywords", "tags")
"""Elements that hold several categories, with commas between them."""
_SCHEMES = {
    "itunes:category": "http://www.itunes.com/",
    "itunes:keywords": "http://www.itunes.com/",
    "media:category": "http://search.yahoo.com/mrss/category_schema",
}
_LONGEST_ANSWER = 2_000


def date(parts: Parts) -> dt.datetime | None:
    """Return the date of a feed itself; None where it states none that can be read."""
    values = (each.value for each in (*_stated(parts, _UPDATED), *_stated(parts, _PUBLISHED)))
    return next(filter(None, map(entry_dates.of_feed, values)), None)


def dates(parts: Parts) -> EntryDates:
    """Return the dates of an entry."""
    return entry_dates.read(
        published=_stated(parts, _PUBLISHED),
        updated=_stated(parts, _UPDATED),
        created=_stated(parts, _CREATED),
    )


def _stated(parts: Parts, names: Iterable[str]) -> Iterator[StatedDate]:
    for element in parts.all(*names):
        yield StatedDate(str(element.tag).rpartition("}")[2], text_of(element))
    if names == _UPDATED:
        yield StatedDate("lastmod", attribute(parts.element, "lastmod"))  # CDF's


def categories(parts: Parts) -> tuple[Category, ...]:
    """Return RFC 4287 §4.2.2, RSS <category>, Dublin Core subjects, keywords, each once."""
    stated = (each for each in _categories(parts) if each.term)
    if not parts.rss:
        # RFC 4287 §4.2.2.3: "&lt;" in a label is a character and no markup.
        stated = (
            replace(each, term=clean.literal(each.term) or "", label=clean.literal(each.label))
            for each in stated
        )
    return tuple(dict.fromkeys(stated))


def _categories(parts: Parts) -> Iterator[Category]:
    for name in (*_CATEGORIES, *_LISTS):
        # Those of podcasts stand in each other.
        tops = [each for top in parts.all(name) for each in _listed(top)]
        for element in (each for top in tops for each in top.iter(top.tag)):
            text = text_of(element)
            scheme = attribute(element, "scheme", "domain") or _SCHEMES.get(name)
            if scheme == KIND:
                continue
            if name in _LISTS:
                for term in text.split(","):
                    yield Category(term=clean.line(term), scheme=clean.optional(scheme))
                continue
            label = clean.optional(attribute(element, "label"))
            term = clean.line(attribute(element, "term", "text") or text)
            # RFC 4287 demands a term; some feeds write but a label.
            yield Category(term=term or label or "", scheme=clean.optional(scheme), label=label)


def _listed(element: etree._Element) -> list[etree._Element]:
    """Return the elements of RDF's list in an element; itself where it holds none."""
    return [each for each in element.iter("*") if name_of(str(each.tag)) == "rdf:li"] or [element]


def answers(parts: Parts) -> tuple[str, ...]:
    """Return what RFC 4685's in-reply-to elements name."""
    stated = (attribute(each, "href", "ref") for each in parts.all("thr:in-reply-to"))
    return tuple(dict.fromkeys(each for each in stated if 0 < len(each) <= _LONGEST_ANSWER))
