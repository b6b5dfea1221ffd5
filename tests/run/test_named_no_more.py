"""Outputs that the config file names no more are named, and removed where that is asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from group_feeds import atom
from running import command, tree

from convert.cli import flags
from convert.cli.terminal import foreseen
from convert.output.copies import COPIES
from convert.output.manifest import MANIFEST, load_manifest
from convert.plugins import Registry
from convert.run import driver
from convert.run.report import RunReport, UnitRecord, exit_code
from convert.text import dates

REGISTRY = Registry.default()
MORE = "names no more"


def build(folder: Path, outputs: str, **words: object) -> RunReport:
    path = folder / "c.toml"
    sources = f"sources = ['{folder}/mira.xml']\nname = 'group'\nout = 'out'\nchecksums = true\n"
    path.write_text(sources + "".join(f"[[output]]\nto = '{each}'\n" for each in outputs.split()))
    known = {"config": str(path), "cache": str(folder / "cache"), **words}
    dry = bool(known.pop("dry", False))
    return driver.run(flags.job(known, REGISTRY, dates.now()), REGISTRY, dry=dry)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "mira.xml").write_bytes(atom("mira", (2, 1)))
    assert build(tmp_path, "atom csl markdown").problems == ()
    (tmp_path / "out/mine.csl.json").write_text("mine")
    return tmp_path


def test_they_are_named_and_pruned(made: Path) -> None:
    before = tree(made / "out")
    (line,) = build(made, "atom").problems
    assert str(line) == (
        f"{made}/out: holds what the config file names no more: group.csl.json, markdown-group;"
        " --prune removes it"
    )
    assert tree(made / "out") == before
    foreseen_rows = [*foreseen(build(made, "atom", dry=True, prune=True))]
    report = build(made, "atom", prune=True)
    assert report.problems == ()
    gone = {path for path in before if path.startswith(("group.csl", "markdown"))}
    of_atom, *dropped = report.units
    assert (of_atom.removed, of_atom.status) == ((), "kept")
    assert {path for each in dropped for path in each.removed} == gone
    made_by = {("csl", "group.csl.json", "dropped"), ("markdown", "markdown-group", "dropped")}
    assert {(each.exporter, each.path, each.status) for each in dropped} == made_by
    rows = {f"removed\t{each.exporter}\t{path}" for each in dropped for path in each.removed}
    assert {*foreseen_rows} == {"kept\tatom\tgroup.atom\t2 entries", *rows}
    assert report.counts.removed == len(gone)
    assert before.keys() - tree(made / "out").keys() == gone
    assert (made / "out/SHA256SUMS").read_text().split()[1:] == ["group.atom"]
    assert build(made, "atom").problems == ()


def test_what_a_killed_run_made_of_them_is_too(made: Path) -> None:
    """It was killed before it had put the first page in place."""
    out = made / "out"
    whole = load_manifest(out)
    killed = [each for each in whole.outputs if each.exporter in {"csl", "markdown"}]
    others = tuple(each for each in whole.outputs if each not in killed)
    path = killed[1].files[0].path
    (out / path).unlink()
    record = msgspec.structs.replace(whole, outputs=others, pending=tuple(killed))
    (out / MANIFEST).write_bytes(record.encode())
    for _ in range(2):
        (line,) = build(made, "atom").problems
        left = [*killed[0].files, *killed[1].files[1:]]
        assert f"names no more: {left[0].path}, {left[1].path}" in str(line)
        sums = (out / "SHA256SUMS").read_text().split()[1::2]
        assert sums == sorted(["group.atom", *(each.path for each in left)])
    report = build(made, "atom", prune=True)
    assert report.counts.removed == len(left)
    assert tree(out).keys() == {"SHA256SUMS", "group.atom", "mine.csl.json"}
    assert build(made, "atom").problems == ()


def test_the_command_knows_that_nothing_else_was_asked_for(made: Path) -> None:
    path = made / "c.toml"
    path.write_text(path.read_text().replace("to = 'csl'", "to = 'rss'"))
    words = ("build", path, "--cache", made / "cache")
    assert "names no more: group.csl.json; --prune removes it" in command(*words).err
    assert MORE not in command(*words, "--to", "atom").err
    assert "removed: " in command(*words, "--prune").err
    assert not (made / "out/group.csl.json").exists()


def test_what_stays_is_named(made: Path) -> None:
    (made / "mira.xml").write_bytes(atom("mira", (2, 1))[:-60])
    shutil.rmtree(made / "out" / COPIES)
    stays = {each.severity for each in build(made, "atom csl markdown").problems}
    assert stays == {"warning", "output"}
    assert not [each for each in build(made, "atom csl").problems if MORE in str(each)]


def test_what_somebody_edited_stays(made: Path) -> None:
    (made / "out/group.csl.json").write_text("mine")
    (line,) = build(made, "atom", prune=True).problems
    assert "group.csl.json: no longer made, but kept, because someone edited it" in str(line)
    assert (made / "out/group.csl.json").read_text() == "mine"
    assert not (made / "out/markdown-group").exists()
    (line,) = build(made, "atom").problems
    assert "holds what the config file names no more: group.csl.json; --prune" in str(line)
    of_atom, of_csl = build(made, "atom", prune=True).units
    assert (of_atom.edited, of_atom.status) == ((), "kept")
    assert (of_csl.exporter, of_csl.edited, of_csl.status) == (
        "csl", ("group.csl.json",), "dropped",
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [{"to": ["atom"]}, {"limit": "1"}, {"name": "other"}, {"sources": ["{}/mira.xml"]}],
)
def test_a_flag_that_chooses_says_nothing_of_the_others(
    made: Path, words: dict[str, object]
) -> None:
    if "sources" in words:
        words = {"sources": [f"{made}/mira.xml"]}
    before = tree(made / "out").keys()
    assert not any(MORE in str(each) for each in build(made, "atom csl", **words).problems)
    build(made, "atom csl", **words, prune=True)
    assert tree(made / "out").keys() >= before


@pytest.mark.parametrize("edited", [False, True])
def test_sums_are_told_as_what_they_are(edited: bool, made: Path) -> None:
    if edited:
        (made / "out/SHA256SUMS").write_text("mine")
    of_atom, sums = build(made, "atom", dry=True, to=["atom"], checksums=False).units
    assert (of_atom.removed, of_atom.edited) == ((), ())
    assert (sums.exporter, sums.path, sums.status) == ("checksums", "SHA256SUMS", "dropped")
    assert (sums.edited if edited else sums.removed) == ("SHA256SUMS",)
    if edited:
        (sums,) = [each for each in build(made, "atom").units if each.exporter == "checksums"]
        assert (sums.status, sums.edited) == ("edited", ("SHA256SUMS",))


def test_what_is_dropped_makes_no_run_useful() -> None:
    """Exit code 3: all that was to be made has failed, and what was removed is no output."""
    failed = UnitRecord(exporter="atom", name="g", path="g.atom", status="failed", entries=0)
    dropped = msgspec.structs.replace(failed, status="dropped", name="h", removed=("h.atom",))
    sums = msgspec.structs.replace(failed, exporter="checksums", stays=True)
    assert exit_code("output", "entry", (failed, dropped, sums)) == 3
    assert exit_code("output", "entry", (msgspec.structs.replace(failed, stays=True), dropped)) == 1


def test_sums_that_were_never_ours_count_as_failed(tmp_path: Path) -> None:
    (tmp_path / "mira.xml").write_bytes(atom("mira", (2, 1)))
    (tmp_path / "out").mkdir()
    (tmp_path / "out/SHA256SUMS").write_text("mine")
    for count in ((1, 0, 1), (0, 1, 1)):
        report = build(tmp_path, "atom")
        counts = report.counts
        assert (counts.made_anew, counts.kept_as_were, counts.failed) == count
        assert (report.exit_code, report.units[1].blocked) == (1, ("SHA256SUMS",))
        assert (tmp_path / "out/SHA256SUMS").read_text() == "mine"
