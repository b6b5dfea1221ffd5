"""MathML that came without TeX is written as TeX: the same formula, and nothing that acts."""

from __future__ import annotations

import html
import re

import pytest
from entries import body, prepared
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from convert.content.maths.commands import only_typesets
from convert.content.maths.tex import formula
from convert.content.maths.written import MOST_ELEMENTS, tex_of
from convert.content.views.linear import linear

SPECIMENS = {
    "<msup><mi>x</mi><mn>10</mn></msup>": "x^{10}",
    "<mfrac><mi>a</mi><mi>b</mi></mfrac>": "\\frac{a}{b}",
    "<msqrt><mi>y</mi><mo>+</mo><mn>1</mn></msqrt>": "\\sqrt{y + 1}",
    "<mroot><mi>x</mi><mn>3</mn></mroot>": "\\sqrt[{3}]{x}",
    "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>":
        "\\sum_{i = 1}^{n}",
    "<munder><mi>lim</mi><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder><mi>x</mi>":
        "\\lim_{x \\to 0}x",
    "<msubsup><mi>x</mi><mi>i</mi><mo>′</mo></msubsup>": "x_{i}^{\\prime}",
    "<msup><mrow><mi>a</mi><mi>b</mi></mrow><mn>2</mn></msup>": "{ab}^{2}",
    "<mover><mi>x</mi><mo>^</mo></mover><mover><mrow><mi>a</mi><mi>b</mi></mrow><mo>^</mo></mover>":
        "\\hat{x}\\widehat{ab}",
    "<mover><mi>v</mi><mo>→</mo></mover><munder><mi>v</mi><mo>_</mo></munder>":
        "\\vec{v}\\underline{v}",
    "<mover><mo>=</mo><mi>def</mi></mover>": "\\overset{\\mathrm{def}}{=}",
    "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>":
        "\\begin{matrix}1 & 2\\end{matrix}",
    "<mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd></mtr><mtr><mtd><mn>2</mn></mtd></mtr></mtable>"
    "<mo>]</mo>": "\\left[\\begin{matrix}1 \\\\ 2\\end{matrix}\\right]",
    "<mo>{</mo><mtable columnalign='left'><mtr><mtd><mn>1</mn></mtd></mtr></mtable>":
        "\\left\\{\\begin{array}{l}1\\end{array}\\right.",
    "<mfenced open='[' close=')' separators=';'><mn>0</mn><mn>1</mn></mfenced>":
        "\\left[ 0;1 \\right)",
    "<mmultiscripts><mi>X</mi><mi>a</mi><none/><mprescripts/><mn>1</mn><mn>2</mn></mmultiscripts>":
        "{}_{1}^{2}X_{a}",
    "<mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac>": "{{n} \\atop {k}}",
    "<mi>ℝ</mi><mo>∈</mo><mi>𝒪</mi><mi mathvariant='double-struck'>N</mi><mi>𝐱</mi>":
        "\\mathbb{R} \\in \\mathcal{O}\\mathbb{N}\\mathbf{x}",
    "<mi>sin</mi><mo>&#x2061;</mo><mi>α</mi><mi>x</mi><mi>rank</mi>":
        "\\sin\\alpha x\\mathrm{rank}",
    "<mn>1,000</mn><mo>≤</mo><mi>∞</mi>": "1{,}000 \\leq \\infty",
    "<mi>a</mi><mspace width='1em'/><mtext>if 5% of $x</mtext>": "a\\quad\\text{if 5\\% of \\$x}",
    "<menclose notation='box'><mi>x</mi></menclose><mphantom><mi>y</mi></mphantom>":
        "\\boxed{x}\\phantom{y}",
    "<mstyle displaystyle='true'><mfrac><mn>1</mn><mn>2</mn></mfrac></mstyle>":
        "\\frac{1}{2}",
}  # fmt: skip


@pytest.mark.parametrize("markup", SPECIMENS)
def test_each_element_is_written(markup: str) -> None:
    shown = body(f"<p>a <math>{markup}</math> b</p>")
    (annotation,) = etree.fromstring(f"<div>{shown}</div>").iter("annotation")
    assert annotation.text == SPECIMENS[markup]
    assert prepared(f"<p>a <math>{markup}</math> b</p>").text == f"a {annotation.text} b"
    assert body(shown) == shown


_leaves = st.sampled_from(
    ["<mi>x</mi>", "<mi>α</mi>", "<mn>12</mn>", "<mi>y</mi>", "<mn>7</mn>", "<mi>Γ</mi>"]
)
_between = st.sampled_from(["+", "=", "≤", "→", "×", "∈", "−", "<", ","])


def _larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def of(tag: str, count: int) -> st.SearchStrategy[str]:
        each = st.tuples(*[parts.map("<mrow>{}</mrow>".format)] * count)
        return each.map(lambda chosen: f"<{tag}>{''.join(chosen)}</{tag}>")

    return st.one_of(
        st.tuples(parts, _between, parts).map(
            lambda row: f"{row[0]}<mo>{html.escape(row[1])}</mo>{row[2]}"
        ),
        of("mfrac", 2), of("msup", 2), of("msub", 2), of("msubsup", 3), of("msqrt", 1),
        of("mroot", 2), parts.map("<mo>(</mo>{}<mo>)</mo>".format),
    )  # fmt: skip


@settings(max_examples=150)
@given(st.recursive(_leaves, _larger, max_leaves=8))
def test_what_is_written_is_the_same_formula(markup: str) -> None:
    maths = etree.fromstring(f"<math>{markup}</math>")
    tex = tex_of(maths)
    assert tex is not None
    row = formula(tex, "inline").find("semantics/mrow")
    assert row is not None
    assert _flat(linear(row)) == _flat(linear(maths))


def _flat(text: str) -> str:
    # latex2mathml puts what is in braces in rows of their own.
    return re.sub(r"[\s()]", "", text)


HOSTILE = st.lists(
    st.sampled_from([*"\\{}$%#&_^~`<>'\"[]|ax\n ", "\\href", "\\def", "\u00a0", "é", "∑"]),
    max_size=12,
).map("".join)


@settings(max_examples=150)
@given(HOSTILE, st.sampled_from(["mi", "mn", "mo", "mtext", "ms"]), st.booleans())
def test_no_words_act_or_break_out(text: str, tag: str, script: bool) -> None:
    token = f"<{tag}>{html.escape(text)}</{tag}>"
    markup = f"<msup>{token}{token}</msup>" if script else token
    maths = etree.fromstring(f"<math>{markup}</math>")
    tex = tex_of(maths)
    if tex is None:
        return
    assert only_typesets(tex)
    assert not re.search(r"(?<!\\)(?:\\\\)*[$%#&]", tex)
    bare = re.sub(r"\\\\|\\[{}]", "", tex)
    assert bare.count("{") == bare.count("}")
    assert "`" not in tex


def test_a_formula_out_of_bounds_stays_without_tex() -> None:
    assert tex_of(etree.fromstring(f"<math>{'<mi>x</mi>' * MOST_ELEMENTS}</math>")) is None
    assert tex_of(etree.fromstring(f"<math><mtext>{'x' * 6_000}</mtext></math>")) is None
    assert "<annotation" not in body(f"<p><math>{'<mi>x</mi>' * MOST_ELEMENTS}</math></p>")


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ("x^2 + \\alpha", "x^{2} + \\alpha"),
        ("some words", "\\text{some words}"),
        ("loose <mi>x</mi> tail", "\\text{loose }x\\text{ tail}"),
        ("<mrow>bare<mi>y</mi></mrow>", "\\text{bare}y"),
        ("<semantics>bare<mrow><mi>y</mi></mrow></semantics>", "\\text{bare}y"),
        ("<semantics><mi>y</mi>bare</semantics>", "y\\text{bare}"),
    ],
)
def test_loose_text_in_a_formula_stays(markup: str, tex: str) -> None:
    assert prepared(f"<p>a <math>{markup}</math> b</p>").text == f"a {tex} b"
