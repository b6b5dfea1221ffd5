"""The words of dates: months, weekdays, halves of the day and zones, in the languages of feeds.

Months and weekdays are CLDR's, by Babel.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
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
    # India, Israel and Ireland.
    "ist": None,
} | dict.fromkeys("abcdefghiklmnopqrstuvwxy", 0)  # fmt: skip
"""Hours east of Greenwich; None where the name means several.

RFC 2822 §4.3 takes the letters of the military for UTC: RFC 822 had their signs wrong.
"""


class Names(NamedTuple):
    """Folded words and what they name; of weekdays, 0 is Monday, all that a word may name."""

    months: Mapping[str, int]
    weekdays: Mapping[str, frozenset[int]]


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
    return Names(cut | whole, {word: frozenset(numbers) for word, numbers in days.items()})


def _word(name: str) -> str:
    """Return the word of a name: CLDR's "de març" and "janv." are "marc" and "janv"."""
    words = re.findall(r"\w+", fold(name))
    return words[-1] if words and len(words[0]) <= 2 else "".join(words)
