"""Pictures that stand beside the entries of a repository and that the entries show."""

from __future__ import annotations

import mimetypes
import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

from convert.contract import Reading
from convert.exporters.thicket.names import is_portable
from convert.model import StoredEntry
from convert.text.names import fold

_SOURCE = re.compile(r"""\bsrc\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_TARGET = re.compile(r"\]\(\s*<?([^)\s>]+)")
"""References of HTML and of Markdown; one too many costs a look at a file that is not there."""


class Pictures:
    """The pictures to take along, by path; each is read when it is written."""

    def __init__(self, readings: tuple[Reading, ...], existing: Reading | None) -> None:
        self._readings: Mapping[str, Reading] = {each.origin.address: each for each in readings}
        self._existing = existing
        self._files: dict[str, tuple[str, Reading, str]] = {}

    def note(self, entry: StoredEntry, folder: str) -> None:
        """Look for the pictures of an entry of a repository; ``folder`` is its new place."""
        reading = self._readings.get(entry.origin)
        if not entry.stored or reading is None:
            return
        for reference in _references(entry):
            for base, new in ((posixpath.dirname(entry.path), folder), ("", "")):
                path = posixpath.normpath(posixpath.join(base, reference))
                target = posixpath.normpath(posixpath.join(new, reference))
                if is_portable(target) and (
                    fold(target) in self._files or reading.file(quote(path), "") is not None
                ):
                    self._files.setdefault(fold(target), (target, reading, path))
                    break

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the paths in the new place and the bytes; what is there already stays as it
        is."""
        for target, reading, path in self._files.values():
            if self._existing is None or self._existing.file(quote(target), "") is None:
                yield target, reading.file(quote(path), "") or b""


def shown_by(entry: StoredEntry, reading: Reading) -> Iterator[str]:
    """Yield the paths of the pictures in a repository that an entry of it shows."""
    for reference in _references(entry):
        for base in (posixpath.dirname(entry.path), ""):
            path = posixpath.normpath(posixpath.join(base, reference))
            if reading.file(quote(path), "") is not None:
                yield path
                break


def _references(entry: StoredEntry) -> Iterator[str]:
    """Yield what may be pictures, relative to the entry's file, else to the top of the
    repository: as the source looks for them."""
    for body in (entry.content or "", entry.summary or ""):
        for written in _written(body):
            reference = unquote(re.split(r"[?#]", written, maxsplit=1)[0])
            kind = mimetypes.guess_type(reference, strict=False)[0] or ""
            if kind.startswith("image/") and ":" not in reference and reference[0] != "/":
                yield reference


def _written(body: str) -> Iterator[str]:
    """Yield the addresses of pictures in HTML or Markdown, as they are written."""
    for source in _SOURCE.finditer(body):
        yield source[1]
    # From the end of a link back to its beginning: what only begins could be most of the body.
    for target in _TARGET.finditer(body):
        before = body.rfind("]", 0, target.start()) + 1
        if body.find("![", before, target.start()) >= 0:
            yield target[1]
