"""The pages of one entry: its head, its body, and where it stands among the others."""

from __future__ import annotations

import dataclasses
import posixpath
from collections.abc import Iterator
from urllib.parse import urlsplit

from convert.exporters import outline
from convert.exporters.epub.body import BodyMaker
from convert.exporters.epub.package import web_address
from convert.exporters.epub.pages import Line, Pages
from convert.exporters.outline import shown_address
from convert.model import Content, Entry
from convert.text.characters import fold
from convert.text.languages import direction
from convert.text.phrases import format_date, say


@dataclasses.dataclass(frozen=True, kw_only=True)
class LineList:
    """A list of entries under a heading."""

    title: str
    lines: tuple[Line, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class EntryPage:
    """One file of an entry, as its template shows it.  ``ours`` is the book's language, and
    ``turned`` its direction, where the entry has another."""

    title: str
    body: str
    first: bool
    last: bool
    ours: str | None
    turned: str | None
    people: tuple[Line, ...]
    day: str
    date: str
    cut_short: bool
    enclosures: tuple[Line, ...]
    lists: tuple[LineList, ...]
    link: str | None
    shown_link: str
    categories: tuple[Line, ...]
    before: Line | None
    after: Line | None


def entry_pages(
    entry: Entry, content: Content, pages: Pages, maker: BodyMaker
) -> Iterator[tuple[str, str, str]]:
    """Yield each file of the entry: its name, its markup, and its body alone."""
    files = pages.plan.pages_of(entry.key)
    page = _page(entry, pages)
    frame = pages.frame(page.title, pages.other_language(entry), entry.direction)
    bodies = list(maker.bodies(entry, content, files))
    for at, body in enumerate(bodies):
        shown = dataclasses.replace(page, body=body, first=at == 0, last=at == len(bodies) - 1)
        yield files[at], pages.render("entry", frame, entry=shown), body


def _page(entry: Entry, pages: Pages) -> EntryPage:
    entries, tongue = pages.plan.entries, pages.language
    link = web_address(entry.link)
    before, after = pages.plan.beside[entry.key]
    people = pages.plan.people.hrefs
    categories = pages.plan.categories.hrefs
    relations = outline.relations(entries, entry)
    enclosures = ((file, web_address(file.href)) for file in entry.enclosures)
    return EntryPage(
        title=outline.title_of(entries, entry),
        body="",
        first=True,
        last=True,
        ours=tongue if pages.other_language(entry) else None,
        turned=way if (way := direction(tongue)) != entry.direction else None,
        people=tuple(
            Line(title=name, href=people[name.casefold()])
            for name in outline.author_names(entries, entry)
        ),
        day=f"{entry.date:%Y-%m-%d}",
        date=format_date(entry.date, tongue),
        cut_short=outline.is_cut_short(entry),
        enclosures=tuple(
            Line(
                title=fold(file.title or "")
                or posixpath.basename(urlsplit(address).path)
                or shown_address(address),
                href=address,
            )
            for file, address in enclosures
            if address
        ),
        lists=tuple(
            LineList(title=say(tongue, phrase), lines=tuple(pages.line(each) for each in others))
            for phrase, others in (
                ("in_reply_to", relations.answers),
                ("refers_to", relations.cites),
                ("referenced_by", relations.cited_by),
            )
            if others
        ),
        link=link,
        shown_link=shown_address(link or ""),
        categories=tuple(
            Line(title=title, href=categories[key]) for key, title in outline.categories_of(entry)
        ),
        before=_beside("previous_by", before, pages),
        after=_beside("next_by", after, pages),
    )


def _beside(phrase: str, entry: Entry | None, pages: Pages) -> Line | None:
    if entry is None:
        return None
    name = fold(pages.plan.entries.user(entry).name)
    shown = pages.line(entry, names=False, date=False)
    return dataclasses.replace(shown, names=say(pages.language, phrase, name=name))
