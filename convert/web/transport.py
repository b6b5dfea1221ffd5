"""One HTTP request over one guarded connection, within a total deadline and a size.

httpcore speaks HTTP; this gives it its connections, so that no other address, proxy or
clock than ours is used.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import selectors
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import httpcore
import httpx

from convert.errors import FetchError, Unreachable
from convert.web.guard import Guard

_POLL_SECONDS = 0.5
"""How often a waiting read looks whether the run was stopped."""
_until: contextvars.ContextVar[float] = contextvars.ContextVar("until")
"""The deadline (``time.monotonic``) of the request that this thread is making: a connection
outlives a request, a deadline does not."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server answered to one request; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Transport:
    """Connections, kept open between requests; safe to use from several threads.

    ``stopped`` is asked while waiting; once it says True every wait ends with an error.
    ``seconds`` is what a deadline gives, for the words of an error.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        seconds: float,
        connections: int,
        stopped: Callable[[], bool],
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds = seconds
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or httpx.create_ssl_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            # As long as common servers keep one (Apache's KeepAliveTimeout).
            keepalive_expiry=5.0,
            network_backend=_Backend(guard, stopped),
        )

    def close(self) -> None:
        """End all connections."""
        self._pool.close()

    def get(
        self, address: httpx.URL, headers: Mapping[str, str], *, limit: int, deadline: float
    ) -> Answer:
        """Make one GET, without following redirects; the body only where the status is 200.

        ``limit`` counts bytes as sent and after decompression.  Raises FetchError,
        Unreachable where no answer began, ForbiddenAddress.
        """
        token = _until.set(deadline)
        try:
            try:
                return self._request(address, headers, limit)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                # Most often a kept connection that the server closed in the same moment.
                return self._request(address, headers, limit)
        except (httpcore.TimeoutException, TimeoutError) as error:
            reason = f"no whole answer within {self._seconds:g} s"
            raise Unreachable(str(address), reason) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise FetchError(str(address), f"the connection failed: {_line(error)}") from error
        finally:
            _until.reset(token)

    def _request(self, address: httpx.URL, headers: Mapping[str, str], limit: int) -> Answer:
        target = httpcore.URL(
            scheme=address.raw_scheme,
            host=address.raw_host,
            port=address.port,
            target=address.raw_path,
        )
        pairs = [("Host", address.netloc.decode("ascii")), *headers.items()]
        left = max(0.01, _until.get() - time.monotonic())
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), left)
        with self._pool.stream(
            "GET", target, headers=pairs, extensions={"timeout": timeouts}
        ) as response:
            names = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            content = b""
            # The page that goes with an error is not read: nobody sees it.
            if response.status == 200:
                content = _body(response.iter_stream(), names, str(address), limit)
            return Answer(status=response.status, headers=names, content=content)


def _body(chunks: Iterable[bytes], headers: Mapping[str, str], address: str, limit: int) -> bytes:
    """Return the body, decompressed; stop as soon as it grows past the limit."""
    too_large = FetchError(address, f"is larger than {limit:,} bytes")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise too_large
    encoding = headers.get("content-encoding", "").strip().lower()
    # x-gzip is gzip by an old name (RFC 9110 §8.4.1.3).
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise FetchError(address, f"is compressed as {encoding!r}, which nobody asked for")

    def counted() -> Iterator[bytes]:
        # Gzip members without content would otherwise go on for ever without growing.
        sent = 0
        for chunk in chunks:
            sent += len(chunk)
            if sent > limit:
                raise too_large
            yield chunk

    # Counted as it grows, so that a bomb costs no more than the limit.
    content = bytearray()
    for part in _unzipped(counted(), address, limit) if "gzip" in encoding else counted():
        content += part
        if len(content) > limit:
            raise too_large
    return bytes(content)


def _unzipped(chunks: Iterable[bytes], address: str, limit: int) -> Iterator[bytes]:
    """Yield what the members of a gzip stream hold (RFC 1952), at most ``limit`` at a time.

    httpx unpacks a whole piece of the stream at once (1 GB from the 1.7 kB of a bomb in a bomb),
    passes over all members but the first, and takes a stream that is cut short for whole.
    """
    member = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            waiting = chunk
            while waiting:
                if member.eof:
                    member = zlib.decompressobj(wbits=31)
                yield member.decompress(waiting, limit + 1)
                waiting = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise FetchError(address, "its compression is damaged") from error
    if not member.eof:
        raise FetchError(address, "ends in the middle")


class _Backend(httpcore.NetworkBackend):
    """Gives httpcore its connections: guarded, and bound by the deadline."""

    def __init__(self, guard: Guard, stopped: Callable[[], bool]) -> None:
        self._guard = guard
        self._stopped = stopped

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: object = None,
    ) -> httpcore.NetworkStream:
        connection = self._guard.connect(host, port, _until.get())
        # httpcore's own connections have it too: a request is written in several small pieces.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Stream(connection, self._stopped)


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline or when the run is stopped."""

    def __init__(self, connection: socket.socket, stopped: Callable[[], bool]) -> None:
        self._socket = connection
        self._stopped = stopped

    def _wait(self) -> None:
        """Set how long the next step may take; raise where that is nothing."""
        left = _until.get() - time.monotonic()
        if left <= 0 or self._stopped():
            raise httpcore.ReadTimeout("deadline")
        self._socket.settimeout(min(left, _POLL_SECONDS))

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            self._wait()
            try:
                return self._socket.recv(max_bytes)
            except TimeoutError:
                continue
            except OSError as error:
                raise httpcore.ReadError(_line(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        while buffer:
            self._wait()
            try:
                buffer = buffer[self._socket.send(buffer) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise httpcore.WriteError(_line(error)) from error

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            secured = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            stream = _Stream(secured, self._stopped)
            while True:
                stream._wait()
                try:
                    secured.do_handshake()
                except TimeoutError:
                    continue
                return stream
        except httpcore.TimeoutException:
            self.close()
            raise
        except ssl.SSLError as error:
            self.close()
            said = getattr(error, "verify_message", "") or error.reason or str(error)
            raise FetchError(server_hostname or "", f"TLS: {said.replace('_', ' ')}") from error
        except (OSError, ValueError) as error:
            self.close()
            raise httpcore.ConnectError(_line(error)) from error

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        if info == "is_readable":
            # An idle connection that can be read has been closed by the other side.
            with selectors.DefaultSelector() as selector:
                selector.register(self._socket, selectors.EVENT_READ)
                return bool(selector.select(0))
        return None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
