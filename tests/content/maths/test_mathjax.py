"""What MathJax 2, 3 and 4 drew becomes the formula, with or without MathML beside it.

``mathjax.json`` is what these programs made of each formula, without fonts and measures.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from entries import body, prepared

DRAWN: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parent / "mathjax.json").read_text(encoding="utf-8")
)
SHOWN = {
    "x_i^2": "x_{i}^{2}",
    "\\frac{a}{b}": "\\frac{a}{b}",
    "\\sqrt[3]{x}": "\\sqrt[{3}]{x}",
    "\\sum_{i=1}^n i^2": "\\sum_{i = 1}^{n}i^{2}",
    "\\hat{x}+\\vec{v}": "\\hat{x} + \\vec{v}",
    "\\overline{x+y}": "\\overline{x + y}",
    "\\binom{n}{k}": "\\left({{n} \\atop {k}}\\right)",
    "\\begin{cases}1&x>0\\\\0&\\text{else}\\end{cases}": (
        "\\left\\{\\begin{array}{ll}1 & x > 0 \\\\ 0 & \\text{else}\\end{array}\\right."
    ),
    "\\mathbb{R}\\to\\mathcal{O}": "\\mathbb{R} \\to \\mathcal{O}",
    "f''(x)": "f^{\\prime\\prime}(x)",
    "\\mathbf{v}\\cdot\\mathrm{d}x": "\\mathbf{v}\\cdot\\mathrm{d}x",
    "\\boxed{x}": "\\boxed{x}",
    "\\underbrace{a+b}_{n}": "\\underbrace{a + b}_{n}",
    "\\begin{align}a&=b\\\\c&=d\\end{align}": (
        "\\begin{array}{rl}a & =b \\\\ c & =d\\end{array}"
    ),
    "E=mc^2": "E = mc^{2}",
    "\\left\\{\\frac12\\right|": "\\left\\{\\frac{1}{2}\\right|",
}  # fmt: skip
"""What each formula is as TeX once it is read from its drawing."""
NUMBERS = re.compile(r"\\qquad\\text\{\(\d\)\}")
COLUMNS = re.compile(r"array\}(?:\{\w+\})?")


def plain(tex: str) -> str:
    """TeX without what drawings do not tell: the sides of columns; numbers are not all drawn."""
    return COLUMNS.sub("matrix}", NUMBERS.sub("", tex))


@pytest.mark.parametrize("tex", SHOWN)
def test_each_version_and_output_is_read(tex: str) -> None:
    for name, drawn in DRAWN[tex].items():
        markup = f"<p>a {drawn} b</p>"
        untold = re.sub(r' (?:data-latex|aria-label)="[^"]*"', "", markup)
        made = prepared(untold)
        assert " ".join(plain(made.text).split()) == f"a {plain(SHOWN[tex])} b", name
        assert not made.problems, name
        assert ('display="block"' in made.body) == (tex.startswith(("\\sum", "\\begin{align"))), (
            name
        )
        once = body(markup)
        assert body(once) == once, name
        if "data-latex" in markup or ("aria-label" in markup and "'" not in tex):
            told = prepared(markup).text.replace("\n", " ")
            assert " ".join(told.split()) == f"a {tex} b", name


def test_a_number_of_an_equation_stays() -> None:
    tex = "\\begin{align}a&=b\\\\c&=d\\end{align}"
    for name in ("MathJax 3, CHTML", "MathJax 3, SVG"):
        text = prepared(DRAWN[tex][name]).text
        assert text.index("(1)") < text.index("\\\\") < text.index("(2)"), name


@pytest.mark.parametrize("around", ["<h2>On {}</h2>", '<p><a href="/x">{} here</a></p>', "{}"])
def test_a_formula_is_no_icon(around: str) -> None:
    for name, drawn in DRAWN["\\frac{a}{b}"].items():
        hidden = drawn.replace("<svg", '<svg aria-hidden="true"')
        assert body(around.format(hidden)).count("<math") == 1, name


@pytest.mark.parametrize("name", ["MathJax 3, CHTML", "MathJax 3, SVG", "MathJax 4, SVG"])
def test_what_is_said_in_mathml_is_said_once(name: str) -> None:
    said = (
        '<mjx-assistive-mml unselectable="on" display="inline"><math><mi>z</mi></math>'
        "</mjx-assistive-mml></mjx-container>"
    )
    drawn = DRAWN["x_i^2"][name].replace("</mjx-container>", said)
    made = prepared(f"<p>a {drawn} b</p>")
    assert (made.text, made.problems) == ("a z b", ())
    unsaid = re.sub("<mjx-container[^>]*>", "<mjx-container>", drawn)
    assert prepared(f"<p>a {unsaid} b</p>").text == "a z b"
    bare = re.sub(r"</?mjx-container[^>]*>", "", drawn)
    assert prepared(f"<p>a {bare} b</p>").text == "a z b"


@pytest.mark.parametrize(
    "glyph", ['<path data-c="1D465" d="M1 1"/>', '<use xlink:href="#MJX-1-TEX-I-1D465"/>']
)
@pytest.mark.parametrize("around", ["{}", "<mjx-container>{}</mjx-container>"])
def test_a_glyph_without_a_token_is_one(glyph: str, around: str) -> None:
    drawn = f'<svg width="1ex" height="1ex"><g data-mml-node="math">{glyph}</g></svg>'
    assert "<mi>x</mi>" in body(f"<p>Here {around.format(drawn)} end</p>")


def test_what_cannot_be_read_keeps_its_signs() -> None:
    boxes = "".join(f'<mjx-mn><mjx-c class="mjx-c{each}"></mjx-c></mjx-mn>' for each in (31, 34))
    chtml = f"<mjx-math><mjx-mmultiscripts>{boxes}</mjx-mmultiscripts></mjx-math>"
    around = f'<mjx-container class="MathJax" jax="CHTML">{chtml}</mjx-container>'
    assert body(f"<p>a {around} b</p>") == "<p>a <code>14</code> b</p>"
    svg = (
        '<svg width="2ex" height="2ex" viewBox="0 0 9 9"><g data-mml-node="math">'
        '<g data-mml-node="mmultiscripts"><g data-mml-node="mn"><path data-c="31" d="M0 0h9v9z"/>'
        "</g></g></g></svg>"
    )
    assert "<title>1</title>" in body(f"<p>a {svg} b</p>")
    nothing = '<mjx-container class="MathJax"><mjx-math></mjx-math></mjx-container>'
    assert prepared(f"<p>a {nothing} b</p>").text == "a b"


def test_elements_of_one_name_beside_each_other_are_both_read() -> None:
    players = '<lite-youtube videoid="aaaaaaaaaaa"></lite-youtube>'
    text = body(players + players.replace("a" * 11, "b" * 11))
    assert "aaaaaaaaaaa" in text
    assert "bbbbbbbbbbb" in text
