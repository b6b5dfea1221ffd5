"""Titles, persons, categories, languages: the fields around the body."""

from __future__ import annotations

import time

import pytest
from entries import prepared

from convert.content.fields import line
from convert.content.text import words
from convert.model import Category, Enclosure, Link, Person
from convert.text.characters import LONGEST

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
    ("The <em> and </em> tags, &amp; more", "text/plain"): "The <em> and </em> tags, &amp; more",
    ("a\n\t b\x00\u2028c", "text"): "a b c",
    ("<script>x</script>", "html"): "",
    ("", "html"): "",
}


@pytest.mark.parametrize(("text", "kind"), LINES)
def test_lines(text: str, kind: str) -> None:
    assert line(text, kind) == LINES[text, kind]


FIELDS = ("title", "rights", "author", "contributor", "category", "enclosure", "link")


def test_titles_and_names_have_a_limit() -> None:
    long = "word " * LONGEST
    made = prepared(
        "x",
        title=f"<b>{long}</b>",
        rights=long,
        authors=(Person(name=long),),
        contributors=(Person(name=long),),
        categories=(Category(term=long),),
        enclosures=(Enclosure(href="https://x.y/a.mp3", title=long),),
        links=(Link(rel="via", href="https://x.y/v", title=long),),
    )
    entry = made.entry
    for text in (entry.title, entry.rights, entry.authors[0].name, entry.contributors[0].name,
                 entry.categories[0].term, entry.enclosures[0].title,
                 entry.links[0].title):  # fmt: skip
        assert text is not None
        assert text.endswith("word …")
        assert len(text) <= LONGEST
    reason = f"cut: {len(long) - 1:,} characters, the limit is {LONGEST:,}"
    assert sorted((each.field, each.reason) for each in made.problems) == sorted(
        (field, reason) for field in FIELDS
    )
    exact = prepared("x", title="x" * LONGEST)
    assert (exact.entry.title, exact.problems) == ("x" * LONGEST, ())


def test_what_nothing_ends_in_a_title_is_named() -> None:
    made = prepared("x", title="Herons <!-- and egrets", title_type="html")
    assert made.entry.title == "Herons"
    assert [each.field for each in made.problems] == ["title"]


def test_further_links_and_faces_lead_to_the_web() -> None:
    made = prepared(
        "x",
        link="https://x.y/p/1",
        links=(
            Link(rel="VIA", href="/seen", type="text/html", hreflang="pt_br"),
            Link(rel="via", href="/seen", type="text/html", hreflang="pt-BR"),
            Link(rel="related", href="javascript:alert(1)"),
            Link(rel='a" onclick="b', href="https://x.y/"),
            Link(rel="https://rels.example/mine", href="https://x.y/m", type="no type"),
            Link(rel="alternate", href="1", type="text/html"),  # the page itself
            Link(rel="Self", href="/feed"),  # what says where a feed is, and goes on
            Link(rel="prev-archive", href="/feed/1"),
            Link(rel="enclosure", href="/talk.mp3"),
        ),
        image="../heron.png",
        authors=(Person(name="Ann", icon="data:text/html,x"), Person(name="Bob", icon="/b.png")),
    )
    assert made.entry.links == (
        Link(rel="via", href="https://x.y/seen", type="text/html", hreflang="pt-BR"),
        Link(rel="https://rels.example/mine", href="https://x.y/m"),
    )
    assert made.entry.image == "https://x.y/heron.png"
    assert [each.icon for each in made.entry.authors] == [None, "https://x.y/b.png"]


TOKENS = ("<b>", "<", "&", "&amp;", "<b>a</b>", "</b>", "<b ", "%20", "a", "<a ", "é", "\u0301",
          "/", ".", "#", "://", "%", "\u202e", "\\(\\a", "$")  # fmt: skip


@pytest.mark.judge
@pytest.mark.parametrize(
    "field", ["title", "summary", "rights", "language", "id", "user", "source"]
)
def test_fields_of_one_sign_take_linear_time(field: str) -> None:
    for token in TOKENS:
        times = []
        for size in (20_000, 160_000):
            start = "https://x.y/" if field in {"link", "base"} else "x"
            text = f"{start}{token * (size // len(token))}y"
            started = time.process_time()
            prepared("x", **{field: text})
            times.append(time.process_time() - started)
        assert times[1] < 0.5 + 16 * times[0], (token, times)


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
