"""The pictures of one run: fetched once, kept by digest, made fit as outputs ask for them."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import msgspec

from convert.cache.files import Shelf
from convert.cache.folder import CacheFolder
from convert.contract import Fetched, Fetcher, Rendition, RenditionRequest
from convert.errors import CacheError
from convert.model import ImageReference, Problem, Value
from convert.pictures import renditions

LIMIT = 20_000_000
"""The most bytes of one picture."""
TOTAL = 4_000_000_000
"""The most bytes of all pictures of a run."""
_AT_ONCE = 256
"""How many addresses are fetched before their bytes are looked at."""

_T = TypeVar("_T")

File = Callable[[str, str], bytes | None]
"""``Reading.file``: a path as the entry refers to it, the entry's path; the bytes or None."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """A picture that an entry shows.

    ``entry_path`` names the entry in problems and is what the reference's ``path`` is relative
    to; ``file`` reads beside the entry, where the source has files.
    """

    reference: ImageReference
    entry_path: str
    file: File | None = None


class _Remembered(Value, frozen=True, kw_only=True):
    """A rendition as it is remembered; None where the picture cannot be had so."""

    rendition: Rendition | None


class _Examined(Value, frozen=True, kw_only=True):
    """What is remembered of the bytes of a digest: ``reason`` where they are of no use."""

    reason: str = ""


@dataclasses.dataclass(frozen=True)
class ImageStore:
    """Satisfies ``convert.contract.Images``.  Pickles as a folder and an index.

    ``digests`` maps the REF of prepared markup to the SHA-256 of the picture as fetched.
    Renditions are remembered, so that outputs and runs share them.
    """

    cache: CacheFolder
    digests: Mapping[str, str]

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """Return the picture made fit, or None: then its alt text and a link stand in.

        Raises CacheError where the picture has gone since it was collected.
        """
        digest = self.digests.get(ref)
        if digest is None:
            return None
        shelf = Shelf(self.cache, "renditions-1")
        name = renditions.key(digest, request)
        remembered = _decoded(shelf.get(name), _Remembered)
        if remembered is not None:
            return remembered.rendition
        originals = Shelf(self.cache, "originals-1")
        content = originals.get(digest)
        if content is None:
            reason = "a picture has gone from it; run again to fetch it anew"
            raise CacheError(self.cache.places[0], reason)
        rendition = None
        try:
            rendition = renditions.make(content, request)
        except renditions.UnusablePicture as error:
            # It was examined before, with a warning; what fails only now is rare and not worth
            # a run.
            if error.passing:
                return None
        shelf.put(name, msgspec.msgpack.encode(_Remembered(rendition=rendition)))
        return rendition


def collect(
    wanted: Iterable[Wanted],
    fetcher: Fetcher,
    cache: CacheFolder,
    warn: Callable[[Problem], None],
) -> ImageStore:
    """Bring every picture that is wanted, each address once.

    A data: URI is decoded, a path read beside its entry, else the address is fetched.
    One that cannot be had, or is no picture, is one warning
    with the first entry that shows it.  ``fetcher`` should hold no credentials: an entry may
    not choose what is published from a place that is not public.
    """
    gathering = _Gathering(cache, warn)
    remote: dict[str, list[Wanted]] = {}
    for each in wanted:
        if each.reference.ref in gathering.digests:
            continue
        content = gathering.local(each)
        if content is not None:
            gathering.keep((each,), content)
        elif each.reference.address.startswith(("http:", "https:")):
            remote.setdefault(each.reference.address, []).append(each)
        else:
            gathering.refuse(each, "cannot be read")
    waiting = iter(remote)
    while addresses := list(itertools.islice(waiting, _AT_ONCE)):
        for address, answer in fetcher.get_all(addresses).items():
            if isinstance(answer, Fetched):
                gathering.keep(remote[address], answer.content)
            else:
                gathering.refuse(remote[address][0], getattr(answer, "reason", str(answer)))
    gathering.close()
    return ImageStore(cache, gathering.digests)


class _Gathering:
    """The pictures that could be had so far."""

    def __init__(self, cache: CacheFolder, warn: Callable[[Problem], None]) -> None:
        self.digests: dict[str, str] = {}
        self._warn = warn
        self._refused: set[str] = set()
        self._size = 0
        self._changed = False
        self._cache = cache
        self._originals = Shelf(cache, "originals-1")
        self._examined = Shelf(cache, "examined-1")

    def local(self, wanted: Wanted) -> bytes | None:
        """Return the bytes where they need no network: of a data: URI (RFC 2397), of a file."""
        reference = wanted.reference
        if not reference.address.startswith("data:"):
            if reference.path and wanted.file is not None:
                return wanted.file(reference.path, wanted.entry_path)
            return None
        kind, comma, content = reference.address.removeprefix("data:").partition(",")
        if not comma or len(content) > 2 * LIMIT:
            return None
        plain = unquote_to_bytes(content)
        if not kind.lower().rstrip().endswith(";base64"):
            return plain
        try:
            # Browsers forgive white space and missing padding (forgiving-base64 of WHATWG Infra).
            return base64.b64decode(b"".join(plain.split()) + b"==")
        except (binascii.Error, ValueError):
            return None

    def keep(self, wanted: Sequence[Wanted], content: bytes) -> None:
        """Take the bytes for these references, if they are a picture."""
        digest = hashlib.sha256(content).hexdigest()
        try:
            reason = self._reason_against(digest, content)
        except CacheError as error:
            reason = f"cannot be kept ({error})"
        if reason:
            self.refuse(wanted[0], reason)
        else:
            self.digests.update((each.reference.ref, digest) for each in wanted)

    def refuse(self, wanted: Wanted, reason: str) -> None:
        """Warn of an address once, however many entries show it."""
        reference = wanted.reference
        if reference.ref not in self._refused:
            self._refused.add(reference.ref)
            name = reference.address or reference.path or ""
            if name.startswith("data:"):
                name = f"{name[:30]}…"
            text = f"{name} {reason}; its alt text and a link stand in"
            self._warn(Problem(path=wanted.entry_path, field="image", reason=text))

    def close(self) -> None:
        """Keep the folder within its bounds."""
        if not self._changed:
            return
        for name in ("originals-1", "examined-1", "renditions-1"):
            Shelf(self._cache, name).trim()

    def _reason_against(self, digest: str, content: bytes) -> str:
        """Store the bytes of a picture; return why that may not be, "" where it was done."""
        if len(content) > LIMIT:
            return f"is larger than {LIMIT:,} bytes"
        self._size += len(content)
        if self._size > TOTAL:
            return f"comes after {TOTAL:,} bytes of pictures, the most of one run"
        name = hashlib.sha256(f"{digest}\n{renditions.VERSION}".encode()).hexdigest()
        examined = _decoded(self._examined.get(name), _Examined)
        if examined is None:
            self._changed = True
            examined = _Examined()
            try:
                renditions.examine(content)
            except renditions.UnusablePicture as error:
                if error.passing:
                    return str(error)
                examined = _Examined(reason=str(error))
            self._examined.put(name, msgspec.msgpack.encode(examined))
        if not examined.reason and self._originals.get(digest) is None:
            self._originals.put(digest, content)
        return examined.reason


def _decoded(stored: bytes | None, kind: type[_T]) -> _T | None:
    try:
        return None if stored is None else msgspec.msgpack.decode(stored, type=kind)
    except msgspec.DecodeError:
        return None
