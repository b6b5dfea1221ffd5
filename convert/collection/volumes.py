"""A set cut into volumes: by year, author or category, by number of entries, by size."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from convert.entryset import EntrySet
from convert.errors import UsageError
from convert.model import Elsewhere, Entry, Feed, Volume
from convert.text import names, phrases

_SIZE = re.compile(r"([1-9]\d{0,8}) ?(k|M|G)i?B?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_BYTES = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}

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
    """The volumes of a set, each a set; the set itself where there is nothing to cut.

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
    how = check(how)
    if how == "none" or not entries.entries:
        return (entries,)
    if how == "year":
        parts = _by_year(entries)
    elif how == "author":
        parts = _by_author(entries)
    elif how == "category":
        parts = _by_category(entries)
    else:
        parts = _in_sequence(entries, _portions(entries, how, weigh or _body_size))
    found = tuple(parts)
    if len(found) == 1 and how[0].isdigit():
        return (entries,)
    return _volumes(entries, found, stem or entries.name)


def check(how: str) -> str:
    """The way to cut, in one spelling.  Raises UsageError where it is none."""
    folded = how.strip().casefold()
    known = {"none", "year", "author", "category"}
    if folded in known or _NUMBER.fullmatch(folded) or _SIZE.fullmatch(folded):
        return folded
    raise UsageError(
        f"volumes = {how!r} is not known; write none, year, author, category,"
        " a number of entries such as 500, or a size such as 50MB"
    )


def most_bytes(how: str) -> int | None:
    """The size that ``how`` allows a volume, in bytes; None where it names none."""
    size = _SIZE.fullmatch(how.strip())
    return int(size[1]) * _BYTES[size[2].casefold()] if size else None


def _volumes(whole: EntrySet, parts: Sequence[_Part], stem: str) -> tuple[EntrySet, ...]:
    volumes = tuple(
        Volume(
            label=part.label,
            name=f"{stem}-{part.label}",
            title=f"{whole.title}, {part.title}",
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
        msgspec.structs.replace(origin, commit=None, committed=None) for origin in whole.origins
    )
    return tuple(
        dataclasses.replace(
            whole.only(part.entries, outside),
            feeds=_feeds(whole, part.entries),
            origins=origins,
            volume=volume,
            volumes=volumes,
        )
        for volume, part in zip(volumes, parts, strict=True)
    )


def _feeds(whole: EntrySet, entries: Iterable[Entry]) -> dict[str, Feed]:
    """The feeds of these entries, none updated later than its newest entry here."""
    newest: dict[str, dt.datetime] = {}
    for entry in entries:
        if entry.source is not None and entry.source in whole.feeds:
            newest[entry.source] = max(entry.updated, newest.get(entry.source, entry.updated))
    found = {name: whole.feeds[name] for name in newest}
    return {
        name: msgspec.structs.replace(feed, updated=min(feed.updated or newest[name], newest[name]))
        for name, feed in found.items()
    }


def _by_year(whole: EntrySet) -> Iterator[_Part]:
    years: dict[int, list[Entry]] = {}
    for entry in whole:
        years.setdefault(entry.date.year, []).append(entry)
    for year in sorted(years):
        yield _Part(f"{year:04}", f"{year}", tuple(years[year]))


def _by_author(whole: EntrySet) -> Iterator[_Part]:
    folders = names.folders([*whole.users, *(entry.user for entry in whole)])
    found: dict[str, list[Entry]] = {}
    for entry in whole:
        found.setdefault(entry.user, []).append(entry)
    shown = {user: whole.user(held[0]).name for user, held in found.items()}
    for user in sorted(found, key=lambda user: (shown[user].casefold(), user)):
        yield _Part(folders[user], shown[user], tuple(found[user]))


def _by_category(whole: EntrySet) -> Iterator[_Part]:
    found: dict[str, list[Entry]] = {}
    spellings: dict[str, set[str]] = {}
    for entry in whole:
        category = entry.categories[0] if entry.categories else None
        term = category.term.strip() if category else ""
        # What WordPress says where nothing was said.
        key = "" if term.casefold() in {"uncategorised", "uncategorized"} else term.casefold()
        found.setdefault(key, []).append(entry)
        spellings.setdefault(key, set()).add((category.label if category else None) or term)
    labels = names.folders(key or "uncategorised" for key in found)
    for key in sorted(found, key=lambda key: (not key, key)):
        title = min(spellings[key]) if key else phrases.say(whole.language, "uncategorised")
        yield _Part(labels[key or "uncategorised"], title, tuple(found[key]))


def _in_sequence(whole: EntrySet, portions: Iterable[Sequence[Entry]]) -> Iterator[_Part]:
    at = {entry.key: position for position, entry in enumerate(whole)}
    for number, portion in enumerate(portions, start=1):
        title = phrases.say(whole.language, "volume", number=number)
        ordered = sorted(portion, key=lambda entry: at[entry.key])
        # Always three digits: a tenth volume must not rename the first.
        yield _Part(f"{number:03}", title, tuple(ordered))


def _portions(whole: EntrySet, how: str, weigh: Weigh) -> Iterator[Sequence[Entry]]:
    by_age = sorted(whole, key=lambda entry: (entry.date, entry.id))
    limit = most_bytes(how)
    if limit is None:
        yield from (by_age[at : at + int(how)] for at in range(0, len(by_age), int(how)))
        return
    portion: list[Entry] = []
    weight = 0
    for entry in by_age:
        added = weigh(entry)
        if portion and weight + added > limit:
            yield portion
            portion, weight = [], 0
        portion.append(entry)
        weight += added
    yield portion


def _body_size(entry: Entry) -> int:
    return entry.size
