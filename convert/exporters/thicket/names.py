"""Names in a Thicket repository: entry files after ids, folders after users."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from convert.text import names

_LONGEST = 200
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|\ud800-\udfff\ufffd]')
_TOP = frozenset({"index.json", "duplicates.json", "links.json"})


def stem_of(identity: str) -> str:
    """The name that Thicket gives the file of an entry, without ``.json``.

    Of an address it is the path ("https://x.example/notes/a" is "notes_a"); of any other id,
    and of an address without a path, the whole.  What is no ASCII letter, digit, dot, hyphen
    or underscore becomes an underscore; runs of these become one.
    """
    text = _path(identity) or identity
    name = re.sub(r"__+", "_", _UNSAFE.sub("_", text)).strip("_").lstrip("._-")
    name = name[:_LONGEST].rstrip("_")
    if not name:
        return f"entry-{names.digest(identity)}"
    # Windows has devices of some names, whatever the suffix.
    return f"{name}_" if names.safe_name(name) == f"x-{name}" else name


def folder_of(username: str) -> str:
    """The folder of a user that has none yet."""
    name = names.safe_name(username)
    return name.replace(".", "-") if names.fold(name) in _TOP else name


def is_portable(path: str) -> bool:
    """Whether a path of another repository may be taken over: every file system takes it, it
    is nobody's private file, and none of those at the top."""
    segments = path.split("/")
    return (
        not _FORBIDDEN.search(path)
        and all(_is_plain(segment) for segment in segments)
        and names.fold(segments[0]) not in _TOP
    )


def _is_plain(segment: str) -> bool:
    return (
        bool(segment)
        and not segment.startswith(".")
        and segment[-1] not in ". "
        and len(segment.encode()) <= 255
    )


def _path(identity: str) -> str:
    """The path of an address; "" where there is none."""
    try:
        parts = urlsplit(identity)
    except ValueError:  # such as a half IPv6 address
        return ""
    return parts.path.strip("/") if parts.scheme and parts.netloc else ""
