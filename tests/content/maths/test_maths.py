"""Maths: whichever tool of the web had a formula, it becomes MathML that keeps its TeX."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from marking import draft, inner, marked, said

from convert.content.maths import find
from convert.content.maths.tex import MAX_TEX, formula
from convert.content.parse.parse import read_xhtml, tidy
from convert.content.tree import drop

X = '<semantics><mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">x</annotation>'
INLINE = f'<math display="inline">{X}</semantics></math>'
BLOCK = f'<math display="block">{X}</semantics></math>'
KATEX = (
    '<span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML"'
    f'>{X}</semantics></math></span><span class="katex-html" aria-hidden="true"><span class="base">'
    "x</span></span></span>"
)


@pytest.mark.parametrize(
    ("markup", "prepared"),
    [
        (f"<p>a {KATEX} b</p>", f"<p>a {INLINE} b</p>"),
        (f'<p>a</p><span class="katex-display">{KATEX}</span>', f"<p>a</p>{BLOCK}"),
        (f'<p>a <span class="katex-display">{KATEX}</span> b</p>', f"<p>a </p>{BLOCK}<p> b</p>"),
        (('<p>a <span class="MathJax_Preview">[x]</span><span class="MathJax"><nobr>x</nobr></span>'
         '<script type="math/tex" id="M1">x</script> b</p>'), f"<p>a {INLINE} b</p>"),
        (('<div class="MathJax_Display"><span class="MathJax">x</span></div>'
         '<script type="math/tex; mode=display">x</script>'), BLOCK),
        ('<p>a <img src="https://s0.wp.com/latex.php?latex=x&amp;bg=fff" class="latex" alt="x"> b',
         f"<p>a {INLINE} b</p>"),
        ('<p><img src="https://s0.wp.com/latex.php?latex=%5Cdisplaystyle+x" class="latex"></p>',
         BLOCK),
        ('<p>a <img src="https://latex.codecogs.com/svg.latex?x"> b</p>', f"<p>a {INLINE} b</p>"),
        ('<p>a <img class="ql-img-inline-formula" alt="x" src="q.png"> b</p>',
         f"<p>a {INLINE} b</p>"),
        ('<p>a <math alttext="{\\displaystyle x_{1}}"><mi>x</mi></math> b</p>',
         f"<p>a {INLINE.replace('tex&quot;>x', '')} b</p>".replace(
             ">x</annotation>", ">x_{1}</annotation>")),
        ((f'<p>a <span class="mwe-math-element"><span>{INLINE}</span><img alt="x"'
         ' class="mwe-math-fallback-image-inline" src="https://w.example/math/x"></span></p>'),
         f'<p>a <span class="mwe-math-element"><span>{INLINE}</span></span></p>'),
        (f"<p>a {INLINE} b</p>", f"<p>a {INLINE} b</p>"),
        ("<p>a \\(x\\) b</p>", f"<p>a {INLINE} b</p>"),
        ("<p>a \\[x\\] b</p>", f"<p>a </p>{BLOCK}<p> b</p>"),
        ("<p>$$x$$</p>", BLOCK),
        ("<p>a $$x$$ b</p>", f"<p>a {INLINE} b</p>"),
        ("<p>a <br>$$x$$<br> b</p>", f"<p>a <br/></p>{BLOCK}<p><br/> b</p>"),
        ('<span class="math math-inline">x</span>', INLINE),
        ('<div class="math math-display">x</div>', BLOCK),
        ('<p>a <span class="math inline">\\(x\\)</span></p>', f"<p>a {INLINE}</p>"),
        ('<p>a <code data-math-style="inline" class="math">x</code></p>', f"<p>a {INLINE}</p>"),
        ('<pre><code class="language-math">x</code></pre>', BLOCK),
        ("<math><mi>x</mi><mo>+</mo><mi>y</mi></math>",
         '<math display="inline"><mi>x</mi><mo>+</mo><mi>y</mi></math>'),
        ("<p>a<math></math>b</p>", "<p>ab</p>"),
        ("<h2>On \\[x\\]</h2>", f"<h2>On {INLINE}</h2>"),
    ],
)  # fmt: skip
def test_sources(markup: str, prepared: str) -> None:
    assert inner(find.mark, markup) == prepared


@pytest.mark.parametrize(
    "markup",
    [
        "<p>It costs $5 and $6, or $$ and $$.</p>",
        "<pre>\\(x\\)</pre>",
        "<p><code>$$x$$ and \\[x\\]</code></p>",
        "<p>(A $$ B) and (C $$ D)</p>",
        "<p>\\\\[2em] is a break \\\\]</p>",
        "<p>an open \\( and an open \\[ and $$x</p>",
        '<p class="mathematics">Words.</p>',
        '<p><span class="math">plain words</span></p>',
    ],
)
def test_what_is_no_formula_stays(markup: str) -> None:
    assert inner(find.mark, markup) == markup


def test_a_dollar_is_tex_only_when_asked() -> None:
    markup = "<p>$x$ for $5 or \\$x\\$, and $x$1</p>"
    assert inner(find.mark, markup) == markup
    asked = inner(find.mark, markup, draft(dollar_math="always"))
    assert asked == f"<p>{INLINE} for $5 or \\$x\\$, and $x$1</p>"


def test_lines_and_full_stops_of_a_displayed_formula() -> None:
    tree = marked(find.mark, "<p>So \\[ a<br>\n= b \\].</p>")
    assert [child.tag for child in tree] == ["p", "math"]
    assert tree.findtext(".//annotation") == "a\n= b."
    assert said(tree[1]).startswith("ab")


@pytest.mark.parametrize(
    "tex",
    ["\\R", "{", "x^", "a & b", "\\left( x", "\\ce{H2O}",
     "\\frac{1}{1+" * 25 + "x" + "}" * 25, "x_1_2", "\\begin{align}"],
)  # fmt: skip
def test_tex_that_cannot_be_turned_stays_tex(tex: str) -> None:
    made = formula(tex, "inline")
    assert etree.tostring(made) == etree.tostring(etree.fromstring("<code class='tex'/>")).replace(
        b"/>", b">" + tex.replace("&", "&amp;").encode() + b"</code>"
    )


@pytest.mark.parametrize(
    ("tex", "words"),
    [("x \\tag{AC}", "x(AC)"), ("\\begin{align}a&=b\\\\c&=d\\end{align}", "a=bc=d"),
     ("\\begin{eqnarray}a&=&b\\nonumber\\end{eqnarray}", "a=b"), ("a < b", "a<b"),
     ("\\label{eq}x", "x"), ("\\text{if $x^2$ is}", "ifx2is"), ("a\\\n b", "ab"),
     ("\\lbrace x \\rbrace", "{x}")],
)  # fmt: skip
def test_what_latex2mathml_needs_help_with(tex: str, words: str) -> None:
    made = formula(tex, "block")
    row = made.find("semantics/mrow")
    assert row is not None
    assert "".join("".join(map(str, row.itertext())).split()) == words
    assert made.findtext("semantics/annotation") == tex


@pytest.mark.parametrize(
    "text",
    ["\\(" * 100_000, "$$" * 100_000, "\\[" * 100_000, "$ " * 200_000, "\\begin{align}" * 30_000,
     "\\(" + "{" * 2_000 + "\\)", "\\(" + "\\frac" * 900 + "\\)", "\\(" + "x+" * 2_400 + "\\)",
     "\\(" + "x" * MAX_TEX * 3 + "\\)"],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_hostile_text_takes_little_time(text: str) -> None:
    tree = read_xhtml(tidy(f"<p>{text}</p>"))
    started = time.process_time()
    find.mark(tree, draft(dollar_math="always"))
    assert time.process_time() - started < 4


TEX = st.lists(
    st.sampled_from(
        ["x", "y", "1", "+", "=", "^", "_", "{", "}", "\\frac", "\\sqrt", "\\alpha", "\\left(",
         "\\right)", "\\sum", "&", "\\\\", "<", "\\text{a b}", "\\begin{matrix}", "\\end{matrix}",
         " ", "\\", "$", "%", "#", "'", "\\mathbb", "é"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=300)
@given(tex=TEX)
def test_tex_is_kept_whatever_it_is(tex: str) -> None:
    made = formula(tex, "inline")
    kept = made.text if made.tag == "code" else made.findtext("semantics/annotation")
    assert (kept or "") == tex.strip()
    again = etree.fromstring(f"<div>{etree.tostring(made, encoding='unicode')}</div>")
    once = etree.tostring(again)
    find.mark(again, draft(dollar_math="always"))
    assert etree.tostring(again) == once


@given(before=st.text(alphabet="ab \n", max_size=8), after=st.text(alphabet="ab \n", max_size=8),
       delimiters=st.sampled_from([("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$")]))  # fmt: skip
def test_the_text_around_a_formula_stays(
    before: str, after: str, delimiters: tuple[str, str]
) -> None:
    tree = marked(find.mark, f"<p>{before}{delimiters[0]}x+1{delimiters[1]}{after}</p>")
    (found,) = tree.iter("math")
    assert found.findtext(".//annotation") == "x+1"
    outside = etree.fromstring(etree.tostring(tree))
    for each in list(outside.iter("math")):
        drop(each)
    assert said(outside) == "".join(f"{before}{after}".split())
