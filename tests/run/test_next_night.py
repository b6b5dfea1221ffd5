"""What an entry is, and whose, is the same in the next night: the feed rolled on, others came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from group_feeds import run
from server import LOOPBACK, Server, reply

TEXT = "Every evening a heron stands on the mill weir and waits for the tide to turn. " * 5


def rss(host: str, *items: tuple[str, str, str], built: str = "") -> str:
    """Returns a feed; an item is its title, guid and date."""
    shown = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{guid}</guid>"
        f"<link>https://{host}.example/{title}</link><description>{TEXT} {title}</description>"
        f"{date and f'<pubDate>{date}</pubDate>'}</item>"
        for title, guid, date in items
    )
    head = f"<title>{host}</title><link>https://{host}.example/</link>"
    return f"<rss><channel>{head}<lastBuildDate>{built}</lastBuildDate>{shown}</channel></rss>"


def published(folder: Path, sources: Sequence[Path], **settings: object) -> dict[str, str]:
    """Runs it; returns the dates of what is published, by member and id."""
    run(folder, sources, ("jsonfeed",), name="x", **settings)
    items = json.loads((folder / "out" / "x.json").read_text())["items"]
    return {f"{each['_thicket']['user']} {each['id']}": each["date_modified"] for each in items}


DATES = ("Sun, 05 May 2024 07:00:00 GMT", "Mon, 06 May 2024 07:00:00 GMT")


def test_a_feed_that_rolled_on_until_one_of_an_id_is_left(tmp_path: Path) -> None:
    feed = tmp_path / "f.xml"
    items = [("one", "7", DATES[0]), ("two", "7", DATES[1]), ("three", "7", "")]
    feed.write_text(rss("a", *items, built=DATES[0]))
    before = published(tmp_path, [feed])
    assert len(before) == 3
    for later in (items[1:], items[2:]):
        # An undated entry keeps the date that it was first published with.
        feed.write_text(rss("a", *later, built="Thu, 06 Jun 2024 07:00:00 GMT"))
        assert published(tmp_path, [feed]).items() <= before.items()


def test_a_feed_that_shows_one_entry_at_a_time_under_one_id(tmp_path: Path) -> None:
    feed, store = tmp_path / "f.xml", tmp_path / "store"
    items = [(f"P{day}", "same", f"0{day} May 2024 07:00:00 GMT") for day in range(1, 6)]
    ids = []
    for shown in (items[:2], items[2:3], items[3:4], items[4:]):
        feed.write_text(rss("a", *shown))
        run(tmp_path, [feed], ("thicket",), into=store)
        ids.append(sorted(json.loads(each.read_text())["id"] for each in store.glob("a*/*.json")))
    assert ids[-1] == [f"https://a.example/P{day}" for day in range(1, 6)]
    # Without a store it is the output of before that tells.
    for shown in (items[:2], items[2:3], items[3:4]):
        feed.write_text(rss("a", *shown))
        last = published(tmp_path / "out of it", [feed])
    assert [*last] == ["a.example https://a.example/P4"]


def test_of_two_blogs_that_use_one_number_the_first_keeps_it(tmp_path: Path) -> None:
    ann, bob = tmp_path / "ann.xml", tmp_path / "bob.xml"
    ann.write_text(rss("ann", ("one", "1", DATES[1])))
    bob.write_text(rss("bob", ("other", "1", DATES[0])).replace(TEXT, "His words."))
    (before,) = published(tmp_path, [ann])
    for sources in ([ann, bob], [bob, ann], [ann, bob]):
        both = published(tmp_path, sources)
        assert len(both) == 2
        assert before == "ann.example 1"
        assert before in both


def test_a_copy_that_comes_later_pushes_nothing_out(tmp_path: Path) -> None:
    ann, eve = tmp_path / "z.xml", tmp_path / "a.xml"
    ann.write_text(rss("ann", ("one", "https://ann.example/one", DATES[1])))
    copied = rss("eve", ("one", "https://eve.example/one", "Sun, 01 Jan 2023 07:00:00 GMT"))
    eve.write_text(copied)
    both = published(tmp_path / "new", [ann, eve])
    before = published(tmp_path, [ann])
    assert set(both) == {
        "ann.example https://ann.example/one",
        "eve.example https://eve.example/one",
    }
    for sources in ([ann, eve], [eve, ann], [eve, ann]):
        assert published(tmp_path, sources) == before
    # Who claims the id as well is left out from the first.
    eve.write_text(copied.replace("https://eve.example/one</guid", "https://ann.example/one</guid"))
    eve.write_text(eve.read_text().replace("heron", "pill"))
    assert published(tmp_path / "other", [eve, ann]) == before


def test_what_the_store_had_first_is_the_original(tmp_path: Path) -> None:
    ann, eve = tmp_path / "z.xml", tmp_path / "a.xml"
    ann.write_text(rss("ann", ("one", "https://ann.example/one", DATES[1])))
    eve.write_text(rss("eve", ("one", "https://eve.example/one", DATES[0])))
    store = tmp_path / "store"
    run(tmp_path, [ann], ("thicket",), into=store)
    for _ in range(2):
        run(tmp_path, [eve, ann], ("thicket", "jsonfeed"), name="x", into=store)
        items = json.loads((tmp_path / "out" / "x.json").read_text())["items"]
        assert [each["id"] for each in items] == ["https://ann.example/one"]


def test_a_strangers_feed_changes_nothing_that_the_store_or_a_repository_has(
    tmp_path: Path,
) -> None:
    ann, store = tmp_path / "ann.xml", tmp_path / "store"
    page = "https://ann.example/one"
    ann.write_text(rss("ann", ("one", page, DATES[0])))
    run(tmp_path, [ann], ("thicket",), into=store)
    before = (store / "ann.example" / "one.json").read_bytes()
    stranger = rss("ann", ("Pills", page, DATES[1])).replace("<title>ann<", "<title>Eve<")
    stranger = stranger.replace(TEXT, "Buy them.")
    speaks = "xmlns='http://www.w3.org/2005/Atom' xmlns:t='urn:thicket-convert:feed'"
    claims = (
        f"<feed {speaks}><id>https://ann.example/</id><title>Eve</title><entry>"
        f"<title>Pills</title><id>{page}</id><t:user>ann.example</t:user>"
        f"<updated>2025-01-01T00:00:00Z</updated><link href='{page}'/>"
        f"<content>Buy them.</content></entry></feed>"
    )
    with Server() as web:
        web["/rss"], web["/claims"] = reply(stranger.encode()), reply(claims.encode())
        for number, path in enumerate(("/rss", "/claims")):
            address = web.address(path)
            settings = {"allow_network": LOOPBACK, "cache": tmp_path / "cache"}
            found = run(tmp_path, [store, address], ("jsonfeed",), name="x", **settings)
            items = json.loads((tmp_path / "out" / "x.json").read_text())["items"]
            sources = {each["title"]: each["_thicket"] for each in items}
            assert sources["one"]["source"] != sources["Pills"]["source"]
            assert sources["one"]["user"] == "ann.example" != sources["Pills"]["user"]
            found = run(tmp_path, [address], ("thicket",), into=store, **settings)
            assert any("is no feed that the store has of ann" in e.reason for e in found.problems)
            assert (store / "ann.example" / "one.json").read_bytes() == before
            assert len([*store.glob("*/*.json")]) == 2 + number
        # The next night it is whom it became, and Ann is herself.
        again = run(tmp_path, [web.address("/rss")], ("thicket",), into=store, **settings)
    assert not again.problems
    run(tmp_path, [ann], ("thicket",), into=store)
    assert len([*store.glob("*/*.json")]) == 3
