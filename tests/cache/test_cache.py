"""The prepared store and the cache folder: bounded, shared, and never the cause of a traceback."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from convert.cache import prepared as cache
from convert.cache.files import Shelf
from convert.cache.prepared import PreparedStore, cache_folder
from convert.errors import CacheError
from convert.model import Prepared, Problem
from convert.testing import prepared


def some(count: int, start: int = 0) -> list[tuple[str, Prepared]]:
    made = [
        prepared(f"ann/{number}", f"<div><p>{number} ü</p></div>")
        for number in range(start, start + count)
    ]
    return [(each.entry.digest, each) for each in made]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PreparedStore]:
    opened = PreparedStore(tmp_path / "cache")
    yield opened
    opened.close()


def test_what_was_put_is_loaded_in_the_order_asked_for(store: PreparedStore) -> None:
    items = some(450)
    store.put(iter(items))
    digests = [digest for digest, _ in items]
    assert store.known([*digests, "other"]) == set(digests)
    asked = [digests[400], digests[3], digests[400], digests[0]]
    assert list(store.load(iter(asked))) == [items[400][1], items[3][1], items[400][1], items[0][1]]


def test_nothing_is_asked_for(store: PreparedStore) -> None:
    store.put([])
    assert store.known([]) == set()
    assert list(store.load([])) == []


def test_loading_reads_no_further_than_it_is_asked(store: PreparedStore) -> None:
    items = some(3)
    store.put(items)
    taken: list[str] = []

    def digests() -> Iterator[str]:
        for digest, _ in items:
            taken.append(digest)
            yield digest

    assert next(store.load(digests())) == items[0][1]
    assert taken == [items[0][0]]


def test_remembered_by_the_next_run(store: PreparedStore) -> None:
    items = some(2)
    store.put(items)
    store.close()
    again = PreparedStore(store.folder)
    assert list(again.load([items[1][0]])) == [items[1][1]]
    again.close()


def test_put_twice_keeps_the_newer(store: PreparedStore) -> None:
    (digest, first), *_ = some(1)
    newer = msgspec.structs.replace(first, text="newer")
    store.put([(digest, first)])
    store.put([(digest, newer)])
    assert list(store.load([digest])) == [newer]


def test_missing_names_the_file_and_the_way_out(store: PreparedStore) -> None:
    store.put(some(1))
    with pytest.raises(CacheError, match="run again") as caught:
        list(store.load(["0" * 64]))
    assert str(store.path) in str(caught.value)


def _load(store: PreparedStore, digests: list[str]) -> list[str]:
    return [each.text for each in store.load(digests)]


def test_crosses_to_other_processes(store: PreparedStore) -> None:
    items = some(5)
    store.put(items)
    digests = [digest for digest, _ in items]
    assert _load(pickle.loads(pickle.dumps(store)), digests) == [each.text for _, each in items]
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            found = pool.apply(_load, (store, digests))
        assert found == [each.text for _, each in items]
    assert list(store.load(digests[:1])) == [items[0][1]]


def _put(folder: Path, start: int) -> None:
    opened = PreparedStore(folder)
    for number in range(10):
        opened.put(some(20, start + 20 * number))
    opened.close()


def test_two_runs_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    runs = [context.Process(target=_put, args=(tmp_path, start)) for start in (0, 100)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0]
    store = PreparedStore(tmp_path)
    digests = [digest for digest, _ in some(300)]
    assert store.known(digests) == set(digests)
    store.close()


def test_several_threads(store: PreparedStore) -> None:
    items = some(50)
    store.put(items)
    failed: list[Exception] = []

    def work() -> None:
        try:
            assert _load(store, [digest for digest, _ in items]) == [each.text for _, each in items]
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def _age(store: PreparedStore, digests: list[str], hours: int) -> None:
    store.close()
    with sqlite3.connect(store.path) as connection:
        for digest in digests:
            query = "UPDATE prepared SET used = used - ? WHERE digest = ?"
            connection.execute(query, (hours, digest))
    connection.close()


def test_the_oldest_go_and_what_was_used_today_stays(tmp_path: Path) -> None:
    items = some(40)
    digests = [digest for digest, _ in items]
    size = len(msgspec.msgpack.encode(items[0][1]))
    store = PreparedStore(tmp_path, limit=30 * size)
    store.put(items)
    assert store.known(digests) == set(digests)
    _age(store, digests[:20], 24 * 30)
    _age(store, digests[20:30], 24)
    # A use makes young again.
    assert store.known(digests[:5]) == set(digests[:5])
    store.put(some(1, 100))
    left = store.known(digests)
    assert set(digests[:5]) | set(digests[20:]) <= left
    assert len(left) < 31
    store.close()


def test_forgetting_gives_the_disk_back(tmp_path: Path) -> None:
    big = [(digest, msgspec.structs.replace(each, text="x" * 100_000)) for digest, each in some(30)]
    store = PreparedStore(tmp_path, limit=500_000)
    store.put(big)
    _age(store, [digest for digest, _ in big], 100)
    store.put(some(1, 100))
    store.close()
    assert store.path.stat().st_size < 1_000_000


@pytest.mark.parametrize("damage", [b"no database at all" * 1000, b""])
def test_a_file_that_is_no_database_is_begun_anew(store: PreparedStore, damage: bytes) -> None:
    items = some(3)
    store.put(items)
    store.close()
    store.path.write_bytes(damage)
    assert store.known([items[0][0]]) == set()
    store.put(items)
    assert list(store.load([items[2][0]])) == [items[2][1]]


def test_damage_in_the_middle_is_found(store: PreparedStore) -> None:
    items = some(300)
    store.put(items)
    store.close()
    content = bytearray(store.path.read_bytes())
    for at in range(4096 * 3, len(content), 512):
        content[at : at + 64] = b"\xff" * 64
    store.path.write_bytes(bytes(content))
    digests = [digest for digest, _ in items]
    with pytest.raises(CacheError):
        list(store.load(digests))
    assert store.known(digests) == set()
    store.put(items)
    assert list(store.load(digests)) == [each for _, each in items]


def test_deleted_between_and_during_runs(store: PreparedStore) -> None:
    items = some(3)
    store.put(items)
    store.close()
    for path in store.folder.iterdir():
        path.unlink()
    store.folder.rmdir()
    assert store.known([items[0][0]]) == set()
    store.put(items)
    assert len(list(store.load([digest for digest, _ in items]))) == 3


def test_a_folder_in_its_place_is_one_line(tmp_path: Path) -> None:
    store = PreparedStore(tmp_path)
    store.path.mkdir()
    (store.path / "something").touch()
    assert store.known(["0"]) == set()
    items = some(1)
    store.put(items)
    assert list(store.load([items[0][0]])) == [items[0][1]]
    store.close()


def test_cache_folder_as_asked(tmp_path: Path) -> None:
    told: list[Problem] = []
    with cache_folder(tmp_path / "a" / "b", told.append) as folder:
        assert folder == tmp_path / "a" / "b"
        assert folder.is_dir()
    assert told == []


def test_default_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with cache_folder(None, list[Problem]().append) as folder:
        assert folder.name == "thicket-convert"
        assert folder.is_dir()


def test_a_folder_that_cannot_be_written_is_replaced_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told: list[Problem] = []
    with cache_folder(tmp_path / "file" / "cache", told.append) as folder:
        assert folder.is_dir()
        assert folder.stat().st_mode & 0o077 == 0
        PreparedStore(folder).put(some(1))
    assert not folder.exists()
    (problem,) = told
    assert str(problem).startswith(f"{tmp_path / 'file' / 'cache'}: cache: cannot be written")
    assert problem.severity == "warning"


def test_shelf_keeps_what_was_used_today(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, limit=250)
    for name in ("aa1", "bb2", "cc3", "dd4"):
        shelf.put(name, b"x" * 100)
    shelf.trim()
    assert all(name in shelf for name in ("aa1", "bb2", "cc3", "dd4"))
    for days, name in ((9, "aa1"), (8, "bb2"), (7, "cc3")):
        then = time.time() - days * 86400
        os.utime(shelf.path(name), (then, then))
    assert shelf.get("aa1") == b"x" * 100
    shelf.trim()
    assert [name in shelf for name in ("aa1", "bb2", "cc3", "dd4")] == [True, False, False, True]
    assert shelf.get("bb2") is None
    assert not list(tmp_path.glob("*/tmp*"))


def test_shelf_in_a_place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    shelf = Shelf(tmp_path / "file")
    assert shelf.get("aa") is None
    shelf.trim()
    with pytest.raises(CacheError, match="--cache"):
        shelf.put("aa", b"x")


@pytest.mark.corpus
def test_warm_is_fast(planet_a: Path, tmp_path: Path) -> None:
    """10,000 entries a second is the target; a tenth of it fails on no machine by chance."""
    paths = sorted(planet_a.glob("*/*.json"))
    items = [
        (str(path), prepared(f"ann/{number}", "<div/>", text=path.read_text(encoding="utf-8")))
        for number, path in enumerate(paths)
    ]
    store = PreparedStore(tmp_path)
    start = time.perf_counter()
    store.put(items)
    put = time.perf_counter() - start
    start = time.perf_counter()
    assert sum(1 for _ in store.load(digest for digest, _ in items)) == len(items)
    loaded = time.perf_counter() - start
    store.close()
    assert len(items) / loaded > 1_000
    assert len(items) / put > 1_000


def test_batches_are_bounded_by_bytes(
    store: PreparedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "BATCH_BYTES", 1)
    items = some(5)
    written = []

    def reading() -> Iterator[tuple[str, Prepared]]:
        for item in items:
            other = PreparedStore(store.folder)
            written.append(len(other.known([digest for digest, _ in items])))
            other.close()
            yield item

    store.put(reading())
    assert written == [0, 1, 2, 3, 4]
