"""Copies of sources beside the outputs: whole again, and no way in for who made the folder."""

from __future__ import annotations

import datetime as dt
import os
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.copied import SourceHead
from convert.model import Origin, Problem, StoredEntry
from convert.output import copies
from convert.output.copies import COPIES, CopyFolders, state_of

HEAD = SourceHead(address="https://ann.example/feed")
DAY = dt.date(2024, 5, 6)
ENTRIES = tuple(
    StoredEntry(
        path=HEAD.address,
        user="ann",
        id=f"urn:{number}",
        updated=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        content="tide " * number,
    )
    for number in range(300)
)


def folders(
    top: Path, problems: list[Problem], scope: str = "all", group: str = "all"
) -> CopyFolders:
    return CopyFolders((top,), group, scope, problems.append)


def kept_in(top: Path) -> Path:
    """Keeps ENTRIES; the file."""
    folders(top, []).keep(HEAD, state_of(HEAD, ENTRIES), DAY, ENTRIES)
    (path,) = (each for each in (top / COPIES).iterdir() if not each.name.endswith(".lock"))
    return path


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    kept_in(tmp_path)
    copy = folders(tmp_path, []).find(HEAD.address)
    assert copy is not None
    assert (copy.head, tuple(copy.entries)) == (HEAD, ENTRIES)
    assert copy.answered == dt.datetime(2024, 5, 6, tzinfo=dt.UTC)
    assert folders(tmp_path, []).find("https://bob.example/feed") is None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("sea", "../{top}/sea"),
        ("sea", "{parent}/{top}/sea"),
        ("sea/", "./sea"),
        ("{parent}/{top}/sea", "link"),
        ("link", "other/../sea"),
        ("https://ann.example/feed", "HTTP://www.ann.example:80/feed/"),
        ("git+https://ann.example/a.git", "https://ann.example/a.git"),
        ("ann@git.example:a.git", "ann@git.example:a.git"),
    ],
)
def test_another_spelling_of_an_address_finds_it(
    before: str, now: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sea").mkdir()
    (tmp_path / "link").symlink_to("sea")
    before, now = (each.format(top=tmp_path.name, parent=tmp_path.parent) for each in (before, now))
    head = SourceHead(
        address=before,
        origin=Origin(address=before, kind="feed", name="sea"),
        parts=(f"{before}/1.atom", "https://bob.example/feed"),
    )
    entries = [msgspec.structs.replace(ENTRIES[1], path=each) for each in (before, "1.atom")]
    folders(Path("out"), []).folders[0].mkdir()
    folders(Path("out"), []).keep(head, state_of(head, entries), DAY, entries)
    copy = folders(tmp_path / "out", []).find(now)
    assert copy is not None
    assert copy.head.address == now
    assert copy.head.origin is not None
    assert copy.head.origin.address == now
    assert copy.head.parts == (f"{now}/1.atom", "https://bob.example/feed")
    assert [each.path for each in copy.entries] == [now, "1.atom"]
    assert folders(tmp_path / "out", []).find(f"{now}er") is None


def test_only_the_date_is_written_anew_and_never_an_earlier_one(tmp_path: Path) -> None:
    path = kept_in(tmp_path)
    state = state_of(HEAD, ENTRIES)
    before = path.read_bytes()
    for day, entries in ((DAY, iter(())), (dt.date(2024, 5, 1), iter(())), (None, iter(()))):
        folders(tmp_path, []).keep(HEAD, state, day, entries)
        assert path.read_bytes() == before
    folders(tmp_path, []).keep(HEAD, state, dt.date(2024, 5, 7), ())
    assert path.read_bytes().partition(b"\n")[2] == before.partition(b"\n")[2]
    copy = folders(tmp_path, []).find(HEAD.address)
    assert copy is not None
    assert copy.answered is not None
    assert copy.answered.date() == dt.date(2024, 5, 7)


def test_another_selection_has_its_own_and_the_fullest_stands_in_for_one_that_is_new(
    tmp_path: Path,
) -> None:
    for day, scope in ((1, "a"), (3, "b"), (2, "c"), (4, "empty")):
        entries = ENTRIES[: 0 if scope == "empty" else day]
        where = folders(tmp_path, [], scope)
        where.keep(HEAD, state_of(HEAD, entries), dt.date(2024, 5, day), entries)
    for scope, count in (("a", 1), ("b", 3), ("c", 2), ("new", 3), ("empty", 3)):
        copy = folders(tmp_path, [], scope).find(HEAD.address)
        assert copy is not None
        assert len(tuple(copy.entries)) == count


def test_windows_push_out_each_other_only(tmp_path: Path) -> None:
    kept_in(tmp_path)
    for day in range(60):
        when = dt.date(2024, 6, 1) + dt.timedelta(day)
        folders(tmp_path, [], f"since {day}", "windows").keep(HEAD, "none", when, ())
    assert len(list(folders(tmp_path, []).heads(tmp_path))) == 1 + 24
    copy = folders(tmp_path, []).find(HEAD.address)
    assert copy is not None
    assert tuple(copy.entries) == ENTRIES
    for kind in range(120):
        folders(tmp_path, [], "all", f"kind {kind}").keep(HEAD, "none", dt.date(2025, 1, 1), ())
    assert len(list(folders(tmp_path, []).heads(tmp_path))) == 96


def test_what_is_named_no_more_is_forgotten_by_those_that_named_it(tmp_path: Path) -> None:
    feeds = [f"https://{name}.example/feed" for name in ("ann", "bob", "eve")]
    heads = [SourceHead(address=each) for each in (*feeds, str(tmp_path / "sea/index.json"))]
    for group, scope in (("all", "all"), ("all", "since 2024"), ("ada", "all")):
        where = folders(tmp_path, [], scope, group)
        for head in heads:
            where.keep(head, "none", DAY, ())
    where = folders(tmp_path, [])
    sea = [str(tmp_path / "sea")]
    where.forget_others([feeds[0]], [], lambda _, key: key in {"bob.example/feed", "path:sea"})
    where.forget_others([feeds[0], "http://www.bob.example/feed/"], sea, lambda *_: False)
    there = [head.address for head in where.heads(tmp_path)]
    keys = [*(each.removeprefix("https://") for each in feeds), "path:sea/index.json"]
    assert [there.count(each) for each in keys] == [3, 3, 1, 3]
    where.forget_others(feeds, [], lambda *_: False)
    there = [head.address for head in where.heads(tmp_path)]
    assert [there.count(each) for each in keys] == [3, 3, 1, 1]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_damage_is_a_warning(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    top = tmp_path_factory.mktemp("copies")
    path = kept_in(top)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    path.write_bytes(whole[:at] if cut else whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    problems: list[Problem] = []
    copy = folders(top, problems).find(HEAD.address)
    if copy is None:
        assert [each.severity for each in problems] == ["warning"]
        assert problems[0].path == str(path)
    else:  # a digit of its date
        assert tuple(copy.entries) == ENTRIES
    # A good run mends it, on the same day too.
    day = data.draw(st.sampled_from([DAY, dt.date(2024, 5, 7)]))
    folders(top, []).keep(HEAD, state_of(HEAD, ENTRIES), day, ENTRIES)
    mended = folders(top, []).find(HEAD.address)
    assert mended is not None
    assert tuple(mended.entries) == ENTRIES


@pytest.mark.parametrize("year", [2999, 9999])
def test_a_day_that_has_not_come_is_none(year: int, tmp_path: Path) -> None:
    path = kept_in(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"2024-05-06", f"{year}-05-06".encode()))
    copy = folders(tmp_path, []).find(HEAD.address)
    assert copy is not None
    assert copy.answered is None
    folders(tmp_path, []).keep(HEAD, "fewer", DAY, ENTRIES[:3])
    copy = folders(tmp_path, []).find(HEAD.address)
    assert copy is not None
    assert copy.answered is not None
    assert (tuple(copy.entries), copy.answered.date()) == (ENTRIES[:3], DAY)


def test_a_length_that_no_record_has_takes_no_memory(tmp_path: Path) -> None:
    path = kept_in(tmp_path)
    path.write_bytes(bomb(b""))
    tracemalloc.start()
    assert folders(tmp_path, []).find(HEAD.address) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def bomb(_: bytes) -> bytes:
    label = b'{"format":1,"state":"x"}\n'
    return label + zlib.compress((1 << 31).to_bytes(4, "big") + bytes(30_000_000), 9)


@pytest.mark.parametrize(
    "hostile",
    [
        bomb,
        lambda whole: b"[" * 100_000 + whole,
        lambda whole: b'{"format":2,"state":""}\n' + whole,
        lambda _: b'{"format":1,"state":"x"}\n' + zlib.compress(b"\0\0\0\3\xc1\xc1\xc1"),
        lambda _: b'{"format":1,"state":"x"}\n' + zlib.compress(b"\0\1\0\0" + b"\x91" * 65_536),
        lambda _: b"",
    ],
)
def test_hostile_copies_are_refused(
    hostile: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LIMIT", 10_000_000)
    path = kept_in(tmp_path)
    path.write_bytes(hostile(path.read_bytes()))
    problems: list[Problem] = []
    assert folders(tmp_path, problems).find(HEAD.address) is None
    assert "is no copy of https://ann.example/feed that can be read" in problems[0].reason
    assert "\n" not in str(problems[0])


def test_nothing_is_read_or_written_through_links_and_pipes(tmp_path: Path) -> None:
    path = kept_in(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    problems: list[Problem] = []
    path.symlink_to(elsewhere)
    assert folders(tmp_path, problems).find(HEAD.address) is None
    path.unlink()
    os.mkfifo(path)
    assert folders(tmp_path, problems).find(HEAD.address) is None
    writer = os.open(path, os.O_RDWR)  # which says nothing
    assert folders(tmp_path, problems).find(HEAD.address) is None
    os.close(writer)
    assert len(problems) == 3
    other = tmp_path / "other"
    other.mkdir()
    (other / COPIES).symlink_to(tmp_path)
    with pytest.raises(OSError, match="symbolic link"):
        folders(other, []).keep(HEAD, "x", DAY, ENTRIES)
