"""Dates in all their spellings to aware UTC datetimes.

RFC 3339 and ISO 8601 are read by one pattern, RFC 822 (with its later forms and asctime) by
the standard library.  A date without a zone is UTC: that is how Thicket writes its own.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import functools
import os
import re

from convert.errors import BadDate

_LONGEST = 100
_WRITTEN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
"""No clock that is right stands before this."""

_ISO = re.compile(
    r"(?P<year>\d{4})(?:(?P<dash>-?)(?P<month>\d\d)(?:(?P=dash)(?P<day>\d\d))?)?"
    r"(?:(?:T|\s+)(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"\s*(?P<zone>Z|UTC|GMT|UT|[+-]\d\d(?::?\d\d)?(?:\s+(?:UTC|GMT|Z))?)?)?",
    re.ASCII | re.IGNORECASE,
)


def parse(value: str) -> dt.datetime:
    """Return the moment that ``value`` names, aware and in UTC.

    Understands RFC 3339 and ISO 8601 calendar dates (naive, ``Z``, offsets, date only, year
    and month, basic form, any number of decimals: those past microseconds are cut off) and
    RFC 822 with RFC 2822's and asctime's forms (zone names, two-digit years).  A leap second
    is the second before it, so that it stays on its day; 24:00 is the next midnight.

    Raises BadDate, which names the value, for everything else: impossible days, offsets of
    a day or more, moments outside the years 1 to 9999 in UTC.
    """
    text = value.strip()
    if not text or len(text) > _LONGEST or not text.isascii():
        raise BadDate(value)
    try:
        return _moment_of(text)
    except (ValueError, OverflowError) as error:
        raise BadDate(value) from error


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
    match = _ISO.fullmatch(text)
    if match is None:
        return _from_rfc822(text)
    year, month, day = (int(match[name] or 1) for name in ("year", "month", "day"))
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    micro = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    offset, zone = dt.timedelta(), match["zone"] or ""
    if zone.startswith(("+", "-")):
        digits = re.sub(r"\D", "", zone).ljust(4, "0")
        if int(digits[2:]) > 59:
            raise ValueError(zone)
        offset = int(f"{zone[0]}1") * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return _moment((year, month, day, hour, minute, second), micro, offset)


def _from_rfc822(text: str) -> dt.datetime:
    """Read RFC 822 §5, RFC 2822 §3.3 and §4.3; an unknown zone is UTC, as §4.3 advises."""
    try:
        fields = email.utils.parsedate_tz(text)
    except (ValueError, IndexError, TypeError) as error:
        raise ValueError(text) from error
    if fields is None:
        raise ValueError(text)
    # The standard library reads nearly anything as a year or an hour.
    if re.search(r"[a-z]{3}", text, re.IGNORECASE) is None:
        raise ValueError(text)
    zone = re.search(r"\s[+-]\d\d:?(\d\d)$", text)
    if zone and int(zone[1]) > 59:
        raise ValueError(text)
    return _moment(fields[:6], 0, dt.timedelta(seconds=fields[9] or 0))


def _moment(
    fields: tuple[int, int, int, int, int, int], micro: int, offset: dt.timedelta
) -> dt.datetime:
    year, month, day, hour, minute, second = fields
    if abs(offset) >= dt.timedelta(days=1):
        raise ValueError(offset)
    midnight_after = (hour, minute, second, micro) == (24, 0, 0, 0)
    when = dt.datetime(
        year,
        month,
        day,
        0 if midnight_after else hour,
        minute,
        59 if second == 60 else second,
        micro,
        tzinfo=dt.UTC,
    )
    return when - offset + dt.timedelta(days=int(midnight_after))
