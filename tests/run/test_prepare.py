"""Preparing over worker processes: the same as in one, whatever becomes of them."""

from __future__ import annotations

import contextlib
import datetime as dt
import multiprocessing
import os
import time
from pathlib import Path

import msgspec
import pytest

from convert import content
from convert.cache.bodies import PreparedBodies
from convert.cache.folder import CacheFolder
from convert.content.draft import PrepareOptions
from convert.model import Prepared, Problem, StoredEntry
from convert.run.prepare import LOOKAHEAD, prepare_all

WHEN = dt.datetime(2024, 5, 6, tzinfo=dt.UTC)


def stored(number: int, *, body: str = "<p>Hello.</p>") -> StoredEntry:
    return StoredEntry(
        id=f"urn:{number}",
        title=f"Entry {number}",
        user="ada",
        path=f"ada/{number}.json",
        updated=WHEN + dt.timedelta(days=number),
        content=f"{body}<p>{number}</p>",
    )


def bodies(store: PreparedBodies, digests: list[str]) -> list[str]:
    return [each.body for each in store.load(digests)]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_in_order_with_bodies_in_the_store_and_what_is_too_large_left_out(
    tmp_path: Path, workers: int
) -> None:
    entries = [stored(number) for number in range(3 * LOOKAHEAD + 7)]
    entries[5] = stored(5, body="<p>" + "x" * 2000 + "</p>")
    problems: list[Problem] = []
    options = PrepareOptions(max_body=1000)
    for _ in range(2):  # fresh, then remembered
        store = PreparedBodies(CacheFolder(tmp_path))
        found = list(prepare_all(entries, options, store, problems.append, workers=workers))
        assert [each.entry.title for each in found] == [
            entry.title for entry in entries if entry.id != "urn:5"
        ]
        assert "<p>6</p>" in bodies(store, [found[5].entry.digest])[0]
    assert [problem.path for problem in problems] == ["ada/5.json"] * 2
    assert {problem.severity for problem in problems} == {"entry"}


def test_what_is_said_of_an_entry_names_it_where_its_file_holds_others(tmp_path: Path) -> None:
    markup = ("<p>Text <!-- never ended", "<p>" + "x" * 2000)
    read = [
        msgspec.structs.replace(stored(number, body=body), path="feed.xml")
        for number, body in enumerate(markup)
    ]
    read += [
        msgspec.structs.replace(each, path=f"ada/{each.id[4:]}.json", stored=b"{}") for each in read
    ]
    problems: list[Problem] = []
    options = PrepareOptions(max_body=1000)
    list(prepare_all(read, options, PreparedBodies(CacheFolder(tmp_path)), problems.append))
    assert [(each.path, each.field) for each in problems] == [
        ("feed.xml", "content of urn:0"),
        ("feed.xml", "content of urn:1"),
        ("ada/0.json", "content"),
        ("ada/1.json", "content"),
    ]


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="injected by forking")
@pytest.mark.parametrize("workers", [pytest.param(0, marks=pytest.mark.judge), 2])
def test_an_entry_that_kills_its_worker_or_hangs_costs_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    real = content.prepare
    parent = os.getpid()
    mark = tmp_path / "mark"

    def prepare(entry: StoredEntry, options: PrepareOptions, beside: str) -> Prepared:
        dies = entry.id == "urn:100" or (entry.id == "urn:200" and not mark.exists())
        if dies and os.getpid() != parent:
            mark.touch()
            # Without a word, as an orderly end would.
            os._exit(0)
        if entry.id == "urn:150":
            raise MemoryError
        if entry.id == "urn:250":
            return prepare(entry, options, beside)
        while entry.id == "urn:300":
            with contextlib.suppress(Exception):
                time.sleep(0.01)
        return real(entry, options, beside)

    monkeypatch.setattr(content, "prepare", prepare)
    monkeypatch.setattr("convert.run.prepare.SECONDS", 0.6)
    entries = [stored(number) for number in range(2 * LOOKAHEAD)]
    problems: list[Problem] = []
    store = PreparedBodies(CacheFolder(tmp_path))
    found = list(prepare_all(entries, PrepareOptions(), store, problems.append, workers=workers))
    reasons = {
        "100": "preparing it ended its worker process (exit code 0); it is left out",
        "150": "internal error (MemoryError:): run again with --debug and report it",
        "250": "internal error (RecursionError: maximum recursion depth exceeded)",
        "300": "preparing it took more than 0.2 seconds; it is left out",
    }
    if not workers:
        del reasons["100"]
    assert [each.entry.id for each in found] == [
        entry.id for entry in entries if entry.id.removeprefix("urn:") not in reasons
    ]
    assert [problem.path for problem in problems] == [f"ada/{number}.json" for number in reasons]
    for problem, reason in zip(problems, reasons.values(), strict=True):
        assert problem.reason.startswith(reason.rpartition(")")[0])
        assert problem.severity == "entry"
