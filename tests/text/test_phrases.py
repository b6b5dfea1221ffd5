"""Every phrase in every language, and dates as people write them."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from convert.text import phrases
from convert.text.languages import language_tag

ROOT = Path(__file__).resolve().parents[2]
DAY = dt.datetime(2014, 1, 13, 23, 30, tzinfo=dt.UTC)


LANGUAGES = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(phrases.FOLDER.glob("*.toml"))
}
PRINTED = [
    path.read_text(encoding="utf-8")
    for folder, pattern in (("convert", "*.py"), ("templates", "*.*html"))
    for path in (ROOT / folder).rglob(pattern)
]


def test_languages() -> None:
    assert {"en", "fr", "de", "es", "it", "ja"} <= LANGUAGES.keys()
    assert [language_tag(name) for name in LANGUAGES] == list(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_has_the_same_phrases_and_values(language: str) -> None:
    english, ours = LANGUAGES["en"], LANGUAGES[language]
    assert list(ours) == list(english)
    for phrase, text in ours.items():
        assert text.strip() == text
        assert text, phrase
        assert _values(text) == _values(english[phrase]), phrase


def _values(text: str) -> list[str]:
    return sorted(re.findall(r"\{(.*?)\}", text))


@pytest.mark.parametrize("phrase", LANGUAGES["en"])
def test_every_phrase_is_printed_somewhere(phrase: str) -> None:
    quoted = re.compile(rf"""["']{phrase}["']""")
    assert any(quoted.search(text) for text in PRINTED)


def test_a_new_file_is_a_new_language(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "convert", tmp_path / "convert")
    english = (phrases.FOLDER / "en.toml").read_text(encoding="utf-8")
    dutch = english.replace('contents = "Contents"', 'contents = "Inhoud"')
    (tmp_path / "convert/text/phrases/nl.toml").write_text(dutch, encoding="utf-8")
    program = (
        "import datetime as dt; from convert.text.phrases import format_date, say;"
        "print(say('nl-BE', 'contents'), format_date(dt.date(2024, 3, 1), 'nl-BE'), sep=', ')"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert printed.stdout == "Inhoud, 1 maart 2024\n"


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
        ("ar-EG", "13 January 2014"),
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
