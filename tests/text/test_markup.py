"""One parser of prepared bodies: what is in a body, however long, costs nothing but itself."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import pytest
from lxml import etree
from running import ROOT, command

from convert.entryset import EntrySet
from convert.model import Citation
from convert.testing import entry_set, prepared
from convert.text.markup import parse

TIDE = "潮"
LONG = TIDE * 3_400_000
"""10.2 MB in one text node: libxml2 reads 10 MB unless it is told otherwise."""


def test_nothing_is_loaded_and_no_text_is_too_long(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    outside = f'<!DOCTYPE d [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><div>&e;</div>'
    assert "secret" not in "".join(map(str, parse(outside).itertext()))
    assert parse(f"<div>{LONG}</div>").text == LONG
    assert parse(b"<?xml version='1.0' encoding='utf-8'?><a>\xc3\xa9</a>").text == "é"


def cited(body: str) -> EntrySet:
    """Two entries; the second, of this body, cites the first."""
    one, two = prepared("ann/one", "<div><p>One</p></div>"), prepared("ann/two", body)
    citation = Citation(address="https://example.org/ann/one", key="ann/one")
    return entry_set([one, two], citations={"ann/two": (citation,)})


def test_citations_in_a_long_body_are_resolved() -> None:
    entries = cited(f'<div><p><a href="https://example.org/ann/one">one</a>{LONG}</p></div>')
    xhtml = entries.content(entries.by_key["ann/two"]).xhtml
    assert xhtml.startswith('<div><p><a href="entry:ann/one" data-address=')
    assert xhtml.count(TIDE) == len(LONG)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    (folder / "store" / "ann").mkdir(parents=True)
    for name, body in {
        "one": "<p id='here'>One.</p>",
        "big": f'<p id="top"><a href="https://a.example/one#here">one</a>{LONG}</p>',
        "last": '<p><a href="https://a.example/big#top">big</a></p>',
    }.items():
        entry = {
            "id": f"https://a.example/{name}", "link": f"https://a.example/{name}",
            "title": name, "content": body, "updated": "2024-01-02T00:00:00Z",
        }  # fmt: skip
        (folder / "store" / "ann" / f"{name}.json").write_bytes(msgspec.json.encode(entry))
    return folder


@pytest.mark.judge
def test_a_long_entry_that_links_and_is_linked_to_costs_no_output(store: Path) -> None:
    ended = command(
        "export", store / "store", "--to", "atom,rss,jsonfeed,csl,opml,markdown,epub,thicket",
        "--name", "eeg", "--out", store / "out", "--cache", store / "cache",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "3 of 3 entries published, 1 warning;" in ended.err
    assert "eeg.opml: names no feed" in ended.err
    out = store / "out"
    for name in ("eeg.atom", "eeg.rss", "eeg.json", "markdown-eeg/ann/big.md"):
        text = (out / name).read_text(encoding="utf-8")
        assert text.count(TIDE) >= len(LONG), name
    huge = etree.XMLParser(huge_tree=True)
    for name in ("eeg.atom", "eeg.rss"):
        root = etree.parse(out / name, huge).getroot()
        assert [each.text for each in root.iter("{*}title")][-3:].count("big") == 1
    assert "[big](big.md" in (out / "markdown-eeg/ann/one.md").read_text(encoding="utf-8")
    with zipfile.ZipFile(out / "eeg.epub") as book:
        pages = {
            Path(name).name: book.read(name).decode() for name in book.namelist() if "xhtml" in name
        }
    assert pages["ann.big.xhtml"].count(TIDE) == len(LONG)
    assert 'href="ann.one.xhtml#' in pages["ann.big.xhtml"]
    assert 'href="ann.big.xhtml#' in pages["ann.last.xhtml"]


def test_no_second_parser() -> None:
    """Ruff's TID251 names every parser of lxml; what is excused says why."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"lxml.etree.fromstring".msg' in settings
    for path in (ROOT / "convert").rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "TID251" in line:
                assert "# noqa: TID251 - " in line, path
