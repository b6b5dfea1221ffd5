"""Hostile XML bytes to text that a parser may see, and what that text is like.

Nothing here expands an entity, reads a file or opens a connection: what a DTD could make of
a document is judged by counting, before any parser works on it.
"""

from __future__ import annotations

import contextlib
import html
import html.entities
import re
from collections.abc import Iterator
from xml.parsers import expat

from convert.errors import ConvertError
from convert.model import Value
from convert.sources import encodings

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,500}?\?>", re.IGNORECASE)
# XML 1.0 §2.2.  C1 controls are legal there: preparation knows what they stand for.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HALVES = re.compile(
    r"(?P<sign>&(?:amp;)?#)(?P<high>x[0-9A-F]{4}|[0-9]{5});(?P=sign)(?P<low>x[0-9A-F]{4}|[0-9]{5});",
    re.IGNORECASE,
)
"""Two references that may be the surrogates of one character, escaped once more or not."""
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_W3C_ENTITIES = "-//W3C//ENTITIES"
_EXPANSION = 100_000
_MARKUP_OR_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(#?\w+;)?|<(?![A-Za-z_/!?])|\]\]>", re.DOTALL
)
_BARE = {"&": "&amp;", "<": "&lt;", "]]>": "]]&gt;"}
_XML_NAMES = {"amp;", "lt;", "gt;", "quot;", "apos;"}
_UNITS = {"entry", "item"}
# Codes of expat for a text that ends too early.
_ENDS_EARLY = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


class RefusedXML(ConvertError):
    """XML that would cost or read more than it shows; the message says what is in it."""


class _FirstElement(Exception):
    """The parser has come to the first element."""


class XMLText(Value, frozen=True, kw_only=True):
    """A document without XML declaration, all characters legal, and what had to be mended."""

    text: str
    mended: tuple[str, ...] = ()


class Scan(Value, frozen=True, kw_only=True):
    """What a document is like.

    ``broken`` says where it stops being well-formed ("line 3, column 5: reason").  Where it
    only ends too early, ``whole`` is the document up to its last complete entry or item,
    closed.  ``depth`` is of the deepest element before that.
    """

    broken: str | None = None
    whole: str | None = None
    depth: int = 0


def read(content: bytes, charset: str | None = None) -> XMLText:
    """Return the text of a document (XML 1.0 appendix F; ``charset`` is what HTTP said).

    Characters that XML forbids are removed, references to HTML's entities become the
    characters, a bare ``&`` or ``<`` is escaped.  Raises RefusedXML where the DTD declares
    entities that grow, or that come from outside.
    """
    text, mended = encodings.decoded(content, charset)
    text = _HALVES.sub(_joined, text)
    legal = _ILLEGAL.sub("", text)
    if len(legal) < len(text):
        mended.append(f"{len(text) - len(legal)} control characters were removed")
    entities = _Entities()
    body = _without_dtd(legal, entities)
    return XMLText(text=entities.filled(body), mended=tuple(mended))


def _joined(match: re.Match[str]) -> str:
    """Return the character of which two references are the halves (Unicode 3.8, D75)."""
    high, low = (
        int(f"0{each}", 16) if each[0] in "xX" else int(each) for each in match.group("high", "low")
    )
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00)
    return match[0]


class _Entities:
    """The entities that a DTD declares, and what they add to a document."""

    def __init__(self) -> None:
        self._declared: dict[str, str] = {}
        self._grown = 0

    def declare(self, name: str, parameter: bool, value: str | None, *other: str | None) -> None:
        """Take what expat found.  Raises RefusedXML for what may read or declare more."""
        if parameter and value is not None:
            raise RefusedXML(f"declares the entity {name!r} for use in its DTD: refused")
        if value is not None:
            self._declared.setdefault(name, self.filled(value))
        elif not (other[2] or "").startswith(_W3C_ENTITIES):
            # W3C's sets are HTML's characters, which need no fetching.
            raise RefusedXML(f"declares the external entity {name!r}: refused")

    def filled(self, text: str) -> str:
        """Return a text with what references stand for, all else of it fit for XML.  Raises
        RefusedXML where it grows past all measure."""
        return _MARKUP_OR_REFERENCE.sub(self._mended, text)

    def _mended(self, match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return _BARE.get(match[0], match[0])
        value = None if name in _XML_NAMES else self._declared.get(name[:-1])
        if value is None:
            return _reference(name)
        self._grown += len(value)
        if self._grown > _EXPANSION:
            raise RefusedXML("declares entities that make it grow past all measure: refused")
        return value


def _without_dtd(text: str, entities: _Entities) -> str:
    """Return the document from its first element on; its DTD declares entities."""
    declaration = _DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    if not _DOCTYPE.search(body):
        return body
    content = body.encode()
    begin = -1

    def start(_name: str, _attributes: object) -> None:
        nonlocal begin
        begin = parser.CurrentByteIndex
        raise _FirstElement

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = entities.declare
    parser.StartElementHandler = start
    with contextlib.suppress(_FirstElement, expat.ExpatError):
        parser.Parse(content, True)
    if begin >= 0:
        return content[begin:].decode()
    # What expat cannot read is not to be understood by anyone else either.
    first = re.search(r"<[A-Za-z_]", body)
    return body[first.start() :] if first else ""


def _reference(name: str) -> str:
    """Return ``eacute;`` or ``#233;`` as what XML knows; one that nobody knows as its text.

    A number is U+FFFD where XML has no such character.
    """
    if name in _XML_NAMES:
        return f"&{name}"
    if name.startswith("#"):
        digits = name[1:-1].lower()
        try:
            number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
            legal = number < 0x110000 and not _ILLEGAL.fullmatch(chr(number))
        except ValueError:
            return f"&amp;{name}"
        return f"&#{number};" if legal else "\ufffd"
    codepoint = html.entities.name2codepoint.get(name[:-1])
    character = chr(codepoint) if codepoint else html.unescape(f"&{name}")
    return html.escape(character) if character != f"&{name}" else f"&amp;{name}"


_Opened = tuple[str, "_Opened"] | None
"""The innermost open element with those around it: remembered at each entry for nothing."""


def _names(opened: _Opened) -> Iterator[str]:
    while opened:
        name, opened = opened
        yield name


def scan(text: str) -> Scan:
    """Return what a document that has no DTD is like, after one pass over its markup."""
    content = text.encode()
    parser = expat.ParserCreate()
    opened: _Opened = None
    depth = deepest = 0
    # After the last complete unit (or before the first of all): the offset, and what is open.
    cut: tuple[int, _Opened] | None = None

    def start(name: str, _attributes: object) -> None:
        nonlocal cut, opened, depth, deepest
        if name.rpartition(":")[2] in _UNITS:
            cut = cut or (parser.CurrentByteIndex, opened)
        opened = (name, opened)
        depth += 1
        deepest = max(deepest, depth)

    def end(name: str) -> None:
        nonlocal cut, opened, depth
        opened = opened[1] if opened else None
        depth -= 1
        if name.rpartition(":")[2] in _UNITS:
            cut = (content.find(b">", parser.CurrentByteIndex) + 1, opened)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        reason = f"line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}"
        whole = None
        if cut is not None and error.code in _ENDS_EARLY:
            closing = "".join(f"</{name}>" for name in _names(cut[1]))
            whole = content[: cut[0]].decode() + closing
        return Scan(broken=reason, whole=whole, depth=deepest)
    return Scan(depth=deepest)
