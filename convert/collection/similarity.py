"""How alike two texts are: by a small fingerprint of each, then word by word.

Prepared entries remember their fingerprint: this code counts in their digest.
"""

from __future__ import annotations

import hashlib
import heapq
import re
import zlib

from convert.model import Fingerprint, Prepared

SKETCH = 12
"""Sentences that stand for a text when looking for one that is nearly equal."""
_TELLING = 40
"""Characters of a sentence that is unlikely to be anybody else's."""
_SHINGLE = 5
"""Words in a row that are compared as one."""
_WORD = re.compile(r"\w+")


def fingerprint(prepared: Prepared) -> Fingerprint:
    """Return what ``resolve`` compares; case and white space do not count."""
    # Regular expressions would take five times as long, for every entry of every run.
    words = prepared.text.casefold().split()
    text = " ".join(words)
    for mark in "!?。！？":
        text = text.replace(mark, ".")
    telling = {
        zlib.crc32(each.encode("utf-8", "replace"))
        for each in text.split(".")
        if len(each) >= _TELLING
    }
    return Fingerprint(
        title=_digest(" ".join(_words(prepared.entry.title))),
        text=_digest(" ".join(words)),
        words=max(len(words), len(text) // 12),  # not every script has spaces
        sketch=tuple(heapq.nsmallest(SKETCH, telling)),
    )


def resemblance(one: str, other: str) -> float:
    """Return the Jaccard index of the shingles of two texts: 0 to 1."""
    left, right = _shingles(one), _shingles(other)
    return len(left & right) / max(len(left | right), 1)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + _SHINGLE]) for at in range(max(len(words) - _SHINGLE + 1, 1))}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).digest()
