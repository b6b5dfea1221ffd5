"""Staging and publishing: what is ours, what is not, and nothing by half."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from convert.contract import OutputFile
from convert.errors import ContractError, OutputError
from convert.model import Problem
from convert.output.holding import hold, hold_file
from convert.output.manifest import (
    MANIFEST,
    FolderState,
    WrittenOutput,
    WrittenUnit,
    load_manifest,
)
from convert.output.publish import OutputFolder, OutputUpdate
from convert.output.staging import StagedFile, stage


def record(name: str, files: tuple[StagedFile, ...], exporter: str = "markdown") -> WrittenOutput:
    unit = WrittenUnit(path=name, files=tuple(file.record for file in files))
    return WrittenOutput(exporter=exporter, name=name, units=(unit,))


def made(
    folder: OutputFolder,
    files: Mapping[str, str],
    *,
    name: str = "site",
    stays: str = "",
) -> OutputUpdate:
    given = [OutputFile(path=path, content=text.encode()) for path, text in files.items()]
    staged = stage(given, folder.staging(name), path=name, folder=name)
    return OutputUpdate(record=record(name, staged), staged=staged, stays=stays)


def run(
    out: Path,
    files: Mapping[str, str],
    *,
    name: str = "site",
    overwrite: bool = False,
    prune: bool = False,
    stays: str = "",
    checksums: bool = False,
) -> list[Problem]:
    problems: list[Problem] = []
    with hold(out, problems.append, overwrite=overwrite, prune=prune) as folder:
        folder.publish([made(folder, files, name=name, stays=stays)], checksums=checksums)
    return problems


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


PAGES = {"site/index.html": "start", "site/a/one.html": "1", "site/a/two.html": "2"}


def test_files_are_there_and_nothing_else(tmp_path: Path) -> None:
    assert run(tmp_path / "out", PAGES) == []
    assert tree(tmp_path / "out") == PAGES


def test_only_what_is_stale_of_the_outputs_that_ran_is_removed(tmp_path: Path) -> None:
    run(tmp_path, {"book/b": "b"}, name="book")
    run(tmp_path, PAGES)
    (tmp_path / "CNAME").write_text("eeg.org")
    (tmp_path / "site" / "mine.txt").write_text("mine")
    fewer = {"site/index.html": "start again"}
    (problem,) = run(tmp_path, fewer, stays="until all is read")
    assert str(problem) == (
        f"{tmp_path / 'site'}: 2 files stay that it makes no more (site/a/one.html,"
        " site/a/two.html), until all is read"
    )
    assert (tmp_path / "site/a/one.html").exists()
    run(tmp_path, PAGES)
    run(tmp_path, fewer)
    left = {"CNAME": "eeg.org", "site/mine.txt": "mine", "book/b": "b", **fewer}
    assert tree(tmp_path) == left
    assert not (tmp_path / "site/a").exists()


def test_what_someone_edited_is_kept_and_named_until_overwrite(tmp_path: Path) -> None:
    run(tmp_path, PAGES)
    (tmp_path / "site/index.html").write_text("mine")
    for _ in range(2):
        (problem,) = run(tmp_path, PAGES | {"site/index.html": "new"})
        assert "site/index.html" in str(problem)
        assert "--overwrite" in problem.reason
        assert (tmp_path / "site/index.html").read_text() == "mine"
    assert run(tmp_path, PAGES | {"site/index.html": "new"}, overwrite=True) == []
    assert (tmp_path / "site/index.html").read_text() == "new"


def test_an_edited_file_that_is_no_longer_made_is_kept(tmp_path: Path) -> None:
    run(tmp_path, PAGES)
    (tmp_path / "site/a/one.html").write_text("mine")
    for _ in range(3):
        (problem,) = run(tmp_path, {"site/index.html": "start"})
        assert "one.html" in problem.path
        assert tree(tmp_path) == {"site/index.html": "start", "site/a/one.html": "mine"}
    (problem,) = run(tmp_path, {"site/index.html": "start"}, overwrite=True)
    assert "no longer made, and removed with what someone wrote into it" in problem.reason
    assert tree(tmp_path) == {"site/index.html": "start"}
    # Nothing is told any more of one that is gone, or that nobody edited after all.
    run(tmp_path, PAGES)
    before = (tmp_path / "site/a/one.html").read_bytes()
    for remedy in (Path.unlink, partial(Path.write_bytes, data=before)):
        run(tmp_path, PAGES)
        (tmp_path / "site/a/one.html").write_text("mine")
        assert len(run(tmp_path, {"site/index.html": "start"})) == 1
        remedy(tmp_path / "site/a/one.html")
        assert run(tmp_path, {"site/index.html": "start"}) == []
        assert tree(tmp_path) == {"site/index.html": "start"}


def test_a_file_that_was_there_before_us_is_kept(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("theirs")
    (problem,) = run(tmp_path, PAGES)
    assert f"no record ({MANIFEST}) says that what is there was made by us" in problem.reason
    assert (tmp_path / "site/index.html").read_text() == "theirs"
    (problem,) = run(tmp_path, PAGES)  # it was not made by us in between either
    assert "what is there was not made by us" in problem.reason
    run(tmp_path, {"book/b": "b"}, name="book")
    (tmp_path / "book/c").write_text("theirs")
    (problem,) = run(tmp_path, {"book/c": "c"}, name="book")
    assert problem.severity == "output"
    assert "what is there was not made by us" in problem.reason
    assert run(tmp_path, {"book/b": "b"}, name="book") == []  # nor has it to be removed
    assert (tmp_path / "book/c").read_text() == "theirs"
    for path in ("book/c", "book/d"):
        (tmp_path / path).write_text("theirs")
    (problem,) = run(tmp_path, {"book/c": "c", "book/d": "d"}, name="book", overwrite=True)
    assert problem.severity == "warning"
    assert "2 files (book/c, book/d) replaced, although no record says" in problem.reason
    assert tree(tmp_path) == PAGES | {"site/index.html": "theirs", "book/c": "c", "book/d": "d"}


def test_what_is_unchanged_is_not_touched(tmp_path: Path) -> None:
    run(tmp_path, PAGES)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    run(tmp_path, PAGES)
    assert before == {
        path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()
    }


def test_what_befell_files_is_seen_byte_for_byte(tmp_path: Path) -> None:
    run(tmp_path, PAGES)
    unit = load_manifest(tmp_path).unit("markdown", "site", "site")
    assert unit is not None
    assert FolderState(tmp_path).change_of(unit) == ""
    (tmp_path / "site/a/one.html").write_text("3")
    assert FolderState(tmp_path).change_of(unit) == "a file was edited"
    (tmp_path / "site/a/one.html").unlink()
    assert FolderState(tmp_path).change_of(unit) == "a file is missing"


def test_links_in_the_way_are_not_followed(tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    (out / "site").mkdir(parents=True)
    other.mkdir()
    (other / "index.html").write_text("theirs")
    (out / "site/a").symlink_to(other)
    (out / "site/index.html").symlink_to(other / "index.html")
    problems = run(out, PAGES, overwrite=True)
    assert len(problems) == 2
    assert all(problem.severity == "output" for problem in problems)
    assert tree(other) == {"index.html": "theirs"}


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "site/index.html/keep").mkdir(parents=True)
    (problem,) = run(tmp_path, {"site/index.html": "x"}, overwrite=True)
    assert "is no file" in problem.reason


@pytest.mark.parametrize(
    "path",
    [
        "../evil", "/etc/passwd", "site/../../evil", "site//x", "site/.", "site/x\0y", "site/x\\y",
        "other/x", "siteX", "site/.git/config", ".thicket-convert.json", "site/" + "é" * 128,
        "", "site/C:x", "site/x.", "site/\ud800",
    ],
)  # fmt: skip
def test_no_path_leads_elsewhere(tmp_path: Path, path: str) -> None:
    given = [OutputFile(path=path, content=b"x")]
    with pytest.raises(ContractError, match="output path"):
        stage(given, tmp_path / "staging", path="site", folder="site")
    assert list(tmp_path.rglob("*evil*")) == []


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    given = [OutputFile(path=path, content=b"") for path in ("site/É", "site/e\u0301")]
    with pytest.raises(ContractError, match="twice"):
        stage(given, tmp_path, path="site", folder="site")


def test_a_staged_file_is_moved_and_must_be_private(tmp_path: Path) -> None:
    own, theirs = tmp_path / "staging", tmp_path / "theirs"
    own.mkdir()
    (own / "big").write_bytes(b"big")
    theirs.write_bytes(b"x")
    (file,) = stage([OutputFile(path="b", content=own / "big")], own, path="b", folder="b")
    assert file.record.sha256 == hashlib.sha256(b"big").hexdigest()
    assert file.record.size == 3
    assert not (own / "big").exists()
    (own / "link").symlink_to(theirs)
    for content in (theirs, own / "link", own / "missing"):
        (own / "complete").rename(own / f"complete-{content.name}")
        with pytest.raises(ContractError, match="staged file"):
            stage([OutputFile(path="b", content=content)], own, path="b", folder="b")
    assert theirs.exists()


def test_index_pages_come_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    order: list[str] = []
    replace = os.replace

    def seen(source: str, target: Path) -> None:
        order.append(str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", seen)
    run(tmp_path, {"site/index.html": "i", "site/a/index.html": "ai", "site/zoe.html": "z"})
    published = [Path(path).relative_to(tmp_path).as_posix() for path in order]
    assert published == [
        MANIFEST, "site/zoe.html", "site/a/index.html", "site/index.html", MANIFEST,
    ]  # fmt: skip


def test_a_damaged_record_is_begun_anew_and_what_it_knew_stays(tmp_path: Path) -> None:
    run(tmp_path, PAGES)
    (tmp_path / MANIFEST).write_text("{")
    problem, replaced = run(tmp_path, {"site/index.html": "start again"}, overwrite=True)
    assert "; remove it" not in problem.reason
    assert "replaced, although no record says that we made it" in replaced.reason
    assert "files that no output makes any more are not known, and stay" in problem.reason
    assert tree(tmp_path) == PAGES | {"site/index.html": "start again"}
    assert run(tmp_path, {"site/index.html": "start"}) == []


def test_checksums_name_what_is_there(tmp_path: Path) -> None:
    run(tmp_path, {"one/a": "a", "one/b": "b", "one/c": "c"}, name="one")
    (tmp_path / "one/a").write_text("mine")
    (tmp_path / "one/b").unlink()
    run(tmp_path, PAGES, checksums=True)
    named = [line[66:] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()]
    assert named == ["one/c", *sorted(PAGES)]


def test_checksums_verify_and_stay_true(tmp_path: Path) -> None:
    run(tmp_path, PAGES, checksums=True)
    run(tmp_path, PAGES | {"site/a/one.html": "other"}, checksums=True)
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == sorted(PAGES)
    for line in lines:
        digest, path = line.split("  ")
        assert hashlib.sha256((tmp_path / path).read_bytes()).hexdigest() == digest


def test_checksums_go_with_the_run_that_asks_for_none(tmp_path: Path) -> None:
    sums = tmp_path / "SHA256SUMS"
    run(tmp_path, PAGES, checksums=True)
    assert run(tmp_path, {"book/b": "b"}, name="book") == []
    assert not sums.exists()
    run(tmp_path, PAGES, checksums=True)
    sums.write_text("mine")
    for checksums in (True, False, False):
        (problem,) = run(tmp_path, PAGES, checksums=checksums)
        assert "kept" in problem.reason
        assert sums.read_text() == "mine"
    (problem,) = run(tmp_path, PAGES, overwrite=True)
    assert "removed with what someone wrote into it (--overwrite)" in problem.reason
    sums.write_text("never ours")
    (problem,) = run(tmp_path, PAGES, checksums=True)
    assert problem.severity == "output"
    assert run(tmp_path, PAGES) == []
    assert sums.read_text() == "never ours"


@pytest.mark.parametrize("content", ["{", '{"outputs": 3}', '{"version": 2}', "\0"])
def test_a_manifest_that_is_not_ours_stops_the_run(tmp_path: Path, content: str) -> None:
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(OutputError, match=MANIFEST):
        run(tmp_path, PAGES)
    assert list(tmp_path.iterdir()) == [tmp_path / MANIFEST]


def test_a_hostile_manifest_removes_nothing_outside(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("x")
    out = tmp_path / "out"
    run(out, PAGES)
    text = (out / MANIFEST).read_text()
    digest = hashlib.sha256(b"x").hexdigest()
    text = text.replace("site/a/one.html", "../victim")
    text = text.replace(hashlib.sha256(b"1").hexdigest(), digest)
    (out / MANIFEST).write_text(text)
    with pytest.raises(OutputError, match="victim"):
        run(out, {"site/index.html": "start"})
    assert victim.exists()


def test_without_ownership_files_are_replaced_and_none_is_removed(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("old")
    (tmp_path / "site/other").write_text("other")
    with hold(tmp_path, print, owned=False) as folder:
        folder.publish([made(folder, PAGES)])
    assert tree(tmp_path) == PAGES | {"site/other": "other"}
    assert not (tmp_path / MANIFEST).exists()


def test_one_named_file(tmp_path: Path) -> None:
    target = tmp_path / "Notes: 2024.md"
    for text in ("one", "two"):
        with hold_file(target, print) as folder:
            given = [OutputFile(path="x", content=text.encode())]
            (file,) = stage(given, folder.staging("0"), path="x", folder="x")
            folder.place(file, target)
        assert tree(tmp_path) == {target.name: text}
    with hold_file(Path("/dev/null"), print) as folder:
        (file,) = stage(given, folder.staging("0"), path="x", folder="x")
        folder.place(file, Path("/dev/null"))
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    ("before", "gone", "stay"),
    [(6, 6, True), (5, 5, False), (18, 6, False), (17, 6, True), (30, 11, True), (30, 10, False)],
)
def test_more_than_a_third_and_more_than_five_stay_until_they_are_pruned(
    before: int, gone: int, stay: bool, tmp_path: Path
) -> None:
    pages = {f"site/{number:02}": f"{number}" for number in range(before)}
    run(tmp_path, pages)
    run(tmp_path, {"book/b": "b"}, name="book")
    rest = dict(list(pages.items())[gone:]) | {"site/new": "new"}
    for _ in range(2):  # what stays is ours in the next run, too
        problems = run(tmp_path, rest)
        if stay:
            (line,) = map(str, problems)
            assert line.startswith(f"{tmp_path / 'site'}: {gone} files stay that it makes no more")
            assert "(site/00, site/01, site/02 and " in line
            assert line.endswith("; --prune removes them")
            assert tree(tmp_path) == pages | rest | {"book/b": "b"}
        else:
            assert problems == []
            assert tree(tmp_path) == rest | {"book/b": "b"}
    if stay:  # those that are made again are no part of it
        back = dict(list(pages.items())[1:gone])
        (line,) = map(str, run(tmp_path, rest | back))
        assert line == (
            f"{tmp_path / 'site'}: 1 file stays that it makes no more (site/00), as they were too"
            " many at once; --prune removes them"
        )
    (tmp_path / "site/01").write_text("mine")
    problems = run(tmp_path, rest, prune=True)
    assert ["someone edited it" in str(each) for each in problems] == ([True] if stay else [])
    assert tree(tmp_path) == rest | {"book/b": "b", "site/01": "mine"}
