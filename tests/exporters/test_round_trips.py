"""From entries to a feed and back: the same entries, but for what docs/formats.md says is lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from feed_sets import exported, sample

import convert
from convert.entryset import EntrySet
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.exporters.feeds.entry import identity, main_file
from convert.model import Entry

FIELDS = (
    "user", "title", "published", "updated", "link", "summary", "authors", "contributors",
    "categories", "rights", "enclosures", "links", "image", "language", "direction", "full",
)  # fmt: skip

LOST: Mapping[str, frozenset[str]] = {
    # By format: "field of a value", as the table in docs/formats.md has it.
    ".atom": frozenset(
        {"duration of further enclosures", "unknown type of enclosures", "what is but cited"}
    ),
    ".rss": frozenset(
        {
            "uri of authors",
            "icon of authors",
            "email of authors",
            "label of categories",
            "title of the enclosure",
            "unknown type of enclosures",
            "duration of further enclosures",
            "what is but cited",
            "that nothing says when it was published",
            "that it has no summary",
        }
    ),
    ".json": frozenset({"unknown type of enclosures"}),
}


def told(entry: Entry, text: str, entries: EntrySet, lost: frozenset[str]) -> dict[str, Any]:
    """What of an entry is expected to come back from a format."""
    fields = {name: getattr(entry, name) for name in FIELDS}
    if "that nothing says when it was published" in lost:
        fields["published"] = entry.date
    if "that it has no summary" in lost and entry.full:
        fields["summary"] = entry.summary or text
    fields["authors"] = [
        (
            each.name,
            None if "uri of authors" in lost else each.uri,
            # E-mail addresses are published only when asked for.
            None,
            None if "icon of authors" in lost else each.icon,
        )
        for each in entries.authors(entry)
    ]
    fields["contributors"] = [each.name for each in entry.contributors]
    fields["categories"] = [
        (each.term, each.scheme, None if "label of categories" in lost else each.label)
        for each in entry.categories
    ]
    unknown = "application/octet-stream" if "unknown type of enclosures" in lost else None
    main = main_file(entry)
    fields["enclosures"] = {
        (
            each.href,
            each.type or unknown,
            each.length or None,
            None if each == main and "title of the enclosure" in lost else each.title,
            each.duration if each == main or "duration of further enclosures" not in lost else None,
        )
        for each in entry.enclosures
    }
    # What an entry cites is to others what it says that it is related to.
    cited = {each.link for each in entries.answered(entry)}
    fields["links"] = {
        each for each in entry.links if "what is but cited" not in lost or each.href not in cited
    }
    # An entry that states no language has that of the feed.
    fields["language"] = entry.language or entries.language
    return fields


@pytest.mark.parametrize(
    ("exporter", "suffix"),
    [(atom.EXPORTER, ".atom"), (rss.EXPORTER, ".rss"), (jsonfeed.EXPORTER, ".json")],
)
def test_entries_come_back(exporter: Any, suffix: str, tmp_path: Path) -> None:
    made = sample()
    path = tmp_path / f"eeg{suffix}"
    path.write_bytes(exported(exporter, made, tmp_path / "staging", suffix)[f"eeg{suffix}"])
    collection = convert.read(path, offline=True, cache=tmp_path / "cache")
    read = convert.prepare(collection, name="eeg")
    back = {entry.id: entry for entry in read}
    lost = LOST[suffix]
    bodies = {entry.id: content.text for entry, content in read.contents()}
    for entry, content in made.contents():
        found = back.get(entry.id) or back[identity(entry.id)]
        text = content.text
        assert told(found, text, read, lost) == told(entry, text, made, lost), entry.id
        assert "".join(bodies[found.id].split()) == "".join(content.text.split())
        assert read.feed(found) is not None
    answer = next(each for each in read if each.user == "anil")
    assert [each.link for each in read.answered(answer)] == ["https://bea.example/question"]
