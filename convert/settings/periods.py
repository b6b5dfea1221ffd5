"""Words for days, as ``since`` and ``until`` take them, to dates."""

from __future__ import annotations

import calendar
import datetime as dt
import re

import msgspec

from convert.errors import UsageError


class Day(msgspec.Struct, frozen=True, order=True):
    """A day (UTC) and the words that a user wrote for it: names made of them stay what they are
    from day to day."""

    date: dt.date
    words: str


_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_DAYS_AGO = re.compile(r"(\d{1,6})d", re.ASCII)


def parse_since(text: str, now: dt.datetime) -> Day:
    """Return the first day of "2025", "2025-03" or "2025-03-04"; "30d" is 30 days before ``now``.

    Raises UsageError.
    """
    return Day(parse_period(text, now)[0], text.strip())


def parse_until(text: str, now: dt.datetime) -> Day:
    """Return the last day of "2025", "2025-03" or "2025-03-04"; "30d" is 30 days before ``now``.

    Raises UsageError.
    """
    return Day(parse_period(text, now)[1], text.strip())


def parse_days(text: str, _now: dt.datetime) -> dt.timedelta | None:
    """Return how long "14d" is; None for an empty text.  Raises UsageError."""
    if not text.strip():
        return None
    if days := _DAYS_AGO.fullmatch(text.strip()):
        return dt.timedelta(days=int(days[1]))
    raise UsageError(f"{text!r} is no number of days; write 14d, or an empty text for no limit")


def parse_period(text: str, now: dt.datetime) -> tuple[dt.date, dt.date]:
    """Return the first and the last day (UTC, both inclusive) of what the text names.

    Raises UsageError.
    """
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
