"""Feeds of every format."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from pathlib import Path

import pytest
from feed_samples import ATOM, JSON_FEED, RSS, read
from source_reading import read_source

from convert.contract import Source
from convert.model import Category, Enclosure, Person
from convert.sources.feeds.source import SOURCE


class TestFormats:
    def test_atom(self, tmp_path: Path) -> None:
        outcome = read(tmp_path / "a.atom", ATOM)
        one, two = outcome.entries
        assert (one.id, one.title, one.title_type) == ("tag:a.example,2024:1", "One < two", "text")
        assert one.link == "https://a.example/blog/one.html"
        assert one.updated == dt.datetime(2024, 5, 6, 5, 8, 9, tzinfo=dt.UTC)
        assert one.published == dt.datetime(2024, 5, 5, tzinfo=dt.UTC)
        assert (one.summary, one.summary_type) == ("Short", "text")
        assert one.content == (
            '<p>Un <i></i><br/><a href="https://b.example/y/x">x</a></p>'
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">'
            '<linearGradient id="g"/></svg>'
        )
        assert (one.language, one.base) == ("fr", "https://a.example/blog/")
        assert one.categories == (Category(term="t", scheme="https://s.example", label="T"),)
        assert one.contributors == (Person(name="Cy"),)
        assert one.authors == (Person(name="Ann", uri="https://a.example"),)
        assert one.enclosures == (
            Enclosure(href="https://a.example/e.mp3", length=9, type="audio/mpeg"),
        )
        assert one.in_reply_to == ("https://b.example/9", "tag:c.example,2024:9")
        assert (two.link, two.in_reply_to) == (None, ())
        assert two.authors == (Person(name="Dee"),)
        assert outcome.problems == []

    def test_atom_feeds_and_users(self, tmp_path: Path) -> None:
        outcome = read(tmp_path / "a.atom", ATOM)
        feed = outcome.reading.feeds["tag:a.example,2024:feed"]
        assert (feed.title, feed.subtitle, feed.rights) == ("Ann & co", "Notes", "CC BY")
        assert (feed.address, feed.link) == ("https://a.example/feed.atom", "https://a.example/")
        assert outcome.reading.feeds["https://d.example/feed"].title == "Dee"
        assert [entry.user for entry in outcome.entries] == ["a.example", "d.example"]
        assert [entry.source for entry in outcome.entries] == [feed.id, "https://d.example/feed"]
        assert set(outcome.reading.users) == {"a.example", "d.example"}
        assert outcome.reading.origin.title == "Ann & co"

    def test_rss(self, tmp_path: Path) -> None:
        outcome = read(tmp_path / "b.rss", RSS)
        one, two, three = outcome.entries
        assert (one.id, one.link, one.title) == ("1", "https://b.example/one", "One")
        assert one.published == dt.datetime(2024, 5, 4, 22, tzinfo=dt.UTC)
        assert (one.summary, one.content) == ("Short", "<p>Long &eacute;</p>")
        assert one.authors[0].name == "Bob"
        assert one.categories == (Category(term="t", scheme="https://s.example"),)
        assert (two.id, two.link, two.content) == (*["https://b.example/two"] * 2, None)
        assert two.summary == "Only this"
        assert three.id.startswith("urn:uuid:")
        assert read(tmp_path / "b.rss", RSS).entries[2].id == three.id

    def test_undated_entries_keep_the_day_they_were_stored(self, tmp_path: Path) -> None:
        entry = {"id": "https://b.example/two", "updated": "2020-01-01", "title": "x"}
        (tmp_path / "store/bob").mkdir(parents=True)
        (tmp_path / "store/bob/two.json").write_text(json.dumps(entry))
        outcome = read(tmp_path / "b.rss", RSS, store=tmp_path / "store")
        assert outcome.entries[1].updated == dt.datetime(2020, 1, 1, tzinfo=dt.UTC)

    def test_json_feed(self, tmp_path: Path) -> None:
        outcome = read(tmp_path / "c.json", json.dumps(JSON_FEED))
        one, two, three = outcome.entries
        assert (one.id, one.link, one.title) == ("1", "https://c.example/1", "One")
        assert one.updated == dt.datetime(2024, 5, 5, 22, tzinfo=dt.UTC)
        assert (one.content, one.content_type, one.summary) == ("<p>x</p>", "html", "s")
        assert one.categories == (Category(term="a"), Category(term="b"))
        assert one.enclosures[0].length == 9
        assert one.authors == (Person(name="Cy", uri="https://c.example"),)
        assert (two.content, two.content_type, two.language) == ("plain", "text", "de")
        assert three.title == "3"
        assert [problem.field for problem in outcome.problems] == ["items[3]", ""]
        assert outcome.problems[0].severity == "warning"

    @pytest.mark.parametrize(
        "text",
        [
            '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1"}]}',
            "<rss version='2.0'><channel><item><guid>1</guid></item></channel></rss>",
        ],
    )
    def test_a_feed_that_states_no_address_has_an_id_without_a_path(
        self, tmp_path: Path, text: str
    ) -> None:
        (tmp_path / "moved").mkdir()
        first, moved = read(tmp_path / "x.xml", text), read(tmp_path / "moved/x.xml", text)
        (identity,) = first.reading.feeds
        assert identity.startswith("urn:uuid:")
        assert {first.entries[0].source, *moved.reading.feeds} == {identity}

    def test_wordpress_export_keeps_what_is_public(self, tmp_path: Path) -> None:
        def item(name: str, kind: str = "post", status: str = "publish", secret: str = "") -> str:
            return (
                f"<item><title>{name}</title><link>https://w.example/{name}</link>"
                "<pubDate>Mon, 06 May 2024 07:08:09 GMT</pubDate>"
                "<dc:creator><![CDATA[wanda]]></dc:creator>"
                "<content:encoded><![CDATA[First\n\nSecond <b>x</b>\n\n<ul><li>y</li></ul>]]>"
                f"</content:encoded><wp:post_type>{kind}</wp:post_type>"
                f"<wp:status>{status}</wp:status>"
                f"<wp:post_password>{secret}</wp:post_password></item>"
            )

        items = (
            item("a") + item("b", status="draft") + item("c", kind="page") + item("d", secret="x")
        )
        text = (
            '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<channel><title>W</title><wp:wxr_version>1.2</wp:wxr_version>"
            "<wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[wanda]]>"
            "</wp:author_login><wp:author_display_name>Wanda &amp; W.</wp:author_display_name>"
            "</wp:author>"
            f"<link>https://w.example/</link>{items}</channel></rss>"
        )
        outcome = read(tmp_path / "w.xml", text)
        assert [entry.title for entry in outcome.entries] == ["a"]
        assert outcome.entries[0].content == (
            "<p>First</p>\n<p>Second <b>x</b></p>\n<ul><li>y</li></ul>"
        )
        assert outcome.entries[0].authors == (Person(name="Wanda & W."),)
        assert outcome.problems[0].reason == (
            "is a WordPress export; left out: 1 of status draft, 1 of type page, 1 with a password"
        )

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ATOM.encode())))
        assert len(read_source(SOURCE, "-").entries) == 2

    def test_folder(self, tmp_path: Path) -> None:
        (tmp_path / "b.xml").write_text(RSS)
        (tmp_path / "a.atom").write_text(ATOM)
        (tmp_path / "c.xml").write_text("no feed")
        (tmp_path / "notes.txt").write_text("x")
        outcome = read_source(SOURCE, tmp_path)
        assert [entry.path for entry in outcome.entries] == ["a.atom"] * 2 + ["b.xml"] * 3
        assert outcome.lines[0].startswith("entry c.xml: is no Atom, RSS or JSON feed")

    def test_recognises(self, tmp_path: Path) -> None:
        assert isinstance(SOURCE, Source)
        (tmp_path / "feed").write_text(RSS)
        (tmp_path / "feed.json").write_text(json.dumps(JSON_FEED))
        (tmp_path / "entry.json").write_text('{"id": "x"}')
        (tmp_path / "list.opml").write_text("<opml/>")
        for name, least in (("feed", 80), ("feed.json", 80)):
            assert SOURCE.recognises(str(tmp_path / name)) > least
        assert SOURCE.recognises(str(tmp_path / "entry.json")) < 60
        assert SOURCE.recognises(str(tmp_path / "list.opml")) == 0
        assert SOURCE.recognises("-") > 50
        assert SOURCE.recognises("https://a.example/feed") == 50
