"""Dollars: TeX where they can be nothing else, and never a price, a variable or a program."""

from __future__ import annotations

import html
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from marking import draft, inner, marked

from convert.content.maths import find
from convert.content.structure import arrange

SURE = (
    "a_1 + b", "x^2", "\\alpha", "2^n", "10^{-3}", "O(n^2)", "O(n log n^2)", "f : X \\to Y",
    "x_{max}", "\\mathbb{R}^n", "\\{a\\}_{i}", "|x|^2", "|x_i|", "(1 - x^{2})", "-x_1", "x'_1",
    "\\frac{1}{2}", "P(a_1|b)", "x_i,", "e^{i\\pi} + 1 = 0", "\\text{if } x", "A^T A", "A^*",
    "T_1 \\circ T_2", "\\langle\n\\alpha \\rangle", "\\sqrt 2",
    "{=_A} \\to B", "T_{room}", "[0,1)^n", "GL_n(\\mathbb{C})",
)  # fmt: skip
"""What a formula is by itself."""
AMONG = (
    "x", "n", "5", "0.5", "X", "f(x)", "a + b", "x = 5", "g, h", "=", "(A, B)", "P(a|b)", "|x|",
    "[0,1)", "n = 5.", "SAT", "softmax(x)", "loss", "a < b", "x, y : A", "f:A", "1/2", "x'", "n!",
)  # fmt: skip
"""What is a formula where others stand beside it."""
NONE = (
    "It costs $5 and $10 today.", "$1,000–$2,000", "US$5 or A$6", "from $5-$10", "$5/$10", "($5)",
    "$5M and $6M", "paid $5, then$6", "was $100, now $50, or $x each", "$5–$x", "about $20/£15/$x",
    "$HOME/$USER", "$PATH_x and $y_z", "$PATH_x/$y_z", "$x_1/$HOME", "$(cmd) and $(x)", "$(a)$(b)",
    "${x}${y}", "${x}$", "${x_1} and ${y_2}", "$x_1,$y_2", "$i_1=$(cmd)", "$A_B:$C_D", "$_/$@",
    "$_ and $@", "$x = $y + $z;", "$a[$i]", "$this->x_1$", "$a=$b^2;$c=1", "$#array $0 $1 $2",
    "$('#a').foo($x)", "$.ajax or $.get", "$.ajax/$.get", "jQuery ($) and ($)", "revenue ($), ($)",
    "the $/€ rate and the €/$ rate", "$-sign and $-prefix", "/^foo$/ or /^bar$/", "^a$|^b$",
    "s/a$^b/$c/", "$1_$2 $1$2", "$|^a$", "$Id$ $Revision: 1.2 $", "$if(x)$ $endif$ $body$",
    "$user_name$", "$my_var$ and $MY_VAR$", "$1_000$", "\\$x_1\\$",
    "$ x_1 $", "$x_1 $", "$ x_1$", "$x_1$0", "价格$5，而不是$6，共$x_1", "$env:x\\temp\\bar$",
    'echo "$a_1"$b', "@article{k, title = {The $k_1$ means}}", "$a_1$b", "$\\d+^\\w$", "$x; $y_1",
    "$foo\\_bar$", "$x::y_1$", "http://a.example/$x_1/$y", "$5 or more$x",
)  # fmt: skip
WITH_TEX = "<p>\\(z\\)</p>"


def texs(markup: str, **options: str) -> list[str]:
    tree = marked(find.mark, markup, draft(**options))  # type: ignore[arg-type]
    return [str(each.text) for each in tree.iter("annotation")]


@pytest.mark.parametrize("tex", SURE)
@pytest.mark.parametrize("around", ["It is {}.", "({})", "{}", "so {}-th, ", "为{}设"])
def test_what_can_only_be_tex_is(tex: str, around: str) -> None:
    text = html.escape(around.format(f"${tex}$"))
    assert texs(f"<p>costs $5, {text}</p>") == [tex]
    assert texs(f"<p>{text} and $HOME, $PATH_x</p>") == [tex]


@pytest.mark.parametrize("tex", AMONG)
def test_what_may_be_tex_is_where_other_tex_stands(tex: str) -> None:
    markup = f"<p>Let ${html.escape(tex)}$ be.</p>"
    assert texs(markup) == []
    assert texs(markup + WITH_TEX) == [tex, "z"]
    assert texs(markup + "<p>$y_1$</p>") == [tex, "y_1"]
    assert texs(markup, dollar_math="always") == [tex]
    assert texs(markup + WITH_TEX, dollar_math="never") == ["z"]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$\\sim$3 or 5$\\times$4", ["\\sim", "\\times"]),
        ("$\\foo$3 and $5 \\times $6", []),
        ("seen \\[1\\], \\[a link\\](http://x) and \\(in two words\\)", []),
        ("\\[1\\]", ["1"]),
        ("so \\(42\\), \\(AB\\), \\[ab = 1\\]", ["42", "AB", "ab = 1"]),
    ],
)
def test_what_stands_beside_delimiters_tells(text: str, formulas: list[str]) -> None:
    assert texs(f"<p>{text}</p>") == formulas


@pytest.mark.parametrize("text", NONE)
def test_a_price_or_a_program_never_is(text: str) -> None:
    for around in ("{}", "<em>x</em>{} <b>y</b>", "See {} here."):
        markup = f"<p>{around.format(html.escape(text))}</p>"
        assert texs(markup) == []
        assert texs(markup + WITH_TEX) == ["z"]


@given(st.lists(st.sampled_from(NONE), min_size=2, max_size=3))
def test_nor_is_one_beside_another(chosen: list[str]) -> None:
    markup = f"<p>{html.escape(' and '.join(chosen))}</p>"
    assert texs(markup) == []


@pytest.mark.parametrize("tag", ["code", "pre", "kbd", "samp", "tt", "svg"])
def test_code_has_no_formula(tag: str) -> None:
    assert texs(f"<p>a</p><{tag}>$x_1$</{tag}>{WITH_TEX}") == ["z"]


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ("$a<em>1 + b</em>2$", ["a_1 + b_2"]),
        ("\\(x<em>i + y</em>j\\)", ["x_i + y_j"]),
        ("\\[x<em>i + y</em>j\\]", ["x_i + y_j"]),
        ("$$\\alpha<sub>1</sub>$$", ["\\alpha_{1}"]),
        ("$a<em>1$ and $b</em>2$", ["a_1", "b_2"]),
        ("$\\sum<em>{i=1}^n x</em>i$", ["\\sum_{i=1}^n x_i"]),
        ("$a_1<em>b</em>c$", ["a_1*b*c"]),
        ("$x<sup>2</sup> + 1$", ["x^{2} + 1"]),
        ("$x<sup>2+y</sup>2$", ["x^2+y^2"]),
        ("$x<i>1, y</i>2$ and <em>this</em>", ["x_1, y_2"]),
    ],
)
def test_emphasis_in_a_formula_was_underscores(markup: str, tex: list[str]) -> None:
    assert texs(f"<p>so {markup} is</p>") == tex


@pytest.mark.parametrize(
    "markup",
    ["<p>costs $5 <em>and</em> not $6</p>", "<p>$5<em>x</em>6$</p>", "<p><em>$5</em> or $6</p>",
     "<p>x<sup>2</sup> is $5, y<sub>1</sub> $6</p>", "<p>$<em>HOME</em>/$<em>USER</em></p>",
     "<p><em>a</em> $HOME <em>b</em> $x</p>", "<p>$a <em>b</em> c$</p>"],
)  # fmt: skip
def test_other_emphasis_stays(markup: str) -> None:
    assert inner(find.mark, markup) == markup


@given(st.lists(st.sampled_from([*NONE, *(f"${each}$" for each in (*SURE, *AMONG))]), max_size=6))
def test_no_sign_is_lost_and_a_second_pass_changes_nothing(pieces: list[str]) -> None:
    markup = "".join(f"<p>so {html.escape(each)} is</p>" for each in pieces)
    tree = marked(find.mark, markup)
    arrange.mark(tree, draft())
    once = etree.tostring(tree)
    for maths in tree.iter("math"):
        for each in list(maths):
            each.tail = None
    said = "".join(
        f"${each.text}$" if each.tag == "annotation" else "" for each in tree.iter("annotation")
    )
    outside = "".join(tree.xpath(".//text()[not(ancestor::math)]"))  # type: ignore[arg-type]
    whole = "".join(f"so {each} is" for each in pieces)
    assert sorted("".join((said + outside).split())) == sorted("".join(whole.split()))
    again = etree.fromstring(once)
    find.mark(again, draft())
    arrange.mark(again, draft())
    assert etree.tostring(again) == once


def test_each_pair_of_words_for_prices_and_shell() -> None:
    amounts = ("$5", "$1,000", "$3.50", "$10k", "$HOME", "$x", "$x_1", "$a_b", "US$7", "$_")
    joins = (" and ", ", ", "/", "-", "–", " to ", " or $x^2 is ", ":", "(", ") ", "; ", "=", "^")
    for first, join, second in itertools.product(amounts, joins, amounts):
        markup = f"<p>it is {first}{join}{second} there</p>"
        assert texs(markup + WITH_TEX) == ["z"], markup
