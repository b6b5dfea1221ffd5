"""TLS that fails: each fault has a name, ends in time, and nothing is asked in the clear."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from server import LOOPBACK, Certificate, Server, certificate, reply

from convert.errors import FetchError
from convert.web.fetcher import HttpFetcher


@pytest.fixture
def ours(tmp_path: Path) -> Certificate:
    try:
        return certificate(tmp_path)
    except OSError:
        pytest.skip("OpenSSL is not installed")


def expired(folder: Path) -> Certificate:
    """A certificate whose day is over."""
    asked, made, key = folder / "asked.pem", folder / "old.pem", folder / "old-key.pem"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    steps = (  # Python 3.13 takes an authority for one only where it says so
        (
            "req",
            "-new",
            "-nodes",
            "-subj",
            "/CN=localhost",
            *curve,
            "-out",
            asked,
            "-keyout",
            key,
            "-addext",
            "basicConstraints=critical,CA:TRUE",
        ),
        (
            "x509",
            "-req",
            "-in",
            asked,
            "-signkey",
            key,
            "-days",
            "-1",
            "-out",
            made,
            "-copy_extensions",
            "copy",
        ),
    )
    for step in steps:
        if subprocess.run(["openssl", *step], check=False, capture_output=True).returncode:
            pytest.skip("this OpenSSL makes no certificate of the past")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made, key)
    return Certificate(server, ssl.create_default_context(cafile=str(made)))


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], object]) -> Iterator[tuple[int, list[bytes]]]:
    """A server of bare connections; gives its port and the first bytes of each."""
    seen: list[bytes] = []
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                connection, _ = waiting.accept()
                with connection:
                    seen.append(connection.recv(3, socket.MSG_PEEK))
                    answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as waiting:
        waiting.settimeout(0.05)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield waiting.getsockname()[1], seen
        ended.set()
        thread.join()


def failure(port: int, trusting: ssl.SSLContext | None = None, *, host: str = "localhost") -> str:
    start = time.monotonic()
    with (
        HttpFetcher(
            None,
            False,
            LOOPBACK,
            ssl_context=trusting,
            seconds=0.8,
            resolver=lambda *_: ["127.0.0.1"],
        ) as fetcher,
        pytest.raises(FetchError) as caught,
    ):
        fetcher.get(f"https://{host}:{port}/feed")
    assert time.monotonic() - start < 3
    assert "\n" not in str(caught.value)
    return caught.value.reason


def test_certificates_that_prove_nothing(ours: Certificate, tmp_path: Path) -> None:
    old = expired(tmp_path)
    with Server(tls=ours.server) as web, Server(tls=old.server) as late:
        web["/feed"] = late["/feed"] = reply(b"x")
        assert failure(web.port) == "TLS: self-signed certificate"
        assert failure(late.port, old.client) == "TLS: certificate has expired"
        wrong = failure(web.port, ours.client, host="other.example")
        assert wrong.startswith("TLS: Hostname mismatch")
        assert (web.seen, late.seen) == ([], [])


def test_a_protocol_of_the_past(ours: Certificate) -> None:
    ours.server.set_ciphers("ALL:@SECLEVEL=0")
    ours.server.minimum_version = ssl.TLSVersion.TLSv1
    ours.server.maximum_version = ssl.TLSVersion.TLSv1_1
    with Server(tls=ours.server) as web:
        web["/feed"] = reply(b"x")
        assert failure(web.port, ours.client).startswith("TLS: ")
        assert web.seen == []


def test_a_server_that_speaks_no_tls() -> None:
    with Server() as plain:
        plain["/feed"] = reply(b"x")
        assert failure(plain.port).startswith("TLS: ")
        assert plain.seen == []


def _drips(connection: socket.socket) -> None:
    """The head of a record of TLS and then its bytes, one by one."""
    connection.sendall(b"\x16\x03\x03\x40\x00")
    for _ in range(40):
        time.sleep(0.05)
        connection.sendall(b"\x02")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: time.sleep(1.5), "no whole answer within 0.8 s"),
        (_drips, "no whole answer within 0.8 s"),
        (lambda connection: connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28"), "TLS: "),
        (lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"), "TLS: "),
        (lambda connection: connection.close(), "TLS: |the connection failed"),
    ],
)
def test_a_handshake_that_goes_wrong(
    answer: Callable[[socket.socket], object], reason: str
) -> None:
    with listening(answer) as (port, seen):
        found = failure(port)
        assert any(found.startswith(each) for each in reason.split("|")), found
        # What was sent is the beginning of TLS, each time.
        assert all(each.startswith(b"\x16\x03") for each in seen)


def test_a_slow_handshake_succeeds_and_one_that_is_stopped_ends(ours: Certificate) -> None:
    def slowly(connection: socket.socket) -> None:
        time.sleep(0.8)
        with ours.server.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1000)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    place = {"allow_network": LOOPBACK, "resolver": lambda *_: ["127.0.0.1"]}
    fetcher = HttpFetcher(None, ssl_context=ours.client, **place)  # type: ignore[arg-type]
    with listening(slowly) as (port, _), fetcher:
        assert fetcher.get(f"https://localhost:{port}/feed").content == b"x"
    with listening(lambda _: time.sleep(2)) as (port, _):
        fetcher = HttpFetcher(None, ssl_context=ours.client, **place)  # type: ignore[arg-type]
        threading.Timer(0.2, fetcher.close).start()
        start = time.monotonic()
        with pytest.raises(FetchError):
            fetcher.get(f"https://localhost:{port}/feed")
        assert time.monotonic() - start < 1.5
