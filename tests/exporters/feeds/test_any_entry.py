"""Whatever an entry links to and brings along, each feed is valid and tells all of it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import atom_rules
import feedparser
import rss_rules
from feed_sets import exported
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convert.content import PrepareOptions, prepare
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.model import Enclosure, Entry, Link, Person, StoredEntry
from convert.sources.feeds import json_feed, xml_feed
from convert.sources.feeds.document import Received
from convert.testing import entry_set
from convert.testing import prepared as bare
from convert.text.addresses import same_address_key, uri

HOSTS = st.sampled_from(["a.example", "bücher.example", "例え.テスト", "A.Example:81", "10.0.0.1"])
PATHS = st.text(st.sampled_from("ab/ é日%20?&=+#'\"|<>[]{}^:;,\\"), max_size=12)
ADDRESSES = st.builds("https://{}/{}".format, HOSTS, PATHS)
ODD = st.sampled_from(["javascript:alert(1)", "data:text/html,x", "", "mailto:a@b.example", "//"])
TYPES = st.sampled_from(
    [None, "text/html", "application/json", "audio/mpeg", "image/png", "video/mp4", "no type"]
)
TITLES = st.none() | st.text(max_size=8)
LINKS = st.builds(
    Link,
    rel=st.sampled_from(["alternate", "related", "via", "license", "replies", "self", "x y"]),
    href=ADDRESSES | ODD,
    type=TYPES,
    hreflang=st.sampled_from([None, "de", "en_US", "?"]),
    title=TITLES,
)
FILES = st.builds(
    Enclosure,
    href=ADDRESSES | ODD,
    type=TYPES,
    length=st.none() | st.integers(-1, 9**12),
    title=TITLES,
    duration=st.none() | st.integers(0, 9000),
)
PEOPLE = st.builds(
    Person, name=st.text(max_size=6), uri=st.none() | ADDRESSES | ODD, icon=ADDRESSES | ODD
)
ENTRIES = st.builds(
    StoredEntry,
    path=st.just("p"),
    user=st.just("ann"),
    id=ADDRESSES | st.sampled_from(["tag:é.example,2024:1", "episode 1", "urn:x:1", "<&>"]),
    updated=st.just(bare("a/1").entry.updated),
    title=st.text(max_size=8),
    link=st.none() | ADDRESSES | ODD,
    content=st.sampled_from(["", "<p>Herons.</p>", "<p id='x y'><a href='#x y'>Up</a></p>"]),
    summary=st.none() | st.text(max_size=8),
    authors=st.lists(PEOPLE, max_size=2).map(tuple),
    links=st.lists(LINKS, max_size=5).map(tuple),
    enclosures=st.lists(FILES, max_size=4).map(tuple),
    image=st.none() | ADDRESSES | ODD,
)


def keys(addresses: object) -> set[str]:
    """The places that these lead to."""
    return {same_address_key(each) for each in addresses if each}  # type: ignore[attr-defined]


def told(entry: Entry) -> tuple[set[str], set[str], set[str], set[str]]:
    """The places that an entry names: its page, its files, its further links and its picture."""
    return (
        keys([entry.link]),
        keys(each.href for each in entry.enclosures),
        keys(each.href for each in entry.links) - keys([entry.link]),
        keys([entry.image]),
    )


@settings(max_examples=30, deadline=None)
@given(ENTRIES)
def test_any_entry(stored: StoredEntry) -> None:
    made = prepare(stored, PrepareOptions())
    # Without a page, a place in the text has no address, and another form would be the page.
    other_form = any(each.rel == "alternate" for each in made.entry.links)
    assume(made.entry.link or not ("href" in made.body or other_form))
    entries = entry_set([made])
    with tempfile.TemporaryDirectory() as folder:
        staging = Path(folder)
        first = exported(atom.EXPORTER, entries, staging, ".atom")["eeg.atom"]
        second = exported(rss.EXPORTER, entries, staging, ".rss")["eeg.rss"]
        third = exported(jsonfeed.EXPORTER, entries, staging, ".json")["eeg.json"]
    assert atom_rules.problems(first) == []
    assert rss_rules.problems(second) == []
    for document in (first, second):
        read = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
        assert not read.bozo
        if made.entry.link:
            assert read.entries[0].link == uri(made.entry.link)
    assert json.loads(third)["items"][0]["id"] == made.entry.id
    for reader, document in ((xml_feed, first), (xml_feed, second), (json_feed, third)):
        received = Received(content=document, name="eeg", max_body=1_000_000)
        (back,) = reader.read(received).entries
        *places, image = told(prepare(back, PrepareOptions()).entry)
        *expected, shown = told(made.entry)
        assert places == expected
        # Of RSS, what stands for an entry is a picture of Media RSS where nothing says so.
        assert image == shown or (not shown and image <= expected[1])
