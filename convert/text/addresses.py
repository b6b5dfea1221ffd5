"""Web addresses: made clean for publishing, and compared as a reader would.

Follows the URL Standard where RFC 3986 is stricter than browsers are.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import os
import re
import socket
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from convert.errors import UsageError

TRACKING = (
    "utm_",  # a prefix: Google Analytics and all that copied it
    "pk_",  # a prefix: Piwik
    "mtm_",  # a prefix: Matomo
    "hsa_",  # a prefix: HubSpot
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "ref_src",
    "ref_url",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "oly_anon_id",
    "oly_enc_id",
    "vero_id",
    "wickedid",
    "s_cid",
    "cmpid",
    "wt.mc_id",
    "__s",
    "_ga",
    "_gl",
)
"""Parameters that tell a site where a reader came from and change nothing else.  A name that
ends in "_" stands for all that begin with it."""
_PREFIXES = tuple(name for name in TRACKING if name.endswith("_"))
_NAMES = frozenset(name for name in TRACKING if not name.endswith("_"))

_CLEAN = re.compile(
    r"https?://(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}/(?:[\w/.~+@!$'()*,;:-]|%[0-9A-Fa-f]{2})*"
    r"(?:#[\w.~:-]+)?",
    re.ASCII,
)
"""Addresses that are as they should be: most are."""
_OVER_SSH = re.compile(r"[\w.-]+@[\w.-]+:")
_PARTS = re.compile(
    r"(?P<scheme>https?):/*(?:(?P<user>[^/?#@]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#:]+)"
    r"(?::(?P<port>[0-9]*))?(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:\#(?P<fragment>.*))?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_LEADING = re.compile(r"(?:%20|%09|%0[aAdD]|[\x00-\x20\xa0])+")
_BLANKS = "".join(map(chr, range(0x21))) + "\xa0"
_BREAKS = re.compile(r"[\t\r\n]")
_HOST = re.compile(r"(?!-)[^\W_](?:[\w.-]{0,251}[^\W])?\.?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ILLEGAL = re.compile(
    r"[\x00-\x20\x7f-\xa0\"<>\\^`{|}\[\]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff\U000e0000-\U0010ffff]"
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_MAIL = re.compile(
    r"mailto:[\w.!#$&'*+/=?^{|}~,%-]+@[\w.-]+\w(?:\?[\w.!$&'()*+,;=:@/?%~-]*)?", re.IGNORECASE
)
# IRIs all the same, but a reader that opens an id must not come to run anything.
_SCRIPTS = ("javascript:", "data:", "vbscript:", "file:")
SCHEMES = ("ftp", "gopher", "irc", "mailto", "news", "tel", "xmpp")
"""Schemes beside http(s) that may be linked to: EPUBCheck knows them as registered (HTM-025), and
a program that opens one shows what it leads to, or waits for its user before it acts."""
_AT_HOSTS = frozenset({"ftp", "gopher", "irc"})
_AUTHORITY = re.compile(
    r"//(?:[^/?#@]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#:@]+)(?P<port>:[0-9]{1,5})?(?=[/?#]|$)"
)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff]+")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


@functools.lru_cache(maxsize=4096)
def clean_address(address: str, *, linked: bool = False) -> str | None:
    """Return an absolute http(s) address as it may be published; None where it is none.

    White space around it goes, also where it was encoded (``%20https://…``); what no address
    may hold is percent-encoded, also what turns the direction (RFC 3987 §4.1); scheme and host
    are lower case; tracking parameters and a user's name and password go.
    Non-ASCII characters stay (RFC 3987).  With ``linked``, those of ``SCHEMES`` pass too.
    """
    if _CLEAN.fullmatch(address):
        return address
    text = _bare(address)
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return _linked(text) if linked else None
    host = _host(parts["host"])
    port = parts["port"] or ""
    # Python reads no number of thousands of digits.
    if host is None or len(port.lstrip("0")) > 5 or int(port or 0) > 65535:
        return None
    scheme = parts["scheme"].lower()
    if port in {"", _DEFAULT_PORTS[scheme]}:
        port = ""
    authority = f"{host}{':' + port if port else ''}"
    query = _without_tracking(parts["query"])
    fragment = parts["fragment"]
    return (
        f"{scheme}://{authority}{_legal(parts['path'] or '/')}"
        + (f"?{_legal(query)}" if query else "")
        + (f"#{_legal(fragment).replace('#', '%23')}" if fragment else "")
    )


def _linked(text: str) -> str | None:
    """Return an address of one of ``SCHEMES`` as it may be published, in ASCII; else None."""
    scheme, _, rest = text.partition(":")
    scheme = scheme.lower()
    if scheme not in SCHEMES:
        return None
    if scheme == "mailto":
        text = f"mailto:{rest.replace(' ', '%20')}"
        return text if _MAIL.fullmatch(text) else None
    if scheme == "tel":
        rest = rest.replace(" ", "").replace("%20", "")
    place = _AUTHORITY.match(rest)
    host = _host(place["host"]) if place else None
    if host is None and (place or scheme in _AT_HOSTS):
        return None
    at = f"//{_ascii_host(host)}{place['port'] or ''}" if host and place else ""
    path, hash_, fragment = rest[place.end() if place else 0 :].partition("#")
    rest = _percent(f"{_legal(path)}{hash_}{_legal(fragment).replace('#', '%23')}")
    return f"{scheme}:{at}{rest}" if at or re.search(r"[^/?#]", rest) else None


def uri(address: str) -> str:
    """Return an address in ASCII, for whoever takes no IRI (RFC 3987 §3.1): its host as browsers
    look it up, the rest percent-encoded."""
    if address.isascii():
        return address
    parts = _PARTS.fullmatch(address)
    start, end = parts.span("host") if parts else (0, 0)
    before, host, after = address[:start], address[start:end], address[end:]
    return _percent(before) + _ascii_host(host) + _percent(after)


def is_iri(text: str) -> bool:
    """Return whether the text is an absolute IRI: a scheme, and nothing that no IRI may
    hold."""
    return _IRI.fullmatch(text) is not None and not text.lower().startswith(_SCRIPTS)


def check_address(text: str) -> str:
    """Return the address itself, where it is one that a user can mean: http(s), with its host.

    Raises UsageError.
    """
    if not re.match("https?://", text) or clean_address(text) is None:
        raise UsageError(f"{text!r} is no web address; write https://group.example/ or the like")
    return text


def feed_address(text: str) -> str:
    """Return the address of a feed as lists spell it, its scheme in lower case; the scheme feed:
    stands for http (feed://a.example), or before it (feed:https://a.example)."""
    text = re.sub(
        r"^feed:(?://)?(https?:)?", lambda scheme: scheme[1] or "http://", text, flags=re.I
    )
    return re.sub(r"^https?:", lambda scheme: scheme[0].lower(), text, flags=re.I)


def absolute(reference: str, base: str | None, *, linked: bool = False) -> str | None:
    """Return a reference resolved against the absolute address ``base``, then cleaned; or None."""
    if _CLEAN.fullmatch(reference):
        return reference
    text = _bare(reference)
    scheme = _SCHEME.match(text)
    if scheme is not None and "." not in scheme[1]:
        return clean_address(text, linked=linked)
    if base is None:
        return None
    try:
        return clean_address(urljoin(base, text.replace("\\", "/")))
    except ValueError:
        return None


@functools.lru_cache(maxsize=4096)
def same_address_key(address: str) -> str:
    """Return what is equal for addresses that a reader would call the same.

    http and https, www, the case of the host and its Punycode, default ports, user
    information, fragment, tracking parameters, a trailing slash, index.html and
    percent-encoding make no difference.  What is no http(s) address stands for itself.
    """
    cleaned = clean_address(address)
    parts = _PARTS.fullmatch(cleaned) if cleaned else None
    if parts is None:
        return address.strip()
    host = _ascii_host(parts["host"]).removeprefix("www.").rstrip(".")
    path = unquote(parts["path"] or "/")
    path = re.sub(r"/index\.(?:x?html?|php)$", "/", path)
    path = re.sub(r"/{2,}", "/", path).rstrip("/")
    query = unquote(parts["query"]) if parts["query"] else ""
    port = parts["port"] or ""
    return f"{host}{':' + port if port else ''}{path}{'?' + query if query else ''}"


def source_key(address: str, folder: Path) -> str:
    """Return what is equal for all spellings of where a source is; of a path on this machine the
    way there from ``folder``, so that both may move, and the command may be run from anywhere.

    A path through a link is that path, wherever the link leads today.
    """
    if not is_on_disk(address):
        return same_address_key(_respelled(address.removeprefix("git+")))
    named = named_path(address)
    try:
        path, top = named.resolve(), folder.resolve()
        if path != named:
            # What leads to the folder too is no link of the source's: /tmp on macOS.
            above = (each for each in (named, *named.parents) if top.is_relative_to(each.resolve()))
            both = next(above, Path(named.anchor))
            path = both.resolve() / named.relative_to(both)
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        path, top = named, folder.absolute()
    with contextlib.suppress(ValueError):  # another drive of Windows
        return f"path:{os.path.relpath(path, top)}"
    return f"path:{path}"


def source_keys(address: str, folder: Path) -> tuple[str, ...]:
    """Return the key of a source, and of one that is named through a link that of where the link
    leads: as it may be called, too."""
    keys = [source_key(address, folder)]
    if is_on_disk(address):
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            keys.append(source_key(str(Path(address).resolve()), folder))
    return tuple(dict.fromkeys(keys))


def path_of(key: str, folder: Path) -> Path | None:
    """Return the path that a key stands for, where links lead today; None for the web."""
    if not key.startswith("path:"):
        return None
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        return (folder.resolve() / key.removeprefix("path:")).resolve()
    return None


def named_path(address: str) -> Path:
    """Return a path from the root as it was named, links and all; what comes before ``..`` is
    followed."""
    parts = Path(address).parts
    last = len(parts) - parts[::-1].index("..") if ".." in parts else 0
    try:
        return Path(*parts[:last]).resolve() / Path(*parts[last:])
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        return Path(os.path.abspath(address))  # noqa: PTH100 - what cannot be has no other path


def _respelled(address: str) -> str:
    """Return an address as browsers spell it: numbers that stand for an IPv4 address as four of
    them, no zeros before the port, no ``.`` and ``..`` in the path."""
    parts = _PARTS.fullmatch(_bare(address))
    if parts is None:
        return address
    host, port = parts["host"], (parts["port"] or "").lstrip("0")
    with contextlib.suppress(OSError, ValueError):
        host = socket.inet_ntoa(socket.inet_aton(unquote(host)))
    user = f"{parts['user']}@" if parts["user"] else ""
    query = f"?{parts['query']}" if parts["query"] else ""
    base = f"{parts['scheme'].lower()}://{user}{host}{f':{port}' if port else ''}"
    with contextlib.suppress(ValueError):
        return urljoin(f"{base}/", f"{parts['path'] or '/'}{query}")
    return address


def is_on_disk(address: str) -> bool:
    """Return whether the address of a source is a path: no web address, no user@host:path, no
    standard input."""
    return address != "-" and "://" not in address and not _OVER_SSH.match(address)


def shown(address: str) -> str:
    """Return an address as the user may see it: one line, without a password."""
    return re.sub(r"(?<=//)[^/?#@]*@", "", " ".join(address.split()), count=1)


def fragment_of(address: str) -> str:
    """Return what follows the ``#`` of an address, decoded; "" where nothing does."""
    return unquote(address.partition("#")[2])


def _bare(address: str) -> str:
    """Return an address without the white space around it and the line breaks in it."""
    leading = _LEADING.match(address)
    return _BREAKS.sub("", address[leading.end() if leading else 0 :].rstrip(_BLANKS))


def _host(text: str) -> str | None:
    if text.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(text[1:-1])}]"
        except ValueError:
            return None
    host = unquote(text).lower()
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):  # to browsers an IPv4 address
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            return None
    return host if len(host) <= 253 and ".." not in host and _HOST.fullmatch(host) else None


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host
    import idna  # noqa: PLC0415 - its tables, for a few hosts of the world

    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return _percent(host)


def _percent(text: str) -> str:
    return _BEYOND_ASCII.sub(lambda run: quote(run[0], errors="ignore"), text)


def _without_tracking(query: str | None) -> str:
    if not query:
        return ""
    names = {part: part.partition("=")[0].lower().removeprefix("amp;") for part in query.split("&")}
    return "&".join(
        part
        for part in query.split("&")
        if names[part] not in _NAMES and not names[part].startswith(_PREFIXES)
    )


def _legal(text: str) -> str:
    text = _ILLEGAL.sub(lambda match: quote(match.group(), errors="ignore"), text)
    return _BARE_PERCENT.sub("%25", text)
