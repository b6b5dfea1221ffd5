"""TeX that may act is code like any program, by whichever door it comes."""

from __future__ import annotations

import time

import pytest
from acting_tex import ACTING, DOORS, SPELLINGS, acts, read_as_tex, through, words_of
from entries import prepared
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from convert.content.maths.commands import active, only_typesets
from convert.content.maths.loose import disarmed
from convert.content.maths.tex import formula

PURE = (
    "\\frac{a}{b}", "\\operatorname{Hom}(A, B)", "\\boxed{x}", "\\cancel{x}",
    "A \\xrightarrow[a]{b} B",
    "x \\tag{1}", "\\label{eq} x", "\\sum_{\\substack{i<n \\\\ j<m}}", "\\text{if } x", "\\R",
    "\\begin{align*}a&=b\\\\[2em]c&=d\\end{align*}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}",
    "\\left\\{ x \\;\\middle|\\; y \\right\\}", "\\color{red} x", "\\textcolor{#ff0000}{x}",
    "\\color[rgb]{1,0.5,0} x", "\\mathbb{R}^n \\implies \\exists x", "a \\\\ href", "50\\%",
    "\\ce{H2O}", "\\overset{!}{=}", "\\bigl( \\Bigr)", "\\hspace{1em}\\,\\;\\!\\:\\ ",
)  # fmt: skip


@pytest.mark.parametrize("tex", PURE)
def test_what_only_typesets_stays_tex(tex: str) -> None:
    assert only_typesets(tex)
    made = formula(tex, "inline")
    assert made.tag == "math" or made.get("class") == "tex"


@pytest.mark.parametrize("tex", SPELLINGS)
def test_what_may_act_is_code(tex: str) -> None:
    assert not only_typesets(tex)
    assert etree.tostring(formula(tex, "block"), encoding="unicode", method="text") == tex.strip()
    assert not formula(tex, "block").attrib


@pytest.mark.parametrize("door", DOORS)
def test_every_door_has_the_same_judge(door: str) -> None:
    for tex in SPELLINGS:
        body = etree.fromstring(prepared(*through(door, tex)).body)
        assert [each for each in read_as_tex(body) if acts(each)] == [], tex
        for code in body.iter("code", "annotation"):
            if code.tag == "annotation" or code.get("class"):
                assert only_typesets("".join(map(str, code.itertext())))


@pytest.mark.parametrize("door", sorted(DOORS.keys() - {"an environment nobody knows"}))
def test_formulas_that_only_typeset_come_through(door: str) -> None:
    """The same doors with TeX that is none of these: it is TeX still, or the text it was."""
    body = prepared(*through(door, "a^2_b")).body
    assert "<code>a^2_b" not in body


def test_mathml_stays_where_its_tex_goes() -> None:
    body = prepared(*through("annotation", "\\href{javascript:alert(1)}{x}")).body
    assert "<mi>x</mi>" in body
    assert "href" not in body


def test_of_two_annotations_the_harmless_one_stays() -> None:
    body = prepared(
        "<math><semantics><mi>x</mi><annotation encoding='TeX'>\\href{a}{x}</annotation>"
        "<annotation encoding='application/x-tex'>x</annotation></semantics></math>"
    ).body
    assert '<annotation encoding="application/x-tex">x</annotation>' in body
    assert "href" not in body


def test_prose_about_tex_keeps_its_words() -> None:
    prose = "Write \\newcommand{\\x}{y} and C:\\Users, or \\href{a}{b}."
    assert prepared(f"<p>{prose}</p>").body == f"<div><p>{prose}</p></div>"
    paid = prepared(f"<p>For $5: {prose} For $6.</p>")
    assert paid.text == f"For $5: {prose} For $6."


def test_a_command_split_by_what_engines_pass_over() -> None:
    body = prepared("<p>\\(\\hr<wbr>ef{javascript:alert(1)}{x}<br>\\)</p>").body
    assert body == "<div><p>\\(<code>\\hr</code><wbr/>ef{javascript:alert(1)}{x}<br/>\\)</p></div>"


def test_titles_have_no_place_for_code() -> None:
    title = "On \\(\\href{javascript:alert(1)}{x}\\), \\(x\\) and \\href"
    shown = prepared("x", title=title).entry.title
    assert shown == title.replace("\\href{", "\u2216href{")


TOKENS = ("\\(\\abc", "$\\href{a}$ ", "$\\abc<br>", "\\(\\hre<wbr>f", "\\begin{foo} ",
          "<math><mtext>\\(\\abc",
          "<code class=tex>\\abc</code>", "<img src=a alt='$\\abc$'>", "\\color {")  # fmt: skip


@pytest.mark.parametrize("token", TOKENS)
def test_what_may_act_takes_linear_time(token: str) -> None:
    def seconds(size: int) -> float:
        started = time.process_time()
        prepared(f"<p>{token * (size // len(token))}$")
        return time.process_time() - started

    small = seconds(10_000)
    # On a machine that does much else one of them may be slow.
    assert any(seconds(80_000) < 0.5 + 16 * small for _ in range(3))


PIECES = st.lists(
    st.sampled_from(["x", " ", "\n", "%", "\\", "\\\\", "\\%", "{", "}", "\\frac", "\\alpha", "^",
                     "\\text{", "\\begin", "{align}", "\\end", "href", "\\href", "\\def", "1"]),
    max_size=12,
).map("".join)  # fmt: skip


@given(tex=PIECES)
def test_no_spelling_hides_a_command(tex: str) -> None:
    if {*words_of(tex)} & {*ACTING}:
        assert not only_typesets(tex)
    for command in active(tex):
        assert command[0].startswith(("\\", "^^"))


@given(before=PIECES, after=PIECES)
def test_a_line_break_before_a_word_is_no_command(before: str, after: str) -> None:
    assert only_typesets("a \\\\href{x} % c")
    text = f"{before}\\({after}\\)"
    assert disarmed(disarmed(text)) == disarmed(text)
    assert disarmed(text).replace("\u2216", "\\") == text
