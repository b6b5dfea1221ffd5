"""Names and addresses of people and feeds, made safe; entries are made safe by preparation."""

from __future__ import annotations

import re
import urllib.parse

# XML 1.0 §2.2: all that is no Char, surrogates among it; and the C1 controls.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 2_000


def line(value: str | None) -> str:
    """One line of text that every XML output can hold."""
    return " ".join(_ILLEGAL.sub("", value or "").split())[:_LONGEST]


def optional(value: str | None) -> str | None:
    """The same; None where nothing is left."""
    return line(value) or None


def web(value: str | None) -> str | None:
    """An http(s) address with a host; None for every other."""
    address = _ILLEGAL.sub("", value or "").strip()
    try:
        parts = urllib.parse.urlsplit(address)
        usable = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    fits = len(address) <= _LONGEST and not re.search(r"[\s<>\"]", address)
    return address if usable and fits else None


def without_credentials(address: str) -> str:
    """The address without user and password."""
    if "://" not in address:
        return address
    try:
        parts = urllib.parse.urlsplit(address)
        return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    except ValueError:
        return address.rpartition("@")[2]


def path(name: str) -> str:
    """A file's name for people: bytes that are not UTF-8 show as U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def count(value: float | None) -> int | None:
    """A size or a duration that makes sense: not negative, and exact in JSON (RFC 8259 §6)."""
    return round(value) if value is not None and 0 < value < 2**53 else None
