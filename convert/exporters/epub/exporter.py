"""EPUB 3.3: a book for every reader, with the links between its entries intact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from convert.content.views import highlight_css
from convert.contract import ExportContext, ExporterOptions, OutputFile
from convert.entryset import EntrySet
from convert.exporters import outline
from convert.exporters.epub.body import BodyMaker
from convert.exporters.epub.cover import cover_image
from convert.exporters.epub.entry import entry_pages
from convert.exporters.epub.fonts import add_fonts
from convert.exporters.epub.metadata import Findings, identifier, metadata
from convert.exporters.epub.options import EpubOptions, picture_request
from convert.exporters.epub.package import Package
from convert.exporters.epub.pages import COLOPHON, COVER, NAVIGATION, TITLE_PAGE, Pages
from convert.exporters.epub.pictures import Pictures, within
from convert.exporters.epub.plan import plan
from convert.exporters.epub.split import LIMIT, may_be_large
from convert.model import Problem
from convert.needs import Needs
from convert.text import lettering
from convert.text.markup import parse
from convert.text.names import digest

_SUFFIXES = {"generic": ".epub", "kobo": ".kepub.epub", "kindle": ".kindle.epub"}
# What a reader that speaks would pass over in silence (WCAG 2.2, 1.1.1).
_WITHOUT_WORDS = re.compile(r'<img [^<>]*alt=""|<svg(?![^<>]*aria-label=)')


class EpubExporter:
    """``--to epub``: one book of a set, or of one volume of it."""

    name = "epub"
    summary = "an ebook for every reader: EPUB 3.3, Kobo's form of it, or what Kindle takes"
    media_type = "application/epub+zip"
    Options: type[ExporterOptions] = EpubOptions

    def suffix(self, options: Any) -> str:
        """Return ".epub", for a device one of its own, so that no book takes another's place: that
        of Kobo makes its own engine open the book, which shows notes in place."""
        return _SUFFIXES[options.device]

    def unavailable(self) -> str | None:
        """Return None: it needs nothing that is not installed with it."""
        return None

    def needs(self, options: Any) -> Needs:
        """Return its templates, pictures, and where the entries came from, for the colophon."""
        return Needs(templates="epub", pictures=True, icons=True, origins="revisions")

    def export(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        """Yield the book, written under ``context.staging``."""
        # The identifier without "urn:uuid:": unique among the books of a run, and safe.
        path = context.staging / f"{identifier(entries)[9:]}.epub"
        with lettering.set_everywhere_alike(), Package(path) as package:
            _Book(entries, context, package).write()
        limit, size = context.options.limit, path.stat().st_size
        # One entry can be larger than a mail.
        if limit is not None and size > limit:
            reason = (
                f"the book has {size} bytes where {limit} fit into the mail;"
                " images=drop makes it smaller"
            )
            context.warn(Problem(path=context.path, field="max_size", reason=reason))
        yield OutputFile(path=context.path, content=path)


EXPORTER = EpubExporter()


class _Book:
    """One book while it is written: the plan, what the pages need, what was seen on them."""

    def __init__(self, entries: EntrySet, context: ExportContext, package: Package) -> None:
        self.entries = entries
        self.context = context
        self.options: EpubOptions = context.options
        self.package = package
        self.described = True
        self.formulas = False
        self.drawings = False
        embedded = self.options.images == "embed"
        request = picture_request(self.options)
        # Only a limit costs a look at every body and every picture before the first page.
        if self.options.limit is not None and embedded:
            references = (
                str(image.get("src", "")).removeprefix("image:")
                for _, content in entries.contents()
                if "<img" in content.xhtml
                for image in parse(content.xhtml).iter("img")
            )
            text = sum(entry.size for entry in entries)
            request = within(self.options.limit, text, references, context.images, request)
        self.pictures = Pictures(context.images if embedded else None, request, package)
        # Entries that others cite at a place inside, or that may need several files, are
        # rendered once more than the others: their ids must be known before any page.
        needed = [entry.key for entry in entries if may_be_large(entry.size)]
        for citations in entries.citations.values():
            needed.extend(each.key for each in citations if each.fragment)
        first = self._maker(lambda key, fragment: None)
        self.plan = plan(
            entries,
            self.options.parts,
            lambda entry: first.locate(entries.content(entry)),
            needed,
        )
        self.pages = Pages(plan=self.plan, context=context)
        self.maker = self._maker(self.plan.citation)

    def write(self) -> None:
        """Write the front, the parts, the back, and the package document."""
        self._write_front()
        self._write_parts()
        for index in self.pages.indexes:
            for name, markup in self.pages.index(index):
                self.package.add_page(name, markup)
        frame = self.pages.frame("")
        findings = Findings(
            pictures=bool(len(self.pictures)) or self.drawings,
            formulas=self.formulas,
            all_described=self.described,
            moving=self.pictures.moving,
        )
        self.package.complete(
            identifier=identifier(self.entries),
            title=outline.book_title(self.entries),
            language=frame.language,
            direction=frame.direction,
            metadata=metadata(self.entries, self.context, findings),
            contents=self.pages.contents(),
            landmarks=self.pages.landmarks(),
        )

    def _maker(self, citation: Callable[[str, str], str | None]) -> BodyMaker:
        return BodyMaker(
            options=self.options,
            language=self.entries.language,
            citation=citation,
            picture=self.pictures,
            put=self.pictures.put,
        )

    def _write_front(self) -> None:
        style = self.context.templates.text("epub/style.css")
        if self.options.highlight:
            style += "\n" + highlight_css()
        if self.options.fonts:
            # First, so that the style sheet can say otherwise.
            style = add_fonts(Path(self.options.fonts), self.package, self.context.warn) + style
        self.package.add("style.css", style, "text/css", uid="style")
        image = cover_image(self.entries, self.options, self.context.warn)
        name = f"cover{image.suffix}"
        self.package.add(
            name, image.content, image.media_type, uid="cover-img", properties=("cover-image",)
        )
        self.package.add_page(COVER, self.pages.cover(name))
        self.package.add_page(TITLE_PAGE, self.pages.title_page())
        self.package.add_page(COLOPHON, self.pages.colophon())
        contents, landmarks = self.pages.contents(), self.pages.landmarks()
        markup = self.pages.navigation(contents, landmarks)
        # Where it would choke old readers, it serves as their menu but is no page to leaf to.
        linear = len(markup) <= LIMIT
        self.package.add_page(NAVIGATION, markup, properties=("nav",), linear=linear)

    def _write_parts(self) -> None:
        for part in self.plan.parts:
            if part.file:
                # The picture of the person whose part it is, named as preparation names the
                # picture of an address, where the run has fetched it.
                icon = part.user.icon if part.user else None
                picture = self.pictures(digest(icon, 24), None) if icon else None
                self.package.add_page(
                    part.file, self.pages.part(part, picture.src if picture else None)
                )
            for entry, content in self.entries.contents(part.entries):
                for name, markup, body in entry_pages(entry, content, self.pages, self.maker):
                    self.package.add_page(name, markup)
                    self.context.show(entry, name.rpartition("/")[2], partial(str, markup))
                    self.formulas = self.formulas or "<math" in body
                    self.drawings = self.drawings or "<svg" in body
                    self.described = self.described and not _WITHOUT_WORDS.search(body)
