"""Pictures that stand beside the entries of a repository and that the entries show."""

from __future__ import annotations

import mimetypes
import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

from convert.contract import Reading
from convert.exporters.thicket import names as naming
from convert.model import StoredEntry
from convert.text import names

_SOURCE = re.compile(
    r"""\bsrc\s*=\s*["']?([^"'\s>]+)|!\[[^\]]*\]\(\s*<?([^)\s>]+)""", re.IGNORECASE
)
"""References of HTML and of Markdown; one too many costs a look at a file that is not there."""


class Pictures:
    """The pictures to take along, by path; each is read when it is written."""

    def __init__(self, readings: tuple[Reading, ...], existing: Reading | None) -> None:
        self._readings: Mapping[str, Reading] = {each.origin.address: each for each in readings}
        self._existing = existing
        self._found: dict[str, tuple[str, Reading, str]] = {}

    def note(self, entry: StoredEntry, folder: str) -> None:
        """Looks for the pictures of an entry of a repository; ``folder`` is its new place."""
        reading = self._readings.get(entry.origin)
        if not entry.stored or reading is None:
            return
        for body in (entry.content, entry.summary):
            for found in _SOURCE.finditer(body or ""):
                self._look(reading, found[1] or found[2], posixpath.dirname(entry.path), folder)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The paths in the new place and the bytes; what is there already stays as it is."""
        for target, reading, path in self._found.values():
            if self._existing is None or self._existing.file(quote(target), "") is None:
                yield target, reading.file(quote(path), "") or b""

    def _look(self, reading: Reading, reference: str, own: str, folder: str) -> None:
        plain = unquote(re.split(r"[?#]", reference, maxsplit=1)[0])
        kind = mimetypes.guess_type(plain, strict=False)[0] or ""
        if not kind.startswith("image/") or ":" in plain or plain.startswith("/"):
            return
        for base, new in ((own, folder), ("", "")):
            path = posixpath.normpath(posixpath.join(base, plain))
            target = posixpath.normpath(posixpath.join(new, plain))
            if not naming.is_portable(target):
                continue
            if names.fold(target) in self._found or reading.file(quote(path), "") is not None:
                self._found.setdefault(names.fold(target), (target, reading, path))
                return
