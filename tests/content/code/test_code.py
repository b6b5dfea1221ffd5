"""Code: text to the last space, language where it is known, whatever highlighter was there."""

from __future__ import annotations

import datetime as dt
import html
import json
from pathlib import Path

import html5lib
import pytest
from dialects import DIALECTS, PROGRAMS, TITLES, UNNAMED
from entries import prepared
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from marking import inner, marked
from pygments import highlight as pygments_highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from convert.content import PrepareOptions, prepare
from convert.content.code import find
from convert.content.code.languages import known_alias
from convert.model import StoredEntry

SOURCE = "let x =\n  f 'a'\t(* <b> *)\n\n  in x  "
HIGHLIGHTED = (
    "<span class='k'>let</span> <span>x</span> =\n  f <span class='s'>'a'</span>\t"
    "<span class='c'>(* &lt;b&gt; *)</span>\n\n  <span class='k'>in</span> x  "
)
WRAPPERS = {
    "plain": "<pre><code class='language-ocaml'>{}</code></pre>",
    "upper case": "<pre><code class='language-OCaml'>{}</code></pre>",
    "lang-": "<pre><code class='lang-ocaml'>{}</code></pre>",
    "bare class": "<pre><code class='ocaml'>{}</code></pre>",
    "data-lang": "<pre><code data-lang='ocaml'>{}</code></pre>",
    "lang on pre": "<pre lang='ocaml'>{}</pre>",
    "brush": "<pre class='brush: ocaml; title: ; notranslate'>{}</pre>",
    "prettyprint": "<pre class='prettyprint lang-ml'>{}</pre>",
    "Jekyll": "<figure class='highlight'><pre><code class='language-ocaml' data-lang='ocaml'>{}"
    "</code></pre></figure>",
    "Rouge": "<div class='language-ocaml highlighter-rouge'><div class='highlight'>"
    "<pre class='highlight'><code>{}</code></pre></div></div>",
    "GitHub": "<div class='highlight highlight-source-ocaml'><pre>{}</pre></div>",
    "Sphinx": "<div class='highlight-ocaml notranslate'><div class='highlight'><pre><span></span>{}"
    "</pre></div></div>",
    "Pandoc": "<div class='sourceCode' id='cb1'><pre class='sourceCode ocaml'>"
    "<code class='sourceCode ocaml'>{}</code></pre></div>",
    "Org": "<div class='org-src-container'><pre class='src src-ocaml'>{}</pre></div>",
    "Chroma": "<div class='highlight'><pre tabindex='0' class='chroma'><code "
    "class='language-ocaml' data-lang='ocaml'><span class='line'>{}</span></code></pre></div>",
    "Rouge, numbered": "<div class='language-ocaml highlighter-rouge'><pre class='highlight'><code>"
    "<table class='rouge-table'><tbody><tr><td class='gutter gl'><pre class='lineno'>1\n2\n3\n4"
    "</pre></td><td class='code'><pre>{}</pre></td></tr></tbody></table></code></pre></div>",
    "Pygments, numbered": "<div class='highlight-ocaml'><table class='highlighttable'><tr>"
    "<td class='linenos'><div class='linenodiv'><pre>1\n2\n3\n4</pre></div></td><td class='code'>"
    "<div class='highlight'><pre>{}</pre></div></td></tr></table></div>",
    "Chroma, numbered": "<div class='highlight'><div class='chroma'><table class='lntable'><tr>"
    "<td class='lntd'><pre class='chroma'><code><span class='lnt'>1\n</span></code></pre></td>"
    "<td class='lntd'><pre class='chroma'><code class='language-ocaml'>{}</code></pre></td></tr>"
    "</table></div></div>",
    "Octopress": "<div class='highlight'><table><tr><td class='gutter'><pre class='line-numbers'>"
    "<span class='line-number'>1</span>\n<span class='line-number'>2</span>\n</pre></td>"
    "<td class='code'><pre><code class='ocaml'>{}</code></pre></td></tr></table></div>",
}


@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS.keys())
def test_highlighters(wrapper: str) -> None:
    tree = marked(find.mark, f"<p>Before.</p>{wrapper.format(HIGHLIGHTED)}<p>After.</p>")
    assert [child.tag for child in tree] == ["p", "pre", "p"]
    block = tree[1]
    assert block.get("data-language") == "ocaml"
    assert [child.tag for child in block] == ["code"]
    assert block[0].text == SOURCE
    assert len(block[0]) == 0


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<pre><code>a<br>  b<br/><br>c</code></pre>", "a\n  b\n\nc"),
        ("<pre><code><div>a</div><div>  b</div><div><br></div><div>c</div></code></pre>",
         "a\n  b\n\nc"),
        ("<pre class='prettyprint linenums'><ol><li>a</li><li></li><li> b</li></ol></pre>",
         "a\n\n b"),
        ("<pre><code>a</code>\n<code> b</code></pre>", "a\n b"),
        ("<pre><code><span class='ln'>1</span>a\n<span class='ln'>2</span>b</code></pre>", "a\nb"),
        (("<table class='highlight'><tr><td class='blob-num' data-line-number='1'></td>"
         "<td class='blob-code'>a</td></tr><tr><td class='blob-num' data-line-number='2'></td>"
         "<td class='blob-code'>  b</td></tr></table>"), "a\n  b"),
        ("<pre class='code'>x <img alt='→' src='a.png'> y</pre>", "x → y"),
        ("<pre><code>\n\n  x\n\n</code></pre>", "\n\n  x\n\n"),
    ],
)  # fmt: skip
def test_lines_and_spaces(markup: str, text: str) -> None:
    assert marked(find.mark, markup).findtext("pre/code") == text


@pytest.mark.parametrize(
    "markup",
    [
        "<pre>A poem,\n  <em>set</em> as it is</pre>",
        "<table><tbody><tr><td>1</td><td>x</td></tr></tbody></table>",
        "<table><tbody><tr><td>1</td><td><code>x</code></td></tr></tbody></table>",
        "<p>Inline <code>f <em>x</em></code></p>",
        '<pre lang="fr">bonjour</pre>',
    ],
)
def test_what_is_no_code_stays(markup: str) -> None:
    assert inner(find.mark, markup) == markup


@pytest.mark.parametrize(
    ("name", "alias"),
    [("OCaml", "ocaml"), ("c++", "cpp"), ("js", "javascript"), ("shell-session", "console"),
     ("ocmal", None), ("plaintext", None), ("dune", None), ("", None)],
)  # fmt: skip
def test_languages_are_what_pygments_calls_them(name: str, alias: str | None) -> None:
    assert known_alias(name) == alias
    if alias is not None:
        assert get_lexer_by_name(alias).aliases[0] == alias


CODE = st.text(
    alphabet=st.characters(
        exclude_categories=["Cs", "Cc"], include_characters="\n\t", exclude_characters="\r\x85"
    ),
    min_size=1,
    max_size=80,
).filter(lambda text: (text.strip() != "" and text.isprintable()) or "\n" in text)


@given(source=CODE, language=st.sampled_from(["ocaml", "python", "bash", "html", "c"]))
def test_text_survives_pygments_and_back(source: str, language: str) -> None:
    """Pygments highlights arbitrary code, and the text of the block comes out as html5lib, an
    independent parser, reads what Pygments wrote."""
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    page = pygments_highlight(source, lexer, HtmlFormatter())
    judge = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    expected = "".join(next(judge.iter("pre")).itertext())
    tree = marked(find.mark, page)
    assert tree.findtext(".//pre/code") == expected


@given(source=CODE)
def test_text_survives_escaping_and_back(source: str) -> None:
    tree = marked(find.mark, f"<pre><code class='language-c'>{html.escape(source)}</code></pre>")
    assert tree.findtext("pre/code") == source


@pytest.mark.corpus
def test_code_of_real_entries_keeps_its_text(planet_a: Path) -> None:
    """What html5lib reads in each plain ``<pre><code>`` of an entry in three is in the entry."""
    seen = 0
    for path in sorted(planet_a.rglob("*.json"))[::3]:
        entry = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(entry, dict) or "<pre><code" not in (entry.get("content") or ""):
            continue
        stored = StoredEntry(
            path=path.name, user="a", id=entry["id"], updated=_epoch(), content=entry["content"]
        )
        body = etree.fromstring(prepare(stored, PrepareOptions()).body)
        ours = {block.text or "" for block in body.iterfind(".//pre/code")}
        judge = html5lib.parseFragment(
            entry["content"], treebuilder="etree", namespaceHTMLElements=False
        )
        for block in judge.iter("pre"):
            f"{block.text or ''}{block[0].tail or ''}" if len(block) else ""
            if [child.tag for child in block] == ["code"] and not block.findall(".//table"):
                text = "".join(block.itertext())
                if (
                    text.strip()
                    and not (block.text or "").strip()
                    and not (block[0].tail or "").strip()
                ):
                    seen += 1
                    assert text.strip("\n") in {each.strip("\n") for each in ours}, path.name
    assert seen > 30


def _epoch() -> dt.datetime:
    return dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("name", DIALECTS)
def test_dialects_keep_the_program_and_nothing_else(name: str) -> None:
    for lines in PROGRAMS:
        markup = f"<p>Before.</p>{DIALECTS[name](lines)}<p>After.</p>"
        first = prepared(markup).body
        tree = etree.fromstring(first)
        (block,) = tree.iter("pre")
        assert [child.tag for child in block] == ["code"]
        assert (block[0].text or "").removesuffix("\n") == "\n".join(lines)
        if name not in UNNAMED:
            assert block.get("data-language") == "javascript"
            assert block[0].get("class") in {"language-js", "language-javascript"}
        words = " ".join(map(str, tree.itertext())).replace(block[0].text or "", " ").split()
        assert words == [*filter(None, ("Before.", TITLES.get(name), "After."))]
        assert prepared(first).body == first


def _code(text: str, word: str, alias: str = "") -> str:
    known = f' data-language="{alias}"' if alias else ""
    named = f' class="language-{word}"' if word else ""
    return f"<pre{known}><code{named}>{text}</code></pre>"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        # GitHub's comparisons, in one column and side by side, and Gitea's.
        (("<table><tr><td class='blob-num' colspan='2'><a href='#x'></a></td><td class='blob-code"
         " blob-code-hunk'>@@ -1,2 +1,2 @@</td></tr><tr><td class='blob-num' data-line-number='1'>"
         "</td><td class='blob-num' data-line-number='1'></td><td class='blob-code'><span"
         " data-code-marker=' '>a</span></td></tr><tr><td class='blob-num' data-line-number='2'>"
         "</td><td class='blob-num empty-cell'></td><td class='blob-code blob-code-x'><button"
         ">+</button><span data-code-marker='-'>b <span>2</span></span></td></tr></table>"),
         _code("@@ -1,2 +1,2 @@\n a\n-b 2", "diff", "diff")),
        (("<table><tr><td class='lines-num' data-line-num='1'></td><td class='lines-type-marker'>"
         "<span data-type-marker='+'></span></td><td class='lines-code'><code>x</code></td></tr>"
         "</table>"), _code("+x", "diff", "diff")),
        (("<table><tr><td class='blob-num'>1</td><td class='blob-code'><span data-code-marker='-'>a"
         "</span></td><td class='blob-num'>1</td><td class='blob-code'><span data-code-marker='+'>b"
         "</span></td></tr></table>"),
         "<table><tbody><tr><td>1</td><td>-a</td><td>1</td><td>+b</td></tr></tbody></table>"),
        # Fields that hold a program, and fields that repeat one.
        ("<p>a</p><textarea name='code' class='python'>a\n b</textarea>",
         f"<p>a</p>{_code('a' + chr(10) + ' b', 'python', 'python')}"),
        (("<pre><code class='torchlight' data-lang='php'><div class='line'><span"
         " class='line-number'>1</span>echo 'a long line, longer than words on a button, by far'"
         ";</div><div"
         " class='line'><span class='line-number'>2</span>exit;</div></code><textarea"
         " style='display: none'>echo 'a long line, longer than words on a button, by far';\n"
         "exit;</textarea></pre>"),
         _code("echo 'a long line, longer than words on a button, by far';\nexit;", "php",
               "php")),
        # What only a style says.
        ("<div style='white-space: pre-wrap'>Roses,\n  violets</div>",
         "<p>Roses,<br/>\u00a0\u00a0violets</p>"),
        ("<p style='white-space:pre-line'>one\ntwo</p>", "<p>one<br/>two</p>"),
        ("<p style='white-space:nowrap'>one\ntwo</p>", "<p>one\ntwo</p>"),
        ("<p><span style='white-space:pre-wrap'>no lines</span></p>", "<p>no lines</p>"),
        ("<pre><code><span style='user-select:none'>$ </span>ls</code></pre>", _code("ls", "")),
        # Where all is guarded, and where all are numbers, that is the code.
        ("<pre style='user-select:none'><code class='select-none language-c'>int a;</code></pre>",
         _code("int a;", "c", "c")),
        ("<pre class='prettyprint lang-c'><ol class='linenums'><li>1</li><li>2</li></ol></pre>",
         _code("1\n2", "c", "c")),
        (("<table><tr><td>1</td><td><pre>a\nb</pre></td></tr><tr><td>2</td><td><pre>c</pre></td>"
         "</tr></table>"),
         ("<table><tbody><tr><td>1</td><td><pre>a\nb</pre></td></tr><tr><td>2</td><td><pre>c</pre>"
         "</td></tr></tbody></table>")),
        (("<table><tr><td>1</td><td><pre>a</pre></td></tr><tr><td>2</td><td><pre>c</pre></td>"
         "</tr></table>"),
         ("<table><tbody><tr><td>1</td><td><pre>a</pre></td></tr><tr><td>2</td><td><pre>c</pre>"
         "</td></tr></tbody></table>")),
        ("<pre><textarea>a\n b</textarea></pre>", "<pre>a\n b</pre>"),
        (("<pre>a <svg viewBox='0 0 9 9' width='9' height='9'><text>words</text></svg></pre>"),
         ('<pre>a <svg height="9" viewBox="0 0 9 9" width="9"><text>words</text></svg></pre>')),
        # Lines of editors, numbers with a colon, a bar above code.
        (("<div class='ql-code-block-container'><div class='ql-code-block'"
         " data-language='python'>a</div><div class='ql-code-block'><br></div>"
         "<div class='ql-code-block'>  b</div></div>"), _code("a\n\n  b", "python", "python")),
        ("<div class='cm-content'><div class='cm-line'>a</div><div class='cm-line'>  b</div></div>",
         _code("a\n  b", "")),
        ("<div class='cm-content'><p>a</p></div>", "<p>a</p>"),
        (("<pre class='src src-python'><span class='linenr'>1: </span>a\n"
         "<span class='linenr'>2: </span>  b</pre>"), _code("a\n  b", "python", "python")),
        (("<div class='x-code-block'><span><svg width='54' height='14' viewBox='0 0 54 14'><circle"
         " r='6'/></svg></span><span role='button' class='copy-button'><pre></pre><svg"
         " style='width:24px' viewBox='0 0 24 24'><path d='M9 5h1'/></svg></span><pre><code>a"
         "</code></pre></div>"), _code("a", "")),
        (("<div class='x-code-block'><svg width='54' height='140' viewBox='0 0 54 140'><circle"
         " r='6'/></svg><pre><code>a</code></pre></div>"),
         ('<p><svg height="140" viewBox="0 0 54 140" width="54"><circle r="6"/></svg></p>'
          + _code("a", ""))),
        ("<pre class='brush:sql;gutter:false'>a</pre>", _code("a", "sql", "sql")),
        ("<pre class='brush: plain; title: ;'>a</pre>", _code("a", "")),
        (("<div style='font-family:monospace;white-space:pre-wrap'>Dear <a href='https://b.example/'>"
         "B</a>,\nhere</div>"), '<p>Dear <a href="https://b.example/">B</a>,<br/>here</p>'),
        # What looks like a tool or a label, and is text.
        (("<div class='copy'><p>Our copy: buy.</p><pre><code class='language-js'>x</code></pre>"
         "</div>"), f"<p>Our copy: buy.</p>{_code('x', 'js', 'javascript')}"),
        (("<div class='toolbar'><p>Python</p><pre><code class='language-python'>y</code></pre>"
         "</div>"), f"<p>Python</p>{_code('y', 'python', 'python')}"),
        ("<div class='highlight'><span class='label'>Example</span><pre>z</pre></div>",
         f"<p>Example</p>{_code('z', '')}"),
        ("<p>The button <b>Copy</b></p><pre>z</pre>", "<p>The button <b>Copy</b></p><pre>z</pre>"),
        ("<p>In [1]:</p><pre><code class='language-pycon'>&gt;&gt;&gt; 1</code></pre>",
         f"<p>In [1]:</p>{_code('&gt;&gt;&gt; 1', 'pycon', 'pycon')}"),
        ("<pre class='language-js'><div class='code-title'>app.js</div><code>x</code></pre>",
         f"<p>app.js</p>{_code('x', 'js', 'javascript')}"),
        # Languages that Pygments does not know.
        ("<pre><code class='language-Dune'>(a)</code></pre>", _code("(a)", "dune")),
        ("<pre><code class='hljs reasonml2'>(a)</code></pre>", _code("(a)", "reasonml2")),
        ("<pre><code class='language-text'>(a)</code></pre>", _code("(a)", "")),
        ("<pre><code class='language-&quot;&gt;x'>(a)</code></pre>", _code("(a)", "")),
        (f"<pre><code class='language-{'x' * 41}'>(a)</code></pre>", _code("(a)", "")),
        ("<div class='mermaid'>graph TD;\nA[x<br>y]--&gt;B</div>",
         _code("graph TD;\nA[x&lt;br/&gt;y]--&gt;B", "mermaid")),
        ("<div class='mermaid'><svg viewBox='0 0 1 1'><path d='M0 0h1'/></svg></div>",
         '<p><svg viewBox="0 0 1 1"><path d="M0 0h1"/></svg></p>'),
        # What pops up over code.
        (("<pre class='shiki twoslash'><code>const <data-lsp class='twoslash-hover'><span"
         " class='twoslash-popup-container'><code class='twoslash-popup-code'>const hi: string"
         "</code></span>hi</data-lsp> = 1</code></pre>"), _code("const hi = 1", "")),
        ("<ol class='dp-c'><li><span>int a;</span></li><li>&nbsp;&nbsp;b;</li></ol>",
         _code("int a;\n  b;", "")),
    ],
)  # fmt: skip
def test_in_and_around_code(markup: str, expected: str) -> None:
    made = prepared(markup).body
    assert made == f"<div>{expected}</div>"
    assert prepared(made).body == made


@pytest.mark.parametrize(
    "row",
    [
        "<div><ul role='tablist' class='tabs'><li role='tab'>npm</li><li role='tab'>C++</li></ul>",
        (
            "<div class='vp-code-group'><div class='tabs'><input type='radio'><label for='a'>npm"
            "</label><input type='radio'><label for='b'>C++</label></div>"
        ),
        ("<div><div class='tabbed-labels'><label>npm</label><label>C++</label></div>"),
    ],
)
def test_titles_of_tabs_stand_before_their_code(row: str) -> None:
    panels = "<div><div><pre><code>x</code></pre></div><div hidden><pre><code>y</code></pre></div>"
    made = prepared(f"{row}{panels}</div></div>").body
    assert made == (
        "<div><p>npm</p><pre><code>x</code></pre><p>C++</p><pre><code>y</code></pre></div>"
    )
