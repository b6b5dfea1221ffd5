"""Nothing that ``--to pdf`` prints leaves the paper, judged by the boxes of words and drawings."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from pdf_boxes import outside
from pdf_samples import Printed, context, lost, made
from pdf_wide import CELLS, DRAWING, NESTS, STRINGS, nest, strings, table

import convert
from convert.entryset import EntrySet
from convert.exporters.pdf.page import PAGES
from convert.model import Problem
from convert.testing import entry_set, prepared

EDGE = "<p>the bottom</p>"


def _set(bodies: dict[str, str]) -> EntrySet:
    return entry_set(
        [
            prepared(f"ada/{name}", f"<div>{body}</div>", title=STRINGS.get(name, name))
            for name, body in bodies.items()
        ]
    )


def _tables(columns: tuple[int, ...]) -> dict[str, str]:
    return {
        f"{name}-{count}": table(count, cell, rows=2)
        for name, cell in CELLS.items()
        for count in columns
    }


def _nests(depth: int) -> dict[str, str]:
    inside = EDGE + strings(STRINGS["digest"]) + table(20, CELLS["long"], rows=2)
    return {
        f"nest-{at}": nest(opening, closing, depth, inside)
        for at, (opening, closing) in enumerate(NESTS)
    }


def _judge(bodies: dict[str, str], **options: Any) -> tuple[Printed, list[str]]:
    """Print the bodies; return the book and what is reported of them."""
    problems: list[Problem] = []
    content = made(_set(bodies), context(warn=problems.append, **options))
    assert outside(content, PAGES[options.get("page", "a4")]) == []
    return Printed(content), [f"{each.path}: {each.reason}" for each in problems]


def test_nothing_leaves_the_narrowest_page() -> None:
    bodies = {
        "digest": strings(STRINGS["digest"]),
        "capitals": "<h2>{0}</h2><p>glued<em>to{0}</em>{0}</p>".format(STRINGS["capitals"]),
        "chinese": f"<p>{STRINGS['chinese']}</p>",
        "numbers": table(27, CELLS["numbers"], rows=1),
        "block": table(9, CELLS["block"], rows=1),
        "drawing": f"<p>{DRAWING}</p>{table(3, DRAWING, rows=1)}",
        "nest": nest(*NESTS[0], 30, EDGE + table(9, CELLS["long"], rows=1)),
        "inner": table(2, table(40, "{}", rows=1), rows=1),
    }
    book, problems = _judge(bodies, page="a5", links="inline")
    (problem,) = problems
    assert "ada/inner.json: a table of 40 columns in a cell is too wide" in problem
    first = book.text_between("ada.numbers", "ada.block")
    assert lost(" ".join(f"Head{at} 0x{at}.25" for at in range(27)), first) == []


def test_a_wide_table_lies_on_its_side_and_what_follows_stands_upright() -> None:
    wide = table(17, "word {} here", rows=1)
    book, problems = _judge(
        {
            "after": f"<p>Before.</p>{wide}<p>After.</p>",
            "last": f"<blockquote><p>Again before.</p>{wide}</blockquote>",
            "next": "<p>Next.</p>",
        }
    )
    assert problems == []
    lies = {
        word
        for page, text in zip(book.pdf.pages, book.pages, strict=True)
        if page.mediabox[2] > page.mediabox[3]
        for word in ("Before.", "After.", "Head16", "Again", "Next.", "Chronology")
        if word in text
    }
    assert lies == {"Head16"}
    assert sum("Head16" in text for text in book.pages) == 2


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_nothing_leaves_any_page(page: str) -> None:
    bodies = {
        **{name: strings(text) for name, text in STRINGS.items()},
        **_tables((3, 9, 27)),
        "numbers-200": table(200, CELLS["numbers"]),
        **_nests(28),
        "drawing": f"<p>{DRAWING}</p>{table(12, DRAWING)}",
    }
    links = {"a4": "footnotes", "a5": "inline"}.get(page, "notes")
    _, problems = _judge(bodies, page=page, links=links)
    assert problems == []


@pytest.mark.slow
def test_a_row_that_is_taller_than_a_page_takes_no_more_time_than_its_pages() -> None:
    words = " ".join(f"word{at}" for at in range(4000))
    bodies = {
        "words": f"<td>{words}</td><td>x</td>",
        "lines": f"<td>{words.replace(' ', '<br/>')}</td><td>x</td>",
        "string": f"<td>{words.replace(' ', '')}</td><td>x</td>",
        "narrow": "<td>several columns</td>" * 8 + f"<td>{words}</td>",
    }
    for name, cells in bodies.items():
        started = time.process_time()
        _judge({name: f"<table><tbody><tr>{cells}</tr></tbody></table>"})
        assert time.process_time() - started < 40, name


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("page", ["a4", "a5"])
def test_nothing_leaves_the_page_in_invented_posts(page: str, tmp_path: Path) -> None:
    cases = ROOT.parent / "shared" / "cases" / "posts"
    if not cases.exists():
        pytest.skip("the invented posts are not here")
    entries = convert.prepare(convert.read(cases, cache=tmp_path))
    assert outside(made(entries, context(page=page)), PAGES[page]) == []
