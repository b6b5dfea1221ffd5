"""What is JSON stays; what is written around it, in it or not at all changes no value."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.text.json_mended import DEEPEST, mended

SIGNS = '{}[],:"\\/*nu \n'
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(SIGNS + "a'é", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(SIGNS, max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_json_stays_as_it_is(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert mended(text) == text


@given(VALUES, st.sampled_from(["/* a, */", "// ]}", ""]), st.booleans())
def test_comments_and_commas_change_no_value(value: object, between: str, fewer: bool) -> None:
    """Behind each element there is a comma too many, or there is none at all."""
    lines = json.dumps([value, {"k": value}], indent=1).split("\n")
    if fewer:
        changed = [line.removesuffix(",") for line in lines]
    else:
        changed = [re.sub(r"(?<=[^\[{,])$", ",", line) for line in lines[:-1]] + lines[-1:]
    text = "\n".join(line + between for line in changed)
    assert json.loads(mended(text)) == [value, {"k": value}]


@given(st.text(SIGNS + "'x4", max_size=30))
def test_any_text_is_mended_once(text: str) -> None:
    once = mended(text)
    assert mended(once) == once
    assert once.count("\n") == text.count("\n")


@pytest.mark.parametrize("depth", [DEEPEST - 1, DEEPEST, 100_000])
def test_what_is_too_deep_is_left_out_in_its_place(depth: int) -> None:
    text = "[" * depth + "1" + "]" * depth + " 2"
    assert len(mended(f"[{text}]")) == len(f"[{text}]") + 1
    assert json.loads(mended(f'{{"a": {text.removesuffix(" 2")}, "b": 2}}'))["b"] == 2
