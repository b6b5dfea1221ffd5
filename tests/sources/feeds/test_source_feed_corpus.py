"""feedparser's own test feeds: the values that they name, wherever our model has the field."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from source_reading import Outcome, read_source

from convert.content import fields
from convert.errors import SourceError
from convert.model import Feed, Person, StoredEntry
from convert.sources.feeds.source import SOURCE

Key = tuple[str | int, ...]


def feed(outcome: Outcome) -> Feed:
    return next(iter(outcome.reading.feeds.values()))


def entry(outcome: Outcome) -> StoredEntry:
    return outcome.entries[0]


def author(outcome: Outcome, number: int = 0) -> Person:
    return feed(outcome).authors[number]


FEED: dict[Key, Callable[[Outcome], object]] = {
    ("feed", "title"): lambda read: feed(read).title,
    ("feed", "tagline"): lambda read: feed(read).subtitle,
    ("feed", "tagline_detail", "value"): lambda read: feed(read).subtitle,
    ("feed", "info"): lambda read: feed(read).subtitle,
    ("feed", "subtitle"): lambda read: feed(read).subtitle,
    ("feed", "description"): lambda read: feed(read).subtitle,
    ("feed", "rights"): lambda read: feed(read).rights,
    ("feed", "copyright"): lambda read: feed(read).rights,
    ("feed", "copyright_detail", "value"): lambda read: feed(read).rights,
    ("feed", "id"): lambda read: feed(read).id,
    ("feed", "guid"): lambda read: feed(read).id,
    ("feed", "link"): lambda read: feed(read).link,
    ("feed", "image", "href"): lambda read: feed(read).logo,
    ("feed", "author_detail", "name"): lambda read: author(read).name,
    ("feed", "author_detail", "email"): lambda read: author(read).email,
}
ENTRY: dict[Key, Callable[[Outcome], object]] = {
    ("title",): lambda read: entry(read).title,
    ("title_detail", "value"): lambda read: entry(read).title,
    ("guid",): lambda read: entry(read).id,
    ("id",): lambda read: entry(read).id,
    ("link",): lambda read: entry(read).link,
    ("description",): lambda read: entry(read).summary or entry(read).content,
    ("summary",): lambda read: entry(read).summary or entry(read).content,
    ("content", 0, "value"): lambda read: entry(read).content,
    ("content", 0, "language"): lambda read: entry(read).language,
    ("summary_detail", "base"): lambda read: entry(read).base,
    ("rights",): lambda read: entry(read).rights,
    ("author_detail", "name"): lambda read: entry(read).authors[0].name,
    ("author_detail", "email"): lambda read: entry(read).authors[0].email,
    ("author_detail", "url"): lambda read: entry(read).authors[0].uri,
    ("authors", 0, "name"): lambda read: entry(read).authors[0].name,
    ("authors", 1, "name"): lambda read: entry(read).authors[1].name,
    ("contributors", 0, "url"): lambda read: entry(read).contributors[0].uri,
    ("tags", 1, "scheme"): lambda read: entry(read).categories[1].scheme,
    ("enclosures", 0, "url"): lambda read: entry(read).enclosures[0].href,
    ("enclosures", 0, "length"): lambda read: str(entry(read).enclosures[0].length),
}
READERS = FEED | {("entries", 0, *key): read for key, read in ENTRY.items()}


def same(found: object, value: object) -> bool:
    """Whether a value is the expected one; we keep plain text of a feed's own markup, and
    the order of attributes that the feed has."""
    if found == value:
        return True
    if not isinstance(value, str) or not isinstance(found, str):
        return False
    if "xmlns" in value:
        canonical = (ElementTree.canonicalize(each) for each in (found, value))
        return len(set(canonical)) == 1
    return found == fields.line(value, "html")


@pytest.mark.corpus
def test_values_that_the_feeds_name(feeds_corpus: Path) -> None:
    folder = feeds_corpus / "feedparser"
    compared = 0
    wrong = []
    for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        expected = json.loads(line)
        if "/sanitize/" in expected["path"]:
            continue
        try:
            outcome = read_source(SOURCE, folder / expected["path"])
        except SourceError as error:
            if expected["checks"] not in (
                [[["bozo"], "falsy", None]],
                [[["bozo"], "truthy", None]],
            ):
                wrong.append((expected["path"], str(error)))
            continue
        for key, operator, value in expected["checks"]:
            read = READERS.get(tuple(key))
            if read is None or operator != "==":
                continue
            compared += 1
            try:
                found = read(outcome)
            except IndexError:
                found = "nothing"
            if not same(found, value):
                wrong.append((expected["path"], f"{key}: {value!r}, found {found!r}"))
    assert wrong == []
    assert compared > 110


@pytest.mark.corpus
def test_real_feeds(feeds_corpus: Path) -> None:
    counts = {}
    started = time.monotonic()
    for path in sorted((feeds_corpus / "thicket.dev").iterdir()):
        if path.suffix == ".opml":
            continue
        outcome = read_source(SOURCE, path)
        counts[path.name] = len(outcome.entries)
        assert outcome.problems == []
        assert all(each.title and (each.content or each.summary) for each in outcome.entries)
        assert all(each.link and each.authors for each in outcome.entries)
        assert len({each.id for each in outcome.entries}) == len(outcome.entries)
    assert counts == {
        "core.atom": 24,
        "core.xml": 96,
        "oxcaml.atom": 24,
        "tools.xml": 96,
        "weekly.atom": 24,
    }
    assert time.monotonic() - started < 20
