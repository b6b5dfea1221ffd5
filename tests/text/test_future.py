"""What is said of dates in the future."""

from __future__ import annotations

import datetime as dt

import pytest

from convert.model import StoredEntry
from convert.text.future import warning_of


@pytest.mark.parametrize(
    ("published", "updated", "said"),
    [
        (2091, 2091, "published of urn:1: 2091-01-01"),  # an RSS feed states but pubDate
        (None, 2091, "updated of urn:1: 2091-01-01"),
        (2024, 2091, "updated of urn:1: 2091-01-01"),
        (2092, 2091, "published of urn:1: 2092-01-01"),
    ],
)
def test_a_date_in_the_future_is_called_by_its_field(
    published: int | None, updated: int, said: str
) -> None:
    day = dt.datetime(updated, 1, 1, tzinfo=dt.UTC)
    entry = StoredEntry(
        path="feed.xml",
        user="ann",
        id="urn:1",
        updated=day,
        published=day.replace(year=published) if published else None,
    )
    assert str(warning_of(entry)) == f"feed.xml: {said} is in the future"
