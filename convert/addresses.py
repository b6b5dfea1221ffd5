"""When two addresses lead to the same page."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

TRACKING = re.compile(
    r"(?:utm_[a-z_]+|mtm_[a-z]+|pk_[a-z]+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid"
    r"|_hsenc|_hsmi|ref_src|wt\.mc_id|source=(?:rss|feed)\S*)(?:=.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""A parameter ("name=value") that says where a reader came from, not what is read."""

_DEFAULT_PORT = re.compile(r":(?:80|443)?$")
_INDEX = re.compile(r"/index\.(?:x?html?|php)$", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def same_address_key(address: str) -> str:
    """A text that is equal for addresses of one page; not an address itself.

    Of http and https addresses it ignores: scheme, case of the host, ``www.``, the default
    port, a last slash or index page, the fragment, tracking parameters and the way that
    characters are percent-encoded.  Anything else (``tag:``, ``urn:``) stays as it is.
    """
    address = address.strip()
    if not address[:8].lower().startswith(("http://", "https://")):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:  # such as a half IPv6 address
        return address
    host = _DEFAULT_PORT.sub("", parts.netloc.rpartition("@")[2].lower()).removeprefix("www.")
    path = _INDEX.sub("/", parts.path).rstrip("/")
    query = "&".join(
        each for each in parts.query.split("&") if each and not TRACKING.fullmatch(each)
    )
    return f"//{host}{_encoded(path)}" + (f"?{_encoded(query)}" if query else "")


def is_front(address: str) -> bool:
    """Whether the address is the root of a site, which stands for no single entry."""
    key = same_address_key(address)
    return key.startswith("//") and "/" not in key[2:] and "?" not in key


def _encoded(text: str) -> str:
    # Decoding reserved characters too only ever makes "a%2Fb" and "a/b" one page.
    return quote(
        unquote(text, errors="surrogateescape"), safe="/:@!$&'()*+,;=?", errors="surrogateescape"
    )
