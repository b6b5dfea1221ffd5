"""Names: safe everywhere, unique, stable."""

from __future__ import annotations

import datetime as dt
import random
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from convert.model import Entry
from convert.text import names

DAY = dt.date(2014, 1, 13)
TEXT = st.one_of(
    st.text(max_size=60),
    st.text("aA.-_/\\ é\u0301ßİﬁ\u0130\u202e\x00日本\ud800%", max_size=20),
    st.sampled_from(["con", "NUL", "com¹", "..", "../../etc/passwd", "x" * 5000, "日" * 300]),
)


def make(
    id: str,  # noqa: A002
    user: str = "anil",
    title: str = "",
    link: str | None = None,
    date: str = "2014-01-13T00:00:00",
    *,
    published: bool = True,
) -> Entry:
    when = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    return Entry(
        id=id,
        user=user,
        title=title,
        link=link,
        updated=when,
        published=when if published else None,
    )


@pytest.mark.parametrize(
    ("link", "id", "title", "expected"),
    [
        ("https://a.org/blog/unikernels-in-cacm", "x", "T", "2014-01-13-unikernels-in-cacm"),
        ("https://a.org/2011_05_06_longval.html", "x", "T", "2014-01-13-longval"),
        ("https://a.org/notes/index.html", "x", "T", "2014-01-13-notes"),
        ("https://a.org/?p=12", "https://a.org/?p=12", "Hello, World!", "2014-01-13-hello-world"),
        (None, "https://a.org/x/My%20Post/", "T", "2014-01-13-my-post"),
        (None, "urn:uuid:1", "Don't panic", "2014-01-13-dont-panic"),
        ("https://a.org/%E6%97%A5%E6%9C%AC", "x", "T", "2014-01-13-日本"),
        ("http://[half", "urn:1", "", "2014-01-13-" + names.digest("urn:1")),
    ],
)
def test_key_is_readable(link: str | None, id: str, title: str, expected: str) -> None:  # noqa: A002
    assert names.key("Anil", DAY, id, link, title) == f"anil/{expected}"


def test_an_entry_that_was_never_published_has_no_date_in_its_name() -> None:
    entry = make("urn:1", title="Note", published=False)
    assert names.keys([entry]) == ("anil/note",)


def test_the_oldest_keeps_the_plain_name() -> None:
    link = "https://a.org/software"
    older = make("urn:2", link=link, date="2014-01-13T01:00:00")
    newer = make("urn:1", link=link, date="2014-01-13T02:00:00")
    plain = "anil/2014-01-13-software"
    assert names.keys([newer, older]) == (f"{plain}-{names.digest('urn:1')}", plain)


def test_a_name_that_looks_like_anothers_with_its_digest_stays_apart() -> None:
    clash = f"software-{names.digest('urn:2')}"
    entries = [
        make("urn:1", link="https://a.org/software", date="2014-01-13T01:00:00"),
        make("urn:2", link="https://a.org/software", date="2014-01-13T02:00:00"),
        make("urn:3", link=f"https://a.org/{clash}", date="2014-01-13T03:00:00"),
    ]
    found = names.keys(entries)
    assert len({names.fold(each) for each in found}) == 3
    assert found[2] == f"anil/2014-01-13-{clash}"


def test_a_selection_does_not_change_a_folder() -> None:
    entry = make("urn:1", user="anil")
    everybody = names.keys([entry, make("urn:2", user="Anil")], ["anil", "Anil"])
    assert names.keys([entry], ["anil", "Anil"])[0] == everybody[0]


def _judge(segment: str) -> None:
    assert 0 < len(segment.encode()) <= names.LIMIT
    assert len(f"{segment}.fb2.zip".encode()) <= 255
    assert segment == unicodedata.normalize("NFC", segment)
    assert segment[0] not in ".-"
    assert segment[-1] not in ". "
    assert not re.search(r'[\x00-\x20/\\:*?"<>|\x7f]', segment)
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", segment)


@given(TEXT)
def test_safe_name_is_safe(text: str) -> None:
    made = names.safe_name(text)
    _judge(made)
    assert names.safe_name(made) == made


def test_safe_name_keeps_case_and_makes_a_real_file(tmp_path: Path) -> None:
    assert names.safe_name("EEG 2024/25") == "EEG-2024-25"
    for text in ("\ud800", "..", "a" * 5000, "日" * 300, "CON", "nul.txt"):
        (tmp_path / names.safe_name(text)).write_text("x")
    assert len(list(tmp_path.iterdir())) == 5  # the first two are both "unnamed"


ENTRIES = st.lists(
    st.tuples(TEXT, st.sampled_from(["anil", "Anil", "ANIL", "..", "con", "é", "e\u0301"]), TEXT),
    max_size=8,
    unique_by=lambda each: each[0],
)


@given(ENTRIES, st.integers())
def test_keys_are_safe_unique_and_independent_of_order(
    drawn: list[tuple[str, str, str]], seed: int
) -> None:
    entries = [make(id, user=user, title=title) for id, user, title in drawn]  # noqa: A001
    found = names.keys(entries)
    for each in found:
        segments = each.split("/")
        assert len(segments) == 2
        for segment in segments:
            _judge(segment)
    assert len({names.fold(each) for each in found}) == len(entries)
    shuffled = list(range(len(entries)))
    random.Random(seed).shuffle(shuffled)
    again = names.keys([entries[at] for at in shuffled])
    assert [again[shuffled.index(at)] for at in range(len(entries))] == list(found)


@given(ENTRIES)
def test_anchors_are_distinct_xml_ids(drawn: list[tuple[str, str, str]]) -> None:
    found = names.keys([make(id, user=user, title=title) for id, user, title in drawn])  # noqa: A001
    anchors = [names.anchor(key) for key in found]
    assert len(set(anchors)) == len(found)
    for each in anchors:
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", each)
        etree.fromstring(f'<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:id="{each}"/>')
