"""Which entries are meant: sift by what is stored, choose by what is prepared."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from convert.contract import Order
from convert.model import Entry, Prepared, StoredEntry, User
from convert.settings.job import Selection


def sift(entry: StoredEntry | Entry, select: Selection, users: Mapping[str, User]) -> bool:
    """Tell whether the entry's user, authors, categories, id and day are among those selected.

    ``users`` are by username.  ``limit`` and ``match`` are not looked at.
    """
    day = (entry.published or entry.updated).date()
    if (select.since and day < select.since.date) or (select.until and day > select.until.date):
        return False
    if entry.id in select.exclude:
        return False
    if select.authors or select.exclude_authors:
        names = [entry.user, *(each.name for each in entry.authors)]
        if entry.user in users:
            names.append(users[entry.user].name)
        people = _folded(names)
        if select.authors and not people & _folded(select.authors):
            return False
        if people & _folded(select.exclude_authors):
            return False
    if select.categories:
        words = (word for each in entry.categories for word in (each.term, each.label) if word)
        if not _folded(words) & _folded(select.categories):
            return False
    return all(sift(entry, each, users) for each in select.within)


def matches(prepared: Prepared, select: Selection) -> bool:
    """Tell whether each text of ``select.match`` is in the title or in the text."""
    if not select.match:
        return True
    title, text = _fold(prepared.entry.title), _fold(prepared.text)
    return all(each in title or each in text for each in map(_fold, select.match))


def newest(entries: Sequence[Entry], limit: int | None) -> tuple[Entry, ...]:
    """Return at most ``limit`` of the entries, the newest, in their order; None keeps all."""
    if limit is None or len(entries) <= limit:
        return tuple(entries)
    by_age = sorted(range(len(entries)), key=lambda at: age(entries[at]), reverse=True)
    return tuple(entries[at] for at in sorted(by_age[: max(limit, 0)]))


def ordered(entries: Iterable[Entry], order: Order) -> tuple[Entry, ...]:
    """Return the entries by date; those of one instant by id.  One order is the other reversed."""
    return tuple(sorted(entries, key=age, reverse=order == "newest"))


def age(entry: Entry) -> tuple[dt.datetime, str, str]:
    """Return what sorts entries from the oldest on, the same in every run."""
    return entry.date, entry.id, entry.digest


def _folded(texts: Iterable[str]) -> set[str]:
    return {_fold(text) for text in texts}


def _fold(text: str) -> str:
    """Return the text without case, Unicode form and the way its spaces are written."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
