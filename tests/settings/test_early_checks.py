"""Every setting and every option with a value that cannot be meant: named, and nothing read."""

from __future__ import annotations

import datetime as dt
import os
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from running import SALTMARSH, command
from server import Server

from convert import prepare, read
from convert.cli import flags
from convert.errors import (
    ConvertError,
    NotASource,
    OutputError,
    SourceError,
    UnknownName,
    UsageError,
)
from convert.plugins import Registry
from convert.run import driver, report
from convert.settings import layers, options, together
from convert.settings.job import Job, SelectSettings

NOW = dt.datetime(2024, 3, 31, 12, tzinfo=dt.UTC)
REGISTRY = Registry.default()

# By the word of the setting.  FILE is a file, "FILE/x" a place where nothing can be.
WRONG = {
    "sources": ("nowhere", "FILE/x"),
    "to": ("atmo", "./none.py", ","),
    "output": ("FILE/x", "FOLDER"),
    "order": ("random", "Newest!"),
    "set_option": ("atom", "atom.content", "atom.contnt=full", "nobody.x=1", "epub.parts=year"),
    "config": ("none.toml", "FILE"),
    "max_body": ("0", "-1", "x", "1.5", "null"),
    "dollar_math": ("true", "Auto", "sometimes"),
    "duplicates": ("none.json", "FOLDER"),
    "allow_network": ("10.0.0.0/40", "intranet"),
    "max_stale": ("14", "-1d", "two weeks"),
    "name": ("../x", "/x", "a/b", "a//b", "x.", "a\\b", "a:b", ".git", "n" * 250),
    "id": ("nonsense", "two words:x", "javascript:x", ":x"),
    "language": ("xx-nonsense", "english", "en-", "und"),
    "base_url": ("group.example", "http://", "ftp://group.example/", "https:group.example", "/x"),
    "out": ("FILE", "FILE/x/y"),
    "templates": ("none", "FILE"),
    "into": ("FILE", "FILE/x"),
    "jobs": ("-1", "x", "100000"),
    "timeout": ("0", "-3", "x", "inf", "nan"),
    "cache": ("FILE", "FILE/x"),
    "report": ("FOLDER", "FILE/x.json"),
    "debug_pipeline": ("FILE", "FILE/x"),
    "debug_entry": ("tides",),
    "fail_on": ("never", "Entry"),
    "since": ("yesterday", "2024-13", "2024-02-30", "12d ago"),
    "until": ("tomorrow", "31.12.2024"),
    "limit": ("-1", "x", "2.5"),
    "future_dates": ("drop", "Keep"),
    "per_author": ("-1", "x", "2.5"),
    "year": ("0", "10000", "x"),
}
ANYTHING = {"title", "subtitle", "rights", "match"}
"""Texts, of which each can be meant."""
IN_THE_SOURCES = {"rev", "author", "exclude_author", "category", "exclude"}
"""What only the sources can tell."""


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "FILE").write_text("no = toml = file")
    (tmp_path / "FOLDER").mkdir()
    return tmp_path


def run(web: Server, **values: object) -> None:
    """What the command does with these flags."""
    known: dict[str, object] = {
        "sources": [web.address("/feed.atom")], "to": ["atom"], "allow_network": ["127.0.0.1/32"],
    }  # fmt: skip
    driver.run(flags.job(known | values, REGISTRY, NOW), REGISTRY)


def there(text: str, place: Path) -> str:
    """The text, with a path in it where one is meant."""
    return str(place / text) if text.startswith(("FILE", "FOLDER", "none")) else text


def is_switch(word: str) -> bool:
    return bool in options.alternatives(flags.SETTINGS[word].field.type)


def test_no_setting_is_left_out() -> None:
    known = {word for word in flags.SETTINGS if not is_switch(word)}
    assert known == WRONG.keys() | ANYTHING | IN_THE_SOURCES


@pytest.mark.parametrize(("word", "text"), [(k, each) for k in WRONG for each in WRONG[k]])
def test_a_wrong_flag_is_named_before_anything_is_read(
    web: Server, place: Path, word: str, text: str
) -> None:
    value: object = there(text, place)
    if isinstance(flags.SETTINGS[word].field.default, tuple):
        value = [web.address("/first.atom"), value] if word == "sources" else [value]
    with pytest.raises(UsageError if word != "sources" else NotASource) as raised:
        run(web, **{word: value})
    flag = {"output": "-o", "set_option": "-O", "debug_entry": "--debug-entry"}.get(word, word)
    unnamed = {"sources", "config", "to", "set_option"}  # the value says which it is
    assert isinstance(raised.value, UnknownName) or word in unnamed or flag in str(raised.value)
    assert "\n" not in str(raised.value)
    assert web.connections == 0


KEYS = [*layers.settings(Job), *layers.settings(SelectSettings)]


@pytest.mark.parametrize("word", [word for word in KEYS if word not in IN_THE_SOURCES])
def test_a_wrong_value_of_a_config_file_names_file_and_key(
    web: Server, place: Path, word: str
) -> None:
    text = "perhaps" if is_switch(word) else WRONG.get(word, ("",))[0]
    value = f"'{there(text, place)}'" if word not in ANYTHING else "3"
    table = "[select]\n" if word in layers.settings(SelectSettings) else ""
    path = place / "c.toml"
    path.write_text(f"{table}{word} = {value}\n", encoding="utf-8")
    with pytest.raises((UsageError, NotASource)) as raised:
        run(web, config=path, sources=[] if word == "sources" else [web.address("/feed.atom")])
    if word not in {"sources", "debug_entry"}:
        assert str(raised.value).startswith((f"{path}: ", f"{word}: {place}/"))
        assert word in str(raised.value)
    assert web.connections == 0


OPTIONS = [
    (name, field)
    for name in REGISTRY.exporter_names()
    for field in msgspec.structs.fields(REGISTRY.exporter(name).Options)
]
WRONG_TEXTS = {
    "volumes": ("yearly", "0", "-5", "50 MBit", "1.5"),
    "cover": ("none.png", "FILE", "FOLDER", "cut.png"),
    "fonts": ("none", "FILE"),
    "max_size": ("large", "18", "-1MB"),
    "icon": ("icon.png", "javascript:x"),
    "logo": ("logo.png", "data:x"),
    "hub": ("hub.example",),
    "base_url": ("group.example",),
    "language": ("english",),
}
FREE_OPTIONS = {"title", "subtitle", "rights", "publisher", "description"}


def wrong_values(field: msgspec.structs.FieldInfo) -> tuple[str, ...]:
    kinds = [each for each in options.alternatives(field.type) if each is not type(None)]
    if str in kinds:
        return () if field.name in FREE_OPTIONS else WRONG_TEXTS[field.name]
    number = int in kinds or float in kinds
    return ("x", "-1") if number else ("perhaps", "none") if bool in kinds else ("nonsense",)


@pytest.mark.parametrize(
    ("name", "option", "text"),
    [(name, field.name, text) for name, field in OPTIONS for text in wrong_values(field)],
)
def test_a_wrong_option_is_named_before_anything_is_read(
    web: Server, place: Path, name: str, option: str, text: str
) -> None:
    Image.effect_noise((400, 400), 90).save(place / "whole.png")
    (place / "cut.png").write_bytes((place / "whole.png").read_bytes()[:9_000])
    value = str(place / text) if option in {"cover", "fonts"} else text
    with pytest.raises(UsageError, match=rf"^{name}\.{option}"):
        run(web, to=[name], set_option=[f"{name}.{option}={value}"])
    path = place / "c.toml"
    path.write_text(f"[[output]]\nto = '{name}'\n{option} = '{value}'\n", encoding="utf-8")
    with pytest.raises(UsageError, match=rf"c\.toml: .*{name}.*{option}"):
        run(web, config=path, to=[])
    assert web.connections == 0


@pytest.mark.parametrize("key", ["name = '../x'", "name = 3", "select = { since = 'x' }"])
def test_a_wrong_output_of_a_config_file_is_named(web: Server, place: Path, key: str) -> None:
    path = place / "c.toml"
    path.write_text(f"[[output]]\nto = 'atom'\n{key}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=rf"c\.toml: \[\[output\]\] atom: {key[:4]}.*: "):
        run(web, config=path, to=[])
    assert web.connections == 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a file system that takes nothing")
@pytest.mark.parametrize("word", ["out", "report", "output"])
def test_a_place_that_refuses_what_its_permissions_allow_is_named(web: Server, word: str) -> None:
    with pytest.raises(OutputError, match="/proc cannot be written"):
        run(web, **{word: "/proc/x"})
    assert web.connections == 0


@pytest.mark.skipif(os.geteuid() == 0 if os.name == "posix" else True, reason="root may write")
@pytest.mark.parametrize("word", ["out", "into", "report", "debug_pipeline", "output"])
def test_a_place_that_cannot_be_written_is_named(web: Server, place: Path, word: str) -> None:
    (place / "FOLDER").chmod(0o555)
    with pytest.raises(OutputError, match="cannot be written"):
        run(web, **{word: str(place / "FOLDER" / "x" / "y")})
    assert web.connections == 0


def test_files_of_an_option_are_what_a_plug_in_has_too(web: Server, place: Path) -> None:
    mine = place / "mine.py"
    mine.write_text(
        "from convert.contract import ExporterOptions\n"
        "from convert.errors import UsageError\n"
        "class Options(ExporterOptions, frozen=True, kw_only=True):\n"
        "    styles: str | None = None\n"
        "    size: int = 1\n"
        "    def check(self):\n"
        "        super().check()\n"
        "        if self.size == 3: raise UsageError('size: 3 is no size; write 4')\n"
        "class Mine:\n"
        "    name, summary, media_type, Options = 'mine', 'x', 'text/plain', Options\n"
        "    def suffix(self, options): return '.txt'\n"
        "    def unavailable(self): return None\n"
        "    def export(self, entries, context): return ()\n"
        "EXPORTER = Mine()\n"
    )
    for option, message in (
        ("styles=none.css", "mine.styles: none.css: no such file or folder"),
        ("volumes=never", "mine.volumes = 'never' is not known"),
        ("size=3", "mine.size: 3 is no size; write 4"),
    ):
        with pytest.raises(UsageError, match=message):
            run(web, to=[str(mine)], set_option=[f"mine.{option}"])
    assert web.connections == 0


@pytest.mark.parametrize("to", ["atom", "rss", "jsonfeed"])
@pytest.mark.parametrize("volumes", ["year", "3"])
def test_a_feed_is_cut_into_pages_or_into_archives(web: Server, to: str, volumes: str) -> None:
    words = [f"{to}.page_size=2", f"{to}.volumes={volumes}"]
    with pytest.raises(UsageError, match=r"page_size: volumes = .*; leave one of both out"):
        run(web, to=[to], set_option=words)
    with pytest.raises(SourceError):  # the server has none, and was asked
        run(web, to=[to], set_option=[*words, f"{to}.archives=false"])


def test_an_empty_text_takes_away_what_a_file_says(place: Path) -> None:
    path = place / "c.toml"
    path.write_text(
        "sources = ['x']\njobs = 3\ntimeout = 5\nfail_on = 'output'\nid = 'urn:x'\nname = 'x'\n"
        "[select]\nlimit = 3\nyear = 2024\n[[output]]\nto = 'atom'\n",
        encoding="utf-8",
    )
    words = ("jobs", "timeout", "fail_on", "id", "name", "limit", "year", "since", "max_body")
    job = flags.job({"config": path, **dict.fromkeys(words, "")}, REGISTRY, NOW)
    assert (job.timeout, job.fail_on, job.id, job.name) == (600, "entry", None, None)
    assert (job.jobs, job.select) == (flags.cores(), Job().select)


def test_the_command_ends_with_2_and_one_line(place: Path) -> None:
    for words in (("--limit", "x"), ("--templates", "none")):
        ended = command("export", SALTMARSH, "--to", "atom", *words, "--out", place / "out")
        assert ended.code == 2
        assert ended.err.count("\n") == 1, ended.err
        assert not (place / "out").exists()


def test_the_library_judges_as_the_command_does(place: Path) -> None:
    marsh = read(SALTMARSH, cache=place / "cache")
    for word, texts in WRONG.items():
        for text in texts:
            if word in {"name", "id", "base_url", "language", "templates", "duplicates"}:
                with pytest.raises(ConvertError, match=word):
                    prepare(marsh, **{word: there(text, place)})  # type: ignore[arg-type]


def test_every_kind_of_option_has_a_wrong_value() -> None:
    for _, field in OPTIONS:
        assert wrong_values(field) or field.name in FREE_OPTIONS
        assert typing.get_origin(field.type) is typing.Annotated


# --- settings that exclude each other ------------------------------------------------------

SEVERAL = [
    ("atom", "page_size=5"), ("rss", "each=author"), ("jsonfeed", "each=author,category"),
    ("atom", "volumes=year"), ("epub", "volumes=3"), ("pdf", "volumes=50MB"),
    ("csl", "volumes=author"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "option"), SEVERAL)
def test_one_file_does_not_take_several(web: Server, place: Path, name: str, option: str) -> None:
    words = {"to": [name], "set_option": [f"{name}.{option}"]}
    for file in ("-", str(place / "x")):
        with pytest.raises(UsageError, match=rf"^-o .*: takes one file, and {name}\.{option[:4]}"):
            run(web, output=file, **words)
    assert web.connections == 0


def test_a_store_is_one_repository(web: Server, place: Path) -> None:
    into = str(place / "store")
    for volumes in ("year", "author", "3"):
        with pytest.raises(UsageError, match=r"--into .*: takes one repository, and thicket\.vol"):
            run(web, to=["thicket"], into=into, set_option=[f"thicket.volumes={volumes}"])
    path = place / "c.toml"
    path.write_text("[[output]]\nto = 'thicket'\nname = 'a'\n[[output]]\nto = 'thicket'\n")
    with pytest.raises(UsageError, match=r"--into .*: takes one output, and 2 are asked for"):
        run(web, to=[], config=path, into=into)
    assert web.connections == 0
    assert not (place / "store").exists()


def test_templates_that_nobody_asks_for_are_named(web: Server, place: Path) -> None:
    folder = place / "FOLDER"
    with pytest.raises(UsageError, match=r"^templates: .*: holds no file; known are epub/base"):
        run(web, templates=str(folder))
    for name, near in (
        ("entry.xhtml", "did you mean epub/entry.xhtml"),
        ("epub/entri.xhtml", "did you mean epub/entry.xhtml"),
        ("PDF/book.htm", "did you mean pdf/book.html"),
        ("notes.txt", "known are epub/base.xhtml"),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
        with pytest.raises(UnknownName, match=f"no template is called '{name}'; {near}"):
            run(web, templates=str(folder), to=["atom", "epub"])
        (folder / name).unlink()
    assert web.connections == 0
    (folder / "notes.txt").touch()
    (folder / "epub").mkdir(exist_ok=True)
    (folder / "epub" / "style.css").touch()
    driver.run(
        flags.job(
            {
                "sources": [str(SALTMARSH)], "to": ["atom"], "templates": str(folder),
                "out": str(place / "out"), "cache": str(place / "cache"), "jobs": "1",
            },
            REGISTRY,
            NOW,
        ),
        REGISTRY,
    )  # fmt: skip


def test_templates_of_a_plug_in_are_its_own(web: Server, place: Path) -> None:
    mine, folder = place / "mine.py", place / "FOLDER"
    mine.write_text(
        "from convert.contract import ExporterOptions\n"
        "class Mine:\n"
        "    name, summary, media_type, Options = 'mine', 'x', 'text/plain', ExporterOptions\n"
        "    def suffix(self, options): return '.txt'\n"
        "    def unavailable(self): return None\n"
        "    def export(self, entries, context): return ()\n"
        "EXPORTER = Mine()\n"
    )
    (folder / "mine").mkdir()
    (folder / "mine" / "page.txt").touch()
    job = flags.job({"sources": ["x"], "to": [str(mine)], "templates": str(folder)}, REGISTRY, NOW)
    assert together.check(job, REGISTRY) is job
    beside = place / "templates" / "mine"
    beside.mkdir(parents=True)
    (beside / "pages.txt").touch()
    with pytest.raises(UnknownName, match=r"'mine/page\.txt'; did you mean mine/pages.txt"):
        together.check(job, REGISTRY)
    assert web.connections == 0


# --- standard output ------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["out", "into", "cache", "debug_pipeline"])
def test_no_folder_is_standard_output(web: Server, word: str) -> None:
    with pytest.raises(UsageError, match=f"^{word}: -: is standard output"):
        run(web, **{"to": ["thicket"], word: "-"})
    assert web.connections == 0


def test_the_report_goes_to_standard_output_where_nothing_else_does(place: Path) -> None:
    words = (SALTMARSH, "--to", "csl", "--cache", place / "cache", "--report", "-")
    ended = command("export", *words, "--out", place / "out", cwd=place)
    assert ended.code == 0, ended.err
    assert report.decode(ended.out).counts.made_anew == 1
    ended = command("check", SALTMARSH, *words[3:], cwd=place)
    assert report.decode(ended.out).checked
    ended = command("export", *words, "-o", "-", cwd=place)
    assert (ended.code, ended.out) == (2, b"")
    assert "--report -: is where -o leads; name another file" in ended.err
    assert sorted(path.name for path in place.iterdir() if path.name == "-") == []
    (place / "c.toml").write_text(f"sources = ['{SALTMARSH}']\nreport = '-'\n")
    ended = command("build", "c.toml", "--to", "csl", "--out", place / "out", cwd=place)
    assert report.decode(ended.out).counts.kept_as_were == 1


def test_a_report_is_no_output(web: Server, place: Path) -> None:
    with pytest.raises(UsageError, match=r"^--report .*x\.json: is where -o leads"):
        run(web, output=str(place / "x.json"), report=str(place / "x.json"))
    assert web.connections == 0
