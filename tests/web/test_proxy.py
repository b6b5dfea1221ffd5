"""The guarded proxy: what libgit2 reaches through it, and what it does not."""

from __future__ import annotations

import base64
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pygit2
import pytest
from git_server import INFO, commit, git_backend, repository
from server import (
    LOOPBACK,
    Answer,
    Certificate,
    Server,
    certificate,
    drip,
    endless,
    hang,
    redirect,
    reply,
)

from convert.web.guard import Guard, parse_networks
from convert.web.proxy import GuardedProxy, Limits, guarded_proxy

OPEN = Guard(allowed=parse_networks(LOOPBACK))


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


def reach(proxy: GuardedProxy) -> socket.socket:
    """A connection to the proxy, as anybody on the machine can open one."""
    place = urlsplit(proxy.address)
    assert place.hostname
    assert place.port
    return socket.create_connection((place.hostname, place.port), 5)


def talk(proxy: GuardedProxy, request: bytes) -> bytes:
    """Sends raw bytes to the proxy and reads to the end."""
    with reach(proxy) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return rest(connection)


def rest(connection: socket.socket) -> bytes:
    try:
        return b"".join(iter(lambda: connection.recv(65_536), b""))
    except ConnectionResetError:
        return b""


def request(proxy: GuardedProxy, target: str) -> bytes:
    """A request for a tunnel from who was given the proxy's address."""
    secret = urlsplit(proxy.address).netloc.rpartition("@")[0].encode()
    known = f"Proxy-Authorization: Basic {base64.b64encode(secret).decode()}"
    return f"CONNECT {target} HTTP/1.1\r\n{known}\r\n\r\n".encode()


def tunnel(proxy: GuardedProxy, web: Server, path: str) -> socket.socket:
    """A connection to the server, with a request for a page on its way."""
    connection = reach(proxy)
    connection.sendall(request(proxy, f"127.0.0.1:{web.port}"))
    assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return connection


def test_tunnels(web: Server) -> None:
    web["/a"] = reply(b"through")
    with guarded_proxy(OPEN) as proxy, tunnel(proxy, web, "/a") as connection:
        assert rest(connection).endswith(b"through")
        assert proxy.exceeded == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]"])
def test_no_byte_to_addresses_that_are_not_public(host: str, web: Server) -> None:
    with guarded_proxy(Guard()) as proxy:
        answer = talk(proxy, request(proxy, f"{host}:{web.port}"))
    assert answer.startswith(b"HTTP/1.1 403")
    assert b"no public address" in answer
    assert web.connections == 0


@pytest.mark.parametrize(
    "known",
    [
        "",
        "Proxy-Authorization: Basic\r\n",
        "Proxy-Authorization: Basic dGhpY2tldDo=\r\n",
        f"Proxy-Authorization: Basic {base64.b64encode(b'thicket:' + b'x' * 43).decode()}\r\n",
        f"Proxy-Authorization: Bearer {base64.b64encode(b'thicket').decode()}\r\n",
    ],
)
def test_a_stranger_gets_nothing(known: str, web: Server) -> None:
    """Neither at once nor after having been asked."""
    with guarded_proxy(OPEN) as proxy:
        stranger = f"CONNECT 127.0.0.1:{web.port} HTTP/1.1\r\n{known}\r\n".encode()
        first = talk(proxy, stranger)
        again = talk(proxy, stranger * 2)
    assert first.startswith(b"HTTP/1.1 407")
    assert b"HTTP/1.1 403" in again
    assert b"200" not in first + again
    assert web.connections == 0


def test_each_proxy_has_a_secret_of_its_own(web: Server) -> None:
    with guarded_proxy(OPEN) as one, guarded_proxy(OPEN) as other:
        assert talk(one, request(other, f"127.0.0.1:{web.port}")).startswith(b"HTTP/1.1 407")
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
    assert answer.startswith(b"HTTP/1.1 400") or not answer


@pytest.mark.parametrize(
    ("limits", "answer", "reason"),
    [
        (Limits(size=3_000_000), endless(b"x" * 50_000), "sends more than 3,000,000 bytes"),
        (Limits(seconds=1), drip(b"x" * 5_000, 0.01), "takes longer than 1 seconds"),
        (Limits(seconds=1), hang(5), "takes longer than 1 seconds"),
        (Limits(pause=1), hang(5), "sends less than 6,000 bytes in 1 seconds"),
        (Limits(pause=1), drip(b"x" * 5_000, 0.2), "sends less than 6,000 bytes in 1 seconds"),
    ],
)
def test_limits(limits: Limits, answer: Answer, reason: str, web: Server) -> None:
    web["/a"] = answer
    start = time.monotonic()
    with guarded_proxy(OPEN, limits) as proxy, tunnel(proxy, web, "/a") as connection:
        size = len(rest(connection))
        assert proxy.exceeded == reason
    assert size <= 3_000_000
    assert time.monotonic() - start < 4


def test_limits_hold_for_all_connections_together(web: Server) -> None:
    web["/a"] = reply(b"x" * 900_000)
    with guarded_proxy(OPEN, Limits(size=2_000_000)) as proxy:
        sizes = []
        for _ in range(4):
            with tunnel(proxy, web, "/a") as connection:
                sizes.append(len(rest(connection)))
        assert proxy.exceeded == "sends more than 2,000,000 bytes"
    assert sizes[0] > 900_000
    assert sum(sizes) < 2_000_000


def test_what_the_client_sends_counts_too(web: Server) -> None:
    web["/a"] = hang(5)
    with (
        guarded_proxy(OPEN, Limits(size=100_000)) as proxy,
        tunnel(proxy, web, "/a") as connection,
    ):
        with pytest.raises(OSError):  # noqa: PT011 - a pipe or a connection, by the system
            connection.sendall(b"x" * 50_000_000)
        assert proxy.exceeded == "sends more than 100,000 bytes"


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
            address, str(tmp_path / "clone"), proxy=proxy.address, callbacks=_Trusting()
        )
        assert (tmp_path / "clone" / "a.txt").read_bytes() == b"hello"
        assert cloned.remotes["origin"].url == address


def test_libgit2_reaches_nothing_else(ours: Certificate, tmp_path: Path, web: Server) -> None:
    """Neither at once nor by a redirect to another host or to plain http."""
    with Server(tls=ours.server) as hop, guarded_proxy(Guard()) as proxy:
        with pytest.raises(pygit2.GitError, match="403"):
            pygit2.clone_repository(hop.address("/x.git"), str(tmp_path / "a"), proxy=proxy.address)
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
                    proxy=proxy.address,
                    callbacks=_Trusting(),
                )
        assert hop.connections == 2
        assert web.connections == 0
