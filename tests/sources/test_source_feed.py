"""Feeds of every format, broken and hostile ones among them, from files and from the web."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server import LOOPBACK, Server, reply
from source_reading import Outcome, read_source

from convert.contract import Source
from convert.errors import NotASource, SourceError
from convert.fetch import HttpFetcher
from convert.model import Category, Enclosure, Person
from convert.sources.feed import SOURCE, Options

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"
      xml:lang="en">
  <id>tag:a.example,2024:feed</id><title type="html">Ann &amp;amp; &lt;b&gt;co&lt;/b&gt;</title>
  <subtitle>Notes</subtitle><updated>2024-05-06T07:08:09Z</updated><rights>CC BY</rights>
  <link href="https://a.example/"/><link rel="self" href="https://a.example/feed.atom"/>
  <author><name>Ann</name><uri>https://a.example</uri></author>
  <entry xml:base="https://a.example/blog/">
    <id>tag:a.example,2024:1</id><title>One &lt; two</title>
    <link href="one.html"/>
    <updated>2024-05-06T07:08:09+02:00</updated><published>2024-05-05T00:00:00Z</published>
    <summary>Short</summary>
    <content type="xhtml" xml:lang="fr"><h:div xmlns:h="http://www.w3.org/1999/xhtml"
      ><h:p>Un <h:i/><h:br/><h:a href="x" xml:base="https://b.example/y/">x</h:a></h:p><svg
      xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><linearGradient id="g"/></svg></h:div
    ></content>
    <category term="t" scheme="https://s.example" label="T"/>
    <contributor><name>Cy</name></contributor>
    <link rel="enclosure" href="https://a.example/e.mp3" length="9" type="audio/mpeg"/>
    <thr:in-reply-to ref="tag:b.example,2024:9" href="https://b.example/9"/>
    <thr:in-reply-to ref="tag:c.example,2024:9"/>
  </entry>
  <entry>
    <id>https://not.a.link/2</id><title>Two</title><updated>2024-05-01T00:00:00Z</updated>
    <source><id>https://d.example/feed</id><title>Dee</title>
      <link rel="self" href="https://d.example/feed"/><link href="https://d.example/"/>
      <author><name>Dee</name></author></source>
    <content type="html">&lt;p&gt;Two</content>
  </entry>
</feed>"""
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Bob</title><link>https://b.example/</link><description>Words</description>
<lastBuildDate>Mon, 06 May 2024 07:08:09 GMT</lastBuildDate>
<item><title>One</title><link>https://b.example/one</link><guid isPermaLink="false">1</guid>
<pubDate>Sun, 05 May 2024 00:00:00 +0200</pubDate><dc:creator>Bob</dc:creator>
<description>Short</description><content:encoded><![CDATA[<p>Long &eacute;</p>]]></content:encoded>
<category domain="https://s.example">t</category></item>
<item><guid>https://b.example/two</guid><description>Only this</description></item>
<item><description>No id at all</description></item>
</channel></rss>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Cy",
    "home_page_url": "https://c.example/",
    "feed_url": "https://c.example/feed.json",
    "language": "de",
    "authors": [{"name": "Cy", "url": "https://c.example"}],
    "items": [
        {
            "id": 1,
            "url": "https://c.example/1",
            "title": "One",
            "content_html": "<p>x</p>",
            "summary": "s",
            "date_published": "2024-05-05T00:00:00Z",
            "date_modified": "2024-05-06T00:00:00+02:00",
            "tags": ["a", "b"],
            "attachments": [
                {"url": "https://c.example/e.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}
            ],
        },
        {"id": "2", "content_text": "plain", "date_published": "2024-05-04T00:00:00Z"},
        {"id": "3", "title": 3},
        "nothing",
    ],
}


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


def read(place: Path, content: str | bytes, **settings: object) -> Outcome:
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_source(SOURCE, place, **settings)


def fetch(address: str, cache: Path | None = None, **settings: object) -> Outcome:
    with HttpFetcher(cache, allow_network=LOOPBACK, seconds=5) as fetcher:
        return read_source(SOURCE, address, fetcher=fetcher, **settings)


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

    def test_undated_entries_take_the_feeds_date(self, tmp_path: Path) -> None:
        outcome = read(tmp_path / "b.rss", RSS)
        assert outcome.entries[1].updated == dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
        assert "2 entries have no date" in outcome.lines[0]

    def test_undated_entries_keep_the_day_they_were_stored(self, tmp_path: Path) -> None:
        entry = {"id": "https://b.example/two", "updated": "2020-01-01", "title": "x"}
        (tmp_path / "store/bob").mkdir(parents=True)
        (tmp_path / "store/bob/two.json").write_text(json.dumps(entry))
        outcome = read(tmp_path / "b.rss", RSS, store=tmp_path / "store")
        assert outcome.entries[1].updated == dt.datetime(2020, 1, 1, tzinfo=dt.UTC)

    def test_json_feed(self, tmp_path: Path) -> None:
        outcome = read(tmp_path / "c.json", json.dumps(JSON_FEED))
        one, two = outcome.entries
        assert (one.id, one.link, one.title) == ("1", "https://c.example/1", "One")
        assert one.updated == dt.datetime(2024, 5, 5, 22, tzinfo=dt.UTC)
        assert (one.content, one.content_type, one.summary) == ("<p>x</p>", "html", "s")
        assert one.categories == (Category(term="a"), Category(term="b"))
        assert one.enclosures[0].length == 9
        assert one.authors == (Person(name="Cy", uri="https://c.example"),)
        assert (two.content, two.content_type, two.language) == ("plain", "text", "de")
        assert [problem.field for problem in outcome.problems] == ["items[2]", "items[3]"]
        assert {problem.severity for problem in outcome.problems} == {"entry"}

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


class TestFaults:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "is empty"),
            (b"\0" * 100, "is no Atom, RSS or JSON feed"),
            (b"hello", "is no Atom, RSS or JSON feed"),
            (b"<html><body>x</body></html>", "is a web page"),
            (b"<!DOCTYPE html><title>x</title>", "is a web page"),
            (b'{"id": "x"}', "is no JSON Feed"),
            (b'{"version": "https://jsonfeed.org/version/1", "items": [', "line 1, column"),
            (b'{"version": "https://jsonfeed.org/version/1", "items": 3}', "Expected `array`"),
            (b"[" * 100_000, "is no Atom, RSS or JSON feed"),
        ],
    )
    def test_what_is_no_feed(self, tmp_path: Path, content: bytes, reason: str) -> None:
        with pytest.raises(NotASource, match=reason) as caught:
            read(tmp_path / "x.xml", content)
        assert "\n" not in str(caught.value)

    def test_truncated_anywhere_keeps_the_complete_entries(self, tmp_path: Path) -> None:
        items = "".join(
            f"<item><guid>{number}</guid><title>é{number}</title></item>" for number in range(20)
        )
        data = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
        for length in range(data.index(b"<item>") + 7, len(data) - 10, 13):
            outcome = read(tmp_path / "x.xml", data[:length])
            whole = data[:length].count(b"</item>")
            assert [entry.id for entry in outcome.entries] == [str(n) for n in range(whole)]
            assert "ends too early" in outcome.lines[0]

    def test_broken_in_the_middle_keeps_what_can_be_read(self, tmp_path: Path) -> None:
        broken = RSS.replace("<![CDATA[<p>Long &eacute;</p>]]>", "<p>a<br>b & c &eacute; < d")
        outcome = read(tmp_path / "x.rss", broken)
        assert [entry.title for entry in outcome.entries] == ["One", "", ""]
        assert "é < d" in str(outcome.entries[0].content).replace("&lt;", "<")
        assert "is not well-formed" in outcome.lines[0]

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1", "utf-8-sig", "cp1252"])
    def test_encodings(self, tmp_path: Path, encoding: str) -> None:
        text = "<rss version='2.0'><channel><title>Élan</title><item/></channel></rss>"
        label = {"utf-16-le": "utf-16", "utf-8-sig": "utf-8"}.get(encoding, encoding)
        document = f"<?xml version='1.0' encoding='{label}'?>{text}"
        outcome = read(tmp_path / "x.xml", document.encode(encoding))
        assert outcome.reading.origin.title == "Élan"

    def test_a_few_broken_bytes_do_not_spoil_the_rest(self, tmp_path: Path) -> None:
        text = "<rss version='2.0'><channel><title>日本語</title><item><title>é"
        data = text.encode() + b"\xff</title></item></channel></rss>"
        outcome = read(tmp_path / "x.xml", data)
        assert outcome.reading.origin.title == "日本語"
        assert outcome.entries[0].title == "é\ufffd"
        assert "1 bytes are no UTF-8" in outcome.lines[0]

    def test_control_characters_are_removed(self, tmp_path: Path) -> None:
        outcome = read(tmp_path / "a.atom", ATOM.replace("Two", "T\x01w\x0bo&#1;"))
        assert outcome.entries[1].title == "Two\ufffd"
        assert "2 control characters" in outcome.lines[0] or "4 control" in outcome.lines[0]

    @pytest.mark.parametrize(
        "dtd",
        [
            "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12)),
            f'<!ENTITY l11 "{"x" * 100_000}">',
            '<!ENTITY l11 SYSTEM "file:///etc/passwd">',
            '<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;',
            "<!ENTITY % a \"<!ENTITY l11 'x'>\"> %a;",
        ],
    )
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    @pytest.mark.parametrize("root", ["rss", "feed", "opml"])
    def test_entities_that_grow_or_lie_elsewhere(
        self, tmp_path: Path, dtd: str, encoding: str, root: str
    ) -> None:
        text = f"<!DOCTYPE {root} [{dtd}]>\n<{root} version='2.0'><channel><title>"
        text += "&l11;" * 20_000 + f"</title><item/></channel></{root}>"
        started = time.monotonic()
        tracemalloc.start()
        with pytest.raises(NotASource, match="refused"):
            read(tmp_path / "x.xml", text.encode(encoding))
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
        tracemalloc.stop()
        assert time.monotonic() - started < 2

    def test_xinclude_and_doctypes_read_nothing(self, tmp_path: Path, web: Server) -> None:
        address = web.address("/x")
        text = (
            f'<?xml-stylesheet href="{address}"?><!DOCTYPE rss SYSTEM "{address}">'
            '<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude"><channel><title>'
            '<xi:include href="file:///etc/passwd" parse="text"/>'
            f'<xi:include href="{address}" parse="text"/></title><item/></channel></rss>'
        )
        outcome = read(tmp_path / "x.xml", text)
        assert "root:" not in str(outcome.reading.origin)
        assert web.connections == 0

    def test_a_doctype_inside_an_entry_is_text(self, tmp_path: Path) -> None:
        attack = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        outcome = read(tmp_path / "x.xml", RSS.replace("<p>Long", f"<pre>{attack}</pre><p>Long"))
        assert attack in str(outcome.entries[0].content)

    @pytest.mark.parametrize(
        "piece",
        [
            "<a <" * 20_000,
            "&lt;a &lt;" * 20_000,
            "<b>" * 20_000,
            "<b>" * 20_000 + "</b>" * 20_000,
            "&" * 80_000,
            "<!" * 40_000,
            "<![CDATA[" * 10_000,
            " " * 100_000,
            "<author>" + "a." * 50_000 + "</author>",
            "<author>" + "a." * 50_000,
            "<dc:creator><![CDATA[" + "a@" * 50_000 + "]]></dc:creator>",
        ],
        ids=range(11),
    )
    def test_hostile_markup_takes_no_time(self, tmp_path: Path, piece: str) -> None:
        started = time.monotonic()
        try:
            read(tmp_path / "x.xml", RSS.replace("<description>Short", f"<description>{piece}"))
        except SourceError as error:
            assert "refused" in str(error)  # noqa: PT017 - both outcomes are right
        assert time.monotonic() - started < 5

    def test_body_over_the_limit(self, tmp_path: Path) -> None:
        outcome = read(tmp_path / "a.atom", ATOM, max_body=20)
        assert [entry.title for entry in outcome.entries] == ["Two"]
        assert "over the limit of 20; max_body raises it" in outcome.lines[0]
        assert outcome.problems[0].severity == "entry"

    def test_addresses_that_are_active_are_no_links(self, tmp_path: Path) -> None:
        text = ATOM.replace("one.html", "javascript:alert(1)").replace(
            "<uri>https://a.example</uri>", "<uri>javascript:alert(1)</uri>"
        )
        outcome = read(tmp_path / "a.atom", text)
        assert outcome.entries[0].link is None
        assert outcome.entries[0].authors == (Person(name="Ann"),)

    def test_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="No such file"):
            read_source(SOURCE, tmp_path / "x.xml")


class TestWeb:
    def test_relative_addresses_and_http_charset(self, web: Server) -> None:
        text = ATOM.replace('xml:base="https://a.example/blog/"', "").replace("Two", "Zwölf")
        web["/blog/feed"] = reply(
            text.replace('encoding="utf-8"', "").encode("latin-1"), "text/xml; charset=iso-8859-1"
        )
        outcome = fetch(web.address("/blog/feed"))
        assert outcome.entries[0].link == web.address("/blog/one.html")
        assert outcome.entries[1].title == "Zwölf"
        assert outcome.reading.complete

    def test_the_feed_of_a_page(self, web: Server) -> None:
        web["/"] = reply(
            b'<html><head><base href="/blog/"><link rel="alternate" type="application/rss+xml" '
            b'title="Comments" href="comments"><link rel="alternate" type="application/rss+xml" '
            b'href="rss"><link rel=ALTERNATE type="application/atom+xml" href="atom">',
            "text/html",
        )
        web["/blog/atom"] = reply(ATOM.encode(), "application/atom+xml")
        assert len(fetch(web.address("/")).entries) == 2
        web["/bare"] = reply(b"<html><p>x", "text/html")
        with pytest.raises(NotASource, match="names no feed"):
            fetch(web.address("/bare"))

    def test_history_of_archives(self, web: Server) -> None:
        def page(ids: str, older: str) -> bytes:
            entries = "".join(
                f"<entry><id>urn:x:{each}</id><title>{each}</title>"
                "<updated>2024-01-01T00:00:00Z</updated></entry>"
                for each in ids
            )
            link = f'<link rel="prev-archive" href="{older}"/>' if older else ""
            return (
                '<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>x</title>'
                f"<updated>2024-01-01T00:00:00Z</updated>{link}{entries}</feed>"
            ).encode()

        web["/feed"] = reply(page("dc", "/2"), "application/atom+xml")
        web["/2"] = reply(page("cb", "/1"), "application/atom+xml")
        web["/1"] = reply(page("a", "/2"), "application/atom+xml")
        address = web.address("/feed")
        recent = fetch(address)
        assert "holds 2 entries, the oldest of 2024-01-01; the option history" in recent.lines[0]
        everything = fetch(address, options=Options(history="all"))
        assert [entry.title for entry in everything.entries] == ["d", "c", "b", "a"]
        capped = fetch(address, options=Options(history="all", max_pages=2))
        assert [entry.title for entry in capped.entries] == ["d", "c", "b"]
        assert "max_pages = 2" in capped.lines[0]
        web["/1"] = reply(b"gone", status=410)
        broken = fetch(address, options=Options(history="all"))
        assert len(broken.entries) == 3
        assert not broken.reading.complete
        assert "its history ends early" in broken.lines[0]

    def test_history_of_json_feed_and_wordpress(self, web: Server) -> None:
        first = JSON_FEED | {"items": [{"id": "2"}], "next_url": web.address("/older")}
        web["/feed.json"] = reply(json.dumps(first).encode(), "application/feed+json")
        web["/older"] = reply(
            json.dumps(JSON_FEED | {"items": [{"id": "1"}]}).encode(), "application/feed+json"
        )
        outcome = fetch(web.address("/feed.json"), options=Options(history="all"))
        assert [entry.id for entry in outcome.entries] == ["2", "1"]
        generator = "<generator>https://wordpress.org/?v=6.5</generator><item>"
        for number in (1, 2, 3):
            page = RSS.replace("<item>", generator, 1).replace(">1<", f">{number}<")
            web[f"/wp?x=1&paged={number}" if number > 1 else "/wp?x=1"] = reply(page.encode())
        outcome = fetch(web.address("/wp?x=1"), options=Options(history="all"))
        assert [entry.id for entry in outcome.entries if len(entry.id) == 1] == ["1", "2", "3"]
        assert outcome.reading.complete

    def test_a_dead_feed_is_read_from_its_last_copy(self, web: Server, tmp_path: Path) -> None:
        web["/feed"] = reply(ATOM.encode(), "application/atom+xml")
        address = web.address("/feed")
        assert fetch(address, tmp_path).reading.complete
        web["/feed"] = reply(b"", status=503)
        outcome = fetch(address, tmp_path)
        assert len(outcome.entries) == 2
        assert not outcome.reading.complete
        assert outcome.problems[0].severity == "warning"
        assert "0 days old, is used" in outcome.lines[0]

    def test_a_dead_feed_is_read_from_the_store(self, web: Server, tmp_path: Path) -> None:
        address = web.address("/gone")
        with pytest.raises(SourceError, match="404"):
            fetch(address)
        (tmp_path / "bob").mkdir()
        stored = {"id": "1", "updated": "2024-05-06", "title": "x", "source": address}
        (tmp_path / "bob/one.json").write_text(json.dumps(stored))
        index = {"users": {"bob": {"directory": "bob", "feeds": [address]}}}
        (tmp_path / "index.json").write_text(json.dumps(index))
        outcome = fetch(address, store=tmp_path)
        assert [(entry.user, entry.title) for entry in outcome.entries] == [("bob", "x")]
        assert not outcome.reading.complete
        assert "the 1 entries of it in the store, the newest of 2024-05-06, are used" in str(
            outcome.problems[0]
        )

    def test_the_stores_own_name_for_a_feed(self, web: Server, tmp_path: Path) -> None:
        web["/feed"] = reply(RSS.encode(), "application/rss+xml")
        index = {"users": {"bob": {"directory": "bob", "feeds": [web.address("/feed")]}}}
        (tmp_path / "index.json").write_text(json.dumps(index))
        assert fetch(web.address("/feed"), store=tmp_path).entries[0].user == "bob"

    def test_password_in_the_address_is_not_told(self, web: Server) -> None:
        web["/feed"] = reply(RSS.encode(), "application/rss+xml")
        address = web.address("/feed").replace("http://", "http://me:secret@")
        outcome = fetch(address)
        told = f"{outcome.reading.origin}{outcome.entries}{outcome.reading.users}{outcome.problems}"
        assert "secret" not in told
        assert "secret" not in str(outcome.reading.feeds)


PIECES = """< > & ]]> <![CDATA[ <!-- --> </item> <entry> <item " <!DOCTYPE <!ENTITY &#xD800;
\ufffe xmlns:a='' <a:b> { } null 1e9 <title><link/href=' <source/> <author/> \x00 <?xml ?> </
<content/type='xhtml'> <div><p> NaN [[[ </feed> <feed> <rss> xml:base="//[" """


class TestAnything:
    """Whatever arrives is a reading or one error of ours, never another exception."""

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        sample=st.sampled_from([ATOM, RSS, json.dumps(JSON_FEED)]),
        at=st.floats(0, 1),
        length=st.integers(0, 60),
        inserted=st.text(max_size=8) | st.sampled_from(PIECES.split()),
    )
    def test_a_feed_with_one_place_changed(
        self, tmp_path: Path, sample: str, at: float, length: int, inserted: str
    ) -> None:
        start = int(at * len(sample))
        text = sample[:start] + inserted + sample[start + length :]
        data = text.encode("utf-8", "surrogatepass")
        with contextlib.suppress(SourceError):
            outcome = read(tmp_path / "x.xml", data)
            for entry in outcome.entries:
                assert entry.id
                assert entry.user in outcome.reading.users
                assert entry.source in outcome.reading.feeds
                assert entry.updated.tzinfo is dt.UTC
                assert entry.link is None or entry.link.startswith("http")
                msgspec.json.encode(entry)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes(self, tmp_path: Path, data: bytes) -> None:
        with contextlib.suppress(SourceError):
            read(tmp_path / "x.xml", data)
        with contextlib.suppress(SourceError):
            read(tmp_path / "x.xml", b"<rss version='2.0'><channel><item><title>" + data)
