"""Commits of the exporter ``thicket``, judged by Git itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from running import SALTMARSH, command
from source_reading import read_source
from store_samples import ENTRY, dump, entry, feed, git, reasons, run, store, tree

from convert.sources.thicket.source import SOURCE

pytestmark = pytest.mark.judge


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
    assert (report.counts.made_anew, report.counts.failed, report.exit_code) == (0, 1, 1)
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


PNG = bytes.fromhex("89504e470d0a1a0a")


def pictured(top: Path, number: int) -> Path:
    """A source of so many entries with a picture each, and a file of duplicates."""
    entries: list[dict[str, Any]] = [
        {
            "name": f"n{each}",
            "id": f"https://ann.example/n{each}",
            "link": f"https://ann.example/n{each}",
            "content": f"<p>Look {each}: <img src='p%20{each}.png'><img src='/logo.png'></p>",
        }
        for each in range(number)
    ]
    made = store(top, *entries, duplicates={"duplicates": {"urn:a": "urn:b"}})
    for each in range(number):
        (made / "ann" / f"p {each}.png").write_bytes(PNG + bytes([each]))
    return made


def remove_from_git(top: Path, *paths: str) -> None:
    """As somebody does who means to begin again; the files stay."""
    if (top / ".git").exists() and git(top, "ls-files", *paths):
        git(top, "rm", "-q", "-r", "--cached", *paths)
        git(top, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "by hand")


STEPS: dict[str, Callable[[Path, Path, Path], object]] = {
    "one": lambda top, one, _: run(one, into=top),
    "one, committed": lambda top, one, _: run(one, into=top, commit=True),
    "both": lambda top, one, two: run(one, two, into=top),
    "both, committed": lambda top, one, two: run(one, two, into=top, commit=True),
    "no duplicates in Git": lambda top, *_: remove_from_git(top, "duplicates.json"),
    "no pictures in Git": lambda top, *_: remove_from_git(top, "ann/*.png"),
    "no entries in Git": lambda top, *_: remove_from_git(top, "ann"),
    "edited": lambda top, *_: [
        path.write_bytes(path.read_bytes().replace(b"Look", b"See"))
        for path in top.glob("ann/*.json")
    ],
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=4))
@settings(max_examples=8)
@example(["both", "both, committed"])
@example(["one, committed", "both", "no entries in Git"])
@example(["both, committed", "edited"])
def test_a_clone_is_the_store_whatever_was_before(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        sources = pictured(base / "one", 2), feed(base / "f.xml", {"title": "Tides"})
        for name in steps:
            STEPS[name](base / "s", *sources)
        assert run(sources[1], into=base / "s", commit=True).exit_code == 0
        git(base, "clone", "-q", "s", "clone")
        assert tree(base / "clone") == tree(base / "s")
        assert git(base / "s", "status", "--porcelain") == ""
        read = [read_source(SOURCE, base / name) for name in ("s", "clone")]
        assert [each.path for each in read[0].entries] == [each.path for each in read[1].entries]


def test_a_clone_has_the_pictures_and_duplicates_of_a_run_without_commit(tmp_path: Path) -> None:
    source = pictured(tmp_path / "one", 2)
    run(source, into=tmp_path / "s")
    run(source, into=tmp_path / "s", commit=True)
    git(tmp_path, "clone", "-q", "s", "clone")
    assert sorted(tree(tmp_path / "clone")) == [
        "ann/n0.json", "ann/n1.json", "ann/p 0.png", "ann/p 1.png", "duplicates.json",
        "index.json",
    ]  # fmt: skip
    assert tree(tmp_path / "clone") == tree(tmp_path / "s")
    (source / "ann" / "p 1.png").write_bytes(PNG + b"renewed")
    run(source, into=tmp_path / "s", commit=True)
    assert git(tmp_path / "s", "log", "-1", "--format=%B").splitlines() == [
        "thicket-convert: 1 changed", "", "changed: ann/p 1.png"
    ]  # fmt: skip
    assert (tmp_path / "s" / "ann" / "p 1.png").read_bytes() == PNG + b"renewed"


def test_only_files_of_the_store(top: Path, changed: Path) -> None:
    """Neither what lies beside entries, nor what is ignored, nor what a link leads to."""
    shows = "<img src=a.png><img src=b.png><img src=out/c.png><img src='../.git/d.png'>"
    dump(top / "ann" / "shows.json", ENTRY | {"id": "urn:shows", "content": shows})
    (top / "ann" / "a.png").write_bytes(PNG)
    (top / "ann" / "b.png").write_bytes(PNG)
    (top / "ann" / "nobody-shows.png").write_bytes(PNG)
    (top / "ann" / "no-entry.json").write_text("{}")
    (top / "ann" / "notes.txt").write_text("mine")
    (top.parent / "outside").mkdir()
    (top.parent / "outside" / "c.png").write_bytes(PNG)
    (top / "ann" / "out").symlink_to(top.parent / "outside")
    (top / ".git" / "info" / "exclude").write_text("b.png\n")
    run(changed, into=top, commit=True)
    assert git(top, "ls-tree", "-r", "--name-only", "HEAD").split() == [
        "ann/a.png", "ann/b.json", "ann/notes_tide.json", "ann/shows.json", "index.json",
    ]  # fmt: skip


def test_a_file_that_somebody_removed_stays_in_git(top: Path, changed: Path) -> None:
    dump(top / "ann" / "old.json", ENTRY | {"id": "urn:old"})
    run(changed, into=top, commit=True)
    (top / "ann" / "old.json").unlink()
    run(changed, into=top, commit=True)
    assert "ann/old.json" in git(top, "ls-files").split()
    assert git(top, "status", "--porcelain").splitlines() == [" D ann/old.json"]


COMMIT = """
import sys
from pathlib import Path
from store_samples import reasons, run
for each in sys.argv[2:]:
    report = run(Path(sys.argv[1]), into=Path(each), commit=True)
    print(report.exit_code, *reasons(report), flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_commit_waits_for_no_pipe(top: Path, changed: Path) -> None:
    """Each is written, and named; the readings are in a process that is ended when it waits."""
    names = (
        ".git/HEAD", ".git/config", ".git/index", ".git/packed-refs", ".git/commondir",
        ".git/info/exclude", ".git/info/attributes", ".git/refs/heads/trunk", ".git/MERGE_HEAD",
        ".git/objects/info/alternates", ".gitignore", ".gitattributes", "ann/.gitignore", ".git",
        "included",
    )  # fmt: skip
    places = []
    for number, name in enumerate(names):
        made = top.parent / f"p{number}"
        shutil.copytree(top, made)
        place = made / name
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        os.mkfifo(place)
        if name == "included":
            (made / "more").write_text("[include]\npath=included\n")
            with (made / ".git" / "config").open("a") as file:
                file.write(f'[includeIf "gitdir:/"]\n\tpath = "{made}/more"\n')
        places.append(made)
    done = subprocess.run(
        [sys.executable, "-c", COMMIT, str(changed), *map(str, places)],
        capture_output=True,
        text=True,
        timeout=100,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(names), lines
    for name, place, line in zip(names, places, lines, strict=True):
        assert line.startswith("1 "), line
        assert f"{place / name} is neither a file nor a folder; remove it" in line
        assert (place / "ann" / "b.json").is_file()
        assert (place / name).is_fifo()


LATE = """
from convert.exporters.thicket.exporter import ThicketExporter

class Late(ThicketExporter):
    name = "late"

    def finish(self, stored, top, context):
        while True:
            try:
                super().finish(stored, top, context)
            except Exception:
                pass

EXPORTER = Late()
"""


def test_a_commit_that_never_ends_is_ended_and_its_files_are_written(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(LATE)
    source = store(tmp_path / "s")
    ended = command(
        *("export", source, "--to", "./late.py", "-O", "late.commit=true"),
        *("--timeout", "1", "--out", "out", "--cache", "cache"),
        cwd=tmp_path,
    )
    assert ended.code == 1, ended.err
    assert "out/late: is written but not finished: that took more than 1 seconds" in ended.err
    assert tree(tmp_path / "out" / "late").keys() == tree(source).keys()


def edit(top: Path) -> str:
    """Edit the entry that the feed changes, by hand; returns its bytes."""
    path = top / "ann/notes_tide.json"
    path.write_text(path.read_text().replace("Tide", "My own"))
    assert "My own" in path.read_text()
    return path.read_text()


def test_what_somebody_edited_is_committed_before_it_is_rewritten(top: Path, changed: Path) -> None:
    edited = edit(top)
    assert reasons(run(changed, into=top, commit=True)) == []
    assert "My own" not in (top / "ann/notes_tide.json").read_text()
    assert git(top, "show", "HEAD~1:ann/notes_tide.json") == edited.rstrip("\n")
    assert commits(top) == [
        "thicket-convert: 1 added, 2 changed", "thicket-convert: 1 changed", "first"
    ]  # fmt: skip


@pytest.mark.parametrize("shape", ["without commit", "in a merge", "no Git"])
def test_what_somebody_edited_and_git_does_not_have_is_named(
    top: Path, changed: Path, shape: str
) -> None:
    edit(top)
    if shape == "in a merge":
        (top / ".git/MERGE_HEAD").write_text(git(top, "rev-parse", "HEAD") + "\n")
    elif shape == "no Git":
        shutil.rmtree(top / ".git")
    lines = reasons(run(changed, into=top, commit=shape == "in a merge"))
    line = "what stood in ann/notes_tide.json is rewritten, and Git does not have it"
    assert sum(line in each for each in lines) == (shape != "no Git")
    assert "My own" not in (top / "ann/notes_tide.json").read_text()
