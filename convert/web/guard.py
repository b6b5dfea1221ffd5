"""Judges network addresses, and connects only to those that it judged public.

Addresses come out of entries and feeds that strangers wrote.  A name may lead to loopback,
to a router or to a cloud's metadata service, and may lead elsewhere the second time it is
asked for; so what a name resolves to is judged, and the judged number is connected to.
"""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import socket
import threading
import time
from collections.abc import Callable

from convert.errors import ForbiddenAddress, Unreachable, UsageError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], list[str]]
"""A host name and a port to the numeric addresses behind it; raises OSError."""

CONNECT_SECONDS = 5.0

# ``is_global`` holds these for public, or did in some versions of Python.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(each)
    for each in (
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "2001::/23",  # protocol assignments, Teredo among them, RFC 2928
        "2002::/16",  # 6to4: an IPv4 address inside, RFC 3056
        "3fff::/20",  # documentation, RFC 9637
    )
)
# All that IANA has given out for global unicast (RFC 4291 §2.4 leaves it room for more).
_UNICAST6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: IPAddress) -> bool:
    """Return whether this is an ordinary address of the public internet.

    Unicast and global by the IANA registries; an IPv4 address inside an IPv6 one (mapped,
    RFC 4291 §2.5.5.2; NAT64, RFC 6052) is judged itself.
    """
    plain = _unwrapped(address)
    if plain.is_multicast or plain.is_reserved or not plain.is_global:
        return False
    if isinstance(plain, ipaddress.IPv6Address) and (plain.scope_id or plain not in _UNICAST6):
        return False
    return not any(plain in network for network in _NOT_PUBLIC if network.version == plain.version)


def parse_networks(allowed: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the values of ``--allow-network``; raise UsageError for what is no network."""
    networks = []
    for each in allowed:
        try:
            networks.append(ipaddress.ip_network(each, strict=False))
        except ValueError as error:
            reason = f"allow_network: {each!r} is no network such as 192.168.1.0/24 or ::1/128"
            raise UsageError(reason) from error
    return tuple(networks)


def resolve(host: str, port: int) -> list[str]:
    """Return what the system's resolver knows of a host, in its order, each address once."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in answers))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Guard:
    """Opens connections to public addresses, and to the ``allowed`` networks."""

    allowed: tuple[Network, ...] = ()
    resolver: Resolver = resolve

    def permits(self, address: IPAddress) -> bool:
        """Return whether a connection to this address may be opened."""
        plain = _unwrapped(address)
        return is_public(address) or any(
            plain in network for network in self.allowed if network.version == plain.version
        )

    def connect(self, host: str, port: int, deadline: float) -> socket.socket:
        """Connect to the first permitted address of ``host`` that answers.

        ``deadline`` is a time of ``time.monotonic()``.  Raises ForbiddenAddress where no
        address is permitted, Unreachable where none answers.
        """
        permitted = []
        for each in self._resolved(host, port, deadline):
            # Without a match an address of a future kind is refused, as it should be.
            with contextlib.suppress(ValueError):
                if self.permits(ipaddress.ip_address(each)):
                    permitted.append(each)
        if not permitted:
            reason = "leads to no public address, so it was not contacted; see --allow-network"
            raise ForbiddenAddress(host, reason)
        failure: OSError | None = None
        for address in permitted:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                # A number is not resolved again: what was judged is what is connected to.
                return socket.create_connection((address, port), min(CONNECT_SECONDS, left))
            except OSError as error:
                failure = error
        reason = failure.strerror or str(failure) if failure else "no answer in time"
        raise Unreachable(host, f"cannot be connected to: {reason}") from failure

    def _resolved(self, host: str, port: int, deadline: float) -> list[str]:
        """Resolve within the deadline, which the system's resolver does not know of."""
        addresses: list[str] = []
        failures: list[Exception] = []

        def resolve_host() -> None:
            try:
                addresses.extend(self.resolver(host, port))
            except (OSError, UnicodeError) as error:
                failures.append(error)

        resolving = threading.Thread(target=resolve_host, daemon=True)
        resolving.start()
        resolving.join(max(0.0, deadline - time.monotonic()))
        if failures:
            said = getattr(failures[0], "strerror", None) or failures[0]
            raise Unreachable(host, f"name not found ({said})") from failures[0]
        if resolving.is_alive() or not addresses:
            raise Unreachable(host, "its name could not be resolved in time")
        return list(addresses)


def _unwrapped(address: IPAddress) -> IPAddress:
    """Return the IPv4 address inside an IPv6 one, where that is what will be reached."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
