"""The pages before the text: cover, title page, colophon."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from convert.entryset import EntrySet
from convert.exporters.epub.metadata import (
    book_title,
    identifier,
    people,
    period,
    summary,
    volume_name,
)
from convert.exporters.epub.pages import Pages
from convert.exporters.epub.text import line, shown_address, web_address
from convert.model import Origin
from convert.text.phrases import format_date, join_names, say

LONG = 1_500
"""Characters of the names of all people, beyond which the title page names a few."""
FEW = 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class SourceLine:
    """Where entries were read from.  ``date`` is that of the commit, in words."""

    title: str
    link: str | None
    commit: str
    date: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Owner:
    """An author with what their entries or feeds say of rights."""

    name: str
    rights: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class VolumeLine:
    """A volume of the publication; ``here`` where it is this book."""

    title: str
    here: bool


def cover_page(pages: Pages, image: str) -> str:
    """The page that shows the cover."""
    entries = pages.plan.entries
    told = (book_title(entries), line(entries.subtitle), period(entries), people(entries))
    title = say(pages.language, "cover")
    return pages.page("cover", title, cover=image, alt=". ".join(filter(None, told)))


def title_page(pages: Pages) -> str:
    """Title, volume, years and people."""
    entries = pages.plan.entries
    named = join_names([line(person.name) for person in entries.people], pages.language)
    return pages.page(
        "title",
        book_title(entries),
        title=line(entries.title) or book_title(entries),
        subtitle=line(entries.subtitle),
        volume=volume_name(entries),
        period=period(entries),
        people=named if len(named) <= LONG else people(entries, most=FEW),
        publisher=line(pages.options.publisher),
    )


def colophon(pages: Pages) -> str:
    """Where the texts come from, whose they are, and what made the book."""
    entries, tongue = pages.plan.entries, pages.language
    return pages.page(
        "colophon",
        say(tongue, "colophon"),
        summary=summary(entries),
        sources=[_source(origin, tongue) for origin in entries.origins],
        rights=line(entries.rights),
        owners=list(_owners(entries)),
        volumes=[
            VolumeLine(title=line(each.title), here=each == entries.volume)
            for each in entries.volumes
        ],
        made_with=say(tongue, "made_with", name=f"thicket-convert {pages.context.version}".strip()),
        identifier=identifier(entries),
    )


def _source(origin: Origin, language: str) -> SourceLine:
    # A path would tell of one machine: without an address on the web, the name has to do.
    link = web_address(origin.remote) or web_address(origin.address)
    return SourceLine(
        title=line(origin.title) or (shown_address(link) if link else line(origin.name)),
        link=link,
        commit=line(origin.commit),
        date=format_date(origin.committed, language) if origin.committed else "",
    )


def _owners(entries: EntrySet) -> Iterator[Owner]:
    stated: dict[str, dict[str, None]] = {person.name: {} for person in entries.people}
    for entry in entries:
        feed = entries.feed(entry)
        words = line(entry.rights) or line(feed.rights if feed else None)
        for person in entries.authors(entry):
            if words:
                stated[person.name][words] = None
    for name, rights in stated.items():
        if rights:
            yield Owner(name=line(name), rights=tuple(rights))
