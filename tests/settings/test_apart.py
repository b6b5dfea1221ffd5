"""Nothing is written in the place of what is read, of our records, or of what is published."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from running import ROOT, SALTMARSH, command, tree

from convert.cli import flags
from convert.errors import UsageError
from convert.plugins import Registry
from convert.run import driver
from convert.settings import together

NOW = dt.datetime(2024, 3, 31, 12, tzinfo=dt.UTC)
REGISTRY = Registry.default()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a picture and Git's folder, a bare one, a list, a config file, links to
    them: all that can be read."""
    shutil.copytree(SALTMARSH, tmp_path / "s")
    for path in (
        "s/.git/config",
        "bare/HEAD",
        "bare/objects/x",
        "s/ada/p.png",
        "tpl/epub/style.css",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "l.opml").write_text("<opml version='2.0'><body/></opml>")
    (tmp_path / "d.json").write_text("{}")
    (tmp_path / "cover.png").touch()
    config = "sources = ['s', 'l.opml', 'bare']\nduplicates = 'd.json'\ntemplates = 'tpl'\n"
    (tmp_path / "c.toml").write_text(f"{config}[[output]]\nto = 'csl'\n")
    (tmp_path / "link").symlink_to("s/index.json")
    (tmp_path / "folder").symlink_to("s")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judge(words: Mapping[str, object]) -> None:
    """What is known before anything is read."""
    together.check(flags.job(words, REGISTRY, NOW), REGISTRY)


def run(words: Mapping[str, object]) -> None:
    driver.run(flags.job(words, REGISTRY, NOW), REGISTRY)


READ = (
    "s/index.json", "s/INDEX.json", "s/duplicates.json", "s/ada/notes_tide-gauge.json",
    "s/ada/new.json", "s/ada/p.png", "s/.git/config", "s/.git/new", "s/new/x.json", "bare/HEAD",
    "bare/new", "l.opml", "c.toml", "d.json", "tpl/epub/style.css", "link",
    "folder/ada/new.json", "s/../s/index.json", "out/.thicket-convert.json",
    ".thicket-convert.sources/x",
)  # fmt: skip


@pytest.mark.parametrize("path", READ)
def test_no_file_is_written_where_something_is_read(place: Path, path: str) -> None:
    for word, flag in (("output", "-o"), ("report", "--report")):
        with pytest.raises(UsageError, match=rf"^{flag} .*; name another file$"):
            judge({"config": Path("c.toml"), word: path})


def test_an_entry_that_is_read_alone_lies_in_its_repository(place: Path) -> None:
    for path in ("s/ada/notes_tide-gauge.json", "s/index.json"):
        words = {"sources": ["s/ada/notes_tide-gauge.json"], "to": ["csl"], "output": path}
        with pytest.raises(UsageError, match=r"^-o .*; name another file$"):
            judge(words)


def test_files_beside_what_is_read_are_free(place: Path) -> None:
    for path in ("s/feed.xml", "s/public/feed.xml", "s/report.json", "new.json", "tpl/new.css"):
        for word in ("output", "report"):
            judge({"config": Path("c.toml"), word: path})


FOLDERS = [
    ("out", "s"), ("out", "folder"), ("out", "s/ada"), ("out", "s/.git/x"), ("out", "bare/x"),
    ("cache", "s"), ("cache", "s/ada"), ("cache", "out"), ("cache", "out/deeper"),
    ("debug_pipeline", "s"), ("debug_pipeline", "out"), ("cache", "store"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "path"), FOLDERS)
def test_no_folder_is_filled_among_what_is_read_or_published(
    place: Path, word: str, path: str
) -> None:
    words = {"config": Path("c.toml"), "to": ["csl", "thicket"], "into": "store", word: path}
    flag = f"--{word.replace('_', '-')}"
    with pytest.raises(UsageError, match=rf"^{flag} .*; name another folder$"):
        judge(words)
    free = {"out": "s/public", "cache": "s/.cache/x", "debug_pipeline": "s/public"}[word]
    if word != "cache":
        judge(words | {word: free})


PLANNED = [
    ("jsonfeed", "out/s.json", {}), ("markdown", "out/markdown/ada/x.json", {}),
    ("atom", "out/s/author/ada.atom", {}), ("csl", "out/SHA256SUMS", {"checksums": True}),
    ("csl", "out/x.csl.json", {"name": "x"}),
]  # fmt: skip


@pytest.mark.parametrize(("to", "report", "more"), PLANNED)
def test_a_report_is_no_file_of_an_output(
    place: Path, to: str, report: str, more: dict[str, object]
) -> None:
    words = {"sources": ["s"], "to": [to], "cache": "c", "jobs": "1", **more}
    with pytest.raises(UsageError, match=r"^--report .*; name another file$"):
        run({**words, "report": report})
    assert not Path("out").exists()


def test_a_report_replaces_nothing_whatever_ends_the_run(place: Path) -> None:
    words = ("export", "s", "--to", "atom,csl", "--cache", "c")
    assert command(*words, cwd=place).code == 0
    before = tree(place)
    # None of these runs foresees the feed that is there.
    for more in (("--to", "atm"), ("--limit", "0")):
        ended = command(*words[:2], "--to", "csl", *more, "--report", "out/s.atom", cwd=place)
        assert ended.code == 2, ended.err
        assert tree(place) == before


def test_no_output_is_made_in_the_place_of_a_source(place: Path) -> None:
    """Also not where everything that stands there is to be replaced."""
    shutil.copy(ROOT / "examples" / "saltmarsh" / "ada" / "notes_tide-gauge.json", "x.csl.json")
    shutil.move("s", "markdown")
    before = tree(place)
    for words in (
        {"sources": ["x.csl.json"], "to": ["csl"], "name": "x"},
        {"sources": ["markdown"], "to": ["markdown"]},
    ):
        with pytest.raises(UsageError, match="give this output another name"):
            run({"out": ".", "cache": "../c", "overwrite": True, **words})
    assert tree(place) == before


@pytest.mark.parametrize("words", [{}, {"overwrite": True}])
def test_nor_is_any_of_its_files(place: Path, words: dict[str, object]) -> None:
    """Those too that are known only once they are made."""
    common = {"sources": ["s"], "cache": "c", "jobs": "1", "to": ["thicket"], **words}
    before = tree(place / "s")
    with pytest.raises(UsageError, match=r"thicket/.*\.json: is a part of the source s, or would"):
        run(common | {"out": "s/public"})
    shutil.copytree("s", "out/thicket/ada/deeper")
    with pytest.raises(UsageError, match="deeper, which is read, lies there"):
        run(common | {"sources": ["out/thicket/ada/deeper"]})
    shutil.rmtree("out")
    assert tree(place / "s") == before
    for _ in range(2):  # pictures of ours are none of the repository
        run(common | {"to": ["markdown"], "out": "s/public"})


@pytest.mark.parametrize("word", ["output", "report"])
def test_a_file_of_an_output_folder_is_no_file_to_name(place: Path, word: str) -> None:
    words = {"sources": ["s"], "to": ["csl"], "cache": "c", "jobs": "1"}
    run(words | {"out": "deep/out", "checksums": True})
    for path in ("deep/out/s.csl.json", "deep/out/SHA256SUMS"):
        with pytest.raises(UsageError, match=r"is a file of the outputs in .*deep/out; name anoth"):
            run(words | {word: path})
    apart = () if Path("deep/out/S.csl.json").exists() else ("S.csl",)
    for name in ("other", *apart):  # the disk says which are others
        run(words | {word: f"deep/out/{name}.json"})
    if word == "output":
        run(words | {"output": "deep/out/s.csl.json", "overwrite": True})
    (place / "deep/out/.thicket-convert.json").write_text("{")
    with pytest.raises(UsageError, match="is a file of the outputs in"):
        run(words | {word: "deep/out/other.json"})
    judge({"sources": ["s"], "to": ["csl"], word: "deep/out/new.json"})
