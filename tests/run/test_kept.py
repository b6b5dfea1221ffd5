"""What a run keeps, what it makes again and why, and what it says of both."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from running import command

from convert.contract import ExportContext, ExporterOptions, OutputFile
from convert.entryset import EntrySet
from convert.model import Problem
from convert.needs import Needs
from convert.output.manifest import MANIFEST, load_manifest
from convert.plugins import EXPORTERS, Registry
from convert.run import driver
from convert.run.report import RunReport
from convert.settings import config_file
from convert.settings.job import Job, OutputRequest

REGISTRY = Registry.default()
ENTRY = {"title": "A", "updated": "2024-01-01", "content": "<p>Tides.</p>"}


def repository(folder: Path) -> Path:
    for user, name in (("ada", "a"), ("ada", "b"), ("bruno", "c")):
        (folder / user).mkdir(parents=True, exist_ok=True)
        entry = ENTRY | {"id": f"urn:{name}", "title": name, "content": f"<p>Tides of {name}.</p>"}
        (folder / user / f"{name}.json").write_text(json.dumps(entry))
    return folder


def job_of(source: Path | str, outputs: Mapping[str, Mapping[str, Any]], **settings: Any) -> Job:
    requests = tuple(
        config_file.output_request(to, REGISTRY, dict(options)) for to, options in outputs.items()
    )
    return Job(sources=(str(source),), outputs=requests, **settings)


def picture(path: Path, colour: str) -> Path:
    Image.new("RGB", (8, 8), colour).save(path)
    return path


def statuses(report: RunReport) -> dict[str, str]:
    return {unit.exporter: unit.status for unit in report.units}


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    return {"out": tmp_path / "out", "cache": tmp_path / "cache"}


PLAIN: Mapping[str, Mapping[str, Any]] = {"atom": {}, "rss": {}, "epub": {}, "markdown": {}}


def test_nothing_is_made_again_for_what_shapes_nothing(
    tmp_path: Path, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another spelling of the path, another folder, another output, an empty commit."""
    source = repository(tmp_path / "group")
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@x.example", "-C", str(source))
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "one")):
        subprocess.run([*git, *words], check=True)
    first = driver.run(job_of(source, PLAIN, **folders), REGISTRY)
    assert set(statuses(first).values()) == {"made"}
    monkeypatch.chdir(tmp_path)
    for spelled in ("group", "group/", "./group//", "../" + tmp_path.name + "/group"):
        again = driver.run(job_of(spelled, PLAIN, **folders), REGISTRY)
        assert set(statuses(again).values()) == {"kept"}, spelled
    shutil.copy(folders["out"] / "group.atom", "feed.xml")
    for spelled, status in (("feed.xml", "made"), ("./feed.xml", "kept"), (".//feed.xml", "kept")):
        again = driver.run(job_of(spelled, {"rss": {}}, **folders), REGISTRY)
        assert statuses(again) == {"rss": status}, spelled
    more = driver.run(job_of(source, {**PLAIN, "csl": {}, "opml": {}}, **folders), REGISTRY)
    assert statuses(more) == dict.fromkeys(PLAIN, "kept") | {"csl": "made", "opml": "made"}
    subprocess.run([*git, "commit", "-qm", "empty", "--allow-empty"], check=True)
    committed = driver.run(job_of(source, PLAIN, **folders), REGISTRY)
    # The colophon of a book names the commit.
    assert statuses(committed) == dict.fromkeys(PLAIN, "kept") | {"epub": "made"}


def _title(source: Path, settings: dict[str, Any]) -> None:
    settings["title"] = "Other"


def _entry(source: Path, settings: dict[str, Any]) -> None:
    path = source / "ada" / "a.json"
    path.write_text(path.read_text().replace("Tides", "Storms"))


def _member(source: Path, settings: dict[str, Any]) -> None:
    user = {"username": "ada", "display_name": "Ada L."}
    (source / "index.json").write_text(json.dumps({"users": {"ada": user}}))


def _edited(source: Path, settings: dict[str, Any]) -> None:
    path = settings["out"] / "group.epub"
    path.write_bytes(path.read_bytes() + b"x")


def _missing(source: Path, settings: dict[str, Any]) -> None:
    (settings["out"] / "group.epub").unlink()


def _unrecorded(source: Path, settings: dict[str, Any]) -> None:
    (settings["out"] / MANIFEST).unlink()


def _early(source: Path, settings: dict[str, Any]) -> None:
    """A record as it was before there were digests by kind."""
    path = settings["out"] / MANIFEST
    record = json.loads(path.read_bytes())
    for output in record["outputs"]:
        for unit in output["units"]:
            del unit["digests"]
            unit["fingerprint"] = unit["unpictured"] = "0" * 64
    path.write_text(json.dumps(record))


def _template(source: Path, settings: dict[str, Any]) -> None:
    path = settings["templates"].parent / "elsewhere" / "style.css"
    path.write_text("p { color: red }")


def _cover(source: Path, settings: dict[str, Any]) -> None:
    picture(settings["templates"].parent / "cover.png", "blue")


def _selection(source: Path, settings: dict[str, Any]) -> None:
    (source / "duplicates.json").write_text(json.dumps({"duplicates": {"urn:b": "urn:a"}}))


REASONS = {
    _title: "relations changed",
    _entry: "entries changed",
    _member: "relations changed",
    _edited: "a file was edited",
    _missing: "a file is missing",
    _unrecorded: "new",
    _early: "recorded by an earlier version",
    _template: "templates changed",
    _cover: "options changed",
    _selection: "entries changed",
}


def test_a_run_says_why_it_makes_an_output(tmp_path: Path, folders: dict[str, Path]) -> None:
    source = repository(tmp_path / "group")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "style.css").write_text("p { color: blue }")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "epub").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    settings: dict[str, Any] = {**folders, "templates": tmp_path / "mine", "overwrite": True}
    outputs = {"epub": {"cover": str(picture(tmp_path / "cover.png", "red"))}}
    changes: Mapping[Any, str] = {None: "new", **REASONS}
    for change, why in changes.items():
        if change is not None:
            change(source, settings)
        job = job_of(source, outputs, **settings)
        done = driver.run(job, REGISTRY)
        # Without its record it is made again, to the same bytes.
        same = change in {_unrecorded, _early}
        assert told(done) == {"epub": ("kept" if same else "made", why)}, change
        assert told(driver.run(job, REGISTRY)) == {"epub": ("kept", "")}


def told(report: RunReport) -> dict[str, tuple[str, str]]:
    return {unit.exporter: (unit.status, unit.why) for unit in report.units}


class EnclosingOptions(ExporterOptions, frozen=True, kw_only=True):
    @property
    def encloses_originals(self) -> bool:
        return True


class Enclosing:
    """An exporter that encloses entries as they were stored, and needs nothing else."""

    name, summary, media_type, Options = "enclosing", "x", "text/plain", EnclosingOptions

    def suffix(self, options: Any) -> str:
        return ".txt"

    def unavailable(self) -> str | None:
        return None

    def needs(self, options: Any) -> Needs:
        return Needs()

    def export(self, entries: EntrySet, context: ExportContext) -> Iterator[OutputFile]:
        assert entries.originals is not None
        texts = [entries.originals.read(entry) or b"" for entry in entries]
        yield OutputFile(path=context.path, content=b"\n".join(texts))


ENCLOSING = Enclosing()


@pytest.mark.parametrize("to", ["enclosing", pytest.param("pdf", marks=pytest.mark.slow)])
def test_an_archive_encloses_what_stands_in_the_source_now(
    tmp_path: Path, folders: dict[str, Path], to: str
) -> None:
    """A key that we do not read changes nothing that is prepared."""
    point = EntryPoint("enclosing", f"{__name__}:ENCLOSING", EXPORTERS)
    registry = Registry({**REGISTRY.exporters, "enclosing": (point,)}, REGISTRY.sources)
    path = repository(tmp_path / "group") / "bruno" / "c.json"
    options: ExporterOptions = EnclosingOptions()
    if to == "pdf":
        options = config_file.output_request("pdf", REGISTRY, {"profile": "archive"}).options
    requests = (
        OutputRequest(to=to, options=options),
        *job_of(path, {"atom": {}}).outputs,
    )
    job = Job(sources=(str(path),), outputs=requests, out=folders["out"], cache=folders["cache"])
    driver.run(job, registry)
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"unknown": "a key"}))
    done = driver.run(job, registry)
    assert told(done) == {"atom": ("kept", ""), to: ("made", "entries changed")}
    content = next(folders["out"].glob("c.[tp]*")).read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    plain = [zlib.decompress(each) for each in streams if each.startswith(b"x")]
    assert path.read_bytes() in [content, *plain]


def problems_of(report: RunReport) -> list[Problem]:
    return [each for each in report.problems if "max_size" in str(each) or "volumes" in str(each)]


def test_what_was_wrong_with_what_is_kept_is_told_again(
    tmp_path: Path, folders: dict[str, Path]
) -> None:
    """The same words, and the same exit code."""
    source = repository(tmp_path / "group")
    outputs = {"epub": {"max_size": "1kB"}, "atom": {}}
    job = job_of(source, outputs, fail_on="warning", **folders)
    first, again = (driver.run(job, REGISTRY) for _ in range(2))
    assert set(statuses(again).values()) == {"kept"}
    assert len(problems_of(first)) == 2
    assert problems_of(again) == problems_of(first)
    assert (first.exit_code, again.exit_code) == (1, 1)
    recorded = load_manifest(folders["out"]).outputs
    assert sum(len(unit.problems) for each in recorded for unit in each.units) == 2
    # What is mended is no longer said.
    better = driver.run(job_of(source, {"epub": {}}, fail_on="warning", **folders), REGISTRY)
    assert (problems_of(better), better.exit_code) == ([], 0)


def test_a_plan_explains(tmp_path: Path) -> None:
    source = repository(tmp_path / "group")
    into = tmp_path / "store"
    outputs: Mapping[str, Mapping[str, Any]] = {"atom": {}, "opml": {}}
    driver.run(job_of(source, outputs, out=tmp_path / "out", cache=tmp_path), REGISTRY)
    flags = (
        "export", source, "--to", "atom,opml,csl,thicket", "--out", tmp_path / "out", "--into",
        into, "--cache", tmp_path, "--explain",
    )  # fmt: skip
    (source / "bruno" / "c.json").unlink()
    ended = command(*flags, "--plan")
    lines = [line.split("\t") for line in ended.out.decode().splitlines()]
    assert [(line[0], line[1], line[4]) for line in lines] == [
        ("made", "atom", "entries, relations changed"),
        ("kept", "opml", "entries, relations changed"),  # to the same bytes
        ("made", "csl", "new"),
        ("made", "thicket", "a store: what differs is written"),
    ]
    ended = command(*flags)
    assert ended.code == 2
    assert "give --plan too" in ended.err
