"""The one door to the network: addresses to bytes, through the guard and the cache.

docs/network.md says what is fetched when.
"""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
import hashlib
import ssl
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import responses
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from convert.cache.folder import CacheFolder
from convert.contract import Fetched
from convert.errors import FetchError, ForbiddenAddress, Refused, Unreachable
from convert.text.addresses import shown
from convert.text.late import Late
from convert.web.cache import Copy, FetchedCache
from convert.web.credentials import Credentials, identity
from convert.web.guard import Guard, Resolver, parse_networks, resolve
from convert.web.proxy import Limits, guarded_proxy
from convert.web.redirects import follow, parsed

if TYPE_CHECKING:
    import httpx

    from convert.web import transport
else:
    httpx, transport = Late("httpx"), Late("convert.web.transport")

SECONDS = 30.0
"""What one address may take in all: redirects, a slow host, the body."""
LIMIT = 20_000_000
"""The most bytes of one answer, where the caller names no other limit."""
CONNECTIONS = 16
PER_HOST = 4
_REFUSED = (401, 403, 404, 410)
"""Answers of a host that does not, or no longer, want to be read by whoever asks."""
GIVE_UP = 3
"""Failures to answer after which a host is not asked again in this run."""


class HttpFetcher:
    """Satisfies ``convert.contract.Fetcher``; safe to use from several threads.

    ``cache`` is where to remember things, with None only until it is closed.  ``offline``
    opens no connection.  ``allow_network`` holds networks ("192.168.1.0/24") that may be
    contacted though they are not public.  ``credentials`` are for the addresses that the
    user named; a fetcher of pictures has none.  ``seconds`` is the total deadline of an
    address, ``limit`` the most bytes of an answer; ``proxy_limits`` are those of what other
    libraries fetch.  Close it, or use it in a ``with``.
    """

    def __init__(
        self,
        cache: CacheFolder | Path | None = None,
        offline: bool = False,
        allow_network: tuple[str, ...] = (),
        *,
        credentials: Credentials | None = None,
        seconds: float = SECONDS,
        limit: int = LIMIT,
        proxy_limits: Limits | None = None,
        resolver: Resolver = resolve,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._private: tempfile.TemporaryDirectory[str] | None = None
        if cache is None and not offline:
            self._private = tempfile.TemporaryDirectory()
            cache = CacheFolder(None, Path(self._private.name))
        if not isinstance(cache, CacheFolder):
            cache = CacheFolder(cache)
        self._cache = FetchedCache(cache)
        self._offline = offline
        self._credentials = credentials
        self._seconds = seconds
        self._limit = limit
        self._proxy_limits = proxy_limits
        self._stop = threading.Event()
        self._guard = Guard(allowed=parse_networks(allow_network), resolver=resolver)
        self._ssl_context = ssl_context
        self._opening = threading.Lock()
        self._opened: transport.Transport | None = None
        self._silent: collections.Counter[str] = collections.Counter()
        self._changed = False

    def __enter__(self) -> HttpFetcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop what is under way, end the connections and keep the cache within bounds."""
        self._stop.set()
        if self._opened is not None:
            self._opened.close()
        if self._private is not None:
            self._private.cleanup()
        elif self._changed:
            self._cache.trim()

    @contextlib.contextmanager
    def proxy(self) -> Iterator[str]:
        """Open a proxy behind the same guard, for libraries that open their own connections.

        Gives its address, which holds a secret.  Only over https.  Raises FetchError when
        offline; one raised in the block tells which limit ended a connection, if any did.
        """
        if self._offline:
            raise FetchError("the network", "is not used, as the run is offline")
        with guarded_proxy(self._guard, self._proxy_limits) as proxy:
            try:
                yield proxy.address
            except FetchError as error:
                raise FetchError(error.address, proxy.exceeded or error.reason) from error

    def authorization(self, address: str) -> str | None:
        """Return the value of the Authorization header for an address that the user named.

        None where there are no credentials for it.  Raises FetchError for no http(s) address.
        """
        url = parsed(address)
        return None if self._credentials is None else self._credentials.authorization(url)

    def identity(self, address: str) -> str:
        """Return what stands for the credentials for the host of an address that the user named.

        "" where there are none.  Raises FetchError for no http(s) address.
        """
        url = parsed(address)
        return "" if self._credentials is None else identity(self._credentials.for_host(url))

    def get(
        self, address: str, *, limit: int | None = None, named_by: str | None = None
    ) -> Fetched:
        """Return the bytes behind an http(s) address, at most ``limit`` after decompression.

        An older copy where the host fails (``stale_since`` says from when) or when offline.
        ``media_type`` is as the server sent it, parameters included.  Credentials go only to
        the host of ``named_by``, where that is given.  Raises FetchError.
        """
        most = self._limit if limit is None else limit
        return self._fetched(address, self._current(address, most, named_by), most)

    def get_all(
        self, addresses: Iterable[str], *, named_by: str | None = None
    ) -> Mapping[str, Fetched | Exception]:
        """Fetch many side by side; the bytes are read from the cache as they are asked for."""
        order = tuple(dict.fromkeys(addresses))
        copies: dict[str, Copy | FetchError] = {}
        hosts: dict[str, collections.deque[str]] = {}
        for address in order:
            try:
                host = httpx.URL(address).host
            except (httpx.InvalidURL, ValueError):
                host = ""
            hosts.setdefault(host, collections.deque()).append(address)
        # Each host's queue as often as the host may be asked side by side.
        lanes = [each for lane in range(PER_HOST) for each in hosts.values() if len(each) > lane]

        def fetch(lane: collections.deque[str]) -> None:
            while not self._stop.is_set():
                try:
                    address = lane.popleft()
                except IndexError:
                    return
                try:
                    copies[address] = self._current(address, self._limit, named_by)
                except FetchError as error:
                    copies[address] = error

        with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="fetch") as pool:
            try:
                for running in [pool.submit(fetch, lane) for lane in lanes]:
                    running.result()
            except BaseException:
                # At Ctrl-C too: who waits for a host looks at this twice a second.
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return _Answers(self, {address: copies[address] for address in order}, self._limit)

    def reject(
        self, address: str, content: bytes, failure: str, *, named_by: str | None = None
    ) -> Fetched | None:
        """Forget an answer that is of no use, because of a ``failure``, and return the last good
        copy, with that; None where there is none.

        Neither do its validators reach the host again: it may put the old file back, with its
        old date.
        """
        url = parsed(address)
        _, who = self._identified(url, named_by)
        copy = self._cache.reject(url, who, hashlib.sha256(content).hexdigest())
        if copy is None:
            return None
        copy = msgspec.structs.replace(copy, failure=failure)
        try:
            return self._fetched(address, copy, copy.size)
        except FetchError:
            return None

    @property
    def _transport(self) -> transport.Transport:
        # Reading the certificates takes longer than a small run that needs no network.
        with self._opening:
            if self._opened is None:
                self._opened = transport.Transport(
                    self._guard,
                    seconds=self._seconds,
                    connections=CONNECTIONS,
                    stopped=self._stop.is_set,
                    ssl_context=self._ssl_context,
                )
            return self._opened

    def _fetched(self, address: str, copy: Copy, limit: int) -> Fetched:
        if copy.size > limit:
            raise FetchError(shown(address), f"is larger than {limit:,} bytes")
        content = self._cache.content(copy)
        if content is None:
            raise FetchError(shown(address), "has gone from the cache; run again")
        # Never later than now: a clock may have been put back.
        answered = min(copy.fetched, time.time())
        return Fetched(
            address=copy.address,
            media_type=copy.media_type,
            content=content,
            answered=dt.datetime.fromtimestamp(answered, dt.UTC),
            failure=copy.failure,
        )

    def _current(self, address: str, limit: int, named_by: str | None) -> Copy:
        """Return the newest that can be had of an address."""
        url = parsed(address)
        credentials, who = self._identified(url, named_by)
        copy = self._cache.find(url, who)
        if self._offline and copy is None:
            raise FetchError(shown(address), "is not in the cache, and the run is offline")
        if copy is not None and (self._offline or copy.fresh):
            return copy
        try:
            return self._renewed(url, copy, limit, credentials, who)
        except (ForbiddenAddress, Refused):
            raise
        except FetchError as error:
            if copy is None:
                raise
            return msgspec.structs.replace(copy, failure=error.reason)

    def _identified(self, url: httpx.URL, named_by: str | None) -> tuple[Credentials | None, str]:
        """Return the credentials that may be used for an address, and what its host is told."""
        credentials = self._credentials
        if named_by is not None and parsed(named_by).host != url.host:
            credentials = None
        return credentials, "" if credentials is None else credentials.for_host(url)

    def _renewed(
        self,
        url: httpx.URL,
        copy: Copy | None,
        limit: int,
        credentials: Credentials | None,
        who: str,
    ) -> Copy:
        """Ask the host, and remember its answer, or that the copy is still what it has."""
        if self._silent[url.host] >= GIVE_UP:
            raise Unreachable(shown(str(url)), "the host gave no answer before")
        try:
            final = follow(
                self._transport,
                url,
                copy=copy,
                credentials=credentials,
                limit=limit,
                deadline=time.monotonic() + self._seconds,
            )
        except Unreachable:
            self._silent[url.host] += 1
            raise
        self._silent[url.host] = 0
        answer = final.answer
        if copy is not None and answer.status == HTTPStatus.NOT_MODIFIED:
            self._changed = True
            return self._cache.confirm(url, copy, answer.headers, who)
        if answer.status != HTTPStatus.OK:
            status = f"{answer.status} {responses.get(answer.status, '(no known status)')}"
            private = copy.private if copy is not None else bool(who)
            if private and answer.status in _REFUSED:
                raise Refused(shown(str(url)), status)
            raise FetchError(shown(str(url)), status)
        self._changed = True
        last = shown(str(final.address))
        identity = who if final.private else ""
        return self._cache.keep(
            url, last, answer.headers, answer.content, who=identity, before=copy
        )


class _Answers(Mapping[str, Fetched | Exception]):
    """The answers to many addresses: an index in memory, the bytes in the cache."""

    def __init__(
        self, fetcher: HttpFetcher, copies: Mapping[str, Copy | FetchError], limit: int
    ) -> None:
        self._fetcher = fetcher
        self._copies = copies
        self._limit = limit

    def __getitem__(self, address: str) -> Fetched | Exception:
        copy = self._copies[address]
        if isinstance(copy, FetchError):
            return copy
        try:
            return self._fetcher._fetched(address, copy, self._limit)
        except FetchError as error:
            return error

    def __iter__(self) -> Iterator[str]:
        return iter(self._copies)

    def __len__(self) -> int:
        return len(self._copies)
