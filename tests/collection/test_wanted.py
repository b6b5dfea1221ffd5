"""What a job and its tables mean, held against one entry after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convert.collection.folders import Folders
from convert.collection.wanted import Wanted
from convert.model import Category, Entry, Feed, ListedFeed, Origin
from convert.settings.job import FeedRequest, Job, Selection
from convert.testing import prepared

BLOGS = ("ann", "bob", "cyd")
FEEDS = {
    f"urn:{name}": Feed(id=f"urn:{name}", address=f"https://{name}.example/feed") for name in BLOGS
}
LIST = Origin(address="list.opml", kind="opml", name="list")
FEW = st.none() | st.integers(0, 3)


def entry(blog: str, day: int, number: int) -> Entry:
    return prepared(
        f"{blog}/{number}", date=f"2024-01-0{day}T00:00:00", path=f"https://{blog}.example/feed",
        origin="list.opml", source=f"urn:{blog}",
    ).entry  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(BLOGS), st.integers(1, 5)), max_size=12),
    st.dictionaries(st.sampled_from(BLOGS), FEW),
    FEW,
    FEW,
)
def test_the_newest_of_each_feed_of_each_member_and_of_all(
    written: list[tuple[str, int]],
    limits: dict[str, int | None],
    per_author: int | None,
    limit: int | None,
) -> None:
    entries = [entry(blog, day, at) for at, (blog, day) in enumerate(written)]
    tables = tuple(
        FeedRequest(
            feed=ListedFeed(address=f"http://{blog}.example/feed"), select=Selection(limit=most)
        )
        for blog, most in limits.items()
    )
    select = Selection(per_author=per_author, limit=limit)
    wanted = Wanted(Job(select=select, feeds=tables), {}, FEEDS, [LIST])
    chosen = [*entries]
    for blog in BLOGS:  # each blog is a member with one feed
        own = [each for each in entries if each.user == blog]
        own.sort(key=lambda each: (each.date, each.id), reverse=True)
        most = [each for each in (limits.get(blog), per_author) if each is not None]
        gone = own[min(most) :] if most else []
        chosen = [each for each in chosen if each not in gone]
    by_age = sorted(chosen, key=lambda each: (each.date, each.id), reverse=True)
    assert list(wanted.newest(entries)) == [each for each in chosen if each in by_age[:limit]]


def test_folders_are_those_of_the_feed_that_an_entry_was_read_from() -> None:
    birds = Category(term="Science/Birds")
    feeds = FEEDS | {"urn:ann": Feed(id="urn:ann", address="https://ann.example/feed",
                                     categories=(birds,))}  # fmt: skip
    feeds |= {"urn:x": Feed(id="urn:x", address="https://ann.example/feed")}  # a source of Bob's
    folders = Folders(feeds)
    ann, bob = entry("ann", 1, 1), entry("bob", 1, 2)
    assert folders.of(ann) == (birds,)
    # Bob says that an entry of his is Ann's: he is not in her folder for that.
    claim = bob.__class__(id="x", user="bob", updated=bob.updated, path=bob.path, source="urn:ann")
    assert folders.of(claim) == ()
    new = claim.__class__(
        id="x", user="bob", updated=bob.updated, path="https://new.example/", source="urn:ann"
    )
    assert folders.of(new) == ()
    stored = claim.__class__(
        id="x", user="ann", updated=bob.updated, path="ann/x.json", source="urn:ann"
    )
    assert folders.of(stored) == (birds,)
    select = Selection(categories=("birds",))
    wanted = Wanted(Job(select=select), {}, feeds, [LIST])
    assert [wanted.sift(each) for each in (ann, bob, claim, new, stored)] == [
        True, False, False, False, True,
    ]  # fmt: skip
    # A file of the user's is filed whole, whoever wrote what is in it.
    many = claim.__class__(
        id="x", user="bob", updated=bob.updated, path="many.atom", source="urn:bob"
    )
    filed = ListedFeed(address="many.atom", categories=(birds,))
    assert Folders(feeds, [filed]).of(many) == (birds,)
