"""A real web server on loopback that answers as badly as the web does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import http.server
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from types import TracebackType

Answer = Callable[["Asked"], None]

LOOPBACK = ("127.0.0.0/8", "::1/128")
"""What ``allow_network`` must hold for a test to reach the server."""


class Asked(http.server.BaseHTTPRequestHandler):
    """One request; answers write to it."""

    protocol_version = "HTTP/1.1"
    server: _Web

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.seen.append(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = self.server.answers.get(self.path)
        try:
            (answer or reply(b"no such page", status=404))(self)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request as the server saw it."""

    path: str
    headers: Mapping[str, str]


class _Web(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answers: dict[str, Answer] = {}
        self.seen: list[Seen] = []
        self.connections = 0

    def get_request(self) -> tuple[object, object]:  # type: ignore[override]  # only counted
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Server:
    """``with Server() as web: web["/a.png"] = reply(...)``; then ``web.address("/a.png")``."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._web = _Web()
        self._scheme = "https" if tls else "http"
        if tls is not None:
            self._web.socket = tls.wrap_socket(self._web.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._web.shutdown()
        self._web.server_close()

    def __setitem__(self, path: str, answer: Answer) -> None:
        self._web.answers[path] = answer

    def address(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    @property
    def port(self) -> int:
        return int(self._web.server_address[1])

    @property
    def seen(self) -> list[Seen]:
        """The requests so far."""
        return self._web.seen

    @property
    def connections(self) -> int:
        """How many connections were opened, whatever came through them."""
        return self._web.connections


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A certificate of our own for "localhost": for a server, and for who trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certificate(folder: Path) -> Certificate:
    """Made anew with OpenSSL; raises OSError where that is not installed."""
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", "subjectAltName=DNS:localhost", "-out", str(made), "-keyout", str(key)),
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made, key)
    return Certificate(server, ssl.create_default_context(cafile=str(made)))


def reply(
    content: bytes, media_type: str = "text/plain", *, status: int = 200, **headers: str
) -> Answer:
    """Answers in full; ``headers`` with underscores for hyphens."""

    def answer(asked: Asked) -> None:
        asked.send_response(status)
        asked.send_header("Content-Type", media_type)
        asked.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.end_headers()
        asked.wfile.write(content)

    return answer


def conditional(content: bytes, media_type: str, etag: str) -> Answer:
    """Answers in full, or 304 to whoever has it already."""

    def answer(asked: Asked) -> None:
        if asked.headers.get("If-None-Match") == etag:
            asked.send_response(304)
            asked.end_headers()
        else:
            reply(content, media_type, ETag=etag)(asked)

    return answer


def dated(content: bytes, changed: dt.datetime, media_type: str = "text/xml") -> Answer:
    """Answers as a host of files does: 304 to whoever has one that is no older."""

    def answer(asked: Asked) -> None:
        since = asked.headers.get("If-Modified-Since")
        if since and parsedate_to_datetime(since) >= changed:
            asked.send_response(304)
            asked.end_headers()
        else:
            date = format_datetime(changed, usegmt=True)
            reply(content, media_type, Last_Modified=date)(asked)

    return answer


def redirect(to: str, status: int = 302) -> Answer:
    """Sends the client elsewhere."""
    return reply(b"", status=status, Location=to)


def hang(seconds: float = 30.0) -> Answer:
    """Accepts the request and says nothing."""
    return lambda _: time.sleep(seconds)


def late(answer: Answer, seconds: float) -> Answer:
    """Answers after a while."""

    def wait(asked: Asked) -> None:
        time.sleep(seconds)
        answer(asked)

    return wait


def drip(content: bytes, seconds: float = 0.05) -> Answer:
    """Sends the body a byte at a time."""

    def answer(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        _slowly(asked, content, seconds)

    return answer


def drip_headers(seconds: float = 0.05) -> Answer:
    """Sends headers without end, a byte at a time."""

    def answer(asked: Asked) -> None:
        _slowly(asked, b"HTTP/1.1 200 OK\r\n" + b"X-Header: x\r\n" * 1000, seconds)

    return answer


def endless(block: bytes, **headers: str) -> Answer:
    """Sends the same block for ever, without saying how much there will be."""

    def answer(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("Connection", "close")
        for name, value in headers.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.end_headers()
        while True:
            asked.wfile.write(block)

    return answer


def cut_short(content: bytes, promised: int) -> Answer:
    """Promises more than it sends, and hangs up."""

    def answer(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("Content-Length", str(promised))
        asked.end_headers()
        asked.wfile.write(content)
        asked.close_connection = True

    return answer


def raw(content: bytes) -> Answer:
    """Sends bytes that need not be HTTP, and hangs up."""

    def answer(asked: Asked) -> None:
        asked.wfile.write(content)
        asked.close_connection = True

    return answer


def _slowly(asked: Asked, content: bytes, seconds: float) -> None:
    for at in range(len(content)):
        asked.wfile.write(content[at : at + 1])
        asked.wfile.flush()
        time.sleep(seconds)
