"""The allow-list: the table, the page about it, and what prepared-markup.md promises."""

from __future__ import annotations

import re
from pathlib import Path

from entries import body

from convert.content.safety import allowlist

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_page_is_the_table() -> None:
    """To write it anew: ``python -c "from convert.content.safety import allowlist;
    print(allowlist.as_markdown(), end='')" > docs/allow-list.md``."""
    assert (DOCS / "allow-list.md").read_text(encoding="utf-8") == allowlist.as_markdown()


def test_no_attribute_acts() -> None:
    for table in (allowlist.HTML, allowlist.MATHML, allowlist.SVG):
        for row in table.values():
            assert not {name for name in row if name.startswith("on") or name == "style"}
    assert not {"script", "style", "iframe", "object", "embed", "form"} & set(allowlist.HTML)
    assert not {"script", "a", "image", "foreignObject", "animate"} & set(allowlist.SVG)


def test_prepared_markup_md_names_every_element_of_html() -> None:
    page = (DOCS / "prepared-markup.md").read_text(encoding="utf-8")
    named = set(re.findall(r"[a-z0-9]+", page))
    assert set(allowlist.HTML) <= named


def test_values_are_judged() -> None:
    assert allowlist.DRAWING("url(#a)") == "url(#a)"
    assert allowlist.DRAWING("rotate(45 1,2) scale(2)") == "rotate(45 1,2) scale(2)"
    for bad in ("url(https://x.y/#a)", "url( #a)", "expression(1)", "javascript:x", "a\\b", "<"):
        assert allowlist.DRAWING(bad) is None, bad
    assert allowlist.POSITIVE("12.5px") == "12"
    assert [allowlist.POSITIVE(bad) for bad in ("0", "50%", "-1", "", "x")] == [None] * 5
    assert allowlist.TIME("2024-02-03T04:05:06Z") is not None
    assert [allowlist.TIME(bad) for bad in ("2024-13-01", "x", "2024-02-30")] == [None] * 3


def test_pictures_that_cannot_be_leave_their_words() -> None:
    assert body('<img src="javascript:x" alt="a cat">') == "<p>a cat</p>"
