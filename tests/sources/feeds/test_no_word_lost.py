"""No word is lost: those of an entry's own title, summary and content are in what is prepared of
it, or a problem names what was left out."""

from __future__ import annotations

import base64
import contextlib
import html
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from convert.content import PrepareOptions, prepare
from convert.errors import ConvertError
from convert.sources import xml_text
from convert.sources.feeds import xml_feed
from convert.sources.feeds.document import Received

ATOM = "{http://www.w3.org/2005/Atom}"
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
OWN = ("title", "summary", "content", "description")
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
WORD = re.compile(r"[^\W_]{2,}")


def stated(unit: etree._Element) -> set[str]:
    """The words of the own elements of an entry, as lxml alone reads them."""
    words: set[str] = set()
    for element in unit.iterchildren("*"):
        tag = str(element.tag)
        if tag != ENCODED and tag.removeprefix(ATOM).lower() not in OWN:
            continue
        kind = (element.get("type") or ("text" if ATOM in tag else "html")).lower()
        texts = [*map(str, element.itertext())]
        if kind == "application/octet-stream":
            texts = [base64.b64decode("".join(texts)).decode()]
        if not len(element) and "html" in kind and "".join(texts).strip():
            tree = lxml.html.fragment_fromstring("".join(texts).strip(), create_parent="div")
            for unseen in tree.xpath("//script|//style|//template|//noscript|//comment()"):
                unseen.drop_tree()
            texts = [*map(str, tree.itertext())]
        words.update(word for text in texts for word in WORD.findall(html.unescape(text)))
    return words


def lost(content: bytes) -> dict[str, set[str]]:
    """By the id of each entry the words of it that nobody sees and no problem tells of."""
    document = xml_feed.read(Received(name="x.xml", content=content, max_body=10**8))
    text = xml_text.read(content).text
    root = etree.fromstring(text.encode(), etree.XMLParser(recover=True, huge_tree=True))
    units = [
        each
        for each in root.iter("{*}entry", "{*}item")
        if not any("content" in str(above.tag) for above in each.iterancestors())
    ]
    missing = {}
    for unit, entry in zip(units, document.entries, strict=True):
        prepared = prepare(entry, PrepareOptions(max_body=10**8))
        texts = (prepared.entry.title, prepared.entry.summary, prepared.text, prepared.body)
        # A word may stand in several elements.
        seen = "".join("".join(html.unescape(each or "").split()) for each in texts)
        words = {word for word in stated(unit) if word not in seen}
        told = (f"of {entry.id[:80]}" in str(problem) for problem in document.problems)
        if words and not any(told):
            missing[entry.id] = words
    return missing


class Words:
    """Words that occur nowhere else."""

    def __init__(self) -> None:
        self._count = itertools.count(100)

    def __call__(self) -> str:
        return f"word{next(self._count)}end"


TEXTS: dict[str, Callable[[Words], str]] = {
    "": lambda word: f">{word()} &lt;b> {word()}<",
    "text": lambda word: f' type="text">{word()}\n\n{word()} &amp;amp; {word()}<',
    "TEXT/PLAIN": lambda word: f' type="TEXT/PLAIN">{word()}<',
    "html": lambda word: f' type="html">&lt;p>{word()}&lt;p>{word()} &amp;eacute;<',
    "CDATA": lambda word: f' type="text/html; charset=utf-8"><![CDATA[<b>{word()}</b>{word()}]]><',
    "elements": lambda word: f' type="html"><p {XHTML}>{word()}</p>{word()}<p>{word()}</p><',
    "div": lambda word: f' type="xhtml"><div {XHTML} dir="ltr">{word()}<p>{word()}</p></div><',
    "no div": lambda word: f' type="xhtml"><p {XHTML}>{word()}</p><p {XHTML}>{word()}</p><',
    "beside": lambda word: f' type="XHTML">{word()}<b {XHTML}>{word()}</b>{word()}<',
    "body": lambda word: f' type="xhtml"><body {XHTML}><h1>{word()}</h1></body><',
    "escaped": lambda word: f' type="xhtml">&lt;p>{word()}&lt;/p>{word()}<',
    "xhtml+xml": lambda word: f' type="application/xhtml+xml"><div {XHTML}>{word()}</div>{word()}<',
    "XML": lambda word: f' type="application/xml"><x xmlns="urn:x">{word()}<y>{word()}</y></x><',
    "SVG": lambda word: (
        f' type="image/svg+xml"><svg xmlns="http://www.w3.org/2000/svg"><text>{word()}</text></svg><'
    ),
    "base64": lambda word: (
        ' type="application/octet-stream">'
        f"{base64.b64encode(f'<p>{word()}</p>'.encode()).decode()}<"
    ),
    "Markdown": lambda word: f' type="text/markdown"># {word()}\n\n*{word()}*<',
    "other": lambda word: f' type="text/x-own">{word()}<',
}
IN_RSS: dict[str, Callable[[Words], str]] = {
    "": lambda word: f">{word()} &amp; {word()}<",
    "HTML": lambda word: f">&lt;p>{word()}&lt;/p>{word()}<",
    "CDATA": lambda word: f"><![CDATA[{word()}<br>{word()}]]><",
    "elements": lambda word: f"><p>{word()}</p>{word()}<b>{word()}</b><",
}
NOTHING = (
    *("><", " type='html'>&lt;p>&amp;nbsp;&lt;/p><", " type='image/png'>iVBORw0KGgo=<"),
    *(" src='https://a.example/1' type='text/html'><",),
)
FOREIGN = (
    "<media:description>caption</media:description>",
    "<media:title>caption</media:title>",
    "<media:content url='https://a.example/p.jpg'><media:title>caption</media:title></media:content>",
    "<media:group><media:description>caption</media:description></media:group>",
    "<itunes:summary>caption</itunes:summary>",
    "<itunes:subtitle>caption</itunes:subtitle>",
    "<dc:description>caption</dc:description>",
    "<dc:title>caption</dc:title>",
)


@st.composite
def feeds(draw: st.DrawFn) -> str:
    """Feeds with all that the law speaks of, among what it does not."""
    word = Words()
    atom = draw(st.booleans())
    names = (
        ("summary", "content", "content")
        if atom
        else (*("description", "content:encoded", "description"),)
    )
    kinds = TEXTS if atom else IN_RSS
    units = []
    for number in range(draw(st.integers(1, 2))):
        elements = draw(st.lists(st.sampled_from(FOREIGN), max_size=3))
        for name in ("title", *names):
            if draw(st.integers(0, 3)):
                text = kinds[draw(st.sampled_from(sorted(kinds)))](word)
                if name != "title" and not draw(st.integers(0, 5)):
                    text = draw(st.sampled_from(NOTHING[: None if atom else 1]))
                elements.append(f"<{name}{text}/{name}>")
        inside = "".join(draw(st.permutations(elements)))
        name = "id" if atom else "guid"
        units.append(f"<{name}>tag:a.example,2024:{number}</{name}>{inside}")
    if atom:
        entries = "".join(f"<entry>{each}</entry>" for each in units)
        return f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}>{entries}</feed>'
    items = "".join(f"<item>{each}</item>" for each in units)
    return f'<rss version="2.0" {SPACES}><channel>{items}</channel></rss>'


NO_TAGS = (
    '<Foo{0} bar="{1}">', "<foo{0}/>", "<foo{0} {1}>", "<?php echo ${0}->{1} ?>", "<?= {0} ?>",
    "<!ELEMENT {0} ({1})>", "<! {0} >", "</3 {0} {1}", "<{0}>", "</{0}>", "<{0}.h>",
    "<{0}@a.example>",
    "List<{0}, Map<{1}>>", "{0} < {1}", "<{0}-{1}>", "<{0}>{1}</{0}>", "<p>{0} <{1}></{1}></p>",
    "<Foo{0} bar='{1} > 1'/>", "<></>{0}", "<{0}[]>",
)  # fmt: skip
AMONG = (
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<pre>",
    "</pre>",
    "<li>",
    "<br/>",
    "<!-- -->",
    "<code>",
    " ",
)
BUT_TAGS = st.lists(st.sampled_from([*NO_TAGS, *AMONG]), max_size=8)


@given(BUT_TAGS, st.sampled_from(["description", "content:encoded", "title"]))
def test_no_word_in_what_is_no_tag_is_lost(pieces: list[str], name: str) -> None:
    word = Words()
    words = [(word(), word()) for _ in pieces]
    text = "".join(each.format(*two) for each, two in zip(pieces, words, strict=True))
    stated = sorted({each for each in itertools.chain(*words) if each in text})
    feed = (
        f'<rss version="2.0" {SPACES}><channel><item><guid>1</guid>'
        f"<{name}>{html.escape(text)}</{name}></item></channel></rss>"
    )
    document = xml_feed.read(Received(name="x.xml", content=feed.encode(), max_body=10**8))
    prepared = prepare(document.entries[0], PrepareOptions()) if stated else None
    told = " ".join(map(str, prepared.problems)) if prepared else ""
    seen = f"{prepared.entry.title} {prepared.text} {told}" if prepared else ""
    assert [each for each in stated if each not in seen] == [], text


@given(feeds())
def test_no_word_of_an_entry_is_lost(feed: str) -> None:
    assert lost(feed.encode()) == {}


@pytest.mark.corpus
@pytest.mark.slow
def test_no_word_of_the_corpus_is_lost(feeds_corpus: Path) -> None:
    paths = [
        *(path for path in feeds_corpus.glob("thicket.dev/*") if path.suffix != ".opml"),
        *(feeds_corpus / "feedparser").rglob("*.xml"),
    ]
    missing = {}
    for path in paths:
        with contextlib.suppress(ConvertError):
            missing[path.name] = lost(path.read_bytes())
    assert {name: words for name, words in missing.items() if words} == {}
    assert len(missing) > 300
