"""The registry: names to plug-ins, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from convert.errors import ContractError, UnknownName, UsageError
from convert.registry import EXPORTERS, Registry

GOOD = """
from convert.contract import ExporterOptions, OutputFile
class Lines:
    name, summary, media_type, Options = "lines", "lines", "text/plain", ExporterOptions
    def suffix(self, options): return ".txt"
    def unavailable(self): return None
    def export(self, entries, context): yield OutputFile(path=context.path, content=b"x")
EXPORTER = Lines()
"""


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, EXPORTERS)


def registry(*points: EntryPoint) -> Registry:
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for each in points:
        found[each.name] = (*found.get(each.name, ()), each)
    return Registry(exporters=found, sources={})


def test_ours_all_load() -> None:
    known = Registry.default()
    assert {"atom", "epub", "markdown", "pdf"} <= set(known.exporter_names())
    assert known.broken() == ()


def test_listing_imports_no_exporter() -> None:
    code = (
        "import sys; from convert.registry import Registry; print(Registry.default()"
        ".exporter_names()); assert not [m for m in sys.modules if 'exporters.' in m]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_other_exporters_never_import_weasyprint() -> None:
    code = (
        "import sys; from convert.registry import Registry; r = Registry.default()\n"
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
        point("atom", "convert.exporters.atom:EXPORTER"),
        point("gone", "no_such_module:EXPORTER"),
        point("half", "convert.errors:ConvertError"),
    )
    assert known.exporter("atom").name == "atom"
    gone, half = known.broken()
    assert "'gone'" in gone
    assert "No module named 'no_such_module'" in gone
    assert "'half'" in half
    assert "export" in half


def test_an_exporter_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD, encoding="utf-8")
    assert Registry.default().exporter(str(path)).name == "lines"


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
