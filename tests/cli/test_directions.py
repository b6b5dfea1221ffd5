"""Whatever a repository, a feed or a list calls itself: no line of any output runs on."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from directions import HOSTILE, OVERRIDES, runs_on
from lxml import etree
from pdf_samples import made
from running import Ended, command

from convert.content import PrepareOptions, prepare
from convert.model import Category, Person, StoredEntry
from convert.testing import entry_set

FORMATS = "atom,rss,jsonfeed,opml,epub,markdown,csl"
SHORT = [word for name in ("atom", "rss", "jsonfeed") for word in ("-O", f"{name}.content=summary")]
BODY = (
    f"<p>Running \u202e on \u2067 and on.</p><p title='{HOSTILE}'>and"
    " <a href='https://e.example/a'>on</a>"
)
PICTURE = (
    f"<p><img src='https://x.invalid/a.png' alt='A{HOSTILE}' title='T{HOSTILE}'> <a"
    f" href='https://e.example/\u202ea' title='L{HOSTILE}'>link</a>"
    f" <abbr title='B{HOSTILE}'>b</abbr></p>"
)


@pytest.fixture(
    scope="module", params=[FORMATS, pytest.param(f"{FORMATS},pdf", marks=pytest.mark.slow)]
)
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Ended]:
    """The outputs of a hostile repository, feed and list, and what the terminal said."""
    folder = tmp_path_factory.mktemp("directions")
    repository = folder / "re\u202epo"
    (repository / "eve").mkdir(parents=True)
    user = {
        "username": "eve", "display_name": f"Eve{HOSTILE}", "directory": "eve",
        "feeds": [f"https://eve.example/{HOSTILE.replace(' ', '')}"],
        "homepage": "https://eve.example/\u202e",
    }  # fmt: skip
    _write(repository / "index.json", {"users": {"eve": user}, "title": f"Planet{HOSTILE}"})
    entry = {
        "updated": "2024-01-02T00:00:00", "content_type": "html", "rights": f"R{HOSTILE}",
        "author": {"name": f"Ada{HOSTILE}", "uri": "https://a.example/\u202e"},
        "categories": [f"Cat{HOSTILE}"],
    }  # fmt: skip
    full = {"id": f"urn:x:{HOSTILE}", "title": f"Title{HOSTILE}", "summary": f"Sum{HOSTILE}"}
    _write(
        repository / "eve" / "a.json",
        entry | full | {"content": PICTURE, "link": "https://e.example/a"},
    )
    bare = {"id": "urn:x:b", "title": "", "summary": None, "content": BODY}
    _write(repository / "eve" / "b.json", entry | bare | {"link": "https://e.example/b\u202e"})
    (repository / "eve" / "\u202e\x1b[31m.json").write_text("{broken")
    (folder / "list.opml").write_text(_list(), encoding="utf-8")
    (folder / "feed.atom").write_text(_feed(), encoding="utf-8")
    ended = command(
        "export", repository, "feed.atom", "list.opml", "--to", request.param, "--out", "out",
        "--title", f"Publication{HOSTILE}", "--subtitle", f"Below{HOSTILE}",
        "--cache", "cache", "--report", "report.json", "--offline", cwd=folder,
    )  # fmt: skip
    return folder, ended


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))


def _list() -> str:
    said = escape(f"List{HOSTILE}")
    return (
        f'<opml version="2.0"><head><title>{said}</title></head><body><outline type="rss"'
        f' text="{said}" title="{said}" xmlUrl="https://x.invalid/\u202e"/></body></opml>'
    )


def _feed() -> str:
    said, date = escape(HOSTILE), "<updated>2024-01-03T00:00:00Z</updated>"
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Feed{said}</title><id>urn:x:f</id>{date}'
        f"<subtitle>Sub{said}</subtitle><rights>R{said}</rights><author><name>A{said}</name></author>"
        f"<entry><title>E{said}</title><id>urn:x:e</id>{date}"
        f"<category term='t{said}' label='l{said}'/>"
        f"<content type='text'>Text</content></entry></feed>"
    )


def lines(folder: Path) -> Iterator[tuple[str, str]]:
    """Every line of every output but those of the body that runs on itself, with its place."""
    for path in sorted(folder.rglob("*")):
        yield "file name", path.name
        if path.suffix in {".atom", ".rss", ".opml"}:
            yield from _in_xml(path.name, path.read_bytes())
        elif path.suffix == ".json":
            yield from _in_json(path.name, json.loads(path.read_bytes()))
        elif path.suffix == ".md":
            yield from ((path.name, line) for line in path.read_text("utf-8").split("\n"))
        elif path.suffix == ".epub":
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield "member", name
                    if name.endswith((".xhtml", ".opf", ".ncx")):
                        yield from _in_xml(name, book.read(name))
        elif path.suffix == ".pdf":
            with pikepdf.open(path) as pdf:
                yield from _in_pdf(pdf)


def _in_xml(place: str, content: bytes) -> Iterator[tuple[str, str]]:
    for each in etree.fromstring(content).iter():
        for text in (each.text, each.tail, *each.attrib.values()):
            yield f"{place} <{each.tag}>", str(text or "")


def _in_json(place: str, content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield place, name
            yield from _in_json(f"{place}.{name}", value)
    elif isinstance(content, list):
        for value in content:
            yield from _in_json(f"{place}[]", value)
    elif isinstance(content, str):
        yield place, content


def _in_pdf(pdf: pikepdf.Pdf) -> Iterator[tuple[str, str]]:
    yield "XMP", str(pdf.open_metadata())
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary):
            for name, value in item.items():
                if isinstance(value, pikepdf.String):
                    yield f"PDF {name}", str(value)


def test_no_line_of_a_title_or_name_runs_on(run: tuple[Path, Ended]) -> None:
    folder, ended = run
    assert ended.code == 1, ended.err
    read = list(lines(folder / "out"))
    kinds = {Path(place.partition(" ")[0]).suffix for place, _ in read}
    assert kinds >= {".atom", ".rss", ".opml", ".md", ".xhtml", ".opf"}
    running = [
        (place, ascii(line)) for place, line in read if runs_on(line) and "Running" not in line
    ]
    assert running == []


def test_text_alone_is_said_to_run_on(run: tuple[Path, Ended]) -> None:
    """A body may: its block bounds it.  What is made of its words may not."""
    folder, _ = run
    said = [line for _, line in lines(folder / "out") if "Running" in line]
    assert any(runs_on(line) for line in said)
    ended = command(
        "export", folder / "re\u202epo", "--to", "atom,rss,jsonfeed", *SHORT, "--out", "short",
        "--cache", "cache", "--offline", cwd=folder,
    )  # fmt: skip
    assert ended.code == 1, ended.err
    said = [line for _, line in lines(folder / "short") if "Running" in line]
    assert len(said) >= 3
    assert not any(runs_on(line) for line in said)


def test_pdf() -> None:
    stored = StoredEntry(
        id="urn:x:a", user="eve", title=f"Title{HOSTILE} " * 30, content=PICTURE, path="eve/a.json",
        authors=(Person(name=f"Ada{HOSTILE}"),), categories=(Category(term=HOSTILE),),
        updated=dt.datetime(2024, 1, 2, tzinfo=dt.UTC), rights=HOSTILE,
    )  # fmt: skip
    with pikepdf.open(io.BytesIO(made(entry_set([prepare(stored, PrepareOptions())])))) as pdf:
        read = list(_in_pdf(pdf))
    assert len(read) > 10
    assert [(name, ascii(text)) for name, text in read if runs_on(text)] == []


def test_neither_terminal_nor_report_is_acted_on(run: tuple[Path, Ended]) -> None:
    folder, ended = run
    assert "\\u202e\\x1b[31m.json" in ended.err
    assert not re.search(f"[\x00-\x09\x0b-\x1f\x7f-\x9f{OVERRIDES}]", ended.err)
    report = json.loads((folder / "report.json").read_bytes())
    assert not re.search(f"[\x00-\x1f\x7f-\x9f{OVERRIDES}]", "".join(_texts(report)))
    problems = report["problems"]
    assert not any(
        runs_on(text) for each in problems for text in each.values() if isinstance(text, str)
    )


def _texts(value: object) -> Iterator[str]:
    """Yield every text of a report, the names of its fields, too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
