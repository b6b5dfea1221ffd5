"""A volume to the bytes of a PDF: bodies, pages, metadata."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint import Attachment

from convert.content.views import Picture, View, highlight_css
from convert.contract import ExportContext, RenditionRequest
from convert.entryset import EntrySet
from convert.exporters import outline
from convert.exporters.pdf import book as books
from convert.exporters.pdf import glyphs, layout, trial
from convert.exporters.pdf.body import Body, Press, entry_citation
from convert.exporters.pdf.finish import Facts, finish
from convert.exporters.pdf.layout import hand_back
from convert.exporters.pdf.page import PAGES, Page
from convert.model import Entry, Problem
from convert.text.languages import direction
from convert.text.names import anchor
from convert.text.phrases import count_entries, format_date, join_names, say

__all__ = ["book", "hand_back", "volume_list"]

PRINTED = RenditionRequest(use="print", longest_side=1600)
"""Pictures: 300 dpi on the width of the text of an A4 page."""
NAMED = 12
"""The most people that a cover names."""


def book(entries: EntrySet, context: ExportContext) -> bytes:
    """The PDF of one volume.  Raises ExportError where it cannot be laid out at all."""
    job = _Job(entries=entries, context=context)
    with layout.quiet(), layout.clock(context.now):
        size = sum(len(markup) for markup in job.full.values())
        return trial.make(
            tuple(job.full),
            whole=job.whole,
            alone=job.alone,
            size=size,
            simplified=job.warn_of,
        )


def volume_list(entries: EntrySet, context: ExportContext) -> bytes:
    """A small PDF that names every volume, its years and how many entries it holds."""
    page = PAGES[context.options.page]
    markup = context.templates.render(
        "pdf/volumes.html",
        entries=entries,
        language=entries.language,
        direction=direction(entries.language),
        say=functools.partial(say, entries.language),
        outputs={
            output.volume.number: output.path
            for output in context.outputs
            if output.volume is not None and output.exporter == "pdf"
        },
    )
    job = _Job(entries=entries, context=context)
    with layout.quiet(), layout.clock(context.now):
        document = layout.render(layout.parse(markup), _style(page, context), job.fetcher)
        return job.written(document, title=outline.publication_title(entries))


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Job:
    """One volume on its way through the press."""

    entries: EntrySet
    context: ExportContext

    @cached_property
    def plan(self) -> books.Book:
        return books.plan(self.entries)

    @cached_property
    def page(self) -> Page:
        return PAGES[self.context.options.page]

    @cached_property
    def style(self) -> str:
        return _style(self.page, self.context)

    @cached_property
    def codes(self) -> Mapping[str, bytes]:
        """The QR code of each entry that has an address, by the address of the picture."""
        if not self.context.options.qr:
            return {}
        made = (
            (f"qr:{anchor(entry.key)}", books.qr_code(entry.link or "")) for entry in self.entries
        )
        return {name: code for name, code in made if code}

    @cached_property
    def fetcher(self) -> layout.KnownOnly:
        return layout.KnownOnly(self.context.images, PRINTED, self.codes)

    @cached_property
    def full(self) -> Mapping[str, str]:
        """Each entry's page in full, by key."""
        press = self._press
        return {
            entry.key: self._entry(entry, press.body(entry, content))
            for entry, content in self.entries.contents()
        }

    @cached_property
    def _press(self) -> Press:
        options = self.context.options
        view = View(
            citation=entry_citation,
            picture=functools.partial(_picture, self.context),
            images="drop" if options.images == "drop" else "embed",
            math="svg",
            code=options.code,
            notes="footnotes",
            headings=1,
            language=self.entries.language,
        )
        return Press(
            entries=self.entries, view=view, links=options.links, columns=self.page.code_columns
        )

    def whole(self, simple: frozenset[str]) -> bytes:
        """The volume; the entries of these keys in plain blocks."""
        plain = {
            key: self._entry(entry, self._press.simple(self.entries.content(entry)))
            for key, entry in self.entries.by_key.items()
            if key in simple
        }
        tree = layout.parse(_document(self.plan, {**self.full, **plain}, self.context, front=True))
        self._name_missing(tree)
        return self.written(layout.render(tree, self.style, self.fetcher))

    def alone(self, key: str) -> bytes:
        """One entry in full, without front and back."""
        markup = _document(self.plan, {key: self.full[key]}, self.context, front=False)
        return self.written(layout.render(layout.parse(markup), self.style, self.fetcher))

    def warn_of(self, key: str, why: str) -> None:
        """Tells that an entry is set in plain blocks."""
        entry = self.entries.by_key[key]
        self.context.warn(
            Problem(
                path=entry.path or key,
                field="content",
                reason=f"could not be laid out for print ({why}); set as plain paragraphs",
            )
        )

    def written(self, document: Any, title: str | None = None) -> bytes:
        """The bytes of pages that are laid out."""
        entries, context = self.entries, self.context
        metadata = document.metadata
        metadata.title = title or outline.book_title(entries)
        metadata.authors = list(outline.everyone(entries))
        metadata.description = entries.subtitle or None
        metadata.generator = f"thicket-convert {context.version}".strip()
        metadata.created = metadata.modified = context.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        metadata.lang = entries.language
        kind = context.options.kind
        return layout.write(
            document,
            functools.partial(finish, facts=self._facts),
            attachments=self._attachments(),
            pdf_variant=None if kind in ("tagged", "untagged") else kind,
            pdf_tags=kind == "tagged",
            # Required by PDF/A (ISO 19005-1, 6.1.3); elsewhere it doubles the time of writing.
            pdf_identifier=kind.startswith("pdf/a"),
        )

    @cached_property
    def _facts(self) -> Facts:
        entries = self.entries
        lines = [line for part in self.plan.parts for line in part.lines]
        volume = f"#{entries.volume.label}" if entries.volume is not None else ""
        return Facts(
            identifier=f"{entries.id}{volume}",
            language=entries.language,
            rights=outline.rights(entries),
            sources=tuple(
                " ".join(part for part in source if part) for source in books.sources(entries)
            ),
            titles={line.anchor: line.title for line in lines}
            | {part.anchor: part.title for part in self.plan.parts},
            double=self.context.options.sides == "double",
        )

    def _attachments(self) -> list[Attachment]:
        """Each entry as it was stored, in an archive."""
        originals = self.entries.originals
        if self.context.options.profile != "archive" or originals is None:
            return []
        found = []
        for entry in sorted(self.entries, key=lambda entry: entry.key):
            stored = originals.read(entry)
            if stored:
                found.append(
                    Attachment(
                        string=stored,
                        name=f"{entry.key.replace('/', '--')}.json",
                        description=outline.title_of(self.entries, entry),
                        created=entry.date,
                        modified=entry.updated,
                        relationship="Source",
                    )
                )
        return found

    def _name_missing(self, tree: Element) -> None:
        names = glyphs.stand_ins(tree, self.fetcher)
        glyphs.put_in(tree, names)
        if names:
            self.context.warn(
                Problem(
                    path=self.context.path,
                    field="fonts",
                    reason=f"no installed font has {glyphs.told(names)}; printed by name",
                )
            )

    def _entry(self, entry: Entry, body: Body) -> str:
        name = f"qr:{anchor(entry.key)}"
        page = books.entry_page(self.entries, entry, body, qr=name if name in self.codes else "")
        return self.context.templates.render(
            "pdf/entry.html",
            page=page,
            language=self.entries.language,
            direction=direction(self.entries.language),
        )


def _style(page: Page, context: ExportContext) -> str:
    sheet = context.templates.render(
        "pdf/style.css", page=page, double=context.options.sides == "double"
    )
    return sheet + (highlight_css() if context.options.code == "highlighted" else "")


def _picture(context: ExportContext, ref: str, address: str | None) -> Picture | None:
    if context.options.images == "link":
        return None
    made = context.images.rendition(ref, PRINTED)
    if made is None:
        return None
    return Picture(src=f"image:{ref}", width=made.width or None, height=made.height or None)


def _document(
    planned: books.Book, pages: Mapping[str, str], context: ExportContext, *, front: bool
) -> str:
    entries = planned.entries
    language = entries.language
    everyone = outline.everyone(entries)
    parts = (
        (part, [pages[entry.key] for entry in part.entries if entry.key in pages])
        for part in planned.parts
    )
    return context.templates.render(
        "pdf/book.html",
        book=planned,
        parts=[(part, held) for part, held in parts if held],
        front=front,
        entries=entries,
        title=outline.book_title(entries),
        language=language,
        direction=direction(language),
        say=functools.partial(say, language),
        count=count_entries(language, len(entries)),
        cover_names=join_names(everyone, language)
        if len(everyone) <= NAMED
        else outline.credit(entries, most=NAMED),
        sources=books.sources(entries),
        rights=outline.rights(entries),
        owners=outline.owners(entries),
        version=context.version,
        engine=layout.ENGINE,
        updated=format_date(outline.updated(entries, context.now), language),
    )
