"""Footnotes: every dialect becomes the one structure, nothing said is lost."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from urllib.parse import unquote

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from marking import draft, inner, marked, said

from convert.content import PrepareOptions, prepare
from convert.content.footnotes import find
from convert.content.views import View, render
from convert.model import Content, StoredEntry
from convert.text.addresses import fragment_of

REFERENCE = '<sup><a role="doc-noteref" id="fnref-1" href="#fn-1">1</a></sup>'
NOTES = '<section role="doc-endnotes"><ol><li id="fn-1"><p>The note.</p></li></ol></section>'
EXPECTED = f"<p>Text{REFERENCE} more.</p>{NOTES}"

DIALECTS = {
    "Goldmark (Hugo)": """<p>Text<sup id="fnref:1"><a href="#fn:1" class="footnote-ref"
        role="doc-noteref">1</a></sup> more.</p><div class="footnotes" role="doc-endnotes"><hr><ol>
        <li id="fn:1"><p>The note.&#160;<a href="#fnref:1" class="footnote-backref"
        role="doc-backlink">&#x21a9;&#xfe0e;</a></p></li></ol></div>""",
    "Pandoc": """<p>Text<a href="#fn1" class="footnote-ref" id="fnref1" role="doc-noteref"><sup>1
        </sup></a> more.</p><section id="footnotes" class="footnotes footnotes-end-of-document"
        role="doc-endnotes"><hr /><ol><li id="fn1"><p>The note.<a href="#fnref1"
        class="footnote-back" role="doc-backlink">↩︎</a></p></li></ol></section>""",
    "kramdown": """<p>Text<sup id="fnref:a" role="doc-noteref"><a href="#fn:a" class="footnote"
        rel="footnote">1</a></sup> more.</p><div class="footnotes" role="doc-endnotes"><ol>
        <li id="fn:a" role="doc-endnote"><p>The note. <a href="#fnref:a" class="reversefootnote"
        role="doc-backlink">&#8617;</a></p></li></ol></div>""",
    "Python-Markdown": """<p>Text<sup id="fnref:a"><a class="footnote-ref" href="#fn:a">1</a></sup>
        more.</p><div class="footnote"><hr /><ol><li id="fn:a"><p>The note.&#160;<a
        class="footnote-backref" href="#fnref:a" title="Jump back">&#8617;</a></p></li></ol></div>
        """,
    "markdown-it": """<p>Text<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup>
        more.</p><hr class="footnotes-sep"><section class="footnotes"><ol class="footnotes-list">
        <li id="fn1" class="footnote-item"><p>The note. <a href="#fnref1"
        class="footnote-backref">↩︎</a></p></li></ol></section>""",
    "remark": """<p>Text<sup id="fnref-1"><a href="#fn-1" class="footnote-ref">1</a></sup>
        more.</p><div class="footnotes"><hr><ol><li id="fn-1">The note.<a href="#fnref-1"
        class="footnote-backref">↩</a></li></ol></div>""",
    "WordPress": """<p>Text<sup data-fn="ab-cd" class="fn"><a href="#ab-cd" id="ab-cd-link">1</a>
        </sup> more.</p><ol class="wp-block-footnotes"><li id="ab-cd">The note. <a
        href="#ab-cd-link" aria-label="Jump to footnote reference 1">↩︎</a></li></ol>""",
    "WP-Footnotes": """<p>Text<sup><a href="#footnote_0_12" id="identifier_0_12"
        class="footnote-link footnote-identifier-link" title="The note.">1</a></sup> more.</p>
        <ol class="footnotes"><li id="footnote_0_12" class="footnote">The note. [<a
        href="#identifier_0_12" class="footnote-link footnote-back-link">&#8617;</a>]</li></ol>""",
    "Easy Footnotes": """<p>Text<span id="easy-footnote-1-9"
        class="easy-footnote-margin-adjust"></span><span class="easy-footnote"><a
        href="#easy-footnote-bottom-1-9" title="The note."><sup>1</sup></a></span> more.</p>
        <ol class="easy-footnotes-wrapper"><li class="easy-footnote-single"><span
        id="easy-footnote-bottom-1-9" class="easy-footnote-margin-adjust"></span>The note.<a
        class="easy-footnote-to-top" href="#easy-footnote-1-9"></a></li></ol>""",
    "footnotes (plug-in)": """<p>Text<span class="footnote_referrer"><a role="button"><sup
        id="footnote_plugin_tooltip_1_1" class="footnote_plugin_tooltip_text">[1]</sup></a><span
        id="footnote_plugin_tooltip_text_1_1" class="footnote_tooltip">The note.</span></span>
        more.</p><div class="footnotes_reference_container"><table class="footnotes_table">
        <tbody><tr class="footnotes_plugin_reference_row"><th scope="row"
        id="footnote_plugin_reference_1_1" class="footnote_plugin_index"><a
        class="footnote_backlink"><span class="footnote_index_arrow">&#8593;</span>1</a></th>
        <td class="footnote_plugin_text">The note.</td></tr></tbody></table></div>""",
    "Modern Footnotes": """<p>Text<sup class="modern-footnotes-footnote" data-mfn="1"><a
        role="button">1</a></sup><span id="mfn-content-1" role="tooltip"
        class="modern-footnotes-footnote__note" data-mfn="1">The note.</span> more.</p>""",
    "Substack": """<p>Text<a class="footnote-anchor" data-component-name="FootnoteAnchorToDOM"
        id="footnote-anchor-1" href="#footnote-1" target="_self">1</a> more.</p><div
        class="footnote" data-component-name="FootnoteToDOM"><a id="footnote-1"
        href="#footnote-anchor-1" class="footnote-number">1</a><div class="footnote-content">
        <p>The note.</p></div></div>""",
    "littlefoot": """<p>Text<sup id="fnref:1"><a href="#fn:1"
        class="footnote littlefoot--print" rel="footnote">1</a></sup><span
        class="littlefoot littlefoot--container"><button class="littlefoot__button">…</button>
        </span> more.</p><div class="footnotes littlefoot--print"><ol><li class="footnote"
        id="fn:1"><p>The note. <a href="#fnref:1">&#8617;</a></p></li></ol></div>""",
    "LessWrong": """<p>Text<span class="footnote-reference" data-footnote-reference=""
        data-footnote-index="1" role="doc-noteref" id="fnrefabc"><sup><a href="#fnabc">[1]</a>
        </sup></span> more.</p><ol class="footnote-section footnotes" data-footnote-section=""
        role="doc-endnotes"><li class="footnote-item" role="doc-endnote" id="fnabc"><span
        class="footnote-back-link"><sup><strong><a href="#fnrefabc">^</a></strong></sup></span>
        <div class="footnote-content"><p>The note.</p></div></li></ol>""",
    "Word": """<p>Text<a href="#_ftn1" name="_ftnref1">[1]</a> more.</p><hr><div><div id="ftn1">
        <p><a href="#_ftnref1" name="_ftn1">[1]</a> The note.</p></div></div>""",
    "Google Docs": """<p>Text<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup> more.</p><hr>
        <div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a> The note.</p></div>""",
    "docutils": """<p>Text<a class="footnote-reference brackets" href="#id2" id="id1"
        role="doc-noteref"><span class="fn-bracket">[</span>1<span class="fn-bracket">]</span></a>
        more.</p><aside class="footnote-list brackets"><aside class="footnote brackets" id="id2"
        role="doc-footnote"><span class="label"><span class="fn-bracket">[</span><a
        role="doc-backlink" href="#id1">1</a><span class="fn-bracket">]</span></span>
        <p>The note.</p></aside></aside>""",
    "docutils, table": """<p>Text<a class="footnote-reference" href="#id2" id="id1">[1]</a>
        more.</p><table class="docutils footnote" id="id2"><tbody><tr><td class="label"><a
        class="fn-backref" href="#id1">[1]</a></td><td>The note.</td></tr></tbody></table>""",
    "docutils, list": """<p>Text<a class="footnote-reference brackets" href="#id2" id="id1">1</a>
        more.</p><dl class="footnote brackets"><dt class="label" id="id2"><span
        class="brackets"><a class="fn-backref" href="#id1">1</a></span></dt><dd><p>The note.</p>
        </dd></dl>""",
    "Org": """<p>Text<sup><a id="fnr.1" class="footref" href="#fn.1" role="doc-backlink">1</a>
        </sup> more.</p><div id="footnotes"><div id="text-footnotes"><div class="footdef"><sup><a
        id="fn.1" class="footnum" href="#fnr.1" role="doc-backlink">1</a></sup> <div
        class="footpara" role="doc-footnote"><p>The note.</p></div></div></div></div>""",
    "Asciidoctor": """<p>Text<sup class="footnote">[<a id="_footnoteref_1" class="footnote"
        href="#_footnotedef_1" title="View footnote.">1</a>]</sup> more.</p><div id="footnotes">
        <hr><div class="footnote" id="_footnotedef_1"><a href="#_footnoteref_1">1</a>. The note.
        </div></div>""",
    "MediaWiki": """<p>Text<sup id="cite_ref-1" class="reference"><a href="#cite_note-1">[1]</a>
        </sup> more.</p><ol class="references"><li id="cite_note-1"><span
        class="mw-cite-backlink"><b><a href="#cite_ref-1">^</a></b></span> The note.</li></ol>""",
    "Daring Fireball": """<p>Text<sup id="fnr1-2020"><a href="#fn1-2020">1</a></sup> more.</p>
        <div class="footnotes"><hr><ol><li id="fn1-2020"><p>The note. <a href="#fnr1-2020"
        class="footnoteBackLink" title="Jump back">↩︎</a></p></li></ol></div>""",
    "Tufte": """<p>Text<label for="sn-1" class="margin-toggle sidenote-number"></label><input
        type="checkbox" id="sn-1" class="margin-toggle"/><span class="sidenote">The note.</span>
        more.</p>""",
    "plain, brackets outside": """<p>Text[<a href="#n1" id="r1">1</a>] more.</p>
        <p>[<a href="#r1" id="n1">1</a>] The note.</p>""",
    "plain, brackets inside": """<p>Text<a href="#n1" name="r1">[1]</a> more.</p><hr>
        <p><a href="#r1" name="n1">[1]</a> The note.</p>""",
    "plain, asterisk": """<p>Text<a href="#foot" id="star">*</a> more.</p>
        <p id="foot">* The note. <a href="#star">back</a></p>""",
    "ids taken away": """<p>Text<sup><a href="https://blog.example/news.xml#fn-0"
        role="doc-noteref" class="fn-label">[1]</a></sup> more.</p><section role="doc-endnotes">
        <ol><li><p>The note.</p><span><a href="https://blog.example/news.xml#ref-1-fn-0"
        role="doc-backlink" class="fn-label">↩︎︎</a></span></li></ol></section>""",
    "ids taken away, by number": """<p>Text<sup><a href="https://blog.example/feed#fn:x"
        class="footnote" rel="footnote">1</a></sup> more.</p><div class="footnotes"><ol><li>
        <p>The note.</p></li></ol></div>""",
    "ids taken away, no list": """<p>Text<a href="https://blog.example/feed#footnote1">[1]</a>
        more.</p><hr/><p><span>[1]</span> The note.</p>""",
    "named anchor": """<p>Text[<a href="https://blog.example/feed.xml#footnote-1">1</a>] more.</p>
        <ol><li><p><a name="footnote-1"> </a> The note.</p></li></ol>""",
}


@pytest.mark.parametrize("markup", DIALECTS.values(), ids=DIALECTS.keys())
def test_dialect(markup: str) -> None:
    found = " ".join(inner(find.mark, markup).split())
    found = found.replace("> <", "><").replace("</p> ", "</p>")
    found = found.replace('<span id="easy-footnote-1-9" class="easy-footnote-margin-adjust"/>', "")
    assert found == EXPECTED


@pytest.mark.parametrize("markup", DIALECTS.values(), ids=DIALECTS.keys())
def test_a_second_pass_changes_nothing(markup: str) -> None:
    tree = marked(find.mark, markup)
    for each in tree.iter():  # as ``sanitise`` will
        each.attrib.pop("class", "")
    once = etree.tostring(tree)
    find.mark(tree, draft())
    assert etree.tostring(tree) == once


PAGE = "https://ann.example/herons"


@pytest.mark.parametrize("markup", DIALECTS.values(), ids=DIALECTS.keys())
def test_shown_elsewhere_links_to_notes_lead_to_what_the_page_calls_them(markup: str) -> None:
    stored = StoredEntry(
        path="p", user="ann", id=PAGE, updated=dt.datetime.now(dt.UTC), link=PAGE, content=markup
    )
    made = prepare(stored, PrepareOptions())
    content = Content(xhtml=made.body, text="", anchors=made.anchors)
    shown = html5lib.parse(render(content, View(page=PAGE, anchors=dict(made.anchors))))
    there = {
        name
        for each in html5lib.parse(markup).iter()
        for name in (each.get("id"), each.get("name"), fragment_of(each.get("href", "")))
        if name
    }
    here = [each.get("id") for each in shown.iter() if each.get("id")]
    led_to = [
        unquote(str(each.get("href")).removeprefix(f"{PAGE}#"))
        for each in shown.iter()
        if str(each.get("href")).startswith(f"{PAGE}#")
    ]
    assert len(led_to) == 2  # there and back
    assert len(set(here)) == len(here)
    assert set(led_to) <= set(here)
    # What the page gives no id has one of ours.
    ours = {"fnref-1", "fn-side-1"}
    assert [each for each in led_to if each not in there | ours] == []


def test_prepared_form_is_kept() -> None:
    body = (
        f"<p>Text{REFERENCE} more{REFERENCE.replace('fnref-1', 'fnref-1-2')}.</p>"
        + NOTES.replace("</ol>", '<li id="fn-2"><p>Alone.</p></li></ol>')
    )
    assert inner(find.mark, body) == body


def test_notes_come_in_the_order_of_first_reference() -> None:
    markup = """<p>A<sup><a href="#fn2" id="fnref2">2</a></sup> B<sup><a href="#fn1"
        id="fnref1">1</a></sup> C<sup><a href="#fn2" id="fnref2a">2</a></sup></p>
        <ol class="footnotes"><li id="fn1">One<sup><a href="#fn3">3</a></sup></li>
        <li id="fn2">Two</li><li id="fn3">Three</li><li id="fn4">Nobody asks</li></ol>"""
    tree = marked(find.mark, markup)
    notes = tree.findall("section/ol/li")
    assert [said(note) for note in notes] == ["Two", "One", "Three", "Nobodyasks"]
    assert [note.get("id") for note in notes] == ["fn-1", "fn-2", "fn-3", "fn-4"]
    references = [a for a in tree.iter("a") if a.get("role") == "doc-noteref"]
    assert [(a.get("id"), a.get("href"), a.text) for a in references] == [
        ("fnref-1", "#fn-1", "1"),
        ("fnref-2", "#fn-2", "2"),
        ("fnref-1-2", "#fn-1", "1"),
        ("fnref-3", "#fn-3", "3"),
    ]


def test_a_note_keeps_its_blocks() -> None:
    markup = """<p>T<sup><a href="#fn1" id="fnref1">1</a></sup></p><div class="footnotes"><ol>
        <li id="fn1"><p>One</p><pre><code>a\n  b</code></pre><ul><li>x</li></ul>
        <p>Two <a href="#fnref1">↩</a></p></li></ol></div>"""
    note = marked(find.mark, markup).find("section/ol/li")
    assert note is not None
    assert [child.tag for child in note] == ["p", "pre", "ul", "p"]
    assert note.findtext("pre/code") == "a\n  b"
    assert note[-1].text == "Two"


def test_links_to_a_note_that_are_no_reference_still_lead_there() -> None:
    markup = """<p>T<sup><a href="#fn1" id="fnref1">1</a></sup>, see <a href="#fn1">the first
        note</a></p><ol class="footnotes"><li id="fn1">One</li></ol>"""
    tree = marked(find.mark, markup)
    assert [a.get("href") for a in tree.iter("a")] == ["#fn-1", "#fn-1"]


def test_a_heading_of_the_notes_goes_with_them() -> None:
    markup = """<p>T<sup><a href="#fn1" id="fnref1">1</a></sup></p><h2>Footnotes</h2>
        <ol class="footnotes"><li id="fn1">One</li></ol><p>After</p>"""
    tree = marked(find.mark, markup)
    assert [child.tag for child in tree] == ["p", "p", "h2", "section"]


def test_an_id_that_only_looks_like_ours_is_moved_aside() -> None:
    markup = """<h2 id="fn-1">Functions</h2><p>T<sup><a href="#x1" class="footnote-ref">1</a></sup>
        </p><ol class="footnotes"><li id="x1">One</li></ol>"""
    tree = marked(find.mark, markup)
    ids = [each.get("id") for each in tree.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert tree.findtext("section/ol/li[@id='fn-1']/p") == "One"


@pytest.mark.parametrize(
    "markup",
    [
        '<p>T<sup><a href="#fn1">1</a></sup></p>',
        '<p>T <a href="https://other.example/p#footnote-anchor-3-1">surprising</a></p>',
        '<ul><li><a href="#s1">1</a></li></ul><h2 id="s1">One</h2><p>x</p>',
        '<p>See <a href="#later">2</a>.</p><p id="later">A paragraph with no way back.</p>',
        '<pre><code><a href="#fn1" id="r1">1</a></code></pre><ol><li id="fn1">o</li></ol>',
        '<p><a href="#n1">1</a></p><p id="n1">5</p>',
    ],
)
def test_what_is_not_sure_stays_a_link(markup: str) -> None:
    tree = marked(find.mark, markup)
    assert tree.find("section") is None
    assert "doc-" not in etree.tostring(tree, encoding="unicode")


def test_notes_that_nobody_refers_to_stay_a_list() -> None:
    found = inner(
        find.mark,
        '<section role="doc-endnotes"><ol><li id="fn1">Text <a href="#fnref1">↩</a></li></ol>'
        "</section>",
    )
    assert found == '<section><ol><li id="fn1">Text </li></ol></section>'


WORDS = st.text(alphabet="abcdefgh é", min_size=1, max_size=12).filter(str.strip)


@given(
    notes=st.lists(WORDS, min_size=1, max_size=6),
    referring=st.lists(st.integers(0, 5), min_size=1, max_size=10),
    words=WORDS,
    keep_ids=st.booleans(),
)
def test_both_directions_and_all_words(
    notes: list[str], referring: list[int], words: str, keep_ids: bool
) -> None:
    asked = [number % len(notes) for number in referring]
    text = "".join(
        f'<p>{words}<sup><a href="https://blog.example/feed#fn:{at}" class="footnote-ref"'
        f"{f' id={chr(34)}fnref:{at}:{count}{chr(34)}' if keep_ids else ''}>{at + 1}</a></sup></p>"
        for count, at in enumerate(asked)
    )
    listed = "".join(
        f"<li{f' id={chr(34)}fn:{at}{chr(34)}' if keep_ids else ''}><p>n{note}n "
        f'<a class="footnote-backref" href="#fnref:{at}">↩</a></p></li>'
        for at, note in enumerate(notes)
    )
    markup = f'{text}<div class="footnotes"><ol>{listed}</ol></div>'
    tree = marked(find.mark, markup)
    entries = tree.findall("section/ol/li")
    assert len(entries) == len(notes)
    by_id = {f"#{entry.get('id')}": "".join(map(str, entry.itertext())) for entry in entries}
    references = [a for a in tree.iter("a") if a.get("role") == "doc-noteref"]
    assert [by_id[str(a.get("href"))] for a in references] == [f"n{notes[at]}n" for at in asked]
    assert len({a.get("id") for a in references}) == len(asked)


PIECES = st.sampled_from(
    [
        '<a href="#fn1" id="fnref1">1</a>',
        '<sup><a href="#n2" id="r2">[2]</a></sup>',
        '<a href="#r2" id="n2">[2]</a>',
        '<li id="fn1">',
        '<ol class="footnotes">',
        '<div class="footnote" id="fn1">',
        '<section role="doc-endnotes">',
        '<span class="sidenote">',
        '<a class="footnote-backref" href="#fnref1">↩</a>',
        '<p id="n2">',
        '<p><a name="fn1"></a>',
        "<br>",
        "<table><tr><td id='fn1'>",
        "<dl><dt id='fn1'>1<dd>",
        "</li>",
        "</ol>",
        "</div>",
        "</span>",
        "</p>",
        "<hr>",
        "<h2>Notes</h2>",
        "alpha ",
        "beta",
        " gamma ",
    ]
)


@settings(max_examples=200)
@given(pieces=st.lists(PIECES, max_size=25))
def test_no_word_is_lost_whatever_the_markup(pieces: list[str]) -> None:
    markup = "".join(pieces)
    before = marked(lambda tree, into: None, markup)
    tree = marked(find.mark, markup)
    assert Counter(said(tree)) == Counter(said(before))


def test_a_heading_in_a_cell_is_no_number_of_a_note() -> None:
    tree = marked(
        find.mark,
        '<p>x<a href="#fn1" id="fnref1">1</a></p>'
        '<table><tr><td><h2>Notes</h2><table><tr><td id="fn1">a</td></tr></table>'
        "</td></tr></table>",
    )
    assert Counter(said(tree)) == Counter("xNotesa")


def test_footnotes_of_markdown_itself() -> None:
    stored = StoredEntry(
        path="a/x.json",
        user="a",
        id="x",
        updated=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        content="Tide[^1] and moon.[^long]\n\n[^1]: Twice a day.\n\n"
        "[^long]: First.\n\n    Second.\n",
        content_type="markdown",
    )
    body = prepare(stored, PrepareOptions()).body
    assert body.count('role="doc-noteref"') == 2
    assert '<li id="fn-1"><p>Twice a day.</p></li>' in body
    assert '<li id="fn-2"><p>First.</p><p>Second.</p></li>' in body
    assert "↩" not in body
