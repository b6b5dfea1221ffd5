"""Files by name, remembered between runs: bounded, written whole or not at all, and given
back as they were written or not at all.

Safe for several processes at once and safe to delete at any moment.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path

from convert.cache.folder import WAY_OUT, CacheFolder
from convert.errors import CacheError

LIMIT = 4_000_000_000
"""Bytes that a shelf may hold before what was least recently used goes."""
PROTECTED_HOURS = 25
"""What was used within a day stays, whatever the size; an hour more, as uses are noted hourly."""
LARGEST = 1_000_000_000
"""The most bytes that are read of one file, whatever somebody put in its place."""
_HOUR = 3600.0
_SEAL = 32
# Neither a FIFO, which would wait for a writer, nor what a link leads to.
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


@dataclasses.dataclass(frozen=True)
class Shelf:
    """Byte strings under names of letters, digits and hyphens, as files in the folder ``shelf``.

    What the lasting folder does not take is put into the private one.
    """

    cache: CacheFolder
    shelf: str
    limit: int = LIMIT

    def get(self, name: str) -> bytes | None:
        """Return the bytes as they were put, or None.  Counts as a use."""
        for place in self.cache.places:
            content = read_sealed(self._path(place, name), name)
            if content is not None:
                return content
        return None

    def put(self, name: str, content: bytes) -> None:
        """Keep the bytes; raises CacheError where no folder takes them."""
        for place in self.cache.places:
            path = self._path(place, name)
            try:
                _write(path, seal(name, content), content)
            except OSError as error:
                reason = f"{path.parent} cannot be written ({error.strerror})"
                if place == self.cache.places[-1]:
                    raise CacheError(place, f"{reason}; {WAY_OUT}") from error
                self.cache.failed(reason)
            else:
                return

    def trim(self) -> None:
        """Forget what was least recently used until the limit is kept."""
        if self.cache.lasting is None:
            return
        files: list[tuple[float, Path, int]] = []
        now = time.time()
        with contextlib.suppress(OSError):
            for path in (self.cache.lasting / self.shelf).glob("*/*"):
                with contextlib.suppress(OSError):
                    status = path.lstat()
                    if status.st_mtime > now + _HOUR:
                        # The clock was wrong then or is now: its day begins again.
                        os.utime(path, follow_symlinks=False)
                    files.append((status.st_mtime, path, status.st_size))
        excess = sum(size for _, _, size in files) - self.limit
        protected = now - PROTECTED_HOURS * _HOUR
        for used, path, size in sorted(files):
            if excess <= 0 or used > protected:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                excess -= size

    def paths(self, name: str) -> tuple[Path, ...]:
        """Return where a file of that name is, or would be: what was put, behind its seal."""
        return tuple(self._path(place, name) for place in self.cache.places)

    def _path(self, place: Path, name: str) -> Path:
        return place / self.shelf / name[:2] / name


def seal(name: str, content: bytes) -> bytes:
    """Return what stands before the bytes, and shows that they are whole and of that name."""
    digest = hashlib.sha256(name.encode() + b"\n")
    digest.update(content)
    return digest.digest()


def read_sealed(path: Path, name: str) -> bytes | None:
    """Return the bytes in a file, and note that they were used; None where it is not whole."""
    try:
        descriptor = os.open(path, _READ)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
                return None
            start, content = file.read(_SEAL), file.read()
    except (OSError, MemoryError):
        return None
    if start != seal(name, content):
        return None
    # In both directions: a clock may have been put back.
    if abs(time.time() - status.st_mtime) > _HOUR:
        with contextlib.suppress(OSError):
            os.utime(path)
    return content


def _write(path: Path, *parts: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.writelines(parts)
            file.close()
            Path(file.name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                file.close()
            Path(file.name).unlink(missing_ok=True)
            raise
