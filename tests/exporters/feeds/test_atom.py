"""Atom: valid by the RFC's grammar and rules, and read back by an independent reader."""

from __future__ import annotations

import dataclasses
import html
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atom_rules
import feedparser
import msgspec
import pytest
from atom_rules import ATOM, HISTORY, THREAD
from feed_sets import (
    ANIL_FEED,
    NOW,
    contents,
    context,
    exported,
    sample,
    sample_entries,
    volumes_of,
)
from lxml import etree

from convert.contract import PlannedOutput
from convert.exporters.feeds import jsonfeed, rss
from convert.exporters.feeds.atom import EXPORTER
from convert.model import Category, Citation, Feed
from convert.testing import entry_set, prepared

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def atom(tmp_path: Path, entries: Any = None, **options: Any) -> dict[str, bytes]:
    return exported(
        EXPORTER, sample() if entries is None else entries, tmp_path, ".atom", **options
    )


def one(tmp_path: Path, entries: Any = None, **options: Any) -> etree._Element:
    return etree.fromstring(atom(tmp_path, entries, **options)["eeg.atom"])


def links(holder: etree._Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in holder.findall(f"{ATOM}link"):
        found.setdefault(str(link.get("rel")), []).append(str(link.get("href")))
    return found


EVERYTHING = {
    "base_url": "https://planet.example/feeds",
    "hub": "https://hub.example/",
    "icon": "https://planet.example/i.png",
    "logo": "https://planet.example/l.png",
    "each": ("author", "category"),
    "page_size": 2,
    "language": "en-GB",
}


@pytest.mark.parametrize(
    "options",
    [{}, EVERYTHING, {"content": "summary"}, {"generator": False, "images": "drop"}],
    ids=["plain", "everything", "summary", "bare"],
)
def test_every_document_is_valid(tmp_path: Path, options: dict[str, Any]) -> None:
    files = atom(tmp_path, **options)
    assert len(files) == (7 if options is EVERYTHING else 1)
    assert {path: atom_rules.problems(document) for path, document in files.items()} == {
        path: [] for path in files
    }


def test_an_empty_set_is_a_valid_feed_of_now(tmp_path: Path) -> None:
    files = atom(tmp_path, entry_set([]))
    assert atom_rules.problems(files["eeg.atom"]) == []
    root = etree.fromstring(files["eeg.atom"])
    assert root.findtext(f"{ATOM}updated") == NOW.isoformat()


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("extent", ["full", "summary"])
def test_an_entry_that_says_nothing_is_valid(tmp_path: Path, full: bool, extent: str) -> None:
    bare = prepared("a/1", "<div/>", title="", link=None, published=None, full=full)
    document = atom(tmp_path, entry_set([bare]), content=extent)["eeg.atom"]
    assert atom_rules.problems(document) == []


def _without(path: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        for each in root.findall(path):
            above = each.getparent()
            assert above is not None
            above.remove(each)

    return change


def _text(path: str, text: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        for each in root.findall(path):
            each.text = text

    return change


def _twice(path: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        each = root.find(path)
        above = each.getparent() if each is not None else None
        assert each is not None
        assert above is not None
        above.append(etree.fromstring(etree.tostring(each)))

    return change


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        (_without(f"{ATOM}id"), "appendix B"),
        (_without(f"{ATOM}title"), "appendix B"),
        (_without(f"{ATOM}entry/{ATOM}updated"), "appendix B"),
        (_twice(f"{ATOM}entry/{ATOM}title"), "appendix B"),
        (_text(f"{ATOM}updated", "6 May 2024"), "appendix B"),
        (_text(f"{ATOM}updated", "2024-05-06T07:08:09"), "3.3"),
        (_text(f"{ATOM}entry/{ATOM}id", "bea 1"), "4.2.6"),
        (_text(f"{ATOM}entry/{ATOM}author/{ATOM}email", "nobody"), "appendix B"),
        (_without(f"{ATOM}entry/{ATOM}author"), "4.1.2"),
        (_twice(f"{ATOM}entry"), "4.1.1"),
        (_twice(f"{ATOM}entry/{ATOM}link"), "4.1.1"),
        (_without(f"{ATOM}entry/{ATOM}source/{ATOM}updated"), "4.2.11"),
        (
            lambda root: [
                _without(f"{ATOM}entry/{ATOM}{name}")(root) for name in ("link", "content")
            ],
            "4.1.2",
        ),
        (
            lambda root: (
                _text(f"{ATOM}entry/{ATOM}content", "<a href='x'>x</a>")(root)
                or [
                    body.attrib.clear() or body.set("type", "html")
                    for body in root.iter(f"{ATOM}content")
                ]
            ),
            "2",
        ),
    ],
)
def test_wrong_feeds_fail(
    tmp_path: Path, change: Callable[[etree._Element], object], clause: str
) -> None:
    root = one(tmp_path)
    change(root)
    found = atom_rules.problems(etree.tostring(root))
    assert any(problem.startswith(f"{clause}:") for problem in found), found


def test_an_independent_reader_gets_back_what_the_entries_say(tmp_path: Path) -> None:
    text = atom(tmp_path)["eeg.atom"]
    feed = feedparser.parse(text, sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert (feed.feed.title, feed.feed.subtitle) == ("The group", "All of us")
    assert feed.feed.rights == "Each author's own"
    assert feed.feed.language == "en"
    for read, made in zip(feed.entries, [each.entry for each in sample_entries()], strict=True):
        assert read.title == made.title
        assert read.updated == made.updated.isoformat()
        assert read.get("published") == (made.published.isoformat() if made.published else None)
        # The reader takes the id for the address where there is none.
        assert read.link == (made.link or made.id)
        assert [author.name for author in read.authors] == (
            [author.name for author in made.authors] or ["Béa"]
        )
        assert [(tag.term, tag.scheme, tag.label) for tag in read.get("tags", [])] == [
            (each.term, each.scheme, each.label) for each in made.categories
        ]
        assert read.get("rights") == made.rights
        assert read["thicket_user"] == made.user
        assert [
            (file.href, file.get("type"), file.get("length")) for file in read.get("enclosures", [])
        ] == [
            (
                file.href,
                file.type or "application/octet-stream",
                str(file.length) if file.length else None,
            )
            for file in made.enclosures
        ]
    first, second, third, fourth = feed.entries
    assert first.itunes_duration == "61"
    assert first.id == "https://anil.example/answer"
    assert first.summary == "Short & sweet"
    assert first.contributors == [{"name": "Carl"}]
    assert first.content[0].type == "text/html"
    assert "<em>with</em> &lt;tags&gt; &amp; a" in first.content[0].value
    assert 'src="https://anil.example/tree.png"' in first.content[0].value
    assert "<mi>x</mi></math>" in first.content[0].value
    assert 'href="https://anil.example/answer#fn-1"' in first.content[0].value
    assert first.content[0].language == "en-GB"
    assert first.authors[1].email == "eve@example.org"
    assert second.id.startswith("urn:uuid:")
    assert second["thicket_id"] == "bea:q 1 <>"
    assert second.content[0].value == '<div dir="rtl"><p>שאלה</p></div>'
    assert "content" not in third
    assert third.summary == "<p>Only a summary.</p>"
    assert fourth.content[0].value == "<p>Nowhere.</p>"


def test_source_is_whole(tmp_path: Path) -> None:
    entries = one(tmp_path).findall(f"{ATOM}entry")
    source = entries[0].find(f"{ATOM}source")
    assert source is not None
    assert {
        name: source.findtext(f"{ATOM}{name}")
        for name in ("id", "title", "subtitle", "updated", "rights", "icon")
    } == {
        "id": "https://anil.example/feed",
        "title": "Anil & co",
        "subtitle": "A <blog>",
        "updated": "2025-01-02T00:00:00+00:00",
        "rights": "© Anil",
        "icon": "https://anil.example/i.png",
    }
    assert links(source) == {
        "self": ["https://anil.example/feed.xml"],
        "alternate": ["https://anil.example/"],
    }
    assert source.findtext(f"{ATOM}author/{ATOM}name") == "Anil"
    guessed = entries[1].find(f"{ATOM}source")
    assert guessed is not None
    assert guessed.findtext(f"{ATOM}id") == "https://bea.example/rss"
    assert guessed.findtext(f"{ATOM}title") == "Béa"
    # A feed that states no date is as new as its newest entry.
    assert guessed.findtext(f"{ATOM}updated") == "2023-03-04T05:06:07+00:00"


def test_threads_and_related_links(tmp_path: Path) -> None:
    answer, question, *_ = one(tmp_path).findall(f"{ATOM}entry")
    reply = answer.find(f"{THREAD}in-reply-to")
    assert reply is not None
    assert reply.get("ref") == question.findtext(f"{ATOM}id")
    assert reply.get("href") == "https://bea.example/question"
    assert links(answer)["related"] == ["https://eve.example/", "https://bea.example/question"]
    assert question.findtext(f"{THREAD}total") == "1"
    assert answer.find(f"{THREAD}total") is None


def test_language_of_feed_and_entry(tmp_path: Path) -> None:
    root = one(tmp_path, sample(language="fr"))
    assert root.get(LANG) == "fr"
    assert [entry.get(LANG) for entry in root.findall(f"{ATOM}entry")] == [
        "en-GB",
        "he",
        None,
        None,
    ]


def test_identity_does_not_change_with_title_or_contents(tmp_path: Path) -> None:
    one_id = one(tmp_path / "a", title="One").findtext(f"{ATOM}id")
    other = one(tmp_path / "b", entry_set([], id=sample().id), title="Other")
    assert one_id == other.findtext(f"{ATOM}id") == sample().id
    groups = atom(tmp_path / "c", each=("author",))
    ids = {etree.fromstring(text).findtext(f"{ATOM}id") for text in groups.values()}
    assert len(ids) == 3


def test_the_future_never_moves_updated(tmp_path: Path) -> None:
    future = prepared("anil/later", date="2031-01-01T00:00:00")
    root = one(tmp_path, entry_set([future, *sample_entries()]))
    assert root.findtext(f"{ATOM}updated") == "2024-05-06T07:08:09+00:00"
    assert root.findtext(f"{ATOM}entry/{ATOM}updated") == "2031-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("exporter", "suffix", "path"),
    [(EXPORTER, ".atom", f"{ATOM}entry/{ATOM}title"), (rss.EXPORTER, ".rss", "channel/item/title")],
)
def test_titles_name_authors_where_that_is_asked_for(
    exporter: Any, suffix: str, path: str, tmp_path: Path
) -> None:
    entries = sample(language="fr")
    files = exported(exporter, entries, tmp_path, suffix, entry_title="author")
    titles = [each.text or "" for each in etree.fromstring(files[f"eeg{suffix}"]).findall(path)]
    if suffix == ".rss":
        titles = [html.unescape(each) for each in titles]
    assert titles == [
        "Anil et Eve: Answer <b>&amp;</b> “quotes”",
        "Béa: שאלה",
        "Béa",  # an entry without title
        "Béa: No address",
    ]
    files = exported(jsonfeed.EXPORTER, entries, tmp_path, ".json", entry_title="author")
    assert [each["title"] for each in json.loads(files["eeg.json"])["items"]] == titles


def test_summary_mode_holds_no_content_but_where_there_is_no_address(tmp_path: Path) -> None:
    entries = one(tmp_path, content="summary").findall(f"{ATOM}entry")
    assert [entry.find(f"{ATOM}content") is not None for entry in entries] == [
        False,
        False,
        False,
        True,
    ]
    assert entries[0].findtext(f"{ATOM}summary") == "Short & sweet"
    assert entries[1].findtext(f"{ATOM}summary") == "שאלה"
    assert entries[3].findtext(f"{ATOM}content") == "Nowhere."


def test_a_category_has_one_feed_however_it_is_spelt(tmp_path: Path) -> None:
    spellings = [
        (Category(term="ml", label="Machine Learning"),),
        (Category(term="machine learning"), Category(term="Uncategorized")),
    ]
    entries = entry_set(
        [
            prepared(f"ann/{at}", title=f"Entry {at}", categories=categories)
            for at, categories in enumerate(spellings)
        ]
    )
    files = atom(tmp_path, entries, each=("category",))
    assert set(files) == {"eeg.atom", "eeg/category/machine-learning.atom"}
    feed = etree.fromstring(files["eeg/category/machine-learning.atom"])
    assert str(feed.findtext(f"{ATOM}title")).endswith(": Machine Learning")
    assert len(feed.findall(f"{ATOM}entry")) == 2


def test_pages_lead_to_each_other(tmp_path: Path) -> None:
    files = atom(tmp_path, page_size=3, base_url="https://planet.example/f/")
    assert list(files) == ["eeg.atom", "eeg/page/2.atom"]
    first, second = (etree.fromstring(text) for text in files.values())
    there = "https://planet.example/f/"
    assert links(first) == {
        "self": [f"{there}eeg.atom"],
        "alternate": [there],
        "first": [f"{there}eeg.atom"],
        "next": [f"{there}eeg/page/2.atom"],
        "last": [f"{there}eeg/page/2.atom"],
    }
    assert links(second)["previous"] == [f"{there}eeg.atom"]
    assert "next" not in links(second)
    assert first.findtext(f"{ATOM}id") == second.findtext(f"{ATOM}id")
    assert [len(page.findall(f"{ATOM}entry")) for page in (first, second)] == [3, 1]


def test_the_feed_belongs_to_the_site_of_the_same_run(tmp_path: Path) -> None:
    site = PlannedOutput(
        exporter="site", name="site", path="site", media_type="text/html", title="The group"
    )
    options = EXPORTER.Options(base_url="https://planet.example")
    made = contents(EXPORTER.export(sample(), context(options, tmp_path, outputs=(site,))))
    root = etree.fromstring(made["eeg.atom"])
    assert links(root)["alternate"] == ["https://planet.example/site/"]


def test_without_base_addresses_are_relative(tmp_path: Path) -> None:
    files = atom(tmp_path, page_size=3)
    assert links(etree.fromstring(files["eeg/page/2.atom"]))["previous"] == ["../../eeg.atom"]


def test_feeds_of_authors_and_categories(tmp_path: Path) -> None:
    files = atom(tmp_path, each=("author", "category"))
    assert sorted(files) == [
        "eeg.atom",
        "eeg/author/anil.atom",
        "eeg/author/bea.atom",
        "eeg/category/c-c.atom",
        "eeg/category/ocaml.atom",
    ]
    bea = etree.fromstring(files["eeg/author/bea.atom"])
    assert bea.findtext(f"{ATOM}title") == "The group: Béa"
    assert len(bea.findall(f"{ATOM}entry")) == 3
    ocaml = etree.fromstring(files["eeg/category/ocaml.atom"])
    assert ocaml.findtext(f"{ATOM}title") == "The group: OCaml"


def _archives(tmp_path: Path, entries: Any) -> dict[str, bytes]:
    options = EXPORTER.Options(volumes="year", base_url="https://planet.example/")
    files: dict[str, bytes] = {}
    for volume in volumes_of(entries):
        assert volume.volume is not None
        name = volume.volume.name
        files |= contents(
            EXPORTER.export(volume, context(options, tmp_path / name, f"{name}.atom", name))
        )
    whole = dataclasses.replace(entries, volumes=volumes_of(entries)[0].volumes)
    return files | contents(EXPORTER.list_volumes(whole, context(options, tmp_path / "live")))


def test_a_reader_gets_the_whole_history_from_archives(tmp_path: Path) -> None:
    files = _archives(tmp_path, sample())
    assert {path: atom_rules.problems(text) for path, text in files.items()} == {
        path: [] for path in files
    }
    found: list[str | None] = []
    at: str | None = "https://planet.example/eeg.atom"
    while at is not None:
        root = etree.fromstring(files[at.removeprefix("https://planet.example/")])
        found += [entry.findtext(f"{ATOM}title") for entry in root.findall(f"{ATOM}entry")]
        at = links(root).get("prev-archive", [None])[0]
    assert found == [entry.title for entry in sample()]


def test_a_full_archive_never_changes(tmp_path: Path) -> None:
    before = _archives(tmp_path / "a", sample())
    answers = prepared("bea/new", title="New", date="2025-02-03T00:00:00")
    citation = Citation(address="https://bea.example/question", key="bea/2023-03-04-question")
    later = entry_set(
        [answers, *sample_entries()],
        users=sample().users,
        feeds={ANIL_FEED.id: msgspec.structs.replace(ANIL_FEED, updated=NOW)},
        citations=dict(sample().citations) | {"bea/new": (citation,)},
        subtitle=sample().subtitle,
        rights=sample().rights,
    )
    after = _archives(tmp_path / "b", later)
    for year in (2021, 2022, 2023):
        assert after[f"eeg-{year}.atom"] == before[f"eeg-{year}.atom"]
        root = etree.fromstring(before[f"eeg-{year}.atom"])
        assert root.find(f"{HISTORY}archive") is not None
        assert root.find(f"{ATOM}entry/{THREAD}total") is None
        assert "next-archive" not in links(root)
    newest = etree.fromstring(before["eeg-2024.atom"])
    assert newest.find(f"{HISTORY}archive") is None


def test_volumes_that_are_no_archives_are_plain_feeds(tmp_path: Path) -> None:
    volume = volumes_of(sample())[0]
    options = EXPORTER.Options(volumes="year", archives=False)
    files = contents(EXPORTER.export(volume, context(options, tmp_path, "eeg-2021.atom")))
    root = etree.fromstring(files["eeg-2021.atom"])
    assert links(root) == {}
    assert root.find(f"{HISTORY}archive") is None


def test_hostile_metadata_of_feeds_and_users_stays_out(tmp_path: Path) -> None:
    bad = "\x00\x0b\ufffe\ud800"
    wicked = Feed(
        id=f"x{bad}",
        title=f"T{bad}",
        link="javascript:alert(1)",
        address="file:///etc/passwd",
        icon="data:text/html,x",
    )
    entry = prepared("anil/x", source="f")
    root = one(tmp_path, entry_set([entry], feeds={"f": wicked}, title=f"A{bad}B"), icon="data:x")
    assert root.findtext(f"{ATOM}title") == "A B"  # a vertical tab is white space
    text = etree.tostring(root, encoding="unicode")
    assert not any(word in text for word in ("javascript", "file:", "data:"))


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    assert atom(tmp_path / "a", **EVERYTHING) == atom(tmp_path / "b", **EVERYTHING)


@pytest.mark.slow
def test_a_hundred_thousand_entries_in_linear_time_and_bounded_memory() -> None:
    program = Path(__file__).with_name("feed_scale.py")

    def measured(count: int) -> dict[str, float]:
        ran = subprocess.run(
            [sys.executable, str(program), str(count)], capture_output=True, check=True
        )
        found: dict[str, float] = json.loads(ran.stdout)
        return found

    few, many = measured(20_000), measured(100_000)
    assert many["pages"] > 100_000 * len("Some words of an entry.") * 40
    assert many["archives"] > 100_000 * len("Some words of an entry.") * 40
    assert many["seconds"] < 5 * few["seconds"] * 1.5
    assert many["megabytes"] < 500
