"""Elements that feedparser read, as values of the model."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import nh3

from convert.model import Category, Enclosure, Person
from convert.sources import clean
from convert.sources.feeds import entry_dates
from convert.sources.feeds.entry_dates import EntryDates, StatedDate
from convert.text.languages import language_tag

_TYPES = {"text/html": "html", "application/xhtml+xml": "xhtml", "text/plain": "text", "": "text"}
_MARKUP = ("html", "xhtml")


def text(raw: Any, key: str) -> tuple[str | None, str]:
    """Return a text construct (RFC 4287 §3.1): its value and its type."""
    value = dict.get(raw, key)
    if not isinstance(value, str):
        return None, "text"
    return value, _type(raw.get(f"{key}_detail") or {})


def words(raw: Any, key: str) -> str | None:
    """Return a text construct of a feed without markup."""
    value, kind = text(raw, key)
    if value and kind in _MARKUP:
        # A title of more is none, and nh3 is quadratic on deep nests.
        value = html.unescape(nh3.clean(value[:20_000], tags=set()))
    return value


def plain(raw: Any, key: str) -> str | None:
    """Return the same as one line of a title."""
    return clean.title(words(raw, key))


def content(raw: Any) -> tuple[str | None, str, str | None, str | None]:
    """Return content, its type, its base address and its language; the markup where there are
    two."""
    contents = [each for each in raw.get("content", ()) if each.get("value")]
    first = contents[0] if contents else None
    best = next((each for each in contents if _type(each) in _MARKUP), first)
    detail = best or raw.get("summary_detail") or raw.get("title_detail") or {}
    base = clean.web(detail.get("base"))
    language = language_tag(detail.get("language")) or language_tag(raw.get("language"))
    if best is None:
        return None, "html", base, language
    return best["value"], _type(best), base, language


def summary(raw: Any, *, beside_content: bool) -> tuple[str | None, str]:
    """Return the summary and its type.

    feedparser repeats a content as summary; only one with a detail stood in the feed.
    """
    if beside_content and "summary_detail" not in raw:
        return None, "html"
    value, kind = text(raw, "summary")
    return (value, kind) if value else (None, "html")


def date(raw: Any, key: str) -> dt.datetime | None:
    """Return a date of a feed itself; None where it states none that can be read."""
    value = dict.get(raw, key)  # feedparser's own ``get`` gives ``published`` for ``updated``
    return entry_dates.of_feed(value if isinstance(value, str) else None)


def dates_of(raw: Any, *, atom: bool) -> EntryDates:
    """Return the dates of an entry, by our rules alone: feedparser's take what is missing from the
    clock."""
    return entry_dates.read(
        published=_stated(raw, "published", "published" if atom else "pubDate"),
        updated=_stated(raw, "updated", "updated"),
        created=_stated(raw, "created", "created"),
    )


def _stated(raw: Any, key: str, field: str) -> list[StatedDate]:
    value = dict.get(raw, key)  # as above
    return [StatedDate(field, value)] if isinstance(value, str) else []


def people(raw: Any, role: str) -> tuple[Person, ...]:
    """Return authors or contributors, each once, in the order of the feed."""
    persons: dict[str, Person] = {}
    for each in raw.get(f"{role}s", ()):
        email = clean.optional(each.get("email"))
        # RSS 2.0's author is an e-mail address, often with nothing beside it.
        name = clean.line(each.get("name")) or clean.line(email).partition("@")[0]
        if name:
            person = Person(name=name, uri=clean.web(each.get("href")), email=email)
            persons.setdefault(name, person)
    return tuple(persons.values())


def categories(raw: Any) -> tuple[Category, ...]:
    """Return RFC 4287 §4.2.2, RSS <category>, Dublin Core subjects, each once."""
    stated = (
        Category(
            # RFC 4287 demands a term; some feeds write but a label.
            term=clean.line(each.get("term")) or clean.line(each.get("label")),
            scheme=clean.optional(each.get("scheme")),
            label=clean.optional(each.get("label")),
        )
        for each in raw.get("tags", ())
    )
    return tuple(dict.fromkeys(each for each in stated if each.term))


def enclosures(raw: Any) -> tuple[Enclosure, ...]:
    """Return Atom's and RSS's enclosures, and the content of Media RSS."""
    enclosed: dict[str, Enclosure] = {}
    duration = _seconds(raw.get("itunes_duration"))
    for each in (*raw.get("enclosures", ()), *raw.get("media_content", ())):
        href = clean.line(each.get("href") or each.get("url"))
        length = str(each.get("length") or each.get("filesize") or "").strip()
        if href and href not in enclosed:
            enclosed[href] = Enclosure(
                href=href,
                type=clean.optional(each.get("type")),
                # Feeds write "", "0" and "unknown" into what RSS 2.0 demands.
                length=int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None,
                title=clean.optional(each.get("title")),
                duration=_seconds(each.get("duration")) or duration,
            )
    return tuple(enclosed.values())


def _type(detail: Any) -> str:
    stated = str(detail.get("type") or "").lower()
    return _TYPES.get(stated, stated)


def _seconds(value: object) -> int | None:
    """Return seconds, from a number or H:MM:SS as podcasts write it."""
    parts = str(value or "").strip().partition(".")[0].split(":")
    if len(parts) > 3 or not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        return None
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return total or None
