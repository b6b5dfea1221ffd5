"""A file that says which ids mean one entry: a repository's duplicates.json, or the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from convert.model import Problem
from convert.text.characters import shortened


def parse(
    table: Mapping[str, object], path: str, warn: Callable[[Problem], None]
) -> dict[str, str]:
    """Return duplicate id to canonical id from the file's object; what is none is a problem."""
    ids = table.get("duplicates") or {}
    if not isinstance(ids, dict):
        warn(Problem(path=path, field="duplicates", reason="ignored: no object"))
        return {}
    for duplicate, canonical in ids.items():
        if not isinstance(canonical, str):
            reason = "ignored: its canonical id is not a string"
            warn(Problem(path=path, field=shortened(duplicate), reason=reason))
    return {one: other for one, other in ids.items() if isinstance(other, str)}
