"""Lines of text that stand among others: legal, short, and silent about directions."""

from __future__ import annotations

import re
import time

import pytest
from directions import HONEST, HOSTILE, runs_on
from hypothesis import given
from hypothesis import strategies as st

from convert.text.addresses import clean_address
from convert.text.characters import LONGEST, balanced, fold, shortened, visible

SIGNS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TEXTS = st.text(alphabet="aא \n" + SIGNS, max_size=40)
PAIRED = st.recursive(
    st.text(alphabet="aא\u200e\u200f\u061c", max_size=3),
    lambda inner: st.builds(
        lambda pair, parts: pair[0] + "".join(parts) + pair[1],
        st.sampled_from(
            ["\u202a\u202c", "\u202b\u202c", "\u2066\u2069", "\u2067\u2069", "\u2068\u2069"]
        ),
        st.lists(inner, max_size=3),
    ),
)


@given(TEXTS)
def test_a_line_leaves_nothing_open(text: str) -> None:
    line = fold(text)
    assert not runs_on(line)
    assert fold(line) == line
    assert "".join(sign for sign in line if sign in "aא") == re.sub("[^aא]", "", text)


@given(PAIRED)
def test_well_paired_text_stays_as_it_was(text: str) -> None:
    assert balanced(text) == text


def test_honest_titles_stay_as_they_were() -> None:
    assert fold(HONEST) == HONEST
    assert fold("שלום") == "שלום"


def test_an_override_goes_with_what_closes_it() -> None:
    assert fold("a \u202egnp.exe\u202c b\u202c") == "a gnp.exe b"
    assert fold("\u2067a \u202bb\u2069 c\u202c") == "\u2067a b\u2069 c"


@given(text=TEXTS, most=st.integers(min_value=3, max_value=30))
def test_a_cut_leaves_nothing_open(text: str, most: int) -> None:
    line = shortened(text, most)
    assert not runs_on(line)
    assert len(line) <= most
    assert line == fold(text) or line.endswith(" …")


def test_a_cut_ends_behind_a_word() -> None:
    assert shortened("one two three", 11) == "one two …"
    assert shortened("abcdefgh", 5) == "abc …"
    assert shortened("a " * LONGEST).count("a") == LONGEST // 2 - 1


@pytest.mark.judge
@pytest.mark.parametrize(
    "token", [*SIGNS, "\u202a\u2066", "\u202a\u2069", "\u2066\u202c", "\u2067\u202b\u2069"]
)
def test_time_is_linear(token: str) -> None:
    text = token * (200_000 // len(token))
    started = time.process_time()
    fold(text)
    assert time.process_time() - started < 3


def test_a_terminal_is_shown_escapes_for_what_acts_on_it() -> None:
    assert visible("a\x1b[31m\u202eb\n\u2067\ud800 é שלום") == (
        "a\\x1b[31m\\u202eb\\n\\u2067\\ud800 é שלום"
    )


def test_an_address_turns_no_direction() -> None:
    assert clean_address("https://a.example/\u202ex?\u2067#\u200f") == (
        "https://a.example/%E2%80%AEx?%E2%81%A7#%E2%80%8F"
    )
    assert not runs_on(clean_address(f"https://a.example/{HOSTILE}") or "")
