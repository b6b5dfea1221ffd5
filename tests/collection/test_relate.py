"""Relations: keys, addresses, citations, replies, identity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import pytest

from convert.collection.relate import Outgoing, identity, relate
from convert.entryset import EntrySet
from convert.model import Citation, Feed, Prepared, User
from convert.settings.job import Publication
from convert.testing import MemoryBodies, prepared

PUBLICATION = Publication(name="eeg", title="The group")


def related(entries: Sequence[Prepared], **more: object) -> EntrySet:
    return relate(
        [each.entry for each in entries],
        (Outgoing(each.links, each.answers) for each in entries),
        bodies=MemoryBodies({each.entry.digest: each for each in entries}),
        **({"publication": PUBLICATION} | more),  # type: ignore[arg-type]
    )


def entry(
    address: str,
    *links: str,
    user: str = "anil",
    day: int = 1,
    answers: tuple[str, ...] = (),
    body: str = '<div><p id="here">Hello.</p></div>',
    **fields: object,
) -> Prepared:
    made = prepared(
        f"{user}/x",
        body,
        title=address,
        date=f"2024-01-{day:02}T00:00:00",
        **({"id": address, "link": address} | fields),  # type: ignore[arg-type]
    )
    return Prepared(entry=made.entry, body=made.body, text=made.text, links=links, answers=answers)


@pytest.mark.parametrize(
    "spelling",
    [
        "https://anil.org/blog/one",
        "http://anil.org/blog/one",
        "https://www.ANIL.org:443/blog/one/",
        "https://anil.org/blog/one/index.html?utm_source=x&fbclid=1",
        "https://anil.org/bl%6fg/one#nowhere",
    ],
)
def test_an_address_is_known_however_it_is_spelt(spelling: str) -> None:
    one = entry("https://anil.org/blog/one")
    two = entry("https://mort.io/two", spelling, "https://else.org/", user="mort", day=2)
    found = related([two, one])
    assert found.citations == {
        "mort/2024-01-02-two": (Citation(address=spelling, key="anil/2024-01-01-one"),)
    }
    assert found.cited_by == {"anil/2024-01-01-one": ("mort/2024-01-02-two",)}


def test_a_fragment_stays_only_where_the_body_has_that_id() -> None:
    one = entry("https://anil.org/one")
    two = entry("https://mort.io/two", "https://anil.org/one#here", "https://anil.org/one#gone")
    cited = related([one, two]).citations["anil/2024-01-01-two"]
    assert [each.fragment for each in cited] == ["here", ""]


def test_a_fragment_of_the_page_leads_to_the_id_that_the_place_has_in_the_body() -> None:
    body = "<div><p id='fn-1'>One</p><p id='fn1'>Two</p></div>"
    one = msgspec.structs.replace(
        entry("https://anil.org/one", body=body), anchors=(("fn-1", "fn:1"), ("gone", "fn:2"))
    )
    two = entry("https://mort.io/two", "https://anil.org/one#fn%3A1", "https://anil.org/one#fn1")
    cited = related([one, two]).citations["anil/2024-01-01-two"]
    assert [each.fragment for each in cited] == ["fn-1", "fn1"]


def test_an_alias_and_an_id_that_is_no_address_are_addresses_too() -> None:
    one = entry("tag:anil.org,2024:1", link="https://anil.org/1", aliases=("https://old.org/1",))
    two = entry("https://mort.io/two", "https://old.org/1/", answers=("tag:anil.org,2024:1",))
    (cited,) = related([one, two]).citations["anil/2024-01-01-two"]
    assert cited.reply
    assert cited.address == "https://old.org/1/"


def test_what_is_answered_without_a_link_is_cited_last() -> None:
    one, three = entry("https://a.org/one"), entry("https://a.org/three")
    two = entry("https://b.org/two", "https://a.org/three", answers=("http://a.org/one",))
    cited = related([one, two, three]).citations["anil/2024-01-01-two"]
    assert [(each.address, each.reply) for each in cited] == [
        ("https://a.org/three", False),
        ("http://a.org/one", True),
    ]


def test_neither_itself_nor_a_front_page_is_cited() -> None:
    front = entry("urn:1", link="https://a.org/", day=3)
    same = entry("urn:2", link="https://a.org/", day=6)
    blog = entry("https://a.org/~b/blog/", day=4)
    own = "https://b.org/two"
    two = entry(own, own, "https://a.org", "http://a.org/~b/blog", "https://c.org/home/")
    home = entry("https://c.org/home", day=5)
    found = related(
        [front, same, blog, home, two],
        users={"c": User(username="c", homepage="https://c.org/home")},
        feeds={"f": Feed(id="f", link="https://a.org/~b/blog")},
    )
    assert found.citations == {}


def test_the_root_of_a_site_is_an_entry_where_only_one_stands_there() -> None:
    book = entry("https://book.org/", day=3)
    found = related([book, entry("https://b.org/two", "http://book.org")])
    assert [each.address for each in found.citations["anil/2024-01-01-two"]] == ["http://book.org"]


def test_an_address_with_only_a_query() -> None:
    one = entry("https://blog.org/?p=12", user="one")
    found = related([one, entry("https://b.org/two", "http://blog.org/?p=12", user="two")])
    assert list(found.cited_by.values()) == [("two/2024-01-01-two",)]


def test_of_several_that_share_an_address_the_same_users_is_meant_then_the_oldest() -> None:
    page = "https://a.org/software"
    first = entry("urn:1", link=page, user="zoe", day=1)
    second = entry("urn:2", page, link=page, user="anil", day=2)
    citing = entry("https://b.org/x", page, user="anil", day=3)
    other = entry("https://c.org/y", page, user="mort", day=4)
    found = related([other, citing, second, first])
    assert found.citations["anil/2024-01-03-x"][0].key == "anil/2024-01-02-software"
    assert found.citations["mort/2024-01-04-y"][0].key == "zoe/2024-01-01-software"
    assert "anil/2024-01-02-software" not in found.citations  # it links to its own page


@pytest.mark.parametrize("own_id", ["https://a.org/one", "tag:a.org,2024:1"])
def test_a_link_leads_to_the_entry_of_the_site_and_to_no_older_claim(own_id: str) -> None:
    page = "https://a.org/one"
    own = entry(own_id, link=page, user="ann", day=5, source="f")
    claim = entry("urn:e", link=page, user="eve", day=1)
    citing = entry("https://c.org/y", page, user="mort", day=9)
    for known in (
        {"feeds": {"f": Feed(id="f", address="https://a.org/feed")}},
        {"users": {"ann": User(username="ann", feeds=("https://a.org/feed",))}},
    ):
        found = related([claim, own, citing], **known)
        assert found.citations["mort/2024-01-09-y"][0].key == "ann/2024-01-05-one"


def test_citing_entries_are_named_once_oldest_first() -> None:
    one = entry("https://a.org/1", day=9)
    late = entry("https://a.org/3", "https://a.org/1", "https://a.org/1#here", day=8)
    early = entry("https://a.org/2", "https://a.org/1", day=7)
    found = related([late, one, early])
    assert [each.link for each in found.citing(found.entries[0])] == [
        "https://a.org/2",
        "https://a.org/3",
    ]


def test_order_and_the_bodies_that_go_with_it() -> None:
    entries = [
        entry(f"https://a.org/{at}", day=at, body=f"<div><p>{at}</p></div>") for at in (2, 3, 1)
    ]
    oldest, newest = related(entries, order="oldest"), related(entries)
    assert [each.link for each in oldest] == [f"https://a.org/{at}" for at in (1, 2, 3)]
    assert newest.entries == oldest.entries[::-1]
    assert [content.text for _, content in newest.contents()] == ["3", "2", "1"]


def test_a_future_date_does_not_move_a_feed() -> None:
    now = dt.datetime(2024, 1, 5, tzinfo=dt.UTC)
    entries = [entry(f"https://a.org/{day}", day=day, source="f") for day in (1, 4, 9)]
    late = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    feeds = {"f": Feed(id="f", updated=late), "g": Feed(id="g", updated=late)}
    found = related(entries, feeds=feeds, now=now).feeds
    assert found["f"].updated == dt.datetime(2024, 1, 4, tzinfo=dt.UTC)
    assert found["g"].updated is None


def test_identity_depends_on_neither_title_nor_contents() -> None:
    assert identity(PUBLICATION) == identity(Publication(name="eeg", title="Other"))
    assert identity(PUBLICATION).startswith("urn:uuid:")
    assert identity(PUBLICATION) != identity(Publication(name="eeg2", title="The group"))
    based = Publication(name="a", title="b", base_url="https://x.org/")
    assert identity(based) == "https://x.org/"
    assert (
        identity(Publication(name="a", title="b", id="urn:1", base_url="https://x.org/")) == "urn:1"
    )
