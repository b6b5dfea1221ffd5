"""A set cut into volumes: by year, author or category, by number of entries, by size."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from convert.entryset import EntrySet
from convert.model import Elsewhere, Entry, Feed, Volume
from convert.text import cuts, names, phrases

Weigh = Callable[[Entry], int]
"""The bytes that one entry is likely to add to the output."""


@dataclasses.dataclass(frozen=True)
class _Part:
    """The entries of one volume; ``label`` is for names, ``title`` for people."""

    label: str
    title: str
    entries: tuple[Entry, ...]


def cut(
    entries: EntrySet, how: str, weigh: Weigh | None = None, stem: str | None = None
) -> tuple[EntrySet, ...]:
    """Return the volumes of a set, each a set; the set itself where there is nothing to cut.

    ``how`` is "none", "year", "author" (the member in whose folder the entry stood),
    "category" (the entry's first), a number of entries, or a size such as "50MB".  Numbers
    and sizes are cut from the oldest entry on, whatever the order of the set, so that a new
    entry changes the last volume only.  ``weigh`` estimates sizes; without it the bytes of
    the body count.  What fits one volume by number or size is not cut: a small group's book
    is "eeg", not "eeg-001".  The order of the entries stays within each volume.  ``stem``
    begins the names of the volumes, in place of the set's own name.

    A volume that no new entry belongs to does not change: its feeds are those of its entries,
    as they stood at the newest of them, and its origins name no commit.

    Raises UsageError.
    """
    how = cuts.check(how)
    if how == "none" or not entries.entries:
        return (entries,)
    sequence = how[0].isdigit()
    parts = tuple(
        _in_sequence(entries, how, weigh or (lambda entry: entry.size))
        if sequence
        else _WAYS[how](entries)
    )
    if len(parts) == 1 and sequence:
        return (entries,)
    volumes = tuple(
        Volume(
            label=part.label,
            name=f"{stem or entries.name}-{part.label}",
            title=f"{entries.title}, {part.title}",
            number=number,
            total=len(parts),
        )
        for number, part in enumerate(parts, start=1)
    )
    outside = {
        entry.key: Elsewhere(entry=entry, volume=volume)
        for volume, part in zip(volumes, parts, strict=True)
        for entry in part.entries
    }
    origins = tuple(
        msgspec.structs.replace(origin, commit=None, committed=None) for origin in entries.origins
    )
    return tuple(
        dataclasses.replace(
            entries.only(part.entries, outside),
            feeds=_feeds(entries, part.entries),
            origins=origins,
            volume=volume,
            volumes=volumes,
        )
        for volume, part in zip(volumes, parts, strict=True)
    )


def _feeds(whole: EntrySet, entries: Iterable[Entry]) -> dict[str, Feed]:
    """Return the feeds of these entries, none updated later than its newest entry here."""
    newest: dict[str, dt.datetime] = {}
    for entry in entries:
        if entry.source is not None and entry.source in whole.feeds:
            newest[entry.source] = max(entry.updated, newest.get(entry.source, entry.updated))
    return {
        name: msgspec.structs.replace(feed, updated=min(feed.updated or last, last))
        for name, last in newest.items()
        if (feed := whole.feeds[name])
    }


def _by_year(whole: EntrySet) -> Iterator[_Part]:
    years: dict[int, list[Entry]] = {}
    for entry in whole:
        years.setdefault(entry.date.year, []).append(entry)
    for year in sorted(years):
        yield _Part(f"{year:04}", f"{year}", tuple(years[year]))


def _by_author(whole: EntrySet) -> Iterator[_Part]:
    folders = names.folders([*whole.users, *(entry.user for entry in whole)])
    written: dict[str, list[Entry]] = {}
    for entry in whole:
        written.setdefault(entry.user, []).append(entry)
    shown = {user: whole.user(entries[0]).name for user, entries in written.items()}
    for user in sorted(written, key=lambda user: (shown[user].casefold(), user)):
        yield _Part(folders[user], shown[user], tuple(written[user]))


def _by_category(whole: EntrySet) -> Iterator[_Part]:
    filed: dict[str, list[Entry]] = {}
    spellings: dict[str, set[str]] = {}
    for entry in whole:
        category = entry.categories[0] if entry.categories else None
        term = category.term.strip() if category else ""
        # What WordPress says where nothing was said.
        key = "" if term.casefold() in {"uncategorised", "uncategorized"} else term.casefold()
        filed.setdefault(key, []).append(entry)
        spellings.setdefault(key, set()).add((category.label if category else None) or term)
    labels = names.folders(key or "uncategorised" for key in filed)
    for key in sorted(filed, key=lambda key: (not key, key)):
        title = min(spellings[key]) if key else phrases.say(whole.language, "uncategorised")
        yield _Part(labels[key or "uncategorised"], title, tuple(filed[key]))


def _in_sequence(whole: EntrySet, how: str, weigh: Weigh) -> Iterator[_Part]:
    by_age = sorted(whole, key=lambda entry: (entry.date, entry.id))
    limit = cuts.most_bytes(how)
    most = len(by_age) if limit is not None else int(how)
    portions: list[list[Entry]] = []
    weight = 0
    for entry in by_age:
        added = weigh(entry) if limit is not None else 0
        if not portions or len(portions[-1]) == most or (limit and weight + added > limit):
            portions.append([])
            weight = 0
        portions[-1].append(entry)
        weight += added
    at = {entry.key: position for position, entry in enumerate(whole)}
    for number, portion in enumerate(portions, start=1):
        title = phrases.say(whole.language, "volume", number=number)
        ordered = sorted(portion, key=lambda entry: at[entry.key])
        # Always three digits: a tenth volume must not rename the first.
        yield _Part(f"{number:03}", title, tuple(ordered))


_WAYS: Mapping[str, Callable[[EntrySet], Iterator[_Part]]] = {
    "year": _by_year,
    "author": _by_author,
    "category": _by_category,
}
