"""What is said of several sources says of which."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from group_feeds import atom, run

from convert.model import Problem


def repository(folder: Path) -> Path:
    (folder / "ada").mkdir(parents=True)
    (folder / "index.json").write_text('{"users": 3}')
    entry = {"id": "urn:1", "title": "One", "updated": "2024-01-01", "content": "<p>Text."}
    (folder / "ada/1.json").write_text(json.dumps(entry))
    (folder / "ada/2.json").write_text(json.dumps(entry | {"id": ""}))
    (folder / "ada/3.json").write_text("{")
    (folder / "ada/4.json").write_text(json.dumps(entry | {"id": "urn:4", "content": "x" * 900}))
    entry = {"id": "urn:5", "title": "Five", "published": "2024-01-01", "content": "<p>Other."}
    entry["content"] += "<img src='p.png' alt='gone'>"
    (folder / "ada/5.json").write_text(json.dumps(entry))
    return folder


def test_a_problem_says_in_which_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    repository(tmp_path / "a")
    repository(tmp_path / "b" / "a")
    (tmp_path / "feed.xml").write_bytes(atom("mira", (1,))[:-9])
    settings = {"max_body": 800, "out": tmp_path / "out", "cache": tmp_path / "cache"}
    several = run(tmp_path, ["a", "b/a", "feed.xml"], ("epub",), **settings)
    paths = {each.path for each in several.problems}
    files = {"index.json", *(f"ada/{number}.json" for number in range(2, 6))}
    of_both = {f"{source}/{file}" for source in ("a", "b/a") for file in files}
    assert paths == {"feed.xml", "b/a/ada/1.json"} | of_both
    same = {each.reason for each in several.problems if each.path == "b/a/ada/1.json"}
    assert same == {"left out as a duplicate of a/ada/1.json: same id, title and text"}
    one = run(tmp_path, ["a"], ("epub",), **settings, overwrite=True)
    assert {each.path for each in one.problems} == files


@pytest.mark.parametrize(
    ("origin", "path", "shown"),
    [
        ("group", "ada/1.json", "group/ada/1.json"),
        ("group/", "index.json", "group/index.json"),
        ("group", "", "group"),
        ("group", "group/ada/1.json", "group/ada/1.json"),
        ("group/ada/1.json", "ada/1.json", "group/ada/1.json"),
        ("a/ada", "ada", "a/ada/ada"),
        ("https://git.example/g.git", "ada/1.json", "https://git.example/g.git/ada/1.json"),
        ("group.opml", "https://a.example/feed", "https://a.example/feed"),
    ],
)
def test_the_source_is_said_once(origin: str, path: str, shown: str) -> None:
    assert Problem(path=path, reason="x").within(origin).path == shown
