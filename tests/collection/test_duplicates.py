"""Which of two equal entries stays, and what is said of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import re
from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.collection.duplicates import Resolution, resolve
from convert.collection.similarity import fingerprint
from convert.collection.standing import Standing
from convert.model import Prepared
from convert.testing import MemoryBodies, prepared
from convert.text.addresses import same_address_key

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


def resolved(
    entries: Sequence[Prepared],
    declared: Mapping[str, str] | None = None,
    standings: Sequence[Standing] = (),
) -> Resolution:
    return resolve(
        [each.entry for each in entries],
        [fingerprint(each) for each in entries],
        standings
        or [Standing(voice=each.entry.origin, declared=declared or {}) for each in entries],
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


EARLIER, LATER = (dt.datetime(year, 6, 1, tzinfo=dt.UTC) for year in (2023, 2024))


def of_feed(host: str, page: str = "", **fields: object) -> Standing:
    """Returns the standing of a feed that was read from a host of the web."""
    known: dict[str, object] = {
        "voice": f"https://{host}{page}/feed",
        "member": host + page,
        "is_repository": False,
        "places": frozenset({f"{host}{page}/feed"}),
        "stated": frozenset({host + page}),
    }
    return Standing(**(known | fields))  # type: ignore[arg-type]


ANN = entry("tag:a.example,2024:1", PROSE, title="Herons", user="ann", link="https://a.example/1")
NUMBERED = msgspec.structs.replace(ANN, entry=msgspec.structs.replace(ANN.entry, id="12345"))
COPIES = st.fixed_dictionaries(
    {
        "id": st.sampled_from([ANN.entry.id, "tag:eve.example,2024:1", "https://a.example/1"]),
        "link": st.sampled_from([ANN.entry.link, "https://eve.example/1", None]),
        "title": st.sampled_from(["Herons", "Pills", ""]),
        "text": st.sampled_from([PROSE, "Buy pills.", f"{PROSE} Buy pills.", PROSE[:300]]),
        "day": st.integers(1, 9),
        "updated": st.sampled_from([entry("x", day=day).entry.updated for day in (1, 5, 9)]),
        "full": st.booleans(),
    }
)


@given(
    COPIES,
    st.sampled_from(["https://eve.example/f", ""]),
    st.sampled_from(["eve.example", "a.example"]),
    st.booleans(),
    st.sampled_from([ANN, NUMBERED]),
    st.booleans(),
)
def test_nobody_speaks_for_another(
    copy: dict[str, object],
    fetched: str,
    stated: str,
    first: bool,
    original: Prepared,
    repository: bool,
) -> None:
    """Whatever Eve copies of Ann's entry, and says of herself: Ann's stays, as it is."""
    eve = of_feed(
        "eve.example",
        voice="eve",
        places=frozenset({"eve.example/f"} if fetched else ()),
        stated=frozenset({stated}),
    )
    ann = of_feed("a.example", is_repository=repository)
    if original is NUMBERED and copy["id"] == ANN.entry.id:
        copy = copy | {"id": "12345"}
        if copy["link"] == "https://eve.example/1":
            return  # a number on her own page is hers as well
    pair = [(original, ann), (entry(**copy, user="eve", path="eve"), eve)]  # type: ignore[arg-type]
    pair = pair if first else pair[::-1]
    found = resolved([each for each, _ in pair], standings=[each for _, each in pair])
    (stays,) = [each for each in found.entries if each.user == "ann"]
    assert (stays.id, stays.title) == (original.entry.id, "Herons")
    assert stays.digest == original.entry.digest


@pytest.mark.parametrize("title", ["", "News"])
@pytest.mark.parametrize("had", [0, 2])
def test_what_bears_one_number_on_two_blogs_stays(title: str, had: int) -> None:
    links = ("https://ann.example/1", "https://bob.example/1", "https://third.example/", None)
    for link in links[1:]:
        pair = [
            entry("1", "Her words.", title=title, user="ann", link=links[0]),
            entry("1", "His words.", title=title, user="bob", link=link),
        ]
        who = [of_feed("ann.example", had=lambda _: had), of_feed("bob.example")]
        found = resolved(pair, standings=who)
        assert len({each.id for each in found.entries}) == 2
        # He may have been first where both have a page of their own.
        assert found.entries[0].id == "1" or (link == links[1] and not had)


@pytest.mark.parametrize(
    ("copy", "ann", "eve", "stay"),
    [
        ("same", {}, {}, ["ann", "eve"]),
        ("same", {"had": lambda _: True}, {}, ["ann"]),
        ("same", {"is_repository": True}, {}, ["ann"]),
        ("same", {"had": lambda _: True}, {"had": lambda _: True}, ["ann", "eve"]),
        ("later", {}, {"links": (ANN.entry.link,)}, ["ann"]),
        ("later", {"links": ("https://eve.example/1",)}, {}, ["ann", "eve"]),
        ("same", {}, {"links": (ANN.entry.link,)}, ["ann", "eve"]),
        ("same", {}, {"credited": frozenset({"a.example"})}, ["ann"]),
        ("same", {"is_repository": True}, {"is_repository": True}, ["eve"]),
        ("nearly", {}, {}, ["ann", "eve"]),
        ("nearly", {"had": lambda _: True}, {}, ["ann"]),
    ],
)
def test_who_had_a_text_first(
    copy: str, ann: dict[str, object], eve: dict[str, object], stay: list[str]
) -> None:
    text = PROSE.replace("unikernel 49", "unikernel 50") if copy == "nearly" else PROSE
    scraped = entry("tag:e,1:1", text, user="eve", link="https://eve.example/1", path="e", day=1)
    published = LATER if copy == "later" else EARLIER
    scraped = msgspec.structs.replace(
        scraped, entry=msgspec.structs.replace(scraped.entry, published=published)
    )
    pair = [(ANN, of_feed("a.example", **ann)), (scraped, of_feed("eve.example", **eve))]  # type: ignore[arg-type]
    for each in (pair, pair[::-1]):
        found = resolved([one for one, _ in each], standings=[two for _, two in each])
        assert sorted(one.user for one in found.entries) == stay
        (problem,) = found.problems
        assert ("both stay" in problem.reason) == (len(stay) == 2)


@pytest.mark.parametrize("day", [1, 3])
@pytest.mark.parametrize("copy", [PROSE, PROSE.replace("unikernel 49", "unikernel 50")])
def test_a_third_who_has_the_text_too_hides_no_copy(copy: str, day: int) -> None:
    cyd, ann, eve = (
        entry(f"https://{name}.example/1", text, user=name, day=date)
        for name, text, date in (("cyd", PROSE, day), ("ann", PROSE, 2), ("eve", copy, 4))
    )
    who = [of_feed("cyd.example"), of_feed("ann.example")]
    found = resolved(
        [cyd, ann, eve],
        standings=[*who, of_feed("eve.example", links=(ann.entry.link or "",))],
    )
    assert sorted(each.user for each in found.entries) == ["ann", "cyd"]


FILE = of_feed("", places=frozenset(), stated=frozenset({"a.example"}))
EDITED = PROSE.replace("unikernel 49", "unikernel 50")


@pytest.mark.parametrize(
    ("newer", "stay"),
    [
        ({}, ["new"]),
        ({"title": "Herons, again"}, ["new"]),
        ({"text": f"{PROSE} And more."}, ["new"]),
        ({"text": "Buy pills."}, ["new", "old"]),
        ({"text": f"Buy pills. {' '.join(map(str, range(99)))}"}, ["new", "old"]),
    ],
)
def test_a_file_stands_for_another_only_where_it_is_like_it(
    newer: dict[str, object], stay: list[str]
) -> None:
    """Of two files that state one page nobody knows which is whose; of a feed that is fetched, or
    of a repository, it is known, and no file takes its entry away."""
    link = "https://a.example/1"
    old = entry("g", PROSE, title="Herons", link=link, path="old", user="x")
    late = {"id": "g", "text": EDITED, "title": "Herons", "updated": LATER} | newer
    new = entry(**late, link=link, path="new", user="y", day=2)  # type: ignore[arg-type]
    copy = dataclasses.replace(FILE, voice="y", member="y")
    for before in (FILE, of_feed("a.example"), of_feed("a.example", is_repository=True)):
        found = resolved([old, new], standings=[before, copy])
        paths = sorted(each.path for each in found.entries)
        assert paths == stay if before is FILE else "old" in paths
        assert "g" in ids(found)


@pytest.mark.parametrize("link", ["https://a.example/", "https://a.example/news/"])
@pytest.mark.parametrize("text", ["", "The same words in both."])
def test_a_link_to_the_page_of_the_blog_makes_no_entries_one(link: str, text: str) -> None:
    """The weekly reports of two groups, each with a feed, lead to the page of them all."""
    reports = [
        entry(f"https://a.example/{group}/week-33", text, title="Week 33", link=link)
        for group in ("core", "tools", "docs")
    ]
    page = same_address_key(link)
    who = [of_feed("a.example", voice=each.entry.id, stated={page}) for each in reports[:2]]
    found = resolved(reports, standings=[*who, who[1]])
    assert (len(found.entries), found.problems) == (3, ())


@pytest.mark.parametrize("id_", ["tag:a.example,2024:1", "https://a.example/~ann/1", "1"])
@pytest.mark.parametrize("text", ["Buy pills.", EDITED])
def test_who_says_that_a_host_of_many_is_one_blog_takes_no_entry_on_it(id_: str, text: str) -> None:
    link = "https://a.example/~ann/1"
    old = entry(id_, PROSE, title="Herons", link=link, path="ann", user="ann")
    new = entry(id_, text, title="Herons", link=link, path="eve", user="eve", updated=LATER)
    eve = of_feed("a.example", "/~eve", stated=frozenset({"a.example"}))
    found = resolved([old, new], standings=[of_feed("a.example", "/~ann"), eve])
    paths = sorted(each.path for each in found.entries)
    # A feed of all that an author wrote there has later states, too.
    assert paths == (["eve"] if text == EDITED else ["ann", "eve"])
    assert {each.id for each in found.entries if each.path == paths[0]} == {id_}


def test_a_back_dated_copy_in_another_folder_of_the_host_pushes_nothing_out() -> None:
    ann = entry("a", PROSE, user="ann", link="https://a.example/~ann/1", day=5)
    copy = entry("e", PROSE, user="eve", link="https://a.example/~eve/1", day=1)
    eve = of_feed("a.example", "/~eve", stated=frozenset({"a.example"}))
    found = resolved([ann, copy], standings=[of_feed("a.example", "/~ann"), eve])
    assert sorted(each.user for each in found.entries) == ["ann", "eve"]
    assert "both stay" in found.problems[0].reason


STATES: dict[str, dict[str, object]] = {
    "full": {"text": PROSE, "full": True},
    "excerpt": {"text": f"{PROSE[:200]} […]", "full": False},
    "long": {"text": f"{PROSE} And more.", "full": False},
    "other": {"text": "Something else.", "full": False},
}


@pytest.mark.parametrize(
    ("one", "two", "stays"),
    [
        ("full", "excerpt", "full"),
        ("full", "other", "full"),
        ("full", "long", "long"),
        ("excerpt", "other", "excerpt"),
    ],
)
@pytest.mark.parametrize("by", ["id", "link", "scheme"])
@pytest.mark.parametrize("places", [("", "/tag/birds"), ("/tag/birds", ""), ("", "")])
@pytest.mark.parametrize("repository", [True, False])
def test_the_fuller_of_two_states_of_one_entry_stays(
    one: str, two: str, stays: str, by: str, places: tuple[str, str], repository: bool
) -> None:
    links = ("http://a.example/1", "https://a.example/1/") if by != "id" else (None, None)
    ids = {"id": ("g", "g"), "link": ("g", "h"), "scheme": ("http://a/?p=1", "https://a/?p=1")}[by]
    pair = [
        (
            entry(id_, link=link, user=f"u{at}", path=name, **STATES[name]),  # type: ignore[arg-type]
            of_feed(
                "a.example", page, voice=f"{at}", member=f"u{at}", is_repository=repository and at
            ),
        )
        for at, (name, id_, link, page) in enumerate(
            zip((one, two), ids, links, places, strict=True)
        )
    ]
    for each in (pair, pair[::-1]):
        found = resolved([state for state, _ in each], standings=[who for _, who in each])
        assert [state.path for state in found.entries] == [stays]
        (problem,) = found.problems
        assert problem.path in {one, two} - {stays}
        assert re.search(rf"a duplicate of {stays}( \([\w:/?=]+\))?: ", problem.reason)


def test_what_is_said_of_a_duplicate_is_said_of_the_entry_that_it_is_like() -> None:
    """A tag's feed goes before the main feed, and that before the whole in a third."""
    link = "https://a.example/1"
    read = [
        entry("g", PROSE, link=link, path="full.xml"),
        entry("h", PROSE[:900], link=link, path="main.xml"),
        entry("h", PROSE[:900], link=link, path="tag.xml"),
    ]
    who = [of_feed("a.example", voice=each.entry.path) for each in read]
    assert [str(problem) for problem in resolved(read, standings=who).problems] == [
        "main.xml: h: left out as a duplicate of full.xml (g): an excerpt of the same entry",
        "tag.xml: h: left out as a duplicate of main.xml: same id, title and text",
    ]


@pytest.mark.parametrize("day", [1, 9])
@pytest.mark.parametrize("footer", ["", " Continue reading Title", " (more…)"])
def test_an_excerpt_that_is_newer_does_not_go_before_the_whole(footer: str, day: int) -> None:
    whole = entry("g", PROSE, path="whole")
    updated = entry("x", day=day).entry.updated
    excerpt = entry("g", PROSE[:200] + footer, path="e", updated=updated)
    who = [of_feed("a.example", voice="1"), of_feed("a.example", voice="2")]
    found = resolved([whole, excerpt], standings=who)
    assert [each.path for each in found.entries] == ["whole"]


@pytest.mark.parametrize(
    ("change", "stay"),
    [
        ({}, 1),
        ({"text": "Herons, and where they nest"}, 1),
        ({"text": PROSE[:200], "full": True}, 1),
        ({"text": "Other words.", "full": True}, 2),
        ({"link": "https://a.example/2"}, 2),
        ({"published": EARLIER}, 2),
        ({"updated": EARLIER}, 2),
        ({"title": "Terns"}, 2),
    ],
)
def test_a_teaser_beside_its_text_in_one_feed_is_no_entry(
    change: dict[str, object], stay: int
) -> None:
    full = entry("g", PROSE, path="full", link=ANN.entry.link)
    fields = {"text": PROSE[:200], "full": False, "link": ANN.entry.link, "path": "teaser"}
    teaser = entry("g", **(fields | change))  # type: ignore[arg-type]
    for pair in ([full, teaser], [teaser, full]):
        found = resolved(pair, standings=[of_feed("a.example")] * 2)
        assert len(found.entries) == stay
        assert stay == 2 or found.entries[0].digest == full.entry.digest
        assert {each.id for each in found.entries} >= {"g"}
    assert len(resolved([full, teaser], standings=[Standing(voice="r")] * 2).entries) == 2


def test_a_link_blog_takes_nothing_from_the_page_that_it_speaks_of() -> None:
    remark = entry("urn:b", "Read this.", title="Herons", user="b", link=ANN.entry.link)
    found = resolved([ANN, remark], standings=[of_feed("a.example"), of_feed("b.example")])
    assert len(found.entries) == 2


def test_a_repository_declares_duplicates_among_its_own_entries_only() -> None:
    mine, others = entry("b", "One."), entry("c", "Two.", user="bob")
    table = {"b": "a", "c": "a"}
    found = resolved(
        [entry("a"), mine, others],
        standings=[
            Standing(voice="repo", declared=table),
            Standing(voice="repo", declared=table),
            of_feed("b.example"),
        ],
    )
    assert ids(found) == ["a", "c"]


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
