"""Names that are safe on every file system, readable, and stable from run to run.

A key is ``folder/name``: two segments of lower-case letters, digits and single hyphens in
Unicode's form NFC, such as ``anil/2014-01-13-unikernels-in-cacm``.  No segment is longer
than ``LIMIT`` bytes, starts with a dot or a hyphen, or is reserved by Windows; no two keys
of one set are equal when case and Unicode form are ignored, as macOS and Windows do.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from convert.model import Entry

LIMIT = 120
"""Most bytes (UTF-8) of one segment: file systems allow 255, suffixes and prefixes need some."""

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin", "conout"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)]
)
_PAGE_SUFFIX = re.compile(r"\.(?:x?html?|php|aspx?|jsp|md|json|xml)$", re.IGNORECASE)
_LEADING_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}-(?=.)")
_IN_ID = re.compile(r"[0-9.-]")
_SAFE_ASCII = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*", re.ASCII)


def safe_name(text: str, limit: int = LIMIT) -> str:
    """Return a file or folder name made from any text, of at most ``limit`` bytes; case is kept.

    "unnamed" where nothing of the text can stay.  Not unique: that is for the caller.
    """
    return _fitted(_words(text, "._"), limit) or "unnamed"


def slug(text: str, limit: int = LIMIT) -> str:
    """Return the lower-case words of the text, joined by hyphens; "" where it holds none."""
    return _fitted(_words(text, "").lower(), limit)


def extended(name: str, words: Sequence[str]) -> str:
    """Return a file name with words after it: "group-ada-2024"; a digest stands for what would
    make it long."""
    if not words:
        return name
    whole = "-".join((name, *(slug(word) or digest(word) for word in words)))
    limit = max(80, len(name.encode()) + 20)
    if len(whole.encode()) <= limit:
        return whole
    return f"{_fitted(whole, limit - 9)}-{digest(chr(10).join(words))}"


def fold(name: str) -> str:
    """Return what two names have in common that a file system may take for one."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def is_device(name: str) -> bool:
    """Return whether Windows takes a file of that name for a device: "con", "Nul .txt"."""
    return fold(name.partition(".")[0]).rstrip(" $") in _RESERVED


def key(user: str, date: dt.date | None, id: str, link: str | None, title: str) -> str:  # noqa: A002 - RFC 4287's word
    """Return the plain key of one entry, before ``keys`` makes it unique.

    The name comes from the last segment of the link's path, else of the id's where that is an
    address, else from the title, else from a digest of the id; a segment without letters
    ("/?p=12", "/2014/03/") tells nothing and is passed over.
    ``date`` is the day of publication; None leaves it out, so that an entry which only
    knows when it was updated keeps its name.
    """
    words = _address_slug(link) or _address_slug(id) or slug(title) or digest(id)
    if date is not None:
        words = f"{date:%Y-%m-%d}-{_LEADING_DATE.sub('', words)}"
    return f"{_fitted(slug(user), LIMIT) or 'unnamed'}/{_fitted(words, LIMIT)}"


def keys(entries: Sequence[Entry], usernames: Iterable[str] = ()) -> tuple[str, ...]:
    """Return a unique key for each entry, in their order.

    Of entries that would be called the same, the oldest keeps the plain name and the others
    add a digest of their id.  ``usernames`` are all that the sources know, so that a
    selection of entries does not change a folder's name.  Ids must be unique.
    """
    named = folders([*usernames, *(entry.user for entry in entries)])
    plain = []
    for entry in entries:
        published = entry.published.date() if entry.published else None
        name = key("", published, entry.id, entry.link, entry.title).partition("/")[2]
        plain.append(f"{named[entry.user]}/{name}")
    by_age = sorted(range(len(entries)), key=lambda at: (entries[at].date, entries[at].id))
    taken: set[str] = set()
    unique: dict[int, str] = {}
    for at in by_age:
        if (folded := fold(plain[at])) not in taken:
            taken.add(folded)
            unique[at] = plain[at]
    for at in by_age:
        if at not in unique:
            unique[at] = _distinct(plain[at], entries[at].id, taken)
    return tuple(unique[at] for at in range(len(entries)))


def folders(usernames: Iterable[str]) -> Mapping[str, str]:
    """Return a folder name for each user, unique ignoring case and Unicode form."""
    taken: set[str] = set()
    names: dict[str, str] = {}
    for username in sorted(set(usernames)):
        name = slug(username) or "unnamed"
        if fold(name) in taken:
            names[username] = _distinct(name, username, taken)
        else:
            taken.add(fold(name))
            names[username] = name
    return names


def anchor(key: str) -> str:
    """Return an XML id (NCName, ASCII) for a key; different keys give different ids.

    No slug holds a dot, so ``anchor(key) + "."`` before the ids of a body keeps the ids of
    different entries apart.
    """
    user, _, name = key.partition("/")
    text = f"{user}.{name}" if name else user
    return "".join(
        character
        if character.isascii() and (character.isalpha() or (at and _IN_ID.fullmatch(character)))
        else f"_{ord(character):x}_"
        for at, character in enumerate(text)
    )


def digest(text: str, length: int = 8) -> str:
    """Return the first hex digits of the SHA-256 of a text, lone surrogates allowed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def picture_ref(address: str, *place: str) -> str:
    """Return the REF of a picture (``src="image:REF"``).

    An address on the web alone is the same picture for all who show it.  A reference that may
    name a file is one of its ``place``: the source, the folder in it, the path as written.
    """
    return digest("\0".join((address, *place)), 24)


def _distinct(name: str, identity: str, taken: set[str]) -> str:
    """Return the name with as much of the identity's digest as makes it unique; note it as
    taken."""
    folder, slash, last = name.rpartition("/")
    for length in range(8, 65, 4):
        stem = _fitted(last, LIMIT - length - 1)
        unique = f"{folder}{slash}{stem}-{digest(identity, length)}"
        if fold(unique) not in taken:
            taken.add(fold(unique))
            return unique
    # Only equal identities come here: the digests above have all 256 bits.
    return _distinct(name, f"{identity}\n{len(taken)}", taken)


def _address_slug(address: str | None) -> str:
    """Return the slug of the last readable segment of an http(s) address, or ""."""
    if not address or not address.startswith(("http://", "https://")):
        return ""
    try:
        path = urlsplit(address).path
    except ValueError:  # such as a half IPv6 address
        return ""
    segments = (slug(_PAGE_SUFFIX.sub("", unquote(each).strip())) for each in path.split("/")[::-1])
    last = next((segment for segment in segments if segment not in {"", "index"}), "")
    return last if any(character.isalpha() for character in last) else ""


def _words(text: str, also: str) -> str:
    """Return letters, marks and digits of the text in NFC; every run of anything else a hyphen."""
    if _SAFE_ASCII.fullmatch(text) and (also or not {".", "_"} & set(text)):
        return text
    text = unicodedata.normalize("NFKC", text[:4000]).replace("'", "").replace("’", "")
    text = "".join(
        character if character in also or unicodedata.category(character)[0] in "LMN" else "-"
        for character in text
    )
    return unicodedata.normalize("NFC", re.sub(r"-{2,}", "-", text))


def _fitted(name: str, limit: int) -> str:
    """Return the name within its bytes, cut at a hyphen where one is near, and nothing that Windows
    or a shell takes amiss: no dot, hyphen or lone mark first, no dot last, no device."""
    name = _trimmed(name if name.isascii() else unicodedata.normalize("NFC", name))
    if len(name.encode()) > limit:
        cut = name.encode()[:limit].decode(errors="ignore")
        at = cut.rfind("-")
        name = _trimmed(cut[:at] if at > len(cut) * 2 // 3 else cut)
    return f"x-{name}" if is_device(name) else name


def _trimmed(name: str) -> str:
    name = name.strip("-._")
    while name and unicodedata.category(name[0]).startswith("M"):
        name = name[1:].lstrip("-._")
    return name
