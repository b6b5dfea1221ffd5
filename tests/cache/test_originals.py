"""Entries as they were stored, from the repository to an output that encloses them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from convert.cache.folder import CacheFolder
from convert.cache.originals import StoredTexts
from convert.model import StoredEntry
from convert.testing import prepared


def _stored(path: str, text: bytes, origin: str = "repo") -> StoredEntry:
    return StoredEntry(
        path=path,
        user="a",
        id="urn:a",
        updated=dt.datetime(2024, 5, 6, tzinfo=dt.UTC),
        origin=origin,
        stored=text,
    )


def test_what_was_kept_is_given_back_byte_for_byte(tmp_path: Path) -> None:
    texts = StoredTexts(CacheFolder(None, tmp_path))
    texts.keep(_stored("a/b.json", b'\xef\xbb\xbf{"x": 1e999}\r\n'))
    texts.keep(_stored("a/b.json", b"{}", origin="another repo"))
    entry = prepared("a/b", path="a/b.json", origin="repo").entry
    assert texts.read(entry) == b'\xef\xbb\xbf{"x": 1e999}\r\n'


def test_what_has_no_text_of_its_own_gives_none(tmp_path: Path) -> None:
    texts = StoredTexts(CacheFolder(None, tmp_path))
    texts.keep(_stored("https://example.org/feed", b""))
    entry = prepared("a/b", path="https://example.org/feed", origin="repo").entry
    assert texts.read(entry) is None
