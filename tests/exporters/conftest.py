"""The real entries, prepared once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

import convert
from convert.entryset import EntrySet


@pytest.fixture(scope="session")
def planet_set(planet_a: Path, tmp_path_factory: pytest.TempPathFactory) -> EntrySet:
    """1,233 real entries but for their duplicates, related, the newest first."""
    collection = convert.read(planet_a, offline=True, cache=tmp_path_factory.mktemp("cache"))
    return convert.prepare(collection, name="eeg", title="The group")
