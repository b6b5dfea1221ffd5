"""A source that is named through a symbolic link is that path, wherever the link leads today."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from group_feeds import lines, rss, run
from losses import repository
from running import tree

from convert.errors import NotASource, SourceError
from convert.output.copies import COPIES
from convert.text.addresses import named_path, source_key, source_keys

FORMATS = ("atom", "markdown")


def releases(top: Path, above: str) -> Path:
    """The path through a link to a repository: the link itself, or below it.  Beside it lies
    another release, which lost a member's entries."""
    _, second = (repository(top / "rel" / each / above) for each in ("1", "2"))
    shutil.rmtree(second / "ben")
    (second / "ben").mkdir()
    (top / "cur").symlink_to("rel/1")
    return top / "cur" / above


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("above", ["", "group"])
def test_a_link_that_leads_elsewhere(
    above: str, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = releases(tmp_path, above).relative_to(tmp_path)
    run(tmp_path, [source], FORMATS)
    before = tree(tmp_path / "out")
    assert f"{above or 'cur'}.atom" in before
    if not kept:
        shutil.rmtree(tmp_path / "out" / COPIES)
    for leads_to in ("rel/2", "nowhere"):
        (tmp_path / "cur").unlink()
        (tmp_path / "cur").symlink_to(leads_to)
        if kept:
            report = run(tmp_path, [source], FORMATS)
            assert report.exit_code == 0
            assert "what it gave before is used" in "".join(lines(report, "warning"))
        elif leads_to == "rel/2":
            report = run(tmp_path, [source], FORMATS)
            assert all("would lose 3 entries of" in line for line in lines(report, "output"))
            assert report.exit_code == 1
        else:
            with pytest.raises(SourceError) as failed:
                run(tmp_path, [source], FORMATS)
            assert not isinstance(failed.value, NotASource)
        assert tree(tmp_path / "out") == before


def test_the_way_past_the_link_finds_what_is_kept_of_it_and_back(tmp_path: Path) -> None:
    named = releases(tmp_path, "")
    real = tmp_path / "rel" / "1"
    for before, now in ((named, real), (real, named)):
        repository(real)
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        run(tmp_path, [before], ("atom",), name="group")
        feed = tree(tmp_path / "out")["group.atom"]
        shutil.rmtree(real / "ben")
        report = run(tmp_path, [now], ("atom",), name="group")
        assert (report.exit_code, tree(tmp_path / "out")["group.atom"]) == (0, feed)


@pytest.mark.parametrize("was_read", [True, False])
def test_a_feed_behind_a_link_that_leads_nowhere(was_read: bool, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").symlink_to("day/1.xml")
    (tmp_path / "feeds.xml").write_bytes(b"")
    (tmp_path / "day").mkdir()
    if not was_read:
        with pytest.raises(NotASource, match=r"is a symbolic link that leads nowhere \(day/1.xml"):
            run(tmp_path, [tmp_path / "feed.xml"], ("atom",))
        return
    (tmp_path / "day/1.xml").write_bytes(rss("mira", (2, 1)))
    run(tmp_path, [tmp_path / "feed.xml"], ("atom",))
    before = tree(tmp_path / "out")
    assert "feed.atom" in before
    (tmp_path / "day/1.xml").unlink()
    report = run(tmp_path, [tmp_path / "feed.xml"], ("atom",))
    assert (report.exit_code, tree(tmp_path / "out")) == (0, before)
    assert "is a symbolic link that leads nowhere" in lines(report, "warning")[0]


def test_keys_of_paths_through_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that leads to the outputs too is no part of the way from there."""
    top = tmp_path / "real"
    (top / "rel" / "1").mkdir(parents=True)
    (top / "out").mkdir()
    (top / "cur").symlink_to("rel/1")
    (top / "loop").symlink_to("loop")
    (tmp_path / "tmp").symlink_to("real")
    monkeypatch.chdir(top)
    for out in (top / "out", tmp_path / "tmp" / "out", Path("out")):
        for way in (tmp_path / "tmp", top, Path(), Path("rel/..")):
            assert source_key(str(way / "cur"), out) == "path:../cur"
            assert source_keys(str(way / "cur"), out) == ("path:../cur", "path:../rel/1")
            assert source_keys(str(way / "rel/1"), out) == ("path:../rel/1",)
            assert source_key(str(way / "cur/../new"), out) == "path:../rel/new"
    assert source_key("loop", Path("out")) == "path:../loop"
    assert named_path("cur/") == top / "cur"
    assert named_path(".") == top
