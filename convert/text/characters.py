"""Characters that no XML document may hold, no HTML document should, or no line of text that
stands among others."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U00010000-\U0010ffff]"
)
"""XML 1.0 §2.2 forbids the controls, the surrogates, U+FFFE and U+FFFF; HTML's "control" and
"noncharacter" are errors in a document, too.  (One wide range: many small ones are slow.)"""
_USUAL = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
_SPACES = frozenset("\x0b\x0c\x1c\x1d\x1e\x1f")
_SPACE = re.compile(r"\s+")
LONGEST = 1_000
"""Characters of one title or name: of 1,233 real titles the longest has 139, and what is many
times as long is a text in the wrong place, which every list, outline and window would repeat."""
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OVERRIDES = frozenset("\u202d\u202e")
_ISOLATES = frozenset("\u2066\u2067\u2068")
_OPENERS = frozenset("\u202a\u202b") | _OVERRIDES | _ISOLATES
_POP = "\u202c"
_NAMED = 3
"""How many of several names are said in one line."""


def _legal(match: re.Match[str]) -> str:
    character = match.group()
    if character in _SPACES:
        return " "
    if "\x80" <= character <= "\x9f":  # what browsers read &#x80; to &#x9f; as
        return character.encode("latin-1").decode("cp1252", errors="ignore")
    if character > "\uffff" and ord(character) & 0xFFFE != 0xFFFE:
        return character
    return ""


def unusual(text: str) -> str:
    """Return the characters of a text, in order, that ASCII does not print and that end no line:
    to look for one among these takes a fifth of the time."""
    encoded = text.encode("utf-8", "surrogatepass").translate(None, _USUAL)
    return encoded.decode("utf-8", "surrogatepass")


def legal(text: str) -> str:
    """Return the text without what XML or HTML forbids.

    Vertical spaces become a space, C1 controls what Windows-1252 means by them; the rest goes.
    """
    return _SUSPECT.sub(_legal, text) if _SUSPECT.search(unusual(text)) else text


def fold(text: str) -> str:
    """Return legal text on one line, which says nothing of the way that the text around it runs:
    each run of white space one space, none at the ends."""
    return _SPACE.sub(" ", balanced(legal(text))).strip()


def shortened(text: str, most: int = LONGEST) -> str:
    """Return the same in at most ``most`` characters, cut behind a word where it is longer."""
    line = fold(text)
    if len(line) <= most:
        return line
    cut = line[: most - 2]
    return f"{balanced(cut.rpartition(' ')[0] or cut)} …"


def visible(text: str) -> str:
    """Return text for a terminal or a report: what would act there, or show other signs as they
    are not, stands as its escape (``\\x1b``, ``\\u202e``)."""
    return _HIDDEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def balanced(text: str) -> str:
    """Return text that leaves no embedding or isolate open and closes none of others (UAX #9).

    Overrides go with what closes them: they write letters backwards, which no title needs.
    Openers that nothing closes and closers of nothing go, too; pairs stay, and marks (U+200E,
    U+200F, U+061C), which open nothing.
    """
    if _DIRECTION.search(text) is None:
        return text
    waiting: list[re.Match[str]] = []
    isolates = 0
    pairs: set[int] = set()
    for sign in _DIRECTION.finditer(text):
        opening: re.Match[str] | None = None
        if sign[0] in _OPENERS:
            waiting.append(sign)
            isolates += sign[0] in _ISOLATES
        elif sign[0] == _POP:
            if waiting and waiting[-1][0] not in _ISOLATES:  # an isolate is a wall (BD11)
                opening = waiting.pop()
        elif isolates:
            # What was embedded in it ends with it (X6a).
            while (opening := waiting.pop())[0] not in _ISOLATES:
                pass
            isolates -= 1
        if opening is not None and opening[0] not in _OVERRIDES:
            pairs |= {opening.start(), sign.start()}
    return _DIRECTION.sub(lambda sign: sign[0] if sign.start() in pairs else "", text)


def several(names: Sequence[str]) -> str:
    """Return names in a row, of more than a few the first, and how many others there are."""
    more = len(names) - _NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:_NAMED])} and {more} more"


def amount(count: int, one: str, many: str) -> str:
    """Return a number and what it is of: 1 entry, 2 entries."""
    return f"{count} {one if count == 1 else many}"
