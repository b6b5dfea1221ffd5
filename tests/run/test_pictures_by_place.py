"""Pictures of one name in many places: each entry shows its own, in every format."""

from __future__ import annotations

import io
import itertools
import json
import posixpath
import random
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import pikepdf
import pytest
from group_feeds import lines, run
from PIL import Image, ImageColor
from running import tree

from convert.run.report import RunReport

MEMBERS = ("ada", "bob")
WRITTEN = (
    "<img alt='{}' src='pictures/{}.png'>",
    '<img src="pictures/{1}.png?v=2#x" alt="{0}">',
    "<img alt={} src=./pictures/{}.png>",
    "<img alt='{}' srcset='pictures/{}.png 900w, pictures/none.png 100w'>",
    "<img alt='{}' src=' pictures/{}%2Epng '>",
    "<img alt='{}' data-original='pictures/{}.png'>",
)
"""Ways to write the address of a picture, behind its alternative text."""
_COLOURS = itertools.count(1)


def png() -> bytes:
    """A picture that no other is like."""
    out = io.BytesIO()
    number = next(_COLOURS)
    Image.new("RGB", (9, 9), (number % 251, number // 251, 99)).save(out, "PNG")
    return out.getvalue()


class Place:
    """A repository of two members: pictures of the same names beside entries, at the top, at
    both or at neither."""

    def __init__(self, top: Path, chance: random.Random, count: int) -> None:
        self.top = top
        self.shown: dict[str, str] = {}
        """By the alternative text, unlike any other, what an entry shows: member/name."""
        users = {name: {"username": name, "directory": name} for name in MEMBERS}
        top.mkdir()
        (top / "index.json").write_text(json.dumps({"users": users}))
        for number, member in itertools.product(range(count), MEMBERS):
            name = f"p{number % (count // 2)}"
            alt = f"{top.name}-{member}-{number}"
            self.shown[alt] = f"{member}/{name}"
            body = chance.choice(WRITTEN).format(alt, name)
            entry = {
                "id": f"urn:{alt}",
                # Of one page: their addresses on the web are one, too.
                "link": f"https://{member}.example/{number}",
                "title": f"Entry {alt}",
                "updated": "2024-05-06T00:00:00",
                "content": f"<p>Here {alt} is seen: {body}.</p>",
            }
            (top / member).mkdir(exist_ok=True)
            (top / member / f"{alt}.json").write_text(json.dumps(entry))
        for number, folder in itertools.product(range(count // 2), ("", *MEMBERS)):
            if chance.random() < 0.5:
                path = top / folder / "pictures" / f"p{number}.png"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(png())

    @property
    def pictures(self) -> list[Path]:
        return sorted(self.top.rglob("*.png"))

    def expected(self) -> dict[str, bytes]:
        """By alternative text the bytes: of what lies beside the entry, else of what is at the
        top."""
        found = {}
        for alt, place in self.shown.items():
            member, name = place.split("/")
            for folder in (member, ""):
                path = self.top / folder / "pictures" / f"{name}.png"
                if path.is_file():
                    found[alt] = path.read_bytes()
                    break
        return found


def in_pages(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is shown in the pages of a folder or book that has pages (Markdown, XHTML)."""
    shown = {}
    for path, content in files.items():
        if path.endswith((".md", ".xhtml")):
            page = content.decode()
            for markdown, src, alt in (
                *((True, m[2], m[1]) for m in re.finditer(r"!\[(.+?)\]\((\S+?)\)", page)),
                *((False, m[1], m[2]) for m in re.finditer(r'<img src="(.+?)" alt="(.+?)"', page)),
            ):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), src))
                shown[alt.replace("\\", "") if markdown else alt] = files[target]
    # A cover is nobody's.
    return {alt: content for alt, content in shown.items() if " " not in alt}


def in_book(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        return in_pages({name: book.read(name) for name in book.namelist()})


def in_store(top: Path) -> dict[str, bytes]:
    """What the entries of a store show: beside them, else at the top."""
    shown = {}
    for path in top.glob("*/*.json"):
        body = json.loads(path.read_text())["content"]
        alt = re.search(r"""alt=["']?([\w-]+)""", body)
        src = re.search(r"""(?:src|srcset|original)=["']?\s*([^"'\s>]+)""", body)
        assert alt, body
        assert src, body
        for folder in (path.parent, top):
            picture = folder / unquote(re.split("[?#]", src[1])[0])
            if picture.is_file():
                shown[alt[1]] = picture.read_bytes()
                break
    return shown


def export(folder: Path, places: Sequence[Place], *formats: str, **settings: object) -> RunReport:
    report = run(folder, [each.top for each in places], formats, offline=True, **settings)
    assert report.exit_code == 0, lines(report, "entry")
    return report


def expected(*places: Place) -> dict[str, bytes]:
    return {alt: content for each in places for alt, content in each.expected().items()}


def judge(folder: Path, *places: Place) -> None:
    right = expected(*places)
    out = folder / "out"
    assert in_pages(tree(next(out.glob("*/index.md")).parent)) == right
    assert in_book(next(out.glob("*.epub"))) == right
    assert in_store(next(out.glob("*/index.json")).parent) == right


@pytest.fixture
def two(tmp_path: Path) -> tuple[Place, Place]:
    chance = random.Random(5)
    return Place(tmp_path / "one", chance, 8), Place(tmp_path / "two", chance, 8)


def test_each_entry_shows_its_own(tmp_path: Path, two: tuple[Place, Place]) -> None:
    formats = ("markdown", "epub", "thicket")
    export(tmp_path, two, *formats)
    assert 10 < len(expected(*two)) <= 32
    judge(tmp_path, *two)
    for place in two:
        place.pictures[0].write_bytes(png())
        hiding = (each for each in place.pictures if (place.top / "pictures" / each.name).is_file())
        next(each for each in hiding if each.parent.parent != place.top).unlink()
    export(tmp_path, two, *formats)
    judge(tmp_path, *two)
    # What is warm is what is cold.
    (tmp_path / "other").mkdir()
    export(tmp_path / "other", two, *formats)
    assert tree(tmp_path / "out") == tree(tmp_path / "other" / "out")


@pytest.mark.slow
def test_a_book_in_print_shows_both_and_does_not_tell_where_they_lie(tmp_path: Path) -> None:
    books = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        for each in ("one", "two"):
            top = folder / each
            (top / "ada" / "pictures").mkdir(parents=True)
            (top / "index.json").write_text('{"users": {"ada": {"username": "ada"}}}')
            colour = {"one": "navy", "two": "coral"}[each]
            Image.new("RGB", (9, 9), colour).save(top / "ada" / "pictures" / "p.png")
            entry = {"id": f"urn:{each}", "title": each, "updated": "2024-05-06T00:00:00"}
            entry["content"] = f"<p>{each} <img src='pictures/p.png' alt='p'></p>"
            (top / "ada" / f"{each}.json").write_text(json.dumps(entry))
        run(folder, [folder / "one", folder / "two"], ("pdf",), offline=True, name="book")
        books.append(folder / "out" / "book.pdf")
    with pikepdf.open(books[0]) as book:
        shown = {
            pikepdf.PdfImage(each).as_pil_image().convert("RGB").getpixel((0, 0))
            for each in book.objects
            if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"
        }
    assert shown == {ImageColor.getrgb(each) for each in ("navy", "coral")}
    assert books[0].read_bytes() == books[1].read_bytes()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 30))]
)
def test_a_store_renews_what_its_own_entries_show(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    one, two = (Place(tmp_path / name, chance, 6) for name in ("one", "two"))
    top = tmp_path / "store"
    mine = top / "ada" / "pictures" / "mine.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    (top / "index.json").write_text('{"users": {}}')
    for _ in range(3):
        # Together, or one after the other, as two jobs would.
        for places in chance.choice(([[one, two]], [[one], [two]], [[two], [one]])):
            export(tmp_path, places, "thicket", into=top)
            assert in_store(top).items() >= expected(*places).items()
        assert in_store(top).items() >= expected(one, two).items()
        before = tree(top)
        export(tmp_path, places, "thicket", into=top)
        assert tree(top) == before
        for place in (one, two):
            for path in place.pictures:
                if chance.random() < 0.4:
                    path.write_bytes(png())
    assert mine.read_bytes() == b"mine"


def test_a_picture_that_has_gone_stays_where_its_entry_shows_it(tmp_path: Path) -> None:
    top, out = tmp_path / "group", tmp_path / "out"
    for number, member in enumerate(MEMBERS):
        (top / member / "pictures").mkdir(parents=True)
        (top / member / "pictures/q.png").write_bytes(png())
        body = "<p>Some text <img src='pictures/q.png'></p>"
        entry = {"id": f"urn:{member}", "title": member, "updated": "2024-01-01", "content": body}
        (top / member / "1.json").write_text(json.dumps(entry | {"title": f"T{number}"}))
    users = {name: {"username": name, "directory": name} for name in MEMBERS}
    (top / "index.json").write_text(json.dumps({"users": users}))
    for formats in (("thicket",), ("thicket", "markdown")):
        assert run(tmp_path, [top], formats).problems == ()
    before = tree(out)
    (top / "ada/pictures/q.png").unlink()
    entry = json.loads((top / "bob/1.json").read_text())
    (top / "bob/1.json").write_text(json.dumps(entry | {"content": f"New: {body}"}))
    report = run(tmp_path, [top], ("thicket", "markdown"))
    assert (report.exit_code, report.counts.removed) == (0, 0)
    after = tree(out)
    assert {path for path in before if before[path] != after[path]} == {
        "thicket/bob/1.json", *(path for path in before if "/bob/" in path and path.endswith("md"))
    }  # fmt: skip
    # What somebody edited stays, and is none of what we make.
    (out / "thicket/ada/pictures/q.png").write_bytes(b"mine")
    report = run(tmp_path, [top], ("thicket",))
    assert report.units[0].edited == ("thicket/ada/pictures/q.png",)
    (out / "thicket/ada/pictures/q.png").write_bytes(before["thicket/ada/pictures/q.png"])
    (top / "ada/1.json").write_text((top / "ada/1.json").read_text().replace("<img", "<i"))
    report = run(tmp_path, [top], ("thicket",))
    assert report.units[0].removed == ("thicket/ada/pictures/q.png",)


@pytest.mark.parametrize("updated", [False, True])
def test_a_picture_under_its_digest_that_has_gone_stays_too(updated: bool, tmp_path: Path) -> None:
    """Two repositories had one at the same place; then one of them, or both, have none."""
    tops = [tmp_path / "one", tmp_path / "two"]
    for top in tops:
        (top / "ada/pictures").mkdir(parents=True)
        (top / "ada/pictures/q.png").write_bytes(png())
        body = f"<p>Of {top.name} <img src='pictures/q.png'></p>"
        entry = {"id": f"urn:{top.name}", "title": top.name, "updated": "2024-01-01"}
        (top / "ada" / f"{top.name}.json").write_text(json.dumps(entry | {"content": body}))
    into = {"into": tmp_path / "store"} if updated else {}
    store = tmp_path / ("store" if updated else "out")

    def runs(*gone: Path) -> dict[str, bytes]:
        for each in gone:
            (each / "ada/pictures/q.png").unlink()
        assert run(tmp_path, tops, ("thicket",), **into).exit_code == 0
        return tree(store)

    before = runs()
    assert len([path for path in before if path.endswith(".png")]) == 2
    assert runs(tops[1]) == before
    assert runs(tops[0]) == before
