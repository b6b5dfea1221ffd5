"""Every fault that the files of a Thicket repository may have."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_reading import Outcome, read_source
from thicket_samples import ENTRY, commit, made_store, put

from convert.sources.thicket.source import SOURCE


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return made_store(tmp_path / "store")


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
        ],
    )
    def test_kept_with_a_warning(self, store: Path, change: dict[str, Any], line: str) -> None:
        outcome = self.one(store, ENTRY | change)
        assert len(outcome.entries) == 2
        assert outcome.lines == [f"warning ann/one.json: {line}"]

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
        assert "--max-body" in outcome.lines[0]

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
        outcome = read_source(SOURCE, store)
        assert len(outcome.entries) == 2
        assert outcome.lines == ["warning ann/pipe.json: is no file: not read"]

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
        assert outcome.reading.lost

    def test_file_names_that_are_not_utf8(self, store: Path) -> None:
        (store / "ann" / os.fsdecode(b"caf\xe9.json")).write_bytes(json.dumps(ENTRY).encode())
        paths = [entry.path for entry in read_source(SOURCE, store).entries]
        assert "ann/caf\ufffd.json" in paths

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

    @given(st.binary(max_size=60))
    def test_any_bytes_are_an_entry_or_one_problem(self, store: Path, data: bytes) -> None:
        outcome = self.one(store, data)
        assert len(outcome.entries) + len(outcome.problems) == 2
