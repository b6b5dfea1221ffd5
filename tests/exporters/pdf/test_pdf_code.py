"""Lines of code that are broken to the width of a page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from convert.exporters.pdf.code import SIGN, break_lines
from convert.exporters.pdf.page import PAGES


def _broken(markup: str, columns: int) -> etree._Element:
    pre = etree.fromstring(markup)
    break_lines(pre, columns)
    return pre


def _text(pre: etree._Element) -> str:
    return "".join(map(str, pre.itertext()))


def test_short_lines_stay() -> None:
    markup = "<pre><code>let x = 1\nlet y = 2\n</code></pre>"
    assert etree.tostring(_broken(markup, 40), encoding="unicode") == markup


def test_a_break_is_marked_and_stands_after_a_space() -> None:
    pre = _broken("<pre><code>alpha beta gamma delta epsilon zeta</code></pre>", 22)
    assert _text(pre) == f"alpha beta gamma \n{SIGN}delta epsilon zeta"
    assert [each.get("class") for each in pre.iter("span")] == ["cont"]


def test_spans_stay_whole_and_in_order() -> None:
    pre = _broken(
        '<pre><code><span class="k">let</span> name = <span class="s">"aaaa bbbb cccc dddd"'
        "</span> in\n  name</code></pre>",
        20,
    )
    assert _text(pre).replace(f"\n{SIGN}", "") == 'let name = "aaaa bbbb cccc dddd" in\n  name'
    assert all(len(line) <= 20 for line in _text(pre).split("\n"))
    assert [each.get("class") for each in pre.iter("span")] == ["k", "s", "cont"]


def test_tabs_are_columns() -> None:
    assert _text(_broken("<pre><code>a\tb\n\tc</code></pre>", 40)) == "a   b\n    c"


def test_wide_characters_take_two_columns() -> None:
    lines = _text(_broken(f"<pre><code>{'潮' * 30}</code></pre>", 20)).split("\n")
    assert [line.count("潮") for line in lines] == [10, 9, 9, 2]


def test_code_in_a_list_has_less_room() -> None:
    root = etree.fromstring(f"<ul><li><pre><code>{'x' * 38}</code></pre></li></ul>")
    pre = next(root.iter("pre"))
    break_lines(pre, 40)
    assert SIGN in _text(pre)


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=90)),
    st.integers(20, 60),
)
def test_nothing_is_lost(lines: list[str], columns: int) -> None:
    pre = etree.Element("pre")
    code = etree.SubElement(pre, "code")
    code.text = "\n".join(lines)
    plain = _text(pre)
    break_lines(pre, columns)
    assert _text(pre).replace(f"\n{SIGN}", "") == plain


def test_code_fits_every_page() -> None:
    for page in PAGES.values():
        assert 65 <= page.code_columns <= 90
