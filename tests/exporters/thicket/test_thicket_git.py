"""Commits of the exporter ``thicket``, judged by Git itself."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from running import SALTMARSH
from store_samples import ENTRY, dump, entry, feed, reasons, run, store, tree

CLEAN = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


def git(top: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(top), *words], capture_output=True, text=True, check=True, env=CLEAN
    )
    return done.stdout.rstrip("\n")


def commits(top: Path) -> list[str]:
    return git(top, "log", "--format=%s").splitlines()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A store that is committed."""
    made = store(tmp_path / "s")
    git(tmp_path, "init", "-q", "-b", "trunk", "s")
    git(made, "config", "user.name", "Ann Finch")
    git(made, "config", "user.email", "ann@ann.example")
    git(made, "add", ".")
    git(made, "commit", "-q", "-m", "first")
    return made


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A feed with one changed entry and one new one."""
    new = {"id": "https://ann.example/b", "title": "B", "updated": "2025-01-01T00:00:00"}
    return feed(tmp_path / "f.xml", new | {"link": "https://ann.example/b"}, {"title": "Tides"})


def test_one_commit_a_run_and_none_without_a_change(top: Path, changed: Path) -> None:
    before = time.time()
    assert run(changed, into=top, commit=True).exit_code == 0
    assert commits(top) == ["thicket-convert: 1 added, 2 changed", "first"]
    assert git(top, "log", "-1", "--format=%b").splitlines() == [
        "added: ann/b.json", "changed: ann/notes_tide.json", "changed: index.json",
    ]  # fmt: skip
    assert (
        git(top, "log", "-1", "--format=%an <%ae> %cn") == "Ann Finch <ann@ann.example> Ann Finch"
    )
    assert before - 2 < int(git(top, "log", "-1", "--format=%ct")) < time.time() + 2
    assert git(top, "status", "--porcelain") == ""
    assert git(top, "symbolic-ref", "HEAD") == "refs/heads/trunk"
    assert git(top, "ls-files").split() == ["ann/b.json", "ann/notes_tide.json", "index.json"]
    git(top, "fsck", "--strict")
    assert run(changed, into=top, commit=True).exit_code == 0
    assert len(commits(top)) == 2


def test_without_the_option_nothing_is_committed(top: Path, changed: Path) -> None:
    run(changed, into=top)
    assert commits(top) == ["first"]
    assert git(top, "status", "--porcelain").split() == [
        "M", "ann/notes_tide.json", "M", "index.json", "??", "ann/b.json",
    ]  # fmt: skip
    # As after a run that was killed before it could commit.
    run(changed, into=top, commit=True)
    assert commits(top)[0] == "thicket-convert: 1 added, 2 changed"
    assert git(top, "status", "--porcelain") == ""


def test_the_users_own_work_stays_out_of_it(top: Path, changed: Path) -> None:
    (top / "notes.md").write_text("mine, staged")
    (top / "draft.md").write_text("mine")
    git(top, "add", "notes.md")
    (top / ".gitignore").write_text("*.bak\n")
    run(changed, into=top, commit=True)
    assert "notes.md" not in git(top, "ls-tree", "-r", "--name-only", "HEAD")
    assert git(top, "status", "--porcelain").splitlines() == [
        "A  notes.md", "?? .gitignore", "?? draft.md",
    ]  # fmt: skip


def test_an_ignored_file_is_written_but_not_committed(top: Path, changed: Path) -> None:
    (top / ".git" / "info" / "exclude").write_text("b.json\n")
    run(changed, into=top, commit=True)
    assert (top / "ann" / "b.json").is_file()
    assert commits(top)[0] == "thicket-convert: 2 changed"


def test_a_store_below_the_top_of_a_repository(tmp_path: Path, top: Path, changed: Path) -> None:
    outer = tmp_path / "outer"
    (outer / "data").mkdir(parents=True)
    git(outer, "init", "-q")
    store(outer / "data" / "s")
    (outer / "README").write_text("x")
    failed = run(changed, into=outer / "data" / "s", commit=True)
    assert failed.exit_code == 1
    assert any("does not know it" in line for line in reasons(failed))
    git(outer, "-c", "user.name=x", "-c", "user.email=x@x", "add", ".")
    git(outer, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "all")
    again = feed(tmp_path / "g.xml", {"title": "Other"})
    assert run(again, into=outer / "data" / "s", commit=True).exit_code == 0
    assert git(outer, "log", "-1", "--format=%b").strip() == "changed: data/s/ann/notes_tide.json"
    assert git(outer, "status", "--porcelain") == ""


def test_a_new_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pygit2.Repository.default_signature", property(_nobody))
    assert run(SALTMARSH, into=tmp_path / "s", commit=True).exit_code == 0
    assert commits(tmp_path / "s") == ["thicket-convert: 19 added"]
    assert git(tmp_path / "s", "log", "--format=%an %ae") == (
        "thicket-convert thicket-convert@localhost"
    )
    assert git(tmp_path / "s", "status", "--porcelain") == ""
    assert tree(tmp_path / "s") == tree(SALTMARSH)


def _nobody(_: object) -> object:
    raise KeyError("config value 'user.name' was not found")


def test_a_fresh_export_commits_what_is_gone_too(tmp_path: Path) -> None:
    source = store(tmp_path / "t", {}, {"name": "b", "id": "urn:b"})
    run(source, out=tmp_path / "o", commit=True)
    (source / "ann" / "b.json").unlink()
    run(source, out=tmp_path / "o", commit=True)
    made = tmp_path / "o" / "thicket"
    assert commits(made)[0] == "thicket-convert: 1 changed, 1 removed"
    assert git(made, "ls-files").split() == ["ann/notes_tide.json", "index.json"]
    assert git(made, "status", "--porcelain") == ""


def test_an_unfinished_merge_is_not_committed(top: Path, changed: Path) -> None:
    (top / ".git" / "MERGE_HEAD").write_text(git(top, "rev-parse", "HEAD") + "\n")
    report = run(changed, into=top, commit=True)
    assert report.exit_code == 1
    assert any("middle of a merge" in line for line in reasons(report))
    assert entry(top)["title"] == "Tides"
    (top / ".git" / "MERGE_HEAD").unlink()
    run(changed, into=top, commit=True)
    assert len(commits(top)) == 2


def test_where_git_is_busy_the_next_run_commits(top: Path, changed: Path) -> None:
    lock = top / ".git" / "index.lock"
    lock.touch()
    report = run(changed, into=top, commit=True)
    assert report.exit_code == 1
    assert any("is written but not committed" in line for line in reasons(report))
    assert commits(top) == ["first"]
    lock.unlink()
    assert run(changed, into=top, commit=True).exit_code == 0
    assert len(commits(top)) == 2
    assert git(top, "status", "--porcelain") == ""


def test_no_store_inside_of_git_itself(tmp_path: Path, top: Path, changed: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    for inside in (tmp_path / "bare.git", top / ".git"):
        before = tree(inside)
        report = run(changed, into=inside, commit=True)
        assert report.exit_code == 3
        assert any("bare" in line for line in reasons(report))
        assert tree(inside) == before


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    source = tmp_path / "t"
    for number in range(510):
        dump(source / "ann" / f"{number:03}.json", ENTRY | {"id": f"urn:{number}"})
    run(source, into=tmp_path / "s", commit=True)
    lines = git(tmp_path / "s", "log", "--format=%B").rstrip().splitlines()
    assert lines[0] == "thicket-convert: 511 added"
    assert (len(lines), lines[-1]) == (503, "and 11 more")
