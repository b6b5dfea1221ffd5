"""What planets have: three blogs through the command, and what a group may ask of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from group_feeds import atom, json_feed, rss
from running import command

from convert import prepare, read, select


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    """Mira writes much, Tom and Ines little."""
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "mira.xml").write_bytes(atom("mira", (6, 7, 8, 9)))
    (folder / "tom.xml").write_bytes(rss("tom", (1, 2)))
    (folder / "ines.json").write_bytes(json_feed("ines", (3, 4)))
    return folder


def ids(*arguments: object, code: int = 0) -> list[str]:
    """What is in the feed that the command makes, newest first: "mira 9"."""
    ended = command(*arguments, "--to", "jsonfeed", "-o", "-", "--offline")
    assert ended.code == code, ended.err
    return [each["title"] for each in json.loads(ended.out)["items"]] if not code else []


def test_one_prolific_blog_does_not_fill_the_planet(feeds: Path) -> None:
    assert ids("export", feeds, "--limit", 4) == ["mira 9", "mira 8", "mira 7", "mira 6"]
    some = ["mira 9", "mira 8", "ines 4", "ines 3", "tom 2", "tom 1"]
    assert ids("export", feeds, "--per-author", 2) == some
    assert ids("export", feeds, "--per-author", 2, "--limit", 3) == some[:3]
    assert ids("export", feeds, "--per-author", 1, "--author", "mira") == ["mira 9"]
    config = feeds.parent / "planet.toml"
    config.write_text(
        "sources = ['feeds']\nselect = { per_author = 2 }\n"
        "[[output]]\nto = 'jsonfeed'\nselect = { per_author = 1 }\n"
    )
    assert ids("build", config) == ["mira 9", "ines 4", "tom 2"]
    assert ids("build", config, "--per-author", "") == ["mira 9", "ines 4", "tom 2"]
    ids("export", feeds, "--per-author", 0, code=3)


def test_what_stays_of_duplicates_counts_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "first.xml").write_bytes(atom("mira", (1, 2, 3)))
    again = atom("mira", (3,)).replace(b"urn:mira", b"urn:mirror")
    (tmp_path / "second.xml").write_bytes(again)
    collection = select(read(tmp_path, cache=tmp_path / "cache"), limit=2)
    published = [entry.id for entry in prepare(collection)]
    assert published == ["https://mira.example/3", "https://mira.example/2"]
    assert sorted(entry.id for entry in collection) == sorted([*published, published[0]])
