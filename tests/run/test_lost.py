"""What could not be read takes nothing away, whatever it is and whatever the format."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from group_feeds import REGISTRY, atom, json_feed, lines, listed, rss, run
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from losses import (
    ALL,
    LOSSES,
    MEANT,
    MEMBERS,
    OF_BEN,
    OF_FILES,
    OF_FOLDERS,
    damage,
    mend,
    repository,
    write_entry,
)
from running import some, tree
from server import Server, reply

from convert import library
from convert.errors import ConvertError, EmptySelection, SourceError, UnknownName
from convert.output.copies import COPIES
from convert.output.manifest import MANIFEST
from convert.settings import config_file, periods
from convert.settings.job import OutputRequest, Selection

FORMATS = ("atom", "markdown", "opml")


def titles(out: Path) -> frozenset[str]:
    feed = (out / "repo.atom").read_text()
    return frozenset(title for title in ALL if title in feed)


QUICK = ("a cut file", "a linked file", "no folder", "a linked folder", "an empty clone")


@pytest.mark.parametrize("loss", some(LOSSES, QUICK))
def test_what_a_repository_lost_has_its_copy(loss: str, tmp_path: Path) -> None:
    """Beside it one entry is removed by intent, and one is new."""
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    assert run(tmp_path, [top], FORMATS).problems == ()
    before = tree(out)
    fault, lost = LOSSES[loss]
    fault(top)
    meant = (top / "ada").is_dir()
    if meant:
        (top / "ada" / "1.json").unlink()
        write_entry(top, "ada", 4)
    for _ in range(2):  # several partial runs in a row
        report = run(tmp_path, [top], FORMATS)
        bad = any(each.severity == "entry" for each in report.problems)
        assert report.exit_code == (1 if bad else 0)
        assert report.lost
        assert not report.inputs[0].complete
        assert titles(out) == (ALL - {"ada writes 1"} if meant else ALL)
        assert before.keys() <= tree(out).keys()
        assert report.counts.removed == 0
    shutil.rmtree(top, ignore_errors=True)
    repository(top)
    again = run(tmp_path, [top], FORMATS)
    assert again.lost == ()
    assert tree(out) == before
    run(tmp_path, [top], FORMATS, out=tmp_path / "cold", cache=tmp_path / "other")
    assert tree(tmp_path / "cold") == before
    assert lost <= ALL


OF_A_PART = [name for name, (_, lost) in LOSSES.items() if lost < ALL]
COPY = ("gone", "of another selection", "damaged")


@pytest.mark.parametrize("copy", some(COPY, COPY[:2]))
@pytest.mark.parametrize("loss", some(LOSSES, QUICK))
def test_without_a_copy_no_output_loses_an_entry(loss: str, copy: str, tmp_path: Path) -> None:
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    if copy == "of another selection":
        run(tmp_path, [top], ("jsonfeed",), select=Selection(authors=("cy",)))
    others = set(tmp_path.glob(f"out/{COPIES}/*"))
    run(tmp_path, [top], FORMATS)
    before = tree(out)
    for each in set(tmp_path.glob(f"out/{COPIES}/*")) - others:
        if copy == "damaged":
            each.write_bytes(each.read_bytes()[:-20])
        else:
            each.unlink()
    fault, lost = LOSSES[loss]
    fault(top)
    if lost == ALL and copy != "of another selection":
        with pytest.raises(ConvertError):  # exit code 3, or 2 where nothing is there at all
            run(tmp_path, [top], FORMATS)
    else:
        report = run(tmp_path, [top], FORMATS)
        assert report.exit_code == 1
        told = lines(report, "output")
        assert [each.partition(": would lose ")[0] for each in told] == [
            "repo.atom",
            "markdown",
            "repo.opml",
        ]
    assert tree(out) == before


@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize("select", [Selection(), Selection(exclude_authors=("ada",))])
@pytest.mark.parametrize(
    "loss",
    some(OF_A_PART, ("a cut file", "no folder")),
)
def test_an_id_that_others_have_as_well_excuses_none(
    loss: str, select: Selection, copies: bool, tmp_path: Path
) -> None:
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    for path in top.glob("*/*.json"):
        path.write_text(re.sub("urn:[a-z]+:", "urn:all:", path.read_text()))
    run(tmp_path, [top], FORMATS, name="repo", select=select)
    before = tree(out)
    if not copies:
        shutil.rmtree(out / COPIES)
    fault, lost = LOSSES[loss]
    fault(top)
    # One that moved within its folder is there; the others are not.
    (top / "cy" / "3.json").rename(top / "cy" / "4.json")
    report = run(tmp_path, [top], FORMATS, name="repo", select=select)
    assert tree(out) == before
    entries = "1 entry" if len(lost) == 1 else f"{len(lost)} entries"
    told = lines(report, "output")
    assert len(told) == (0 if copies else len(FORMATS))
    assert all(f" would lose {entries} of repo/ben, " in each for each in told)


@pytest.mark.parametrize("copies", [True, False])
def test_a_feed_with_one_id_twice_that_is_cut_between(copies: bool, tmp_path: Path) -> None:
    feed = tmp_path / "tom.xml"
    feed.write_bytes(rss("tom", (3, 2, 1)).replace(b"example/1<", b"example/2<"))
    run(tmp_path, [feed], ("atom", "markdown"), name="repo")
    before = tree(tmp_path / "out")
    if not copies:
        shutil.rmtree(tmp_path / "out" / COPIES)
    whole = feed.read_bytes()
    feed.write_bytes(whole[: whole.index(b"<item><title>tom 1")])
    report = run(tmp_path, [feed], ("atom", "markdown"), name="repo")
    assert (report.exit_code, tree(tmp_path / "out")) == (0 if copies else 1, before)
    if not copies:
        assert all(" would lose 1 entry of " in each for each in lines(report, "output"))


def _dead(web: Server) -> None:
    web["/tom.rss"] = reply(b"", status=404)


def _cut(web: Server) -> None:
    web["/tom.rss"] = reply(rss("tom", (3, 2, 1))[:-150])


def _bare(web: Server) -> None:
    web["/tom.rss"] = reply(rss("tom", ()))


def _page(web: Server) -> None:
    web["/tom.rss"] = reply(b"<!doctype html><p>Sold.")


OF_LISTS = ("atom", "opml", "markdown", "jsonfeed")


@pytest.mark.parametrize("copy", COPY[:2])
@pytest.mark.parametrize(
    "fault", [*(pytest.param(f, marks=pytest.mark.slow) for f in (_dead, _page)), _cut, _bare]
)
def test_a_feed_without_a_copy_takes_no_entry_away(
    fault: Callable[[Server], None], copy: str, tmp_path: Path
) -> None:
    with Server() as web:
        for name, numbers in (("mira", (2, 1)), ("tom", (3, 2, 1))):
            web[f"/{name}.rss"] = reply(rss(name, numbers))
        addresses = [web.address(f"/{name}.rss") for name in ("mira", "tom")]
        group = listed(tmp_path, addresses)
        if copy == "of another selection":
            run(tmp_path, [group], ("csl",), name="few", select=Selection(limit=2))
        others = set(tmp_path.glob(f"out/{COPIES}/*"))
        run(tmp_path, [group], OF_LISTS)
        before = tree(tmp_path / "out")
        for each in set(tmp_path.glob(f"out/{COPIES}/*")) - others:
            each.unlink()
        shutil.rmtree(tmp_path / "cache")
        fault(web)
        web["/mira.rss"] = reply(rss("mira", (4, 2, 1)))
        for _ in range(2):
            report = run(tmp_path, [group], OF_LISTS)
            after = tree(tmp_path / "out")
            # A list of feeds has no entry to lose, and names all of them.
            assert all(each.encode() in after["group.opml"] for each in addresses)
            assert after | {"group.opml": before["group.opml"]} == before
            assert report.exit_code == 1
            assert report.lost == (addresses[1],)
            assert len(lines(report, "output")) == len(OF_LISTS) - 1
            for line in lines(report, "output"):
                assert re.search(
                    rf": would lose (1 entry|[23] entries) of {addresses[1]}, which", line
                )
        # Other outputs are made of what there is, and the entries may be given up.
        assert run(tmp_path, [group], ("csl",)).counts.made_anew == 1
        report = run(tmp_path, [group], OF_LISTS, prune=True)
        assert b"mira 4" in (tmp_path / "out" / "group.atom").read_bytes()
        assert not lines(report, "output")
        web["/tom.rss"] = reply(rss("tom", (3, 2, 1)))
        assert run(tmp_path, [group], OF_LISTS).exit_code == 0
        assert b"tom 1" in (tmp_path / "out" / "group.atom").read_bytes()


def test_a_list_of_feeds_stays_where_it_would_lose_one(tmp_path: Path) -> None:
    """No list names the feed that has failed."""
    with Server() as web:
        for name in ("mira", "tom"):
            web[f"/{name}.rss"] = reply(rss(name, (1,)))
        addresses = [web.address(f"/{name}.rss") for name in ("mira", "tom")]
        run(tmp_path, addresses, ("opml",), name="both")
        before = tree(tmp_path / "out")
        shutil.rmtree(tmp_path / "out" / COPIES)
        shutil.rmtree(tmp_path / "cache")
        _dead(web)
        report = run(tmp_path, addresses, ("opml",), name="both")
        assert "both.opml: would lose 1 entry of" in lines(report, "output")[0]
        assert tree(tmp_path / "out") == before


def _items(*changed: object) -> bytes:
    """A feed of the items 4 and 3, and of these in the place of 2 and 1."""
    feed = json.loads(json_feed("tom", (4, 3)))
    return json.dumps(feed | {"items": [*feed["items"], *changed]}).encode()


TWO = json.loads(json_feed("tom", (2,)))["items"][0]
LONG = atom("tom", (4, 3, 2)).replace(b"Text 2", b"Text 2 " * 200)
KNOWN, LIKELY, ANY = "by its id", "for it is the newest that is missing", ""
# How it is known which entry could not be read.
BROKEN: dict[str, tuple[bytes, str]] = {
    "no item": (_items(None), LIKELY),
    "nothing in an item": (_items({}), LIKELY),
    "no items at all": (json.dumps(json.loads(_items()) | {"items": [3, 4]}).encode(), ANY),
    "a long text": (_items(TWO | {"content_html": "Text " * 300}), KNOWN),
    "a long text, known by its page": (
        _items(TWO | {"content_html": "Text " * 300, "id": None}),
        KNOWN,
    ),
    "a long text in Atom": (LONG, KNOWN),
    "a long text without an id": (
        # Neither has it a title, by which it would be known.
        re.sub(rb"<title>tom 2</title><id>[^<]*2</id><link [^>]*2'/>", b"", LONG),
        LIKELY,
    ),
}


@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize("how", some(BROKEN, ("no item", "a long text", "a long text in Atom")))
def test_one_entry_of_a_feed(how: str, copies: bool, tmp_path: Path) -> None:
    """Beside it one leaves the feed, unless nobody knows whether it is that; another is new."""
    (broken, known), formats = BROKEN[how], ("atom", "markdown")
    top = tmp_path / "feeds"
    top.mkdir()
    (top / "mira.xml").write_bytes(rss("mira", (1,)))
    (top / "tom.xml").write_bytes(atom("tom", (3, 2, 1)))
    run(tmp_path, [top], formats, name="repo")
    before = tree(tmp_path / "out")
    if not copies:
        shutil.rmtree(tmp_path / "out" / COPIES)
    (top / "tom.xml").write_bytes(broken)
    for _ in range(2):
        report = run(tmp_path, [top], formats, name="repo", max_body=1000)
        after = tree(tmp_path / "out")
        # What is no item is none that was left out.
        assert report.exit_code == (0 if copies and "item" in how else 1)
        alone = known == KNOWN or (known == LIKELY and copies)
        assert report.lost == (f"{top}/tom.xml{'#https://tom.example/2' * alone}",)
        assert bool(lines(report, "output")) is not copies
        if copies:
            assert before.keys() <= after.keys()
            shown = [n for n in (1, 2, 3, 4) if f"tom {n}".encode() in after["repo.atom"]]
            assert shown == ([2, 3, 4] if known else [1, 2, 3])
        else:
            assert after == before
    (top / "tom.xml").write_bytes(atom("tom", (4, 3, 2)))
    assert run(tmp_path, [top], formats, name="repo").exit_code == 0
    run(tmp_path, [top], formats, name="repo", out=tmp_path / "cold", cache=tmp_path / "other")
    assert tree(tmp_path / "cold") == tree(tmp_path / "out")


@pytest.mark.parametrize("item", [None, {}, 3, {"content_text": "Text " * 300}])
def test_what_never_could_be_read_takes_nothing_with_it(item: object, tmp_path: Path) -> None:
    """The feed is whole beside it: what rolls off leaves, and each run ends as the first did."""
    feed = tmp_path / "tom.json"
    for numbers in ((3, 2, 1), (4, 3, 2), (5, 4, 3)):
        items = json.loads(json_feed("tom", numbers))
        feed.write_text(json.dumps(items | {"items": [*items["items"], item]}))
        report = run(tmp_path, [feed], ("atom",), name="repo", max_body=1000)
        assert (report.exit_code, report.lost) == (1 if item and item != 3 else 0, ())
        assert [each.field for each in report.problems] == ["items[3]"]
        text = (tmp_path / "out" / "repo.atom").read_text()
        assert {n for n in range(1, 6) if f"tom {n}" in text} == set(numbers)


@pytest.mark.parametrize(
    "fault", [_cut, *(pytest.param(f, marks=pytest.mark.slow) for f in (_dead, _bare))]
)
def test_what_is_read_meanwhile_is_not_pushed_out_by_a_second_failure(
    fault: Callable[[Server], None], tmp_path: Path
) -> None:
    """A copy that is written while a part was lost holds what was read and what stood in."""
    top = repository(tmp_path / "repo")
    with Server() as web:
        web["/tom.rss"] = reply(rss("tom", (3, 2, 1)))
        group = listed(tmp_path, [web.address("/tom.rss")])
        run(tmp_path, [top, group], FORMATS)
        shutil.rmtree(tmp_path / "cache")
        fault(web)
        (top / "ben" / "2.json").write_bytes(b"")
        write_entry(top, "ada", 4)
        (top / "cy" / "1.json").unlink()
        run(tmp_path, [top, group], FORMATS)
        before = tree(tmp_path / "out")
        assert all(each in before["repo.atom"] for each in (b"ada writes 4", b"ben writes 2"))
        assert b"tom 1" in before["repo.atom"]
        assert b"cy writes 1" not in before["repo.atom"]
        top.rename(tmp_path / "away")
        _dead(web)
        shutil.rmtree(tmp_path / "cache")
        report = run(tmp_path, [top, group], FORMATS)
        assert (report.exit_code, tree(tmp_path / "out")) == (0, before)


def test_what_nobody_published_is_not_lost(tmp_path: Path) -> None:
    """A new member, a link, a folder without entries, JSON of another program: ordinary, and a
    misspelled name is told."""
    top = repository(tmp_path / "repo")
    users = {name: {"directory": name} for name in (*MEMBERS, "new", "empty")}
    (top / "index.json").write_text(json.dumps({"users": users}))
    (top / "empty").mkdir()
    (top / "link").symlink_to(tmp_path)
    (top / "ada" / "link.json").symlink_to(top / "index.json")
    (top / "ada" / "package.json").write_text('{"name": "x", "version": "1.0"}')
    for _ in range(2):
        report = run(tmp_path, [top], FORMATS)
        assert report.lost == ()
        assert report.inputs[0].complete
    with pytest.raises(UnknownName):
        run(tmp_path, [top], FORMATS, select=Selection(authors=("adda",)))


def test_the_way_out_of_a_repository_without_entries_is_one(tmp_path: Path) -> None:
    top = repository(tmp_path / "repo")
    run(tmp_path, [top], FORMATS)
    for path in top.glob("*/*.json"):
        path.unlink()
    (line,) = [each for each in lines(run(tmp_path, [top], FORMATS), "warning") if "allow" in each]
    assert line.endswith("holds no entry any more; if that is meant: --allow-empty")
    assert titles(tmp_path / "out") == ALL
    assert run(tmp_path, [top], FORMATS, allow_empty=True).exit_code == 0
    assert titles(tmp_path / "out") == set()


def test_a_member_who_left_the_index_or_is_pruned_takes_the_entries_along(tmp_path: Path) -> None:
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    run(tmp_path, [top], FORMATS)
    shutil.rmtree(top / "ben")
    report = run(tmp_path, [top], FORMATS)
    (line, _) = lines(report, "warning")[:2]
    assert line.startswith("ben: holds no entry any more; if that is meant: ")
    assert titles(out) == ALL
    assert run(tmp_path, [top], FORMATS, prune=True).exit_code == 0
    assert titles(out) == ALL - OF_BEN
    assert not any("ben" in each for each in tree(out))
    assert run(tmp_path, [top], FORMATS).problems == ()
    # Once more, with the index.
    shutil.rmtree(top / "ada")
    (top / "index.json").write_text('{"users": {}}')
    run(tmp_path, [top], FORMATS)
    assert titles(out) == frozenset(each for each in ALL if "cy" in each)


def test_an_index_that_is_lost_leaves_the_folders_that_it_alone_leads_to(tmp_path: Path) -> None:
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    (top / "deep").mkdir()
    (top / "ben").rename(top / "deep" / "ben")
    (top / "index.json").write_text(json.dumps({"users": {"ben": {"directory": "deep/ben"}}}))
    run(tmp_path, [top], FORMATS)
    before = tree(out)
    assert titles(out) == ALL
    (top / "index.json").write_text("{")
    assert run(tmp_path, [top], FORMATS).exit_code == 0
    assert tree(out) == before
    shutil.rmtree(out / COPIES)
    assert run(tmp_path, [top], FORMATS).exit_code == 1
    assert tree(out) == before


def test_a_record_without_files_counts_every_entry_of_the_folder(tmp_path: Path) -> None:
    """As older ones are."""
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    run(tmp_path, [top], FORMATS)
    before = tree(out)
    shutil.rmtree(out / COPIES)
    record = json.loads((out / MANIFEST).read_bytes())
    for output in record["outputs"]:
        for part in output["parts"]:
            del part["files"]
    (out / MANIFEST).write_text(json.dumps(record))
    (top / "ben" / "2.json").write_bytes(b"")
    report = run(tmp_path, [top], FORMATS)
    assert report.exit_code == 1
    assert tree(out) == before


def test_a_file_that_was_named_is_not_emptied(tmp_path: Path) -> None:
    top = tmp_path / "repo"
    top.mkdir()
    (top / "index.json").write_text('{"users": {}}')
    file = tmp_path / "all.atom"

    def made(**settings: object) -> None:
        request = config_file.output_request("atom", REGISTRY, {})
        outputs = (OutputRequest(to="atom", options=request.options, file=str(file)),)
        run(tmp_path, [top], (), outputs=outputs, **settings)

    made()
    empty = file.read_bytes()
    made()
    file.write_text("mine")
    with pytest.raises(EmptySelection, match="would lose all that it holds"):
        made()
    assert file.read_text() == "mine"
    made(allow_empty=True)
    assert file.read_bytes() == empty


FILES = [f"{name}/{number}.json" for name in MEMBERS for number in (1, 2, 3)]
# A member without any file left is lost, if the index names him; whom it does not name, goes
# with the folder.
DAMAGES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(FILES), st.sampled_from(OF_FILES)),
        st.tuples(st.sampled_from(FILES[::3]), st.just(MEANT)),
        st.tuples(st.sampled_from(MEMBERS[:2]), st.sampled_from(OF_FOLDERS)),
    ),
    max_size=4,
    unique_by=lambda each: each[0],
)


def require_nothing_lost(rounds: Sequence[Sequence[tuple[str, str]]]) -> None:
    """Whatever happens to a repository, one time after the other: no file that stood goes, what
    was lost stays in the outputs, what was removed leaves, and in the end all is as it is cold."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        top, out = repository(place / "repo"), place / "out"
        run(place, [top], ("atom", "markdown"))
        removed: set[str] = set()
        for damages in rounds:
            before = tree(out)
            # Files first: what lies in a folder goes with it.
            folders = {name for name, _ in damages if name in MEMBERS}
            for name, how in sorted(damages, key=lambda each: -each[0].count("/")):
                damage(top, name, how)
                # Who takes the folder away says nothing of a file in it.
                if how == MEANT and name.partition("/")[0] not in folders:
                    removed.add(name)
            report = run(place, [top], ("atom", "markdown"))
            gone = {f"{name.partition('/')[0]} writes {name[-6]}" for name in removed}
            assert titles(out) == ALL - gone
            if report.lost:
                assert before.keys() <= tree(out).keys()
            mend(top, removed)
        run(place, [top], ("atom", "markdown"), prune=True)
        run(place, [top], ("atom", "markdown"), out=place / "cold", cache=place / "other")
        assert tree(out) == tree(place / "cold")


@given(st.lists(DAMAGES, min_size=1, max_size=2))
@settings(max_examples=1, phases=(Phase.explicit, Phase.generate), deadline=None)
@example([[("ada", "link"), ("ben/2.json", "cut"), ("cy/1.json", MEANT)], [("ada/1.json", MEANT)]])
def test_any_damage(rounds: list[list[tuple[str, str]]]) -> None:
    require_nothing_lost(rounds)


@pytest.mark.slow
@given(st.lists(DAMAGES, min_size=1, max_size=4))
@settings(max_examples=40, phases=(Phase.explicit, Phase.generate), deadline=None)
def test_any_damages(rounds: list[list[tuple[str, str]]]) -> None:
    require_nothing_lost(rounds)


@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize(
    "how", some([*OF_FILES, "cut in the middle", "bare"], ("folder", "cut in the middle", "bare"))
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_feed_in_a_file(alone: bool, how: str, copies: bool, tmp_path: Path) -> None:
    top = tmp_path / "feeds"
    top.mkdir()
    for name in ("mira", "tom"):
        (top / f"{name}.xml").write_bytes(rss(name, (3, 2, 1)))
    source = top / "tom.xml" if alone else top
    run(tmp_path, [source], ("jsonfeed",), name="group")
    before = tree(tmp_path / "out")
    if not copies:
        shutil.rmtree(tmp_path / "out" / COPIES)
    if how == "cut in the middle":
        (top / "tom.xml").write_bytes(rss("tom", (3, 2, 1))[:-150])
    elif how == "bare":
        (top / "tom.xml").write_bytes(rss("tom", ()))
    else:
        damage(top, "tom.xml", how)
    # A link that is named is followed; what is cut at its very end has all of its entries.
    whole = how == "cut" or (alone and how == "link")
    for _ in range(2):
        try:
            report = run(tmp_path, [source], ("jsonfeed",), name="group")
        except (SourceError, EmptySelection):
            assert alone
            assert not copies
        else:
            assert report.exit_code == (0 if whole or copies else 1)
        assert tree(tmp_path / "out") == before


def test_the_days_are_those_of_what_could_be_had(tmp_path: Path) -> None:
    top = repository(tmp_path / "repo")
    late = Selection(since=periods.parse_since("2030", dt.datetime.now(dt.UTC)))
    with pytest.raises(EmptySelection, match="the days of all entries run from 2024-05-01"):
        run(tmp_path, [top], ("atom",), select=late)
    run(tmp_path, [top], ("atom",), select=Selection(limit=1))
    shutil.rmtree(top)
    with pytest.raises(
        EmptySelection, match="of the entries that could be had run from 2024-05-03"
    ):
        run(tmp_path, [top], ("atom",), select=late)


def test_a_program_says_that_it_means_it(tmp_path: Path) -> None:
    """Seven of nine pages: too many, unless they are to be pruned."""
    top, out = repository(tmp_path / "repo"), tmp_path / "out"

    def publish(*, prune: bool) -> set[str]:
        read = library.read(str(top), out=out, cache=tmp_path / "cache")
        library.convert(library.prepare(read), "markdown", out=out, prune=prune)
        return {each for each in tree(out) if "writes" in each}

    before = publish(prune=False)
    assert len(before) == 9
    shutil.rmtree(top / "cy")
    for name in ("ada/1.json", "ada/2.json", "ben/1.json", "ben/2.json"):
        (top / name).unlink()
    assert publish(prune=False) == before
    assert len(publish(prune=True)) == 2
