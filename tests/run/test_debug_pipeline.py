"""``--debug-pipeline``: what an entry is after each stage, for those who look for a fault."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from running import SALTMARSH, command, tree

from convert import content
from convert.model import StoredEntry
from convert.plugins import Registry
from convert.run.stages import FORMATS, stages_of
from convert.testing import entry_set

pytestmark = pytest.mark.judge

ENTRY = "ada/2023-03-02-tide-gauge"


def test_every_stage_of_one_entry_in_order(tmp_path: Path) -> None:
    formats = "atom,rss,jsonfeed,csl,epub,markdown"
    done = command(
        "export", SALTMARSH, "--to", formats, "--out", tmp_path / "out", "--quiet",
        "--debug-pipeline", tmp_path / "stages", "--debug-entry", "ada/notes_tide-gauge.json",
    )  # fmt: skip
    assert done.code == 0, done.err
    names = sorted(path.name for path in (tmp_path / "stages" / ENTRY).iterdir())
    steps = ["stored", "chosen", "parsed", *(name for name, _ in content.STEPS)]
    steps += ["removed", "prepared", "relations", "related"]
    expected = [f"{number:02}-{name}" for number, name in enumerate(steps)]
    assert [name.partition(".")[0] for name in names[: len(steps)]] == expected
    shown = {name.partition("-")[2].partition(".")[0] for name in names[len(steps) :]}
    assert shown == set(formats.split(","))
    assert {name.partition("-")[0] for name in names[len(steps) :]} == {str(FORMATS)}
    assert [path.name for path in (tmp_path / "stages").iterdir()] == ["ada"]
    assert [path.name for path in (tmp_path / "stages" / "ada").iterdir()] == [Path(ENTRY).name]


def test_the_stages_are_what_the_run_had(tmp_path: Path) -> None:
    flags = ["export", SALTMARSH, "--to", "markdown,atom", "--quiet"]
    plain = command(*flags, "--out", tmp_path / "plain")
    # The second run into the folder makes again what it could have kept: it has to be shown.
    for _ in range(2):
        done = command(*flags, "--out", tmp_path / "out", "--debug-pipeline", tmp_path / "stages")
        assert (done.code, done.err) == (plain.code, plain.err)
    assert tree(tmp_path / "out") == tree(tmp_path / "plain")
    stages = tmp_path / "stages"
    pages = (tmp_path / "out" / "markdown").glob("*/*.md")
    for page in pages:
        entry = stages / page.relative_to(tmp_path / "out" / "markdown").with_suffix("")
        assert (entry / f"{FORMATS}-markdown.md").read_text("utf-8") == page.read_text("utf-8")
    relations = json.loads((stages / ENTRY / f"{FORMATS - 2}-relations.json").read_bytes())
    assert relations["entry"]["key"] == ENTRY
    assert relations["cited_by"]
    stored = json.loads((stages / ENTRY / "00-stored.json").read_bytes())
    assert stored["id"] == relations["entry"]["id"]
    # The duplicate that another stands for is there, as far as it went.
    left_out = stages / "left-out" / "bruno" / "2023-03-05-tide-gauge"
    assert (left_out / f"{FORMATS - 3}-prepared.json").is_file()
    assert not (left_out / f"{FORMATS - 2}-relations.json").exists()


def test_an_entry_that_fails_says_after_which_stage() -> None:
    stored = StoredEntry(
        path="a/x.json", user="a", id="x", updated=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        content="<p>longer than that</p>",
    )  # fmt: skip
    options = content.PrepareOptions(max_body=10)
    stages = list(stages_of(stored, options, None, entry_set([])))
    assert [name for name, _ in stages] == ["stored.json", "chosen.html", "failed.txt"]
    assert stages[-1][1].startswith("after chosen: ")
    assert "--max-body" in stages[-1][1]


def test_a_folder_that_takes_nothing_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = command("check", SALTMARSH, "--debug-pipeline", tmp_path / "file", "--quiet")
    assert done.code == 2
    assert str(tmp_path / "file") in done.err
    assert "Traceback" not in done.err


def test_every_format_that_prepares_entries_shows_them() -> None:
    # A list of feeds has no entries, and a store is written from what was stored.
    without = {"opml", "thicket"}
    registry = Registry.default()
    package = Path(content.__file__).parents[1] / "exporters"
    for name in set(registry.exporter_names()) - without:
        (point,) = registry.exporters[name]
        module = package.parent.joinpath(*point.module.split(".")[1:])
        files = module.rglob("*.py") if module.is_dir() else [module.with_suffix(".py")]
        assert any(".show(" in file.read_text("utf-8") for file in files), name


def test_entries_that_are_not_there_are_told(tmp_path: Path) -> None:
    flags = ["check", SALTMARSH, "--debug-entry", "nobody"]
    done = command(*flags, "--debug-pipeline", tmp_path / "stages")
    assert done.code == 0
    assert "no selected entry has 'nobody'" in done.err
    done = command(*flags)
    assert done.code == 2
    assert "--debug-pipeline" in done.err
