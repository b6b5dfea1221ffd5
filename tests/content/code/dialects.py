"""How well-known programs write a block of code: each a function from its lines to markup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

Dialect = Callable[[Sequence[str]], str]


def _each(template: str, between: str = "") -> Dialect:
    """Markup for each line, ``%`` the number and ``@`` the text of the line."""

    def write(lines: Sequence[str]) -> str:
        before, line, after = template.split("|")
        written = (
            line.replace("%", str(at)).replace("@", escape(text, quote=False))
            for at, text in enumerate(lines, start=1)
        )
        return before + between.join(written) + after

    return write


def _whole(template: str) -> Dialect:
    """Markup around all lines, ``@`` their text; ``#`` the numbers of the lines."""
    return lambda lines: template.replace(
        "#", "\n".join(str(at + 1) for at in range(len(lines)))
    ).replace("@", escape("\n".join(lines), quote=False))


_UNSELECTABLE = "white-space:pre;-webkit-user-select:none;user-select:none;color:#7f7f7f"

DIALECTS: dict[str, Dialect] = {
    "VitePress": _each(
        "<div class='language-js vp-adaptive-theme line-numbers-mode'><button title='Copy Code'"
        " class='copy'></button><span class='lang'>js</span><pre class='shiki vp-code'><code>|"
        "<span class='line'><span>@</span></span>|</code></pre><div class='line-numbers-wrapper'"
        " aria-hidden='true'><span class='line-number'>1</span><br><span class='line-number'>2"
        "</span><br></div></div>",
        "\n",
    ),
    "Docusaurus": _each(
        "<div class='language-js codeBlockContainer_x theme-code-block'><div class='codeBlockTitle_"
        "y'>run.js</div><div class='codeBlockContent_z'><pre class='prism-code language-js'><code>|"
        "<span class='token-line'><span class='codeLineNumber_q'>%</span><span class='token plain'>"
        "@</span><br></span>|</code></pre><div class='buttonGroup_c'><button type='button'"
        " aria-label='Copy code to clipboard'><span aria-hidden='true'><svg viewBox='0 0 24 24'>"
        "<path d='M1 1'/></svg></span></button></div></div></div>"
    ),
    "Expressive Code": _each(
        "<div class='expressive-code'><figure class='frame'><figcaption class='header'><span"
        " class='title'>foo.js</span></figcaption><pre data-language='js'><code>|<div"
        " class='ec-line'><div class='gutter'><div class='ln' aria-hidden='true'>%</div></div><div"
        " class='code'><span>@</span>\n</div></div>|</code></pre><div class='copy'><div"
        " aria-live='polite'></div><button title='Copy to clipboard' data-copied='Copied!'><div>"
        "</div></button></div></figure></div>"
    ),
    "Hugo, without classes": _each(
        "<div class='highlight'><pre><code class='language-js' data-lang='js'>|<span"
        f" style='display:flex;'><span style='{_UNSELECTABLE}'>%</span><span>@\n</span></span>|"
        "</code></pre></div>"
    ),
    "Hugo, numbers that lead": _each(
        "<div class='highlight'><pre class='chroma'><code class='language-js'>|<span class='line'>"
        "<span class='ln' id='l-%'><a class='lnlinks' href='#l-%'>%</a></span><span class='cl'>@\n"
        "</span></span>|</code></pre></div>"
    ),
    "Torchlight": _each(
        "<pre><code data-lang='js' class='torchlight'><!-- Syntax highlighted by torchlight.dev -->"
        "|<div class='line'><span style='user-select:none' class='line-number'>%</span>@</div>|"
        "</code></pre>"
    ),
    "React Syntax Highlighter": _each(
        "<pre style='display:block'><code class='language-js' style='white-space:pre'>|<span"
        " class='linenumber react-syntax-highlighter-line-number'>%</span><span>@</span>|</code>"
        "</pre>",
        "\n",
    ),
    "highlightjs-line-numbers": _each(
        "<pre><code class='hljs language-js'><table class='hljs-ln'><tbody>|<tr><td class='hljs-ln"
        "-line hljs-ln-numbers' data-line-number='%'><div class='hljs-ln-n' data-line-number='%'>"
        "</div></td><td class='hljs-ln-line hljs-ln-code' data-line-number='%'>@</td></tr>|</tbody>"
        "</table></code></pre>"
    ),
    "Shiki, no line feeds": _each(
        "<pre class='shiki' data-language='js'><code>|<span class='line'>@</span>|</code></pre>"
    ),
    "rehype-pretty-code": _each(
        "<figure data-rehype-pretty-code-figure=''><div data-rehype-pretty-code-title=''>a.js</div>"
        "<pre data-language='js'><code data-language='js' style='display:grid'>|<span data-line=''>"
        "@</span>|</code></pre></figure>",
        "\n",
    ),
    "WeChat": _each(
        "<section class='code-snippet__fix'><ul class='code-snippet__line-index'><li></li></ul>"
        "<pre class='code-snippet__js' data-lang='js'>|<code><span class='code-snippet_outer'>@"
        "</span></code>|</pre></section>"
    ),
    "GitHub, a file": _each(
        "<div class='blob-wrapper data type-javascript'><table class='highlight'><tbody>|<tr><td"
        " class='blob-num js-line-number' data-line-number='%'></td><td class='blob-code"
        " blob-code-inner'>@</td></tr>|</tbody></table></div>"
    ),
    "SyntaxHighlighter": _each(
        "<div class='syntaxhighlighter js'><div class='toolbar'><span><a href='#'"
        " class='toolbar_item'>?</a></span></div><table><tbody><tr><td class='gutter'>"
        "<div class='line number1'>1</div><div class='line'>2</div></td><td class='code'><div"
        " class='container'>|<div class='line number% index0'><code class='js plain'>@</code></div>"
        "|</div></td></tr></tbody></table></div>"
    ),
    "Crayon": _each(
        "<div class='crayon-syntax'><div class='crayon-toolbar'><div class='crayon-tools'><span"
        " class='crayon-language'>JavaScript</span></div></div><div class='crayon-main'><table"
        " class='crayon-table'><tr class='crayon-row'><td class='crayon-nums'><div class='crayon-"
        "nums-content'><div class='crayon-num'>1</div><div class='crayon-num'>2</div></div></td>"
        "<td class='crayon-code'><div class='crayon-pre'>|<div class='crayon-line'>@</div>|</div>"
        "</td></tr></table></div></div>"
    ),
    "GeSHi": _each(
        "<pre class='js'><ol>|<li class='li1'><div class='de1'>@</div></li>|</ol></pre>"
    ),
    "Google's prettify": _each(
        "<pre class='prettyprint lang-js'><ol class='linenums'>|<li class='L0'><span"
        " class='pln'>@</span></li>|</ol></pre>"
    ),
    "VS Code": _each(
        "<div style='font-family:Consolas,monospace;white-space:pre;'>|<div><span>@</span></div>|"
        "</div>"
    ),
    "Prism's toolbar": _whole(
        "<div class='code-toolbar'><pre class='language-js'><code class='language-js'>@</code>"
        "</pre><div class='toolbar'><div class='toolbar-item'><span>JavaScript</span></div><div"
        " class='toolbar-item'><button class='copy-to-clipboard-button'><span>Copy</span></button>"
        "</div></div></div>"
    ),
    "Prism's numbers": _whole(
        "<pre class='language-js line-numbers'><code>@<span aria-hidden='true'"
        " class='line-numbers-rows'><span></span></span></code></pre>"
    ),
    "GitHub, a README": _whole(
        "<div class='highlight highlight-source-js notranslate' dir='auto'><pre>@</pre><div"
        " class='zeroclipboard-container'><clipboard-copy aria-label='Copy' value='x' role='button'"
        "><svg aria-hidden='true'><path d='M0 0'/></svg></clipboard-copy></div></div>"
    ),
    "DEV": _whole(
        "<div class='highlight js-code-highlight'><pre class='highlight javascript'><code>@</code>"
        "</pre><div class='highlight__panel js-actions-panel'><div class='highlight__panel-action'>"
        "<svg><title>Enter fullscreen mode</title><path d='M0 0'/></svg></div></div></div>"
    ),
    "CSDN": _whole(
        "<pre class='prettyprint has-numbering'><code class='hljs language-js'>@</code><div"
        " class='hljs-button signin' data-title='x'></div><ul class='pre-numbering'><li>1</li><li>2"
        "</li></ul></pre>"
    ),
    "Rouge": _whole(
        "<div class='language-js highlighter-rouge'><pre class='highlight'><code><table"
        " class='rouge-table'><tbody><tr><td class='gutter gl'><pre class='lineno'>#\n</pre></td>"
        "<td class='code'><pre>@</pre></td></tr></tbody></table></code></pre></div>"
    ),
    "Hexo": _each(
        "<figure class='highlight js'><table><tr><td class='gutter'><pre><span class='line'>1"
        "</span><br></pre></td><td class='code'><pre>|<span class='line'>@</span>|</pre></td></tr>"
        "</table></figure>",
        "<br>",
    ),
    "ChatGPT": _whole(
        "<pre class='overflow-visible!'><div class='contain-inline-size'><div class='flex'>"
        "javascript</div><div class='sticky'><button>Copy code</button></div><div class='p-4'><code"
        " class='whitespace-pre! language-js'>@</code></div></div></pre>"
    ),
    "a theme of Jekyll": _whole(
        "<div class='code-header'><span class='code-lang'>js</span><button class='copy'>Copy"
        "</button></div><div class='language-js highlighter-rouge'><div class='highlight'><pre"
        " class='highlight'><code>@</code></pre></div></div>"
    ),
    "Notion": _whole(
        "<pre class='code code-wrap'><code class='language-JavaScript' style='white-space:pre-wrap"
        ";word-break:break-all'>@</code></pre>"
    ),
    "Confluence": _whole(
        "<div class='code panel pdl'><div class='codeHeader panelHeader pdl'><b>title.js</b></div>"
        "<div class='codeContent panelContent pdl'><pre class='syntaxhighlighter-pre'"
        " data-syntaxhighlighter-params='brush: js; gutter: false'>@</pre></div></div>"
    ),
    "sphinx-copybutton": _whole(
        "<div class='highlight-js notranslate'><div class='highlight'><pre id='codecell0'><span>"
        "</span>@</pre><button class='copybtn o-tooltip--left' data-tooltip='Copy'"
        " data-clipboard-target='#codecell0'><svg><title>Copy</title></svg></button></div></div>"
    ),
    "MkDocs": _whole(
        "<div class='language-js highlight'><span class='filename'>a.js</span><nav"
        " class='md-code__nav'><button class='md-code__button' title='Copy to clipboard'></button>"
        "</nav><pre><span></span><code>@</code></pre></div>"
    ),
    "a style": _whole("<div class='js' style='white-space:pre;font-family:monospace'>@</div>"),
    "Enlighter": _whole("<pre class='EnlighterJSRAW' data-enlighter-language='js'>@</pre>"),
    "Qiita": _whole(
        "<div class='code-frame' data-lang='js'><div class='code-lang'><span class='bold'>foo.js"
        "</span></div><div class='highlight'><pre>@</pre></div></div>"
    ),
}
UNNAMED = {"VS Code"}
"""Dialects that do not say the language."""
TITLES = {
    "Docusaurus": "run.js", "Expressive Code": "foo.js", "rehype-pretty-code": "a.js",
    "Confluence": "title.js", "MkDocs": "a.js", "Qiita": "foo.js",
}  # fmt: skip
"""The name of a file that a dialect sets beside the code, which stays."""
PROGRAMS = (
    ("const a = 1;", "", "  if (a < 2 && b > 3) {", "\t\treturn `x`;   ", "  }", "", "", "end"),
    ("1", "2", "10", "", "3"),
    ("  indented", "\ttabbed", "js", "Copy", "Copied!"),
    ("one line",),
    ("<b>&amp;</b>", " $x$ \\(y\\) ", "&nbsp;"),
)
