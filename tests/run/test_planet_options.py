"""What planets have: three blogs through the command, and what a group may ask of them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from group_feeds import atom, json_feed, rss
from PIL import Image
from running import Ended, command
from server import Server, reply

from convert import prepare, read, select
from convert.errors import UsageError
from convert.text.future import FutureDates


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    """Mira writes much, Tom and Ines little."""
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "mira.xml").write_bytes(atom("mira", (6, 7, 8, 9)))
    (folder / "tom.xml").write_bytes(rss("tom", (1, 2)))
    (folder / "ines.json").write_bytes(json_feed("ines", (3, 4)))
    return folder


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        server["/mira"], server["/tom"] = reply(atom("mira", (6, 7))), reply(rss("tom", (1, 2)))
        server["/ines"] = reply(json_feed("ines", (3, 4)))
        yield server


def ids(*arguments: object) -> list[str]:
    """What is in the feed that the command makes, newest first: "mira 9"."""
    ended = command(*arguments, "--to", "jsonfeed", "-o", "-", "--offline")
    assert ended.code == 0, ended.err
    return [each["title"] for each in json.loads(ended.out)["items"]]


def test_one_prolific_blog_does_not_fill_the_planet(feeds: Path) -> None:
    collection = read(feeds, cache=feeds.parent / "cache")

    def chosen(**words: Any) -> list[str]:
        return [each.title for each in prepare(select(collection, **words))]

    some = ["mira 9", "mira 8", "ines 4", "ines 3", "tom 2", "tom 1"]
    assert chosen(limit=4) == ["mira 9", "mira 8", "mira 7", "mira 6"]
    assert chosen(per_author=2, limit=3) == some[:3]
    assert chosen(per_author=1, author="mira") == ["mira 9"]
    assert ids("export", feeds, "--per-author", 2) == some
    config = feeds.parent / "planet.toml"
    config.write_text(
        "sources = ['feeds']\nselect = { per_author = 2 }\n"
        "[[output]]\nto = 'jsonfeed'\nselect = { per_author = 1 }\n"
    )
    assert ids("build", config) == ["mira 9", "ines 4", "tom 2"]


def test_what_stays_of_duplicates_counts_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "first.xml").write_bytes(atom("mira", (1, 2, 3)))
    again = atom("mira", (3,)).replace(b"urn:mira", b"urn:mirror")
    (tmp_path / "second.xml").write_bytes(again)
    collection = select(read(tmp_path, cache=tmp_path / "cache"), limit=2)
    published = [entry.id for entry in prepare(collection)]
    assert published == ["https://mira.example/3", "https://mira.example/2"]
    assert sorted(entry.id for entry in collection) == sorted([*published, published[0]])


# --- [[feed]] --------------------------------------------------------------------------------


def built(
    folder: Path, text: str, *flags: object, name: str = "planet.toml"
) -> tuple[Ended, list[dict[str, object]]]:
    """What the command makes of a config file: how it ended, and the entries of the feed."""
    (folder / name).write_text(text)
    ended = command(
        "build", folder / name, "--out", folder / "out", "--cache", folder / "cache",
        "--allow-network", "127.0.0.0/8", *flags,
    )  # fmt: skip
    made = folder / "out" / "planet.json"
    return ended, json.loads(made.read_bytes())["items"] if made.exists() else []


def titles(entries: list[dict[str, object]]) -> list[object]:
    return [each["title"] for each in entries]


OUT = "[[output]]\nto = 'jsonfeed'\nname = 'planet'\n"


def test_a_planet_in_one_file(feeds: Path) -> None:
    text = (
        OUT + "[[feed]]\naddress = 'feeds/mira.xml'\nname = 'Mira M.'\nlimit = 2\n"
        "exclude = 'https://mira.example/9'\n"
        "[[feed]]\naddress = 'feeds/tom.xml'\nmatch = ['of tom', '2']\n"
        "[[feed]]\naddress = 'feeds/ines.json'\nsince = '2024-03-15'\n"
    )
    ended, entries = built(feeds.parent, text)
    assert (ended.code, "warning:" in ended.err) == (0, False), ended.err
    assert titles(entries) == ["mira 8", "mira 7", "ines 4", "tom 2"]
    users = [each["_thicket"]["user"] for each in entries]  # type: ignore[index]
    assert users == ["mira-m", "mira-m", "ines", "tom.example"]
    # It is a list as any other: what a feed gave stands in where it fails, and nothing is lost.
    (feeds / "mira.xml").rename(feeds / "mira.off")
    ended, entries = built(feeds.parent, text)
    assert ended.code == 0
    assert "mira.xml: does not exist; what it gave before" in ended.err
    assert titles(entries) == ["mira 8", "mira 7", "ines 4", "tom 2"]
    (feeds / "mira.off").rename(feeds / "mira.xml")
    ended, entries = built(feeds.parent, text.replace("of tom", "of thomas"))
    assert titles(entries) == ["mira 8", "mira 7", "ines 4"]
    assert f"{feeds}/tom.xml: none of its entries is what its [[feed]] selects" in ended.err


def test_a_table_says_more_of_a_feed_that_a_list_or_a_source_names(
    web: Server, tmp_path: Path
) -> None:
    mira, tom, ines = (web.address(f"/{name}") for name in ("mira", "tom", "ines"))
    outline = f"<outline text='Blogs'><outline text='M' xmlUrl='{mira}'/></outline>"
    (tmp_path / "list.opml").write_text(f"<opml><body>{outline}</body></opml>")
    tables = (
        f"[[feed]]\naddress = '{mira}'\nname = 'Mira M.'\ncategory = 'Science/Birds'\nlimit = 1\n"
        f"[[feed]]\naddress = '{tom}#'\nname = 'Tom'\n[[feed]]\naddress = '{ines}'\nlimit = 1\n"
    )
    tables = tables.replace(f"{ines}'", f"{ines.replace('//', '//me:secret@')}'")
    text = f"sources = ['list.opml', '{tom}']\n{OUT}{tables}"
    ended, entries = built(tmp_path, text, "--report", tmp_path / "report.json")
    assert ended.code == 0, ended.err
    assert "secret" not in ended.err + (tmp_path / "report.json").read_text()
    assert titles(entries) == ["mira 7", "ines 4", "tom 2", "tom 1"]
    users = [each["_thicket"]["user"] for each in entries]  # type: ignore[index]
    assert users[0] == "mira-m"
    assert users[2] == "tom"
    assert sorted(each.path for each in web.seen) == ["/ines", "/mira", "/tom"]
    for folder in ("Blogs", "science", "Science/Birds", "birds"):
        _, entries = built(
            tmp_path, f"sources = ['list.opml']\n{OUT}{tables}", "--category", folder
        )
        assert titles(entries) == ["mira 7"], folder
    # What is named instead of the config file's sources is read, and its tables still say of it.
    ended = command(
        "export", tmp_path / "list.opml", "--config", tmp_path / "planet.toml", "-o", "-",
        "--allow-network", "127.0.0.0/8",
    )  # fmt: skip
    assert titles(json.loads(ended.out)["items"]) == ["mira 7"]


def test_entries_that_are_known_by_their_links(feeds: Path) -> None:
    (feeds / "tom.xml").write_bytes(
        rss("tom", (1, 2))
        .replace(b"<guid>", b"<link>http://t.example/")
        .replace(b"</guid>", b"</link><guid isPermaLink='false'>x</guid>")
        .replace(b"/https://tom.example", b"")
    )
    table = "[[feed]]\naddress = 'feeds/tom.xml'\n"
    _, entries = built(feeds.parent, f"{OUT}{table}ids = 'link'\n")
    assert [each["id"] for each in entries] == ["http://t.example/2", "http://t.example/1"]


def test_a_program_says_the_same_of_feeds(feeds: Path) -> None:
    table = {"address": str(feeds / "mira.xml"), "name": "Mira M.", "match": ["mira 6"]}
    said = read(feeds, feeds=[table], cache=feeds.parent / "cache")
    entries = prepare(said)
    assert {each.title for each in entries} == {"mira 6", *USUAL[4:]}
    assert {entries.user(each).name for each in entries if "mira" in each.title} == {"Mira M."}
    with pytest.raises(UsageError, match="lacks address"):
        read(feeds, feeds=[{"name": "Mira"}])


def test_folders_are_categories_of_entries_where_the_user_says_so(feeds: Path) -> None:
    table = "[[feed]]\naddress = 'feeds/tom.xml'\ncategory = 'Science/Birds'\n"
    _, entries = built(feeds.parent, OUT + table)
    assert "tags" not in entries[0]
    _, entries = built(feeds.parent, OUT + table, "--folder-categories")
    assert [each["tags"] for each in entries] == [["Science/Birds"]] * 2
    ended, _ = built(feeds.parent, OUT + table, "--category", "Brids")
    assert ended.code == 2
    assert "no category is called 'Brids'; did you mean Birds" in ended.err


def test_a_store_knows_the_folders_of_its_feeds(web: Server, tmp_path: Path) -> None:
    blogs = "".join(
        f"<outline text='{name}' xmlUrl='{web.address(f'/{name}')}' category='/{folder}'/>"
        for name, folder in (("mira", "Birds"), ("tom", "Town"), ("ines", "Birds"))
    )
    (tmp_path / "list.opml").write_text(f"<opml><body>{blogs}</body></opml>")
    into = ("--to", "thicket", "--into", tmp_path / "store", "--allow-network", "127.0.0.0/8")
    for _ in range(2):
        ended = command("export", tmp_path / "list.opml", *into)
        assert ended.code == 0, ended.err
    assert "1 kept" in ended.err
    entries = ids("export", tmp_path / "store", "--category", "birds")
    assert entries == ["mira 7", "mira 6", "ines 4", "ines 3"]


# --- dates in the future ---------------------------------------------------------------------


RULES: tuple[FutureDates, ...] = ("keep", "ignore_date", "ignore_entry")
USUAL = ["mira 9", "mira 8", "mira 7", "mira 6", "ines 4", "ines 3", "tom 2", "tom 1"]


@pytest.mark.parametrize("kind", ["feeds", "repository"])
def test_entries_of_the_future(kind: str, feeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, field, without = feeds, "updated", ["mira 9", *USUAL[2:], "mira 8"]
    if kind == "feeds":  # where it is the oldest, as entries without a date are
        ahead = (feeds / "mira.xml").read_bytes().replace(b"2024-08", b"2091-08")
        (feeds / "mira.xml").write_bytes(ahead)
    else:
        source, field, without = feeds.parent / "thicket", "published", USUAL
        ended = command("export", feeds, "--to", "thicket", "--out", feeds.parent, "--offline")
        assert ended.code == 0, ended.err
        path = next(source.glob("*/8.json"))
        path.write_text(json.dumps(json.loads(path.read_text()) | {"published": "2091-08-01"}))

    def run(rule: FutureDates, day: str = "1735689600") -> tuple[list[str], list[str]]:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", day)
        prepared = prepare(read(source, future_dates=rule, cache=feeds.parent / "cache"))
        said = [str(each) for each in prepared.problems if "future" in str(each)]
        return [each.title for each in prepared], said

    entries, (line,) = run("keep")
    assert entries == ["mira 8", "mira 9", *USUAL[2:]]
    assert line.endswith(f": {field} of https://mira.example/8: 2091-08-01 is in the future")
    entries, (line,) = run("ignore_date")
    assert entries == without
    assert line.endswith(": taken as if it had no such date (future_dates = ignore_date)")
    entries, (line,) = run("ignore_entry")
    assert entries == ["mira 9", *USUAL[2:]]
    ended = command(
        "export", source, "--to", "jsonfeed", "-o", "-", "--offline", "--future-dates",
        "ignore_entry",
    )  # fmt: skip
    assert titles(json.loads(ended.out)["items"]) == entries
    assert "1 entry is dated in the future: left out (future_dates = ignore_entry)" in ended.err
    assert ended.code == 0
    for rule in RULES:
        assert run(rule, "4000000000") == (["mira 8", "mira 9", *USUAL[2:]], [])


# --- faces -----------------------------------------------------------------------------------


def test_the_face_of_a_table_stands_in_the_book(web: Server, tmp_path: Path) -> None:
    face = io.BytesIO()
    Image.new("RGB", (9, 7), "teal").save(face, "PNG")
    web["/face.png"] = reply(face.getvalue(), "image/png")
    table = f"[[feed]]\naddress = '{web.address('/tom')}'\nicon = '{web.address('/face.png')}'\n"
    text = "[[output]]\nto = 'epub'\nname = 'planet'\nparts = 'author'\n" + table
    ended, _ = built(tmp_path, text)
    assert ended.code == 0, ended.err
    with zipfile.ZipFile(tmp_path / "out" / "planet.epub") as book:
        pictures = [each for each in book.namelist() if each.endswith(".png")]
        pages = "".join(book.read(each).decode() for each in book.namelist() if "part" in each)
        sizes = [Image.open(io.BytesIO(book.read(each))).size for each in pictures]
    assert (9, 7) in sizes
    assert '<p class="icon"><img src="' in pages
