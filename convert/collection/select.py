"""Which entries are meant: sift by what is stored, choose by what is prepared."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from convert.contract import Order
from convert.errors import UsageError
from convert.model import Entry, Prepared, StoredEntry, User
from convert.settings.job import Selection

_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_DAYS_AGO = re.compile(r"(\d{1,6})d", re.ASCII)


def sift(entry: StoredEntry | Entry, select: Selection, users: Mapping[str, User]) -> bool:
    """Whether the entry's user, authors, categories, id and day are among those selected.

    ``users`` are by username.  ``limit`` and ``match`` are not looked at.
    """
    day = (entry.published or entry.updated).date()
    if (select.since and day < select.since) or (select.until and day > select.until):
        return False
    if entry.id in select.exclude:
        return False
    if select.authors or select.exclude_authors:
        people = _people(entry, users)
        if select.authors and not people & _folded(select.authors):
            return False
        if people & _folded(select.exclude_authors):
            return False
    return not select.categories or bool(_categories(entry) & _folded(select.categories))


def matches(prepared: Prepared, select: Selection) -> bool:
    """Whether the title or the text holds what ``select.match`` asks for."""
    if select.match is None:
        return True
    wanted = _fold(select.match)
    return wanted in _fold(prepared.entry.title) or wanted in _fold(prepared.text)


def newest(entries: Sequence[Entry], limit: int | None) -> tuple[Entry, ...]:
    """At most ``limit`` of the entries, the newest, in the order given; None keeps all."""
    if limit is None or len(entries) <= limit:
        return tuple(entries)
    by_age = sorted(range(len(entries)), key=lambda at: age(entries[at]), reverse=True)
    return tuple(entries[at] for at in sorted(by_age[: max(limit, 0)]))


def ordered(entries: Iterable[Entry], order: Order) -> tuple[Entry, ...]:
    """The entries by date; those of one instant by id.  One order is the other reversed."""
    return tuple(sorted(entries, key=age, reverse=order == "newest"))


def age(entry: Entry) -> tuple[dt.datetime, str, str]:
    """What sorts entries from the oldest on, the same in every run."""
    return entry.date, entry.id, entry.digest


def parse_since(text: str, now: dt.datetime) -> dt.date:
    """The first day of "2025", "2025-03" or "2025-03-04"; "30d" is 30 days before ``now``.

    Raises UsageError.
    """
    return parse_period(text, now)[0]


def parse_until(text: str, now: dt.datetime) -> dt.date:
    """The last day of "2025", "2025-03" or "2025-03-04"; "30d" is 30 days before ``now``.

    Raises UsageError.
    """
    return parse_period(text, now)[1]


def parse_period(text: str, now: dt.datetime) -> tuple[dt.date, dt.date]:
    """The first and the last day (UTC, both inclusive) of what the text names."""
    try:
        if ago := _DAYS_AGO.fullmatch(text.strip()):
            day = now.astimezone(dt.UTC).date() - dt.timedelta(days=int(ago[1]))
            return day, day
        if period := _PERIOD.fullmatch(text.strip()):
            year, month, day_of_month = (int(part) if part else 0 for part in period.groups())
            first = dt.date(year, month or 1, day_of_month or 1)
            if day_of_month:
                return first, first
            last = calendar.monthrange(year, month or 12)[1]
            return first, dt.date(year, month or 12, last)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no day of the calendar: {error}") from error
    raise UsageError(f"{text!r} is no day; write 2025, 2025-03, 2025-03-04 or 30d")


def _people(entry: StoredEntry | Entry, users: Mapping[str, User]) -> set[str]:
    user = users.get(entry.user)
    names = [entry.user, *([user.name] if user else []), *(each.name for each in entry.authors)]
    return _folded(names)


def _categories(entry: StoredEntry | Entry) -> set[str]:
    terms = [each.term for each in entry.categories]
    return _folded([*terms, *(each.label for each in entry.categories if each.label)])


def _folded(texts: Iterable[str]) -> set[str]:
    return {_fold(text) for text in texts}


def _fold(text: str) -> str:
    """The text ignoring case, Unicode form and the way that its spaces are written."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
