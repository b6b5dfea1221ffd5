"""No element takes a word or an address along in silence, whatever it is called and wherever it
stands: it is in the body or in a warning."""

from __future__ import annotations

import itertools

import pytest
from entries import prepared
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convert.content import vocabulary as v
from convert.content.safety.allowlist import REMOVED

OWN = v.names("my-card x-y o:p mention foo keygen command content shadow element nextid menuitem")
NAMES = sorted(v.HTML | v.MATHML | OWN | {each.lower() for each in {*v.SVG_CASE, *REMOVED}})
PLACES = (
    "<p>Before {} after.</p>",
    "<h2>Before {} after.</h2>",
    "<ul><li>Before {}</li></ul>",
    "<table><tr><td>Before {}</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>",
    '<figure><img src="https://a.example/p.png">{}</figure>',
    "<p>Before.</p>{}<p>After.</p>",
)
WORD = "Wort"
ADDRESS = "https://b.example/There"
TEX = r"\frac{There}{2}"
SHAPES = (
    *(("", WORD), (' class="a"', WORD)),
    *((f' {name}="{ADDRESS}"', "") for name in ("src", "href", "data-src", "data-url")),
    *((f' {name}="{ADDRESS}"', WORD) for name in ("src", "href")),
    (f' data-some-thing="{ADDRESS}"', ""),
    *((f' {name}="{TEX}"', "") for name in ("data-tex", "data-formula", "data-some-thing")),
)

FIELDS = v.names("button clipboard-copy input select textarea")
"""Furniture: fields to write into and their buttons."""
SCRIPTS = v.names("script style")
"""What acts: it has no words."""
HEAD = v.names("title") | v.NOT_SHOWN
"""What says something of the page, and wraps that show nothing."""
PARTS = v.names("area param source track caption col colgroup td th tr tbody thead tfoot")
"""Parts of what is not around them: browsers show nothing of them but their words."""
DRAWN = v.names("svg math")
"""A drawing or formula: its step reads what is in it, and text beside its shapes is not drawn."""
RAW = v.SKIPPED | v.names("plaintext xmp")
"""What holds no elements has no attributes that lead anywhere."""
WORDLESS = FIELDS | SCRIPTS | {"svg"}
NOWHERE = FIELDS | SCRIPTS | HEAD | PARTS | DRAWN | RAW


def check(name: str, place: str, attributes: str, words: str) -> None:
    found = prepared(place.format(f"<{name}{attributes}>{words}</{name}>"))
    pictures = (each.address for each in found.images)
    said = "\n".join((found.body, *pictures, *(each.reason for each in found.problems)))
    is_frame = name == "iframe" and " src=" in attributes  # whose words are for old browsers
    if words and name not in WORDLESS and not is_frame and f"<{name}> is shown by no" not in said:
        assert words in said
    if "There" in attributes and name not in NOWHERE:
        assert "There" in said or f"<{name}> shows nothing" in said
    if "Before" in place:
        assert "Before" in said


@settings(max_examples=200)
@given(st.sampled_from(NAMES), st.sampled_from(PLACES), st.sampled_from(SHAPES))
@example("template", PLACES[-1], SHAPES[0])
@example("track", PLACES[0], SHAPES[2])
@example("image", PLACES[0], SHAPES[3])
@example("mention", "<p>See {}</p>", SHAPES[0])
def test_no_word_and_no_address_is_lost(name: str, place: str, shape: tuple[str, str]) -> None:
    check(name, place, *shape)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=" ".join)
def test_none_is_lost_of_any_element_anywhere(shape: tuple[str, str]) -> None:
    for name, place in itertools.product(NAMES, PLACES):
        check(name, place, *shape)


PICTURE = f'<noscript><img src="{ADDRESS}.png" alt="{WORD}"></noscript>'
TEXT_ONLY = v.RAW_TEXT | {"select"}
"""A parser makes no elements of what is in these."""


@pytest.mark.parametrize("name", sorted({*REMOVED, *v.SKIPPED, *v.RAW_TEXT, *v.VOID, "svg", "foo"}))
def test_no_picture_for_readers_without_scripts_goes_along(name: str) -> None:
    whole = f"<{name}></{name}>"
    places = [f"<p>a</p>{whole}{PICTURE}<p>b</p>", f"<p>a {whole}{PICTURE} b</p>"]
    if name == "plaintext":  # which has no end
        places = [f"<p>a</p>{PICTURE}{whole}"]
    if name not in TEXT_ONLY:
        places.append(f"<p>a</p><{name}>{PICTURE}</{name}><p>b</p>")
        places.append(f"<noscript><{name}>{PICTURE[10:-11]}</{name}></noscript>")
    for markup in places:
        found = prepared(markup)
        pictures = [each.address for each in found.images]
        named = any("is shown by no browser" in each.reason for each in found.problems)
        assert pictures == [f"{ADDRESS}.png"] or named, markup
