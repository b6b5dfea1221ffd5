"""The guarded proxy: what libgit2 reaches through it, and what it does not."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pygit2
import pytest
from git_server import INFO, commit, git_backend, repository
from server import LOOPBACK, Certificate, Server, certificate, redirect, reply

from convert.web.guard import Guard, parse_networks
from convert.web.proxy import guarded_proxy

OPEN = Guard(allowed=parse_networks(LOOPBACK))


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


def talk(proxy: str, request: bytes) -> bytes:
    """Sends raw bytes to the proxy and reads to the end."""
    place = urlsplit(proxy)
    with socket.create_connection((place.hostname, place.port), 5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_tunnels(web: Server) -> None:
    web["/a"] = reply(b"through")
    with guarded_proxy(OPEN) as proxy:
        place = urlsplit(proxy)
        with socket.create_connection((place.hostname, place.port), 5) as connection:
            connection.sendall(f"CONNECT 127.0.0.1:{web.port} HTTP/1.1\r\n\r\n".encode())
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            connection.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.endswith(b"through")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]"])
def test_no_byte_to_addresses_that_are_not_public(host: str, web: Server) -> None:
    with guarded_proxy(Guard()) as proxy:
        tunnel = talk(proxy, f"CONNECT {host}:{web.port} HTTP/1.1\r\n\r\n".encode())
    assert tunnel.startswith(b"HTTP/1.1 403")
    assert b"no public address" in tunnel
    assert web.connections == 0


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"GET /a HTTP/1.1\r\n\r\n",
        b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n",
        b"CONNECT :80 HTTP/1.1\r\n\r\n",
        b"CONNECT a:b:c HTTP/1.1\r\n\r\n",
        b"x" * 100_000,
    ],
)
def test_what_is_no_request_to_a_proxy(request_: bytes) -> None:
    with guarded_proxy(OPEN) as proxy:
        try:
            answer = talk(proxy, request_)
        except OSError:
            # Refused with the rest of the bytes unread.
            return
    assert answer.startswith(b"HTTP/1.1 400")


def test_idle_connections_are_ended(web: Server) -> None:
    with guarded_proxy(OPEN, idle=0.2) as proxy:
        place = urlsplit(proxy)
        start = time.monotonic()
        with socket.create_connection((place.hostname, place.port), 5) as connection:
            connection.sendall(f"CONNECT 127.0.0.1:{web.port} HTTP/1.1\r\n\r\n".encode())
            while connection.recv(4096):
                pass
        assert time.monotonic() - start < 2


def test_gone_with_the_block() -> None:
    with guarded_proxy(OPEN) as proxy:
        pass
    with pytest.raises(OSError, match="refused"):
        talk(proxy, b"x")


class _Trusting(pygit2.RemoteCallbacks):
    def certificate_check(self, certificate: object, valid: bool, host: bytes) -> bool:
        return True


@pytest.fixture
def ours(tmp_path: Path) -> Certificate:
    if shutil.which("git") is None:
        pytest.skip("Git is not installed")
    try:
        return certificate(tmp_path)
    except OSError:
        pytest.skip("OpenSSL is not installed")


def test_libgit2_clones_through_it(ours: Certificate, tmp_path: Path) -> None:
    commit(repository(tmp_path / "store.git"), {"a.txt": b"hello"})
    with Server(tls=ours.server) as web, guarded_proxy(OPEN) as proxy:
        web[f"/store.git{INFO}"] = web["/store.git/git-upload-pack"] = git_backend(tmp_path)
        address = web.address("/store.git", host="localhost")
        cloned = pygit2.clone_repository(
            address, str(tmp_path / "clone"), proxy=proxy, callbacks=_Trusting()
        )
        assert (tmp_path / "clone" / "a.txt").read_bytes() == b"hello"
        assert cloned.remotes["origin"].url == address


def test_libgit2_reaches_nothing_else(ours: Certificate, tmp_path: Path, web: Server) -> None:
    """Neither at once nor by a redirect to another host or to plain http."""
    with Server(tls=ours.server) as hop, guarded_proxy(Guard()) as proxy:
        with pytest.raises(pygit2.GitError, match="403"):
            pygit2.clone_repository(hop.address("/x.git"), str(tmp_path / "a"), proxy=proxy)
        assert hop.connections == 0
    only = Guard(
        allowed=parse_networks(("127.0.0.1/32",)),
        resolver=lambda host, _: ["127.0.0.1" if host == "hop.example" else "127.0.0.2"],
    )
    targets = (web.address("/x.git"), f"https://inside.example:{web.port}/x.git")
    with Server(tls=ours.server) as hop, guarded_proxy(only) as proxy:
        for number, target in enumerate(targets):
            hop[f"/x.git{INFO}"] = redirect(target + INFO)
            with pytest.raises(pygit2.GitError):
                pygit2.clone_repository(
                    hop.address("/x.git", host="hop.example"),
                    str(tmp_path / f"clone{number}"),
                    proxy=proxy,
                    callbacks=_Trusting(),
                )
        assert hop.connections == 2
        assert web.connections == 0
