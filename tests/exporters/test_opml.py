"""OPML: a valid subscription list, each member with the feeds that are theirs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from feed_sets import context, exported, sample
from lxml import etree

from convert.entryset import EntrySet
from convert.exporters.opml import EXPORTER
from convert.model import Category, Feed, Problem, User
from convert.sources.opml import outlines
from convert.testing import entry_set, prepared


def opml(tmp_path: Path, entries: Any = None, **options: Any) -> bytes:
    made = exported(
        EXPORTER, sample() if entries is None else entries, tmp_path, ".opml", **options
    )
    return made["eeg.opml"]


def problems(document: bytes) -> list[str]:
    """What OPML 2.0 asks of a subscription list."""
    root = etree.fromstring(document)
    if root.tag != "opml" or root.get("version") != "2.0":
        return ["opml: not OPML 2.0"]
    if [each.tag for each in root] != ["head", "body"]:
        return ["opml: one head, one body"]
    head, body = root
    found = [] if head.findtext("title") else ["head: no title"]
    for name in ("dateCreated", "dateModified"):
        text = head.findtext(name)
        try:
            if text is not None:
                parsedate_to_datetime(text)
        except ValueError:
            found.append(f"head: {name} is no date of RFC 822")
    if not len(body):
        found.append("body: no outline")
    for outline in body.iter(etree.Element):
        if outline is not body and outline.tag != "outline":
            found.append(f"{outline.tag}: only outlines stand in the body")
        if outline is not body and not outline.get("text"):
            found.append("outline: no text")
        if outline.get("type") == "rss" and not re.match(r"https?://", outline.get("xmlUrl") or ""):
            found.append("outline: type rss without xmlUrl")
        if outline.get("xmlUrl") and outline.get("type") != "rss":
            found.append("outline: a subscription has the type rss")
    return found


def test_the_list_by_member(tmp_path: Path) -> None:
    document = opml(tmp_path)
    assert problems(document) == []
    body = etree.fromstring(document)[1]
    shown = [
        (
            member.get("text"),
            member.get("htmlUrl"),
            [(each.get("text"), each.get("xmlUrl"), each.get("htmlUrl")) for each in member],
        )
        for member in body
    ]
    assert shown == [
        (
            "Anil",
            "https://anil.example/",
            [("Anil & co", "https://anil.example/feed.xml", "https://anil.example/")],
        ),
        (
            "Béa",
            "https://bea.example/",
            [("Béa", "https://bea.example/rss", "https://bea.example/")],
        ),
    ]


def test_feeds_of_users_and_of_entries_each_once(tmp_path: Path) -> None:
    entries = entry_set(
        [prepared("a/1", source="https://a.example/two"), prepared("b/1", source="urn:x")],
        users={
            "a": User(username="a", feeds=("https://a.example/one", "javascript:alert(1)")),
            "b": User(username="b"),
        },
        feeds={
            "one": Feed(id="one", title="One", address="https://a.example/one"),
            "urn:x": Feed(id="urn:x", title="\x00", address="https://b.example/"),
        },
    )
    document = opml(tmp_path, entries, title="Who & what")
    assert problems(document) == []
    root = etree.fromstring(document)
    assert root.findtext("head/title") == "Who & what"
    assert [(each.get("text"), each.get("xmlUrl")) for each in root.iterfind(".//*[@xmlUrl]")] == [
        ("One", "https://a.example/one"),
        ("a", "https://a.example/two"),
        ("b", "https://b.example/"),
    ]


def in_folders(*folders: tuple[str, ...]) -> EntrySet:
    """A member for each, whose feed lies in these folders; the last has a second one in none."""
    feeds = {
        f"https://m{at}.example/feed": Feed(
            id=f"https://m{at}.example/feed",
            title=f"Blog {at}",
            address=f"https://m{at}.example/feed",
            categories=tuple(Category(term=each) for each in named),
        )
        for at, named in enumerate(folders)
    }
    users = {
        f"m{at}": User(username=f"m{at}", display_name=f"Member {at}", feeds=(address,))
        for at, address in enumerate(feeds)
    }
    last = f"m{len(folders) - 1}"
    more = "https://more.example/feed"
    users[last] = msgspec.structs.replace(users[last], feeds=(*users[last].feeds, more))
    return entry_set([], users=users, feeds=feeds)


FOLDERS = [
    ((), ()),
    (("News",), ()),
    (("Science/Birds",), ("Science",), ("News", "Science/Birds")),
    (("b",), ("A",), ("a",)),
    (("Vögel & <Bären>",), ("日本/東京",), ("Meine, deine",)),
    (("/Science//Birds/",), ("Science/Birds",)),
]


@pytest.mark.parametrize("folders", FOLDERS)
def test_folders_come_back_and_so_do_members(
    folders: tuple[tuple[str, ...], ...], tmp_path: Path
) -> None:
    document = opml(tmp_path, in_folders(*folders))
    assert problems(document) == []
    read = {each.address: each for each in outlines.read(document).outlines}
    assert len(read) == len(folders) + 1
    for at, named in enumerate(folders):
        outline = read[f"https://m{at}.example/feed"]
        assert (outline.user, outline.name) == (f"m{at}", f"Member {at}")
        assert [each.term for each in outline.categories] == [
            re.sub("/+", "/", each).strip("/") for each in named
        ]
    loose = read["https://more.example/feed"]
    assert (loose.user, loose.categories) == (f"m{len(folders) - 1}", ())
    # What readers take for the folder of a feed is what it lies in.
    for listed in etree.fromstring(document)[1].iterfind(".//outline[@xmlUrl]"):
        number = re.search(r"//m(\d+)\.", str(listed.get("xmlUrl")))
        above = listed.getparent()
        assert above is not None
        if number is not None and folders[int(number[1])]:
            assert above.get("text") == folders[int(number[1])][0].strip("/").rpartition("/")[2]


def test_folders_are_sorted_and_stand_before_members(tmp_path: Path) -> None:
    body = etree.fromstring(opml(tmp_path, in_folders(("b",), ("A/2",), ("A/1",), ())))[1]
    assert [each.get("text") for each in body] == ["A", "b", "Member 3"]
    assert [each.get("text") for each in body[0]] == ["1", "2"]
    (feed,) = body[0][0]
    assert feed.get("category") == "/A/1"


def test_a_list_that_names_no_feed_says_so(tmp_path: Path) -> None:
    told: list[Problem] = []
    silent = dataclasses.replace(
        context(EXPORTER.Options(), tmp_path, "eeg.opml"), warn=told.append
    )
    (made,) = EXPORTER.export(entry_set([prepared("a/1")]), silent)
    assert [(each.path, each.severity) for each in told] == [("eeg.opml", "warning")]
    assert "names no feed" in told[0].reason
    assert etree.fromstring(made.content).find("body") is not None  # type: ignore[arg-type]
    told.clear()
    assert list(EXPORTER.export(sample(), silent))
    assert told == []


@pytest.mark.parametrize(
    ("change", "element"),
    [
        (lambda root: root.set("version", "1.0"), "opml"),
        (lambda root: root.remove(root[0]), "opml"),
        (lambda root: root[0].remove(root[0][0]), "head"),
        (lambda root: setattr(root[0].find("dateModified"), "text", "2024-05-06"), "head"),
        (lambda root: root[1].clear(), "body"),
        (lambda root: root[1][0].attrib.pop("text"), "outline"),
        (lambda root: root[1][0][0].attrib.pop("xmlUrl"), "outline"),
        (lambda root: root[1][0][0].attrib.pop("type"), "outline"),
        (lambda root: etree.SubElement(root[1], "feed", text="x"), "feed"),
    ],
)
def test_wrong_lists_fail(
    tmp_path: Path, change: Callable[[etree._Element], object], element: str
) -> None:
    root = etree.fromstring(opml(tmp_path))
    change(root)
    found = problems(etree.tostring(root))
    assert any(problem.startswith(f"{element}:") for problem in found), found
