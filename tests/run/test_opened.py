"""What the code of a plug-in reads, while it is loaded or makes an output, shapes that output."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from group_feeds import atom
from running import command

from convert.contract import ExporterOptions as Options
from convert.output.manifest import load_manifest
from convert.plugins import Registry
from convert.run import code, driver
from convert.run.report import RunReport
from convert.settings import config_file
from convert.settings.job import Job

PLUG_IN = """
import os, subprocess, tempfile, threading
from pathlib import Path
from convert.contract import ExporterOptions, OutputFile
HERE = Path(__file__).parent
def text(path):
    with open(HERE / path) as file:
        return file.read()
def maybe(path):
    return text(path) if (HERE / path).exists() else ""
class Mine:
    name, summary, media_type, Options = "mine", "x", "text/plain", ExporterOptions
    def suffix(self, options): return ".txt"
    def unavailable(self): return None
    def export(self, entries, context):
        words = LOADED
        {reads}
        yield OutputFile(path=context.path, content=str(words).encode())
LOADED = {loads}
EXPORTER = Mine()
"""
SEEN = {
    "a file": "words += text('x')",
    "while it is loaded": "text('x')",
    "by its descriptor": "words += str(os.read(os.open(HERE / 'x', os.O_RDONLY), 9))",
    "relative": "os.chdir(HERE); words += Path('x').read_text()",
    "in a thread": "t = threading.Thread(target=text, args=('x',)); t.start(); t.join()",
    "by a library": "import babel.messages.pofile as p; p.read_po(open(HERE / 'x', 'rb'))",
    "names": "words += str(sorted(os.listdir(HERE / 'folder')))",
    "names, listed by glob": "words += str(sorted(HERE.glob('folder/*')))",
    "names in a folder whose name is no UTF-8": "os.listdir(os.fsencode(HERE) + b'/w\\xff')",
    "a database": "import sqlite3; sqlite3.connect(HERE / 'x').close()",
    "a database, by its address": (
        "import sqlite3; sqlite3.connect(f'file:{HERE}/x?mode=ro', uri=True).close()"
    ),
    "what is not there": "try: text('none')\n        except OSError: pass",
}
UNSEEN = {
    "what it writes": "(HERE / 'own').write_text(maybe('own') + '1'); text('own')",
    "what comes and goes": "f = tempfile.NamedTemporaryFile(); open(f.name).read(); f.close()",
    "its own folder": "p = context.staging / 'x'; subprocess.run(['touch', p]); p.read_text()",
    "a library's file": "open(ExporterOptions.__module__ and os.__file__).read()",
    "entries": "words += str([each for _, each in entries.contents()])",
}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "mira.xml").write_bytes(atom("mira", (2, 1)))
    (tmp_path / "code/folder").mkdir(parents=True)
    (tmp_path / "code/x").write_text("# one")
    (tmp_path / "code/w\udcff").symlink_to("folder")
    return tmp_path


def test_what_may_not_be_looked_at_is_as_nothing(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        opened = code.recorded(Options(), map(str, (closed, closed / "x", tmp_path / "none")))
        assert [each.sha256 for each in opened] == ["", "", ""]
        assert not code.reads_otherwise(Options(), opened)
    finally:
        os.seteuid(user)
    closed.chmod(0o700)
    assert code.reads_otherwise(Options(), opened)


def write(folder: Path, reads: str, loads: str = "''") -> Path:
    path = folder / "code/mine.py"
    path.write_text(PLUG_IN.replace("{reads}", reads).replace("{loads}", loads))
    return path


def export(folder: Path, path: Path) -> RunReport:
    registry = Registry.default()
    output = config_file.output_request(str(path), registry, {})
    job = Job(
        sources=(str(folder / "mira.xml"),), outputs=(output,), out=folder / "out",
        cache=folder / "cache", name="x",
    )  # fmt: skip
    return driver.run(job, registry)


@pytest.mark.parametrize("kind", SEEN)
def test_a_change_of_what_is_read_makes_the_output_anew(kind: str, made: Path) -> None:
    loading = kind == "while it is loaded"
    path = write(made, "" if loading else SEEN[kind], SEEN[kind] if loading else "''")
    assert [export(made, path).units[0].why for _ in range(2)] == ["new", ""]
    (made / "code/x").write_text("# two")
    (made / "code/none").touch()
    (made / "code/folder/new").touch()
    for why in ("a file that its code opens changed", ""):
        assert export(made, path).units[0].why == why


@pytest.mark.parametrize("kind", UNSEEN)
def test_what_is_its_own_or_counts_otherwise_does_not(kind: str, made: Path) -> None:
    path = write(made, UNSEEN[kind])
    report = export(made, path)
    assert report.units[0].status == "made", report.problems
    (unit,) = load_manifest(made / "out").outputs[0].units
    assert [each.path for each in unit.opened] == ["mine.py"]


def test_the_file_counts_whose_exporter_is_of_a_class_of_another(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(made, "words += self.word").rename(made / "code/mine_of_class.py")
    monkeypatch.syspath_prepend(made / "code")
    path = made / "code/other.py"
    for word, why in (("one", "new"), ("two", "a file that its code opens changed")):
        path.write_text(
            f"from mine_of_class import Mine\nEXPORTER = Mine()\nEXPORTER.word = {word!r}\n"
        )
        assert export(made, path).units[0].why == why
        assert (made / "out/x.txt").read_text() == word


def test_a_worker_tells_of_it_and_both_may_move(made: Path) -> None:
    path = write(made, "words += text('../code/x')", "text('x')")
    words = ("export", "../mira.xml", "--to", "./mine.py", "--name", "x", "--cache", "../cache")

    def why() -> str:
        ended = command(*words, "--out", "../out", "-n", "--explain", cwd=path.parent)
        return ended.out.decode().strip().rpartition("\t")[2]

    assert command(*words, "--out", "../out", cwd=path.parent).code == 0
    (unit,) = load_manifest(made / "out").outputs[0].units
    assert [each.path for each in unit.opened] == ["mine.py", "x"]
    shutil.copytree(made, made / "moved")
    path = made / "moved/code/mine.py"
    assert why() == "nothing changed"
    (made / "moved/code/x").write_text("# two")
    assert why() == "a file that its code opens changed"
