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
    """The address without user, password, query and fragment: any of them may be secret."""
    try:
        parts = urllib.parse.urlsplit(address)
        if not parts.scheme or not parts.netloc:
            return address
        host = parts.netloc.rpartition("@")[2]
        return urllib.parse.urlunsplit((parts.scheme, host, parts.path, "", ""))
    except ValueError:
        return address.rpartition("@")[2]


def path(name: str) -> str:
    """A file's name for people: bytes that are not UTF-8 show as U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
