"""Pictures: the best candidate of each, named by its digest and noted in the draft."""

from __future__ import annotations

import hashlib
from itertools import product

import pytest
from entries import body
from hypothesis import given
from hypothesis import strategies as st
from marking import BASE, draft, inner, marked, said
from msgspec.structs import replace

from convert.content import images
from convert.content.images import split_srcset
from convert.model import ImageReference

TINY = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
PHOTO = "https://blog.example/photo.jpg"


def _ref(address: str, *place: str) -> str:
    return hashlib.sha256("\0".join((address, *place)).encode()).hexdigest()[:24]


def _chosen(markup: str) -> str:
    """The address that was chosen for the one picture in the markup."""
    into = draft()
    tree = marked(images.mark, markup, into)
    (reference,) = into.images.values()
    assert [each.get("src") for each in tree.iter("img")] == [f"image:{reference.ref}"]
    return reference.address


def test_form_and_reference() -> None:
    into = draft()
    markup = '<img src="../pic%20one.png" alt=" A  view " width="30" title="t" class="c" id="i">'
    address, path = "https://blog.example/pic%20one.png", "../pic%20one.png"
    ref = _ref(address, "", "a", path)
    assert inner(images.mark, markup, into) == (
        f'<img src="image:{ref}" alt="A view" id="i" width="30" title="t"'
        f' data-address="{address}"/>'
    )
    assert list(into.images.values()) == [
        ImageReference(ref=ref, address=address, path=path, alt="A view")
    ]


def test_a_picture_is_not_as_small_as_the_dot_that_stood_for_it() -> None:
    markup = '<p>x <img src="dot.gif" data-src="/a.png" width="1" height="1px" title="t"></p>'
    once = body(markup)
    assert 'title="t"' in once
    assert "width" not in once
    assert body(once) == once


def test_without_a_base_a_relative_reference_is_a_path() -> None:
    into = draft(base=None)
    assert inner(images.mark, '<img src="images/a.png">', into) == (
        f'<img src="image:{_ref("", "", "a", "images/a.png")}" alt=""/>'
    )
    assert [(each.address, each.path) for each in into.images.values()] == [("", "images/a.png")]


def test_a_data_uri_is_its_own_address() -> None:
    assert _chosen(f'<img src="{TINY}" alt="dot">') == TINY


@pytest.mark.parametrize(
    "markup",
    [
        f'<img src="{PHOTO}">',
        f'<img src="{TINY}" data-src="{PHOTO}" class="lazy">',
        f'<img src="/blank.gif" data-lazy-src="{PHOTO}">',
        f'<img data-original="{PHOTO}">',
        f'<img src="{TINY}" data-srcset="{PHOTO} 2x">',
        f'<img src="s.jpg" srcset="s.jpg 300w, {PHOTO} 1700w, xl.jpg 5000w">',
        f'<img src="s.jpg" srcset="s.jpg 300w, {PHOTO} 900w">',
        f'<img src="s.jpg" srcset="s.jpg 1x, {PHOTO} 2x">',
        f'<img src="s.jpg" srcset="s.jpg 300w,{PHOTO} 900w">',
        f'<picture><source srcset="{PHOTO}" type="image/webp"><img src="s.jpg"></picture>',
        f'<picture><source srcset="a.jxl" type="image/jxl"><img src="{PHOTO}"></picture>',
        (
            '<picture><source media="(prefers-color-scheme: dark)" srcset="d.png">'
            f'<img src="{PHOTO}"></picture>'
        ),
        (
            f'<picture><source media="(max-width: 640px)" srcset="s.webp"><source '
            f'media="(min-width: 640px)" srcset="{PHOTO}"><img src="o.jpg"></picture>'
        ),
        f'<img src="{TINY}" class="lazy"><noscript><img src="{PHOTO}"></noscript>',
        f'<noscript><img src="{PHOTO}"></noscript><img src="{TINY}" data-src="{PHOTO}">',
        f'<p><img class="lazy" data-src="{PHOTO}"> <noscript><a><img src="{PHOTO}"></a></noscript>',
    ],
)
def test_the_best_candidate(markup: str) -> None:
    assert _chosen(markup) == PHOTO


@pytest.mark.parametrize(
    ("markup", "left"),
    [
        ('<p>a <img src="cid:1" alt="words">.</p>', "<p>a words.</p>"),
        ('<p><img src="data:text/html,x" alt="words"></p>', "<p>words</p>"),
        ('<p>a<img alt="">b</p>', "<p>ab</p>"),
    ],
)
def test_what_is_no_picture_leaves_its_words(markup: str, left: str) -> None:
    into = draft()
    assert inner(images.mark, markup, into) == left
    assert not into.images


def _named(written: str, origin: str, path: str, base: str) -> str:
    into = draft(base=base)
    into.stored = replace(into.stored, origin=origin, path=path)
    marked(images.mark, f'<img src="{written}">', into)
    (reference,) = into.images.values()
    return reference.ref


def test_what_may_be_a_file_is_its_place_and_the_web_is_one() -> None:
    places = list(
        product(
            ("p.png", "./p.png", "x/p.png"),
            ("/one", "/two"),
            ("ann/1.json", "bob/1.json"),
            (f"{BASE}/a", "https://other.example/"),
        )
    )
    assert len({_named(*each) for each in places}) == len(places)
    # Entries of one folder share what lies there.
    assert _named("p.png", "/one", "ann/1.json", BASE) == _named(
        "p.png", "/one", "ann/2.json", BASE
    )
    addresses = (PHOTO, "//blog.example/photo.jpg", "/photo.jpg")
    assert {_named(each, *place[1:3], BASE) for each in addresses for place in places} == {
        _ref(PHOTO)
    }
    # Nothing lies beside a feed, in whichever list it stands.
    feed = "https://blog.example/feed.xml"
    assert {_named("../photo.jpg", each, feed, BASE) for each in ("list.opml", feed)} == {
        _ref(PHOTO)
    }


def test_equal_pictures_are_one_reference() -> None:
    into = draft()
    marked(images.mark, f'<img src="{PHOTO}" alt="a"><img src="/photo.jpg" alt="b">', into)
    assert [each.alt for each in into.images.values()] == ["a"]


NAMES = st.text(alphabet="abcxyz/-_.~", min_size=1, max_size=9).map(lambda name: f"/{name}")
UNITS = st.sampled_from(["", "1x", "2x", "320w", "1600w", "2.5x"])


@given(candidates=st.lists(st.tuples(NAMES, UNITS), min_size=1, max_size=6), space=st.booleans())
def test_every_candidate_of_a_set_is_read(candidates: list[tuple[str, str]], space: bool) -> None:
    """What was written is read (HTML Living Standard §2.5.9)."""
    separator = ", " if space else ","
    written = separator.join(f"{name} {unit}".strip() for name, unit in candidates)
    read = [(name, f"{number:g}{unit}") for name, number, unit in split_srcset(written)]
    if space or all(unit for _, unit in candidates):
        assert read == [(name, unit or "1x") for name, unit in candidates]
    else:
        assert [name for name, _ in read] == [name for name, _ in candidates]


TAGS = st.sampled_from(
    ["<img src=a alt='uno'>", "<img data-src=b>", "<noscript>", "</noscript>", "<picture>",
     "</picture>", "<source srcset='c 2x'>", "due", "<p>", "</p>", "<a href=x>", "</a>",
     "<img src='data:image/gif;base64,A'>", "<svg>", "</svg>", "tre", "<figure>", "</figure>"]
)  # fmt: skip


@given(pieces=st.lists(TAGS, max_size=20))
def test_no_word_is_lost(pieces: list[str]) -> None:
    markup = "".join(pieces)
    before = said(marked(lambda tree, into: None, markup))
    into = draft()
    tree = marked(images.mark, markup, into)
    assert said(tree).replace("uno", "") == before
    for each in tree.iter("img"):
        assert str(each.get("src")).removeprefix("image:") in into.images
        assert each.get("alt") is not None
