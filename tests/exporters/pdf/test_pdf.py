"""``--to pdf``, judged by pdftotext, pikepdf and qpdf."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from pdf_samples import (
    LONG,
    Printed,
    lost,
    made,
    sample,
    words,
)

from convert.content.views import View
from convert.errors import UsageError
from convert.exporters.pdf import layout
from convert.exporters.pdf.body import LinkStyle, Press
from convert.exporters.pdf.exporter import EXPORTER, PdfOptions
from convert.exporters.pdf.page import PAGES
from convert.testing import entry_set, prepared
from convert.text import lettering


@pytest.fixture(scope="module")
def book() -> Printed:
    """The sample, with every default."""
    return Printed(made(sample()))


def test_importing_the_exporter_does_not_load_the_engine() -> None:
    check = "import sys, convert.exporters.pdf.exporter; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_every_page_is_sound(book: Printed, tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    path.write_bytes(book.content)
    run = subprocess.run(
        ["qpdf", "--check", str(path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_all_words_are_printed(book: Printed) -> None:
    for entry, content in sample().contents():
        if entry.direction == "ltr":  # of the others pdftotext gives the visual order
            name = entry.key.replace("/", ".")
            assert lost(content.text, book.text_between(name, None)) == []


def test_contents_lines_have_the_right_page(book: Printed) -> None:
    _lines_agree(book, first_page_with="Contents")


def test_chronology_lines_have_the_right_page(book: Printed) -> None:
    _lines_agree(book, first_page_with="Chronology")


def _lines_agree(book: Printed, first_page_with: str) -> None:
    number = next(
        at for at, page in enumerate(book.pages, start=1) if page.split()[:1] == [first_page_with]
    )
    leading = [link for at, link in book.links() if at == number]
    assert len({str(link.Dest) for link in leading}) >= len(sample())
    for entry in sample():
        found = re.search(rf"{re.escape(entry.title)}[\s.]*?(\d+)\n", book.pages[number - 1])
        if entry.direction == "ltr":
            assert found is not None, entry.title
            assert entry.title in book.pages[int(found[1]) - 1]
    for link in leading:
        assert str(link.Dest) in book.destinations


def test_index_numbers_have_the_right_page(book: Printed) -> None:
    people = next(page for page in book.pages if page.split()[:1] == ["People"])
    number = re.search(r"Grace Hopper\s+(\d+)", people)
    assert number is not None
    assert "Second" in book.pages[int(number[1]) - 1]
    categories = next(page for page in book.pages if page.split()[:1] == ["Categories"])
    # One heading for both spellings, one number for each entry.
    numbers = re.search(r"maths\s+(\d+), (\d+)", categories)
    assert numbers is not None
    assert int(numbers[1]) == book.destinations["ada.first"]
    assert int(numbers[2]) == book.destinations["grace.second"]


def test_citations_and_backlinks_tell_pages(book: Printed) -> None:
    citing = book.pages[book.destinations["ada.first"] - 1]
    cited = book.pages[book.destinations["grace.second"] - 1]
    assert f"the second entry (see page {book.destinations['grace.second']})" in citing
    assert "Referenced by" in cited
    assert f"First, with everything (page {book.destinations['ada.first']})" in cited


def test_footnotes_stand_at_the_foot_and_addresses_after_the_entry(book: Printed) -> None:
    page = book.pages[book.destinations["ada.first"] - 1]
    assert "1. The note itself." in page
    assert page.index("Cite as") < page.index("1. The note itself.")
    assert "[1] example.org/one" in page


def test_items_have_the_numbers_that_their_list_says(book: Printed) -> None:
    page = " ".join(book.pages[book.destinations["grace.second"] - 1].split())
    assert "5. five 9. nine 10. ten B. before A. first -1. below" in page


def test_bookmarks_by_part_and_entry(book: Printed) -> None:
    found = list(book.outline())
    titles = [(depth, title) for depth, title, _ in found]
    assert (0, "2023") in titles
    assert titles.index((0, "2023")) + 1 == titles.index((1, "First, with everything"))
    assert (1, "עברית") in titles
    pages = {title: page for _, title, page in found}
    assert pages["Second"] == book.destinations["grace.second"]


def test_long_lines_of_code_carry_a_sign(book: Printed) -> None:
    page = book.pages[book.destinations["ada.first"] - 1]
    assert page.count("↪") >= LONG.count("+") // 10
    assert words(LONG) in words(page.replace("↪", ""))


def test_metadata(book: Printed) -> None:
    info, root = book.pdf.docinfo, book.pdf.Root
    assert info["/Title"] == "The group"
    assert "Ada Lovelace" in str(info["/Author"])
    assert info["/Creator"] == "thicket-convert 1.2.3"
    assert str(info["/CreationDate"]).startswith("D:20240506")
    assert root.Lang == "en"
    with book.pdf.open_metadata() as xmp:
        assert xmp["dc:identifier"] == sample().id
        assert "c0ffee" in str(xmp["dc:source"])
        assert str(xmp["pdfuaid:part"]) == "1"


def test_the_structure_is_that_of_a_book(book: Printed) -> None:
    roles = [role for role in book.roles() if re.fullmatch(r"H\d", role)]
    assert roles[0] == "H1"
    level = 0
    for role in roles:
        assert int(role[1]) <= level + 1, roles
        level = int(role[1])
    elements = list(book.structure())
    figures = [element.node for element in elements if element.role == "Figure"]
    assert {"A red square", "x^2"} <= {str(node.get("/Alt", "")) for node in figures}
    assert all(str(node.get("/Alt", "")).strip() for node in figures)
    languages = {str(each.node.get("/Lang", "")) for each in elements if each.role == "Art"}
    assert {"ja", "he"} <= languages
    headers = [element for element in elements if element.role == "TH"]
    assert [element.role for element in elements].count("TD") == 2
    assert len(headers) == 2
    assert all("/ID" in header.node for header in headers)


def test_links_say_where_they_lead(book: Printed) -> None:
    links = [link for _, link in book.links()]
    assert links
    assert all(str(link.get("/Contents", "")).strip() for link in links)
    assert all("/StructParent" in link for link in links)
    internal = {str(link.Contents) for link in links if "/Dest" in link}
    assert "First, with everything" in internal
    assert "2023" in internal


def test_the_same_bytes_and_the_same_environment(
    book: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HB_SHAPER_LIST", "PANGO_LANGUAGE", "LC_TIME", "MINE"):
        monkeypatch.setenv(name, "ja")
    before = dict(os.environ)
    with layout.same_everywhere(dt.datetime(2024, 1, 1, tzinfo=dt.UTC)):
        told = {
            name: os.environ[name] for name in os.environ if name.startswith(lettering.CHOOSING)
        }
        assert (told, os.environ["MINE"]) == ({"LC_ALL": "C"}, "ja")
        assert os.environ["SOURCE_DATE_EPOCH"] == "1704067200"
    assert made(sample()) == book.content
    assert dict(os.environ) == before


def test_an_empty_set_is_a_book() -> None:
    assert len(Printed(made(entry_set([]))).pages) >= 3


def test_double_sided_parts_begin_on_the_right() -> None:
    book = Printed(made(sample(), sides="double", page="a5", qr=False, links="footnotes"))
    assert float(book.pdf.pages[0].MediaBox[2]) == pytest.approx(148 / 25.4 * 72, abs=0.1)
    parts = [page for depth, title, page in book.outline() if depth == 0 and title.isdigit()]
    assert parts
    assert all(page % 2 == 1 for page in parts)
    page = book.pages[book.destinations["ada.first"] - 1]
    # Addresses take their turn among the notes.
    assert "1. example.org/one" in page
    assert "2. The note itself." in page


def test_addresses_in_the_text() -> None:
    one = entry_set([prepared("a/b", '<div><p>See <a href="https://e.org/x">x</a>.</p></div>')])
    text = " ".join(Printed(made(one, links="inline", page="6x9in")).pages)
    assert "See x (e.org/x)." in text
    text = " ".join(Printed(made(one, links="none", page="letter")).pages)
    assert "See x." in text
    assert "e.org/x)" not in text


SVG = '<svg width="9" height="9"><text>ebb</text></svg>'


@pytest.mark.parametrize(
    ("paragraph", "alone"),
    [
        (SVG, True),
        (f'<a href="https://e.org/x">{SVG}</a>', True),
        (f"<em>{SVG}</em> ", True),
        (f"{SVG} and flood", False),
        (f"<code>ebb</code> {SVG}", False),
        (f"{SVG}<br/>flood", False),
        (f"{SVG}{SVG}", False),
        ('<math display="inline"><mi>x</mi></math> grows', False),
    ],
)
@pytest.mark.parametrize("links", ["notes", "footnotes"])
def test_a_picture_without_words_beside_it_stands_in_the_middle(
    paragraph: str, alone: bool, links: LinkStyle
) -> None:
    entries = entry_set([prepared("a/b", f"<div><p>{paragraph}</p></div>")])
    press = Press(entries=entries, view=View(math="svg"), links=links, page=PAGES["a5"])
    (one,) = entries.entries
    assert ('class="alone"' in press.body(one, entries.content(one)).markup) is alone


@pytest.mark.parametrize("variant", ["pdf/a-1b", "pdf/a-2a", "pdf/ua-1", "untagged"])
def test_an_archive_is_refused_where_its_files_would_be_dropped(variant: str) -> None:
    with pytest.raises(UsageError, match="pdf/a-3a"):
        PdfOptions(profile="archive", variant=variant).check()  # type: ignore[arg-type]


def test_untagged_is_untagged() -> None:
    one = entry_set([prepared("a/b")])
    pdf = Printed(made(one, variant="untagged")).pdf
    assert "/StructTreeRoot" not in pdf.Root
    assert "/Metadata" in pdf.Root


def test_nothing_is_missing_here() -> None:
    assert EXPORTER.unavailable() is None
    assert EXPORTER.suffix(PdfOptions()) == ".pdf"


def test_a_missing_pango_is_one_line_with_the_command() -> None:
    # The real engine, with a loader that finds no library of that name.
    check = (
        "import ctypes.util, cffi, sys\n"
        "plain = cffi.FFI.dlopen\n"
        "def dlopen(self, name, *flags):\n"
        "    if 'pango' in str(name): raise OSError('cannot load library ' + str(name))\n"
        "    return plain(self, name, *flags)\n"
        "cffi.FFI.dlopen = dlopen\n"
        "from convert.exporters.pdf.exporter import EXPORTER\n"
        "print(EXPORTER.unavailable())\n"
    )
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert run.stdout.count("\n") == 1
    for command in ("apt install libpango", "brew install pango", "pacman -S"):
        assert command in run.stdout


def test_what_is_not_handed_over_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>', encoding="utf-8"
    )
    address = secret.as_uri()
    body = (
        f'<div><p>Plain.</p><p><svg width="10" height="10"><image href="{address}"/></svg></p>'
        f'<p><img src="{address}" alt="a"/></p>'
        f'<p><a href="{address}">file</a></p></div>'
    )
    content = made(entry_set([prepared("a/b", body)]))
    assert "SECRET" not in "".join(Printed(content).pages)
    assert not pikepdf.open(io.BytesIO(content)).attachments
