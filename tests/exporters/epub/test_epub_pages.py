"""What stands on the pages of a book, and how it is marked."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from pathlib import Path

import pytest
from epub_samples import IMAGES, OPS, PHOTO, XHTML, Book, FewImages, make_book, png, sample_set
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from convert.exporters.epub.formula import formula_png
from convert.exporters.epub.kobo import add_spans
from convert.exporters.epub.metadata import file_as
from convert.exporters.epub.package import web_address
from convert.exporters.epub.split import link_pieces, pieces
from convert.model import Category, User
from convert.testing import entry_set, prepared
from convert.text.characters import legal

XML = "{http://www.w3.org/XML/1998/namespace}"
GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "epub"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return make_book(sample_set(), tmp_path_factory.mktemp("book"))


def words(element: etree._Element | None) -> str:
    assert element is not None
    return " ".join("".join(map(str, element.itertext())).split())


@pytest.mark.parametrize(
    "name",
    ["ada.2019-tides.xhtml", "leila.2021-salam.xhtml", "part-ada.xhtml", "colophon.xhtml",
     "nav.xhtml", "people.xhtml", "content.opf"],
)  # fmt: skip
def test_pages_are_as_they_were(name: str, book: Book, golden_update: bool) -> None:
    """After a change that is meant, run the tests once with GOLDEN_UPDATE=1 and look at the
    difference."""
    kept = GOLDEN / name
    if golden_update:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(book.read(name))
    assert book.read(name).decode() == kept.read_text(encoding="utf-8")


@pytest.fixture
def golden_update() -> bool:
    import os

    return bool(os.environ.get("GOLDEN_UPDATE"))


def test_an_entry_has_its_head(book: Book) -> None:
    page = book.tree("ada.2019-tides.xhtml")
    assert words(page.find(f".//{XHTML}h1")) == "Tides & levels"
    assert words(page.find(f".//{XHTML}p[@class='byline']")) == "Ada Marsh 2 January 2019"
    foot = words(page.find(f".//{XHTML}footer"))
    assert "Original: example.org/ada/2019-tides" in foot
    assert "Categories: Mathematics, Birds" in foot


def test_an_entry_without_title_is_called_by_its_first_words(book: Book) -> None:
    assert words(book.tree("ada.2020-note.xhtml").find(f".//{XHTML}h1")) == "Only a few words"


def test_a_summary_says_that_it_is_one(book: Book) -> None:
    assert "Only a summary" in words(book.tree("leila.2021-salam.xhtml").find(f".//{XHTML}footer"))
    assert "Only a summary" not in words(book.tree("bruno.2020-mud.xhtml"))


def test_enclosures_are_links(book: Book) -> None:
    (link,) = book.tree("haru.2022-shio.xhtml").iterfind(
        f".//{XHTML}ul[@class='enclosures']//{XHTML}a"
    )
    assert (link.text, link.get("href")) == ("Waves", "https://haru.example.org/a%20b.mp3")


def test_notes_pop_up(book: Book) -> None:
    page = book.tree("ada.2019-tides.xhtml")
    (reference,) = (each for each in page.iter(f"{XHTML}a") if each.get(f"{OPS}type") == "noteref")
    (note,) = page.iter(f"{XHTML}aside")
    assert reference.get("role") == "doc-noteref"
    assert (note.get(f"{OPS}type"), note.get("role")) == ("footnote", "doc-footnote")
    assert reference.get("href") == f"#{note.get('id')}"
    (back,) = (each for each in note.iter(f"{XHTML}a"))
    assert back.get("href") == f"#{reference.get('id')}"


def test_languages_are_marked_on_pages_and_within(book: Book) -> None:
    page = book.tree("haru.2022-shio.xhtml")
    assert (page.get("lang"), page.get(f"{XML}lang")) == ("ja", "ja")
    foot = page.find(f".//{XHTML}footer")
    assert foot is not None
    assert (foot.get("lang"), foot.get(f"{XML}lang")) == ("en", "en")
    for _, each in book.pages():
        for element in each.iter(etree.Element):
            assert element.get("lang") == element.get(f"{XML}lang")
    title = next(each for each in book.tree("nav.xhtml").iter(f"{XHTML}a") if each.text == "潮")
    assert title.get("lang") == "ja"


def test_a_page_from_the_right_keeps_code_and_our_words_from_the_left(book: Book) -> None:
    page = book.tree("leila.2021-salam.xhtml")
    assert page.get("dir") == "rtl"
    assert [each.get("dir") for each in page.iter(f"{XHTML}pre", f"{XHTML}footer")] == [
        "ltr",
        "ltr",
    ]


def test_every_picture_has_words_or_says_that_it_has_none(book: Book) -> None:
    pictures = [each for _, page in book.pages() for each in page.iter(f"{XHTML}img")]
    assert len(pictures) == 3
    assert all(each.get("alt") is not None for each in pictures)


def test_headings_are_in_order(book: Book) -> None:
    for name, page in book.pages():
        levels = [
            int(str(each.tag)[-1])
            for each in page.iter(etree.Element)
            if re.fullmatch(re.escape(XHTML) + "h[1-6]", str(each.tag))
        ]
        assert levels[:1] in ([1], []), name
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_what_opens_at_a_click_stands_open(book: Book) -> None:
    page = book.tree("ada.2019-tides.xhtml")
    assert page.find(f".//{XHTML}details") is None
    details = page.find(f".//{XHTML}div[@class='details']")
    assert details is not None
    assert [words(each) for each in details] == ["More", "inside"]


def test_the_style_sheet_sets_no_ground_and_no_size_in_pixels(book: Book) -> None:
    style = book.read("style.css").decode()
    rules = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    assert "background" not in rules
    assert not re.search(r"font-size:\s*[\d.]+(px|pt)", rules)
    # Colour only where weight or slant say the same: in code.
    for rule in re.findall(r"([^{}]+)\{([^{}]*)\}", rules):
        if re.search(r"(?<![-\w])color:(?!\s*inherit)", rule[1]):
            assert rule[0].strip().startswith("pre code ."), rule[0]
    assert len(style) < 10_000


def test_kindle_gets_pictures_of_formulas_and_no_svg_file(tmp_path: Path) -> None:
    book = make_book(sample_set(), tmp_path, device="kindle")
    page = book.tree("ada.2019-tides.xhtml")
    assert b"<math" not in book.read("ada.2019-tides.xhtml")
    (formula,) = (each for each in page.iter(f"{XHTML}img") if each.get("alt") == "x^2")
    assert re.match(r"width: 0\.\d+em; height: 0\.\d+em; ", str(formula.get("style")))
    image = Image.open(io.BytesIO(book.read(str(formula.get("src"))))).convert("L")
    dark = sum(image.histogram()[:64]) / (image.width * image.height)
    assert 0.1 < dark < 0.4
    assert image.height > 40
    assert not [name for name in book.names() if name.endswith(".svg")]


def test_plain_code_where_colour_is_not_wanted(tmp_path: Path, book: Book) -> None:
    plain = make_book(sample_set(), tmp_path, highlight=False)
    assert plain.tree("ada.2019-tides.xhtml").find(f".//{XHTML}pre//{XHTML}span") is None
    assert book.tree("ada.2019-tides.xhtml").find(f".//{XHTML}pre//{XHTML}span") is not None


def test_the_picture_of_a_person_is_on_their_page(tmp_path: Path) -> None:
    import hashlib

    icon = "https://ada.example.org/me.png"
    ref = hashlib.sha256(icon.encode()).hexdigest()[:24]
    images = FewImages({**IMAGES.originals, ref: png((16, 16), "red")})
    users = {"ada": User(username="ada", display_name="Ada", icon=icon)}
    book = make_book(sample_set(users=users), tmp_path, images)
    (shown,) = book.tree("part-ada.xhtml").iter(f"{XHTML}img")
    assert book.read(str(shown.get("src"))) == images.originals[ref]
    assert shown.get("alt") == ""


HOSTILE = "<script>alert(1)</script>\"'&]]>\x00\ud800\ufffe{{ 7 * 7 }}{% raw %}"


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    entry = prepared(
        "a/b", f'<div><p><img src="image:{PHOTO}" alt="&lt;b&gt;"/></p></div>',
        title=legal(HOSTILE), categories=(Category(term=HOSTILE),), rights=HOSTILE,
        link="javascript:alert(1)",
        language='en" onload="x',
    )  # fmt: skip
    users = {"a": User(username="a", display_name=HOSTILE, homepage=HOSTILE, icon=HOSTILE)}
    book = make_book(
        entry_set([entry], users=users, title=HOSTILE, subtitle=HOSTILE, rights=HOSTILE),
        tmp_path, parts="category", publisher=HOSTILE, description=HOSTILE, cover=None,
    )  # fmt: skip
    for name, page in book.pages():
        assert page.find(f".//{XHTML}script") is None, name
        assert b"onload" not in book.read(name)
        assert b"javascript:" not in book.read(name)
    shown = legal(HOSTILE)
    assert words(book.tree("a.b.xhtml").find(f".//{XHTML}h1")) == shown
    assert "{{ 7 * 7 }}" in shown


@pytest.mark.parametrize(
    ("name", "sorted_as"),
    [
        ("Ada Lovelace", "Lovelace, Ada"),
        ("Ludwig van Beethoven", "Beethoven, Ludwig van"),
        ("Prince", "Prince"),
        ("春 樹", "春 樹"),
        ("Lovelace, Ada", "Lovelace, Ada"),
        ("the tarides team", "the tarides team"),
        ("", ""),
    ],
)
def test_names_are_filed_as_libraries_do(name: str, sorted_as: str) -> None:
    assert file_as(name) == sorted_as


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://a.example/b c?d=é#f", "https://a.example/b%20c?d=%C3%A9#f"),
        ("HTTP://A.example", "HTTP://A.example"),
        ("https://a.example/%20", "https://a.example/%20"),
        ("https:///no-host", None),
        ("http://[half", None),
        ("javascript:alert(1)", None),
        ("ftp://a.example", None),
        (None, None),
    ],
)
def test_web_addresses(address: str | None, found: str | None) -> None:
    assert web_address(address) == found


# --- formulas -----------------------------------------------------------------------------


def drawn(shapes: str) -> Image.Image | None:
    """What a drawing of 24 by 24 units, one em, comes out as."""
    content = formula_png(etree.fromstring(f'<svg viewBox="0 0 24 24">{shapes}</svg>'))
    return Image.open(io.BytesIO(content)).convert("L") if content else None


def test_a_hole_in_a_letter_stays_open() -> None:
    image = drawn('<path d="M 0 0 L 24 0 L 24 24 L 0 24 Z M 8 8 L 16 8 L 16 16 L 8 16 Z"/>')
    assert image is not None
    assert image.size == (72, 72)
    assert (image.getpixel((3, 3)), image.getpixel((36, 36))) == (0, 255)


def test_boxes_and_strokes_are_drawn() -> None:
    image = drawn(
        '<rect x="0" y="0" width="24" height="2"/>'
        '<rect x="4" y="8" width="16" height="12" fill="none" stroke="black" stroke-width="2"/>'
    )
    assert image is not None
    assert [image.getpixel(at) for at in ((36, 3), (36, 14), (36, 24), (36, 42))] == [
        0,
        255,
        0,
        255,
    ]


@pytest.mark.parametrize(
    "shapes",
    [
        '<text x="1" y="2">x</text>',
        '<path d="M 0 0 C 1 1 2 2 3 3"/>',
        '<path d="L"/>',
        '<path d="Q 1 2 3 4"/>',
        '<rect width="x"/>',
    ],
)
def test_what_cannot_be_drawn_is_left_alone(shapes: str) -> None:
    assert drawn(shapes) is None


# --- Kobo's spans ------------------------------------------------------------------------


def spanned(markup: str) -> etree._Element:
    root = etree.fromstring(f"<div>{markup}</div>")
    add_spans(root)
    return root


def test_each_sentence_has_its_span() -> None:
    root = spanned("<p>One. Two <em>three</em>? Four.</p><p>Five.</p>")
    found = [(str(each.get("id")), each.text) for each in root.iter("span")]
    assert found == [
        ("kobo.2.1", "One. "), ("kobo.2.2", "Two "), ("kobo.2.3", "three"), ("kobo.2.4", "? Four."),
        ("kobo.3.1", "Five."),
    ]  # fmt: skip


BLOCKS = st.recursive(
    st.text(alphabet="ab .!?。\n<", max_size=12).map(lambda text: text.replace("<", "&lt;")),
    lambda inner: st.tuples(
        st.sampled_from(["p", "em", "ul", "li", "table", "td", "pre", "code", "ruby", "math"]),
        st.lists(inner, max_size=4),
    ).map(lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"),
    max_leaves=12,
)


@given(BLOCKS)
def test_spans_change_no_word(markup: str) -> None:
    before = etree.fromstring(f"<div>{markup}</div>")
    after = spanned(markup)
    assert "".join(map(str, after.itertext())) == "".join(map(str, before.itertext()))
    ids = [each.get("id") for each in after.iter("span")]
    assert len(ids) == len(set(ids))
    assert all(each.getparent().tag not in {"ul", "table", "pre"} for each in after.iter("span"))  # type: ignore[union-attr]


# --- cutting ------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from(["h2", "h3", "p", "ul"]), st.integers(1, 60)), max_size=30)
)
def test_cutting_loses_and_repeats_nothing(blocks: list[tuple[str, int]]) -> None:
    body = "".join(
        f'<ul id="i{at}">{f"<li>{at} word</li>" * size}</ul>' if tag == "ul"
        else f'<{tag} id="i{at}">{at} {"word " * size}</{tag}>'
        for at, (tag, size) in enumerate(blocks)
    )  # fmt: skip
    links = "".join(f'<a href="#i{at}">{at}</a>' for at in range(len(blocks)))
    root = etree.fromstring(f"<div>{body}<p>{links}<a href='#none'>x</a></p></div>")
    text = "".join(map(str, root.itertext()))
    found = pieces(root, limit=600)
    assert "".join("".join(map(str, each.itertext())) for each in found.roots) == text
    assert sorted(found.where) == sorted(f"i{at}" for at in range(len(blocks)))
    files = [f"f{at}" for at in range(len(found.roots))]
    link_pieces(found, files)
    for at, piece in enumerate(found.roots):
        for anchor in piece.iter("a"):
            href = anchor.get("href")
            if anchor.text == "x":
                assert href is None
                continue
            file, _, fragment = str(href).partition("#")
            target = found.where[fragment]
            assert file == ("" if target == at else files[target])
        # A heading is never the last of a piece while what it is over begins the next.
        if at + 1 < len(found.roots):
            assert piece[-1].tag not in {"h2", "h3"} or len(piece) == 1


def test_what_folds_stands_open_and_keeps_its_id(tmp_path: Path) -> None:
    body = (
        '<div><p><a href="#more">more</a></p><details id="more" open="open"><summary>More</summary>'
        "<p>inside</p></details></div>"
    )
    page = make_book(entry_set([prepared("a/b", body)]), tmp_path).tree("a.b.xhtml")
    (opened,) = page.findall(f".//{XHTML}div[@class='details']")
    assert opened.get("id") == "x.more"
    assert "#x.more" in [link.get("href") for link in page.iter(f"{XHTML}a")]
