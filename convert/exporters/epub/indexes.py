"""The lists at the end of a book: people, categories, chronology.

Each is cut into files by the number of its lines: one line is about 250 bytes of markup.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice

from convert.entryset import EntrySet
from convert.model import Entry

LINES = 600
"""Lines of one file."""
NO_CATEGORY = frozenset({"uncategorised", "uncategorized"})
"""What WordPress says where nothing was said."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """The entries under one heading.  ``id`` is its anchor; ``term`` finds it; ``first`` is
    False where it goes on from the file before."""

    id: str
    term: str
    title: str
    entries: tuple[Entry, ...]
    link: str | None = None
    first: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class IndexPage:
    """One file of an index."""

    file: str
    groups: tuple[Group, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Index:
    """A whole index.  ``name`` is the word for it in ``convert.text.phrases``."""

    name: str
    groups: tuple[Group, ...]

    @cached_property
    def pages(self) -> tuple[IndexPage, ...]:
        """Its files, none where it is empty."""
        found: list[IndexPage] = []
        page: list[Group] = []
        for group in self.groups:
            room = LINES - _lines(page)
            if page and len(group.entries) > room:
                found.append(self._page(page, len(found)))
                page = []
            rest = iter(group.entries)
            first = True
            while chunk := tuple(islice(rest, LINES)):
                if not first:
                    found.append(self._page(page, len(found)))
                    page = []
                page.append(dataclasses.replace(group, entries=chunk, first=first))
                first = False
        return (*found, self._page(page, len(found))) if page else tuple(found)

    @cached_property
    def hrefs(self) -> Mapping[str, str]:
        """Where the heading of each term stands."""
        return {
            group.term: f"{page.file}#{group.id}"
            for page in self.pages
            for group in page.groups
            if group.first
        }

    def _page(self, groups: list[Group], before: int) -> IndexPage:
        number = f".{before + 1}" if before else ""
        return IndexPage(file=f"{self.name}{number}.xhtml", groups=tuple(groups))


def people_index(entries: EntrySet) -> Index:
    """Every author with what they wrote."""
    written: dict[str, list[Entry]] = {person.name: [] for person in entries.people}
    for entry in entries:
        for name in dict.fromkeys(person.name for person in entries.authors(entry)):
            written[name].append(entry)
    links = {person.name: person.uri for person in entries.people}
    return Index(
        name="people",
        groups=tuple(
            Group(id=f"g{at}", term=name, title=name, entries=tuple(found), link=links[name])
            for at, (name, found) in enumerate(written.items(), start=1)
        ),
    )


def category_index(entries: EntrySet) -> Index:
    """Every category, by what it is called."""
    found: dict[str, list[Entry]] = {}
    titles: dict[str, str] = {}
    for entry in entries:
        for term, title in categories_of(entry):
            titles.setdefault(term, title)
            found.setdefault(term, []).append(entry)
    order = sorted(found, key=lambda term: (titles[term].casefold(), term))
    return Index(
        name="categories",
        groups=tuple(
            Group(id=f"g{at}", term=term, title=titles[term], entries=tuple(found[term]))
            for at, term in enumerate(order, start=1)
        ),
    )


def chronology(entries: EntrySet) -> Index:
    """Every entry by year, oldest first."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.date, entry.key)):
        found.setdefault(f"{entry.date:%Y}", []).append(entry)
    return Index(
        name="chronology",
        groups=tuple(
            Group(id=f"y{year}", term=year, title=year, entries=tuple(each))
            for year, each in found.items()
        ),
    )


def categories_of(entry: Entry) -> Iterable[tuple[str, str]]:
    """Each category of an entry once: what finds it, and what it is called."""
    found: dict[str, str] = {}
    for category in entry.categories:
        title = " ".join((category.label or category.term).split())
        if title and title.casefold() not in NO_CATEGORY:
            found.setdefault(title.casefold(), title)
    return found.items()


def _lines(groups: Iterable[Group]) -> int:
    return sum(len(group.entries) + 1 for group in groups)
