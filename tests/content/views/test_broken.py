"""Formulas on paper: cut where a line may end, never wider than their place, nothing lost."""

from __future__ import annotations

import re

import pytest
from entries import body
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from convert.content.views import View, element
from convert.content.views.broken import SMALLEST, width_of
from convert.content.views.linear import linear
from convert.model import Content

LONG = "+".join(f"x_{{{at}}}" for at in range(40))


def shown(markup: str, widest: float = 30) -> etree._Element:
    """A body as it is on paper."""
    content = Content(xhtml=f"<div>{body(markup)}</div>", text="")
    return element(content, View(math="svg", widest_formula=widest))


def drawings(root: etree._Element) -> list[etree._Element]:
    return list(root.iter("svg", "{*}svg"))


@pytest.mark.parametrize(
    ("tex", "pieces"),
    [
        ("a = b", 1),
        (f"y = {LONG}", 41),  # before the relation, then before each operator
        (f"y_1 = {'+'.join('abcdefgh')} = {'+'.join('ijklmnop')} = {'+'.join('qrstuvwx')}", 4),
        (f"f({LONG}) = 1", 3),
        ("x" * 100, 100),
        (f"\\begin{{align}}a&={LONG}\\\\c&=d\\end{{align}}", 42),
    ],
)
def test_a_wide_formula_is_cut_before_relations_then_operators(tex: str, pieces: int) -> None:
    for markup in (f"<p>a \\({tex}\\) b</p>", f"<p>\\[{tex}\\]</p>"):
        found = drawings(shown(markup))
        if "f(" not in tex:
            assert len(found) == pieces
        assert all(width_of(each) <= 30 for each in found)


@pytest.mark.parametrize(
    "tex",
    [
        f"\\frac{{{LONG}}}{{2}}",
        f"\\left({LONG}\\right)^2",
        f"\\sqrt{{{LONG}}}",
        f"\\begin{{cases}}{LONG}&x\\\\0&y\\end{{cases}}",
    ],
)
def test_what_could_not_be_read_is_tex(tex: str) -> None:
    root = shown(f"<p>\\[{tex}\\]</p>")
    (code,) = root.iter("{*}code", "code")
    assert code.text == tex
    assert not drawings(root)


def test_what_cannot_be_cut_is_smaller() -> None:
    tex = f"\\frac{{{'+'.join('abcdefgh')}}}{{2}}"
    (whole,) = drawings(shown(f"<p>\\[{tex}\\]</p>"))
    (small,) = drawings(shown(f"<p>\\[{tex}\\]</p>", widest=width_of(whole) * (SMALLEST + 0.05)))
    factor = width_of(small) / width_of(whole)
    assert SMALLEST < factor < 0.75
    assert float(str(small.get("height"))[:-2]) == pytest.approx(
        float(str(whole.get("height"))[:-2]) * factor, abs=0.01
    )


_atoms = st.sampled_from(["x_1", "y^2", "\\alpha", "12", "(a+b)", "f(x)", "\\frac{1}{n}", "|z|"])
_signs = st.sampled_from(["+", "-", "=", "\\leq", "\\to", "\\cdot", ",", ""])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(_atoms, _signs), min_size=2, max_size=25))
def test_every_sign_is_drawn_once_and_none_is_too_wide(parts: list[tuple[str, str]]) -> None:
    tex = "".join(f"{atom}{sign} " for atom, sign in parts)
    markup = f"<p>a \\({tex}\\) b</p>"
    (maths,) = etree.fromstring(f"<div>{body(markup)}</div>").iter("math")
    found = drawings(shown(markup, widest=12))
    assert all(width_of(each) <= 12.001 for each in found)
    if len(found) > 1:
        said = "".join(str(each.get("aria-label")) for each in found)
        assert re.sub(r"\s", "", said) == re.sub(r"\s", "", linear(maths))
