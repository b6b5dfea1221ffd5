"""A volume to the bytes of a PDF: bodies, pages, metadata."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from weasyprint import Attachment

from convert.content.views import Picture, View, highlight_css
from convert.contract import ExportContext, RenditionRequest
from convert.entryset import EntrySet
from convert.exporters import outline
from convert.exporters.pdf import book, glyphs, layout, trial
from convert.exporters.pdf.body import Body, Press, entry_citation
from convert.exporters.pdf.finish import Facts, finish
from convert.exporters.pdf.page import PAGES
from convert.model import Entry, Problem
from convert.text.languages import direction
from convert.text.names import anchor
from convert.text.phrases import count_entries, format_date, join_names, say

PRINTED = RenditionRequest(use="print", longest_side=1600)
"""Pictures: 300 dpi on the width of the text of an A4 page."""
NAMED = 12
"""The most people that a cover names."""


def print_volume(entries: EntrySet, context: ExportContext) -> bytes:
    """Return the PDF of one volume.  Raises ExportError where it cannot be laid out at all."""
    job = _Job(entries=entries, context=context)
    with layout.quiet(), layout.same_everywhere(context.now):
        return trial.make(
            tuple(job.full),
            whole=job.whole,
            alone=job.alone,
            size=sum(len(markup) for markup in job.full.values()),
            simplified=job.warn_of,
        )


MAX_PARAGRAPH = 100_000
"""Characters of a paragraph that is set as it is.  Line breaking is quadratic: of 400,000 it
takes 40 s, of 3 million more than anybody waits, and in plain blocks 3 s for 100,000."""


def print_list(entries: EntrySet, context: ExportContext) -> bytes:
    """Return a small PDF that names every volume and its file."""
    job = _Job(entries=entries, context=context)
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
    with layout.quiet(), layout.same_everywhere(context.now):
        document = layout.render(layout.parse(markup), job.style, job.fetcher)
        return job.written(document, title=outline.publication_title(entries))


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Job:
    """One volume on its way through the press."""

    entries: EntrySet
    context: ExportContext

    @cached_property
    def plan(self) -> book.Book:
        return book.plan(self.entries)

    @cached_property
    def style(self) -> str:
        """The style sheet of the pages."""
        options = self.context.options
        sheet = self.context.templates.render(
            "pdf/style.css", page=PAGES[options.page], double=options.sides == "double"
        )
        return sheet + (highlight_css() if options.code == "highlighted" else "")

    @cached_property
    def codes(self) -> Mapping[str, bytes]:
        """The QR code of each entry that has an address, by the address of the picture."""
        if not self.context.options.qr:
            return {}
        codes = (
            (f"qr:{anchor(entry.key)}", book.qr_code(entry.link or "")) for entry in self.entries
        )
        return {name: code for name, code in codes if code}

    @cached_property
    def fetcher(self) -> layout.KnownOnly:
        """What the pages may open."""
        return layout.KnownOnly(self.context.images, PRINTED, self.codes)

    @cached_property
    def full(self) -> Mapping[str, str]:
        """Each entry's page in full, by key; one with an endless paragraph in plain blocks."""
        pages = {}
        for entry, content in self.entries.contents():
            longest = max(map(len, content.text.split("\n")))
            if longest > MAX_PARAGRAPH:
                self.warn_of(entry.key, f"a paragraph of {longest:,} characters")
                pages[entry.key] = self._entry(entry, self._press.simple(content))
            else:
                body = self._press.body(entry, content)
                for reason in body.problems:
                    self._warn(entry, reason)
                pages[entry.key] = self._entry(entry, body)
        return pages

    @cached_property
    def _press(self) -> Press:
        options = self.context.options

        def picture(ref: str, address: str | None) -> Picture | None:
            # None makes the view link to where the picture lives.
            return self.fetcher.picture(ref) if options.images != "link" else None

        view = View(
            citation=entry_citation,
            picture=picture,
            images="drop" if options.images == "drop" else "embed",
            math="svg",
            widest_formula=PAGES[options.page].text_width / PAGES[options.page].em,
            code=options.code,
            notes="footnotes",
            headings=1,
            language=self.entries.language,
        )
        page = PAGES[options.page]
        return Press(entries=self.entries, view=view, links=options.links, page=page)

    def whole(self, simple: frozenset[str]) -> bytes:
        """Return the volume; the entries of these keys in plain blocks."""
        # Only now, as hardly any volume needs them.
        plain = {
            key: self._entry(entry, self._press.simple(self.entries.content(entry)))
            for key, entry in self.entries.by_key.items()
            if key in simple
        }
        pages = {**self.full, **plain}
        for key, page in pages.items():
            self.context.show(self.entries.by_key[key], "html", functools.partial(str, page))
        tree = layout.parse(self._document(pages, front=True))
        names = glyphs.stand_ins(tree, self.fetcher)
        glyphs.put_in(tree, names)
        if names:
            reason = f"no installed font has {glyphs.listing(names)}; printed by name"
            self.context.warn(Problem(path=self.context.path, field="fonts", reason=reason))
        glyphs.mark_white(tree)
        return self.written(layout.render(tree, self.style, self.fetcher))

    def alone(self, key: str) -> bytes:
        """Return one entry in full, without front and back."""
        markup = self._document({key: self.full[key]}, front=False)
        return self.written(layout.render(layout.parse(markup), self.style, self.fetcher))

    def warn_of(self, key: str, why: str) -> None:
        """Warn that an entry is set in plain blocks."""
        reason = f"could not be laid out for print ({why}); set as plain paragraphs"
        self._warn(self.entries.by_key[key], reason)

    def _warn(self, entry: Entry, reason: str) -> None:
        problem = Problem(path=entry.path or entry.key, field="content", reason=reason)
        self.context.warn(problem)

    def written(self, document: Any, title: str | None = None) -> bytes:
        """Return the bytes of pages that are laid out; an archive holds each entry as stored."""
        entries, context = self.entries, self.context
        metadata = document.metadata
        metadata.title = title or outline.book_title(entries)
        metadata.authors = list(outline.everyone(entries))
        metadata.description = entries.subtitle or None
        metadata.generator = f"thicket-convert {context.version}".strip()
        metadata.created = metadata.modified = context.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        metadata.lang = entries.language
        lines = [line for part in self.plan.parts for line in part.lines]
        # Volumes share the publication's id; each file needs one of its own.
        volume = f"#{entries.volume.label}" if entries.volume is not None else ""
        facts = Facts(
            identifier=f"{entries.id}{volume}",
            language=entries.language,
            rights=outline.rights(entries),
            sources=tuple(" ".join(filter(None, source)) for source in book.sources(entries)),
            titles={line.anchor: line.title for line in lines}
            | {part.anchor: part.title for part in self.plan.parts},
            double=context.options.sides == "double",
        )
        originals = entries.originals if context.options.profile == "archive" else None
        attachments = [
            Attachment(
                string=stored,
                name=f"{entry.key.replace('/', '--')}.json",
                description=outline.title_of(entries, entry),
                created=entry.date,
                modified=entry.updated,
                relationship="Source",
            )
            for entry in sorted(entries, key=lambda entry: entry.key)
            if originals is not None and (stored := originals.read(entry))
        ]
        kind = context.options.kind
        return layout.write(
            document,
            functools.partial(finish, facts=facts),
            attachments=attachments,
            pdf_variant=None if kind in ("tagged", "untagged") else kind,
            pdf_tags=kind == "tagged",
            # Required by PDF/A (ISO 19005-1, 6.1.3); elsewhere it doubles the time of writing.
            pdf_identifier=kind.startswith("pdf/a"),
        )

    def _entry(self, entry: Entry, body: Body) -> str:
        name = f"qr:{anchor(entry.key)}"
        page = book.entry_page(self.entries, entry, body, qr=name if name in self.codes else "")
        return self.context.templates.render(
            "pdf/entry.html",
            page=page,
            language=self.entries.language,
            direction=direction(self.entries.language),
        )

    def _document(self, pages: Mapping[str, str], *, front: bool) -> str:
        entries, context = self.entries, self.context
        language = entries.language
        everyone = outline.everyone(entries)
        parts = (
            (part, [pages[entry.key] for entry in part.entries if entry.key in pages])
            for part in self.plan.parts
        )
        return context.templates.render(
            "pdf/book.html",
            book=self.plan,
            parts=[(part, printed) for part, printed in parts if printed],
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
            sources=book.sources(entries),
            rights=outline.rights(entries),
            owners=outline.owners(entries),
            version=context.version,
            engine=layout.ENGINE,
            updated=format_date(outline.updated(entries, context.now), language),
        )
