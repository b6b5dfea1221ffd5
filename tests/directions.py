"""A judge of directions: whether a line of text leaves the way of the text around it alone."""

from __future__ import annotations

OVERRIDES = "\u202d\u202e"
EMBEDDINGS = "\u202a\u202b"
ISOLATES = "\u2066\u2067\u2068"
HOSTILE = "\u202egnp.exe \u2067 open \u202a\u202c\u202c\u2069\u2069 \u202b"
"""Overrides, and openers and closers without a partner."""
HONEST = (
    "\u2068שלום\u2069, \u200fمرحبا\u200f! \u202bעברית\u202c 1\u200e2"
    " \u2067א \u2066b\u2069 ג\u2069\u061c"
)  # fmt: skip
"""Marks and pairs, as careful writers and programs set them."""


def runs_on(line: str) -> bool:
    """Tell whether a line has an override, closes what it did not open, or leaves something open
    (UAX #9, X1 to X8, without its limit of depth)."""
    depth: list[str] = []
    for sign in line:
        if sign in OVERRIDES:
            return True
        if sign in EMBEDDINGS + ISOLATES:
            depth.append(sign)
        elif sign == "\u202c":
            if not depth or depth.pop() in ISOLATES:
                return True
        elif sign == "\u2069" and (not depth or depth.pop() not in ISOLATES):
            return True
    return bool(depth)
