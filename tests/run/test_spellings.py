"""Names that are spelled otherwise now, in case or Unicode form: the disk says what is one file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from group_feeds import REGISTRY, lines, run
from running import tree

from convert.cli import flags
from convert.output.manifest import FolderState, KnownFiles, load_manifest
from convert.run import driver
from convert.run.report import RunReport
from convert.text import dates

NFC, NFD = "caf\u00e9", "cafe\u0301"


def repository(folder: Path, member: str, stem: str) -> Path:
    (folder / member).mkdir(parents=True)
    for day in (1, 2):
        entry = {"id": f"urn:{day}", "title": f"Day {day}", "updated": f"2024-03-0{day}"}
        entry["content"] = f"<p>Text of day {day}.</p>"
        (folder / member / f"{stem}-{day}.json").write_text(json.dumps(entry))
    return folder


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("ada", "x"), ("Ada", "x")),
        (("ada", NFD), ("ada", NFC)),
        ((NFC, "x"), (NFD.upper(), "X")),
    ],
)
def test_what_is_renamed_by_case_or_form_stands_there_once(
    before: tuple[str, str], after: tuple[str, str], tmp_path: Path
) -> None:
    formats = ("thicket", "markdown")
    old = repository(tmp_path / "old" / "group", *before)
    new = repository(tmp_path / "new" / "group", *after)
    run(tmp_path, [old], formats)
    run(tmp_path, [new], formats)
    run(tmp_path, [new], formats, out=tmp_path / "cold")
    assert len([*(tmp_path / "out/thicket").glob("*/*.json")]) == 2
    assert tree(tmp_path / "out") == tree(tmp_path / "cold")


@pytest.mark.parametrize(("before", "after"), [("Ada", "ada"), (NFC, NFD.upper())])
def test_a_store_holds_the_entries_of_a_member_once(
    before: str, after: str, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    run(tmp_path, [repository(tmp_path / "old", before, "x")], ("thicket",), into=store)
    held = tree(store)
    report = run(tmp_path, [repository(tmp_path / "new", after, "x")], ("thicket",), into=store)
    assert lines(report, "output") == []
    assert tree(store) == held


def test_two_members_of_names_that_are_alike_stay_two(tmp_path: Path) -> None:
    store, both = tmp_path / "store", tmp_path / "both"
    run(tmp_path, [repository(tmp_path / "one", "Ada", "x")], ("thicket",), into=store)
    for member in ("Ada", "ada"):
        repository(both, member, f"of-{member}")
    for path in (both / "ada").iterdir():
        path.write_text(path.read_text().replace("urn:", "urn:x:"))
    run(tmp_path, [both], ("thicket",), into=store)
    assert len({path.parent for path in store.glob("*/*.json")}) == 2
    assert len([*store.glob("*/*.json")]) == 4


def test_the_disk_says_what_is_one_file(tmp_path: Path) -> None:
    # Two names of one file are what a system that ignores case shows.
    (tmp_path / "A").write_text("a")
    os.link(tmp_path / "A", tmp_path / "a")
    (tmp_path / "b").write_text("b")
    (tmp_path / "B").write_text("b")
    state, known = FolderState(tmp_path), KnownFiles({"A": {"1"}, "B": {"2"}})
    assert (known.of("a", state), known.of("A", state)) == ({"1"}, {"1"})
    assert (known.of("b", state), known.of("B", state), known.of("c", state)) == (
        set(), {"2"}, set(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"), [("herons", "Herons"), (NFC, NFD), (NFD, NFC.upper())]
)
@pytest.mark.parametrize("one", [False, True])
def test_an_output_is_renamed_where_the_disk_takes_both_names_for_one(
    before: str, after: str, one: bool, tmp_path: Path
) -> None:
    config, out = tmp_path / "c.toml", tmp_path / "out"
    repository(tmp_path / "group", "ada", "x")

    def build(name: str, **words: object) -> RunReport:
        common = f"sources = ['{tmp_path}/group']\nname = '{name}'\nout = '{out}'\n"
        config.write_text(f"{common}[[output]]\nto = 'atom'\neach = 'author'\n")
        known = {"config": str(config), "cache": str(tmp_path / "cache"), **words}
        return driver.run(flags.job(known, REGISTRY, dates.now()), REGISTRY)

    def stems() -> set[str]:
        return {path.name.partition(".")[0] for path in out.glob("[!.]*")}

    build(before)
    if one:  # two names of one file
        os.link(out / f"{before}.atom", out / f"{after}.atom")
    report = build(after)
    recorded = {each.name for each in load_manifest(out).outputs}
    assert report.units[0].status == "made"
    if one:
        assert (recorded, report.problems) == ({after}, ())
    else:
        (line,) = report.problems
        assert f"holds what the config file names no more: {before}.atom" in str(line)
        assert stems() == recorded == {before, after}
        assert build(after, prune=True).counts.removed == 2
        assert stems() == {after}
