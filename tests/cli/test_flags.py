"""Flags become one Job, alone or over a config file, or an error that names the flag."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from convert.cli import flags as cli
from convert.errors import UsageError
from convert.plugins import Registry
from convert.settings.job import Job

NOW = dt.datetime(2024, 3, 31, 12, tzinfo=dt.UTC)


def flags(**values: object) -> Job:
    known: dict[str, object] = {"sources": ["somewhere"], "to": ["atom"]}
    return cli.job(known | values, Registry.default(), NOW)


@pytest.mark.parametrize(
    ("values", "since", "until"),
    [
        ({"since": "30d"}, dt.date(2024, 3, 1), None),
        ({"since": "2023", "until": "2023-02"}, dt.date(2023, 1, 1), dt.date(2023, 2, 28)),
        ({"year": 2023}, dt.date(2023, 1, 1), dt.date(2023, 12, 31)),
        ({"year": 2023, "since": "2023-05"}, dt.date(2023, 5, 1), dt.date(2023, 12, 31)),
    ],
)
def test_days(values: dict[str, object], since: dt.date, until: dt.date | None) -> None:
    select = flags(**values).select
    assert (select.since, select.until) == (since, until)


def test_exporters_are_repeatable_or_comma_separated() -> None:
    job = flags(to=["atom,pdf", "atom", "markdown"])
    assert [output.to for output in job.outputs] == ["atom", "pdf", "markdown"]


def test_options_reach_their_exporter_with_types() -> None:
    job = flags(to=["atom,epub"], set_option=["atom.content=summary", "epub.volumes=year"])
    atom, epub = job.outputs
    assert getattr(atom.options, "content", None) == "summary"
    assert epub.options.volumes == "year"
    assert atom.options.volumes == "none"


def test_order_goes_to_every_exporter() -> None:
    newest, oldest = flags(to=["epub"], order="newest"), flags(to=["epub"])
    assert newest.outputs[0].options.order == "newest"
    assert oldest.outputs[0].options.order == "oldest"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"to": []}, "say what to make with --to"),
        ({"sources": []}, "no SOURCE is named"),
        ({"set_option": ["volumes=year"]}, r"expected NAME\.OPTION=VALUE"),
        ({"set_option": ["epub.parts=year"]}, "--to does not name epub"),
        ({"set_option": ["atmo.content=full"]}, "'atmo'; did you mean atom"),
        ({"output": "x", "to": ["atom,epub"]}, "-o FILE takes one output"),
        ({"output": "x", "to": ["markdown"]}, "markdown makes a folder"),
        ({"output": "."}, "-o .: is a folder; use --out DIR"),
        ({"language": "english!!"}, "'english!!' is no language; write en, fr-CA"),
        ({"year": 0}, "year: 0 is no year of the calendar"),
        ({"year": 10_000}, "10000 is no year"),
        ({"limit": -1}, "limit: must be 0 or more"),
    ],
)
def test_flags_that_do_not_fit(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        flags(**values)


def test_one_file_is_one_volume_unless_asked() -> None:
    assert flags(to=["pdf"], output="x.pdf").outputs[0].options.volumes == "none"
    assert flags(to=["pdf"]).outputs[0].options.volumes != "none"
    asked_for = flags(to=["pdf"], output="x.pdf", set_option=["pdf.volumes=author"])
    assert asked_for.outputs[0].options.volumes == "author"


def test_flags_go_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        'sources = ["a"]\ntitle = "File"\n[select]\nmatch = "tide"\n[[output]]\nto = "atom"\n',
        encoding="utf-8",
    )
    job = cli.job({"config": path, "title": "Flag"}, Registry.default(), NOW)
    assert job.title == "Flag"
    assert job.select.match == ("tide",)
    assert [output.to for output in job.outputs] == ["atom"]


TWO = 'sources = ["a"]\n[[output]]\nto = "atom"\ncontent = "summary"\n[[output]]\nto = "epub"\n'


def over(tmp_path: Path, text: str, **values: object) -> Job:
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    known = {"config": path} | values
    return cli.job(known, Registry.default(), NOW)


def test_options_and_order_go_over_the_outputs_of_the_file(tmp_path: Path) -> None:
    job = over(tmp_path, TWO, order="newest", set_option=["epub.parts=year"])
    atom, epub = job.outputs
    assert getattr(atom.options, "content", None) == "summary"
    assert getattr(epub.options, "parts", None) == "year"
    assert [atom.options.order, epub.options.order] == ["newest", "newest"]


def test_one_file_over_the_outputs_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="-o FILE takes one output"):
        over(tmp_path, TWO, output="-")
    with pytest.raises(UsageError, match="--to does not name pdf"):
        over(tmp_path, TWO, set_option=["pdf.page=a4"])
    one = over(tmp_path, 'sources = ["a"]\n[[output]]\nto = "atom"\n', output="-")
    assert [output.file for output in one.outputs] == ["-"]


def test_all_cores_work_unless_jobs_says_otherwise(tmp_path: Path) -> None:
    assert flags().jobs == cli.cores()
    assert flags(jobs=1).jobs == 1
    assert over(tmp_path, "jobs = 3\n" + TWO).jobs == 3
    assert over(tmp_path, "jobs = 3\n" + TWO, jobs=0).jobs == cli.cores()
