"""WeasyPrint, kept in one place: what it may read, what it says, what it gives.

Imported only when a PDF is made: it loads Pango.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import gc
import io
import locale
import logging
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree  # the trees that WeasyPrint takes; it is given our own XHTML

import pydyf
import weasyprint
from weasyprint.text.ffi import ffi, gobject
from weasyprint.urls import URLFetcher, URLFetcherResponse

from convert.content.views import Picture
from convert.contract import Images, RenditionRequest
from convert.errors import ConvertError, ExportError
from convert.text import lettering

ENGINE = str(weasyprint.__version__)
_LOGGER = logging.getLogger("weasyprint")
ffi.cdef(
    "void *g_log_set_default_handler(void (*)(const char *, int, const char *, void *), void *);"
)
_SILENCE = ffi.callback("void(const char *, int, const char *, void *)", lambda *_: None)
"""In place of what writes lines such as "assertion 'size >= 0' failed", of no entry, to stderr."""


class KnownOnly(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """Gives WeasyPrint the pictures of the run (``image:DIGEST``) and the QR codes (``qr:NAME``).

    No address is opened and no file is read, whatever the markup, a style sheet or a picture
    inside a picture asks for.
    """

    def __init__(
        self, images: Images, request: RenditionRequest, codes: Mapping[str, bytes]
    ) -> None:
        super().__init__(allowed_protocols=("image", "qr"), allow_redirects=False)
        self._images = images
        self._request_of_all = request
        self._codes = codes
        self._refs: dict[str, str] = {}
        self.lost: ConvertError | None = None
        """Why a picture of the run could not be given: WeasyPrint goes on without it."""

    def picture(self, ref: str) -> Picture | None:
        """Return what shows the picture of ``image:REF`` on a page; None where there is none.

        Its address is made of its bytes, as WeasyPrint writes it into the file: REF tells where
        a repository lies.
        """
        image = self._images.rendition(ref, self._request_of_all)
        if image is None:
            return None
        self._refs[image.digest] = ref
        size = {"width": image.width or None, "height": image.height or None}
        return Picture(src=f"image:{image.digest}", **size)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """Return the picture of an address of ours.  Raises ValueError for anything else."""
        if url in self._codes:
            return URLFetcherResponse(url, self._codes[url], {"Content-Type": "image/png"})
        if not url.startswith("image:"):
            raise ValueError(f"not handed to the page: {url[:80]}")
        ref = self._refs.get(url.removeprefix("image:"))
        try:
            picture = self._images.rendition(ref, self._request_of_all) if ref else None
        except ConvertError as error:
            self.lost = error
            raise
        except MemoryError as error:
            self.lost = ExportError("pdf: there is no memory for a picture; give fewer --jobs")
            raise self.lost from error
        if picture is None:
            raise ValueError(f"no such picture: {url[:80]}")
        return URLFetcherResponse(url, picture.content, {"Content-Type": picture.media_type})


def parse(markup: str) -> ElementTree.Element:
    """Return XHTML text as the tree that WeasyPrint lays out.

    Raises ExportError where a template made what is no XML.
    """
    try:
        return ElementTree.fromstring(markup)  # noqa: S314 - our own text; no document type in it
    except ElementTree.ParseError as error:
        raise ExportError(f"pdf: the page is no well-formed XHTML: {error}") from error


def render(tree: ElementTree.Element, style: str, fetcher: KnownOnly, **options: object) -> Any:
    """Return the pages of a tree, a ``weasyprint.Document``; raise whatever WeasyPrint raises, and
    why a picture was lost."""
    html = weasyprint.HTML(string="<html></html>", url_fetcher=fetcher)
    # The tree is ours: written as XML, read as XML, never guessed at by an HTML parser.
    html.wrapper_element = type(html.wrapper_element).from_html_root(tree, content_language=None)
    html.etree_element = tree
    sheet = weasyprint.CSS(string=style, url_fetcher=fetcher)
    with _no_collection():
        document = html.render(stylesheets=[sheet], **options)
    if fetcher.lost is not None:
        raise fetcher.lost
    return document


def write(document: Any, finisher: Any, **options: object) -> bytes:
    """Return the PDF of a laid out document; ``finisher`` may change it before it is written."""
    target = io.BytesIO()
    plain = pydyf.PDF
    pydyf.PDF = _PdfCountedOnce
    try:
        with _no_collection():
            document.write_pdf(target, finisher=finisher, **options)
    finally:
        pydyf.PDF = plain
    return target.getvalue()


def hand_back() -> None:
    """Give the memory of a volume back: glibc keeps what its boxes leave behind, and the next
    volume of the same process would come on top of it."""
    gc.collect()
    # Only glibc has it.
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def missing_glyphs(tree: ElementTree.Element, fetcher: KnownOnly) -> set[int]:
    """Return the code points of a tree's text that no installed font has a glyph for."""
    document = render(tree, "", fetcher)
    document.write_pdf(io.BytesIO())
    return {point for font in document.fonts.values() for point in font.missing}


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Run without the garbage collector, which walks millions of live boxes in vain: a sixth of
    the time of a year's volume."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _PdfCountedOnce(pydyf.PDF):  # type: ignore[misc] # pydyf has no types
    """pydyf makes the references of all pages anew for each tagged element: that is quadratic."""

    _references: tuple[bytes, ...] = ()

    @property
    def page_references(self) -> tuple[bytes, ...]:
        if len(self._references) * 3 != len(self.pages["Kids"]):
            self._references = super().page_references
        return self._references


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what WeasyPrint and Pango (through GLib) log off stderr."""
    before = _LOGGER.handlers[:], _LOGGER.propagate
    _LOGGER.handlers[:], _LOGGER.propagate = [logging.NullHandler()], False
    loud = gobject.g_log_set_default_handler(_SILENCE, ffi.NULL)
    try:
        yield
    finally:
        gobject.g_log_set_default_handler(loud, ffi.NULL)
        _LOGGER.handlers[:], _LOGGER.propagate = before


@contextlib.contextmanager
def same_everywhere(now: dt.datetime) -> Iterator[None]:
    """Set what else the machine would decide while a volume is made: the date of subset fonts, how
    letters become glyphs, and the language of text that says none, or one without its letters, by
    which Pango and fontconfig choose faces (of Han above all).  All is left as it was."""
    category = locale.setlocale(locale.LC_CTYPE)
    with lettering.set_everywhere_alike(SOURCE_DATE_EPOCH=str(int(now.timestamp()))):
        try:
            try:
                locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
            except locale.Error:  # older systems do not have it
                locale.setlocale(locale.LC_CTYPE, "C")
            yield
        finally:
            locale.setlocale(locale.LC_CTYPE, category)
