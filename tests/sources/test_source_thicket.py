"""A Thicket repository in every place it may lie, and every fault its files may have."""

from __future__ import annotations

import datetime as dt
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pygit2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from source_reading import Outcome, read_source

from convert.contract import Reading, Source
from convert.errors import NotASource, SourceError
from convert.model import Category, Enclosure, Person
from convert.sources.thicket import SOURCE

ENTRY: dict[str, Any] = {
    "id": "https://a.example/one",
    "title": "One",
    "link": "https://a.example/one",
    "updated": "2024-05-06T07:08:09",
    "published": "2024-05-05T00:00:00",
    "summary": "<p>Short</p>",
    "content": "<p>Long</p>",
    "content_type": "html",
    "author": {"name": "Ann", "email": "ann@a.example", "uri": "https://a.example"},
    "categories": ["ocaml", "types"],
    "rights": "CC BY",
    "source": "https://a.example/feed.xml",
}
INDEX = {
    "users": {
        "ann": {
            "username": "ann",
            "display_name": "Ann A.",
            "email": None,
            "homepage": "https://a.example",
            "icon": "javascript:alert(1)",
            "feeds": ["https://a.example/feed.xml"],
            "directory": "ann",
            "entry_count": 1,
        }
    },
    "created": "2026-01-01T00:00:00",
}


def put(top: Path, path: str, content: object) -> Path:
    """Writes a file below ``top``: bytes as they are, anything else as JSON."""
    place = top / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return place


def commit(top: Path, message: str = "x", when: int = 1_700_000_000) -> str:
    """Commits everything below ``top``; makes the repository where there is none."""
    git = pygit2.init_repository(str(top))
    git.index.add_all()
    git.index.write()
    who = pygit2.Signature("t", "t@example.org", when, 0)
    parents = [] if git.head_is_unborn else [git.head.target]
    return str(git.create_commit("HEAD", who, who, message, git.index.write_tree(), parents))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    top = tmp_path / "store"
    put(top, "index.json", INDEX)
    put(top, "ann/one.json", ENTRY)
    put(top, "bob/two.json", ENTRY | {"id": "https://b.example/two", "title": None, "author": None})
    return top


def test_the_source_keeps_the_contract(store: Path) -> None:
    assert isinstance(SOURCE, Source)
    reading: Reading = read_source(SOURCE, store).reading
    assert reading.complete


class TestWhatIsRead:
    def test_every_field(self, store: Path) -> None:
        entry = read_source(SOURCE, store).entries[0]
        assert entry.path == "ann/one.json"
        assert entry.user == "ann"
        assert entry.id == entry.link == "https://a.example/one"
        assert entry.title == "One"
        assert entry.updated == dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
        assert entry.published == dt.datetime(2024, 5, 5, tzinfo=dt.UTC)
        assert (entry.summary, entry.content, entry.content_type) == (
            "<p>Short</p>",
            "<p>Long</p>",
            "html",
        )
        assert entry.authors == (
            Person(name="Ann", email="ann@a.example", uri="https://a.example"),
        )
        assert entry.categories == (Category(term="ocaml"), Category(term="types"))
        assert entry.rights == "CC BY"
        assert entry.source == "https://a.example/feed.xml"
        assert entry.origin == str(store)

    def test_users_and_feeds_without_anything_active(self, store: Path) -> None:
        reading = read_source(SOURCE, store).reading
        assert list(reading.users) == ["ann", "bob"]
        ann = reading.users["ann"]
        assert (ann.name, ann.homepage, ann.icon) == ("Ann A.", "https://a.example", None)
        feed = reading.feeds["https://a.example/feed.xml"]
        assert (feed.title, feed.link, feed.address) == (
            "Ann A.",
            "https://a.example",
            "https://a.example/feed.xml",
        )

    def test_an_entry_may_name_a_feed_that_no_user_lists(self, store: Path) -> None:
        put(store, "bob/three.json", ENTRY | {"id": "3", "source": "https://b.example/rss"})
        assert "https://b.example/rss" in read_source(SOURCE, store).reading.feeds

    def test_unknown_keys_are_kept_as_stored(self, store: Path) -> None:
        put(store, "ann/one.json", ENTRY | {"links": ["https://x.example"], "mood": {"a": 1}})
        outcome = read_source(SOURCE, store)
        assert json.loads(outcome.entries[0].stored)["mood"] == {"a": 1}
        assert outcome.problems == []

    def test_keys_of_ours_beyond_thickets(self, store: Path) -> None:
        put(
            store,
            "ann/one.json",
            ENTRY
            | {
                "authors": [{"name": "Ann"}, {"name": "Bo", "uri": "https://b.example"}],
                "contributors": [{"name": "Cy"}],
                "categories": ["plain", {"term": "t", "scheme": "s", "label": "T"}],
                "enclosures": [{"href": "https://a.example/e.mp3", "length": 9, "duration": 60}],
                "language": "fr",
                "base": "https://a.example/blog/",
                "in_reply_to": ["https://b.example/two"],
            },
        )
        entry = read_source(SOURCE, store).entries[0]
        assert [person.name for person in entry.authors] == ["Ann", "Bo"]
        assert entry.contributors == (Person(name="Cy"),)
        assert entry.categories[1] == Category(term="t", scheme="s", label="T")
        assert entry.enclosures == (
            Enclosure(href="https://a.example/e.mp3", length=9, duration=60),
        )
        assert (entry.language, entry.base) == ("fr", "https://a.example/blog/")
        assert entry.in_reply_to == ("https://b.example/two",)

    def test_such_keys_of_another_meaning_are_ignored(self, store: Path) -> None:
        put(store, "ann/one.json", ENTRY | {"language": 3, "authors": "all of us"})
        outcome = read_source(SOURCE, store)
        assert outcome.entries[0].language is None
        assert outcome.entries[0].authors[0].name == "Ann"
        assert outcome.lines == [
            "warning ann/one.json: authors: ignored: expected a list, found a string",
            "warning ann/one.json: language: ignored: expected a string, found a number",
        ]

    def test_null_and_missing_are_the_same(self, store: Path) -> None:
        bare = {"id": "x", "updated": "2024-01-01"}
        put(store, "ann/one.json", bare | dict.fromkeys(set(ENTRY) - set(bare)))
        put(store, "ann/three.json", bare)
        one, three = read_source(SOURCE, store).entries[:2]
        fields = ("title", "link", "summary", "content", "authors", "categories", "published")
        assert [getattr(one, name) for name in fields] == [getattr(three, name) for name in fields]
        assert (one.title, one.authors, one.link) == ("", (), None)

    def test_duplicates(self, store: Path) -> None:
        put(store, "duplicates.json", {"duplicates": {"a": "b", "c": 3}, "comment": "x"})
        outcome = read_source(SOURCE, store)
        assert dict(outcome.reading.duplicates) == {"a": "b"}
        assert outcome.lines == [
            "warning duplicates.json: c: ignored: its canonical id is not a string"
        ]

    def test_order_is_that_of_paths_by_code_point(self, tmp_path: Path) -> None:
        names = ["b/a.json", "a-b/a.json", "a/Z.json", "a/a.json", "é/a.json", "B/a.json"]
        for name in names:
            put(tmp_path, name, ENTRY | {"id": name})
        assert [entry.path for entry in read_source(SOURCE, tmp_path).entries] == sorted(names)

    def test_files_that_are_no_entries_are_passed_over(self, store: Path) -> None:
        for path in (
            "ann/photo.png",
            "README.md",
            ".github/x.json",
            "ann/.draft.json",
            "links.json",
        ):
            put(store, path, b"{")
        outcome = read_source(SOURCE, store)
        assert len(outcome.entries) == 2
        assert outcome.problems == []


class TestPlaces:
    def test_one_entry_file(self, store: Path) -> None:
        outcome = read_source(SOURCE, store / "ann/one.json")
        assert [(entry.path, entry.user) for entry in outcome.entries] == [("ann/one.json", "ann")]
        assert outcome.reading.users["ann"].display_name == "Ann A."

    def test_one_entry_file_that_is_in_no_repository(self, tmp_path: Path) -> None:
        put(tmp_path, "secret.png", b"\x89PNG")
        put(tmp_path, "zed/beside.png", b"\x89PNG")
        outcome = read_source(SOURCE, put(tmp_path, "zed/one.json", ENTRY))
        assert outcome.entries[0].path == "one.json"
        assert outcome.reading.file("beside.png", "one.json") == b"\x89PNG"
        assert outcome.reading.file("../secret.png", "one.json") is None

    def test_work_tree_reads_the_files_and_names_head(self, store: Path) -> None:
        head = commit(store)
        put(store, "ann/one.json", ENTRY | {"title": "Not committed"})
        outcome = read_source(SOURCE, store)
        assert outcome.entries[0].title == "Not committed"
        assert outcome.reading.origin.commit == head
        assert outcome.reading.origin.committed == dt.datetime.fromtimestamp(1_700_000_000, dt.UTC)

    def test_any_revision_without_checkout(self, store: Path) -> None:
        first = commit(store)
        put(store, "ann/one.json", ENTRY | {"title": "Second"})
        second = commit(store, when=1_800_000_000)
        for rev, commit_id, title in ((first[:9], first, "One"), ("HEAD", second, "Second")):
            outcome = read_source(SOURCE, store, rev=rev)
            assert outcome.entries[0].title == title
            assert outcome.reading.origin.commit == commit_id
            assert len(outcome.entries) == 2

    def test_bare_repository_is_the_same(self, store: Path) -> None:
        commit(store)
        bare = store.parent / "group.git"
        pygit2.clone_repository(str(store), str(bare), bare=True)
        one, other = read_source(SOURCE, store), read_source(SOURCE, bare)
        assert [entry.stored for entry in one.entries] == [entry.stored for entry in other.entries]
        assert [entry.path for entry in one.entries] == [entry.path for entry in other.entries]
        assert other.reading.origin.name == "group"
        assert other.reading.origin.commit == one.reading.origin.commit

    def test_a_folder_inside_a_work_tree(self, store: Path) -> None:
        put(store, "data/cy/one.json", ENTRY)
        head = commit(store)
        for rev in (None, "HEAD"):
            outcome = read_source(SOURCE, store / "data", rev=rev)
            assert [entry.path for entry in outcome.entries] == ["cy/one.json"]
            assert outcome.reading.origin.commit == head

    def test_a_folder_that_the_work_tree_does_not_track(self, store: Path) -> None:
        commit(store)
        put(store, "build/cy/one.json", ENTRY)
        assert read_source(SOURCE, store / "build").reading.origin.commit is None

    def test_remote_without_credentials(self, store: Path) -> None:
        commit(store)
        git = pygit2.Repository(str(store))
        git.remotes.create("origin", "https://me:secret@git.example/g/store.git?token=secret")
        origin = read_source(SOURCE, store).reading.origin
        assert origin.remote == "https://git.example/g/store.git"

    def test_a_remote_on_this_machine_is_not_told(self, store: Path) -> None:
        commit(store)
        pygit2.Repository(str(store)).remotes.create("origin", "/home/me/store.git")
        assert read_source(SOURCE, store).reading.origin.remote is None

    @pytest.mark.parametrize("bare", [False, True])
    def test_empty_git_repository(self, tmp_path: Path, *, bare: bool) -> None:
        pygit2.init_repository(str(tmp_path / "new"), bare=bare)
        outcome = read_source(SOURCE, tmp_path / "new")
        assert (outcome.entries, outcome.problems) == ([], [])

    def test_index_without_entries(self, tmp_path: Path) -> None:
        put(tmp_path, "index.json", INDEX)
        assert read_source(SOURCE, tmp_path).entries == []

    def test_recognises(self, store: Path, tmp_path: Path) -> None:
        assert SOURCE.recognises(str(store)) > 90
        assert SOURCE.recognises(str(store / "ann/one.json")) > 50
        assert SOURCE.recognises("https://git.example/store.git") > 50
        assert SOURCE.recognises("https://example.org/feed.xml") == 0
        assert SOURCE.recognises(str(tmp_path / "missing")) == 1
        feed = put(tmp_path, "feed.json", {"version": "https://jsonfeed.org/version/1", "id": 1})
        assert SOURCE.recognises(str(feed)) == 0

    def test_picture_never_leaves_the_repository(self, store: Path) -> None:
        put(store, "ann/pic one.png", b"1")
        put(store, "images/two.png", b"2")
        put(store.parent, "outside.png", b"3")
        put(store, ".git/config", b"4")
        (store / "link.png").symlink_to(store.parent / "outside.png")
        (store / "linked").symlink_to(store.parent)
        file = read_source(SOURCE, store).reading.file
        assert file("pic%20one.png?x#y", "ann/one.json") == b"1"
        assert file("images/two.png", "ann/one.json") == b"2"
        assert file("../images/two.png", "ann/one.json") == b"2"
        outside = str(store.parent / "outside.png")
        for path in (
            "../../outside.png",
            "..%2f..%2foutside.png",
            outside,
            "link.png",
            "linked/outside.png",
            ".git/config",
            "a\0b",
            "ann",
            "",
            "x" * 5000,
        ):
            assert file(path, "ann/one.json") is None, path


class TestFaults:
    def one(self, store: Path, content: object) -> Outcome:
        """The store with this in one file; the other entry is always read."""
        put(store, "ann/one.json", content)
        outcome = read_source(SOURCE, store)
        assert outcome.entries[-1].path == "bob/two.json"
        assert all("\n" not in line for line in outcome.lines)
        return outcome

    @pytest.mark.parametrize(
        ("content", "line"),
        [
            (b"", "is empty"),
            (b"\0" * 4096, "holds nothing but NUL bytes; an interrupted write?"),
            (b'{\n "id": "x",\n "ti', "line 3, column 2: Unterminated string starting"),
            (b'{\n "id": tru}', "line 2, column 8: Expecting value"),
            ('{"é": nul}'.encode(), "line 1, column 7: Expecting value"),
            (b'{"id": "x"}x', "line 1, column 12: Extra data"),
            (b'{"id": "x", "n": NaN}', "line 1, column 18: NaN is no JSON"),
            (b"[" * 100_000, "nested too deeply"),
            (b'{"x":' * 100_000, "nested too deeply"),
            (b'{"id": "x", "n": ' + b"9" * 5000 + b"}", "holds a number that is out of range"),
            (b'{"id": "\xff"}', "invalid UTF-8 at byte 8"),
            (b"[]", "expected an object, found a list"),
            (b'"x"', "expected an object, found a string"),
            (b"null", "expected an object, found null"),
            (ENTRY | {"title": 3}, "title: expected a string, found a number"),
            (ENTRY | {"author": "Ann"}, "author: expected an object, found a string"),
            (ENTRY | {"author": {"name": []}}, "author.name: expected a string, found a list"),
            (ENTRY | {"categories": ["a", 3]}, "categories[1]: expected a string or an object"),
            (ENTRY | {"content": False}, "content: expected a string, found true or false"),
            (ENTRY | {"id": None}, "id: is missing; every entry needs one"),
            (ENTRY | {"id": " \n"}, "id: is empty; every entry needs one"),
            (
                ENTRY | {"updated": None, "published": None},
                "updated: is missing, and so is published",
            ),
            (
                ENTRY | {"updated": "soon", "published": "2024-02-30"},
                "updated: 'soon' is not a date",
            ),
        ],
    )
    def test_left_out_and_named(self, store: Path, content: object, line: str) -> None:
        outcome = self.one(store, content)
        assert len(outcome.entries) == 1
        (found,) = outcome.lines
        assert found.startswith(f"entry ann/one.json: {line}")

    @pytest.mark.parametrize(
        ("change", "line"),
        [
            ({"updated": None}, "updated: is missing; published is used"),
            ({"updated": "30 Feb"}, "updated: '30 Feb' is not a date; published is used"),
            (
                {"published": "9999-12-31T23:59:00-23:59"},
                "published: '9999-12-31T23:59:00-23:59' is not a date; updated is used",
            ),
            ({"updated": "9998-01-01"}, "updated: 9998-01-01 is in the future"),
            ({"published": "9998-01-01"}, "published: 9998-01-01 is in the future"),
        ],
    )
    def test_kept_with_a_warning(self, store: Path, change: dict[str, Any], line: str) -> None:
        outcome = self.one(store, ENTRY | change)
        assert len(outcome.entries) == 2
        assert outcome.lines == [f"warning ann/one.json: {line}"]

    def test_now_is_source_date_epoch(self, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
        assert "in the future" in read_source(SOURCE, store).lines[0]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le-bom"])
    def test_marked_encodings(self, store: Path, encoding: str) -> None:
        text = json.dumps(ENTRY | {"title": "Élan"}, ensure_ascii=False)
        data = (
            b"\xff\xfe" + text.encode("utf-16-le") if "bom" in encoding else text.encode(encoding)
        )
        outcome = self.one(store, data)
        assert outcome.entries[0].title == "Élan"
        assert json.loads(outcome.entries[0].stored)["title"] == "Élan"

    def test_lone_surrogates_are_replaced(self, store: Path) -> None:
        data = json.dumps(ENTRY).replace('"One"', '"O\\ud800ne \\ud83d\\ude00"').encode()
        assert self.one(store, data).entries[0].title == "O\ufffdne 😀"

    def test_body_over_the_limit(self, store: Path) -> None:
        put(store, "ann/one.json", ENTRY | {"content": "x" * 101})
        assert read_source(SOURCE, store, max_body=101).problems == []
        outcome = read_source(SOURCE, store, max_body=100)
        assert outcome.lines[0].startswith("entry ann/one.json: content: 101 characters")
        assert "max_body" in outcome.lines[0]

    def test_huge_file_is_not_read(self, store: Path) -> None:
        with (store / "ann/one.json").open("wb") as file:
            file.truncate(4_000_000_000)
        tracemalloc.start()
        outcome = read_source(SOURCE, store)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert outcome.lines[0].startswith("entry ann/one.json: 4,000,000,000 bytes")
        assert peak < 5_000_000

    def test_symbolic_links_are_not_followed(self, store: Path) -> None:
        put(store.parent, "outside/x.json", ENTRY)
        (store / "ann/loop.json").symlink_to("loop.json")
        (store / "ann/out.json").symlink_to(store.parent / "outside/x.json")
        (store / "cy").symlink_to(store.parent / "outside")
        (store / "round").symlink_to(".")
        outcome = read_source(SOURCE, store)
        assert [entry.path for entry in outcome.entries] == ["ann/one.json", "bob/two.json"]
        assert sorted(outcome.lines) == [
            f"warning {path}: is a symbolic link: not followed"
            for path in ("ann/loop.json", "ann/out.json", "cy", "round")
        ]
        commit(store)
        again = read_source(SOURCE, store, rev="HEAD")
        assert sorted(again.lines) == sorted(outcome.lines)
        assert len(again.entries) == 2

    def test_a_pipe_does_not_stop_the_reading(self, store: Path) -> None:
        os.mkfifo(store / "ann/pipe.json")
        assert len(read_source(SOURCE, store).entries) == 2

    def test_a_directory_outside_is_refused(self, store: Path) -> None:
        put(store.parent, "outside/x.json", ENTRY)
        for directory in ("../outside", str(store.parent / "outside"), "ann/../../outside", ".git"):
            put(store, "index.json", {"users": {"eve": {"directory": directory}}})
            outcome = read_source(SOURCE, store)
            assert "outside" not in {entry.user for entry in outcome.entries}
            assert len(outcome.entries) == 2
            assert outcome.lines[0].startswith("warning index.json: users.eve.directory: ")

    @pytest.mark.parametrize(
        "index", [b"{", b"[]", {"users": 3}, {"users": {"x": 3}}, {"users": [{"username": ""}]}]
    )
    def test_index_that_is_broken_costs_no_entry(self, store: Path, index: object) -> None:
        put(store, "index.json", index)
        outcome = read_source(SOURCE, store)
        assert len(outcome.entries) == 2
        assert [problem.severity for problem in outcome.problems] in ([], ["warning"])

    def test_files_that_vanish_while_being_read(self, store: Path) -> None:
        outcome = read_source(SOURCE, store)
        (store / "ann/one.json").unlink()
        assert len(list(outcome.reading.entries())) == 1
        assert outcome.lines == ["entry ann/one.json: cannot be read: No such file or directory"]
        assert not outcome.reading.complete

    def test_file_names_that_are_not_utf8(self, store: Path) -> None:
        (store / "ann" / os.fsdecode(b"caf\xe9.json")).write_bytes(json.dumps(ENTRY).encode())
        paths = [entry.path for entry in read_source(SOURCE, store).entries]
        assert "ann/caf\ufffd.json" in paths

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(ENTRY)), inner),
        )
    )
    def test_any_json_is_an_entry_or_one_problem(self, store: Path, value: object) -> None:
        outcome = self.one(store, value)
        left_out = [problem for problem in outcome.problems if problem.severity == "entry"]
        assert len(outcome.entries) + len(left_out) == 2

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.binary(max_size=60))
    def test_any_bytes_are_an_entry_or_one_problem(self, store: Path, data: bytes) -> None:
        outcome = self.one(store, data)
        assert len(outcome.entries) + len(outcome.problems) == 2


class TestWhatIsNoRepository:
    @pytest.mark.parametrize(
        ("address", "line"),
        [
            ("stor", "does not exist; did you mean store?"),
            ("plain", "is no Thicket repository"),
            ("store/ann", "name the folder above"),
            ("above", "did you mean the folder 'inner' in it?"),
        ],
    )
    def test_says_what_was_meant(self, store: Path, address: str, line: str) -> None:
        put(store.parent, "plain/README.md", b"x")
        put(store.parent, "above/inner/index.json", INDEX)
        with pytest.raises(NotASource, match=line):
            read_source(SOURCE, store.parent / address)

    def test_revisions_need_a_repository_that_knows_them(self, store: Path) -> None:
        with pytest.raises(SourceError, match="not in a Git repository"):
            read_source(SOURCE, store, rev="main")
        commit(store)
        branch = pygit2.Repository(str(store)).head.shorthand
        with pytest.raises(SourceError, match=f"'{branch}x'; known are {branch}"):
            read_source(SOURCE, store, rev=f"{branch}x")

    def test_a_git_repository_of_something_else(self, tmp_path: Path) -> None:
        put(tmp_path, "README.md", b"x")
        commit(tmp_path)
        with pytest.raises(NotASource):
            read_source(SOURCE, tmp_path)

    def test_a_broken_git_repository(self, store: Path) -> None:
        commit(store)
        (store / ".git/HEAD").write_bytes(b"\0garbage")
        assert len(read_source(SOURCE, store).entries) == 2
        with pytest.raises(SourceError):
            read_source(SOURCE, store, rev="HEAD")


@pytest.mark.corpus
def test_the_whole_corpus(planet_a: Path) -> None:
    outcome = read_source(SOURCE, planet_a)
    assert len(outcome.entries) == 1233
    assert len(outcome.reading.users) == 41
    assert outcome.problems == []
    assert {entry.source for entry in outcome.entries} - {None} <= set(outcome.reading.feeds)
    for entry in outcome.entries:
        assert json.loads((planet_a / entry.path).read_bytes())["id"] == entry.id
