"""Language and direction: which tags are real ones, and which way a text runs."""

from __future__ import annotations

import functools
import re

from babel import Locale, UnknownLocaleError

from convert.model import Direction

_TAG = re.compile(
    r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?:[-_.].*)?"
)
_RTL_LANGUAGES = frozenset(
    (
        "ar",
        "arc",
        "ckb",
        "dv",
        "fa",
        "he",
        "iw",
        "khw",
        "ks",
        "ku",
        "ps",
        "sd",
        "syr",
        "ug",
        "ur",
        "yi",
    )
)
_RTL_SCRIPTS = frozenset(("Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm"))
_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff]"
)
_STRONG = re.compile(r"[^\W\d_]")


@functools.lru_cache(maxsize=512)
def language_tag(text: str) -> str | None:
    """A well-formed language tag (BCP 47) of a language that is registered, or None.

    Language, script and region are kept: "en_US.UTF-8" gives "en-US".
    """
    found = _TAG.fullmatch(text.strip())
    if found is None:
        return None
    language, script, region = found[1].lower(), found[2], found[3]
    try:
        Locale(language)
    except UnknownLocaleError:
        return None
    parts = [language, script.title() if script else None, region.upper() if region else None]
    return "-".join(part for part in parts if part)


def direction_of(language: str | None) -> Direction:
    """Which way a language is written."""
    if not language:
        return "ltr"
    primary, _, rest = language.partition("-")
    script = rest.partition("-")[0]
    if len(script) == 4:
        return "rtl" if script in _RTL_SCRIPTS else "ltr"
    return "rtl" if primary in _RTL_LANGUAGES else "ltr"


def direction_of_text(text: str) -> Direction | None:
    """Which way most letters of a text run; None where it has none."""
    backward = len(_RTL.findall(text)) if _RTL.search(text) else 0
    if not backward:
        return "ltr" if _STRONG.search(text) else None
    return "rtl" if 2 * backward > len(_STRONG.findall(text)) else "ltr"
