"""A dry run says what the run then does, and writes nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from running import command

from convert.cli import flags
from convert.cli.terminal import FEW
from convert.plugins import Registry
from convert.run import driver
from convert.run.report import RunReport
from convert.text import dates

REGISTRY = Registry.default()
FORMATS = "atom,markdown,csl"


def repository(folder: Path, *days: int) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "ada").mkdir(parents=True)
    for day in days:
        entry = {"id": f"urn:{day}", "title": f"Day {day}", "published": f"2024-03-{day:02}"}
        entry["content"] = f"<p>Text of day {day}.</p>"
        (folder / "ada" / f"{day}.json").write_text(json.dumps(entry))
    return folder


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file and folder, hidden ones too, with its bytes and its date."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes() if path.is_file() else b"",
            path.lstat().st_mtime_ns,
        )
        for path in folder.rglob("*")
    }


def run(folder: Path, words: dict[str, object], *, dry: bool) -> RunReport:
    known: dict[str, object] = {"sources": [str(folder / "group")], "to": [FORMATS]}
    known |= {"out": str(folder / "out"), "cache": str(folder / "cache"), "jobs": "1"}
    job = flags.job(known | words, REGISTRY, dates.now())
    # Made in this process, which is quicker.
    return driver.run(msgspec.structs.replace(job, jobs=0, apart=False), REGISTRY, dry=dry)


def nothing(folder: Path) -> None:
    """The first run into a folder."""
    shutil.rmtree(folder / "out")


def fewer_entries(folder: Path) -> None:
    repository(folder / "group", 1, 2, 7)


def an_edited_page(folder: Path) -> None:
    fewer_entries(folder)
    for day in (2, 5):
        (folder / f"out/markdown/ada/2024-03-{day:02}-day-{day}.md").write_text("mine")


def a_link_in_the_way(folder: Path) -> None:
    (folder / "group/ada/3.json").unlink()
    (folder / "out/group.atom").unlink()
    (folder / "out/group.atom").symlink_to(folder / "out/group.csl.json")


def no_record(folder: Path) -> None:
    fewer_entries(folder)
    (folder / "out/.thicket-convert.json").unlink()


def a_damaged_record(folder: Path) -> None:
    fewer_entries(folder)
    (folder / "out/.thicket-convert.json").write_text("{")


def an_output_that_fails(folder: Path) -> None:
    fewer_entries(folder)
    code = "class E:\n name = summary = 'bad'\n media_type = 'text/plain'\n"
    code = "from convert.contract import ExporterOptions\n" + code + " Options = ExporterOptions\n"
    code += " def suffix(self, options): return '.bad'\n def unavailable(self): return None\n"
    code += " def export(self, entries, context): raise ValueError('no')\nEXPORTER = E()\n"
    (folder / "bad.py").write_text(code)


OVERWRITE = {"overwrite": True}
Change = Callable[[Path], None]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (nothing, {}),
        (lambda folder: None, {}),
        (lambda folder: None, {"checksums": True}),
        (lambda folder: None, {"set_option": ["markdown.volumes=2"]}),
        (lambda folder: None, {"name": "other"}),
        (lambda folder: None, {"into": "store", "to": ["thicket,atom"]}),
        (fewer_entries, {"output": "one.atom", "to": ["atom"], "out": None}),
        (fewer_entries, {"checksums": True}),
        (an_edited_page, {"checksums": True}),
        (an_edited_page, OVERWRITE),
        (a_link_in_the_way, OVERWRITE),
        (no_record, {}),
        (no_record, OVERWRITE),
        (a_damaged_record, OVERWRITE),
        (an_output_that_fails, {"to": ["bad.py,atom"]}),
    ],
)
def test_a_dry_run_says_what_the_run_does(
    change: Change, words: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    repository(tmp_path / "group", *range(1, 8))
    run(tmp_path, {}, dry=False)
    change(tmp_path)
    if "to" in words:
        words = words | {"to": [str(words["to"][0]).replace("bad.py", f"{tmp_path}/bad.py")]}  # type: ignore[index]
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    before = everything(tmp_path)
    foreseen = run(tmp_path, words, dry=True)
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    after = everything(tmp_path)
    assert {name: after[name] for name in after if name not in {"cache", "group"}} == {
        name: before[name] for name in before if name not in {"cache", "group"}
    }
    done = run(tmp_path, words, dry=False)
    assert foreseen.dry
    assert plain(foreseen) == plain(done)
    for unit in done.units:
        assert not any((tmp_path / unit.place / path).exists() for path in unit.removed)


def plain(report: RunReport) -> RunReport:
    units = tuple(msgspec.structs.replace(unit, seconds=0.0) for unit in report.units)
    return msgspec.structs.replace(report, dry=False, units=units)


def test_what_is_removed_is_told(tmp_path: Path) -> None:
    words = ("--cache", tmp_path / "cache", "--to", "markdown", "--out", tmp_path / "out")
    source = repository(tmp_path / "group", *range(1, 9))
    ended = command("export", source, *words, "--plan")
    assert (ended.code, ended.out) == (0, b"made\tmarkdown\tmarkdown\t8 entries\n")
    assert "dry run, nothing is written: 8 of 8 entries published" in ended.err
    assert not (tmp_path / "out").exists()
    command("export", source, *words)
    source, report = repository(tmp_path / "group", *range(1, 4)), tmp_path / "report.json"
    foreseen = command("export", source, *words, "-n", "--report", report)
    removed = [f"markdown/ada/2024-03-{day:02}-day-{day}.md" for day in range(8, 3, -1)]
    lines = foreseen.out.decode().splitlines()
    assert lines == [
        "made\tmarkdown\tmarkdown\t3 entries",
        *(f"removed\tmarkdown\t{path}" for path in removed),
    ]
    assert json.loads(report.read_bytes())["units"][0]["removed"] == removed
    alone = command("export", source, *words, "-n", "--report", "-")
    assert json.loads(alone.out)["dry"] is True
    ended = command("export", source, *words)
    first = ", ".join(str(tmp_path / "out" / path) for path in removed[:FEW])
    assert f"removed: {first} and 2 more\n" in ended.err
    assert "5 files removed" in ended.err
