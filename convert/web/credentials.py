"""User names, passwords and tokens for the sources that ask for them, from the environment."""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

from convert.errors import UsageError
from convert.text.late import Late

if TYPE_CHECKING:
    import httpx
else:
    httpx = Late("httpx")

VARIABLE = "THICKET_CONVERT_CREDENTIALS"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Credentials:
    """Who asks, for each host: ``by_origin`` maps an origin to an Authorization.

    An origin is "https://feeds.example.org" or "http://10.0.0.7:8080", the default port left
    out.  Only for the addresses that the user named, never for those that entries refer to:
    a stranger's entry could otherwise publish a picture from a place that is not public.
    """

    by_origin: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def authorization(self, address: httpx.URL) -> str | None:
        """Return the value of the Authorization header (RFC 9110 §11.6.2), or None."""
        if address.userinfo:
            return _basic(unquote(address.userinfo.decode()))
        return self.by_origin.get(_origin(address))

    def for_host(self, address: httpx.URL) -> str:
        """Return all that may be told to the host of an address, as one text; "" for nothing.

        A redirect may lead from one of its ports or schemes to another.
        """
        values = {
            origin: value
            for origin, value in self.by_origin.items()
            if httpx.URL(origin).host == address.host
        }
        if (here := self.authorization(address)) is not None:
            values[_origin(address)] = here
        return "\n".join(f"{origin} {values[origin]}" for origin in sorted(values))


@functools.cache
def identity(who: str) -> str:
    """Return what stands for a text of ``for_host`` in the name of what was fetched with it.

    What was fetched with credentials is found again with the same, and with nothing else.
    Costly to guess a secret from (RFC 7914); "" where there is none.
    """
    return hashlib.scrypt(who.encode(), salt=b"fetched-1", n=2**14, r=8, p=1).hex() if who else ""


def from_environment(environment: Mapping[str, str] = os.environ) -> Credentials:
    """Read the credentials in THICKET_CONVERT_CREDENTIALS.

    Pairs separated by spaces or line breaks: ``feeds.example.org=alice:secret`` (Basic,
    RFC 7617) or ``feeds.example.org=token`` (Bearer, RFC 6750); a space, a percent sign and,
    in a token, a colon are percent-encoded.  A host may carry a port.  They are sent over
    https only, unless the host is written with ``http://``.  Raises UsageError, without the
    secret in its message.
    """
    by_origin = {}
    for number, pair in enumerate(environment.get(VARIABLE, "").split(), start=1):
        host, equals, secret = pair.partition("=")
        if not (host and equals and secret):
            raise UsageError(
                f"{VARIABLE}: pair {number}: expected HOST=USER:PASSWORD or HOST=TOKEN"
            )
        try:
            address = httpx.URL(host if "://" in host else f"https://{host}")
        except (httpx.InvalidURL, ValueError) as error:
            raise UsageError(f"{VARIABLE}: pair {number}: {host!r} is no host") from error
        value = _basic(unquote(secret)) if ":" in secret else f"Bearer {unquote(secret)}"
        if not (value.isascii() and value.isprintable()):
            raise UsageError(f"{VARIABLE}: pair {number}: the token may hold only ASCII")
        by_origin[_origin(address)] = value
    return Credentials(by_origin=by_origin)


def _basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _origin(address: httpx.URL) -> str:
    """Return scheme, host and the port where it is not the scheme's own."""
    port = f":{address.port}" if address.port else ""
    return f"{address.scheme}://{address.host}{port}"
