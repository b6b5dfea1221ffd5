"""The numbers of the items of lists, as a browser shows them (HTML §4.4.5, §4.4.8)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from lxml import etree

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_ROMAN = 3999


def ordinals(each: etree._Element) -> list[int]:
    """Return the number of each item of a numbered list."""
    items = [item for item in each if item.tag == "li"]
    step = 1 if each.get("reversed") is None else -1
    number = int(each.get("start") or (1 if step > 0 else len(items)))
    numbers = []
    for item in items:
        number = int(item.get("value") or number)
        numbers.append(number)
        number += step
    return numbers


def runs(numbers: Sequence[int]) -> list[range]:
    """Return where numbers go on by one, as ranges of their places.

    >>> runs([5, 9, 10])
    [range(0, 1), range(1, 3)]
    """
    begun = [at for at, number in enumerate(numbers) if not at or number != numbers[at - 1] + 1]
    return [range(*ends) for ends in itertools.pairwise([*begun, len(numbers)])]


def label(number: int, kind: str | None) -> str:
    """Return a number as ``type`` of its list says: "4", "d", "D", "iv" or "IV".

    >>> label(28, "a"), label(4, "I"), label(0, "i"), label(-2, None)
    ('ab', 'IV', '0', '-2')
    """
    if kind in {"a", "A"} and number > 0:
        text = letters(number)
    elif kind in {"i", "I"} and 0 < number <= _MOST_ROMAN:
        text = roman(number)
    else:
        return str(number)
    return text.upper() if kind in {"A", "I"} else text


def letters(number: int) -> str:
    """Return a number from 1 up as a, b … z, aa, ab …"""
    text = ""
    while number:
        number, letter = divmod(number - 1, 26)
        text = chr(ord("a") + letter) + text
    return text


def roman(number: int) -> str:
    """Return a number from 1 up in Roman letters."""
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text
