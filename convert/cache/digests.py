"""What is in large files of this machine, such as fonts: read once, and again where they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from convert.cache.files import Shelf
from convert.cache.folder import CacheFolder
from convert.errors import CacheError
from convert.model import Value
from convert.text import files

_NAME = "files"


class _Read(Value, frozen=True):
    """A file as it was read: what the system says of it, which changes with each write, and the
    SHA-256 (hex)."""

    state: tuple[int, ...]
    sha256: str


class FileDigests:
    """The digests of files by path, remembered for the next runs."""

    def __init__(self, cache: CacheFolder) -> None:
        self._shelf = Shelf(cache, "digests-1")
        self._read: dict[str, _Read] | None = None
        self._sure: dict[str, str] = {}

    def of(self, paths: Sequence[str]) -> Mapping[str, str]:
        """Return the SHA-256 (hex) of each file; "" where it cannot be read."""
        if self._read is None:
            self._read = _decoded(self._shelf.get(_NAME))
        new = [path for path in paths if path not in self._sure]
        before = dict(self._read)
        for path in new:
            self._sure[path] = _digest(Path(path), self._read)
        if self._read != before:
            with suppress(CacheError):  # it is read again the next time
                self._shelf.put(_NAME, msgspec.msgpack.encode(self._read))
        return {path: self._sure[path] for path in paths}


def _digest(path: Path, read: dict[str, _Read]) -> str:
    """Return the digest of a file, from what was ``read`` where it is still the same file."""
    try:
        now = path.stat()
    except OSError:
        return ""
    state = (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
    known = read.get(str(path))
    if known is None or known.state != state:
        known = read[str(path)] = _Read(state, files.digest(path))
    return known.sha256


def _decoded(content: bytes | None) -> dict[str, _Read]:
    try:
        return msgspec.msgpack.decode(content or b"", type=dict[str, _Read])
    except msgspec.MsgspecError:
        return {}
