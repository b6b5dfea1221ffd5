"""The guard: which addresses are public, and that no byte goes to the others."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import sys
import time
from collections.abc import Iterator

import pytest
from server import LOOPBACK, Server

from convert.errors import ForbiddenAddress, Unreachable, UsageError
from convert.web.guard import Guard, is_public, parse_networks

PUBLIC = "8.8.8.8 1.1.1.1 2606:4700::1111 2a00:1450:4001::1 64:ff9b::808:808 ::ffff:8.8.8.8"
NOT_PUBLIC = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1
169.254.169.254 100.64.0.1 192.0.0.8 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1
192.88.99.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:169.254.169.254
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 2002:7f00:1:: 2002:808:808:: 2001:0:7f00:1::
2001:db8::1 2001:2::1 3fff::1 100::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0
fec0::1 ff02::1 ff0e::1 2606:4700::1111%eth0
"""


@pytest.fixture
def web() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


SPELLINGS = (
    "127.0.0.1 localhost 127.1 2130706433 0x7f.1 0177.0.0.1 ①②⑦.⓪.⓪.① 0 ::1 ::ffff:127.0.0.1"
)


@pytest.mark.parametrize("host", SPELLINGS.split())
def test_spellings_of_loopback_are_not_contacted(host: str, web: Server) -> None:
    with pytest.raises((ForbiddenAddress, Unreachable)):
        Guard().connect(host, web.port, time.monotonic() + 5)
    assert web.connections == 0


def test_allowed_network_is_contacted(web: Server) -> None:
    guard = Guard(allowed=parse_networks(LOOPBACK))
    with guard.connect("127.0.0.1", web.port, time.monotonic() + 5) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"


def test_mapped_address_is_held_against_the_allowed_networks() -> None:
    guard = Guard(allowed=parse_networks(("10.0.0.0/8",)))
    assert guard.permits(ipaddress.ip_address("::ffff:10.1.2.3"))
    assert not guard.permits(ipaddress.ip_address("::ffff:127.0.0.1"))


def test_what_was_judged_is_connected_to(web: Server) -> None:
    """A name that leads elsewhere the second time it is asked for is asked for only once."""
    answers = [["127.0.0.2"], ["127.0.0.1"]]
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    with pytest.raises(Unreachable):
        Guard(allowed=parse_networks(("127.0.0.2/32",)), resolver=rebinding).connect(
            "rebind.example", web.port, time.monotonic() + 0.3
        )
    assert asked == ["rebind.example"]
    assert web.connections == 0


def test_only_the_permitted_of_several_addresses(web: Server) -> None:
    guard = Guard(
        allowed=parse_networks(("127.0.0.1/32",)), resolver=lambda *_: ["127.0.0.2", "127.0.0.1"]
    )
    with guard.connect("two.example", web.port, time.monotonic() + 5) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"


@pytest.mark.skipif(sys.platform != "linux", reason="what a full queue does differs")
def test_a_host_that_does_not_answer_is_given_up_before_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("convert.web.guard.CONNECT_SECONDS", 0.3)
    with socket.socket() as full, contextlib.ExitStack() as others:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        place: tuple[str, int] = full.getsockname()
        for _ in range(4):  # nobody takes them, so that there is no room for one more
            other = others.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(place)
        start = time.monotonic()
        with pytest.raises(Unreachable, match="timed out"):
            Guard(allowed=parse_networks(LOOPBACK)).connect(*place, start + 60)
        assert time.monotonic() - start < 30


def test_slow_resolver_ends_at_the_deadline() -> None:
    def slow(host: str, port: int) -> list[str]:
        time.sleep(3)
        return ["8.8.8.8"]

    start = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        Guard(resolver=slow).connect("slow.example", 80, start + 0.1)
    assert time.monotonic() - start < 1


def test_no_such_host() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable, match="name not found"):
        Guard(resolver=unknown).connect("nowhere.example", 80, time.monotonic() + 1)


@pytest.mark.parametrize("network", ["here", "10.0.0.0/33", "", "example.org"])
def test_what_is_no_network_is_named(network: str) -> None:
    with pytest.raises(UsageError, match="allow_network"):
        parse_networks((network,))
