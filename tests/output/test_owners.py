"""Whose a file is: no output takes one of another, nor one of the user's, unasked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from convert.contract import OutputFile
from convert.errors import UsageError
from convert.model import Problem
from convert.output.holding import hold
from convert.output.manifest import (
    MANIFEST,
    FileRecord,
    FolderState,
    KnownFiles,
    Manifest,
    WrittenOutput,
    WrittenUnit,
    load_manifest,
)
from convert.output.owners import as_spelled, respell
from convert.output.publish import OutputUpdate
from convert.output.staging import stage


def give(
    folder: Path, files: Mapping[str, str], exporter: str = "markdown", *, overwrite: bool = False
) -> list[Problem]:
    """Publish one output of an exporter with these files, and the sums of all."""
    problems: list[Problem] = []
    with hold(folder, problems.append, overwrite=overwrite) as out:
        content = [OutputFile(path=path, content=text.encode()) for path, text in files.items()]
        staged = stage(content, out.staging("x"), path="site", folder="site")
        unit = WrittenUnit(path="site", files=tuple(file.record for file in staged))
        record = WrittenOutput(exporter=exporter, name="site", units=(unit,))
        out.publish([OutputUpdate(record=record, staged=staged)], checksums=True)
    return problems


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_a_file_of_another_output_is_replaced_only_where_that_is_asked_for(tmp_path: Path) -> None:
    give(tmp_path, {"site/pictures/p.png": "p", "site/left": "l"})
    other = {"site/pictures/p.png": "q", "site/new": "n"}
    before = tree(tmp_path)
    belongs = r"site/pictures/p.png: belongs to the output site of markdown; give .*--overwrite"
    with pytest.raises(UsageError, match=belongs):
        give(tmp_path, other, "atom")
    assert tree(tmp_path) == before
    (problem,) = give(tmp_path, other, "atom", overwrite=True)
    assert problem.reason.startswith("replaced, although it belonged to the output site of mark")
    after = tree(tmp_path)
    sums = after.pop("SHA256SUMS").splitlines()
    assert after.items() >= other.items()
    assert {line[66:]: line[:64] for line in sums} == {
        path: hashlib.sha256(text.encode()).hexdigest() for path, text in after.items()
    }
    # It is the other's now, and goes with it.
    with pytest.raises(UsageError, match="belongs to the output site of atom"):
        give(tmp_path, {"site/pictures/p.png": "p", "site/left": "l"})
    unit = load_manifest(tmp_path).unit("markdown", "site", "site")
    assert unit is not None
    assert FolderState(tmp_path).change_of(unit) == "a file could not be put in place"
    assert give(tmp_path, {"site/new": "n"}, "atom") == []
    assert not (tmp_path / "site/pictures").exists()
    # What lies there no more belongs to nobody.
    (tmp_path / "site/new").unlink()
    assert give(tmp_path, {"site/new": "mine"}) == []


def test_what_a_killed_run_was_about_to_put_in_place_belongs_to_its_output(tmp_path: Path) -> None:
    give(tmp_path, {"site/new": "n"})
    whole = load_manifest(tmp_path)
    killed = msgspec.structs.replace(whole, outputs=(), pending=whole.outputs)
    (tmp_path / MANIFEST).write_bytes(killed.encode())
    with pytest.raises(UsageError, match="belongs to the output site of markdown"):
        give(tmp_path, {"site/new": "m"}, "csl")
    (problem,) = give(tmp_path, {"site/new": "m"}, "csl", overwrite=True)
    assert "although it belonged to the output site of markdown" in problem.reason
    assert give(tmp_path, {"site/new": "o"}, "csl") == []


def test_files_and_folders_get_the_spelling_that_they_have_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a system that ignores case would be asked for.
    (tmp_path / "Site").mkdir()
    (tmp_path / "Site/A").write_text("a")
    (tmp_path / "site").symlink_to("Site")
    os.link(tmp_path / "Site/A", tmp_path / "Site/a")
    asked = []
    monkeypatch.setattr(Path, "rename", lambda path, other: asked.append((path, other)))
    respell(tmp_path, ["site/a", "site/b"], KnownFiles({"Site/A": {"1"}, "Site/b": {"2"}}))
    site = tmp_path / "site"
    assert asked == [(tmp_path / "Site", site), (site / "A", site / "a")]


@pytest.mark.parametrize(
    ("there", "recorded", "now"),
    [
        ((), ("Site",), "site"), (("Site/a",), ("Site",), "Site"),
        (("Site/a", "site/a"), ("Site",), "Site"), (("other",), ("Site",), "site"),
        ((), ("Site", "site"), "Site site"), (("SITE/a",), ("SITE", "Site"), "SITE site"),
    ],
)  # fmt: skip
def test_a_name_follows_its_spelling_where_nothing_stands_under_the_old_one(
    there: tuple[str, ...], recorded: tuple[str, ...], now: str, tmp_path: Path
) -> None:
    for path in there:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    file = FileRecord(path="a", size=0, sha256="1")
    outputs = []
    for name in recorded:
        files = (msgspec.structs.replace(file, path=f"{name}/a"),)
        units = (WrittenUnit(path=name, files=files),)
        outputs.append(WrittenOutput(exporter="atom", name=name, units=units))
    before = Manifest(outputs=tuple(outputs))
    after = as_spelled(before, {("atom", "site"): ["site"], ("csl", "SITE"): ["SITE"]}, tmp_path)
    assert [each.name for each in after.outputs] == now.split()
    assert {each.path for each in after.outputs[0].files} == {f"{recorded[0]}/a"}
