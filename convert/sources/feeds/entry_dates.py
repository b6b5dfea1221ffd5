"""The dates of an entry, from what a feed states, and what is said of those that are none."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from convert.errors import BadDate
from convert.model import Problem, Value
from convert.sources.feeds.document import UNDATED
from convert.text import dates
from convert.text.characters import amount, shortened

_ALONE = 10
"""Of so many there is a line for each; of more the values of as many are named in one."""
_SHOWN = 80


class StatedDate(NamedTuple):
    """An element or key, as the feed calls it, and its value."""

    field: str
    value: str


class EntryDates(Value, frozen=True, kw_only=True):
    """RFC 4287's dates of an entry; ``updated`` is UNDATED where there is none.

    ``unread`` are those that were stated and are no dates.
    """

    updated: dt.datetime = UNDATED
    published: dt.datetime | None = None
    unread: tuple[StatedDate, ...] = ()


def of_feed(value: str | None) -> dt.datetime | None:
    """Return a date of a feed itself; None where it states none that can be read."""
    with contextlib.suppress(BadDate):
        return dates.stated(value or "")
    return None


class UnreadDate(NamedTuple):
    """A date of one entry that is none."""

    entry: str
    stated: StatedDate


def read(
    *,
    published: Iterable[StatedDate] = (),
    updated: Iterable[StatedDate] = (),
    created: Iterable[StatedDate] = (),
) -> EntryDates:
    """Return the first of each kind that can be read; one kind stands in for another."""
    unread: list[StatedDate] = []

    def first(candidates: Iterable[StatedDate]) -> dt.datetime | None:
        for each in candidates:
            try:
                if each.value.strip():
                    return dates.stated(each.value)
            except BadDate:
                unread.append(each)
        return None

    appeared, changed = first(published), first(updated)
    moment = changed or appeared or first(created) or UNDATED
    return EntryDates(updated=moment, published=appeared, unread=tuple(dict.fromkeys(unread)))


def stand_in(stored: dt.datetime | None, of_feed: dt.datetime | None) -> tuple[dt.datetime, str]:
    """Return the date of an entry that has none, and what it is called: never the clock's.

    ``of_feed`` is that of the feed, where that is remembered."""
    if stored is not None:
        return stored, "the one that it had first"
    if of_feed is not None:
        return of_feed, "that of the feed"
    return UNDATED, f"{UNDATED.date()}, the oldest of all"


def undated(used: Mapping[str, int]) -> str:
    """Return what is said of entries without a date; ``used`` counts what stands in by its name."""
    total = sum(used.values())
    some = amount(total, "entry has", "entries have")
    shown = list(used) if len(used) < 2 else [f"{each} for {used[each]}" for each in sorted(used)]
    return f"{some} no date; used: {', '.join(shown)}"


def problems(path: str, unread: Iterable[UnreadDate]) -> Iterator[Problem]:
    """Yield what is said of dates that are none: many in one field are one line."""
    by_field = sorted(unread, key=lambda each: each.stated.field)
    for field, group in itertools.groupby(by_field, key=lambda each: each.stated.field):
        members = list(group)
        if len(members) > _ALONE:
            values = [*dict.fromkeys(_quoted(each.stated.value) for each in members)]
            some = ", ".join(values[:_ALONE]) + (" …" if len(values) > _ALONE else "")
            reason = f"{len(members):,} entries have none that can be read: {some}"
            yield Problem(path=path, field=field, reason=reason)
            continue
        for each in members:
            reason = f"{_quoted(each.stated.value)} is no date that can be read"
            yield Problem(
                path=path, field=f"{field} of {shortened(each.entry, _SHOWN)}", reason=reason
            )


def _quoted(value: str) -> str:
    return f'"{shortened(value, _SHOWN)}"'
