"""How much is read of one repository: some kilobytes of Git's objects can be any number of files,
and any number of bytes, so each is counted wherever it stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from convert.errors import SourceError
from convert.sources.thicket.tree import Listed, Tree

MOST_NAMES = 1_000_000
MOST_ENTRIES = 250_000
MOST_BYTES = 2_000_000_000
DEEPEST = 32


class BoundedTree:
    """A tree that ends at the limits: then its methods raise SourceError for ``address``."""

    def __init__(self, tree: Tree, address: str) -> None:
        self._tree = tree
        self._address = address
        self._names = self._entries = self._bytes = 0

    def list(self, folder: str) -> tuple[Listed, ...]:
        """Return what is in a folder, and count it."""
        listed = self._tree.list(folder)
        self._names += len(listed)
        self._require(self._names, MOST_NAMES, "files and folders")
        return listed

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file, which are not counted."""
        return self._tree.read(path, limit)

    def size(self, path: str) -> int:
        """Return how many bytes a file has."""
        return self._tree.size(path)

    def count(self, folder: str, names: Iterable[str], limit: int) -> None:
        """Count these entries of a folder; one over ``limit`` bytes will not be read."""
        for name in names:
            self._entries += 1
            self._require(self._entries, MOST_ENTRIES, "entries")
            with contextlib.suppress(OSError):  # told where it is read
                size = self._tree.size(f"{folder}/{name}")
                self._bytes += size if size <= limit else 0
            self._require(self._bytes, MOST_BYTES, "bytes of entries")

    def _require(self, count: int, most: int, what: str) -> None:
        if count > most:
            reason = f"holds more than {most:,} {what}, the most that is read of one repository"
            raise SourceError(self._address, f"{reason}; divide it, or remove what is no entry")
