"""The plan of a book, made before its first page: which file holds what, and in what order."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from convert.entryset import EntrySet
from convert.exporters.epub.indexes import (
    Index,
    categories_of,
    category_index,
    chronology,
    people_index,
)
from convert.exporters.epub.options import Parts
from convert.model import Entry, User
from convert.text.names import anchor
from convert.text.phrases import say

PREFIX = "x."
"""Before every id of a body, so that it is none of ours."""
LONGEST_NAME = 180
"""Characters of a file name without suffix; archives are unpacked onto file systems."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the book.  ``file`` is its page, "" where it has none; ``user`` is set
    where the part is a person's."""

    file: str
    title: str
    entries: tuple[Entry, ...]
    user: User | None = None


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

    @cached_property
    def sequence(self) -> tuple[Entry, ...]:
        """The entries in the order of the book."""
        return tuple(entry for part in self.parts for entry in part.entries)

    def pages_of(self, key: str) -> tuple[str, ...]:
        """The files of one entry."""
        first = self.files[key]
        stem = first.removesuffix(".xhtml")
        count = self.pieces.get(key, 1)
        return (first, *(f"{stem}.{number}.xhtml" for number in range(2, count + 1)))

    def citation(self, key: str, fragment: str) -> str | None:
        """The address of an entry in this book; None where it is in another volume."""
        if key not in self.files:
            return None
        at = self.where.get(key, {}).get(PREFIX + fragment) if fragment else None
        if at is None:
            return self.files[key]
        return f"{self.pages_of(key)[at]}#{PREFIX}{fragment}"

    @cached_property
    def beside(self) -> Mapping[str, tuple[Entry | None, Entry | None]]:
        """By key, the entries before and after it by the same person, in the set's order."""
        found: dict[str, tuple[Entry | None, Entry | None]] = {}
        by_user: dict[str, list[Entry]] = {}
        for entry in self.entries:
            by_user.setdefault(entry.user, []).append(entry)
        for each in by_user.values():
            before = [None, *each[:-1]]
            after = [*each[1:], None]
            found |= {e.key: (b, a) for e, b, a in zip(each, before, after, strict=True)}
        return found


def plan(
    entries: EntrySet,
    how: Parts,
    locate: Callable[[Entry], Mapping[str, int]],
    needed: Iterable[str],
) -> Plan:
    """Plans a book.  ``locate`` renders one entry and tells which of its files holds each id;
    ``needed`` are the keys of the entries for which that must be known beforehand."""
    files = {entry.key: f"{_stem(anchor(entry.key))}.xhtml" for entry in entries}
    wanted = frozenset(needed)
    where = {entry.key: locate(entry) for entry in entries if entry.key in wanted}
    return Plan(
        entries=entries,
        parts=tuple(_parts(entries, how)),
        files=files,
        pieces={key: max(ids.values(), default=0) + 1 for key, ids in where.items()},
        where=where,
        people=people_index(entries),
        categories=category_index(entries),
        chronology=chronology(entries),
    )


def _parts(entries: EntrySet, how: Parts) -> Iterable[Part]:
    if how == "none" or not entries.entries:
        yield Part(file="", title="", entries=entries.entries)
    elif how == "author":
        grouped = _grouped(entries, lambda entry: entry.user)
        users = {name: entries.user(found[0]) for name, found in grouped.items()}
        for name in sorted(grouped, key=lambda name: (users[name].name.casefold(), name)):
            # The folder in the key is unique even where names differ only in case.
            folder = grouped[name][0].key.partition("/")[0]
            yield _part(folder, users[name].name, grouped[name], user=users[name])
    elif how == "year":
        for year, found in _grouped(entries, lambda entry: f"{entry.date:%Y}").items():
            yield _part(year, year, found)
    else:
        yield from _category_parts(entries)


def _category_parts(entries: EntrySet) -> Iterable[Part]:
    """An entry stands in the part of its first category; what has none comes last."""
    first = {entry.key: next(iter(categories_of(entry)), ("", "")) for entry in entries}
    grouped = _grouped(entries, lambda entry: first[entry.key][0])
    for group in category_index(entries).groups:
        if group.term in grouped:
            yield _part(group.term, group.title, grouped[group.term])
    if "" in grouped:
        yield _part("", say(entries.language, "uncategorised"), grouped[""])


def _grouped(entries: EntrySet, of: Callable[[Entry], str]) -> dict[str, list[Entry]]:
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(of(entry), []).append(entry)
    return grouped


def _part(name: str, title: str, found: list[Entry], user: User | None = None) -> Part:
    # The stem of an entry always holds a dot, after the user's name; this never does.
    stem = anchor("p" + name)[1:].replace(".", "_2e_")
    return Part(
        file=f"part-{_stem(stem)}.xhtml" if name else "part.xhtml",
        title=title,
        entries=tuple(found),
        user=user,
    )


def _stem(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 17]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
