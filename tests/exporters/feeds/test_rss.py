"""RSS: valid by the RSS Advisory Board's rules, and read back by an independent reader."""

from __future__ import annotations

import dataclasses
import html
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
import pytest
import rss_rules
from feed_sets import contents, context, exported, sample, sample_entries, volumes_of
from lxml import etree
from rss_rules import ATOM, CONTENT, DC

from convert.exporters.feeds.rss import EXPORTER
from convert.model import Enclosure, Feed, Origin
from convert.testing import entry_set, prepared

MEDIA = "{http://search.yahoo.com/mrss/}"
EVERYTHING = {
    "base_url": "https://planet.example/feeds",
    "hub": "https://hub.example/",
    "logo": "https://planet.example/l.png",
    "each": ("author", "category"),
    "page_size": 2,
}


def rss(tmp_path: Path, entries: Any = None, **options: Any) -> dict[str, bytes]:
    return exported(EXPORTER, sample() if entries is None else entries, tmp_path, ".rss", **options)


@pytest.mark.parametrize(
    "options", [{}, EVERYTHING, {"content": "summary"}], ids=["plain", "everything", "summary"]
)
def test_every_document_is_valid(tmp_path: Path, options: dict[str, Any]) -> None:
    files = rss(tmp_path, **options)
    assert len(files) == (7 if options is EVERYTHING else 1)
    for path, document in files.items():
        assert rss_rules.problems(document) == [], path


def test_an_empty_set_is_valid(tmp_path: Path) -> None:
    assert rss_rules.problems(rss(tmp_path, entry_set([]))["eeg.rss"]) == []


def test_an_entry_that_says_nothing_is_valid(tmp_path: Path) -> None:
    bare = prepared("a/1", "<div/>", title="", link=None, published=None)
    assert rss_rules.problems(rss(tmp_path, entry_set([bare]))["eeg.rss"]) == []


Change = Callable[[etree._Element], object]


def _set(path: str, name: str, value: str) -> Change:
    def change(channel: etree._Element) -> None:
        for each in channel.findall(path):
            each.set(name, value)

    return change


def _text(path: str, text: str) -> Change:
    def change(channel: etree._Element) -> None:
        for each in channel.findall(path):
            each.text = text

    return change


def _without(path: str) -> Change:
    def change(channel: etree._Element) -> None:
        for each in channel.findall(path):
            above = each.getparent()
            assert above is not None
            above.remove(each)

    return change


def _twice(path: str) -> Change:
    def change(channel: etree._Element) -> None:
        each = channel.find(path)
        assert each is not None
        each.addnext(etree.fromstring(etree.tostring(each, with_tail=False)))

    return change


@pytest.mark.parametrize(
    ("change", "element"),
    [
        (_without("title"), "channel"),
        (_without("link"), "channel"),
        (_text("description", ""), "channel"),
        (_text("lastBuildDate", "2024-05-06T07:08:09Z"), "lastBuildDate"),
        (_text("item/pubDate", "Tue, 06 May 24 07:08:09 GMT"), "pubDate"),
        (_text("item/pubDate", "Sun, 06 May 2024 07:08:09 GMT"), "pubDate"),
        (_set("item/guid", "isPermaLink", "true"), "guid"),
        (_without("item/guid"), "guid"),
        (_without("item/pubDate"), "pubDate"),
        (_without("item/description"), "description"),
        (_text("item/link", "https://bücher.example/"), "link"),
        (_twice("item"), "guid"),
        (_set("item/enclosure", "length", "unknown"), "enclosure"),
        (lambda channel: channel.find("item/enclosure").attrib.pop("type"), "enclosure"),
        (_twice("item/enclosure"), "enclosure"),
        (_set("item/source", "url", "feed.xml"), "source"),
        (_without(f"item/{DC}creator"), "dc:creator"),
        (_twice(f"{ATOM}link"), "atom:link"),
        (_text(f"item/{CONTENT}encoded", "<a href='x'>x</a>"), f"{CONTENT}encoded"),
        (_text("image/title", "x"), "image"),
        (lambda channel: etree.SubElement(channel, "updated"), "updated"),
        (
            lambda channel: [
                _without(f"item/{each}")(channel) for each in ("title", "description")
            ],
            "item",
        ),
    ],
)
def test_wrong_feeds_fail(tmp_path: Path, change: Change, element: str) -> None:
    options = {"base_url": "https://planet.example/", "logo": "https://planet.example/l.png"}
    root = etree.fromstring(rss(tmp_path, **options)["eeg.rss"])
    change(root[0])
    found = rss_rules.problems(etree.tostring(root))
    assert any(problem.startswith(f"{element}:") for problem in found), found


def test_an_independent_reader_gets_back_what_the_entries_say(tmp_path: Path) -> None:
    text = rss(tmp_path, base_url="https://planet.example/")["eeg.rss"]
    feed = feedparser.parse(text, sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    assert feed.version == "rss20"
    assert (feed.feed.title, feed.feed.subtitle) == ("The group", "All of us")
    assert feed.feed.rights == "Each author's own"
    assert feed.feed.language == "en"
    assert feed.feed.link == "https://planet.example/"
    for read, made in zip(feed.entries, [each.entry for each in sample_entries()], strict=True):
        # What could be markup is escaped once more: feedparser reads it as HTML.
        assert html.unescape(read.get("title", "")) == made.title
        assert read.id == made.id
        assert read.get("link") == made.link
        assert read.updated == made.updated.isoformat()
        assert read.published_parsed[:6] == made.date.timetuple()[:6]
        assert [author.name for author in read.authors] == (
            [author.name for author in made.authors] or ["Béa"]
        )
        assert [(tag.term, tag.scheme) for tag in read.get("tags", [])] == [
            (each.term, each.scheme) for each in made.categories
        ]
        assert read.get("rights") == made.rights
        assert read["thicket_user"] == made.user
        files = [*read.get("enclosures", []), *read.get("media_content", [])]
        assert sorted(each.get("href") or each["url"] for each in files) == sorted(
            each.href for each in made.enclosures
        )
    first, second, third, fourth = feed.entries
    assert first.itunes_duration == "61"
    assert first.summary == "Short &amp; sweet"
    assert "<em>with</em> &lt;tags&gt; &amp; a" in first.content[0].value
    assert 'href="https://anil.example/answer#fn-1"' in first.content[0].value
    assert first.contributors == [{"name": "Carl"}]
    assert first.source == {"href": "https://anil.example/feed.xml", "title": "Anil & co"}
    assert first.enclosures[0].length == "1234"
    assert second.content[0].value == '<div dir="rtl"><p>שאלה</p></div>'
    assert second.language == "he"
    assert third.summary == "<p>Only a summary.</p>"
    assert "content" not in third
    assert fourth.title == "No address"


AUDIO = Enclosure(href="https://a.example/talk", type="audio/mpeg", length=7, title="Talk")
VIDEO = Enclosure(href="https://a.example/film.webm", type="application/octet-stream")
PICTURE = Enclosure(href="https://a.example/heron", type="image/jpeg", title="A heron")
DRAWING = Enclosure(href="https://a.example/tern.PNG?w=9", length=5)
PAPER = Enclosure(href="https://a.example/paper.pdf", type="application/pdf", title="Paper")
UNKNOWN = Enclosure(href="https://a.example/unknown", type="application/octet-stream")


@pytest.mark.parametrize(
    "files", [*itertools.permutations((AUDIO, VIDEO, PICTURE, DRAWING, PAPER, UNKNOWN), 3)]
)
def test_the_enclosure_is_what_a_listener_wants_and_no_file_is_lost(
    tmp_path: Path, files: tuple[Enclosure, ...]
) -> None:
    entry = prepared("a/1", enclosures=files)
    document = rss(tmp_path, entry_set([entry]))["eeg.rss"]
    assert rss_rules.problems(document) == []
    item = etree.fromstring(document).find("channel/item")
    assert item is not None
    (enclosure,) = item.findall("enclosure")
    best = next(
        group
        for group in ({AUDIO, VIDEO}, {PAPER, UNKNOWN}, {PICTURE, DRAWING})
        if group & {*files}
    )
    wanted = next(each for each in files if each in best)
    assert enclosure.get("url") == wanted.href
    shown = {
        each.get("url"): each.findtext(f"{MEDIA}title") for each in item.iter(f"{MEDIA}content")
    }
    linked = {
        each.get("href"): each.get("title")
        for each in item.findall(f"{ATOM}link")
        if each.get("rel") == "enclosure"
    }
    rest = [each for each in files if each != wanted]
    assert shown == {each.href: each.title for each in rest if each in {PICTURE, DRAWING}}
    assert linked == {each.href: each.title for each in rest if each not in {PICTURE, DRAWING}}


def test_a_description_is_the_summary_else_the_first_words(tmp_path: Path) -> None:
    long = "<div><p>" + "Herons &amp; <b>terns</b>. " * 60 + "</p></div>"
    entries = entry_set(
        [
            prepared("a/1", long, title="One"),
            prepared("a/2", long, title="Two", summary="a < b"),
            prepared("a/3", "<div/>", title="Three"),
        ]
    )
    feed = feedparser.parse(rss(tmp_path, entries)["eeg.rss"], sanitize_html=False)
    first, second, third = feed.entries
    assert first.summary.startswith("Herons &amp; terns. Herons &amp; terns.")
    assert 200 < len(first.summary) < 300 * 1.2
    assert first.content[0].value.count("<b>terns</b>") == 60
    assert second.summary == "a &lt; b"
    assert third.summary == ""


def test_only_an_id_that_is_the_address_is_a_permanent_link(tmp_path: Path) -> None:
    root = etree.fromstring(rss(tmp_path)["eeg.rss"])
    guids = [(each.text, each.get("isPermaLink")) for each in root.iter("guid")]
    assert guids == [
        ("https://anil.example/answer", "true"),
        ("bea:q 1 <>", "false"),
        ("tag:bea.example,2022:short", "false"),
        ("urn:uuid:00000000-0000-0000-0000-000000000001", "false"),
    ]


def test_without_base_the_channel_leads_to_where_the_entries_are_kept(tmp_path: Path) -> None:
    origin = Origin(
        address="/srv/thicket", kind="thicket", name="eeg", remote="https://git.example/eeg"
    )
    kept = etree.fromstring(rss(tmp_path / "a", sample(origins=(origin,)))["eeg.rss"])
    assert kept.findtext("channel/link") == "https://git.example/eeg"
    listed = Origin(address="https://a.example/feed", kind="feed", name="a")
    for number, origins in enumerate(((), (listed,))):
        bare = etree.fromstring(
            rss(tmp_path / str(number), sample(origins=origins, feeds={}))["eeg.rss"]
        )
        assert bare.findtext("channel/link") == sample().id
    page = Feed(id="urn:f", address="https://a.example/feed", link="https://a.example/")
    alone = sample(feeds={page.id: page}, origins=(listed,))
    one = etree.fromstring(rss(tmp_path / "c", alone)["eeg.rss"])
    assert one.findtext("channel/link") == page.link


def test_archives_lead_back(tmp_path: Path) -> None:
    options = EXPORTER.Options(volumes="year", base_url="https://planet.example/")
    files: dict[str, bytes] = {}
    for part in volumes_of(sample()):
        assert part.volume is not None
        name = part.volume.name
        files |= contents(
            EXPORTER.export(part, context(options, tmp_path / name, f"{name}.rss", name))
        )
    whole = dataclasses.replace(sample(), volumes=volumes_of(sample())[0].volumes)
    files |= contents(EXPORTER.list_volumes(whole, context(options, tmp_path, "eeg.rss")))
    at: str | None = "https://planet.example/eeg.rss"
    found: list[str | None] = []
    while at is not None:
        document = files[at.removeprefix("https://planet.example/")]
        assert rss_rules.problems(document) == []
        channel = etree.fromstring(document)[0]
        found += [item.findtext("guid") for item in channel.findall("item")]
        at = next(
            (
                link.get("href")
                for link in channel.findall(f"{ATOM}link")
                if link.get("rel") == "prev-archive"
            ),
            None,
        )
    assert found == [entry.id for entry in sample()]


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    assert rss(tmp_path / "a", **EVERYTHING) == rss(tmp_path / "b", **EVERYTHING)
