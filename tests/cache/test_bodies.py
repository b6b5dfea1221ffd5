"""The prepared entries of a run: whole, whatever becomes of what is remembered."""

from __future__ import annotations

import os
import pickle
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from convert.cache.bodies import PreparedBodies
from convert.cache.folder import CacheFolder
from convert.errors import CacheError
from convert.model import Prepared, Problem
from convert.testing import prepared


def some(count: int) -> dict[str, Prepared]:
    entries = [prepared(f"ann/{at}", f"<div><p>{at} {'ü' * 300}</p></div>") for at in range(count)]
    return {each.entry.digest: each for each in entries}


@pytest.fixture
def problems() -> list[Problem]:
    return []


@pytest.fixture
def cache(tmp_path: Path, problems: list[Problem]) -> CacheFolder:
    return CacheFolder(tmp_path / "lasting", tmp_path / "private", problems.append)


def run(cache: CacheFolder, items: dict[str, Prepared]) -> tuple[set[str], list[Prepared]]:
    """A run that needs these: what it did not have to prepare, and all, as workers load them."""
    bodies = PreparedBodies(cache)
    recalled = bodies.recall(sorted(bodies.known(sorted(items))))
    assert all(items[digest] == each for digest, each in recalled.items())
    bodies.put({digest: each for digest, each in items.items() if digest not in recalled})
    bodies.trim()
    there = pickle.loads(pickle.dumps(bodies))
    loaded = list(there.load(items))
    there.close()
    bodies.close()
    return set(recalled), loaded


def next_private(cache: CacheFolder, problems: list[Problem]) -> CacheFolder:
    assert cache.private is not None
    other = cache.private.with_name(cache.private.name + "-next")
    return CacheFolder(cache.lasting, other, problems.append)


def test_remembered_by_the_next_run(cache: CacheFolder, problems: list[Problem]) -> None:
    items = some(5)
    assert run(cache, items) == (set(), list(items.values()))
    assert run(next_private(cache, problems), items) == (set(items), list(items.values()))
    assert problems == []


def test_loading_reads_no_further_than_it_is_asked(cache: CacheFolder) -> None:
    items = some(3)
    bodies = PreparedBodies(cache)
    bodies.put(items)
    taken: list[str] = []

    def digests() -> Iterator[str]:
        for digest in items:
            taken.append(digest)
            yield digest

    assert next(bodies.load(digests())) == next(iter(items.values()))
    assert len(taken) == 1
    with pytest.raises(CacheError, match="run again"):
        list(bodies.load(["0" * 64]))


def test_the_folder_may_go_in_the_middle_of_a_run(
    cache: CacheFolder, problems: list[Problem]
) -> None:
    items = some(3)
    bodies = PreparedBodies(cache)
    bodies.put(items)
    assert cache.lasting is not None
    for path in cache.lasting.iterdir():
        path.unlink()
    cache.lasting.rmdir()
    cache.lasting.touch()
    more = {digest: each for digest, each in some(5).items() if digest not in items}
    bodies.put(more)
    assert list(bodies.load([*items, *more])) == [*items.values(), *more.values()]
    bodies.trim()


def test_without_a_private_folder_the_lasting_one_holds_them(tmp_path: Path) -> None:
    items = some(3)
    (tmp_path / "file").touch()
    for private in (None, tmp_path / "file"):
        assert run(CacheFolder(tmp_path / "a", private), items)[1] == list(items.values())
    for lasting, private in ((tmp_path / "file", tmp_path / "file"), (tmp_path / "file", None)):
        with pytest.raises(CacheError, match="name another folder"):
            run(CacheFolder(lasting, private), items)


def _header(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(b"SQLite from the future" + content[22:])


def _later(path: Path) -> None:
    """The version numbers of a later file format (SQLite's documentation, "File Format" 1.3.3)."""
    content = bytearray(path.read_bytes())
    content[18:20] = b"\x09\x09"
    path.write_bytes(bytes(content))


def _other_table(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE prepared (digest TEXT PRIMARY KEY, used, more)")
    connection.close()


def _other_types(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE prepared SET value = 5, used = 'x', size = 'y'")
    connection.close()


def _swapped_values(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        rows = list(connection.execute("SELECT value, checksum FROM prepared"))
        value, checksum = rows[0]
        connection.execute("UPDATE prepared SET value = ?, checksum = ?", (value, checksum))
    connection.close()


def _folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _link(path: Path) -> None:
    other = path.with_name("someone's.sqlite")
    path.rename(other)
    path.symlink_to(other)


def _fifo_beside(path: Path) -> None:
    os.mkfifo(f"{path}-wal")


def _folder_beside(path: Path) -> None:
    Path(f"{path}-shm").mkdir()


def _log_of_another(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(random.Random(1).randbytes(50_000))


DAMAGES: tuple[Callable[[Path], object], ...] = (
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(bytes(40_000)),
    lambda path: path.write_bytes(random.Random(2).randbytes(40_000)),
    lambda path: path.write_bytes(path.read_bytes()[:5_000]),
    lambda path: path.write_bytes(path.read_bytes()[:-700]),
    _header,
    _later,
    _other_table,
    _other_types,
    _swapped_values,
    _folder,
    _link,
    _folder_beside,
    _log_of_another,
    *([_fifo, _fifo_beside] if hasattr(os, "mkfifo") else []),
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_prepared_anew_and_remembered_again(
    damage: Callable[[Path], object], cache: CacheFolder, problems: list[Problem]
) -> None:
    items = some(40)
    run(cache, items)
    assert cache.lasting is not None
    damage(cache.lasting / "prepared-1.sqlite")
    start = time.monotonic()
    assert run(next_private(cache, problems), items)[1] == list(items.values())
    # What was read before the damage was met is not written twice.
    for _ in range(2):
        cache = next_private(cache, problems)
        again = run(cache, items)[0]
    assert again == set(items)
    assert time.monotonic() - start < 4
    assert problems == []


@pytest.mark.parametrize("seed", range(40))
def test_random_damage(seed: int, cache: CacheFolder, problems: list[Problem]) -> None:
    chance = random.Random(seed)
    items = some(30)
    run(cache, items)
    assert cache.lasting is not None
    path = cache.lasting / "prepared-1.sqlite"
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 3, 30))):
        at, length = chance.randrange(len(content)), chance.choice((1, 8, 600))
        content[at : at + length] = chance.randbytes(length)[: len(content) - at]
    path.write_bytes(content)
    assert run(next_private(cache, problems), items)[1] == list(items.values())


def test_a_file_that_another_holds_is_not_waited_for_again_and_again(
    cache: CacheFolder, problems: list[Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convert.cache.prepared._BUSY_SECONDS", 0.3)
    items = some(3)
    run(cache, items)
    assert cache.lasting is not None
    holder = sqlite3.connect(cache.lasting / "prepared-1.sqlite", isolation_level=None)
    try:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        holder.execute("DELETE FROM prepared")
        start = time.monotonic()
        assert run(next_private(cache, problems), items)[1] == list(items.values())
        assert time.monotonic() - start < 2
    finally:
        holder.close()
    assert [problem.severity for problem in problems] == ["warning"]
    assert "locked" in problems[0].reason
    assert run(next_private(cache, problems), items)[0] == set(items)
