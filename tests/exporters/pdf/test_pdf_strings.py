"""Strings that nothing breaks, before they are set."""

from __future__ import annotations

import pytest
from lxml import etree

from convert.content import tree
from convert.exporters.pdf.strings import divide, loosen

LONG = "0123456789" * 4


def _loosened(markup: str) -> str:
    root = etree.fromstring(f"<div>{markup}</div>")
    before = tree.text_of(root)
    loosen(root)
    divide(root)
    assert tree.text_of(root) == before
    return etree.tostring(root, encoding="unicode")[5:-6]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (f"<p>a<em>{LONG}</em>b</p>", f'<p class="ragged">a<wbr/><em>{LONG}</em><wbr/>b</p>'),
        (f"<h2>a<em>{LONG}</em>, b</h2>", f"<h2>a<wbr/><em>{LONG}</em><wbr/>, b</h2>"),
        (f"<p>a <em>{LONG}</em> b</p>", f'<p class="ragged">a <em>{LONG}</em> b</p>'),
        (
            f"<p>{LONG} word<em>s</em></p><p>as<em>is</em></p>",
            f'<p class="ragged">{LONG} word<em>s</em></p><p>as<em>is</em></p>',
        ),
        (
            f"<ul><li><p>{LONG}</p></li><li><p>so</p></li></ul>",
            f'<ul><li><p class="ragged">{LONG}</p></li><li><p>so</p></li></ul>',
        ),
        (f"<pre>a<b>{LONG}</b>{LONG * 99}</pre>", f"<pre>a<b>{LONG}</b>{LONG * 99}</pre>"),
    ],
)
def test_strings_break_where_elements_begin_and_end_in_them(markup: str, expected: str) -> None:
    assert _loosened(markup) == expected


@pytest.mark.parametrize("markup", ["<p>{}</p>", "<p>a<b>c</b> {}</p>", "<p>a<b>c{}</b>{}</p>"])
def test_the_engine_gets_no_string_of_more_than_a_thousand_characters(markup: str) -> None:
    root = etree.fromstring(f"<div>{_loosened(markup.replace('{}', LONG * 90))}</div>")
    pieces = [len(text or "") for each in root.iter() for text in (each.text, each.tail)]
    assert len(tree.text_of(root)) >= 3600
    assert max(pieces) <= 1002
