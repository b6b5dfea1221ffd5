"""What has been through a format once goes through it again as it is: nothing grows or shrinks from
round to round."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest
from feed_sets import exported
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convert.content import PrepareOptions, prepare
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.exporters.thicket import entry as store
from convert.model import Category, Enclosure, Link, Person, StoredEntry
from convert.sources.feeds import json_feed, xml_feed
from convert.sources.feeds.document import Received
from convert.sources.thicket import entry as stored_entry
from convert.testing import entry_set
from convert.testing import prepared as bare

FORMATS = {
    ".atom": (atom.EXPORTER, xml_feed),
    ".rss": (rss.EXPORTER, xml_feed),
    ".json": (jsonfeed.EXPORTER, json_feed),
}
BLOCKS = st.sampled_from(
    r"""
<p>Herons.</p>
Loose words
<p>שלום</p>
שלום <b>עולם</b>
<br><br>w
<hr>w
<p dir="rtl">a b</p>
<p lang="he">a</p>
<span lang='fr'>oui</span>
<blockquote>q</blockquote>
<pre>  x&#10;&#10;  y</pre>
<pre><code class="language-python">def f(): pass</code></pre>
<code>&lt;b&gt;</code>
<h1>Title</h1>
<h2 id='x y'>Part</h2><a href='#x y'>up</a>
<ul><li>a<li>b</ul>
<dl><dt>a<dd>b</dl>
<math><mi>x</mi><mo>=</mo><mn>1</mn></math>
<math display='block'><mi>y</mi><annotation encoding='application/x-tex'>y</annotation></math>
\(a^2\)
<p>$$x_1$$</p>
<svg viewBox='0 0 1 1'><path d='M0 0'/></svg>
<img src='p.png' alt='A &lt;b&gt;'>
<figure><img src='q.png'><figcaption>c</figcaption></figure>
<iframe src='https://www.youtube.com/embed/x'></iframe>
<video src='v.mp4'></video>
<table><tr><th>a<td>b</table>
<details><summary>s</summary>t</details>
a &lt;em&gt; b &amp;amp; c
<Foo bar='1'/>
<?php echo 1 ?>
<p>A<a href="#fn-1" id="r-1"><sup>1</sup></a></p><ol><li id="fn-1">b <a href="#r-1">↩</a></li></ol>
<p>A<sup id="r"><a href="#n">2</a></sup></p><div class="footnotes"><ol><li id="n">b</li></ol></div>
""".strip().split("\n")
)
AROUND = st.sampled_from(
    """
{}
<div>{}</div>
<p>{}</p>
<section>{}</section>
<blockquote>{}</blockquote>
<div id="top">{}</div>
<div dir="rtl">{}</div>
<div dir="ltr">{}</div>
<div lang="he">{}</div>
<div dir="rtl" lang="ar"><div>{}</div></div>
<article><div dir="auto">{}</div></article>
""".strip().split("\n")
)
BODIES = st.builds(
    lambda blocks, around: around.replace("{}", "".join(blocks)),
    st.lists(BLOCKS, min_size=1, max_size=4),
    AROUND,
)
WORDS = st.sampled_from(["", "Herons", "<em>Two</em> & three", "&lt;x&gt; y", "שלום", "  a  b "])
FILES = st.builds(
    Enclosure,
    href=st.sampled_from(
        [f"https://a.example/{name}" for name in ("a.mp3", "b.pdf", "c", "d.png")]
    ),
    type=st.sampled_from([None, "audio/mpeg", "application/pdf", "image/png"]),
    length=st.sampled_from([None, 7]),
    title=st.none() | WORDS,
    duration=st.sampled_from([None, 61]),
)
PEOPLE = st.builds(
    Person, name=WORDS, uri=st.sampled_from([None, "https://a.example/"]),
    icon=st.sampled_from([None, "https://a.example/face.png"]),
)  # fmt: skip
CATEGORIES = st.builds(Category, term=WORDS, label=st.none() | WORDS)
LANGUAGES = st.sampled_from([None, "en", "he", "ar"])
ENTRIES = st.builds(
    StoredEntry,
    path=st.just("p"),
    user=st.just("ann"),
    id=st.just("https://a.example/1"),
    updated=st.just(bare("a/1").entry.updated),
    published=st.sampled_from([None, bare("a/1").entry.updated]),
    title=WORDS,
    title_type=st.sampled_from(["text", "html", "text/plain"]),
    link=st.sampled_from([None, "https://a.example/1"]),
    summary=st.none() | WORDS,
    summary_type=st.sampled_from(["text", "html", "text/plain"]),
    content=st.none() | BODIES,
    base=st.just("https://a.example/"),
    authors=st.lists(PEOPLE, max_size=2).map(tuple),
    categories=st.lists(CATEGORIES, max_size=2).map(tuple),
    rights=st.none() | WORDS,
    links=st.lists(
        st.builds(Link, rel=st.sampled_from(["via", "related"]), href=st.just("https://b.example/"),
                  title=st.none() | WORDS), max_size=1).map(tuple),
    enclosures=st.lists(FILES, max_size=3).map(tuple),
    image=st.sampled_from([None, "https://a.example/i.png"]),
    language=LANGUAGES,
)  # fmt: skip


def through(stored: StoredEntry, suffix: str) -> StoredEntry:
    """What is read of an entry that was published in a format."""
    if suffix == "store":
        content = store.file_of(stored)
        return stored_entry.read(
            content, path="p", user="ann", origin="o", max_body=10**6, warn=lambda problem: None
        )
    made = prepare(stored, PrepareOptions())
    # Of what leads nowhere, a summary is all that there is.
    assume(made.entry.link or (made.text and made.entry.full))
    exporter, reader = FORMATS[suffix]
    with tempfile.TemporaryDirectory() as folder:
        content = exported(exporter, entry_set([made]), Path(folder), suffix)[f"eeg{suffix}"]
    (back,) = reader.read(Received(content=content, name="eeg", max_body=10**6)).entries
    assert isinstance(back, StoredEntry)
    return back


def said(stored: StoredEntry) -> list[object]:
    """All that a prepared entry says, but for what follows from what it was read from."""
    made = prepare(stored, PrepareOptions())
    entry = msgspec.structs.replace(made.entry, digest="", path="", origin="", size=0, source=None)
    return [entry, made.body, made.text]


@pytest.mark.parametrize("suffix", [*FORMATS, "store"])
@settings(max_examples=40)
@given(ENTRIES)
def test_one_round_is_enough(suffix: str, stored: StoredEntry) -> None:
    once = through(stored, suffix)
    assert said(through(once, suffix)) == said(once)


@settings(max_examples=15)
@given(ENTRIES, st.permutations([*FORMATS, "store"]))
def test_one_round_through_all_is_enough(stored: StoredEntry, formats: list[str]) -> None:
    for each in formats:
        stored = through(stored, each)
    again = stored
    for each in formats:
        again = through(again, each)
    assert said(again) == said(stored)
