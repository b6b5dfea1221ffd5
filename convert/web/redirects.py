"""From an address along its redirects to an answer, each hop with what it may be told."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from convert.errors import FetchError
from convert.text.addresses import shown
from convert.text.late import Late
from convert.version import __version__
from convert.web.cache import Copy
from convert.web.credentials import Credentials

if TYPE_CHECKING:
    import httpx

    from convert.web.transport import Answer, Transport
else:
    httpx = Late("httpx")

REDIRECTS = 8
_AGENT = f"thicket-convert/{__version__}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Final:
    """The answer at the end of the redirects, and the ``address`` that it came from.

    ``private`` where the host was sent credentials.
    """

    address: httpx.URL
    answer: Answer
    private: bool


def follow(
    transport: Transport,
    start: httpx.URL,
    *,
    copy: Copy | None,
    credentials: Credentials | None,
    limit: int,
    deadline: float,
) -> Final:
    """Return what ``start`` leads to.  Raises FetchError, which names ``start``.

    Credentials go to the host of ``start`` only: no redirect may log us in elsewhere.
    """
    here, private = start, False
    for _ in range(REDIRECTS + 1):
        headers = {"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
        # The validators belong to the address that they came from (RFC 9110 §8.8).
        if copy is not None and copy.address == shown(str(here)):
            validators = {"If-None-Match": copy.etag, "If-Modified-Since": copy.modified}
            headers |= {name: value for name, value in validators.items() if value}
        if credentials is not None and here.host == start.host:
            secret = credentials.authorization(here)
            if secret is not None:
                headers["Authorization"] = secret
                private = True
        try:
            bare = here.copy_with(userinfo=b"")
            answer = transport.get(bare, headers, limit=limit, deadline=deadline)
        except FetchError as error:
            reason = error.reason
            if here != start:
                reason = f"redirects to {shown(str(here))}: {reason}"
            raise type(error)(shown(str(start)), reason) from error
        location = answer.headers.get("location")
        # We only ever send GET, so the five mean the same (RFC 9110 §15.4).
        if answer.status not in (301, 302, 303, 307, 308) or location is None:
            return Final(address=here, answer=answer, private=private)
        # A password in a Location would be a stranger's, sent in our name.
        here = parsed(location, here).copy_with(userinfo=b"")
    raise FetchError(shown(str(start)), f"redirects more than {REDIRECTS} times")


def parsed(address: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return an http(s) address without its fragment; raise FetchError for anything else."""
    try:
        url = httpx.URL(address) if base is None else base.join(address)
        url = url.copy_with(fragment=None)
        host = url.host
    except (httpx.InvalidURL, ValueError, KeyError) as error:
        raise FetchError(shown(address), "is no address that can be fetched") from error
    if url.scheme not in ("http", "https") or not host:
        raise FetchError(shown(address), "is not an http or https address")
    return url
