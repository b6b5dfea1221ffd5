"""Whose an entry is, whatever else is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from feed_samples import read
from hypothesis import given, settings
from hypothesis import strategies as st
from source_reading import read_source

from convert.contract import PartedReading, Reading
from convert.model import Feed, Person
from convert.run.several import call_members
from convert.sources.feeds.owners import user_of
from convert.sources.opml.source import FEED, SOURCE
from convert.sources.thicket.source import SOURCE as THICKET

PAGES = ("/", "/blogs/ann/", "/blogs/bob/", "/~cy", "/dan.html", "/@eve", "/en/news")
Whose = Mapping[str, tuple[object, ...]]


def rss(page: str, title: str = "Blog", *, own: str = "") -> str:
    link = f"https://site.example{page}"
    items = "".join(
        f"<item><title>T</title><link>{link}{n}</link><guid>{page}{n}</guid></item>" for n in (1, 2)
    )
    atom = f"<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='self' href='{own}'/>" if own else ""
    head = f"<title>{title}</title><link>{link}</link>{atom}"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>"


def whose(readings: Iterable[Reading]) -> Whose:
    return {
        each.id: (each.user, each.authors, each.updated, reading.users[each.user].display_name)
        for reading in readings
        for each in reading.entries()
    }


def beside(places: Sequence[Path]) -> Whose:
    """Returns whose the entries of several sources of one run are."""
    readings = [read_source(THICKET if each.is_dir() else FEED, each).reading for each in places]
    call_members(readings, alone=False)
    return whose(readings)


@settings(max_examples=20)  # each reads some twelve files
@given(st.lists(st.sampled_from(PAGES), min_size=1, max_size=4, unique=True))
def test_whose_an_entry_is_does_not_depend_on_what_else_is_read(pages: list[str]) -> None:
    with TemporaryDirectory() as folder:
        places = [Path(folder) / f"{number}.xml" for number, _ in enumerate(pages)]
        alone: dict[str, tuple[object, ...]] = {}
        for place, page in zip(places, pages, strict=True):
            alone |= whose([read(place, rss(page)).reading])
        assert len({user for user, *_ in alone.values()}) == len(pages)
        assert whose([read_source(FEED, Path(folder)).reading]) == alone
        assert beside(places) == alone
        assert beside(places[::-1]) == alone


def test_two_feeds_of_one_page_are_two_members_in_either_order(tmp_path: Path) -> None:
    places = [tmp_path / "a.xml", tmp_path / "b.xml"]
    for place, name in zip(places, ("Ann", "Bob"), strict=True):
        text = rss("/", name, own=f"https://site.example/{name}.xml")
        place.write_text(text.replace("/1<", f"/{name}1<").replace("/2<", f"/{name}2<"))
    found = beside(places)
    assert beside(places[::-1]) == found == whose([read_source(FEED, tmp_path).reading])
    names = {(str(user), name) for user, _, _, name in found.values()}
    assert len(names) == 2
    assert {name for _, name in names} == {"Ann", "Bob"}
    assert "site.example" in {user for user, _ in names}


def test_two_files_of_one_title_and_no_page_are_two_members(tmp_path: Path) -> None:
    places = [tmp_path / "a.xml", tmp_path / "b.xml"]
    for place in places:
        item = f"<item><title>T</title><guid>{place.name}</guid></item>"
        text = f"<rss version='2.0'><channel><title>Blog</title>{item}</channel></rss>"
        place.write_text(text)
    found = beside(places)
    assert beside(places[::-1]) == found == whose([read_source(FEED, tmp_path).reading])
    assert len({user for user, *_ in found.values()}) == 2


def test_two_states_of_one_feed_are_one_member(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / f"{name}.xml").write_text(rss("/").replace(">T<", f">{name}<"))
    assert set(read_source(FEED, tmp_path).reading.users) == {"site.example"}


def test_two_outlines_of_one_name_are_two_members(tmp_path: Path) -> None:
    outline = "<outline text='Blog' {}><outline type='rss' text='Blog' xmlUrl='{}'/></outline>"
    for more, count in [("", 2), ("t:user='b' xmlns:t='urn:thicket-convert:feed'", 1)]:
        feeds = "".join(outline.format(more, f"https://{host}.example/f") for host in "ab")
        (tmp_path / "list.opml").write_text(f"<opml><body>{feeds}</body></opml>")
        copies = {
            f"https://{host}.example/f": read(tmp_path / "f.xml", rss(f"/{host}/")).reading
            for host in "ab"
        }
        known = {
            address: next(iter(each.parts()))
            for address, each in copies.items()
            if isinstance(each, PartedReading)
        }
        reading = read_source(SOURCE, tmp_path / "list.opml", known=known.get).reading
        assert len(reading.users) == count
        assert {each.user for each in reading.entries()} == set(reading.users)


STRANGER = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thicket="urn:thicket-convert:feed">
<id>tag:eve.example,2024:f</id><title>Eve</title><link href="https://eve.example/"/>
<entry><id>tag:eve.example,2024:1</id><title>I resign</title><updated>2024-05-06T00:00:00Z</updated>
{}<content>fake</content></entry></feed>"""
USER = "<thicket:user>ada</thicket:user>"
SOURCE_OF_ADA = (
    "<source><id>https://ada.example/feed</id><title>Ada</title>"
    "<link rel='self' href='https://ada.example/feed'/></source>"
)
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Eve",
    "home_page_url": "https://eve.example/",
    "items": [{"id": "1", "content_text": "fake", "_thicket": {"user": "ada"}}],
}


@pytest.mark.parametrize(
    "feed",
    [STRANGER.format(USER), STRANGER.format(USER + SOURCE_OF_ADA), json.dumps(JSON)],
    ids=["user", "source", "json"],
)
def test_a_feed_publishes_as_nobody_else(feed: str, tmp_path: Path) -> None:
    repository = tmp_path / "repo"
    (repository / "ada").mkdir(parents=True)
    index = {"users": {"ada": {"username": "ada", "feeds": ["https://ada.example/feed"]}}}
    (repository / "index.json").write_text(json.dumps(index))
    entry = {"id": "urn:1", "title": "Tides", "updated": "2024-05-06T00:00:00", "content": "x"}
    (repository / "ada" / "1.json").write_text(json.dumps(entry))
    place = tmp_path / "eve.xml"
    for places in ([place, repository], [repository, place]):
        assert {user for user, *_ in whose([read(place, feed).reading]).values()} == {"ada"}
        found = {id_: user for id_, (user, *_) in beside(places).items()}
        assert found == {"urn:1": "ada", **dict.fromkeys(found.keys() - {"urn:1"}, "eve.example")}
        assert len(found) == 2


def test_a_feed_of_ours_keeps_its_users_beside_others_whose_names_are_free(tmp_path: Path) -> None:
    ours = STRANGER.format(USER + SOURCE_OF_ADA)
    (tmp_path / "a.xml").write_text(ours)
    (tmp_path / "b.xml").write_text(rss("/"))
    found = {user for user, *_ in beside([tmp_path / "a.xml", tmp_path / "b.xml"]).values()}
    assert found == {"ada", "site.example"}


@pytest.mark.parametrize("others", [(), ("bob",), ("bob", "cyd")])
def test_members_of_one_feed_are_not_called_after_one_of_them(
    others: tuple[str, ...], tmp_path: Path
) -> None:
    ours = STRANGER.format(USER + SOURCE_OF_ADA)
    start, end = ours.index("<entry>"), ours.index("</feed>")
    ada = ours[start:end]
    of_others = (ada.replace(":1<", f":{each}<").replace(">ada<", f">{each}<") for each in others)
    users = read(tmp_path / "a.xml", "".join((ours[:end], *of_others, ours[end:]))).reading.users
    named = {name: user.display_name for name, user in users.items()}
    assert named == dict.fromkeys(("ada", *others), None if others else "Ada")


def test_a_feed_does_not_describe_another(tmp_path: Path) -> None:
    eve = STRANGER.format(SOURCE_OF_ADA.replace(">Ada<", ">A liar<"))
    (tmp_path / "a.xml").write_text(eve)
    ada = rss("/", "Ada", own="https://ada.example/feed")
    (tmp_path / "b.xml").write_text(ada)
    reading = read_source(FEED, tmp_path).reading
    assert reading.feeds["https://ada.example/feed"].title == "Ada"
    assert "https://ada.example/feed" not in reading.spoken_of  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("page", "username"),
    [
        ("https://www.a.example/", "a.example"),
        ("https://a.example/blog/", "a.example"),
        ("https://a.example/blog/ann", "a.example-blog-ann"),
        ("https://a.example/index.html", "a.example"),
        ("https://a.example/ann.html", "a.example-ann"),
        ("https://a.example/blogs/ann/index.php", "a.example-blogs-ann"),
        ("https://a.example/~ann/", "a.example-ann"),
        ("https://a.example/%C3%A9t%C3%A9", "a.example-été"),
    ],
)
def test_a_member_is_called_after_the_page(page: str, username: str) -> None:
    assert user_of(Feed(id="f", link=page)).username == username


def test_the_face_of_who_writes_alone_is_that_of_the_member() -> None:
    ann, bob = (Person(name=name, icon=f"https://a.example/{name}.png") for name in ("ann", "bob"))
    site = "https://a.example/favicon.ico"
    for authors, icon in (((ann,), ann.icon), ((ann, bob), site), ((Person(name="ann"),), site)):
        assert user_of(Feed(id="f", icon=site, authors=authors)).icon == icon
