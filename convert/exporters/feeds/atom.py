"""Atom: a merged feed as RFC 4287 §4.2.11 means it, paged and archived by RFC 5005, threaded
by RFC 4685.

Every entry keeps its id, its authors and the metadata of the feed that it came from.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from convert.exporters.feeds.entry import (
    add_face,
    add_facts,
    add_thread,
    body_of,
    category_fields,
    file_link,
    further_links,
    identity,
    page_links,
    person_fields,
    summary_of,
)
from convert.exporters.feeds.exporter import Edition, FeedExporter
from convert.exporters.feeds.feedgen import (
    NAMESPACES,
    STATED,
    XML_LANG,
    child,
    new,
    write_feed,
)
from convert.model import Content, Entry, Feed
from convert.text.languages import language_tag
from convert.text.markup import parse


def write(edition: Edition, path: Path) -> None:
    """Write one feed document, element by element."""
    entries = (entry_element(edition, *each) for each in edition.contents())
    # A validator warns of it, so it is stated where there is a face.
    prefixes = (*STATED, "fh", "xml", *(("gd",) if edition.has_faces else ()))
    write_feed(
        path,
        "feed",
        {XML_LANG: edition.document.language},
        {None: NAMESPACES["atom"]} | {prefix: NAMESPACES[prefix] for prefix in prefixes},
        itertools.chain(head_elements(edition), entries),
    )


def head_elements(edition: Edition) -> Iterator[etree._Element]:
    """Yield the metadata of the feed, made by feedgen."""
    document = edition.document
    head = FeedGenerator()
    head.id(document.id)
    head.title(document.title)
    head.updated(document.updated)
    head.subtitle(document.subtitle or None)
    head.rights(document.rights)
    head.generator(edition.generator, edition.version)
    head.icon(edition.icon)
    head.logo(edition.logo)
    head.link(edition.links())
    # The root of the stream states the namespace; feedgen's text without it is the same.
    namespace = f' xmlns="{NAMESPACES["atom"]}"'.encode()
    yield from parse(head.atom_str().replace(namespace, b"", 1))
    if document.archive:
        yield new("fh:archive")


def entry_element(edition: Edition, entry: Entry, content: Content) -> etree._Element:
    """Return one entry, made by feedgen and completed with what it has no field for."""
    entries = edition.entries
    feed_entry = FeedEntry()
    feed_entry.id(identity(entry.id))
    title = edition.title(entry)
    # feedgen refuses an empty title, which RFC 4287 §4.2.14 allows: it is emptied below.
    feed_entry.title(title or " ")
    feed_entry.updated(entry.updated)
    feed_entry.published(entry.published)
    authors = entries.authors(entry)
    feed_entry.author([person_fields(each) for each in authors])
    feed_entry.contributor([person_fields(each) for each in entry.contributors])
    feed_entry.rights(entry.rights)
    if entry.link:
        feed_entry.link(href=entry.link)  # feedgen asks for one, and is given better below
    feed_entry.category([category_fields(each) for each in entry.categories if each.term])
    add_texts(edition, entry, content, feed_entry)
    element: etree._Element = feed_entry.atom_entry()
    if language := language_tag(entry.language):
        element.set(XML_LANG, language)
    for written in () if title else element.iterfind("title"):
        written.text = None
    people = zip(("author", "contributor"), (authors, entry.contributors), strict=True)
    for role, persons in people:
        for person, written in zip(persons, element.iterfind(role), strict=True):
            add_face(person, written)
    add_facts(entry, element)
    for link in element.findall("link"):
        element.remove(link)
    files = map(file_link, entry.enclosures)
    for fields in (*page_links(entry), *files, *further_links(entries, entry)):
        child(element, "link", **fields)
    if (source := edition.source(entry)) is not None:
        add_source(source, element)
    add_thread(entries, entry, element, settled=edition.document.archive)
    edition.show(entry, "xml", lambda: etree.tostring(element, encoding="unicode"))
    return element


def add_texts(edition: Edition, entry: Entry, content: Content, feed_entry: FeedEntry) -> None:
    """Add content and summary, as RFC 4287 §4.1.3 and §4.2.13 want them.

    An entry whose source gave only a summary has no content, so that a reader knows that
    the whole stands elsewhere; without an address of that the summary is its content.
    """
    if edition.options.content == "summary":
        summary = summary_of(entry, content.text) or edition.title(entry)
        if entry.link:
            feed_entry.summary(summary)
        else:
            feed_entry.content(summary or " ", type="text")
        return
    body = body_of(entry, content, edition.view) or " "
    if not entry.full and entry.link:
        feed_entry.summary(body, type="html")
    else:
        feed_entry.content(body, type="html")
        feed_entry.summary(entry.summary)


def add_source(source: Feed, entry: etree._Element) -> None:
    """Add the whole of ``atom:source`` (§4.2.11), of which feedgen writes but title and link."""
    element = child(entry, "source")
    child(element, "id", identity(source.id))
    child(element, "title", source.title or None)
    texts = {
        "updated": source.updated.isoformat() if source.updated is not None else None,
        "subtitle": source.subtitle,
        "rights": source.rights,
        "icon": source.icon,
        "logo": source.logo,
    }
    for name, text in texts.items():
        if text:
            child(element, name, text)
    if source.address:
        child(element, "link", rel="self", href=source.address)
    if source.link:
        child(element, "link", rel="alternate", href=source.link)
    for person in source.authors:
        author = child(element, "author")
        for name, text in person_fields(person).items():
            child(author, name, text)
        add_face(person, author)
    if language := language_tag(source.language):
        element.set(XML_LANG, language)


EXPORTER = FeedExporter(
    name="atom",
    summary="Atom feed (RFC 4287), with the source of each entry, threads, pages and archives",
    media_type="application/atom+xml",
    ending=".atom",
    write=write,
)
