"""Links and ids inside of bodies."""

from __future__ import annotations

from typing import Any

import pytest
from entries import LINK, body, prepared

from convert.content.ids import anchor_id
from convert.text.addresses import SCHEMES

CASES = {
    "relative": ('<a href="../a b(c)">x</a>', '<a href="https://blog.example/a%20b(c)">x</a>'),
    "encoded space": (
        '<a href="%20https://x.y/">x</a>',
        '<a href="https://x.y/">x</a>',
    ),
    "tracking": (
        '<a href="https://x.y/?utm_source=f&amp;a=1&amp;fbclid=2#z">x</a>',
        '<a href="https://x.y/?a=1#z">x</a>',
    ),
    "mail": (
        '<a href="mailto:a@x.y?subject=b c">x</a>',
        '<a href="mailto:a@x.y?subject=b%20c">x</a>',
    ),
    "inert scheme": ('<a href="IRC://x.y/z#a">x</a>', '<a href="irc://x.y/z#a">x</a>'),
    "number": ('<a href="tel:+49 30 1">x</a>', '<a href="tel:+49301">x</a>'),
    "user of a server": ('<a href="ftp://u:p@x.y/z">x</a>', '<a href="ftp://x.y/z">x</a>'),
    "scheme that acts on a machine": ('<a href="ssh://x.y/z">x</a>', "x (ssh://x.y/z)"),
    "scheme that books must not have": (
        '<a href="gemini://x.y/z">x</a> <a href="magnet:?xt=urn:a">y</a>',
        "x (gemini://x.y/z) y (magnet:?xt=urn:a)",
    ),
    "said already": ('<a href="git://x.y/z.git">x.y/z.git</a>', "x.y/z.git"),
    "unknown scheme": ('<a href="ttp://x.y/z">x</a>', "x (ttp://x.y/z)"),
    "no host": ('<a href="http://x y/">x</a>', "x (http://x y/)"),
    "no port": ('<a href="https://x.y:99999/a">x</a>', "x (https://x.y:99999/a)"),
    "port to fill in": ('<a href="http://host:PORT/a">x</a>', "x (http://host:PORT/a)"),
    "port": ('<a href="https://x.y:50051/a">x</a>', '<a href="https://x.y:50051/a">x</a>'),
    "half an address": ('<a href="https://[::1">x</a>', "x (https://[::1)"),
    "bars": ('<a href="ed2k://|file|x|">x</a>', "x (ed2k://|file|x|)"),
    "page of a browser": ('<a href="about:config">x</a>', "x (about:config)"),
    "empty page": ('<a href="about:blank">x</a>', "x"),
    "host in code": (
        '<code>&lt;a href="http://x y/"&gt;</code>',
        '<code>&lt;a href="http://x y/"&gt;</code>',
    ),
    "name of a work": ('<a href="DOI: 10.1/x">x</a>', '<a href="https://doi.org/10.1/x">x</a>'),
    "name of a book": ('<a href="urn:isbn:1">x</a>', "x (urn:isbn:1)"),
    "address without scheme": (
        '<a href="www.x.y/a?b">x</a>',
        '<a href="https://www.x.y/a?b">x</a>',
    ),
    "address of a feed": ('<a href="feed://x.y/a">x</a>', '<a href="http://x.y/a">x</a>'),
    "no scheme at all": ('<a href="//x.y/z">x</a>', '<a href="https://x.y/z">x</a>'),
    "script": ('<a href=" java\nscript:alert(1)">x</a>', "x"),
    "top": ('<a href="#">x</a> <a href="#top">y</a>', "x y"),
    "dead fragment": ('<a href="#n">x</a>', f'<a href="{LINK}#n">x</a>'),
    "own address": (
        f'<a href="{LINK}/#n">x</a><i id="n">y</i>',
        '<a href="#n">x</a><i id="n">y</i>',
    ),
    "name anchor": (
        '<a name="n n"></a><a href="#n n">x</a>',
        '<span id="n-n"/><a href="#n-n">x</a>',
    ),
    "equal ids": ('<i id="a">x</i><i id="a">y</i>', '<i id="a">x</i><i>y</i>'),
    "percent-encoded fragment": (
        '<i id="é">x</i><a href="#%C3%A9">y</a>',
        f'<i id="{anchor_id("é")}">x</i><a href="#{anchor_id("é")}">y</a>',
    ),
    "cite": (
        '<q cite="javascript:x">x</q><q cite="https://x.y/z?utm_source=a">y</q>',
        '<q>x</q><q cite="https://x.y/z">y</q>',
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_becomes(name: str) -> None:
    markup, expected = CASES[name]
    assert body(f"<p>{markup}</p>") == f"<p>{expected}</p>"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_links_of_inert_schemes_are_prepared_once(scheme: str) -> None:
    address = f"{scheme}:{'//x.example/a' if scheme != 'mailto' else 'ann@x.example'}"
    once = prepared(f'<p><a href="{address}">x</a></p>')
    assert f'href="{address}"' in once.body
    assert prepared(once.body, "xhtml").body == once.body
    assert once.problems == ()


@pytest.mark.parametrize(
    "address", ["javascript:x", "JaVaScript:x", "vbscript:x", "java\nscript:x", "&#106;avascript:x"]
)
def test_addresses_that_act_go(address: str) -> None:
    assert body(f'<p><a href="{address}">x</a></p>') == "<p>x</p>"


@pytest.mark.parametrize("address", ["data:text/html,x", "blob:https://x.y/1", "file:///home/ann"])
def test_addresses_of_nothing_on_the_web_are_named_in_a_warning(address: str) -> None:
    found = prepared(f'<p><a href="{address}">x</a></p>')
    assert found.body == "<div><p>x</p></div>"
    assert [each.reason for each in found.problems] == [
        f"{address!r} cannot be linked to; only the link's text is left"
    ]


OWN_FEEDS = (
    *("https://blog.example/feed.xml", "https://blog.example/feed/", "https://blog.example/rss"),
    *("https://blog.example/tags/a/index.xml", "https://blog.example/feeds/posts/default"),
    *(
        "https://blog.example/comments/feed/atom/",
        "https://blog.example/?feed=rss2",
        "https://blog.example/atom.json",
    ),
)


@pytest.mark.parametrize("feed", OWN_FEEDS)
@pytest.mark.parametrize("known", ["source", "base", "path", ""])
def test_places_in_the_own_feed_are_places_in_the_entry(feed: str, known: str) -> None:
    """By whatever the feed is known; a feed of the same site is one of the entry's, too."""
    fields: dict[str, Any] = {known: feed} if known else {}
    assert body(
        f'<p><a href="{feed}#a">a</a> <a href="{feed}#b">b</a> <a href="{feed}#">c</a>'
        f' <a href="{feed}">d</a></p><h2 id="a">A</h2>',
        **fields,
    ) == (f'<p><a href="#a">a</a> b c <a href="{feed}">d</a></p><h2 id="a">A</h2>')


@pytest.mark.parametrize(
    "address",
    [
        "https://blog.example/2023/other#a",
        "https://other.example/feed.xml#a",
        "https://blog.example/feedback#a",
        "https://blog.example/api/atomic.html#a",
        "https://blog.example/index.html#a",
        "https://blog.example/docs/feed/intro#a",
    ],
)
def test_places_elsewhere_stay(address: str) -> None:
    markup = f'<p><a href="{address}">x</a></p><h2 id="a">A</h2>'
    assert body(markup, source="https://blog.example/feed.xml") == markup


def test_footnotes_are_known_by_links_into_the_own_feed() -> None:
    """Whose links back lead to places that no markup names."""
    feed = "https://blog.example/news.xml"
    assert '<li id="fn-1"><p>Note.</p></li>' in body(
        f'<p>x<sup><a href="{feed}#fn-1" role="doc-noteref">[1]</a></sup></p>'
        f'<section><ol><li id="fn-1"><p>Note. <a href="{feed}#ref-1">↩</a></p></li></ol></section>',
        source=feed,
    )


def test_places_that_a_feed_is_the_base_of_are_those_of_the_page() -> None:
    assert body('<p><a href="#x">a</a></p>', base="https://blog.example/feed.xml") == (
        f'<p><a href="{LINK}#x">a</a></p>'
    )


def test_links_are_listed_once_and_in_order() -> None:
    found = prepared(
        '<a href="https://b.c/">x</a><a href="/a">y</a><a href="https://b.c/">z</a>'
        '<a href="mailto:a@b.c">m</a>'
    )
    assert found.links == ("https://b.c/", "https://blog.example/a")


def test_relative_addresses_without_a_base_leave_their_text() -> None:
    found = prepared('<a href="/a">x</a>', link=None)
    assert found.body == "<div><p>x</p></div>"
    assert "'/a' cannot be linked to" in found.problems[0].reason
    assert body('<a href="a">x</a>', link="urn:x", base="https://q.r/s/t") == (
        '<p><a href="https://q.r/s/a">x</a></p>'
    )


def test_answers_come_from_the_feed_and_the_markup() -> None:
    found = prepared(
        '<a class="u-in-reply-to" href="https://b.c/2">x</a>',
        in_reply_to=("https://b.c/1?utm_source=x", "tag:b.c,2024:3"),
    )
    assert found.answers == ("https://b.c/1", "tag:b.c,2024:3", "https://b.c/2")


@pytest.mark.parametrize("text", ["a", "1", "a b", "日本", "日", " ", "#", "é1"])
def test_any_text_has_a_valid_id(text: str) -> None:
    made = anchor_id(text)
    assert anchor_id(made) == made
    assert made.isascii()
    assert not made[0].isdigit()


def test_ids_that_become_alike_stay_apart() -> None:
    assert body('<p id="a b">x</p><p id="a+b">y</p><p><a href="#a+b">z</a></p>') == (
        '<p id="a-b">x</p><p id="a-b-2">y</p><p><a href="#a-b-2">z</a></p>'
    )
