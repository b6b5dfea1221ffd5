"""What KaTeX drew without MathML keeps its exponents, fractions and roots."""

from __future__ import annotations

import pytest
from entries import body, prepared


def box(name: str, *inside: str) -> str:
    return f'<span class="{name}">{"".join(inside)}</span>'


def stack(*boxes: str, below: bool = False) -> str:
    """Boxes one above the other, the lowest first, as KaTeX writes them."""
    placed = "".join(
        f'<span style="top:-3em;"><span class="pstrut" style="height:3em;"></span>{each}</span>'
        for each in boxes
    )
    rows = box("vlist-r", f'<span class="vlist" style="height:1em;">{placed}</span>')
    if below:
        rows = rows.replace("</span></span></span></span>", "</span></span></span></span>")
        rows += box("vlist-r", '<span class="vlist" style="height:1em;"><span></span></span>')
        return box("vlist-t vlist-t2", rows)
    return box("vlist-t", rows)


def small(text: str) -> str:
    return box("sizing reset-size6 size3 mtight", box("mord mtight", text))


def var(text: str) -> str:
    return box("mord mathnormal", text)


def sup(base: str, *scripts: str, below: bool = False) -> str:
    stacked = stack(*map(small, scripts), below=below)
    return box("mord", base, box("msupsub", stacked))


def fraction(under: str, over: str, *, line: bool = True) -> str:
    lines = ['<span class="frac-line" style="border-bottom-width:0.04em;"></span>'] if line else []
    inner = stack(box("mord", under), *lines, box("mord", over), below=True)
    nothing = box("mopen nulldelimiter"), box("mclose nulldelimiter")
    return box("mord", nothing[0], box("mfrac", inner), nothing[1])


SHAPES = {
    "superscript": (sup(var("c"), "2"), "c^{2}"),
    "subscript": (sup(var("a"), "1", below=True), "a_{1}"),
    "both": (sup(var("a"), "1", "2", below=True), "a_{1}^{2}"),
    "fraction": (fraction(var("b"), var("a")), "\\frac{a}{b}"),
    "binomial": (
        box("mopen", "(") + fraction(var("k"), var("n"), line=False) + box("mclose", ")"),
        "\\left({{n} \\atop {k}}\\right)",
    ),
    "root": (
        box("mord sqrt", stack(box("mord", var("x"), box("mbin", "+"), box("mord", "1")),
                               box("hide-tail", "<svg><path d='M0 0'/></svg>"), below=True)),
        "\\sqrt{x + 1}",
    ),
    "cube root": (
        box("mord sqrt", box("root", stack(box("sizing", box("mord mtight", "3")))),
            stack(box("mord", var("x")), box("hide-tail"), below=True)),
        "\\sqrt[{3}]{x}",
    ),
    "accent": (
        box("mord accent", stack(var("x"), box("accent-body", box("mord", "^")))), "\\hat{x}",
    ),
    "limits": (
        box("mop op-limits", stack(small("i"), box("mop op-symbol large-op", "∑"), small("n"),
                                   below=True)),
        "\\sum_{i}^{n}",
    ),
    "function": (box("mop", "sin") + box("mspace") + var("x"), "\\sin x"),
    "letters": (box("mord mathbb", "R") + box("mrel", "→") + box("mord mathcal", "O"),
                "\\mathbb{R} \\to \\mathcal{O}"),
    "words": (box("mord text", box("mord", "if it is")) + var("x"), "\\text{if it is}x"),
    "overline": (
        box("mord overline", stack(box("mord", var("x")), box("overline-line"))), "\\overline{x}",
    ),
    "matrix": (
        box("mord", box("mtable", box("col-align-c", stack(var("a"), var("c"), below=True)),
                        box("arraycolsep"), box("col-align-c", stack(var("b"), var("d")))) ),
        "\\begin{matrix}a & b \\\\ c & d\\end{matrix}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_read(name: str) -> None:
    shape, tex = SHAPES[name]
    strut = '<span class="strut" style="height:1em;"></span>'
    base = box("base", strut, var("E"), box("mspace"), box("mrel", "="), box("mspace"), shape)
    drawn = f'<span class="katex-html" aria-hidden="true">{base}</span>'
    markup = f"<p>a {box('katex', drawn)} b</p>"
    assert prepared(markup).text == f"a E = {tex} b"
    once = body(markup)
    assert body(once) == once
    shown = body(f"<p>a</p>{box('katex-display', box('katex', drawn))}")
    assert 'display="block"' in shown
