"""A proxy on loopback that leads only to permitted addresses, and carries only so much.

libgit2 opens its own connections and follows redirects on its own.  Given this proxy, every
https connection of it passes the guard, and every byte is counted.  It speaks CONNECT
(RFC 9110 §9.3.6) and nothing else: for plain http libgit2 (1.9) connects past its proxy, so
that must not be cloned from.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hmac
import re
import secrets
import selectors
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from convert.errors import FetchError, ForbiddenAddress
from convert.text.late import Late
from convert.web.guard import Guard

if TYPE_CHECKING:
    import httpx
else:
    httpx = Late("httpx")

_HEAD = 16_384
"""The most bytes of a request's head."""
_POLL_SECONDS = 0.2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """What a proxy carries: ``size`` bytes in ``seconds``, over all connections and in both
    directions.  A connection that carries less than ``least`` bytes in ``pause`` seconds is
    too slow."""

    size: int = 4_000_000_000
    seconds: float = 900.0
    pause: float = 60.0
    least: int = 6_000


class GuardedProxy(socketserver.ThreadingTCPServer):
    """The proxy; see ``guarded_proxy``."""

    daemon_threads = True
    # A tunnel that hangs must not hold up the end of the block.
    block_on_close = False

    def __init__(self, guard: Guard, limits: Limits) -> None:
        self.guard = guard
        self.limits = limits
        self.ended = threading.Event()
        self.exceeded = ""
        """The limit that ended a connection: "sends more than 4,000,000,000 bytes"."""
        self._until = time.monotonic() + limits.seconds
        self._left = limits.size
        self._counting = threading.Lock()
        self._secret = f"thicket:{secrets.token_urlsafe(32)}"
        super().__init__(("127.0.0.1", 0), _Tunnel)

    @property
    def address(self) -> str:
        """What a library is given.  It holds a secret: others on this machine find the port."""
        return f"http://{self._secret}@127.0.0.1:{self.server_address[1]}"

    def knows(self, head: bytes) -> bool:
        """Return whether a request comes with the secret (Basic, RFC 7617)."""
        header = re.search(rb"(?im)^Proxy-Authorization: *Basic +([\w+/=-]+) *\r$", head)
        ours = base64.b64encode(self._secret.encode())
        return hmac.compare_digest(header[1] if header else b"", ours)

    def take(self, size: int) -> bool:
        """Count bytes that were carried; return whether more may be."""
        with self._counting:
            self._left -= size
        if self._left < 0:
            self.exceeded = f"sends more than {self.limits.size:,} bytes"
        elif time.monotonic() > self._until:
            self.exceeded = f"takes longer than {self.limits.seconds:.0f} seconds"
        return not self.exceeded


@contextlib.contextmanager
def guarded_proxy(guard: Guard, limits: Limits | None = None) -> Iterator[GuardedProxy]:
    """Serve a proxy as long as the block lasts."""
    with GuardedProxy(guard, limits or Limits()) as proxy:
        serving = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        try:
            yield proxy
        finally:
            proxy.ended.set()
            proxy.shutdown()
            serving.join()


class _Tunnel(socketserver.BaseRequestHandler):
    """One connection of the client's."""

    server: GuardedProxy
    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(self.server.limits.pause)
        with contextlib.suppress(OSError):
            head, spoken = self._head()
            if _target(head) and not self.server.knows(head):
                # libgit2 says who it is when it is asked.
                self._answer("407 Proxy Authentication Required", 'Basic realm="proxy"')
                head, spoken = self._head(spoken)
            target = _target(head)
            if target is None:
                self._answer("400 Bad Request", "this proxy only tunnels")
            elif not self.server.knows(head):
                self._answer("403 Forbidden", "this proxy is not for you")
            else:
                self._carry(target, spoken)

    def _head(self, spoken: bytes = b"") -> tuple[bytes, bytes]:
        """Return the head of a request, and what the client has spoken after it."""
        while b"\r\n\r\n" not in spoken and len(spoken) < _HEAD:
            more = self.request.recv(4096)
            if not more:
                break
            spoken += more
        head, end, rest = spoken.partition(b"\r\n\r\n")
        return head + end[:2], rest

    def _answer(self, status: str, reason: str) -> None:
        body = reason.encode()
        ask = f"Proxy-Authenticate: {reason}\r\n" if status.startswith("407") else ""
        head = f"HTTP/1.1 {status}\r\n{ask}Content-Length: {len(body)}\r\n\r\n"
        self.request.sendall(head.encode() + body)

    def _carry(self, target: tuple[str, int], spoken: bytes) -> None:
        """Connect, and carry bytes both ways; ``spoken`` is what the client has sent ahead."""
        try:
            far = self.server.guard.connect(*target, time.monotonic() + self.server.limits.pause)
        except ForbiddenAddress as error:
            self._answer("403 Forbidden", str(error))
            return
        except FetchError as error:
            self._answer("502 Bad Gateway", str(error))
            return
        with far:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            far.sendall(spoken)
            self._pump(far)

    def _pump(self, far: socket.socket) -> None:
        """Carry bytes until one side has said all, or a limit is passed."""
        limits = self.server.limits
        far.settimeout(limits.pause)
        since, size = time.monotonic(), 0
        with selectors.DefaultSelector() as selector:
            selector.register(self.request, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, self.request)
            while not self.server.ended.is_set() and self.server.take(0):
                for ready, _ in selector.select(_POLL_SECONDS):
                    assert isinstance(ready.fileobj, socket.socket)  # noqa: S101 - tells mypy
                    carried = ready.fileobj.recv(65_536)
                    if not carried or not self.server.take(len(carried)):
                        return
                    ready.data.sendall(carried)
                    size += len(carried)
                if time.monotonic() - since > limits.pause:
                    if size < limits.least:
                        self.server.exceeded = (
                            f"sends less than {limits.least:,} bytes in {limits.pause:.0f} seconds"
                        )
                        return
                    since, size = time.monotonic(), 0


def _target(head: bytes) -> tuple[str, int] | None:
    """Return the host and port of a CONNECT; None where it is anything else."""
    line = head.partition(b"\r\n")[0].decode("latin-1")
    match = re.fullmatch(r"CONNECT (\S+) HTTP/1\.[01]", line)
    try:
        address = httpx.URL(f"https://{match[1]}/") if match else None
    except (httpx.InvalidURL, ValueError):
        return None
    return (address.host, address.port or 443) if address and address.host else None
