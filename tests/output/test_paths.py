"""One set of rules for paths: what the judge passes, a run writes, and nothing else."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convert.contract import ExportContext, ExporterOptions, OutputFile
from convert.entryset import EntrySet
from convert.errors import ContractError
from convert.output.holding import hold
from convert.plugins import EXPORTERS, Registry
from convert.run.execute import run
from convert.run.outcome import Outcome, to_publish
from convert.run.plan import ResolvedRequest, plan
from convert.testing import NoImages, check, entry_set, prepared
from convert.text.paths import check_path, stem_of
from convert.text.templates import TemplateFolder


class Paths:
    """An exporter that writes where it is told; "@" begins a path below its folder."""

    name, summary, media_type, Options = "paths", "paths", "text/plain", ExporterOptions
    paths: tuple[str, ...] = ()

    def suffix(self, options: Any) -> str:
        return ".txt"

    def unavailable(self) -> str | None:
        return None

    def export(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        for path in self.paths:
            below = context.folder + path[1:] if path.startswith("@") else path
            yield OutputFile(path=context.path if path == "own" else below, content=b"x")


PATHS = Paths()


def judged() -> str:
    """Return why the judge refuses the exporter, "" where it passes."""
    try:
        check(PATHS)
    except ContractError as error:
        return str(error)
    return ""


def refused() -> str:
    """Return why a run refuses what the exporter gives, "" where it has written it all."""
    point = EntryPoint("paths", f"{__name__}:PATHS", EXPORTERS)
    request = ResolvedRequest(
        to="paths",
        exporter=PATHS,
        options=ExporterOptions(),
        stem="eeg",
        entries=entry_set([prepared("ada/x")]),
    )
    now = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    units = plan([request], now=now, images=NoImages(), templates=TemplateFolder(), version="1")
    problems: list[object] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        hold(Path(folder), problems.append) as out,
    ):
        registry = Registry(exporters={"paths": (point,)}, sources={})
        ((unit, result),) = run(units, out, registry)
        if result.failure is not None:
            return result.failure.reason
        outcome = Outcome(unit, result=result)
        out.publish(to_publish([outcome], out.manifest, parts={}))
        assert problems == []
        for file in result.staged:
            assert (Path(folder) / file.record.path).read_bytes() == b"x"
    return ""


SEGMENTS = st.one_of(
    st.sampled_from(["", ".", "..", "a", "A", "a ", "b.", ".git", ".GIT", ".thicket-convert.json"]),
    st.sampled_from(["é", "e\u0301", "ﬁ", "fi", "É" * 128, "x" * 255, "x" * 256, "C:", "all?"]),
    st.text(st.characters(), max_size=6),
)
ANY = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.just("own"), ANY, ANY.map("@/".__add__)), max_size=3))
@example(["elsewhere: all of it?.txt"])
@example(["@" + "/d" * 1_500 + "/x"])
@example(["@" + ("/" + "d" * 200) * 25])
@example(["@/elsewhere: all of it?.txt"])
@example(["@/a", "@/a/b"])
@example(["@/a/b", "@/A"])
@example(["@/\ud800"])
def test_the_judge_and_the_run_agree(paths: list[str]) -> None:
    PATHS.paths = tuple(paths)
    why_not, why = judged(), refused()
    assert bool(why_not) == bool(why), (why_not, why)
    if why.startswith("output path "):
        fault = why.rpartition(": ")[2]
        assert fault.partition(" '")[0] in why_not


@pytest.mark.parametrize(
    ("paths", "fault"),
    [
        (("@/elsewhere: all of it?.txt",), "holds a character that not every file system takes"),
        (("@/a", "@/a/b"), "a file and a folder at once"),
        (("@/a/b", "@/A"), "a file and a folder at once"),
    ],
)
def test_paths_that_both_refuse(paths: tuple[str, ...], fault: str) -> None:
    PATHS.paths = paths
    assert fault in judged()
    assert fault in refused()


REFUSED = {
    "has the name of a device of Windows": [
        "con", "CON", "nul.epub", "a/Aux.txt/b", "com1", "LPT9.tar.gz", "com¹.md", "prn .txt",
        "CONIN$", "conout$.txt", "x/nul",
    ],
    "is reserved": [
        ".git", ".GIT/config", "a/.Git", ".g\u200cit", "\ufeff.git", ".gi\u200ft/x", "git~1",
        "GIT~1/hooks", "．git", ".thicket-convert.json", ".Thicket-Convert.lock", "THICKE~1.JSO",
        ".thicket\u200d-convert.staging/0",
    ],
    "has an empty segment, or one that ends in a dot or space": [
        "a.", ".git.", "a /b", ".git ", "a//b", "./a", "a/.", "...", " ",
    ],
    "holds a character that not every file system takes": [
        "a:b", "a?c", "b\\c", "a\x00b", "a\nb", "a\x85b", "x\u202efdp.exe", "\u2066x", "\ud800",
        ".git::$INDEX_ALLOCATION", "a\u2028b", "",
    ],
    "leads out of the output folder": ["..", "a/../b", "/a"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "path"), [(fault, path) for fault, paths in REFUSED.items() for path in paths]
)
def test_what_not_every_system_takes_is_refused(fault: str, path: str) -> None:
    with pytest.raises(ContractError) as caught:
        check_path(path)
    assert str(caught.value).endswith(f": {fault}")


@pytest.mark.parametrize(
    "path",
    ["console", "common.txt", "nulls/auxiliary", "com10", "a.con", "git", "digit~1", ".gitignore",
     "My Group.atom", "a/b.c/d", "日本", "نیم\u200cفاصله", "x" * 255],
)  # fmt: skip
def test_what_every_system_takes_is_not(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("eeg", "eeg"),
        ("My Group", "My Group"),
        ("a:b?c", "a-b-c"),
        ("con", "x-con"),
        ("nul.epub", "x-nul.epub"),
        ("COM1", "x-COM1"),
        ("...", "unnamed"),
        ("?!*", "unnamed"),
        ("", "unnamed"),
        ("a. ", "a"),
        ("-rf", "rf"),
        ("~root", "root"),
        (".hidden", "hidden"),
        ("x\u202efdp", "x-fdp"),
        ("Cafe\u0301", "Café"),
        ("git~1", "git-1"),
        ("é" * 200, "é" * 60),
        ("a/b\\c", "a-b-c"),
    ],
)
def test_the_stem_of_a_name(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@given(st.one_of(st.text(), st.text("cCoOnN12.~- \u200c\u0301éßﬁ:", max_size=8)))
def test_whatever_a_source_is_called_its_files_have_names(name: str) -> None:
    stem = stem_of(name)
    assert check_path(f"{stem}.atom").startswith(stem)
    assert check_path(f"{stem}-{'x' * 120}.fb2.zip")
    assert stem_of(stem) == stem
    assert "/" not in stem
    assert stem[0] not in " .-~"
