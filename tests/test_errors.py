"""Names that nobody bears: which of those that are known may have been meant."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.errors import UnknownName, near
from convert.plugins import Registry

REGISTRY = Registry.default()
KNOWN = sorted({*REGISTRY.exporters, *REGISTRY.sources})
LETTERS = string.ascii_lowercase


@pytest.mark.parametrize("name", ["nope", "html", "docx", "mobi", "jpeg", "x", "", "word", "xyz"])
def test_what_is_not_near_is_not_named_as_meant(name: str) -> None:
    assert near(name, KNOWN) == ()
    assert f"no exporter is called {name!r}; known are {KNOWN[0]}, " in str(
        UnknownName("exporter", name, KNOWN)
    )


@given(name=st.sampled_from(KNOWN), at=st.integers(0, 8), letter=st.sampled_from(LETTERS))
def test_one_slip_is_near(name: str, at: int, letter: str) -> None:
    at %= len(name)
    slips = {
        name[:at] + letter + name[at:],
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at + 1 :],
        name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
        name.upper(),
        name[::-1],
    }
    for slip in slips:
        assert name in near(slip, [name])


@given(st.text(LETTERS, min_size=1, max_size=12), st.text(LETTERS, min_size=1, max_size=12))
def test_names_that_are_near_share_their_letters(one: str, other: str) -> None:
    common = sum(min(one.count(letter), other.count(letter)) for letter in {*one})
    if near(one, [other]) and one not in other:
        assert 2 * common >= 0.6 * (len(one) + len(other))


def test_a_part_of_a_name_leads_to_it() -> None:
    names = ["Ada Finch", "Leila Haddad", "Bruno"]
    assert near("finch", names) == ("Ada Finch",)
    assert near("HADD", names) == ("Leila Haddad",)
    assert near("in", names) == ()


def test_long_names_cost_no_time() -> None:
    known = ["n" * 100_000, *(f"{number:0200}" for number in range(500))]
    assert near("nn" * 100_000, known) == ()
