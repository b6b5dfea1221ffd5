"""The words that we print ourselves, one file a language beside this one; dates by Babel.

A language without a file is served in English, a regional form ("fr-CA") by its language.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.lists import format_list

from convert.text.languages import fallbacks

FOLDER = Path(__file__).parent


@lru_cache(maxsize=512)
def language_of(tag: str | None) -> str:
    """Return the language whose file serves a tag (BCP 47); "en" where none does."""
    return next((each for each in fallbacks(tag) if (FOLDER / f"{each}.toml").is_file()), "en")


def say(language: str | None, phrase: str, **values: object) -> str:
    """Return a phrase in a language, with its values put in.

    Raises KeyError for a phrase that is in no file: that is a fault of the caller.
    """
    return _phrases(language_of(language))[phrase].format(**values)


def count_entries(language: str | None, count: int) -> str:
    """Return "1 entry", "15 entries"."""
    return say(language, "entry_count_one" if count == 1 else "entry_count", count=count)


def format_date(when: dt.date, language: str | None) -> str:
    """Return a day as people write it: "13 January 2014", "13. Januar 2014", "2014年1月13日".

    A datetime is taken by its day in UTC.
    """
    return babel_date(_day(when), format="long", locale=_locale(language))


def format_month(when: dt.date, language: str | None) -> str:
    """Return "January 2014"."""
    return format_skeleton("yMMMM", _day(when), locale=_locale(language))


def format_period(first: dt.date, last: dt.date, language: str | None) -> str:
    """Return the years that a set spans: "2014" or "2014–2024"."""
    years = sorted({first.year, last.year})
    return say(language, "years", years="–".join(map(str, years)))


def join_names(names: Sequence[str], language: str | None) -> str:
    """Return "Ada, Grace and Barbara", as the language joins them."""
    return format_list(list(names), style="standard", locale=_locale(language)) if names else ""


def _day(when: dt.date) -> dt.date:
    return when.astimezone(dt.UTC).date() if isinstance(when, dt.datetime) else when


@cache
def _phrases(language: str) -> Mapping[str, str]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _locale(language: str | None) -> Locale:
    served = language_of(language)
    if served != "en":
        return Locale.parse(served, sep="-")
    # Day before month, as most of the world writes English; American readers ask for en-US.
    for tag in fallbacks(language):
        try:
            locale = Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        if locale.language == "en" and locale.territory:
            return locale
    return Locale.parse("en_GB")
