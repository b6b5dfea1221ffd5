"""A run that does not begin leaves no report of an earlier one behind."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from running import SALTMARSH, command

from convert.run import report

FLAGS = [
    (("--since", "2026-13"), "since: "),
    (("--to", "atomm"), "no exporter is called 'atomm'"),
    (("--explain",), "--explain says why"),
    (("--bogus",), "No such option: --bogus"),
    (("--limit",), "requires an argument"),
]


@pytest.mark.parametrize(("words", "error"), FLAGS)
def test_a_wrong_flag_is_in_the_report(tmp_path: Path, words: tuple[str, ...], error: str) -> None:
    (tmp_path / "r.json").write_text("of yesterday")
    words = ("export", str(SALTMARSH), "--report", "r.json", "--to", "atom", *words)
    ended = command(*words, cwd=tmp_path)
    said = report.decode((tmp_path / "r.json").read_bytes())
    assert (ended.code, said.exit_code) == (2, 2)
    assert error in said.error
    assert said.error in ended.err


def test_a_wrong_config_file_is_in_its_report(tmp_path: Path) -> None:
    shutil.copy(SALTMARSH / "ada" / "notes_tide-gauge.json", tmp_path / "x.json")
    begin = "sources = ['x.json']\nreport = 'sub/r.json'\n"
    for wrong in ("titel = 'x'\n", "[[output]]\nto = 'atm'\n", ""):
        (tmp_path / "c.toml").write_text(begin + wrong)
        ended = command("build", "c.toml", cwd=tmp_path)
        said = report.decode((tmp_path / "sub" / "r.json").read_bytes())
        assert (ended.code, ended.err) == (2, f"error: {said.error}\n")
        (tmp_path / "sub" / "r.json").unlink()
    # Neither does the report of such a run replace what would be read.
    before = (tmp_path / "x.json").read_bytes()
    for wrong in (
        begin.replace("sub/r.json", "x.json") + "titel = 'x'\n",
        "report = 'x.json'\n[[feed]]\naddress = 'x.json'\nlimits = 3\n",
        "report = 'x.json'\n[[feed]]\naddress = 'x.json'\n[[output]]\nto = 'atom'\n",
    ):
        (tmp_path / "c.toml").write_text(wrong)
        assert command("build", "c.toml", cwd=tmp_path).code == 2
        assert (tmp_path / "x.json").read_bytes() == before
    assert command("export", "x.json", "--bogus", "--report=x.json", cwd=tmp_path).code == 2
    assert (tmp_path / "x.json").read_bytes() == before
