"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from convert.errors import BadDate
from convert.model import Category, Enclosure, Feed, Person, StoredEntry
from convert.sources import clean, json_text
from convert.sources.feeds import elements
from convert.sources.feeds.document import UNDATED, BadFeed, Document, Given
from convert.text import dates
from convert.text.languages import language_tag


class EmailFile(msgspec.Struct, frozen=True):
    email: str | None = None


class AuthorFile(msgspec.Struct, frozen=True, rename={"more": "_thicket"}):
    name: str | None = None
    url: str | None = None
    more: EmailFile | None = None


class AttachmentFile(msgspec.Struct, frozen=True):
    url: str
    mime_type: str | None = None
    title: str | None = None
    size_in_bytes: float | None = None
    duration_in_seconds: float | None = None


class SourceFile(msgspec.Struct, frozen=True):
    """The feed that an item of a merged feed came from."""

    id: str | None = None
    title: str | None = None
    subtitle: str | None = None
    feed_url: str | None = None
    home_page_url: str | None = None
    rights: str | None = None
    icon: str | None = None
    favicon: str | None = None
    language: str | None = None
    updated: str | None = None
    authors: list[AuthorFile] | None = None


class CategoryFile(msgspec.Struct, frozen=True):
    term: str
    scheme: str | None = None
    label: str | None = None


class ReferenceFile(msgspec.Struct, frozen=True):
    id: str | None = None
    url: str | None = None


class ExtensionFile(msgspec.Struct, frozen=True):
    """``_thicket`` of our own feeds, for what JSON Feed has no field for."""

    user: str | None = None
    source: SourceFile | None = None
    contributors: list[AuthorFile] | None = None
    rights: str | None = None
    categories: list[CategoryFile] | None = None
    summary_only: bool = False
    in_reply_to: list[ReferenceFile] | None = None


class ItemFile(msgspec.Struct, frozen=True):
    """An item; ``id`` may be a number ("must be coerced to a string")."""

    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    author: AuthorFile | None = None
    authors: list[AuthorFile] | None = None
    tags: list[str] | None = None
    language: str | None = None
    attachments: list[AttachmentFile] | None = None


class FeedFile(msgspec.Struct, frozen=True):
    version: str
    title: str | None = None
    home_page_url: str | None = None
    feed_url: str | None = None
    description: str | None = None
    icon: str | None = None
    favicon: str | None = None
    language: str | None = None
    author: AuthorFile | None = None
    authors: list[AuthorFile] | None = None
    next_url: str | None = None
    items: list[Any] = []


def read(given: Given) -> Document:
    """The feed and its items; one that cannot be read is a problem, and the others go on.

    Raises BadFeed where it is no JSON Feed.
    """
    try:
        value = json_text.decode(json_text.utf8(given.content))
    except json_text.BadJSON as error:
        raise BadFeed(f"is no JSON Feed: {error}") from error
    if not isinstance(value, dict) or "jsonfeed.org/version" not in str(value.get("version")):
        raise BadFeed('is no JSON Feed: "version" must be an address of jsonfeed.org/version')
    try:
        file = msgspec.convert(value, FeedFile)
    except msgspec.ValidationError as error:
        raise BadFeed(f"is no JSON Feed: {error}") from error
    feed = _feed(file, given)
    entries: list[StoredEntry] = []
    problems: list[tuple[str, str, bool]] = []
    sources: dict[str, Feed] = {}
    for position, each in enumerate(file.items):
        entry = _entry(each, feed, given)
        if isinstance(entry, str):
            problems.append((f"items[{position}]", entry, True))
            continue
        entries.append(entry)
        if stated := _extension(each).source:
            source = _source(stated)
            sources.setdefault(source.id, source)
    return Document(
        feed=feed,
        entries=tuple(entries),
        sources=sources,
        older=clean.web(file.next_url),
        problems=tuple(problems),
    )


def _feed(file: FeedFile, given: Given) -> Feed:
    address = given.address or clean.web(file.feed_url)
    link = clean.web(file.home_page_url)
    return Feed(
        id=clean.web(file.feed_url) or address or link or given.name,
        title=clean.line(file.title),
        subtitle=clean.optional(file.description),
        address=address,
        link=link,
        icon=clean.web(file.icon) or clean.web(file.favicon),
        language=language_tag(file.language),
        authors=_people(file.authors or ([file.author] if file.author else [])),
    )


def _entry(value: object, feed: Feed, given: Given) -> StoredEntry | str:
    """The entry, or why there is none."""
    try:
        item = msgspec.convert(value, ItemFile)
    except msgspec.ValidationError as error:
        return str(error)
    more = _extension(value)
    link = clean.web(item.url) or clean.web(item.external_url)
    identity = str(item.id).strip() if item.id is not None else ""
    if not (identity or link):
        return "has neither id nor url"
    published, updated = _date(item.date_published), _date(item.date_modified)
    markup = item.content_html is not None
    content = item.content_html if markup else item.content_text
    entry = StoredEntry(
        path=given.name,
        user=clean.line(more.user),
        id=identity or link or "",
        updated=updated or published or UNDATED,
        published=published,
        title=item.title or "",
        link=link,
        summary=content if more.summary_only else item.summary,
        summary_type="html" if more.summary_only and markup else "text",
        content=None if more.summary_only else content,
        content_type="html" if markup else "text",
        authors=_people(item.authors or ([item.author] if item.author else [])) or feed.authors,
        contributors=_people(more.contributors or []),
        categories=_categories(item, more),
        rights=more.rights,
        source=_source(more.source).id if more.source else feed.id,
        enclosures=tuple(_enclosure(each) for each in item.attachments or ()),
        language=language_tag(item.language) or feed.language,
        base=link or given.address,
        in_reply_to=tuple(
            address for each in more.in_reply_to or () if (address := each.url or each.id)
        ),
        origin=given.origin,
    )
    return elements.too_long(entry, given.max_body) or entry


def _extension(value: object) -> ExtensionFile:
    """Our own extension; empty where another means something else by the name."""
    stated = value.get("_thicket") if isinstance(value, dict) else None
    try:
        return msgspec.convert(stated, ExtensionFile) if stated else ExtensionFile()
    except msgspec.ValidationError:
        return ExtensionFile()


def _source(found: SourceFile) -> Feed:
    address = clean.web(found.feed_url)
    return Feed(
        id=clean.line(found.id) or address or clean.line(found.title),
        title=clean.line(found.title),
        subtitle=clean.optional(found.subtitle),
        updated=_date(found.updated),
        address=address,
        link=clean.web(found.home_page_url),
        rights=clean.optional(found.rights),
        icon=clean.web(found.favicon),
        logo=clean.web(found.icon),
        language=language_tag(found.language),
        authors=_people(found.authors or []),
    )


def _categories(item: ItemFile, more: ExtensionFile) -> tuple[Category, ...]:
    if more.categories:
        return tuple(
            Category(term=each.term, scheme=each.scheme, label=each.label)
            for each in more.categories
        )
    return tuple(Category(term=tag) for tag in item.tags or () if tag.strip())


def _people(found: list[AuthorFile]) -> tuple[Person, ...]:
    return tuple(
        Person(
            name=clean.line(each.name),
            uri=clean.web(each.url),
            email=clean.optional(each.more.email) if each.more else None,
        )
        for each in found
        if clean.line(each.name)
    )


def _enclosure(found: AttachmentFile) -> Enclosure:
    return Enclosure(
        href=found.url,
        type=found.mime_type,
        length=clean.count(found.size_in_bytes),
        title=found.title,
        duration=clean.count(found.duration_in_seconds),
    )


def _date(value: str | None) -> dt.datetime | None:
    try:
        return dates.parse(value) if value else None
    except BadDate:
        return None
