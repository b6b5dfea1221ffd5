"""Standard streams that nobody reads, that are closed, or that take nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import ROOT, SALTMARSH, command, tree

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX descriptors")
FEED = ("export", SALTMARSH, "--to", "atom", "--jobs", "1")


def run(words: tuple[object, ...], **streams: int | None) -> tuple[int, str]:
    """How the command ended, and what it said where that is read."""
    done = subprocess.run(
        [sys.executable, "-m", "convert", *map(str, words)],
        **{"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **streams},  # type: ignore[call-overload]
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    return done.returncode, (done.stderr or b"").decode()


@pytest.fixture
def unread() -> Iterator[int]:
    """A pipe that nobody reads any more."""
    reads, writes = os.pipe()
    os.close(reads)
    yield writes
    os.close(writes)


@pytest.mark.parametrize(
    "words",
    [
        ("exporters",),
        (*FEED, "-o", "-"),
        pytest.param(("--help",), marks=pytest.mark.judge),
        pytest.param((*FEED, "-n"), marks=pytest.mark.judge),
    ],
)
def test_the_command_ends_quietly_where_nobody_reads_what_it_prints(
    words: tuple[object, ...], unread: int, tmp_path: Path
) -> None:
    places: tuple[object, ...] = ("--cache", tmp_path / "cache") if len(words) > 1 else ()
    if words[-1] == "-n":
        places += ("--out", tmp_path / "out")
    code, said = run((*words, *places), stdout=unread)
    assert code == 141
    quiet = ("reading", "making", "warning: ", "fetching")
    assert all(line.startswith(quiet) for line in said.splitlines()), said


@pytest.mark.judge
def test_where_nobody_reads_the_log_every_file_stays(unread: int, tmp_path: Path) -> None:
    places = ("--out", tmp_path / "out", "--cache", tmp_path / "cache")
    assert command(*FEED, *places).code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert run((*FEED, *places, "--title", "Other"), stderr=unread) == (141, "")
    after = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert after == before
    report = tmp_path / "r.json"
    assert run((*FEED, *places, "--report", report), stderr=unread)[0] == 141
    assert b'"exit_code": 141' in report.read_bytes()


@pytest.mark.judge
def test_what_takes_nothing_is_named(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no full device here")
    with full.open("wb") as device:
        code, said = run(("exporters",), stdout=device.fileno())
        assert (code, said.count("\n")) == (3, 1)
        assert said.startswith("error: standard output: cannot be written: No space left on device")
        out = tmp_path / "out"
        words = (*FEED, "--out", out, "--cache", tmp_path / "cache")
        assert run(words, stderr=device.fileno()) == (0, "")
        assert tree(out).keys() == {"saltmarsh.atom"}


@pytest.mark.judge
def test_a_closed_stream_is_no_file_of_the_run(tmp_path: Path) -> None:
    words = f"{sys.executable} -m convert export {SALTMARSH} --to atom --out {tmp_path}/out"
    closed = f"{words} --cache {tmp_path}/cache --report - 0<&- >&- 2>&-"
    assert subprocess.run(closed, shell=True, cwd=ROOT, check=False, timeout=60).returncode == 0
    assert tree(tmp_path / "out").keys() == {"saltmarsh.atom"}
