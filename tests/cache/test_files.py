"""Shelves and the folder that they stand in: bounded, whole, and never needed."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from convert.cache.files import Shelf
from convert.cache.folder import CacheFolder, cache_folder
from convert.errors import CacheError
from convert.model import Problem

NAMES = ("aa1", "bb2", "cc3", "dd4")


def paths(shelf: Shelf, name: str) -> list[Path]:
    return [place / shelf.shelf / name[:2] / name for place in shelf.cache.places]


def age(shelf: Shelf, name: str, days: float) -> None:
    then = time.time() - days * 86400
    os.utime(paths(shelf, name)[0], (then, then))


def test_cache_folder_as_asked(tmp_path: Path) -> None:
    problems: list[Problem] = []
    cache = cache_folder(tmp_path / "a" / "b", problems.append)
    assert cache.lasting == tmp_path / "a" / "b"
    assert cache.lasting.stat().st_mode & 0o077 == 0
    private = cache.private
    assert private is not None
    assert private.stat().st_mode & 0o077 == 0
    del cache
    assert not private.exists()
    assert problems == []


def test_default_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = cache_folder(None, list[Problem]().append)
    assert cache.lasting is not None
    assert cache.lasting.name == "thicket-convert"
    assert cache.lasting.is_dir()


def test_a_folder_that_cannot_be_written_is_replaced_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    problems: list[Problem] = []
    cache = cache_folder(tmp_path / "file" / "cache", problems.append)
    for shelf in (Shelf(cache, "some-1"), Shelf(cache, "others-1")):
        shelf.put("aa1", b"x")
        assert shelf.get("aa1") == b"x"
        shelf.trim()
    (problem,) = problems
    assert str(problem).startswith(f"{tmp_path / 'file' / 'cache'}: cache: cannot be written")
    assert problem.severity == "warning"


def test_what_nothing_takes_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for cache in (
        CacheFolder(tmp_path / "file"),
        CacheFolder(tmp_path / "file", tmp_path / "file"),
    ):
        shelf = Shelf(cache, "some-1")
        assert shelf.get("aa") is None
        shelf.trim()
        with pytest.raises(CacheError, match="name another folder") as caught:
            shelf.put("aa", b"x")
        assert "\n" not in str(caught.value)


def test_the_folder_crosses_to_workers_without_its_warning(tmp_path: Path) -> None:
    problems: list[Problem] = []
    cache = CacheFolder(tmp_path / "a", tmp_path / "b", problems.append)
    there = pickle.loads(pickle.dumps(cache))
    there.failed("is full")
    assert (there.places, problems) == (cache.places, [])
    cache.failed("is full")
    cache.failed("is full")
    assert len(problems) == 1


def test_shelf_keeps_what_was_used_today(tmp_path: Path) -> None:
    shelf = Shelf(CacheFolder(tmp_path), "some-1", limit=350)
    for name in NAMES:
        shelf.put(name, b"x" * 100)
    shelf.trim()
    assert all(shelf.get(name) for name in NAMES)
    for days, name in ((9, "aa1"), (8, "bb2"), (7, "cc3")):
        age(shelf, name, days)
    assert shelf.get("aa1") == b"x" * 100
    shelf.trim()
    assert [bool(shelf.get(name)) for name in NAMES] == [True, False, False, True]
    assert not list(tmp_path.rglob("tmp*"))


@pytest.mark.parametrize("years", [-56, 73])
def test_a_clock_that_was_wrong_costs_nothing_that_is_used(tmp_path: Path, years: int) -> None:
    """Noted under a clock that was put back, or forward, what was used counts as used today."""
    shelf = Shelf(CacheFolder(tmp_path), "some-1", limit=250)
    for name in NAMES:
        shelf.put(name, b"x" * 100)
        age(shelf, name, -365 * years)
    if years < 0:
        assert all(shelf.get(name) for name in NAMES)
    shelf.trim()
    assert all(shelf.get(name) for name in NAMES)
    # From now on its days are counted as ever.
    assert all(abs(paths(shelf, name)[0].stat().st_mtime - time.time()) < 60 for name in NAMES)


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _appended(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def _swapped(path: Path) -> None:
    path.write_bytes((path.parent.parent / "bb" / "bb2").read_bytes())


def _folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent.parent / "bb" / "bb2")


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _huge(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(1 << 40)


DAMAGES: tuple[Callable[[Path], object], ...] = (
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(bytes(200)),
    _truncated,
    _appended,
    _swapped,
    _folder,
    _link,
    _loop,
    _huge,
    *([_fifo] if hasattr(os, "mkfifo") else []),
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_not_there_and_is_put_again(
    damage: Callable[[Path], object], tmp_path: Path
) -> None:
    problems: list[Problem] = []
    shelf = Shelf(CacheFolder(tmp_path / "a", tmp_path / "b", problems.append), "some-1")
    shelf.put("aa1", b"one")
    shelf.put("bb2", b"two")
    damage(paths(shelf, "aa1")[0])
    assert shelf.get("aa1") is None
    shelf.put("aa1", b"one")
    assert (shelf.get("aa1"), shelf.get("bb2")) == (b"one", b"two")
    assert len(problems) == (damage is _folder)
    shelf.trim()
