"""After any change a run leaves, byte for byte, what a run leaves that nobody ran before."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from changing import CHANGES, ENDINGS, Change, Group, require_as_cold
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

FORMATS = ("atom", "rss", "jsonfeed", "opml", "csl", "epub", "markdown", "thicket")
STEPS = st.lists(
    st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3).flatmap(
        lambda changes: st.sampled_from([(), *[(each,) for each in ENDINGS]]).map(
            lambda ending: (*changes, *ending)
        )
    ),
    min_size=4,
    max_size=8,
)
Steps = Sequence[Sequence[Change]]
# A run of eight steps takes seconds: what fails is not made smaller.
PHASES = (Phase.explicit, Phase.generate)


def require(formats: Sequence[str], steps: Steps, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        group = Group(Path(folder) / "w", tuple(formats), random.Random(seed))
        require_as_cold(group)
        for changes in steps:
            for change in changes:
                change(group)
            try:
                require_as_cold(group)
            except AssertionError as error:
                raise AssertionError(f"after {changes}") from error


@pytest.mark.parametrize(
    "at",
    [pytest.param(at, marks=pytest.mark.judge if at else ()) for at in range(0, len(CHANGES), 7)],
)
def test_each_change(at: int) -> None:
    require(FORMATS, [[each] for each in CHANGES[at : at + 7]], at)


@given(STEPS, st.integers(0, 1_000))
@settings(max_examples=3, phases=PHASES)
def test_any_changes(steps: Steps, seed: int) -> None:
    require(FORMATS, steps, seed)


@pytest.mark.slow
@given(STEPS, st.integers(0, 1_000))
@settings(max_examples=50, phases=PHASES)
def test_any_changes_of_many(steps: Steps, seed: int) -> None:
    require(FORMATS, steps, seed)


@given(STEPS, st.integers(0, 1_000))
@settings(max_examples=1, phases=PHASES)
def test_any_changes_of_a_printed_book(steps: Steps, seed: int) -> None:
    require(["pdf"], steps[:2], seed)


@pytest.mark.slow
@given(STEPS, st.integers(0, 1_000))
@settings(max_examples=8, phases=PHASES)
def test_any_changes_of_many_printed_books(steps: Steps, seed: int) -> None:
    require(["pdf"], steps, seed)
