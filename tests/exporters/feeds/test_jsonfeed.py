"""JSON Feed: valid by the specification's rules, and lossless by its extension."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import html5lib
import jsonfeed
import pytest
from feed_sets import contents, context, exported, sample, sample_entries, volumes_of

from convert.exporters.feeds.jsonfeed import EXPORTER
from convert.model import Link, Person, User
from convert.testing import entry_set, prepared

EVERYTHING = {
    "base_url": "https://planet.example/feeds",
    "hub": "https://hub.example/",
    "icon": "https://planet.example/i.png",
    "logo": "https://planet.example/l.png",
    "each": ("author", "category"),
    "page_size": 2,
}

_FEED = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str,
    "user_comment": str, "next_url": str, "icon": str, "favicon": str, "authors": list,
    "language": str, "expired": bool, "hubs": list, "items": list,
}  # fmt: skip
_ITEM = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str,
    "content_text": str, "summary": str, "image": str, "banner_image": str,
    "date_published": str, "date_modified": str, "authors": list, "tags": list,
    "language": str, "attachments": list,
}  # fmt: skip
_AUTHOR = {"name": str, "url": str, "avatar": str}
_ATTACHMENT = {
    "url": str, "mime_type": str, "title": str, "size_in_bytes": int, "duration_in_seconds": int,
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def problems(feed: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a JSON Feed, each with the object concerned."""
    found = _fields("feed", feed, _FEED, ("version", "title", "items"))
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        found.append("feed: not version 1.1")
    for name in ("home_page_url", "feed_url", "next_url", "icon", "favicon"):
        if name in feed and not _web(feed[name]):
            found.append(f"feed: {name} is no address")
    if feed.get("next_url") and feed.get("next_url") == feed.get("feed_url"):
        found.append("feed: next_url leads to itself")
    for hub in feed.get("hubs", []):
        found += _fields("hub", hub, {"type": str, "url": str}, ("type", "url"))
    items = feed.get("items", [])
    for item in items:
        found += _item(item)
    ids = [item.get("id") for item in items]
    if len(set(ids)) < len(ids):
        found.append("item: an id twice")
    return found


def _item(item: dict[str, Any]) -> list[str]:
    found = _fields("item", item, _ITEM, ("id",))
    if "content_html" not in item and "content_text" not in item:
        found.append("item: neither content_html nor content_text")
    for name in ("date_published", "date_modified"):
        if name in item and not _DATE.fullmatch(item[name]):
            found.append(f"item: {name} is no date of RFC 3339")
    if "url" in item and not _web(item["url"]):
        found.append("item: url is no address")
    for author in item.get("authors", []):
        found += _fields("author", author, _AUTHOR, ())
        if not {"name", "url", "avatar"} & set(author):
            found.append("author: says nothing")
    for attachment in item.get("attachments", []):
        found += _fields("attachment", attachment, _ATTACHMENT, ("url", "mime_type"))
    if not all(isinstance(tag, str) for tag in item.get("tags", [])):
        found.append("item: tags are text")
    tree = html5lib.parse(item.get("content_html", ""), namespaceHTMLElements=False)
    for each in tree.iter():
        for name in ("href", "src"):
            if ":" not in each.get(name, ":"):
                found.append("item: a relative reference")
    return found


def _fields(
    holder: str, given: dict[str, Any], known: Mapping[str, type], needed: tuple[str, ...]
) -> list[str]:
    found = [f"{holder}: no {name}" for name in needed if name not in given]
    for name, value in given.items():
        if name.startswith("_"):
            if not isinstance(value, dict):
                found.append(f"{holder}: the extension {name} is no object")
        elif name not in known:
            found.append(f"{holder}: {name} is not known")
        elif type(value) is not known[name]:
            found.append(f"{holder}: {name} is of the wrong type")
    return found


def _web(address: str) -> bool:
    return address.isascii() and re.fullmatch(r"https?://[^\s<>\"]+", address) is not None


def made(tmp_path: Path, entries: Any = None, **options: Any) -> dict[str, Any]:
    files = exported(
        EXPORTER, sample() if entries is None else entries, tmp_path, ".json", **options
    )
    return {path: json.loads(text) for path, text in files.items()}


@pytest.mark.parametrize(
    "options", [{}, EVERYTHING, {"content": "summary"}], ids=["plain", "everything", "summary"]
)
def test_every_document_is_valid(tmp_path: Path, options: dict[str, Any]) -> None:
    files = made(tmp_path, **options)
    assert len(files) == (7 if options is EVERYTHING else 1)
    for path, feed in files.items():
        assert problems(feed) == [], path


def test_an_empty_set_is_valid(tmp_path: Path) -> None:
    feed = made(tmp_path, entry_set([]))["eeg.json"]
    assert problems(feed) == []
    assert feed["items"] == []


@pytest.mark.parametrize(
    ("change", "holder"),
    [
        (lambda feed: feed.pop("version"), "feed"),
        (lambda feed: feed.update(version="https://jsonfeed.org/version/1"), "feed"),
        (lambda feed: feed.update(title=None), "feed"),
        (lambda feed: feed.update(author={"name": "x"}), "feed"),
        (lambda feed: feed.update(next_url="page/2.json"), "feed"),
        (lambda feed: feed["items"][0].pop("id"), "item"),
        (lambda feed: feed["items"][0].update(id=1), "item"),
        (lambda feed: feed["items"][0].update(id=feed["items"][1]["id"]), "item"),
        (lambda feed: feed["items"][0].pop("content_html"), "item"),
        (lambda feed: feed["items"][0].update(content_html="<a href='x'>x</a>"), "item"),
        (lambda feed: feed["items"][0].update(date_published="2024-05-06"), "item"),
        (lambda feed: feed["items"][0]["attachments"][0].pop("mime_type"), "attachment"),
        (lambda feed: feed["items"][0].update(authors=[{}]), "author"),
        (lambda feed: feed["items"][0].update(_thicket=1), "item"),
        (lambda feed: feed.update(hubs=[{"url": "https://hub.example"}]), "hub"),
    ],
)
def test_wrong_feeds_fail(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], holder: str
) -> None:
    feed = made(tmp_path)["eeg.json"]
    change(feed)
    found = problems(feed)
    assert any(problem.startswith(f"{holder}:") for problem in found), found


def test_every_field_is_carried(tmp_path: Path) -> None:
    feed = made(tmp_path)["eeg.json"]
    first, second, third, fourth = feed["items"]
    html = first.pop("content_html")
    assert '<a href="https://anil.example/answer#fn-1">place</a>' in html
    assert "<em>with</em> &lt;tags&gt; &amp; a" in html
    reference = {
        "id": "bea:q 1 <>",
        "url": "https://bea.example/question",
        "title": "שאלה",
    }
    assert first == {
        "id": "https://anil.example/answer",
        "url": "https://anil.example/answer",
        "title": "Answer <b>&amp;</b> “quotes”",
        "summary": "Short & sweet",
        "date_published": "2024-05-05T23:59:58+00:00",
        "date_modified": "2024-05-06T07:08:09+00:00",
        "authors": [
            {
                "name": "Anil",
                "url": "https://anil.example/",
                "avatar": "https://anil.example/face.png",
            },
            {"name": "Eve", "_thicket": {"email": "eve@example.org"}},
        ],
        "tags": ["ocaml", "C & C"],
        "language": "en-GB",
        "external_url": "https://eve.example/",
        "image": "https://anil.example/heron.jpg",
        "attachments": [
            {
                "url": "https://anil.example/cover.jpg",
                "mime_type": "image/jpeg",
                "title": "A heron",
            },
            {
                "url": "https://anil.example/a.mp3",
                "mime_type": "audio/mpeg",
                "title": "Talk",
                "size_in_bytes": 1234,
                "duration_in_seconds": 61,
            },
            {"url": "https://anil.example/b.pdf", "mime_type": "application/octet-stream"},
        ],
        "_thicket": {
            "user": "anil",
            "source": {
                "id": "https://anil.example/feed",
                "title": "Anil & co",
                "subtitle": "A <blog>",
                "feed_url": "https://anil.example/feed.xml",
                "home_page_url": "https://anil.example/",
                "updated": "2025-01-02T00:00:00+00:00",
                "rights": "© Anil",
                "favicon": "https://anil.example/i.png",
                "language": "en",
                "authors": [{"name": "Anil"}],
            },
            "contributors": [{"name": "Carl"}],
            "links": [
                {"rel": "via", "url": "https://carl.example/found", "title": "Carl"},
                {"rel": "license", "url": "https://licence.example/by"},
                {
                    "rel": "alternate",
                    "url": "https://anil.example/antwort",
                    "type": "text/html",
                    "language": "de",
                },
                {"rel": "related", "url": "https://eve.example/", "type": "text/html"},
                {"rel": "replies", "url": "https://anil.example/answer#comments"},
            ],
            "rights": "CC BY",
            "categories": [
                {"term": "ocaml", "scheme": "https://anil.example/tags", "label": "OCaml"},
                {"term": "C & C"},
            ],
            "in_reply_to": [reference],
            "cites": [reference],
        },
    }
    assert second["_thicket"]["cited_by"] == [
        {
            "id": "https://anil.example/answer",
            "url": "https://anil.example/answer",
            "title": "Answer <b>&amp;</b> “quotes”",
        }
    ]
    assert second["_thicket"]["direction"] == "rtl"
    assert third["_thicket"]["summary_only"] is True
    assert "date_published" not in third
    assert fourth["content_html"] == "<p>Nowhere.</p>"
    bare = made(tmp_path / "bare", entry_set([prepared("a/1", "<div/>", link=None)]))
    assert problems(bare["eeg.json"]) == []
    assert bare["eeg.json"]["items"][0]["content_text"] == ""


@pytest.mark.parametrize(
    ("authors", "avatars"),
    [
        ((), ["https://ann.example/m.png"]),
        ((Person(name="ann  MILLER"),), ["https://ann.example/m.png"]),
        (
            (Person(name="Ann Miller", icon="https://ann.example/a.png"),),
            ["https://ann.example/a.png"],
        ),
        ((Person(name="Bob"), Person(name="Ann Miller")), [None, "https://ann.example/m.png"]),
        ((Person(name="Bob", icon="javascript:x"),), [None]),
    ],
)
def test_the_face_of_a_member_is_that_of_the_author_of_this_name(
    authors: tuple[Person, ...], avatars: list[str | None], tmp_path: Path
) -> None:
    user = User(username="ann", display_name="Ann Miller", icon="https://ann.example/m.png")
    entries = entry_set([prepared("ann/1", authors=authors)], users={"ann": user})
    (item,) = made(tmp_path, entries)["eeg.json"]["items"]
    assert [each.get("avatar") for each in item["authors"]] == avatars


@pytest.mark.parametrize(
    ("page", "external"),
    [
        ("https://a.example/1", "https://b.example/"),
        ("https://b.example/", "https://c.example/"),
        (None, None),  # it would be taken for the page
    ],
)
def test_what_an_item_speaks_of_stands_beside_its_page(
    page: str | None, external: str | None, tmp_path: Path
) -> None:
    related = [Link(rel="related", href=f"https://{each}.example/") for each in "bc"]
    links = (Link(rel="via", href="https://v.example/"), *related)
    entries = entry_set([prepared("a/1", link=page, links=links)])
    (item,) = made(tmp_path, entries)["eeg.json"]["items"]
    assert item.get("external_url") == external
    assert [each["rel"] for each in item["_thicket"]["links"]] == ["via", "related", "related"]


def test_an_independent_reader_gets_back_what_the_entries_say(tmp_path: Path) -> None:
    text = exported(EXPORTER, sample(), tmp_path, ".json", **EVERYTHING)["eeg.json"]
    feed = jsonfeed.Feed.parse_string(text.decode())
    assert (feed.title, feed.description, feed.language) == ("The group", "All of us", "en")
    assert feed.home_page_url == "https://planet.example/feeds/"
    assert feed.feed_url == "https://planet.example/feeds/eeg.json"
    assert feed.next_url == "https://planet.example/feeds/eeg/page/2.json"
    assert feed.icon == "https://planet.example/l.png"
    assert feed.hubs[0].url == "https://hub.example/"
    for read, entry in zip(feed.items, [each.entry for each in sample_entries()], strict=False):
        assert read.id == entry.id
        assert read.url == entry.link
        assert read.title == entry.title
        assert read.date_published == (entry.published.isoformat() if entry.published else None)
        assert read.date_modified == entry.updated.isoformat()
        assert read.summary == entry.summary
        assert [each.name for each in read.authors] == (
            [each.name for each in entry.authors] or ["Béa"]
        )
        assert (read.tags or []) == [each.term for each in entry.categories]
        assert [(each.url, each.title, each.duration_in_seconds) for each in read.attachments] == [
            (each.href, each.title, each.duration) for each in entry.enclosures
        ]
    assert len(feed.items) == 2
    assert feed.items[1].content_html == '<div dir="rtl"><p>שאלה</p></div>'


def test_pages_and_volumes_lead_on(tmp_path: Path) -> None:
    files = made(tmp_path / "pages", page_size=3, base_url="https://planet.example/")
    assert files["eeg.json"]["next_url"] == "https://planet.example/eeg/page/2.json"
    assert "next_url" not in files["eeg/page/2.json"]
    options = EXPORTER.Options(volumes="year", base_url="https://planet.example/")
    whole = dataclasses.replace(sample(), volumes=volumes_of(sample())[0].volumes)
    live = contents(EXPORTER.list_volumes(whole, context(options, tmp_path / "live", "eeg.json")))
    assert json.loads(live["eeg.json"])["next_url"] == "https://planet.example/eeg-2023.json"


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    assert made(tmp_path / "a", **EVERYTHING) == made(tmp_path / "b", **EVERYTHING)
