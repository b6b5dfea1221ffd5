"""Hostile JSON to plain values, with the place where it breaks."""

from __future__ import annotations

import codecs
import json
import re

import msgspec

from convert.errors import ConvertError

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class BadJSON(ConvertError):
    """Text that is not JSON; the message says why and where, without naming the file."""


def utf8(data: bytes) -> bytes:
    """The same text as UTF-8 without byte order mark (RFC 8259 §8.1), from UTF-8 or UTF-16.

    Raises BadJSON with the offset of the first byte that is not UTF-8.
    """
    try:
        for mark, encoding in _UTF16.items():
            if data.startswith(mark):
                return data[len(mark) :].decode(encoding).encode()
        data = data.removeprefix(codecs.BOM_UTF8)
        data.decode()
    except UnicodeError as error:
        at = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise BadJSON(f"invalid {_encoding(error)}{at}") from error
    return data


def decode(text: bytes) -> object:
    """The value of a JSON text in UTF-8.  Lone surrogates become U+FFFD.

    Raises BadJSON: for NaN, for integers too large to mean anything and for nests too deep
    to read as well as for broken text.
    """
    if not text.strip():
        raise BadJSON("is empty")
    if not text.strip(b"\0"):
        raise BadJSON("holds nothing but NUL bytes; an interrupted write?")
    try:
        return msgspec.json.decode(text)
    except RecursionError as error:
        raise BadJSON("nested too deeply") from error
    except msgspec.ValidationError as error:
        raise BadJSON("holds a number that is out of range") from error
    except msgspec.DecodeError as error:
        return _decode_with_care(text, error)


def _decode_with_care(text: bytes, first: msgspec.DecodeError) -> object:
    """The standard library knows lone surrogates, and where exactly a text breaks."""

    def refuse(constant: str) -> object:
        raise BadJSON(f"{_where(text, first)}{constant} is no JSON")

    try:
        return _scrubbed(json.loads(text, parse_constant=refuse))
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}: {error.msg.removesuffix(' at')}"
        raise BadJSON(reason) from error
    except RecursionError as error:
        raise BadJSON("nested too deeply") from error
    except ValueError as error:
        raise BadJSON("holds a number that is out of range") from error


def _scrubbed(value: object) -> object:
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list():
            return [_scrubbed(each) for each in value]
        case dict():
            return {_scrubbed(key): _scrubbed(each) for key, each in value.items()}
        case _:
            return value


def _where(text: bytes, error: msgspec.DecodeError) -> str:
    """Line and column (from 1, in characters) of msgspec's byte offset, where it has one."""
    found = re.search(r"\(byte (\d+)\)$", str(error))
    if not found:
        return ""
    before = text[: int(found[1])]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
    return f"line {line}, column {column}: "


def _encoding(error: UnicodeError) -> str:
    name = error.encoding if isinstance(error, UnicodeDecodeError) else "utf-16"
    return "UTF-8" if name == "utf-8" else "UTF-16"
