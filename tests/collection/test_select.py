"""Sift and choose."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.collection import select as selection
from convert.collection.folders import Folders
from convert.model import Category, Entry, Person, StoredEntry, User
from convert.settings.job import Selection
from convert.settings.periods import Day
from convert.testing import prepared

USERS = {"avsm": User(username="avsm", display_name="Anil Madhavapeddy")}


def day(year: int, month: int, number: int) -> Day:
    return Day(dt.date(year, month, number), f"{year}-{month:02}-{number:02}")


def stored(**fields: object) -> StoredEntry:
    known: dict[str, object] = {
        "path": "avsm/x.json",
        "user": "avsm",
        "id": "urn:x",
        "updated": dt.datetime(2025, 3, 4, 23, 59, 59, tzinfo=dt.UTC),
        "authors": (Person(name="Thomas Gazagnaire"),),
        "categories": (Category(term="ocaml", label="OCaml & Co"),),
    }
    return StoredEntry(**(known | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("select", "kept"),
    [
        (Selection(), True),
        (Selection(authors=("AVSM",)), True),
        (Selection(authors=("anil  madhavapeddy",)), True),
        (Selection(authors=("thomas gazagnaire",)), True),
        (Selection(authors=("mort",)), False),
        (Selection(authors=("avsm",), exclude_authors=("Thomas Gazagnaire",)), False),
        (Selection(exclude_authors=("mort",)), True),
        (Selection(categories=("OCAML",)), True),
        (Selection(categories=("mirage", "ocaml & co")), True),
        (Selection(categories=("mirage",)), False),
        (Selection(exclude=("urn:x",)), False),
        (Selection(since=day(2025, 3, 4), until=day(2025, 3, 4)), True),
        (Selection(since=day(2025, 3, 5)), False),
        (Selection(until=day(2025, 3, 3)), False),
    ],
)
def test_sift(select: Selection, *, kept: bool) -> None:
    assert selection.sift(stored(), select, USERS, Folders({})) is kept


def test_sift_goes_by_publication() -> None:
    entry = stored(published=dt.datetime(2011, 1, 1, tzinfo=dt.UTC))
    assert not selection.sift(entry, Selection(since=day(2025, 1, 1)), USERS, Folders({}))


def test_matches_title_and_text_ignoring_case_form_and_line_breaks() -> None:
    entry = prepared("avsm/x", "<div><p>On\nSTRASSE cafe\u0301</p></div>", title="Über MirageOS")
    for text in ("straße", "on strasse CAFÉ", "mirageos"):
        assert selection.matches(entry, Selection(match=(text,)))
    assert not selection.matches(entry, Selection(match=("xen",)))
    assert selection.matches(entry, Selection(match=("straße", "mirageos")))
    assert not selection.matches(entry, Selection(match=("straße", "xen")))
    assert selection.matches(entry, Selection())


def test_the_newest_are_kept_in_the_order_given() -> None:
    entries = [prepared("a/1", date=f"20{year}-01-01T00:00:00").entry for year in (12, 10, 14, 11)]
    kept = selection.newest(entries, 2)
    assert [entry.date.year for entry in kept] == [2012, 2014]
    assert selection.newest(entries, None) == tuple(entries)
    assert selection.newest(entries, 0) == ()


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=12),
    st.none() | st.integers(0, 4),
    st.none() | st.integers(0, 6),
)
def test_the_newest_of_each_member_then_the_newest_of_all(
    written: list[tuple[str, int]], per_author: int | None, limit: int | None
) -> None:
    entries = [
        prepared(f"{user}/{at}", date=f"2010-01-0{day}T00:00:00", user=user).entry
        for at, (user, day) in enumerate(written)
    ]
    chosen = selection.newest(
        selection.newest(entries, per_author, lambda entry: entry.user), limit
    )
    # One after the other, from the newest on, as a reader would count them off.
    counted: list[Entry] = []
    for entry in selection.ordered(entries, "newest"):
        of_member = [each for each in counted if each.user == entry.user]
        if per_author is None or len(of_member) < per_author:
            counted.append(entry)
    assert [each for each in entries if each in counted[:limit]] == list(chosen)


@given(st.permutations([0, 1, 2, 3, 4]))
def test_order_is_by_date_then_id_whatever_came_first(order: list[int]) -> None:
    entries: list[Entry] = [
        prepared(f"a/{at}", date=f"2010-01-0{1 + at // 2}T00:00:00").entry for at in order
    ]
    oldest = selection.ordered(entries, "oldest")
    assert [entry.key for entry in oldest] == [f"a/{at}" for at in range(5)]
    assert selection.ordered(entries, "newest") == oldest[::-1]
