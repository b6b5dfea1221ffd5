"""The one door to the network: addresses to bytes, through the guard and the cache.

docs/network.md says what is fetched when.
"""

from __future__ import annotations

import collections
import datetime as dt
import importlib.metadata
import re
import ssl
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from http import HTTPStatus
from pathlib import Path
from types import TracebackType

import httpx
import msgspec

from convert.contract import Fetched
from convert.credentials import Credentials
from convert.errors import CacheError, FetchError, ForbiddenAddress, Unreachable
from convert.fetched import Copy, FetchedCache
from convert.guard import Guard, Resolver, parse_networks, resolve
from convert.proxy import guarded_proxy
from convert.transport import Answer, Transport

SECONDS = 30.0
"""What one address may take in all: redirects, a slow host, the body."""
LIMIT = 20_000_000
"""The most bytes of one answer, where the caller names no other limit."""
REDIRECTS = 8
CONNECTIONS = 16
PER_HOST = 4
GIVE_UP = 3
"""Failures to answer after which a host is not asked again in this run."""


class HttpFetcher:
    """Satisfies ``convert.contract.Fetcher``; safe to use from several threads.

    ``cache`` is the folder to remember in, None remembers for this run only.  ``offline``
    opens no connection.  ``allow_network`` holds networks ("192.168.1.0/24") that may be
    contacted though they are not public.  ``credentials`` are for the addresses that the
    user named; a fetcher of pictures has none.  ``seconds`` is the total deadline of an
    address, ``limit`` the most bytes of an answer.  Close it, or use it in a ``with``.
    """

    def __init__(
        self,
        cache: Path | None = None,
        offline: bool = False,
        allow_network: tuple[str, ...] = (),
        *,
        credentials: Credentials | None = None,
        seconds: float = SECONDS,
        limit: int = LIMIT,
        resolver: Resolver = resolve,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._private = tempfile.TemporaryDirectory() if cache is None else None
        folder = Path(self._private.name) if self._private is not None else Path(str(cache))
        self._cache = FetchedCache(folder)
        self._offline = offline
        self._credentials = credentials
        self._seconds = seconds
        self._limit = limit
        self._stop = threading.Event()
        self._guard = Guard(allowed=parse_networks(allow_network), resolver=resolver)
        self._ssl_context = ssl_context
        self._opening = threading.Lock()
        self._opened: Transport | None = None
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
        """Stops what is under way, ends the connections and keeps the cache within bounds."""
        self._stop.set()
        if self._opened is not None:
            self._opened.close()
        if self._private is not None:
            self._private.cleanup()
        elif self._changed:
            self._cache.trim()

    def proxy(self) -> AbstractContextManager[str]:
        """The address of a proxy, behind the same guard, for libraries that open their own
        connections.  Only over https; raises FetchError when offline."""
        if self._offline:
            raise FetchError("the network", "is not used, as the run is offline")
        return guarded_proxy(self._guard)

    def get(self, address: str, *, limit: int | None = None) -> Fetched:
        """The bytes behind an http(s) address, within ``limit`` bytes after decompression.

        An older copy where the host fails (``stale_since`` says from when) or when offline.
        ``media_type`` is as the server sent it, parameters included.  Raises FetchError.
        """
        most = self._limit if limit is None else limit
        return self._fetched(address, self._current(address, most), most)

    def get_all(self, addresses: Iterable[str]) -> Mapping[str, Fetched | Exception]:
        """Many at once, side by side; the bytes are read from the cache as they are asked for."""
        wanted = tuple(dict.fromkeys(addresses))
        found: dict[str, Copy | FetchError] = {}

        def work(lane: collections.deque[str]) -> None:
            while not self._stop.is_set():
                try:
                    address = lane.popleft()
                except IndexError:
                    return
                found[address] = self._outcome(address)

        with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="fetch") as pool:
            try:
                for running in [pool.submit(work, lane) for lane in _lanes(wanted)]:
                    running.result()
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return _Answers(self, {address: found[address] for address in wanted}, self._limit)

    @property
    def _transport(self) -> Transport:
        # Reading the certificates takes longer than a small run that needs no network.
        with self._opening:
            if self._opened is None:
                self._opened = Transport(
                    self._guard,
                    connections=CONNECTIONS,
                    stopped=self._stop.is_set,
                    ssl_context=self._ssl_context,
                )
            return self._opened

    def _outcome(self, address: str) -> Copy | FetchError:
        try:
            return self._current(address, self._limit)
        except FetchError as error:
            return error
        except CacheError as error:
            return FetchError(_shown(address), str(error))

    def _fetched(self, address: str, copy: Copy, limit: int) -> Fetched:
        if copy.size > limit:
            raise FetchError(_shown(address), f"is larger than {limit:,} bytes")
        content = self._cache.content(copy)
        if content is None:
            raise FetchError(_shown(address), "has gone from the cache; run again")
        since = dt.datetime.fromtimestamp(copy.fetched, dt.UTC) if copy.stale else None
        return Fetched(
            address=copy.address,
            media_type=copy.media_type,
            content=content,
            stale_since=since,
        )

    def _current(self, address: str, limit: int) -> Copy:
        """The newest that can be had of an address."""
        url = _parsed(address)
        held = self._cache.find(url, private=self._credentials is not None)
        if self._offline:
            if held is None:
                raise FetchError(_shown(address), "is not in the cache, and the run is offline")
            return held
        if held is not None and held.fresh:
            return held
        try:
            return self._asked(url, held, limit)
        except ForbiddenAddress:
            raise
        except FetchError:
            if held is None:
                raise
            return msgspec.structs.replace(held, stale=True)

    def _asked(self, url: httpx.URL, held: Copy | None, limit: int) -> Copy:
        """Asks the host, and remembers what it says."""
        if self._silent[url.host] >= GIVE_UP:
            raise Unreachable(_shown(str(url)), "the host gave no answer before")
        try:
            last, answer, private = self._followed(url, held, limit)
        except Unreachable:
            self._silent[url.host] += 1
            raise
        self._silent[url.host] = 0
        if answer.status == HTTPStatus.NOT_MODIFIED and held is not None:
            return self._cache.confirm(url, held, answer.headers)
        if answer.status == HTTPStatus.OK:
            self._changed = True
            return self._cache.keep(
                url, _shown(str(last)), answer.headers, answer.content, private=private
            )
        raise FetchError(_shown(str(url)), f"the host answered {_status(answer.status)}")

    def _followed(
        self, url: httpx.URL, held: Copy | None, limit: int
    ) -> tuple[httpx.URL, Answer, bool]:
        """The answer at the end of the redirects, where it came from, and whether any host
        was sent credentials."""
        deadline = time.monotonic() + self._seconds
        here, private = url, False
        for _ in range(REDIRECTS + 1):
            headers = _headers(here, held)
            secret = self._credentials.authorization(here) if self._credentials else None
            if secret is not None:
                headers["Authorization"] = secret
                private = True
            bare = here.copy_with(userinfo=b"")
            try:
                answer = self._transport.get(bare, headers, limit=limit, deadline=deadline)
            except FetchError as error:
                raise type(error)(_shown(str(url)), _through(url, here, error)) from error
            location = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or location is None:
                return here, answer, private
            # A server's own redirect may not make us log in somewhere.
            here = _parsed(location, here).copy_with(userinfo=b"")
        raise FetchError(_shown(str(url)), f"redirects more than {REDIRECTS} times")


class _Answers(Mapping[str, Fetched | Exception]):
    """The answers to many addresses: an index in memory, the bytes in the cache."""

    def __init__(
        self, fetcher: HttpFetcher, found: Mapping[str, Copy | FetchError], limit: int
    ) -> None:
        self._fetcher = fetcher
        self._found = found
        self._limit = limit

    def __getitem__(self, address: str) -> Fetched | Exception:
        found = self._found[address]
        if isinstance(found, FetchError):
            return found
        try:
            return self._fetcher._fetched(address, found, self._limit)
        except FetchError as error:
            return error

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _lanes(addresses: Iterable[str]) -> list[collections.deque[str]]:
    """The addresses by host, each host's queue as often as it may be asked side by side."""
    hosts: dict[str, collections.deque[str]] = {}
    for address in addresses:
        try:
            host = httpx.URL(address).host
        except (httpx.InvalidURL, ValueError):
            host = ""
        hosts.setdefault(host, collections.deque()).append(address)
    return [queue for lane in range(PER_HOST) for queue in hosts.values() if len(queue) > lane]


def _parsed(address: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        url = httpx.URL(address) if base is None else base.join(address)
        url = url.copy_with(fragment=None)
        host = url.host
    except (httpx.InvalidURL, ValueError, KeyError) as error:
        raise FetchError(_shown(address), "is no address that can be fetched") from error
    if url.scheme not in ("http", "https") or not host:
        raise FetchError(_shown(address), "is not an http or https address")
    return url


def _shown(address: str) -> str:
    """An address as the user may see it: one line, without a password."""
    return re.sub(r"(?<=//)[^/?#@]*@", "", " ".join(address.split()), count=1)


def _through(start: httpx.URL, here: httpx.URL, error: FetchError) -> str:
    if here == start:
        return error.reason
    return f"redirects to {_shown(str(here))}, which {error.reason}"


def _headers(here: httpx.URL, held: Copy | None) -> dict[str, str]:
    headers = {"User-Agent": _agent(), "Accept": "*/*", "Accept-Encoding": "gzip"}
    # The validators belong to the address that they came from (RFC 9110 §8.8).
    if held is not None and held.address == _shown(str(here)):
        if held.etag:
            headers["If-None-Match"] = held.etag
        if held.modified:
            headers["If-Modified-Since"] = held.modified
    return headers


def _agent() -> str:
    return f"thicket-convert/{importlib.metadata.version('thicket-convert')}"


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
