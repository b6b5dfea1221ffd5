"""The words for how an output is cut into volumes."""

from __future__ import annotations

import re

from convert.errors import UsageError

KINDS = ("none", "year", "author", "category")
_SIZE = re.compile(r"([1-9]\d{0,8}) ?(k|M|G)i?B?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_BYTES = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def check(how: str) -> str:
    """Return the way to cut, in one spelling.  Raises UsageError where it is none."""
    folded = how.strip().casefold()
    if folded in KINDS or _NUMBER.fullmatch(folded) or _SIZE.fullmatch(folded):
        return folded
    raise UsageError(
        f"volumes = {how!r} is not known; write none, year, author, category,"
        " a number of entries such as 500, or a size such as 50MB"
    )


def most_bytes(how: str) -> int | None:
    """Return the size that ``how`` allows a volume, in bytes; None where it names none."""
    size = _SIZE.fullmatch(how.strip())
    return int(size[1]) * _BYTES[size[2].casefold()] if size else None
