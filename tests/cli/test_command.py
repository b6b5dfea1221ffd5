"""The command from end to end: what it makes, what it says, how it ends."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from pathlib import Path

import feedparser
import jsonschema
import pytest
from PIL import Image
from running import ROOT, SALTMARSH, command, tree
from server import Server, reply

from convert.output.copies import COPIES
from convert.run import report


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A repository of the tests' own, to be broken."""
    folder = tmp_path / "store"
    shutil.copytree(SALTMARSH, folder)
    return folder


def write(path: Path, **fields: object) -> None:
    known = {"id": f"https://x.example/{path.stem}", "title": "T", "updated": "2024-01-01"}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known | fields), encoding="utf-8")


def test_four_formats_of_the_examples(tmp_path: Path, cache: Path) -> None:
    ended = command(
        "export", SALTMARSH, "--to", "atom,epub", "--to", "markdown", "--out", tmp_path / "o",
        "--cache", cache, "--report", tmp_path / "r.json",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    made = tree(tmp_path / "o")
    assert {"saltmarsh.atom", "saltmarsh.epub", "markdown/index.md"} <= set(made)
    assert len(feedparser.parse(made["saltmarsh.atom"]).entries) == 15
    assert "15 of 16 entries published" in ended.err
    found = report.decode((tmp_path / "r.json").read_bytes())
    assert [unit.status for unit in found.units] == ["made"] * 3
    assert {problem.path for problem in found.problems} == {
        "bruno/articles_tide-gauge-mirror.json",
        "ada/releases_tidelog-0.2.json",
        "haru/untitled-2024-04-01.json",
    }


def test_the_closing_table_is_not_folded_in_a_log(tmp_path: Path, cache: Path) -> None:
    ended = command(
        "export", SALTMARSH, "--to", "epub", "--out", tmp_path, "--cache", cache,
        "--name", "a-name-that-is-longer-than-a-narrow-window-would-like-to-have-it",
        environment={"COLUMNS": "40"},
    )  # fmt: skip
    head, row, counts = ended.err.splitlines()[-3:]
    assert head.split() == [
        "output", "file", "status", "files", "entries", "size", "seconds", "problems",
    ]  # fmt: skip
    assert row.split()[:3] == [
        "epub", "a-name-that-is-longer-than-a-narrow-window-would-like-to-have-it.epub", "made",
    ]  # fmt: skip
    assert counts.startswith("15 of 16 entries published")


def test_the_report_keeps_to_its_schema(tmp_path: Path, cache: Path) -> None:
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    assert schema == json.loads(json.dumps(report.schema()))
    command(
        "export", SALTMARSH, "--to", "atom", "--out", tmp_path, "--cache", cache,
        "--report", tmp_path / "r.json", "--year", "2024", "--author", "leila",
    )  # fmt: skip
    jsonschema.validate(json.loads((tmp_path / "r.json").read_bytes()), schema)


def test_a_second_run_makes_nothing_again(tmp_path: Path, cache: Path) -> None:
    arguments = ("export", SALTMARSH, "--to", "atom,markdown", "--out", tmp_path / "o")
    command(*arguments, "--cache", cache)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "o").rglob("*")}
    ended = command(*arguments, "--cache", cache, "--report", tmp_path / "r.json")
    found = report.decode((tmp_path / "r.json").read_bytes())
    assert {unit.status for unit in found.units} == {"kept"}, ended.err
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "o").rglob("*")}


def closing(*arguments: object) -> str:
    return command(*arguments).err.splitlines()[-1]


def test_the_closing_line_counts_what_was_done(tmp_path: Path, cache: Path) -> None:
    out, store, file = tmp_path / "out", tmp_path / "store", tmp_path / "report.json"
    arguments = ("export", SALTMARSH, "--out", out, "--cache", cache, "--report", file)
    done = f"in {out}; all of it is told in {file}"
    both = (*arguments, "--to", "atom,markdown")
    line = closing(*both)
    assert line.startswith("15 of 16 entries published")
    assert line.endswith(f"; 2 outputs made, 0 kept, {done}")
    counts = report.decode(file.read_bytes()).counts
    assert counts.written == len(tree(out))
    assert closing(*both).endswith(f"; 0 outputs made, 2 kept, {done}")
    before = tree(out)
    smaller = tmp_path / "saltmarsh"
    shutil.copytree(SALTMARSH, smaller, ignore=shutil.ignore_patterns("leila"))
    fewer = closing("export", smaller, *both[2:])
    gone = before.keys() - tree(out).keys()
    assert f"; 2 outputs made, 0 kept, {len(gone)} files removed, {done}" in fewer
    said = report.decode(file.read_bytes())
    assert {each for unit in said.units for each in unit.removed} == gone
    assert (said.counts.removed, said.counts.published) == (len(gone), said.entries)
    into = (*arguments, "--to", "thicket", "--into", store)
    assert "; 1 output made, 0 kept, in" in closing(*into)
    assert "; 0 outputs made, 1 kept, in" in closing(*into)
    (unit,) = report.decode(file.read_bytes()).units
    assert (unit.status, unit.files, unit.written) == ("kept", (), 0)


def test_what_was_only_checked_or_failed_is_not_called_published(
    tmp_path: Path, cache: Path
) -> None:
    line = closing("check", SALTMARSH, "--cache", cache)
    assert line.startswith("checked: 15 of 16 entries can be published")
    plugin = tmp_path / "broken.py"
    plugin.write_text(
        "from convert.contract import ExporterOptions\n"
        "class Broken:\n"
        "    name, summary, media_type = 'broken', 'fails', 'text/plain'\n"
        "    Options = ExporterOptions\n"
        "    def suffix(self, options): return '.txt'\n"
        "    def unavailable(self): return None\n"
        "    def export(self, entries, context): raise OSError('no')\n"
        "EXPORTER = Broken()\n"
    )
    line = closing("export", SALTMARSH, "--to", plugin, "--out", tmp_path / "o", "--cache", cache)
    assert line.startswith("0 of 16 entries published, 1 output failed")
    assert "; 0 outputs made, 0 kept, in" in line


def test_warnings_go_beside_standard_output(tmp_path: Path, cache: Path) -> None:
    with Server() as web:
        web["/a"] = reply(FEED)
        arguments = (
            "export", web.address("/a"), "--to", "atom", "-o", "-", "--cache", cache,
            "--allow-network", "127.0.0.0/8",
        )  # fmt: skip
        good = command(*arguments)
        web["/a"] = reply(b"", status=404)
        ended = command(*arguments)
        assert (ended.code, ended.out) == (0, good.out)
        line = f"warning: {web.address('/a')}: 404 Not Found; the copy in the cache is used"
        assert line in ended.err
        assert command(*arguments, "--quiet") == (0, good.out, "")
        ended = command(*arguments, "--quiet", "--max-stale", "0d")
        assert (ended.code, ended.out) == (1, good.out)
        assert ended.err.startswith(f"source failed: {web.address('/a')}: 404 Not Found; ")
        assert command(*arguments, "--quiet", "--max-stale", "") == (0, good.out, "")


FEED = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><id>urn:x</id>"
    b"<updated>2024-06-01T00:00:00Z</updated><entry><title>One</title><id>urn:1</id>"
    b"<updated>2024-05-01T00:00:00Z</updated><content>Text</content></entry></feed>"
)


def test_one_file_to_a_path_and_to_standard_output(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "feeds" / "all.xml"
    assert command("export", SALTMARSH, "--to", "atom", "-o", path, "--cache", cache).code == 0
    assert [each.name for each in path.parent.iterdir()] == ["all.xml"]
    ended = command("export", SALTMARSH, "--to", "atom", "-o", "-", "--cache", cache)
    assert ended.code == 0
    assert len(feedparser.parse(ended.out).entries) == 15


def test_selection(tmp_path: Path, cache: Path) -> None:
    def titles(*flags: str) -> list[str]:
        ended = command("export", SALTMARSH, "--to", "atom", "-o", "-", "--cache", cache, *flags)
        return [entry.title for entry in feedparser.parse(ended.out).entries]

    assert titles("--author", "leila", "--year", "2024") == ["Field notes, in Markdown"]
    assert titles("--author", "Ada Finch", "--since", "2023-11") == ["tidelog 0.2"]
    assert titles("--category", "Books") == ["What we read this winter"]
    assert titles("--match", "stilling WELL") == ["A tide gauge for the price of a bicycle"]
    assert titles("--limit", "1") == ["Re: A tide gauge for the price of a bicycle"]
    assert titles("--limit", "2", "--order", "oldest")[-1].startswith("Re:")
    assert len(titles("--exclude-author", "ada", "--exclude-author", "haru")) == 7
    assert titles("--until", "2023-03-02", "--since", "2023-03-02") == [
        "A tide gauge for the price of a bicycle"
    ]


def test_mail_addresses_are_published_only_when_asked_for(tmp_path: Path, cache: Path) -> None:
    arguments = ("export", SALTMARSH, "--to", "atom", "-o", "-", "--cache", cache)
    assert b"ada@saltmarsh.example" not in command(*arguments).out
    assert b"ada@saltmarsh.example" in command(*arguments, "--emails").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "nowhere", "--to", "atom"), "nowhere: "),
        (("export", "convert", "--to", "atom"), "no Thicket repository"),
        (("export", "Makefile", "--to", "atom"), "Makefile"),
        (("export", SALTMARSH / "haru", "--to", "atom"), "above those of the people"),
        (("export", SALTMARSH, "--to", "atmo"), "did you mean atom"),
        (("export", SALTMARSH, "--to", "atom", "-O", "atom.contnt=full"), "did you mean content"),
        (("export", SALTMARSH, "--to", "atom", "--since", "2024-13"), "2024-13"),
        (("export", SALTMARSH, "--to", "atom", "--name", "../../x"), "write a plain name"),
        (("export", SALTMARSH), "say what to make with --to"),
        (("export", SALTMARSH, "--to", "atom", "--wrong"), "--wrong"),
        (("build", "nowhere.toml"), "nowhere.toml"),
        (("exporters", "ebup"), "did you mean epub"),
    ],
)
def test_usage_errors_end_with_2(
    arguments: tuple[object, ...], message: str, tmp_path: Path
) -> None:
    # What lies in out/ may know of some of these.
    out = ("--out", tmp_path / "out") if arguments[0] == "export" else ()
    ended = command(*arguments, *out)
    assert ended.code == 2
    assert message in ended.err
    assert "Traceback" not in ended.err


BAD = {
    "truncated": b'{"id": "x", "title": "T", "upda',
    "empty": b"",
    "nul": b"\0" * 200,
    "deep": b"[" * 100_000,
    "integer": b'{"id": "x", "updated": ' + b"9" * 5000 + b"}",
    "nan": b'{"id": "x", "updated": NaN}',
    "list": b"[]",
    "type": b'{"id": "x", "updated": "2024-01-01", "title": 3}',
    "no-id": b'{"title": "T", "updated": "2024-01-01"}',
    "no-date": b'{"id": "x", "title": "T"}',
    "garbage-date": b'{"id": "x", "updated": "30 February"}',
    "latin-1": b'{"id": "x", "title": "\xe9", "updated": "2024-01-01"}',
}


def test_bad_entries_are_named_and_the_others_go_on(store: Path, cache: Path) -> None:
    for name, content in BAD.items():
        (store / "ada" / f"{name}.json").write_bytes(content)
    ended = command("export", store, "--to", "atom", "-o", "-", "--cache", cache)
    assert ended.code == 1
    assert "Traceback" not in ended.err
    for name in BAD:
        lines = [line for line in ended.err.splitlines() if f"ada/{name}.json: " in line]
        assert len(lines) == 1, name
        assert lines[0].startswith("left out:")
    assert len(feedparser.parse(ended.out).entries) == 15


@pytest.mark.parametrize(
    ("fail_on", "bad", "code"),
    [
        ("output", True, 0),
        ("entry", True, 1),
        ("warning", True, 1),
        ("output", False, 0),
        ("entry", False, 0),
        ("warning", False, 1),
    ],
)
def test_what_counts_as_failure(
    store: Path, cache: Path, fail_on: str, bad: bool, code: int
) -> None:
    if bad:
        (store / "ada" / "bad.json").write_bytes(b"{")
    arguments = ("check", store, "--cache", cache, "--fail-on", fail_on)
    assert command(*arguments).code == code


def test_a_body_that_is_too_large_is_named_with_the_way_out(store: Path, cache: Path) -> None:
    write(store / "ada" / "long.json", content="<p>" + "a" * 9_000 + "</p>")
    ended = command("check", store, "--cache", cache, "--max-body", "8000")
    assert ended.code == 1
    assert "ada/long.json: content:" in ended.err
    assert "--max-body" in ended.err


def test_a_feed_that_is_refused_costs_no_other_source(tmp_path: Path, cache: Path) -> None:
    feed = tmp_path / "x.xml"
    feed.write_text('<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>')
    alone = command("export", feed, "--to", "atom", "--out", tmp_path / "o", "--cache", cache)
    assert alone.code == 3
    assert alone.err.count("declares the external entity") == 1
    run = ("--to", "atom", "--out", tmp_path / "p", "--cache", cache)
    beside = command("export", SALTMARSH, feed, *run)
    assert beside.code == 1
    assert "15 of 16 entries published, 1 source failed" in beside.err


def test_where_no_entry_can_be_read_the_old_output_stays(tmp_path: Path, cache: Path) -> None:
    entry = tmp_path / "store" / "ada" / "a.json"
    write(entry)
    run = ("export", tmp_path / "store", "--to", "atom", "--out", tmp_path / "o", "--cache", cache)
    assert command(*run).code == 0
    before = tree(tmp_path / "o")
    entry.write_text('{"id": ', encoding="utf-8")
    assert command(*run).code == 1
    assert tree(tmp_path / "o") == before
    shutil.rmtree(tmp_path / "o" / COPIES)
    ended = command(*run, "--report", tmp_path / "r.json")
    assert ended.code == 3
    assert "none of its entries could be read; every output stays as it is" in ended.err
    assert report.decode((tmp_path / "r.json").read_bytes()).exit_code == 3
    assert tree(tmp_path / "o") == before
    assert command("check", tmp_path / "store", "--cache", cache).code == 1


def test_an_empty_repository_makes_valid_empty_outputs(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "index.json").write_text('{"users": {}}')
    ended = command(
        "export", tmp_path / "store", "--to", "atom,markdown,epub", "--out", tmp_path / "o",
        "--cache", cache,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "0 of 0 entries" in ended.err
    assert feedparser.parse((tmp_path / "o" / "store.atom").read_bytes()).bozo == 0


FAILING = """
from convert.contract import ExporterOptions, OutputFile
class Failing:
    name, summary, media_type, Options = "failing", "fails", "text/plain", ExporterOptions
    def suffix(self, options): return ".txt"
    def unavailable(self): return None
    def export(self, entries, context):
        yield OutputFile(path=context.path, content=b"half")
        raise RuntimeError("in the middle")
EXPORTER = Failing()
"""


def test_one_output_that_fails_stops_no_other(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "failing.py").write_text(FAILING)
    (tmp_path / "o").mkdir()
    old = tmp_path / "o" / "saltmarsh.txt"
    old.write_bytes(b"old")
    arguments = (
        "export",
        SALTMARSH,
        "--to",
        f"{tmp_path}/failing.py,atom",
        "--out",
        tmp_path / "o",
    )
    ended = command(*arguments, "--cache", cache)
    assert ended.code == 1
    reason = "its exporter raised RuntimeError: in the middle; the fault is in its code; --debug"
    assert f"saltmarsh.txt: {tmp_path}/failing.py: {reason} shows where" in ended.err
    assert "Traceback" not in ended.err
    assert old.read_bytes() == b"old"
    assert (tmp_path / "o" / "saltmarsh.atom").exists()
    assert "Traceback" in command(*arguments, "--cache", cache, "--debug").err
    alone = command(*arguments[:3], f"{tmp_path}/failing.py", *arguments[4:], "--cache", cache)
    assert alone.code == 3


def test_the_version_is_that_of_the_distribution() -> None:
    ended = command("--version")
    stated = importlib.metadata.version("thicket-convert")
    assert (ended.code, ended.out.decode()) == (0, f"thicket-convert {stated}\n")


def test_every_option_of_every_exporter_is_explained() -> None:
    listed = command("exporters").out.decode()
    for line in listed.splitlines():
        name = line.partition(":")[0]
        shown = command("exporters", name).out.decode()
        assert "order" in shown
        assert "images" in shown
    assert {line.partition(":")[0] for line in listed.splitlines()} >= {
        "atom", "epub", "markdown", "pdf",
    }  # fmt: skip


def test_what_an_option_names_counts_too(tmp_path: Path, cache: Path) -> None:
    cover = tmp_path / "cover.png"
    arguments = ("export", SALTMARSH, "--to", "epub", "-O", f"epub.cover={cover}", "--limit", "1")

    def made(grey: int) -> bytes:
        Image.new("L", (1600, 2560), grey).save(cover)
        ended = command(*arguments, "--out", tmp_path / "o", "--cache", cache)
        assert ended.code == 0, ended.err
        return (tmp_path / "o" / "saltmarsh-newest-1.epub").read_bytes()

    assert made(0) == made(0)
    assert made(0) != made(200)


NAMES = (":new:", ":+1:", "[b]", "[/]", "[link=x]y", "\\[red]", "100%")
"""What rich takes for emoji and markup."""


def test_every_name_is_shown_as_it_is_written(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "store"
    for number, name in enumerate(NAMES):
        write(folder / "ada" / f"{number}.json", updated=f"never{name}")
    write(folder / "ada" / "fine.json")
    words = ("--cache", cache, "--report", tmp_path / "r.json", "--out", tmp_path / "[b] :new:")
    into = tmp_path / "[b] :+1:"
    ended = command(
        "export", folder, "--to", "atom,thicket", "--into", into, "--name", "[b]", *words
    )
    assert ended.code == 1
    for name in NAMES:
        assert f"{f'never{name}'!r} is not a date" in ended.err
    feed, repository, counts = ended.err.splitlines()[-3:]
    assert feed.split()[:3] == ["atom", "[b].atom", "made"]
    assert f" {into} " in repository
    assert f"in {tmp_path / '[b] :new:'}, {into}; all of it" in counts
    found = report.decode((tmp_path / "r.json").read_bytes())
    assert [unit.path for unit in found.units] == ["[b].atom", str(into)]
    assert command("check", "urn:new:thing").err.startswith("error: urn:new:thing: ")
    assert command("exporters", ":new:").err.startswith("error: no exporter is called ':new:'")


def test_an_output_counts_the_entries_that_it_holds(tmp_path: Path, cache: Path) -> None:
    words = ("--cache", cache, "--report", tmp_path / "r.json")
    into = ("--to", "thicket", "--into", tmp_path / "store")
    for _ in range(2):
        ended = command("export", SALTMARSH, *into, *words)
        assert "16 of 16 entries published" in ended.err
        assert ended.err.count("left out as a duplicate") == ended.err.count("; the store holds it")
        found = report.decode((tmp_path / "r.json").read_bytes())
        assert [(unit.entries, found.counts.published) for unit in found.units] == [(16, 16)]
    archives = ("-O", "atom.volumes=year", "-O", "jsonfeed.volumes=10")
    for _ in range(2):
        command(
            "export", SALTMARSH, "--to", "atom,jsonfeed", *archives, "--out", tmp_path / "o", *words
        )
        found = report.decode((tmp_path / "r.json").read_bytes())
        for unit in found.units:
            content = (tmp_path / "o" / unit.path).read_bytes()
            count = content.count(b"<entry") or len(json.loads(content)["items"])
            assert unit.entries == count, unit.path
        assert found.counts.published == 15


def test_a_name_of_a_source_and_an_exporter_has_the_options_of_both(tmp_path: Path) -> None:
    for option, meant in (("thicket.comit=true", "commit"), ("opml.titel=x", "title")):
        name = option.partition(".")[0]
        ended = command("export", SALTMARSH, "--to", name, "-O", option, "--out", tmp_path)
        assert ended.code == 2
        assert f"did you mean {meant}" in ended.err


def test_a_slip_is_told_with_the_way_out(tmp_path: Path, cache: Path) -> None:
    config = tmp_path / "b.toml"
    config.write_text('sources = ["x"]\nlimit = 3\n')
    for words, told in (
        (("export", SALTMARSH, "--to", "atom", "--year", "24"), "24 is no year of four digits"),
        (("export", config, "--to", "atom"), f"made by: build {config}"),
        (("build", config), "limit: belongs into the table [select]"),
    ):
        ended = command(*words, "--cache", cache)
        assert (ended.code, told in ended.err) == (2, True), ended.err
    out = tmp_path / "o"
    named = ("--to", "atom", "--author", "ADA", "--out", out, "--cache", cache)
    assert command("export", SALTMARSH, *named).code == 0
    (made,) = out.glob("*.atom")
    assert ", Ada " in feedparser.parse(made.read_bytes()).feed.title
