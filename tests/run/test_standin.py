"""What a source gave before stays in the outputs when it fails, whatever the way and the format."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import socket
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from group_feeds import FEEDS, FORMATS, REGISTRY, atom, json_feed, lines, listed, rss, run
from lxml import etree
from PIL import Image
from running import tree
from server import Answer, Server, certificate, hang, redirect, reply

from convert import errors
from convert.output.copies import COPIES
from convert.run import driver
from convert.settings import config_file, periods
from convert.settings.job import OutputRequest, Selection
from convert.web.fetcher import HttpFetcher

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        for path, (name, form) in FEEDS.items():
            server[path] = reply(form(name, (2, 1)))
        yield server


def refused() -> str:
    """The address of a port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


FAULTS: dict[str, tuple[Callable[[bytes], Answer], str]] = {
    "404": (lambda _: reply(b"", status=404), "404 Not Found"),
    "500": (lambda _: reply(b"", status=500), "500 Internal Server Error"),
    "silence": (lambda _: hang(5), "no whole answer within 0.5 s"),
    "page": (lambda _: reply(b"<!doctype html><p>Sold."), "is a web page, not a feed"),
    "nothing": (lambda _: reply(b""), "is empty"),
    "garbage": (lambda _: reply(bytes(range(256))), ""),
    "no entries": (
        lambda _: reply(b"<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title></feed>"),
        "holds no entry any more",
    ),
    "cut": (lambda content: reply(content[: len(content) * 3 // 4]), ""),
    "cut in the head": (lambda content: reply(content[:60]), ""),
}


@pytest.mark.parametrize(
    "path",
    [
        "/tom.rss",
        *(pytest.param(each, marks=pytest.mark.slow) for each in FEEDS if "rss" not in each),
    ],
)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_feed_gave_stays(
    fault: str, path: str, web: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "HttpFetcher", partial(HttpFetcher, seconds=0.5))
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    assert run(tmp_path, [group]).exit_code == 0
    before = tree(tmp_path / "out")
    shutil.rmtree(tmp_path / "cache")
    name, form = FEEDS[path]
    answer, reason = FAULTS[fault]
    web[path] = answer(form(name, (2, 1)))
    report = run(tmp_path, [group])
    assert tree(tmp_path / "out") == before
    assert report.exit_code == 0
    assert not lines(report, "entry")
    (line,) = lines(report, "warning")
    assert line.startswith(f"{web.address(path)}: {reason}")
    assert "less than a day ago" in line
    web[path] = reply(form(name, (3, 2, 1)))
    assert run(tmp_path, [group]).exit_code == 0
    after = tree(tmp_path / "out")
    assert f"{name} 3".encode() in after["group.atom"]
    assert f"{name} 1".encode() in after["group.atom"]


@pytest.mark.parametrize("fault", ["page", "nothing", "garbage", "no entries", "cut"])
def test_what_a_feed_in_a_folder_gave_stays(fault: str, web: Server, tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    for path, (name, form) in FEEDS.items():
        (folder / path[1:].replace("/", "-")).write_bytes(form(name, (2, 1)))
    assert run(tmp_path, [str(folder)]).exit_code == 0
    before = tree(tmp_path / "out")
    web["/x"] = FAULTS[fault][0]((folder / "tom.rss").read_bytes())
    with urllib.request.urlopen(web.address("/x")) as answer:
        (folder / "tom.rss").write_bytes(answer.read())
    report = run(tmp_path, [str(folder)])
    assert (report.exit_code, tree(tmp_path / "out")) == (0, before)
    (line,) = lines(report, "warning")
    assert "tom.rss: " in line


def test_offline_without_a_cache(web: Server, tmp_path: Path) -> None:
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    run(tmp_path, [group])
    before = tree(tmp_path / "out")
    report = run(tmp_path, [group], offline=True, cache=tmp_path / "empty")
    assert (report.exit_code, tree(tmp_path / "out")) == (0, before)


def test_a_book_keeps_the_pictures_that_cannot_be_had(web: Server, tmp_path: Path) -> None:
    image = web.address("/pic.png")
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
    web["/pic.png"] = reply(picture.getvalue(), "image/png")
    shown = atom("mira", (2, 1)).replace(b"Text 1", f'&lt;img src="{image}">Text 1'.encode())
    web["/mira.atom"] = reply(shown)
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    run(tmp_path, [group], ("epub", "markdown", "atom"))
    before = tree(tmp_path / "out")
    assert any(each.startswith("markdown/images/") for each in before)
    for settings in ({"offline": True}, {}):
        shutil.rmtree(tmp_path / "cache")
        web["/pic.png"] = reply(b"", status=404)
        report = run(tmp_path, [group], ("epub", "markdown", "atom"), **settings)
        assert (report.exit_code, tree(tmp_path / "out")) == (0, before)
        assert any("pic.png" in each for each in lines(report, "warning"))
    web["/mira.atom"] = reply(shown.replace(b"Text 1", b"Text 9"))
    run(tmp_path, [group], ("epub", "markdown", "atom"))
    assert tree(tmp_path / "out")["group.epub"] != before["group.epub"]


def test_a_certificate_or_a_port_that_fails(web: Server, tmp_path: Path) -> None:
    try:
        ours = certificate(tmp_path)
    except OSError:
        pytest.skip("OpenSSL is not installed")
    with Server(tls=ours.server) as secure:
        gone, untrusted = f"{refused()}/feed", secure.address("/feed")
        group = listed(tmp_path, [gone, untrusted, web.address("/mira.atom")])
        report = run(tmp_path, [group], ("atom", "opml"))
    assert report.exit_code == 1
    first, second = lines(report, "entry")
    assert first.startswith(f"{gone}: cannot be connected to: Connection refused")
    assert second.startswith(f"{untrusted}: TLS: self")
    # The list stays whole, with what its outlines say.
    content = (tmp_path / "out/group.opml").read_text()
    assert all(address in content for address in (gone, untrusted, web.address("/mira.atom")))
    assert 'text="feed"' in content


@pytest.mark.parametrize("formats", [("opml",), ("opml", "atom", "markdown", "jsonfeed")])
@pytest.mark.parametrize("path", FEEDS)
def test_the_list_names_its_members_also_where_they_fail(
    path: str, formats: tuple[str, ...], web: Server, tmp_path: Path
) -> None:
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    first = group.read_text()
    name = path.removeprefix("/")
    renamed = first.replace(f"text='{name}'", "text='New Name' htmlUrl='https://new.example/'")
    group.write_text(renamed)
    run(tmp_path, [group], formats, name="group")
    alive = tree(tmp_path / "out")
    assert b"New Name" in alive["group.opml"]
    shutil.rmtree(tmp_path / "out")
    group.write_text(first)
    run(tmp_path, [group], formats, name="group")
    assert tree(tmp_path / "out") != alive
    shutil.rmtree(tmp_path / "cache")
    group.write_text(renamed)
    web[path] = reply(b"", status=500)
    assert run(tmp_path, [group], formats, name="group").exit_code == 0
    after = tree(tmp_path / "out")
    assert after["group.opml"] == alive["group.opml"]
    assert all(alive[each] == after[each] for each in alive)


def test_the_file_that_was_named(web: Server, tmp_path: Path) -> None:
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    file = tmp_path / "site" / "all.atom"
    file.parent.mkdir()
    request = config_file.output_request("atom", REGISTRY, {})
    outputs = (OutputRequest(to="atom", options=request.options, file=str(file)),)
    run(tmp_path, [group], (), outputs=outputs)
    before = file.read_bytes()
    shutil.rmtree(tmp_path / "cache")
    web["/tom.rss"] = reply(b"", status=410)
    report = run(tmp_path, [group], (), outputs=outputs)
    assert (report.exit_code, file.read_bytes()) == (0, before)
    assert not (tmp_path / "out").exists()


def test_the_store_is_a_home_of_its_own(web: Server, tmp_path: Path) -> None:
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    store = tmp_path / "store"
    run(tmp_path, [group], ("thicket",), into=store)
    before = tree(store)
    for answer in (reply(b"", status=404), reply(atom("mira", ())), reply(b"", status=404)):
        shutil.rmtree(tmp_path / ("out" if (tmp_path / "out").exists() else "cache"))
        web["/mira.atom"] = answer
        report = run(tmp_path, [group], ("thicket", "atom"), into=store)
        assert (report.exit_code, tree(store)) == (0, before)
        assert "mira 1" in (tmp_path / "out/group.atom").read_text()
    assert not (store / COPIES).exists()


def test_the_store_knows_what_feeds_say_of_themselves(web: Server, tmp_path: Path) -> None:
    said = (
        b"<title>mira's</title>",
        b"<title>Mira by the Sea</title><subtitle>Tides, mostly</subtitle><rights>CC0</rights>",
    )
    web["/mira.atom"] = reply(atom("mira", (2, 1)).replace(*said))
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    formats = ("thicket", "atom", "opml", "jsonfeed")
    run(tmp_path, [group], formats, into=tmp_path / "store")
    store, before = tree(tmp_path / "store"), tree(tmp_path / "out")
    assert b'description="Tides, mostly"' in before["group.opml"]
    for _ in range(2):
        # A new machine, which has the store alone.
        shutil.rmtree(tmp_path / "cache")
        shutil.rmtree(tmp_path / "out")
        web["/mira.atom"] = reply(b"", status=410)
        run(tmp_path, [group], formats, into=tmp_path / "store")
        after = tree(tmp_path / "out")
        assert after["group.opml"] == before["group.opml"]
        assert all(each in after["group.atom"] for each in (b"Mira by the Sea", b"Tides, mostly"))
        assert tree(tmp_path / "store") == store
    # The store as the source, and as it is written again.
    run(tmp_path, [tmp_path / "store"], ("opml", "thicket"), out=tmp_path / "again")
    again = tree(tmp_path / "again")
    assert b'description="Tides, mostly"' in again["store.opml"]
    assert again["thicket/index.json"] == store["index.json"]
    # What feeds say of themselves now goes before what they said.
    web["/mira.atom"] = reply(atom("mira", (2, 1)).replace(*said).replace(b"mostly", b"always"))
    run(tmp_path, [group], formats, into=tmp_path / "store")
    assert b"Tides, always" in tree(tmp_path / "store")["index.json"]


def _atom_of_carol() -> bytes:
    return (
        atom("carol", (2, 1))
        .replace(b"urn:carol", b"https://carol.example/")
        .replace(b"<updated>2024-06", b"<author><name>Real carol</name></author><updated>2024-06")
    )


def _json_of_carol() -> bytes:
    feed = json.loads(json_feed("carol", (2, 1)))
    feed |= {"home_page_url": "https://carol.example/", "feed_url": "https://carol.example/f.json"}
    return json.dumps(
        feed | {"authors": [{"name": "Real carol", "url": "https://c.example/"}]}
    ).encode()


def _rss_of_carol() -> bytes:
    return rss("carol", (2, 1))


@pytest.mark.parametrize("feed", [_atom_of_carol, _json_of_carol, _rss_of_carol])
def test_what_is_made_from_a_store_says_what_the_feeds_said(
    web: Server, tmp_path: Path, feed: Callable[[], bytes]
) -> None:
    web["/carol"] = reply(feed())
    formats = ("thicket", "opml", "atom", "jsonfeed")
    words: dict[str, object] = {"into": tmp_path / "store", "name": "group", "title": "Group"}
    run(tmp_path, [web.address("/carol"), web.address("/tom.rss")], formats, **words)
    before = tree(tmp_path / "out")
    run(tmp_path, [tmp_path / "store"], formats, name="group", title="Group", out=tmp_path / "o")
    after = tree(tmp_path / "o")
    for name, path in (("opml", "body/*"), ("atom", "{*}entry/{*}source")):
        first, second = (
            etree.fromstring(files[f"group.{name}"]).findall(path) for files in (before, after)
        )
        assert first
        for one, other in zip(first, second, strict=True):
            if one.find("{*}author") is None:  # then the member is
                for author in other.findall("{*}author"):
                    other.remove(author)
            assert etree.tostring(one) == etree.tostring(other)
    assert after["thicket-group/index.json"] == (tmp_path / "store/index.json").read_bytes()


def test_a_new_feed_that_never_answered(web: Server, tmp_path: Path) -> None:
    group = listed(tmp_path, [web.address("/mira.atom"), web.address("/new.atom")])
    report = run(tmp_path, [group])
    assert report.exit_code == 1
    assert lines(report, "entry") == [f"{web.address('/new.atom')}: 404 Not Found"]
    assert b"mira 1" in (tmp_path / "out/group.atom").read_bytes()


def test_a_feed_that_shows_fewer_entries_is_believed(web: Server, tmp_path: Path) -> None:
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    run(tmp_path, [group])
    web["/mira.atom"] = reply(atom("mira", (2,)))
    assert run(tmp_path, [group]).problems == ()
    assert b"mira 1" not in (tmp_path / "out/group.atom").read_bytes()


def test_any_source_among_several(web: Server, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    (repository / "ann").mkdir(parents=True)
    index = {"users": {"ann": {"directory": "ann", "display_name": "Ann"}}}
    (repository / "index.json").write_text(json.dumps(index))
    for number in (1, 2):
        stored = {"id": f"urn:{number}", "updated": "2024-05-06", "title": f"Ann {number}"}
        (repository / f"ann/{number}.json").write_text(json.dumps(stored))
    group = listed(tmp_path, [web.address("/tom.rss"), web.address("/ines.json")])
    sources = [repository, web.address("/mira.atom"), group]
    assert run(tmp_path, sources).exit_code == 0
    before = tree(tmp_path / "out")
    assert b"Ann 2" in before["repository.atom"]
    shutil.rmtree(tmp_path / "cache")
    web["/mira.atom"] = reply(b"", status=404)
    repository.rename(tmp_path / "elsewhere")
    group.rename(tmp_path / "list")
    report = run(tmp_path, sources)
    assert (report.exit_code, tree(tmp_path / "out")) == (0, before)
    assert sorted(each.partition("; ")[0] for each in lines(report, "warning")) == sorted(
        [
            f"{repository}: does not exist",
            f"{web.address('/mira.atom')}: 404 Not Found",
            f"{group}: does not exist",
        ]
    )
    assert not all(each.complete for each in report.inputs)


def test_a_source_that_is_alone_fails(web: Server, tmp_path: Path) -> None:
    source = web.address("/mira.atom")
    run(tmp_path, [source])
    before = tree(tmp_path / "out")
    shutil.rmtree(tmp_path / "cache")
    web["/mira.atom"] = reply(b"", status=404)
    report = run(tmp_path, [source])
    assert (report.exit_code, tree(tmp_path / "out")) == (0, before)
    (line,) = lines(report, "warning")
    assert line.startswith(f"{source}: 404 Not Found; what it gave before is used")
    shutil.rmtree(tmp_path / "out" / COPIES)
    with pytest.raises(errors.SourceError, match="404 Not Found"):
        run(tmp_path, [source])
    assert tree(tmp_path / "out") == before


@pytest.mark.parametrize("kind", ["list", "feed", "file", "repository"])
def test_one_source_grows_to_two_while_it_is_dead(kind: str, web: Server, tmp_path: Path) -> None:
    (tmp_path / "group.xml").write_bytes(atom("mira", (2, 1)))
    (tmp_path / "group/ann").mkdir(parents=True)
    stored = {"id": "https://mira.example/1", "updated": "2024-05-06", "title": "mira 1"}
    (tmp_path / "group/ann/1.json").write_text(json.dumps(stored))
    first, second = web.address("/mira.atom"), web.address("/tom.rss")
    one: dict[str, object] = {
        "list": listed(tmp_path, [first]),
        "feed": first,
        "file": tmp_path / "group.xml",
        "repository": tmp_path / "group",
    }
    run(tmp_path, [one[kind]], ("atom",), name="group")
    shutil.rmtree(tmp_path / "cache")
    web["/mira.atom"] = reply(b"", status=404)
    for path in ("group", "group.xml"):
        (tmp_path / path).rename(tmp_path / f"old-{path}")
    two = [listed(tmp_path, [first, second])] if kind == "list" else [one[kind], second]
    report = run(tmp_path, two, ("atom",), name="group")
    merged = (tmp_path / "out/group.atom").read_bytes()
    assert report.exit_code == 0
    assert b"mira 1" in merged
    assert b"tom 1" in merged


def test_beside_a_file_nothing_is_kept_of_what_lies_here(tmp_path: Path) -> None:
    (tmp_path / "mira.xml").write_bytes(atom("mira", (2, 1)))
    request = config_file.output_request("atom", REGISTRY, {})
    file = str(tmp_path / "site.atom")
    outputs = (OutputRequest(to="atom", options=request.options, file=file),)
    run(tmp_path, [tmp_path / "mira.xml"], (), outputs=outputs)
    assert not (tmp_path / COPIES).exists()


def copies(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        each.name: (each.read_bytes(), each.stat().st_mtime_ns)
        for each in (folder / "out" / COPIES).iterdir()
        if each.suffix != ".lock"
    }


def test_two_jobs_in_one_folder_and_runs_without_news(web: Server, tmp_path: Path) -> None:
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    run(tmp_path, [group], ("atom",))
    first = copies(tmp_path)
    select = Selection(authors=("mira",))
    run(tmp_path, [group], ("jsonfeed",), select=select, name="mira")
    both = copies(tmp_path)
    assert first.items() <= both.items()
    assert len(both) == 2 * (len(FEEDS) + 1)  # and the list
    run(tmp_path, [group], ("atom",))
    assert copies(tmp_path) == both
    before = tree(tmp_path / "out")
    shutil.rmtree(tmp_path / "cache")
    web["/mira.atom"] = reply(b"", status=404)
    run(tmp_path, [group], ("atom",))
    run(tmp_path, [group], ("jsonfeed",), select=select, name="mira")
    assert tree(tmp_path / "out") == before


@pytest.mark.parametrize("names", [("full", "week"), (None, None)])
def test_windows_of_many_days_leave_the_copy_of_all(
    names: tuple[str | None, str | None],
    web: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("convert.output.copies._OF_ONE_GROUP", 3)
    web["/mira.atom"] = reply(atom("mira", (9, 2, 1)))
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    full, window = names
    run(tmp_path, [group], ("atom",), name=full)
    before = tree(tmp_path / "out")
    # It ran long ago, and the copy of each window is younger.
    for path in copies(tmp_path):
        copy = tmp_path / "out" / COPIES / path
        copy.write_bytes(copy.read_bytes().replace(str(TODAY).encode(), b"2024-10-01"))
    for day in range(1, 6):
        since = periods.parse_since(f"2024-02-{day:02}", dt.datetime.now(dt.UTC))
        run(tmp_path, [group], ("atom",), select=Selection(since=since), name=window)
    week = tree(tmp_path / "out")
    assert week.items() > before.items()
    assert len(copies(tmp_path)) == (len(FEEDS) + 1) * (2 if window else 4)
    shutil.rmtree(tmp_path / "cache")
    web["/mira.atom"] = web["/tom.rss"] = reply(b"", status=410)
    run(tmp_path, [group], ("atom",), name=full)
    assert tree(tmp_path / "out") == week
    # A feed that had nothing in the window is none without a copy.
    report = run(tmp_path, [group], ("atom",), select=Selection(since=since), name=window)
    assert tree(tmp_path / "out") == week
    assert report.exit_code == 0
    # A window that is new is cut out of the copy that holds most.
    since = periods.parse_since("2024-01", dt.datetime.now(dt.UTC))
    run(tmp_path, [group], ("atom",), select=Selection(since=since), name="new")
    new = tree(tmp_path / "out")["new.atom"]
    assert all(each in new for each in (b"mira 9", b"mira 2", b"mira 1", b"tom 1"))


def test_what_is_published_no_more_is_in_no_copy(web: Server, tmp_path: Path) -> None:
    addresses = [web.address(each) for each in FEEDS]
    group = listed(tmp_path, addresses)
    for formats, emails in ((("atom", "csl"), True), (("atom",), True), (("csl", "atom"), False)):
        run(tmp_path, [group], formats, emails=emails)
        assert (b"mail.example" in packed(tmp_path)) == emails
    assert b"Text 1 of tom" in packed(tmp_path)
    select = Selection(authors=("mira",))
    run(tmp_path, [group], ("atom",), select=select, name="other")
    before = len(copies(tmp_path))
    # Not while what is named could not be read.
    listed(tmp_path, [*addresses[:1], web.address("/new.atom")])
    shutil.rmtree(tmp_path / "cache")
    run(tmp_path, [group], ("atom",))
    assert len(copies(tmp_path)) == before
    listed(tmp_path, addresses[:1])
    run(tmp_path, [group], ("atom",))
    # The other output of the name still has its entries, and may lose none of them.
    assert b"Text 1 of tom" in packed(tmp_path)
    listed(tmp_path, addresses[:2])
    web["/tom.rss"] = reply(b"", status=404)
    report = run(tmp_path, [group], ("csl",))
    assert (report.exit_code, report.counts.failed) == (0, 0)
    assert b"Text 1 of tom" in (tmp_path / "out" / "group.csl.json").read_bytes()
    listed(tmp_path, addresses[:1])
    run(tmp_path, [group], ("csl",))
    assert b"Text 1 of tom" not in packed(tmp_path)
    assert b"Text 1 of mira" in packed(tmp_path)


def packed(folder: Path) -> bytes:
    """What all copies hold."""
    return b"".join(
        zlib.decompress(content.partition(b"\n")[2]) for content, _ in copies(folder).values()
    )


def test_no_address_of_a_person_is_kept_unless_published(web: Server, tmp_path: Path) -> None:
    group = listed(tmp_path, [web.address(each) for each in FEEDS])
    for emails in (False, True):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        run(tmp_path, [group], FORMATS, emails=emails)
        shutil.rmtree(tmp_path / "cache")
        before = tree(tmp_path / "out")
        report = run(tmp_path, [group], FORMATS, emails=emails, offline=True)
        assert (report.exit_code, tree(tmp_path / "out")) == (0, before)
        # In the authors of entries and of the feeds that these came from.
        named = {name for name, content in before.items() if b"mail.example" in content}
        assert named == ({"group.atom", "group.json"} if emails else set())


PAGE = b"<!doctype html><link rel=alternate type=application/atom+xml href=/named>"


FEEDS_INSTEAD = [
    (atom("parked", (2, 1)), False, True),
    (atom("parked", (2, 1)), True, True),
    (rss("parked", (2, 1)), False, True),
    (atom("mira", (4, 3)), False, False),  # its id
    (atom("mira", (2, 3)).replace(b"urn:mira", b"urn:moved"), True, False),  # an entry
    (rss("mira", (2,)), False, False),  # the id and link of an entry, in another format
    (rss("mira", (2,)).replace(b"//mira.example/2<", b"//www.mira.example/2/<"), False, False),
]


@pytest.mark.parametrize(("named", "was_a_page", "stands_in"), FEEDS_INSTEAD)
def test_a_page_that_names_another_feed_takes_nobodys_place(
    web: Server, named: bytes, was_a_page: bool, stands_in: bool, tmp_path: Path
) -> None:
    first = atom("mira", (2, 1))
    web["/blog"], web["/named"] = reply(PAGE if was_a_page else first), reply(first)
    address = web.address("/blog")
    run(tmp_path, [address], ("atom",), name="group")
    before = tree(tmp_path / "out")
    web["/blog"] = reply(PAGE)
    web["/named"] = web["/elsewhere"] = reply(named)
    if was_a_page:
        web["/blog"] = reply(PAGE.replace(b"/named", b"/elsewhere"))
    for _ in range(1 + stands_in):  # what is kept of it is not replaced either
        shutil.rmtree(tmp_path / "cache")
        report = run(tmp_path, [address], ("atom",), name="group")
        assert report.exit_code == 0
        told = [line for line in lines(report, "warning") if "names another feed" in line]
        assert (len(told), tree(tmp_path / "out") == before) == (stands_in, stands_in)
        for line in told:
            assert line.startswith(f"{address}: is a web page now, which names another feed")
            assert "what it gave before is used" in line


@pytest.mark.parametrize("in_list", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("content", "was_moved", "stands_in"), FEEDS_INSTEAD)
def test_a_redirect_to_another_feed_takes_nobodys_place(
    content: bytes, *, was_moved: bool, stands_in: bool, in_list: bool, web: Server, tmp_path: Path
) -> None:
    first = atom("mira", (2, 1))
    web["/blog"], web["/moved"] = redirect("/moved") if was_moved else reply(first), reply(first)
    address = web.address("/blog")
    source = listed(tmp_path, [address, web.address("/tom.rss")]) if in_list else address
    run(tmp_path, [source], ("atom",), name="group")
    before = tree(tmp_path / "out")
    web["/blog"], web["/elsewhere"] = redirect("/elsewhere", 301), reply(content)
    for _ in range(1 + stands_in):
        shutil.rmtree(tmp_path / "cache")
        report = run(tmp_path, [source], ("atom",), name="group")
        assert report.exit_code == 0
        told = [line for line in lines(report, "warning") if "another feed" in line]
        assert (len(told), tree(tmp_path / "out") == before) == (stands_in, stands_in)
        for line in told:
            assert line.startswith(f"{address}: redirects to another feed now (")
            assert "what it gave before is used" in line
