"""Lists of feeds, in OPML and in a config file: what they say of feeds holds, whoever fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree
from running import Ended, command

from convert.settings import feed_tables
from convert.sources.opml import outlines
from convert.text.dates import today

CAT = "https://cat.example/feed.json"


def feed(name: str, *days: int) -> str:
    address = f"https://{name}.example/"
    entries = [
        {"id": f"{address}{day}", "url": f"{address}{day}", "title": f"{name} {day}",
         "content_text": f"of {name}", "date_published": f"2024-03-{day:02}T00:00:00Z"}
        for day in days
    ]  # fmt: skip
    version = "https://jsonfeed.org/version/1.1"
    stated = {"title": name.title(), "feed_url": f"{address}feed.json", "items": entries}
    return json.dumps({"version": version} | stated)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the feeds of Ann, Bob and Cat, in which commands run."""
    monkeypatch.chdir(tmp_path)
    for name in ("ann", "bob", "cat"):
        (tmp_path / f"{name}.json").write_text(feed(name, 1, 2))
    return tmp_path


def run(*arguments: object) -> Ended:
    return command(*arguments, "--cache", "cache", "--offline", cwd=Path.cwd())


def built(text: str, *to: str, flags: tuple[object, ...] = ()) -> Ended:
    outputs = "".join(f"[[output]]\nto = '{each}'\nname = 'g'\n" for each in to)
    Path("g.toml").write_text(f"{text}\n{outputs}")
    return run("build", "g.toml", "--out", "o", *flags)


def table(address: str, more: str = "") -> str:
    return f"[[feed]]\naddress = '{address}'\n{more}\n"


def listed(file: str | Path) -> Mapping[str, str]:
    """The addresses of an OPML list, and the outline around each."""
    found = etree.parse(file).iterfind(".//outline[@xmlUrl]")
    return {each.get("xmlUrl", ""): str(each.xpath("string(../@text)")) for each in found}


def titles() -> list[str]:
    return [each["title"] for each in json.loads(Path("o/g.json").read_bytes())["items"]]


def test_a_file_of_a_table_lies_where_it_says(place: Path) -> None:
    ended = built(table("cat.json"), "opml", "atom")
    assert (ended.code, "warning:" in ended.err) == (0, False), ended.err
    assert listed("o/g.opml") == {CAT: "Cat"}
    source = etree.parse("o/g.atom").find(".//{*}entry/{*}source")
    assert source is not None
    assert [each.get("href") for each in source.iterfind("{*}link[@rel='self']")] == [CAT]
    ended = built(table("cat.json"), "thicket", flags=("--into", "store"))
    assert ended.code == 0, ended.err
    (user,) = json.loads(Path("store/index.json").read_bytes())["users"].values()
    assert user["feeds"] == [CAT]


SCIENCE = (
    '<opml version="2.0"><body><outline text="Science"><outline type="rss" text="Bob"'
    ' xmlUrl="https://bob.example/rss"/></outline></body></opml>'
)


def test_a_list_whose_feeds_all_fail_is_believed(place: Path) -> None:
    (place / "science.opml").write_text(SCIENCE)
    arguments = ("--to", "opml", "--out", "o", "--name", "g")
    ended = run("export", "science.opml", "cat.json", *arguments)
    assert (ended.code, ended.err.count("source failed: ")) == (1, 1), ended.err
    assert listed("o/g.opml") == {"https://bob.example/rss": "Science", CAT: "Cat"}
    before = Path("o/g.opml").read_bytes()
    ended = run("export", "science.opml", *arguments)
    assert (ended.code, Path("o/g.opml").read_bytes()) == (3, before), ended.err
    assert "its one feed could not be read" in ended.err


@pytest.mark.parametrize("others", ["", "sources = ['cat.json']\n"])
def test_what_a_list_names_no_more_is_not_published_again(place: Path, others: str) -> None:
    assert built(others + table("ann.json") + table("bob.json"), "jsonfeed").code == 0
    before = titles()
    ended = built(others + table("gone.atom"), "jsonfeed")
    if others:
        assert (ended.code, titles()) == (1, ["cat 2", "cat 1"]), ended.err
        assert "ann.json: is not among the sources any more: 2 entries of it leave" in ended.err
    else:
        assert (ended.code, titles()) == (3, before), ended.err
        assert "what it gave before" not in ended.err


@pytest.mark.parametrize("more", ["match = 'zebra'", "limit = 0", "since = 2030-01-01"])
def test_a_table_that_lets_nothing_through_empties_no_planet(place: Path, more: str) -> None:
    cat = table("cat.json", more)
    ended = built(cat, "jsonfeed")
    assert (ended.code, Path("o/g.json").exists()) == (3, False), ended.err
    assert "of cat.json) holds nothing" in ended.err
    assert built(table("cat.json"), "jsonfeed").code == 0
    assert (built(cat, "jsonfeed").code, titles()) == (3, ["cat 2", "cat 1"])
    ended = built(cat, "jsonfeed", flags=("--allow-empty",))
    assert (ended.code, titles()) == (0, [])
    assert "cat.json: none of its entries is what its [[feed]] selects" in ended.err


def test_what_a_table_leaves_out_and_is_not_there_is_named(place: Path) -> None:
    more = "exclude = ['urn:nope', 'https://cat.example/1']\nexclude_author = 'Zoe'"
    ended = built(table("ann.json", "limit = 0") + table("cat.json", more), "jsonfeed")
    assert (ended.code, titles()) == (0, ["cat 2"]), ended.err
    lines = [each for each in ended.err.splitlines() if each.startswith("warning:")]
    assert [each.partition(";")[0] for each in lines] == [
        "warning: ann.json: none of its entries is what its [[feed]] selects",
        "warning: cat.json: [[feed]]: no author is called 'Zoe'",
        "warning: cat.json: [[feed]]: no entry is called 'urn:nope'",
    ]


@pytest.mark.parametrize("source", ["cat.json", "folder", "many"])
def test_a_table_says_all_of_a_file_that_states_its_address(place: Path, source: str) -> None:
    for folder, names in {"folder": ["cat"], "many": ["ann", "cat"]}.items():
        (place / folder).mkdir()
        for name in names:
            (place / folder / f"{name}.json").write_text(feed(name, 1, 2))
    said = table(CAT, "name = 'Cat R'\ncategory = 'X/Y'\nlimit = 1")
    ended = built(f"sources = ['{source}']\n{said}", "jsonfeed", "opml")
    assert (ended.code, "failed: " in ended.err) == (0, False), ended.err
    assert [each for each in titles() if "cat" in each] == ["cat 2"]
    assert listed("o/g.opml")[CAT] == "Y"
    entries = json.loads(Path("o/g.json").read_bytes())["items"]
    assert "cat-r" in {each["_thicket"]["user"] for each in entries}


@pytest.mark.parametrize(
    "spelled",
    ["HTTP://cat.example/feed", "feed://cat.example/feed", "Feed:HTTP://cat.example/feed"],
)
def test_a_table_takes_the_addresses_that_a_list_takes(spelled: str) -> None:
    (request,) = feed_tables.read([{"address": spelled}], Path(), today())
    (outline,) = outlines.read(
        SCIENCE.replace("https://bob.example/rss", spelled).encode()
    ).outlines
    assert request.feed.address == outline.address == "http://cat.example/feed"


def test_a_face_that_cannot_be_had_is_named_with_its_feed(place: Path) -> None:
    ended = built(table("cat.json", "icon = 'https://cat.example/face.png'"), "epub")
    (line,) = (each for each in ended.err.splitlines() if "face.png" in each)
    assert line.startswith(f"warning: {CAT}: image: https://cat.example/face.png "), ended.err
    assert (ended.code, line.endswith("made anew, it is left out")) == (0, True), ended.err
    assert "index.json" not in ended.err
    # Markdown embeds pictures and shows no faces: nothing looks for one.
    ended = built(table("cat.json", "icon = 'https://cat.example/face.png'"), "markdown")
    assert (ended.code, "face.png" in ended.err) == (0, False), ended.err


def test_entries_that_share_a_link_are_named_with_it(place: Path) -> None:
    shared = feed("cat", 1, 2).replace(
        '"url": "https://cat.example/2"', '"url": "https://cat.example/1"'
    )
    (place / "cat.json").write_text(shared)
    ended = built(table("cat.json"), "jsonfeed")
    first, second = (f"https://cat.example/{day}" for day in (1, 2))
    either = (
        f"link of {a}: same link ({first}) as cat.json ({b})"
        for a, b in ((first, second), (second, first))
    )
    assert any(each in ended.err for each in either), ended.err
