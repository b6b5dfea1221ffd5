"""What a volume prints, as values for the templates: parts, entry heads, indexes.

Nothing here knows the engine that lays the pages out.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping

import segno

from convert.entryset import EntrySet
from convert.exporters import outline
from convert.exporters.outline import Group, shown_address
from convert.exporters.pdf.body import Body
from convert.exporters.widths import beginning
from convert.model import Entry
from convert.text.characters import balanced, fold
from convert.text.languages import language_tag
from convert.text.names import anchor
from convert.text.phrases import format_date, say

SHORT = 120
"""Words of an entry that follows the one before on the same page, if it fits there."""
HEAD = 31.0
"""Em of a title in a running head."""
MAX_MODULES = 57
"""Modules a side of a QR code (version 10, 271 bytes): at 15 mm a phone still reads it."""


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
        return outline.period(self.entries, self.entries.language)

    @property
    def volume(self) -> str:
        """What tells the volume from the others; "" where its number alone does."""
        entries = self.entries
        if entries.volume is None:
            return ""
        name = outline.volume_name(entries)
        return "" if name == say(entries.language, "volume", number=entries.volume.number) else name


def plan(entries: EntrySet) -> Book:
    """Return the book of a volume.  Entries stay in the order of the set."""
    lines = {
        entry.key: Line(
            anchor=anchor(entry.key),
            title=outline.title_of(entries, entry),
            names=outline.byline(entries, entry),
            date=format_date(entry.date, entries.language),
        )
        for entry in entries
    }
    # A year is the one heading of a volume of that year: its months say more.
    by_month = len({entry.date.year for entry in entries}) == 1
    return Book(
        entries=entries,
        parts=tuple(
            Part(
                anchor=f"part-{group.key}",
                title=group.title,
                month=by_month,
                entries=group.entries,
                lines=tuple(lines[entry.key] for entry in group.entries),
            )
            for group in outline.parts(entries, "month" if by_month else "year")
        ),
        people=_headings(outline.people(entries), lines),
        categories=_headings(outline.categories(entries), lines),
        chronology=tuple(
            lines[entry.key] for year in outline.chronology(entries) for entry in year.entries
        ),
    )


def _headings(groups: Iterable[Group], lines: Mapping[str, Line]) -> tuple[Heading, ...]:
    return tuple(
        Heading(term=group.title, lines=tuple(lines[entry.key] for entry in group.entries))
        for group in groups
    )


def entry_page(entries: EntrySet, entry: Entry, body: Body, *, qr: str) -> EntryPage:
    """Return one entry with its body, as the template sets it; ``qr`` is where its code is."""
    head = title = outline.title_of(entries, entry)
    cut = beginning(title, HEAD)
    if cut != title:
        head = balanced(cut.rsplit(" ", maxsplit=1)[0]).rstrip(" ,;:–—-") + " …"
    address = entry.link or ""
    relations = outline.relations(entries, entry)
    return EntryPage(
        key=entry.key,
        anchor=anchor(entry.key),
        title=title,
        head=head,
        names=outline.byline(entries, entry),
        date=format_date(entry.date, entries.language),
        categories=tuple(title for _, title in outline.categories_of(entry)),
        address=address,
        shown_address=shown_address(address),
        qr=qr,
        language=language_tag(entry.language) or entries.language,
        direction=entry.direction,
        summary_only=outline.is_cut_short(entry),
        # The bytes, too: pictures, tables and formulas have few words and much height.
        short=entry.words <= SHORT and entry.size <= 20 * SHORT,
        body=body.markup,
        notes=tuple((each, shown_address(each)) for each in body.notes),
        replies=tuple(_reference(entries, each) for each in relations.answers),
        cited_by=tuple(_reference(entries, each) for each in relations.cited_by),
        cite_as=cite_as(entries, entry),
        say=functools.partial(say, entries.language),
    )


def cite_as(entries: EntrySet, entry: Entry) -> str:
    """Return how to cite the entry, from its stored fields: names, title, feed, date, address."""
    feed = entries.feed(entry)
    names = outline.byline(entries, entry)
    where = feed.title.strip() if feed is not None else ""
    # The day follows: it does not also stand for a title that is missing.
    title = fold(entry.title) or say(entries.language, "untitled")
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in title):
        # A title from right to left would pull the date after it to its other side.
        title = f"\u2068{title}\u2069"
    parts = (
        names,
        f"“{title}”",
        where if where != names else "",
        format_date(entry.date, entries.language),
        entry.link or entry.id,
    )
    return ", ".join(part for part in parts if part)


def qr_code(address: str) -> bytes:
    """Return a QR code (ISO/IEC 18004) of an address as a PNG of one bit, b"" where there is
    none or the code would be too dense to read.

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
    image = io.BytesIO()
    code.save(image, kind="png", border=0, scale=4)
    return image.getvalue()


def _reference(entries: EntrySet, entry: Entry) -> Reference:
    here = entry.key in entries.by_key
    return Reference(
        title=outline.title_of(entries, entry),
        names=outline.byline(entries, entry),
        anchor=anchor(entry.key) if here else "",
        volume="" if here else entries.elsewhere[entry.key].volume.title,
        address=entry.link or "",
    )


def sources(entries: EntrySet) -> tuple[tuple[str, str], ...]:
    """Return where the entries came from and, in a Git repository, the revision."""
    return tuple(
        (
            source.address or source.title,
            f"{say(entries.language, 'revision')} {source.commit}" if source.commit else "",
        )
        for source in outline.sources(entries)
    )
