"""Flags become one Job, alone or over a config file, or an error that names the flag."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import msgspec
import pytest
from running import SALTMARSH, command, tree

from convert.cli import flags as cli
from convert.contract import MAX_BODY
from convert.errors import UsageError
from convert.plugins import Registry
from convert.settings import layers, options
from convert.settings.job import Job, Selection

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
    assert (select.since and select.since.date, select.until and select.until.date) == (
        since,
        until,
    )


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
        ({"output": "x", "out": "y"}, "-o x: is all that is made; leave --out y out"),
        ({"output": "."}, "-o: .: is a folder; name a file, or a folder with --out DIR"),
        ({"language": "english!!"}, "'english!!' is no language; write en, fr-CA"),
        ({"year": 0}, "year: 0 is no year of four digits"),
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


# --- over a config file ------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [word for word, each in layers.settings(Job).items() if isinstance(each.field.default, bool)],
)
def test_a_flag_switches_off_what_the_file_switched_on(tmp_path: Path, word: str) -> None:
    text = f"{word} = true\n{TWO}"
    assert getattr(over(tmp_path, text), word) is True
    assert getattr(over(tmp_path, text, **{word: False}), word) is False
    assert getattr(over(tmp_path, TWO, **{word: True}), word) is True


def test_a_flag_wins_even_where_it_is_nothing(tmp_path: Path) -> None:
    text = (
        'title = "File"\nrev = "main"\njobs = 2\n' + TWO + "[select]\nlimit = 20\n"
        'author = "ada"\nmatch = ["tide", "moon"]\nsince = 2023\n'
    )
    before = over(tmp_path, text)
    assert (before.title, before.rev, before.jobs, before.select.limit) == ("File", "main", 2, 20)
    after = over(
        tmp_path, text, title="", rev="", jobs=0, limit=0, author=[""], match=["moon"], since=""
    )
    assert (after.title, after.rev, after.jobs) == (None, None, cli.cores())
    assert after.select == Selection(limit=0, match=("moon",))


def test_names_pick_outputs_of_the_file_and_add_others(tmp_path: Path) -> None:
    text = TWO + '[[output]]\nto = "epub"\nname = "later"\nselect = { year = 2024 }\n'
    job = over(tmp_path, text, to=["epub,csl"], set_option=["epub.parts=year"])
    assert [(each.to, each.name) for each in job.outputs] == [
        ("epub", None), ("epub", "later"), ("csl", None),
    ]  # fmt: skip
    assert job.outputs[1].select == over(tmp_path, text).outputs[2].select is not None
    assert {getattr(each.options, "parts", "year") for each in job.outputs} == {"year"}
    (atom,) = over(tmp_path, text, to=["atom"]).outputs
    assert getattr(atom.options, "content", None) == "summary"


def test_options_of_a_source_go_over_those_of_the_file(tmp_path: Path) -> None:
    text = TWO + '[source.feed]\nhistory = "all"\n'
    ((name, options),) = over(tmp_path, text, set_option=["feed.max_pages=3"]).source_options
    assert (name, msgspec.to_builtins(options)) == ("feed", {"history": "all", "max_pages": 3})


def test_a_file_that_says_too_little(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"c\.toml: no \[\[output\]\] says what to make"):
        over(tmp_path, 'sources = ["a"]\n')
    with pytest.raises(UsageError, match=r"c\.toml: no SOURCE is named: .* or as a \[\[feed\]\]"):
        over(tmp_path, '[[output]]\nto = "atom"\n')


# --- as they are typed -------------------------------------------------------------------


def test_build_makes_what_export_with_the_file_makes(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        f'sources = ["{SALTMARSH}"]\nemails = true\ntitle = "File"\n'
        '[select]\nyear = 2023\n[[output]]\nto = "atom"\n[[output]]\nto = "markdown"\n',
        encoding="utf-8",
    )
    flags = (
        *("--no-emails", "--title", "Flag", "--author", "ada", "--order", "oldest"),
        *("--to", "atom,jsonfeed", "-O", "atom.content=summary", "--checksums"),
        *("--cache", tmp_path / "cache"),
    )
    built = command("build", file, *flags, "--out", tmp_path / "a")
    exported = command("export", "--config", file, *flags, "--out", tmp_path / "b")
    assert (built.code, exported.code) == (0, 0), built.err + exported.err
    made = tree(tmp_path / "a")
    assert made == tree(tmp_path / "b")
    assert {"saltmarsh-ada-2023.atom", "saltmarsh-ada-2023.json", "SHA256SUMS"} == made.keys()
    assert b"<title>Flag</title>" in made["saltmarsh-ada-2023.atom"]
    assert b"ada@saltmarsh.example" not in made["saltmarsh-ada-2023.atom"]
    one = command("build", file, *flags, "--to", "atom", "-o", "-")
    assert (one.code, "takes one output" in one.err) == (2, True)
    one = command("build", file, "--to", "atom", "-o", "-", *flags[-2:])
    assert b"<title>File</title>" in one.out
    plan = command("build", file, *flags, "--plan").out.decode()
    assert plan == command("export", "--config", file, *flags, "--plan").out.decode()
    assert [line.split("\t")[1] for line in plan.splitlines()] == ["atom", "jsonfeed"]


@pytest.mark.parametrize("name", ["export", "build", "check"])
def test_every_flag_is_explained_once(name: str) -> None:
    shown = command(name, "--help").out.decode()
    words = {"export": cli.ALL, "build": cli.OVER_A_FILE, "check": cli.WITHOUT_OUTPUTS}[name]
    for word in words:
        setting = cli.SETTINGS[word]
        text = options.description(setting.field.type)
        assert text.endswith("."), word
        assert " ".join(shown.split()).count(text) == 1, word
        flag = f"-{setting.flag.letter}" if setting.flag.letter else f"--{word.replace('_', '-')}"
        assert re.search(rf"^ +{flag}\b", shown, re.MULTILINE), word
    assert shown.count(f"[default: {MAX_BODY}]") == 1


def test_what_is_not_meant_is_said_with_the_way_out() -> None:
    for words, message in (
        (("--limit", "-1"), "limit: must be 0 or more"),
        (("--timeout", "0"), "timeout: must be more than 0"),
        (("--max-body", "0"), "max_body: must be 1 or more"),
        (("--until", "tomorrow"), "until: 'tomorrow' is no day; write 2025"),
    ):
        ended = command("export", SALTMARSH, "--to", "atom", *words)
        assert (ended.code, message in ended.err) == (2, True), ended.err
