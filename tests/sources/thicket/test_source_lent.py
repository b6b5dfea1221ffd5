"""index.json and duplicates.json, damaged in every way: what is known of them stands in."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_reading import Outcome, read_source
from thicket_samples import INDEX, commit, made_store, put

from convert.contract import PlacedReading
from convert.copied import SourceCopy, SourceHead
from convert.sources.thicket.source import SOURCE

PAIRS = {"duplicates": {"a": "b", "c": "d"}}
NOW = dt.datetime.now(dt.UTC)
NAMES = ("index.json", "duplicates.json")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    top = made_store(tmp_path / "store")
    put(top, "duplicates.json", PAIRS)
    return top


def lent(outcome: Outcome) -> Mapping[str, SourceHead]:
    """What the whole files give, by address."""
    assert isinstance(outcome.reading, PlacedReading)
    return {head.address: head for head in outcome.reading.lent()}


def again(store: Path, known: Mapping[str, SourceHead], **settings: object) -> Outcome:
    """Reads it where so much is known of it."""

    def find(address: str) -> SourceCopy | None:
        return SourceCopy(known[address], (), NOW) if address in known else None

    return read_source(SOURCE, store, known=find, **settings)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "blank": lambda path: path.write_bytes(b"  \n"),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "list": lambda path: path.write_bytes(b"[]"),
    "no object": lambda path: path.write_text('{"users": 3, "duplicates": "x"}'),
    "deep": lambda path: path.write_bytes(b"[" * 100_000),
    "not UTF-8": lambda path: path.write_bytes(b"\xff" + path.read_bytes()),
    "folder": a_folder,
    "pipe": a_pipe,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_known_stands_in(store: Path, name: str, damage: str) -> None:
    whole = read_source(SOURCE, store)
    known = lent(whole)
    assert set(known) == {f"{store}/{each}" for each in NAMES}
    DAMAGE[damage](store / name)
    outcome = again(store, known)
    assert outcome.reading.users == whole.reading.users
    assert outcome.reading.duplicates == whole.reading.duplicates
    assert outcome.reading.feeds == whole.reading.feeds
    assert outcome.entries == whole.entries
    (line,) = outcome.lines
    assert line.startswith(f"warning {name}: ")
    assert "what it gave before is used: the source last answered" in line
    assert not outcome.reading.lost
    assert f"{store}/{name}" not in lent(outcome)
    # Nothing is known of it: what is lost is said, but for a file that perhaps never was there.
    alone = again(store, {})
    assert alone.entries == whole.entries
    lines = [f"warning {name}: "] if damage != "missing" else []
    assert [each[: len(lines[0])] for each in alone.lines] == lines
    assert bool(alone.reading.lost) == (damage != "missing")
    assert all(" lost" in each or " published" in each for each in alone.lines)


@given(data=st.data())
def test_cut_anywhere(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = made_store(tmp_path_factory.mktemp("store"))
    put(store, "duplicates.json", PAIRS)
    whole = read_source(SOURCE, store)
    path = store / data.draw(st.sampled_from(NAMES))
    content = path.read_bytes().rstrip()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    outcome = again(store, lent(whole))
    assert outcome.reading.users == whole.reading.users
    assert outcome.reading.duplicates == whole.reading.duplicates
    assert len(outcome.lines) == 1


def test_one_member_of_an_object_stands_in_alone(store: Path) -> None:
    known = lent(read_source(SOURCE, store))
    users = {"ann": {"display_name": "Ann A.", "feeds": 3}, "new": {"display_name": "New"}}
    put(store, "index.json", {"users": users})
    put(store, "duplicates.json", {"duplicates": {"a": 3, "e": "f"}})
    outcome = again(store, known)
    assert outcome.reading.users["ann"].feeds == ("https://a.example/feed.xml",)
    assert outcome.reading.users["new"].display_name == "New"
    # What was taken out stays out.
    assert outcome.reading.duplicates == {"a": "b", "e": "f"}
    assert len(outcome.lines) == 2


def test_an_empty_one_is_believed_and_so_is_a_revision(store: Path) -> None:
    known = lent(read_source(SOURCE, store))
    for name in NAMES:
        put(store, name, {})
    outcome = again(store, known)
    assert (outcome.lines, outcome.reading.duplicates) == ([], {})
    assert {each.display_name for each in outcome.reading.users.values()} == {None}
    for name in NAMES:
        (store / name).unlink()
    commit(store)
    assert again(store, known, rev="HEAD").lines == []
    assert len(again(store, known).lines) == 2


def test_an_empty_folder_is_no_repository_whatever_was_known(store: Path) -> None:
    known = lent(read_source(SOURCE, store))
    (store / "index.json").rename(store / "gone")
    assert json.loads((store / "gone").read_bytes()) == INDEX
    for path in store.glob("*/*.json"):
        path.unlink()
    with pytest.raises(Exception, match="is no Thicket repository"):
        again(store, known)
