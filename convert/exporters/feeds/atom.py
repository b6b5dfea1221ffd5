"""Atom: a merged feed as RFC 4287 §4.2.11 means it, paged and archived by RFC 5005, threaded
by RFC 4685.

Every entry keeps its id, its authors and the metadata of the feed that it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from convert.content.views import View
from convert.contract import ExportContext, OutputFile
from convert.entryset import EntrySet
from convert.exporters.feeds import options as feed
from convert.exporters.feeds.documents import FeedDocument, documents, live_documents, staged
from convert.exporters.feeds.entry import (
    add_facts,
    add_thread,
    category_fields,
    entry_links,
    person_fields,
)
from convert.exporters.feeds.feedgen import ATOM, HISTORY, XML, XML_LANG, add, child, write_feed
from convert.exporters.feeds.sources import SourceFeeds
from convert.model import Content, Entry, Feed
from convert.text.languages import language_tag

_NAMESPACES: dict[str | None, str] = {None: ATOM, "xml": XML}
_DEFAULT_NAMESPACE = f' xmlns="{ATOM}"'.encode()


class AtomExporter:
    """``--to atom``: see ``convert.contract.Exporter``."""

    name = "atom"
    summary = "Atom feed (RFC 4287), with the source of each entry, threads, pages and archives"
    media_type = "application/atom+xml"
    Options = feed.FeedOptions

    def suffix(self, options: Any) -> str:
        """Always a file."""
        return ".atom"

    def unavailable(self) -> str | None:
        """Nothing is missing: feedgen is a dependency."""
        return None

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """The feed, its pages, and those of authors and categories; or one archive."""
        yield from _written(entries, context, documents(entries, context, ".atom"))

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """The feed to subscribe to, which leads to the archives."""
        yield from _written(entries, context, live_documents(entries, context, ".atom"))


EXPORTER = AtomExporter()


def _written(
    entries: EntrySet, context: ExportContext, planned: Iterable[FeedDocument]
) -> Iterator[OutputFile]:
    for document in planned:
        path = staged(document, context)
        writer = _Writer(entries, document, context)
        write_feed(
            path,
            root="feed",
            namespaces=_NAMESPACES,
            attributes={XML_LANG: document.language},
            parts=writer.parts(),
        )
        yield OutputFile(path=document.path, content=path)


class _Writer:
    """One feed document, element by element."""

    def __init__(self, entries: EntrySet, document: FeedDocument, context: ExportContext) -> None:
        self.entries = entries
        self.document = document
        self.context = context
        self.options: feed.FeedOptions = context.options
        self.sources = SourceFeeds(entries, settled=document.archive)
        self.view = feed.feed_view(self.options.images)

    def parts(self) -> Iterator[etree._Element]:
        """The children of the root: the head's, then the entries."""
        yield from self.head()
        for entry, content in self.entries.contents(self.document.entries):
            yield self.entry(entry, content)

    def head(self) -> Iterator[etree._Element]:
        """The metadata of the feed, made by feedgen."""
        document, options = self.document, self.options
        head = FeedGenerator()
        head.id(document.id)
        head.title(document.title)
        head.updated(document.updated)
        head.subtitle(document.subtitle or None)
        head.rights(document.rights)
        if options.generator:
            # An archive must stay as it is when a newer version writes it again.
            head.generator(feed.GENERATOR, None if document.archive else self.context.version)
        else:
            head.generator("")
        if feed.is_web(options.icon):
            head.icon(options.icon)
        if feed.is_web(options.logo):
            head.logo(options.logo)
        head.link(_feed_links(document, options))
        # The root of the stream states the namespace; feedgen's text without it is the same.
        yield from etree.fromstring(head.atom_str().replace(_DEFAULT_NAMESPACE, b"", 1))
        if document.archive:
            yield etree.Element(f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})

    def entry(self, entry: Entry, content: Content) -> etree._Element:
        """One entry, made by feedgen and completed by our additions."""
        made = FeedEntry()
        made.id(feed.identity(entry.id))
        made.title(entry.title or " ")
        made.updated(entry.updated)
        if entry.published:
            made.published(entry.published)
        made.author([person_fields(each) for each in self.entries.authors(entry)])
        if entry.contributors:
            made.contributor([person_fields(each) for each in entry.contributors])
        if entry.rights:
            made.rights(entry.rights)
        source = self.sources.of(entry)
        if feed.is_web(entry.link):
            made.link(href=entry.link)
        made.category([category_fields(each) for each in entry.categories if each.term])
        add_content(made, entry, content, self.view, self.options.content)
        add(made, "details", partial(_complete, entry))
        add(made, "links", partial(_write_links, entry_links(self.entries, entry, source)))
        if source is not None:
            add(made, "source", partial(_add_source, source))
        add(made, "thread", partial(add_thread, self.entries, entry, self.document.archive))
        element: etree._Element = made.atom_entry()
        return element


def add_content(made: FeedEntry, entry: Entry, content: Content, view: View, extent: str) -> None:
    """Content and summary, as RFC 4287 §4.1.3 and §4.2.13 want them.

    An entry whose source gave only a summary has no content, so that a reader knows that
    the whole stands elsewhere; without an address of that the summary is its content.
    """
    linked = feed.is_web(entry.link)
    if extent == "summary":
        summary = feed.summary_of(entry, content.text) or entry.title
        made.summary(summary) if linked else made.content(summary or " ", type="text")
    elif not entry.full and linked:
        made.summary(feed.body_of(entry, content, view) or " ", type="html")
    else:
        made.content(feed.body_of(entry, content, view) or " ", type="html")
        if entry.summary:
            made.summary(entry.summary)


def _write_links(links: list[dict[str, str]], element: etree._Element) -> None:
    """The links of an entry: feedgen writes but their ``href``, and asks for one of them."""
    for plain in element.findall("link"):
        element.remove(plain)
    for link in links:
        child(element, "link", **link)


def _complete(entry: Entry, element: etree._Element) -> None:
    """Language of the entry, and what only we know."""
    language = language_tag(entry.language)
    if language:
        element.set(XML_LANG, language)
    title = element.find("title")
    if title is not None and not entry.title:
        title.text = None
    add_facts(entry, element)


def _add_source(source: Feed, element: etree._Element) -> None:
    """The whole of ``atom:source`` (§4.2.11), of which feedgen writes but title and link."""
    made = child(element, "source")
    child(made, "id", feed.identity(source.id))
    child(made, "title", source.title or None)
    if source.updated is not None:
        child(made, "updated", source.updated.isoformat())
    for name, text in (
        ("subtitle", source.subtitle),
        ("rights", source.rights),
        ("icon", source.icon),
        ("logo", source.logo),
    ):
        if text:
            child(made, name, text)
    if source.address:
        child(made, "link", rel="self", href=source.address)
    if source.link:
        child(made, "link", rel="alternate", href=source.link)
    for person in source.authors:
        author = child(made, "author")
        for name, text in person_fields(person).items():
            child(author, name, text)
    language = language_tag(source.language)
    if language:
        made.set(XML_LANG, language)


def _feed_links(document: FeedDocument, options: feed.FeedOptions) -> list[dict[str, str]]:
    links = []
    if document.address:
        links.append({"rel": "self", "href": document.address, "type": AtomExporter.media_type})
    if document.home:
        links.append({"rel": "alternate", "href": document.home, "type": "text/html"})
    if feed.is_web(options.hub):
        links.append({"rel": "hub", "href": str(options.hub)})
    return links + [{"rel": each.rel, "href": each.href} for each in document.links]
