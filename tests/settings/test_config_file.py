"""The config file and the flags: both become one Job, or an error that names the key."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from convert.cli import flags as asked
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


def flags(**given: object) -> Job:
    known: dict[str, object] = {"sources": ["somewhere"], "to": ["atom"]}
    return asked.job(asked.Flags(**(known | given)), Registry.default(), NOW)  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("given", "since", "until"),
    [
        ({"since": "30d"}, dt.date(2024, 3, 1), None),
        ({"since": "2023", "until": "2023-02"}, dt.date(2023, 1, 1), dt.date(2023, 2, 28)),
        ({"year": 2023}, dt.date(2023, 1, 1), dt.date(2023, 12, 31)),
        ({"year": 2023, "since": "2023-05"}, dt.date(2023, 5, 1), dt.date(2023, 12, 31)),
    ],
)
def test_days(given: dict[str, object], since: dt.date, until: dt.date | None) -> None:
    select = flags(**given).select
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
    newest, oldest = flags(to=["epub"], order=asked.OrderWord.newest), flags(to=["epub"])
    assert newest.outputs[0].options.order == "newest"
    assert oldest.outputs[0].options.order == "oldest"


@pytest.mark.parametrize(
    ("given", "message"),
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
        ({"limit": -1}, "less than nothing"),
    ],
)
def test_flags_that_do_not_fit(given: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        flags(**given)


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
    job = asked.job(asked.Flags(config_file=path, title="Flag"), Registry.default(), NOW)
    assert job.title == "Flag"
    assert job.select.match == "tide"
    assert [output.to for output in job.outputs] == ["atom"]


TWO = 'sources = ["a"]\n[[output]]\nto = "atom"\ncontent = "summary"\n[[output]]\nto = "epub"\n'


def over(tmp_path: Path, text: str, **given: object) -> Job:
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    known = {"config_file": path} | given
    return asked.job(asked.Flags(**known), Registry.default(), NOW)  # type: ignore[arg-type]


def test_options_and_order_go_over_the_outputs_of_the_file(tmp_path: Path) -> None:
    job = over(tmp_path, TWO, order=asked.OrderWord.newest, set_option=["epub.parts=year"])
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
    assert flags().jobs == asked.cores()
    assert flags(jobs=1).jobs == 1
    assert load(tmp_path, "jobs = 3").jobs == 3
