"""Hostile XML bytes to text that a feed parser may see.

Nothing here expands an entity, reads a file or opens a connection: what a DTD could make of
a document is judged by counting, before any parser works on it.
"""

from __future__ import annotations

import codecs
import contextlib
import html
import html.entities
import re
from collections.abc import Mapping
from xml.parsers import expat

from convert.errors import ConvertError
from convert.model import Value

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,500}?\?>")
_DECLARED = re.compile(rb"<\?xml[^>]{0,300}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
# Codecs of Python that are no character sets, or hide markup from those who look for it.
_NO_CHARSETS = {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf-7", "undefined"}
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_W3C_ENTITIES = "-//W3C//ENTITIES"
_EXPANSION = 100_000
_MARKUP_OR_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(#?\w+;)?|<(?![A-Za-z_/!?])|\]\]>", re.DOTALL
)
_BARE = {"&": "&amp;", "<": "&lt;", "]]>": "]]&gt;"}
_XML_NAMES = {"amp;", "lt;", "gt;", "quot;", "apos;"}


class RefusedXML(ConvertError):
    """XML that would cost or read more than it shows; the message says what is in it."""


class _Begun(Exception):
    """The first element was reached."""


class XMLText(Value, frozen=True, kw_only=True):
    """A document without XML declaration, all characters legal, and what had to be mended."""

    text: str
    mended: tuple[str, ...] = ()


def read(data: bytes, charset: str | None = None) -> XMLText:
    """The text of a document (XML 1.0 appendix F; ``charset`` is what HTTP said).

    Characters that XML forbids are removed, references to HTML's entities become the
    characters, a bare ``&`` or ``<`` is escaped.  Raises RefusedXML where the DTD declares
    entities that grow, or that come from outside.
    """
    text, mended = _decoded(data, charset)
    legal = _ILLEGAL.sub("", text)
    if len(legal) < len(text):
        mended.append(f"{len(text) - len(legal)} control characters were removed")
    body, entities = _without_dtd(legal)
    return XMLText(text=_mend_references(body, entities), mended=tuple(mended))


def _without_dtd(text: str) -> tuple[str, Mapping[str, str]]:
    """The document from its first element on, and the entities that its DTD declares."""
    declaration = _DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    if not _DOCTYPE.search(body):
        return body, {}
    declared: dict[str, str] = {}
    data = body.encode()
    begin = -1

    def declare(name: str, parameter: bool, value: str | None, *other: str | None) -> None:
        if value is not None and not parameter and not re.search(r"&(?!#)|%|<", value):
            declared.setdefault(name, value)
        elif value is not None:
            raise RefusedXML(f"declares the entity {name!r} by others: refused")
        elif not (other[2] or "").startswith(_W3C_ENTITIES):
            # W3C's sets are HTML's characters, which need no fetching.
            raise RefusedXML(f"declares the external entity {name!r}: refused")

    def start(_name: str, _attributes: object) -> None:
        nonlocal begin
        begin = parser.CurrentByteIndex
        raise _Begun

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = declare
    parser.StartElementHandler = start
    with contextlib.suppress(_Begun, expat.ExpatError):
        parser.Parse(data, True)
    if begin >= 0:
        return data[begin:].decode(), declared
    # What expat cannot read is not to be understood by anyone else either.
    first = re.search(r"<[A-Za-z_]", body)
    return (body[first.start() :] if first else ""), {}


def _decoded(data: bytes, charset: str | None) -> tuple[str, list[str]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            plain = data.removeprefix(mark) if mark[:1] not in b"<\0" or "32" in encoding else data
            return plain.decode(encoding, "replace").removeprefix("\ufeff"), []
    declared = _DECLARED.search(data[:1024])
    for name in (charset, declared[1].decode("ascii") if declared else None, "utf-8"):
        codec = _charset(name)
        if codec is not None:
            try:
                return data.decode(codec), []
            except UnicodeDecodeError as error:
                if codec == "utf-8" and len(data) - error.start < 4:
                    return data.decode(codec, "ignore"), []
    return _best_guess(data)


def _charset(name: str | None) -> str | None:
    try:
        found = codecs.lookup(name or "")
        # Codecs that are no character sets, such as zlib, refuse, but not to decode nothing.
        with contextlib.suppress(UnicodeError):
            b"x".decode(found.name)
    except (LookupError, ValueError):
        return None
    # UTF-16 without a mark or a NUL is a wrong label.
    usable = found.name not in _NO_CHARSETS and not found.name.startswith(("utf-16", "utf-32"))
    return found.name if usable else None


def _best_guess(data: bytes) -> tuple[str, list[str]]:
    """UTF-8 with a few broken places, or else the old code page of Windows."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - broken
    if whole > broken:
        return text, [f"{broken} bytes are no UTF-8 and were replaced"]
    return data.decode("windows-1252", "replace"), ["is no UTF-8; read as windows-1252"]


def _mend_references(text: str, entities: Mapping[str, str]) -> str:
    grown = 0

    def mended(found: re.Match[str]) -> str:
        nonlocal grown
        whole, name = found[0], found[1]
        if name is None:
            return _BARE.get(whole, whole)
        value = entities.get(name[:-1])
        if value is None:
            return _reference(name)
        grown += len(value)
        if grown > _EXPANSION:
            raise RefusedXML("declares entities that make it grow past all measure: refused")
        return value

    return _MARKUP_OR_REFERENCE.sub(mended, text)


def _reference(name: str) -> str:
    """``eacute;`` or ``#233;`` as what XML knows; one that nobody knows as its text."""
    if name in _XML_NAMES:
        return f"&{name}"
    if name.startswith("#"):
        return _character(name)
    known = html.entities.name2codepoint.get(name[:-1])
    character = chr(known) if known else html.unescape(f"&{name}")
    return html.escape(character) if character != f"&{name}" else f"&amp;{name}"


def _character(name: str) -> str:
    """A numeric reference; U+FFFD where XML has no such character."""
    digits = name[1:-1].lower()
    try:
        number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
        legal = number < 0x110000 and not _ILLEGAL.fullmatch(chr(number))
    except ValueError:
        return f"&amp;{name}"
    return f"&#{number};" if legal else "\ufffd"
