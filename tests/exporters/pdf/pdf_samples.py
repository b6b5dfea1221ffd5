"""Books for the tests of ``--to pdf``, and a reader of what was made: pikepdf and pdftotext."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from convert.contract import ExportContext, PlannedOutput, Rendition, RenditionRequest
from convert.entryset import EntrySet
from convert.exporters.pdf.exporter import EXPORTER, PdfOptions
from convert.model import Category, Citation, Origin, Person, Problem
from convert.testing import entry_set, prepared
from convert.text.templates import TemplateFolder

REF = "0123456789abcdef01234567"
LONG = "let overlong = " + " + ".join(f"term_number_{number}" for number in range(20))

RICH = f"""<div><p>An <a href="https://example.org/one">address</a> and a note<sup><a
role="doc-noteref" id="fnref-1" href="#fn-1">1</a></sup>, after
<a href="https://example.org/ada/second">the second entry</a>.</p>
<h2>Numbers</h2><p><img src="image:{REF}" alt="A red square"
data-address="https://example.org/red.png"/></p>
<h3>Deeper</h3>
<pre data-language="ocaml"><code>{LONG}
let short = 1
</code></pre>
<table><tr><th>Port</th><th>Range</th></tr><tr><td>Ferry</td><td>5.3</td></tr></table>
<p>A formula <math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>.</p>
<section role="doc-endnotes"><ol><li id="fn-1"><p>The note itself.</p></li></ol></section></div>"""

LISTS = """<div><p>Short.</p><ol start="5"><li>five</li><li value="9">nine</li><li>ten</li></ol>
<ol reversed="reversed" type="A"><li>before</li><li>first</li></ol>
<ol start="-1"><li>below</li></ol><aside class="callout-warning"><p class="callout-title"><strong>
Watch out</strong></p><p>For the tide.</p></aside></div>"""


class OnePicture:
    """``contract.Images`` with one red square under ``REF``."""

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """The red square."""
        if ref != REF:
            return None
        made = io.BytesIO()
        Image.new("RGB", (40, 40), "red").save(made, format="PNG")
        return Rendition(
            content=made.getvalue(),
            media_type="image/png",
            suffix=".png",
            width=40,
            height=40,
            digest="0" * 64,
        )


def sample() -> EntrySet:
    """Four entries of two years: one with everything, one that it cites, Japanese, Hebrew."""
    entries = (
        prepared(
            "ada/first",
            RICH,
            title="First, with everything",
            date="2023-05-06T07:08:09",
            authors=(Person(name="Ada Lovelace"),),
            categories=(Category(term="maths"), Category(term="engines")),
        ),
        prepared(
            "grace/second",
            LISTS,
            title="Second",
            date="2024-01-02T00:00:00",
            authors=(Person(name="Grace Hopper"),),
            categories=(Category(term="Maths"),),
        ),
        prepared(
            "haru/third",
            "<div><p>潮位計を作る。海は急ぎません。</p></div>",
            title="潮位計",
            language="ja",
            date="2024-02-02T00:00:00",
        ),
        prepared(
            "dov/fourth",
            "<div><p>שלום עולם</p></div>",
            title="עברית",
            language="he",
            direction="rtl",
            date="2024-02-03T00:00:00",
        ),
    )
    cited = (Citation(address="https://example.org/ada/second", key="grace/second"),)
    origin = Origin(
        address="https://example.org/planet.git", kind="thicket", name="planet", commit="c0ffee" * 6
    )
    return entry_set(entries, citations={"ada/first": cited}, origins=(origin,))


def context(
    warn: Callable[[Problem], None] = lambda problem: None,
    outputs: tuple[PlannedOutput, ...] = (),
    **options: Any,
) -> ExportContext:
    """A context on 6 May 2024."""
    return ExportContext(
        now=dt.datetime(2024, 5, 6, tzinfo=dt.UTC),
        options=PdfOptions(**options),
        path="planet.pdf",
        folder="planet",
        staging=Path(tempfile.gettempdir()),
        templates=TemplateFolder(),
        images=OnePicture(),
        warn=warn,
        outputs=outputs,
        version="1.2.3",
    )


def made(entries: EntrySet, given: ExportContext | None = None, **options: Any) -> bytes:
    """The bytes of the one file of an export."""
    (file,) = EXPORTER.export(entries, given or context(**options))
    assert isinstance(file.content, bytes)
    return file.content


@dataclasses.dataclass(frozen=True)
class Element:
    """One element of the structure tree: its role, depth, and the PDF dictionary."""

    role: str
    depth: int
    node: Any


class Printed:
    """A PDF, opened."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.pdf = pikepdf.open(io.BytesIO(content))

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The words of each page, as pdftotext reads them."""
        run = subprocess.run(
            ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"],
            input=self.content,
            capture_output=True,
            check=True,
        )
        return tuple(run.stdout.decode().split("\f")[:-1])

    @cached_property
    def destinations(self) -> Mapping[str, int]:
        """The page, from 1, of each named destination."""
        names = pikepdf.NameTree(self.pdf.Root.Names.Dests)
        return {str(name): self.page_of(target) for name, target in names.items()}

    def text_between(self, first: str, following: str | None) -> tuple[str, ...]:
        """The pages from one named destination to that of another, both included."""
        last = self.destinations[following] if following else len(self.pages)
        return self.pages[self.destinations[first] - 1 : last]

    def page_of(self, destination: Any) -> int:
        """The page, from 1, that an explicit destination leads to."""
        return pikepdf.Page(destination[0]).index + 1

    def links(self) -> Iterator[tuple[int, Any]]:
        """Each link annotation with the page, from 1, that it stands on."""
        for number, page in enumerate(self.pdf.pages, start=1):
            for annotation in page.get("/Annots", ()):
                if annotation.get("/Subtype") == "/Link":
                    yield number, annotation

    def structure(self) -> Iterator[Element]:
        """The structure tree in reading order."""
        yield from _walk(self.pdf.Root.StructTreeRoot.K, 0)

    def roles(self) -> tuple[str, ...]:
        """The roles of the structure tree in reading order."""
        return tuple(element.role for element in self.structure())

    def outline(self) -> Iterator[tuple[int, str, int]]:
        """Each bookmark: depth from 0, title, page from 1."""
        with self.pdf.open_outline() as outline:
            yield from self._bookmarks(outline.root, 0)

    def _bookmarks(self, items: Any, depth: int) -> Iterator[tuple[int, str, int]]:
        for item in items:
            yield depth, item.title, self.page_of(item.destination)
            yield from self._bookmarks(item.children, depth + 1)


def _walk(node: Any, depth: int) -> Iterator[Element]:
    if isinstance(node, pikepdf.Array):
        for each in node:
            yield from _walk(each, depth)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield Element(str(node.S)[1:], depth, node)
        if "/K" in node:
            yield from _walk(node.K, depth + 1)


def words(text: str) -> str:
    """Letters and digits only: hyphens, spaces and the ends of lines do not count."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))


def lost(text: str, pages: Sequence[str]) -> list[str]:
    """The words of a text that these pages do not print.

    A word may be cut by the end of a page, so each page but the last excuses one.
    """
    printed = words("".join("".join(page.splitlines(keepends=True)[1:]) for page in pages))
    missing = [word for word in text.split() if words(word) and words(word) not in printed]
    return missing if len(missing) > len(pages) - 1 else []
