"""WeasyPrint, kept in one place: what it may read, what it says, what it gives.

Imported only when a PDF is made: it loads Pango.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree  # the trees that WeasyPrint takes; it is given our own XHTML

import weasyprint
from weasyprint.urls import URLFetcher, URLFetcherResponse

from convert.contract import Images, RenditionRequest
from convert.errors import ExportError

ENGINE = str(weasyprint.__version__)
_LOGGER = logging.getLogger("weasyprint")


class KnownOnly(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """Gives WeasyPrint the pictures of the run, by ``image:REF``, and nothing else.

    No address is opened and no file is read, whatever the markup, a style sheet or a picture
    inside a picture asks for.
    """

    def __init__(self, images: Images, request: RenditionRequest) -> None:
        super().__init__(allowed_protocols=("image",), allow_redirects=False)
        self._images = images
        self._request_of_all = request

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """The picture of ``image:REF``.  Raises ValueError for anything else."""
        if not url.startswith("image:"):
            raise ValueError(f"not handed to the page: {url[:80]}")
        picture = self._images.rendition(url.removeprefix("image:"), self._request_of_all)
        if picture is None:
            raise ValueError(f"no such picture: {url[:80]}")
        return URLFetcherResponse(url, picture.content, {"Content-Type": picture.media_type})


def parse(markup: str) -> ElementTree.Element:
    """XHTML text as the tree that WeasyPrint lays out.

    Raises ExportError where a template made what is no XML.
    """
    try:
        return ElementTree.fromstring(markup)  # noqa: S314 - our own text; no document type in it
    except ElementTree.ParseError as error:
        raise ExportError(f"pdf: the page is no well-formed XHTML: {error}") from error


def render(tree: ElementTree.Element, style: str, fetcher: KnownOnly, **options: object) -> Any:
    """The pages of a tree, as a ``weasyprint.Document``; raises whatever WeasyPrint raises."""
    html = weasyprint.HTML(string="<html></html>", url_fetcher=fetcher)
    # The tree is ours: written as XML, read as XML, never guessed at by an HTML parser.
    html.wrapper_element = type(html.wrapper_element).from_html_root(tree, content_language=None)
    html.etree_element = tree
    sheet = weasyprint.CSS(string=style, url_fetcher=fetcher)
    return html.render(stylesheets=[sheet], **options)


@contextlib.contextmanager
def quiet() -> Iterator[list[str]]:
    """What WeasyPrint logs, as a list instead of on stderr."""
    said: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    collector = Collector(level=logging.WARNING)
    before = _LOGGER.handlers[:], _LOGGER.propagate
    _LOGGER.handlers[:], _LOGGER.propagate = [collector], False
    try:
        yield said
    finally:
        _LOGGER.handlers[:], _LOGGER.propagate = before


@contextlib.contextmanager
def clock(now: dt.datetime) -> Iterator[None]:
    """SOURCE_DATE_EPOCH while fonts are subset; the environment is left as it was."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(now.timestamp()))
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
