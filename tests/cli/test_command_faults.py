"""Real faults as a user meets them: exit codes, what is said, and the old output whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import ROOT, SALTMARSH, command, tree

from convert.output.publish import hold

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and limits")

SLOW_EXPORTER = """
import os, time
from pathlib import Path
from convert.contract import ExporterOptions, OutputFile

class Slow:
    name = "slow"
    summary = "writes half and waits"
    media_type = "text/plain"
    Options = ExporterOptions

    def suffix(self, options):
        return ".txt"

    def unavailable(self):
        return None

    def export(self, entries, context):
        yield OutputFile(path=context.path, content=b"half")
        Path(os.environ["SLOW_MARK"]).touch()
        time.sleep(60)

EXPORTER = Slow()
"""


@pytest.fixture
def out(tmp_path: Path, cache: Path) -> Path:
    """An output folder with an Atom feed in it."""
    made = command("export", SALTMARSH, "--to", "atom", "--out", tmp_path / "out", "--cache", cache)
    assert made.code == 0
    return tmp_path / "out"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted_stops_at_once_and_leaves_the_old_output(
    out: Path, tmp_path: Path, cache: Path, how: signal.Signals, code: int, jobs: str
) -> None:
    before = tree(out)
    exporter, mark = tmp_path / "slow.py", tmp_path / "mark"
    exporter.write_text(SLOW_EXPORTER)
    running = subprocess.Popen(
        [
            *(sys.executable, "-m", "convert", "export", SALTMARSH, "--to", f"atom,{exporter}"),
            *("--title", "Other", "--out", out, "--cache", cache, "--jobs", jobs),
        ],
        cwd=ROOT,
        env={**os.environ, "SLOW_MARK": str(mark)},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not mark.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(how)
    start = time.monotonic()
    _, said = running.communicate(timeout=30)
    assert time.monotonic() - start < 10
    assert running.returncode == code
    assert "Traceback" not in said
    assert tree(out) == before
    assert [path.name for path in out.iterdir() if "convert." in path.name] == [
        ".thicket-convert.json"
    ]


def test_a_second_run_into_one_folder(out: Path, cache: Path) -> None:
    before = tree(out)
    with hold(out, print):
        ended = command(
            "export", SALTMARSH, "--to", "atom", "--title", "Other", "--out", out, "--cache", cache
        )
    assert ended.code == 3
    assert f"another run is writing here (process {os.getpid()}" in ended.err
    assert tree(out) == before


def test_no_room_for_the_output(out: Path, cache: Path) -> None:
    """A limit on the size of files stands in for a disk that is full."""
    before = tree(out)
    limited = (
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "sys.argv[0] = 'thicket-convert'\n"
        "runpy.run_module('convert', run_name='__main__')\n"
    )
    ended = subprocess.run(
        [
            *(sys.executable, "-c", limited, "export", SALTMARSH, "--to", "atom,epub"),
            *("--title", "Other", "--out", out, "--cache", cache),
        ],
        cwd=ROOT,
        # What measures the tests' coverage has no room to write its figures either.
        env={name: value for name, value in os.environ.items() if "COVERAGE" not in name},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 3
    assert "File too large (errno 27)" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert tree(out) == before


def test_what_someone_edited_is_kept_until_overwrite(out: Path, cache: Path) -> None:
    feed = out / "saltmarsh.atom"
    feed.write_text("mine")
    arguments = ("export", SALTMARSH, "--to", "atom", "--out", out, "--cache", cache)
    ended = command(*arguments)
    assert ended.code == 0
    assert "someone edited it since; --overwrite replaces it" in ended.err
    assert feed.read_text() == "mine"
    assert command(*arguments, "--overwrite").code == 0
    assert "Saltmarsh" in feed.read_text()


def test_other_outputs_and_foreign_files_stay(out: Path, cache: Path) -> None:
    (out / "CNAME").write_text("example.org")
    before = tree(out)
    ended = command("export", SALTMARSH, "--to", "markdown", "--out", out, "--cache", cache)
    assert ended.code == 0
    after = tree(out)
    assert {path: after[path] for path in before} == before
    assert any(path.startswith("markdown/") for path in after)


FAULTS = {
    "sys.exit(0)": "SystemExit",
    "raise BaseException('x')": "BaseException",
    "raise Silent": "Silent",
}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_exporter_that_ends_the_process_ends_its_output_only(
    tmp_path: Path, fault: str, jobs: int
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "import sys\n"
        "from convert.contract import ExporterOptions, OutputFile\n"
        "class Silent(Exception):\n"
        "    def __str__(self): raise ValueError\n"
        "class Mine:\n"
        "    name, summary, media_type, Options = 'mine', 'x', 'text/plain', ExporterOptions\n"
        "    def suffix(self, options): return '.txt'\n"
        "    def unavailable(self): return None\n"
        "    def export(self, entries, context):\n"
        f"        {fault}\n"
        "        yield OutputFile(path=context.path, content=b'x')\n"
        "EXPORTER = Mine()\n"
    )
    flags = ["export", SALTMARSH, "--to", f"atom,{mine}", "--jobs", jobs, "--out", tmp_path / "out"]
    done = command(*flags)
    assert done.code == 1, done.err
    assert FAULTS[fault] in done.err
    assert "Traceback" not in done.err
    assert [path.name for path in (tmp_path / "out").glob("saltmarsh.*")] == ["saltmarsh.atom"]


def test_a_plug_in_that_ends_the_process_is_a_sentence(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("import sys; sys.exit(0)")
    done = command("export", SALTMARSH, "--to", mine, "--out", tmp_path / "out")
    assert done.code != 0
    assert f"{mine}: does not load: SystemExit" in done.err
