"""Dates in all their spellings to aware UTC datetimes, and the clock.

Machines' own forms are read here: RFC 3339, ISO 8601, Unix's seconds; what was made for people
by ``date_forms``.  A date without a zone is UTC: that is how Thicket writes its own.  No clock
and no other date has a part in what is read.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import re

from convert.errors import BadDate
from convert.text import date_forms
from convert.text.date_forms import Clock

_LONGEST = 100
_WRITTEN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
"""No clock that is right stands before this."""
UNDATED = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""Stands in ``updated`` where there is no date."""
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?|(?P<basic>\d{4}))?"
    r"(?:(?:(?<=-\d\d-\d\d)(?:T|\s+)|(?<=\d{8})(?:T|\s*))"
    r"(?P<hour>\d\d|\d(?=:))"
    r"(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d*))?)?|(?<=T\d\d)))?"
    r"\s*(?P<zone>Z|UTC|GMT|UT|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?"
    r"(?:\s+(?:UTC|GMT|Z))?)?",
    re.ASCII | re.IGNORECASE,
)
_UNIX = re.compile(r"(?P<seconds>\d{9,10})(?:\.\d+)?|(?P<millis>\d{12,13})", re.ASCII)
_UNIX_RANGE = range(631_152_000, 4_102_444_800)
"""1990 to 2099: other numbers are something else."""
_ZERO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EARLIEST = 1583
"""ISO 8601 has the years before by agreement alone.  .NET writes 1 where it knows no date; 1403 is
a year of Iran's calendar, 1445 one of Islam's."""


def parse(value: str) -> dt.datetime:
    """Return the moment that ``value`` names, aware and in UTC.

    Raises BadDate, which names the value, where it names none: for impossible days and hours,
    offsets of a day or more, moments outside the years 1 to 9999 in UTC, and where it could be
    two days (``5/6/2024``).
    """
    text = value.strip()
    if not text or len(text) > _LONGEST:
        raise BadDate(value)
    try:
        return _moment_of(text)
    except (ValueError, OverflowError) as error:
        raise BadDate(value) from error


def stated(value: str) -> dt.datetime:
    """Return the moment that a feed states.

    Raises BadDate as ``parse``, and for the zeros of machines, which stand for no date: a day
    around that of Unix, whose zone may be missing, and for years before those of our calendar.
    """
    moment = parse(value)
    if moment.year < _EARLIEST or abs(moment - _ZERO) < dt.timedelta(days=1):
        raise BadDate(value)
    return moment


def now() -> dt.datetime:
    """Return what warnings call now and "30d" counts back from: SOURCE_DATE_EPOCH, else the
    clock.  Never for outputs."""
    return source_date() or dt.datetime.now(dt.UTC)


def today() -> dt.datetime:
    """Return the moment after which dates lie in the future, by the clock of the machine.

    One that stands before this program was written judges nothing: no date is later.
    """
    clock = dt.datetime.now(dt.UTC)
    return clock if clock >= _WRITTEN else dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def source_date() -> dt.datetime | None:
    """Return SOURCE_DATE_EPOCH (reproducible-builds.org), None where it is not set or no time."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdigit() and len(epoch) <= 11:
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    return None


def is_future(when: dt.datetime) -> bool:
    """Tell whether a date lies over a day ahead: less may be a wrong zone."""
    return when > (source_date() or today()) + dt.timedelta(days=1)


# Most entries were published and updated in the same moment.
@functools.lru_cache(maxsize=1024)
def _moment_of(text: str) -> dt.datetime:
    if number := _UNIX.fullmatch(text):
        seconds = int(number["seconds"] or number["millis"][:-3])
        if seconds in _UNIX_RANGE:
            return dt.datetime.fromtimestamp(seconds, dt.UTC)
    match = _ISO.fullmatch(text)
    if match is None:
        return date_forms.read(text)
    basic = match["basic"] or ""
    day = dt.date(
        int(match["year"]),
        int(match["month"] or basic[:2] or 1),
        int(match["day"] or basic[2:] or 1),
    )
    offset = None
    if match["zone"] and not (match["day"] or basic):
        raise ValueError(text)
    if match["sign"]:
        offset = date_forms.distance(match["sign"], match["hours"], match["minutes"])
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    micro = date_forms.micros(match["fraction"])
    return date_forms.moment(day, Clock(hour, minute, second, micro, offset))
