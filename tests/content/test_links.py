"""Links and ids inside of bodies."""

from __future__ import annotations

import pytest
from entries import LINK, body, prepared

from convert.content.ids import anchor_id

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
    "other scheme": ('<a href="irc://x.y/z">x</a>', "x"),
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


def test_links_are_listed_once_and_in_order() -> None:
    found = prepared(
        '<a href="https://b.c/">x</a><a href="/a">y</a><a href="https://b.c/">z</a>'
        '<a href="mailto:a@b.c">m</a>'
    )
    assert found.links == ("https://b.c/", "https://blog.example/a")


def test_relative_addresses_without_a_base_leave_their_text() -> None:
    assert body('<a href="/a">x</a>', link=None) == "<p>x</p>"
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
