"""Books for the tests: a set with every kind of markup, and what stands around an export."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import msgspec
from lxml import etree
from PIL import Image

from convert.contract import ExportContext, Rendition, RenditionRequest
from convert.entryset import EntrySet
from convert.exporters.epub.exporter import EXPORTER
from convert.model import Category, Citation, Enclosure, Origin, Person, Prepared, Problem, User
from convert.pictures import renditions
from convert.testing import entry_set, prepared
from convert.text.templates import TemplateFolder

NOW = dt.datetime(2024, 6, 1, 12, 30, tzinfo=dt.UTC)
PHOTO, DRAWING, MISSING = "a" * 24, "b" * 24, "c" * 24
XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
OPS = "{http://www.idpf.org/2007/ops}"

RICH = f"""<div><h2 id="tides">Tides</h2>
<p>A note<sup><a role="doc-noteref" id="fnref-1" href="#fn-1">1</a></sup> and
<a href="entry:bruno/2020-mud#layers" data-address="https://bruno.example.org/mud#layers">mud</a>,
<a href="entry:bruno/2020-mud" data-address="https://bruno.example.org/mud">again</a>,
<a href="https://elsewhere.example.org/?a=1&amp;b=2">elsewhere</a>, <a href="#tides">up</a>.</p>
<pre data-language="python"><code>def tide(day):
    return day &lt; 3  # &lt;svg and lang="xx" in a text are text
</code></pre>
<table><caption>Levels</caption><thead><tr><th scope="col">Day</th><th scope="col">Level</th></tr>
</thead><tbody><tr><td>1</td><td class="align-right">3.2</td></tr><tr><td/><td/></tr></tbody>
</table>
<math display="block"><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow>
<annotation encoding="application/x-tex">x^2</annotation></semantics></math>
<p lang="fr">La mer, <svg viewBox="0 0 10 10" width="10" height="10">
<linearGradient id="shade"><stop offset="0"/></linearGradient>
<circle cx="5" cy="5" r="4" fill="url(#shade)"/></svg></p>
<figure><img src="image:{PHOTO}" alt="A heron" data-address="https://ada.example.org/h.png"/>
<figcaption>A heron</figcaption></figure>
<p><img src="image:{DRAWING}" alt="A chart" data-address="https://ada.example.org/c.svg"/>
<img src="image:{MISSING}" alt="A lost picture" data-address="https://ada.example.org/l.png"/></p>
<details><summary>More</summary><p>inside</p></details>
<section role="doc-endnotes"><ol><li id="fn-1"><p>The note.</p></li></ol></section></div>"""

MUD = '<div><h2 id="layers">Layers</h2><p>Grey &amp; soft.</p></div>'
ARABIC = "<div><p>مرحبا بالعالم</p><pre><code>x = 1</code></pre></div>"
JAPANESE = "<div><p>潮が<ruby>満<rt>み</rt></ruby>ちる。</p></div>"


def sample_entries() -> list[Prepared]:
    """Entries by four people in three languages, one without title and one only a summary."""
    maths, birds = Category(term="maths", label="Mathematics"), Category(term="Birds")
    return [
        prepared(
            "ada/2019-tides", RICH, title="Tides & levels", date="2019-01-02T03:04:05",
            categories=(maths, birds), rights="CC BY 4.0", contributors=(Person(name="Kit"),),
        ),
        prepared(
            "bruno/2020-mud", MUD, title="Mud", date="2020-02-03T00:00:00", categories=(birds,)
        ),
        prepared("ada/2020-note", date="2020-05-06T00:00:00", title="", summary="Only a few words"),
        prepared(
            "leila/2021-salam", ARABIC, title="مرحبا", date="2021-01-01T00:00:00",
            language="ar", direction="rtl", full=False,
        ),
        prepared(
            "haru/2022-shio", JAPANESE, title="潮", date="2022-03-04T00:00:00", language="ja",
            enclosures=(Enclosure(href="https://haru.example.org/a%20b.mp3", title="Waves"),),
        ),
    ]  # fmt: skip


CITATIONS = {
    "ada/2019-tides": (
        Citation(address="https://bruno.example.org/mud#layers", key="bruno/2020-mud",
                 fragment="layers"),
        Citation(address="https://bruno.example.org/mud", key="bruno/2020-mud"),
    ),
    "ada/2020-note": (
        Citation(address="https://bruno.example.org/mud", key="bruno/2020-mud", reply=True),
    ),
}  # fmt: skip

USERS = {
    "ada": User(username="ada", display_name="Ada Marsh", homepage="https://ada.example.org/"),
    "bruno": User(username="bruno", display_name="Bruno & Co", homepage="javascript:alert(1)"),
    "leila": User(username="leila", display_name="ليلى"),
    "haru": User(username="haru", display_name="春"),
}


def sample_set(**fields: object) -> EntrySet:
    """The entries as a set with relations, people and an origin."""
    known: dict[str, object] = {
        "title": "The Saltmarsh Papers",
        "subtitle": "Notes from the edge",
        "users": USERS,
        "origins": (
            Origin(
                address="/home/someone/saltmarsh", kind="thicket", name="saltmarsh",
                remote="https://git.example.org/saltmarsh", commit="0123456789" * 4,
                committed=NOW,
            ),
        ),
    }  # fmt: skip
    return entry_set(sample_entries(), citations=CITATIONS, **(known | fields))


def png(size: tuple[int, int] = (60, 40), colour: str = "teal") -> bytes:
    """A picture."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@dataclasses.dataclass(frozen=True)
class FewImages:
    """Pictures in memory; satisfies ``convert.contract.Images``."""

    originals: Mapping[str, bytes]

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """The picture as the request wants it."""
        original = self.originals.get(ref)
        return renditions.make(original, request) if original else None


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
IMAGES = FewImages({PHOTO: png(), DRAWING: SVG})


@dataclasses.dataclass(frozen=True)
class Book:
    """A book that was made: its path, the problems on the way, and what is in it."""

    path: Path
    problems: tuple[Problem, ...]

    @cached_property
    def members(self) -> dict[str, bytes]:
        """Every member, in the order of the archive."""
        with zipfile.ZipFile(self.path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def names(self) -> list[str]:
        """The members in their order."""
        return list(self.members)

    def read(self, name: str) -> bytes:
        """A resource by its name beside the package document."""
        return self.members[f"EPUB/{name}"]

    def tree(self, name: str) -> etree._Element:
        """A page or the package document, parsed."""
        return etree.fromstring(self.read(name))

    def package(self) -> etree._Element:
        """The package document."""
        return self.tree("content.opf")

    def pages(self) -> Iterator[tuple[str, etree._Element]]:
        """Every page in reading order."""
        package = self.package()
        items = {each.get("id"): each.get("href") for each in package.iter(f"{OPF}item")}
        for itemref in package.iter(f"{OPF}itemref"):
            name = str(items[itemref.get("idref")])
            yield name, self.tree(name)


def make_book(
    entries: EntrySet, folder: Path, images: FewImages = IMAGES, /, **options: object
) -> Book:
    """Exports a set into a folder.  The cover is not drawn unless ``cover=None`` asks for it."""
    folder.mkdir(exist_ok=True)
    if "cover" not in options:
        cover = folder / "cover.png"
        cover.write_bytes(png((8, 8)))
        options["cover"] = str(cover)
    asked = msgspec.convert(options, EXPORTER.Options)
    problems: list[Problem] = []
    staging = folder / "staging"
    staging.mkdir(exist_ok=True)
    stem = entries.volume.name if entries.volume else entries.name
    context = ExportContext(
        now=NOW,
        options=asked,
        path=stem + EXPORTER.suffix(asked),
        folder=stem,
        staging=staging,
        templates=TemplateFolder(),
        images=images,
        warn=problems.append,
        version="1.2.3",
    )
    (made,) = EXPORTER.export(entries, context)
    assert isinstance(made.content, Path)
    path = folder / made.path
    made.content.rename(path)
    return Book(path=path, problems=tuple(problems))
