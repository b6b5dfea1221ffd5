"""The plan of a book, made before its first page: which file holds what, and in what order."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import islice

from convert.entryset import EntrySet
from convert.exporters import outline
from convert.exporters.epub.options import Parts
from convert.exporters.outline import Group
from convert.model import Entry, User
from convert.text.names import anchor

PREFIX = "x."
"""Before every id of a body, so that it is none of ours."""
LONGEST_NAME = 180
"""Characters of a file name without suffix; archives are unpacked onto file systems."""
LINES = 600
"""Lines of one file of an index: a line is about 250 bytes of markup."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the book.  ``file`` is its page, "" where it has none; ``user`` is set
    where the part is a person's."""

    file: str
    title: str
    entries: tuple[Entry, ...]
    user: User | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class IndexSection:
    """A group of an index, or as much of it as one file holds.  ``id`` is its anchor;
    ``first`` is False where it goes on from the file before."""

    id: str
    group: Group
    entries: tuple[Entry, ...]
    first: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class IndexPage:
    """One file of an index."""

    file: str
    sections: tuple[IndexSection, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Index:
    """A list at the end of the book, cut into files by the number of its lines.  ``name`` is
    the word for it in ``convert.text.phrases``."""

    name: str
    groups: tuple[Group, ...]

    @cached_property
    def pages(self) -> tuple[IndexPage, ...]:
        """Its files, none where it is empty."""
        files: list[list[IndexSection]] = []
        # A group that fits into one file is not cut; each heading takes a line, too.
        filled = 0
        for number, group in enumerate(self.groups, start=1):
            uid = f"y{group.key}" if self.name == "chronology" else f"g{number}"
            rest = iter(group.entries)
            first = True
            while chunk := tuple(islice(rest, LINES)):
                if not files or not first or filled + len(group.entries) > LINES:
                    files.append([])
                    filled = 0
                files[-1].append(IndexSection(id=uid, group=group, entries=chunk, first=first))
                filled += len(chunk) + 1
                first = False
        return tuple(
            IndexPage(
                file=f"{self.name}{f'.{number}' if number > 1 else ''}.xhtml",
                sections=tuple(sections),
            )
            for number, sections in enumerate(files, start=1)
        )

    @cached_property
    def hrefs(self) -> Mapping[str, str]:
        """Where the heading of each group stands, by its key."""
        return {
            section.group.key: f"{page.file}#{section.id}"
            for page in self.pages
            for section in page.sections
            if section.first
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """Where everything stands.  ``files`` gives the first file of each entry by key,
    ``pieces`` the number of files of those that need more than one, and ``where`` the ids of
    cited or cut bodies with the piece that holds each."""

    entries: EntrySet
    parts: tuple[Part, ...]
    files: Mapping[str, str]
    pieces: Mapping[str, int]
    where: Mapping[str, Mapping[str, int]]
    people: Index
    categories: Index
    chronology: Index

    def pages_of(self, key: str) -> tuple[str, ...]:
        """Return the files of one entry."""
        first = self.files[key]
        stem = first.removesuffix(".xhtml")
        count = self.pieces.get(key, 1)
        return (first, *(f"{stem}.{number}.xhtml" for number in range(2, count + 1)))

    def citation(self, key: str, fragment: str) -> str | None:
        """Return the address of an entry in this book; None where it is in another volume."""
        if key not in self.files:
            return None
        at = self.where.get(key, {}).get(PREFIX + fragment) if fragment else None
        if at is None:
            return self.files[key]
        return f"{self.pages_of(key)[at]}#{PREFIX}{fragment}"

    @cached_property
    def beside(self) -> Mapping[str, tuple[Entry | None, Entry | None]]:
        """By key, the entries before and after it by the same person, in the set's order."""
        neighbours: dict[str, tuple[Entry | None, Entry | None]] = {}
        for group in outline.parts(self.entries, "author"):
            before = [None, *group.entries[:-1]]
            after = [*group.entries[1:], None]
            neighbours |= {
                each.key: (earlier, later)
                for each, earlier, later in zip(group.entries, before, after, strict=True)
            }
        return neighbours


def plan(
    entries: EntrySet,
    by: Parts,
    locate: Callable[[Entry], Mapping[str, int]],
    needed: Iterable[str],
) -> Plan:
    """Return the plan of a book.

    ``locate`` renders one entry and tells which of its files holds each id; ``needed`` are the
    keys of the entries for which that must be known beforehand.
    """
    wanted = frozenset(needed)
    where = {entry.key: locate(entry) for entry in entries if entry.key in wanted}
    # An empty book has one part without a page: a part of nothing is no valid contents.
    divided = by != "none" and len(entries) > 0
    return Plan(
        entries=entries,
        parts=tuple(
            Part(
                file=_part_file(group) if divided else "",
                title=group.title,
                entries=group.entries,
                user=entries.user(group.entries[0]) if divided and by == "author" else None,
            )
            for group in outline.parts(entries, by if divided else "none")
        ),
        files={entry.key: f"{_stem(anchor(entry.key))}.xhtml" for entry in entries},
        pieces={key: max(ids.values(), default=0) + 1 for key, ids in where.items()},
        where=where,
        people=Index(name="people", groups=outline.people(entries)),
        categories=Index(name="categories", groups=outline.categories(entries)),
        chronology=Index(name="chronology", groups=outline.chronology(entries)),
    )


def _part_file(group: Group) -> str:
    if not group.key:
        return "part.xhtml"
    # The stem of an entry always holds a dot, after the user's name; this never does.
    stem = anchor("p" + group.key)[1:].replace(".", "_2e_")
    return f"part-{_stem(stem)}.xhtml"


def _stem(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 17]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
