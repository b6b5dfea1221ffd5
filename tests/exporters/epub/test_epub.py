"""The book as a file: container, package document, metadata, the same bytes every time."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from epub_samples import (
    DC,
    IMAGES,
    MISSING,
    OPF,
    OPS,
    PHOTO,
    XHTML,
    Book,
    FewImages,
    make_book,
    png,
    sample_entries,
    sample_set,
)
from lxml import etree
from PIL import Image
from server import LOOPBACK, Server, reply

from convert.collection.volumes import cut
from convert.errors import UsageError
from convert.exporters.epub.exporter import EXPORTER
from convert.exporters.epub.options import EpubOptions, byte_limit
from convert.model import User
from convert.plugins import Registry
from convert.testing import entry_set, prepared


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return make_book(sample_set(), tmp_path_factory.mktemp("book"))


def said(book: Book, name: str) -> list[str]:
    """What the metadata says: "dc:title", or a property of ``meta``."""
    package = book.package()
    if name.startswith("dc:"):
        return [str(each.text) for each in package.iter(DC + name[3:])]
    return [
        str(each.text)
        for each in package.iter(f"{OPF}meta")
        if each.get("property") == name and each.get("refines") is None
    ]


def refined(book: Book, uid: str) -> dict[str, str]:
    """What refines one element of the metadata."""
    return {
        str(each.get("property")): str(each.text)
        for each in book.package().iter(f"{OPF}meta")
        if each.get("refines") == f"#{uid}"
    }


def test_the_container_is_as_ocf_wants_it(book: Book) -> None:
    with zipfile.ZipFile(book.path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == (
            "mimetype", zipfile.ZIP_STORED, b"",
        )  # fmt: skip
        assert archive.read(first) == b"application/epub+zip"
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.external_attr >> 16 for member in archive.infolist()} == {0o644}
        assert {member.create_system for member in archive.infolist()} == {3}
    assert book.path.read_bytes()[30:58] == b"mimetypeapplication/epub+zip"


MAKE = """
import sys, pathlib
from epub_samples import make_book, sample_set
print(make_book(sample_set(), pathlib.Path(sys.argv[1]), cover=None).path)
"""


def test_two_processes_give_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for at, seed in enumerate(("1", "4711")):
        folder = tmp_path / f"{at}"
        folder.mkdir()
        where = os.pathsep.join(each for each in sys.path if each)
        environment = os.environ | {
            "PYTHONHASHSEED": seed, "TZ": ("UTC", "Asia/Tokyo")[at], "LC_ALL": "C",
            "PYTHONPATH": where,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", MAKE, str(folder)],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        made.append(Path(done.stdout.strip()).read_bytes())
    assert made[0] == made[1]


def test_the_title_stands_with_its_subtitle(book: Book) -> None:
    assert said(book, "dc:title") == ["The Saltmarsh Papers", "Notes from the edge"]
    assert refined(book, "title")["title-type"] == "main"
    assert refined(book, "subtitle")["title-type"] == "subtitle"


def test_every_author_is_a_creator_and_others_contribute(book: Book) -> None:
    assert said(book, "dc:creator") == ["Ada Marsh", "Bruno & Co", "ليلى", "春"]
    assert refined(book, "creator-1") == {"role": "aut", "file-as": "Marsh, Ada"}
    assert refined(book, "creator-4")["file-as"] == "春"
    assert said(book, "dc:contributor") == ["Kit"]


def test_languages_dates_subjects_rights_and_sources(book: Book) -> None:
    assert said(book, "dc:language") == ["en", "ar", "ja"]
    assert said(book, "dc:date") == ["2022-03-04"]
    assert said(book, "dcterms:modified") == ["2024-06-01T12:30:00Z"]
    assert said(book, "dc:subject") == ["Birds", "Mathematics"]
    # An address on this machine is nobody's business.
    assert said(book, "dc:source") == ["https://git.example.org/saltmarsh"]
    assert all(b"/home/someone" not in content for content in book.members.values())
    assert said(book, "dc:rights") == ["Every entry remains its author’s."]
    (description,) = said(book, "dc:description")
    assert description.startswith("Notes from the edge. 5 entries by Ada Marsh, ")


def test_the_identifier_does_not_depend_on_what_is_in_the_book(tmp_path: Path) -> None:
    entries = sample_entries()
    less = entry_set(entries[:2], title="Another title")
    more = entry_set(entries)
    made = [make_book(each, tmp_path / each.title) for each in (less, more)]
    assert said(made[0], "dc:identifier") == said(made[1], "dc:identifier")
    (identifier,) = said(made[0], "dc:identifier")
    assert identifier.startswith("urn:uuid:")
    assert identifier[23] == "5"


def test_each_volume_and_each_selection_is_a_book_of_its_own(tmp_path: Path) -> None:
    found = []
    for at, each in enumerate((*cut(sample_set(), "year"), sample_set(), sample_set(name="x"))):
        found += said(make_book(each, tmp_path / f"{at}"), "dc:identifier")
    assert len(set(found)) == len(found) == 6


def test_a_volume_belongs_to_a_series(tmp_path: Path) -> None:
    volume = cut(sample_set(), "year")[1]
    made = make_book(volume, tmp_path)
    assert said(made, "dc:title")[0] == "The Saltmarsh Papers, 2020"
    assert said(made, "belongs-to-collection") == ["The Saltmarsh Papers"]
    series = refined(made, "series")
    assert series["collection-type"] == "series"
    assert series["group-position"] == "2"
    named = {each.get("name"): each.get("content") for each in made.package().iter(f"{OPF}meta")}
    assert named["calibre:series_index"] == "2"


def item(book: Book, name: str) -> etree._Element:
    return next(each for each in book.package().iter(f"{OPF}item") if each.get("href") == name)


def test_pages_declare_what_is_in_them(book: Book) -> None:
    assert item(book, "ada.2019-tides.xhtml").get("properties") == "mathml svg"
    assert item(book, "bruno.2020-mud.xhtml").get("properties") is None
    assert item(book, "nav.xhtml").get("properties") == "nav"
    assert item(book, "cover.png").get("properties") == "cover-image"


def test_markup_that_is_only_told_of_is_not_declared(tmp_path: Path) -> None:
    body = "<div><p><code>&lt;svg&gt; &lt;math&gt;</code></p></div>"
    made = make_book(entry_set([prepared("a/b", body)]), tmp_path)
    assert item(made, "a.b.xhtml").get("properties") is None


def test_pictures_are_put_in_once_and_what_is_missing_becomes_words(book: Book) -> None:
    page = book.tree("ada.2019-tides.xhtml")
    shown = {str(each.get("alt")): str(each.get("src")) for each in page.iter(f"{XHTML}img")}
    assert set(shown) == {"A heron", "A chart"}
    assert book.read(shown["A heron"]) == png()
    (link,) = (
        each
        for each in page.iter(f"{XHTML}a")
        if each.get("href") == "https://ada.example.org/l.png"
    )
    assert link.text == "A lost picture"
    assert all(
        "http" not in str(each.get("src"))
        for _, p in book.pages()
        for each in p.iter(f"{XHTML}img")
    )


@pytest.mark.parametrize("policy", ["link", "drop"])
def test_no_picture_of_a_text_is_in_the_book_unless_wanted(policy: str, tmp_path: Path) -> None:
    made = make_book(sample_set(), tmp_path, images=policy)
    assert not [name for name in made.names() if name.startswith("EPUB/images/")]
    text = made.read("ada.2019-tides.xhtml").decode()
    assert ("https://ada.example.org/h.png" in text) == (policy == "link")
    assert "A heron" in text


def accessibility(book: Book) -> dict[str, list[str]]:
    names = ("accessMode", "accessModeSufficient", "accessibilityFeature", "accessibilityHazard")
    return {name: said(book, f"schema:{name}") for name in names}


def test_accessibility_metadata_is_true_of_a_book_with_pictures(book: Book) -> None:
    told = accessibility(book)
    assert told["accessMode"] == ["textual", "visual"]
    # The drawing inside the text has no words: then the text alone is not sufficient.
    assert told["accessModeSufficient"] == ["textual,visual"]
    assert "alternativeText" not in told["accessibilityFeature"]
    assert "MathML" in told["accessibilityFeature"]
    assert told["accessibilityHazard"] == ["none"]
    assert len(said(book, "schema:accessibilitySummary")) == 1


def test_accessibility_metadata_is_true_of_a_book_of_words(tmp_path: Path) -> None:
    told = accessibility(make_book(entry_set([prepared("a/b")]), tmp_path))
    assert told["accessMode"] == ["textual"]
    assert told["accessModeSufficient"] == ["textual"]
    assert "MathML" not in told["accessibilityFeature"]


def test_accessibility_metadata_is_true_of_a_book_with_described_pictures(tmp_path: Path) -> None:
    body = f'<div><p><img src="image:{PHOTO}" alt="A heron"/></p></div>'
    told = accessibility(make_book(entry_set([prepared("a/b", body)]), tmp_path))
    assert told["accessModeSufficient"] == ["textual", "textual,visual"]
    assert "alternativeText" in told["accessibilityFeature"]


def order(book: Book) -> list[str]:
    return [name for name, _ in book.pages()]


BACK = ["people.xhtml", "categories.xhtml", "chronology.xhtml"]
FRONT = ["cover.xhtml", "title.xhtml", "colophon.xhtml", "nav.xhtml"]
TIDES, MUD, NOTE, SALAM, SHIO = (
    "ada.2019-tides.xhtml", "bruno.2020-mud.xhtml", "ada.2020-note.xhtml",
    "leila.2021-salam.xhtml", "haru.2022-shio.xhtml",
)  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "pages"),
    [
        ("none", [TIDES, MUD, NOTE, SALAM, SHIO]),
        (
            "author",
            ["part-ada.xhtml", TIDES, NOTE, "part-bruno.xhtml", MUD, "part-leila.xhtml", SALAM,
             "part-haru.xhtml", SHIO],
        ),
        (
            "year",
            ["part-2019.xhtml", TIDES, "part-2020.xhtml", MUD, NOTE, "part-2021.xhtml", SALAM,
             "part-2022.xhtml", SHIO],
        ),
        (
            "category",
            ["part-birds.xhtml", MUD, "part-mathematics.xhtml", TIDES, "part.xhtml", NOTE, SALAM,
             SHIO],
        ),
    ],
)  # fmt: skip
def test_parts_stand_in_order_with_their_pages(
    parts: str, pages: Sequence[str], tmp_path: Path
) -> None:
    assert order(make_book(sample_set(), tmp_path, parts=parts)) == [*FRONT, *pages, *BACK]


def test_a_part_tells_of_its_person(tmp_path: Path) -> None:
    users = {"ada": User(username="ada", display_name="Ada", homepage="https://ada.example/")}
    page = make_book(sample_set(users=users), tmp_path).tree("part-ada.xhtml")
    text = " ".join("".join(map(str, page.itertext())).split())
    assert "Ada 2 entries, 2019–2020 ada.example" in text


def test_a_homepage_that_is_no_web_address_is_no_link(book: Book) -> None:
    assert all(b"javascript" not in content for content in book.members.values())


def test_reading_starts_at_the_first_part(book: Book) -> None:
    guide = {each.get("type"): each.get("href") for each in book.package().iter(f"{OPF}reference")}
    assert guide["text"] == "part-ada.xhtml"
    landmarks = {
        each.get(f"{OPS}type"): each.get("href")
        for each in book.tree("nav.xhtml").iterfind(f".//{XHTML}nav[@id='landmarks']//{XHTML}a")
    }
    assert landmarks["bodymatter"] == "part-ada.xhtml"
    assert set(landmarks) == {"cover", "titlepage", "toc", "bodymatter", "index"}


def test_the_contents_are_nested_alike_for_old_readers_and_new(book: Book) -> None:
    nav = book.tree("nav.xhtml").find(f".//{XHTML}nav[@id='toc']")
    assert nav is not None
    ncx = book.tree("toc.ncx")
    names = "{http://www.daisy.org/z3986/2005/ncx/}"

    def of_nav(ol: etree._Element) -> list[object]:
        found: list[object] = []
        for li in ol.iterfind(f"{XHTML}li"):
            anchor, below = li.find(f"{XHTML}a"), li.find(f"{XHTML}ol")
            assert anchor is not None
            found.append((anchor.get("href"), of_nav(below) if below is not None else []))
        return found

    def of_ncx(point: etree._Element) -> list[object]:
        found: list[object] = []
        for each in point.iterfind(f"{names}navPoint"):
            content = each.find(f"{names}content")
            assert content is not None
            found.append((content.get("src"), of_ncx(each)))
        return found

    top, navigation = nav.find(f"{XHTML}ol"), ncx.find(f"{names}navMap")
    assert top is not None
    assert navigation is not None
    assert of_nav(top) == of_ncx(navigation)
    assert ("part-ada.xhtml", [(TIDES, []), (NOTE, [])]) in of_nav(top)


@pytest.mark.parametrize(("language", "way"), [("en", None), ("ar", "rtl"), ("ja", None)])
def test_only_a_set_that_is_read_from_the_right_turns_the_pages(
    language: str, way: str | None, tmp_path: Path
) -> None:
    made = make_book(sample_set(language=language), tmp_path)
    spine = made.package().find(f"{OPF}spine")
    assert spine is not None
    assert spine.get("page-progression-direction") == way


def test_the_book_of_a_device_has_a_suffix_of_its_own() -> None:
    assert EXPORTER.suffix(EpubOptions()) == ".epub"
    assert EXPORTER.suffix(EpubOptions(device="kobo")) == ".kepub.epub"
    assert EXPORTER.suffix(EpubOptions(device="kindle")) == ".kindle.epub"


def test_the_exporter_answers_to_its_name() -> None:
    assert Registry.default().exporter("epub").name == "epub"


@pytest.mark.parametrize(
    ("size", "limit"), [("18MB", 13_153_846), ("500 kB", 365_384), ("78B", 57)]
)
def test_a_mail_limit_is_counted_after_base64(size: str, limit: int) -> None:
    assert byte_limit(size) == limit


@pytest.mark.parametrize("size", ["", "18", "MB", "1e9MB", "-1MB", "18MiBs"])
def test_what_is_no_size_is_refused(size: str) -> None:
    with pytest.raises(UsageError, match="max_size"):
        byte_limit(size)


def test_a_mail_limit_cuts_volumes_unless_told_otherwise() -> None:
    assert EpubOptions(max_size="18MB").volumes == "13153kB"
    assert EpubOptions(max_size="18MB", volumes="year").volumes == "year"
    again = msgspec.json.decode(msgspec.json.encode(EpubOptions(max_size="18MB")), type=EpubOptions)
    assert again == EpubOptions(max_size="18MB")


def test_pictures_shrink_to_the_mail_limit(tmp_path: Path) -> None:
    out = io.BytesIO()
    noise = random.Random(4).randbytes(300 * 300 * 3)
    Image.frombytes("RGB", (300, 300), noise).save(out, "PNG")
    images = FewImages({**IMAGES.originals, MISSING: out.getvalue()})
    light = make_book(sample_set(), tmp_path / "light", images, max_size="120kB")
    assert light.path.stat().st_size < byte_limit("120kB")
    assert not light.problems
    assert len([name for name in light.names() if name.startswith("EPUB/images/")]) == 3
    heavy = make_book(sample_set(), tmp_path / "heavy", images)
    assert heavy.path.stat().st_size > byte_limit("120kB")


def test_a_book_over_its_limit_is_told_of(tmp_path: Path) -> None:
    (problem,) = make_book(sample_set(), tmp_path, max_size="1kB").problems
    assert problem.field == "max_size"


def test_the_picture_of_a_person_is_fetched(tmp_path: Path) -> None:
    """From index.json to the page of the part, by the command."""
    store = tmp_path / "store"
    (store / "ada").mkdir(parents=True)
    entry = {
        "id": "https://ada.example/1", "title": "One", "link": "https://ada.example/1",
        "updated": "2024-01-01T00:00:00", "content": "<p>Hello.</p>", "content_type": "html",
    }  # fmt: skip
    (store / "ada" / "one.json").write_text(json.dumps(entry))
    command = [
        sys.executable, "-m", "convert", "export", str(store), "--to", "epub",
        "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache"),
        "--allow-network", LOOPBACK[0],
    ]  # fmt: skip
    with Server() as web:
        web["/me.png"] = reply(png((16, 16), "red"), "image/png")
        user = {"username": "ada", "directory": "ada", "icon": web.address("/me.png")}
        (store / "index.json").write_text(json.dumps({"users": {"ada": user}}))
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "out").glob("*.epub")
    made = Book(path=path, problems=())
    (shown,) = made.tree("part-ada.xhtml").iter(f"{XHTML}img")
    assert Image.open(io.BytesIO(made.read(str(shown.get("src"))))).size == (16, 16)
