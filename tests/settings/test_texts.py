"""What users write for a setting."""

from __future__ import annotations

import datetime as dt

import pytest

from convert.settings import texts


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("feed://a.example/rss", "http://a.example/rss"),
        ("FEED:https://a.example/rss", "https://a.example/rss"),
        ("https://a.example/rss", "https://a.example/rss"),
        ("feed:notes.xml", "feed:notes.xml"),
        ("feed.xml", "feed.xml"),
        ("-", "-"),
    ],
)
def test_the_scheme_feed_stands_for_the_web(written: str, meant: str) -> None:
    assert texts.source(written, dt.datetime.now(dt.UTC)) == meant
