"""The shared corpus of real entries, feeds and attack vectors, where it is there.

It is no part of the project.  The environment variable ``THICKET_CORPUS`` names its folder;
without it, ``../shared/corpus`` beside the project's root is tried.  Invented cases stand in a
folder ``cases`` beside it.
"""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import convert
from convert.entryset import EntrySet

ROOT = Path(__file__).resolve().parent.parent

# The profiles of all generated tests.  A machine under load is slow and not wrong, so there is no
# deadline.  The same examples are tried each time, so that a change is judged by what it changes;
# ``make check-corpus`` looks for others.
settings.register_profile(
    "same",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("others", parent=settings.get_profile("same"), derandomize=False)
settings.load_profile("same")


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: many tests wait, for servers and time limits."""
    return (os.cpu_count() or 1) + 2


def corpus_file(name: str) -> Path:
    """A file of the shared corpus, or beside it; skips the test where it is not there."""
    folder = os.environ.get("THICKET_CORPUS")
    found = (Path(folder) if folder else ROOT.parent / "shared" / "corpus") / name
    if not found.exists():
        pytest.skip(f"the shared corpus has no {name} here (set THICKET_CORPUS)")
    return found


def _unpacked(name: str, folder: Path) -> Path:
    with tarfile.open(corpus_file(f"{name}.tar.xz")) as archive:
        archive.extractall(folder, filter="data")
    return folder / name


@pytest.fixture(scope="session")
def planet_a(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Thicket repository of 1,233 real entries, unpacked once a session.  Do not change it.

    Where slow tests are left out, one entry in six stands for them all.
    """
    folder = _unpacked("planet-a", tmp_path_factory.mktemp("planet"))
    if "not slow" in request.config.option.markexpr:
        for number, path in enumerate(sorted(folder.glob("*/*.json"))):
            if number % 6:
                path.unlink()
    return folder


@pytest.fixture(scope="session")
def cases() -> Path:
    """A Thicket repository of small invented entries, each with markup that others got wrong."""
    return corpus_file("../cases/posts")


@pytest.fixture(scope="session")
def feeds_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real feeds and lists of feeds, unpacked once a session.  Do not change it."""
    return _unpacked("feeds", tmp_path_factory.mktemp("feeds"))


@pytest.fixture(scope="session")
def xss_vectors() -> tuple[str, ...]:
    """Pieces of hostile markup from the test suites of other sanitisers."""
    vectors = json.loads(corpus_file("xss-vectors.json").read_text(encoding="utf-8"))
    return tuple(vector["input"] for vector in vectors)


@pytest.fixture(scope="session")
def planet_set(planet_a: Path, tmp_path_factory: pytest.TempPathFactory) -> EntrySet:
    """The real entries but for their duplicates, related, the newest first."""
    collection = convert.read(planet_a, offline=True, cache=tmp_path_factory.mktemp("cache"))
    return convert.prepare(collection, name="eeg", title="The group")
