"""Every exporter keeps the contract; the judge finds those that do not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from convert.contract import ExportContext, Exporter, ExporterOptions, OutputFile
from convert.entryset import EntrySet
from convert.errors import ContractError
from convert.plugins import Registry
from convert.testing import check, prepared, shapes

NAMES = [
    name
    for name in Registry.default().exporter_names()
    if isinstance(Registry.default().exporter(name), Exporter)
]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.judge if name == "pdf" else ()) for name in NAMES],
)
def test_ours(name: str) -> None:
    check(Registry.default().exporter(name))


class Sample:
    """A good exporter, to be spoiled."""

    name = "sample"
    summary = "a sample"
    media_type = "text/html"
    Options: type[ExporterOptions] = ExporterOptions
    path: str | None = None
    content = b"<p>fine</p>"
    _runs = 0

    def suffix(self, options: Any) -> str:
        return ".html"

    def unavailable(self) -> str | None:
        return None

    def export(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        yield OutputFile(path=self.path or context.path, content=self.content)


class Undescribed(msgspec.Struct, frozen=True):
    depth: int = 1


def test_a_good_one_passes() -> None:
    check(Sample())


class Random(Sample):
    @property
    def content(self) -> bytes:  # type: ignore[override]
        Random._runs += 1
        return f"{Random._runs}".encode()


class Twice(Sample):
    def export(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        yield from super().export(entries, context)
        yield from super().export(entries, context)


def spoiled(**fields: object) -> Sample:
    return type("Spoiled", (Sample,), fields)()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("exporter", "message"),
    [
        (Random(), "other bytes the second time"),
        (Twice(), "given twice"),
        (spoiled(path="../escape.html"), "leads out of the output folder"),
        (spoiled(path="/etc/passwd"), "leads out of the output folder"),
        (spoiled(path="a" * 300 + ".html"), "too long"),
        (spoiled(content=b"<img src=x onerror=alert(1)>"), "markup that acts"),
        (spoiled(content=b'<a href="javascript:x">'), "markup that acts"),
        (spoiled(name="Not A Name"), "not a name for --to"),
        (spoiled(summary="two\nlines"), "one line"),
        (spoiled(media_type="html"), "media_type"),
        (spoiled(Options=Undescribed), "Options"),
        (spoiled(needs=lambda self, options: "templates"), "needs: returns str, not Needs"),
        (spoiled(export=None), "lacks what the contract asks for: Options, export"),
    ],
)
def test_a_bad_one_does_not(exporter: Sample, message: str) -> None:
    if exporter.export is None:
        delattr(type(exporter), "export")
        exporter = object()
    with pytest.raises(ContractError, match=message):
        check(exporter)


def test_the_shapes_hold_what_they_say() -> None:
    sets = shapes()
    assert len(sets["an empty set"]) == 0
    rich = sets["every kind of markup"]
    cited = rich.entries[0]
    assert [entry.title for entry in rich.citing(cited)] == ["Re: Everything at once"]
    assert 'href="entry:ada/2024-05-06-rich#tables"' in rich.content(rich.entries[1]).xhtml
    assert sets["one volume of three"].neighbours()[0] is not None


def test_prepared_measures_itself() -> None:
    made = prepared("ada/x", "<div><p>one two</p></div>")
    assert (made.entry.words, made.text) == (2, "one two")
