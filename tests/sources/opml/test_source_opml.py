"""Subscription lists, whole and broken, and what becomes of their feeds."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from server import LOOPBACK, Server, dated, late, reply
from source_reading import Outcome, read_source

from convert.contract import Source
from convert.errors import NotASource, SourceError
from convert.model import Category
from convert.sources.feeds import source as feeds
from convert.sources.opml import outlines as opml_list
from convert.sources.opml import source as opml
from convert.sources.opml.outlines import BadList, Outline
from convert.web.fetcher import HttpFetcher

LIST = """<?xml version="1.0"?>
<opml version="2.0"><head><title>The group</title></head><body>
 <outline text="Blogs">
  <outline type="rss" text="Ann A." xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"
           language="fr"/>
  <outline type="rss" text="x" title="Bob &amp; co" xmlUrl="FEED://b.example/feed?a=1&b=2"/>
  <outline type="rss" text="Ann again" xmlUrl="https://a.example/feed"/>
  <outline type="rss" text="evil" xmlUrl="javascript:alert(1)"/>
  <outline type="rss" text="evil" xmlUrl="file:///etc/passwd"/>
  <outline text="a note"/>
 </outline></body></opml>"""

BLOGS = Category(term="Blogs")


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


def rss(title: str, name: str) -> bytes:
    return (
        f'<rss version="2.0"><channel><title>{title}</title><link>https://{name}.example/</link>'
        f"<description>x</description><item><guid>https://{name}.example/1</guid>"
        "<pubDate>Mon, 06 May 2024 07:08:09 GMT</pubDate><description>x</description></item>"
        "</channel></rss>"
    ).encode()


def listed(web: Server, *paths: str, extra: str = "") -> str:
    outlines = "".join(
        f'<outline type="rss" text="{path[1:].upper()}" xmlUrl="{web.address(path)}" {extra}/>'
        for path in paths
    )
    return f"<opml version='2.0'><head><title>All</title></head><body>{outlines}</body></opml>"


def fetch(place: Path, text: str, cache: Path | None = None, **settings: object) -> Outcome:
    place.write_text(text)
    with HttpFetcher(cache, allow_network=LOOPBACK, seconds=3) as fetcher:
        return read_source(opml.SOURCE, place, fetcher=fetcher, **settings)


class TestLists:
    def test_each_feed_once_and_only_of_the_web(self) -> None:
        found = opml_list.read(LIST.encode())
        assert found.title == "The group"
        assert found.outlines == (
            Outline(
                address="https://a.example/feed",
                name="Ann A.",
                link="https://a.example/",
                language="fr",
                categories=(BLOGS,),
            ),
            Outline(address="http://b.example/feed?a=1&b=2", name="Bob & co", categories=(BLOGS,)),
        )
        assert found.unusable == 2
        assert found.mended == ()

    @pytest.mark.parametrize(
        ("body", "folders"),
        [
            ("{0}", []),
            ("<outline text='Science'>{0}</outline>", ["Science"]),
            ("<outline title='Science' text=''>{0}</outline>", ["Science"]),
            (
                "<outline text='Science'><outline text=' Birds  of\nprey '>{0}</outline></outline>",
                ["Science/Birds of prey"],
            ),
            ("<outline text='TCP/IP'>{0}</outline>", ["TCP/IP"]),
            ("<outline text=''><outline text='/'>{0}</outline></outline>", []),
            (
                "<outline text='A'>{0}</outline><outline text='B'><outline>{0}</outline></outline>",
                ["A", "B"],
            ),
            ("<outline text='A' thicket:user='ann'>{0}</outline>", []),
            (
                "<outline text='A'><outline text='Ann' thicket:user='ann'>{0}</outline></outline>",
                ["A"],
            ),
            (
                "<outline text='A'><outline text='x' xmlUrl='https://b.example/'>{0}</outline></outline>",
                ["A"],
            ),
            (
                "<outline text='A'>{0}</outline>|category='/Boston/Weather, tag,,/ A /'",
                ["A", "Boston/Weather", "tag"],
            ),
        ],
    )
    def test_folders_of_a_feed(self, body: str, folders: list[str]) -> None:
        around, _, further = body.partition("|")
        outline = f"<outline xmlUrl='https://a.example/' text='Ann' {further}/>"
        text = f"<opml xmlns:thicket='urn:thicket-convert:feed'><body>{around}</body></opml>"
        found = opml_list.read(text.format(outline).encode()).outlines
        (ann,) = (each for each in found if each.address == "https://a.example/")
        assert [each.term for each in ann.categories] == folders

    def test_broken_lists_lose_no_feed(self) -> None:
        broken = LIST.replace('text="Ann A."', 'text="The "best" of <a href="x">Ann</a>"')
        addresses = {each.address for each in opml_list.read(broken.encode()).outlines}
        assert addresses == {"https://a.example/feed", "http://b.example/feed?a=1&b=2"}
        assert "is not well-formed" in opml_list.read(broken.encode()).mended[0]

    def test_names_that_are_cut_are_named(self) -> None:
        long = "word " * 299 + "wordy"
        text = LIST.replace("The group", long).replace('"Ann A."', f'"{long}"')
        said = "cut: 1,500 characters, the limit is 1,000"
        assert sorted(opml_list.read(text.encode()).mended) == [
            f"text of https://a.example/feed: {said}",
            f"title: {said}",
        ]

    def test_a_list_without_its_end_is_a_source_that_failed(self, tmp_path: Path) -> None:
        # What it names no more would go from every output.
        text = LIST[: LIST.rindex("<outline")]
        assert opml_list.read(text.encode()).is_cut
        (tmp_path / "list.opml").write_text(text)
        with pytest.raises(SourceError, match="ends in the middle"):
            read_source(opml.SOURCE, tmp_path / "list.opml")

    @pytest.mark.parametrize("content", [b"", b"x", b"<rss/>", b"\0" * 9])
    def test_what_is_no_list(self, content: bytes) -> None:
        with pytest.raises(BadList):
            opml_list.read(content)

    @pytest.mark.corpus
    def test_real_lists(self, feeds_corpus: Path) -> None:
        lists = sorted(feeds_corpus.rglob("*.opml"))
        assert len(lists) == 41
        for path in lists:
            content = path.read_bytes()
            assert opml.SOURCE.recognises(str(path)) > 90
            found = opml_list.read(content)
            named = content.lower().count(b'xmlurl="http')
            assert len(found.outlines) >= named * 0.9, path
            with pytest.raises(SourceError) as caught:
                read_source(opml.SOURCE, path)
            assert "feed" in str(caught.value)


class TestFeeds:
    def test_every_feed_has_its_user(self, web: Server, tmp_path: Path) -> None:
        assert isinstance(opml.SOURCE, Source)
        web["/a"], web["/b"] = reply(rss("Ann's", "a")), reply(rss("Bob's", "b"))
        outcome = fetch(tmp_path / "list.opml", listed(web, "/a", "/b"))
        assert [(each.user, each.id) for each in outcome.entries] == [
            ("a", "https://a.example/1"),
            ("b", "https://b.example/1"),
        ]
        assert outcome.reading.users["a"].display_name == "A"
        assert outcome.reading.users["a"].feeds == (web.address("/a"),)
        assert {each.title for each in outcome.reading.feeds.values()} == {"Ann's", "Bob's"}
        assert (outcome.reading.origin.title, outcome.reading.origin.name) == ("All", "list")
        assert not outcome.reading.lost
        assert outcome.problems == []

    def test_users_of_our_own_lists(self, web: Server, tmp_path: Path) -> None:
        web["/a"], web["/b"] = reply(rss("Ann's", "a")), reply(rss("More of Ann", "b"))
        outlines = listed(web, "/a", "/b").partition("<body>")[2].partition("</body>")[0]
        text = (
            '<opml version="2.0" xmlns:thicket="urn:thicket-convert:feed"><body>'
            f'<outline text="Ann A." thicket:user="ann">{outlines}</outline></body></opml>'
        )
        outcome = fetch(tmp_path / "list.opml", text)
        assert [each.user for each in outcome.entries] == ["ann", "ann"]
        ann = outcome.reading.users["ann"]
        assert ann.display_name == "Ann A."
        assert ann.feeds == (web.address("/a"), web.address("/b"))

    def test_a_feed_cannot_speak_for_other_members(self, web: Server, tmp_path: Path) -> None:
        claim = b'<thicket:user xmlns:thicket="urn:thicket-convert:feed">a</thicket:user></item>'
        web["/a"] = reply(rss("Ann's", "a"))
        web["/b"] = reply(rss("Bob's", "b").replace(b"</item>", claim))
        outcome = fetch(tmp_path / "list.opml", listed(web, "/a", "/b"))
        assert [each.user for each in outcome.entries] == ["a", "b"]

    def test_one_dead_feed_of_several(self, web: Server, tmp_path: Path) -> None:
        web["/a"] = reply(rss("Ann's", "a"))
        web["/c"] = reply(b"<html>moved</html>", "text/html")
        outcome = fetch(tmp_path / "list.opml", listed(web, "/a", "/b", "/c"))
        assert [each.user for each in outcome.entries] == ["a"]
        assert outcome.reading.lost
        assert [each.path for each in outcome.problems] == [web.address("/b"), web.address("/c")]
        assert {each.severity for each in outcome.problems} == {"entry"}

    @pytest.mark.parametrize("said", ["1 outline has", "2 outlines have"])
    def test_what_has_no_address_is_counted(self, said: str, web: Server, tmp_path: Path) -> None:
        web["/a"] = reply(rss("Ann's", "a"))
        unusable = "<outline xmlUrl='file:///a'/>" * int(said[0])
        outcome = fetch(
            tmp_path / "list.opml", listed(web, "/a").replace("</body>", f"{unusable}</body>")
        )
        (problem,) = outcome.problems
        assert problem.reason == f"{said} no http(s) address: passed over"

    def test_a_dead_feed_is_read_from_its_last_copy(self, web: Server, tmp_path: Path) -> None:
        web["/a"], web["/b"] = reply(rss("Ann's", "a")), reply(rss("Bob's", "b"))
        text = listed(web, "/a", "/b", extra="category='/Birds'")
        cache = tmp_path / "cache"
        fetch(tmp_path / "list.opml", text, cache)
        web["/b"] = reply(b"", status=500)
        outcome = fetch(tmp_path / "list.opml", text, cache)
        assert len(outcome.entries) == 2
        folders = {each.categories for each in outcome.reading.feeds.values()}
        assert folders == {(Category(term="Birds"),)}
        assert outcome.reading.lost
        assert [each.severity for each in outcome.problems] == ["warning"]
        assert outcome.problems[0].reason.startswith(
            "500 Internal Server Error; the copy in the cache is used: the source last answered on"
        )
        outcome = fetch(tmp_path / "list.opml", text, cache, max_stale=dt.timedelta())
        assert [each.severity for each in outcome.problems] == ["entry"]
        assert outcome.problems[0].reason.endswith("longer than max_stale = 0d allows")
        outcome = fetch(tmp_path / "list.opml", text, cache, max_stale=None)
        assert [each.severity for each in outcome.problems] == ["warning"]

    @pytest.mark.parametrize("at", ["/list.opml", "/list"])
    @pytest.mark.parametrize("useless", [b"", b"<opml><body><outline te", b"<opml/>", b"\0"])
    def test_a_list_of_no_use_does_not_take_the_place_of_a_good_one(
        self, web: Server, tmp_path: Path, at: str, useless: bytes
    ) -> None:
        source: Source = opml.SOURCE if at.endswith(".opml") else opml.FEED
        changed = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)
        good = dated(listed(web, "/a").encode(), changed)
        web["/a"] = reply(rss("Ann's", "a"))
        for answer, problems in (
            (good, 0),
            (dated(useless, changed + dt.timedelta(days=2)), 1),
            (good, 0),
            (reply(b"", status=404), 1),
        ):
            web[at] = answer
            with HttpFetcher(tmp_path, allow_network=LOOPBACK, seconds=5) as fetcher:
                outcome = read_source(source, web.address(at), fetcher=fetcher)
            assert [each.user for each in outcome.entries] == ["a"]
            lines = [each for each in outcome.lines if "the copy in the cache is used" in each]
            assert len(lines) == problems

    def test_a_dead_feed_is_read_from_the_store(self, web: Server, tmp_path: Path) -> None:
        web["/a"] = reply(rss("Ann's", "a"))
        store = tmp_path / "store"
        (store / "bob").mkdir(parents=True)
        stored = {"id": "1", "updated": "2024-05-06", "title": "x"}
        (store / "bob/one.json").write_text(json.dumps(stored))
        index = {"users": {"bob": {"directory": "bob", "feeds": [web.address("/b")]}}}
        (store / "index.json").write_text(json.dumps(index))
        outcome = fetch(tmp_path / "list.opml", listed(web, "/a", "/b"), store=store)
        assert [(each.user, each.id) for each in outcome.entries] == [
            ("a", "https://a.example/1"),
            ("bob", "1"),
        ]
        assert outcome.reading.lost
        assert outcome.problems[0].severity == "entry"

    def test_no_feed_at_all_is_an_error(self, web: Server, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="none of its 2 feeds could be read"):
            fetch(tmp_path / "list.opml", listed(web, "/a", "/b"))
        with pytest.raises(SourceError, match="its one feed could not be read"):
            fetch(tmp_path / "list.opml", listed(web, "/a"))
        with pytest.raises(SourceError, match="names no feed"):
            fetch(tmp_path / "list.opml", listed(web))
        with pytest.raises(NotASource, match="no list of feeds"):
            fetch(tmp_path / "list.opml", "hello")

    def test_feeds_are_fetched_side_by_side(self, web: Server, tmp_path: Path) -> None:
        paths = [f"/{number}" for number in range(4)]
        for path in paths:
            web[path] = late(reply(rss("x", path[1:])), 0.5)
        started = time.monotonic()
        assert len(fetch(tmp_path / "list.opml", listed(web, *paths)).entries) == 4
        assert time.monotonic() - started < 1.8

    def test_a_list_where_a_feed_was_expected(
        self, web: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        web["/a"] = reply(rss("Ann's", "a"))
        text = listed(web, "/a")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        with HttpFetcher(None, allow_network=LOOPBACK, seconds=3) as fetcher:
            outcome = read_source(opml.FEED, "-", fetcher=fetcher)
        assert [each.user for each in outcome.entries] == ["a"]
        assert outcome.reading.origin.kind == "opml"
        (tmp_path / "list.xml").write_text(text)
        (tmp_path / "feed.xml").write_bytes(rss("Bob's", "b"))
        folder = read_source(opml.FEED, tmp_path)
        assert [each.id for each in folder.entries] == ["https://b.example/1"]
        assert folder.lines == ["entry list.xml: is a list of feeds, not a feed"]
        with pytest.raises(SourceError, match="is a list of feeds, not a feed"):
            read_source(feeds.SOURCE, tmp_path / "list.xml")

    def test_a_list_on_the_web(self, web: Server) -> None:
        web["/a"] = reply(rss("Ann's", "a"))
        web["/list.opml"] = web["/subscriptions"] = reply(listed(web, "/a").encode(), "text/xml")
        assert opml.SOURCE.recognises(web.address("/list.opml")) > opml.FEED.recognises(
            web.address("/list.opml")
        )
        with HttpFetcher(None, allow_network=LOOPBACK, seconds=3) as fetcher:
            for source, path in ((opml.SOURCE, "/list.opml"), (opml.FEED, "/subscriptions")):
                outcome = read_source(source, web.address(path), fetcher=fetcher)
                assert [each.user for each in outcome.entries] == ["a"]
