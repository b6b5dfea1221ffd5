"""JSON as Thicket writes it: two spaces a level, ASCII, keys in the order they have."""

from __future__ import annotations

import json
from typing import Any


def read(data: bytes) -> dict[str, Any] | None:
    """The object that the bytes hold, keys in their order; None where they hold none."""
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def write(value: dict[str, Any], like: bytes | None = None) -> bytes:
    """The object as a file.  ``like`` is the file it replaces: one that holds more than ASCII
    keeps doing so, and one without a last line break keeps that, so that a comparison of the
    two shows what changed and nothing else."""
    plain = like is None or like.isascii()
    text = json.dumps(value, indent=2, ensure_ascii=plain)
    try:
        data = text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can hold
        data = json.dumps(value, indent=2).encode()
    ends = like is None or like.endswith(b"\n")
    return data + b"\n" if ends else data


def mark(value: object) -> int:
    """A number that tells values apart, within one run."""
    return hash(json.dumps(value, sort_keys=True))
