"""Measures thicket-convert and, in the same run, what one would use instead.

    python benchmarks/bench.py [--quick] [--scale 1000,10000,100000] [--only NAME]

Prints a table; with --write, docs/performance.md and docs/images/scale.png are made from it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

import peers
import plotting
from corpus import ROOT, made_up, planet
from measuring import Measured, measure

FORMATS = ("atom", "rss", "jsonfeed", "opml", "csl", "markdown", "epub", "pdf")
OURS = [sys.executable, "-m", "convert"]
Row = tuple[str, Measured]


def main() -> None:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no PDF, no other tools, no scale")
    parser.add_argument("--scale", default="1000,10000,100000", help="numbers of entries")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    asked = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="thicket-bench-") as name:
        folder = Path(name)
        store = planet(folder) or made_up(folder / "made-up", 1233)
        for row, run in plan(store, folder, quick=asked.quick):
            if asked.only in row:
                rows.append((row, run()))
                print(line(*rows[-1]), flush=True)
        sizes = [] if asked.quick or asked.only else [int(n) for n in asked.scale.split(",")]
        scale = [(size, scaled(folder, size)) for size in sizes]
        for size, found in scale:
            print(line(f"{size:,} entries: atom, markdown", found), flush=True)
    if asked.write:
        plotting.scale(scale, ROOT / "docs" / "images" / "scale.png")
        page(rows, scale, store.name)


def plan(store: Path, folder: Path, *, quick: bool) -> Iterator[tuple[str, Callable[[], Measured]]]:
    """Every row: its name, and what to measure."""
    formats = [name for name in FORMATS if not (quick and name == "pdf")]
    yield "read and prepare, cold", lambda: check(store, fresh(folder))
    warm = fresh(folder)
    yield "read and prepare, warm", lambda: (check(store, warm), check(store, warm))[1]
    light = [name for name in formats if name != "pdf"]
    for name in light:
        yield f"{name}, cold", partial(cold, store, folder, [name])
    yield "all but pdf in one run, cold", partial(cold, store, folder, light)
    done = fresh(folder)
    if "pdf" in formats:
        yield "pdf, cold", lambda: export(store, done, ["pdf"])
    yield "all, nothing changed", lambda: again(store, done, formats)
    yield "all, one entry changed", lambda: changed(store, done, formats)
    if "pdf" in formats:
        yield from peers.plan(store, folder)


def fresh(folder: Path) -> Path:
    """A new folder for cache and output."""
    return Path(tempfile.mkdtemp(dir=folder))


def check(store: Path, place: Path) -> Measured:
    """Reads and prepares, writes nothing."""
    return measure([*OURS, "check", store, "--offline", "--quiet", "--cache", place / "cache"])


def export(store: Path, place: Path, formats: list[str]) -> Measured:
    """One run of the command; pictures are not fetched."""
    return measure(
        [*OURS, "export", store, "--to", ",".join(formats), "--out", place / "out", "--offline",
         "--quiet", "--cache", place / "cache"]
    )  # fmt: skip


def cold(store: Path, folder: Path, formats: list[str]) -> Measured:
    """A run that finds nothing of an earlier one."""
    return export(store, fresh(folder), formats)


def again(store: Path, place: Path, formats: list[str]) -> Measured:
    """The second of two runs."""
    export(store, place, formats)
    return export(store, place, formats)


def changed(store: Path, done: Path, formats: list[str]) -> Measured:
    """A run after the newest entry got another sentence."""
    path = max(store.glob("*/*.json"), key=lambda path: json.loads(path.read_bytes())["updated"])
    entry = json.loads(path.read_bytes())
    entry["content"] = (entry.get("content") or entry.get("summary") or "") + "<p>Changed.</p>"
    path.write_text(json.dumps(entry), encoding="utf-8")
    return export(store, done, formats)


def scaled(folder: Path, size: int) -> Measured:
    """Atom and Markdown of a made-up repository of that size, in one run, cold."""
    store = made_up(folder / f"made-up-{size}", size)
    found = cold(store, folder, ["atom", "markdown"])
    shutil.rmtree(store)
    return found


def line(name: str, found: Measured) -> str:
    """One row as text."""
    state = "" if found.code == 0 else f"  (exit {found.code})"
    return (
        f"{name:34} {found.seconds:8.2f} s {found.largest / 1e6:8.0f} MB largest"
        f" {found.together / 1e6:8.0f} MB together{state}"
    )


def page(rows: list[Row], scale: list[tuple[int, Measured]], store: str) -> None:
    """docs/performance.md."""
    libraries = ("weasyprint", "ebooklib", "feedgen", "lxml", "nh3", "html-to-markdown")
    text = [
        "# Performance",
        "",
        f"Measured by `make bench` over {store}: {platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}, thicket-convert {version('thicket-convert')}, "
        + ", ".join(f"{name} {version(name)}" for name in libraries)
        + ". Whole process, wall time, caches empty where it says cold; pictures were not"
        " fetched. Memory is the peak of the largest process, and of all together.",
        "",
        "| what | seconds | MB, largest process | MB, together |",
        "|---|---:|---:|---:|",
        *(cells(name, found) for name, found in rows),
    ]
    if scale:
        text += ["", "![Time and memory against the number of entries](images/scale.png)", ""]
        text += [
            "| entries of 6 kB, Atom and Markdown, cold | seconds | MB, largest | MB, together |"
        ]
        text += ["|---:|---:|---:|---:|"]
        text += [cells(f"{size:,}", found) for size, found in scale]
    path = ROOT / "docs" / "performance.md"
    path.write_text("\n".join(text) + "\n", encoding="utf-8")


def cells(name: str, found: Measured) -> str:
    """One row of a Markdown table; a run that was ended early says so."""
    seconds = f"{found.seconds:.1f}" if found.code == 0 else f"not done after {found.seconds:.0f}"
    return f"| {name} | {seconds} | {found.largest / 1e6:.0f} | {found.together / 1e6:.0f} |"


if __name__ == "__main__":
    main()
