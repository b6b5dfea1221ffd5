"""A source, its pictures and the cache fail: books that are made anew have the pictures."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from group_feeds import FEEDS, atom, lines, listed, run
from PIL import Image
from running import tree
from server import Server, reply

from convert.cache.files import seal
from convert.output import kept_pictures
from convert.output.copies import COPIES

FORMATS = ("epub", "markdown")
TODAY = f"{dt.datetime.now(dt.UTC).date()}"


def png(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "PNG")
    return content.getvalue()


class Group:
    """Three feeds in a list; each entry of the first shows a picture."""

    def __init__(self, web: Server, folder: Path) -> None:
        self.web = web
        self.folder = folder
        self.list = listed(folder, [web.address(each) for each in FEEDS])
        for number, colour in ((1, "teal"), (2, "coral")):
            web[f"/{number}.png"] = reply(png(colour), "image/png")
        for path, (name, form) in FEEDS.items():
            web[path] = reply(form(name, (2, 1)))
        self.show((2, 1))

    def show(self, numbers: Sequence[int]) -> None:
        feed = atom("mira", numbers)
        for number in numbers:
            image = f'&lt;img src="{self.web.address(f"/{number}.png")}">'.encode()
            feed = feed.replace(f"Text {number} ".encode(), image + f"Text {number} ".encode())
        self.web["/mira.atom"] = reply(feed)

    def fail(self) -> None:
        """The cache, the feed and its pictures are gone; another feed has news."""
        shutil.rmtree(self.folder / "cache", ignore_errors=True)
        for path in ("/mira.atom", "/1.png", "/2.png"):
            self.web[path] = reply(b"", status=503)
        self.web["/tom.rss"] = reply(FEEDS["/tom.rss"][1]("tom", (3, 2, 1)))

    def kept(self) -> dict[str, Path]:
        """The files of the pictures, by digest."""
        stem = ".thicket-convert-picture-"
        found = (self.folder / "out" / COPIES).glob(f"{stem}*")
        return {each.name.removeprefix(stem): each for each in found}

    def pictures(self) -> list[bytes]:
        """Those in the book, however they are called."""
        with zipfile.ZipFile(self.folder / "out" / "group.epub") as book:
            names = [each for each in book.namelist() if "/images/" in each]
            return sorted(book.read(each) for each in names)


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    with Server() as web:
        yield Group(web, tmp_path)


def test_a_book_that_is_made_anew_has_them(group: Group) -> None:
    run(group.folder, [group.list], FORMATS)
    before = group.pictures()
    assert len(before) == 2
    images = {k: v for k, v in tree(group.folder / "out").items() if "/images/" in k}
    group.fail()
    for settings in ({}, {"offline": True}):
        report = run(group.folder, [group.list], FORMATS, **settings)
        assert report.exit_code == 0
        assert group.pictures() == before
        after = tree(group.folder / "out")
        assert {k: v for k, v in after.items() if "/images/" in k} == images
        if not settings:
            assert any(b"tom 3" in each for each in after.values())
            told = [each for each in lines(report, "warning") if ".png" in each]
            assert len(told) == 2
            for line in told:
                assert "503 Service Unavailable; the one that was kept is used, last had" in line
                assert line.endswith(f"on {TODAY}")
        shutil.rmtree(group.folder / "cache")


def test_they_are_the_files_of_the_cache_where_they_can_be(group: Group) -> None:
    run(group.folder, [group.list], FORMATS)
    cache = group.folder / "cache" / "originals-1"
    for digest, path in group.kept().items():
        assert path.samefile(cache / digest[:2] / digest)
    before = {path.name: path.stat().st_mtime_ns for path in group.kept().values()}
    run(group.folder, [group.list], FORMATS)
    assert {path.name: path.stat().st_mtime_ns for path in group.kept().values()} == before


def test_they_are_copied_from_another_file_system(group: Group) -> None:
    there = Path("/dev/shm")
    if not os.access(there, os.W_OK) or there.stat().st_dev == group.folder.stat().st_dev:
        pytest.skip("there is no second file system to write to")
    with tempfile.TemporaryDirectory(dir=there) as cache:
        run(group.folder, [group.list], FORMATS, cache=Path(cache))
    before = group.pictures()
    group.fail()
    run(group.folder, [group.list], FORMATS)
    assert group.pictures() == before


def test_what_no_copy_names_goes(group: Group) -> None:
    run(group.folder, [group.list], FORMATS)
    assert len(group.kept()) == 2
    # A run that embeds none knows nothing of pictures, and forgets none.
    run(group.folder, [group.list], ("atom",))
    assert len(group.kept()) == 2
    group.show((2,))
    run(group.folder, [group.list], FORMATS)
    assert len(group.kept()) == 1


def test_damage_is_a_warning_and_mended_by_the_next_good_run(group: Group) -> None:
    run(group.folder, [group.list], FORMATS)
    (first, one), (second, other) = sorted(group.kept().items())
    one.unlink()
    one.write_bytes(b"damage")
    # Whole, but not what its name says.
    other.unlink()
    other.write_bytes(seal(second, png("black")) + png("black"))
    group.fail()
    report = run(group.folder, [group.list], FORMATS)
    assert group.pictures() == []
    damaged = [each for each in lines(report, "warning") if "is damaged, and not used" in each]
    assert sorted(each.partition(":")[0] for each in damaged) == [str(one), str(other)]
    assert sum("its alt text and a link stand in" in each for each in lines(report, "warning")) == 2
    Group(group.web, group.folder)
    run(group.folder, [group.list], FORMATS)
    assert set(group.kept()) == {first, second}
    assert len(group.pictures()) == 2


def test_they_are_bounded(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pictures, "LIMIT", len(png("teal")) + 60)
    report = run(group.folder, [group.list], FORMATS)
    assert len(group.kept()) == 1
    assert any("not all pictures are kept" in each for each in lines(report, "warning"))


def test_those_of_a_source_that_is_alone_are_kept(group: Group) -> None:
    run(group.folder, [group.web.address("/mira.atom")], FORMATS)
    before = tree(group.folder / "out")
    group.fail()
    for each in (group.folder / "out").glob("*.epub"):
        each.unlink()
    report = run(group.folder, [group.web.address("/mira.atom")], FORMATS)
    assert (report.exit_code, tree(group.folder / "out")) == (0, before)


def test_those_of_a_repository_that_is_gone(group: Group) -> None:
    top = group.folder / "shore"
    (top / "ann").mkdir(parents=True)
    (top / "ann" / "tide.png").write_bytes(png("navy"))
    stored = (
        '{"id": "urn:1", "updated": "2024-05-06", "title": "T", "content": "<img src=tide.png>"}'
    )
    (top / "ann" / "1.json").write_text(stored)
    sources = [group.list, top]
    run(group.folder, sources, FORMATS)
    before = group.pictures()
    assert len(before) == 3
    top.rename(group.folder / "away")
    group.fail()
    assert run(group.folder, sources, FORMATS).exit_code == 0
    assert group.pictures() == before
