"""Language tags (BCP 47): what is one, its one spelling, and which way its language runs.

The only judge of both: what it says holds for the command line, for sources and in every
format.  The tables are Babel's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from convert.errors import UsageError
from convert.model import Direction
from convert.text.characters import unusual

# RFC 5646 §2.1, without the forms that no language is registered in.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?P<extended>(?:-[a-z]{3}){0,3})"
    r"(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*)"
    r"(?P<private>-x(?:-[a-z0-9]{1,8})+)?"
)
_SINGLETON = re.compile(r"-([a-z0-9])(?=-)")
# RFC 5646 §2.2.8: tags older than the rules, and what they are today.
_GRANDFATHERED = {
    "art-lojban": "jbo", "cel-gaulish": "xtg", "en-gb-oed": "en-GB-oxendict", "i-ami": "ami",
    "i-bnn": "bnn", "i-hak": "hak", "i-klingon": "tlh", "i-lux": "lb", "i-navajo": "nv",
    "i-pwn": "pwn", "i-tao": "tao", "i-tay": "tay", "i-tsu": "tsu", "no-bok": "nb",
    "no-nyn": "nn", "zh-guoyu": "zh", "zh-hakka": "hak", "zh-min": "zh", "zh-min-nan": "nan",
    "zh-xiang": "hsn",
}  # fmt: skip
_NO_LANGUAGE = frozenset(("mis", "mul", "root", "und", "zxx"))
"""Registered, but the name of no language that anything could be printed in."""
_RIGHT_TO_LEFT = frozenset((
    "Adlm", "Arab", "Aran", "Armi", "Avst", "Chrs", "Cprt", "Elym", "Gara", "Hatr", "Hebr",
    "Hung", "Khar", "Lydi", "Mand", "Mani", "Mend", "Merc", "Mero", "Narb", "Nbat", "Nkoo",
    "Orkh", "Ougr", "Palm", "Phli", "Phlp", "Phnx", "Prti", "Rohg", "Samr", "Sarb", "Sidt",
    "Sogd", "Sogo", "Syrc", "Syre", "Syrj", "Syrn", "Thaa", "Yezi",
))  # fmt: skip
"""Scripts whose letters have the bidirectional class R or AL; Babel knows it of locales only."""
_BACKWARD = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff]"
)
_LETTER = re.compile(r"[^\W\d_]")


@lru_cache(maxsize=512)
def language_tag(text: str | None) -> str | None:
    """Return the canonical form of a language tag (RFC 5646 §4.5), None where it is none.

    A tag is well-formed and names a registered language; "en_US.UTF-8", as POSIX writes it, is
    "en-US".  Private tags ("x-ours") and those of no language ("und", "mul") are none.
    """
    plain = re.split(r"[.@]", (text or "").strip(), maxsplit=1)[0].replace("_", "-").lower()
    if plain in _GRANDFATHERED:
        return _GRANDFATHERED[plain]
    parts = _TAG.fullmatch(plain)
    if parts is None:
        return None
    singletons = _SINGLETON.findall(parts["extensions"])
    variants = parts["variants"].split("-")
    if len({*singletons}) < len(singletons) or len({*variants}) < len(variants):
        return None  # RFC 5646 §2.2.5 and §2.2.6: none of them twice
    # An extended language stands for itself: "zh-yue" is "yue" (RFC 5646 §2.2.2).
    extended = parts["extended"].rpartition("-")[2]
    language = extended if extended in _registered() else parts["language"]
    if language not in _registered():
        return None
    region = (parts["region"] or "").upper()
    heirs = get_global("territory_aliases").get(region, ())
    region = heirs[0] if len(heirs) == 1 else region
    head = (_registered()[language], (parts["script"] or "").title(), region)
    tail = (parts[name] or "" for name in ("variants", "extensions", "private"))
    return "-".join(filter(None, head)) + "".join(tail)


def check_language(text: str) -> str:
    """Return the tag of a language in its one spelling.  Raises UsageError where it is none."""
    tag = language_tag(text)
    if tag is None:
        raise UsageError(f"{text!r} is no language; write en, fr-CA or the like")
    return tag


@lru_cache(maxsize=512)
def direction(tag: str | None) -> Direction:
    """Return which way the language of a tag is written: by its script, else by the script
    that is usual for it where it is spoken; from left to right where there is no such tag."""
    language, *rest = (language_tag(tag) or "und").split("-")
    script = next((part for part in rest[:1] if len(part) == 4 and part.isalpha()), None)
    if script is None:
        likely = get_global("likely_subtags")
        region = rest[0] if rest and len(rest[0]) < 4 else ""
        usual = likely.get(f"{language}_{region}") or likely.get(language, "")
        script = next((part for part in usual.split("_") if len(part) == 4), "")
    return "rtl" if script in _RIGHT_TO_LEFT else "ltr"


def direction_of_text(text: str) -> Direction | None:
    """Return which way most letters of a text run; None where it has none."""
    backward = len(_BACKWARD.findall(unusual(text)))
    if not backward:
        return "ltr" if _LETTER.search(text) else None
    return "rtl" if 2 * backward > len(_LETTER.findall(text)) else "ltr"


def has_backward(text: str) -> bool:
    """Return whether any letter of a text runs from right to left."""
    return _BACKWARD.search(unusual(text)) is not None


def fallbacks(tag: str | None) -> Iterator[str]:
    """Yield the tag and what serves in its place, the nearest first (RFC 4647 §3.4):
    "de-CH-1996", "de-CH", "de"."""
    rest = language_tag(tag) or ""
    while rest:
        yield rest
        rest = rest.rpartition("-")[0]
        if len(rest.rpartition("-")[2]) == 1:
            rest = rest.rpartition("-")[0]


@cache
def _registered() -> dict[str, str]:
    """Return each registered language, in lower case, with the code that it has today."""
    codes = {*get_global("likely_subtags"), *Locale("en").languages}
    languages = {code: code for code in codes if code.isalpha() and code not in _NO_LANGUAGE}
    # "iw" is "he" and "eng" is "en"; what became two subtags ("sh": "sr_Latn") stays.
    aliases = get_global("language_aliases").items()
    heirs = {old: new for old, new in aliases if new.isalpha()}
    # Babel has no name for some of today's codes ("tpo", once "thc").
    return dict(zip(heirs.values(), heirs.values(), strict=True)) | languages | heirs
