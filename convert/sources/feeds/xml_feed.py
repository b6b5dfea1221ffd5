"""Atom, RSS 0.9x, 1.0, 2.0 and CDF, by feedparser."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import msgspec

from convert.model import Feed, Person, Problem, StoredEntry
from convert.sources import clean, xml_text
from convert.sources.feeds import elements, identity, wxr, xhtml
from convert.sources.feeds.document import BadFeed, Document, Received, made_id
from convert.sources.feeds.entry_dates import EntryDates, UnreadDate
from convert.sources.feeds.entry_dates import problems as date_problems
from convert.sources.xml_text import RefusedXML
from convert.text.characters import several
from convert.text.languages import language_tag

# feedparser looks for an e-mail address in these by an expression that is quadratic.
_PEOPLE = re.compile(
    r"<((?:[\w.-]+:)?(?:author|creator|publisher|managingeditor|webmaster|owner|contributor))\b"
    r"[^>]*(?<!/)>"
)
_LONG_PERSON = 500
_PEOPLE_COST = 2e8
_PREFIX = re.compile(r"\sxmlns:([\w.-]+)\s*=")
_PREFIX_COST = 5e7
"""feedparser looks through all prefixes of namespaces at each element: three seconds."""


def read(received: Received) -> Document:
    """Return the feed and its entries; all that can be read of one that is broken.

    Raises BadFeed where it is no feed or holds nothing that can be read, RefusedXML.
    """
    source_text = xml_text.read(received.content, received.charset)
    scan = xml_text.scan(source_text.text)
    notes = list(source_text.mended)
    text = scan.whole or source_text.text
    cut = f"ends too early ({scan.broken})" if scan.whole is not None else ""
    # lxml would stop at what breaks the document; feedparser reads on.
    if scan.broken is None or scan.whole is not None:
        text = xhtml.as_text(text, received.address)
    parsed = _parsed(text, received.address)
    feed = _feed(parsed.feed, received.address, received.name)
    positions, left_out = wxr.published(parsed)
    if scan.broken is not None and not cut:
        if positions:
            notes.append(f"is not well-formed ({scan.broken}); what can be read is")
        else:
            cut = f"is not well-formed ({scan.broken}) and holds no entry"
    problems = [Problem(path=received.name, reason=reason) for reason in (*notes, *left_out)]
    titles = {key: elements.words(parsed.feed, key) for key in ("title", "subtitle", "rights")}
    problems += [Problem(path=received.name, field=f, reason=r) for f, r in clean.cuts(titles)]
    # Only in a well-formed document does the scan count entries as feedparser does.
    answers = scan.answers if len(scan.answers) == len(parsed.entries) else ()
    atom = str(parsed.get("version", "")).startswith("atom")
    names = wxr.display_names(text) if "wp_wxr_version" in parsed.feed else {}
    sources: dict[str, Feed] = {}
    entries: list[StoredEntry] = []
    unread: list[str] = []
    unnamed: list[str] = []
    unread_dates: list[UnreadDate] = []
    for position, raw in ((each, parsed.entries[each]) for each in positions):
        source = _source(raw)
        if source is not None:
            sources[source.id] = source
        entry_dates = elements.dates_of(raw, atom=atom)
        entry = _entry(raw, entry_dates, feed, source, received, atom=atom)
        unread_dates += [UnreadDate(entry.link or entry.id, each) for each in entry_dates.unread]
        if reason := clean.too_long(entry.content, entry.summary, limit=received.max_body):
            problems.append(
                Problem(
                    path=received.name,
                    field=clean.line(entry.link or entry.id),
                    reason=reason,
                    severity="entry",
                )
            )
            if _identity(raw) or entry.link or entry.title or entry.published:
                unread.append(entry.id)
            else:
                # An id that is made of the text is another where the text is.
                unnamed.append(f"entry {position + 1}")
            continue
        if entry.link is None and (reason := clean.link_left_out(raw.get("link"))):
            problems.append(
                Problem(
                    path=received.name,
                    field=f"link of {clean.line(entry.id)[:80]}",
                    reason=reason,
                )
            )
        if names:
            # An export names authors by their logins, which readers never see.
            authors = tuple(Person(name=names.get(each.name, each.name)) for each in entry.authors)
            entry = msgspec.structs.replace(entry, authors=authors)
        if answers:
            entry = msgspec.structs.replace(entry, in_reply_to=answers[position])
        entries.append(entry)
    problems += date_problems(received.name, unread_dates)
    links = {each.get("rel"): clean.web(each.get("href")) for each in parsed.feed.get("links", ())}
    return Document(
        feed=feed,
        entries=tuple(entries),
        sources=sources,
        older=links.get("prev-archive") or links.get("next"),  # RFC 5005 §4 and §3
        paged="wordpress" in str(parsed.feed.get("generator", "")).lower(),
        problems=tuple(problems),
        cut=cut,
        unread=tuple(unread),
        unnamed=several(unnamed),
    )


def _parsed(text: str, address: str | None) -> Any:
    """Return what feedparser reads, which is kept from what costs it too much."""
    import feedparser  # noqa: PLC0415 - most runs read no feed, and it is slow to load

    _mend()
    lowered = text.lower()
    cost = 0
    for person in _PEOPLE.finditer(lowered):
        end = lowered.find(f"</{person[1]}", person.end())
        length = (end if end != -1 else len(lowered)) - person.end()
        if length > _LONG_PERSON:
            cost += length * length
        if cost > _PEOPLE_COST:
            raise RefusedXML(f"a name in <{person[1]}> is far too long: refused")
    prefixes = len(set(_PREFIX.findall(text)))
    if prefixes * text.count("<") > _PREFIX_COST:
        raise RefusedXML(f"declares {prefixes:,} prefixes of namespaces: refused")
    headers = {"content-type": "application/xml; charset=utf-8"}
    if address:
        headers["content-location"] = address
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
    # feedparser finds no version in some old feeds, but then it finds something in them.
    if not parsed.get("version") and not parsed.entries and not parsed.feed:
        raise BadFeed("is no Atom, RSS or JSON feed")
    return parsed


@functools.cache
def _mend() -> None:
    """Replace what makes feedparser take the square of the time for many elements."""
    from feedparser import mixin, urls  # noqa: PLC0415

    mixin._FeedParserMixin._add_tag = _add_tag
    # Every element is resolved against the base, and bases in each other grow.
    for name in ("_urljoin", "make_safe_absolute_uri"):
        setattr(mixin, name, _bounded(getattr(urls, name)))


def _bounded(join: Callable[..., str]) -> Callable[..., str]:
    """Return the same, which cuts an address that is too long to one that is just too long, as
    is every reference that is resolved against it."""

    def bounded(*parts: str) -> str:
        address = join(*parts) or ""
        return f"{clean.bounded(address)}/" if len(address) > clean.LONGEST else address

    return bounded


def _add_tag(parser: Any, term: str | None, scheme: str | None, label: str | None) -> None:
    """Add a category to what is being read, each once, as feedparser's method does, which looks
    for it among all before it.

    The parser is everybody's in this process, so what it gives must be what it gave.
    """
    from feedparser import FeedParserDict  # noqa: PLC0415 - as above

    tags = parser._get_context().setdefault("tags", [])
    # The lists live as long as the parser: no other gets the place of one.
    seen = parser.__dict__.setdefault("_tags_seen", {}).setdefault(id(tags), set())
    if (term or scheme or label) and (term, scheme, label) not in seen:
        seen.add((term, scheme, label))
        tags.append(FeedParserDict(term=term, scheme=scheme, label=label))


def _feed(raw: Any, address: str | None, name: str) -> Feed:
    link = clean.web(raw.get("link"))
    # Where the feed was fetched goes before what it says of itself, which may be out of date.
    if not address:
        own = (each.get("href") for each in raw.get("links", ()) if each.get("rel") == "self")
        address = clean.web(next(own, None))
    title = elements.plain(raw, "title") or ""
    return Feed(
        # RSS has no id.  A made one holds no path of this machine.
        id=clean.line(raw.get("id")) or address or link or made_id(title or PurePath(name).name),
        title=title,
        subtitle=elements.plain(raw, "subtitle") or elements.plain(raw, "info"),  # Atom 0.3's
        updated=elements.date(raw, "updated") or elements.date(raw, "published"),
        address=address,
        link=link,
        rights=elements.plain(raw, "rights"),
        icon=clean.web(raw.get("icon")),
        logo=clean.web(raw.get("logo") or raw.get("image", {}).get("href")),
        language=language_tag(raw.get("language")),
        authors=elements.people(raw, "author"),
    )


def _source(raw: Any) -> Feed | None:
    """Return the feed that an entry of a merged feed came from (RFC 4287 §4.2.11)."""
    source = raw.get("source") or {}
    if source.get("href") and not source.get("links"):  # RSS: <source url="…">title</source>
        address = clean.web(source.get("href"))
        title = clean.line(source.get("title") or source.get("value"))
        return Feed(id=address, title=title, address=address) if address else None
    if not (source.get("id") or source.get("links") or source.get("title")):
        return None
    return _feed(source, None, "")


def _entry(
    raw: Any,
    dates: EntryDates,
    feed: Feed,
    source: Feed | None,
    received: Received,
    *,
    atom: bool,
) -> StoredEntry:
    content, content_type, base, language = elements.content(raw)
    summary, summary_type = elements.summary(raw, beside_content=content is not None)
    title, title_type = elements.text(raw, "title")
    link = _link(raw, feed, atom=atom)
    return StoredEntry(
        path=received.name,
        # Elements of our own feeds, for what the formats have no field for.
        user=clean.line(raw.get("thicket_user")),
        id=_identity(raw)
        # RSS demands neither guid nor link.
        or link
        or identity.of_traits(feed, title, dates.published, summary, content),
        updated=dates.updated,
        published=dates.published,
        title=title or "",
        title_type=title_type,
        link=link,
        summary=summary,
        summary_type=summary_type,
        content=wxr.paragraphs(content) if content and "wp_post_type" in raw else content,
        content_type=content_type,
        # RFC 4287 §4.2.1: the entry's own, else its source's, else the feed's.
        authors=elements.people(raw, "author")
        or (source.authors if source else ())
        or feed.authors,
        contributors=elements.people(raw, "contributor"),
        categories=elements.categories(raw),
        rights=elements.plain(raw, "rights"),
        source=(source or feed).id,
        enclosures=elements.enclosures(raw),
        language=language,
        # Only Atom says that the document's own address is the base (RFC 4287 §2).
        base=base if atom or base != received.address else None,
    )


def _identity(raw: Any) -> str:
    """Return the id that an entry states; "" where it states none."""
    return clean.line(raw.get("thicket_id")) or clean.line(raw.get("id"))


def _link(raw: Any, feed: Feed, *, atom: bool) -> str | None:
    """Return the page of an entry.

    feedparser offers the id where there is none, which is right only for RSS's permalinks: an
    id of Atom need not lead anywhere (RFC 4287 §4.2.6).
    """
    stated = str(raw.get("link") or "").strip()
    named = any(each.get("href") == stated for each in raw.get("links", ()))
    if not stated or not (named or (raw.get("guidislink") and not atom)):
        return None
    link = clean.web(stated)
    # feedparser resolves against the feed's address, which a file does not have.
    if link is None and feed.link and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", stated):
        link = clean.web(clean.join(feed.link, stated))
    return link
