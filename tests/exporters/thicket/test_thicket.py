"""The exporter ``thicket``: what it writes, what it changes, what it leaves alone."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import SALTMARSH, command
from server import LOOPBACK, Server, reply
from store_samples import ENTRY, atom, dump, entry, feed, index, reasons, run, store, tree

from convert.contract import Exporter, StoreExporter
from convert.exporters.thicket.encode import write_json
from convert.exporters.thicket.entry import changed_keys, file_of, form, marks_of, rewrite
from convert.exporters.thicket.exporter import EXPORTER
from convert.exporters.thicket.match import Texts, whole_text
from convert.exporters.thicket.names import stem_of
from convert.model import Category, Enclosure, Link, Person, StoredEntry
from convert.settings.job import Selection
from convert.sources.thicket import entry as thicket_entry
from convert.text import names


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


class TestNewStore:
    def test_a_repository_gives_the_same_files(self, tmp_path: Path) -> None:
        assert run(SALTMARSH, out=tmp_path / "out").exit_code == 0
        assert tree(tmp_path / "out" / "thicket") == tree(SALTMARSH)

    @pytest.mark.corpus
    @pytest.mark.slow
    def test_so_do_real_ones(self, tmp_path: Path, planet_a: Path) -> None:
        assert run(planet_a, out=tmp_path / "out").exit_code == 0
        assert tree(tmp_path / "out" / "thicket") == tree(planet_a)

    @pytest.mark.corpus
    def test_real_files_are_named_as_thicket_names_them(self, planet_a: Path) -> None:
        for path in sorted(planet_a.glob("*/*.json")):
            stem = stem_of(json.loads(path.read_bytes())["id"])
            assert path.stem == stem or path.stem.rpartition("-")[0] == stem

    def test_a_second_run_changes_nothing(self, tmp_path: Path) -> None:
        run(SALTMARSH, out=tmp_path)
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        run(SALTMARSH, out=tmp_path)
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before

    def test_of_a_feed(self, tmp_path: Path) -> None:
        run(feed(tmp_path / "f.xml", {}), out=tmp_path / "out")
        made = tmp_path / "out" / "thicket"
        (folder,) = index(made)["users"]
        found = (made / folder / "notes_tide.json").read_bytes()
        assert found == (json.dumps(json.loads(found), indent=2) + "\n").encode()
        value = json.loads(found)
        assert list(value)[:12] == list(ENTRY)
        # The feed's own address is its id; everything else is as Thicket would have stored it.
        assert {key: value[key] for key in ENTRY if key != "source"} == {
            key: each for key, each in ENTRY.items() if key != "source"
        }
        assert index(made)["total_entries"] == 1
        user = index(made)["users"][folder]
        assert (user["entry_count"], user["directory"]) == (1, folder)
        assert list(user) == [
            "username", "display_name", "email", "homepage", "icon", "feeds", "directory",
             "created", "last_updated", "entry_count"
        ]  # fmt: skip
        assert user["created"] == "2024-01-02T03:04:05"

    def test_of_a_selection(self, tmp_path: Path) -> None:
        run(SALTMARSH, out=tmp_path, select=Selection(authors=("leila",)))
        made = tmp_path / "thicket-leila"
        assert set(tree(made)) == {
            "leila/drawing-a-tide-curve.json", "leila/madd-wa-jazr.json", "leila/field-notes.json",
            "index.json", "duplicates.json",
        }  # fmt: skip
        assert set(index(made)["users"]) == {"leila"}
        assert index(made)["total_entries"] == 3

    def test_duplicates_are_kept(self, tmp_path: Path) -> None:
        source = store(
            tmp_path / "s",
            {},
            {"name": "copy", "id": "https://other.example/copy"},
            duplicates={"duplicates": {"https://other.example/copy": ENTRY["id"]}, "why": "moved"},
        )
        run(source, out=tmp_path / "out")
        assert tree(tmp_path / "out" / "thicket") == tree(source)

    def test_two_repositories_become_one(self, tmp_path: Path) -> None:
        one = store(tmp_path / "a", {}, {"name": "b", "id": "https://ann.example/b"})
        two = store(
            tmp_path / "b",
            {"content": "<p>Longer.</p>", "updated": "2024-02-01T00:00:00"},
            duplicates={"duplicates": {"x": "y"}},
        )
        dump(two / "bob" / "x.json", ENTRY | {"id": "https://bob.example/x"})
        run(one, two, out=tmp_path / "out")
        made = tmp_path / "out" / "thicket"
        assert set(tree(made)) == {
            "ann/notes_tide.json", "ann/b.json", "bob/x.json", "index.json", "duplicates.json"
        }  # fmt: skip
        assert entry(made)["content"] == "<p>Longer.</p>"
        users = index(made)["users"]
        assert {name: user["entry_count"] for name, user in users.items()} == {"ann": 2, "bob": 1}

    def test_no_derived_data(self, tmp_path: Path) -> None:
        source = store(tmp_path / "s", {"links": ["https://x.example"], "backlinks": [], "mood": 1})
        dump(source / "links.json", {"links": {}})
        run(source, out=tmp_path / "out")
        made = tmp_path / "out" / "thicket"
        assert set(tree(made)) == {"ann/notes_tide.json", "index.json"}
        assert entry(made) == ENTRY | {"mood": 1}

    def test_pictures_beside_entries_come_along_and_nothing_else(self, tmp_path: Path) -> None:
        shown = "<img src='img/a%20b.png?x'><img src=\"/etc/c.png\"><img src='../../d.png'>"
        shown += "<img src='../top.png'><img src=index.json><img src='https://x.example/e.png'>"
        source = store(tmp_path / "s", {"content": shown})
        for path in ("ann/img/a b.png", "ann/img/other.png", "top.png", "README.md"):
            (source / path).parent.mkdir(exist_ok=True, parents=True)
            (source / path).write_bytes(path.encode())
        (tmp_path / "d.png").write_bytes(b"outside")
        run(source, out=tmp_path / "out")
        made = tree(tmp_path / "out" / "thicket")
        assert set(made) == {"ann/notes_tide.json", "index.json", "ann/img/a b.png", "top.png"}
        assert made["ann/img/a b.png"] == b"ann/img/a b.png"


class TestUpdate:
    def test_the_same_entries_change_nothing(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s", {}, {"name": "b", "id": "https://ann.example/b"})
        before = {path: path.stat().st_mtime_ns for path in top.rglob("*")}
        assert run(top, into=top).exit_code == 0
        assert run(store(tmp_path / "t"), into=top).exit_code == 0
        assert {path: path.stat().st_mtime_ns for path in top.rglob("*")} == before

    def test_nothing_lands_outside(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        run(feed(tmp_path / "f.xml", {"id": "https://ann.example/new"}), into=top)
        assert {path.name for path in tmp_path.iterdir()} == {"s", "f.xml"}
        assert not list(top.glob(".thicket-convert*"))

    def test_a_new_entry(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        old = tree(top)
        new = {"id": "https://ann.example/b/", "updated": "2025-01-01T00:00:00", "title": "B"}
        run(feed(tmp_path / "f.xml", new, {}), into=top)
        made = tree(top)
        assert set(made) == {*old, "ann/b.json"}
        assert made["ann/notes_tide.json"] == old["ann/notes_tide.json"]
        found = index(top)
        assert found["users"]["ann"]["entry_count"] == found["total_entries"] == 2
        assert found["users"]["ann"]["last_updated"] == "2025-01-01T00:00:00"
        assert found["created"] == "2023-01-01T00:00:00"

    def test_a_changed_entry_keeps_what_nobody_knows(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s", {"mood": {"é": [1, 2.50]}, "links": ["x"]})
        edited = {"title": "Tides", "updated": "2024-06-01T00:00:00"}
        report = run(feed(tmp_path / "f.xml", edited), into=top)
        assert report.exit_code == 0
        # Derived data goes once a file is written anew.
        assert entry(top) == ENTRY | edited | {"mood": {"é": [1, 2.5]}}
        assert [file.path for file in report.units[0].files] == [
            "ann/notes_tide.json",
            "index.json",
        ]

    def test_a_file_keeps_its_spelling(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        path = top / "ann" / "notes_tide.json"
        text = json.dumps(ENTRY | {"mood": "gemütlich"}, indent=2, ensure_ascii=False)
        path.write_text(text)
        run(feed(tmp_path / "f.xml", {"title": "Tides"}), into=top)
        assert path.read_text() == text.replace('"title": "Tide"', '"title": "Tides"')

    def test_an_entry_that_left_the_feed_stays(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s", {}, {"name": "b", "id": "https://ann.example/b", "title": "B"})
        before = tree(top)
        run(feed(tmp_path / "f.xml", {}), into=top)
        assert tree(top) == before

    def test_what_the_user_knows_of_a_member_stays(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        value = index(top)
        value["users"]["ann"] |= {"display_name": "Ann of the sea", "nick": "annie"}
        value["motto"] = ["x"]
        dump(top / "index.json", value)
        source = store(tmp_path / "t", {"title": "Tides"})
        other = index(source)
        other["users"]["ann"] |= {"icon": "https://ann.example/i.png", "feeds": ["https://two"]}
        dump(source / "index.json", other)
        run(source, into=top)
        found = index(top)
        assert found["motto"] == ["x"]
        assert found["users"]["ann"] == value["users"]["ann"] | {
            "icon": "https://ann.example/i.png",
            "feeds": ["https://ann.example/feed.xml", "https://two"],
        }

    def test_foreign_and_broken_files_are_left_alone(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        foreign = {
            "README.md": b"hello",
            "duplicates.json": b'{"duplicates": {}, "comment": "by hand"}',
            "ann/b.json": b'{"id": half an entry',
            "ann/draft.txt": b"x",
            "links.json": b"{}",
            ".hidden/x.json": b"{}",
        }
        for path, content in foreign.items():
            (top / path).parent.mkdir(exist_ok=True)
            (top / path).write_bytes(content)
        report = run(feed(tmp_path / "f.xml", {"id": "https://ann.example/b"}, {}), into=top)
        made = tree(top)
        assert {path: made[path] for path in foreign} == foreign
        assert set(made) == {*foreign, "ann/notes_tide.json", "ann/b-1.json", "index.json"}
        assert any("ann/b.json" in line for line in reasons(report))
        assert report.exit_code == 0
        again = tree(top)
        run(feed(tmp_path / "f.xml", {"id": "https://ann.example/b"}, {}), into=top)
        assert tree(top) == again

    def test_duplicates_json_is_never_rewritten(self, tmp_path: Path) -> None:
        hand = {"duplicates": {"a": "b"}, "comment": "by hand"}
        top = store(tmp_path / "s", duplicates=hand)
        source = store(tmp_path / "t", {"title": "New"}, duplicates={"duplicates": {"c": "d"}})
        before = (top / "duplicates.json").read_bytes()
        run(source, into=top)
        assert (top / "duplicates.json").read_bytes() == before

    def test_a_folder_of_nothing_becomes_a_store(self, tmp_path: Path) -> None:
        top = tmp_path / "new" / "store"
        run(SALTMARSH, into=top)
        assert tree(top) == tree(SALTMARSH)

    def test_beside_other_outputs(self, tmp_path: Path) -> None:
        arguments = ("export", SALTMARSH, "--to", "thicket,csl", "--out", tmp_path / "o")
        ended = command(*arguments, "--into", tmp_path / "s", "--cache", tmp_path / "c")
        assert ended.code == 0, ended.err
        assert tree(tmp_path / "s") == tree(SALTMARSH)
        assert {path.name for path in (tmp_path / "o").glob("[!.]*")} == {"saltmarsh.csl.json"}

    def test_mail_addresses_stay(self, tmp_path: Path) -> None:
        top = tmp_path / "s"
        run(feed(tmp_path / "f.xml", {}), into=top)
        assert "ann@ann.example" in next(top.glob("*/notes_tide.json")).read_text()

    def test_counts_are_right_after_a_run_that_was_killed(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s", {}, {"name": "b", "id": "urn:b", "title": "B"})
        value = index(top)
        value["users"]["ann"]["entry_count"] = value["total_entries"] = 1
        dump(top / "index.json", value)
        run(feed(tmp_path / "f.xml", {}), into=top)
        assert index(top)["users"]["ann"]["entry_count"] == index(top)["total_entries"] == 2

    def test_names_of_existing_files_stay(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s", {"name": "50%25 é's"})
        run(feed(tmp_path / "f.xml", {"title": "Tides"}), into=top)
        assert set(tree(top)) == {"ann/50%25 é's.json", "index.json"}
        assert entry(top, "ann/50%25 é's.json") == ENTRY | {"title": "Tides"}
        run(top, out=tmp_path / "o")
        assert tree(tmp_path / "o" / "thicket") == tree(top)

    def test_users_in_a_list(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        value = index(top)
        value["users"] = [value["users"]["ann"]]
        dump(top / "index.json", value)
        before = tree(top)
        run(top, into=top)
        assert tree(top) == before
        run(feed(tmp_path / "f.xml", {"id": "urn:2", "link": "x", "title": "2"}), into=top)
        assert [user["entry_count"] for user in index(top)["users"]] == [2]


class TestIdentity:
    def test_an_id_that_changed(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        moved = {
            "id": "tag:ann.example,2025:1",
            "link": "http://ann.example/notes/tide/",
            "content": "<div>The sea comes\n and goes, <b>twice</b> a day.</div>",
        }
        report = run(feed(tmp_path / "f.xml", moved), into=top)
        assert set(tree(top)) == {"ann/notes_tide.json", "index.json"}
        assert (entry(top)["id"], entry(top)["also_ids"]) == (ENTRY["id"], [moved["id"]])
        assert entry(top)["content"] == moved["content"]
        assert any("new id 'tag:ann.example,2025:1'" in line for line in reasons(report))
        before = tree(top)
        assert not any("new id" in line for line in reasons(run(tmp_path / "f.xml", into=top)))
        assert tree(top) == before
        # Known by now: a change of the text makes no second entry.
        run(feed(tmp_path / "f.xml", moved | {"content": "<p>Anew.</p>", "title": "A"}), into=top)
        assert (entry(top)["id"], entry(top)["title"]) == (ENTRY["id"], "A")
        assert set(tree(top)) == {"ann/notes_tide.json", "index.json"}

    @pytest.mark.parametrize(
        ("before", "after", "same"),
        [
            # The same id but for the scheme, whatever else was edited.
            (("http://a.example/?p=1", "http://a.example/x"), ("https://a.example/?p=1", ""), True),
            # Scheme, host and path at once: title, date and text tell.
            (("http://a.example/x", "http://a.example/x"), ("https://b.example/y/x", ""), True),
            (("http://a.example/?p=1", "http://a.example/?p=1"), ("urn:1", ""), True),
            (("http://a.example/?p=1", "http://a.example/x"), ("http://a.example/?p=2", ""), False),
            (("urn:1", "http://a.example/?p=1"), ("urn:2", "https://a.example/?p=2"), False),
        ],
    )
    @pytest.mark.parametrize("edit", [{}, {"title": "Ebb"}, {"published": "2023-03-03T00:00:00"}])
    def test_an_entry_that_moved_is_the_same_and_no_other(
        self,
        tmp_path: Path,
        before: tuple[str, str],
        after: tuple[str, str],
        same: bool,
        edit: dict[str, str],
    ) -> None:
        top = store(tmp_path / "s", {"id": before[0], "link": before[1]})
        link = after[1] or after[0].replace("urn:1", "https://c.example/z")
        run(feed(tmp_path / "f.xml", {"id": after[0], "link": link, **edit}), into=top)
        same = same and (not edit or after[0].endswith("?p=1"))
        assert len(tree(top)) == (2 if same else 3)
        assert entry(top)["id"] == before[0]

    def test_a_moved_entry_is_not_taken_for_one_that_is_still_there(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        moved = {"id": "https://new.example/1", "link": "https://new.example/1"}
        run(feed(tmp_path / "f.xml", moved, {}), into=top)
        assert len(tree(top)) == 3

    def test_another_text_at_the_same_link_is_another_entry(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        run(feed(tmp_path / "f.xml", {"id": "urn:2", "content": "<p>Else.</p>"}), into=top)
        assert set(tree(top)) == {"ann/notes_tide.json", "ann/urn_2.json", "index.json"}

    def test_a_new_id_beside_the_old_one_is_another_entry(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        before = (top / "ann" / "notes_tide.json").read_bytes()
        run(feed(tmp_path / "f.xml", {"id": "urn:2"}, {}), into=top)
        assert set(tree(top)) == {"ann/notes_tide.json", "ann/urn_2.json", "index.json"}
        assert (top / "ann" / "notes_tide.json").read_bytes() == before

    def test_title_and_text_edited_at_once(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        edited = {"title": "Ebb", "content": "<p>All new.</p>", "published": "2024-03-03T00:00:00"}
        run(feed(tmp_path / "f.xml", edited), into=top)
        assert set(tree(top)) == {"ann/notes_tide.json", "index.json"}
        assert entry(top)["title"] == "Ebb"

    def test_several_entries_of_one_id_stay_several(self, tmp_path: Path) -> None:
        versions = [{"title": f"Release {n}", "content": f"<p>{n}</p>"} for n in range(4)]
        top = tmp_path / "s"
        source = feed(tmp_path / "f.xml", *versions[:3])
        store(top, {"name": "x", "id": "urn:x"})
        run(source, into=top)
        three = tree(top)
        assert len(three) == 5
        run(source, into=top)
        assert tree(top) == three
        # A window that moved on: the new one overwrites none of the old.
        run(feed(tmp_path / "f.xml", *versions[:0:-1]), into=top)
        four = tree(top)
        assert len(four) == 6
        del three["index.json"]
        assert {path: four[path] for path in three} == three

    def test_of_two_feeds_the_later_text_stands(self, tmp_path: Path) -> None:
        old = feed(tmp_path / "a.xml", {"content": "<p>Old.</p>"})
        new = feed(tmp_path / "b.xml", {"content": "<p>New.</p>", "updated": "2024-05-05T00:00:00"})
        for number, sources in enumerate(((old, new), (new, old))):
            made = store(tmp_path / str(number))
            run(*sources, into=made)
            assert entry(made)["content"] == "<p>New.</p>"
            assert set(tree(made)) == {"ann/notes_tide.json", "index.json"}

    def test_an_edited_entry_that_two_feeds_have_stays_one(self, tmp_path: Path) -> None:
        edited = {"title": "Ebb", "content": "<p>All new.</p>"}
        one = feed(tmp_path / "a.xml", edited)
        other = feed(tmp_path / "b.xml", edited | {"updated": "2024-09-09T00:00:00"})
        top = store(tmp_path / "s")
        run(one, other, into=top)
        assert set(tree(top)) == {"ann/notes_tide.json", "index.json"}
        assert entry(top) == ENTRY | edited | {"updated": "2024-09-09T00:00:00"}

    def test_what_a_poorer_feed_says_of_an_entry_leaves_no_trace(self, tmp_path: Path) -> None:
        # As somebody else wrote it: our own form must not come over it.
        top = store(tmp_path / "s")
        path = top / "ann" / "notes_tide.json"
        path.write_text(json.dumps(ENTRY, indent=4))
        before = {path: path.stat().st_mtime_ns for path in top.rglob("*")}
        poor = feed(tmp_path / "a.xml", {"updated": "2024-01-01T00:00:00", "content": "<p>x</p>"})
        assert run(poor, feed(tmp_path / "b.xml", {}), into=top).exit_code == 0
        assert {path: path.stat().st_mtime_ns for path in top.rglob("*")} == before

    def test_an_id_that_is_new_in_every_run_is_no_change_in_every_run(self, tmp_path: Path) -> None:
        top = store(tmp_path / "s")
        for number in range(12):
            run(feed(tmp_path / "f.xml", {"id": f"urn:{number}"}), into=top)
        assert set(tree(top)) == {"ann/notes_tide.json", "index.json"}
        assert len(entry(top)["also_ids"]) == 8

    def test_an_undated_entry_keeps_the_date_it_was_first_stored_with(self, tmp_path: Path) -> None:
        undated = {
            "updated": None,
            "published": None,
            "id": "urn:u",
            "link": "https://ann.example/u",
            "title": "Undated",
        }
        top = store(tmp_path / "s")
        source = feed(tmp_path / "f.xml", undated)
        run(source, into=top)
        # Never that of the clock; this feed has none of its own either.
        assert entry(top, "ann/urn_u.json")["updated"] == "1970-01-01T00:00:00"
        value = entry(top, "ann/urn_u.json") | {"updated": "2020-02-02T00:00:00"}
        dump(top / "ann" / "urn_u.json", value)
        before = tree(top)
        run(source, into=top)
        assert tree(top) == before
        run(feed(tmp_path / "f.xml", undated | {"title": "Undated, edited"}), into=top)
        assert entry(top, "ann/urn_u.json")["updated"] == "2020-02-02T00:00:00"
        assert entry(top, "ann/urn_u.json")["title"] == "Undated, edited"
        renamed = feed(tmp_path / "f.xml", undated | {"id": "urn:v"})
        for _ in range(2):
            run(renamed, into=top)
            assert entry(top, "ann/urn_u.json")["updated"] == "2020-02-02T00:00:00"
            assert entry(top, "ann/urn_u.json")["also_ids"] == ["urn:v"]


class TestGroup:
    def test_a_list_of_feeds_is_collected_and_a_failing_one_removes_nothing(
        self, tmp_path: Path, web: Server
    ) -> None:
        opml = tmp_path / "feeds.opml"
        opml.write_text(
            "<opml version='2.0'><body>"
            f"<outline type='rss' text='Ann' xmlUrl='{web.address('/ann')}'/>"
            f"<outline type='rss' text='Bob' xmlUrl='{web.address('/bob')}'/>"
            f"<outline type='rss' text='Cy' xmlUrl='{web.address('/cy')}'/></body></opml>"
        )
        bob = atom({"id": "https://bob.example/1", "title": "One"}).replace(
            b"https://ann.example/feed.xml", b"https://bob.example/feed.xml"
        )
        web["/ann"] = reply(atom({}), "application/atom+xml")
        web["/bob"] = reply(bob, "application/atom+xml")
        top = tmp_path / "store"
        first = run(opml, into=top, allow_network=LOOPBACK)
        assert first.exit_code == 1, "Cy's feed is dead"
        made = tree(top)
        assert set(made) == {"ann/notes_tide.json", "bob/1.json", "index.json"}
        assert set(index(top)["users"]) == {"ann", "bob"}

        web["/bob"] = reply(b"gone", status=410)
        web["/ann"] = reply(atom({"title": "Tides"}), "application/atom+xml")
        second = run(opml, into=top, allow_network=LOOPBACK)
        assert tree(top)["bob/1.json"] == made["bob/1.json"]
        assert entry(top)["title"] == "Tides"
        assert index(top)["users"]["bob"] == json.loads(made["index.json"])["users"]["bob"]
        assert any("bob" in line for line in reasons(second))


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
word = text.filter(lambda value: bool(value.strip()))
moment = st.datetimes(timezones=st.just(dt.UTC))
person = st.builds(
    Person,
    name=word,
    uri=st.none() | st.just("https://x.example"),
    email=st.none() | word,
    icon=st.none() | word,
)
stored = st.builds(
    StoredEntry,
    path=st.just("ann/x.json"),
    user=st.just("ann"),
    id=word,
    updated=moment,
    title=text,
    title_type=st.sampled_from(["text", "html"]),
    published=st.none() | moment,
    link=st.none() | text,
    summary=st.none() | text,
    content=st.none() | text,
    content_type=st.sampled_from(["text", "html", "markdown"]),
    authors=st.lists(person, max_size=3).map(tuple),
    contributors=st.lists(person, max_size=2).map(tuple),
    categories=st.lists(
        st.builds(Category, term=text, scheme=st.none() | word, label=st.none() | word), max_size=3
    ).map(tuple),
    rights=st.none() | text,
    source=st.none() | text,
    enclosures=st.lists(
        st.builds(
            Enclosure,
            href=text,
            type=st.none() | text,
            length=st.none() | st.integers(1, 2**50),
            title=st.none() | text,
            duration=st.none() | st.integers(1, 10**6),
        ),
        max_size=2,
    ).map(tuple),
    links=st.lists(
        st.builds(
            Link,
            rel=word,
            href=text,
            type=st.none() | text,
            hreflang=st.none() | word,
            title=st.none() | text,
        ),
        max_size=2,
    ).map(tuple),
    image=st.none() | word,
    language=st.none() | st.sampled_from(["en", "pt-BR"]),
    base=st.none() | word,
    in_reply_to=st.lists(text, max_size=2).map(tuple),
    shared_id=st.none() | word,
)


class TestForm:
    @given(stored)
    def test_what_is_written_is_read_again(self, made: StoredEntry) -> None:
        data = file_of(made)
        read = thicket_entry.read(
            data, path=made.path, user="ann", origin="", max_body=10**6, warn=lambda _: None
        )
        fields = [name for name in made.__struct_fields__ if name not in {"stored", "summary_type"}]
        assert [getattr(read, name) for name in fields] == [getattr(made, name) for name in fields]

    @given(stored, stored)
    def test_a_rewritten_file_says_what_the_new_entry_says(
        self, one: StoredEntry, other: StoredEntry
    ) -> None:
        marks = marks_of(one), marks_of(other)
        before = write_json({**form(one), "mood": 1})
        keys = changed_keys(*marks)
        after = json.loads(rewrite(before, other, keys, ()))
        assert after == form(other) | {"id": one.id, "mood": 1}

    @pytest.mark.parametrize(
        ("identity", "stem"),
        [
            ("https://x.example/notes/tide", "notes_tide"),
            ("https://x.example/2024/01/02/tide/", "2024_01_02_tide"),
            ("https://x.example/a%CC%81?b=c#d", "a_CC_81"),
            ("https://x.example/", "https_x.example"),
            ("tag:x.example,2024:a/b", "tag_x.example_2024_a_b"),
            ("urn:uuid:1-2", "urn_uuid_1-2"),
            ("https://x.example/../../etc/passwd", "etc_passwd"),
            ("../..\\c:\n.git", "c_.git"),
            (".htaccess", "htaccess"),
            ("con", "con_"),
            ("日本", f"entry-{names.digest('日本')}"),
            ("https://[half/x", "https_half_x"),
            ("x" * 500, "x" * 200),
        ],
    )
    def test_names(self, identity: str, stem: str) -> None:
        assert stem_of(identity) == stem

    def test_the_contract(self) -> None:
        assert isinstance(EXPORTER, StoreExporter)
        assert not isinstance(EXPORTER, Exporter)
        described: dict[str, Any] = json.loads(
            json.dumps({name: str(kind) for name, kind in EXPORTER.Options.__annotations__.items()})
        )
        assert "description" in described["commit"]


WHOLE = "<p>The sea comes and goes, twice a day. Who lives by it counts in tides.</p>"
PART = "The sea comes and goes, twice"


CUT = f"<p>{PART} [&#8230;]</p>"


@pytest.mark.parametrize(
    ("state", "key"),
    [
        ({"summary": f"{PART} …"}, "content"),
        ({"summary": PART, "title": "Another"}, "content"),
        ({"summary": "Of the sea."}, "content"),
        ({"summary": None}, "content"),
        ({"content": CUT}, "content"),
        ({"content": f"{PART} Continue reading Tide →"}, "content"),
        # What an author cut, or wrote anew, is cut.
        ({"content": f"<p>{PART} a day.</p>"}, ""),
        ({"content": "<p>I was wrong.</p>"}, ""),
        ({"summary": "Of the sea.", "title": "Another"}, ""),
    ],
)
def test_which_text_is_whole_where_another_state_has_less(state: dict[str, str], key: str) -> None:
    whole, less = Texts("Tide", WHOLE, None), Texts("Tide", None, None)._replace(**state)
    assert whole_text(whole, less) == key
    assert whole_text(less, whole) == whole_text(whole, whole) == ""
    if state.get("title") or not (said := state.get("summary") or state.get("content")):
        return
    whole, less = Texts("Tide", None, WHOLE), Texts("Tide", "", said)
    is_cut = said in {CUT, f"{PART} …"} or "Continue" in said
    assert whole_text(whole, less) == ("summary" if is_cut else "")
    assert whole_text(whole, Texts("Tide", said, None)) == ""


@pytest.mark.parametrize("state", [{"summary": f"{PART} …"}, {"content": CUT}])
def test_an_excerpt_takes_no_whole_text_out_of_a_store(
    tmp_path: Path, state: dict[str, str]
) -> None:
    later = {"updated": "2024-06-01T00:00:00"}
    whole = feed(tmp_path / "whole.xml", {"content": WHOLE})
    part = feed(tmp_path / "part.xml", later | state)
    if "summary" in state:
        summary = f"<summary>{state['summary']}</summary>"
        part.write_text(re.sub(r"<content.*</content>", summary, part.read_text()))
    for number, sources in enumerate(([part, whole], [whole, part])):
        top = tmp_path / f"s{number}"
        for again in (sources, [part]):
            run(*again, into=top)
            (path,) = (each for each in tree(top) if each.endswith("tide.json"))
            found = entry(top, path)
            assert (found["content"], found["updated"]) == (WHOLE, later["updated"])
