"""Furniture goes, by one list of rules; what a reader calls text stays."""

from __future__ import annotations

import json

from entries import OPTIONS, body, stored

from convert.content import stages


def removed(markup: str) -> dict[str, list[str]]:
    """What went of a body, by rule."""
    read: dict[str, list[str]] = json.loads(dict(stages(stored(markup), OPTIONS))["removed"])
    return read


def test_what_goes_is_told_by_rule() -> None:
    markup = '<h2 id="a">Tides <a href="#a">¶</a></h2><p>x</p>'
    assert removed(markup) == {"heading-sign": ["¶"]}
    assert "¶" not in body(markup)
