"""Names in a Thicket repository: entry files after ids, folders after users."""

from __future__ import annotations

import collections
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from convert.errors import ContractError
from convert.text.names import digest, fold, is_device, safe_name
from convert.text.paths import check_path

# File systems allow 255 bytes; the number of a namesake and the suffix need some.
_LONGEST = 200
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_TOP = frozenset({"index.json", "duplicates.json", "links.json"})


def stem_of(identity: str) -> str:
    """Return the name that Thicket gives the file of an entry, without ``.json``.

    Of an address it is the path ("https://x.example/notes/a" is "notes_a"); of any other id,
    and of an address without a path, the whole.  What is no ASCII letter, digit, dot, hyphen
    or underscore becomes an underscore; runs of these become one.
    """
    try:
        parts = urlsplit(identity)
        path = parts.path.strip("/") if parts.scheme and parts.netloc else ""
    except ValueError:  # such as a half IPv6 address
        path = ""
    name = re.sub(r"__+", "_", _UNSAFE.sub("_", path or identity)).strip("_").lstrip("._-")
    name = name[:_LONGEST].rstrip("_")
    if not name:
        return f"entry-{digest(identity)}"
    # Windows has devices of some names, whatever the suffix.
    return f"{name}_" if is_device(name) else name


def folder_of(username: str) -> str:
    """Return the folder of a user that has none yet."""
    name = safe_name(username)
    return name.replace(".", "-") if fold(name) in _TOP else name


def is_portable(path: str) -> bool:
    """Return whether a path of another repository may be taken over: every file system takes
    it, it is nobody's private file, and none of those at the top."""
    try:
        segments = check_path(path).split("/")
    except ContractError:
        return False
    hidden = any(segment.startswith(".") for segment in segments)
    return not hidden and "\ufffd" not in path and fold(segments[0]) not in _TOP


def spellings(members: Iterable[str], users: Collection[str]) -> Mapping[str, str]:
    """Return what a repository calls those of its members whose names are spelled otherwise now, in
    case or Unicode form: another folder would hold all their entries once more."""
    own = collections.defaultdict(list)
    for name in members:
        own[fold(name)].append(name)
    named = collections.Counter(map(fold, users))
    return {
        name: own[fold(name)][0]
        for name in users
        if named[fold(name)] == len(own[fold(name)]) == 1 and own[fold(name)][0] != name
    }
