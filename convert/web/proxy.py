"""A proxy on loopback that leads only to permitted addresses.

libgit2 opens its own connections and follows redirects on its own.  Given this proxy, every
https connection of it passes the guard.  It speaks CONNECT (RFC 9110 §9.3.6) and nothing
else: for plain http libgit2 (1.9) connects past its proxy, so that must not be cloned from.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import httpx

from convert.errors import FetchError, ForbiddenAddress
from convert.web.guard import Guard

_HEAD = 16_384
"""The most bytes of a request's head."""
_POLL_SECONDS = 0.2


@contextlib.contextmanager
def guarded_proxy(guard: Guard, *, idle: float = 60.0) -> Iterator[str]:
    """Serve a proxy as long as the block lasts; gives its address.

    A connection that carries nothing for ``idle`` seconds is ended.
    """
    with _Proxy(guard, idle) as proxy:
        serving = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}"
        finally:
            proxy.ended.set()
            proxy.shutdown()
            serving.join()


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    # A tunnel that hangs must not hold up the end of the block.
    block_on_close = False

    def __init__(self, guard: Guard, idle: float) -> None:
        self.guard = guard
        self.idle = idle
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), _Tunnel)


class _Tunnel(socketserver.BaseRequestHandler):
    """One connection of the client's."""

    server: _Proxy
    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(self.server.idle)
        with contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and len(head) < _HEAD:
                more = self.request.recv(4096)
                if not more:
                    break
                head += more
            target = _target(head)
            if target is None:
                self._refuse("400 Bad Request", "this proxy only tunnels")
                return
            try:
                far = self.server.guard.connect(*target, time.monotonic() + self.server.idle)
            except ForbiddenAddress as error:
                self._refuse("403 Forbidden", str(error))
                return
            except FetchError as error:
                self._refuse("502 Bad Gateway", str(error))
                return
            with far:
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                # A client may speak on before it has our answer.
                far.sendall(head.partition(b"\r\n\r\n")[2])
                self._pump(far)

    def _refuse(self, status: str, reason: str) -> None:
        body = reason.encode()
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.request.sendall(head.encode() + body)

    def _pump(self, far: socket.socket) -> None:
        """Carry bytes both ways until one side has said all, or nothing comes any more."""
        far.settimeout(self.server.idle)
        quiet_since = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self.request, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, self.request)
            while not self.server.ended.is_set():
                for ready, _ in selector.select(_POLL_SECONDS):
                    assert isinstance(ready.fileobj, socket.socket)  # noqa: S101 - tells mypy
                    carried = ready.fileobj.recv(65_536)
                    if not carried:
                        return
                    ready.data.sendall(carried)
                    quiet_since = time.monotonic()
                if time.monotonic() - quiet_since > self.server.idle:
                    return


def _target(head: bytes) -> tuple[str, int] | None:
    """Return the host and port of a CONNECT; None where it is anything else."""
    line = head.partition(b"\r\n")[0].decode("latin-1")
    match = re.fullmatch(r"CONNECT (\S+) HTTP/1\.[01]", line)
    try:
        address = httpx.URL(f"https://{match[1]}/") if match else None
    except (httpx.InvalidURL, ValueError):
        return None
    return (address.host, address.port or 443) if address and address.host else None
