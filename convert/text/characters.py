"""Characters that no XML document may hold, or no HTML document should."""

from __future__ import annotations

import re

_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U00010000-\U0010ffff]"
)
"""XML 1.0 §2.2 forbids the controls, the surrogates, U+FFFE and U+FFFF; HTML's "control" and
"noncharacter" are errors in a document, too.  (One wide range: many small ones are slow.)"""
_SPACES = frozenset("\x0b\x0c\x1c\x1d\x1e\x1f")
_SPACE = re.compile(r"\s+")


def _legal(match: re.Match[str]) -> str:
    character = match.group()
    if character in _SPACES:
        return " "
    if "\x80" <= character <= "\x9f":  # what browsers read &#x80; to &#x9f; as
        return character.encode("latin-1").decode("cp1252", errors="ignore")
    if character > "\uffff" and ord(character) & 0xFFFE != 0xFFFE:
        return character
    return ""


def legal(text: str) -> str:
    """Return the text without what XML or HTML forbids.

    Vertical spaces become a space, C1 controls what Windows-1252 means by them; the rest goes.
    """
    return _SUSPECT.sub(_legal, text)


def fold(text: str) -> str:
    """Return legal text on one line: each run of white space one space, none at the ends."""
    return _SPACE.sub(" ", legal(text)).strip()
