"""What may stand in a page or in the package: web addresses, and languages of elements."""

from __future__ import annotations

import re
from urllib.parse import quote

from convert.exporters import outline

_TAG_WITH_LANGUAGE = re.compile(r'<[A-Za-z][^<>]*\slang="[^<>]*>')
_LANG = re.compile(r'\slang="([^"]*)"')


def web_address(address: str | None) -> str | None:
    """Return an http(s) address in the characters of RFC 3986; None for anything else."""
    found = outline.web_address(address)
    return quote(found, safe="!#$%&'()*+,/:;=?@[]~") if found else None


def with_xml_lang(markup: str) -> str:
    """``xml:lang`` beside every ``lang``: readers of EPUB 2 know only the former."""
    if ' lang="' not in markup:
        return markup
    return _TAG_WITH_LANGUAGE.sub(lambda tag: _LANG.sub(r'\g<0> xml:lang="\1"', tag[0]), markup)
