"""Archives, characters without a glyph, several volumes, and a set of references."""

from __future__ import annotations

import dataclasses

import pytest
from pdf_samples import Printed, context, made, sample, words

from convert.collection.volumes import cut
from convert.contract import PlannedOutput
from convert.entryset import EntrySet
from convert.exporters.pdf import book as books
from convert.exporters.pdf.body import Body
from convert.exporters.pdf.exporter import EXPORTER
from convert.model import (
    Category,
    Citation,
    Elsewhere,
    Entry,
    Feed,
    Origin,
    Problem,
    User,
    Volume,
)
from convert.testing import entry_set, prepared

STORED = b'{"id": "x", "content": "<script>alert(1)</script>",  "unknown": 1e999}\r\n'


@dataclasses.dataclass(frozen=True)
class Shelf:
    """``entryset.Originals``: one text for all entries but one that has none."""

    without: str

    def read(self, entry: Entry) -> bytes | None:
        """The stored text."""
        return None if entry.key == self.without else STORED + entry.key.encode()


@pytest.mark.judge
def test_an_archive_holds_each_entry_as_it_was_stored() -> None:
    entries = dataclasses.replace(sample(), originals=Shelf(without="dov/fourth"))
    first = made(entries, profile="archive", qr=False)
    pdf = Printed(first).pdf
    assert {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments} == {
        f"{key.replace('/', '--')}.json": STORED + key.encode()
        for key in ("ada/first", "grace/second", "haru/third")
    }
    with pdf.open_metadata() as xmp:
        assert (str(xmp["pdfaid:part"]), str(xmp["pdfaid:conformance"])) == ("3", "A")
        assert xmp["dc:identifier"] == entries.id
    root = pdf.Root
    assert "/StructTreeRoot" in root
    assert "/OutputIntents" in root
    assert "/ID" in pdf.trailer
    # ISO 19005-3, 6.8: each embedded file is associated with the document, and says how.
    associated = list(root.AF)
    assert len(associated) == 3
    assert {str(each.AFRelationship) for each in associated} == {"/Source"}
    assert made(entries, profile="archive", qr=False) == first


def test_without_stored_entries_an_archive_is_only_a_pdf_a() -> None:
    pdf = Printed(made(entry_set([prepared("a/b")]), profile="archive")).pdf
    assert not pdf.attachments


def test_a_character_without_a_glyph_is_named_once() -> None:
    warnings: list[Problem] = []
    body = "<div><p>Odd: \U0010fffd and again \U0010fffd, here\u200b and there.</p></div>"
    one = entry_set([prepared("a/b", body, title="An odd \U0010fffd title")])
    book = Printed(made(one, context(warn=warnings.append)))
    assert [(problem.path, problem.field) for problem in warnings] == [("planet.pdf", "fonts")]
    assert warnings[0].reason.count("U+10FFFD") == 1
    text = " ".join(book.pages)
    assert "An odd [U+10FFFD] title" in text
    assert "Odd: [U+10FFFD] and again [U+10FFFD], here" in text
    assert "\U0010fffd" not in text


def _volumes() -> tuple[Volume, Volume]:
    return tuple(  # type: ignore[return-value]
        Volume(
            label=year,
            name=f"planet-{year}",
            title=f"The group, {year}",
            number=number,
            total=2,
        )
        for number, year in enumerate(("2023", "2024"), start=1)
    )


def test_an_entry_of_another_volume_is_called_by_its_volume() -> None:
    first, second = _volumes()
    body = '<div><p>See <a href="https://example.org/b/two">two</a>.</p></div>'
    here = prepared("a/one", body, title="One")
    there = prepared("b/two", title="Two").entry
    entries = entry_set(
        [here],
        citations={"a/one": (Citation(address="https://example.org/b/two", key="b/two"),)},
        cited_by={"a/one": ("b/two",)},
        elsewhere={"b/two": Elsewhere(entry=there, volume=second)},
        volume=first,
        volumes=(first, second),
    )
    book = Printed(made(entries))
    text = " ".join(" ".join(book.pages).split())
    assert "See two (in “The group, 2024”)." in text
    assert "Two, b (in “The group, 2024”)" in text
    assert book.pdf.docinfo["/Title"] == "The group, 2023"
    addresses = {str(link.A.URI) for _, link in book.links() if "/A" in link}
    assert there.link in addresses


def test_the_list_of_volumes_names_them_all() -> None:
    volumes = _volumes()
    outputs = tuple(
        PlannedOutput(
            exporter="pdf",
            name=volume.name,
            path=f"{volume.name}.pdf",
            media_type="application/pdf",
            title=volume.title,
            volume=volume,
        )
        for volume in volumes
    )
    entries = dataclasses.replace(sample(), volumes=volumes)
    (file,) = EXPORTER.list_volumes(entries, context(outputs=outputs))
    assert isinstance(file.content, bytes)
    listing = Printed(file.content)
    text = " ".join(listing.pages)
    assert len(listing.pages) == 1
    for volume in volumes:
        assert volume.title in text
        assert f"{volume.name}.pdf" in text


def test_cite_as_comes_from_the_stored_fields() -> None:
    feed = Feed(id="urn:feed", title="Notes on engines")
    entry = prepared("ada/a", title="On engines", source="urn:feed").entry
    entries = entry_set([], feeds={"urn:feed": feed})
    assert books.cite_as(entries, entry) == (
        "Notes on engines, “On engines”, 6 May 2024, https://example.org/ada/a"
    )


def test_a_code_is_small_or_absent() -> None:
    assert books.qr_code("https://example.org/a").startswith(b"\x89PNG")
    assert books.qr_code("https://example.org/" + "a" * 3000) == b""
    assert books.qr_code("https://example.org/" + "a" * 400) == b""
    assert books.qr_code("") == b""


@pytest.mark.parametrize(("years", "parts"), [((2023, 2024), 2), ((2024,), 1)])
def test_parts_are_years_or_the_months_of_one(years: tuple[int, ...], parts: int) -> None:
    entries: EntrySet = entry_set([prepared(f"a/{year}", date=f"{year}-05-06") for year in years])
    planned = books.plan(entries)
    assert len(planned.parts) == parts
    assert planned.parts[-1].title == ("2024" if len(years) > 1 else "May 2024")
    assert planned.parts[-1].month is (len(years) == 1)


@pytest.mark.parametrize(
    ("address", "remote", "shown"),
    [
        ("/home/ada/store", None, "store"),
        ("/home/ada/store", "git@example.org:ada/store", "store"),
        ("/home/ada/store", "https://example.org/store.git", "https://example.org/store.git"),
        ("https://example.org/feed", None, "https://example.org/feed"),
    ],
)
def test_no_path_of_the_machine_is_printed(address: str, remote: str | None, shown: str) -> None:
    origin = Origin(address=address, remote=remote, kind="thicket", name="store")
    entries = entry_set([prepared("ada/a")], origins=(origin,))
    assert books.sources(entries) == ((shown, ""),)


def test_an_entry_runs_as_its_direction_says() -> None:
    body = Body(markup="")
    for language, direction in (("en", "rtl"), (None, "rtl"), ("ar", "ltr")):
        entry = prepared("a/b", language=language, direction=direction)
        page = books.entry_page(entry_set([entry]), entry.entry, body, qr="")
        assert page.direction == direction


def test_the_colophon_says_whose_the_entries_are() -> None:
    entries = entry_set(
        [prepared("ada/a", rights="CC BY 4.0"), prepared("bo/b", date="2099-01-01T00:00:00")]
    )
    text = " ".join(" ".join(Printed(made(entries)).pages).split())
    assert "ada: CC BY 4.0 Versions" in text
    assert "Updated 6 May 2024" in text, "nothing was updated in the future"


def test_a_cover_says_how_many_it_does_not_name() -> None:
    people = [prepared(f"{chr(97 + number)}/x") for number in range(15)]
    (cover, *_) = Printed(made(entry_set(people))).pages
    named = "The group a, b, c, d, e, f, g, h, i, j, k, l and 3 others 2024"
    assert words(cover) == words(named)


@pytest.mark.parametrize(
    ("how", "cover", "title"),
    [
        ("author", "The group Ada Finch Ada Finch 2024", "The group Ada Finch Volume 1 / 2 2024"),
        ("1", "The group Volume 1 Ada Finch 2024", "The group Volume 1 / 2 2024"),
    ],
)
def test_a_volume_is_called_by_its_name(how: str, cover: str, title: str) -> None:
    users = {"ada": User(username="ada", display_name="Ada Finch")}
    whole = entry_set([prepared("ada/a"), prepared("bo/b")], users=users)
    first, second, *_ = Printed(made(cut(whole, how)[0])).pages
    assert words(first) == words(cover)
    assert words(second) == words(f"{title} 1 entry")


def test_an_entry_without_title_is_called_as_everywhere() -> None:
    entries = entry_set([prepared("ada/a", title="", summary="Only a few words")])
    book = books.plan(entries)
    assert book.chronology[0].title == "Only a few words"
    (entry,) = entries
    assert books.cite_as(entries, entry).startswith("ada, “Untitled”, 6 May 2024")


def test_what_says_that_there_is_no_category_is_none() -> None:
    labels = ("Uncategorized", "OCaml", "ocaml")
    entry = prepared("ada/a", categories=tuple(Category(term=label) for label in labels))
    entries = entry_set([entry])
    assert [heading.term for heading in books.plan(entries).categories] == ["OCaml"]
    page = books.entry_page(entries, entry.entry, Body(markup=""), qr="")
    assert page.categories == ("OCaml",)
