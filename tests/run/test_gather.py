"""What the user's own file of duplicates says goes before what the sources say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import SALTMARSH

from convert import prepare, read
from convert.errors import UsageError
from convert.library import Collection

MIRROR = "https://bruno.saltmarsh.example/mirror/tide-gauge"


@pytest.fixture
def marsh(tmp_path: Path) -> Collection:
    return read(SALTMARSH, cache=tmp_path / "cache")


def test_the_file_of_the_repository_is_read_unless_there_is_another(
    marsh: Collection, tmp_path: Path
) -> None:
    assert MIRROR not in {entry.id for entry in prepare(marsh)}
    first, second = (entry.id for entry in list(prepare(marsh))[:2])
    file = tmp_path / "same.json"
    file.write_text(json.dumps({"duplicates": {first: second, second: 3}}), encoding="utf-8")
    ids = {entry.id for entry in prepare(marsh, duplicates=file)}
    assert first not in ids
    assert second in ids
    assert f"{file}: {second}: ignored: its canonical id is not a string" in map(
        str, marsh.problems
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"duplicates": []}', ""),
        ('{"duplicates": [1]}', "ignored: no object"),
    ],
)
def test_a_file_that_says_nothing_declares_no_duplicates(
    marsh: Collection, tmp_path: Path, text: str, reason: str
) -> None:
    file = tmp_path / "same.json"
    file.write_text(text, encoding="utf-8")
    assert len(prepare(marsh, duplicates=file)) == 16
    problems = [each for each in marsh.problems if each.path == str(file)]
    assert [each.reason for each in problems] == ([reason] if reason else [])


@pytest.mark.parametrize("text", ["", "[]", "x", '{"duplicates":'])
def test_a_file_that_is_no_object_is_an_error(marsh: Collection, tmp_path: Path, text: str) -> None:
    file = tmp_path / "same.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"duplicates: .*same\.json"):
        prepare(marsh, duplicates=file)


def test_a_file_that_is_not_there_is_an_error(marsh: Collection, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"duplicates: .*none\.json: no such file"):
        prepare(marsh, duplicates=tmp_path / "none.json")
