"""The pictures of one run: fetched once, kept by digest, made fit as outputs ask for them."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar
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
"""How many are fetched, and looked at, together."""

_T = TypeVar("_T")

File = Callable[[str, str], bytes | None]
"""``Reading.file``: a path as the entry refers to it, the entry's path; the bytes or None."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """A picture that an entry shows, or where it is not ``in_text`` the icon of a member.

    ``entry_path`` names the entry in problems and is what the reference's ``path`` is relative
    to; ``file`` reads beside the entry, where the source has files.  ``origin`` is the source,
    where there are several.
    """

    reference: ImageReference
    entry_path: str
    origin: str = ""
    file: File | None = None
    in_text: bool = True


class _Remembered(Value, frozen=True, kw_only=True):
    """A rendition as it is remembered; None where the picture cannot be had so."""

    rendition: Rendition | None


class Examined(Value, frozen=True, kw_only=True):
    """What is known of the bytes of a digest: ``reason`` where they are of no use.

    ``passing`` where that may be otherwise the next time: then it is not remembered.
    """

    reason: str = ""
    passing: bool = False


Examiner = Callable[[CacheFolder, Sequence[str]], Sequence[Examined]]
"""Gives ``examined`` of each of these digests, wherever a decoder can do no harm."""


Earlier = Callable[[str], tuple[bytes, dt.date] | None]
"""Gives, by REF, the bytes that earlier runs kept of a picture, and when it was last had."""


class _Waiting(NamedTuple):
    """References whose bytes wait to be examined; with a ``reason``, only to be warned of.

    ``failure`` is why they are those of an earlier run; ``fetched`` are those of this one.
    """

    wanted: tuple[Wanted, ...]
    digest: str
    reason: str
    day: dt.date
    failure: str = ""
    fetched: bool = False


@dataclasses.dataclass(frozen=True)
class ImageStore:
    """Satisfies ``convert.contract.Images``.  Pickles as a folder and an index.

    ``digests`` maps the REF of prepared markup to the SHA-256 of the picture as fetched,
    ``days`` to when it was last had.  Renditions are remembered, so that outputs and runs
    share them.
    """

    cache: CacheFolder
    digests: Mapping[str, str]
    days: Mapping[str, dt.date] = dataclasses.field(default_factory=dict)

    def only(self, refs: Iterable[str]) -> ImageStore:
        """Return these of the pictures."""
        return ImageStore(
            self.cache, {ref: self.digests[ref] for ref in refs if ref in self.digests}
        )

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """Return the picture made fit, or None: then its alt text and a link stand in.

        Raises CacheError where the picture has gone since it was collected, and MemoryError.
        """
        digest = self.digests.get(ref)
        if digest is None:
            return None
        shelf = Shelf(self.cache, "renditions-1")
        name = renditions.key(digest, request)
        remembered = _decoded(shelf.get(name), _Remembered)
        if remembered is not None:
            return remembered.rendition
        content = originals(self.cache).get(digest)
        if content is None:
            reason = "a picture has gone from it; run again to fetch it anew"
            raise CacheError(self.cache.places[0], reason)
        rendition = None
        try:
            rendition = renditions.make(content, request)
        except renditions.UnusablePicture as error:
            # It was whole when it was examined: an output without it would be told by nobody.
            if error.passing:
                raise MemoryError(str(error)) from error
            # What fails only now, and always, is rare and not worth a run.
        shelf.put(name, msgspec.msgpack.encode(_Remembered(rendition=rendition)))
        return rendition


def examined(cache: CacheFolder, digest: str) -> Examined:
    """Return what the picture of that digest, whose bytes are in the cache, is good for."""
    content = originals(cache).get(digest)
    if content is None:
        return Examined(reason="has gone from the cache; run again to fetch it anew", passing=True)
    try:
        renditions.examine(content)
    except renditions.UnusablePicture as error:
        return Examined(reason=str(error), passing=error.passing)
    return Examined()


def collect(
    wanted: Iterable[Wanted],
    fetcher: Fetcher,
    cache: CacheFolder,
    warn: Callable[[Problem], None],
    examine: Examiner,
    *,
    earlier: Earlier = lambda ref: None,
) -> ImageStore:
    """Bring every picture that is wanted, each address once.

    A data: URI is decoded, a path read beside its entry, else the address is fetched.  One
    that cannot be had, or is no picture, is one warning with the first entry that shows it;
    what was had of it ``earlier`` stands in.
    ``fetcher`` should hold no credentials: an entry may not choose what is published from a
    place that is not public.  ``examine`` gets many at a time.
    """
    gathering = _Gathering(cache, fetcher, warn, examine, earlier)
    today = dt.datetime.now(dt.UTC)
    remote: dict[str, list[Wanted]] = {}
    for each in wanted:
        if gathering.knows(each):
            continue
        content = gathering.local(each)
        if content is not None:
            gathering.take((each,), content, today.date())
        elif each.reference.address.startswith(("http:", "https:")):
            remote.setdefault(each.reference.address, []).append(each)
        else:
            gathering.refuse((each,), "cannot be read")
    waiting = iter(remote)
    while addresses := list(itertools.islice(waiting, _AT_ONCE)):
        for address, answer in fetcher.get_all(addresses).items():
            if isinstance(answer, Fetched):
                day = (answer.answered or today).date()
                gathering.take(remote[address], answer.content, day, fetched=True)
            else:
                gathering.refuse(remote[address], getattr(answer, "reason", str(answer)))
    return gathering.close()


class _Gathering:
    """The pictures that could be had so far; some of them wait to be examined together."""

    def __init__(
        self,
        cache: CacheFolder,
        fetcher: Fetcher,
        warn: Callable[[Problem], None],
        examine: Examiner,
        earlier: Earlier,
    ) -> None:
        self._fetcher = fetcher
        self._warn = warn
        self._examine = examine
        self._earlier = earlier
        self._days: dict[str, dt.date] = {}
        self._digests: dict[str, str] = {}
        self._refused: set[str] = set()
        self._passing: set[str] = set()
        """Digests of pictures that may be whole."""
        self._waiting: list[_Waiting] = []
        self._size = 0
        self._changed = False
        self._cache = cache
        self._remembered = Shelf(cache, "examined-1")

    def knows(self, wanted: Wanted) -> bool:
        """Return whether the bytes of this reference were taken before."""
        return wanted.reference.ref in self._digests

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

    def take(
        self,
        wanted: Sequence[Wanted],
        content: bytes,
        day: dt.date,
        failure: str = "",
        *,
        fetched: bool = False,
    ) -> None:
        """Take the bytes for these references, until they turn out to be no picture: as they were
        ``fetched`` now, or had on a ``day``, because of a ``failure`` since."""
        digest = hashlib.sha256(content).hexdigest()
        try:
            reason = self._keep(digest, content)
        except CacheError as error:
            reason = f"cannot be kept ({error})"
        if not reason:
            self._digests.update((each.reference.ref, digest) for each in wanted)
        self._waiting.append(_Waiting(tuple(wanted), digest, reason, day, failure, fetched))
        if len(self._waiting) >= _AT_ONCE:
            self._settle()

    def refuse(self, wanted: Sequence[Wanted], reason: str) -> None:
        """Do without a picture for these references to it."""
        self._waiting.append(_Waiting(tuple(wanted), "", reason, dt.date.min))

    def close(self) -> ImageStore:
        """Return the pictures, and keep the folder within its bounds."""
        self._settle()
        if self._changed:
            for name in ("originals-1", "examined-1", "renditions-1"):
                Shelf(self._cache, name).trim()
        return ImageStore(self._cache, self._digests, self._days)

    def _keep(self, digest: str, content: bytes) -> str:
        """Store the bytes; return why that may not be, "" where it was done."""
        if len(content) > LIMIT:
            return f"is larger than {LIMIT:,} bytes"
        self._size += len(content)
        if self._size > TOTAL:
            return f"comes after {TOTAL:,} bytes of pictures, the most of one run"
        if originals(self._cache).get(digest) is None:
            originals(self._cache).put(digest, content)
        return ""

    def _settle(self) -> None:
        """Examine what waits, and say what cannot be had, in the order in which it came."""
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            whole = [each.digest for each in waiting if not each.reason]
            reasons = self._reasons_against(dict.fromkeys(whole))
            for each in waiting:
                self._judge(each, each.reason or reasons[each.digest])

    def _judge(self, each: _Waiting, reason: str) -> None:
        """Note the day of a picture, or take what was kept of it for one that cannot be had for
        a ``reason``."""
        refs = list(dict.fromkeys(one.reference.ref for one in each.wanted))
        if not reason:
            self._days.update((ref, each.day) for ref in refs)
            if each.failure:
                instead = f"the one that was kept is used, last had on {each.day}"
                self._warn_of(each.wanted, f"{each.failure}; {instead}")
            return
        for ref in refs:
            self._digests.pop(ref, None)
        if each.fetched and each.digest not in self._passing:
            before = self._before(each, reason)
            if before is not None:
                day = (before.answered or dt.datetime.now(dt.UTC)).date()
                self.take(each.wanted, before.content, day, reason)
                return
        beside = (self._earlier(ref) for ref in refs) if not each.failure else iter(())
        picture = next((one for one in beside if one is not None), None)
        if picture is not None:
            self.take(each.wanted, *picture, reason)
        else:
            reason = each.failure or reason
            in_text = any(one.in_text for one in each.wanted)
            instead = "its alt text and a link stand in" if in_text else "it is left out"
            self._warn_of(each.wanted, f"{reason}; where an output is made anew, {instead}")

    def _before(self, each: _Waiting, reason: str) -> Fetched | None:
        """Return the last good answer in place of one that is no picture."""
        content = originals(self._cache).get(each.digest)
        address = each.wanted[0].reference.address
        return None if content is None else self._fetcher.reject(address, content, reason)

    def _reasons_against(self, digests: Iterable[str]) -> dict[str, str]:
        """Return by digest why the picture cannot be had, "" where it can."""
        names = {
            digest: hashlib.sha256(f"{digest}\n{renditions.CODE}".encode()).hexdigest()
            for digest in digests
        }
        remembered = {
            digest: _decoded(self._remembered.get(name), Examined) for digest, name in names.items()
        }
        reasons = {digest: each.reason for digest, each in remembered.items() if each is not None}
        fresh = [digest for digest in names if digest not in reasons]
        for digest, each in zip(fresh, self._examine(self._cache, fresh), strict=True):
            self._changed = True
            reasons[digest] = each.reason
            if each.passing:
                self._passing.add(digest)
            else:
                try:
                    self._remembered.put(names[digest], msgspec.msgpack.encode(each))
                except CacheError as error:
                    reasons[digest] = f"cannot be kept ({error})"
        return reasons

    def _warn_of(self, wanted: Sequence[Wanted], reason: str) -> None:
        """Warn of a picture once, however many entries show it."""
        reference = wanted[0].reference
        if reference.ref in self._refused:
            return
        self._refused.update(each.reference.ref for each in wanted)
        name = reference.address or reference.path or ""
        if name.startswith("data:"):
            name = f"{name[:30]}…"
        path, origin = wanted[0].entry_path, wanted[0].origin
        problem = Problem(path=path, field="image", reason=f"{name} {reason}")
        self._warn(problem.within(origin) if origin else problem)


def originals(cache: CacheFolder) -> Shelf:
    """Return the bytes of pictures as they were fetched, by digest."""
    return Shelf(cache, "originals-1")


def _decoded(stored: bytes | None, kind: type[_T]) -> _T | None:
    try:
        return None if stored is None else msgspec.msgpack.decode(stored, type=kind)
    except msgspec.DecodeError:
        return None
