"""What is an excerpt, whatever stands at the end of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.text.excerpts import is_cut, is_excerpt

WHOLE = "Herons stand in the water and wait for fish. They are patient birds, all of them."
FOOTERS = """
Continue reading {} →
Continue reading "{}"
(more…)
[…]
…
... Read more »
Read the full article
Read more about {}
Read more at A Blog
[Read more...]
Weiterlesen: {}
(Mehr …)
Lire la suite
続きを読む
The post {} appeared first on A Blog.
Der Beitrag {} erschien zuerst auf A Blog.
L’article {} est apparu en premier sur A Blog.
La entrada {} se publicó primero en A Blog.
Continue reading {} → The post {} appeared first on A Blog.
{} was originally published in A Blog on Medium, where people are responding to this story.
""".strip().splitlines()
TITLES = ["One", "Herons", "What is (not) a *bird*?"]


@given(st.integers(1, len(WHOLE.split()) - 1), st.sampled_from(FOOTERS), st.sampled_from(TITLES))
def test_an_excerpt_is_known_with_any_footer(cut: int, footer: str, title: str) -> None:
    end = footer.replace("{}", title)
    text = f"{' '.join(WHOLE.split()[:cut])} {end}"
    assert is_excerpt(text, WHOLE, title)
    assert is_cut(text, title)
    assert not is_cut(WHOLE, title)
    assert is_excerpt(text, f"{WHOLE} {end}", title)
    assert not is_excerpt(WHOLE, text, title)
    assert not is_excerpt(f"{WHOLE} {end}", WHOLE, title)


@pytest.mark.parametrize(
    "text",
    [
        "Herons stand in the water. I want more.",
        "Herons stand. This was corrected.",
        "Herons stand in the water, read more of it, and wait.",
        WHOLE,
    ],
)
def test_another_text_is_no_excerpt(text: str) -> None:
    assert not is_excerpt(text, WHOLE, "One")
