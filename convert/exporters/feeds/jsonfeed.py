"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), streamed item by item.

What it has no field for stands in ``_thicket`` objects, as its extensions do;
docs/formats.md describes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from convert.contract import ExportContext, OutputFile
from convert.entryset import EntrySet
from convert.exporters.feeds import options as feed
from convert.exporters.feeds.documents import FeedDocument, documents, live_documents, staged
from convert.exporters.feeds.entry import UNKNOWN_TYPE, answered, person_fields
from convert.exporters.feeds.sources import SourceFeeds
from convert.model import Content, Enclosure, Entry, Feed, Person
from convert.text.languages import language_tag

VERSION = "https://jsonfeed.org/version/1.1"
_ENCODER = msgspec.json.Encoder()


class JsonFeedExporter:
    """``--to jsonfeed``: see ``convert.contract.Exporter``."""

    name = "jsonfeed"
    summary = "JSON Feed 1.1"
    media_type = "application/feed+json"
    Options = feed.FeedOptions

    def suffix(self, options: Any) -> str:
        """Always a file."""
        return ".json"

    def unavailable(self) -> str | None:
        """Nothing is missing."""
        return None

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """The feed, its pages, and those of authors and categories; or one volume."""
        yield from _written(entries, context, documents(entries, context, ".json"))

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        """The feed to subscribe to, which leads to the volumes."""
        yield from _written(entries, context, live_documents(entries, context, ".json"))


EXPORTER = JsonFeedExporter()


def _written(
    entries: EntrySet, context: ExportContext, planned: Iterable[FeedDocument]
) -> Iterator[OutputFile]:
    for document in planned:
        path = staged(document, context)
        writer = _Writer(entries, document, context)
        with path.open("wb") as stream:
            # The items come last, so that the head can be written before they are known.
            stream.write(_ENCODER.encode(writer.head()).removesuffix(b"}"))
            stream.write(b',\n"items":[')
            for at, item in enumerate(writer.items()):
                stream.write(b"\n" if at == 0 else b",\n")
                stream.write(_ENCODER.encode(item))
            stream.write(b"\n]}\n")
        yield OutputFile(path=document.path, content=path)


class _Writer:
    """One feed document, object by object."""

    def __init__(self, entries: EntrySet, document: FeedDocument, context: ExportContext) -> None:
        self.entries = entries
        self.document = document
        self.options: feed.FeedOptions = context.options
        self.version = "" if document.archive else context.version
        self.sources = SourceFeeds(entries, settled=document.archive)
        self.view = feed.feed_view(self.options.images)

    def head(self) -> dict[str, object]:
        """The top level without its items."""
        document, options = self.document, self.options
        following = document.link("next") or document.link("prev-archive")
        return _stated(
            version=VERSION,
            title=document.title,
            home_page_url=document.home,
            feed_url=document.address,
            description=document.subtitle,
            next_url=following,
            icon=_web(options.logo),
            favicon=_web(options.icon),
            language=document.language,
            hubs=[{"type": "WebSub", "url": options.hub}] if feed.is_web(options.hub) else [],
            _thicket=_stated(
                id=document.id,
                updated=_date(document.updated),
                rights=document.rights,
                generator=f"{feed.GENERATOR} {self.version}".strip() if options.generator else "",
                current=document.link("current"),
            ),
        )

    def items(self) -> Iterator[dict[str, object]]:
        """The entries."""
        for entry, content in self.entries.contents(self.document.entries):
            yield self.item(entry, content)

    def item(self, entry: Entry, content: Content) -> dict[str, object]:
        """One item; its id is the entry's, whatever it looks like."""
        body, summary = self._bodies(entry, content)
        stated = _stated(
            id=feed.clean(entry.id),
            url=_web(entry.link),
            title=entry.title,
            content_html=body,
            summary=summary,
            date_published=_date(entry.published) if entry.published else None,
            date_modified=_date(entry.updated),
            authors=[_author(each) for each in self.entries.authors(entry)],
            tags=[each.term for each in entry.categories if each.term],
            language=language_tag(entry.language),
            attachments=[_attachment(each) for each in entry.enclosures],
            _thicket=self._extension(entry),
        )
        # One of the two contents must be there, empty as it may be.
        return stated if body else stated | {"content_text": summary}

    def _bodies(self, entry: Entry, content: Content) -> tuple[str, str]:
        if self.options.content == "summary":
            return "", feed.summary_of(entry, content.text)
        return feed.body_of(entry, content, self.view), entry.summary or ""

    def _extension(self, entry: Entry) -> dict[str, object]:
        source = self.sources.of(entry)
        categories = [
            _stated(term=each.term, scheme=each.scheme, label=each.label)
            for each in entry.categories
        ]
        detailed = any(each.scheme or each.label for each in entry.categories)
        return _stated(
            user=feed.clean(entry.user),
            source=_source(source) if source is not None else {},
            contributors=[_author(each) for each in entry.contributors],
            rights=entry.rights,
            categories=categories if detailed else [],
            direction="rtl" if entry.direction == "rtl" else "",
            summary_only=not entry.full,
            in_reply_to=[_reference(each) for each in answered(self.entries, entry)],
            cites=[_reference(each) for each in self.entries.answered(entry)],
            # Who cites an entry changes with time, and no archive does.
            cited_by=[]
            if self.document.archive
            else [_reference(each) for each in self.entries.citing(entry)],
        )


def _stated(**fields: object) -> dict[str, object]:
    """The fields that say something: no null, empty text, list or object, no false."""
    return {name: value for name, value in fields.items() if value}


def _author(person: Person) -> dict[str, object]:
    known = person_fields(person)
    extension = _stated(email=known.get("email"))
    return _stated(name=known["name"], url=known.get("uri"), _thicket=extension)


def _attachment(file: Enclosure) -> dict[str, object]:
    """``mime_type`` is required."""
    return _stated(
        url=file.href,
        mime_type=file.type or UNKNOWN_TYPE,
        title=file.title,
        size_in_bytes=file.length,
        duration_in_seconds=file.duration,
    )


def _source(source: Feed) -> dict[str, object]:
    return _stated(
        id=source.id,
        title=source.title,
        subtitle=source.subtitle,
        feed_url=source.address,
        home_page_url=source.link,
        updated=_date(source.updated) if source.updated else None,
        rights=source.rights,
        icon=source.logo,
        favicon=source.icon,
        language=source.language,
        authors=[_author(each) for each in source.authors],
    )


def _reference(entry: Entry) -> Mapping[str, object]:
    return _stated(id=feed.clean(entry.id), url=_web(entry.link), title=entry.title)


def _date(when: dt.datetime) -> str:
    return when.isoformat()


def _web(address: str | None) -> str | None:
    return address if feed.is_web(address) else None
