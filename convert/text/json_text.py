"""Hostile JSON to plain values, with the place where it breaks."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from convert.errors import ConvertError
from convert.model import Problem

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WIDE = {b"{\0": "utf-16-le", b"\0{": "utf-16-be"}
"""The first character of an object, where no mark tells."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
"""A surrogate, lone or in a pair."""
_BLANKS = re.compile(r"[ \t\r\n]*+")


class BadJSON(ConvertError):
    """Text that is not JSON; the message says why and where, without naming the file."""


def utf8(data: bytes) -> bytes:
    """Return the same text as UTF-8 without byte order mark (RFC 8259 §8.1), from UTF-8 or
    UTF-16.

    Raises BadJSON with the offset of the first byte that is not UTF-8.
    """
    try:
        for mark, encoding in _UTF16.items():
            if data.startswith(mark):
                return data[len(mark) :].decode(encoding).encode()
        if wide := _WIDE.get(data[:2]):
            return data.decode(wide).encode()
        data = data.removeprefix(codecs.BOM_UTF8)
        data.decode()
    except UnicodeDecodeError as error:
        name = "UTF-8" if error.encoding == "utf-8" else "UTF-16"
        raise BadJSON(f"invalid {name} at byte {error.start}") from error
    return data


def decode_object(data: bytes, path: str, warn: Callable[[Problem], None]) -> dict[str, object]:
    """Return the object in a JSON file; an empty one, and a problem, where it holds none."""
    try:
        value = decode(utf8(data))
    except BadJSON as error:
        warn(Problem(path=path, reason=f"ignored: {error}"))
        return {}
    if not isinstance(value, dict):
        warn(Problem(path=path, reason="ignored: the top level is not an object"))
        return {}
    return value


def decode(text: bytes) -> object:
    """Return the value of a JSON text in UTF-8.  Lone surrogates become U+FFFD.

    Raises BadJSON: for NaN, for integers too large to mean anything and for nests too deep
    to read as well as for broken text.
    """
    if not text.strip():
        raise BadJSON("is empty")
    if not text.strip(b"\0"):
        raise BadJSON("holds nothing but NUL bytes; an interrupted write?")
    place = ""

    def refuse(constant: str) -> object:
        raise BadJSON(f"{place}{constant} is no JSON")

    try:
        try:
            return msgspec.json.decode(text)
        except msgspec.ValidationError as error:
            raise BadJSON("holds a number that is out of range") from error
        except msgspec.DecodeError as error:
            # The standard library knows lone surrogates and where exactly a text breaks, but
            # not where it says NaN: msgspec tells the byte.
            if offset := re.search(r"\(byte (\d+)\)$", str(error)):
                lines = text[: int(offset[1])].decode(errors="replace").split("\n")
                place = f"line {len(lines)}, column {len(lines[-1]) + 1}: "
            return _without_surrogates(json.loads(text, parse_constant=refuse))
    except json.JSONDecodeError as error:
        raise BadJSON(_located(error)) from error
    except RecursionError as error:
        raise BadJSON("nested too deeply") from error
    except ValueError as error:
        raise BadJSON("holds a number that is out of range") from error


class Partial(NamedTuple):
    """What can be read of an object; ``end`` says why and where no more can, "" where all can;
    ``doubled`` are the keys that one object states more than once."""

    members: dict[str, object]
    end: str
    doubled: tuple[str, ...]


def decode_partly(text: str, name: str) -> Partial:
    """Return the members of an object up to where it breaks or ends too early; of the list in the
    one of that name the complete elements.

    Control characters in strings, NaN, what ``mended`` mends, and what follows the object do no
    harm; numbers that are out of range are their digits.  Of a key that an object states more than
    once the last counts that says something.  Raises BadJSON where it breaks before the first
    element.
    """
    members: dict[str, object] = {}
    elements: list[object] = []
    doubled: dict[str, None] = {}

    def put(members: dict[str, object], key: str, value: object) -> None:
        if key in members:
            doubled[key] = None
        if key not in members or value not in (None, "", [], {}):
            members[key] = value

    def merged(pairs: list[tuple[str, object]]) -> dict[str, object]:
        held = dict(pairs)
        if len(held) < len(pairs):
            held = {}
            for key, value in pairs:
                put(held, key, value)
        return held

    lenient = json.JSONDecoder(
        object_pairs_hook=merged,
        parse_int=_number,
        parse_float=_number,
        parse_constant=lambda _constant: None,
        strict=False,
    )

    def element(at: int) -> int:
        value, at = lenient.raw_decode(text, at)
        elements.append(value)
        return at

    def member(at: int) -> int:
        key, at = lenient.raw_decode(text, at)
        if not isinstance(key, str):
            raise json.JSONDecodeError("Expecting a name", text, at)
        at = _behind(":", text, at)
        if key == name and text.startswith("[", at) and name not in members:
            members[key] = elements
            return _listed(text, at, "[]", element)
        value, at = lenient.raw_decode(text, at)
        put(members, key, value)
        return at

    end = ""
    try:
        _listed(text, 0, "{}", member)
    except json.JSONDecodeError as error:
        cut = error.msg.startswith("Unterminated") or "}" not in text[error.pos :]
        if not (elements or (cut and members)):
            raise BadJSON(_located(error)) from error
        end = f"{'ends too early' if cut else 'is broken'} ({_located(error)})"
    if _ESCAPED.search(text):
        members = {key: _without_surrogates(value) for key, value in members.items()}
    return Partial(members, end, tuple(doubled))


def _number(digits: str) -> object:
    """Return a number; its digits where it is out of range."""
    try:
        value = float(digits) if re.search(r"[.eE]", digits) else int(digits)
    except ValueError:
        return digits
    return value if isinstance(value, int) or math.isfinite(value) else digits


def _listed(text: str, at: int, brackets: str, read_one: Callable[[int], int]) -> int:
    """Read what stands between two brackets, with commas; return the place behind them."""
    at = _behind(brackets[0], text, at)
    while not text.startswith(brackets[1], at):
        at = _blanks_end(text, read_one(at))
        if not text.startswith(brackets[1], at):
            at = _behind(",", text, at)
    return at + 1


def _behind(sign: str, text: str, at: int) -> int:
    """Return the place behind a sign that must come next, and behind the blanks around it."""
    at = _blanks_end(text, at)
    if not text.startswith(sign, at):
        raise json.JSONDecodeError(f"Expecting '{sign}'", text, at)
    return _blanks_end(text, at + 1)


def _blanks_end(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _located(error: json.JSONDecodeError) -> str:
    return f"line {error.lineno}, column {error.colno}: {error.msg.removesuffix(' at')}"


def _without_surrogates(value: object) -> object:
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list():
            return [_without_surrogates(each) for each in value]
        case dict():
            return {_without_surrogates(k): _without_surrogates(each) for k, each in value.items()}
        case _:
            return value
