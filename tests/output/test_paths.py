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
from convert.output.publish import hold
from convert.plugins import EXPORTERS, Registry
from convert.run.execute import run
from convert.run.plan import Outcome, ResolvedRequest, plan, to_publish
from convert.testing import NoImages, check, entry_set, prepared
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
        outcome = Outcome(unit, "f", result)
        out.publish(to_publish([outcome], out.manifest, complete=True))
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
