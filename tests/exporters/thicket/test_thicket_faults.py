"""The exporter ``thicket`` among hostile names, broken files, and runs that are killed."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from running import ROOT, SALTMARSH, command
from store_samples import ENTRY, USER, dump, entry, feed, index, reasons, run, store, tree

from convert.contract import OutputFile
from convert.errors import ContractError, OutputError
from convert.exporters.thicket.index import Member, build
from convert.exporters.thicket.write import Writer
from convert.model import User
from convert.output import lock
from convert.output.staging import stage


@pytest.mark.parametrize(
    "path",
    [
        ".git/hooks/post-commit",
        "ann/.git/config",
        "../x",
        "/etc/x",
        "",
        ".thicket-convert.lock",
    ],
)
def test_the_top_gives_no_way_out(tmp_path: Path, path: str) -> None:
    with pytest.raises(ContractError):
        stage([OutputFile(path=path, content=b"x")], tmp_path, path="", folder="")


def test_hostile_ids_of_a_feed(tmp_path: Path) -> None:
    ids = [
        "https://x.example/../../../etc/passwd", "../../../etc/cron.d/x", "/abs", ".git/config",
        ".thicket-convert.lock", "index.json", "a\\..\\..\\b", "C:\\x", "con", "x" * 900, "…",
        "%00", "https://x.example/%2e%2e%2fup", "-rf", "A/B", "a_b",
    ]  # fmt: skip
    titled = [{"id": each, "title": f"T{n}", "content": str(n)} for n, each in enumerate(ids)]
    top = store(tmp_path / "s")
    assert run(feed(tmp_path / "f.xml", *titled), into=top).exit_code == 0
    made = {path for path in tree(top) if path not in {"index.json", "ann/notes_tide.json"}}
    assert all(path.startswith("ann/") and path.count("/") == 1 for path in made)
    assert len({path.casefold() for path in made}) == len(ids)
    assert {json.loads((top / path).read_bytes())["id"] for path in made} == set(ids)
    assert {path.name for path in tmp_path.iterdir()} == {"s", "f.xml"}
    before = tree(top)
    run(tmp_path / "f.xml", into=top)
    assert tree(top) == before


@pytest.mark.parametrize(
    "username", ["../../up", "/abs", ".git", "index.json", "con", "a/b", "..", "x" * 400, "Ünï"]
)
def test_hostile_usernames(tmp_path: Path, username: str) -> None:
    source = store(tmp_path / "s")
    dump(source / "index.json", {"users": {username: USER | {"username": username}}})
    opml = tmp_path / "o"
    run(source, out=opml)
    assert {path.name for path in tmp_path.iterdir()} == {"s", "o"}
    files = set(tree(opml / "thicket"))
    assert files == {"ann/notes_tide.json", "index.json"}


@pytest.mark.parametrize("directory", ["../up", ".git", "/abs", "a/../../b", "con:", "index.json"])
def test_hostile_directories(tmp_path: Path, directory: str) -> None:
    source = store(tmp_path / "s")
    dump(source / "index.json", {"users": {"ann": USER | {"directory": directory}}})
    top = store(tmp_path / "t")
    target = index(top)
    target["users"]["eve"] = USER | {"username": "eve", "directory": directory}
    dump(top / "index.json", target)
    run(source, into=top)
    run(source, out=tmp_path / "o")
    assert {path.name for path in tmp_path.iterdir()} == {"s", "t", "o"}
    assert set(tree(top)) == {"ann/notes_tide.json", "index.json"}


def test_names_that_not_every_file_system_takes_are_made_anew(tmp_path: Path) -> None:
    source = store(tmp_path / "s")
    for name in ("what?.json", "a:b.json", "back\\slash.json"):
        dump(source / "ann" / name, ENTRY | {"id": f"urn:{name[0]}", "title": name})
    (source / "ann" / os.fsdecode(b"\xff.json")).write_text(
        json.dumps(ENTRY | {"id": "urn:latin", "title": "L"})
    )
    assert run(source, out=tmp_path / "o").exit_code == 0
    assert set(tree(tmp_path / "o" / "thicket")) == {
        "ann/notes_tide.json", "ann/urn_w.json", "ann/urn_a.json", "ann/urn_b.json",
        "ann/urn_latin.json", "index.json",
    }  # fmt: skip


def test_such_a_file_in_the_store_itself_is_told_and_left(tmp_path: Path) -> None:
    top = store(tmp_path / "s", {"name": "what?"})
    before = tree(top)
    report = run(feed(tmp_path / "f.xml", {"title": "Tides"}), into=top)
    assert tree(top) == before
    assert any("what?" in line and "rename" in line for line in reasons(report))


def test_links_are_not_followed(tmp_path: Path) -> None:
    top = store(tmp_path / "s")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.json").write_text("{}")
    (top / "bob").symlink_to(outside)
    (top / "ann" / "b.json").symlink_to(outside / "secret.json")
    source = tmp_path / "t"
    dump(source / "bob" / "x.json", ENTRY | {"id": "urn:bob"})
    dump(source / "ann" / "b.json", ENTRY | {"id": "urn:b", "title": "B", "link": "x"})
    report = run(source, into=top)
    assert tree(outside) == {"secret.json": b"{}"}
    assert (top / "ann" / "b.json").is_symlink()
    assert report.exit_code == 1
    assert sum("symbolic link" in line for line in reasons(report)) >= 2


def test_a_broken_index_stops_the_run_before_anything_is_written(tmp_path: Path) -> None:
    top = store(tmp_path / "s")
    (top / "index.json").write_text('{"users": {')
    before = tree(top)
    report = run(feed(tmp_path / "f.xml", {"id": "urn:2"}), into=top)
    assert report.exit_code == 3
    assert any("index.json" in line and "no JSON object" in line for line in reasons(report))
    assert tree(top) == before


def test_a_users_folder_or_a_folder_of_stores_is_no_store(tmp_path: Path) -> None:
    top = store(tmp_path / "all" / "s")
    before = tree(tmp_path / "all")
    for wrong in (top / "ann", tmp_path / "all"):
        report = run(feed(tmp_path / "f.xml", {"id": "urn:2"}), into=wrong)
        assert report.exit_code == 3, wrong
        assert any("folder" in line for line in reasons(report))
    assert tree(tmp_path / "all") == before


NO_STORES: dict[str, dict[str, str]] = {
    "stores": {"s1/index.json": '{"users": {}}', "s2/index.json": '{"users": {}}'},
    "stores and feeds": {"s1/index.json": '{"users": {}}', "feeds/group.json": '{"items": []}'},
    "one store": {"s/index.json": '{"users": {}}', "s/ann/p.json": json.dumps(ENTRY)},
    "a project": {"src/package.json": '{"name": "x"}', "README.md": "x"},
    "a project with an index": {"index.json": '{"name": "x"}', "a/b.json": json.dumps(ENTRY)},
    "a store's folder beside others": {"ann/p.json": json.dumps(ENTRY), "notes/a.txt": "x"},
    "a list": {"index.json": "[]"},
    "texts": {"notes.txt": "x"},
    "pictures": {"2024/a.png": "x"},
}


@pytest.mark.parametrize("held", NO_STORES)
def test_what_is_no_store_and_not_empty_is_not_written_into(tmp_path: Path, held: str) -> None:
    top = tmp_path / "h"
    for name, content in NO_STORES[held].items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(content)
    before = tree(tmp_path)
    report = run(SALTMARSH, into=top, commit=True)
    assert report.exit_code == 3
    assert [each for each in reasons(report) if each.startswith(f"{top}: ")]
    assert tree(tmp_path) == before
    assert not (top / ".git").exists()


EMPTY = {
    "nothing": (),
    "hidden": (".git/x", ".gitignore"),
    "folders": ("ann/", "feeds/"),
    "a first run that was killed": ("ada/p.json", "leila/"),
    "said to be one": ("index.json", "README.md", "notes/a.txt"),
}


@pytest.mark.parametrize("held", EMPTY)
def test_what_is_empty_becomes_a_store(tmp_path: Path, held: str) -> None:
    top = tmp_path / "h"
    for name in EMPTY[held]:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            (top / name).mkdir()
        elif name.endswith("p.json"):
            dump(top / name, ENTRY)
        else:
            (top / name).write_text('{"users": {}}')
    assert run(SALTMARSH, into=top).exit_code == 0
    assert (top / "ada").is_dir()
    assert index(top)["users"]["ada"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_store_that_cannot_be_read_whole_is_left_alone(tmp_path: Path) -> None:
    top = store(tmp_path / "s")
    (top / "ann" / "notes_tide.json").chmod(0)
    report = run(feed(tmp_path / "f.xml", {"id": "urn:2"}), into=top)
    assert report.exit_code == 3
    assert not (top / "ann" / "urn_2.json").exists()


def test_two_runs_at_once(tmp_path: Path) -> None:
    top = store(tmp_path / "s")
    before = tree(top)
    with (
        lock.held(top / ".thicket-convert.lock"),
        pytest.raises(OutputError, match="another run"),
    ):
        run(feed(tmp_path / "f.xml", {"id": "urn:2"}), into=top)
    assert tree(top) == before


@pytest.mark.judge
def test_a_run_that_is_killed_leaves_each_file_whole(tmp_path: Path) -> None:
    source = tmp_path / "t"

    def fields(number: int) -> dict[str, object]:
        address = f"https://ann.example/{number}"
        return ENTRY | {"id": address, "link": address, "content": f"<p>Number {number}.</p>"}

    for number in range(600):
        dump(source / "ann" / f"{number:03}.json", fields(number) | {"title": "old"})
    top = tmp_path / "s"
    run(source, into=top, commit=True)
    old = tree(top)
    for path in (source / "ann").iterdir():
        dump(path, json.loads(path.read_bytes()) | {"title": "new"})
    wanted = {path: (source / path).read_bytes() for path in tree(source)}
    arguments = ("export", source, "--to", "thicket", "--into", top, "-O", "thicket.commit=true",
                 "--cache", tmp_path / "c", "--jobs", "1")  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "convert", *map(str, arguments)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while (top / "ann" / "000.json").read_bytes() == old["ann/000.json"]:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    found = {path: content for path, content in tree(top).items() if path in wanted}
    assert all(content in (old[path], wanted[path]) for path, content in found.items())
    ended = command(*arguments)
    assert ended.code == 0, ended.err
    made = tree(top)
    assert {path: made[path] for path in wanted} == wanted
    listed = subprocess.run(
        ["git", "-C", top, "ls-files"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [path for path in listed if "thicket-convert" in path]
    status = subprocess.run(
        ["git", "-C", top, "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert status.stdout == ""


def test_the_command(tmp_path: Path) -> None:
    config = tmp_path / "thicket-convert.toml"
    config.write_text(
        f'sources = ["{SALTMARSH}"]\ninto = "store"\n[[output]]\nto = "thicket"\ncommit = true\n'
    )
    ended = command("build", config, "--cache", tmp_path / "c", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert tree(tmp_path / "store") == tree(SALTMARSH)
    assert not (tmp_path / "out").exists()
    assert "traceback" not in ended.err.lower()
    listed = command("exporters").out.decode()
    assert "thicket: Thicket repository" in listed
    assert entry(tmp_path / "store", "ada/notes_tide-gauge.json")["title"]


def _index_of(number: int) -> None:
    members = [
        Member(user=User(username=f"u{each}"), folder=f"u{each}", count=1) for each in range(number)
    ]
    now = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    made = build(None, members, now)
    build(made, members, now, {f"u{each}" for each in range(0, number, 2)})


def _folders_of(number: int) -> None:
    writer = Writer(None, {}, Path(), lambda _: None)
    for each in range(number):
        writer.folder_of(f"u{each}")


@pytest.mark.parametrize("work", [_index_of, _folders_of])
def test_thousands_of_members_take_linear_time(work: Callable[[int], None]) -> None:
    def seconds(number: int) -> float:
        start = time.process_time()
        work(number)
        return time.process_time() - start

    few = min(seconds(500) for _ in range(3))
    # Eight times as many: quadratic would be 64 times as long.
    assert min(seconds(4_000) for _ in range(2)) < 24 * few
