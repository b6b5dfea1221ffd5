"""Dates as people and programs write them, beside ISO 8601: RFC 822 and all that came of it.

Each part of the text must be understood.  Where two days are possible there is no date.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from convert.text.date_words import FILLERS, LANGUAGES, ZONES, Names, fold, names

_DASHES = str.maketrans("‐‑‒–—−", "------")
_EAST_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号號]")
_EAST_TIME = re.compile(r"(\d\d?)\s*[時时點点시]\s*(?:(\d\d?)\s*[分분]\s*(?:(\d\d?)\s*[秒초])?)?")
_EAST_WEEKDAY = re.compile(
    r"[日月火水木金土]曜日?|(?:星期|週|周)[一二三四五六日天]|[월화수목금토일]요일"
    r"|(?<=\()[日月火水木金土一二三四五六월화수목금토일](?=\))"
)
_HOUR = re.compile(
    r"(?<![\d:.])(\d\d?)(?:\s?h(?:\s?(\d\d)(?:\s?min)?)?\b"
    r"|(?:\.(\d\d))?(?=\s?(?:[ap]\.?\s?m|uhr)\b(?!\.?\s*\d\d?:)))"
)
_POINTS = re.compile(
    r"(?:(?<=\d{4}\s)|\b(?:kl|klo|ore|alle)\b\.?\s*)(\d\d?)\.(\d\d)(?:\.(\d\d))?(?![\d.])"
)
"""A time with points: behind a year, or a word that says so."""
_OFFSET = re.compile(
    r"[\s,]*(?:(?:gmt|utc|ut|z)\s*)?(?P<sign>[+-])(?P<hours>\d\d|\d(?!\d))(?::?(?P<minutes>\d\d))?"
    r"(?![\d:./-])"
    # Go repeats it where the zone has no name: "-0300 -03".
    r"(?:\s+(?P=sign)(?P=hours)(?P=minutes)?(?![\d:./-]))?"
)
_UNTIL = re.compile(r"-\d\d:\d\d\b")
"""The end of what begins at a time without seconds, such as 10:00-12:00; no distance from UTC."""
_NAME = re.compile(r"[\s,]*([^\W\d_]+)(?:/[\w/]+)?(?!\w)\.?")
_COMMENT = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_CROATIAN = re.compile(r"\d\.\s?listopada\b")
"""October: the November of Polish has no point before it, that of Czech another ending."""
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|o|a)\b")
_WORD = re.compile(r"[^\W\d_]+")
_ONE_OR_TWO_DIGITS = re.compile(r"(?<!\d)\d\d?(?!\d)")
_SEPARATORS = re.compile(r"[\s.,،/@|'’-]+")
_WEEK = re.compile(r"(\d{4})-?w(\d\d)(?:-?(\d))?")
_DAY_OF_YEAR = re.compile(r"(\d{4})-(\d{3})")
_NUMBERS = re.compile(r"(\d{1,4})\s?([./-])\s?(\d\d?)\s?\2\s?(\d{1,4})")
_NAMED_MONTH = (
    re.compile(r"(?P<day>\d\d?) M (?P<year>\d{2,4})"),
    re.compile(r"M (?P<day>\d\d?) (?P<year>\d{2,4})"),
    re.compile(r"(?P<year>\d{4}) M (?P<day>\d\d?)"),
    re.compile(r"(?P<year>\d{4}) (?P<day>\d\d?) M"),
)
_AMERICAN = re.compile(r"(?!\d/\d\d/)\d\d?/\d\d?/\d{2,4}\b.*\b[AP]M\b", re.DOTALL)
"""CLDR writes AM and PM in capitals for the United States alone among those who write slashes,
.NET for Australia and New Zealand as well, but then 6/05/2024."""


class Clock(NamedTuple):
    """A time of the day, and its distance from UTC where that is stated."""

    hour: int = 0
    minute: int = 0
    second: int = 0
    micro: int = 0
    offset: dt.timedelta | None = None


def read(text: str) -> dt.datetime:
    """Return the moment, in UTC, that a text names.

    Raises ValueError or OverflowError where it names none, or might name several.
    """
    # The names of all languages take a quarter of a second to load.
    try:
        return _read(text, names(LANGUAGES[:1]))
    except ValueError:
        return _read(text, names(LANGUAGES))


def moment(day: dt.date, clock: Clock) -> dt.datetime:
    """Return a moment in UTC; 24:00 is the next midnight, a leap second the second before it.

    Raises ValueError, OverflowError.
    """
    *parts, offset = clock
    late = parts == [24, 0, 0, 0]
    hour, minute, second, micro = (0, 0, 0, 0) if late else parts
    if offset is not None and abs(offset) >= dt.timedelta(days=1):
        raise ValueError(offset)
    time = dt.time(hour, minute, 59 if second == 60 else second, micro, tzinfo=dt.UTC)
    midnight_after = dt.timedelta(days=int(late))
    return dt.datetime.combine(day, time) - (offset or dt.timedelta()) + midnight_after


def micros(fraction: str | None) -> int:
    """Return the microseconds of a decimal fraction; what is past them is cut off."""
    return int((fraction or "0")[:6].ljust(6, "0"))


def distance(sign: str, hours: str, minutes: str | None) -> dt.timedelta:
    """Return how far a zone is from UTC.  Raises ValueError where it has too many minutes."""
    if int(minutes or 0) > 59:
        raise ValueError(minutes)
    return int(f"{sign}1") * dt.timedelta(hours=int(hours), minutes=int(minutes or 0))


def _read(text: str, known: Names) -> dt.datetime:
    written = unicodedata.normalize("NFKC", text).translate(_DASHES)
    plain = fold(written)
    if not plain.isascii():
        plain = _EAST_WEEKDAY.sub(" ", _EAST_DATE.sub(r" \1-\2-\3 ", plain))
        plain = _EAST_TIME.sub(lambda at: ":".join(f"{n or 0:>02}" for n in at.groups()), plain)
    comments = [each.strip() for each in _COMMENT.findall(plain)]
    plain = re.sub(r"(?<=\d)t(?=\d)", " ", _COMMENT.sub(" ", plain))
    plain = re.sub(r"(?<=\d{4}):(?=\d\d:)", " ", plain)  # Apache's logs
    plain = _POINTS.sub(lambda at: f"{at[1]}:{at[2]}:{at[3] or '00'}", plain)
    plain = _HOUR.sub(lambda at: f"{at[1]}:{at[2] or at[3] or '00'} ", plain)
    clock, behind = Clock(), None
    if time := known.time.search(plain):
        if time["second"] is None and _UNTIL.match(plain, time.end()):
            raise ValueError(text)
        offset, end = _zone(plain, time.end(), comments, known)
        clock = _clock(time, known)._replace(offset=offset)
        before, after = plain[: time.start()], plain[end:]
        if _ONE_OR_TWO_DIGITS.search(before):
            behind = _weekdays_behind(after, known)
        plain = f"{before} {after}"
    if clock.offset is None:
        plain = " ".join((plain, *comments))
    if _CROATIAN.search(plain):
        raise ValueError(text)
    american = _AMERICAN.search(written) is not None
    day = _day(_ORDINAL.sub("", plain).strip(), known, american=american)
    if behind is not None and day.weekday() not in behind:
        raise ValueError(text)
    for word in _WORD.findall(" ".join(comments)) if time and clock.offset is None else ():
        # Such as "(PE)": a zone that nobody knows, where it is not this very weekday.
        if len(word) < 3 and day.weekday() not in known.weekdays.get(word, ()):
            raise ValueError(text)
    return moment(day, clock)


def _clock(time: re.Match[str], known: Names) -> Clock:
    hour, half = int(time["hour"]), time["before"] or time["after"]
    if half and re.sub(r"\W", "", half) in known.afternoons:
        hour += 12 if hour < 12 else 0
    elif half and hour > 12:
        raise ValueError(half)
    elif half:
        hour %= 12
    return Clock(hour, int(time["minute"]), int(time["second"] or 0), micros(time["fraction"]))


def _zone(
    text: str, start: int, comments: Sequence[str], known: Names
) -> tuple[dt.timedelta | None, int]:
    """Return the distance from UTC that stands at a place, and where the text goes on.

    Raises ValueError for a name that means several.
    """
    offset = None
    if stated := _OFFSET.match(text, start):
        offset, start = distance(stated["sign"], stated["hours"], stated["minutes"]), stated.end()
    if name := _NAME.match(text, start):
        word = name[1]
        if offset is not None and word in {"am", *known.afternoons}:
            raise ValueError(word)  # belongs to the time, and some write both
        if offset is not None and (word in ZONES or not _is_of_day(word, known)):
            return offset, name.end()  # such as "-0500 EST": the number is what counts
        if word in ZONES and "/" not in name[0]:
            return _named(word), name.end()
    for comment in comments if offset is None else ():
        if comment in ZONES:
            offset = _named(comment)
        elif stated := _OFFSET.fullmatch(comment):
            offset = distance(stated["sign"], stated["hours"], stated["minutes"])
    return offset, start


def _weekdays_behind(text: str, known: Names) -> frozenset[int] | None:
    """Return the weekdays that may stand between a time and what follows; None for no word.

    Raises ValueError for any other word, where the day stands before the time: it is a zone that
    nobody knows, though some language may cut Friday to ``PT``.
    """
    words = [word for word in _WORD.findall(re.split(r"\d", text)[0]) if word not in known.months]
    if not all(_is_of_day(word, known) for word in words):
        raise ValueError(text)
    return frozenset[int]().union(*(known.weekdays[word] for word in words)) if words else None


def _is_of_day(word: str, known: Names) -> bool:
    return word in known.months or (len(word) > 2 and word in known.weekdays)


def _named(zone: str) -> dt.timedelta:
    hours = ZONES[zone]
    if hours is None:
        raise ValueError(zone)
    return dt.timedelta(hours=hours)


def _day(text: str, known: Names, *, american: bool) -> dt.date:
    """Return the day in what is left of a text without its time.

    Raises ValueError where it is none, where it may be several, and for words that are of no date.
    """
    if week := _WEEK.fullmatch(text):
        return dt.date.fromisocalendar(int(week[1]), int(week[2]), int(week[3] or 1))
    if ordinal := _DAY_OF_YEAR.fullmatch(text):
        day = dt.date(int(ordinal[1]), 1, 1) + dt.timedelta(days=int(ordinal[2]) - 1)
        if str(day.year) != ordinal[1]:
            raise ValueError(text)
        return day
    if re.search(r"(?:^|\s)-\d", text):  # a negative number
        raise ValueError(text)
    words = [each[0] for each in _WORD.finditer(text)]
    numeric = len(re.findall(r"\d+", text)) == 3
    # A weekday goes before the month, and may be its namesake: "mar. 5 mars".
    named = -1 if numeric else max(i for i, word in enumerate(words) if word in known.months)
    weekdays: frozenset[int] = frozenset()
    for position, word in enumerate(words):
        # Before a comma there is a weekday, in whatever language.
        leads = position == 0 and re.match(rf"{word}\.?[,،]", text)
        if position != named:
            weekdays |= known.weekdays.get(word, frozenset())
            if word not in known.weekdays and word not in FILLERS and not leads:
                raise ValueError(word)
    if numeric:
        return _of_numbers(_WORD.sub(" ", text), weekdays, american=american)
    order = iter(range(len(words)))
    shape = _WORD.sub(lambda _: " M " if next(order) == named else " ", text)
    shape = _SEPARATORS.sub(" ", shape).strip()
    parts = next(filter(None, (form.fullmatch(shape) for form in _NAMED_MONTH)), None)
    if parts is None:
        raise ValueError(text)
    return dt.date(_year(parts["year"]), known.months[words[named]], int(parts["day"]))


def _of_numbers(text: str, weekdays: frozenset[int], *, american: bool) -> dt.date:
    """Return the one day that three numbers can be.

    With points the day goes first; with slashes and an American clock the month; else a weekday
    may tell.
    """
    parts = _NUMBERS.fullmatch(text.strip(" \t\r\n.,،/@|-"))
    if parts is None:
        raise ValueError(text)
    first, separator, second, third = parts.groups()
    day_first, month_first = (third, second, first), (third, first, second)
    orders = [day_first, month_first]
    if len(first) > 2:
        orders = [(first, second, third)]
    elif len(third) == 2:
        orders.append((first, second, third))
    days = {}
    for order in orders:
        year, month, day = order
        if len(year) in (2, 4) and len(day) <= 2 and 1 <= int(month) <= 12:
            with contextlib.suppress(ValueError):
                days[order] = dt.date(_year(year), int(month), int(day))
    agreeing = {order: day for order, day in days.items() if day.weekday() in weekdays} or days
    usual = day_first if separator == "." and len(third) == 4 else None
    usual = month_first if separator == "/" and american else usual
    possible = {agreeing[usual]} if usual in agreeing else {*agreeing.values()}
    if len(possible) != 1:
        raise ValueError(text)
    return possible.pop()


def _year(digits: str) -> int:
    """Return a year; of two or three digits by RFC 2822 §4.3."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    if year < 1000 and len(digits) > 3:
        raise ValueError(digits)
    return year + 1900 if len(digits) == 3 else year
