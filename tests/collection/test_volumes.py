"""Volumes: every entry in exactly one, names that stay, relations across."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.collection.volumes import cut
from convert.entryset import EntrySet
from convert.errors import UsageError
from convert.model import Category, Citation, Feed, Origin, Prepared, User
from convert.testing import entry_set, prepared


def entry(
    number: int, *, user: str = "anil", category: str | None = None, year: int = 2020
) -> Prepared:
    date = dt.datetime(year, 1, 1) + dt.timedelta(days=number)  # noqa: DTZ001 - made aware there
    categories = (Category(term=category),) if category is not None else ()
    return prepared(
        f"{user}/{number:03}",
        f"<div><p>{'x' * 87}</p></div>",
        date=date.isoformat(),
        categories=categories,
        id=f"urn:{number:03}",
    )


def labels(volumes: tuple[EntrySet, ...]) -> list[str]:
    return [each.volume.label if each.volume else "" for each in volumes]


def keys(volumes: tuple[EntrySet, ...]) -> list[list[str]]:
    return [[each.key for each in volume] for volume in volumes]


def test_none_is_the_set_itself() -> None:
    whole = entry_set([entry(1)])
    assert cut(whole, "none") == (whole,)
    empty = entry_set([])
    assert cut(empty, "year") == (empty,)


def test_years() -> None:
    whole = entry_set([entry(1, year=2021), entry(2, year=2019), entry(3, year=2021)])
    volumes = cut(whole, "year")
    assert labels(volumes) == ["2019", "2021"]
    assert keys(volumes) == [["anil/002"], ["anil/001", "anil/003"]]
    last = volumes[1].volume
    assert last is not None
    assert (last.name, last.title, last.number, last.total) == ("eeg-2021", "The group, 2021", 2, 2)
    assert volumes[1].neighbours() == (volumes[0].volume, None)


def test_authors_are_the_members() -> None:
    users = {
        name: User(username=name, display_name=shown)
        for name, shown in (("a", "Zoe"), ("z", "Ann"))
    }
    whole = entry_set([entry(1, user="a"), entry(2, user="z")], users=users)
    volumes = cut(whole, "author")
    assert labels(volumes) == ["z", "a"]
    assert [each.volume and each.volume.title for each in volumes] == [
        "The group, Ann",
        "The group, Zoe",
    ]


def test_categories_ignore_case_and_the_rest_comes_last() -> None:
    given = [None, "OCaml", "ocaml", "C", "C++", "Uncategorized", ""]
    whole = entry_set([entry(at, category=each) for at, each in enumerate(given)], language="fr")
    volumes = cut(whole, "category")
    assert [len(each) for each in volumes] == [1, 1, 2, 3]
    assert labels(volumes)[0] == "c"
    assert labels(volumes)[1].startswith("c-")
    assert labels(volumes)[2:] == ["ocaml", "uncategorised"]
    assert volumes[3].volume is not None
    assert volumes[3].volume.title == "The group, Sans catégorie"


@pytest.mark.parametrize("how", ["3", "300b", "1kB", "year", "author", "category"])
def test_every_entry_is_in_one_volume_in_its_order(how: str) -> None:
    if how == "300b":
        with pytest.raises(UsageError):
            cut(entry_set([entry(1)]), how)
        return
    entries = [
        entry(at, user="ab"[at % 2], category="xy"[at % 2], year=2019 + at % 3) for at in range(25)
    ]
    whole = entry_set(entries[::-1])
    volumes = cut(whole, how)
    assert len(volumes) > 1
    positions = {each.key: at for at, each in enumerate(whole)}
    for volume in volumes:
        found = [positions[each.key] for each in volume]
        assert found == sorted(found)
    assert sorted(key for volume in keys(volumes) for key in volume) == sorted(positions)
    assert len({label.casefold() for label in labels(volumes)}) == len(volumes)


@given(st.integers(1, 40), st.sampled_from(["4", "1k", "2 kB"]), st.booleans())
def test_a_new_entry_changes_the_last_volume_only(count: int, how: str, newest: bool) -> None:
    entries = [entry(at) for at in range(count + 1)]
    before, after = entries[:-1], entries
    if newest:
        before, after = before[::-1], after[::-1]
    old, new = cut(entry_set(before), how), cut(entry_set(after), how)
    assert keys(new)[: len(old) - 1] == keys(old)[:-1]
    # Once there are several, they keep their names; what fits one volume is not cut.
    assert labels(old) == [""] if len(old) == 1 else labels(new)[: len(old)] == labels(old)
    assert len(new) - len(old) in {0, 1}


def test_sizes_are_kept_and_one_entry_may_be_larger() -> None:
    whole = entry_set([entry(at) for at in range(20)])
    weights = {each.key: 600 if each.key == "anil/004" else 100 for each in whole}
    volumes = cut(whole, "0.5kB".replace("0.5", "1"), lambda each: weights[each.key])
    assert all(sum(weights[each.key] for each in volume) <= 1000 for volume in volumes)
    (alone,) = cut(entry_set([entry(1)]), "1k", lambda _: 5000)
    assert len(alone) == 1


def test_relations_reach_into_other_volumes() -> None:
    entries = [entry(1, year=2019), entry(2, year=2020), entry(3, year=2021)]
    cited = {
        "anil/002": (Citation(address="u", key="anil/001"),),
        "anil/003": (Citation(address="v", key="anil/002"),),
    }
    first, second, third = cut(entry_set(entries, citations=cited), "year")
    assert [each.key for each in first.citing(first.entries[0])] == ["anil/002"]
    assert first.elsewhere["anil/002"].volume == second.volume
    assert second.answered(second.entries[0])[0].key == "anil/001"
    assert set(third.elsewhere) == {"anil/002"}


def test_what_is_left_out_of_a_selection_is_not_related() -> None:
    entries = [entry(1), entry(2)]
    cited = {"anil/002": (Citation(address="u", key="anil/001"),)}
    whole = entry_set(entries, citations=cited)
    alone = whole.only(whole.entries[1:])
    assert alone.citations == {}
    assert whole.only(whole.entries[:1]).cited_by == {}
    assert whole.only(whole.entries).citations == whole.citations


@pytest.mark.parametrize("how", ["", "0", "-3", "month", "50XB", "1e9", "٣", "9" * 30])
def test_a_bad_value_names_the_good_ones(how: str) -> None:
    with pytest.raises(UsageError, match="50MB"):
        cut(entry_set([entry(1)]), how)


def test_a_new_entry_leaves_feeds_and_origins_of_old_volumes_alone() -> None:
    entries = [entry(at) for at in range(4)]
    newest = [each.entry.updated for each in entries]
    made = [
        Prepared(entry=msgspec.structs.replace(each.entry, source="f"), body=each.body, text="")
        for each in entries
    ]

    def cut_at(count: int, commit: str) -> EntrySet:
        feeds = {"f": Feed(id="f", updated=newest[count - 1]), "g": Feed(id="g")}
        origins = (Origin(address="a", kind="git", name="a", commit=commit),)
        return cut(entry_set(made[:count], feeds=feeds, origins=origins), "2")[0]

    old, new = cut_at(3, "c0ffee"), cut_at(4, "bad")
    assert old.feeds == new.feeds == {"f": Feed(id="f", updated=newest[1])}
    assert old.origins == new.origins


def test_a_stem_names_the_volumes() -> None:
    (volume,) = cut(entry_set([entry(1)]), "year", stem="book")
    assert volume.volume is not None
    assert volume.volume.name == "book-2020"
