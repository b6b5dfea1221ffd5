"""Content types: which field is the body and how it is read."""

from __future__ import annotations

import re

import pytest
from entries import OPTIONS, body, prepared, stored

from convert.content import Unpreparable, digest, prepare
from convert.content.draft import PrepareOptions

TEXT = {
    "one\n\ntwo\nthree": "<p>one</p><p>two<br/>three</p>",
    "a <b> & c": "<p>a &lt;b&gt; &amp; c</p>",
    "see https://x.y/a_(b), or http://z.y.": (
        '<p>see <a href="https://x.y/a_(b)">https://x.y/a_(b)</a>, or'
        ' <a href="http://z.y/">http://z.y</a>.</p>'
    ),
    "(see https://x.y/((a)).) (https://x.y/a)": (
        '<p>(see <a href="https://x.y/((a))">https://x.y/((a))</a>.)'
        ' (<a href="https://x.y/a">https://x.y/a</a>)</p>'
    ),
    "x\n\n    let a =\n      1": "<p>x</p><pre>    let a =\n      1</pre>",
    f"{'long ' * 14}\nend": f"<p>{'long ' * 13}long\nend</p>",
}


@pytest.mark.parametrize("text", TEXT)
def test_text_becomes_paragraphs(text: str) -> None:
    assert body(text, "text") == TEXT[text]
    assert body(TEXT[text], "xhtml") == TEXT[text]


def test_html_without_a_tag_is_text() -> None:
    assert body("a &ldquo;b&rdquo;\n\nc &amp; d") == "<p>a “b”</p><p>c &amp; d</p>"


def test_markdown() -> None:
    assert body("# A\n\n*b* `c`\n\n| x |\n|---|\n| y |\n\n<script>z</script>", "markdown") == (
        "<h2>A</h2><p><em>b</em> <code>c</code></p><table><thead><tr><th>x</th></tr></thead>"
        "<tbody><tr><td>y</td></tr></tbody></table>"
    )


@pytest.mark.parametrize(
    "metadata",
    [
        "---\ntitle: X\ntags: [a, b]\n---\n",
        "\ufeff---\r\ntitle: 'X: y'\r\ntags:\r\n  - a\r\n- b\r\n# c\r\n\r\n...\r\n",
        "---\ntitle: X\nkey of words: y\nÜber-Titel: z\n标题: x\n---\n",
        '+++\ntitle = "X"\n[params]\na = 1\n+++\n',
        '{\n"title": "X",\n"tags": ["}"]\n}\n',
    ],
)
def test_metadata_before_markdown_goes(metadata: str) -> None:
    assert body(f"{metadata}\nA *b*.\n\n---\n\nc", "text/markdown") == (
        "<p>A <em>b</em>.</p><hr/><p>c</p>"
    )
    assert "X" in body(metadata, "text")


@pytest.mark.parametrize(
    "text",
    [
        "---\nNote: this is said\n---\nb",
        "---\n\nA rule, a title: and text\n\n---\nb",
        "---\ntitle: x\nand then a line of text\n---\nb",
        "---\ntitle: x\n\nb",
        "+++\ntitle = said\n+++\nb",
        '{"said": 1}\nb',
        '{"title": 1} b',
        "a\n\n---\ntitle: x\n---\nb",
        "{" * 9_000,
    ],
)
def test_what_only_looks_like_metadata_is_text(text: str) -> None:
    known = "".join(re.findall(r"\w", text))
    assert "".join(re.findall(r"\w", prepared(text, "markdown").text)) == known


@pytest.mark.parametrize(
    ("text", "kind", "title"),
    [
        ("> [!WARNING]\n> b", "warning", "Warning"),
        ("> [!tip]- An *own* title\n> b", "tip", "An <em>own</em> title"),
        ("!!! note\n    b", "note", "Note"),
        ('!!! danger "Own title"\n    b', "caution", "Own title"),
        ("??? tip\n    b", "tip", "Tip"),
        (":::note\nb\n:::", "note", "Note"),
        ("::: warning An *own* title\nb\n:::", "warning", "An <em>own</em> title"),
        (":::tip[Own]\nb\n:::", "tip", "Own"),
        ("::: {.callout-important}\nb\n:::", "important", "Important"),
        ('::: {.callout-note title="Own"}\nb\n:::', "note", "Own"),
        (":::{caution} Own\nb\n:::", "caution", "Own"),
    ],
)
def test_boxes_of_markdown_are_callouts(text: str, kind: str, title: str) -> None:
    assert body(f"a\n\n{text}\n\nc", "markdown") == (
        f'<p>a</p><aside class="callout-{kind}"><p class="callout-title"><strong>{title}</strong>'
        "</p><p>b</p></aside><p>c</p>"
    )


def test_what_blogs_add_to_markdown() -> None:
    text = "- [ ] a\n- [x] *b*\n\nT\n: d\n\n:::: spoiler\ns\n::::\n\n$5 *a* or 6$\n\n"
    assert body(text, "markdown") == (
        "<ul><li>☐ a</li><li>☑ <em>b</em></li></ul><dl><dt>T</dt><dd>d</dd></dl>"
        "<p>:::: spoiler\ns\n::::</p><p>$5 <em>a</em> or 6$</p>"
    )


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("## A *b* {#x .y}", '<h2 id="x">A <em>b</em></h2>'),
        ("A {#x}\n---", '<h2 id="x">A</h2>'),
        ("# A {.y}", "<h2>A</h2>"),
        ("# A {: #x }", '<h2 id="x">A</h2>'),
        ("# A {x}", "<h2>A {x}</h2>"),
        ("# A `{#x}`", "<h2>A <code>{#x}</code></h2>"),
        ("# A {#x} b", "<h2>A {#x} b</h2>"),
    ],
)
def test_attributes_of_a_heading_are_no_words(line: str, heading: str) -> None:
    assert body(f"{line}\n\nb {{#x}}", "markdown") == f"{heading}<p>b {{#x}}</p>"


def test_formulas_in_markdown_are_no_markdown() -> None:
    made = body("$a_i + b_i$ and $\\{x*y*z\\}$\n\n$$\na_1 < *b*\n$$\n", "markdown")
    assert re.findall('tex">(.*?)</', made) == ["a_i + b_i", "\\{x*y*z\\}", "a_1 &lt; *b*"]


def test_xhtml_is_read_as_xml() -> None:
    assert body('<p>a<a id="x"/>b<![CDATA[<c>]]></p><pre>\nd</pre>', "xhtml") == (
        '<p>a<span id="x"/>b&lt;c&gt;</p><pre>\nd</pre>'
    )


@pytest.mark.parametrize(
    "markup",
    [
        "&lt;p&gt;a &amp;amp; b&lt;/p&gt;",
        "&amp;lt;p&amp;gt;a &amp;amp;amp; b&amp;lt;/p&amp;gt;",
        "&#60;p&#62;a &#38;amp; b&#60;/p&#62;",
        "<![CDATA[<p>a &amp; b</p>]]>",
    ],
)
def test_markup_that_was_escaped_once_too_often(markup: str) -> None:
    assert body(markup) == "<p>a &amp; b</p>"


def test_text_about_markup_stays_text() -> None:
    assert body("&lt;p&gt; begins a paragraph.") == "<p>&lt;p&gt; begins a paragraph.</p>"
    assert body("<p>&lt;p&gt;a&lt;/p&gt;</p>") == "<p>&lt;p&gt;a&lt;/p&gt;</p>"


def test_an_unknown_type_is_text_and_a_warning() -> None:
    made = prepared("<p>a", "application/x-odd")
    assert made.body == "<div><p>&lt;p&gt;a</p></div>"
    assert [str(problem) for problem in made.problems] == [
        (
            "ann/entry.json: content_type: 'application/x-odd' is not known; read as plain text"
            " (known are text, html, xhtml, markdown)"
        )
    ]


def test_a_summary_stands_in_for_the_content() -> None:
    made = prepared(" ", summary="<p>In <b>short</b></p>")
    assert made.body == "<div><p>In <b>short</b></p></div>"
    assert (made.entry.full, made.entry.summary) == (False, "In short")
    both = prepared("<p>all</p>", summary="short", summary_type="text")
    assert (both.entry.full, both.entry.summary, both.text) == (True, "short", "all")


def test_neither_content_nor_summary() -> None:
    made = prepared(None)
    assert (made.body, made.text, made.entry.full, made.entry.summary) == (
        "<div/>",
        "",
        False,
        None,
    )


def test_the_limit_of_a_body() -> None:
    with pytest.raises(Unpreparable, match=r"9 characters, the limit is 8; .*--max-body"):
        prepare(stored("123456789"), PrepareOptions(max_body=8))


def test_digests_tell_apart_what_shapes_an_entry() -> None:
    one = stored("<p>a")
    assert digest(one, OPTIONS) == digest(stored("<p>a", stored=b"{}"), OPTIONS)
    different = {
        digest(one, OPTIONS),
        digest(stored("<p>b"), OPTIONS),
        digest(stored("<p>a", title="t"), OPTIONS),
        digest(stored("<p>\ud800"), OPTIONS),
        digest(one, PrepareOptions(dollar_math="always")),
        digest(one, OPTIONS, "what a caller adds"),
    }
    assert len(different) == 6
    assert prepare(one, OPTIONS).entry.digest == digest(one, OPTIONS)
    assert prepare(one, OPTIONS, "more").entry.digest == digest(one, OPTIONS, "more")
