"""Which paths are safe on every file system: one judge for all that is written."""

from __future__ import annotations

import re
import unicodedata

from convert.errors import ContractError
from convert.text.names import LIMIT, is_device, safe_name

PRIVATE = ".thicket-convert"
"""How the names of all files begin that are ours alone."""
_FORBIDDEN = re.compile(
    r'[\x00-\x1f\x7f-\x9f\\:*?"<>|\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufffe\uffff]'
)
_IGNORED = re.compile(r"[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
"""What macOS (HFS+) passes over in names: ".g\u200cit" is ".git" there."""
_SHORT = re.compile(r"(?:git|thicke)~[0-9]+(?:\.|$)")
"""What Windows also calls ".git" and our own files."""


LONGEST = 1_000
"""Bytes of a path: no system takes more than 4,096, and the output folder needs some of them."""


def check_path(path: str) -> str:
    """Return the path itself, where it is safe to write below an output folder.

    Relative, forward slashes, no ``..``, at most ``LONGEST`` bytes and no segment over 255, no
    character that Windows refuses and none that turns the direction of text, no device of
    Windows, neither ours nor Git's own files, however a system may spell them.  Raises
    ContractError.
    """
    segments = path.split("/")
    fault = ""
    if not path or _FORBIDDEN.search(path):
        fault = "holds a character that not every file system takes"
    elif ".." in segments or not segments[0]:
        fault = "leads out of the output folder"
    elif any(segment in {"", "."} or segment[-1] in ". " for segment in segments):
        fault = "has an empty segment, or one that ends in a dot or space"
    elif any(len(segment.encode()) > 255 for segment in segments):
        fault = "has a segment that is too long (more than 255 bytes)"
    elif len(path.encode()) > LONGEST:
        fault = f"is too long (more than {LONGEST} bytes)"
    elif any(is_device(segment) for segment in segments):
        fault = "has the name of a device of Windows"
    elif any(_is_private(segment) for segment in segments):
        fault = "is reserved"
    if fault:
        raise ContractError(f"output path {path[:200]!r}: {fault}")
    return path


def stem_of(name: str) -> str:
    """Return the name itself where it can begin the names of files anywhere, else a safe one
    that is made from it."""
    try:
        check_path(name)
    except ContractError:
        return safe_name(name)
    plain = len(name.encode()) <= LIMIT and "/" not in name and name[0] not in " .-~"
    return name if plain and unicodedata.is_normalized("NFC", name) else safe_name(name)


def _is_private(segment: str) -> bool:
    name = same_place(_IGNORED.sub("", segment))
    return name == ".git" or name.startswith(PRIVATE) or bool(_SHORT.match(name))


def same_place(path: str) -> str:
    """Return what is equal for paths that a file system may take for one: case, Unicode form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())
