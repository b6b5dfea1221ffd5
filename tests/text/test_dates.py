"""Dates: every spelling is the right moment, and nothing but BadDate ever comes of garbage."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.errors import BadDate
from convert.text import dates

# Hypothesis wants naive bounds; every test adds the zone.
moments = st.datetimes(
    min_value=dt.datetime(1000, 1, 2),  # noqa: DTZ001
    max_value=dt.datetime(9999, 12, 30),  # noqa: DTZ001
)
offsets = st.integers(min_value=-23 * 60 - 59, max_value=23 * 60 + 59)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2014-01-13T00:00:00", "2014-01-13T00:00:00"),
        ("2014-01-13T10:00:00Z", "2014-01-13T10:00:00"),
        ("2014-01-13t10:00:00z", "2014-01-13T10:00:00"),
        ("2014-01-13 10:00:00", "2014-01-13T10:00:00"),
        ("2014-01-13 10:00:00 +0200", "2014-01-13T08:00:00"),
        ("2014-01-13 10:00:00 +0000 UTC", "2014-01-13T10:00:00"),
        ("2014-01-13 10:00:00 UTC", "2014-01-13T10:00:00"),
        ("2014-01-13T10:00:00-05:30", "2014-01-13T15:30:00"),
        ("2014-01-13T10:00+01", "2014-01-13T09:00:00"),
        ("2014-01-13", "2014-01-13T00:00:00"),
        ("2014-01", "2014-01-01T00:00:00"),
        ("2014", "2014-01-01T00:00:00"),
        ("20140113T100000Z", "2014-01-13T10:00:00"),
        ("20140113", "2014-01-13T00:00:00"),
        ("2014-01-13T10:00:00.123456789Z", "2014-01-13T10:00:00.123456"),
        ("2014-01-13T10:00:00,5Z", "2014-01-13T10:00:00.500000"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
        ("2014-01-13T24:00:00Z", "2014-01-14T00:00:00"),
        ("  2014-01-13\n", "2014-01-13T00:00:00"),
        ("Mon, 13 Jan 2014 10:00:00 +0100", "2014-01-13T09:00:00"),
        ("Mon, 13 Jan 2014 10:00:00 GMT", "2014-01-13T10:00:00"),
        ("Mon, 13 Jan 2014 10:00:00 EST", "2014-01-13T15:00:00"),
        ("Mon, 13 Jan 2014 10:00:00 PDT", "2014-01-13T17:00:00"),
        ("Mon, 13 Jan 2014 10:00:00 Z", "2014-01-13T10:00:00"),
        ("Mon, 13 Jan 2014 10:00:00", "2014-01-13T10:00:00"),
        ("13 Jan 2014 10:00 GMT", "2014-01-13T10:00:00"),
        ("Mon, 13 Jan 14 10:00:00 GMT", "2014-01-13T10:00:00"),
        ("Wed, 13 Jan 99 10:00:00 GMT", "1999-01-13T10:00:00"),
        ("Mon, 13 January 2014 10:00:00 GMT", "2014-01-13T10:00:00"),
        ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59"),
        ("Tue, 13-Jan-2099 10:00:00 GMT", "2099-01-13T10:00:00"),
        ("Mon Jan 13 10:00:00 2014", "2014-01-13T10:00:00"),
    ],
)
def test_spelling(text: str, moment: str) -> None:
    assert dates.parse(text) == dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
    assert dates.parse(text).utcoffset() == dt.timedelta()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "yesterday",
        "2014-02-30",
        "2014-13-01",
        "2014-01-13T25:00:00",
        "2014-01-13T10:00:61",
        "2014-01-13T10:00:00+99:99",
        "2014-01-13T10:00:00+24:00",
        "2014-01-13T10:00:00+01:60",
        "9999-12-31T23:59:00-23:59",
        "0001-01-01T00:00:00+23:59",
        "0000-01-01",
        "2014-0113",
        "Mon, 30 Feb 2014 10:00:00 GMT",
        "Mon, 13 Jan 2014 10:00:00 +9999",
        "Mon, 13 Jan 2014 10:00:00 +0160",
        "Fri, 31 Dec 9999 23:59:00 -2359",
        "Mon, 13 Jan 99999999999999999999 10:00:00 GMT",
        "9" * 5000,
        "1389607200",
        "１２ Jan 2014 10:00:00 GMT",
        "{'year': 2014}",
    ],
)
def test_garbage_is_named(text: str) -> None:
    with pytest.raises(BadDate) as caught:
        dates.parse(text)
    assert caught.value.value == text
    assert len(str(caught.value)) < 120


@given(moments, offsets)
def test_rfc3339_with_any_offset(moment: dt.datetime, minutes: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    local = moment.replace(tzinfo=zone)
    assert dates.parse(local.isoformat()) == local


@given(moments, offsets)
def test_rfc822_with_any_offset(moment: dt.datetime, minutes: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    local = moment.replace(microsecond=0, tzinfo=zone)
    assert dates.parse(email.utils.format_datetime(local)) == local


@given(moments)
def test_what_is_written_reads_back(moment: dt.datetime) -> None:
    when = moment.replace(tzinfo=dt.UTC)
    assert dates.parse(when.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z") == when


@given(
    st.one_of(
        st.text(max_size=120),
        st.from_regex(
            r"[0-9]{1,5}-?[0-9]{1,3}-?[0-9]{1,3}[T ]?[0-9:.,]{0,14}[Z+-]?[0-9:]{0,6}",
            fullmatch=True,
        ),
        st.from_regex(
            r"(Mon,? )?[0-9]{0,4} ?(Jan|Feb|x)? [0-9]{0,9} [0-9:.]{0,12} ?[A-Z+-]{0,4}[0-9:]{0,6}",
            fullmatch=True,
        ),
    )
)
def test_any_text_is_a_utc_moment_or_a_bad_date(text: str) -> None:
    with contextlib.suppress(BadDate):
        assert dates.parse(text).tzinfo is dt.UTC


@pytest.mark.parametrize(("year", "future"), [(1970, False), (2020, False), (2027, True)])
def test_a_clock_that_cannot_be_right_judges_no_date(
    year: int, future: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without a battery says 1970, and would take every date for a future one."""

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime(year, 1, 1, tzinfo=tz)

    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    date = dt.datetime(2028, 1, 1, tzinfo=dt.UTC)
    with monkeypatch.context() as patched:
        patched.setattr(dates, "dt", _with_clock(Clock))
        assert dates.is_future(date) == future


def _with_clock(clock: type[dt.datetime]) -> types.SimpleNamespace:
    return types.SimpleNamespace(datetime=clock, UTC=dt.UTC, timedelta=dt.timedelta)
