"""A volume to the bytes of a PDF: bodies, pages, metadata."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from typing import Any

from convert.content.views import Picture, View, highlight_css
from convert.contract import ExportContext, RenditionRequest
from convert.entryset import EntrySet
from convert.exporters import _pdf_book as books
from convert.exporters import _pdf_layout as layout
from convert.exporters._pdf_body import Press, entry_citation
from convert.exporters._pdf_page import PAGES
from convert.words import count_entries, direction, format_date, join_names, say

PRINT_PIXELS = 1600
"""Longest side of a picture: 300 dpi on the width of the text of an A4 page."""


def book(entries: EntrySet, context: ExportContext) -> bytes:
    """The PDF of one volume."""
    options = context.options
    page = PAGES[options.page]
    planned = books.plan(entries)
    fetcher = layout.KnownOnly(
        context.images, RenditionRequest(use="print", longest_side=PRINT_PIXELS)
    )
    view = View(
        citation=entry_citation,
        picture=functools.partial(_picture, context),
        images="drop" if options.images == "drop" else "embed",
        math="svg",
        code=options.code,
        notes="footnotes",
        headings=1,
        language=entries.language,
    )
    press = Press(entries=entries, view=view, links=options.links, columns=page.code_columns)
    set_pages = {
        entry.key: _entry(entries, entry, press.body(entry, content), context)
        for entry, content in entries.contents()
    }
    markup = _document(planned, set_pages, context, front=True)
    style = (
        context.templates.render(
            "pdf/style.css",
            page=page,
            double=options.sides == "double",
        )
        + highlight_css()
    )
    with layout.quiet(), layout.clock(context.now):
        document = layout.render(layout.parse(markup), style, fetcher)
        return _write(document, entries, context)


def _picture(context: ExportContext, ref: str, address: str | None) -> Picture | None:
    if context.options.images == "link":
        return None
    request = RenditionRequest(use="print", longest_side=PRINT_PIXELS)
    made = context.images.rendition(ref, request)
    if made is None:
        return None
    return Picture(src=f"image:{ref}", width=made.width or None, height=made.height or None)


def _entry(entries: EntrySet, entry: Any, body: Any, context: ExportContext) -> str:
    page = books.entry_page(entries, entry, body, qr=context.options.qr)
    return context.templates.render(
        "pdf/entry.html",
        page=page,
        language=entries.language,
        direction=direction(entries.language),
    )


def _document(
    planned: books.Book, pages: Mapping[str, str], context: ExportContext, *, front: bool
) -> str:
    entries = planned.entries
    language = entries.language
    names = books.authors(entries)
    return context.templates.render(
        "pdf/book.html",
        book=planned,
        parts=[
            (part, [pages[entry.key] for entry in part.entries if entry.key in pages])
            for part in planned.parts
        ],
        front=front,
        entries=entries,
        title=_title(entries),
        language=language,
        direction=direction(language),
        say=functools.partial(say, language),
        count=count_entries(language, len(entries)),
        cover_names=join_names(names[:12], language),
        sources=books.colophon(entries, context),
        version=context.version,
        engine=layout.ENGINE,
        updated=format_date(entries.updated or context.now, language),
    )


def _title(entries: EntrySet) -> str:
    return entries.volume.title if entries.volume is not None else entries.title


def _write(document: Any, entries: EntrySet, context: ExportContext) -> bytes:
    metadata = document.metadata
    metadata.title = _title(entries)
    metadata.authors = list(books.authors(entries))
    metadata.generator = f"thicket-convert {context.version}"
    metadata.created = metadata.modified = context.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata.lang = entries.language
    target = io.BytesIO()
    kind = context.options.kind
    variant = None if kind in ("tagged", "untagged") else kind
    document.write_pdf(target, pdf_variant=variant, pdf_tags=kind == "tagged", pdf_identifier=True)
    return target.getvalue()
