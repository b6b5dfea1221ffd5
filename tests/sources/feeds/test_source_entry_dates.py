"""The dates of entries: those that are stated, or none, and the value that is none is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from feed_samples import read

from convert.sources.feeds.document import UNDATED

RSS = """<rss version="2.0"><channel><title>Ann</title><link>https://a.example/</link>
<description/>{}</channel></rss>"""
ITEM = "<item><link>https://a.example/{0}</link><title>{0}</title><pubDate>{1}</pubDate></item>"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>Ann</title>
<updated>{0}</updated><entry><id>urn:1</id><title>1</title><published>{0}</published>
<updated>{1}</updated></entry></feed>"""
NO_DATES = [
    "5/6/2024",
    "Sun, 05 May 2024 25:00:00 GMT",
    "0000-00-00 00:00:00",
    "Mon, 30 Nov -0001 00:00:00 +0000",
    "Thu, 01 Jan 1970 00:00:00 +0000",
]


def _rss(*dates: str) -> str:
    return RSS.format("".join(ITEM.format(number, date) for number, date in enumerate(dates)))


@pytest.mark.parametrize("value", NO_DATES)
def test_a_value_that_is_no_date_is_named_and_none_is_made_up(tmp_path: Path, value: str) -> None:
    outcome = read(tmp_path / "a.xml", _rss(value, "lun, 06 mai 2024 10:00:00 +0200"))
    undated, dated = outcome.entries
    assert (undated.updated, undated.published) == (UNDATED, None)
    assert dated.updated.isoformat() == "2024-05-06T08:00:00+00:00"
    (line,) = [str(each) for each in outcome.problems if "pubDate" in each.field]
    assert line.endswith(f'pubDate of https://a.example/0: "{value}" is no date that can be read')


def test_many_of_one_kind_are_one_line(tmp_path: Path) -> None:
    outcome = read(tmp_path / "a.xml", _rss(*(f"{day}/6/2024" for day in range(1, 13))))
    (line,) = [each for each in outcome.problems if "pubDate" in each.field]
    assert line.reason.startswith('11 entries have none that can be read: "1/6/2024", "2/6/2024"')
    assert outcome.entries[5].published is not None  # 6/6 is one day, whichever goes first


def test_one_date_of_an_entry_stands_in_for_the_other(tmp_path: Path) -> None:
    outcome = read(tmp_path / "a.xml", ATOM.format("25. Mai 2020", "soon"))
    assert outcome.entries[0].updated.isoformat() == "2020-05-25T00:00:00+00:00"
    assert [each.field for each in outcome.problems] == ["updated of urn:1"]


@pytest.mark.parametrize(
    ("element", "is_published"),
    [
        ('<x:publicationDate xmlns:x="http://prismstandard.org/namespaces/basic/2.0/">', True),
        (
            '<prism:publicationDate xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/">',
            True,
        ),
        ("<date>", False),
        ("<dc:date>", False),
        ('<dcterms:created xmlns:dcterms="http://purl.org/dc/terms/">', False),
        ("<dcterms:issued>", True),
    ],
)
def test_the_dates_of_other_vocabularies(tmp_path: Path, element: str, is_published: bool) -> None:
    """Where ``pubDate`` says nothing, and never before it."""
    end = f"</{element[1:].partition(' ')[0].rstrip('>')}>"
    day = f"{element}2020-05-25{end}"
    item = ITEM.format(0, "{}").replace("<pubDate>", f"{day}<pubDate>")
    (entry,) = read(tmp_path / "a.xml", RSS.format(item.format(""))).entries
    assert entry.updated.date().isoformat() == "2020-05-25"
    assert (entry.published is not None) is is_published
    (both,) = read(
        tmp_path / "b.xml", RSS.format(item.format("Mon, 06 May 2024 10:00 GMT"))
    ).entries
    assert both.published is not None
    assert both.published.year == 2024


def test_numbers_in_json_are_seconds_or_milliseconds(tmp_path: Path) -> None:
    stated = [1590382000, 1590382000000, 1590382000.5, "1590382000", 12, True, [1], "x"]
    items = [{"id": str(id_), "date_published": date} for id_, date in enumerate(stated)]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Ann", "items": items}
    outcome = read(tmp_path / "a.json", json.dumps(feed))
    days = [entry.updated.isoformat() for entry in outcome.entries]
    assert days[:4] == ["2020-05-25T04:46:40+00:00"] * 4
    assert {entry.updated for entry in outcome.entries[4:]} == {UNDATED}
    named = [each for each in outcome.problems if "date_published" in each.field]
    assert len(named) == 4


def test_what_stands_in_for_a_date_is_said_and_nothing_moves_it(tmp_path: Path) -> None:
    """Neither the clock nor the feed's own date, which each entry moves; what a store has stays."""
    feed = ATOM.format("", "")
    dated = [
        feed.replace("<updated></updated><entry>", f"<updated>{day}</updated><entry>")
        for day in ("2024-05-06", "2024-06-06")
    ]
    oldest = "1 entry has no date; used: 1970-01-01, the oldest of all"
    for text in (feed, *dated):
        outcome = read(tmp_path / "a.xml", text)
        assert [each.updated for each in outcome.entries] == [UNDATED]
        assert [each.reason for each in outcome.problems] == [oldest]
    store = tmp_path / "store"
    (store / "ann").mkdir(parents=True)
    first = read(tmp_path / "a.xml", dated[0], store=store)
    assert [each.updated.isoformat() for each in first.entries] == ["2024-05-06T00:00:00+00:00"]
    assert [each.reason for each in first.problems] == [
        "1 entry has no date; used: that of the feed"
    ]
    kept = {"id": first.entries[0].id, "updated": "2024-05-06", "title": "x"}
    (store / "ann" / "1.json").write_text(json.dumps(kept))
    again = read(tmp_path / "a.xml", dated[1], store=store)
    assert [each.updated for each in again.entries] == [first.entries[0].updated]
    assert [each.reason for each in again.problems] == [
        "1 entry has no date; used: the one that it had first"
    ]
