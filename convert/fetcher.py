"""The one door to the network, as those see it who may ask for what lies behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from convert.model import Fetched


class Fetcher(Protocol):
    """The one door to the network."""

    def get(
        self, address: str, *, limit: int | None = None, named_by: str | None = None
    ) -> Fetched:
        """Return the bytes behind an http(s) address, from the cache where it is fresh or offline.

        ``limit``: the most of them.  ``named_by``: the address of who named it.  Raises FetchError.
        """
        ...

    def get_all(
        self, addresses: Iterable[str], *, named_by: str | None = None
    ) -> Mapping[str, Fetched | Exception]:
        """Fetch many side by side; each address has its answer or its error."""
        ...

    def reject(
        self, address: str, content: bytes, failure: str, *, named_by: str | None = None
    ) -> Fetched | None:
        """Forget an answer that is of no use, and return the last good copy; None without one."""
        ...

    def proxy(self) -> AbstractContextManager[str]:
        """Return the address, a secret, of a guarded proxy for a library that opens https
        connections.  Raises FetchError offline; one in the block tells which limit ended one."""
        ...

    def authorization(self, address: str) -> str | None:
        """Return the header's value for an address that the user named; None without one."""
        ...

    def identity(self, address: str) -> str:
        """Return what stands for the credentials of an address that the user named, in the name
        of what is remembered: others must not find it.  It tells no secret; "" without any."""
        ...
