"""JSON Feed 1.0 and 1.1 (jsonfeed.org): a value that is odd costs neither its item nor the feed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import PurePath
from typing import NamedTuple

from msgspec.structs import replace

from convert.content import fields
from convert.model import Category, Enclosure, Feed, Link, Person, Problem, Severity, StoredEntry
from convert.sources import clean, encodings, json_fields
from convert.sources.feeds import entry_dates, identity, people
from convert.sources.feeds.document import BadFeed, Document, NoItem, Received, counted, made_id
from convert.sources.feeds.entry_dates import EntryDates, StatedDate, UnreadDate
from convert.sources.feeds.json_shapes import (
    AuthorFile,
    CategoryFile,
    ExtensionFile,
    FeedFile,
    ItemFile,
    SourceFile,
)
from convert.sources.feeds.texts import Text, joined
from convert.sources.feeds.vocabulary import address as address_of
from convert.text import json_text
from convert.text.characters import several
from convert.text.json_mended import mended
from convert.text.languages import language_tag

_ADDRESSES = ("url", "external_url", "image", "banner_image")
_OWN = frozenset(("home_page_url", "feed_url"))
"""Names that no other format has."""


class _File(NamedTuple):
    """A feed without its items, these as they stand, each with its place, and why some may be
    missing."""

    feed: FeedFile
    items: list[tuple[str, object]]
    cut: str


def read(received: Received) -> Document:
    """Return the feed and its items; one that cannot be read is a problem, and the others go on.

    Raises BadFeed where it is no JSON Feed.
    """
    problems: list[Problem] = []

    def note(place: str, reason: str) -> None:
        problems.append(Problem(path=received.name, field=place, reason=reason))

    file, items, cut = _file(received, note)
    feed = _feed(file, received)
    entries: list[StoredEntry] = []
    sources: dict[str, Feed] = {}
    unread: list[str] = []
    unnamed: list[str] = []
    unread_dates: list[UnreadDate] = []
    for place, value in items:
        item = ItemFile()
        try:
            if not isinstance(value, dict):
                raise NoItem("is no object, so no item")
            item = json_fields.read(ItemFile, value, place, note) or item
            source = _source(item.more.source, feed) if item.more and item.more.source else None
            dates = entry_dates.read(
                published=[StatedDate("date_published", item.date_published or "")],
                updated=[StatedDate("date_modified", item.date_modified or "")],
            )
            content = _content(item, partial(note, f"{place}.content_text"))
            entry = _entry(item, content, dates, feed, source, received=received)
        except BadFeed as error:
            cost: Severity = "warning" if isinstance(error, NoItem) else "entry"
            problems.append(
                Problem(path=received.name, field=place, reason=str(error), severity=cost)
            )
            if known := _identity(item) or _page(item, feed):
                unread.append(known)
            else:
                unnamed.append(place)
            continue
        entries.append(entry)
        unread_dates += [UnreadDate(entry.link or entry.id, each) for each in dates.unread]
        addresses = [(key, getattr(item, key)) for key in _ADDRESSES]
        addresses += [("attachments", each.url) for each in item.attachments or ()]
        for key, address in addresses:
            if address and not _web(address, feed):
                reason = clean.link_left_out(address) or "ignored: is no web address"
                note(f"{place}.{key}", reason)
        if source is not None:
            sources.setdefault(source.id, source)
    return Document(
        feed=feed,
        entries=tuple(entries),
        sources=sources,
        older=_web(file.next_url, feed),
        problems=(*counted(problems), *entry_dates.problems(received.name, unread_dates)),
        cut=cut,
        unread=tuple(unread),
        unnamed=tuple(unnamed),
    )


def _file(received: Received, note: json_fields.Note) -> _File:
    """Return the feed, and its items as they stand.  Raises BadFeed where it is none."""
    broken: json_text.BadJSON | None = None
    reasons: list[str] = []
    try:
        text = json_text.utf8(received.content).decode()
        json_text.decode(text.encode())
    except json_text.BadJSON as error:
        broken = error
        text, reasons = encodings.decoded(received.content, received.charset)
        text = mended(text)
    try:
        value, cut, doubled = json_text.decode_partly(text, "items")
    except json_text.BadJSON as nothing:
        raise BadFeed(f"is no JSON Feed: {nothing}") from broken
    if broken and not (cut or reasons):
        reasons = [f"is not valid JSON ({broken}); what can be read is"]
    if doubled:
        states = f"states more than once in one object: {several([*doubled])}"
        reasons.append(f"{states}; the last that says something is read")
    for reason in reasons:
        note("", reason)
    if "jsonfeed.org/version" not in str(value.get("version")):
        if _OWN.isdisjoint(value):
            reason = cut or '"version" must be an address of jsonfeed.org/version'
            raise BadFeed(f"is no JSON Feed: {reason}")
        if not cut:  # which may come before it
            note("version", "is no address of jsonfeed.org/version")
    # Go writes null where a list has no elements.
    stated = value.get("items", [] if cut else False)
    items = json_fields.elements([] if stated is None else stated, "items")
    if items is None:
        raise BadFeed('is no JSON Feed: "items" must be a list')
    file = json_fields.read(FeedFile, value, "", note) or FeedFile()
    for field, reason in clean.cuts({"title": file.title, "description": file.description}):
        note(field, reason)
    if file.expired:
        note("expired", "is true: nothing new will come of this feed")
    return _File(file, items, cut)


def _feed(file: FeedFile, received: Received) -> Feed:
    fetched = Feed(id="", address=received.address)
    own = _web(file.feed_url, fetched)
    address = received.address or own
    link = _web(file.home_page_url, replace(fetched, address=address))
    feed = Feed(
        # JSON Feed has no id: feed_url "serves as the unique identifier for the feed".
        id=own
        or address
        or link
        or made_id(clean.line(file.title) or PurePath(received.name).name),
        title=clean.title(file.title) or "",
        subtitle=clean.title(file.description),
        address=address,
        link=link,
        language=language_tag(file.language),
    )
    return replace(
        feed,
        icon=_web(file.icon, feed) or _web(file.favicon, feed),
        # Version 1.1 replaced ``author`` by ``authors``.
        authors=_people(file.authors, feed) or _people(file.author, feed),
    )


def _identity(item: ItemFile) -> str:
    """Return the id that an item states; "" where it states none."""
    return clean.without_credentials((item.id or "").strip())


def _page(item: ItemFile, feed: Feed) -> str | None:
    # A link blog has no page of its own for an item, only the one that it speaks of.
    return _web(item.url, feed) or _web(item.external_url, feed)


def _content(item: ItemFile, note: Callable[[str], None]) -> Text | None:
    """Return what an item says: its markup, and what its plain text says beyond that."""
    texts = (Text(item.content_html or "", "html"), Text(item.content_text or "", "text"))
    shown = [each for each in texts if not each.is_empty]
    return joined(shown, None, lambda _, reason: note(reason))


def _entry(
    item: ItemFile,
    text: Text | None,
    dates: EntryDates,
    feed: Feed,
    source: Feed | None,
    *,
    received: Received,
) -> StoredEntry:
    """Return an item as an entry.  Raises BadFeed where it is none."""
    more = item.more or ExtensionFile()
    content, content_type = text[:2] if text else (None, "html")
    if reason := clean.too_long(content, item.summary, limit=received.max_body):
        raise BadFeed(reason)
    link = _page(item, feed)
    if not any((_identity(item), link, item.title, content, item.summary, item.attachments)):
        raise NoItem("has neither id nor url, nor anything to read")
    # Nothing in JSON Feed but ``content_html`` is markup; what others than we write as HTML's
    # references is meant as such.
    kind, read = (fields.LITERAL, str) if item.more else ("text", html.unescape)
    title, summary = (
        Text(read(each or ""), "text", is_literal=True) for each in (item.title, item.summary)
    )
    # Our own extension keeps what a plain tag cannot hold.
    tags = more.categories or [CategoryFile(tag) for tag in item.tags or () if tag.strip()]
    return StoredEntry(
        path=received.name,
        user=clean.line(more.user),
        id=_identity(item)
        or link
        or identity.of_traits(feed, item.title, dates.published, item.summary, content),
        updated=dates.updated,
        published=dates.published,
        title=title.value,
        title_type=title.line_type,
        link=link,
        summary=content if more.summary_only else summary.value or None,
        summary_type=content_type if more.summary_only else summary.line_type,
        content=None if more.summary_only else content,
        content_type=content_type,
        authors=people.of_entry(
            _people(item.authors, feed, kind) or _people(item.author, feed, kind) or feed.authors
        ),
        contributors=people.of_entry(_people(more.contributors, feed, kind)),
        categories=tuple(
            dict.fromkeys(
                Category(
                    term=clean.literal(read(each.term)) or "",
                    scheme=each.scheme,
                    label=clean.literal(read(each.label or "")),
                )
                for each in tags
            )
        ),
        rights=clean.literal(more.rights),
        source=(source or feed).id,
        enclosures=tuple(_enclosures(item, feed, read)),
        links=tuple(_links(item, more, link, feed)),
        image=_web(item.image, feed) or _web(item.banner_image, feed),
        language=language_tag(item.language) or feed.language,
        base=link or feed.link or feed.address,
        in_reply_to=tuple(
            address for each in more.in_reply_to or () if (address := each.url or each.id)
        ),
    )


def _enclosures(item: ItemFile, feed: Feed, read: Callable[[str], str]) -> Iterable[Enclosure]:
    """Return the files of an item, each once."""
    files: dict[str, Enclosure] = {}
    for each in item.attachments or ():
        if href := _web(each.url, feed):
            length, duration = (
                clean.count(each.size_in_bytes),
                clean.count(each.duration_in_seconds),
            )
            file = Enclosure(
                href=href,
                type=each.mime_type,
                length=length,
                title=clean.literal(read(each.title or "")),
                duration=duration,
            )
            files.setdefault(href, file)
    return files.values()


def _links(item: ItemFile, more: ExtensionFile, link: str | None, feed: Feed) -> Iterator[Link]:
    """Yield the further links of an item, each once: the page that a link blog speaks of is one
    beside its own."""
    own = [
        Link(
            rel=each.rel,
            href=href,
            type=each.type,
            hreflang=each.language,
            title=clean.literal(each.title),
        )
        for each in more.links or ()
        if (href := _web(each.url, feed))
    ]
    yield from own
    external = _web(item.external_url, feed)
    if external and external != link and not any(each.href == external for each in own):
        yield Link(rel="related", href=external)


def _source(file: SourceFile, feed: Feed) -> Feed:
    address = _web(file.feed_url, feed)
    return Feed(
        id=clean.line(file.id) or address or clean.line(file.title),
        title=clean.title(file.title) or "",
        subtitle=clean.title(file.subtitle),
        updated=entry_dates.of_feed(file.updated),
        address=address,
        link=_web(file.home_page_url, feed),
        rights=clean.title(file.rights),
        # RFC 4287 §4.2.5: an icon is small, which JSON Feed calls favicon; its icon is large.
        icon=_web(file.favicon, feed),
        logo=_web(file.icon, feed),
        language=language_tag(file.language),
        authors=_people(file.authors, feed, fields.LITERAL),
    )


def _people(
    authors: Iterable[AuthorFile] | None, feed: Feed, kind: str = "text"
) -> tuple[Person, ...]:
    persons: list[Person] = []
    for each in authors or ():
        mailbox = re.fullmatch(r"mailto:([^?\s]+)", (each.url or "").strip(), re.IGNORECASE)
        stated = Person(
            name="",
            uri=_web(each.url, feed),
            email=clean.optional((each.more and each.more.email) or (mailbox and mailbox[1])),
            icon=_web(each.avatar, feed),
        )
        persons += [*people.called([each.name or ""], stated, kind)] or [stated]
    # Who states but an address is called by it.
    return tuple(dict.fromkeys(each for each in map(people.with_name, persons) if each.name))


def _web(value: str | None, feed: Feed) -> str | None:
    """Return an address of the web, against the home page or the feed's address where it is
    relative; None for every other."""
    return address_of(value or "", feed.link or feed.address)
