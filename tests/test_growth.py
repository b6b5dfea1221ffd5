"""Time and memory grow with an entry no faster than it does, whatever it repeats."""

from __future__ import annotations

import functools
import gc
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import growth_feeds
import msgspec
import pytest
from growth_shapes import Make, again, entry, shapes

from convert.collection.similarity import fingerprint
from convert.content import PrepareOptions, prepare
from convert.content.views import View, element
from convert.exporters import outline
from convert.exporters.epub.body import BodyMaker
from convert.exporters.epub.options import EpubOptions
from convert.exporters.feeds.entry import body_of, summary_of
from convert.exporters.markdown.body import Body
from convert.exporters.pdf.body import Press, entry_citation
from convert.exporters.pdf.page import PAGES
from convert.model import Prepared, StoredEntry
from convert.sources import xml_text, xml_tree
from convert.sources.feeds import paragraphs, wordpress
from convert.testing import entry_set
from convert.text import json_mended, json_text, names

pytestmark = pytest.mark.judge

TIMES = 8
STEEPEST = TIMES**1.35
"""Linear is 8; what grows with the square is 64."""
ROUNDS = 5
SHAPES = shapes()
MENDED = (
    "<li>", "$a<em>1$ b</em>2$ ", "$x_1<i>a</i>y$<br>", "$x_1$ $x ", "$\\$",
    '<img alt="$x$" class="latex">', "<input type=checkbox>x", "<time>x</time>y",
    '<img alt="x y">z', "<b>x</i>", "x<br>", "<a href> of ' '", "<a href> of '\\xa0'",
    "<img src> of '\\t'", "title: '<b>'", "rights: '<b>'", "notes: anchors", "notes: spans",
    "references to one note", "links to one box with links (b)", "references in one sup",
    "class around code", "address around blocks", "title around paragraphs", "title opened again",
    "title around players", "items in lists", "words in a list", "lines in code",
    "<img alt> of '&'", "<img alt> of '\\xa0'", "one line of blanks", "<p>x</p> and summaries",
    "drawings of one chain", "drawings of one sprite", "sheets: rules and shapes",
    "ids of one form", "spans over all rows", "one long row",
    "icons in a cell",
)  # fmt: skip
"""What once took more."""


@pytest.mark.parametrize("name", MENDED)
def test_what_grew_with_the_square_is_linear(name: str) -> None:
    assert _steep(SHAPES[name], 10_000) == {}


READERS: dict[str, Callable[[int], object]] = {
    **growth_feeds.USUAL,
    "code that never ends": lambda size: paragraphs.of_lines(again("<pre>", size)),
    "blank lines": lambda size: paragraphs.of_lines(again("a\n\n", size)),
    **{
        f"text of WordPress: {form}": lambda size, form=form: wordpress.shown(  # type: ignore[misc]
            again(form, size), {}, ()
        )
        for form in (
            *(
                "<br>",
                "<div>",
                "<p>",
                "</p>",
                "<li>",
                '<a ="',
                "<!--",
                "<b\n\n",
                "<svg>",
                " \n",
                "\n ",
            ),
            *(
                "[embed ",
                '[embed "',
                "[audio]",
                "[code]",
                "[/code]",
                "[caption]<a><img",
                "[[gallery]",
            ),
            *(
                "[gallery][/gallery]",
                "[gallery ids=1 ids=2]",
                "[caption]x[/caption]",
                "https://a.b\n",
            ),
        )
    },
    "authors that never end": lambda size: growth_feeds.read_xml(
        "<rss><channel>" + again("<wp:author>", size)
    ),
    "entries in a deep nest": lambda size: xml_tree.parse(
        again("<a>", size // 2) + again("<entry/>", size // 2)
    ),
    "entries in feeds in each other": lambda size: xml_tree.parse(
        again("<feed><entry><a>", size // 2) + again("</b></entry>", size // 2)
    ),
    "tags that nothing ends": lambda size: xml_tree.parse("<rss>" + again("<a b=c ", size)),
    "names without values": lambda size: xml_tree.parse("<rss><a " + again("b", size) + ">"),
    "a deep nest": lambda size: xml_tree.parse(again("<a>", size // 2) + again("</a>", size // 2)),
    "bare signs": lambda size: xml_text.read(b"<a>" + again("&<]]>", size).encode()),
    "what is mended of JSON": lambda size: json_mended.mended(again('[, "\\x" //\n', size)),
    "a string of JSON that nothing ends": lambda size: json_mended.mended('"' + again('\\"', size)),
    "comments in JSON that nothing ends": lambda size: json_mended.mended(again("/* ", size)),
    "brackets": lambda size: json_text.decode(b"[" + again('"\\ud800",', size).encode() + b"1]"),
}


@pytest.mark.parametrize("name", READERS)
def test_sources_read_in_linear_time(name: str) -> None:
    _require_linear(READERS[name])


@pytest.mark.slow
@pytest.mark.parametrize("element", growth_feeds.ELEMENTS)
def test_all_elements_of_feeds_are_read_in_linear_time(element: str) -> None:
    for read in growth_feeds.readers(element):
        _require_linear(read)


def _require_linear(read: Callable[[int], object]) -> None:
    def seconds(size: int) -> float:
        start = time.process_time()
        read(size)
        return time.process_time() - start

    usual = _usual(10_000)["prepare"]
    rounds = []
    # What other tests left in memory is no garbage to look through again and again.
    gc.freeze()
    for _ in range(ROUNDS):
        rounds.append((seconds(20_000), seconds(160_000)))
        if rounds[-1][1] <= STEEPEST * max(rounds[-1][0], usual):
            return
    pytest.fail(f"takes more than its share: {rounds}")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_all_that_repeats_takes_linear_time(name: str) -> None:
    assert _steep(SHAPES[name], 20_000) == {}


@pytest.mark.parametrize("name", [name for name in MENDED if "around" in name or "again" in name])
def test_few_bytes_never_fill_the_memory(name: str) -> None:
    assert _megabytes(SHAPES[name](160_000)) < 200


def _steep(make: Make, size: int) -> dict[str, str]:
    """Return the steps that take more than their share for eight times the size, each time that
    they are measured: what another process delays is delayed once."""
    steep: dict[str, str] | None = None
    for _ in range(ROUNDS):
        small, large = _seconds(make(size)), _seconds(make(size * TIMES))
        found = {
            step: f"{small.get(step, 0):.3f} s, then {large[step]:.3f} s"
            for step in large
            if large[step] > STEEPEST * max(small.get(step, 0), _usual(size).get(step, 0))
        }
        steep = {step: how for step, how in found.items() if steep is None or step in steep}
        if not steep:
            break
    return steep or {}


@functools.cache
def _usual(size: int) -> dict[str, float]:
    """Return what the steps take for a plain entry: shorter times are noise."""
    plain = "<p>Some <em>words</em> and <a href='https://a.example/'>a link</a>.</p>"
    runs = [_seconds(entry(again(plain, size))) for _ in range(5)]
    return {step: max(0.002, min(run[step] for run in runs)) for step in runs[0]}


def _seconds(stored: StoredEntry) -> dict[str, float]:
    """Return the seconds of the processor that preparing an entry takes, and each step after."""
    start = time.process_time()
    prepared = prepare(stored, PrepareOptions())
    seconds = {"prepare": time.process_time() - start}
    for step, run in _later(prepared):
        start = time.process_time()
        run()
        seconds[step] = time.process_time() - start
    return seconds


def _later(prepared: Prepared) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what is done with a prepared entry, layout aside."""
    prepared = msgspec.structs.replace(
        prepared, entry=msgspec.structs.replace(prepared.entry, key="ann/entry")
    )
    entries = entry_set([prepared])
    one = entries.entries[0]
    content = entries.content(one)
    yield "fingerprint", lambda: fingerprint(prepared)
    yield "names", lambda: (names.keys([one]), outline.title_of(entries, one))
    yield (
        "markdown",
        lambda: Body(element(content, View(math="tex")), frozenset(), lambda _: "x").markdown(),
    )
    maker = BodyMaker(
        options=EpubOptions(device="kobo"),
        language="en",
        citation=lambda key, fragment: None,
        picture=lambda ref, address: None,
        put=lambda data, kind, suffix: "x",
    )

    def book() -> None:
        files = [str(at) for at in range(max(maker.locate(content).values(), default=0) + 1)]
        list(maker.bodies(one, content, files))

    yield "epub", book
    view = View(code="highlighted", notes="footnotes", citation=entry_citation)
    press = Press(entries=entries, view=view, links="footnotes", page=PAGES["a5"])
    yield "pdf", lambda: press.body(one, content)
    yield "pdf, simple", lambda: press.simple(content)
    yield (
        "feeds",
        lambda: (body_of(one, content, View(images="link")), summary_of(one, content.text)),
    )


def _megabytes(stored: StoredEntry) -> float:
    """Return the memory that all steps take for an entry, at most, in a process of its own."""
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    child = fork.Process(target=_measure, args=(stored, sender))
    child.start()
    taken: float = receiver.recv() if receiver.poll(120) else float("inf")
    child.kill()
    child.join()
    return taken


def _measure(stored: StoredEntry, sender: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _seconds(stored)
    sender.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000)
