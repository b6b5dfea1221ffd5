"""RSS 2.0, by the RSS Advisory Board's specification and best practices profile.

The whole of an entry goes into ``content:encoded``, its authors into ``dc:creator``; what RSS
has no element for comes from Atom, Dublin Core and RFC 4685, which their readers know.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from convert.exporters.feeds.entry import (
    UNKNOWN_TYPE,
    add_facts,
    add_picture,
    add_thread,
    body_of,
    file_link,
    further_links,
    identity,
    kind_of,
    main_file,
    page_links,
    person_fields,
    summary_of,
    web_uri,
)
from convert.exporters.feeds.exporter import Edition, FeedExporter
from convert.exporters.feeds.feedgen import NAMESPACES, STATED, child, new, write_feed
from convert.model import Content, Entry
from convert.text.addresses import uri
from convert.text.characters import fold
from convert.text.languages import language_tag
from convert.text.markup import parse

_BEGUN = re.compile(r"<[A-Za-z/!?]")
"""What HTML takes for the beginning of a tag, a comment or the like (§13.2.5.6)."""


def write(edition: Edition, path: Path) -> None:
    """Write one feed document, element by element."""
    items = (item_element(edition, *each) for each in edition.contents())
    write_feed(
        path,
        "rss",
        {"version": "2.0"},
        {prefix: NAMESPACES[prefix] for prefix in ("atom", "content", "dc", "fh", *STATED)},
        itertools.chain(head_elements(edition), items),
        inner="channel",
    )


def stated(text: str) -> str:
    """Return plain text as RSS states it, where an element may hold HTML and says nothing of that:
    escaped once more where who takes it for HTML would read something else.

    >>> stated("AT&T <3"), stated("The <em> tag")
    ('AT&T <3', 'The &lt;em&gt; tag')
    """
    is_clear = not _BEGUN.search(text) and unescape(text) == text
    return text if is_clear else escape(text, quote=False)


def head_elements(edition: Edition) -> Iterator[etree._Element]:
    """Yield the metadata of the feed, made by feedgen, and its links as Atom has them."""
    document = edition.document
    head = FeedGenerator()
    head.title(stated(document.title))
    # A channel must have a link: the repository that it was made from, the page of the one feed
    # whose entries it has, else its identity.
    entries = edition.entries
    pages = [document.home]
    for origin in entries.origins:
        pages += [origin.remote, origin.address if origin.kind == "thicket" else None]
    pages += [each.link for each in entries.feeds.values()] if len(entries.feeds) == 1 else []
    addresses = filter(None, map(web_uri, pages))
    head.link(href=next(addresses, identity(entries.id)))
    head.description(stated(document.subtitle or document.title))
    head.language(document.language)
    head.lastBuildDate(document.updated)
    head.copyright(document.rights and stated(document.rights))
    head.generator(edition.generator, edition.version)
    if picture := edition.logo or edition.icon:
        head.image(url=picture)
    channel = parse(head.rss_str())[0]
    for each in list(channel):
        # Taken out, it states no namespaces that it does not use.
        channel.remove(each)
        yield each
    for link in edition.links():
        if link["rel"] != "alternate":
            yield new("atom:link", **link)
    if document.archive:
        yield new("fh:archive")


def item_element(edition: Edition, entry: Entry, content: Content) -> etree._Element:
    """Return one item, made by feedgen and completed with what RSS has no element for."""
    feed_entry = FeedEntry()
    if title := edition.title(entry):
        feed_entry.title(stated(title))
    guid = fold(entry.id)
    page = uri(entry.link) if entry.link else None
    # A guid that is a permalink must open the page in a browser, and so be a URI.
    feed_entry.guid(guid, permalink=guid == page)
    if page:
        feed_entry.link(href=page)
    # RSS has no other date, and readers sort by it.
    feed_entry.pubDate(entry.date)
    feed_entry.category(
        [
            {"term": stated(each.term)} | ({"scheme": each.scheme} if each.scheme else {})
            for each in entry.categories
            if each.term
        ]
    )
    source = edition.source(entry)
    if source is not None and source.address:
        feed_entry.source(source.address, stated(source.title or source.address))
    # An entry whose source gave only a summary has it in description alone; both are HTML.
    body = "" if edition.options.content == "summary" else body_of(entry, content, edition.view)
    # The others all have a description, which must stand before content:encoded.
    description = escape(summary_of(entry, content.text), quote=False)
    if body and not entry.full:
        description, body = body, ""
    # An item must have a title or a description, and readers look for both.
    feed_entry.description(description or " ")
    item: etree._Element = feed_entry.rss_entry()
    authors = edition.entries.authors(entry)
    for name, text in (
        ("content:encoded", body),
        *(("dc:creator", stated(person_fields(author)["name"])) for author in authors),
        *(("dc:contributor", stated(person_fields(each)["name"])) for each in entry.contributors),
        ("dc:rights", stated(entry.rights or "")),
        ("dc:language", language_tag(entry.language)),
        ("atom:updated", entry.updated.isoformat()),
    ):
        if text:
            child(item, name, text)
    add_files(entry, item)
    # Before <link>, which stands for the last of them.
    for at, link in enumerate(page_links(entry)[: -1 if page else None]):
        item.insert(at, new("atom:link", **link))
    for link in further_links(edition.entries, entry):
        child(item, "atom:link", **link)
    add_thread(edition.entries, entry, item, settled=edition.document.archive)
    add_facts(entry, item)
    edition.show(entry, "xml", lambda: etree.tostring(item, encoding="unicode"))
    return item


def add_files(entry: Entry, item: etree._Element) -> None:
    """Add the files of an entry: one enclosure, as the profile asks.

    Further pictures are content of Media RSS, where readers look for them, others links of Atom.
    """
    enclosed = main_file(entry)
    for file in entry.enclosures:
        if file == enclosed:
            # All three attributes are required, and an unknown length is 0.
            length, kind = str(file.length or 0), file.type or UNKNOWN_TYPE
            child(item, "enclosure", url=uri(file.href), length=length, type=kind)
        elif kind_of(file) == "image":
            add_picture(file, item)
        else:
            child(item, "atom:link", **file_link(file))


EXPORTER = FeedExporter(
    name="rss",
    summary="RSS 2.0 feed, with the whole of each entry in content:encoded",
    media_type="application/rss+xml",
    ending=".rss",
    write=write,
)
