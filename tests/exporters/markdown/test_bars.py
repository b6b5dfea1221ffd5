"""TeX between dollars: a bar in it is a row of a table to no reader of Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.exporters.markdown.formulas import formula


@pytest.mark.parametrize(
    ("tex", "written"),
    [
        ("a|b", "$a\\vert b$"),
        ("|x|", "$\\vert x\\vert$"),
        ("\\|x\\|", "$\\Vert x\\Vert$"),
        ("a\\\\|b|", "$a\\\\\\vert b\\vert$"),
        ("\\left|x\\right|^2", "$\\left\\vert x\\right\\vert ^2$"),
    ],
)
def test_bars_are_commands(tex: str, written: str) -> None:
    for cell in (False, True):
        assert formula(tex, block=False, cell=cell) == written


@pytest.mark.parametrize("tex", ["\\text{a|b} |c|", "\\begin{array}{c|c}1&2\\end{array}"])
def test_where_a_bar_is_no_delimiter_it_stays_and_a_cell_has_code(tex: str) -> None:
    assert formula(tex, block=False, cell=True) is None
    assert tex[:9] in (formula(tex, block=False) or "")


@given(st.lists(st.sampled_from(["|", "\\|", "\\\\", "x", "{a}", " ", "^2", "\\left"]), max_size=9))
def test_no_bar_is_left_and_none_is_lost(parts: list[str]) -> None:
    written = formula("".join(parts), block=False) or ""
    assert "|" not in written
    bars = sum(part in {"|", "\\|"} for part in parts)
    assert written.lower().count("\\vert") == bars
