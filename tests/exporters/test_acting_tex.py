"""No file that we write has TeX that acts anywhere but in code."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from pathlib import Path

import html5lib
import markdown_judge
import msgspec
import pikepdf
import pytest
from acting_tex import DOORS, SPELLINGS, acts, read_as_tex, through
from epub_samples import make_book
from feed_sets import exported
from lxml import etree
from pdf_samples import made
from running import command, tree

from convert.content import PrepareOptions, prepare
from convert.entryset import EntrySet
from convert.exporters.csl import EXPORTER as CSL
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.exporters.markdown.exporter import EXPORTER as MARKDOWN
from convert.model import Prepared, StoredEntry
from convert.testing import entry_set

pytestmark = pytest.mark.judge

FORMULA = "\\(\\href{javascript:alert(1)}{x}\\)"


@pytest.fixture(
    scope="module",
    params=[SPELLINGS[::20], pytest.param(SPELLINGS, marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def entries(request: pytest.FixtureRequest) -> EntrySet:
    """An entry for each door, by which each spelling came in; all other fields say one, too."""
    return entry_set([_entry(door, request.param) for door in DOORS])


def _entry(door: str, spellings: tuple[str, ...]) -> Prepared:
    name = re.sub(r"\W", "-", door)
    bodies = [through(door, tex) for tex in spellings]
    stored = StoredEntry(
        id=f"https://example.org/{name}", user="eve", title=f"{door} {FORMULA}",
        summary=FORMULA, rights=FORMULA, content="\n\n".join(body for body, _ in bodies),
        content_type=bodies[0][1], path=f"eve/{name}.json",
        updated=dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
    )  # fmt: skip
    entry = prepare(stored, PrepareOptions())
    header = msgspec.structs.replace(entry.entry, key=f"eve/{name}")
    return msgspec.structs.replace(entry, entry=header)


def read_in(markup: str) -> list[str]:
    """What acts in HTML, as a page with MathJax reads it."""
    tree = html5lib.parse(markup, treebuilder="lxml", namespaceHTMLElements=False)
    return [each for each in read_as_tex(tree.getroot()) if acts(each)]


def test_markdown(entries: EntrySet, tmp_path: Path) -> None:
    for name, text in exported(MARKDOWN, entries, tmp_path, "").items():
        page = markdown_judge.reader(extended=True).render(text.decode())
        # The reader shows a formula in an element of its own.
        page = re.sub(
            r'<(span|div) class="math[^"]*">(.*?)</\1>', r"<\1>$\2$</\1>", page, flags=re.S
        )
        assert read_in(page) == [], name
        assert not any(acts(each) for each in re.findall(r"\$[^$`\n]*\$", text.decode())), name


def test_feeds(entries: EntrySet, tmp_path: Path) -> None:
    for exporter, suffix in ((atom.EXPORTER, ".atom"), (rss.EXPORTER, ".rss")):
        (document,) = exported(exporter, entries, tmp_path, suffix).values()
        texts = [str(text) for text in etree.fromstring(document).itertext() if text.strip()]
        assert len(texts) > len(DOORS)
        assert [each for text in texts for each in read_in(text)] == []
    (document,) = exported(jsonfeed.EXPORTER, entries, tmp_path, ".json").values()
    for item in json.loads(document)["items"]:
        assert read_in(item["content_html"]) == []
        assert not any(
            acts(text) for text in item.values() if isinstance(text, str) and "<" not in text
        )


def test_csl(entries: EntrySet, tmp_path: Path) -> None:
    (document,) = exported(CSL, entries, tmp_path, ".csl.json").values()
    assert not any(acts(text) for item in json.loads(document) for text in map(str, item.values()))


def test_epub(entries: EntrySet, tmp_path: Path) -> None:
    for name, content in make_book(entries, tmp_path).members.items():
        if name.endswith((".xhtml", ".opf", ".ncx")):
            tree = etree.fromstring(content)
            assert [each for each in read_as_tex(tree) if acts(each)] == [], name


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_pdf(step: int) -> None:
    entries = entry_set([_entry(door, SPELLINGS[::20]) for door in [*DOORS][::step]])
    with pikepdf.open(io.BytesIO(made(entries))) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary):
                for name in ("/URI", "/Alt", "/ActualText", "/E", "/Title"):
                    assert not acts(str(item.get(name, ""))), name
                assert not str(item.get("/URI", "")).startswith("javascript")


def test_names_and_titles_around_the_entries(tmp_path: Path) -> None:
    """Of lists, feeds, members, categories and persons, by every door, in every format."""
    members = tmp_path / "members"
    (members / "eve").mkdir(parents=True)
    entry = {
        "id": "https://eve.example/1", "title": "One", "updated": "2024-01-01T00:00:00",
        "author": {"name": FORMULA}, "categories": [FORMULA], "content": "<p>Words.</p>",
    }  # fmt: skip
    (members / "eve" / "1.json").write_text(json.dumps(entry))
    user = {"username": "eve", "display_name": FORMULA, "feeds": ["https://eve.example/feed"]}
    (members / "index.json").write_text(json.dumps({"users": {"eve": user}}))
    feed = tmp_path / "feed.xml"
    feed.write_text(
        f"<feed xmlns='http://www.w3.org/2005/Atom'><id>https://adam.example/</id>"
        f"<title>{FORMULA}</title><subtitle>{FORMULA}</subtitle><rights>{FORMULA}</rights>"
        f"<author><name>{FORMULA}</name></author><updated>2024-01-01T00:00:00Z</updated>"
        f"<entry><id>https://adam.example/2</id><title>Two</title><content>Words.</content>"
        f"<category term='a' label='{FORMULA}'/><updated>2024-01-02T00:00:00Z</updated></entry>"
        "</feed>"
    )
    group = tmp_path / "group.opml"
    group.write_text(
        f"<opml version='2.0'><head><title>{FORMULA}</title></head><body>"
        f"<outline text='{FORMULA}' title='{FORMULA}' xmlUrl='https://adam.example/feed'/>"
        "</body></opml>"
    )
    formats = "atom,rss,jsonfeed,opml,csl,markdown,epub"
    for sources in ((feed, members), (group, feed)):
        out = tmp_path / f"out-{sources[0].stem}"
        command(
            *("export", *sources, "--to", formats, "--out", out, "--cache", tmp_path / "cache"),
            *("--offline", "-O", "epub.parts=author"),
        )
        written = tree(out)
        assert len(written) > 7
        for path, content in written.items():
            texts = {"": content}
            if path.endswith(".epub"):
                with zipfile.ZipFile(io.BytesIO(content)) as book:
                    texts = {name: book.read(name) for name in book.namelist()}
            for name, text in texts.items():
                assert rb"\href" not in text, (path, name)
