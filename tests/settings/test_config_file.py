"""The config file becomes a Job, or an error that names the key."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from convert.errors import UnknownName, UsageError
from convert.model import Category, ListedFeed
from convert.plugins import Registry
from convert.settings import config_file, layers
from convert.settings.job import Job, Selection, SelectSettings
from convert.settings.periods import Day

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
        since=Day(dt.date(2024, 1, 1), "2024"), until=Day(dt.date(2024, 12, 31), "2024")
    )
    assert job.title == "The Saltmarsh Notebooks"


def test_every_key_is_in_the_example_and_known(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    top, select = text.partition("[[output]]")[0].split("[select]")
    keys = re.compile(r"^(?:# )?(\w+) = ", re.MULTILINE)
    assert set(keys.findall(top)) == set(layers.settings(Job))
    assert set(keys.findall(select)) == set(layers.settings(SelectSettings))
    job = load(tmp_path, re.sub(r"^# (?=\w+ = )", "", f"{top}[select]{select}", flags=re.MULTILINE))
    assert job.rev == "main"
    assert job.emails
    assert job.allow_network == ("10.1.0.0/16",)
    assert job.select.limit == 20
    assert job.out == tmp_path / "../out"
    assert job.report == tmp_path / "report.json"


def test_defaults_of_the_example_are_those_of_the_settings() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert f"# max_body = {Job().max_body} " in text
    assert f"# timeout = {Job().timeout:g} " in text
    assert f'# fail_on = "{Job().fail_on}" ' in text


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    job = load(tmp_path, 'sources = ["store", "https://example.org/a.git", "-"]\nout = "made"')
    assert job.sources == (str(tmp_path / "store"), "https://example.org/a.git", "-")
    assert job.out == tmp_path / "made"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("titel = 'x'", UnknownName, "no config key is called 'titel'; did you mean title"),
        ("[select]\nauthr = 'x'", UnknownName, "'authr'; did you mean author"),
        ("[select]\nfuture-dates = 'keep'", UsageError, "future-dates: belongs at the top of"),
        ("per_author = 2", UsageError, r"per_author: belongs into the table \[select\]"),
        ("[[output]]\nto = 'epbu'", UnknownName, "no exporter is called 'epbu'; did you mean epub"),
        ("[[output]]\nto = 'atom'\ncontnt = 'full'", UnknownName, "option of atom is called"),
        ("[[output]]\nto = 'thicket'\ninto = 'x'", UsageError, "into: belongs at the top of"),
        ("[[output]]\nto = 'atom'\nout = 'x'", UsageError, "out: belongs at the top of the file"),
        ("[[output]]\nto = 'atom'\nsince = '3d'", UsageError, r"belongs into select = \{ since"),
        ("[[output]]\nname = 'x'", UsageError, "lacks to"),
        ("[[output]]\nto = './mine.py'", UnknownName, "no exporter is called './mine.py'"),
        ("[select]\nsince = '2024-02-30'", UsageError, "2024-02-30"),
        ("jobs = 'many'", UsageError, "jobs: 'many' does not fit; it takes number"),
        ("jobs = -1", UsageError, "jobs: must be 0 or more"),
        ("emails = 'yes'", UsageError, r"emails: .*; it takes true \| false"),
        ("fail_on = 'never'", UsageError, r"fail_on: .*; it takes output \| entry \| warning"),
        ("out = 3", UsageError, "out: .*; it takes path"),
        ("sources = [3]", UsageError, "sources: .*; it takes list of text"),
        ("select = 'all'", UsageError, "select"),
        ("[select]\nsince = true", UsageError, "since: 'True' is no day"),
        ("language = 'Klingonish'", UsageError, "language: 'Klingonish' is no language"),
        ("[[feed]]\nname = 'x'", UsageError, r"\[\[feed\]\]: lacks address = "),
        (
            "[[feed]]\naddress = 'a.xml'\n[[feed]]\nname = 'x'",
            UsageError,
            r"\[\[feed\]\] 2: lacks address = ",
        ),
        ("[[feed]]\naddress = ''", UsageError, r"\[\[feed\]\]: lacks address = "),
        ("[[feed]]\naddress = 3", UsageError, r"\[\[feed\]\] 3: address: .*; it takes text"),
        ("[[feed]]\naddress = 'ftp://x'", UsageError, "address: 'ftp://x' is no web address"),
        ("[[feed]]\naddress = 'x'\nadress = 'y'", UnknownName, "did you mean address"),
        ("[[feed]]\naddress = 'x'\nmatsh = 'y'", UnknownName, "did you mean match"),
        ("[[feed]]\naddress = 'x'\nids = 'links'", UsageError, r"ids: .* guid \| link"),
        ("[[feed]]\naddress = 'x'\nlimit = -1", UsageError, "x: limit: must be 0 or more"),
        ("[[feed]]\naddress = 'x'\nsince = 'soon'", UsageError, "x: since: 'soon' is no day"),
        ("[[feed]]\naddress = 'x'\ncategory = '/'", UsageError, "category: '/' names no folder"),
        ("[[feed]]\naddress = 'x'\nicon = 'y'", UsageError, "icon: 'y' is no web address"),
        (
            "[[feed]]\naddress = 'x'\n[[feed]]\naddress = './x'",
            UsageError,
            "a table above has this feed",
        ),
        ("feed = 'x'", UsageError, "feed"),
        ("[feed]\naddress = 'x'", UsageError, r"feed: is one table; write \[\[feed\]\]"),
        ("[output]\nto = 'atom'", UsageError, r"output: is one table; write \[\[output\]\]"),
        ("[[feed]]\naddress = '.'", UsageError, "address: is a folder; name it in sources"),
        (
            "[[feed]]\naddress = 'https://ann:pw@x.example/'\nmatsh = 'y'",
            UnknownName,
            r"\[\[feed\]\] https://x\.example/",
        ),
        ("title = ", UsageError, r"thicket-convert\.toml: not TOML"),
    ],
)
def test_mistakes_are_named(
    tmp_path: Path, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(tmp_path, text)


def test_feeds_are_a_list_in_the_file(tmp_path: Path) -> None:
    example = EXAMPLE.read_text(encoding="utf-8")
    table = re.sub("^# ", "", example[example.index("# [[feed]]") :], flags=re.MULTILINE)
    job = load(tmp_path, f"sources = ['a']\n{table}[[feed]]\naddress = 'b/ann.xml'\nyear = 2024")
    first, second = job.feeds
    assert first.feed == ListedFeed(
        address="https://ann.example/feed",
        name="Ann A.",
        categories=(Category(term="Science/Birds"),),
        icon="https://ann.example/face.png",
    )
    assert first.select == Selection(match=("marsh",), limit=20)
    assert second.feed == ListedFeed(address=str(tmp_path / "b/ann.xml"))
    assert second.select.since == Day(dt.date(2024, 1, 1), "2024")
    assert job.sources == (str(tmp_path / "a"), str(tmp_path / "thicket-convert.toml"))
    text = "[[feed]]\naddress = 'x'\ncategory = [' / Science //Birds', 'Town']"
    (request,) = load(tmp_path, text).feeds
    assert [each.term for each in request.feed.categories] == ["Science/Birds", "Town"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        config_file.load(tmp_path / "none.toml", Registry.default(), NOW)


def test_the_number_of_processes(tmp_path: Path) -> None:
    assert load(tmp_path, "jobs = 3").jobs == 3
