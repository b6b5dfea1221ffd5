"""Sources that are named more than once, and revisions: judged before they are read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import SALTMARSH, command, tree
from server import Server, reply

from convert import read
from convert.errors import UnknownName, UsageError
from convert.library import Collection

FEED = b"""<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>F</title>
<updated>2024-01-01T00:00:00Z</updated><entry><id>urn:a</id><title>A</title>
<updated>2024-01-01T00:00:00Z</updated><content>Tides.</content></entry></feed>"""


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        for path in ("/feed.atom", "/feed.atom?page=2"):
            server[path] = reply(FEED, "application/atom+xml")
        yield server


def opened(tmp_path: Path, *addresses: object, rev: str | None = None) -> Collection:
    return read(
        *map(str, addresses), rev=rev, cache=tmp_path / "cache", allow_network="127.0.0.1/32"
    )


@pytest.fixture
def group(tmp_path: Path) -> Path:
    (tmp_path / "group" / "ada").mkdir(parents=True)
    (tmp_path / "group" / "ada" / "a.json").write_text(
        '{"id": "urn:a", "title": "A", "updated": "2024-01-01", "content": "x"}'
    )
    (tmp_path / "link").symlink_to(tmp_path / "group")
    return tmp_path / "group"


@pytest.mark.parametrize("spelling", ["group", "group/", "./group", "group/../group", "link"])
def test_a_folder_in_two_spellings_is_read_once(
    tmp_path: Path, group: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    monkeypatch.chdir(tmp_path)
    collection = opened(tmp_path, group, spelling)
    assert len(list(collection)) == 1
    assert [str(each) for each in collection.problems] == [
        f"{spelling}: is the same source as {group}; it is read once"
    ]


def test_an_address_in_two_spellings_is_read_once(tmp_path: Path, web: Server) -> None:
    first = web.address("/feed.atom")
    others = [
        first, first.replace("http:", "HTTP:"), f"{first}#top", first.replace("/f", "/%66"),
        f"{first}?utm_source=x",
    ]  # fmt: skip
    for other in others:
        collection = opened(tmp_path, first, other)
        assert len(collection.opened.sources.readings) == 1, other
        (problem,) = collection.problems
        assert problem.reason == f"is the same source as {first}; it is read once"
    for other in (f"{first}?page=2", first.replace("//", "//ada:secret@")):
        assert len(opened(tmp_path, first, other).opened.sources.readings) == 2


def test_two_folders_with_the_same_entries_are_two_sources(tmp_path: Path, group: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", group, other], check=True)
    collection = opened(tmp_path, group, other)
    assert len(collection.opened.sources.readings) == 2
    assert collection.problems == ()


def test_the_command_reads_once_and_says_so(tmp_path: Path) -> None:
    relative = os.path.relpath(SALTMARSH, tmp_path)
    ended = command("check", SALTMARSH, relative, "--cache", tmp_path / "cache", cwd=tmp_path)
    assert ended.code == 0
    assert ended.err.count("it is read once") == 1
    assert "15 of 16 entries can be published" in ended.err


# --- revisions ---------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@t.example")
    subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True)


@pytest.fixture
def committed(group: Path) -> Path:
    git(group, "init", "-q", "-b", "main")
    git(group, "add", ".")
    git(group, "commit", "-q", "-m", "first")
    git(group, "tag", "v1.0")
    git(group, "branch", "drafts")
    return group


@pytest.mark.parametrize(
    ("rev", "hint"),
    [
        ("v1.O", "did you mean v1.0"),
        ("mian", "did you mean main"),
        ("draft", "did you mean drafts"),
        ("nope", "known are drafts, main, v1.0"),
        ("0000000", "known are drafts, main, v1.0"),
        ("main~5", "did you mean main"),
        ("two words", "known are drafts, main, v1.0"),
    ],
)
def test_a_revision_that_is_not_there_is_a_mistake(
    tmp_path: Path, committed: Path, rev: str, hint: str
) -> None:
    with pytest.raises(UnknownName) as raised:
        opened(tmp_path, committed, rev=rev)
    assert str(raised.value) == f"no revision of {committed} is called {rev!r}; {hint}"
    assert len(list(opened(tmp_path, committed, rev="v1.0"))) == 1


def test_a_revision_of_what_has_none_is_a_mistake(
    tmp_path: Path, web: Server, committed: Path
) -> None:
    feed = web.address("/feed.atom")
    with pytest.raises(UsageError, match=r"^rev: 'main' cannot be read: none of the "):
        opened(tmp_path, feed, rev="main")
    assert len(list(opened(tmp_path, feed, committed, rev="main"))) == 2
    (committed.parent / "plain").mkdir()
    with pytest.raises(UsageError, match="is not in a Git repository"):
        opened(tmp_path, committed.parent / "plain", rev="main")


def test_what_was_published_stands_in_for_no_mistake(tmp_path: Path, committed: Path) -> None:
    """Of several sources copies are kept: another revision's is not what was asked for."""
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", committed, other], check=True)
    words = ("--to", "csl", "--out", tmp_path / "out", "--cache", tmp_path / "cache", "--rev")
    assert command("export", committed, other, *words, "main").code == 0
    before = tree(tmp_path / "out")
    ended = command("export", committed, other, *words, "mian")
    assert ended.code == 2
    assert f"error: no revision of {committed} is called 'mian'; did you mean main" in ended.err
    plain = tmp_path / "plain"
    plain.mkdir()
    assert command("export", committed, plain, *words, "main").code == 2
    assert tree(tmp_path / "out") == before


def test_the_command_ends_with_2(tmp_path: Path, committed: Path) -> None:
    ended = command("check", committed, "--rev", "nope", "--cache", tmp_path / "cache")
    assert ended.code == 2
    assert "error: " in ended.err
    assert "known are drafts, main, v1.0" in ended.err
