"""The pictures of a book: each put in once, all of them within the book's limit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from convert.content.views import Picture
from convert.contract import Images, RenditionRequest
from convert.exporters.epub.package import Package

SHARE_OF_TEXT = 0.5
"""The most that a page presses to, of its prepared bytes; measured 0.25 to 0.4."""


class Pictures:
    """Answers a view with pictures and puts those that it gives into the package."""

    def __init__(self, images: Images | None, request: RenditionRequest, package: Package) -> None:
        self._images = images
        self._request = request
        self._package = package
        self._names: dict[str, str | None] = {}
        self._written: dict[str, str] = {}
        self.moving = False
        """Whether one of them may move: then nothing is known of flashes."""

    def __call__(self, ref: str, address: str | None) -> Picture | None:
        if ref not in self._names:
            rendition = self._images.rendition(ref, self._request) if self._images else None
            if rendition is None:
                self._names[ref] = None
            else:
                self.moving = self.moving or rendition.media_type == "image/gif"
                self._names[ref] = self.put(
                    rendition.content, rendition.media_type, rendition.suffix
                )
        name = self._names[ref]
        return Picture(src=name) if name else None

    def __len__(self) -> int:
        return len(self._written)

    def put(self, content: bytes, media_type: str, suffix: str) -> str:
        """Put a picture into the book, once; return its name there."""
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._written:
            self._written[digest] = f"images/{digest[:32]}{suffix}"
            # Named by content: the same picture under two addresses is put in once.
            self._package.add(self._written[digest], content, media_type)
        return self._written[digest]


def within(
    limit: int,
    text: int,
    refs: Iterable[str],
    images: Images,
    request: RenditionRequest,
) -> RenditionRequest:
    """Return the request with as many bytes for one picture as keep the book in ``limit``.

    ``text`` is the prepared bytes of all bodies.  Pictures that are small keep what they
    have; what is left is shared evenly among the others.
    """
    room = max(0, limit - int(text * SHARE_OF_TEXT))
    weights: dict[str, int] = {}
    for ref in refs:
        rendition = images.rendition(ref, request)
        if rendition is not None:
            weights[rendition.digest] = len(rendition.content)
    for at, weight in enumerate(sorted(weights.values())):
        share = room // (len(weights) - at)
        if weight > share:
            return msgspec.structs.replace(request, max_bytes=max(share, 1))
        room -= weight
    return request
