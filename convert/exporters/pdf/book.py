"""What a volume prints, as values for the templates: parts, entry heads, indexes.

Nothing here knows the engine that lays the pages out.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping

import segno

from convert.entryset import EntrySet
from convert.exporters.pdf.body import Body, shown_address
from convert.model import Entry
from convert.text.languages import language_tag
from convert.text.names import anchor
from convert.text.phrases import (
    format_date,
    format_month,
    format_period,
    join_names,
    say,
)

SHORT = 120
"""Words of an entry that follows the one before on the same page, if it fits there."""
HEAD_LIMIT = 70
"""Characters of a title in a running head."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Line:
    """One line that leads to an entry of this volume: in the contents, an index, a list."""

    anchor: str
    title: str
    names: str = ""
    date: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reference:
    """An entry that answers, cites, or is answered: on a page of this volume or in another."""

    title: str
    names: str
    anchor: str = ""
    volume: str = ""
    address: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Heading:
    """One heading of an index, with the entries under it in the order of the volume."""

    term: str
    lines: tuple[Line, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class EntryPage:
    """One entry as the template sets it."""

    key: str
    anchor: str
    title: str
    head: str
    names: str
    date: str
    categories: tuple[str, ...]
    address: str
    shown_address: str
    qr: str
    language: str
    direction: str
    summary_only: bool
    short: bool
    body: str
    notes: tuple[tuple[str, str], ...]
    replies: tuple[Reference, ...]
    cited_by: tuple[Reference, ...]
    cite_as: str
    say: Callable[..., str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """The entries of one year, or of one month where the volume holds a single year."""

    anchor: str
    title: str
    month: bool
    entries: tuple[Entry, ...]
    lines: tuple[Line, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Book:
    """A volume without its bodies."""

    entries: EntrySet
    parts: tuple[Part, ...]
    people: tuple[Heading, ...]
    categories: tuple[Heading, ...]
    chronology: tuple[Line, ...]

    @property
    def period(self) -> str:
        """The years that the volume spans, or ""."""
        days = sorted(entry.date for entry in self.entries)
        return format_period(days[0], days[-1], self.entries.language) if days else ""


def plan(entries: EntrySet) -> Book:
    """The book of a volume.  Entries stay in the order of the set."""
    lines = {entry.key: line(entries, entry) for entry in entries}
    by_date = sorted(entries, key=lambda entry: (entry.date, entry.key))
    return Book(
        entries=entries,
        parts=_parts(entries, lines),
        people=_headings(
            ((person.name, entry) for entry in entries for person in entries.authors(entry)),
            lines,
        ),
        categories=_headings(
            (
                (category.label or category.term, entry)
                for entry in entries
                for category in entry.categories
            ),
            lines,
        ),
        chronology=tuple(lines[entry.key] for entry in by_date),
    )


def line(entries: EntrySet, entry: Entry) -> Line:
    """What the contents say of an entry."""
    return Line(
        anchor=anchor(entry.key),
        title=title_of(entries, entry),
        names=names_of(entries, entry),
        date=format_date(entry.date, entries.language),
    )


def title_of(entries: EntrySet, entry: Entry) -> str:
    """The title to print: an entry without one has the word for that."""
    return entry.title.strip() or say(entries.language, "untitled")


def names_of(entries: EntrySet, entry: Entry) -> str:
    """The names of an entry's authors, joined as the language of the set does it."""
    return join_names(tuple(person.name for person in entries.authors(entry)), entries.language)


def entry_page(entries: EntrySet, entry: Entry, body: Body, *, qr: str) -> EntryPage:
    """One entry with its body, as the template sets it; ``qr`` is where its code is, or ""."""
    title = title_of(entries, entry)
    address = entry.link or ""
    replies = {cited.key for cited in entries.citations.get(entry.key, ()) if cited.reply}
    return EntryPage(
        key=entry.key,
        anchor=anchor(entry.key),
        title=title,
        head=_shortened(title),
        names=names_of(entries, entry),
        date=format_date(entry.date, entries.language),
        categories=tuple(dict.fromkeys(each.label or each.term for each in entry.categories)),
        address=address,
        shown_address=shown_address(address),
        qr=qr,
        language=language_tag(entry.language) or entries.language,
        direction=entry.direction,
        summary_only=not entry.full,
        short=entry.words <= SHORT and entry.size <= 20 * SHORT,
        body=body.markup,
        notes=tuple((each, shown_address(each)) for each in body.notes),
        replies=tuple(
            _reference(entries, each) for each in entries.answered(entry) if each.key in replies
        ),
        cited_by=tuple(_reference(entries, each) for each in entries.citing(entry)),
        cite_as=cite_as(entries, entry),
        say=lambda phrase, **values: say(entries.language, phrase, **values),
    )


def cite_as(entries: EntrySet, entry: Entry) -> str:
    """How to cite the entry, from its stored fields: names, title, feed, date, address."""
    feed = entries.feed(entry)
    names = names_of(entries, entry)
    where = feed.title.strip() if feed is not None else ""
    parts = (
        names,
        f"“{_isolated(title_of(entries, entry))}”",
        where if where != names else "",
        format_date(entry.date, entries.language),
        entry.link or entry.id,
    )
    return ", ".join(part for part in parts if part)


def _isolated(title: str) -> str:
    """A title that runs from right to left would pull the date after it to its other side."""
    runs = any(unicodedata.bidirectional(character) in ("R", "AL") for character in title)
    return f"\u2068{title}\u2069" if runs else title


def qr_code(address: str) -> bytes:
    """A QR code (ISO/IEC 18004) of an address as a PNG of one bit, b"" where there is none or
    the code would be too dense to read.

    The mask is fixed: weighing all eight takes four times as long, and every reader takes any.
    """
    if not address:
        return b""
    try:
        code = segno.make(address, micro=False, error="l", boost_error=True, mask=3)
    except segno.DataOverflowError:
        return b""
    if code.symbol_size(border=0)[0] > MAX_MODULES:
        return b""
    made = io.BytesIO()
    code.save(made, kind="png", border=0, scale=4)
    return made.getvalue()


MAX_MODULES = 57
"""Modules a side (version 10, 271 bytes): at 15 mm a phone still reads it."""


def _parts(entries: EntrySet, lines: Mapping[str, Line]) -> tuple[Part, ...]:
    years = {entry.date.astimezone(dt.UTC).year for entry in entries}
    by_year = len(years) > 1
    groups: dict[tuple[int, int], list[Entry]] = {}
    for entry in entries:
        when = entry.date.astimezone(dt.UTC)
        groups.setdefault((when.year, 0 if by_year else when.month), []).append(entry)
    return tuple(
        Part(
            anchor=f"part-{year:04d}" + (f"-{month:02d}" if month else ""),
            title=_part_title(year, month, entries.language),
            month=month > 0,
            entries=tuple(group),
            lines=tuple(lines[entry.key] for entry in group),
        )
        for (year, month), group in groups.items()
    )


def _part_title(year: int, month: int, language: str) -> str:
    day = dt.date(year, month or 1, 1)
    return format_month(day, language) if month else format_period(day, day, language)


def _headings(pairs: Iterable[tuple[str, Entry]], lines: Mapping[str, Line]) -> tuple[Heading, ...]:
    found: dict[str, dict[str, Line]] = {}
    shown: dict[str, str] = {}
    for term, entry in pairs:
        plain = " ".join(term.split())
        if plain:
            folded = plain.casefold()
            shown.setdefault(folded, plain)
            found.setdefault(folded, {})[entry.key] = lines[entry.key]
    return tuple(
        Heading(term=shown[folded], lines=tuple(found[folded].values())) for folded in sorted(found)
    )


def _reference(entries: EntrySet, entry: Entry) -> Reference:
    here = entry.key in entries.by_key
    return Reference(
        title=title_of(entries, entry),
        names=names_of(entries, entry),
        anchor=anchor(entry.key) if here else "",
        volume="" if here else entries.elsewhere[entry.key].volume.title,
        address=entry.link or "",
    )


def _shortened(title: str) -> str:
    if len(title) <= HEAD_LIMIT:
        return title
    return title[:HEAD_LIMIT].rsplit(" ", maxsplit=1)[0].rstrip(" ,;:–—-") + " …"


def authors(entries: EntrySet) -> tuple[str, ...]:
    """The names of all authors of the volume."""
    return tuple(person.name for person in entries.people)


def sources(entries: EntrySet) -> tuple[tuple[str, str], ...]:
    """Where the entries came from and, in a Git repository, the revision.

    An address on the web, else a name: a path would tell of one machine, and the same entries
    in another folder would be another file.
    """
    language = entries.language
    return tuple(
        (
            _web_address(origin.remote) or _web_address(origin.address) or origin.name,
            f"{say(language, 'revision')} {origin.commit}" if origin.commit else "",
        )
        for origin in entries.origins
    )


def _web_address(address: str | None) -> str | None:
    return address if address and address.startswith(("http://", "https://")) else None
