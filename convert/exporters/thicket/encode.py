"""JSON as Thicket writes it: two spaces a level, ASCII, keys in the order they have."""

from __future__ import annotations

import json
from typing import Any


def read_json(content: bytes) -> dict[str, Any] | None:
    """Return the object that the bytes hold, keys in their order; None where they hold none."""
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def write_json(value: dict[str, Any], like: bytes | None = None) -> bytes:
    """Return the object as a file.

    ``like`` is the file it replaces: one that holds more than ASCII keeps doing so, and one
    without a last line break keeps that, so that a comparison of the two shows what changed
    and nothing else.
    """
    ascii_only = like is None or like.isascii()
    text = json.dumps(value, indent=2, ensure_ascii=ascii_only)
    try:
        content = text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can hold
        content = json.dumps(value, indent=2).encode()
    return content + b"\n" if like is None or like.endswith(b"\n") else content


def mark_of(value: object) -> int:
    """Return a number that tells values apart, within one run."""
    return hash(json.dumps(value, sort_keys=True))
