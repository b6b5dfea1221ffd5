"""Words for days."""

from __future__ import annotations

import datetime as dt

import pytest

from convert.errors import UsageError
from convert.settings import periods

NOW = dt.datetime(2025, 3, 31, 23, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-03-04", "2025-03-04", "2025-03-04"),
        ("30d", "2025-03-01", "2025-03-01"),
        ("0d", "2025-03-31", "2025-03-31"),
    ],
)
def test_periods(text: str, first: str, last: str) -> None:
    assert periods.parse_since(text, NOW).date == dt.date.fromisoformat(first)
    assert periods.parse_until(text, NOW).date == dt.date.fromisoformat(last)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2025-13", "2025-02-30", "0000", "999999d", "25", "2025-03-04-05"]
)
def test_garbage_is_a_usage_error_that_names_it(text: str) -> None:
    with pytest.raises(UsageError, match=r"no day"):
        periods.parse_since(text, NOW)


def test_a_number_of_days() -> None:
    assert periods.parse_days(" 14d ", NOW) == dt.timedelta(days=14)
    assert periods.parse_days("0d", NOW) == dt.timedelta()
    assert periods.parse_days("", NOW) is None
    for text in ("14", "2025-03", "-1d", "9999999d"):
        with pytest.raises(UsageError, match="is no number of days; write 14d"):
            periods.parse_days(text, NOW)
