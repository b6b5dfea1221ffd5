"""Atom, RSS 0.9x, 1.0, 2.0 and CDF, from the tree of the document."""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple

from lxml import etree
from msgspec.structs import replace

from convert.content import fields
from convert.model import Feed, Problem, StoredEntry
from convert.sources import clean, xml_text, xml_tree
from convert.sources.feeds import elements, entry_dates, exports, identity, links, media, wxr
from convert.sources.feeds.document import BadFeed, Document, Received, counted, made_id
from convert.sources.feeds.entry_dates import EntryDates, UnreadDate
from convert.sources.feeds.people import of_entry, people
from convert.sources.feeds.texts import RIGHTS, SUBTITLES, Reader, Text
from convert.sources.feeds.vocabulary import (
    RDF,
    Parts,
    address,
    adopt,
    attribute,
    name_of,
    reference,
    text_of,
)
from convert.text.addresses import is_iri

_UNITS = ("entry", "item")
_WHOLE = ("feed", "rss", "rdf:rdf", "rdf")
_AROUND = (*_WHOLE, "channel", "items")
_ROOTS = frozenset((*_AROUND, *_UNITS))


class _Opened(NamedTuple):
    """A document: ``feed`` holds what it says of itself, ``holders`` what it has entries in."""

    feed: Parts
    holders: tuple[Parts, ...]


def read(received: Received) -> Document:
    """Return the feed and its entries; all that can be read of one that is broken.

    Raises BadFeed where it is no feed or holds nothing that can be read, RefusedXML.
    """
    source_text = xml_text.read(received.content, received.charset)
    tree = xml_tree.parse(source_text.text)
    opened = _opened(tree.root, received.address) if tree else None
    if tree is None or opened is None:
        raise BadFeed("is no Atom, RSS or JSON feed")
    feed, cuts = _feed(opened.feed, received.address, received.name)
    units = _units(opened, feed, received.address)
    notes = list(source_text.mended)
    cut = f"ends too early ({tree.broken})" if tree.cut else ""
    if tree.broken is not None and not cut:
        if units:
            notes.append(f"is not well-formed ({tree.broken}); what can be read is")
        else:
            cut = f"is not well-formed ({tree.broken}) and holds no entry"
    positions, left_out = exports.published(units)
    problems = [Problem(path=received.name, reason=reason) for reason in (*notes, *left_out)]
    problems += [Problem(path=received.name, field=field, reason=reason) for field, reason in cuts]
    site = wxr.Site(opened.feed, units)
    sources: dict[str, Feed] = {}
    entries: list[StoredEntry] = []
    unread: list[str] = []
    unnamed: list[str] = []
    unread_dates: list[UnreadDate] = []
    for position in positions:
        parts = units[position]
        source = _source(parts)
        if source is not None:
            sources[source.id] = source
        dates = elements.dates(parts)
        entry, lost = _entry(parts, dates, feed, source, received.name)
        unread_dates += [UnreadDate(entry.link or entry.id, each) for each in dates.unread]
        problems += [
            Problem(path=received.name, field=f"{field} of {entry.id[:80]}", reason=reason)
            for field, reason in lost
        ]
        reason = clean.too_long(entry.content, entry.summary, limit=received.max_body)
        try:
            entry = site.finish(entry, parts, len(received.content))
        except BadFeed as error:
            reason = str(error)
        if reason:
            field = clean.line(entry.link or entry.id)
            problems.append(
                Problem(path=received.name, field=field, reason=reason, severity="entry")
            )
            if _identity(parts) or entry.link or entry.title or entry.published:
                unread.append(entry.id)
            else:
                # An id that is made of the text is another where the text is.
                unnamed.append(f"entry {position + 1}")
            continue
        entries.append(entry)
    pages = {each.rel: each.href for each in reversed([*links.stated(opened.feed)])}
    return Document(
        feed=feed,
        entries=tuple(entries),
        sources=sources,
        older=pages.get("prev-archive") or pages.get("next"),  # RFC 5005 §4 and §3
        paged="wordpress" in opened.feed.text("generator").lower(),
        problems=(*counted(problems), *entry_dates.problems(received.name, unread_dates)),
        cut=cut,
        unread=tuple(unread),
        unnamed=tuple(unnamed),
    )


def _opened(root: etree._Element, address: str | None) -> _Opened | None:
    """Return where a document holds what; None where it holds nothing of a feed."""
    adopt(root[0] if root.tag == xml_tree.WRAPPER and len(root) else root, (*_WHOLE, "channel"))
    # In a wrapper of others an element may be called channel and be none.
    alone = name_of(str(root.tag)) in _ROOTS or root.tag == xml_tree.WRAPPER
    names = _ROOTS if alone else _WHOLE
    top = next((each for each in root.iter("*") if name_of(str(each.tag)) in names), None)
    if top is None:
        return None
    name = name_of(str(top.tag))
    rss = name not in {"feed", "entry"}

    def parts(element: etree._Element) -> Parts:
        # Only Atom says that the document's own address is the base (RFC 4287 §2).
        return Parts(element, base=None if rss else address, home=address, rss=rss)

    if name in _UNITS:
        around = top.getparent()
        if around is None:
            around = etree.Element("feed")
            around.append(top)
        return _Opened(parts(etree.Element("feed")), (parts(around),))
    holders = [parts(top)]
    for holder in holders:
        holders += map(holder.within, holder.all(*_AROUND))
    channels = (each for each in holders if name_of(str(each.element.tag)) == "channel")
    feed = next(channels, holders[0])
    if top is not root:
        # What is not well-formed may go on behind the end of the feed.
        holders.append(parts(root))
    if not any(holder.all(*_UNITS) for holder in holders):
        # Or something that nothing ends stands in between.
        holders = [parts(each) for each in root.iter("*") if name_of(str(each.tag)) in _AROUND]
    return _Opened(feed, tuple(holders))


def _units(opened: _Opened, feed: Feed, address: str | None) -> list[Parts]:
    """Return the entries or items of a document.

    References of RSS resolve against the page of the feed, where that names no base; those of
    Atom against where the feed is, which a file of it says itself.
    """
    rss = opened.feed.rss
    home = (feed.link or feed.address) if rss else (feed.address or feed.link)
    return [
        Parts(
            element,
            base=holder.base,
            home=home,
            language=holder.language,
            rss=rss,
        )
        for holder in opened.holders
        for element in holder.all(*_UNITS)
    ]


def _feed(parts: Parts, address: str | None, name: str) -> tuple[Feed, list[tuple[str, str]]]:
    """Return a feed, and what was left out of its texts and why."""
    left_out: list[tuple[str, str]] = []
    reader = Reader(parts, lambda field, reason: left_out.append((field, reason)))
    title = reader.title()
    texts = {
        "title": fields.line(title.value, title.line_type) if title else None,
        "subtitle": reader.line(SUBTITLES),
        "rights": reader.line(RIGHTS),
    }
    named = {field: clean.title(text) for field, text in texts.items()}
    stated = [*links.stated(parts)]
    link = links.page(stated, parts.language)
    # Where the feed was fetched goes before what it says of itself, which may be out of date.
    address = address or next((each.href for each in stated if each.rel == "self"), None)
    people_of = people(parts, "author")
    # RSS has no id.  A made one holds no path of this machine; a source may say but whose it is.
    traits = named["title"] or PurePath(name).name or named["subtitle"]
    traits = traits or ", ".join(each.name for each in people_of)
    feed = Feed(
        id=_identity(parts) or address or link or made_id(traits),
        title=named["title"] or "",
        subtitle=named["subtitle"],
        updated=elements.date(parts),
        address=address,
        link=link,
        rights=named["rights"],
        icon=parts.address_in("icon", "webfeeds:icon"),
        logo=parts.address_in("logo", "image", "itunes:image", "itunes:link"),
        language=parts.language,
        authors=people_of,
    )
    return feed, [*left_out, *clean.cuts(texts)]


def _source(parts: Parts) -> Feed | None:
    """Return the feed that an entry of a merged feed came from (RFC 4287 §4.2.11)."""
    for element in parts.all("source"):
        if len(element):
            # It is in the language that it states, not in that of the entry.
            within = Parts(element, base=parts.base, home=parts.home, rss=parts.rss)
            return _feed(within, None, "")[0]
        # RSS: <source url="…">title</source>
        address = parts.address(element, attribute(element, "url"))
        title = clean.title(fields.line(text_of(element))) or ""
        if address or title:
            return Feed(id=address or made_id(title), title=title, address=address)
    return None


def _entry(
    parts: Parts, dates: EntryDates, feed: Feed, source: Feed | None, path: str
) -> tuple[StoredEntry, list[tuple[str, str]]]:
    """Return an entry, and what was left out of it and why."""
    left_out: list[tuple[str, str]] = []
    reader = Reader(parts, lambda field, reason: left_out.append((field, reason)))
    title = reader.title()
    content, summary = reader.body()
    shown = content or summary or title
    stated = [*links.stated(parts)]
    link = links.page(stated, parts.language) or _permalink(parts, feed)
    pages = (each for each in parts.all("link") if links.relation(each) == "alternate")
    written = next((text for each in pages if (text := reference(each))), "")
    if link is None and (reason := clean.link_left_out(written)):
        left_out.append(("link", reason))
    authors = people(parts, "author")
    if len(authors) == 1 and authors[0].icon is None:
        authors = (replace(authors[0], icon=media.face(parts)),)
    entry = StoredEntry(
        path=path,
        # Elements of our own feeds, for what the formats have no field for.
        user=clean.line(parts.text("thicket:user")),
        id=_identity(parts)
        or clean.line(parts.element.get(f"{RDF}about"))
        # RSS demands neither guid nor link.
        or link
        or (clean.line(written) if is_iri(written) else "")
        or identity.of_traits(
            feed,
            title and title.value,
            dates.published,
            summary and summary.value,
            content and content.value,
        ),
        updated=dates.updated,
        published=dates.published,
        title=title.value if title else "",
        title_type=title.line_type if title else "text",
        link=link,
        summary=summary.value if summary else None,
        summary_type=summary.line_type if summary else "html",
        content=content.value if content else None,
        content_type=content.type if content else "html",
        # RFC 4287 §4.2.1: the entry's own, else its source's, else the feed's.
        authors=of_entry(authors or (source.authors if source else ()) or feed.authors),
        contributors=of_entry(people(parts, "contributor")),
        categories=elements.categories(parts),
        rights=clean.literal(clean.title(reader.line(RIGHTS))),
        source=(source or feed).id,
        enclosures=media.enclosures(parts, (content or summary or Text("", "text")).value),
        links=links.further(parts, stated, link),
        image=media.image(parts),
        language=shown.language if shown else parts.language,
        # An entry's text is read on its page; one without a page on that of its feed.
        base=(shown.base if shown else parts.base) or (None if link else parts.home),
        in_reply_to=elements.answers(parts),
    )
    return entry, left_out


def _identity(parts: Parts) -> str:
    """Return the id that an entry or a feed states; "" where it states none."""
    stated = clean.line(parts.text("thicket:id") or parts.text("guid", "id"))
    return clean.without_credentials(stated) if clean.is_web(stated) else stated


def _permalink(parts: Parts, feed: Feed) -> str | None:
    """Return the page that RSS names by the id of an item, or Takeout by a path on the blog, where
    there is no link."""
    permanent = (
        each for each in parts.all("guid") if attribute(each, "ispermalink").lower() != "false"
    )
    named = (*(address(text_of(each), None) for each in permanent),)
    return next(filter(None, named), None) or address(parts.text("blogger:filename"), feed.link)
