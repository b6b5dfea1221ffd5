"""Feeds from a real web server, with their history, and dead ones."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from feed_samples import ATOM, JSON_FEED, RSS
from server import LOOPBACK, Server, dated, reply
from source_reading import Outcome, read_source

from convert.errors import NotASource, SourceError
from convert.output.copies import note_answer
from convert.sources.feeds.source import SOURCE, Options
from convert.text import stale
from convert.web.fetcher import HttpFetcher

HEAD = b'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id><title>x</title>'
MONDAY = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


def fetch(address: str, cache: Path | None = None, **settings: object) -> Outcome:
    with HttpFetcher(cache, allow_network=LOOPBACK, seconds=5) as fetcher:
        return read_source(SOURCE, address, fetcher=fetcher, **settings)


class TestWeb:
    def test_relative_addresses_and_http_charset(self, web: Server) -> None:
        text = ATOM.replace('xml:base="https://a.example/blog/"', "").replace("Two", "Zwölf")
        web["/blog/feed"] = reply(
            text.replace('encoding="utf-8"', "").encode("latin-1"), "text/xml; charset=iso-8859-1"
        )
        outcome = fetch(web.address("/blog/feed"))
        assert outcome.entries[0].link == web.address("/blog/one.html")
        assert outcome.entries[1].title == "Zwölf"
        assert not outcome.reading.lost

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
        assert broken.reading.lost
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
        assert not outcome.reading.lost

    def test_a_dead_feed_is_read_from_its_last_copy(self, web: Server, tmp_path: Path) -> None:
        web["/feed"] = reply(ATOM.encode(), "application/atom+xml")
        address = web.address("/feed")
        assert not fetch(address, tmp_path).reading.lost
        web["/feed"] = reply(b"", status=503)
        outcome = fetch(address, tmp_path)
        assert len(outcome.entries) == 2
        assert outcome.reading.lost
        assert outcome.problems[0].severity == "warning"
        assert "503 Service Unavailable; the copy in the cache is used" in outcome.lines[0]

    @pytest.mark.parametrize(
        ("useless", "failure"),
        [
            (b"", "is empty"),
            (b"\0\0garbage", "is no Atom"),
            (b"<html><p>For sale", "is a page that names no feed"),
            (b'<html><link rel=alternate type="application/atom+xml" href="/other">', "is empty"),
            (HEAD, "is not well-formed"),
            (HEAD + b"</feed>", ""),
            (ATOM[: ATOM.index("</entry>") + 30].encode(), ""),
        ],
        ids=["empty", "garbage", "page", "page of another", "cut", "no entry", "part"],
    )
    def test_an_answer_of_no_use_does_not_take_the_place_of_a_good_one(
        self, web: Server, tmp_path: Path, useless: bytes, failure: str
    ) -> None:
        address, good = web.address("/feed"), dated(ATOM.encode(), MONDAY)
        web["/other"] = reply(b"")
        web["/feed"] = good
        before = fetch(address, tmp_path)
        web["/feed"] = dated(useless, MONDAY + dt.timedelta(days=2))
        for _ in range(2):
            outcome = fetch(address, tmp_path)
            if failure:
                assert outcome.reading.lost
                assert outcome.entries == before.entries
                assert f"{address}: {failure}" in outcome.lines[-1]
                assert "the copy in the cache is used" in outcome.lines[-1]
        # The host puts back the file that it had, with its date.
        web["/feed"] = good
        outcome = fetch(address, tmp_path)
        assert (outcome.entries, outcome.problems) == (before.entries, [])
        with HttpFetcher(tmp_path, offline=True) as fetcher:
            assert read_source(SOURCE, address, fetcher=fetcher).entries == before.entries

    def test_an_answer_of_no_use_where_there_was_none_before(
        self, web: Server, tmp_path: Path
    ) -> None:
        web["/feed"] = dated(b"", MONDAY)
        with pytest.raises(NotASource, match="is empty"):
            fetch(web.address("/feed"), tmp_path)
        web["/feed"] = dated(ATOM.encode(), MONDAY - dt.timedelta(days=2))
        assert len(fetch(web.address("/feed"), tmp_path).entries) == 2

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
        assert outcome.reading.lost
        # The date of a folder that was copied or cloned says nothing of the feed.
        unknown = "when the source last answered is not known, its newest entry is of 2024-05-06, "
        assert f"404 Not Found; what it gave before is used: {unknown}" in outcome.lines[0]
        assert outcome.lines[0].startswith(f"entry {address}: 404 Not Found")
        assert fetch(address, store=tmp_path, max_stale=None).lines[0].startswith("warning ")
        note_answer(tmp_path / "bob")
        (line,) = fetch(address, store=tmp_path).lines
        assert line.startswith("warning ")
        assert "the source last answered on 20" in line
        date = stale.note(10**9)
        os.utime(tmp_path / "bob", ns=(date, date))
        (line,) = fetch(address, store=tmp_path).lines
        assert line.startswith("entry ")
        assert "the source last answered on 2001-09-09" in line

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
