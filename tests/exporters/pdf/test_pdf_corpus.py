"""All real entries of the shared corpus, printed."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pdf_boxes import outside
from pdf_samples import Printed, lost

import convert
from convert.collection.volumes import cut
from convert.exporters.pdf.page import PAGES
from convert.model import Entry
from convert.text.names import anchor

pytestmark = [pytest.mark.corpus, pytest.mark.slow]


@pytest.fixture(scope="module")
def printed(planet_a: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the printed volumes."""
    folder = tmp_path_factory.mktemp("printed") / "books"
    options = ("--to", "pdf", "-O", "pdf.volumes=year", "--offline", "--jobs", "2", "--quiet")
    cache, report = folder.parent / "cache", folder / "report.json"
    files = ("--out", folder, "--cache", cache, "--report", report)
    run = subprocess.run(
        [sys.executable, "-m", "convert", "export", str(planet_a), *options, *map(str, files)],
        check=False,
    )
    assert run.returncode == 0
    return folder


def test_every_word_of_every_entry_is_printed(planet_a: Path, printed: Path) -> None:
    newest_first = convert.prepare(convert.read(planet_a, cache=printed.parent / "cache"))
    whole = dataclasses.replace(newest_first, entries=newest_first.entries[::-1])
    assert len(whole) == 1233
    missing = {
        each.key: words
        for volume in cut(whole, "year")
        for each, words in _lost_of(volume, printed)
        if words
    }
    assert missing == {}


def _lost_of(volume: convert.EntrySet, folder: Path) -> Iterator[tuple[Entry, list[str]]]:
    assert volume.volume is not None
    (path,) = folder.glob(f"*-{volume.volume.label}.pdf")
    book = Printed(path.read_bytes())
    following = [*(anchor(entry.key) for entry in volume.entries[1:]), None]
    for (entry, content), after in zip(volume.contents(), following, strict=True):
        if "<math" in content.xhtml or "<svg" in content.xhtml:
            continue  # drawn, with the words as the drawing's description
        pages = book.text_between(anchor(entry.key), after)
        yield entry, lost(content.text, pages)


def test_nothing_leaves_the_page(printed: Path) -> None:
    found = {path.name: outside(path.read_bytes(), PAGES["a4"]) for path in printed.glob("*.pdf")}
    assert {name: lines[:5] for name, lines in found.items() if lines} == {}


def test_every_volume_is_sound(printed: Path) -> None:
    for path in sorted(printed.glob("*.pdf")):
        run = subprocess.run(
            ["qpdf", "--check", str(path)], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, f"{path.name}: {run.stdout}{run.stderr}"


def test_contents_and_indexes_have_the_right_pages(printed: Path) -> None:
    for path in sorted(printed.glob("*-[0-9]*.pdf")):
        book = Printed(path.read_bytes())
        first = min(book.destinations.values())
        for number, page in enumerate(book.pages[: first - 1], start=1):
            targets = [str(link.Dest) for at, link in book.links() if at == number]
            told = [int(found) for found in re.findall(r"(?:\.|\s)\s+(\d+)$", page, re.MULTILINE)]
            expected = {book.destinations[target] for target in targets}
            assert expected <= {*told}, f"{path.name} page {number}"


def test_nothing_had_to_be_simplified(printed: Path) -> None:
    problems = json.loads((printed / "report.json").read_text(encoding="utf-8"))["problems"]
    assert [each for each in problems if "laid out" in each["reason"]] == []
