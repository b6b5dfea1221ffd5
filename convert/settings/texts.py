"""Texts that users write for a setting, each judged: an error shows one that fits."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re

from convert.errors import ContractError, UsageError
from convert.text.addresses import check_address, feed_address, is_iri
from convert.text.languages import check_language
from convert.text.paths import check_path

LONGEST_NAME = 200
"""Bytes of a name: a file system takes 255, and volumes and endings need some."""


def language(text: str, _now: dt.datetime) -> str:
    """Return the language tag in its one spelling.  Raises UsageError where the text is none."""
    return check_language(text)


def name(text: str, _now: dt.datetime | None = None) -> str:
    """Return the stem of file names itself.  Raises UsageError where a file cannot bear it."""
    example = "write a plain name such as group-2024"
    if "/" in text:
        raise UsageError(f"{text!r} is a path; {example}, and name the folder with --out")
    try:
        check_path(text)
    except ContractError as error:
        raise UsageError(f"{error}; {example}") from error
    if len(text.encode()) > LONGEST_NAME:
        raise UsageError(f"{text[:40]!r}… is too long; {LONGEST_NAME} bytes are the most")
    return text


def iri(text: str, _now: dt.datetime) -> str:
    """Return the IRI itself.  Raises UsageError where the text is none."""
    if not is_iri(text):
        example = "https://group.example/ or tag:group.example,2024:all"
        raise UsageError(f"{text!r} is no IRI; write {example}, or the like")
    return text


def source(text: str, _now: dt.datetime) -> str:
    """Return what a SOURCE names; feed://a.example, as lists and pages write, is an address of the
    web."""
    return feed_address(text) if re.match(r"feed:.*//", text, re.I) else text


def address(text: str, _now: dt.datetime) -> str:
    """Return the web address itself.  Raises UsageError where the text is none."""
    return check_address(text)


def network(text: str, _now: dt.datetime) -> str:
    """Return the network itself.  Raises UsageError where the text is none."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        reason = f"{text!r} is no network; write 192.168.1.0/24, ::1/128 or the like"
        raise UsageError(reason) from error
    return text
