"""Names that nobody bears and selections that hold nothing: good output never becomes empty."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import SALTMARSH, command, tree

from convert import prepare, read, select
from convert.cli import flags
from convert.collection.folders import Folders
from convert.collection.vocabulary import Vocabulary
from convert.errors import EmptySelection, UnknownName
from convert.library import Collection
from convert.model import Category, Feed, Person, User
from convert.plugins import Registry
from convert.run import driver
from convert.run.report import RunReport
from convert.settings.job import Selection
from convert.testing import prepared
from convert.text import dates

UNKNOWN = [
    ("author", "adda", "author", "ada"),
    ("author", "Ada Fitch", "author", "Ada Finch"),
    ("exclude_author", "BRUN", "author", "bruno"),
    ("category", "bok", "category", "books"),
    (
        "exclude",
        "https://ada.saltmarsh.example/notes/tide-gage",
        "entry",
        "https://ada.saltmarsh.example/notes/tide-gauge",
    ),
]
EMPTY: list[dict[str, object]] = [
    {"since": "2024", "until": "2023"},
    {"limit": 0},
    {"per_author": 0},
    {"year": 2031},
    {"match": ("no such words anywhere",)},
    {"author": ("ada",), "year": 2024},
    {"author": ("ada",), "exclude_author": ("Ada Finch",)},
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def marsh(cache: Path) -> Collection:
    return read(SALTMARSH, cache=cache)


@pytest.fixture
def published(tmp_path: Path, cache: Path) -> Path:
    """An output folder with a feed and a folder of Markdown in it."""
    assert export(tmp_path / "out", cache).exit_code == 0
    return tmp_path / "out"


def export(out: Path, cache: Path, **values: object) -> RunReport:
    """What the command does with these flags."""
    registry = Registry.default()
    known: dict[str, object] = {
        "sources": [str(SALTMARSH)], "to": ["atom,markdown"], "name": "marsh", "out": str(out),
        "cache": str(cache), "jobs": "1",
    }  # fmt: skip
    return driver.run(flags.job(known | values, registry, dates.now()), registry)


def built(path: Path, cache: Path, *, write: bool = True, **values: object) -> RunReport:
    """What the command does with this config file."""
    registry = Registry.default()
    known: dict[str, object] = {"config": str(path), "cache": str(cache), "jobs": "1"}
    job = flags.job(known | values, registry, dates.now(), outputs=write)
    return driver.run(job, registry, write=write)


def whole(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file, ours too, and when it was changed."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


# --- names that nobody bears -------------------------------------------------------------


@pytest.mark.parametrize(("word", "name", "kind", "nearest"), UNKNOWN)
def test_a_name_that_nobody_bears_is_a_mistake_with_the_nearest(
    marsh: Collection, word: str, name: str, kind: str, nearest: str
) -> None:
    with pytest.raises(UnknownName) as raised:
        select(marsh, **{word: name})  # type: ignore[arg-type]
    assert str(raised.value).startswith(f"no {kind} is called {name!r}; did you mean ")
    assert nearest in raised.value.nearest
    # Beside one that is borne, and in a selection of a selection.
    with pytest.raises(UnknownName):
        select(select(marsh, year=2023), **{word: ("haru", "marsh", name)})  # type: ignore[arg-type]


def test_nothing_is_touched_by_a_mistake(published: Path, cache: Path) -> None:
    before = whole(published)
    ended = command(
        "export", SALTMARSH, "--to", "atom,markdown", "--name", "marsh", "--author", "adda",
        "--out", published, "--cache", cache, "--allow-empty",
    )  # fmt: skip
    assert ended.code == 2
    assert ended.err.splitlines()[-1].startswith(
        "error: no author is called 'adda'; did you mean ada,"
    )
    assert whole(published) == before


@pytest.mark.parametrize(
    "table", ["[select]\n{}\n[[output]]\nto = 'atom'", "[[output]]\nto = 'atom'\nselect = {{ {} }}"]
)
@pytest.mark.parametrize("write", [True, False])
def test_names_of_a_config_file_are_judged(
    tmp_path: Path, cache: Path, table: str, *, write: bool
) -> None:
    path = tmp_path / "c.toml"
    text = table.format("exclude_author = 'adda'")
    path.write_text(f"sources = ['{SALTMARSH}']\nout = 'out'\n{text}\n", encoding="utf-8")
    where = "c.toml: [[output]] atom: select: " if "select =" in table else ""
    with pytest.raises(UnknownName, match="did you mean ada") as raised:
        built(path, cache, write=write)
    assert f"{where}no author is called 'adda'" in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_a_name_may_belong_to_what_could_not_be_read(published: Path, cache: Path) -> None:
    dead: dict[str, object] = {
        "sources": [str(SALTMARSH), "http://127.0.0.1:9/feed.atom"],
        "allow_network": ["127.0.0.1/32"],
    }
    report = export(published, cache, author=["ada", "adda"], **dead)
    assert report.exit_code == 1
    (warned,) = (str(each) for each in report.problems if each.path == "selection")
    assert warned.startswith("selection: no author is called 'adda'; did you mean ada")
    before = whole(published)
    with pytest.raises(EmptySelection):
        export(published, cache, author=["adda"], **dead)
    assert whole(published) == before


def test_names_are_known_of_members_without_entries_and_of_labels() -> None:
    users = {"ada": User(username="ada", display_name="Ada Finch"), "eve": User(username="eve")}
    entry = prepared("ada/1").entry.__class__(
        id="urn:1", user="ada", updated=prepared("ada/1").entry.updated,
        authors=(Person(name="Gast\x1b[31m"),),
        categories=(Category(term="t1", label="Tide  Tables"),),
    )  # fmt: skip
    known = Selection(
        authors=("EVE", "ada finch", "gast\x1b[31m"),
        categories=("T1", "tide tables", "birds", "birds/waders"),
        exclude=("urn:1",),
    )  # fmt: skip
    folders = Folders({"f": Feed(id="f", categories=(Category(term="Birds/Waders"),))})
    names = Vocabulary((known,))
    names.note(entry, users, folders)
    assert list(names.unknown(users, folders)) == []
    wrong = Selection(authors=("Gast3",), within=(Selection(categories=("t10",)),))
    names = Vocabulary((wrong,))
    names.note(entry, users, folders)
    first, second = names.unknown(users, folders)
    assert "\x1b" not in str(first)
    assert (first.nearest[0], second.nearest) == ("Gast[31m", ("t1",))


# --- selections that hold nothing --------------------------------------------------------


def test_an_empty_selection_touches_nothing(published: Path, cache: Path) -> None:
    before = whole(published)
    ended = command(
        "export", SALTMARSH, "--to", "atom,markdown", "--name", "marsh", "--limit", "0",
        "--out", published, "--cache", cache,
    )  # fmt: skip
    assert ended.code == 3
    assert ended.err.splitlines()[-1].startswith(
        "error: the selection (the newest 0) holds nothing;"
    )
    assert whole(published) == before
    for words in EMPTY:
        with pytest.raises(EmptySelection):
            export(published, cache, **words)
    assert whole(published) == before


def test_sources_without_an_entry_empty_no_output(tmp_path: Path, cache: Path) -> None:
    """Also where no copy of them is left: the first run of a new version, a damaged copy."""
    entry = "<entry><id>urn:1</id><title>One</title><updated>2024-01-01T00:00:00Z</updated></entry>"
    feed = "<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id><title>X</title>{}</feed>"
    words = ("export", "x.xml", "--to", "atom,markdown", "--out", "out", "--cache", cache)
    (tmp_path / "x.xml").write_text(feed.format(entry))
    assert command(*words, cwd=tmp_path).code == 0
    before = tree(tmp_path / "out")
    (tmp_path / "x.xml").write_text(feed.format(""))
    shutil.rmtree(tmp_path / "out" / ".thicket-convert.sources")
    ended = command(*words, cwd=tmp_path)
    assert (ended.code, tree(tmp_path / "out")) == (3, before), ended.err
    assert "x.atom: would lose all its entries" in ended.err
    ended = command(*words, "--allow-empty", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert set(tree(tmp_path / "out")) == {"x.atom", "markdown/index.md"}


def test_days_that_no_entry_can_answer_are_told_before_anything_is_read(
    published: Path, cache: Path
) -> None:
    registry = Registry.default()
    words = {"since": "2024", "until": "2023", "to": ["atom"], "out": str(published)}
    with pytest.raises(EmptySelection, match="the first day comes after the last"):
        driver.run(flags.job({"sources": ["nowhere"], **words}, registry, dates.now()), registry)


def test_empty_outputs_are_made_where_that_is_meant(published: Path, cache: Path) -> None:
    report = export(published, cache, limit="0", allow_empty=True)
    assert (report.exit_code, report.entries, report.read) == (0, 0, 16)
    assert b"<entry>" not in tree(published)["marsh.atom"]


@pytest.mark.parametrize("words", EMPTY)
def test_an_empty_selection_says_why(marsh: Collection, words: dict[str, object]) -> None:
    narrowed = select(marsh, **words)  # type: ignore[arg-type]
    with pytest.raises(EmptySelection, match=r"run from 2023-03-02 to 2024-04-02") as raised:
        prepare(narrowed)
    assert ("the first day comes after the last" in str(raised.value)) == ("until" in words)
    assert "year" not in words or f"of {words['year']}) holds nothing" in str(raised.value)
    assert str(raised.value).endswith("or make empty outputs with --allow-empty")
    assert list(narrowed) == []
    assert len(prepare(narrowed, allow_empty=True)) == 0


def test_an_output_whose_own_selection_is_empty_stays_and_the_others_are_made(
    tmp_path: Path, cache: Path
) -> None:
    path = tmp_path / "c.toml"
    head = f"sources = ['{SALTMARSH}']\nout = 'out'\nname = 'marsh'\n"
    own = "[[output]]\nto = 'rss'\nname = 'moon'\nselect = {{ match = '{}' }}\n"
    path.write_text(head + own.format("moon"), encoding="utf-8")
    assert built(path, cache).exit_code == 0
    before = tree(tmp_path / "out")
    path.write_text(f"{head}[[output]]\nto = 'atom'\n{own.format('moooon')}", encoding="utf-8")
    report = built(path, cache)
    assert report.exit_code == 1
    (failed,) = (str(each) for each in report.problems if each.severity == "output")
    empty = "moon.rss: select: the selection (the text 'moooon') holds nothing"
    assert failed.startswith(f"{empty}; the days")
    assert [(each.path, each.status, each.entries) for each in report.units] == [
        ("marsh.atom", "made", 15), ("moon.rss", "failed", 0),
    ]  # fmt: skip
    assert (report.counts.failed, report.counts.published) == (1, 15)
    after = tree(tmp_path / "out")
    assert after.keys() == {"marsh.atom", "moon.rss"}
    assert after["moon.rss"] == before["moon.rss"]
    plan = command("build", path, "--cache", cache, "--plan").out.decode().splitlines()
    assert plan == ["kept\tatom\tmarsh.atom\t15 entries", "failed\trss\tmoon.rss\t0 entries"]
    assert built(path, cache, write=False).exit_code == 1
    assert built(path, cache, to=["rss"]).exit_code == 3
    assert built(path, cache, allow_empty=True).exit_code == 0
    assert b"<item>" not in (tmp_path / "out" / "moon.rss").read_bytes()


@pytest.mark.parametrize("words", [{"limit": 0}, {"author": ["ada"]}, {"year": 2031}])
def test_a_source_without_entries_makes_empty_outputs(
    tmp_path: Path, cache: Path, words: dict[str, object]
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "index.json").write_text(json.dumps({"users": {}}))
    report = export(tmp_path / "out", cache, sources=[str(tmp_path / "store")], **words)
    assert report.exit_code == 0
    assert list((tmp_path / "out").glob("*.atom"))


def test_entries_that_cannot_be_prepared_are_no_empty_output(published: Path, cache: Path) -> None:
    before = whole(published)
    report = export(published, cache, max_body="3")
    assert report.exit_code == 3
    assert report.problems[-1].reason.startswith("none of its entries could be read")
    assert whole(published) == before


PEOPLE = ("ada", "Bruno Marsh", "LEILA", "haru", "adda", "nobody")
TEXTS = ("tide", "moon", "no such words")


@settings(max_examples=40)
@given(
    author=st.lists(st.sampled_from(PEOPLE), max_size=2),
    exclude_author=st.lists(st.sampled_from(PEOPLE), max_size=2),
    category=st.lists(st.sampled_from(("marsh", "Books", "boks")), max_size=1),
    year=st.sampled_from((None, 2023, 2024, 2031)),
    match=st.lists(st.sampled_from(TEXTS), max_size=1),
    limit=st.sampled_from((None, 0, 2)),
)
def test_a_selection_is_a_mistake_or_empty_or_holds_what_it_says(
    marsh: Collection,
    author: list[str],
    exclude_author: list[str],
    category: list[str],
    year: int | None,
    match: list[str],
    limit: int | None,
) -> None:
    users = marsh.opened.sources.users.values()
    people = {name.casefold() for user in users for name in (user.username, user.name)}
    people |= {each.name.casefold() for entry in marsh for each in entry.authors}
    wrong = [name for name in (*author, *exclude_author) if name.casefold() not in people]
    words: dict[str, object] = {
        "author": tuple(author), "exclude_author": tuple(exclude_author), "year": year,
        "category": tuple(category), "match": tuple(match), "limit": limit,
    }  # fmt: skip
    if wrong or "boks" in category:
        with pytest.raises(UnknownName):
            select(marsh, **words)  # type: ignore[arg-type]
        return
    narrowed = select(marsh, **words)  # type: ignore[arg-type]
    selected = list(narrowed)
    try:
        assert {entry.id for entry in prepare(narrowed)} <= {entry.id for entry in selected}
    except EmptySelection:
        assert selected == []


def test_a_broken_entry_excuses_no_slip(tmp_path: Path, cache: Path) -> None:
    marsh = tmp_path / "marsh"
    shutil.copytree(SALTMARSH, marsh)
    (marsh / "ada/broken.json").write_bytes(b"{")
    with pytest.raises(UnknownName, match="ada"):
        export(tmp_path / "out", cache, sources=[str(marsh)], author=["adda"])
