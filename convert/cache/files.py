"""Files by name, remembered between runs: bounded, written whole or not at all.

Safe for several processes at once and safe to delete at any moment.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
import time
from pathlib import Path

from convert.errors import CacheError

LIMIT = 4_000_000_000
"""Bytes that a shelf may hold before what was least recently used goes."""
PROTECTED_HOURS = 25
"""What was used within a day stays, whatever the size; an hour more, as uses are noted hourly."""


@dataclasses.dataclass(frozen=True)
class Shelf:
    """Byte strings under names of letters, digits and hyphens, as files in ``folder``."""

    folder: Path
    limit: int = LIMIT

    def path(self, name: str) -> Path:
        """Return where the bytes of that name are, or would be."""
        return self.folder / name[:2] / name

    def get(self, name: str) -> bytes | None:
        """Return the bytes, or None.  Counts as a use."""
        path = self.path(name)
        try:
            content = path.read_bytes()
            if time.time() - path.stat().st_mtime > 3600:
                os.utime(path)
        except OSError:
            return None
        return content

    def __contains__(self, name: str) -> bool:
        return self.path(name).is_file()

    def put(self, name: str, content: bytes) -> None:
        """Keep the bytes; raises CacheError where the folder cannot be written."""
        path = self.path(name)
        temporary: str | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                temporary = file.name
                file.write(content)
            Path(temporary).replace(path)
        except OSError as error:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)
            reason = f"{error.strerror}; name another folder with --cache"
            raise CacheError(self.folder, reason) from error

    def trim(self) -> None:
        """Forget what was least recently used until the limit is kept."""
        files: list[tuple[float, Path, int]] = []
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                files.append((status.st_mtime, path, status.st_size))
        excess = sum(size for _, _, size in files) - self.limit
        protected = time.time() - PROTECTED_HOURS * 3600
        for used, path, size in sorted(files):
            if excess <= 0 or used > protected:
                break
            with contextlib.suppress(OSError):
                path.unlink()
            excess -= size
