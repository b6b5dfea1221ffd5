"""The config file becomes a Job, or an error that names the key."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from convert.errors import UnknownName, UsageError
from convert.plugins import Registry
from convert.settings import config_file
from convert.settings.job import Job, Selection

NOW = dt.datetime(2024, 3, 31, 12, tzinfo=dt.UTC)
EXAMPLE = Path(__file__).parents[2] / "examples" / "thicket-convert.toml"


def load(tmp_path: Path, text: str) -> Job:
    path = tmp_path / "thicket-convert.toml"
    path.write_text(text, encoding="utf-8")
    return config_file.load(path, Registry.default(), NOW)


def test_the_example_file() -> None:
    job = config_file.load(EXAMPLE, Registry.default(), NOW)
    assert job.sources == (str(EXAMPLE.parent / "saltmarsh"),)
    assert [output.to for output in job.outputs] == ["atom", "epub", "pdf", "markdown", "epub"]
    assert job.outputs[-1].name == "saltmarsh-2024"
    assert job.outputs[-1].select == Selection(
        since=dt.date(2024, 1, 1), until=dt.date(2024, 12, 31)
    )
    assert job.title == "The Saltmarsh Notebooks"


def test_every_key_of_the_example_that_is_commented_out_is_known(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line.removeprefix("# ") if " = " in line else "" for line in lines[4:24])
    (tmp_path / "templates").mkdir()
    job = load(tmp_path, text)
    assert job.rev == "main"
    assert job.emails
    assert job.allow_network == ("10.1.0.0/16",)


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    job = load(tmp_path, 'sources = ["store", "https://example.org/a.git", "-"]\nout = "made"')
    assert job.sources == (str(tmp_path / "store"), "https://example.org/a.git", "-")
    assert job.out == tmp_path / "made"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("titel = 'x'", UnknownName, "no config key is called 'titel'; did you mean title"),
        ("[select]\nauthr = 'x'", UnknownName, "'authr'; did you mean author"),
        ("[[output]]\nto = 'epbu'", UnknownName, "no exporter is called 'epbu'; did you mean epub"),
        ("[[output]]\nto = 'atom'\ncontnt = 'full'", UnknownName, "option of atom is called"),
        ("[[output]]\nname = 'x'", UsageError, "lacks to"),
        ("[[output]]\nto = './mine.py'", UnknownName, "no exporter is called './mine.py'"),
        ("[select]\nsince = '2024-02-30'", UsageError, "2024-02-30"),
        ("jobs = 'many'", UsageError, "jobs"),
        ("language = 'Klingonish'", UsageError, "language: 'Klingonish' is no language"),
        ("title = ", UsageError, r"thicket-convert\.toml: not TOML"),
    ],
)
def test_mistakes_are_named(
    tmp_path: Path, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        config_file.load(tmp_path / "none.toml", Registry.default(), NOW)


def test_the_number_of_processes(tmp_path: Path) -> None:
    assert load(tmp_path, "jobs = 3").jobs == 3
