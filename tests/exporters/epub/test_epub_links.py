"""Every link within a book leads to something, however the book is cut."""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from epub_samples import MISSING, MUD, OPF, PHOTO, XHTML, Book, make_book, sample_set
from lxml import etree

from convert.collection.volumes import cut
from convert.entryset import EntrySet
from convert.model import Citation
from convert.testing import entry_set, prepared
from convert.text.addresses import SCHEMES

NCX = "{http://www.daisy.org/z3986/2005/ncx/}"


def walk(book: Book) -> int:
    """Follows every reference inside a book; how many there were.  Fails at a broken one."""
    known = {name.removeprefix("EPUB/") for name in book.names() if name.startswith("EPUB/")}
    package = book.package()
    manifest = {str(each.get("href")) for each in package.iter(f"{OPF}item")}
    spine = [name for name, _ in book.pages()]
    assert manifest == known - {"content.opf"}
    assert len(spine) == len(set(spine))
    ids: dict[str, list[str]] = {}
    links: list[tuple[str, str]] = []
    for name, page in book.pages():
        ids[name] = [str(each.get("id")) for each in page.iter(etree.Element) if each.get("id")]
        assert len(ids[name]) == len(set(ids[name])), name
        for element in page.iter(etree.Element):
            for attribute in ("href", "src"):
                target = element.get(attribute)
                if target is not None:
                    links.append((name, target))
    links += [
        ("toc.ncx", str(each.get("src"))) for each in book.tree("toc.ncx").iter(f"{NCX}content")
    ]
    links += [("content.opf", str(each.get("href"))) for each in package.iter(f"{OPF}reference")]
    followed = 0
    for name, target in links:
        if target.partition(":")[0] in {"http", "https", *SCHEMES}:
            continue
        path, fragment = urldefrag(target)
        file = posixpath.normpath(unquote(path)) if path else name
        assert file in known, f"{name}: {target}"
        assert not fragment or unquote(fragment) in ids[file], f"{name}: {target}"
        if file.endswith(".xhtml"):
            assert file in spine, f"{name}: {target}"
        followed += 1
    return followed


@pytest.mark.parametrize("parts", ["author", "year", "category", "none"])
@pytest.mark.parametrize("device", ["generic", "kobo", "kindle"])
def test_every_link_resolves(parts: str, device: str, tmp_path: Path) -> None:
    assert walk(make_book(sample_set(), tmp_path, parts=parts, device=device)) > 60


@pytest.mark.parametrize("how", ["year", "author", "category", "2", "1kB"])
def test_every_link_resolves_in_each_volume(how: str, tmp_path: Path) -> None:
    volumes = cut(sample_set(), how)
    assert len(volumes) > 1
    for volume in volumes:
        assert walk(make_book(volume, tmp_path)) > 15


def test_an_empty_set_is_a_book(tmp_path: Path) -> None:
    walk(make_book(entry_set([]), tmp_path))


def page_of(book: Book, name: str) -> etree._Element:
    return book.tree(name)


def hrefs(page: etree._Element, words: str) -> list[str]:
    """Where the links with these words lead."""
    return [
        str(anchor.get("href"))
        for anchor in page.iter(f"{XHTML}a")
        if "".join(map(str, anchor.itertext())) == words
    ]


def test_a_citation_leads_to_the_place_in_the_entry(tmp_path: Path) -> None:
    page = page_of(make_book(sample_set(), tmp_path), "ada.2019-tides.xhtml")
    assert hrefs(page, "mud") == ["bruno.2020-mud.xhtml#x.layers"]
    assert hrefs(page, "again") == ["bruno.2020-mud.xhtml"]
    assert hrefs(page, "elsewhere") == ["https://elsewhere.example.org/?a=1&b=2"]


def test_a_place_that_is_not_there_leads_to_the_entry(tmp_path: Path) -> None:
    body = '<div><p><a href="https://b.example/#no">b</a></p></div>'
    entries = entry_set(
        [prepared("a/one", body), prepared("b/two", MUD)],
        citations={
            "a/one": (Citation(address="https://b.example/#no", key="b/two", fragment="no"),)
        },
    )
    page = page_of(make_book(entries, tmp_path), "a.one.xhtml")
    assert hrefs(page, "b") == ["b.two.xhtml"]


def test_citations_show_at_both_ends(tmp_path: Path) -> None:
    book = make_book(sample_set(), tmp_path)
    answer = headed(page_of(book, "ada.2020-note.xhtml"))
    assert answer["In reply to"] == ["bruno.2020-mud.xhtml"]
    assert headed(page_of(book, "ada.2019-tides.xhtml"))["Refers to"] == ["bruno.2020-mud.xhtml"]
    assert headed(page_of(book, "bruno.2020-mud.xhtml"))["Referenced by"] == [
        "ada.2019-tides.xhtml",
        "ada.2020-note.xhtml",
    ]


def headed(page: etree._Element) -> dict[str, list[str]]:
    """The links of each list at the end of an entry, by its heading."""
    return {
        str(heading.text): [
            str(anchor.get("href"))
            for following in heading.itersiblings(f"{XHTML}ul")
            if following.getprevious() is heading
            for anchor in following.iter(f"{XHTML}a")
        ]
        for heading in page.iterfind(f".//{XHTML}footer/{XHTML}h2")
    }


def test_a_citation_of_another_volume_names_it_and_leads_to_the_original(tmp_path: Path) -> None:
    volume = next(
        each for each in cut(sample_set(), "year") if each.volume and each.volume.label == "2019"
    )
    page = page_of(make_book(volume, tmp_path), "ada.2019-tides.xhtml")
    assert headed(page)["Refers to"] == ["https://example.org/bruno/2020-mud"]
    assert "in “The Saltmarsh Papers, 2020”" in "".join(map(str, page.itertext()))
    assert hrefs(page, "mud") == ["https://bruno.example.org/mud#layers"]


def test_before_and_after_are_of_the_same_person(tmp_path: Path) -> None:
    book = make_book(sample_set(), tmp_path, parts="year")
    beside = page_of(book, "ada.2019-tides.xhtml").findall(
        f".//{XHTML}ul[@class='beside']//{XHTML}a"
    )
    assert [each.get("href") for each in beside] == ["ada.2020-note.xhtml"]
    beside = page_of(book, "ada.2020-note.xhtml").findall(
        f".//{XHTML}ul[@class='beside']//{XHTML}a"
    )
    assert [each.get("href") for each in beside] == ["ada.2019-tides.xhtml"]


def long_body(sections: int = 40, words: int = 1_500) -> str:
    """A body of about 10 kB a section, with links from each section to the next and to a note."""
    note = '<sup><a role="doc-noteref" id="fnref-1" href="#fn-1">1</a></sup>'
    parts = [
        f'<h2 id="s{at}">Section {at}</h2><p>{note if at == 1 else ""}'
        f'<a href="#s{at % sections + 1}">next of {at}</a> {"marsh " * words}</p>'
        for at in range(1, sections + 1)
    ]
    notes = '<section role="doc-endnotes"><ol><li id="fn-1"><p>A note.</p></li></ol></section>'
    return f"<div>{''.join(parts)}{notes}</div>"


def long_set() -> EntrySet:
    citing = '<div><p><a href="https://a.example/#s39">there</a></p></div>'
    return entry_set(
        [prepared("a/long", long_body(), title="Long"), prepared("b/short", citing)],
        citations={
            "b/short": (Citation(address="https://a.example/#s39", key="a/long", fragment="s39"),)
        },
    )


@pytest.mark.parametrize("device", ["generic", "kobo"])
def test_a_long_entry_is_cut_at_headings_with_its_links_intact(device: str, tmp_path: Path) -> None:
    book = make_book(long_set(), tmp_path, device=device)
    names = [name for name, _ in book.pages() if name.startswith("a.long")]
    assert names == ["a.long.xhtml", "a.long.2.xhtml"]
    # Kobo's spans come after the cut and may add to it.
    assert all(len(book.read(name)) < 280_000 for name in names)
    walk(book)
    second = book.tree("a.long.2.xhtml")
    first_block = second.find(f".//{XHTML}div[@class='body']/*")
    assert first_block is not None
    assert first_block.tag == f"{XHTML}h2"
    (there,) = hrefs(book.tree("b.short.xhtml"), "there")
    assert there == "a.long.2.xhtml#x.s39"
    assert hrefs(second, "next of 40") == ["a.long.xhtml#x.s1"]
    text = "".join(
        "".join(map(str, book.tree(name).find(f".//{XHTML}div[@class='body']").itertext()))  # type: ignore[union-attr]
        for name in names
    )
    assert text.count("marsh ") == 40 * 1_500
    assert [f"Section {at}" in text for at in range(1, 41)] == [True] * 40


def test_only_the_last_file_of_a_long_entry_has_its_foot(tmp_path: Path) -> None:
    book = make_book(long_set(), tmp_path)
    assert book.tree("a.long.xhtml").find(f".//{XHTML}footer") is None
    assert book.tree("a.long.xhtml").find(f".//{XHTML}h1") is not None
    assert book.tree("a.long.2.xhtml").find(f".//{XHTML}footer") is not None
    assert book.tree("a.long.2.xhtml").find(f".//{XHTML}h1") is None


def test_large_indexes_take_several_files(tmp_path: Path) -> None:
    entries = entry_set(
        [prepared(f"u/{at:04}", title=f"T {at}", date="2020-01-01T00:00:00") for at in range(1_300)]
    )
    book = make_book(entries, tmp_path)
    walk(book)
    names = [name for name, _ in book.pages()]
    assert [name for name in names if name.startswith("chronology")] == [
        "chronology.xhtml", "chronology.2.xhtml", "chronology.3.xhtml",
    ]  # fmt: skip
    assert max(len(book.read(name)) for name in names if name != "nav.xhtml") < 250_000


def formula(at: int) -> str:
    """A formula whose drawing takes many times the bytes of its markup."""
    letters = "".join(f"<mi>{letter}</mi><mo>+</mo>" for letter in "abcdefgh")
    return f'<p id="f{at}"><math display="inline"><mrow>{letters}<mn>{at}</mn></mrow></math></p>'


@pytest.mark.parametrize(
    "device", ["generic", "kobo", pytest.param("kindle", marks=pytest.mark.judge)]
)
def test_a_body_that_grows_much_still_has_its_files(device: str, tmp_path: Path) -> None:
    many = "<div>" + "".join(map(formula, range(150))) + "</div>"
    book = make_book(entry_set([prepared("a/maths", many)]), tmp_path, device=device)
    assert len([name for name, _ in book.pages() if name.startswith("a.maths")]) == 1
    walk(book)


@pytest.mark.parametrize("device", ["generic", "kobo", "kindle"])
def test_a_body_is_cut_alike_before_and_after_its_links_are_known(
    device: str, tmp_path: Path
) -> None:
    """Bodies of every length around the limit, full of links that the plan does not know."""
    paragraph = '<p><a href="https://b.example/">b</a> ' + "salt " * 180 + "</p>"
    images = f'<p><img src="image:{MISSING}" alt=""/><img src="image:{PHOTO}" alt="p"/></p>'
    entries = [
        prepared(
            f"a/n{count}",
            "<div>" + "".join(
                f'<h2 id="h{at}">H</h2>{paragraph * 10}{images}<p><a href="#h{at % 9}">x</a></p>'
                for at in range(count)
            ) + "</div>",
        )
        for count in range(22, 30)
    ]  # fmt: skip
    cited = (Citation(address="https://b.example/", key="b/two"),)
    book = make_book(
        entry_set(
            [*entries, prepared("b/two", MUD)],
            citations={each.entry.key: cited for each in entries},
        ),
        tmp_path, device=device,
    )  # fmt: skip
    walk(book)
    counts = {
        count: len([name for name, _ in book.pages() if name.startswith(f"a.n{count}.")])
        for count in range(22, 30)
    }
    assert set(counts.values()) == {1, 2}
