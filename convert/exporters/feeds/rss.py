"""RSS 2.0, by the RSS Advisory Board's specification and best practices profile.

The whole of an entry goes into ``content:encoded``, its authors into ``dc:creator``; what RSS
has no element for comes from Atom, Dublin Core and RFC 4685, which their readers know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from html import escape
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from convert.contract import ExportContext, OutputFile
from convert.entryset import EntrySet
from convert.exporters.feeds import options as feed
from convert.exporters.feeds.documents import FeedDocument, documents, live_documents, staged
from convert.exporters.feeds.entry import (
    UNKNOWN_TYPE,
    add_facts,
    add_thread,
    entry_links,
    person_fields,
)
from convert.exporters.feeds.feedgen import ATOM, CONTENT, DC, HISTORY, add, write_feed
from convert.exporters.feeds.sources import SourceFeeds
from convert.model import Content, Enclosure, Entry
from convert.text.languages import language_tag

_NAMESPACES: dict[str | None, str] = {"atom": ATOM, "content": CONTENT, "dc": DC}


class RssExporter:
    """``--to rss``: see ``convert.contract.Exporter``."""

    name = "rss"
    summary = "RSS 2.0 feed, with the whole of each entry in content:encoded"
    media_type = "application/rss+xml"
    Options = feed.FeedOptions

    def suffix(self, options: Any) -> str:
        """Always a file."""
        return ".rss"

    def unavailable(self) -> str | None:
        """Nothing is missing: feedgen is a dependency."""
        return None

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """The feed, its pages, and those of authors and categories; or one archive."""
        yield from _written(entries, context, documents(entries, context, ".rss"))

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """The feed to subscribe to, which leads to the archives."""
        yield from _written(entries, context, live_documents(entries, context, ".rss"))


EXPORTER = RssExporter()


def _written(
    entries: EntrySet, context: ExportContext, planned: Iterable[FeedDocument]
) -> Iterator[OutputFile]:
    for document in planned:
        path = staged(document, context)
        write_feed(
            path,
            root="rss",
            inner="channel",
            namespaces=_NAMESPACES,
            attributes={"version": "2.0"},
            parts=_Writer(entries, document, context).parts(),
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
        """The children of the channel: the head's, then the items."""
        yield from self.head()
        for entry, content in self.entries.contents(self.document.entries):
            yield self.item(entry, content)

    def head(self) -> Iterator[etree._Element]:
        """The metadata of the feed, made by feedgen, and its links as Atom has them."""
        document, options = self.document, self.options
        head = FeedGenerator()
        head.title(document.title)
        head.link(href=document.home or _any_home(self.entries))
        head.description(document.subtitle or document.title)
        head.language(document.language)
        head.lastBuildDate(document.updated)
        head.copyright(document.rights)
        # An archive must stay as it is when a newer version writes it again.
        version = None if document.archive else self.context.version
        head.generator(feed.GENERATOR if options.generator else "", version)
        picture = next((each for each in (options.logo, options.icon) if feed.is_web(each)), None)
        if picture:
            head.image(url=picture)
        channel = etree.fromstring(head.rss_str())[0]
        for each in list(channel):
            # Taken out, it states no namespaces that it does not use.
            channel.remove(each)
            yield each
        for rel, href in self._links():
            link = etree.Element(f"{{{ATOM}}}link", rel=rel, href=href, nsmap={"atom": ATOM})
            if rel == "self":
                link.set("type", RssExporter.media_type)
            yield link
        if document.archive:
            yield etree.Element(f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})

    def _links(self) -> Iterator[tuple[str, str]]:
        if self.document.address:
            yield "self", self.document.address
        if feed.is_web(self.options.hub):
            yield "hub", str(self.options.hub)
        for link in self.document.links:
            yield link.rel, link.href

    def item(self, entry: Entry, content: Content) -> etree._Element:
        """One item, made by feedgen and completed by our additions."""
        made = FeedEntry()
        if entry.title:
            made.title(entry.title)
        stated = feed.clean(entry.id)
        made.guid(stated, permalink=feed.is_web(stated) and stated == entry.link)
        if feed.is_web(entry.link):
            made.link(href=entry.link)
        if entry.published:
            made.pubDate(entry.published)
        made.category(
            [
                {"term": each.term} | ({"scheme": each.scheme} if each.scheme else {})
                for each in entry.categories
                if each.term
            ]
        )
        source = self.sources.of(entry)
        if source is not None and source.address:
            made.source(source.address, source.title or source.address)
        description, encoded = self._bodies(entry, content)
        if description or not entry.title:
            made.description(description or " ")
        add(made, "details", partial(self._complete, entry, encoded))
        element: etree._Element = made.rss_entry()
        return element

    def _bodies(self, entry: Entry, content: Content) -> tuple[str, str]:
        """What stands in description and in content:encoded, both HTML.

        An entry whose source gave only a summary has it in description alone.
        """
        if self.options.content == "summary":
            return escape(feed.summary_of(entry, content.text), quote=False), ""
        body = feed.body_of(entry, content, self.view)
        if not entry.full:
            return body, ""
        return escape(entry.summary or "", quote=False), body

    def _complete(self, entry: Entry, encoded: str, item: etree._Element) -> None:
        """What RSS itself has no element for."""
        if encoded:
            _add(item, CONTENT, "encoded", encoded)
        for author in self.entries.authors(entry):
            _add(item, DC, "creator", person_fields(author)["name"])
        for contributor in entry.contributors:
            _add(item, DC, "contributor", person_fields(contributor)["name"])
        if entry.rights:
            _add(item, DC, "rights", entry.rights)
        language = language_tag(entry.language)
        if language:
            _add(item, DC, "language", language)
        _add(item, ATOM, "updated", entry.updated.isoformat())
        self._add_files(entry, item)
        add_thread(self.entries, entry, self.document.archive, item)
        add_facts(entry, item)

    def _add_files(self, entry: Entry, item: etree._Element) -> None:
        """One enclosure, as the profile asks; further files, and what the entry cites, as
        links of Atom."""
        if entry.enclosures:
            etree.SubElement(item, "enclosure", _enclosure(entry.enclosures[0]))
        first = True
        for link in entry_links(self.entries, entry, None):
            if link["rel"] == "enclosure" and first:
                first = False
            elif link["rel"] != "alternate":
                etree.SubElement(item, f"{{{ATOM}}}link", link, nsmap={"atom": ATOM})


def _add(item: etree._Element, namespace: str, name: str, text: str) -> None:
    prefix = {ATOM: "atom", CONTENT: "content", DC: "dc"}[namespace]
    made = etree.SubElement(item, f"{{{namespace}}}{name}", nsmap={prefix: namespace})
    made.text = text


def _enclosure(file: Enclosure) -> dict[str, str]:
    """All three attributes are required; an unknown length is 0 by the profile."""
    return {
        "url": file.href,
        "length": str(file.length or 0),
        "type": file.type or UNKNOWN_TYPE,
    }


def _any_home(entries: EntrySet) -> str:
    """A channel must have a link: the repository that it was made from, else its identity."""
    known = (address for each in entries.origins for address in (each.remote, each.address))
    return next((str(each) for each in known if feed.is_web(each)), feed.identity(entries.id))
