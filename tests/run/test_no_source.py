"""What cannot be a source is a mistake; what was one before has failed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from group_feeds import atom, json_feed, lines, run
from running import some, tree
from server import Server, reply

from convert.errors import NotASource, SourceError
from convert.output.copies import COPIES

PAGE = b"<!doctype html><title>Sold</title><p>x"
LEFT = {"garbage": bytes(range(256)), "nothing": b"", "page": PAGE, "text": b"just text"}


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


def repository(folder: Path) -> Path:
    (folder / "ada").mkdir(parents=True)
    entry = {"id": "urn:1", "title": "One", "updated": "2024-01-01", "content": "Text."}
    (folder / "ada/1.json").write_text(json.dumps(entry))
    return folder


def feed_file(folder: Path, web: Server) -> tuple[str, Callable[[bytes], object]]:
    path = folder / "feed.xml"
    path.write_bytes(atom("mira", (2, 1)))
    return str(path), path.write_bytes


def feed_on_the_web(folder: Path, web: Server) -> tuple[str, Callable[[bytes], object]]:
    web["/feed"] = reply(atom("mira", (2, 1)))

    def change(content: bytes) -> None:
        web["/feed"] = reply(content)
        shutil.rmtree(folder / "cache", ignore_errors=True)

    return web.address("/feed"), change


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (feed_file, "garbage"),
        (feed_file, "nothing"),
        (feed_on_the_web, "page"),
        (feed_on_the_web, "text"),
    ],
)
def test_what_was_a_source_has_failed(
    source: Callable[[Path, Server], tuple[str, Callable[[bytes], object]]],
    left: str,
    tmp_path: Path,
    web: Server,
) -> None:
    address, change = source(tmp_path, web)
    change(LEFT[left])
    with pytest.raises(NotASource):
        run(tmp_path, [address], ("csl",))
    change(atom("mira", (2, 1)))
    run(tmp_path, [address], ("csl",), name="group")
    before = tree(tmp_path / "out")
    change(LEFT[left])
    assert run(tmp_path, [address], ("csl",), name="group").exit_code == 0  # its copy is used
    shutil.rmtree(tmp_path / "out/.thicket-convert.sources")
    with pytest.raises(SourceError) as failed:
        run(tmp_path, [address], ("csl",), name="group")
    assert not isinstance(failed.value, NotASource)
    other = repository(tmp_path / "other")
    report = run(tmp_path, [other, address], ("csl",), name="group")
    assert report.exit_code in {1, 3}
    assert any(line.startswith(address) for line in lines(report, "entry"))
    assert tree(tmp_path / "out") == before


PROGRAMS = [
    {"name": "x", "version": "1.0"},
    {"id": 3, "title": "a window"},
    {"files": ["updated"]},
    [],
]


def test_a_folder_of_other_programs_is_no_repository(tmp_path: Path) -> None:
    for number, value in enumerate(PROGRAMS):
        (tmp_path / f"program-{number}").mkdir()
        (tmp_path / f"program-{number}" / "state.json").write_text(json.dumps(value))
    with pytest.raises(NotASource, match=r"no index\.json, and no file in its folders looks like"):
        run(tmp_path / "work", [tmp_path], ("csl",))
    # One that is damaged, or wrong in a field, is an entry that is left out.
    for text in ("", '{"id": "urn:1", "updated": "2024', '{"title": 3, "link": 1, "content": ""}'):
        (tmp_path / "program-0" / "entry.json").write_text(text)
        assert run(tmp_path / "work", [tmp_path], ("csl",)).exit_code == 3


@pytest.mark.parametrize("source", [feed_file, feed_on_the_web])
@pytest.mark.parametrize("listed", [False, True])
def test_a_feed_that_lost_its_title_renames_nothing(
    source: Callable[[Path, Server], tuple[str, Callable[[bytes], object]]],
    listed: bool,
    tmp_path: Path,
    web: Server,
) -> None:
    address, change = source(tmp_path, web)
    named: object = address
    if listed and "://" in address:
        named = tmp_path / "planet.opml"
        named.write_text(f"<opml version='2.0'><body><outline xmlUrl='{address}'/></body></opml>")
    formats = ("atom", "csl", "markdown")
    assert run(tmp_path, [named], formats).problems == ()
    before = tree(tmp_path / "out")
    untitled = atom("mira", (2, 1)).replace(b"<title>mira's</title>", b"", 1)
    for _ in range(2):
        change(untitled)
        assert run(tmp_path, [named], formats).problems == ()
        assert tree(tmp_path / "out") == before


def test_a_folder_of_feeds_with_others_below_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "feeds/old").mkdir(parents=True)
    (tmp_path / "feeds/mira.xml").write_bytes(atom("mira", (2, 1)))
    (tmp_path / "feeds/old/ines.json").write_bytes(json_feed("ines", (1,)))
    report = run(tmp_path, [tmp_path / "feeds"], ("csl",))
    assert (report.read, report.problems, report.inputs[0].kind) == (2, (), "feed")


def test_a_members_folder_was_never_a_source_by_itself(tmp_path: Path) -> None:
    top = repository(tmp_path / "group")
    assert run(tmp_path, [top], ("atom",)).exit_code == 0
    with pytest.raises(NotASource):
        run(tmp_path, [top / "ada"], ("atom",))


FIRSTS = {
    "a feed": "/feed",
    "a list": "/planet.opml",
    "a list that only its bytes tell": "/lists/mine",
    "a feed in a file": "mira.xml",
    "a list in a file": "planet.opml",
    "a repository": "group.v1",
    "a folder of feeds": "feeds.d",
}


@pytest.mark.parametrize("first", some(FIRSTS, ("a feed", "a repository")))
def test_outputs_are_called_after_the_first_source_also_where_it_cannot_be_read(
    first: str, tmp_path: Path, web: Server
) -> None:
    where, second = FIRSTS[first], tmp_path / "B.xml"
    second.write_bytes(atom("tom", (3, 2)))
    web["/feed"] = reply(atom("mira", (2, 1)))
    opml = f"<opml version='2.0'><body><outline xmlUrl='{web.address('/feed')}'/></body></opml>"
    content = opml.encode() if first.startswith("a list") else atom("mira", (2, 1))
    if first == "a repository":
        repository(tmp_path / where)
    elif first == "a folder of feeds":
        (tmp_path / where).mkdir()
        (tmp_path / where / "mira.xml").write_bytes(content)
    elif where.startswith("/"):
        web[where] = reply(content)
    else:
        (tmp_path / where).write_bytes(content)
    address = web.address(where) if where.startswith("/") else tmp_path / where
    assert run(tmp_path, [address, second], ("csl", "markdown")).exit_code == 0
    before = tree(tmp_path / "out")
    shutil.rmtree(tmp_path / "cache")
    shutil.rmtree(tmp_path / "out" / COPIES)
    if where.startswith("/"):
        web[where] = web["/feed"] = reply(b"", status=410)
    else:
        (tmp_path / where).rename(tmp_path / "elsewhere")
    report = run(tmp_path, [address, second], ("csl", "markdown"))
    assert report.exit_code == 1
    assert all("stays as it is until" in line for line in lines(report, "output"))
    assert tree(tmp_path / "out") == before
    # The way out that these lines name is one, whatever the source was.
    report = run(tmp_path, [address, second], ("csl", "markdown"), prune=True)
    assert (report.exit_code, report.counts.made_anew) == (1, 2)
    after = tree(tmp_path / "out")
    assert after.keys() < before.keys()
    (made,) = (path for path in after if path.endswith(".csl.json"))
    assert {each["title"] for each in json.loads(after[made])} == {"tom 3", "tom 2"}
    # And it is a source that failed in the runs that follow, too.
    for _ in range(2):
        report = run(tmp_path, [address, second], ("csl", "markdown"))
        assert (report.exit_code, report.counts.kept_as_were) == (1, 2)
        assert tree(tmp_path / "out") == after
