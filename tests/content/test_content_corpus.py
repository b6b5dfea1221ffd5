"""Real entries: every word stays, a second pass changes nothing, the judges find no fault."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from browsing import faults, holds, words
from entries import OPTIONS, planet
from judges import epubcheck_messages, nu_messages, write_book
from lxml import etree

from convert.content import prepare
from convert.content.parse.choose import choose
from convert.model import Prepared, StoredEntry

pytestmark = pytest.mark.corpus
_TAG = re.compile(r"<[A-Za-z/!?]")
_FURNITURE = re.compile(
    r"<h[1-6][^>]*>\s*<a [^>]*>(?:\s|[¶#§🔗]|<i(?:mg)?\b[^>]*>|</i>)*</a>"
    r"|<a [^>]*>(?:\s|[¶#§🔗]|<i(?:mg)?\b[^>]*>|</i>)*</a>\s*</h[1-6]>"
    r"|comments powered by <?|href=\"[^\"]*/(?:feed|news|atom|rss|index)\.xml#"
)
_ESCAPED = re.compile(r"\s*&(?:#60|lt|amp);[a-zA-Z!]")
# What other steps say in other words: the notes' own marks and arrows, line numbers beside code.
_MARKS = re.compile(r"[\[\]()0-9↩\ufe0e\ufe0f^]")


@pytest.fixture(scope="module")
def entries(planet_a: Path) -> tuple[tuple[StoredEntry, Prepared], ...]:
    return tuple((entry, prepare(entry, OPTIONS)) for entry in planet(planet_a))


def test_all_are_prepared(
    planet_a: Path, entries: tuple[tuple[StoredEntry, Prepared], ...]
) -> None:
    stored = [json.loads(path.read_bytes()) for path in planet_a.glob("*/*.json")]
    assert len(entries) == len(stored) > 200
    whole = sum(bool((each["content"] or "").strip()) for each in stored)
    assert sum(made.entry.full for _, made in entries) == whole
    assert [str(problem) for _, made in entries for problem in made.problems] == []


def test_every_word_of_an_independent_parser_is_there(
    entries: tuple[tuple[StoredEntry, Prepared], ...],
) -> None:
    different = []
    for entry, made in entries:
        expected, found = _expected(entry), _found(made.body)
        without = expected.removeprefix(_bare(entry.title))  # a repeated title may go
        if not any(_agree(each, found, made.body) for each in (expected, without)):
            different.append(entry.path)
    assert different == []


def test_no_furniture_is_left(entries: tuple[tuple[StoredEntry, Prepared], ...]) -> None:
    """Links of headings to themselves, links into the own feed, words of Disqus."""
    had, left = 0, []
    for entry, made in entries:
        had += bool(_FURNITURE.search(choose(entry).markup))
        left += [(entry.path, each) for each in _FURNITURE.findall(made.body)]
    assert had > 3
    assert left == []


def _agree(expected: str, found: str, body: str) -> bool:
    if 'class="embed"' in body or "<math" in body:  # players and pictures have become words
        return holds(found, expected)
    if 'role="doc-endnotes"' in body:  # notes stand last
        return Counter(expected) == Counter(found)
    if expected != found and "&lt;" in body:  # what is no element of anybody's has become words
        return holds(found, expected)
    return expected == found


def _expected(entry: StoredEntry) -> str:
    """What html5lib finds; markup that was escaped once too often is meant as markup."""
    markup = choose(entry).markup
    if not _TAG.search(markup):
        text = html.unescape(markup)
        if _ESCAPED.match(text):
            text = html.unescape(text)
        return _bare(words(text) if text.lstrip().startswith("<") else text)
    return _bare(words(markup))


def _found(body: str) -> str:
    """The words of a body; of a formula its TeX, where that is known."""
    tree = etree.fromstring(body)
    for meaning in list(tree.iter("semantics")):
        for child in list(meaning):
            if child.tag != "annotation" and len(meaning) > 1:
                meaning.remove(child)
    return _bare("".join(map(str, tree.itertext())))


def _bare(text: str) -> str:
    """Letters only: emoji pictures become their character."""
    return "".join(each for each in _MARKS.sub("", html.unescape(text)) if each.isalpha())


def test_a_second_pass_changes_nothing(
    entries: tuple[tuple[StoredEntry, Prepared], ...],
) -> None:
    for entry, made in entries:
        again = msgspec.structs.replace(entry, content=made.body, content_type="xhtml")
        assert prepare(again, OPTIONS).body == made.body, entry.path


def test_nothing_acts(entries: tuple[tuple[StoredEntry, Prepared], ...]) -> None:
    for entry, made in entries[::5]:
        assert faults(made.body) == [], entry.path


@pytest.mark.slow
def test_epubcheck_finds_nothing(
    entries: tuple[tuple[StoredEntry, Prepared], ...], tmp_path: Path
) -> None:
    book = tmp_path / "book.epub"
    write_book(book, [(made.entry.title, made.body) for _, made in entries])
    assert epubcheck_messages(book) == []


@pytest.mark.slow
def test_the_nu_checker_finds_no_error(
    entries: tuple[tuple[StoredEntry, Prepared], ...], tmp_path: Path
) -> None:
    assert nu_messages(tmp_path, [(made.entry.title, made.body) for _, made in entries]) == []
