"""What a title, a name or a summary says as text is read back as that text from every feed."""

from __future__ import annotations

import dataclasses
import html
import tempfile
from pathlib import Path
from typing import Any

import feedparser
import lxml.html
import pytest
from feed_sets import exported
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from convert.content import PrepareOptions, prepare
from convert.content.fields import LITERAL, line
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.model import Category, Enclosure, Feed, Link, Person, Prepared, StoredEntry
from convert.sources import clean
from convert.sources.feeds import json_feed, xml_feed
from convert.sources.feeds.document import Document, Received
from convert.testing import entry_set
from convert.testing import prepared as bare

FORMATS: dict[str, tuple[Any, Any]] = {
    ".atom": (atom.EXPORTER, xml_feed),
    ".rss": (rss.EXPORTER, xml_feed),
    ".json": (jsonfeed.EXPORTER, json_feed),
}
TEXTS = (
    "The <em> tag",
    "<em>Whole</em> and <b>bold</b>",
    "Use &amp; in HTML",
    "AT&T, &copy and &copy; 2024",
    "a < b",
    "a <b and c> d",
    "<script>alert(1)</script> considered harmful",
    "List<String> and <Foo bar='1'/>",
    "<!-- more --> <?php echo 1 ?> <![CDATA[x]]> ]]>",
    "&lt;p&gt; &#38; &amp;amp;",
    "<p>One<br>two</p><img src='https://a.example/p.png' alt='three'>",
    "x &",
    "</3",
)
PIECES = st.sampled_from([
    *" aé\"'<>&;/-#!?[]=$\\", "&amp;", "&lt;", "&#60;", "&nbsp", "amp;", "<b>", "</b>", "<i ",
    "<br/>", "<script>", "<!--", "-->", "<?", "?>", "<x:y>", "</", "<title>", "<svg>", "\\(", "w ",
])  # fmt: skip
SAID = (
    st.lists(PIECES, min_size=1, max_size=9).map("".join).filter(lambda text: line(text, LITERAL))
)


def made(text: str) -> Prepared:
    """An entry all of whose texts are this one."""
    literal = clean.literal(text) or ""
    one = StoredEntry(
        path="p",
        user="ann",
        id="urn:x:1",
        updated=bare("a/1").entry.updated,
        title=text,
        title_type=LITERAL,
        link="https://a.example/1",
        summary=text,
        summary_type=LITERAL,
        content="<p>Herons.</p>",
        authors=(Person(name=f"Ann {literal}."),),
        contributors=(Person(name=f"Bob {literal}."),),
        categories=(Category(term=literal, label=f"{literal}."),),
        rights=literal,
        source="urn:x:feed",
        enclosures=(
            Enclosure(href="https://a.example/a.mp3", type="audio/mpeg", title=literal),
            Enclosure(href="https://a.example/b.png", type="image/png", title=literal),
            Enclosure(href="https://a.example/c.pdf", type="application/pdf", title=literal),
        ),
        links=(Link(rel="via", href="https://b.example/", title=literal),),
    )
    return prepare(one, PrepareOptions())


def published(text: str, suffix: str) -> tuple[Prepared, bytes]:
    """An entry all of whose texts are this one, and a feed of it that is called so, too."""
    entry = made(text)
    said = line(text, LITERAL)
    feed = Feed(
        id="urn:x:feed", title=said, subtitle=said, rights=said, address="https://f.example/"
    )
    entries = dataclasses.replace(
        entry_set([entry]), title=said, subtitle=said, rights=said, feeds={feed.id: feed}
    )
    with tempfile.TemporaryDirectory() as folder:
        files = exported(FORMATS[suffix][0], entries, Path(folder), suffix)
        return entry, files[f"eeg{suffix}"]


def read(content: bytes, suffix: str) -> Document:
    received = Received(content=content, name="eeg", max_body=1_000_000)
    document: Document = FORMATS[suffix][1].read(received)
    return document


@pytest.mark.parametrize("suffix", FORMATS)
@settings(max_examples=25)
@given(SAID)
def test_what_is_said_comes_back(suffix: str, text: str) -> None:
    require_it_comes_back(text, suffix)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("text", TEXTS)
def test_what_looks_like_markup_comes_back(suffix: str, text: str) -> None:
    require_it_comes_back(text, suffix)


def require_it_comes_back(text: str, suffix: str) -> None:
    said = line(text, LITERAL)
    entry, content = published(text, suffix)
    document = read(content, suffix)
    back = prepare(document.entries[0], PrepareOptions()).entry
    first = entry.entry
    assert (first.title, first.summary, first.rights) == (said, said, said)
    assert (back.title, back.summary, back.rights) == (said, said, said)
    assert [each.name for each in back.authors] == [each.name for each in first.authors]
    assert [each.name for each in back.contributors] == [each.name for each in first.contributors]
    labels = suffix != ".rss"
    assert [(each.term, each.label) for each in back.categories] == [
        (said, each.label if labels else None) for each in first.categories
    ]
    titles = {each.href: each.title for each in back.enclosures}
    if not labels:
        titles["https://a.example/a.mp3"] = said  # RSS has no place for it
    assert set(titles.values()) == {said}
    assert [each.title for each in back.links] == [said]
    (feed,) = document.sources.values()
    assert (document.feed.title, feed.title) == (said, said)
    if suffix != ".json":
        assert document.feed.subtitle == said


@pytest.mark.parametrize("text", TEXTS)
def test_readers_that_take_a_title_of_rss_for_html_find_it(text: str) -> None:
    """So do FreshRSS, Miniflux, NetNewsWire; feedparser where it looks like that."""
    _, content = published(text, ".rss")
    root = etree.fromstring(content)
    title = root.findtext("channel/item/title") or ""
    shown = lxml.html.fragment_fromstring(title, create_parent=True).text_content()
    assert shown == line(text, LITERAL)
    # feedparser takes the title of a picture for that of the item.
    for picture in root.iterfind("channel/item/{*}content"):
        picture.clear()
    judged = feedparser.parse(etree.tostring(root)).entries[0].title_detail
    shown = html.unescape(judged.value) if judged.type == "text/html" else judged.value
    assert shown == line(text, LITERAL)
