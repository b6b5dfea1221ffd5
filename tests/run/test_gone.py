"""A source that is no longer named takes its entries along, and is named before it does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from group_feeds import atom, json_feed, lines, listed, rss, run
from running import command, tree
from server import Server, reply

from convert.errors import UsageError
from convert.output.copies import COPIES

FORMATS = ("atom", "jsonfeed", "opml", "markdown")
NUMBERS = {"mira": (3, 2, 1), "tom": (1,), "ines": (2, 1)}
WRITERS = {"mira": atom, "tom": rss, "ines": json_feed}
GONE = "is not among the sources any more: "


def files(folder: Path, names: Sequence[str]) -> list[Path]:
    """A file for each feed."""
    folder.mkdir(exist_ok=True)
    paths = []
    for name in names:
        paths.append(folder / f"{name}.{'json' if name == 'ines' else 'xml'}")
        paths[-1].write_bytes(WRITERS[name](name, NUMBERS[name]))
    return paths


def repository(folder: Path, names: Sequence[str]) -> list[Path]:
    """A repository with a member for each."""
    top = folder / "group"
    shutil.rmtree(top, ignore_errors=True)
    users = {name: {"directory": name, "display_name": name} for name in names}
    top.mkdir(parents=True)
    (top / "index.json").write_text(json.dumps({"users": users}))
    for name in names:
        (top / name).mkdir()
        for number in NUMBERS[name]:
            stored = {"id": f"urn:{name}:{number}", "updated": "2024-05-06", "title": name}
            (top / name / f"{number}.json").write_text(json.dumps(stored))
    return [top]


def folder_of_feeds(folder: Path, names: Sequence[str]) -> list[Path]:
    shutil.rmtree(folder / "all", ignore_errors=True)
    files(folder / "all", names)
    return [folder / "all"]


Sources = Callable[[Path, Sequence[str]], list[Path]]


@pytest.mark.parametrize("gone", [("mira",), ("tom",), ("ines", "tom")])
@pytest.mark.parametrize("sources", [files, repository, folder_of_feeds])
def test_what_is_not_named_any_more(sources: Sources, gone: Sequence[str], tmp_path: Path) -> None:
    before = sources(tmp_path, list(NUMBERS))
    assert run(tmp_path, before, FORMATS, name="group").exit_code == 0
    rest = [name for name in NUMBERS if name not in gone]
    report = run(tmp_path, sources(tmp_path, rest), FORMATS, name="group")
    assert report.exit_code == 0
    told = [each for each in lines(report, "warning") if GONE in each]
    assert len(told) == len(gone)
    for name in gone:
        (line,) = (each for each in told if f"/{name}" in each.partition(":")[0])
        count = len(NUMBERS[name])
        entries = "1 entry of it leaves" if count == 1 else f"{count} entries of it leave"
        assert line.endswith(f"{entries} group.atom, group.json, group.opml, markdown-group")
    assert run(tmp_path, sources(tmp_path, rest), FORMATS, name="group").problems == ()


def test_a_feed_that_left_a_list(tmp_path: Path) -> None:
    with Server() as web:
        for name, numbers in NUMBERS.items():
            web[f"/{name}"] = reply(WRITERS[name](name, numbers))
        addresses = [web.address(f"/{name}") for name in NUMBERS]
        run(tmp_path, [listed(tmp_path, addresses)], FORMATS)
        # Another of the list is dead, with and without a copy: that is no reason to be silent.
        web["/ines"] = reply(b"", status=404)
        shutil.rmtree(tmp_path / "cache")
        before = tree(tmp_path / "out")
        report = run(tmp_path, [listed(tmp_path, addresses[1:])], FORMATS)
        (line,) = [each for each in lines(report, "warning") if GONE in each]
        assert line.startswith(f"{addresses[0]}: {GONE}3 entries of it leave group.atom, ")
        assert tree(tmp_path / "out") != before
        # The feeds themselves in place of the list, and back.
        report = run(tmp_path, addresses[1:], FORMATS, name="group")
        assert not [each for each in lines(report, "warning") if GONE in each]


def test_a_source_that_fails_is_not_gone(tmp_path: Path) -> None:
    paths = [*files(tmp_path, ["mira", "tom"]), *repository(tmp_path, ["ines"])]
    run(tmp_path, paths, FORMATS, name="group")
    for fault in ("moved away", "cut", "no copy"):
        if fault == "moved away":
            paths[0].rename(tmp_path / "away")
        elif fault == "cut":
            (paths[2] / "ines/1.json").write_bytes(b"{")
            (paths[2] / "ines/2.json").write_bytes(b"")
        else:
            (tmp_path / "away").rename(paths[0])
            shutil.rmtree(tmp_path / "out/.thicket-convert.sources")
        report = run(tmp_path, paths, FORMATS, name="group")
        assert not [each for each in lines(report, "warning") if GONE in each], fault


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("fails", ["group", "tom.xml", "all"])
def test_one_that_fails_is_known_in_every_spelling(
    fails: str, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(tmp_path, ["mira"])
    files(tmp_path, ["tom"])
    files(tmp_path / "all", ["ines", "mira"])
    names = ("group", "tom.xml", "all")
    monkeypatch.chdir(tmp_path)
    run(tmp_path, names, FORMATS, out=Path("out"), name="group")
    before = tree(tmp_path / "out")
    if not kept:
        shutil.rmtree(tmp_path / "out" / COPIES)
    (tmp_path / fails).rename(tmp_path / "away")
    for part in ("objects", "refs"):  # a Git repository that lost its objects
        (tmp_path / fails / part).mkdir(parents=True)
    (tmp_path / fails / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / fails / "refs" / "heads").mkdir()
    (tmp_path / fails / "refs" / "heads" / "main").write_text(f"{'1' * 40}\n")
    (tmp_path / "link").symlink_to(tmp_path)
    for place, spelled in (("all", "../{}"), ("/", f"{tmp_path}/{{}}"), (".", "link/./{}")):
        monkeypatch.chdir(tmp_path / place)
        sources = [spelled.format(each) for each in names]
        report = run(tmp_path, sources, FORMATS, name="group")
        assert not any(GONE in str(each) for each in report.problems)
        shown = str(Path(spelled.format(fails)))
        assert any(str(each).startswith(shown) for each in report.problems)
        if kept:
            assert (report.exit_code, tree(tmp_path / "out")) == (0, before)


def test_a_project_that_moved_has_its_copies(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    run(old, [*repository(old, ["mira"]), *files(old, ["tom"])], FORMATS)
    before = tree(old / "out")
    old.rename(new)
    (new / "tom.xml").write_bytes(b"")
    report = run(new, [new / "group", new / "tom.xml"], FORMATS)
    assert (report.exit_code, tree(new / "out")) == (0, before)


def test_a_source_that_moved_or_is_shared_is_not_gone(tmp_path: Path) -> None:
    paths = [*files(tmp_path / "a", ["mira", "tom"]), *repository(tmp_path, ["ines"])]
    run(tmp_path, paths, FORMATS, name="group")
    moved = [path.rename(tmp_path / f"moved-{path.name}") for path in paths]
    assert run(tmp_path, moved, FORMATS, name="group").problems == ()
    # Half of its entries are somewhere else: the others leave.
    (tmp_path / "b").mkdir()
    other = tmp_path / "b" / "planet.xml"
    other.write_bytes(atom("mira", (3,)))
    report = run(tmp_path, [other, *moved[1:]], FORMATS, name="group")
    (line,) = lines(report, "warning")
    assert line.startswith(f"{moved[0]}: {GONE}2 entries of it leave ")


def test_sources_with_nothing_in_common_are_refused_and_a_small_one_of_many_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "large.xml").write_bytes(atom("mira", tuple(n % 9 + 1 for n in range(9))))
    large, small, other = tmp_path / "large.xml", *files(tmp_path, ["tom", "ines"])
    run(tmp_path, [large, small], FORMATS, name="group")
    before = tree(tmp_path / "out")
    with pytest.raises(UsageError, match="was made from other sources"):
        run(tmp_path, [other], FORMATS, name="group")
    assert tree(tmp_path / "out") == before
    report = run(tmp_path, [small], FORMATS, name="group")
    assert any(GONE in each for each in lines(report, "warning"))


def _damage_index(top: Path) -> list[Path]:
    (top / "index.json").write_text("{")
    return [top]


def _damage_duplicates(top: Path) -> list[Path]:
    (top / "duplicates.json").write_text("[")
    return [top]


def _damage_entry(top: Path) -> list[Path]:
    (top / "tom" / "2.json").write_text("{")
    return [top]


def _add_a_feed_that_is_cut_off(top: Path) -> list[Path]:
    feed = top.parent / "ines.xml"
    feed.write_bytes(atom("ines", (2, 1))[:-40])
    return [top, feed]


def _add_a_feed_that_is_dead(top: Path) -> list[object]:
    return [top, "http://127.0.0.1:1/never.xml"]


Damage = Callable[[Path], Sequence[object]]


@pytest.mark.parametrize(
    "damage",
    [
        _damage_index,
        _damage_duplicates,
        _damage_entry,
        _add_a_feed_that_is_cut_off,
        _add_a_feed_that_is_dead,
    ],
)
def test_what_cannot_be_read_excuses_no_other_sources(damage: Damage, tmp_path: Path) -> None:
    (first,) = repository(tmp_path / "a", ["mira"])
    run(tmp_path, [first], FORMATS)
    before = tree(tmp_path / "out")
    (second,) = repository(tmp_path / "b", ["tom"])
    sources = damage(second)
    with pytest.raises(UsageError, match="was made from other sources"):
        run(tmp_path, sources, FORMATS, name="group")
    assert tree(tmp_path / "out") == before
    # What was damaged is the same source all the same.
    run(tmp_path, sources, FORMATS, name="group", out=tmp_path / "new")
    run(tmp_path, sources, FORMATS, name="group", out=tmp_path / "new")


def test_a_dead_feed_excuses_no_other_list(tmp_path: Path) -> None:
    with Server() as web:
        for name, numbers in NUMBERS.items():
            web[f"/{name}"] = reply(WRITERS[name](name, numbers))
        run(tmp_path, [listed(tmp_path, [web.address("/mira")])], FORMATS)
        before = tree(tmp_path / "out")
        web["/ines"] = reply(b"", status=404)
        other = listed(tmp_path, [web.address("/tom"), web.address("/ines")])
        with pytest.raises(UsageError, match="was made from other sources"):
            run(tmp_path, [other], FORMATS)
        assert tree(tmp_path / "out") == before
        # One that cannot be read is the one that it was.
        web["/mira"] = reply(b"", status=404)
        shutil.rmtree(tmp_path / "cache")
        shutil.rmtree(tmp_path / "out/.thicket-convert.sources", ignore_errors=True)
        both = listed(tmp_path, [web.address("/mira"), web.address("/tom")])
        run(tmp_path, [both], FORMATS)


def test_files_of_what_is_gone_stay_until_every_source_is_read(tmp_path: Path) -> None:
    paths = [*files(tmp_path, ["mira", "tom"]), *repository(tmp_path, ["ines"])]
    run(tmp_path, paths, FORMATS, name="group")
    kept = [
        each
        for each in tree(tmp_path / "out")
        if each.startswith("markdown-group/") and "mira" in each
    ]
    (tmp_path / "ines.xml").write_bytes(atom("ines", (2, 1))[:-40])
    cut = [*paths[1:], tmp_path / "ines.xml"]
    report = run(tmp_path, cut, FORMATS, name="group")
    (line,) = [each for each in lines(report, "warning") if GONE in each]
    assert line.endswith(
        "markdown-group; its files in markdown-group stay until every source is read"
    )
    assert kept
    assert set(kept) <= set(tree(tmp_path / "out"))


def test_by_the_command_and_a_config_file(tmp_path: Path) -> None:
    config = tmp_path / "thicket-convert.toml"
    paths = files(tmp_path, list(NUMBERS))
    for count in (3, 2):
        sources = json.dumps([path.name for path in paths[:count]])
        config.write_text(
            f'sources = {sources}\nname = "group"\nout = "out"\n[[output]]\nto = "atom"\n'
        )
        report = tmp_path / f"report-{count}.json"
        ended = command(
            "build", config, "--cache", tmp_path / "cache", "--report", report, cwd=tmp_path
        )
        assert ended.code == 0
    line = f"ines.json: {GONE}2 entries of it leave group.atom"
    assert line in ended.err
    (problem,) = json.loads(report.read_text())["problems"]
    assert problem["reason"] in line


def test_it_is_said_whatever_else_there_is_to_say(tmp_path: Path) -> None:
    (top,) = repository(tmp_path, list(NUMBERS))
    for number in range(70):
        stored = {"id": f"urn:{number}", "published": "2024-05-06", "title": f"{number}"}
        (top / "ines" / f"undated-{number}.json").write_text(json.dumps(stored))
    words = (
        "export",
        top,
        "--to",
        "atom",
        "--out",
        tmp_path / "out",
        "--cache",
        tmp_path / "cache",
    )
    assert command(*words).code == 0
    shutil.rmtree(top / "tom")
    index = json.loads((top / "index.json").read_bytes())
    del index["users"]["tom"]
    (top / "index.json").write_text(json.dumps(index))
    ended = command(*words)
    assert f"group/tom: {GONE}1 entry of it leaves group.atom" in ended.err
    assert "more warnings" in ended.err


@pytest.mark.parametrize("words", [{"allow_empty": True}, {"prune": True}])
def test_a_member_who_is_named_and_has_no_entry_is_among_the_sources(
    words: dict[str, object], tmp_path: Path
) -> None:
    top = repository(tmp_path, ["mira", "tom"])
    run(tmp_path, top, ("atom",))
    for path in (top[0] / "mira").iterdir():
        path.unlink()
    report = run(tmp_path, top, ("atom",), **words)
    (line,) = (each for each in lines(report, "warning") if "leave" in each)
    assert line == "group/mira: holds no entry any more: 3 entries of it leave group.atom"
