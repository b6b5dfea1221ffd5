"""By what an entry of a feed is known, whatever else the feed shows."""

from __future__ import annotations

import datetime as dt
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
        [(document.feed, each) for each in document.entries], lambda _, id_: id_ in known
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


def test_a_doubtful_id_that_stands_alone_now_is_known_by_the_link_that_was_published() -> None:
    two = [item(f"T{n}", "7", f"{PAGE}{n}", "", "x") for n in range(2)]
    published = ids(two)
    assert ids(two[1:], published) == published[1:]
    assert ids(two[1:]) == ["7"]


def state(updated: int, **fields: object) -> StoredEntry:
    known = {"path": "f", "user": "", "id": "tag:a,1", "title": "Herons", "link": f"{PAGE}1"}
    when = DAY + dt.timedelta(days=updated)
    return StoredEntry(**(known | {"updated": when} | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("published", [None, DAY])
def test_of_several_states_of_one_entry_the_newest_stays(published: dt.datetime | None) -> None:
    states = [state(day, published=published, content=f"State {day}") for day in (1, 3, 2)]
    found = identity.identify(
        [(Feed(id="f", link=PAGE), each) for each in states], lambda *_: False
    )
    assert found.entries == (None, states[1], None)
    assert found.notes == (
        "1 entry stands there in several states (tag:a,1); of each the one updated last is used",
    )


@pytest.mark.parametrize(
    "change", [{"link": f"{PAGE}2"}, {"title": "Egrets"}, {"published": DAY + dt.timedelta(9)}]
)
def test_different_entries_of_one_id_stay_both(change: dict[str, object]) -> None:
    feed = Feed(id="f", link=PAGE)
    pair = [(feed, state(1)), (feed, state(2, **change))]
    found = identity.identify(pair, lambda *_: False)
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
