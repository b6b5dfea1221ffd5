"""Which of two equal entries stays, and what is said of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.collection.duplicates import Resolution, resolve
from convert.collection.similarity import fingerprint
from convert.model import Prepared
from convert.testing import MemoryBodies, prepared

PROSE = " ".join(
    f"Sentence {number} tells of unikernel {number * 7} and its many small parts."
    for number in range(20)
)


def entry(
    id: str,  # noqa: A002
    text: str = "Hello.",
    *,
    title: str = "Title",
    user: str = "anil",
    day: int = 1,
    **fields: object,
) -> Prepared:
    known = {"id": id, "link": f"https://{user}.org/{id}", "path": f"{user}/{id}-{day}.json"}
    return prepared(
        f"{user}/{id}",
        f"<div><p>{text}</p></div>",
        title=title,
        date=f"2024-01-{day:02}T00:00:00",
        **(known | fields),  # type: ignore[arg-type]
    )


def resolved(entries: Sequence[Prepared], declared: Mapping[str, str] | None = None) -> Resolution:
    return resolve(
        [each.entry for each in entries],
        [fingerprint(each) for each in entries],
        declared or {},
        MemoryBodies({each.entry.digest: each for each in entries}),
    )


def ids(found: Resolution) -> list[str]:
    return [each.id for each in found.entries]


def test_a_declared_duplicate_goes_and_leaves_its_addresses() -> None:
    found = resolved([entry("b"), entry("a", "Other.")], {"b": "a"})
    assert ids(found) == ["a"]
    assert found.entries[0].aliases == ("b", "https://anil.org/b")
    (problem,) = found.problems
    assert (
        str(problem) == "anil/b-1.json: left out as a duplicate of anil/a-1.json: declared as such"
    )


@pytest.mark.parametrize(
    ("declared", "left"),
    [
        ({"a": "gone"}, ["a", "b", "c"]),
        ({"a": "b", "b": "c"}, ["c"]),
        ({"a": "b", "b": "gone"}, ["b", "c"]),
        ({"a": "gone", "gone": "b"}, ["b", "c"]),
        ({"a": "b", "b": "a"}, ["a", "b", "c"]),
        ({"c": "a", "a": "b", "b": "a"}, ["a", "b", "c"]),
    ],
)
def test_declared_chains(declared: dict[str, str], left: list[str]) -> None:
    entries = [entry(id, f"Text of {id}.", title=id) for id in ("a", "b", "c")]  # noqa: A001
    assert ids(resolved(entries, declared)) == left


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"id": "a", "link": None}, {"id": "a", "link": None}),
        ({"id": "a", "link": "http://x.org/p"}, {"id": "b", "link": "https://www.x.org/p/"}),
        ({"id": "https://x.org/p", "link": None}, {"id": "b", "link": "https://x.org/p#top"}),
    ],
)
def test_same_address_title_and_text_is_one_entry(one: dict[str, str], two: dict[str, str]) -> None:
    first = entry(**one, day=1)
    second = entry(**two, day=2)
    found = resolved([second, first])
    assert ids(found) == [one["id"]]
    assert "title and text" in found.problems[0].reason


@pytest.mark.parametrize("change", [{"title": "Other"}, {"text": "Other."}])
def test_an_equal_id_alone_drops_nothing(change: dict[str, str]) -> None:
    old, new = entry("a", day=1), entry("a", day=2, **change)
    found = resolved([new, old])
    assert ids(found)[1] == "a"
    assert ids(found)[0].startswith("urn:uuid:")
    assert ids(found) == ids(resolved([new, old]))
    (problem,) = found.problems
    assert problem.field == "id"
    assert problem.path == "anil/a-2.json"
    assert problem.severity == "warning"


def test_an_equal_link_alone_is_only_named() -> None:
    page = "https://x.org/software"
    found = resolved([entry("a", link=page), entry("b", title="Other", link=page, day=2)])
    assert ids(found) == ["a", "b"]
    assert found.problems[0].field == "link"


def test_two_sources_that_know_different_states_of_an_entry() -> None:
    old = entry("a", "Draft.", origin="store")
    new = entry("a", "Corrected.", origin="feed", updated=entry("a", day=9).entry.updated)
    for entries in ([old, new], [new, old]):
        found = resolved(entries)
        assert [each.origin for each in found.entries] == ["feed"]


def test_a_syndicated_entry_stays_where_it_was_published_first() -> None:
    own = entry("a", PROSE, day=1)
    copy = entry("b", PROSE.upper(), title="On our blog", user="company", day=2)
    found = resolved([copy, own])
    assert ids(found) == ["a"]
    assert found.entries[0].aliases == ("b", "https://company.org/b")


def test_a_nearly_equal_text_on_another_blog_goes_too() -> None:
    copy = f"This first appeared on my own blog. {PROSE}".replace("unikernel 49", "unikernel 50")
    other = PROSE.replace("many small parts", "few large wholes")
    entries = [
        entry("a", PROSE),
        entry("b", copy, user="company", day=2),
        entry("c", other, user="company", day=3),
    ]
    found = resolved(entries)
    assert ids(found) == ["a", "c"]
    assert "%" in found.problems[0].reason


@pytest.mark.parametrize(
    "copy",
    [
        entry("b", PROSE, title="Next meeting", day=2),
        entry("b", "New release, see the page.", user="company", day=2),
    ],
)
def test_equal_texts_of_one_blog_and_short_ones_all_stay(copy: Prepared) -> None:
    text = copy.text
    assert len(resolved([entry("a", text), copy]).entries) == 2


def test_declared_as_canonical_for_itself_never_goes() -> None:
    own, copy = entry("a", PROSE), entry("b", PROSE, user="company", day=2)
    assert len(resolved([own, copy], {"b": "b"}).entries) == 2


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 5), max_size=8), st.integers())
def test_nothing_is_lost_and_order_does_not_matter(drawn: list[tuple[int, ...]], seed: int) -> None:
    texts = ("Hello.", PROSE, PROSE.replace("many", "few"))
    entries = [
        entry(f"i{a}", texts[b], title=f"t{c}", user=f"u{d}", day=e + 1, path=f"p{at}")
        for at, (a, b, c, d, e) in enumerate(drawn)
    ]
    found = resolved(entries)
    left_out = [problem for problem in found.problems if "left out" in problem.reason]
    assert len(found.entries) + len(left_out) == len(entries)
    assert len(set(ids(found))) == len(found.entries)
    shuffled = random.Random(seed).sample(entries, len(entries))
    again = {(each.id, each.title, each.date) for each in resolved(shuffled).entries}
    assert again == {(each.id, each.title, each.date) for each in found.entries}
