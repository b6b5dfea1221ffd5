"""What was fetched before: the answers by address, their bytes by digest."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from convert.cache.files import Shelf
from convert.cache.folder import CacheFolder
from convert.model import Value
from convert.text.late import Late
from convert.web.credentials import identity

if TYPE_CHECKING:
    import httpx
else:
    httpx = Late("httpx")

FRESHEST = 24 * 3600
"""The longest, in seconds, that a server's max-age (RFC 9111 §5.2.2.1) is believed."""


class Copy(Value, frozen=True, kw_only=True):
    """An answer as it is remembered, without its bytes.

    ``address`` is the last of the redirects, ``media_type`` as the server sent it.  Times
    are seconds since 1970.  ``private`` where credentials were sent for it, ``failure``
    is how the host failed since.  ``before`` is the copy that it took the place of; of one that
    turned out to be ``useless`` there was none.
    """

    address: str
    media_type: str
    digest: str
    size: int
    fetched: float
    fresh_until: float
    etag: str = ""
    modified: str = ""
    private: bool = False
    failure: str = ""
    before: Copy | None = None
    useless: bool = False

    @property
    def fresh(self) -> bool:
        """Whether the server said that it need not be asked again yet.

        What was fetched at a time that has not been yet is not: one of the clocks was wrong.
        """
        return self.fetched <= time.time() < min(self.fresh_until, self.fetched + FRESHEST)


@dataclasses.dataclass(frozen=True)
class FetchedCache:
    """The copies in one folder.  Safe to delete, and for several processes at once.

    ``who`` is what may be told to the host of an address (``Credentials.for_host``): what was
    fetched with it is found again with the same, and with nothing else.
    """

    folder: CacheFolder

    @property
    def _copies(self) -> Shelf:
        return Shelf(self.folder, "fetched-1")

    @property
    def _originals(self) -> Shelf:
        return Shelf(self.folder, "originals-1")

    def find(self, address: httpx.URL, who: str) -> Copy | None:
        """Return the copy of an address, the one got with credentials before any other."""
        for each in dict.fromkeys((who, "")):
            try:
                stored = self._copies.get(_name(address, each)) or b""
                copy = msgspec.msgpack.decode(stored, type=Copy)
            except msgspec.DecodeError:
                continue
            if self.content(copy) is not None:
                return copy
        return None

    def content(self, copy: Copy) -> bytes | None:
        """Return its bytes; None where they have gone."""
        return self._originals.get(copy.digest)

    def keep(
        self,
        address: httpx.URL,
        last: str,
        headers: Mapping[str, str],
        content: bytes,
        *,
        who: str,
        before: Copy | None,
    ) -> Copy:
        """Remember an answer, got as ``who``, and the copy of ``before`` until the answer is
        rejected; raise CacheError where no folder takes it."""
        digest = hashlib.sha256(content).hexdigest()
        now = time.time()
        copy = Copy(
            address=last,
            media_type=headers.get("content-type", "application/octet-stream"),
            digest=digest,
            size=len(content),
            fetched=now,
            fresh_until=now + _seconds_fresh(headers),
            etag=_validator(headers.get("etag", "")),
            modified=_validator(headers.get("last-modified", "")),
            private=bool(who),
            before=_worth_keeping(before, digest, private=bool(who)),
        )
        if self.content(copy) is None:
            self._originals.put(digest, content)
        self._copies.put(_name(address, who), msgspec.msgpack.encode(copy))
        return copy

    def confirm(self, address: httpx.URL, copy: Copy, headers: Mapping[str, str], who: str) -> Copy:
        """Remember that the host said of a copy that it is still what it has."""
        now = time.time()
        fresh_until = now + _seconds_fresh(headers)
        confirmed = msgspec.structs.replace(copy, fetched=now, fresh_until=fresh_until)
        name = _name(address, who if copy.private else "")
        self._copies.put(name, msgspec.msgpack.encode(confirmed))
        return confirmed

    def reject(self, address: httpx.URL, who: str, digest: str) -> Copy | None:
        """Forget an answer that is of no use, and return the copy whose place it took, which has
        it again; None where there was none.  Then the answer stays, as one to be renewed."""
        copy = self.find(address, who)
        if copy is None or copy.digest != digest:  # rejected already
            return None if copy is None or copy.useless else copy
        before = copy.before
        if before is not None and self.content(before) is None:
            before = None
        useless = msgspec.structs.replace(
            copy, useless=True, before=None, etag="", modified="", fresh_until=0.0
        )
        name = _name(address, who if copy.private else "")
        self._copies.put(name, msgspec.msgpack.encode(before or useless))
        return before

    def trim(self) -> None:
        """Keep the folder within its bounds."""
        self._copies.trim()
        self._originals.trim()


def _name(address: httpx.URL, who: str) -> str:
    # What was got with credentials has a name of its own, so that no fetch without them is
    # answered with it.
    return hashlib.sha256(f"{address}\n{identity(who)}".encode()).hexdigest()


def _worth_keeping(copy: Copy | None, digest: str, *, private: bool) -> Copy | None:
    """Return what to go back to should an answer be of no use: the last copy that was of some,
    which those who read the answer may see."""
    if copy is None or copy.useless or (copy.private and not private):
        return None
    return copy.before if copy.digest == digest else msgspec.structs.replace(copy, before=None)


def _validator(value: str) -> str:
    """Return what can be sent back in a header; nothing where the server's was no header."""
    return value if value.isascii() and value.isprintable() else ""


def _seconds_fresh(headers: Mapping[str, str]) -> int:
    control = headers.get("cache-control", "").lower()
    # s-maxage is for caches that several people share (§5.2.2.10).
    age = re.search(r"(?<!s-)\bmax-age=(\d{1,9})\b", control)
    if age is None or re.search(r"no-cache|no-store", control):
        return 0
    return min(int(age[1]), FRESHEST)
