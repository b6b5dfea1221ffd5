"""Real faults as a user meets them: exit codes, what is said, and the old output whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from running import ROOT, SALTMARSH, command, tree

from convert.output.holding import hold
from convert.run import report

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="POSIX signals and limits"),
    pytest.mark.judge,
]

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


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    folder = tmp_path_factory.mktemp("first") / "out"
    assert command("export", SALTMARSH, "--to", "atom", "--out", folder, "--cache", cache).code == 0
    return folder


@pytest.fixture
def out(tmp_path: Path, first: Path) -> Path:
    """An output folder with an Atom feed in it."""
    return shutil.copytree(first, tmp_path / "out")


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted_stops_at_once_and_leaves_the_old_output(
    out: Path, tmp_path: Path, cache: Path, how: signal.Signals, code: int, jobs: str
) -> None:
    before, private = tree(out), sorted(out.glob(".thicket-convert*"))
    exporter, mark = tmp_path / "slow.py", tmp_path / "mark"
    exporter.write_text(SLOW_EXPORTER)
    running = subprocess.Popen(
        [
            *(sys.executable, "-m", "convert", "export", SALTMARSH, "--to", f"atom,{exporter}"),
            *("--title", "Other", "--out", out, "--cache", cache, "--jobs", jobs),
            *("--report", tmp_path / "report.json"),
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
    ended = report.decode((tmp_path / "report.json").read_bytes())
    assert (ended.exit_code, ended.error, ended.read) == (code, "interrupted", 16)
    assert "Traceback" not in said
    assert tree(out) == before
    assert sorted(out.glob(".thicket-convert*")) == private


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


ENDINGS = {
    "sys.exit(0)": "its exporter raised SystemExit: 0; the fault is in its code",
    "raise BaseException('x')": "its exporter raised BaseException: x; the fault is in its code",
    "raise KeyboardInterrupt": "its exporter raised KeyboardInterrupt:; the fault is in its code",
    "raise Interrupted(130)": "its exporter raised Interrupted: 130; the fault is in its code",
    "raise Silent": "its exporter raised Silent; the fault is in its code",
    "raise MemoryError": "needs more memory than there is",
    "os._exit(0)": "its exporter ended its worker process (exit code 0)",
    "os._exit(1)": "its exporter ended its worker process (exit code 1)",
    "os.kill(os.getpid(), 9)": "its exporter ended its worker process (SIGKILL), perhaps for want",
    "os.abort()": "its exporter ended its worker process (SIGABRT)",
    "os.kill(os.getpid(), 15)": "its exporter ended its worker process (SIGTERM)",
    "os.closerange(3, 1000); sys.exit(0)": "its exporter ended its worker process",
    "threading.Thread(target=os._exit, args=(0,)).start(); time.sleep(60)": "(exit code 0)",
    "os.fork() or time.sleep(60); os._exit(0)": "its exporter ended its worker process",
    "os.closerange(3, 256); time.sleep(1000)": "worker process (it closed the pipe to it)",
    "context.warn(1)": "exporter 'mine15': context.warn: takes a Problem, not int",
    "context.warn(Problem(path=1, reason='x'))": "exporter 'mine16': context.warn: Validation",
}
"""How an exporter may end, and what its line says."""
HARMLESS = (
    "threading.Thread(target=sys.exit).start()",
    "threading.Thread(target=print, args=(1 , 2), kwargs={'sep': 3}).start()",
    "threading.Thread(target=time.sleep, args=(60,)).start()",
    "open('pid', 'w').write(str(subprocess.Popen(['sleep', '60']).pid))",
    "print('not in the document', flush=True); os.write(1, b'nor this')",
    "os.chdir('/'); os.umask(0o777); os.environ.clear(); signal.signal(15, signal.SIG_IGN)",
    "sys.setrecursionlimit(50_000); locale.setlocale(locale.LC_ALL, 'C'); sys.stdout.close()",
)
"""What an exporter may do and still give its file."""
ENDLESS = (
    "while True: pass",
    "time.sleep(3600)",
    "yield from (0 for _ in itertools.count() if False)",
    "while True:\n            try: time.sleep(0.01)\n            except BaseException: pass",
    "re.match('(a+)+$', 'a' * 60 + 'b')",
    "os.kill(os.getpid(), signal.SIGSTOP)",
)


def plug_ins(folder: Path, statements: Iterable[str], *, close: bool = False) -> list[Path]:
    """An exporter in a file for each statement, that it runs before it gives its file; with
    ``close`` it gives one twice, and runs the statement when it is told to stop."""
    paths = []
    for at, statement in enumerate(statements):
        body = f"        {statement}\n        yield OutputFile(path=context.path, content=b'x')\n"
        if close:
            give = "yield OutputFile(path=context.path, content=b'x')"
            body = f"        try:\n            {give}\n            {give}\n"
            body += f"        finally:\n            {statement}\n"
        paths.append(folder / f"mine{at}.py")
        paths[-1].write_text(
            "import itertools, locale, os, re, signal, subprocess, sys, threading, time\n"
            "from convert.contract import ExporterOptions, OutputFile\n"
            "from convert.errors import Interrupted\n"
            "from convert.model import Problem\n"
            "class Silent(Exception):\n"
            "    def __str__(self): raise ValueError\n"
            "class Mine:\n"
            f"    name, summary, media_type, Options = 'mine{at}', 'x', 'a/b', ExporterOptions\n"
            f"    def suffix(self, options): return '.mine{at}'\n"
            "    def unavailable(self): return None\n"
            "    def export(self, entries, context):\n"
            f"{body}"
            "EXPORTER = Mine()\n"
        )
    return paths


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exporter_that_ends_its_process_fails_alone(
    tmp_path: Path, cache: Path, jobs: int
) -> None:
    mine = plug_ins(tmp_path, ENDINGS)
    to = ",".join(map(str, ["atom", *mine, "jsonfeed"]))
    start = time.monotonic()
    done = command(
        *("export", SALTMARSH, "--to", to, "--jobs", jobs, "--out", "out", "--cache", cache),
        cwd=tmp_path,
    )
    assert done.code == 1, done.err
    assert time.monotonic() - start < 300  # and none waits for its time limit
    assert "Traceback" not in done.err
    lines = done.err.splitlines()
    for at, line in enumerate(ENDINGS.values()):
        (reported,) = (each for each in lines if each.startswith(f"failed: saltmarsh.mine{at}: "))
        assert line in reported
    assert set(tree(tmp_path / "out")) == {"saltmarsh.atom", "saltmarsh.json"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_an_exporter_changes_in_its_process_goes_with_it(
    tmp_path: Path, cache: Path, jobs: int
) -> None:
    mine = plug_ins(tmp_path, HARMLESS)
    to = ",".join(map(str, ["atom", *mine, "jsonfeed"]))
    done = command(
        *("export", SALTMARSH, "--to", to, "--jobs", jobs, "--out", "out", "--cache", cache),
        cwd=tmp_path,
    )
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert done.out == b""
    out = tmp_path / "out"
    assert len(tree(out)) == len(HARMLESS) + 2
    assert {path.stat().st_mode for path in out.glob("saltmarsh.*")} == {
        (out / "saltmarsh.atom").stat().st_mode
    }
    # What an exporter started ends with its worker (Z: nobody has looked at its end yet).
    started = Path("/proc", (tmp_path / "pid").read_text(), "stat")
    assert not started.exists() or started.read_text().rpartition(")")[2].split()[0] in "ZX"


@pytest.mark.parametrize(
    ("jobs", "statements"),
    [
        (2, ENDLESS[:2]),
        pytest.param(1, ENDLESS, marks=pytest.mark.slow),
        pytest.param(2, ENDLESS, marks=pytest.mark.slow),
    ],
)
def test_an_exporter_that_never_ends_is_ended(
    tmp_path: Path, cache: Path, jobs: int, statements: tuple[str, ...]
) -> None:
    mine = plug_ins(tmp_path, statements)
    to = ",".join(map(str, ["atom", *mine, "jsonfeed"]))
    done = command(
        *("export", SALTMARSH, "--to", to, "--jobs", jobs, "--out", "out", "--cache", cache),
        *("--timeout", "2"),
        cwd=tmp_path,
    )
    assert done.code == 1, done.err
    assert done.err.count("took more than 2 seconds; allow more with --timeout") == len(statements)
    assert set(tree(tmp_path / "out")) == {"saltmarsh.atom", "saltmarsh.json"}


def test_an_exporter_that_ends_its_process_when_it_is_stopped(tmp_path: Path, cache: Path) -> None:
    mine = plug_ins(tmp_path, ["os._exit(0)", "sys.exit(0)", "raise ValueError"], close=True)
    to = ",".join(map(str, ["atom", *mine]))
    done = command(*("export", SALTMARSH, "--to", to, "--out", tmp_path / "out", "--cache", cache))
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "saltmarsh.mine0: its exporter ended its worker process (exit code 0)" in done.err
    assert f"saltmarsh.mine1: {mine[1]}: its exporter raised SystemExit: 0; the fault" in done.err
    assert f"saltmarsh.mine2: {mine[2]}: its exporter raised ValueError:; the fault" in done.err
    assert set(tree(tmp_path / "out")) == {"saltmarsh.atom"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_an_exporter_returns_instead_of_files_is_named(
    tmp_path: Path, cache: Path, jobs: int
) -> None:
    returned = {
        "None": "returns NoneType, not files",
        "7": "returns int, not files",
        "['x']": "raised AttributeError: 'str' object has no attribute 'path'; the fault is in",
        "'x'": "raised AttributeError: 'str' object has no attribute 'path'; the fault is in",
        "[None]": "raised AttributeError: 'NoneType' object has no attribute 'path'; the fault is",
    }
    mine = plug_ins(tmp_path, ["pass"] * len(returned))
    for path, value in zip(mine, returned, strict=True):
        lines = path.read_text().splitlines()
        lines[-2] = f"        return {value}"
        path.write_text("\n".join(lines))
    to = ",".join(map(str, ["atom", *mine]))
    ways = ("--jobs", jobs, "--out", tmp_path / "out", "--cache", cache)
    done = command("export", SALTMARSH, "--to", to, *ways)
    assert done.code == 1
    for path, words in zip(mine, returned.values(), strict=True):
        assert f"saltmarsh.{path.stem}: {path}: its exporter {words}" in done.err
    assert "internal error" not in done.err
    assert set(tree(tmp_path / "out")) == {"saltmarsh.atom"}


def test_a_plug_in_that_ends_the_process_is_a_sentence(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("import sys; sys.exit(0)")
    done = command("export", SALTMARSH, "--to", mine, "--out", tmp_path / "out")
    assert done.code != 0
    assert f"{mine}: does not load: SystemExit" in done.err


def without(folder: Path, what: str) -> list[str]:
    """The beginning of a command line that runs Python without a thing of the system."""
    if what == "/dev/shm":
        mount = 'mount -t tmpfs -o ro,size=4k none /dev/shm && exec "$@"'
        start = ["unshare", "--mount", "sh", "-c", mount, "sh", sys.executable]
        probe = f"open({str(folder / 'probe')!r}, 'w'); open('/dev/shm/probe', 'w')"
        tried = subprocess.run([*start, "-c", probe], capture_output=True, text=True, check=False)
        if "Read-only file system" not in tried.stderr:
            pytest.skip("mounting is not allowed here")
        return [*start, "-m", "convert"]
    fault = {
        "semaphores": "import _multiprocessing\nclass S:\n    SEM_VALUE_MAX = 1\n"
        "    def __init__(self, *_): raise OSError(38, 'Function not implemented')\n"
        "_multiprocessing.SemLock = S\n",
        "processes": "def fork(): raise OSError(11, 'Resource temporarily unavailable')\n"
        "os.fork = fork\n",
    }[what]
    script = folder / "start.py"
    script.write_text(
        f"import os, runpy, sys\n{fault}sys.argv[0] = 'thicket-convert'\n"
        "runpy.run_module('convert', run_name='__main__')\n"
    )
    return [sys.executable, str(script)]


@pytest.mark.parametrize("what", ["/dev/shm", "semaphores", "processes"])
def test_a_machine_that_lacks_something_makes_the_same(
    out: Path, tmp_path: Path, what: str
) -> None:
    endless, leaving = plug_ins(tmp_path, [ENDLESS[1], "os.chdir('/')"])
    done = subprocess.run(
        [
            *without(tmp_path, what),
            *("export", SALTMARSH, "--to", f"{leaving},atom,{endless}", "--jobs", "2"),
            *("--out", tmp_path / "again", "--cache", tmp_path / "new", "--timeout", "3"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "took more than 3 seconds" in done.stderr
    assert ("warning: jobs: no worker process can be started" in done.stderr) == (
        what == "processes"
    )
    assert tree(tmp_path / "again") == {**tree(out), "saltmarsh.mine1": b"x"}


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("os._exit(0)", "EXPORTER = Mine()"),
        ("os.abort()", "class Mine"),
        ("os._exit(0)", "    def suffix(self, options): return '.mine0'"),
        ("os.kill(os.getpid(), 9)", "    def unavailable(self): return None"),
    ],
)
def test_a_plug_in_that_ends_the_process_before_it_is_needed_is_a_sentence(
    tmp_path: Path, statement: str, place: str
) -> None:
    (mine,) = plug_ins(tmp_path, ["pass"])
    method, colon, rest = place.partition("): ")
    ending = f"{method}{colon}{statement};{rest}" if colon else f"{statement}\n{place}"
    assert mine.read_text().count(place) == 1
    mine.write_text(mine.read_text().replace(place, ending))
    done = command("export", SALTMARSH, "--to", f"atom,{mine}", "--out", tmp_path / "out")
    assert done.code == 3
    assert f"{mine}: loading it ended its worker process (" in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()


STRAY = "print('not in the document', flush=True); os.write(1, b'nor this'); os.chdir('/')"
"""What code in the main process may do in passing."""
OUTSIDE = {
    "name = property(lambda self: sys.exit(0))": "name: SystemExit: 0",
    "summary = 1": "summary: is int, not text",
    "media_type = property(lambda self: 1 // 0)": "media_type: ZeroDivisionError",
    "Options = dict": "Options: is no subclass of ExporterOptions",
    "Options = type('O', (ExporterOptions,), {'check': lambda self: sys.exit(0)}, frozen=True)": (
        "Options: SystemExit: 0"
    ),
    "Options = type('O', (ExporterOptions,), {'__post_init__': lambda self: sys.exit(0)},"
    " frozen=True)": "Options: SystemExit: 0",
    "def suffix(self, options): raise UsageError('x')": "suffix: UsageError: x",
    "def suffix(self, options): sys.exit(0)": "suffix: SystemExit: 0",
    "def suffix(self, options): return None": "suffix: returns NoneType, not text",
    "def suffix(self, options): return '/../../x'": "suffix: output path",
}
"""What an exporter may be outside of its worker, and what its line says of which part."""


@pytest.mark.parametrize("member", OUTSIDE)
def test_what_an_exporter_does_in_the_main_process_is_never_a_success(
    tmp_path: Path, member: str
) -> None:
    (mine,) = plug_ins(tmp_path, ["pass"])
    text = mine.read_text().replace("import Interrupted", "import Interrupted, UsageError")
    mine.write_text(text.replace("EXPORTER =", f"    {member}\nEXPORTER ="))
    done = command("export", SALTMARSH, "--to", f"atom,{mine}", "--out", tmp_path / "out")
    assert done.code == 3, done.err
    line = done.err.splitlines()[-1]
    assert "mine" in line
    assert OUTSIDE[member] in line
    assert not (tmp_path / "out").exists()


def test_a_word_that_an_exporter_refuses_is_a_usage_error(tmp_path: Path) -> None:
    (mine,) = plug_ins(tmp_path, ["pass"])
    check = "def check(self): raise UsageError('order: not this; another')"
    text = mine.read_text().replace("import Interrupted", "import Interrupted, UsageError")
    kind = f"class O(ExporterOptions, frozen=True):\n    {check}\n"
    text = text.replace("class Mine", f"{kind}class Mine").replace("b', ExporterOptions", "b', O")
    mine.write_text(text)
    done = command("export", SALTMARSH, "--to", mine, "--out", tmp_path / "out")
    assert done.code == 2
    assert "mine0.order: not this; another" in done.err


@pytest.mark.parametrize(
    "place",
    ["EXPORTER = Mine()", "return '.mine0'", "return None"],
)
def test_what_an_exporter_does_in_passing_touches_no_document_and_no_path(
    tmp_path: Path, cache: Path, place: str
) -> None:
    (mine,) = plug_ins(tmp_path, ["pass"])
    mine.write_text(mine.read_text().replace(place, f"{STRAY}; {place}"))
    arguments = ("export", SALTMARSH, "--to", "./mine0.py", "--cache", cache)
    ours = {"PYTHONPATH": str(ROOT)}
    assert command(*arguments, "-o", "-", cwd=tmp_path, environment=ours).out == b"x"
    assert command(*arguments, "--out", "out", cwd=tmp_path, environment=ours).code == 0
    assert tree(tmp_path / "out") == {"saltmarsh.mine0": b"x"}
