"""By what an entry of a feed is known, whatever else the feed shows."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from feed_samples import read
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.model import Feed, StoredEntry
from convert.sources.feeds import identity, xml_feed
from convert.sources.feeds.document import Received
from convert.sources.store import Former
from convert.text import dates

PAGE = "https://a.example/"
DAY = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


def item(title: str, guid: str, link: str, date: str, text: str) -> str:
    elements = {"title": title, "link": link, "pubDate": date, "description": text}
    named = "".join(f"<{name}>{escape(each)}</{name}>" for name, each in elements.items() if each)
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid>{named}</item>"
        if guid
        else (f"<item>{named}</item>")
    )


def ids(items: Sequence[str], known: Collection[str] = ()) -> list[str]:
    """Returns the ids that a feed of these items gives them, in order."""
    text = f"<rss version='2.0'><channel><title>A</title><link>{PAGE}</link>{''.join(items)}"
    received = Received(name="f.xml", content=f"{text}</channel></rss>".encode(), max_body=1000)
    document = xml_feed.read(received)
    found = identity.identify(
        [(document.feed, each) for each in document.entries],
        lambda _, id_: id_ in known,
        lambda _: (),
    )
    return [each.id for each in found.entries if each is not None]


@st.composite
def rolling(draw: st.DrawFn) -> list[str]:
    """Items that all bear one guid, or none, and are told apart by link, title or date."""
    guid = draw(st.sampled_from(["SAME", "0", PAGE, "urn:x:1", ""]))
    told_by = draw(st.sampled_from(["link", "title", "date"]))
    return [
        item(
            f"Title {number}" if told_by == "title" else draw(st.sampled_from(["", "News"])),
            guid,
            f"{PAGE}p/{number}" if told_by == "link" else draw(st.sampled_from(["", PAGE])),
            f"{number + 1:02} May 2024 07:00:00 GMT" if told_by == "date" else "",
            draw(st.sampled_from([f"Words {number}", "Words"])),
        )
        for number in range(7)
    ]


@settings(max_examples=40)
@given(rolling(), st.integers(2, 6), st.integers(0, 5))
def test_an_id_stays_while_the_feed_rolls(items: list[str], shown: int, start: int) -> None:
    all_of_them = ids(items)
    assert len(set(all_of_them)) == len(items)
    start = min(start, len(items) - shown)
    assert ids(items[start : start + shown]) == all_of_them[start : start + shown]


@settings(max_examples=40)
@given(rolling())
def test_an_edited_text_does_not_change_an_id(items: list[str]) -> None:
    edited = [each.replace("Words", "Better words") for each in items]
    assert ids(edited) == ids(items)


@pytest.mark.parametrize("guid", ["7", f"{PAGE}1"])
@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_an_entry_that_is_dated_anew_where_it_is_edited_is_one(
    guid: str, order: Sequence[int]
) -> None:
    """The page and the title say so; another title under the id on that page is another."""
    states = [item("T", guid, f"{PAGE}1", f"0{n + 1} May 2024 07:00:00 GMT", f"{n}") for n in order]
    assert ids(states) == [guid]
    other = item("Other", guid, f"{PAGE}1", "09 May 2024 07:00:00 GMT", "x")
    assert len(set(ids([*states, other]))) == 2


def test_a_doubtful_id_that_stands_alone_now_is_known_by_the_link_that_was_published() -> None:
    two = [item(f"T{n}", "7", f"{PAGE}{n}", "", "x") for n in range(2)]
    published = ids(two)
    assert ids(two[1:], published) == published[1:]
    assert ids(two[1:]) == ["7"]


CHANGES = [
    ("link", "date", "title"),
    ("link", "date", "words"),
    ("link", "title"),
    ("link", "words"),
    ("date", "title"),
    ("title", "words"),
]
"""What tells the entries of a feed apart that gives all of them one id, and shows one at a time."""


@settings(max_examples=40)
@given(st.sampled_from(CHANGES), st.lists(st.tuples(*[st.integers(0, 4)] * 2), max_size=6))
def test_no_entry_takes_the_id_that_another_had_the_night_before(
    told_by: Sequence[str], nights: list[tuple[int, int]]
) -> None:
    def shown(number: int) -> tuple[Feed, StoredEntry]:
        fields = {
            "link": f"{PAGE}{number}" if "link" in told_by else None,
            "published": DAY + dt.timedelta(number) if "date" in told_by else None,
            "title": f"P{number}" if "title" in told_by else "News",
            "content": f"Words {number}" if "words" in told_by else "Words",
        }
        return Feed(id="f", link=PAGE), state(number, **{"id": "same", **fields})

    stored: dict[str, int] = {}
    entries: list[StoredEntry] = []

    def bearers(id_: str) -> list[Former]:
        return [Former.of(each) for each in entries if id_ in {each.id, each.shared_id}]

    for start, more in nights:
        numbers = range(start, min(start + more, 4) + 1)
        found = identity.identify([*map(shown, numbers)], lambda *_: False, bearers).entries
        for number, each in zip(numbers, found, strict=True):
            assert each is not None
            assert stored.setdefault(each.id, number) == number
            entries.append(each)
    assert len(stored) == len(set(stored.values()))


@pytest.mark.parametrize(
    "change",
    [
        {"link": f"{PAGE}2", "title": "Egrets", "content": "Better words"},
        {"link": f"{PAGE}2", "published": DAY + dt.timedelta(9)},
        {"published": DAY + dt.timedelta(9), "title": "Egrets", "content": "Better words"},
        {"link": None, "published": None, "title": "Egrets"},
        {"link": None, "published": DAY + dt.timedelta(9), "content": "Better words"},
        {"link": PAGE, "content": "Better words"},
    ],
)
def test_an_entry_may_move_be_dated_anew_or_rewritten(change: dict[str, object]) -> None:
    former = state(1, published=DAY, content="Words")
    shown = [
        (Feed(id="f", link=PAGE), state(2, **{"published": DAY, "content": "Words", **change}))
    ]
    found = identity.identify(shown, lambda *_: False, lambda _: [Former.of(former)])
    assert [each and each.id for each in found.entries] == [former.id]


def state(updated: int, **fields: object) -> StoredEntry:
    known = {"path": "f", "user": "", "id": "tag:a,1", "title": "Herons", "link": f"{PAGE}1"}
    when = DAY + dt.timedelta(days=updated)
    return StoredEntry(**(known | {"updated": when} | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("published", [None, DAY])
def test_of_several_states_of_one_entry_the_newest_stays(published: dt.datetime | None) -> None:
    states = [state(day, published=published, content=f"State {day}") for day in (1, 3, 2)]
    found = identity.identify(
        [(Feed(id="f", link=PAGE), each) for each in states], lambda *_: False, lambda _: ()
    )
    assert found.entries == (None, states[1], None)
    assert found.notes == (
        "1 entry stands there in several states (tag:a,1); of each the one updated last is used",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"link": f"{PAGE}2"},
        {"title": "Egrets"},
        {"published": DAY + dt.timedelta(9), "title": "Egrets"},
        {"published": DAY + dt.timedelta(9), "link": PAGE},
    ],
)
def test_different_entries_of_one_id_stay_both(change: dict[str, object]) -> None:
    feed = Feed(id="f", link=PAGE)
    pair = [(feed, state(1)), (feed, state(2, **change))]
    found = identity.identify(pair, lambda *_: False, lambda _: ())
    assert len({each.id for each in found.entries if each is not None}) == 2
    assert "one id (tag:a,1)" in found.notes[0]


def test_the_clock_dates_no_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = f"<rss><channel><title>A</title>{item('T', '1', '', '', 'x')}</channel></rss>"
    moments = []
    for moment, store in [(DAY, None), (DAY + dt.timedelta(31), tmp_path / "store")]:
        monkeypatch.setattr(dates, "now", lambda moment=moment: moment)
        entries = read(tmp_path / "f.xml", feed, store=store).entries
        moments.append([(each.updated, each.id) for each in entries])
    assert moments[0] == moments[1]
