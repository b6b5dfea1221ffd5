"""What stands in for a part of a repository stands in for that alone, and is said once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from group_feeds import lines, run
from losses import ALL, repository, write_entry
from running import tree

FORMATS = ("atom", "markdown")


@pytest.mark.parametrize("edited", [True, False])
def test_what_moved_meanwhile_is_not_published_twice(edited: bool, tmp_path: Path) -> None:
    """The file that is cut gave an entry that another file of the folder gives now; of another
    member it would be another entry."""
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    for name in ("ada", "ben"):
        path = top / name / "2.json"
        path.write_text(path.read_text().replace(f"urn:{name}:2", "urn:shared"))
    run(tmp_path, [top], FORMATS)
    keys = json.loads((top / "ben/2.json").read_bytes())
    moved = {"content": "<p>Edited.</p>", "updated": "2024-06-01T00:00:00Z"} if edited else {}
    (top / "ben/two.json").write_text(json.dumps(keys | moved))
    for name in ("ada", "ben"):
        (top / name / "2.json").write_bytes(b"{")
    run(tmp_path, [top], ("atom",))
    feed = (out / "repo.atom").read_text()
    assert feed.count("<entry") == 9
    assert ("Edited." in feed, "Text 2 of ben." in feed) == (edited, not edited)
    assert "Text 2 of ada." in feed


def test_a_limit_holds_for_copies_too(tmp_path: Path) -> None:
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    path = top / "ben/2.json"
    path.write_text(path.read_text().replace("Text", "long " * 300))
    run(tmp_path, [top], FORMATS)
    before = tree(out)
    report = run(tmp_path, [top], FORMATS, max_body=1000)
    assert [str(each).partition(":")[0] for each in report.problems] == [
        "ben/2.json", "repo.atom", "markdown",
    ]  # fmt: skip
    assert "--max-body raises it" in lines(report, "entry")[0]
    assert all("would lose 1 entry of repo/ben" in each for each in lines(report, "output"))
    assert (report.exit_code, report.counts.left_out) == (1, 1)
    assert tree(out) == before
    assert "long" not in str(run(tmp_path, [top], FORMATS, max_body=1000, prune=True).problems)
    assert (out / "repo.atom").read_text().count("<entry") == len(ALL) - 1


def test_an_entry_file_is_its_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    run(tmp_path, ["repo/ben/2.json"], ("atom",))
    before = tree(out)
    (top / "ben/2.json").write_bytes(b'{"id": "urn:ben:2", ')
    report = run(tmp_path, ["repo/ben/2.json"], ("atom",))
    (line,) = lines(report, "warning")
    assert line.startswith("repo/ben/2.json: could not be read; what it gave before is used: ")
    assert report.lost == ("repo/ben/2.json",)
    assert tree(out) == before
    write_entry(top, "ben", 2)
    assert run(tmp_path, ["repo/ben/2.json"], ("atom",)).lost == ()
