"""Arbitrary strings, nests of markup, mutated entries: never an exception, nothing lost."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
from browsing import body_words, faults, holds, twice, words
from entries import planet, stored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from convert.content import PrepareOptions, prepare
from convert.content.draft import MAX_DEPTH
from convert.content.vocabulary import names

pytestmark = pytest.mark.filterwarnings("ignore")
QUICK = settings(max_examples=150, suppress_health_check=list(HealthCheck), derandomize=True)

TAGS = sorted(
    names(
        "p div a b i ul ol li table tr td th dl dt dd blockquote pre code h1 h2 h3 figure"
        " figcaption details summary span br ruby rt rp caption thead tbody section aside sup q"
        " time del bdo center font tt svg path math mi mfrac mtext iframe noscript header label"
        " tfoot"
    )
)
ATTRIBUTES = (
    "",
    ' id="x"',
    ' id="a b"',
    ' class="align-center"',
    ' href="#x"',
    ' href="/a (b)"',
    ' align="center"',
    ' style="font-weight:bold;direction:rtl"',
    ' colspan="3" rowspan="2"',
    ' lang="fr" dir="rtl"',
    ' name="n"',
    ' class="alert alert-info"',
    ' class="note"',
    ' class="callout-title"',
    ' data-callout="tip" aria-label="Tip"',
    ' role="presentation"',
    ' role="heading" aria-level="2"',
    ' data-checked="true"',
    ' start="-2" reversed value="4" type="a"',
)
TEXT = st.sampled_from(
    [
        "a",
        " ",
        "[!NOTE] ",
        "<input type=checkbox>",
        "\n",
        "b c",
        "é",
        "日本",
        "&lt;p&gt;",
        "&amp;",
        "\n\n",
    ]
)


def _written(tag: str, attribute: str, inner: list[str], end: str) -> str:
    return f"<{tag}{attribute}>{''.join(inner)}{end or f'</{tag}>'}"


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, attribute, inner, end: (
            f"<{tag}{attribute}>{''.join(inner)}{end or f'</{tag}>'}"
        ),
        st.sampled_from(TAGS),
        st.sampled_from(ATTRIBUTES),
        st.lists(children, max_size=3),
        st.sampled_from(["", "", "", "", "<!-- -->", "</p>", "</b>"]),
    )


MARKUP = st.lists(st.recursive(TEXT, _element, max_leaves=12), max_size=4).map("".join)


@given(st.text(), st.sampled_from(["html", "xhtml", "markdown", "text", "x"]))
@QUICK
def test_any_text_of_any_type(content: str, kind: str) -> None:
    once, again = twice(content, kind, title=content)
    assert etree.fromstring(once).tag == "div"
    assert faults(once) == []
    assert again == once


@given(MARKUP)
@QUICK
def test_nested_markup(content: str) -> None:
    once, again = twice(content)
    assert faults(once) == []
    assert again == once
    assert (
        max(len(list(each.iterancestors())) for each in etree.fromstring(once).iter()) < MAX_DEPTH
    )


@given(MARKUP)
@QUICK
def test_no_text_is_lost(content: str) -> None:
    for foreign in ("iframe", "svg", "math", "code", "sup"):  # these may add or take text
        content = content.replace(f"<{foreign}", "<nav").replace(f"</{foreign}", "</nav")
    content = content.replace("[!NOTE]", "Note")  # becomes a title
    made, _ = twice(f"<p>.</p>{content}")
    assert holds(body_words(made), words(f"<p>.</p>{content}"))


@given(st.text(alphabet=st.characters(blacklist_categories=())))
@QUICK
def test_fields_take_any_text(text: str) -> None:
    made = prepare(
        stored(text, title=text, title_type="html", link=text, summary=text, rights=text),
        PrepareOptions(),
    )
    for value in (made.entry.title, made.entry.summary or "", made.entry.rights or "", made.text):
        etree.fromstring(f"<a>{value.replace('&', '').replace('<', '').replace('>', '')}</a>")
    assert made.entry.link is None or made.entry.link.startswith("http")


@pytest.mark.corpus
def test_mutated_entries(planet_a: Path) -> None:
    chance = random.Random(7)
    entries = planet(planet_a)
    for entry in chance.sample(entries, 60):
        text = entry.content or entry.summary or ""
        for _ in range(3):
            at, to = sorted(chance.randrange(len(text) + 1) for _ in range(2))
            text = chance.choice(
                (text[:at] + text[to:], text[at:] + text[:at], text[:to] + text[at:])
            )
            text = text[:40_000]
        once, again = twice(text, link=entry.link, title=entry.title)
        assert faults(once) == []
        assert again == once, entry.path


def test_preparing_depends_on_nothing_but_the_entry() -> None:
    entry = stored("<p>x", updated=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert prepare(entry, PrepareOptions()) == prepare(entry, PrepareOptions())
