"""Real entries through the whole house: every one is accounted for."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import feedparser
import html5lib
import pytest
from conftest import ROOT
from lxml import etree
from markdown_it import MarkdownIt
from running import command

from convert.run import report

pytestmark = [pytest.mark.corpus, pytest.mark.slow]


@pytest.fixture(scope="module")
def exported(planet_a: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planet")
    ended = command(
        "export", planet_a, "--to", "atom,markdown,epub", "--out", folder / "out", "--offline",
        "--cache", folder / "cache", "--report", folder / "report.json", "--quiet",
    )  # fmt: skip
    assert ended.code == 0, ended.err[-2000:]
    return folder


def test_every_file_is_exported_or_named(planet_a: Path, exported: Path) -> None:
    files = {path.relative_to(planet_a).as_posix() for path in planet_a.glob("*/*.json")}
    assert len(files) == 1233
    found = report.decode((exported / "report.json").read_bytes())
    left_out = {
        problem.path
        for problem in found.problems
        if problem.severity == "entry" or problem.reason.startswith("left out")
    }
    assert found.read == len(files)
    assert found.entries + len(left_out) == len(files)
    assert left_out <= files
    feed = feedparser.parse(
        (exported / "out" / "planet-a.atom").read_bytes(),
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    assert len(feed.entries) == found.entries
    pages = list((exported / "out" / "markdown").glob("*/*.md"))
    assert len(pages) == found.entries


class Pages(NamedTuple):
    """The pages of one output by the id of their entry, and where each leads to."""

    names: Mapping[str, str]
    links: Mapping[str, frozenset[str]]


def test_every_link_between_entries_is_one_inside_the_book_and_the_folder(
    planet_a: Path, exported: Path
) -> None:
    """Plain comparison of addresses, as an independent HTML5 parser finds them."""
    stored = [json.loads(path.read_bytes()) for path in sorted(planet_a.glob("*/*.json"))]
    holders: dict[str, set[str]] = {}
    for entry in stored:
        for address in {entry["id"], entry.get("link") or entry["id"]}:
            holders.setdefault(address, set()).add(entry["id"])
    ids = [entry["id"] for entry in stored]
    expected = {
        (entry["id"], target)
        for entry in stored
        for address in _addresses(entry)
        for target in holders.get(address, ())
        if len(holders[address]) == 1 and entry["id"] not in holders[address]
        if ids.count(target) == ids.count(entry["id"]) == 1
    }
    assert len(expected) > 150
    book, folder = _book(exported / "out"), _folder(exported / "out")
    for pages in (book, folder):
        lacking = [
            (citing, cited)
            for citing, cited in sorted(expected)
            if pages.names[cited] not in pages.links[citing]
            or pages.names[citing] not in pages.links[cited]
        ]
        assert lacking == []


def _addresses(entry: Mapping[str, str]) -> set[str]:
    markup = entry.get("content") or entry.get("summary") or ""
    tree = html5lib.parse(markup, treebuilder="lxml", namespaceHTMLElements=False)
    found = (str(link.get("href") or "").strip() for link in tree.iter("a"))
    return {urldefrag(urljoin(entry.get("link") or "", each)).url for each in found if each}


def _book(out: Path) -> Pages:
    names, links = {}, {}
    xhtml = "{http://www.w3.org/1999/xhtml}"
    ids = _folder(out).names
    with zipfile.ZipFile(out / "planet-a.epub") as archive:
        pages = {
            Path(name).name: etree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".xhtml")
        }
    by_stem = {page.removesuffix(".md").replace("/", "."): id_ for id_, page in ids.items()}
    for name, tree in pages.items():
        if id_ := by_stem.get(name.removesuffix(".xhtml")):
            names[id_] = name
            hrefs = (str(link.get("href") or "") for link in tree.iter(f"{xhtml}a"))
            links[id_] = frozenset(urldefrag(href).url for href in hrefs)
    return Pages(names, links)


def _folder(out: Path) -> Pages:
    names, links = {}, {}
    parser = MarkdownIt("commonmark")
    root = out / "markdown"
    for path in sorted(root.glob("*/*.md")):
        front, _, text = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
        line = next(line for line in front.splitlines() if line.startswith("id: "))
        name = path.relative_to(root).as_posix()
        names[id_ := json.loads(line.removeprefix("id: "))] = name
        hrefs = (
            str(token.attrs.get("href", ""))
            for block in parser.parse(text)
            for token in block.children or ()
            if token.type == "link_open"
        )
        links[id_] = frozenset(urldefrag(urljoin(name, href)).url for href in hrefs)
    return Pages(names, links)


def test_the_seed_converts(tmp_path: Path) -> None:
    seed = ROOT.parent / "shared" / "seed"
    if not seed.is_dir():
        pytest.skip("the seed is not here")
    ended = command(
        "export", seed, "--to", "atom,epub,pdf,markdown", "--out", tmp_path / "o", "--offline",
        "--cache", tmp_path / "cache",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert {path.name for path in (tmp_path / "o").iterdir()} >= {
        "markdown", "seed.atom", "seed.epub",
    }  # fmt: skip
