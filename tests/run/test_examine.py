"""Decoders that crash, hang or take the memory, in the processes where pictures are examined."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import resource
import sys
import zipfile
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from running import command

from convert.cache.files import Shelf
from convert.cache.folder import CacheFolder
from convert.model import Problem
from convert.run import examine
from convert.run.examine import MEMORY, examine_all
from convert.run.limit import memory
from convert.run.pool import Pool

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or multiprocessing.get_start_method() == "spawn",
    reason="the decoder is brought by a copy of this process",
)

DECODER = '''
import faulthandler, os
from PIL import BmpImagePlugin, Image

def opened(file, name):
    """Decode a BMP, or do what stands behind its end."""
    order = file.getvalue().rpartition(b"\\n")[2]
    if order == b"abort":
        faulthandler.disable()  # a test's own would tell of it
        os.abort()
    if order == b"exit":
        os._exit(0)
    while order == b"hang":
        pass
    pieces = []
    while order == b"memory":
        pieces.append(bytes(200_000_000))
    return BmpImagePlugin.BmpImageFile(file, name)

Image.preinit()
Image.OPEN["BMP"] = (opened, Image.OPEN["BMP"][1])
'''
REASONS = {
    "abort": "ended the process that decoded it (SIGABRT)",
    "exit": "ended the process that decoded it (exit code 0)",
    "memory": "needs more memory than a picture may take",
    "hang": "took more than 1 seconds to decode",
    "": "",
}


def bmp(number: int, order: str = "") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (number, number, number)).save(out, "BMP")
    return out.getvalue() + f"\n{order}".encode()


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's decoder of BMP has the faults of this test."""
    Image.preinit()
    monkeypatch.setitem(Image.OPEN, "BMP", Image.OPEN["BMP"])
    exec(DECODER, {})


@pytest.mark.usefixtures("decoder")
@pytest.mark.parametrize("fault", ["abort", "exit", "memory", "hang"])
def test_a_picture_that_its_decoder_does_not_survive_costs_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(examine, "SECONDS", 1.0 if fault == "hang" else 60.0)
    monkeypatch.setattr(examine, "MEMORY", 100_000_000)
    cache, problems = CacheFolder(tmp_path), list[Problem]()
    orders = ["", fault, *[""] * (1 if fault == "hang" else 30)]
    pictures = [bmp(number, order) for number, order in enumerate(orders)]
    digests = [hashlib.sha256(each).hexdigest() for each in pictures]
    for digest, content in zip(digests, pictures, strict=True):
        Shelf(cache, "originals-1").put(digest, content)
    verdicts = examine_all(cache, digests, workers=2, warn=problems.append)
    assert [each.reason for each in verdicts] == [REASONS[order] for order in orders]
    # It is tried again in the next run, with more memory or a better decoder.
    assert [each.passing for each in verdicts] == [bool(order) for order in orders]
    assert problems == []


def test_a_worker_may_take_so_much_for_pictures_and_this_process_is_as_it_was() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with Pool(1) as pool:
        beside = pool.submit(partial(_allowed, MEMORY), seconds=60)()
    assert abs(beside - MEMORY) < 50_000_000
    with memory(MEMORY):
        assert resource.getrlimit(resource.RLIMIT_DATA)[0] > MEMORY
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_the_run_goes_on_without_the_picture(tmp_path: Path, jobs: str) -> None:
    brought = tmp_path / "brought"
    brought.mkdir()
    (brought / "sitecustomize.py").write_text(DECODER)
    user = tmp_path / "repository" / "ann"
    user.mkdir(parents=True)
    (user.parent / "index.json").write_text(json.dumps({"users": {"ann": {"username": "ann"}}}))
    for number, order in enumerate(["", "abort", "memory", ""]):
        (user / f"{number}.bmp").write_bytes(bmp(number, order))
        entry = {
            "id": f"https://ann.example/{number}",
            "title": f"Entry {number}",
            "updated": f"2024-05-0{number + 1}T00:00:00",
            "content": f'<p>Seen <img src="{number}.bmp" alt="from above"/></p>',
        }
        (user / f"{number}.json").write_text(json.dumps(entry))
    ended = command(
        *("export", user.parent, "--to", "epub", "--name", "book", "--jobs", jobs),
        *("--out", tmp_path / "out", "--cache", tmp_path / "cache"),
        environment={"PYTHONPATH": os.pathsep.join([str(brought), *sys.path])},
    )
    assert ended.code == 0
    assert [line for line in ended.err.splitlines() if "bmp" in line] == [
        f"warning: ann/{number}.json: image: {number}.bmp {REASONS[order]};"
        " where an output is made anew, its alt text and a link stand in"
        for number, order in ((1, "abort"), (2, "memory"))
    ]
    with zipfile.ZipFile(tmp_path / "out" / "book.epub") as book:
        pictures = [name for name in book.namelist() if name.endswith(".png")]
    assert len(pictures) == 2


def _allowed(most: int) -> int:
    """The most beside what this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    with memory(most):
        return resource.getrlimit(resource.RLIMIT_DATA)[0] - pages * resource.getpagesize()
