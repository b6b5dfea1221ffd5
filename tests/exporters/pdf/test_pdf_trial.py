"""One entry cannot spoil a volume of ``--to pdf``."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pdf_samples import REF, OnePicture, Printed, context, lost, made
from weasyprint.text.ffi import ffi, pango

from convert.contract import Rendition, RenditionRequest
from convert.errors import CacheError, ConvertError, ExportError
from convert.exporters.pdf import layout, trial
from convert.exporters.pdf.press import MAX_PARAGRAPH
from convert.model import Problem
from convert.testing import entry_set, prepared


def _nothing(key: str, why: str) -> None:
    raise AssertionError(f"{key} gave way: {why}")


def test_what_can_be_made_is_made_once() -> None:
    calls = []

    def whole(simple: frozenset[str]) -> str:
        calls.append(simple)
        return "made"

    assert trial.make(("a", "b"), whole, _nothing, 10, _nothing) == "made"  # type: ignore[arg-type]
    assert calls == [frozenset()]


def test_only_the_culprits_give_way() -> None:
    told: list[tuple[str, str]] = []

    def whole(simple: frozenset[str]) -> str:
        if "b" not in simple:
            raise RecursionError("too deep")
        return ",".join(sorted(simple))

    def alone(key: str) -> None:
        if key == "b":
            raise RecursionError("too deep")

    result = trial.make(("a", "b", "c"), whole, alone, 10, lambda *each: told.append(each))
    assert result == "b"
    assert told == [("b", "RecursionError: too deep")]


def test_what_fails_only_in_company_gives_way_together() -> None:
    told: list[str] = []

    def whole(simple: frozenset[str]) -> str:
        assert simple, "odd"
        return "made"

    made_of = trial.make(("a", "b"), whole, lambda key: None, 10, lambda key, why: told.append(key))
    assert made_of == "made"
    assert told == ["a", "b"]


def test_what_nothing_helps_is_one_error() -> None:
    def whole(simple: frozenset[str]) -> str:
        raise AssertionError("broken\nengine")

    with pytest.raises(ExportError, match="laid out: AssertionError: broken engine"):
        trial.make(("a",), whole, lambda key: None, 10, lambda key, why: None)


def test_an_error_of_ours_is_no_entrys_fault() -> None:
    def whole(simple: frozenset[str]) -> str:
        raise ExportError("pdf/book.html:3: no such value")

    with pytest.raises(ExportError, match="no such value"):
        trial.make(("a",), whole, _nothing, 10, _nothing)  # type: ignore[arg-type]


def _never_end() -> None:
    while True:
        sum(range(100))


def test_what_never_ends_is_ended() -> None:
    start = time.process_time()
    with pytest.raises(trial.Stuck), trial.watched(0.3, 10):
        _never_end()
    assert time.process_time() - start < 5


def test_a_picture_is_addressed_by_its_bytes() -> None:
    fetcher = layout.KnownOnly(OnePicture(), RenditionRequest(use="print"), {})
    shown = fetcher.picture(REF)
    assert shown is not None
    assert shown.src == f"image:{'0' * 64}"
    assert fetcher.fetch(shown.src).read()[1:4] == b"PNG"
    assert fetcher.picture("f" * 24) is None
    for address in (f"image:{REF}", f"image:{'f' * 64}", "file:///etc/passwd"):
        with pytest.raises(ValueError, match=address[:20]):
            fetcher.fetch(address)


class OnceOnly(OnePicture):
    """A picture that has gone, or finds no memory, when it is asked for again."""

    def __init__(self, error: Exception) -> None:
        self.errors = iter((None, error))

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        if error := next(self.errors):
            raise error
        return super().rendition(ref, request)


@pytest.mark.parametrize("error", [CacheError(Path("cache"), "has gone"), MemoryError()])
def test_no_page_is_printed_without_a_picture_that_has_gone(error: Exception) -> None:
    fetcher = layout.KnownOnly(OnceOnly(error), RenditionRequest(use="print"), {})
    shown = fetcher.picture(REF)
    assert shown is not None
    tree = layout.parse(f"<html><body><p><img src='{shown.src}' alt='x'/></p></body></html>")
    with layout.quiet(), pytest.raises(ConvertError, match=r"has gone|no memory"):
        layout.render(tree, "", fetcher)


def test_pages_without_end_are_ended() -> None:
    tree = layout.parse("<html><body>" + "<p>word</p>" * 40 + "</body></html>")
    fetcher = layout.KnownOnly(context().images, None, {})  # type: ignore[arg-type]
    with layout.quiet(), pytest.raises(trial.Stuck), trial.watched(60, 3):
        layout.render(tree, "p { break-before: page }", fetcher)


def test_an_entry_that_the_engine_cannot_set_is_set_plainly() -> None:
    # Deeper than prepared bodies ever are: the engine's recursion ends before the nest does.
    deep = "<div>" + "<blockquote>" * 400 + "<p>At the bottom of it.</p>" + "</blockquote>" * 400
    warnings: list[Problem] = []
    entries = entry_set(
        [
            prepared("a/good", "<div><p>Good and <em>sound</em>.</p></div>", title="Good"),
            prepared("b/deep", deep + "</div>", title="Deep", text="At the bottom of it."),
        ]
    )
    book = Printed(made(entries, context(warn=warnings.append)))
    assert [problem.path for problem in warnings] == ["b/deep.json"]
    assert "RecursionError" in warnings[0].reason
    assert lost("At the bottom of it. Good and sound.", book.pages) == []


@pytest.mark.judge
def test_an_endless_paragraph_is_set_in_blocks_at_once() -> None:
    endless = "潮" * (MAX_PARAGRAPH + 1)
    entries = entry_set(
        [
            prepared("haru/shio", f'<div><p><a href="entry:ada/tide">a</a>{endless}</p></div>'),
            prepared("ada/tide", "<div><p>Low water at noon.</p></div>"),
        ]
    )
    problems: list[Problem] = []
    started = time.process_time()
    book = Printed(made(entries, context(warn=problems.append)))
    assert time.process_time() - started < 30
    (problem,) = problems
    assert "(a paragraph of 100,002 characters); set as plain paragraphs" in problem.reason
    assert sum(page.count("潮") for page in book.pages) == len(endless)
    assert any("Low water at noon." in page for page in book.pages)


def test_what_pango_complains_of_reaches_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """Lines of C, which name no entry; whoever else uses Pango in this process sees them again."""
    nothing = ffi.NULL
    with layout.quiet():
        pango.pango_font_description_get_size(nothing)
    assert capfd.readouterr().err == ""
    pango.pango_font_description_get_size(nothing)
    assert "Pango-CRITICAL" in capfd.readouterr().err
