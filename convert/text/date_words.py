"""The words of dates: months, weekdays, halves of the day and zones, in the languages of feeds.

Months and weekdays are CLDR's, by Babel.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from babel import Locale

LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "ru", "sv", "da", "nb", "nn", "de_AT"),
    *("sk", "sl", "sr", "bg", "mk", "uk", "be", "fi", "et", "lv", "lt", "hu", "ro", "tr", "el"),
    *("ca", "gl", "id", "ms", "af", "is", "ar", "he", "fa", "eo", "sq"),
)
"""Croatian is not among them: its listopad is October, that of Polish and Czech November."""
_SHORTEST_MONTH, _SHORTEST_DAY = 3, 2
_FURTHER_MONTHS = {"mrz": 3, "maerz": 3, "jaenner": 1}
FILLERS = frozenset((
    *("a", "alle", "as", "at", "d", "de", "del", "den", "der", "di", "dia", "e", "el", "en"),
    *("feira", "gada", "goda", "il", "kl", "klo", "las", "le", "m", "o", "of", "on", "ore", "r"),
    *("roku", "the", "to", "u", "uhr", "um", "am", "om", "i", "г", "года", "року", "р", "в"),
))  # fmt: skip
"""Words between the parts of a date, which say nothing: "6 de mayo", "at 10:00", "2024 г."."""

ZONES: Mapping[str, float | None] = {
    # RFC 822 §5.1.
    "ut": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7,
    # Abbreviations for which the tz database has one offset, and those that it had for years.
    "utc": 0, "acdt": 10.5, "acst": 9.5, "adt": -3, "aedt": 11, "aest": 10, "akdt": -8, "akst": -9,
    "ast": -4, "awst": 8, "bst": 1, "cat": 2, "cest": 2, "cet": 1, "chst": 10, "eat": 3, "eest": 3,
    "eet": 2, "hdt": -9, "hkt": 8, "hst": -10, "idt": 3, "jst": 9, "kst": 9, "mest": 2, "met": 1,
    "msk": 3, "ndt": -2.5, "nst": -3.5, "nzdt": 13, "nzst": 12, "pkt": 5, "sast": 2, "sst": -11,
    "wat": 1, "west": 1, "wet": 0, "wib": 7, "wit": 9, "wita": 8,
    "art": -3, "brt": -3, "sgt": 8,
    # The same in other languages.
    "mez": 1, "mesz": 2, "мск": 3,
    # India, Israel and Ireland; America's in summer or in winter.
    "ist": None, "at": None, "et": None, "ct": None, "mt": None, "pt": None,
} | dict.fromkeys("abcdefghiklmnopqrstuvwxy", 0)  # fmt: skip
"""Hours east of Greenwich; None where the name means several.

RFC 2822 §4.3 takes the letters of the military for UTC: RFC 822 had their signs wrong.
"""


_HALVES = r"[ap]\.?\s?m\b\.?|(?<=\d)[ap]\b|午[前後后]|[上下]午|오[전후]"
_AFTERNOONS = ("p", "pm", "午後", "午后", "下午", "오후")


class Names(NamedTuple):
    """Folded words and what they name; of weekdays, 0 is Monday, all that a word may name.

    ``time`` finds a time with its half of the day, ``afternoons`` are the letters of the second.
    """

    months: Mapping[str, int]
    weekdays: Mapping[str, frozenset[int]]
    time: re.Pattern[str]
    afternoons: frozenset[str]


def fold(text: str) -> str:
    """Return a text in lower case, without accents and the marks of direction."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold().replace("ı", "i")
    # What casefold gives may be decomposable.
    letters = unicodedata.normalize("NFKD", plain)
    bare = (each for each in letters if unicodedata.category(each) not in {"Mn", "Cf"})
    return unicodedata.normalize("NFC", "".join(bare))


@cache
def names(languages: tuple[str, ...]) -> Names:
    """Return the months and weekdays of some languages, in full, abbreviated or cut short.

    A beginning stands for a month where no other begins so.
    """
    months: dict[str, int] = dict(_FURTHER_MONTHS)
    starts: dict[str, set[int]] = defaultdict(set)
    days: dict[str, set[int]] = defaultdict(set)
    for locale in map(Locale.parse, languages):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    months.setdefault(_word(name), number)
            for width in ("wide", "abbreviated", "short"):
                for number, name in locale.days[context][width].items():
                    word = _word(name)
                    for length in range(_SHORTEST_DAY, len(word) + 1):
                        days[word[:length]].add(number)
    for word, number in months.items():
        for length in range(_SHORTEST_MONTH, len(word)):
            starts[word[:length]].add(number)
    cut = {start: min(numbers) for start, numbers in starts.items() if len(numbers) == 1}
    whole = {word: number for word, number in months.items() if word.isalpha()}
    time, afternoons = _times(languages)
    weekdays = {word: frozenset(numbers) for word, numbers in days.items()}
    return Names(cut | whole, weekdays, time, afternoons)


def _times(languages: Iterable[str]) -> tuple[re.Pattern[str], frozenset[str]]:
    """Return what finds a time, each half of the day where its language puts it, and the letters
    of the second halves."""
    # Other languages have Hungarian's words as well, without the point.
    before, after, afternoons = {_HALVES, r"d[eu]\."}, {_HALVES}, {*_AFTERNOONS, "du"}
    for locale in map(Locale.parse, languages):
        leads = locale.datetime_skeletons["hm"].pattern.startswith("a")
        for widths, half in itertools.product(locale.day_periods.values(), ("am", "pm")):
            for width in ("wide", "abbreviated"):
                letters = re.findall(r"\w+", fold(widths.get(width, {}).get(half, "")))
                if letters:
                    (before if leads else after).add(r"\W{1,2}".join(letters) + r"\b\.?")
                    afternoons |= {"".join(letters)} if half == "pm" else set()
    first, last = ("|".join(sorted(halves, reverse=True)) for halves in (before, after))
    pattern = (
        rf"(?:\b(?P<before>{first})\s*)?(?<![\d:.])(?P<hour>\d\d?):(?P<minute>\d\d)"
        r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?(?![\d:])"
        rf"(?:\s*(?:uhr|uur|ч)\b\.?)?(?:\s*(?P<after>{last}))?"
    )
    return re.compile(pattern), frozenset(afternoons)


def _word(name: str) -> str:
    """Return the word of a name: CLDR's "de març" and "janv." are "marc" and "janv"."""
    words = re.findall(r"\w+", fold(name))
    return words[-1] if words and len(words[0]) <= 2 else "".join(words)
