"""Atom, RSS 0.9x, 1.0, 2.0 and CDF, by feedparser."""

from __future__ import annotations

import io
import re
import urllib.parse
import uuid
from pathlib import PurePath
from typing import Any

import msgspec

from convert.model import Feed, Person, StoredEntry
from convert.sources import clean, xml_scan, xml_text
from convert.sources.feeds import elements, wxr, xhtml
from convert.sources.feeds.document import UNDATED, BadFeed, Document, Given, RefusedFeed
from convert.text.languages import language_tag

# feedparser looks for an e-mail address in these by an expression that is quadratic.
_PEOPLE = re.compile(
    r"<((?:[\w.-]+:)?(?:author|creator|publisher|managingeditor|webmaster|owner|contributor))\b"
    r"[^>]*(?<!/)>"
)
_LONG_PERSON = 500
_PEOPLE_COST = 2e8


def read(given: Given) -> Document:
    """The feed and its entries; all that can be read of one that is broken.

    Raises BadFeed where it is no feed, is refused, or holds nothing that can be read.
    """
    text, scan, notes = _mended(given)
    parsed = _parsed(text, given)
    feed = _feed(parsed.feed, given)
    chosen, left_out = wxr.published(parsed)
    problems = [("", reason, False) for reason in (*notes, *left_out)]
    # Only in a well-formed document does the scan count entries as feedparser does.
    answers = scan.answers if len(scan.answers) == len(parsed.entries) else ()
    atom = str(parsed.get("version", "")).startswith("atom")
    names = wxr.display_names(text) if "wp_wxr_version" in parsed.feed else {}
    sources: dict[str, Feed] = {}
    entries: list[StoredEntry] = []
    for position in chosen:
        raw = parsed.entries[position]
        source = _source(raw, given)
        if source is not None:
            sources[source.id] = source
        entry = _entry(raw, (feed, source), given, atom=atom)
        if too_long := elements.too_long(entry, given.max_body):
            problems.append((clean.line(entry.link or entry.id), too_long, True))
            continue
        if names:
            authors = tuple(Person(name=names.get(each.name, each.name)) for each in entry.authors)
            entry = msgspec.structs.replace(entry, authors=authors)
        if answers:
            entry = msgspec.structs.replace(entry, in_reply_to=answers[position])
        entries.append(entry)
    return Document(
        feed=feed,
        entries=tuple(entries),
        sources=sources,
        older=_older(parsed.feed),
        paged="wordpress" in str(parsed.feed.get("generator", "")).lower(),
        problems=tuple(problems),
    )


def _mended(given: Given) -> tuple[str, xml_scan.Scan, list[str]]:
    """The text that feedparser is given, what it is like, and what to tell of it."""
    try:
        source = xml_text.read(given.content, given.charset)
    except xml_text.RefusedXML as error:
        raise RefusedFeed(str(error)) from error
    notes = list(source.mended)
    scan = xml_scan.scan(source.text)
    if scan.broken is None:
        return xhtml.as_text(source.text, given.address), scan, notes
    if scan.whole is not None:
        notes.append(f"ends too early ({scan.broken}); the complete entries are kept")
        return xhtml.as_text(scan.whole, given.address), scan, notes
    notes.append(f"is not well-formed ({scan.broken}); what can be read is")
    return source.text, scan, notes


def _parsed(text: str, given: Given) -> Any:
    import feedparser  # noqa: PLC0415 - most runs read no feed, and it is slow to load

    _refuse_costly_people(text)
    headers = {"content-type": "application/xml; charset=utf-8"}
    if given.address:
        headers["content-location"] = given.address
    # Sanitising and resolving are the work of preparation; feedparser's would lose markup.
    try:
        parsed = feedparser.parse(
            io.BytesIO(text.encode()),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser lets KeyError and the like out for hostile markup
        raise BadFeed(f"cannot be read: {type(error).__name__} in feedparser") from error
    if not parsed.get("version") and not parsed.entries and not parsed.feed:
        raise BadFeed("is no Atom, RSS or JSON feed")
    return parsed


def _refuse_costly_people(text: str) -> None:
    lowered = text.lower()
    cost = 0
    for found in _PEOPLE.finditer(lowered):
        end = lowered.find(f"</{found[1]}", found.end())
        length = (end if end != -1 else len(lowered)) - found.end()
        if length > _LONG_PERSON:
            cost += length * length
        if cost > _PEOPLE_COST:
            raise RefusedFeed(f"a name in <{found[1]}> is far too long: refused")


def _feed(raw: Any, given: Given) -> Feed:
    link = clean.web(raw.get("link"))
    address = next(
        (clean.web(each.get("href")) for each in raw.get("links", ()) if each.get("rel") == "self"),
        None,
    )
    address = given.address or address
    title = elements.plain(raw, "title") or ""
    return Feed(
        id=clean.line(raw.get("id")) or address or link or _made_feed_id(title, given),
        title=title,
        subtitle=elements.plain(raw, "subtitle") or elements.plain(raw, "info"),
        updated=elements.date(raw, "updated") or elements.date(raw, "published"),
        address=address,
        link=link,
        rights=elements.plain(raw, "rights"),
        icon=clean.web(raw.get("icon")),
        logo=clean.web(raw.get("logo") or raw.get("image", {}).get("href")),
        language=language_tag(raw.get("language")),
        authors=elements.people(raw, "author"),
    )


def _made_feed_id(title: str, given: Given) -> str:
    """A stable id for a feed that states neither id nor address; no path of this machine."""
    return uuid.uuid5(uuid.NAMESPACE_URL, title or PurePath(given.name).name).urn


def _source(raw: Any, given: Given) -> Feed | None:
    """The feed that an entry of a merged feed came from (RFC 4287 §4.2.11)."""
    source = raw.get("source")
    if not source:
        return None
    if source.get("href") and not source.get("links"):  # RSS: <source url="…">title</source>
        address = clean.web(source.get("href"))
        title = clean.line(source.get("title") or source.get("value"))
        return Feed(id=address, title=title, address=address) if address else None
    if not (source.get("id") or source.get("links") or source.get("title")):
        return None
    feed = _feed(source, Given(name="", content=b"", origin=given.origin))
    return feed if feed.id else None


def _entry(raw: Any, feeds: tuple[Feed, Feed | None], given: Given, *, atom: bool) -> StoredEntry:
    content, content_type, base, language = elements.content(raw)
    summary, summary_type = elements.summary(raw, base_is_set=content is not None)
    title, title_type = elements.text(raw, "title")
    updated, published = elements.date(raw, "updated"), elements.date(raw, "published")
    when = updated or published or elements.date(raw, "created")
    feed, source = feeds
    link = _link(raw, feed, atom=atom)
    return StoredEntry(
        path=given.name,
        # Elements of our own feeds, for what the formats have no field for.
        user=clean.line(raw.get("thicket_user")),
        id=_id(raw) or link or _made_id(feed, title, summary, content),
        updated=when or UNDATED,
        published=published,
        title=title or "",
        title_type=title_type,
        link=link,
        summary=summary,
        summary_type=summary_type,
        content=wxr.paragraphs(content) if content and "wp_post_type" in raw else content,
        content_type=content_type,
        authors=_authors(raw, feed, source),
        contributors=elements.people(raw, "contributor"),
        categories=elements.categories(raw),
        rights=elements.plain(raw, "rights"),
        source=(source or feed).id,
        enclosures=elements.enclosures(raw),
        language=language,
        # Only Atom says that the document's own address is the base (RFC 4287 §2).
        base=base if atom or base != given.address else None,
        origin=given.origin,
    )


def _link(raw: Any, feed: Feed, *, atom: bool) -> str | None:
    """The page of an entry.  feedparser offers the id where there is none, which is right only
    for RSS's permalinks: an id of Atom need not lead anywhere (RFC 4287 §4.2.6)."""
    stated = str(raw.get("link") or "").strip()
    named = any(each.get("href") == stated for each in raw.get("links", ()))
    if not stated or not (named or (raw.get("guidislink") and not atom)):
        return None
    link = clean.web(stated)
    if link is None and feed.link and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", stated):
        link = clean.web(urllib.parse.urljoin(feed.link, stated))
    return link


def _authors(raw: Any, feed: Feed, source: Feed | None) -> tuple[Person, ...]:
    """RFC 4287 §4.2.1: the entry's own, else its source's, else the feed's."""
    return elements.people(raw, "author") or (source.authors if source else ()) or feed.authors


def _id(raw: Any) -> str:
    return clean.line(raw.get("thicket_id")) or clean.line(raw.get("id"))


def _made_id(feed: Feed, *parts: str | None) -> str:
    """A stable id for an entry that has neither id nor link: RSS demands neither."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([feed.id, *(part or "" for part in parts)])).urn


def _older(raw: Any) -> str | None:
    """Where the entries before these are: RFC 5005's archives, or its pages."""
    links = {each.get("rel"): clean.web(each.get("href")) for each in raw.get("links", ())}
    return links.get("prev-archive") or links.get("next")
