"""What a repository's index.json and duplicates.json said stays where one of them is damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from group_feeds import atom, run
from running import command, tree

from convert.run.report import RunReport

FORMATS = ("opml", "jsonfeed")
LOST = {"index.json": "what it says of members", "duplicates.json": "the duplicates that it names"}


def repository(top: Path) -> Path:
    """Two members with names, pages and feeds, and an entry that both have."""
    top.mkdir()
    users = {
        name.lower(): {
            "display_name": f"{name} of the Shore",
            "homepage": f"https://{name.lower()}.example/",
            "feeds": [f"https://{name.lower()}.example/feed"],
            "directory": f"folder-{name.lower()}",
        }
        for name in ("Mira", "Tom")
    }
    (top / "index.json").write_text(json.dumps({"users": users}, indent=1))
    pairs = {"duplicates": {"urn:tom:2": "urn:mira:1"}}
    (top / "duplicates.json").write_text(json.dumps(pairs, indent=1))
    for name in ("mira", "tom"):
        (top / f"folder-{name}").mkdir()
        for number in (1, 2):
            stored = {
                "id": f"urn:{name}:{number}",
                "updated": "2024-05-06",
                "title": f"{name} {number}",
            }
            (top / f"folder-{name}" / f"{number}.json").write_text(json.dumps(stored))
    return top


def in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def cut(share: float) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut": cut(0.97),
    "folder": in_its_place,
}


def told(report: RunReport) -> list[str]:
    """What is said of the two files; that an entry is a duplicate is said, too."""
    return [str(each) for each in report.problems if Path(each.path).name in LOST]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", LOST)
def test_what_it_said_stays(name: str, damage: str, tmp_path: Path) -> None:
    top = repository(tmp_path / "group")
    assert told(run(tmp_path, [top], FORMATS)) == []
    before = tree(tmp_path / "out")
    assert b"Mira of the Shore" in before["group.opml"]
    assert b"tom 2" not in before["group.json"]
    DAMAGE[damage](top / name)
    shutil.rmtree(tmp_path / "cache")
    for _ in range(2):
        report = run(tmp_path, [top], FORMATS)
        assert (report.exit_code, tree(tmp_path / "out")) == (0, before)
        (line,) = told(report)
        assert line.startswith(f"{name}: ")
        assert "; what it gave before is used: the source last answered on" in line
    # An empty one is believed.
    if damage != "folder":
        (top / name).write_text("{}")
        assert told(run(tmp_path, [top], FORMATS)) == []
        assert tree(tmp_path / "out") != before
        (top / name).unlink()
        run(tmp_path, [top], FORMATS)
        assert tree(tmp_path / "out") != before


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_without_a_copy_is_said(name: str, damage: str, tmp_path: Path) -> None:
    top, copies = repository(tmp_path / "group"), tmp_path / "out" / ".thicket-convert.sources"
    run(tmp_path, [top], FORMATS)
    # What stands in once is not forgotten with the copy.
    DAMAGE[damage](top / name)
    run(tmp_path, [top], FORMATS)
    for _ in range(2):
        shutil.rmtree(copies, ignore_errors=True)
        report = run(tmp_path, [top], FORMATS)
        (line,) = told(report)
        assert line.startswith(f"{name}: ")
        assert LOST[name] in line
        assert not report.inputs[0].complete
        assert report.counts.removed == 0
    if damage == "missing":
        # It is meant, from now on.
        shutil.rmtree(copies, ignore_errors=True)
        assert told(run(tmp_path, [top], FORMATS, prune=True)) == []
        assert run(tmp_path, [top], FORMATS).lost == ()


def test_one_member_that_cannot_be_understood(tmp_path: Path) -> None:
    top = repository(tmp_path / "group")
    run(tmp_path, [top], FORMATS)
    before = tree(tmp_path / "out")
    index = json.loads((top / "index.json").read_bytes())
    index["users"]["mira"]["display_name"] = 3
    (top / "index.json").write_text(json.dumps(index))
    report = run(tmp_path, [top], FORMATS)
    (line,) = told(report)
    assert line.startswith("index.json: users.mira: ")
    assert tree(tmp_path / "out") == before


@pytest.mark.parametrize("name", LOST)
def test_among_several_sources_it_is_one_line_too(name: str, tmp_path: Path) -> None:
    top = repository(tmp_path / "group")
    (tmp_path / "ines.xml").write_bytes(atom("ines", (1,)))
    sources = [top, tmp_path / "ines.xml"]
    run(tmp_path, sources, FORMATS)
    before = tree(tmp_path / "out")
    (top / name).write_bytes(b"")
    (line,) = told(run(tmp_path, sources, FORMATS))
    assert line.startswith(f"{top}/{name}: is empty; what it gave before is used")
    assert tree(tmp_path / "out") == before


def test_a_folder_without_an_index_never_had_one(tmp_path: Path) -> None:
    top = repository(tmp_path / "group")
    for name in LOST:
        (top / name).unlink()
    for _ in range(2):
        assert told(run(tmp_path, [top], FORMATS)) == []


def test_by_the_command_and_nothing_is_left_beside_a_file(tmp_path: Path) -> None:
    top = repository(tmp_path / "group")
    (tmp_path / "site").mkdir()
    words = ("export", top, "--cache", tmp_path / "cache")
    assert command(*words, "--to", "atom", "-o", tmp_path / "site" / "all.atom").code == 0
    assert [each.name for each in (tmp_path / "site").iterdir()] == ["all.atom"]
    assert command(*words, "--to", "opml", "--out", tmp_path / "out").code == 0
    (top / "index.json").write_text('{"users": {"mira"')
    ended = command(*words, "--to", "opml", "--out", tmp_path / "out")
    assert ended.code == 0
    assert "warning: index.json: line 1, column 18: " in ended.err
    assert "what it gave before is used" in ended.err
    assert "Mira of the Shore" in (tmp_path / "out" / "group.opml").read_text()
