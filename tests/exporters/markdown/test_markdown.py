"""Markdown: text stays text, nothing acts, nothing is lost; judged after rendering it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from random import Random
from typing import Any

import markdown_judge as judge
import pytest
import yaml
from feed_sets import contents, context, sample, volumes_of
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from convert.content.views import View, element
from convert.contract import ImagePolicy, PlannedOutput, Rendition, RenditionRequest
from convert.entryset import EntrySet
from convert.exporters.markdown.body import Body
from convert.exporters.markdown.escape import as_text
from convert.exporters.markdown.exporter import EXPORTER
from convert.exporters.markdown.front_matter import front_matter
from convert.model import Category, Citation, Content
from convert.testing import entry_set, prepared


def files(
    tmp_path: Path,
    entries: EntrySet,
    *,
    images: Any = None,
    outputs: tuple[PlannedOutput, ...] = (),
    folder: str = "md",
    policy: ImagePolicy = "embed",
    **options: Any,
) -> dict[str, str]:
    made = EXPORTER.export(
        entries,
        context(
            EXPORTER.Options(images=policy, **options), tmp_path, folder, folder, outputs, images
        ),
    )
    return {path: content.decode() for path, content in contents(made).items()}


def body(markup: str, *anchors: str) -> str:
    root = etree.fromstring(f"<div>{markup}</div>")
    return Body(root, frozenset(anchors), lambda svg: "drawing.svg").markdown()


def shown(markup: str) -> str:
    """What a browser shows of the rendered Markdown of a body, as HTML."""
    return str(judge.reader(extended=True).render(body(markup))).strip()


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("<p>foo<em>bar</em>baz</p>", "foo*bar*baz"),
        ("<p>a<em>(b)</em>c</p>", "a<em>(b)</em>c"),
        ("<p>a <strong> b </strong>c</p>", "a **b** c"),
        ("<p><b>a</b><b>b</b></p>", "**a**<strong>b</strong>"),
        ("<p><del>x</del></p>", "~~x~~"),
        ("<p>H<sub>2</sub>O</p>", "H<sub>2</sub>O"),
        ("<p><code>a`b</code><code>c</code></p>", "``a`b``<span></span>`c`"),
        ("<p>a<br/>b<br/></p>", "a\\\nb"),
        ("<h3>A<br/>b #</h3>", "### A<br />b &#35;"),
        (
            '<p><a href="http://x.org/a(b) c" title="q&quot;">t]</a></p>',
            '[t&#93;](http://x.org/a%28b%29%20c "q&#34;")',
        ),
        (
            '<p><a href="http://x.org/?a=1&amp;copy;=2">x</a></p>',
            "[&#120;](http://x.org/?a=1&amp;copy;=2)",
        ),
        ('<p><img src="a.png" alt="x [y]"/></p>', "![x &#91;y&#93;](a.png)"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ('<ol start="3"><li>c</li></ol>', "3. c"),
        (
            '<ol start="5"><li>a</li><li value="9">b</li><li>c</li></ol>',
            "5. a\n\n<div></div>\n\n9. b\n10. c",
        ),
        (
            '<ol reversed="reversed"><li>a</li><li>b</li><li>c</li></ol>',
            "- 3\\. a\n- 2\\. b\n- 1\\. c",
        ),
        ('<ol start="-1"><li>a</li><li><p>b</p><p>c</p></li></ol>', "- -1. a\n\n- 0\\. b\n\n  c"),
        (
            '<ol type="a" start="27"><li>a</li></ol><ul><li>b</li></ul>',
            "- aa. a\n\n<div></div>\n\n- b",
        ),
        ('<ol type="I"><li value="4"><ul><li>a</li></ul></li></ol>', "- IV.\n  - a"),
        ('<ol start="0"><li>a</li></ol>', "0. a"),
        (
            "<ul><li>☐ a</li><li><p>☑ <em>b</em></p></li><li>☐</li></ul>",
            "- [ ] a\n\n- [x] *b*\n\n- ☐",
        ),
        (
            "<ul><li>a</li></ul><dl><dt>b</dt><dd>c</dd></dl>",
            "- a\n\n<div></div>\n\n- **b**\n\n  c",
        ),
        (
            (
                '<aside class="callout-warning"><p class="callout-title"><b>Heads up</b></p>'
                "<p>a</p><p>b</p></aside>"
            ),
            "> [!WARNING]\n> **Heads up**\n>\n> a\n>\n> b",
        ),
        (
            (
                '<aside class="callout-note"><p class="callout-title"><strong>NOTE</strong></p>'
                "<p>a</p></aside><blockquote><p>b</p></blockquote>"
            ),
            "> [!NOTE]\n> a\n\n> b",
        ),
        (
            '<details><summary>*a* <a href="https://x.org/">b</a></summary><p>c</p></details>',
            '<details>\n<summary>&#42;a&#42; <a href="https://x.org/">b</a></summary>\n\nc\n\n</details>',
        ),
        ('<aside class="callout-tip"><ul><li>a</li></ul></aside>', "> [!TIP]\n>\n> - a"),
        (
            (
                '<ul><li>a<aside class="callout-tip"><p class="callout-title"><b>Tip</b></p>'
                "<p>b</p></aside></li></ul>"
            ),
            "- a\n\n  > **Tip**\n  >\n  > b",
        ),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n<div></div>\n\n- b"),
        ("<hr/>", "***"),
        ('<pre><code class="language-mermaid">a</code></pre>', "```mermaid\na\n```"),
        (
            '<pre data-language="javascript"><code class="language-js">a</code></pre>',
            "```js\na\n```",
        ),
        ('<pre data-language="c++"><code>a\n```\n</code></pre>', "````c++\na\n```\n````"),
        ('<p><code class="tex" data-math-style="inline">a_1</code></p>', "$a_1$"),
        ('<p><code class="tex" data-math-style="display">a\n%c\nb</code></p>', "$$a b$$"),
        ('<p><code class="tex" data-math-style="inline">\\$`</code></p>', "`` \\$` ``"),
        ('<h2 id="x">T</h2><p><a href="#x">y</a></p>', '## <a id="x"></a>T\n\n[y](#x)'),
        ("<dl><dt>T</dt><dd>d</dd></dl>", "- **T**\n\n  d"),
        ("<dl><dt></dt><dd><dl><dd><h2>d</h2></dd></dl></dd></dl>", "- - ## d"),
        (
            "<table><tr><th>a</th></tr><tr><td>b|<code>|</code></td></tr></table>",
            "| a |\n| --- |\n| b&#124;<code>&#124;</code> |",
        ),
        (
            '<table><tr><td colspan="2">*<ul><li>x</li></ul></td></tr></table>',
            '<table><tr><td colspan="2">&#42;<ul><li>x</li></ul></td></tr></table>',
        ),
    ],
)
def test_markup(markup: str, markdown: str) -> None:
    assert body(markup) == markdown


def test_blocks_keep_their_place_in_lists_and_quotes() -> None:
    markup = (
        "<blockquote><blockquote><p>x</p></blockquote></blockquote><blockquote><p>y</p>"
        "<pre><code>a\n\n  b</code></pre></blockquote><ul><li><p>c</p>"
        "<pre><code>d\n\ne</code></pre><blockquote><p>f</p></blockquote></li></ul>"
    )
    assert "".join(shown(markup).split()) == (
        "<blockquote><blockquote><p>x</p></blockquote></blockquote><blockquote><p>y</p>"
        "<pre><code>ab</code></pre></blockquote><ul><li><p>c</p><pre><code>de</code></pre>"
        "<blockquote><p>f</p></blockquote></li></ul>"
    )
    assert "<pre><code>a\n\n  b\n</code></pre>" in shown(markup)
    assert "<pre><code>d\n\ne\n</code></pre>" in shown(markup)


NOTES = (
    '<p>a<sup><a role="doc-noteref" id="fnref-1" href="#fn-1">1</a></sup></p>'
    '<section role="doc-endnotes"><ol><li id="fn-1"><p>n1</p><pre><code>x\n\ny</code></pre></li>'
    '<li id="fn-2"><p>nobody refers</p></li></ol></section>'
)


def test_footnotes() -> None:
    text = body(NOTES)
    assert text.startswith("a[^1]\n")
    assert "[^1]: <span></span>n1\n\n    ```\n    x\n\n    y\n    ```" in text
    html = shown(NOTES)
    assert "nobody refers" in html
    assert 'class="footnotes"' in html
    assert "<pre><code>x\n\ny\n</code></pre>" in html


def test_notes_as_a_view_shows_them_lose_their_links_back() -> None:
    text = f"<div>{NOTES}</div>"
    root = element(Content(xhtml=text, text=""), View(notes="endnotes"))
    assert root.findall(".//a[@role='doc-backlink']")
    assert Body(root, frozenset(), lambda svg: "").markdown() == body(NOTES)


def test_a_note_of_one_word_never_becomes_a_links_definition() -> None:
    hostile = NOTES.replace("<p>n1</p>", "<p>javascript:alert(1)</p>")
    assert judge.active(body(hostile)) == []
    assert "alert(1)" in judge.words(body(hostile))


LOOKALIKES = [
    "# no heading",
    "- no list",
    "+ no list",
    "1. no list",
    "1) no list",
    "> no quote",
    "===",
    "---",
    "***",
    "```",
    "~~~",
    "    code",
    "`code`",
    "*a* _a_ **a** __a__ ~~a~~ ==a== ^a^",
    "snake_case_name __init__",
    "<script>alert(1)</script>",
    "<b>bold</b> <!-- x --> <?php ?> &amp; &copy; &#65; AT&T",
    "[a](javascript:alert(1)) ![a](x) [a][b] [a]: javascript:x <javascript:x>",
    "[^1]: no note [^1]",
    "| a | b |",
    "$x$ $$y$$ \\(z\\)",
    "{{< figure src=x >}} {{% x %}} {{ page.title }} {% raw %} {: .class} {#id}",
    "\\*not\\* C:\\dir a\\",
    ": no definition",
    "+++",
    "\u00a0\u2003wide\u200bspaces\u00a0",
    "private \ue000 \U000f002a \U000f0041 \U000f0100 \U0010fffd",
    "#include <stdio.h> #",
    "=let= #set text() @cite",
]


@pytest.mark.parametrize("text", LOOKALIKES)
@pytest.mark.parametrize("tag", ["p", "h2", "li", "td", "em", "a"])
def test_text_that_looks_like_markup_stays_text(text: str, tag: str) -> None:
    root = etree.Element("div")
    holder = root
    around = {
        "li": ("ul", "li"),
        "td": ("table", "tr", "td"),
        "em": ("p", "em"),
        "a": ("p", "a"),
    }.get(tag, (tag,))
    for name in around:
        holder = etree.SubElement(holder, name)
    if tag == "a":
        holder.set("href", "http://example.org/")
    holder.text = text
    markdown = Body(root, frozenset(), lambda svg: "").markdown()
    for extended in (False, True):
        if tag == "td" and not extended:
            continue
        tree = judge.page(markdown, extended=extended).find(".//body")
        assert judge.squeezed("".join(tree.itertext())) == judge.squeezed(text), markdown
        allowed = {"body", "p", "h2", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
        assert {each.tag for each in tree.iter()} <= allowed | {"em", "a", "span"}, markdown
    assert "{{" not in markdown
    assert "{%" not in markdown


@pytest.mark.parametrize(
    "markup",
    [
        "<p><code>{{&lt; x >}} {% y %}</code></p>",
        "<pre><code>{{&lt; x >}}\n\n{% y %} *a*</code></pre>",
        '<p><a href="http://x.org/{{a}}" title="{{t}}">{{b}}</a></p>',
        '<p><img src="http://x.org/{{a}}" alt="{{&lt; c &gt;}}"/></p>',
        '<p><code class="tex" data-math-style="inline">\\frac{{a}}{{b}} {%</code></p>',
        "<details><summary>{{ s }}</summary><p>{{ t }}</p></details>",
        '<table><tr><td rowspan="2">{{ x }}</td></tr><tr><td/></tr></table>',
    ],
)
def test_no_template_engine_finds_its_signs_even_in_code(markup: str) -> None:
    markdown = body(markup)
    assert "{{" not in markdown
    assert "{%" not in markdown
    wanted = "".join(map(str, etree.fromstring(f"<div>{markup}</div>").itertext()))
    if "tex" not in markup:
        shown_text = judge.squeezed("".join(judge.page(markdown).find(".//body").itertext()))
        assert shown_text == judge.squeezed(wanted)


@pytest.mark.parametrize(
    "tex",
    [
        "a<script>alert(1)</script>",
        "x<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "\n\n# x\n\n<script>",
        "`<script>`",
        "\\text{$<b>$}",
        "&lt;script&gt;",
    ],
)
@pytest.mark.parametrize("display", ["inline", "display"])
def test_formulas_never_act(tex: str, display: str) -> None:
    root = etree.fromstring(f'<div><p><code class="tex" data-math-style="{display}"/></p></div>')
    root[0][0].text = tex
    assert judge.active(Body(root, frozenset(), lambda svg: "").markdown()) == []


SIGNS = st.text(
    alphabet=st.sampled_from("ab1 .,\\`*_{}[]()<>#+-=!|~$&;:%^\"'/\n\u00a0é漢\U000f002a\U000f0100"),
    max_size=30,
)


@given(st.lists(st.tuples(st.sampled_from(["", "em", "strong", "code", "del", "a"]), SIGNS)))
@settings(max_examples=150)
def test_any_text_comes_back_as_it_was(parts: list[tuple[str, str]]) -> None:
    root = etree.fromstring("<div><p/></div>")
    paragraph = root[0]
    for tag, text in parts:
        each = etree.SubElement(paragraph, tag or "span")
        each.text = text
        if tag == "a":
            each.set("href", "http://example.org/")
            each.text = text if text.strip() else "x"
    wanted = "".join(map(str, root.itertext()))
    markdown = Body(root, frozenset(), lambda svg: "").markdown()
    tree = judge.page(markdown).find(".//body")
    assert judge.squeezed("".join(tree.itertext())) == judge.squeezed(wanted), markdown
    assert {each.tag for each in tree.iter()} <= {
        "body", "s", "p", "em", "strong", "code", "del", "a", "br", "span",
    }, markdown  # fmt: skip


INLINE = ("em", "strong", "code", "a", "sub", "del", "br", "")
BLOCKS = ("p", "h2", "ul", "ol", "blockquote", "pre", "table", "hr", "dl", "details", "div")
WORDS = (
    "a",
    "*b*",
    "1.",
    "-",
    "#",
    "x_y",
    "<b>",
    "|",
    "`c`",
    "[d](e)",
    "$",
    "{{",
    ">",
    "&amp;",
    "\\",
)


class Tree:
    """A body at random: blocks in blocks, every inline element, words that look like signs."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.root = etree.Element("div")
        self.blocks(self.root, 0)

    def text(self) -> str:
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randint(1, 3)))

    def blocks(self, parent: etree._Element, depth: int) -> None:
        for _ in range(self.random.randint(1, 3)):
            tag = self.random.choice(BLOCKS if depth < 3 else ("p", "pre"))
            each = etree.SubElement(parent, tag)
            if tag in {"p", "h2"}:
                self.inline(each, 0)
            elif tag in {"blockquote", "div"}:
                self.blocks(each, depth + 1)
            elif tag in {"ul", "ol"}:
                for _ in range(self.random.randint(1, 3)):
                    item = etree.SubElement(each, "li")
                    if self.random.random() < 0.5:
                        self.inline(item, 0)
                    if self.random.random() < 0.6:
                        self.blocks(item, depth + 1)
            elif tag == "pre":
                lines = [self.random.choice(["x", "  y", "", "```", "- z"]) for _ in range(3)]
                etree.SubElement(each, "code").text = "\n".join(lines)
            elif tag == "table":
                for _ in range(2):
                    row = etree.SubElement(each, "tr")
                    self.inline(etree.SubElement(row, "td"), 0)
                    cell = etree.SubElement(row, "td")
                    self.blocks(cell, 3) if self.random.random() < 0.2 else self.inline(cell, 0)
            elif tag == "dl":
                self.inline(etree.SubElement(each, "dt"), 0)
                self.blocks(etree.SubElement(each, "dd"), depth + 1)
            elif tag == "details":
                etree.SubElement(each, "summary").text = self.text()
                self.blocks(each, depth + 1)

    def inline(self, parent: etree._Element, depth: int) -> None:
        for _ in range(self.random.randint(1, 3)):
            tag = self.random.choice(INLINE)
            if not tag:
                if len(parent):
                    parent[-1].tail = (parent[-1].tail or "") + self.text()
                else:
                    parent.text = (parent.text or "") + self.text()
                continue
            each = etree.SubElement(parent, tag)
            if tag == "a":
                each.set("href", "http://example.org/")
            if tag in {"a", "code"} or (depth > 1 and tag != "br"):
                each.text = self.text()
            elif tag != "br":
                self.inline(each, depth + 1)


@given(st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_any_body_keeps_its_text(random: Random) -> None:
    root = Tree(random).root
    wanted = judge.squeezed("".join(map(str, root.itertext())))
    markdown = Body(root, frozenset(), lambda svg: "").markdown()
    shown = judge.squeezed("".join(judge.page(markdown).find(".//body").itertext()))
    assert shown == wanted, markdown
    assert judge.active(markdown) == []


@given(SIGNS)
@settings(max_examples=150)
def test_titles_come_back_as_they_were(text: str) -> None:
    html = judge.page(f"# {as_text(text)}\n", extended=False).find(".//h1")
    assert judge.squeezed("".join(html.itertext())) == judge.squeezed(text)


@given(
    st.dictionaries(
        st.from_regex(r"key_[a-z]{1,8}", fullmatch=True),
        st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(bool)
        | st.integers()
        | st.booleans()
        | st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1),
    )
)
def test_front_matter_reads_back_as_it_was(fields: dict[str, Any]) -> None:
    text = front_matter(fields)
    assert text.startswith("---\n")
    assert text.endswith("\n---\n")
    assert (yaml.safe_load(text.removesuffix("---\n")) or {}) == _joined(fields)


def _joined(value: Any) -> Any:
    """A value with the joiners of docs/formats.md, written otherwise than the code does."""
    if isinstance(value, dict):
        return {name: _joined(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_joined(each) for each in value]
    if not isinstance(value, str):
        return value
    joined = ""
    for at, sign in enumerate(value):
        after = value[at + 1 : at + 2]
        joined += sign
        if (
            sign == "{"
            or (
                sign == "<"
                and after
                and not (after.isspace() or after.isdecimal() or after in "<=-")
            )
            or (sign == "]" and after and after in "([:")
            or (sign == "\\" and after.isascii() and after.isalpha())
            or value[max(0, at - 1) : at + 2] in {":::", "~~~", "```"}
        ):
            joined += "\u2060"
    return joined


def test_front_matter_of_an_entry(tmp_path: Path) -> None:
    made = files(tmp_path, sample())
    assert sorted(made) == [
        "md/anil/2024-05-06-answer.md",
        "md/bea/2021-01-01-homeless.md",
        "md/bea/2022-01-01-short.md",
        "md/bea/2023-03-04-question.md",
        "md/index.md",
    ]
    _, head, text = made["md/anil/2024-05-06-answer.md"].split("---\n", 2)
    assert yaml.safe_load(head) == {
        "title": "Answer <\u2060b>&amp;<\u2060/b> “quotes”",
        "date": dt.datetime(2024, 5, 5, 23, 59, 58, tzinfo=dt.UTC),
        "updated": dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC),
        "authors": ["Anil", "Eve"],
        "contributors": ["Carl"],
        "categories": ["OCaml", "C & C"],
        "link": "https://anil.example/answer",
        "id": "https://anil.example/answer",
        "key": "anil/2024-05-06-answer",
        "language": "en-GB",
        "summary": "Short & sweet",
        "rights": "CC BY",
        "source": {
            "id": "https://anil.example/feed",
            "title": "Anil & co",
            "link": "https://anil.example/",
        },
        "enclosures": [
            "https://anil.example/cover.jpg",
            "https://anil.example/a.mp3",
            "https://anil.example/b.pdf",
        ],
        "cites": ["bea/2023-03-04-question"],
    }
    assert text.startswith("\n# Answer &#60;b>&#38;amp;&#60;/b> “quotes”\n\nAn answer to")
    assert "None" not in "".join(made.values())


def test_entries_lead_to_each_other_both_ways(tmp_path: Path) -> None:
    cited = prepared("bea/one", '<div><p id="there">One.</p><p id="not">Two.</p></div>')
    citing = prepared("anil/two", '<div><p><a href="https://bea.example/one#there">1</a></p></div>')
    citation = Citation(
        address="https://bea.example/one#there", key="bea/one", fragment="there", reply=True
    )
    made = files(tmp_path, entry_set([citing, cited], citations={"anil/two": (citation,)}))
    assert "[1](../bea/one.md#there)" in made["md/anil/two.md"]
    assert (
        "## In reply to\n\n- [A title](../bea/one.md) (bea, 6 May 2024)" in made["md/anil/two.md"]
    )
    assert '<a id="there"></a>One.' in made["md/bea/one.md"]
    assert 'id="not"' not in made["md/bea/one.md"]
    assert "## Referenced by\n\n- [A title](../anil/two.md)" in made["md/bea/one.md"]
    assert "- [A title](bea/one.md) (bea, 6 May 2024)" in made["md/index.md"]


def test_lists_name_entries_as_books_do(tmp_path: Path) -> None:
    index = files(tmp_path, sample())["md/index.md"]
    assert "- [Only a summary.](bea/2022-01-01-short.md) (Béa, 1 January 2022)" in index
    assert "(anil/2024-05-06-answer.md) (Anil and Eve, 5 May 2024)" in index
    assert [line for line in index.splitlines() if line.startswith("## ")] == [
        "## 2024",
        "## 2023",
        "## 2022",
        "## 2021",
    ]
    categories = (Category(term="Tides"), Category(term="tides"), Category(term="Uncategorized"))
    one = files(tmp_path, entry_set([prepared("anil/a", "<div/>", categories=categories)]))
    assert 'categories:\n  - "Tides"\nlink:' in one["md/anil/a.md"]


def test_links_lead_to_other_volumes(tmp_path: Path) -> None:
    parts = volumes_of(sample())
    outputs = tuple(
        PlannedOutput(
            exporter="markdown",
            name=f"md-{part.volume.label}",
            path=f"md-{part.volume.label}",
            media_type="text/markdown",
            title="",
            volume=part.volume,
        )
        for part in parts
        if part.volume is not None
    )
    made = files(tmp_path, parts[-1], outputs=outputs, folder="md-2024")
    assert (
        "](../../md-2023/bea/2023-03-04-question.md)" in made["md-2024/anil/2024-05-06-answer.md"]
    )
    whole = dataclasses.replace(sample(), volumes=parts[0].volumes)
    listing = contents(
        EXPORTER.list_volumes(whole, context(EXPORTER.Options(), tmp_path, "md", "md", outputs))
    )
    assert "- [The group, 2023](../md-2023/index.md)\n" in listing["md/index.md"].decode()


class OneImage:
    """The only picture that could be had."""

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """A picture for one reference."""
        if ref != "0" * 24:
            return None
        return Rendition(
            content=b"PNG",
            media_type="image/png",
            suffix=".png",
            width=1,
            height=2,
            digest="ab" * 32,
        )


def test_pictures_are_files_once_or_links(tmp_path: Path) -> None:
    markup = (
        '<div><p><img src="image:{}" alt="A [tree]" data-address="https://x.org/t.png"/></p>'
        '<p><img src="image:{}" alt="gone" data-address="https://x.org/gone.png"/></p></div>'
    ).format("0" * 24, "1" * 24)
    entries = entry_set([prepared("anil/a", markup), prepared("anil/b", markup)])
    made = files(tmp_path, entries, images=OneImage(), heading=False, front_matter=False)
    assert made["md/images/" + "ab" * 12 + ".png"] == "PNG"
    assert made["md/anil/a.md"] == (
        f"\n![A &#91;tree&#93;](../images/{'ab' * 12}.png)\n\n[gone](https://x.org/gone.png)\n"
    )
    linked = files(tmp_path, entries, images=OneImage(), front_matter=False, policy="link")
    assert "![A &#91;tree&#93;](https://x.org/t.png)" in linked["md/anil/a.md"]
    dropped = files(tmp_path, entries, images=OneImage(), front_matter=False, policy="drop")
    assert dropped["md/anil/a.md"] == "# A title\n\nA &#91;tree]\n\ngone\n"


def test_drawings_become_files(tmp_path: Path) -> None:
    markup = '<div><p><svg viewBox="0 0 1 1"><title>A dot</title><circle r="1"/></svg></p></div>'
    made = files(tmp_path, entry_set([prepared("anil/a", markup)]))
    path = next(path for path in made if path.endswith(".svg"))
    assert f"![A dot](../{path.removeprefix('md/')})" in made["md/anil/a.md"]
    root = etree.fromstring(made[path])
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox") == "0 0 1 1"


def test_hostile_fields_never_act(tmp_path: Path) -> None:
    bad = '"><script>alert(1)</script> [x](javascript:alert(1)) {{< x >}}\n---\n# x'
    entry = prepared("anil/x", title=bad, summary=bad, rights=bad, text="")
    made = files(tmp_path, entry_set([entry], title=bad, subtitle=bad))
    for text in made.values():
        assert judge.active(text) == []
    _, head, _ = made["md/anil/x.md"].split("---\n", 2)
    assert yaml.safe_load(head)["title"].replace("\u2060", "") == bad


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    assert files(tmp_path, sample()) == files(tmp_path, sample())
