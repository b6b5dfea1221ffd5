"""Names and addresses of people and feeds, made safe; entries are made safe by preparation."""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from collections.abc import Iterator, Mapping

from convert.content import fields
from convert.text import characters

LONGEST = 2_000
"""Characters of an id or an address; a longer address is none."""
_DIGITS = 16
_LIKE_WEB = re.compile(r"[a-z]{2,}:/|(www\.|[\w-]+(\.[\w-]+)*\.[a-z]{2,}(:\d+)?/)\S", re.I)


def line(value: str | None) -> str:
    """Return one line of text that every XML output can hold, cut where it is too long."""
    return characters.balanced(bounded(characters.fold(value or "")))


def bounded(text: str) -> str:
    """Return a text cut where it is too long, which ends with a digest of it all: two ids stay
    two."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{text[: LONGEST - _DIGITS - 1]}…{digest}"


def title(value: str | None) -> str | None:
    """Return a title or name that people read, cut where it is too long for one; None where
    nothing is left."""
    return characters.shortened(value or "") or None


def cuts(texts: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Yield the name of each text that ``title`` cuts, and what is said of that."""
    for field, text in texts.items():
        length = len(characters.fold(text or ""))
        if length > characters.LONGEST:
            yield field, f"cut: {length:,} characters, the limit is {characters.LONGEST:,}"


def absent(address: str) -> str:
    """Return that nothing lies at a path; of one that begins like a host, or like a scheme that
    is none, also how an address of the web does."""
    hint = "; an address of the web begins with https://" if _LIKE_WEB.match(address) else ""
    return f"does not exist{hint}"


def optional(value: str | None) -> str | None:
    """Return the same; None where nothing is left."""
    return line(value) or None


def literal(value: str | None) -> str | None:
    """Return one line of which nothing is markup, as an entry holds it: preparation, which reads
    its names and titles as what may be markup, finds it as it is."""
    return fields.literal(line(value)) or None


def web(value: str | None) -> str | None:
    """Return an http(s) address with a host; None for every other.

    Line breaks go with the blanks around them, tabs as in browsers; blanks, ``<``, ``>`` and ``"``
    are percent-encoded, backslashes of a path are slashes.  The rest stays as it is: an id may be
    this address.
    """
    address = re.sub(r"\t|[ \t]*[\r\n]\s*", "", characters.legal(value or "").strip())
    if is_web(address) and "\\" in address:
        path, *query = re.split(r"(?=[?#])", address, maxsplit=1)
        address = "".join((path.replace("\\", "/"), *query))
    try:
        parts = urllib.parse.urlsplit(address)
        if not is_web(address) or not parts.hostname or re.search(r"[\s<>\"]", parts.netloc):
            return None
    except ValueError:  # such as half an IPv6 address
        return None
    if len(address) > LONGEST:
        return None
    return re.sub(r"[\s<>\"]", lambda sign: urllib.parse.quote(sign[0]), address)


def is_web(address: str) -> bool:
    """Tell whether an address begins as those of http and https do."""
    return address.lstrip().lower().startswith(("http://", "https://"))


def join(base: str, reference: str) -> str:
    """Return a reference resolved against an address; as it is where neither can be read."""
    try:
        return urllib.parse.urljoin(base, reference)
    except ValueError:  # such as half an IPv6 address
        return reference


def without_credentials(address: str) -> str:
    """Return the address without user and password."""
    if "://" not in address or "@" not in address:
        return address
    try:
        parts = urllib.parse.urlsplit(address)
        if "@" not in parts.netloc:
            return address
        return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    except ValueError:
        return address.rpartition("@")[2]


def path(name: str) -> str:
    """Return a file's name for people: bytes that are not UTF-8 show as U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def count(value: float | None) -> int | None:
    """Return a size or a duration that makes sense; None for any other.

    It is not negative, and small enough to be exact in JSON (RFC 8259 §6).
    """
    return round(value) if value is not None and 0 < value < 2**53 else None


def link_left_out(stated: object) -> str | None:
    """Return why an entry has no link: its address is too long for one; None where it is not."""
    long = len(str(stated or "").strip()) > LONGEST
    return f"left out: an address has at most {LONGEST:,} characters" if long else None


def too_long(*bodies: str | None, limit: int) -> str | None:
    """Return why an entry is left out: a body over the limit of characters; None for none."""
    longest = max(len(body or "") for body in bodies)
    if longest <= limit:
        return None
    return f"{longest:,} characters, over the limit of {limit:,}; --max-body raises it"
