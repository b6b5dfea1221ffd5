"""An entry runs as its text does, whatever its feed says its language is; what we print
around it runs as the publication does."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from pathlib import Path

import msgspec
import pytest
from epub_samples import XHTML, make_book
from feed_sets import exported
from lxml import etree
from pdf_samples import made

from convert.content import PrepareOptions, prepare
from convert.entryset import EntrySet
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.exporters.markdown.exporter import EXPORTER as MARKDOWN
from convert.model import Citation, Prepared, StoredEntry
from convert.testing import entry_set, prepared

ARABIC = "البحر"


@pytest.fixture(scope="module")
def entries() -> EntrySet:
    """An Arabic entry of a feed that says ``xml:lang="en"``, which answers an English one."""
    stored = StoredEntry(
        id="https://example.org/leila/madd", link="https://example.org/leila/madd",
        user="leila", title=ARABIC, language="en",
        content=f"<p>{ARABIC}</p>", path="leila/madd.json",
        updated=dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
    )  # fmt: skip
    arabic = prepare(stored, PrepareOptions())
    entry = msgspec.structs.replace(arabic.entry, key="leila/madd", full=False)
    assert (entry.language, entry.direction) == ("en", "rtl")
    first = prepared("ada/tides", "<div><p>Left.</p></div>", title="Tides", language="en")
    cited = Citation(address="https://example.org/ada/tides", key="ada/tides", reply=True)
    return entry_set(
        [Prepared(entry=entry, body=arabic.body, text=arabic.text), first],
        citations={"leila/madd": (cited,)},
    )


def test_pdf(entries: EntrySet) -> None:
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=made(entries), capture_output=True, check=True
    ).stdout.decode()
    page = next(each for each in boxes.split("<page ") if "reply" in each)
    width = float(re.findall(r'width="([\d.]+)"', page)[0])
    words = re.findall(r'xMin="([\d.]+)".*>(.*)</word>', page)
    arabic = [float(at) for at, word in words if re.search("[\u0600-\ufeff]", word)]
    assert [at > width * 0.7 for at in arabic[-3:]] == [True, True, False]  # title, body, citation
    for ours in ("In", "Only", "Cite"):
        assert next(float(at) for at, word in words if word == ours) < width * 0.3, ours


def test_epub(entries: EntrySet, tmp_path: Path) -> None:
    book = make_book(entries, tmp_path)
    page = book.tree("leila.madd.xhtml")
    assert (page.get("lang"), page.get("dir")) == ("en", "rtl")
    for name in ("h1", "div"):
        above = page.find(f".//{XHTML}{name}")
        assert above is not None
        assert above.get("dir") is None  # as the page
    foot = page.find(f".//{XHTML}footer")
    assert foot is not None
    assert foot.get("dir") == "ltr"
    assert book.tree("ada.tides.xhtml").get("dir") == "ltr"
    assert book.package().find("{*}spine").get("page-progression-direction") is None  # type: ignore[union-attr]


def test_markdown(entries: EntrySet, tmp_path: Path) -> None:
    files = exported(MARKDOWN, entries, tmp_path, "")
    (arabic,) = (text.decode() for name, text in files.items() if "madd" in name)
    (english,) = (text.decode() for name, text in files.items() if "tides" in name)
    assert 'direction: "rtl"' in arabic
    assert "direction" not in english


def test_feeds(entries: EntrySet, tmp_path: Path) -> None:
    document = exported(atom.EXPORTER, entries, tmp_path, ".atom")["eeg.atom"]
    bodies = [
        each.text or "" for each in etree.fromstring(document).iter("{*}content", "{*}summary")
    ]
    assert [ARABIC in each for each in bodies] == [
        each.startswith('<div dir="rtl">') for each in bodies
    ]
    document = exported(rss.EXPORTER, entries, tmp_path, ".rss")["eeg.rss"]
    assert document.count(b'<div dir="rtl">') + document.count(b'&lt;div dir="rtl"&gt;') == 1
    document = exported(jsonfeed.EXPORTER, entries, tmp_path, ".json")["eeg.json"]
    items = msgspec.json.decode(document)["items"]
    for each in items:
        arabic = ARABIC in each["title"]
        assert each["content_html"].startswith('<div dir="rtl">') == arabic
        assert each["_thicket"].get("direction") == ("rtl" if arabic else None)


CODE = "<pre><code>" + "int tide(int moon) { return moon; }\n" * 30 + "</code></pre>"
FORMULA = "<p>$$\\sum_{moon=1}^{tides} height_{moon} + salt^{water}$$</p>"


@pytest.mark.parametrize("language", ["ar", "en", None])
@pytest.mark.parametrize(
    "other", ["", CODE, FORMULA, "<p>x <code>return_moon_of_the_tide</code></p>"]
)
def test_code_and_formulas_are_no_evidence(language: str | None, other: str) -> None:
    assert direction(f"<p>{ARABIC} {ARABIC}</p>{other}", ARABIC, language) == "rtl"
    assert direction(f"<p>{ARABIC} and much more of English prose.</p>{other}", "", "en") == "ltr"


def test_a_body_without_letters_runs_as_its_title() -> None:
    assert direction("<p>12 345</p>", ARABIC, None) == "rtl"
    assert direction("<p>12 345</p>", "Tides", None) == "ltr"
    assert direction("<p>12 345</p>", "", "ar") == "rtl"


def direction(markup: str, title: str, language: str | None) -> str:
    stored = StoredEntry(
        id="x", user="a", title=title, language=language, content=markup, path="a/x.json",
        updated=dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
    )  # fmt: skip
    return prepare(stored, PrepareOptions()).entry.direction
