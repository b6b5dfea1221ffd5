"""Who bears which name: nobody another's, whatever order they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.text.members import Claim, Word, authority, settle


def claim(name: str, word: str = "own", feed: str = "", **fields: object) -> Claim:
    feeds = frozenset({feed} if feed else ())
    known: dict[str, object] = {"name": name, "word": word, "feeds": feeds, "whose": feed or name}
    return Claim(**(known | fields))  # type: ignore[arg-type]


def names(*claims: Claim, recorded: str = "") -> list[str | None]:
    return [each.name for each in settle(claims, lambda each: each.whose == recorded)]


SAID = {"a/f": "ann", "b/f": "bob", "c/f": "ann", "d/f": "bob"}
"""Whose feeds a repository says that these are."""
FEEDS = st.sampled_from(sorted(SAID))
CLAIMS = st.one_of(
    st.builds(claim, st.sampled_from(["ann", "Ann", "bob"]), st.just("own"), FEEDS),
    st.builds(claim, st.sampled_from(["ann", "bob", "cy"]), st.just("claimed"), FEEDS),
    st.builds(
        lambda word, feed: claim(SAID[feed], word, feed, whose=""),
        st.sampled_from(["given", "stored"]),
        FEEDS,
    ),
)


@given(st.lists(CLAIMS, max_size=7, unique=True), st.randoms(use_true_random=False))
def test_no_feed_bears_the_name_of_another_in_whatever_order(
    claims: list[Claim], random: object
) -> None:
    bearers = dict(zip(claims, settle(claims), strict=True))
    own = {each.whose: bearer.name for each, bearer in bearers.items() if each.word == "own"}
    given_names = {each.name.lower() for each in claims if each.word == "given"}
    for each, bearer in bearers.items():
        if each.word == "own":
            others = {str(name).lower() for whose, name in own.items() if whose != each.whose}
            told_so = any(
                other.word in ("given", "stored") and other.feeds & each.feeds for other in claims
            )
            assert told_so or str(bearer.name).lower() not in others | given_names
        elif each.word == "claimed" and bearer.name is not None:
            assert bearer.name.lower() not in given_names | {str(name) for name in own.values()}
    shuffled = list(claims)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = dict(zip(shuffled, settle(shuffled), strict=True))
    folded = {each: str(bearer.name).lower() for each, bearer in bearers.items()}
    assert {each: str(bearer.name).lower() for each, bearer in again.items()} == folded


def test_a_taken_name_gets_a_suffix_of_the_address_and_a_recorded_one_stays() -> None:
    alone, both = (
        names(claim("blog", feed="b/f")),
        names(claim("blog", feed="b/f"), claim("blog", feed="a/f")),
    )
    assert (alone, both[1]) == (["blog"], "blog")
    assert str(both[0]).startswith("blog-")
    kept = names(claim("blog", feed="b/f"), claim("blog", feed="a/f"), recorded="b/f")
    assert kept[0] == "blog"
    assert str(kept[1]).startswith("blog-")


@pytest.mark.parametrize(
    ("before", "of_feed", "called"),
    [
        (claim("ada", "given", "a/f"), claim("a.example", feed="a/f"), "ada"),
        (claim("ada", "stored", "a/f"), claim("a.example", feed="a/f"), "ada"),
        # A feed that moved on its own site is who it was.
        (claim("ada", "stored", "a/old"), claim("ada", feed="a/f"), "ada"),
        # Of a file only the store believes where it says that it is from.
        (claim("ada", "stored", "a/f"), claim("x", whose="x", stated=frozenset({"a/f"})), "ada"),
        (claim("ada", "given", "a/f"), claim("x", whose="x", stated=frozenset({"a/f"})), "x"),
        (claim("ada", "given", "a/f"), claim("ada", "claimed", "a/f"), None),
        (claim("ada", "own", "a/f"), claim("ada", "claimed", "a/f"), None),
        (claim("ada", "stored", "a/f"), claim("ada", "claimed", "a/f"), "ada"),
        (claim("ada", "stored", "a/f"), claim("ada", "claimed", "e/f"), None),
        (claim("bob", "given", "b/f"), claim("ada", "claimed", "e/f"), "ada"),
        (claim("bob", "given", "b/f"), claim("ada", "claimed", whose="e"), None),
        # A feed alone is believed what it says of others, but not of those whom the store knows.
        (claim("bob", "stored", "b/f"), claim("ada", "chosen", "e/f"), "ada"),
        (claim("ada", "stored", "a/f"), claim("ada", "chosen", "a/f"), "ada"),
        (claim("ada", "stored", "a/f"), claim("ada", "chosen", "e/f"), None),
        (claim("ada", "stored", "a/f"), claim("ada", "chosen", whose="e"), None),
        (claim("ada", "stored", whose=""), claim("ada", "chosen", "e/f"), "ada"),
        # Nor does it call one whose feed is known by another name.
        (claim("ada", "stored", "a/f"), claim("aaa", "chosen", "a/f"), None),
        (claim("ada", "given", "a/f"), claim("aaa", "claimed", "a/f"), None),
        (claim("ada", "own", "a/f"), claim("aaa", "claimed", "a/f"), None),
    ],
)
def test_who_is_believed(before: Claim, of_feed: Claim, called: str | None) -> None:
    assert names(before, of_feed) == [before.name, called]
    assert names(of_feed, before) == [called, before.name]


@pytest.mark.parametrize("word", ["chosen", "claimed"])
@pytest.mark.parametrize("stored", [(), ("ada",), ("ada", "bob")])
def test_several_of_one_feed_or_page_stay_several(word: Word, stored: tuple[str, ...]) -> None:
    spoken_of = [claim(name, word, "g.example", whose=f"e {name}") for name in ("ada", "bob")]
    known = [claim(name, "stored", "g.example", whose="") for name in stored]
    own = claim("planet", whose="e")
    called = "bob" if stored != ("ada",) else None  # else the feed is known as ada's alone
    assert names(*known, own, *spoken_of)[len(known) :] == ["planet", "ada", called]


KNOWN = {
    "feed": ({"a.example/~ann/f"}, set()),
    "page": (set(), {"a.example/~ann"}),
    "both": ({"a.example/feeds/ann"}, {"a.example/~ann"}),
    # What she says of her page is nobody's word for another host.
    "of another": ({"a.example/~ann/f"}, {"b.example"}),
}


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize("feeds", ["f", "", "a.example/~ann/f"])
@pytest.mark.parametrize(
    ("place", "moved"),
    [
        ("a.example/~ann/new", True),
        ("a.example/~ann/blog/f?x=1", True),
        ("a.example/~annette/f", False),
        ("a.example/~eve/f", False),
        ("a.example", False),
        ("eve.example/a.example/~ann/f", False),
        ("b.example/~ann/f", False),
    ],
)
def test_nobody_becomes_a_member_of_the_store_by_a_name(
    known: str, feeds: str, place: str, moved: bool
) -> None:
    addresses, pages = (frozenset(each) for each in KNOWN[known])
    ann = Claim(name="ann", word="stored", feeds=addresses, stated=pages)
    fetched = claim("ann", feed=place, stated=frozenset({feeds} if feeds else ()))
    told_so = feeds in addresses
    name = names(ann, fetched)[1]
    assert (name == "ann") is (moved or told_so)
    # Nothing tells a file from the one that the store was made of.
    assert names(ann, claim("ann", whose="x"))[1] == "ann"


@pytest.mark.parametrize("word", ["given", "stored"])
def test_the_id_of_a_feed_that_a_repository_has_is_its_members(word: str) -> None:
    ann = claim("ann", word, "a.example/f", whose="", ids=frozenset({"urn:f"}))
    own, of_eve = (
        Claim(name=each, word="own", whose=f"{each}/f", feeds=frozenset({place}), feed="urn:f")
        for each, place in (("x", "a.example/f"), ("eve", "e.example/f"))
    )
    for claims in ([ann, own, of_eve], [ann, of_eve, own], [ann, of_eve], [ann, own]):
        found = dict(zip(claims, settle(claims), strict=True))
        assert own not in found or found[own].feed == "urn:f"
        assert of_eve not in found or found[of_eve].feed.startswith("urn:uuid:")


def test_the_id_of_a_feed_is_that_of_the_feed_whose_host_it_names() -> None:
    genuine = claim("a", feed="a.example/f")
    eve = claim("e", feed="0.example/f")
    same = [
        Claim(
            name=each.name, word="own", whose=each.whose, feeds=each.feeds, feed="tag:a.example,1:f"
        )
        for each in (eve, genuine)
    ]
    first, second = settle(same)
    assert second.feed == "tag:a.example,1:f"
    assert first.feed.startswith("urn:uuid:")


@pytest.mark.parametrize(
    ("identity", "host"),
    [
        ("tag:a.example,2024:p1", "a.example"),
        ("tag:Ann@A.example,2024-01-01:x", "a.example"),
        ("https://www.a.example/p", "a.example"),
        ("http://a.example:80/", "a.example"),
        ("urn:uuid:1", ""),
        ("a.example/1", ""),
        ("", ""),
    ],
)
def test_the_host_that_an_id_names(identity: str, host: str) -> None:
    assert authority(identity) == host
