"""From sources to published files in one process: names, limits, and what an exporter leaves."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from convert.contract import ExportContext, ExporterOptions, OutputFile, Reading
from convert.entryset import EntrySet
from convert.model import StoredEntry
from convert.plugins import EXPORTERS, Registry
from convert.run import driver
from convert.run.report import RunReport
from convert.settings.job import Job, OutputRequest
from convert.text.paths import check_path


class Endless:
    """A store exporter that reads one entry and then never ends."""

    name, summary, media_type, Options = "endless", "endless", "text/plain", ExporterOptions

    def suffix(self, options: Any) -> str:
        return ""

    def unavailable(self) -> str | None:
        return None

    def store(
        self,
        entries: Iterable[StoredEntry],
        readings: tuple[Reading, ...],
        context: ExportContext,
        existing: Reading | None,
        before: object,
    ) -> Iterator[OutputFile]:
        for _ in entries:
            yield OutputFile(path=f"{context.folder}/x", content=b"x")
            while True:
                try:
                    self.finish((), Path(), context)
                except Exception:
                    continue

    def finish(self, files: object, top: Path, context: ExportContext) -> None:
        raise ValueError


class Leaving:
    """An exporter that leaves for another working folder."""

    name, summary, media_type, Options = "leaving", "leaving", "text/plain", ExporterOptions

    def suffix(self, options: Any) -> str:
        return ".txt"

    def unavailable(self) -> str | None:
        return None

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        os.chdir("/")
        text = "".join(content.text for _, content in entries.contents())
        yield OutputFile(path=context.path, content=text.encode())


ENDLESS, LEAVING = Endless(), Leaving()


def repository(folder: Path) -> Path:
    (folder / "ada").mkdir(parents=True)
    entry = {"id": "urn:a", "title": "A", "updated": "2024-01-01", "content": "<p>Tides.</p>"}
    (folder / "ada" / "a.json").write_text(json.dumps(entry))
    return folder


def outputs_of(source: Path, *to: str, out: Path, cache: Path, timeout: float = 60) -> RunReport:
    ours = Registry.default()
    points = {
        name: (EntryPoint(name, f"{__name__}:{name.upper()}", EXPORTERS),)
        for name in ("endless", "leaving")
    }
    registry = Registry(exporters={**ours.exporters, **points}, sources=ours.sources)
    requests = tuple(
        OutputRequest(to=each, options=registry.exporter(each).Options()) for each in to
    )
    job = Job(sources=(str(source),), outputs=requests, out=out, cache=cache, timeout=timeout)
    return driver.run(job, registry)


def test_a_store_that_never_ends_costs_itself_only(tmp_path: Path) -> None:
    source = repository(tmp_path / "group")
    done = outputs_of(
        source, "endless", "atom", out=tmp_path / "out", cache=tmp_path / "cache", timeout=1
    )
    assert done.exit_code == 1
    (problem,) = (each for each in done.problems if each.severity == "output")
    assert problem.reason.startswith("took more than 1 seconds; allow more with --timeout")
    assert {unit.exporter: unit.status for unit in done.units} == {
        "endless": "failed", "atom": "made",
    }  # fmt: skip
    assert [path.name for path in (tmp_path / "out").glob("[!.]*")] == ["group.atom"]


def test_relative_folders_are_those_of_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = repository(Path("group"))
    done = outputs_of(source, "leaving", "atom", out=Path("out"), cache=tmp_path / "cache")
    assert done.exit_code == 0, done.problems
    assert (tmp_path / "out" / "group.txt").read_text() == "Tides."
    assert "Tides" in (tmp_path / "out" / "group.atom").read_text()


NAMES = [
    "a:b?c",
    "con",
    "nul.epub",
    "...",
    " x ",
    "-rf",
    "x\u202efdp",
    "e\u0301",
    "\u65e5" * 80,
    ".g\u200cit",
]


@pytest.mark.skipif(os.name == "nt", reason="Windows makes no such folders")
@pytest.mark.parametrize("name", NAMES)
def test_a_source_may_be_called_anything(tmp_path: Path, name: str) -> None:
    source = repository(tmp_path / name)
    done = outputs_of(
        source, "atom", "markdown", "thicket", out=tmp_path / "out", cache=tmp_path / "cache"
    )
    assert done.exit_code == 0, done.problems
    files = [path for path in (tmp_path / "out").rglob("[!.]*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        check_path(path.relative_to(tmp_path / "out").as_posix())
