"""Bytes of a document to characters, as browsers read the names of encodings."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import webencodings

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITHOUT_MARK = (
    # XML 1.0 appendix F.1: without a mark, the zero bytes of the first sign tell.
    (re.compile(rb"(?:[\t\n\r ]\0)*+[<{]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ])*+\0[<{]"), "utf-16-be"),
)
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,300}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE
)
# Codecs of Python that are no character sets, or hide markup from those who look for it.
_NO_CHARSETS = {
    *("unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf-7", "undefined"),
    *("hz", "iso2022_kr"),
}
_SUPERSETS = {"gbk": "gb18030", "gb2312": "gb18030"}  # Encoding Standard §10.1
_CESU_8 = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_CUT = re.compile(rb"(?:\xe2\x80|(?<=[a-z])\xc3)(?![\x80-\xbf])")
"""What is left of a quotation mark, a dash or an accented letter of UTF-8 that was cut: in the code
page of Windows these would be signs that no word has."""
_BY_CHANCE = 3
"""So many bytes that go on with a character may be there in another encoding."""
_FOREIGN = 0.8
"""The share of broken places among what is not ASCII, past which an encoding is another."""


class _Attempt(NamedTuple):
    """A document in an encoding that it does not fit whole."""

    share: float
    text: str
    broken: int
    encoding: str


def decoded(content: bytes, charset: str | None) -> tuple[str, list[str]]:
    """Return the text of a document, and what was wrong with its bytes: what is UTF-8 is read as
    that, whatever is said; all else in the first encoding that is said and fits, else in that which
    breaks the fewest characters.  ``charset`` is what HTTP said."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace").lstrip("\ufeff"), []
    for beginning, encoding in _WITHOUT_MARK:
        if beginning.match(content):
            return content.decode(encoding, "replace"), []
    if _CESU_8.search(content):
        content = _CESU_8.sub(_joined, content)
    stated = [*_stated(content, charset)]
    attempts = []
    for encoding in ("utf-8", *stated) if _is_utf_8(content, stated) else stated:
        errors = "euc-jp" if encoding == "euc_jp" else "strict"
        try:
            return content.decode(encoding, errors), []
        except UnicodeDecodeError as error:
            if len(content) - error.start < 4:  # cut within a character
                return content.decode(encoding, "ignore"), []
        text = content.decode(encoding, "replace")
        broken = len(text) - len(content.decode(encoding, "ignore"))
        foreign = sum(1 for character in text if character > "\x7f")
        cut = len(_CUT.findall(content)) if encoding == "utf-8" else 0
        attempts.append(_Attempt((broken - cut) / foreign, text, broken, encoding))
    best = min(attempts, key=lambda attempt: attempt.share)
    if best.share > _FOREIGN:
        return content.decode("windows-1252", "replace"), ["is no UTF-8; read as windows-1252"]
    reason = f"{best.broken} bytes are no {best.encoding.upper()} and were replaced"
    return best.text, [reason]


def _is_utf_8(content: bytes, stated: Sequence[str]) -> bool:
    """Tell whether bytes are UTF-8 and no text of the encodings that are stated."""
    try:
        continued = len(content) - len(content.decode())
    except UnicodeDecodeError:
        return False
    # A few characters of East Asia, of two bytes each, may be such of UTF-8 by chance.
    of_pairs = any(
        len(b"\xc3\xb6".decode(each, "replace")) == 1 for each in stated if each != "utf-8"
    )
    return continued > (_BY_CHANCE if of_pairs else 0)


def _stated(content: bytes, charset: str | None) -> Iterator[str]:
    """Yield Python's codecs for what HTTP and the document say, and for UTF-8, each once."""
    declared = _DECLARED.search(content[:1024])
    said = (_codec(charset or ""), _codec(declared[1].decode("ascii") if declared else ""))
    if said[0] == "cp1252":
        # Many a server says so of everything, and it fits everything.
        said = said[::-1]
    yield from dict.fromkeys((*filter(None, said), "utf-8"))


def _codec(label: str) -> str | None:
    known = webencodings.lookup(label)
    # "win-1251" and the like are code pages of Windows.
    page = re.fullmatch(r"(?:x-)?(?:win|windows|cp|ms|ansi)[-_]?(\d{3,4})", label, re.IGNORECASE)
    try:
        name = known.codec_info.name if known else f"cp{page[1]}" if page else label
        name = codecs.lookup(name).name
        # Codecs that are no character sets, such as zlib, are refused here.
        b"x".decode(name)
    except (LookupError, ValueError):
        return None
    # UTF-16 without a mark or a NUL is a wrong label.
    if name in _NO_CHARSETS or name.startswith(("utf-16", "utf-32")):
        return None
    return _SUPERSETS.get(name, name)


def _joined(pair: re.Match[bytes]) -> bytes:
    """Return the one character that was written as two surrogates (Unicode's report 26)."""
    halves = pair[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass")
    return halves.decode("utf-16").encode()


def _as_microsoft(error: UnicodeError) -> tuple[str, int]:
    """Return a character that browsers know in EUC-JP, and Python's codec does not (① and 髙): it
    stands at the same row and cell in Microsoft's Shift_JIS."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or min(pair) < 0xA1:
        raise error
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + (0x9F if row % 2 else 0x40 + (cell >= 63))
    try:
        return bytes((lead, trail)).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        raise error from None


codecs.register_error("euc-jp", _as_microsoft)
