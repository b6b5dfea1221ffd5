"""Every phrase in every language, and dates as people write them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from convert.text import phrases

DAY = dt.datetime(2014, 1, 13, 23, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("phrase", sorted(phrases.PHRASES))
def test_a_phrase_has_the_same_values_in_every_language(phrase: str) -> None:
    texts = phrases.PHRASES[phrase]
    assert len(texts) == len(phrases.LANGUAGES)
    assert all(text.strip() == text and text for text in texts)
    values = {tuple(sorted(re.findall(r"\{(\w+)\}", text))) for text in texts}
    assert len(values) == 1


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "13 January 2014"),
        ("en-US", "January 13, 2014"),
        ("fr-CA", "13 janvier 2014"),
        ("de", "13. Januar 2014"),
        ("es", "13 de enero de 2014"),
        ("it", "13 gennaio 2014"),
        ("ja", "2014年1月13日"),
        ("tlh", "13 January 2014"),
        (None, "13 January 2014"),
    ],
)
def test_dates(language: str | None, expected: str) -> None:
    assert phrases.format_date(DAY, language) == expected


def test_a_date_is_a_day_in_utc() -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    assert phrases.format_date(dt.datetime(2014, 1, 14, 8, tzinfo=tokyo), "en") == "13 January 2014"


def test_an_unknown_language_is_served_in_english() -> None:
    assert phrases.say("xx-Latn", "contents") == "Contents"
    assert phrases.say("fr_CA", "contents") == "Table des matières"


def test_counts_and_names() -> None:
    assert phrases.count_entries("en", 1) == "1 entry"
    assert phrases.count_entries("de", 3) == "3 Beiträge"
    assert phrases.join_names(("Ada", "Grace", "Barbara"), "fr") == "Ada, Grace et Barbara"
    assert phrases.join_names((), "fr") == ""
