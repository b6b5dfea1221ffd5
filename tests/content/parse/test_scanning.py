"""The first look: linear in time, and no text is lost in the depths."""

from __future__ import annotations

import resource
import time

import pytest
from entries import prepared
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
    "a<?php x ?>b": "ab",
    "a</ b>c": "ac",
    "a</>b < c <3": "ab < c <3",
    "<style>a</style>b": "b",
    "<script>'</p>'</script>b": "b",
    "<TITLE>a<b></TITLE>c": "c",
    "<textarea>a<b>&amp;</textarea>c": "a&lt;b>&amp;c",
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
}  # fmt: skip


@pytest.mark.parametrize("markup", SCANNED)
def test_scan(markup: str) -> None:
    assert scan(markup) == SCANNED[markup]


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
