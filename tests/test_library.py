"""The four functions as a program uses them; what they make is what the command makes."""

from __future__ import annotations

import datetime as dt
import inspect
import io
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pikepdf
import pytest
from running import SALTMARSH, command, tree

from convert import convert, prepare, read, select
from convert.errors import ExportError, NotASource, SourceError, UnknownName, UsageError
from convert.library import Collection, PreparedSet
from convert.model import Problem
from convert.plugins import Registry
from convert.settings import layers
from convert.settings.job import Job, SelectSettings
from convert.settings.periods import Day

TIDE = "A tide gauge for the price of a bicycle"
OPTIONS: dict[str, dict[str, object]] = {"pdf": {"profile": "archive"}}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def marsh(cache: Path) -> Collection:
    return read(SALTMARSH, cache=cache)


@pytest.fixture(scope="module")
def whole(marsh: Collection) -> PreparedSet:
    return prepare(marsh)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A repository of the tests' own, to be broken."""
    return Path(shutil.copytree(SALTMARSH, tmp_path / "store"))


def titles(collection: Collection) -> set[str]:
    """Of the entries of a prepared collection; iterating it must give the same."""
    prepared = prepare(collection, allow_empty=True)
    assert {entry.id for entry in collection} >= {entry.id for entry in prepared}
    return {entry.title for entry in prepared}


# --- the same as the command -------------------------------------------------------------


def available() -> list[str]:
    registry = Registry.default()
    return [
        name for name in registry.exporter_names() if registry.exporter(name).unavailable() is None
    ]


@pytest.fixture(scope="module")
def by_flags(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("flags") / "out"
    options = [
        word
        for name, each in OPTIONS.items()
        for option, value in each.items()
        for word in ("-O", f"{name}.{option}={value}")
    ]
    to = ",".join(available())
    ended = command("export", SALTMARSH, "--to", to, *options, "--out", out, "--cache", cache)
    assert ended.code == 0, ended.err
    return tree(out)


@pytest.mark.judge
def test_a_config_file_gives_the_bytes_that_flags_give(
    by_flags: dict[str, bytes], cache: Path, tmp_path: Path
) -> None:
    tables = "\n".join(
        f'[[output]]\nto = "{name}"\n'
        + "".join(f'{option} = "{value}"\n' for option, value in OPTIONS.get(name, {}).items())
        for name in available()
    )
    file = tmp_path / "c.toml"
    file.write_text(f'sources = ["{SALTMARSH}"]\nout = "out"\n{tables}', encoding="utf-8")
    ended = command("build", file, "--cache", cache)
    assert ended.code == 0, ended.err
    made = tree(tmp_path / "out")
    assert made.keys() == by_flags.keys()
    assert [path for path in made if made[path] != by_flags[path]] == []


@pytest.mark.judge
@pytest.mark.parametrize("to", available())
def test_the_library_gives_the_bytes_that_flags_give(
    by_flags: dict[str, bytes], whole: PreparedSet, to: str
) -> None:
    files = convert(whole, to, **OPTIONS.get(to, {}))  # type: ignore[arg-type]
    assert files
    for file in files:
        assert file.content == by_flags[file.path], file.path
    if not Registry.default().exporter(to).suffix(Registry.default().exporter(to).Options()):
        assert len(files) == sum(path.startswith(f"{to}/") for path in by_flags)


@pytest.mark.judge
def test_an_archive_encloses_what_its_entries_were_made_from(whole: PreparedSet) -> None:
    (file,) = convert(whole, "pdf", profile="archive")
    assert isinstance(file.content, bytes)
    with pikepdf.open(io.BytesIO(file.content)) as pdf:
        assert len(pdf.attachments) == len(whole) == 15


# --- the arguments are the settings ------------------------------------------------------


def test_the_arguments_are_the_settings() -> None:
    known = {**layers.settings(Job), **layers.settings(SelectSettings)}
    arguments = {
        name: parameter.default
        for function in (read, select, prepare, convert)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in {"feeds", "options", "warn"}
    }
    assert {name: known[name].field.default for name in arguments} == arguments
    # Addresses stand for themselves; the others are how a command ends, what it updates, and
    # what it shows of its stages.
    others = {"into", "report", "fail_on", "debug_pipeline", "debug_entry"}
    assert known.keys() - arguments == {"sources", *others}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"language": "english!!"}, "language: 'english!!' is no language"),
        ({"jobs": -1}, "jobs: must be 0 or more"),
        ({"title": 3}, "title: "),
        ({"duplicates": "none.json"}, "duplicates: none.json: no such file"),
    ],
)
def test_wrong_arguments_are_named(
    marsh: Collection, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        prepare(marsh, **arguments)  # type: ignore[arg-type]


def test_wrong_selections_are_named(marsh: Collection) -> None:
    with pytest.raises(UsageError, match="since: 'yesterday' is no day"):
        select(marsh, since="yesterday")
    with pytest.raises(UsageError, match="limit: must be 0 or more"):
        select(marsh, limit=-1)


def test_what_the_outputs_are_called(marsh: Collection) -> None:
    prepared = prepare(
        marsh, name="n", title="T", subtitle="S", id="urn:x", language="de_ch", rights="R",
        base_url="https://x.example/", emails=True,
    )  # fmt: skip
    assert (prepared.name, prepared.title, prepared.subtitle) == ("n", "T", "S")
    assert (prepared.id, prepared.language, prepared.rights) == ("urn:x", "de-CH", "R")
    assert any(user.email for user in prepared.users.values())
    assert not any(user.email for user in prepare(marsh).users.values())


# --- select ------------------------------------------------------------------------------


def test_a_second_selection_narrows_the_first(marsh: Collection) -> None:
    leila, year = select(marsh, author="leila"), select(marsh, year=2024)
    both = titles(select(leila, year=2024))
    assert both == titles(select(year, author="leila")) == titles(leila) & titles(year)
    assert titles(leila) > both > set()


def test_authors_of_two_selections_must_both_fit(marsh: Collection) -> None:
    ada = titles(select(marsh, author="ada"))
    assert titles(select(select(marsh, author="ada"), author="Ada Finch")) == ada
    assert titles(select(select(marsh, author=("ada", "leila")), author=("ada", "haru"))) == ada
    assert titles(select(select(marsh, author="ada"), author="leila")) == set()
    both = select(select(marsh, category="Books"), category="marsh")
    assert titles(both) == titles(select(marsh, category="Books")) & titles(
        select(marsh, category="marsh")
    )


def test_days_of_two_selections_narrow(marsh: Collection) -> None:
    inner = select(marsh, since="2023-03", until="2023-06")
    for outer in (select(inner, year=2023), select(select(marsh, year=2023), since="2023-03")):
        assert outer.job.select.since == Day(dt.date(2023, 3, 1), "2023-03")
    assert select(inner, since="2020", until="2030").job.select == inner.job.select
    assert titles(select(inner, year=2024)) == set()


def test_texts_and_exclusions_of_two_selections_add_up(marsh: Collection) -> None:
    twice = select(select(marsh, match="stilling well"), match="BICYCLE")
    assert titles(twice) == titles(select(marsh, match=("stilling well", "bicycle"))) == {TIDE}
    assert titles(select(twice, match="no such words")) == set()
    others = select(select(marsh, exclude_author="ada"), exclude_author="leila")
    assert titles(others) == titles(select(marsh, exclude_author=("ada", "leila")))
    first, second, *rest = [entry.id for entry in marsh]
    left = select(select(marsh, exclude=first), exclude=second)
    assert [entry.id for entry in left] == rest


def test_the_smallest_limit_counts_and_counts_last(marsh: Collection) -> None:
    newest = [entry.title for entry in prepare(marsh)]
    assert [e.title for e in prepare(select(select(marsh, limit=5), limit=2))] == newest[:2]
    assert [e.title for e in prepare(select(select(marsh, limit=2), limit=5))] == newest[:2]
    assert len(prepare(select(select(marsh, limit=3), author="ada"))) == 3
    assert len(prepare(select(marsh, limit=0), allow_empty=True)) == 0
    newest_of_each = {entry.user: entry.id for entry in prepare(marsh).entries[::-1]}
    each_one = prepare(select(select(marsh, per_author=1), per_author=2))
    assert {entry.user: entry.id for entry in each_one} == newest_of_each
    assert len(each_one) == len(newest_of_each)


def test_iterating_obeys_match_and_limit(marsh: Collection) -> None:
    (mirror,) = {entry.id for entry in marsh} - {entry.id for entry in prepare(marsh)}
    for narrowed in (
        select(marsh, match="tide"),
        select(marsh, match="tide", author="leila"),
        select(marsh, match="tide", limit=2),
        *(select(marsh, limit=number) for number in range(14)),
        *(select(marsh, per_author=number) for number in range(5)),
        select(marsh, per_author=2, limit=4),
    ):
        # A duplicate is stored too; no output has it.
        prepared = prepare(narrowed, allow_empty=True)
        assert {entry.id for entry in narrowed} - {mirror} == {e.id for e in prepared}
    assert len(list(select(marsh, limit=3))) == 3
    assert list(marsh) == list(select(marsh, limit=99))


# --- problems, offline, cache ------------------------------------------------------------


def test_problems_reach_the_program(store: Path, cache: Path) -> None:
    (store / "ada" / "bad.json").write_bytes(b"{")
    warned: list[Problem] = []
    collection = read(store, cache=cache, warn=warned.append)
    prepared = prepare(collection)
    assert len(prepared) == 15
    assert [each.path for each in collection.problems if each.severity == "entry"] == [
        "ada/bad.json"
    ]
    assert tuple(warned) == collection.problems == prepared.problems


def test_what_is_no_source_is_an_error(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(NotASource, match="nowhere: does not exist"):
        read(tmp_path / "nowhere", cache=cache)


def test_offline_opens_no_connection(cache: Path) -> None:
    with pytest.raises(SourceError, match="offline"):
        read("https://feed.example/atom.xml", offline=True, cache=cache)


def test_options_of_sources(cache: Path) -> None:
    collection = read(SALTMARSH, cache=cache, options={"feed": {"max_pages": 2}})
    ((name, options),) = collection.job.source_options
    assert (name, msgspec.to_builtins(options)["max_pages"]) == ("feed", 2)
    with pytest.raises(UnknownName, match="did you mean max_pages"):
        read(SALTMARSH, cache=cache, options={"feed": {"max_page": 2}})


def test_things_are_remembered_where_the_program_says(tmp_path: Path) -> None:
    prepare(read(SALTMARSH, cache=tmp_path / "cache"))
    assert any((tmp_path / "cache").rglob("*"))


# --- convert -----------------------------------------------------------------------------


def test_files_are_given_back_or_published(whole: PreparedSet, tmp_path: Path) -> None:
    (memory,) = convert(whole, "atom")
    assert isinstance(memory.content, bytes)
    (disk,) = convert(whole, "atom", out=tmp_path, checksums=True)
    assert disk.content == tmp_path / "saltmarsh.atom"
    assert disk.content.read_bytes() == memory.content
    assert (tmp_path / "SHA256SUMS").exists()
    disk.content.write_text("mine")
    convert(whole, "atom", out=tmp_path)
    assert disk.content.read_text() == "mine"
    convert(whole, "atom", out=tmp_path, overwrite=True)
    assert disk.content.read_bytes() == memory.content


def test_wrong_options_are_named(whole: PreparedSet) -> None:
    with pytest.raises(UnknownName, match="did you mean atom"):
        convert(whole, "atmo")
    with pytest.raises(UnknownName, match="did you mean content"):
        convert(whole, "atom", contnt="full")
    with pytest.raises(UsageError, match=r"pdf\.profile: .*; it takes"):
        convert(whole, "pdf", profile="vellum")


FAILING = """
from convert.contract import ExporterOptions
class Failing:
    name, summary, media_type, Options = "failing", "fails", "text/plain", ExporterOptions
    def suffix(self, options): return ".txt"
    def unavailable(self): return None
    def export(self, entries, context):
        raise RuntimeError("in the middle")
        yield
EXPORTER = Failing()
"""


def test_an_output_that_fails_is_an_error_each_time(whole: PreparedSet, tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text(FAILING)
    for _ in range(2):
        with pytest.raises(ExportError, match="RuntimeError: in the middle"):
            convert(whole, str(tmp_path / "failing.py"))


def test_empty_outputs_do_not_take_the_place_of_good_ones(tmp_path: Path, cache: Path) -> None:
    entry = tmp_path / "store" / "ada" / "a.json"
    entry.parent.mkdir(parents=True)
    fields = {"id": "https://x.example/a", "title": "T", "updated": "2024-01-01"}
    entry.write_text(json.dumps(fields), encoding="utf-8")
    out = tmp_path / "out"
    convert(prepare(read(tmp_path / "store", cache=cache)), "atom", out=out)
    before = tree(out)
    entry.write_text('{"id": "urn:a", "updated": "2024', encoding="utf-8")
    with pytest.raises(ExportError, match="none of its entries could be read"):
        convert(prepare(read(tmp_path / "store", cache=cache)), "atom", out=out)
    assert tree(out) == before


# --- a good guest ------------------------------------------------------------------------

GUEST = """
import sys
from pathlib import Path
started = []
sys.addaudithook(
    lambda event, _: started.append(event)
    if event in ("os.fork", "os.posix_spawn", "subprocess.Popen") else None
)
from convert import convert, prepare, read, select
entries = prepare(select(read(sys.argv[1], cache=Path(sys.argv[2])), limit=4))
for to in ("atom", "epub", "markdown"):
    assert convert(entries, to)
assert not started, started
"""


def test_nothing_is_printed_and_no_process_started(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", GUEST, SALTMARSH, tmp_path], capture_output=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_signals_stay_as_they_are(marsh: Collection) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    convert(prepare(marsh), "atom")
    assert before == [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]


def test_reading_nothing_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="no SOURCE is named"):
        read()
