"""What could not be read takes nothing away, whatever it is and whatever the format."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from group_feeds import lines, run
from losses import ALL, LOSSES, repository, write_entry
from running import tree

from convert.errors import ConvertError
from convert.output.copies import COPIES
from convert.settings.job import Selection

FORMATS = ("atom", "markdown", "opml")


def titles(out: Path) -> frozenset[str]:
    feed = (out / "repo.atom").read_text()
    return frozenset(title for title in ALL if title in feed)


@pytest.mark.parametrize("loss", LOSSES)
def test_what_a_repository_lost_has_its_copy(loss: str, tmp_path: Path) -> None:
    """Beside it one entry is removed by intent, and one is new."""
    top, out = repository(tmp_path / "repo"), tmp_path / "out"
    assert run(tmp_path, [top], FORMATS).problems == ()
    before = tree(out)
    damage, lost = LOSSES[loss]
    damage(top)
    meant = (top / "ada").is_dir()
    if meant:
        (top / "ada" / "1.json").unlink()
        write_entry(top, "ada", 4)
    for _ in range(2):
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


@pytest.mark.parametrize("copy", ["gone", "of another selection", "damaged"])
@pytest.mark.parametrize("loss", LOSSES)
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
    damage, lost = LOSSES[loss]
    damage(top)
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
