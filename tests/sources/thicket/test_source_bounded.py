"""How much is read of one repository, in Git and on disk."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygit2
import pytest
from running import SALTMARSH, command
from source_reading import read_source
from thicket_samples import ENTRY, INDEX, put

from convert.errors import SourceError
from convert.sources.thicket import bounded
from convert.sources.thicket.source import SOURCE


def bomb(place: Path, folders: int, names: int, ending: str = ".json", size: int = 0) -> Path:
    """A bare repository of a few objects: one entry under so many names in so many folders."""
    git = pygit2.init_repository(str(place), bare=True, initial_head="main")
    entry = git.create_blob(json.dumps(ENTRY | {"content": "x" * size}).encode())
    inner, top = git.TreeBuilder(), git.TreeBuilder()
    for at in range(names):
        inner.insert(f"e{at}{ending}", entry, pygit2.enums.FileMode.BLOB)
    folder = inner.write()
    for at in range(folders):
        top.insert(f"u{at}", folder, pygit2.enums.FileMode.TREE)
    top.insert("index.json", git.create_blob(b'{"users": {}}'), pygit2.enums.FileMode.BLOB)
    who = pygit2.Signature("t", "t@example.org", 1, 0)
    git.create_commit("refs/heads/main", who, who, "x", top.write(), [])
    return place


def on_disk(place: Path, folders: int, names: int, ending: str = ".json", size: int = 0) -> Path:
    """The same as a folder."""
    bare = bomb(place.with_suffix(".git"), folders, names, ending, size)
    subprocess.run(["git", "clone", "-q", bare, place], check=True)
    shutil.rmtree(place / ".git")
    return place


@pytest.mark.parametrize("make", [bomb, on_disk])
@pytest.mark.parametrize(
    ("name", "limit", "shape", "words"),
    [
        ("MOST_ENTRIES", 30, (5, 6), "entries"),
        ("MOST_NAMES", 36, (5, 6), "files and folders"),
        ("MOST_NAMES", 36, (5, 6, ".txt"), "files and folders"),
        ("MOST_BYTES", 0, (5, 6, ".json", 1_000), "bytes of entries"),
    ],
)
def test_no_more_is_read_than_the_limit(
    make: Callable[..., Path], name: str, limit: int, shape: tuple[Any, ...], words: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    place = make(tmp_path / "store", *shape)
    if name == "MOST_BYTES":
        limit = 30 * len(json.dumps(ENTRY | {"content": "x" * shape[-1]}))
    monkeypatch.setattr(bounded, name, limit)
    outcome = read_source(SOURCE, place)
    assert (len(outcome.entries), outcome.lines) == (0 if ".txt" in shape else 30, [])
    monkeypatch.setattr(bounded, name, limit - 1)
    with pytest.raises(SourceError) as caught:
        read_source(SOURCE, place)
    reason = f"holds more than {limit - 1:,} {words}, the most that is read of one repository"
    assert str(caught.value) == f"{place}: {reason}; divide it, or remove what is no entry"


def test_what_is_no_repository_is_looked_through_to_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = on_disk(tmp_path / "store", 5, 6, ".txt")
    (place / "index.json").unlink()
    monkeypatch.setattr(bounded, "MOST_NAMES", 50)
    with pytest.raises(SourceError, match="holds more than 50 files and folders"):
        read_source(SOURCE, place)


def test_what_is_too_large_to_be_read_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = bomb(tmp_path / "store.git", 2, 2, ".json", 1_100_000)
    monkeypatch.setattr(bounded, "MOST_BYTES", 1_000_000)
    outcome = read_source(SOURCE, place, max_body=10)
    assert len(outcome.lines) == 4
    assert all(
        "over the limit of 1,000,060; --max-body raises it" in each for each in outcome.lines
    )


@pytest.mark.parametrize("depth", [bounded.DEEPEST, bounded.DEEPEST + 1, 1_000_000])
def test_the_folder_of_a_member_lies_no_deeper_than_the_limit(depth: int, tmp_path: Path) -> None:
    folder = "/".join("a" * depth)
    user = INDEX["users"]["ann"] | {"directory": folder}  # type: ignore[index]
    put(tmp_path, "index.json", {"users": {"ann": user}})
    if depth < 100:
        put(tmp_path, f"{folder}/one.json", ENTRY)
    outcome = read_source(SOURCE, tmp_path)
    beyond = depth > bounded.DEEPEST
    assert len(outcome.entries) == (0 if beyond else 1)
    reason = f"more than {bounded.DEEPEST} folders inside one another: ignored"
    assert outcome.lines == [f"warning index.json: users.ann.directory: {reason}"] * beyond


@pytest.mark.slow
def test_a_bomb_costs_its_source_and_nothing_else(tmp_path: Path) -> None:
    """200 kB are 4 million entries."""
    place = bomb(tmp_path / "bomb.git", 2_000, 2_000)
    assert sum(each.stat().st_size for each in place.rglob("*") if each.is_file()) < 200_000
    begin = time.process_time()
    with pytest.raises(SourceError, match="more than 250,000 entries, the most that is read"):
        read_source(SOURCE, place)
    assert time.process_time() - begin < 30
    ways = ("--to", "atom", "--out", tmp_path / "out", "--cache", tmp_path / "cache")
    alone = command("export", place, *ways)
    reason = "holds more than 250,000 entries, the most that is read of one repository; divide it"
    assert (alone.code, reason in alone.err) == (3, True), alone.err
    assert len(alone.err.splitlines()) < 4
    beside = command("export", place, SALTMARSH, *ways)
    assert beside.code == 1
    assert f"source failed: {place}: {reason}" in beside.err
    assert "15 of 16 entries published" in beside.err
