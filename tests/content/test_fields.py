"""Titles, persons, categories, languages: the fields around the body."""

from __future__ import annotations

import pytest
from entries import prepared

from convert.content.fields import line
from convert.content.text import words
from convert.model import Category, Person

LINES = {
    ("x &amp; <br>y", "text/html; charset=utf-8"): "x & y",
    ("x &amp; <br>y", "text"): "x & <br>y",
    ("a <b", "text"): "a <b",
    ("List<T> and Map<K, V>", "text"): "List<T> and Map<K, V>",
    ("OCaml &lt; 4.14 &amp; Fedora", "text"): "OCaml < 4.14 & Fedora",
    ("AT&T & R&D", "text"): "AT&T & R&D",
    ("<em>Hello</em>  <code>x</code>", "text"): "Hello x",
    ("Using the <b> tag", "text"): "Using the <b> tag",
    ("<b>Hello</b> &lt;i&gt;", "html"): "Hello <i>",
    ("Hello &amp;amp; bye", "html"): "Hello &amp; bye",
    ("a\n\t b\x00\u2028c", "text"): "a b c",
    ("<script>x</script>", "html"): "",
    ("", "html"): "",
}


@pytest.mark.parametrize(("text", "kind"), LINES)
def test_lines(text: str, kind: str) -> None:
    assert line(text, kind) == LINES[text, kind]


def test_persons_have_a_name_and_a_web_address() -> None:
    made = prepared(
        "x",
        authors=(
            Person(name=" Ann\n Lee ", uri="/about", email="mailto:ann@x.y"),
            Person(name="", email="bob@x.y"),
            Person(name="", uri="https://x.y/"),
            Person(name=" Ann\n Lee ", uri="/about", email="mailto:ann@x.y"),
            Person(name=""),
        ),
    )
    assert made.entry.authors == (
        Person(name="Ann Lee", uri="https://blog.example/about", email="ann@x.y"),
        Person(name="bob", email="bob@x.y"),
        Person(name="x.y", uri="https://x.y/"),
    )


def test_categories_are_folded_and_unique() -> None:
    made = prepared(
        "x",
        categories=(
            Category(term=" O\nCaml", scheme="https://x.y/s", label="&amp;"),
            Category(term="O Caml", scheme="https://x.y/s", label="&"),
            Category(term=""),
        ),
    )
    assert made.entry.categories == (Category(term="O Caml", scheme="https://x.y/s", label="&"),)


def test_language_comes_from_the_feed_else_from_the_markup_around_it_all() -> None:
    assert prepared("x", language="fr").entry.language == "fr"
    assert prepared('<div lang="fr"><p>a</p><p>b</p></div>').entry.language == "fr"
    assert prepared('<div lang="fr"><p>a</p></div>', language="de").entry.language == "de"
    assert prepared('<p lang="fr">a</p><p>b</p>').entry.language is None
    assert prepared("x", language="nonsense").entry.language is None


def test_direction_comes_from_the_markup_else_from_the_letters() -> None:
    assert prepared("hello").entry.direction == "ltr"
    assert prepared("שלום עולם hello").entry.direction == "rtl"
    assert prepared('<div dir="rtl"><p>hello</p></div>').entry.direction == "rtl"
    assert prepared("<p>123</p>", language="ar").entry.direction == "rtl"
    assert prepared("", title="مرحبا").entry.direction == "rtl"


def test_language_and_direction_of_parts_stay() -> None:
    assert prepared('<p lang="he" dir="RTL">a</p><p lang="zz" dir="up">b</p>').body == (
        '<div><p lang="he" dir="rtl">a</p><p>b</p></div>'
    )


def test_measures() -> None:
    made = prepared("<p>Two words</p><pre>a\n b</pre><table><tr><td>c<td>d</table>")
    assert made.text == "Two words\na\nb\nc d"
    assert made.entry.words == 6
    assert made.entry.size == len(made.body.encode())
    assert words("日本語です ok") == 4
