"""The cover and the fonts of a book."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from epub_samples import OPF, XHTML, Book, make_book, png, sample_set
from fontTools.ttLib import TTFont
from PIL import Image

from convert.entryset import EntrySet
from convert.errors import UsageError
from convert.exporters.epub.cover import HEIGHT, PALETTES, WIDTH
from convert.testing import entry_set, prepared


def cover_of(book: Book) -> Image.Image:
    """The picture that the package names as the cover."""
    (name,) = (
        str(each.get("href"))
        for each in book.package().iter(f"{OPF}item")
        if each.get("properties") == "cover-image"
    )
    return Image.open(io.BytesIO(book.read(name)))


def ink(image: Image.Image, top: int, bottom: int) -> int:
    """Pixels between two heights that are lighter than any ground."""
    band = image.convert("L").crop((0, top, image.width, bottom))
    return sum(band.histogram()[150:])


def test_the_cover_shows_title_people_and_the_set(tmp_path: Path) -> None:
    image = cover_of(make_book(sample_set(), tmp_path, cover=None))
    assert image.size == (WIDTH, HEIGHT) == (1_600, 2_560)
    assert image.format == "JPEG"
    assert ink(image, 200, 900) > 40_000
    assert ink(image, 1_300, 2_100) > 10_000
    assert ink(image, 2_150, 2_560) > 10_000


def test_the_title_is_legible_as_a_thumbnail(tmp_path: Path) -> None:
    """In 160 pixels of width, its letters are still as light as on the cover, and over 10
    pixels high."""
    image = cover_of(make_book(sample_set(), tmp_path, cover=None))
    small = image.resize((160, 256), Image.Resampling.LANCZOS).convert("L")
    rows = [
        y
        for y in range(20, 90)
        if any(int(small.getpixel((x, y)) or 0) > 200 for x in range(160))  # type: ignore[arg-type]
    ]
    assert len(rows) > 24


def test_every_palette_has_contrast() -> None:
    for ground, *words, _, _ in PALETTES:
        for colour in words:
            assert contrast(ground, colour) > 7


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def unusual_sets() -> Iterator[EntrySet]:
    yield entry_set([])
    yield entry_set([prepared("a/b")], title="W" * 300)
    yield entry_set([prepared("a/b")], title="many words " * 60)
    yield entry_set(
        [prepared("a/b", date="0001-01-01T00:00:00"), prepared("a/c", date="9999-12-31T00:00:00")]
    )


@pytest.mark.parametrize("entries", list(unusual_sets()), ids=["empty", "wide", "long", "ages"])
def test_unusual_sets_have_a_cover(entries: EntrySet, tmp_path: Path) -> None:
    book = make_book(entries, tmp_path, cover=None)
    image = cover_of(book)
    edge = image.convert("L").crop((WIDTH - 60, 0, WIDTH, HEIGHT))
    assert sum(edge.histogram()[150:]) == 0
    assert not book.problems


def test_a_title_from_the_right_stands_on_the_right(tmp_path: Path) -> None:
    image = cover_of(make_book(sample_set(title="مستنقع", subtitle=""), tmp_path, cover=None))
    left = image.crop((0, 200, WIDTH // 3, 600)).convert("L")
    assert sum(left.histogram()[150:]) == 0
    assert ink(image, 200, 600) > 5_000


def test_a_title_for_which_there_is_no_font_is_told_of(tmp_path: Path) -> None:
    book = make_book(sample_set(title="潮の記録"), tmp_path, cover=None)
    (problem,) = book.problems
    assert problem.field == "fonts"
    assert "潮の記録" in problem.reason
    assert cover_of(book).size == (WIDTH, HEIGHT)


def test_a_picture_of_the_users_own_is_the_cover(tmp_path: Path) -> None:
    mine = tmp_path / "mine.png"
    mine.write_bytes(png((30, 48), "gold"))
    book = make_book(sample_set(), tmp_path, cover=str(mine))
    assert book.read("cover.png") == mine.read_bytes()
    page = book.tree("cover.xhtml")
    (shown,) = page.iter(f"{XHTML}img")
    assert shown.get("src") == "cover.png"
    assert str(shown.get("alt")).startswith("The Saltmarsh Papers. Notes from the edge. 2019–2022")


@pytest.mark.parametrize("content", [None, b"", b"<svg/>", b"\x89PNG\r\n\x1a\n broken", b"GIF89a"])
def test_what_is_no_picture_is_no_cover(content: bytes | None, tmp_path: Path) -> None:
    mine = tmp_path / "mine.png"
    if content is not None:
        mine.write_bytes(content)
    with pytest.raises(UsageError, match=r"cover: .*mine\.png"):
        make_book(sample_set(), tmp_path, cover=str(mine))


@pytest.fixture
def fonts(tmp_path: Path) -> Path:
    """A folder with a serif that comes with a library, and something that is no font."""
    spec = find_spec("ziamath")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = tmp_path / "fonts"
    folder.mkdir()
    shutil.copy(Path(spec.submodule_search_locations[0]) / "fonts/STIXTwoMath-Regular.ttf", folder)
    (folder / "broken.ttf").write_bytes(b"no font")
    (folder / "README.txt").write_text("about")
    return folder


def test_no_font_is_in_the_book_unless_asked_for(tmp_path: Path) -> None:
    book = make_book(sample_set(), tmp_path)
    assert b"@font-face" not in book.read("style.css")
    assert not [name for name in book.names() if name.endswith((".ttf", ".otf"))]


def test_fonts_of_a_folder_are_put_in(fonts: Path, tmp_path: Path) -> None:
    book = make_book(sample_set(), tmp_path, fonts=str(fonts))
    (name,) = (name for name in book.names() if "/fonts/" in name)
    style = book.read("style.css").decode()
    assert 'font-family: "STIX Two Math"; font-weight: 400; font-style: normal' in style
    assert f"url({name.removeprefix('EPUB/')})" in style
    assert 'body { font-family: "STIX Two Math", serif; }' in style


def test_a_font_that_forbids_it_stays_out(fonts: Path, tmp_path: Path) -> None:
    path = fonts / "STIXTwoMath-Regular.ttf"
    with TTFont(path) as font:
        font["OS/2"].fsType = 2
        font.save(fonts / "locked.ttf")
    path.unlink()
    book = make_book(sample_set(), tmp_path, fonts=str(fonts))
    assert not [name for name in book.names() if "/fonts/" in name]
    assert "forbid" in book.problems[0].reason


def test_a_folder_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"fonts: .*: no such folder"):
        make_book(sample_set(), tmp_path, fonts=str(tmp_path / "none"))
