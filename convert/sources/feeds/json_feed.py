"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import PurePath
from typing import Any

import msgspec

from convert.errors import BadDate
from convert.model import Category, Enclosure, Feed, Person, Problem, StoredEntry
from convert.sources import clean
from convert.sources.feeds.document import UNDATED, BadFeed, Document, Received, made_id
from convert.text import dates, json_text
from convert.text.characters import several
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


class ItemFile(msgspec.Struct, frozen=True, rename={"more": "_thicket"}):
    """An item; ``id`` may be a number ("must be coerced to a string").

    ``more`` is an ExtensionFile, or what another means by the name.
    """

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
    more: Any = None


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


def read(received: Received) -> Document:
    """Return the feed and its items; one that cannot be read is a problem, and the others go on.

    Raises BadFeed where it is no JSON Feed.
    """
    try:
        value = json_text.decode(json_text.utf8(received.content))
        if not isinstance(value, dict) or "jsonfeed.org/version" not in str(value.get("version")):
            raise BadFeed('is no JSON Feed: "version" must be an address of jsonfeed.org/version')
        file = msgspec.convert(value, FeedFile)
    except (json_text.BadJSON, msgspec.ValidationError) as error:
        raise BadFeed(f"is no JSON Feed: {error}") from error
    address = received.address or clean.web(file.feed_url)
    link = clean.web(file.home_page_url)
    feed = Feed(
        # JSON Feed has no id: feed_url "serves as the unique identifier for the feed".
        id=clean.web(file.feed_url)
        or address
        or link
        or made_id(clean.line(file.title) or PurePath(received.name).name),
        title=clean.title(file.title) or "",
        subtitle=clean.title(file.description),
        address=address,
        link=link,
        icon=clean.web(file.icon) or clean.web(file.favicon),
        language=language_tag(file.language),
        # Version 1.1 replaced ``author`` by ``authors``.
        authors=_people(file.authors or ([file.author] if file.author else [])),
    )
    entries: list[StoredEntry] = []
    titles = {"title": file.title, "description": file.description}
    problems = [Problem(path=received.name, field=f, reason=r) for f, r in clean.cuts(titles)]
    sources: dict[str, Feed] = {}
    unread: list[str] = []
    unnamed: list[str] = []
    for position, each in enumerate(file.items):
        identity = _identity(each)
        try:
            entry, source = _entry(msgspec.convert(each, ItemFile), identity, feed, received)
        except (msgspec.ValidationError, BadFeed) as error:
            field, reason = f"items[{position}]", str(error)
            problems.append(
                Problem(path=received.name, field=field, reason=reason, severity="entry")
            )
            if identity:
                unread.append(identity)
            else:
                unnamed.append(field)
            continue
        entries.append(entry)
        if too_long := clean.link_left_out(each.get("url")):
            field = f"items[{position}].url"
            problems.append(Problem(path=received.name, field=field, reason=too_long))
        if source is not None:
            sources.setdefault(source.id, source)
    return Document(
        feed=feed,
        entries=tuple(entries),
        sources=sources,
        older=clean.web(file.next_url),
        problems=tuple(problems),
        unread=tuple(unread),
        unnamed=several(unnamed),
    )


def _identity(item: object) -> str:
    """Return the id of an item, whether it can be read or not; "" where nobody knows it."""
    if not isinstance(item, dict):
        return ""
    stated = item.get("id")
    if not isinstance(stated, str | int | float | None) or isinstance(stated, bool):
        return ""
    links = (item.get(name) for name in ("url", "external_url"))
    pages = (clean.web(link) for link in links if isinstance(link, str))
    named = "" if stated is None else str(stated).strip()
    return named or next(filter(None, pages), "")


def _entry(
    item: ItemFile, identity: str, feed: Feed, received: Received
) -> tuple[StoredEntry, Feed | None]:
    """Return an entry, and its source where it names one.  Raises BadFeed where it is none."""
    more = ExtensionFile()
    with contextlib.suppress(msgspec.ValidationError):  # somebody else's key
        more = msgspec.convert(item.more or {}, ExtensionFile)
    # A link blog has no page of its own for an item, only the one that it speaks of.
    link = clean.web(item.url) or clean.web(item.external_url)
    if not identity:
        raise BadFeed("has neither id nor url")
    published, updated = _date(item.date_published), _date(item.date_modified)
    markup = item.content_html is not None
    content = item.content_html if markup else item.content_text
    if reason := clean.too_long(content, item.summary, limit=received.max_body):
        raise BadFeed(reason)
    source = _source(more.source) if more.source else None
    # Our own extension keeps what a plain tag cannot hold.
    tags = more.categories or [CategoryFile(tag) for tag in item.tags or () if tag.strip()]
    entry = StoredEntry(
        path=received.name,
        user=clean.line(more.user),
        id=identity,
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
        categories=tuple(
            Category(term=each.term, scheme=each.scheme, label=each.label) for each in tags
        ),
        rights=more.rights,
        source=(source or feed).id,
        enclosures=tuple(
            Enclosure(
                href=each.url,
                type=each.mime_type,
                length=clean.count(each.size_in_bytes),
                title=each.title,
                duration=clean.count(each.duration_in_seconds),
            )
            for each in item.attachments or ()
        ),
        language=language_tag(item.language) or feed.language,
        base=link or received.address,
        in_reply_to=tuple(
            address for each in more.in_reply_to or () if (address := each.url or each.id)
        ),
    )
    return entry, source


def _source(file: SourceFile) -> Feed:
    address = clean.web(file.feed_url)
    return Feed(
        id=clean.line(file.id) or address or clean.line(file.title),
        title=clean.title(file.title) or "",
        subtitle=clean.title(file.subtitle),
        updated=_date(file.updated),
        address=address,
        link=clean.web(file.home_page_url),
        rights=clean.title(file.rights),
        # RFC 4287 §4.2.5: an icon is small, which JSON Feed calls favicon; its icon is large.
        icon=clean.web(file.favicon),
        logo=clean.web(file.icon),
        language=language_tag(file.language),
        authors=_people(file.authors or []),
    )


def _people(authors: list[AuthorFile]) -> tuple[Person, ...]:
    return tuple(
        Person(
            name=clean.line(each.name),
            uri=clean.web(each.url),
            email=clean.optional(each.more.email) if each.more else None,
        )
        for each in authors
        if clean.line(each.name)
    )


def _date(value: str | None) -> dt.datetime | None:
    try:
        return dates.parse(value) if value else None
    except BadDate:
        return None
