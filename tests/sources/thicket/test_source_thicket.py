"""A Thicket repository, in every place it may lie."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pygit2
import pytest
from source_reading import read_source
from thicket_samples import ENTRY, INDEX, commit, made_store, put

from convert.contract import Reading, Source
from convert.errors import NotASource, SourceError, UnknownName, UsageError
from convert.model import Category, Enclosure, Person
from convert.sources.thicket.source import SOURCE


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return made_store(tmp_path / "store")


def test_the_source_keeps_the_contract(store: Path) -> None:
    assert isinstance(SOURCE, Source)
    reading: Reading = read_source(SOURCE, store).reading
    assert not reading.lost


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


def test_a_name_that_is_cut_is_named(tmp_path: Path) -> None:
    user = {"username": "ann", "display_name": "word " * 299 + "wordy"}
    put(tmp_path, "index.json", {"users": {"ann": user}})
    assert read_source(SOURCE, tmp_path).lines == [
        "warning index.json: users.ann.display_name: cut: 1,500 characters, the limit is 1,000"
    ]


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
        with pytest.raises(UsageError, match="not in a Git repository"):
            read_source(SOURCE, store, rev="main")
        commit(store)
        branch = pygit2.Repository(str(store)).head.shorthand
        with pytest.raises(UnknownName, match=f"'{branch}x'; did you mean {branch}"):
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
    assert len(outcome.entries) == len([*planet_a.glob("*/*.json")]) > 200
    assert len(outcome.reading.users) == 41
    assert outcome.problems == []
    assert {entry.source for entry in outcome.entries} - {None} <= set(outcome.reading.feeds)
    for entry in outcome.entries:
        assert json.loads((planet_a / entry.path).read_bytes())["id"] == entry.id
