"""What a run says of itself at its end, whatever that is: statuses, counts, commits, the report."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from running import ROOT, SALTMARSH, Ended, command, tree

from convert.output.holding import hold
from convert.output.manifest import file_digest
from convert.run import report
from convert.run.report import RunReport


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def published(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Outputs of four formats; copy it before changing it."""
    out = tmp_path_factory.mktemp("published") / "out"
    words = ("--to", "atom,csl,markdown,opml", "-O", "atom.each=author")
    ended = command("export", SALTMARSH, *words, "--out", out, "--cache", cache)
    assert ended.code == 0, ended.err
    return out


def export(out: Path, cache: Path, *words: object) -> tuple[Ended, RunReport]:
    """A run of the command, and its report."""
    file = out.parent / "report.json"
    file.unlink(missing_ok=True)
    ended = command("export", *words, "--out", out, "--cache", cache, "--report", file)
    assert "Traceback" not in ended.err
    return ended, report.decode(file.read_bytes())


def test_a_link_in_the_place_of_an_output_counts_once(tmp_path: Path, cache: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "saltmarsh.csl.json").symlink_to(tmp_path / "elsewhere")
    ended, said = export(out, cache, SALTMARSH, "--to", "csl,opml")
    assert ended.code == 1
    counts = said.counts
    assert (counts.made_anew, counts.edited, counts.failed) == (1, 0, 1)
    assert ", 1 output failed, " in ended.err
    assert "saltmarsh.csl.json: not written: what is there is a symbolic link; move" in ended.err


def test_a_place_is_said_once(tmp_path: Path, cache: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    ended, _ = export(tmp_path / "out", cache, SALTMARSH, "--to", "thicket", "--into", full)
    assert f"failed: {full}: is no Thicket repository" in ended.err
    words = ("--to", "csl", "--cache", cache, "--out")
    (tmp_path / "file").write_text("")
    for place, line in (("file", "is no folder"), ("file/x", f"{tmp_path}/file is no folder")):
        ended = command("export", SALTMARSH, *words, place, cwd=tmp_path)
        assert ended.err == f"error: out: {place}: {line}; name another place\n"


EDITED = [
    ("atom", "saltmarsh.atom", 0),
    ("atom", "saltmarsh/author/ada.atom", 15),
    ("csl", "saltmarsh.csl.json", 0),
    ("opml", "saltmarsh.opml", 0),
    ("markdown", "markdown/index.md", 15),
    ("markdown", "markdown/ada/", 14),
    ("markdown", "markdown/haru/", 14),
]


@pytest.mark.parametrize(("exporter", "start", "entries"), EDITED)
def test_what_the_user_edited_is_called_so_and_is_not_published(
    published: Path, tmp_path: Path, cache: Path, exporter: str, start: str, entries: int
) -> None:
    out = tmp_path / "out"
    shutil.copytree(published, out)
    path = next(path for path in tree(out) if path.startswith(start))
    (out / path).write_text("mine")
    option = ("-O", "atom.each=author") if exporter == "atom" else ()
    words = (SALTMARSH, "--to", exporter, *option)
    ended, said = export(out, cache, *words)
    assert ended.code == 0, ended.err
    (unit,) = said.units
    assert (unit.status, unit.edited, unit.written) == ("edited", (path,), 0)
    assert unit.entries == entries
    assert all(file_digest(out / file.path) == file.sha256 for file in unit.files)
    assert (said.counts.edited, said.counts.kept_as_were) == (1, 0)
    assert said.counts.published == entries
    assert f"{entries} of 16 entries published" in ended.err
    assert "0 outputs made, 0 kept, 1 edited by you, in " in ended.err
    row = next(line for line in ended.err.splitlines() if line.startswith(exporter))
    assert row.split()[2] == "edited"
    assert row.split()[-1] == "1"  # problem
    _, again = export(out, cache, *words, "--overwrite")
    assert (again.units[0].status, again.counts.published) == ("made", 15)
    assert (again.counts.edited, again.units[0].edited) == (0, ())


def test_a_file_that_was_there_before_us_is_the_users(tmp_path: Path, cache: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "saltmarsh.atom").write_text("mine")
    for second in ("made", "kept"):
        ended, said = export(out, cache, SALTMARSH, "--to", "atom,csl")
        units = {unit.exporter: unit for unit in said.units}
        assert (units["atom"].status, units["csl"].status) == ("failed", second)
        assert units["atom"].blocked == ("saltmarsh.atom",)
        assert (ended.code, said.counts.failed, said.counts.published) == (1, 1, 15)
    ended, said = export(out, cache, SALTMARSH, "--to", "atom")
    assert (ended.code, said.counts.published) == (1, 0)
    assert "failed: " in ended.err
    # A folder that is a link is one reason, and one line.
    (out / "markdown").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    ended, said = export(out, cache, SALTMARSH, "--to", "markdown")
    assert (ended.code, said.counts.failed, said.counts.edited) == (1, 1, 0)
    assert len([line for line in ended.err.splitlines() if line.startswith("failed:")]) == 1
    assert f"{out}/markdown is a symbolic link; move it away" in ended.err


def test_a_file_that_the_user_named_is_called_so(tmp_path: Path, cache: Path) -> None:
    words = ("export", SALTMARSH, "--cache", cache, "--report", "r.json", "--base-url")
    for file, to in (("feed.xml", "atom"), ("Some feed", "jsonfeed"), ("index.json", "csl")):
        for dry in ([], ["-n"]):
            more = ("https://x.example/", "--to", to, "-o", file, *dry)
            ended = command(*words, *more, cwd=tmp_path)
            assert ended.code == 0, ended.err
            (unit,) = report.decode((tmp_path / "r.json").read_bytes()).units
            assert (unit.path, unit.place, unit.files[0].path) == (file, file, file)
            if dry:
                assert ended.out.decode() == f"kept\t{to}\t{file}\t15 entries\n"
            else:
                assert f"{to}  {file}  made".split() == ended.err.splitlines()[-2].split()[:-5]
    assert 'href="https://x.example/feed.xml"' in (tmp_path / "feed.xml").read_text()
    ended = command(*words, "https://x.example/", "--to", "atom", "-o", "-", cwd=tmp_path)
    assert ", on standard output; all of it is " in ended.err


# --- commits -----------------------------------------------------------------------------


def git(top: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", top, *words], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_commit_that_was_made_is_named(tmp_path: Path, cache: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    words = (SALTMARSH, "--to", "thicket", "--into", store)
    ended, said = export(out, cache, *words)
    assert said.units[0].commit is None
    assert f"in {store};" in ended.err
    commit = (*words, "-O", "thicket.commit=true")
    ended, said = export(out, cache, *commit)
    assert said.units[0].commit == git(store, "rev-parse", "HEAD")
    assert f"in {store} (commit {git(store, 'rev-parse', 'HEAD')[:7]})" in ended.err
    ended, said = export(out, cache, *commit)
    assert said.units[0].commit == ""
    assert f"in {store} (nothing to commit)" in ended.err
    assert git(store, "rev-list", "--count", "HEAD") == "1"


# --- the report, whatever the end --------------------------------------------------------


def unreadable(folder: Path) -> tuple[object, ...]:
    (folder / "group" / "ada").mkdir(parents=True)
    (folder / "group" / "ada" / "x.json").write_text("{")
    return (folder / "group",)


def other(folder: Path) -> tuple[object, ...]:
    """Another source of the name of the one whose outputs are there."""
    entry = {"id": "urn:x", "title": "X", "updated": "2024-01-01", "content": "x"}
    (folder / "saltmarsh" / "ada").mkdir(parents=True)
    (folder / "saltmarsh" / "ada" / "x.json").write_text(json.dumps(entry))
    return (folder / "saltmarsh",)


Words = Callable[[Path], tuple[object, ...]]
ENDS: list[tuple[Words, int, int, str]] = [
    (lambda _: (SALTMARSH, "--limit", "0"), 3, 16, "the selection (the newest 0) holds nothing"),
    (lambda _: (SALTMARSH, "--match", "no such words"), 3, 16, "(the text 'no such words') holds"),
    (lambda _: (SALTMARSH, "--since", "2024", "--until", "2023"), 3, 0, "first day comes after"),
    (lambda _: (SALTMARSH, "--author", "adda"), 2, 16, "no author is called 'adda'; did you mean"),
    (lambda _: ("nowhere",), 2, 0, "nowhere: does not exist"),
    (lambda _: (ROOT / "convert" / "cli" / "flags.py",), 2, 0, "flags.py: "),
    (unreadable, 3, 0, ""),
    (other, 2, 1, "was made from other sources"),
]


@pytest.mark.parametrize(("words", "code", "read", "error"), ENDS)
def test_every_end_is_reported(
    published: Path, tmp_path: Path, cache: Path, words: Words, code: int, read: int, error: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(published, out)
    before = tree(out)
    ended, said = export(out, cache, *words(tmp_path), "--to", "atom")
    assert (ended.code, said.exit_code, said.read) == (code, code, read), ended.err
    assert error in said.error
    assert said.error == "" or f"error: {said.error}" in ended.err
    assert said.counts.published == 0
    assert tree(out) == before


def test_a_folder_that_another_run_holds_is_reported(tmp_path: Path, cache: Path) -> None:
    out = tmp_path / "out"
    with hold(out, print):
        ended, said = export(out, cache, SALTMARSH, "--to", "atom")
    assert (ended.code, said.exit_code, said.read, said.entries) == (3, 3, 16, 0)
    assert "another run is writing here" in said.error


def test_every_output_has_its_row_where_no_entry_could_be_read(tmp_path: Path, cache: Path) -> None:
    ended, said = export(tmp_path / "out", cache, *unreadable(tmp_path), "--to", "atom,markdown")
    assert [(unit.path, unit.status) for unit in said.units] == [
        ("group.atom", "failed"), ("markdown", "failed"),
    ]  # fmt: skip
    assert said.counts.failed == 2
    assert ", 2 outputs failed, " in ended.err
