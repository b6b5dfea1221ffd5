"""Formulas and drawings in feeds: as MathML, as pictures, as text; TeX comes back from each."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import feedparser
import html5lib
import html_rules
import pytest
from feed_sets import exported, sample
from lxml import etree

from convert.content import PrepareOptions, prepare
from convert.entryset import EntrySet
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.model import StoredEntry
from convert.testing import entry_set, prepared

GD = "{http://schemas.google.com/g/2005}"
TEX = ("x", "a+b=c", "\\frac{1}{2}", "\\sum_{i=0}^n i^2")
DRAWING = (
    '<svg viewBox="0 0 2 2"><title>A box</title><rect width="2" height="2" fill="red"></rect></svg>'
)
WRITTEN = "\\frac{a + 1}{2}"
ROW = "<mrow><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mn>2</mn></mfrac></mrow>"


def formulas() -> EntrySet:
    """TeX of several kinds, a formula without TeX, and a drawing."""
    body = "".join(f"<p>So \\({tex}\\) it is.</p>" for tex in TEX)
    stored = StoredEntry(
        path="p",
        user="ann",
        id="urn:x:1",
        updated=prepared("a/1").entry.updated,
        link="https://ann.example/1",
        content=f"{body}<p>\\[{TEX[-1]}\\]</p><p>Thus <math>{ROW}</math>.</p>{DRAWING}",
    )
    return entry_set([prepare(stored, PrepareOptions())])


def body_of(tmp_path: Path, **options: Any) -> str:
    document = exported(atom.EXPORTER, formulas(), tmp_path, ".atom", **options)["eeg.atom"]
    feed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    body: str = feed.entries[0].content[0].value
    return body


def tex_in(body: str) -> list[str]:
    """The TeX that is read out of a body."""
    stored = StoredEntry(
        path="p",
        user="ann",
        id="urn:x:1",
        updated=prepared("a/1").entry.updated,
        link="https://ann.example/1",
        content=body,
    )
    tree = etree.fromstring(prepare(stored, PrepareOptions()).body)
    return [each.text or "" for each in tree.iter("annotation")]


@pytest.mark.parametrize("way", ["mathml", "image", "text"])
def test_tex_comes_back(tmp_path: Path, way: str) -> None:
    assert tex_in(body_of(tmp_path, formulas=way)) == [*TEX, TEX[-1], WRITTEN]


def test_mathml_holds_nothing_but_what_is_shown(tmp_path: Path) -> None:
    """Readers that know neither ``semantics`` nor ``annotation`` would show the TeX as well."""
    body = body_of(tmp_path)
    assert body.count("<math ") == len(TEX) + 2
    assert "annotation" not in body
    assert "semantics" not in body
    assert "<math><mrow>" not in body
    shown = html5lib.parseFragment(body, namespaceHTMLElements=False)
    words = "".join(shown.itertext())
    assert "So a+b=c it is." in words
    assert '<svg viewBox="0 0 2 2" xmlns="http://www.w3.org/2000/svg">' in body


def test_pictures_stand_in_the_feed_itself_and_on_white(tmp_path: Path) -> None:
    body = body_of(tmp_path, formulas="image")
    images = html5lib.parse(body, namespaceHTMLElements=False).findall(".//img")
    assert [each.get("alt") for each in images] == [*TEX, TEX[-1], WRITTEN, "A box"]
    for each in images:
        kind, _, content = str(each.get("src")).partition(",")
        assert kind == "data:image/svg+xml;base64"
        drawing = etree.fromstring(base64.b64decode(content))
        assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
        assert "background: white" in str(drawing.get("style"))
        assert len(drawing) > 0


def test_text_is_tex_whether_it_came_with_the_formula_or_not(tmp_path: Path) -> None:
    body = body_of(tmp_path, formulas="text")
    assert "<math" not in body
    codes = html5lib.parse(body, namespaceHTMLElements=False).findall(".//code")
    assert [each.text for each in codes] == [*TEX, TEX[-1], WRITTEN]


@pytest.mark.parametrize(("exporter", "suffix"), [(atom.EXPORTER, ".atom"), (rss.EXPORTER, ".rss")])
@pytest.mark.parametrize("way", ["image", "text"])
def test_a_validator_meets_nothing_but_html(
    tmp_path: Path, exporter: Any, suffix: str, way: str
) -> None:
    document = exported(exporter, formulas(), tmp_path, suffix, formulas=way)[f"eeg{suffix}"]
    # Ours is the one namespace that it does not know, and is stated once.
    assert html_rules.warnings(document) == Counter(UnknownNamespace=1)
    plain = exported(exporter, formulas(), tmp_path, suffix)[f"eeg{suffix}"]
    assert html_rules.warnings(plain)["NotHtml"] > len(TEX)


def test_json_feed_has_them_alike(tmp_path: Path) -> None:
    document = exported(jsonfeed.EXPORTER, formulas(), tmp_path, ".json", formulas="text")
    assert "\\sum" in json.loads(document["eeg.json"])["items"][0]["content_html"]


def test_people_have_faces_where_a_validator_allows_them(tmp_path: Path) -> None:
    document = exported(atom.EXPORTER, sample(), tmp_path, ".atom")["eeg.atom"]
    counted = html_rules.warnings(document)
    assert (counted["UnsupportedNamespace"], counted["UndefinedElement"]) == (1, 0)
    faces = [each.get("src") for each in etree.fromstring(document).iter(f"{GD}image")]
    # The face of a member is that of an entry without author.
    assert faces == ["https://anil.example/face.png", *["https://bea.example/face.png"] * 3]


def test_namespaces_are_stated_once_however_many_entries_there_are(tmp_path: Path) -> None:
    entries = entry_set([prepared(f"a/{at}", title=f"Entry {at}") for at in range(5)])
    for exporter, suffix in ((atom.EXPORTER, ".atom"), (rss.EXPORTER, ".rss")):
        document = exported(exporter, entries, tmp_path, suffix)[f"eeg{suffix}"]
        assert document.count(b"xmlns:thicket=") == 1
        assert document.count(b"xmlns:dc=") <= 1
