"""Real entries through the whole house: every one is accounted for."""

from __future__ import annotations

from pathlib import Path

import feedparser
import pytest
from conftest import ROOT
from running import command

from convert import report

pytestmark = [pytest.mark.corpus, pytest.mark.slow]


@pytest.fixture(scope="module")
def exported(planet_a: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planet")
    ended = command(
        "export", planet_a, "--to", "atom,markdown,epub", "--out", folder / "out", "--offline",
        "--cache", folder / "cache", "--report", folder / "report.json", "--quiet",
    )  # fmt: skip
    assert ended.code == 0, ended.err[-2000:]
    return folder


def test_every_file_is_exported_or_named(planet_a: Path, exported: Path) -> None:
    files = {path.relative_to(planet_a).as_posix() for path in planet_a.glob("*/*.json")}
    assert len(files) == 1233
    found = report.decode((exported / "report.json").read_bytes())
    left_out = {
        problem.path
        for problem in found.problems
        if problem.severity == "entry" or problem.reason.startswith("left out")
    }
    assert found.read == len(files)
    assert found.entries + len(left_out) == len(files)
    assert left_out <= files
    feed = feedparser.parse(
        (exported / "out" / "planet-a.atom").read_bytes(),
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    assert len(feed.entries) == found.entries
    pages = list((exported / "out" / "markdown").glob("*/*.md"))
    assert len(pages) == found.entries


def test_the_seed_converts(tmp_path: Path) -> None:
    seed = ROOT.parent / "shared" / "seed"
    if not seed.is_dir():
        pytest.skip("the seed is not here")
    ended = command(
        "export", seed, "--to", "atom,epub,pdf,markdown", "--out", tmp_path / "o", "--offline",
        "--cache", tmp_path / "cache",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert {path.name for path in (tmp_path / "o").iterdir()} >= {
        "markdown", "seed.atom", "seed.epub",
    }  # fmt: skip
