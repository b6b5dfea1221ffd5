"""What may stand in a page or in the package: clean text and web addresses."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

# XML 1.0, 2.2: what is no character of a document, lone surrogates among it.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG_WITH_LANGUAGE = re.compile(r'<[A-Za-z][^<>]*\slang="[^<>]*>')
_LANG = re.compile(r'\slang="([^"]*)"')


def clean(text: str) -> str:
    """The text without what XML forbids."""
    return _ILLEGAL.sub("", text)


def line(text: str | None) -> str:
    """The text in one line, clean."""
    return " ".join(clean(text or "").split())


def web_address(address: str | None) -> str | None:
    """An http(s) address in the characters of RFC 3986; None for anything else."""
    found = line(address)
    if not found.lower().startswith(("http://", "https://")):
        return None
    try:
        host = urlsplit(found).hostname
    except ValueError:
        return None
    return quote(found, safe="!#$%&'()*+,/:;=?@[]~") if host else None


def shown_address(address: str) -> str:
    """The address as people write it."""
    return re.sub(r"^https?://(?:www\.)?", "", address).rstrip("/")


def with_xml_lang(markup: str) -> str:
    """``xml:lang`` beside every ``lang``: readers of EPUB 2 know only the former."""
    if ' lang="' not in markup:
        return markup
    return _TAG_WITH_LANGUAGE.sub(lambda tag: _LANG.sub(r'\g<0> xml:lang="\1"', tag[0]), markup)
