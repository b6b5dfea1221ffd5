"""TeX that acts in some engine, and the doors by which TeX comes into an entry."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from lxml import etree

ACTING = (
    # MathJax and KaTeX
    "href", "url", "style", "class", "cssId", "htmlId", "htmlClass", "htmlStyle", "htmlData",
    "includegraphics", "image", "require", "unicode", "bbox", "mmlToken", "data", "toggle",
    "texttip", "mathtip", "enclose", "fcolorbox", "definecolor", "Newextarrow", "setOptions",
    "DeclareMathOperator", "DeclarePairedDelimiter", "newtagform", "mathtoolsset", "html@mathml",
    # TeX itself
    "def", "edef", "gdef", "xdef", "let", "futurelet", "newcommand", "renewcommand",
    "providecommand", "newenvironment", "input", "include", "InputIfFileExists", "openin",
    "openout", "read", "write", "immediate", "write18", "special", "directlua", "csname",
    "catcode", "char", "expandafter", "loop", "usepackage", "verbatiminput", "lstinputlisting",
    "ShellEscape", "pdfliteral", "scantokens", "everymath", "attachfile", "hyperref", "verb",
)  # fmt: skip
"""Commands that lead, load, style, define or write; every one of them ends a formula."""
SPELLINGS = (
    *(f"\\{name}{{javascript:alert(1)}}{{x}}" for name in ACTING),
    "^^5chref{javascript:alert(1)}{x}", "\\begin{filecontents}{a}x\\end{filecontents}",
    "\\begin {html}x\\end {html}", "\\begin%\n{x}", "x\\", "\\color{red;position:fixed}x",
    "x^2 % \\href{a}{b}", "\\frac{a}{\\text{b \\href{javascript:alert(1)}{c}}}",
    "\\begin{array}{>{\\href{a}}c}x\\end{array}", "\\\\\\href{a}{b}", "\\href\n{a}{b}",
)  # fmt: skip

_X = "<mrow><mi>x</mi></mrow>"
_HTML = {
    "round": "<p>a \\({})\\) b</p>".replace(")\\)", "\\)"),
    "square": "<p>a \\[{}\\] b</p>",
    "dollars": "<p>a $${}$$ b</p>",
    "dollar": "<p>a ${}$ b</p>",
    "equation": "<p>\\begin{equation}{}\\end{equation}</p>",
    "an environment nobody knows": "<p>\\begin{foo}{}\\end{foo}</p>",
    "across a break": "<p>a \\({}<br>\\) b</p>",
    "across an old element": "<p>a \\(<font>{}</font><big>\\)</big> b</p>",
    "script": '<p>a <script type="math/tex">{}</script> b</p>',
    "displayed script": '<script type="math/tex; mode=display">{}</script>',
    "class tex": '<p>a <code class="tex">{}</code> b</p>',
    "class math": '<p>a <code class="language-math">{}</code> b</p>',
    "fence": '<pre><code class="language-math">{}</code></pre>',
    "span": '<p>a <span class="math inline">\\({}\\)</span> b</p>',
    "GitLab": '<p>a <code data-math-style="inline" class="code math">{}</code> b</p>',
    "KaTeX": '<p>a <span class="katex"><span class="katex-mathml"><math><semantics>'
    f'{_X}<annotation encoding="application/x-tex">{{}}</annotation></semantics></math></span>'
    '<span class="katex-html">x</span></span> b</p>',
    "MathJax 2": '<p>a <span class="MathJax">x</span><script type="math/tex">{}</script> b</p>',
    "annotation": f'<p>a <math><semantics>{_X}<annotation encoding="LaTeX">{{}}</annotation>'
    "</semantics></math> b</p>",
    "annotation alone": "<p>a <math><semantics><annotation encoding='application/x-tex'>{}"
    "</annotation></semantics></math> b</p>",
    "an annotation of another kind": f"<p>a <math><semantics>{_X}<annotation encoding='x'>{{}}"
    "</annotation></semantics></math> b</p>",
    "annotation in code": f"<p><code>a <math><semantics>{_X}"
    "<annotation encoding='application/x-tex'>{}</annotation></semantics></math></code></p>",
    "alttext": f'<p>a <math alttext="{{}}">{_X}</math> b</p>',
    "words in MathML": "<p>a <math><mtext>\\({}\\)</mtext></math> b</p>",
    "picture": '<p>a <img class="latex" src="a.png" alt="${}$"> b</p>',
    "picture of WordPress": '<p>a <img class="latex" src="https://s0.wp.com/latex.php?latex={}"'
    ' alt="{}"> b</p>',
    "alt text": '<p>a <img src="a.png" alt="\\({}\\)" title="$${}$$"> b</p>',
    "heading": "<h2>a \\({}\\) b</h2>",
    "cell": "<table><tr><td>a \\({}\\) b</td></tr></table>",
    "link": '<p>a <a href="https://example.org/">\\({}\\)</a> b</p>',
}
_MARKDOWN = {
    "Markdown": "a \\\\({}\\\\) b\n",
    "Markdown with dollars": "a $${}$$ b\n",
    "Markdown with HTML": 'a <span class="math">\\({}\\)</span> b\n',
}
DOORS: Mapping[str, tuple[str, str]] = {
    **{name: (markup, "html") for name, markup in _HTML.items()},
    **{name: (markup, "markdown") for name, markup in _MARKDOWN.items()},
}
"""Where ``{}`` stands TeX comes in: markup and its type, by name."""


def through(door: str, tex: str) -> tuple[str, str]:
    """Return a body with TeX, and its type."""
    markup, kind = DOORS[door]
    if "latex={}" in markup:
        markup = markup.replace("{}", quote(tex), 1)
    return markup.replace("{}", html.escape(tex) if kind == "html" else tex), kind


def read_as_tex(tree: etree._Element) -> Iterator[str]:
    """Yield what engines look at for TeX: text outside of code, what is marked as TeX (here between
    dollars), and descriptions, which Pandoc reads as text."""
    for each in tree.iter():
        name = etree.QName(each).localname
        code = (
            name in {"code", "pre"}
            or next(each.iterancestors("{*}code", "{*}pre"), None) is not None
        )
        if each.get("class") == "tex" or name == "annotation":
            yield f"${''.join(map(str, each.itertext()))}$"
        elif not code:
            yield "".join([each.text or "", *(child.tail or "" for child in each)])
        for attribute in ("alt", "title", "alttext", "aria-label"):
            yield each.get(attribute) or ""


def acts(text: str) -> bool:
    """Tell whether a command that acts stands between the delimiters of a formula."""
    formula = re.search(r"(?:\\[(\[]|\$|\\begin).*(?:\\[)\]]|\$|\\end)", text, re.DOTALL)
    return formula is not None and not {*ACTING}.isdisjoint(words_of(formula[0]))


def words_of(tex: str) -> list[str]:
    """The control words that TeX reads, by its own rules (The TeXbook, chapter 8)."""
    words, at = [], 0
    while at < len(tex):
        if tex[at] == "%":
            at = tex.find("\n", at) if "\n" in tex[at:] else len(tex)
        elif tex[at] == "\\":
            end = at + 1
            while end < len(tex) and tex[end].isascii() and tex[end].isalpha():
                end += 1
            words.append(tex[at + 1 : end])
            at = max(end, at + 2)
        else:
            at += 1
    return words
