"""The file itself: an OCF container that is written page by page (EPUB 3.3, OCF 4.2).

EbookLib keeps the manifest, the spine, the guide and the NCX and writes the package document.
Its writer is changed in three respects: pages go into the container as soon as they are
made, so that a book never stands in memory; every member has the same time and mode on
every machine; and the package document comes last, when it is known what the pages hold.
"""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from ebooklib import epub
from lxml import etree

from convert.exporters import outline
from convert.text.markup import parse

XHTML = "application/xhtml+xml"
PRESSED = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "font/woff2"})
"""Media types that deflating again would not make smaller."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Meta:
    """One element of the package metadata (EPUB 3.3, 5.5).

    ``name`` is "dc:title", "meta" or "link"; ``attributes`` in the order they are written.
    """

    name: str
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contents:
    """One line of the table of contents, with the lines below it."""

    title: str
    href: str
    language: str | None = None
    below: tuple[Contents, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Landmark:
    """A place that reading systems offer by itself: ``kind`` is an epub:type, ``guide`` the
    word of EPUB 2 for it."""

    kind: str
    guide: str
    title: str
    href: str


def web_address(address: str | None) -> str | None:
    """Return an http(s) address in the characters of RFC 3986; None for anything else."""
    address = outline.web_address(address)
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~") if address else None


class Package:
    """A book being written to ``path``; a context manager that completes it."""

    def __init__(self, path: Path) -> None:
        self._book = epub.EpubBook()
        # Its constructor sets a generator and a random identifier.
        self._book.metadata = {}
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        # OCF 4.3: the first member, stored, without extra fields.
        self._write("mimetype", b"application/epub+zip", pressed=True)

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def add(
        self,
        name: str,
        content: str | bytes,
        media_type: str,
        *,
        uid: str | None = None,
        properties: Iterable[str] = (),
    ) -> epub.EpubItem:
        """Write a resource of the book; ``name`` is relative to the package document."""
        data = content.encode() if isinstance(content, str) else content
        self._write(f"EPUB/{name}", data, pressed=media_type in PRESSED)
        item = epub.EpubItem(
            uid=uid or f"i{len(self._book.items) + 1}", file_name=name, media_type=media_type
        )
        item.properties = list(properties)
        self._book.items.append(item)
        return item

    def add_page(
        self, name: str, markup: str, *, properties: Iterable[str] = (), linear: bool = True
    ) -> None:
        """Write a page and put it into the reading order."""
        stated = dict.fromkeys(properties)
        # EPUB 3.3, D.7: a page with either says so.  In text, "<" is always escaped.
        stated |= {"mathml": None} if "<math" in markup else {}
        stated |= {"svg": None} if "<svg" in markup else {}
        item = self.add(name, markup, XHTML, properties=stated)
        self._book.spine.append((item, "yes" if linear else "no"))

    def complete(
        self,
        *,
        identifier: str,
        title: str,
        language: str,
        direction: str,
        metadata: Iterable[Meta],
        contents: Iterable[Contents],
        landmarks: Iterable[Landmark],
    ) -> None:
        """Write what ties the pages together: package document, NCX and container."""
        self._book.uid = identifier
        self._book.title = title
        self._book.language = language
        self._book.IDENTIFIER_ID = "publication-id"
        # Only a book that is read from right to left says so: "ltr" keeps some readers from
        # following their user's choice.
        self._book.direction = "rtl" if direction == "rtl" else None
        self._book.toc = [_toc(line, f"n{at}") for at, line in enumerate(contents, start=1)]
        self._book.guide = [
            {"type": mark.guide, "title": mark.title, "href": mark.href} for mark in landmarks
        ]
        self._book.items.append(epub.EpubNcx())
        _Writer(self._book, self._write, language, direction, tuple(metadata)).write()

    def _write(self, name: str, data: bytes, *, pressed: bool = False) -> None:
        # The oldest time that a ZIP knows, and the mode and system of one machine for all.
        member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_STORED if pressed else zipfile.ZIP_DEFLATED
        member.create_system = 3
        member.external_attr = 0o644 << 16
        self._zip.writestr(member, data)


class _Writer(epub.EpubWriter):  # type: ignore[misc]  # EbookLib has no types
    """EbookLib's writer for a book whose pages are already in the container."""

    def __init__(
        self,
        book: epub.EpubBook,
        write: Any,
        language: str,
        direction: str,
        metadata: tuple[Meta, ...],
    ) -> None:
        super().__init__("", book, {"play_order": {"enabled": True, "start_from": 1}})
        self._put = write
        self._language = language
        self._direction = direction
        self._metadata = metadata

    def write(self) -> None:
        """Write container, package document and NCX."""
        self.out = self
        self._write_container()
        self._write_opf()
        self.writestr(f"{self.book.FOLDER_NAME}/toc.ncx", self._get_ncx())

    def writestr(self, name: str, content: str | bytes) -> None:
        """Write what EbookLib writes to its container: ours fixes times and modes."""
        self._put(name, content.encode() if isinstance(content, str) else content)

    def _write_opf_metadata(self, root: etree._Element) -> None:
        # EbookLib groups elements by name, so that "refines" may stand before what it
        # refines, and adds a date of its own; the order here is the reader's.
        names = {"dc": epub.NAMESPACES["DC"]}
        metadata = etree.SubElement(root, "metadata", nsmap=names)
        for meta in self._metadata:
            prefix, _, local = meta.name.rpartition(":")
            tag = f"{{{names[prefix]}}}{local}" if prefix else local
            etree.SubElement(metadata, tag, dict(meta.attributes)).text = meta.text or None

    def _write_opf_file(self, root: etree._Element) -> None:
        # EPUB 3.3, 5.3.3 and 5.3.6: the language and direction of the metadata.
        root.set("{http://www.w3.org/XML/1998/namespace}lang", self._language)
        root.set("dir", self._direction)
        del root.attrib["prefix"]  # every prefix in use is a reserved one (EPUB 3.3, D.1.4)
        super()._write_opf_file(root)

    def _get_ncx(self) -> bytes:
        ncx = parse(super()._get_ncx())
        ncx.set("{http://www.w3.org/XML/1998/namespace}lang", self._language)
        for meta in ncx.iter("{*}meta"):
            if meta.get("name") == "dtb:depth":
                meta.set("content", str(_depth(self.book.toc)))
        return etree.tostring(ncx.getroottree(), encoding="utf-8", xml_declaration=True)


def _toc(line: Contents, uid: str) -> epub.Link | tuple[epub.Link, list[Any]]:
    link = epub.Link(line.href, line.title, uid)
    if not line.below:
        return link
    return link, [_toc(each, f"{uid}-{at}") for at, each in enumerate(line.below, start=1)]


def _depth(toc: Iterable[Any]) -> int:
    return max((1 + (_depth(line[1]) if isinstance(line, tuple) else 0) for line in toc), default=1)
