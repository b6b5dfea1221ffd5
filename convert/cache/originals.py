"""Entries as they were stored, kept for the outputs that enclose them whole.

The bytes are opaque here: they are put away when the source is read and given back as they
were, never parsed.  They are of one run.
"""

from __future__ import annotations

import dataclasses
import hashlib

from convert.cache.files import Shelf
from convert.cache.folder import CacheFolder
from convert.model import Entry, StoredEntry


@dataclasses.dataclass(frozen=True)
class StoredTexts:
    """The stored texts of a run; satisfies ``entryset.Originals``."""

    cache: CacheFolder

    def keep(self, entry: StoredEntry) -> None:
        """Put the text of an entry away, where its source has one for each entry."""
        if entry.stored:
            self._shelf.put(_name(entry.origin, entry.path), entry.stored)

    def read(self, entry: Entry) -> bytes | None:
        """Return the text that the entry was read from, byte for byte; None without one."""
        return self._shelf.get(_name(entry.origin, entry.path))

    @property
    def _shelf(self) -> Shelf:
        return Shelf(CacheFolder(None, self.cache.private or self.cache.lasting), "stored-1")


def _name(origin: str, path: str) -> str:
    return hashlib.sha256(f"{origin}\n{path}".encode(errors="surrogatepass")).hexdigest()
