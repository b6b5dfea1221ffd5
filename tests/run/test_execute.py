"""Units: planned, made here or in workers that raise, hang and die."""

from __future__ import annotations

import dataclasses
import datetime as dt
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgspec
import pytest

from convert.contract import ExporterOptions
from convert.entryset import EntrySet
from convert.errors import UsageError
from convert.output.holding import hold
from convert.output.manifest import Manifest
from convert.plugins import EXPORTERS, Registry
from convert.run.execute import run
from convert.run.make import UnitResult, make
from convert.run.outcome import Outcome, to_publish
from convert.run.plan import ResolvedRequest, Unit, plan
from convert.testing import NoImages, entry_set, prepared
from convert.text.templates import TemplateFolder

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
EXPORTER = """
import os, signal, sys, time
from pathlib import Path
from convert.contract import ExporterOptions, OutputFile, Problem

class Options(ExporterOptions, frozen=True, kw_only=True):
    do: str = "write"
    marks: str = ""

class Mine:
    name = "mine"
    summary = "for tests"
    media_type = "text/plain"
    Options = Options

    def suffix(self, options):
        return ".txt"

    def unavailable(self):
        return None

    def export(self, entries, context):
        do = context.options.do
        if context.options.marks:
            with open(context.options.marks, "a") as marks:
                marks.write(f"{context.path}\\n")
        context.warn(Problem(path=context.path, reason="seen"))
        if do == "raise":
            yield OutputFile(path=context.path, content=b"half")
            raise ValueError("no luck\\nat all")
        if do == "hang":
            time.sleep(60)
        if do == "die once" and len(Path(context.options.marks).read_text().split()) == 1:
            do = "die"
        if do == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if do == "big":
            yield OutputFile(path=context.path, content=b"x" * 500_000)
            return
        if do == "exit":
            sys.exit(7)
        if do == "pid":
            yield OutputFile(path=context.path, content=str(os.getpid()).encode())
            return
        text = "".join(f"{entry.key} {content.text}\\n" for entry, content in entries.contents())
        yield OutputFile(path=context.path, content=f"{context.now}\\n{text}".encode())

    def list_volumes(self, entries, context):
        names = "\\n".join(volume.name for volume in entries.volumes)
        yield OutputFile(path=context.path, content=names.encode())

EXPORTER = Mine()
"""


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(EXPORTER)
    return str(path)


def some_entries(count: int = 4) -> EntrySet:
    return entry_set(
        [
            prepared(f"anil/{at}", f"<div><p>Text {at}.</p></div>", date=f"202{at}-05-01T00:00:00")
            for at in range(count)
        ]
    )


def units(
    mine: str,
    *given: dict[str, str],
    entries: EntrySet | None = None,
    templates: TemplateFolder | None = None,
    now: dt.datetime = NOW,
) -> tuple[Unit, ...]:
    exporter = Registry.default().exporter(mine)
    requests = [
        ResolvedRequest(
            to=mine,
            exporter=exporter,
            options=msgspec.convert(options, exporter.Options),
            stem=f"out{at}",
            entries=entries or some_entries(),
        )
        for at, options in enumerate(given)
    ]
    return plan(
        requests, now=now, images=NoImages(), templates=templates or TemplateFolder(), version="1"
    )


def results(out: Path, planned: tuple[Unit, ...], **how: Any) -> dict[str, UnitResult]:
    with hold(out, print) as folder:
        found = {
            unit.path: result for unit, result in run(planned, folder, Registry.default(), **how)
        }
        for result in found.values():
            for file in result.staged:
                assert Path(file.source).stat().st_size == file.record.size
    assert list(out.parent.rglob("*staging*")) == []
    return found


def test_the_plan_is_output_times_volume_and_a_listing(mine: str) -> None:
    planned = units(mine, {"volumes": "2"}, {})
    assert [unit.path for unit in planned] == [
        "out0-001.txt", "out0-002.txt", "out0.txt", "out1.txt",
    ]  # fmt: skip
    assert [unit.listing for unit in planned] == [False, False, True, False]
    assert [output.path for output in planned[0].outputs] == [unit.path for unit in planned]
    assert planned[0].now == dt.datetime(2021, 5, 1, tzinfo=dt.UTC)
    assert planned[3].now == dt.datetime(2023, 5, 1, tzinfo=dt.UTC)


def test_two_outputs_of_one_name_are_refused(mine: str) -> None:
    exporter = Registry.default().exporter(mine)
    options = msgspec.convert({}, exporter.Options)
    requests = [
        ResolvedRequest(
            to=mine, exporter=exporter, options=options, stem=stem, entries=some_entries()
        )
        for stem in ("a", "A")
    ]
    with pytest.raises(UsageError, match="name of its own"):
        plan(requests, now=NOW, images=NoImages(), templates=TemplateFolder(), version="1")


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_one_that_raises_costs_itself_only(mine: str, tmp_path: Path, workers: int) -> None:
    found = results(
        tmp_path / "out", units(mine, {"do": "raise"}, {}, {"volumes": "2"}), workers=workers
    )
    failure = found["out0.txt"].failure
    assert failure is not None
    assert f"{mine}: its exporter raised ValueError: no luck at all; the fault" in failure.reason
    assert "\n" not in str(failure)
    assert "mine.py" in found["out0.txt"].trace
    assert [path for path, each in found.items() if each.failure is None] == [
        "out1.txt", "out2-001.txt", "out2-002.txt", "out2.txt",
    ]  # fmt: skip
    assert found["out1.txt"].problems[0].reason == "seen"


def test_workers_and_this_process_give_the_same(mine: str, tmp_path: Path) -> None:
    planned = units(mine, {}, {"volumes": "1"})
    made = [
        {
            path: each.staged[0].record
            for path, each in results(tmp_path / "out", planned, workers=workers).items()
        }
        for workers in (0, 3)
    ]
    assert made[0] == made[1]
    assert len(made[0]) == 6


@pytest.mark.parametrize(
    ("do", "times", "reason"),
    [("hang", 1, "more than 1 seconds"), ("die", 2, "ended its worker process")],
)
def test_a_lost_worker_costs_one_problem_and_a_retry_only_where_it_was_not_late(
    mine: str, tmp_path: Path, do: str, times: int, reason: str
) -> None:
    marks = tmp_path / "marks"
    planned = units(mine, {"do": do, "marks": str(marks)}, {}, {})
    found = results(tmp_path / "out", planned, workers=2, timeout=1.0)
    failure = found["out0.txt"].failure
    assert failure is not None
    assert reason in failure.reason
    assert marks.read_text() == "out0.txt\n" * times
    assert found["out1.txt"].failure is None
    assert found["out2.txt"].failure is None


def test_a_large_unit_of_ours_is_made_here_and_takes_nothing_from_the_others(
    mine: str, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    hanging, dying, small = units(
        mine, {"do": "hang"}, {"do": "die once", "marks": str(marks)}, {"do": "pid"}
    )
    (strange,) = units(mine, {"do": "pid"}, entries=some_entries(5))
    # No worker knows this name: what is made of it is made in this process.
    point = EntryPoint("here", "convert.exporters.csl:EXPORTER", EXPORTERS)
    ours = Registry.default()
    registry = Registry(exporters={**ours.exporters, "here": (point,)}, sources=ours.sources)
    large = dataclasses.replace(strange, to="here", options=b"{}")
    planned = (
        dataclasses.replace(large, path="first.txt"),
        hanging,
        dying,
        small,
        dataclasses.replace(strange, path="strange.txt"),
        dataclasses.replace(large, path="last.txt"),
    )
    with hold(tmp_path / "out", print) as folder:
        done = {
            unit.path: result
            for unit, result in run(planned, folder, registry, workers=2, timeout=1.0, large=4)
        }
        pids = {
            path: int(Path(done[path].staged[0].source).read_text())
            for path in ("strange.txt", "out2.txt")
        }
    assert list(done) == [
        "first.txt", "out0.txt", "out1.txt", "out2.txt", "strange.txt", "last.txt",
    ]  # fmt: skip
    failure = done["out0.txt"].failure
    assert failure is not None
    assert "more than 1 seconds" in failure.reason
    assert done["out1.txt"].failure is None
    assert marks.read_text() == "out1.txt\n" * 2
    assert done["first.txt"].failure is None
    assert done["last.txt"].failure is None
    assert len({os.getpid(), *pids.values()}) == 3


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_full_disk_is_fatal_and_no_other_unit_is_begun(
    mine: str, tmp_path: Path, workers: int
) -> None:
    receiver, sender = multiprocessing.get_context("fork").Pipe(duplex=False)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        planned = units(mine, {"do": "big"}, {}, {})
        with hold(tmp_path / "out", print) as folder:
            found = list(run(planned, folder, Registry.default(), workers=workers))
        sender.send([(unit.path, each.fatal, str(each.failure)) for unit, each in found])

    child = multiprocessing.get_context("fork").Process(target=limited)
    child.start()
    ((path, fatal, failure),) = receiver.recv() if receiver.poll(30) else [("", False, "")]
    child.join()
    assert (path, fatal) == ("out0.txt", True)
    assert "File too large (errno 27)" in failure


# A PDF is bytes, which are written as those of csl are.
FORMATS = sorted({*Registry.default().exporter_names()} - {"thicket", "pdf"})


def test_a_full_disk_is_called_so_whatever_library_writes(tmp_path: Path) -> None:
    planned = {to: units(to, {"volumes": "none"}) for to in FORMATS}
    receiver, sender = multiprocessing.get_context("fork").Pipe(duplex=False)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150))
        for to, (unit,) in planned.items():
            (tmp_path / to).mkdir()
            result = make(unit, tmp_path / to, Registry.default())
            sender.send((to, result.fatal, str(result.failure)))

    child = multiprocessing.get_context("fork").Process(target=limited)
    child.start()
    for each in FORMATS:
        to, fatal, failure = receiver.recv() if receiver.poll(30) else ("", False, "")
        assert (to, fatal) == (each, True), failure
        assert "File too large (errno 27)" in failure
        assert str(tmp_path / to) in failure
    child.join()


def test_a_volume_over_the_size_asked_for_is_named(mine: str, tmp_path: Path) -> None:
    found = results(tmp_path / "out", units(mine, {"volumes": "1kB", "do": "big"}))
    problems = found["out0.txt"].problems
    assert [problem.field for problem in problems] == ["", "volumes"]
    assert "500,000 bytes, more than the 1,000" in problems[1].reason


def test_a_single_unit_is_timed_out_too_and_none_is_fine(mine: str, tmp_path: Path) -> None:
    found = results(tmp_path / "out", units(mine, {"do": "hang"}), workers=2, timeout=0.5)
    assert found["out0.txt"].failure is not None
    assert results(tmp_path / "out", (), workers=2) == {}


def test_an_exporter_that_exits_ends_its_unit_only(mine: str, tmp_path: Path) -> None:
    found = results(tmp_path / "out", units(mine, {"do": "exit"}, {}), workers=2)
    assert found["out0.txt"].failure is not None
    assert found["out1.txt"].failure is None


def test_leaving_early_stops_the_workers_at_once(mine: str, tmp_path: Path) -> None:
    planned = units(mine, {}, {"do": "hang"})
    start = time.monotonic()
    with hold(tmp_path / "out", print) as folder:
        for _ in run(planned, folder, Registry.default(), workers=2):
            break
    assert time.monotonic() - start < 5
    assert not (tmp_path / "out").exists()


def test_workers_end_when_their_parent_is_killed(mine: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[3])\n"
        "from test_execute import units\n"
        "from convert.output.holding import hold\n"
        "from convert.plugins import Registry\n"
        "from convert.run.execute import run\n"
        "with hold(Path(sys.argv[1]), print) as folder:\n"
        "    given = {'do': 'hang', 'marks': sys.argv[1] + '/marks'}\n"
        "    list(run(units(sys.argv[2], given, given), folder, Registry.default(), workers=2))\n"
    )
    root = str(Path(__file__).parent)
    parent = subprocess.Popen([sys.executable, str(script), str(out), mine, root], cwd=tmp_path)
    deadline = time.monotonic() + 30
    while not (out / "marks").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    with hold(out, print):  # the lock lives as long as the workers
        pass
    assert [path.name for path in out.iterdir()] == ["marks"]


def test_a_failed_unit_keeps_its_old_files_and_nothing_is_removed(
    mine: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    def go(planned: tuple[Unit, ...], *, lost: tuple[str, ...] = ()) -> Manifest:
        with hold(out, print) as folder:
            outcomes = [
                Outcome(unit, result=result)
                for unit, result in run(planned, folder, Registry.default())
            ]
            folder.publish(to_publish(outcomes, folder.manifest, lost=lost, parts={}))
            return folder.manifest

    go(units(mine, {"volumes": "1"}))
    before = {path.name: path.read_bytes() for path in out.glob("*.txt")}
    assert len(before) == 5
    go(units(mine, {"volumes": "2", "do": "raise"}))
    after = {path.name: path.read_bytes() for path in out.glob("*.txt")}
    assert {name: after[name] for name in before if name != "out0.txt"} == {
        name: content for name, content in before.items() if name != "out0.txt"
    }
    go(units(mine, {"volumes": "2"}), lost=("https://a.example/feed",))
    assert (out / "out0-004.txt").exists()
    manifest = go(units(mine, {"volumes": "2"}))
    assert sorted(path.name for path in out.glob("*.txt")) == [
        "out0-001.txt",
        "out0-002.txt",
        "out0.txt",
    ]
    assert manifest.unit("mine", "out0", "out0-001.txt") is not None


def test_options_are_those_of_the_contract() -> None:
    assert issubclass(Registry.default().exporter("atom").Options, ExporterOptions)
