"""A cache that is full, read-only or damaged, as a user meets it: the outputs are those of a
healthy one, whatever befalls any part of it."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from running import COLUMNS, Ended, tree
from server import LOOPBACK, Server, reply

import convert
from convert.cache.folder import cache_folder
from convert.model import Problem

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def web() -> Iterator[Server]:
    """Pictures, and a feed of one more."""
    with Server() as server:
        for at in range(4):
            noise = hashlib.shake_256(bytes([at])).digest(3 * 40 * 40)
            out = io.BytesIO()
            Image.frombytes("RGB", (40, 40), noise).resize((160, 160)).save(out, "WEBP")
            server[f"/{at}.webp"] = reply(out.getvalue(), "image/webp")
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Away",
            "feed_url": server.address("/feed.json"),
            "items": [
                {
                    "id": "urn:away",
                    "title": "From away",
                    "date_published": "2024-05-06T00:00:00Z",
                    "authors": [{"name": "Bob"}],
                    "content_html": f'<p>Hello <img src="{server.address("/3.webp")}" alt="w"></p>',
                }
            ],
        }
        server["/feed.json"] = reply(json.dumps(feed).encode(), "application/feed+json")
        yield server


@pytest.fixture(scope="module")
def repository(web: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Thicket repository whose entries show the pictures."""
    folder = tmp_path_factory.mktemp("repository")
    user = {"username": "ann", "name": "Ann", "feed_url": "https://ann.example/feed"}
    (folder / "index.json").write_text(json.dumps({"users": {"ann": user}}))
    (folder / "ann").mkdir()
    for at in range(12):
        picture = web.address(f"/{at % 3}.webp")
        entry = {
            "id": f"urn:{at}",
            "title": f"Entry {at}",
            "updated": f"2024-05-{at + 1:02}T00:00:00Z",
            "content": f"<p>{'word ' * 300}</p><img src='{picture}' alt='p'>",
        }
        (folder / "ann" / f"{at}.json").write_text(json.dumps(entry))
    return folder


def arguments(repository: Path, web: Server, out: Path, cache: Path) -> list[str]:
    networks = [part for each in LOOPBACK for part in ("--allow-network", each)]
    return [
        *("export", str(repository), web.address("/feed.json"), "--to", "atom,markdown"),
        *("--out", str(out), "--cache", str(cache), "-O", "markdown.images=embed", *networks),
    ]


def command(*words: str, **options: object) -> Ended:
    done = subprocess.run(
        [*words],
        capture_output=True,
        check=False,
        timeout=100,
        cwd=ROOT,
        # What measures the tests' coverage has no room to write its figures either.
        env={name: each for name, each in os.environ.items() if "COVERAGE" not in name} | COLUMNS,
        **options,  # type: ignore[call-overload]
    )
    return Ended(done.returncode, done.stdout, done.stderr.decode())


@pytest.fixture(scope="module")
def healthy(
    repository: Path, web: Server, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("healthy")
    words = arguments(repository, web, folder / "out", folder / "cache")
    ended = command(sys.executable, "-m", "convert", *words)
    assert (ended.code, "cache" in ended.err) == (0, False), ended.err
    made = tree(folder / "out")
    assert len(made) > 16
    assert {each.name for each in (folder / "cache").iterdir()} >= {
        *("fetched-1", "originals-1", "examined-1", "renditions-1", "prepared-1.sqlite")
    }
    return made


@pytest.mark.parametrize(
    "fault",
    [
        "size=64k",
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in ("size=300k", "size=4m,nr_inodes=9", "size=4m,ro")
        ),
    ],
)
def test_a_disk_that_takes_no_more_costs_the_cache(
    fault: str, repository: Path, web: Server, healthy: dict[str, bytes], tmp_path: Path
) -> None:
    """A real file system, mounted in a name space of our own."""
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(tmp_path)],
            check=False,
            capture_output=True,
        ).returncode
    ):
        pytest.skip("no file system can be mounted here")
    cache = tmp_path / "cache"
    cache.mkdir()
    script = f'mount -t tmpfs -o {fault} none "{cache}" && exec "$@"'
    words = arguments(repository, web, tmp_path / "out", cache)
    python = (sys.executable, "-m", "convert")
    ended = command("unshare", "-rm", "sh", "-c", script, "sh", *python, *words)
    assert ended.code == 0, ended.err
    assert tree(tmp_path / "out") == healthy
    assert "Traceback" not in ended.err
    # What only workers could not remember, nobody misses.
    warnings = (0, 1) if fault == "size=300k" else (1,)
    assert ended.err.count(f"{cache}: cache: ") in warnings, ended.err


@pytest.mark.slow
def test_a_cache_that_may_only_be_read_is_read(
    repository: Path, web: Server, healthy: dict[str, bytes], tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "convert"]
    if os.getuid() == 0:
        # Root may write everywhere until these are taken away.
        without = "-dac_override,-dac_read_search,-fowner"
        words = ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}", *words]
        if shutil.which("setpriv") is None or command(words[0], *words[1:3], "true").code:
            pytest.skip("no rights can be taken away here")
    words += arguments(repository, web, tmp_path / "out", tmp_path / "cache")
    assert command(*words).code == 0
    shutil.rmtree(tmp_path / "out")
    folders = [tmp_path / "cache", *(each for each in (tmp_path / "cache").rglob("*/"))]
    for folder in folders:
        folder.chmod(0o555)
    before = len(web.seen)
    try:
        ended = command(*words)
        offline = command(*words, "--offline", "--overwrite")
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert ended.code == 0, ended.err
    assert tree(tmp_path / "out") == healthy
    assert ended.err.count(": cache: cannot be written (Permission denied)") == 1, ended.err
    assert (offline.code, tree(tmp_path / "out")) == (0, healthy), offline.err
    assert len(web.seen) == before + 5


def test_where_nothing_takes_it_one_line_says_so(
    repository: Path, web: Server, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))

    words = arguments(repository, web, tmp_path / "out", tmp_path / "cache")
    ended = command(sys.executable, "-m", "convert", *words, preexec_fn=limited)
    assert ended.code == 3, ended.err
    assert "Traceback" not in ended.err
    (line,) = [line for line in ended.err.splitlines() if "name another folder" in line]
    assert "TMPDIR" in line
    assert not (tmp_path / "out").exists() or not tree(tmp_path / "out")


def made(
    repository: Path, web: Server, out: Path, cache: Path, problems: list[Problem]
) -> dict[str, bytes]:
    collection = convert.read(
        *(repository, web.address("/feed.json")),
        allow_network=LOOPBACK,
        cache=cache,
        warn=problems.append,
    )
    entries = convert.prepare(collection)
    convert.convert(entries, "atom", out=out)
    convert.convert(entries, "markdown", out=out, images="embed")
    return tree(out)


Damage = Callable[[Path, random.Random], object]


def _overwritten(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    content[at : at + 30] = chance.randbytes(30)
    path.write_bytes(content)


def _linked(path: Path, _: random.Random) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def _folder(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()
    (path / "x").touch()


def _fifo(path: Path, _: random.Random) -> None:
    path.unlink()
    os.mkfifo(path)


def _swapped(path: Path, chance: random.Random) -> None:
    others = [each for each in path.parent.parent.rglob("*") if each.is_file()]
    path.write_bytes(chance.choice(others).read_bytes())


DAMAGES: tuple[Damage, ...] = (
    lambda path, chance: os.truncate(path, chance.randrange(path.stat().st_size)),
    lambda path, _: path.write_bytes(b""),
    lambda path, _: path.write_bytes(bytes(path.stat().st_size)),
    lambda path, chance: path.write_bytes(chance.randbytes(path.stat().st_size)),
    lambda path, chance: path.write_bytes(chance.randbytes(5000)),
    lambda path, _: path.chmod(0),
    _overwritten,
    _linked,
    _folder,
    _fifo,
    _swapped,
)


@pytest.fixture(scope="module")
def warm(
    repository: Path, web: Server, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], Path]:
    folder = tmp_path_factory.mktemp("warm")
    return made(repository, web, folder / "out", folder / "cache", []), folder / "cache"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(n, marks=pytest.mark.slow) for n in range(8, 60))]
)
def test_damage_anywhere_changes_no_output(
    seed: int,
    repository: Path,
    web: Server,
    warm: tuple[dict[str, bytes], Path],
    tmp_path: Path,
) -> None:
    cold, cache = warm
    shutil.copytree(cache, tmp_path / "cache")
    chance = random.Random(seed)
    files = sorted(path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    for path in chance.sample(files, chance.choice((1, 4, len(files)))):
        chance.choice(DAMAGES)(path, chance)
    problems: list[Problem] = []
    start = time.monotonic()
    assert made(repository, web, tmp_path / "out", tmp_path / "cache", problems) == cold
    assert time.monotonic() - start < 10
    assert {problem.severity for problem in problems} <= {"warning"}
    assert [problem.field for problem in problems] in ([], ["cache"])


YEAR = 365.25 * 86400


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0, -56),
        (73, 0),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in ((0, 73), (-56, 0), (73, -56))),
    ],
)
def test_a_clock_that_jumps_changes_no_output(
    before: int,
    after: int,
    repository: Path,
    web: Server,
    warm: tuple[dict[str, bytes], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cold, _ = warm
    real, problems = time.time, list[Problem]()
    for years in (before, after, after):
        monkeypatch.setattr(time, "time", lambda years=years: real() + years * YEAR)
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        assert made(repository, web, tmp_path / "out", tmp_path / "cache", problems) == cold
    assert problems == []


def test_the_private_folder_of_a_killed_run_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "thicket-convert-mine").mkdir()

    def killed() -> None:
        cache = cache_folder(tmp_path / "cache", print)
        assert cache.private is not None
        (cache.private / "x").write_text("x")
        os.kill(os.getpid(), signal.SIGKILL)

    alive = cache_folder(tmp_path / "cache", print)
    process = multiprocessing.get_context("fork").Process(target=killed)
    process.start()
    process.join()
    assert len([*tmp_path.glob("thicket-convert-*/lock")]) == 2
    again = cache_folder(tmp_path / "cache", print)
    there = {*tmp_path.glob("thicket-convert-*")}
    assert there == {alive.private, again.private, tmp_path / "thicket-convert-mine"}
