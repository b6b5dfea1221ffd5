"""How well-known tools write a formula: each becomes one, said once, displayed where it was."""

from __future__ import annotations

import pytest
from entries import body, prepared
from lxml import etree

M = (
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><msup><mi>x</mi><mn>2</mn>'
    '</msup></mrow><annotation encoding="application/x-tex">x^2</annotation></semantics></math>'
)
INLINE = {
    "sphinx span": ('<span class="math notranslate nohighlight">\\(x^2\\)</span>'),
    "sphinx img inline": ('<img class="math" src="_images/math/abc.png" alt="x^2"/>'),
    "pandoc katex raw": ('<span class="math inline">x^2</span>'),
    "pandoc webtex": (
        '<img style="vertical-align:middle" src="https://latex.codecogs.com/png.l'
        'atex?x%5E2" alt="x^2" title="x^2" class="math inline" />'
    ),
    "arithmatex span": ('<span class="arithmatex">\\(x^2\\)</span>'),
    "kramdown span": ('<span class="kdmath">$x^2$</span>'),
    "org img": ('<img src="ltximg/a.png" alt="$x^2$" class="org-latex">'),
    "github": (
        '<math-renderer class="js-inline-math" style="display: inline-block" data'
        '-static-url="x" data-run-id="y">$x^2$</math-renderer>'
    ),
    "gitlab": ('<code class="code math js-render-math" data-math-style="inline">x^2</code>'),
    "gitlab katex": ('<span class="katex">@M@</span>'),
    "discourse": ('<span class="math">x^2</span>'),
    "notion": (
        '<span data-token-index="1" class="notion-text-equation-token" data-equation="x^2"></span>'
    ),
    "arxiv": (
        '<math id="p1.m1" class="ltx_Math" alttext="x^{2}" display="inline"><sema'
        'ntics><msup><mi>x</mi><mn>2</mn></msup><annotation-xml encoding="MathML-'
        'Content"><apply><ci>x</ci></apply></annotation-xml><annotation encoding='
        '"application/x-tex">x^{2}</annotation><annotation encoding="application/'
        'x-llamapun">italic_x start_POSTSUPERSCRIPT 2 end_POSTSUPERSCRIPT</annota'
        "tion></semantics></math>"
    ),
    "wordpress": (
        '<img src="https://s0.wp.com/latex.php?latex=x%5E2&#038;bg=ffffff&#038;fg'
        '=000&#038;s=0&#038;c=20201002" srcset="x 1x" alt="x^2" class="latex" />'
    ),
    "quicklatex inline": (
        '<img src="https://x/quicklatex.com-abc_l3.svg" class="ql-img-inline-form'
        'ula quicklatex-auto-format" alt="&#120;&#94;&#50;" title="Rendered by Qu'
        'ickLaTeX.com"/>'
    ),
    "codecogs": ('<img src="https://latex.codecogs.com/gif.latex?x%5E2" title="x^2" />'),
    "codecogs dpi": (
        '<img src="https://latex.codecogs.com/svg.image?%5Cinline%20%5Cdpi%7B120%7D%20x%5E2" />'
    ),
    "google chart": ('<img src="https://chart.apis.google.com/chart?cht=tx&amp;chl=x%5E2" />'),
    "zhihu": ('<img src="https://www.zhihu.com/equation?tex=x%5E2" alt="x^2" eeimg="1"/>'),
    "zhihu span": ('<span class="ztext-math" data-eeimg="1" data-tex="x^2"><span></span></span>'),
    "github render": ('<img src="https://render.githubusercontent.com/render/math?math=x%5E2">'),
    "i.upmath": ('<img src="https://i.upmath.me/svg/x%5E2">'),
    "wiki": (
        '<span class="mwe-math-element"><span class="mwe-math-mathml-inline mwe-m'
        'ath-mathml-a11y" style="display: none;"><math xmlns="http://www.w3.org/1'
        '998/Math/MathML" alttext="{\\displaystyle x^{2}}"><semantics><mrow class='
        '"MJX-TeXAtom-ORD"><mstyle displaystyle="true" scriptlevel="0"><msup><mi>'
        'x</mi><mn>2</mn></msup></mstyle></mrow><annotation encoding="application'
        '/x-tex">{\\displaystyle x^{2}}</annotation></semantics></math></span><img'
        ' src="https://wikimedia.org/api/rest_v1/media/math/render/svg/abc" class'
        '="mwe-math-fallback-image-inline" aria-hidden="true" alt="{\\displaystyle'
        ' x^{2}}"></span>'
    ),
    "wiki nomml": (
        '<span class="mwe-math-element"><img src="https://wikimedia.org/api/rest_'
        'v1/media/math/render/svg/abc" class="mwe-math-fallback-image-inline mw-i'
        'nvert" aria-hidden="true" alt="{\\displaystyle x^{2}}"></span>'
    ),
    "mathjax2 htmlcss": (
        '<span class="MathJax_Preview" style="color: inherit;"></span><span class'
        '="MathJax" id="MathJax-Element-1-Frame" tabindex="0" data-mathml="&lt;ma'
        "th xmlns=&quot;http://www.w3.org/1998/Math/MathML&quot;&gt;&lt;msup&gt;&"
        'lt;mi&gt;x&lt;/mi&gt;&lt;mn&gt;2&lt;/mn&gt;&lt;/msup&gt;&lt;/math&gt;" r'
        'ole="presentation"><nobr aria-hidden="true"><span class="math"><span>x2<'
        '/span></span></nobr><span class="MJX_Assistive_MathML" role="presentatio'
        'n"><math xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>x</mi><mn>'
        '2</mn></msup></math></span></span><script type="math/tex" id="MathJax-El'
        'ement-1">x^2</script>'
    ),
    "mathjax2 noscript": (
        '<span class="MathJax" data-mathml="&lt;math xmlns=&quot;http://www.w3.or'
        "g/1998/Math/MathML&quot;&gt;&lt;msup&gt;&lt;mi&gt;x&lt;/mi&gt;&lt;mn&gt;"
        '2&lt;/mn&gt;&lt;/msup&gt;&lt;/math&gt;"><nobr>x2</nobr></span>'
    ),
    "katex error": (
        '<span class="katex-error" title="ParseError: KaTeX parse error: x" style'
        '="color:#cc0000">x^2</span>'
    ),
    "alttext only": ('<math alttext="x^2"></math>'),
    "data-latex": ('<span data-latex="x^2"></span>'),
    "AMP": ('<amp-mathml layout="container" inline data-formula="\\(x^2\\)"></amp-mathml>'),
    "tiddly": ('<span data-type="inline-math" data-value="x^2"></span>'),
    "docbook": (
        '<span class="inlineequation"><math><msup><mi>x</mi><mn>2</mn></msup></math></span>'
    ),
    "tex2jax code": ('<code class="language-math">x^2</code>'),
    "moodle": (
        '<span class="filter_mathjaxloader_equation"><span class="nolink">\\(x^2\\)</span></span>'
    ),
    "stackexchange": ('<span class="math-container">$x^2$</span>'),
    "devto": (
        '<span class="katex-element"><span class="katex"><span class="katex-mathm'
        'l">@M@</span><span class="katex-html">x2</span></span></span>'
    ),
}
DISPLAYED = {
    "block of an editor": ('<p class="math-block" data-math="x^2"></p>'),
    "sphinx div.math": (
        '<div class="math notranslate nohighlight" id="equation-e">\n\\[x^2\\]</div>'
    ),
    "sphinx img": ('<div class="math"><p><img src="_images/math/abc.png" alt="x^2"/></p></div>'),
    "kramdown script display": (
        '<script type="math/tex; mode=display">% <![CDATA[\nx^2 %]]></script>'
    ),
    "kramdown div": ('<div class="math">x^2</div>'),
    "kramdown katex": ('<div class="kdmath">$$\nx^2\n$$</div>'),
    "org": (
        '<div class="equation-container"><span class="equation">\\begin{equation}\n'
        "x^2\n\\end{equation}</span></div>"
    ),
    "github display": (
        '<p><math-renderer class="js-display-math" style="display: block" data-st'
        'atic-url="x">$$x^2$$</math-renderer></p>'
    ),
    "gitlab block": (
        '<pre class="code math js-render-math" data-math-style="display"><code>x^2</code></pre>'
    ),
    "discourse block": ('<div class="math">\nx^2\n</div>'),
    "notion export": (
        '<figure class="equation"><style>@import url(x)</style><div class="equati'
        'on-container"><span class="katex-display"><span class="katex"><span clas'
        's="katex-mathml">@M@</span><span class="katex-html" aria-hidden="true">x'
        "2</span></span></span></div></figure>"
    ),
    "arxiv table": (
        '<table class="ltx_equation ltx_eqn_table"><tbody><tr class="ltx_equation'
        ' ltx_eqn_row"><td class="ltx_eqn_cell ltx_eqn_center_padleft"></td><td c'
        'lass="ltx_eqn_cell ltx_align_center"><math alttext="x^2" display="block"'
        '><msup><mi>x</mi><mn>2</mn></msup></math></td><td class="ltx_eqn_cell"><'
        '/td><td class="ltx_eqn_cell ltx_eqn_eqno">(1)</td></tr></tbody></table>'
    ),
    "wordpress quicklatex": (
        '<p class="ql-center-displayed-equation" style="line-height: 18px;"><span'
        ' class="ql-right-eqno"> &nbsp; </span><span class="ql-left-eqno"> &nbsp;'
        ' </span><img src="https://x/ql-cache/quicklatex.com-abc_l3.png" height="'
        '18" width="100" class="ql-img-displayed-equation quicklatex-auto-format"'
        ' alt="&#92;&#91;&#120;&#94;&#50;&#92;&#93;" title="Rendered by QuickLaTe'
        'X.com"/></p>'
    ),
    "wiki block": (
        '<dl><dd><span class="mwe-math-element mwe-math-element-block"><span clas'
        's="mwe-math-mathml-display mwe-math-mathml-a11y" style="display: none;">'
        '<math display="block" alttext="{\\displaystyle x^{2}}"><semantics><mrow><'
        'msup><mi>x</mi><mn>2</mn></msup></mrow><annotation encoding="application'
        '/x-tex">{\\displaystyle x^{2}}</annotation></semantics></math></span><img'
        ' src="https://wikimedia.org/api/rest_v1/media/math/render/svg/abc" class'
        '="mwe-math-fallback-image-display" alt="{\\displaystyle x^{2}}"></span></'
        "dd></dl>"
    ),
}


def formulas(markup: str) -> list[tuple[str, str | None]]:
    """TeX and display of each formula of a body."""
    tree = etree.fromstring(f"<div>{body(markup.replace('@M@', M))}</div>")
    found = [
        (str(each.findtext(".//annotation")), each.get("display")) for each in tree.iter("math")
    ]
    return [(tex.replace("{2}", "2"), display) for tex, display in found]


@pytest.mark.parametrize("name", INLINE)
def test_a_formula_in_a_line(name: str) -> None:
    markup = f"<p>a {INLINE[name]} b</p>"
    assert formulas(markup) == [("x^2", "inline")]
    assert prepared(markup.replace("@M@", M)).text.replace("{2}", "2") == "a x^2 b"


@pytest.mark.parametrize("name", DISPLAYED)
def test_a_formula_that_stands_alone(name: str) -> None:
    markup = f"<p>a</p>{DISPLAYED[name]}<p>b</p>"
    ((tex, display),) = formulas(markup)
    assert (
        "".join(tex.removeprefix("\\begin{equation}").removesuffix("\\end{equation}").split())
        == "x^2"
    )
    assert display == "block"
    assert prepared(markup.replace("@M@", M)).text.count("x^") == 1


@pytest.mark.parametrize(
    "markup",
    [
        '<p>a <img class="math" src="a.png" alt="A teacher of maths"> b</p>',
        '<div class="post math"><p>We.</p><p><img src="a.png" alt="x^2"></p></div>',
        '<div class="math"><p><img src="a.png" alt="Two people at a blackboard"></p></div>',
        '<p><img src="https://math.example/photo.jpg" alt="x"></p>',
        '<p>a <span data-value="12">twelve</span> b</p>',
        '<p>a <span class="katex-error">see &amp; read \\badmacro</span> b</p>',
        "<p>[tex]some words[/tex] and [math] alone</p>",
    ],
)
def test_what_looks_alike_is_none(markup: str) -> None:
    assert formulas(markup) == []


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ('<p>a <span class="asciimath">`sqrt x`</span> b</p>', "<p>a <code>sqrt x</code> b</p>"),
        ('<p>a <span class="steminline">\\$x^2\\$</span></p>', "<p>a <code>x^2</code></p>"),
        ('<div class="stemblock"><div class="content">\n\\$x\\$\n</div></div>', "<code>x</code>"),
        ('<p>a <span class="system">`x`</span> and \\$5 or \\$6</p>', "`x` and \\$5 or \\$6"),
        ('<p class="stem">It is `x` and `y`.</p>', "<p>It is `x` and `y`.</p>"),
    ],
)
def test_asciimath_is_shown_as_typed(markup: str, shown: str) -> None:
    assert shown in body(markup)


@pytest.mark.parametrize("inside", ["", "<span></span>", "\ufeff<span>x2</span>\ufeff"])
def test_quill_states_what_it_draws(inside: str) -> None:
    made = prepared(f'<p>a <span class="ql-formula" data-value="x^2">\ufeff{inside}</span> b</p>')
    assert made.text == "a x^2 b"


@pytest.mark.parametrize("sign", ["¶", "#", "\uf0c1"])
@pytest.mark.parametrize("page", ["", "https://blog.example/2024/entry"])
def test_the_number_of_an_equation_has_no_link_to_itself(sign: str, page: str) -> None:
    link = f'<a class="headerlink" href="{page}#e" title="Link to this equation">{sign}</a>'
    number = f'<span class="eqno">(1){link}</span>'
    made = prepared(f'<div class="math notranslate" id="e">{number}\\[x^2\\]</div>')
    assert made.text.split() == ["(1)", "x^2"]
