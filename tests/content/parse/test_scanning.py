"""The first look: linear in time, and no text is lost in the depths."""

from __future__ import annotations

import resource
import time

import html5lib
import pytest
from entries import prepared
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from convert.content.draft import MAX_DEPTH
from convert.content.parse.scan import scan

N = 100_000
NESTS = {
    "div, closed": "<div>" * N + "x" + "</div>" * N,
    "div, open": "<div>" * N + "x",
    "span": "<span>" * N + "x" + "</span>" * N,
    "b, each another": "".join(f"<b class={number}>" for number in range(N)) + "x",
    "b around paragraphs": "<b><i><u><s>" * 12 + "<p>x" * 20_000,
    "lists": "<ul><li>" * (N // 2) + "x",
    "terms": "<dl><dd>" * (N // 2) + "x",
    "tables": "<table><tr><td>" * (N // 3) + "x",
    "quotes": "<blockquote><p>" * (N // 2) + "x",
    "links": "<a href=x>" * N + "x",
    "svg": "<svg>" * N + "<p>x",
    "math": "<math><mrow>" * (N // 2) + "</math>x",
    "ruby": "<ruby>x<rt>y" * 20_000,
    "inline and blocks": "<b><div>" * (N // 2) + "x",
    "captions": "<figure>" + "<figcaption>x</figcaption>" * 20_000,
    "attributes": "<p " + " ".join(f"a{number}" for number in range(N)) + ">x",
    "spans of cells": "<table><tr>" + "<td colspan=200 rowspan=9>x" * 20_000,
}


@pytest.mark.judge
@pytest.mark.parametrize("name", NESTS)
def test_nests_take_linear_time_and_lose_no_text(name: str) -> None:
    begun = time.process_time()
    made = prepared(NESTS[name] + "</table></ul></div><p>the tail")
    assert time.process_time() - begun < 5
    assert "x" in made.text
    assert "tail" in made.text.split()[-1]
    deepest = max(
        sum(1 for _ in each.iterancestors()) for each in etree.fromstring(made.body).iter()
    )
    assert deepest < MAX_DEPTH


@pytest.mark.parametrize(
    "start",
    ["<a <", '<a ="', "<a ='", "<a b=c ", "<!--", "<![CDATA[", "<script>", "<", "</", "<!", "<a /",
     "<x ", "<x> <", "<a@b <", "</x <", "<x><style>",
     "<svg><foreignObject>", "<textarea>", "<title>", "&", "<a\n", "<p>&lt;", "<plaintext>"],
)  # fmt: skip
def test_what_never_ends_takes_linear_time(start: str) -> None:
    begun = time.process_time()
    prepared("before " + start * 40_000)
    assert time.process_time() - begun < 5


def test_memory_is_bounded() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    prepared("<div>" * N + "x" + "</div>" * N)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


SCANNED = {
    "a<!-- <b> -->c": "ac",
    "a<!-->b": "ab",
    "a<!--": "a",
    "a<?php $x->y ?>b": "a&lt;?php $x->y ?>b",
    "a<?xml:namespace prefix = o />b<?xml version='1.0'?>c<!DOCTYPE html>d": "abcd",
    "<![if !supportLists]>a<![endif]>b <!ELEMENT c> <!- d -> </3": (
        "ab &lt;!ELEMENT c> &lt;!- d -> &lt;/3"
    ),
    "a</ b>c": "ac",
    "a<></>b < c <3": "a<>&lt;/>b < c <3",
    "<style>a</style>b": "b",
    "<script>'</p>'</script>b": "b",
    "<TITLE>a<b></TITLE>c": "a&lt;b>c",
    "<textarea>a<b>&amp;</textarea>c": "<textarea>a&lt;b>&amp;</textarea>c",
    "<xmp>a<b>&amp;</xmp>c": "<pre>\na&lt;b&gt;&amp;amp;</pre>c",
    "<iframe src='x'>a</iframe>b": '<iframe src="x"></iframe>b',
    "<p a<b=1 c=2>x": '<p c="2">x',
    "<p a='1' A=2>x": "<p a='1' A=2>x",
    "<p xlink:href='#a' xml:lang=fr>x": '<p href="#a" lang="fr">x',
    "<a title='it''s\">'>x": '<a title="it">\'>x',
    "<html lang=fr><head><title>t</title></head><body>x": "<div lang=fr><div>x",
    "<path d=M0>x<svg><path d=M0 /></svg>": "x<svg><path d=M0 /></svg>",
    "<svg><g><p>x</p>": "<svg><g></g></svg><p>x</p>",
    "<svg><title>a</title></svg>": "<svg><title>a</title></svg>",
    "<math><mi><b>x</b></mi></math>": "<math><mi>x</mi></math>",
    "<template><p>x</p></template>y": "y",
    "<script type='math/tex; mode=display'>a < b</script>": (
        '<tex-script type="math/tex; mode=display">a &lt; b</tex-script>'
    ),
    "<foo-bar>x</foo-bar>": "x",
    "<o:p>x</o:p><o:p></o:p><o:smart a='b'>y": (
        'x<x-own data-own="o:smart" data-a="b">y'
    ),
    "<foo>x</foo> <Foo a=b>y<Bar/>": 'x <x-own data-own="foo" data-a="b">y&lt;Bar/>',
    "<p>Use <Foo bar='1'> or <Foo/>": "<p>Use &lt;Foo bar='1'> or &lt;Foo/>",
    "<path d=M0 /> cd <path> <x-y z=1> <x-y>": (
        ' cd &lt;path> <x-own data-own="x-y" data-z="1"> &lt;x-y>'
    ),
    # A program closed what it took for elements.
    "<p>f = <fun>, <fun> <b>x</b></fun> </fun></p>": "<p>f = &lt;fun>, &lt;fun> <b>x</b> </p>",
    "<code>a <hv>b</hv></code> <p><note>c</note></p>": "<code>a &lt;hv>b</code> <p>c</p>",
    # A word follows: somebody's own, but in code, where a bare tag is shown.
    "<p>See <note>Bob</note></p> <li>go to <x>y</x></li>": "<p>See Bob</p> <li>go to y</li>",
    "<p>Type <name> and enter</name></p>": "<p>Type &lt;name> and enter</p>",
    "<pre><note><to>x</to></note> y</pre>": (
        "<pre>&lt;note>&lt;to>x&lt;/to>&lt;/note> y</pre>"
    ),
    "<code><x-y></x-y></code> <pre>a <x-y>b</x-y></pre>": (
        "<code>&lt;x-y>&lt;/x-y></code> <pre>a b</pre>"
    ),
    "<code>a <x-y z='1'>b</x-y></code>": (
        '<code>a <x-own data-own="x-y" data-z="1">b</x-own></code>'
    ),
    # What browsers show of a template, and what stands in code.
    "<x-y><template shadowrootmode=open><p>a</p></template>b</x-y>": "<p>a</p>b",
    "<pre><template><p>a</p></template></pre>": "<pre>&lt;template><p>a</p>&lt;/template&gt;</pre>",
    "<ann@a.example> <https://a.example/?a=b>": "&lt;ann@a.example> &lt;https://a.example/?a=b>",
    "List<String> <b>a</b>": "List&lt;String> <b>a</b>",
    "Map<K, List<V>> std<std::string>": "Map&lt;K, List&lt;V>> std&lt;std::string>",
    "<sys/stat.h> <your name> <x <b>y</b>": "&lt;sys/stat.h> &lt;your name> &lt;x <b>y</b>",
    "the </foo> end <ann@a.example": "the &lt;/foo> end &lt;ann@a.example",
    "if a <b and c> d or (x<p && q>r)": "if a &lt;b and c> d or (x&lt;p && q>r)",
    "<b and c>d</b><hr noshade><td nowrap>": "<b and c>d</b><hr noshade><td nowrap>",
    "cut <a hre": "cut ",
    "a <b and so on": "a &lt;b and so on",
    "the <script> tag": "the &lt;script> tag",
    "the <style> tag <b>x</b>": "the &lt;style> tag <b>x</b>",
    "<frameset><frame src=x><noframes>a <b>c</b></noframes>": (
        '<x-own data-own="frame" data-src="x"></x-own><div>a <b>c</b></div>'
    ),
    "<svg><foo>x</svg>": "<svg>x</svg>",
}  # fmt: skip


@pytest.mark.parametrize("markup", SCANNED)
def test_scan(markup: str) -> None:
    assert scan(markup) == SCANNED[markup]


@pytest.mark.parametrize(
    ("markup", "shown", "what"),
    [
        ("a <!-- words", "a ", "a comment"),
        ("a <script>f(words)", "a ", "<script>"),
        (
            "a <script type=x>f(words)",
            'a <x-own data-own="script" data-type="x"></x-own>',
            "<script>",
        ),
        ("a <style>b {c: d}", "a ", "<style>"),
        ("a <template>words", "a ", "<template>"),
        ("a <iframe src=x>words", 'a <iframe src="x"></iframe>', "<iframe>"),
    ],
)
def test_what_nothing_ends_is_named(markup: str, shown: str, what: str) -> None:
    notes: list[str] = []
    assert scan(markup, notes.append) == shown
    assert notes == [f"{what} that nothing ends; what follows is left out"]
    ended = f"{markup}{'-->' if '--' in markup else f'</{what[1:]}'}"
    assert scan(ended, notes.append) == shown
    assert len(notes) == 1 + (what == "<template>")  # whose words no browser shows


@given(
    st.lists(st.sampled_from(["<", "</", ">", "x", "b", "@", " ", "=", "script", "-", ":", '"']))
)
def test_what_is_text_acts_nowhere(pieces: list[str]) -> None:
    markup = "".join(pieces)
    browser = html5lib.parseFragment(scan(markup), namespaceHTMLElements=False)
    assert {str(each.tag) for each in browser.iter()} <= {"DOCUMENT_FRAGMENT", "b", "x-b"}


def test_what_needs_no_scan_is_left_alone() -> None:
    plain = "<p class=\"a\">x <b>y</b><br/> &amp; <img src='z'></p>"
    assert scan(plain) is plain


def test_formatting_that_says_much_is_opened_again_within_bounds() -> None:
    title = "a" * 30_000
    scanned = scan(f'<p><b title="{title}">x' + "<p>x" * 2_000)
    assert scanned.count(title) == 1
    assert "</b>" in scanned
    assert scanned.count("x") == 2_001


def test_short_words_are_no_books() -> None:
    scanned = scan(f'<p class="{"a " * 3_000}" title="{"b " * 3_000}">x</p>')
    assert "class" not in scanned
    assert "b b b" in scanned


def test_the_words_of_an_attribute_stay_whatever_is_written_between_them() -> None:
    words = "one&amp;two\u00a0" * 3_000
    scanned = scan(f'<img alt="{words}">')
    assert scanned.count("one") == scanned.count("two") == 3_000
    assert scanned.count("&") + scanned.count("\u00a0") == 1_000


def test_elements_of_somebodys_own_beside_each_other_are_words_of_their_own() -> None:
    cards = "<x-card>one</x-card><x-card>two</x-card>"
    assert scan(cards) == "one two"
    assert scan(f"<pre>{cards}</pre>") == "<pre>onetwo</pre>"
    assert scan("<p>un<x-b>til</x-b>ed</p>") == "<p>untiled</p>"
