"""The registry: names to plug-ins, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from running import SALTMARSH, command

from convert.cli import commands
from convert.contract import ExporterOptions
from convert.errors import ContractError, UnknownName, UsageError
from convert.plugins import EXPORTERS, Registry, fault, is_ours
from convert.run import driver
from convert.settings.job import Job, OutputRequest

GOOD = """
from convert.contract import ExporterOptions, OutputFile
class Lines:
    name, summary, media_type, Options = "lines", "lines", "text/plain", ExporterOptions
    def suffix(self, options): return ".txt"
    def unavailable(self): return None
    def export(self, entries, context): yield OutputFile(path=context.path, content=b"x")
EXPORTER = Lines()
"""


class Raises:
    """An exporter whose own look at what it needs fails."""

    name, summary, media_type, Options = "raises", "", "", ExporterOptions

    def suffix(self, _options: object) -> str:
        return ""

    def unavailable(self) -> None:
        raise RuntimeError("no colours today")

    def export(self, _entries: object, _context: object) -> None:
        raise NotImplementedError


RAISES = Raises()


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, EXPORTERS)


def registry(*points: EntryPoint) -> Registry:
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for each in points:
        found[each.name] = (*found.get(each.name, ()), each)
    return Registry(exporters=found, sources={})


def test_the_former_place_of_the_registry_still_has_it() -> None:
    from convert import registry

    assert registry.Registry is Registry


def test_ours_all_load() -> None:
    known = Registry.default()
    assert {"atom", "epub", "markdown", "pdf"} <= set(known.exporter_names())
    assert known.broken_sources == ()
    assert not [line for line in commands.list_exporters(known) if ": broken: " in line]


def test_listing_imports_no_exporter() -> None:
    code = (
        "import sys; from convert.plugins import Registry; print(Registry.default()"
        ".exporter_names()); assert not [m for m in sys.modules if 'exporters.' in m]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_other_exporters_never_import_weasyprint() -> None:
    code = (
        "import sys; from convert.plugins import Registry; r = Registry.default()\n"
        "for name in r.exporter_names(): r.exporter(name)\n"
        "assert 'weasyprint' not in sys.modules and 'ziamath' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no exporter is called 'ebup'; did you mean epub"):
        Registry.default().exporter("ebup")


def test_two_of_one_name_are_refused() -> None:
    known = registry(point("x", "a:EXPORTER"), point("x", "b:EXPORTER"))
    with pytest.raises(ContractError, match=r"declared more than once: a:EXPORTER.*b:EXPORTER"):
        known.exporter("x")


def test_a_broken_one_is_reported_and_harms_no_other() -> None:
    known = registry(
        point("atom", "convert.exporters.feeds.atom:EXPORTER"),
        point("gone", "no_such_module:EXPORTER"),
        point("half", "convert.errors:ConvertError"),
        point("raises", f"{__name__}:RAISES"),
    )
    assert known.exporter("atom").name == "atom"
    atom, gone, half, raises = commands.list_exporters(known)
    assert atom.startswith("atom: Atom")
    assert gone.startswith("gone: broken: exporter 'gone'")
    assert "No module named 'no_such_module'" in gone
    assert half.startswith("half: broken: exporter 'half'")
    assert "export" in half
    assert raises == (
        "raises: broken: exporter 'raises': unavailable: RuntimeError: no colours today"
    )


def test_a_broken_source_is_a_warning_and_the_others_read(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "a.json").write_text('{"id": "urn:a", "updated": "2024-01-01"}')
    ours = Registry.default()
    gone = EntryPoint("gone", "no_such_module:SOURCE", "thicket_convert.sources")
    known = Registry(exporters=ours.exporters, sources={**ours.sources, "gone": (gone,)})
    told = driver.run(Job(sources=(str(tmp_path),), cache=tmp_path / "cache"), known)
    assert told.read == 1
    problem = next(each for each in told.problems if each.path == "plug-ins")
    assert problem.severity == "warning"
    assert "source 'gone'" in problem.reason


def test_an_exporter_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD, encoding="utf-8")
    assert Registry.default().exporter(str(path)).name == "lines"


@pytest.fixture
def counting(tmp_path: Path) -> Path:
    """An exporter in a file that notes the process in ``marks`` each time its code is run."""
    marks = tmp_path / "marks"
    noted = f"import os\nwith open({str(marks)!r}, 'a') as m: m.write(f'{{os.getpid()}} ')\n"
    path = tmp_path / "mine.py"
    path.write_text(noted + GOOD, encoding="utf-8")
    return path


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exporter_in_a_file_is_run_once_in_each_process(counting: Path, jobs: int) -> None:
    folder = counting.parent
    request = OutputRequest(to=str(counting), options=ExporterOptions(volumes="1"))
    job = Job(
        sources=(str(SALTMARSH),),
        outputs=(request,),
        out=folder / "out",
        cache=folder / "cache",
        jobs=jobs,
        offline=True,
    )
    assert driver.run(job, Registry.default()).exit_code == 0
    assert len(list((folder / "out").glob("*.txt"))) == 15
    pids = (folder / "marks").read_text().split()
    assert len(pids) == len(set(pids))
    assert str(os.getpid()) in pids
    assert (len(pids) == 1) == (jobs == 1)


def test_the_command_runs_an_exporter_in_a_file_once_to_try_it_once_here_and_once_in_its_worker(
    counting: Path,
) -> None:
    folder = counting.parent
    ended = command(
        "export", SALTMARSH, "--to", counting, "--out", folder / "out", "--jobs", "1",
        "--cache", folder / "cache", "--offline",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    pids = (folder / "marks").read_text().split()
    assert len(pids) == len(set(pids)) == 3


TEMPLATED = GOOD.replace(
    'content=b"x"',
    'content=context.templates.render("lines/page.txt", count=len(entries)).encode()',
)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_templates_beside_an_exporter_in_a_file(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "mine.py").write_text(TEMPLATED, encoding="utf-8")
    page = tmp_path / "templates" / "lines" / "page.txt"
    page.parent.mkdir(parents=True)

    def texts() -> set[str]:
        ended = command(
            "export", SALTMARSH, "--to", "./mine.py", "-O", "lines.volumes=5", "--jobs", jobs,
            "--out", tmp_path / "out", "--cache", tmp_path / "cache", "--offline",
            cwd=tmp_path,
        )  # fmt: skip
        assert ended.code == 0, ended.err
        return {path.read_text() for path in (tmp_path / "out").glob("*.txt")}

    page.write_text("{{ count }} entries")
    assert texts() == {"5 entries"}
    page.write_text("{{ count }}!")
    assert texts() == {"5!"}  # another template is another output


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1", "defines no EXPORTER"),
        ("def (", "does not load: SyntaxError"),
        ("EXPORTER = 3", "lacks what the contract asks for"),
    ],
)
def test_a_file_that_is_no_exporter(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=reason):
        Registry.default().exporter(str(path))


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no such exporter file"):
        Registry.default().exporter("./nowhere.py")


def test_two_files_of_one_name_are_two_exporters(tmp_path: Path) -> None:
    registry = Registry.default()
    for word in ("one", "two"):
        (tmp_path / word).mkdir()
        (tmp_path / word / "mine.py").write_text(GOOD.replace('"lines", "lines"', f'"{word}", "x"'))
    names = [registry.exporter(str(tmp_path / word / "mine.py")).name for word in ("one", "two")]
    assert names == ["one", "two"]


@pytest.mark.parametrize("packaged", [True, False])
def test_all_code_of_a_plug_in_counts(tmp_path: Path, packaged: bool) -> None:
    """A module beside an exporter shapes its output as the exporter's own does."""
    name = f"plug_in_{tmp_path.name.lower()}".replace("-", "_")
    folder = tmp_path / name
    (folder / "deep").mkdir(parents=True)
    (folder / "body.py").write_text("TEXT = b'x'")
    (folder / "deep" / "more.py").write_text("")
    program = GOOD.replace('b"x"', "body.TEXT")
    if packaged:
        (folder / "__init__.py").write_text(f"from {name} import body\n{program}")
        code = f"sys.path[:0] = [{str(tmp_path)!r}]; from {name} import EXPORTER as found;"
        changed = [folder / "body.py", folder / "deep" / "more.py"]
    else:
        path = folder / "mine.py"
        path.write_text(f"import body\n{program}")
        code = (
            f"sys.path[:0] = [{str(folder)!r}]; found = Registry.default().exporter({str(path)!r});"
        )
        changed = [folder / "body.py"]
    code = (
        "import sys; from convert.plugins import Registry; from convert.run import code;"
        + code + "print(code.of_exporter(found))"
    )  # fmt: skip

    def mark() -> str:
        return subprocess.check_output([sys.executable, "-c", code], text=True)

    marks = [mark(), mark()]
    assert len(set(marks)) == 1
    for path in changed:
        path.write_text(path.read_text() + "\n# changed\n")
        marks.append(mark())
    assert len(set(marks)) == 1 + len(changed)


def test_a_fault_of_our_own_is_called_one() -> None:
    registry = Registry.default()
    ours = [name for name in registry.exporter_names() if is_ours(registry.exporter(name))]
    assert {"atom", "epub", "pdf", "markdown", "thicket"} <= set(ours)
    for name in ours:
        reason = fault(name, registry.exporter(name), ValueError("x"))
        assert reason == "internal error (ValueError: x): run again with --debug and report it"
    assert fault("x", None, ValueError("x")).startswith("internal error")
