"""PDF: the printable archive, laid out by WeasyPrint from prepared entries and a style sheet."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec

from convert.contract import (
    ExportContext,
    ExporterOptions,
    ImagePolicy,
    Order,
    OutputFile,
)
from convert.entryset import EntrySet
from convert.errors import UsageError
from convert.exporters.pdf.machine import fonts_and_libraries
from convert.needs import Needs

Variant = Literal[
    "untagged",
    "tagged",
    "pdf/ua-1",
    "pdf/ua-2",
    "pdf/a-1a",
    "pdf/a-1b",
    "pdf/a-2a",
    "pdf/a-2b",
    "pdf/a-2u",
    "pdf/a-3a",
    "pdf/a-3b",
    "pdf/a-3u",
    "pdf/a-4f",
    "pdf/a-4u",
]
_HOLDS_SOURCES = frozenset({"pdf/a-3a", "pdf/a-3b", "pdf/a-3u", "pdf/a-4f"})
"""ISO 19005-3 and -4f allow attachments of any kind; -1 allows none, -2 only PDF/A."""


class PdfOptions(ExporterOptions, frozen=True, kw_only=True):
    """The options of ``--to pdf``."""

    order: Annotated[Order, msgspec.Meta(description="which entries come first")] = "oldest"
    images: Annotated[
        ImagePolicy, msgspec.Meta(description="pictures: in the book, as links, or not at all")
    ] = "embed"
    volumes: Annotated[
        str, msgspec.Meta(description="how to cut: none, year, author, category, a number, 50MB")
    ] = "100"
    page: Annotated[
        Literal["a4", "a5", "letter", "6x9in"], msgspec.Meta(description="size of the paper")
    ] = "a4"
    sides: Annotated[
        Literal["single", "double"],
        msgspec.Meta(description="double: mirrored margins, parts begin on right-hand pages"),
    ] = "single"
    links: Annotated[
        Literal["notes", "footnotes", "inline", "none"],
        msgspec.Meta(
            description="addresses of links: numbered after the entry, at the foot of the page, "
            "in the text, or not printed"
        ),
    ] = "notes"
    qr: Annotated[
        bool, msgspec.Meta(description="a QR code of its address beside each entry's title")
    ] = True
    code: Annotated[
        Literal["highlighted", "plain"], msgspec.Meta(description="code with or without colours")
    ] = "highlighted"
    profile: Annotated[
        Literal["book", "archive"],
        msgspec.Meta(description="archive: PDF/A-3a with each entry as it was stored attached"),
    ] = "book"
    variant: Annotated[
        Variant | None,
        msgspec.Meta(description="kind of PDF; by default pdf/ua-1, for an archive pdf/a-3a"),
    ] = None

    def check(self) -> None:
        """Raise UsageError for options that exclude each other."""
        super().check()
        if self.profile == "archive" and self.kind not in _HOLDS_SOURCES:
            raise UsageError(
                f"profile: archive attaches files, which {self.kind} does not allow; "
                f"leave variant out or choose one of {', '.join(sorted(_HOLDS_SOURCES))}"
            )

    @property
    def encloses_originals(self) -> bool:
        """An archive holds each entry as it was stored."""
        return self.profile == "archive"

    @property
    def kind(self) -> str:
        """The variant that is made."""
        return self.variant or ("pdf/a-3a" if self.profile == "archive" else "pdf/ua-1")


class PdfExporter:
    """``--to pdf``."""

    name = "pdf"
    summary = "A printable book: contents, indexes, notes, page references; tagged PDF"
    media_type = "application/pdf"
    Options = PdfOptions

    def suffix(self, options: Any) -> str:
        """Return ".pdf"."""
        return ".pdf"

    def unavailable(self) -> str | None:
        """Return what is missing: WeasyPrint needs Pango, which is no Python package."""
        try:
            # Where Pango is missing WeasyPrint prints six lines of advice before it raises.
            with contextlib.redirect_stdout(io.StringIO()):
                import weasyprint  # noqa: F401, PLC0415 - Pango: no other format needs it
        except ImportError:
            return "WeasyPrint is not installed; run: pip install 'weasyprint>=70'"
        except OSError as error:
            first = str(error).splitlines()[0] if str(error) else "a library is missing"
            return (
                f"WeasyPrint finds no Pango ({first}); install it: "
                "Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; "
                "macOS: brew install pango; "
                "Windows: install MSYS2, then pacman -S mingw-w64-x86_64-pango"
            )
        return None

    def needs(self, options: Any) -> Needs:
        """Return its templates, pictures and volumes, where the entries came from, and what the
        machine has of fonts and of the libraries that set them."""
        machine = fonts_and_libraries()
        return Needs(
            outputs=(self.name,),
            templates="pdf",
            pictures=True,
            origins="revisions",
            machine=machine.lines,
            files=machine.fonts,
        )

    def export(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        """Yield one volume as one file.

        Raises ExportError where not even plain blocks can be laid out.
        """
        from convert.exporters.pdf import layout, press  # noqa: PLC0415 - import WeasyPrint

        content = press.print_volume(entries, context)
        layout.hand_back()
        yield OutputFile(path=context.path, content=content)

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        """Yield a small PDF that lists all volumes."""
        from convert.exporters.pdf import press  # noqa: PLC0415 - imports WeasyPrint

        yield OutputFile(path=context.path, content=press.print_list(entries, context))


EXPORTER = PdfExporter()
