"""Two selections of one source are two outputs: file names, identities and titles."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import SALTMARSH, tree

from convert import convert, prepare, read, select
from convert.cli import flags
from convert.collection.relate import identity
from convert.errors import UsageError
from convert.library import Collection
from convert.plugins import Registry
from convert.run import driver, naming
from convert.run.report import RunReport
from convert.settings.job import Job
from convert.text.names import extended
from convert.text.paths import check_path

NOW = dt.datetime(2024, 4, 5, 12, tzinfo=dt.UTC)
REGISTRY = Registry.default()
PLAIN = "urn:uuid:061cb5e0-5dc7-59a3-bfe3-29f05d1223d4"
"""What the whole of examples/saltmarsh has always been known by."""
NAMES: list[tuple[dict[str, object], str, str]] = [
    ({}, "saltmarsh", ""),
    ({"author": ["ada"]}, "saltmarsh-ada", ", Ada Finch"),
    ({"author": ["Ada Finch"]}, "saltmarsh-ada-finch", ", Ada Finch"),
    ({"author": ["leila", "ada"]}, "saltmarsh-ada-leila", ", Ada Finch, Leila Haddad"),
    ({"category": ["Books"]}, "saltmarsh-books", ", Books"),
    ({"year": 2024}, "saltmarsh-2024", ", 2024"),
    ({"since": "2023-06"}, "saltmarsh-since-2023-06", ", 2023-06–"),
    ({"until": "2023"}, "saltmarsh-until-2023", ", –2023"),
    (
        {"since": "2023-02", "until": "2023"}, "saltmarsh-since-2023-02-until-2023",
        ", 2023-02–2023",
    ),
    ({"since": "400d"}, "saltmarsh-since-400d", ""),
    ({"match": ["moon owes"]}, "saltmarsh-moon-owes", ", “moon owes”"),
    ({"match": ["潮"]}, "saltmarsh-潮", ", “潮”"),
    ({"limit": 3}, "saltmarsh-newest-3", ""),
    ({"per_author": 3}, "saltmarsh-newest-3-each", ""),
    ({"exclude_author": ["bruno"]}, "saltmarsh-without-bruno", ""),
    (
        {"author": ["ada"], "year": 2023, "limit": 2}, "saltmarsh-ada-2023-newest-2",
        ", Ada Finch, 2023",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def marsh(cache: Path) -> Collection:
    return read(SALTMARSH, cache=cache)


def job_of(now: dt.datetime = NOW, /, **values: object) -> Job:
    known: dict[str, object] = {"sources": [str(SALTMARSH)], "to": ["atom"]}
    return flags.job(known | values, REGISTRY, now)


def export(out: Path, cache: Path, *sources: object, **values: object) -> RunReport:
    """What the command does with these flags."""
    known: dict[str, object] = {"out": str(out), "cache": str(cache), "jobs": "1"}
    known["sources"] = [str(each) for each in sources or (SALTMARSH,)]
    if "output" in values:
        known["out"] = None
    return driver.run(job_of(**(known | values)), REGISTRY)


def identifiers(folder: Path) -> dict[str, str]:
    """The identity of each feed and book below a folder, by path."""
    texts = {
        str(path.relative_to(folder)): zipfile.ZipFile(path).read("EPUB/content.opf").decode()
        if path.suffix == ".epub"
        else path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.*"))
        if path.suffix in {".atom", ".epub"}
    }
    mark = re.compile(r"<(?:id|dc:identifier)[^>]*>([^<]+)<")
    return {path: match[1] for path, text in texts.items() if (match := mark.search(text))}


# --- what the selection gives ------------------------------------------------------------


@pytest.mark.parametrize(("words", "name", "suffix"), NAMES)
def test_the_name_says_what_is_selected(
    marsh: Collection, words: dict[str, object], name: str, suffix: str
) -> None:
    publication = naming.publication(job_of(**words), marsh.opened.sources)
    title = marsh.opened.sources.readings[0].origin.title or "saltmarsh"
    assert (publication.name, publication.title) == (name, f"{title}{suffix}")
    lists = {key: tuple(each) if isinstance(each, list) else each for key, each in words.items()}
    prepared = prepare(select(marsh, **lists), allow_empty=True)  # type: ignore[arg-type]
    assert (prepared.name, prepared.id) == (name, identity(publication))
    assert naming.publication(job_of(**words, title="T"), marsh.opened.sources).title == "T"
    mine = naming.publication(job_of(**words, name="n", id="urn:x"), marsh.opened.sources)
    assert (mine.name, mine.id) == ("n", "urn:x")


def test_each_selection_has_an_identity_of_its_own(marsh: Collection) -> None:
    sources = marsh.opened.sources
    others: list[dict[str, object]] = [
        {"match": ["ada"]}, {"category": ["ada"]}, {"match": ["c++"]}, {"match": ["c"]},
    ]  # fmt: skip
    words = [*(each for each, _, _ in NAMES), *others]
    for common in ({}, {"base_url": "https://x.example/"}):
        jobs = [job_of(**each, **common) for each in words]
        assert len({identity(naming.publication(job, sources)) for job in jobs}) == len(words)
    assert identity(naming.publication(job_of(), sources)) == PLAIN
    base = "https://x.example/"
    named = [job_of(**each, name=f"n{at}", base_url=base) for at, each in enumerate(words[1:])]
    assert len({identity(naming.publication(job, sources)) for job in named}) == len(words) - 1


def test_name_and_identity_do_not_change_with_the_day(marsh: Collection) -> None:
    one, other = (
        naming.publication(job_of(now, since="30d"), marsh.opened.sources)
        for now in (NOW, NOW + dt.timedelta(days=9))
    )
    assert one == other
    assert one.name == "saltmarsh-since-30d"


@given(st.text(max_size=200), st.lists(st.text(max_size=120), min_size=1, max_size=12))
def test_names_are_safe_and_short(name: str, words: list[str]) -> None:
    base = "group" + re.sub(r"[^a-z]", "", name)[:60]
    made = extended(base, words)
    assert check_path(made) == made
    assert base in made
    assert len(made.encode()) <= 85
    assert made == extended(base, words)
    assert made != extended(base, ())


# --- two books of one source -------------------------------------------------------------


def test_two_selections_are_two_books_in_one_folder(tmp_path: Path, cache: Path) -> None:
    for words in ({}, {"author": ["ada"]}, {"year": "2024"}):
        export(tmp_path, cache, to=["epub,atom,markdown"], **words)
    made = identifiers(tmp_path)
    stems = ("saltmarsh", "saltmarsh-2024", "saltmarsh-ada")
    assert made.keys() == {f"{stem}.{ending}" for stem in stems for ending in ("atom", "epub")}
    assert len(set(made.values())) == 6
    assert made["saltmarsh.atom"] == PLAIN
    folders = {path.partition("/")[0] for path in tree(tmp_path) if "/" in path}
    assert folders == {"markdown", "markdown-2024", "markdown-ada"}


def test_the_book_for_a_device_takes_the_place_of_no_other(tmp_path: Path, cache: Path) -> None:
    words: dict[str, object] = {"to": ["epub"], "limit": "1", "name": "mine"}
    made = []
    for device in ("generic", "kobo", "kindle", "generic"):
        report = export(tmp_path, cache, set_option=[f"epub.device={device}"], **words)
        assert report.counts.removed == 0
        made.append(report.units[0].status)
    assert made == ["made", "made", "made", "kept"]
    assert {*tree(tmp_path)} == {"mine.epub", "mine.kepub.epub", "mine.kindle.epub"}


def test_folders_are_called_after_their_format_and_the_name(tmp_path: Path, cache: Path) -> None:
    export(tmp_path, cache, to=["markdown,thicket"], name="one", author=["ada"])
    export(tmp_path, cache, to=["markdown"], name="two", author=["bruno"])
    folders = {path.partition("/")[0] for path in tree(tmp_path)}
    assert folders == {"markdown-one", "thicket-one", "markdown-two"}


@pytest.mark.judge
def test_two_files_are_two_books(tmp_path: Path, cache: Path) -> None:
    for name, words in (("a", {}), ("b", {}), ("saltmarsh", {}), ("c", {"year": "2024"})):
        for to in ("epub", "atom"):
            export(tmp_path, cache, to=[to], output=str(tmp_path / f"{name}.{to}"), **words)
    made = identifiers(tmp_path)
    assert len(set(made.values())) == len(made) == 8
    assert made["saltmarsh.atom"] == PLAIN
    export(tmp_path, cache, output=str(tmp_path / "d.atom"), id="urn:x:y")
    assert identifiers(tmp_path)["d.atom"] == "urn:x:y"


JOB = """
sources = ["{}"]
out = "out"
title = "Marsh"
{}
[[output]]
to = "atom"
[[output]]
to = "atom"
select = {{ author = "ada" }}
[[output]]
to = "epub"
select = {{ author = "ada" }}
[[output]]
to = "epub"
name = "mine"
select = {{ author = "leila" }}
[[output]]
to = "thicket"
select = {{ author = "leila" }}
[[output]]
to = "thicket"
"""


@pytest.mark.parametrize("key", ["", "id = 'urn:x:y'", "base_url = 'https://x.example/'"])
def test_outputs_of_one_job_that_select_are_told_apart(
    tmp_path: Path, cache: Path, key: str
) -> None:
    path = tmp_path / "c.toml"
    path.write_text(JOB.format(SALTMARSH, key), encoding="utf-8")
    known = {"config": str(path), "cache": str(cache), "jobs": "1"}
    driver.run(flags.job(known, REGISTRY, NOW), REGISTRY)
    out = tmp_path / "out"
    made = identifiers(out)
    assert made.keys() == {
        "saltmarsh.atom", "saltmarsh-ada.atom", "saltmarsh-ada.epub", "mine.epub",
    }  # fmt: skip
    assert len(set(made.values())) == 4
    whole = key.partition("'")[2].rstrip("'") or PLAIN
    assert made["saltmarsh.atom"] == whole
    assert "<title>Marsh, Ada Finch</title>" in (out / "saltmarsh-ada.atom").read_text("utf-8")
    stored = {each.parts[-2] for each in (out / "thicket-leila").glob("*/*.json")}
    assert stored == {"leila"}
    assert len([*(out / "thicket").glob("*/*.json")]) == 16


def test_outputs_of_one_name_are_a_mistake(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "c.toml"
    select = "[[output]]\nto = 'atom'\nselect = {{ {} }}\n"
    path.write_text(
        f"sources = ['{SALTMARSH}']\nout = 'out'\n"
        + select.format("match = 'books'")
        + select.format("category = 'Books'"),
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match=r"saltmarsh-books\.atom; give one of them a name"):
        driver.run(flags.job({"config": str(path), "cache": str(cache)}, REGISTRY, NOW), REGISTRY)
    assert not (tmp_path / "out").exists()


# --- two sources of one name -------------------------------------------------------------

FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><title>{0}</title><id>urn:{0}</id>
<updated>2024-01-01T00:00:00Z</updated>{1}</feed>"""
ENTRY = """<entry><id>urn:{0}:{1}</id><title>{1}</title><author><name>a</name></author>
<updated>2024-01-{1:02}T00:00:00Z</updated><content>text of {0} {1}</content></entry>"""


def blog(folder: Path, group: str, *numbers: int) -> Path:
    """A feed called blog.atom with these entries."""
    folder.mkdir(exist_ok=True)
    entries = "".join(ENTRY.format(group, number) for number in numbers)
    (folder / "blog.atom").write_text(FEED.format(group, entries), encoding="utf-8")
    return folder / "blog.atom"


@pytest.mark.parametrize("to", ["atom", "markdown", "epub", "thicket"])
def test_another_source_of_the_same_name_replaces_nothing(
    tmp_path: Path, cache: Path, to: str
) -> None:
    out = tmp_path / "out"
    one, other = blog(tmp_path / "a", "a", 1, 2), blog(tmp_path / "b", "b", 1, 2)
    assert export(out, cache, one, to=[to]).exit_code == 0
    before = tree(out)
    with pytest.raises(UsageError, match="was made from other sources; give this output another"):
        export(out, cache, other, to=[to])
    with pytest.raises(UsageError, match="was made from other sources"):
        convert(prepare(read(other, cache=cache)), to, out=out)
    assert tree(out) == before
    assert export(out, cache, other, to=[to], name="other").exit_code == 0
    assert {path: tree(out)[path] for path in before} == before
    assert export(out, cache, other, to=[to], overwrite=True).exit_code == 0
    assert tree(out) != before
    assert export(out, cache, other, to=[to]).exit_code == 0


def test_a_source_is_known_again(tmp_path: Path, cache: Path) -> None:
    out = tmp_path / "out"
    assert export(out, cache, blog(tmp_path / "a", "a", 1, 2)).exit_code == 0
    # Elsewhere, with others beside it, and when a feed shows other entries than before.
    moved = blog(tmp_path / "c", "a", 1, 2)
    beside = blog(tmp_path / "d", "d", 5)
    later = blog(tmp_path / "e", "a", *range(3, 29))
    for sources in ((moved,), (moved, beside), (later,), (later, moved)):
        assert export(out, cache, *sources).exit_code == 0
    store = Path(shutil.copytree(SALTMARSH, tmp_path / "saltmarsh"))
    assert export(out, cache).exit_code == 0
    for path in sorted(store.glob("*/*.json"))[:12]:
        path.unlink()
    assert export(out, cache, store).exit_code == 0


def test_another_selection_of_the_same_name_replaces_nothing(tmp_path: Path, cache: Path) -> None:
    assert export(tmp_path, cache, match=["books"]).exit_code == 0
    before = tree(tmp_path)
    with pytest.raises(UsageError, match="was made from another selection"):
        export(tmp_path, cache, category=["Books"])
    assert tree(tmp_path) == before
    # Under a name that the user gave, the selection may change.
    for words in ({"match": ["books"]}, {"category": ["Books"]}):
        assert export(tmp_path, cache, name="mine", **words).exit_code == 0


YEAR: dict[str, object] = {"year": "2023"}
ALL: dict[str, object] = {}
MINE: dict[str, object] = {"name": "saltmarsh-2023"}
BY_HAND = [
    (MINE | ALL, YEAR, True),
    (YEAR, MINE | ALL, True),
    (MINE | {"year": "2024"}, YEAR, True),
    (MINE | YEAR, YEAR, False),
    (YEAR, MINE | YEAR, False),
    (MINE | ALL, MINE | YEAR, False),
]
"""Two runs, and whether the second would replace what is something else."""


@pytest.mark.parametrize("own", [False, True], ids=["--name", "[[output]]"])
def test_a_name_by_hand_and_one_by_selection_replace_each_other_only_for_the_same_entries(
    tmp_path: Path, cache: Path, own: bool
) -> None:
    config = tmp_path / "thicket-convert.toml"

    def run(out: Path, words: dict[str, object]) -> int:
        words = dict(words)
        name = f'name = "{words.pop("name")}"\n' if own and "name" in words else ""
        config.write_text(f'[[output]]\nto = "csl"\n{name}', encoding="utf-8")
        return export(out, cache, config=str(config), to=[], **words).exit_code

    for number, (first, second, refused) in enumerate(BY_HAND):
        out = tmp_path / str(number)
        assert run(out, first) == 0
        before = tree(out)
        assert [*before] == ["saltmarsh-2023.csl.json"]
        if refused:
            with pytest.raises(UsageError, match="was made from another selection"):
                run(out, second)
            assert tree(out) == before
        else:
            assert run(out, second) == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"author": ["ada"]}, {"set_option": ["epub.volumes=author"]}),
        ({"set_option": ["epub.volumes=year"]}, {"year": "2024"}),
    ],
)
def test_a_volume_and_a_selection_of_one_name_replace_nothing(
    tmp_path: Path, cache: Path, first: dict[str, object], second: dict[str, object]
) -> None:
    assert export(tmp_path, cache, to=["epub"], **first).exit_code == 0
    before = tree(tmp_path)
    with pytest.raises(
        UsageError, match=r"belongs to the output .* of epub; give this one another"
    ):
        export(tmp_path, cache, to=["epub"], **second)
    assert tree(tmp_path) == before
    assert export(tmp_path, cache, to=["epub"], overwrite=True, **second).exit_code == 0


def test_outputs_are_not_strewn_among_what_is_read(tmp_path: Path, cache: Path) -> None:
    store = Path(shutil.copytree(SALTMARSH, tmp_path / "marsh"))
    before = tree(store)
    with pytest.raises(UsageError, match="is the source itself"):
        export(store, cache, store)
    assert tree(store) == before
