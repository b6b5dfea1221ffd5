"""Feeds from where they lie: files, standard input, the web."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from convert.contract import Fetched, SourceContext
from convert.errors import FetchError, NotASource, SourceError
from convert.model import Problem, Severity
from convert.sources import clean
from convert.sources.feeds import json_feed, xml_feed
from convert.sources.feeds.document import BadFeed, Document, Given, RefusedFeed, sniff
from convert.text import dates

LIMIT = 100_000_000
"""The most bytes of one feed file."""
SUFFIXES = (".xml", ".atom", ".rss", ".rdf", ".json", ".cdf")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Loaded:
    """A feed document and where it was found: ``name`` as the user knows it."""

    document: Document
    name: str
    address: str | None = None
    stale: bool = False


class IsList(SourceError):
    """The address holds a list of feeds; ``content`` is its bytes."""

    def __init__(self, address: str, content: bytes) -> None:
        self.content = content
        super().__init__(address, "is a list of feeds, not a feed")


def is_web(address: str) -> bool:
    """Whether an address is http or https."""
    return urlsplit(address).scheme.lower() in {"http", "https"} if "://" in address else False


def from_web(address: str, context: SourceContext, *, kept_as: str | None = None) -> Loaded:
    """The feed at an address, or the first of those that the page there names.

    Raises FetchError, SourceError, NotASource where there is neither, IsList.
    """
    shown = clean.without_credentials(address)
    answer = context.fetcher.get(address)
    kind = sniff(answer.content)
    if kind == "html":
        from convert.sources.feeds import discovery  # noqa: PLC0415 - Beautiful Soup takes 0.1 s to load

        found = discovery.feeds(answer.content, answer.address)
        if not found:
            raise NotASource(shown, "is a page that names no feed; give the feed's own address")
        answer = context.fetcher.get(found[0], named_by=answer.address)
        shown = clean.without_credentials(found[0])
    elif kind == "opml":
        raise IsList(shown, answer.content)
    return from_answer(answer, kept_as or shown, context)


def from_answer(answer: Fetched, name: str, context: SourceContext) -> Loaded:
    """The feed in what the web answered; warns where it is an older copy.

    Raises NotASource where it is no feed, SourceError where it is refused.
    """
    charset = re.search(r"charset=[\"']?([\w.:-]{1,40})", answer.media_type, re.IGNORECASE)
    given = Given(
        name=name,
        content=answer.content,
        origin=name,
        address=clean.web(answer.address),
        charset=charset[1] if charset else None,
        max_body=context.max_body,
    )
    document = _document(given, context)
    if answer.stale_since is not None:
        reason = f"could not be fetched; {age(answer.stale_since)} is used"
        context.warn(Problem(path=name, reason=reason))
    return Loaded(
        document=document,
        name=name,
        address=given.address,
        stale=answer.stale_since is not None,
    )


def from_file(path: Path, context: SourceContext, *, name: str) -> Loaded:
    """The feed in a file.  Raises SourceError where it cannot be read, NotASource, IsList."""
    try:
        if path.stat().st_size > LIMIT:
            raise SourceError(name, f"is larger than {LIMIT:,} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(name, f"cannot be read: {error.strerror}") from error
    return _local(content, context, name)


def from_standard_input(context: SourceContext) -> Loaded:
    """The feed that is piped in."""
    content = sys.stdin.buffer.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise SourceError("-", f"is larger than {LIMIT:,} bytes")
    return _local(content, context, "-")


def age(since: dt.datetime) -> str:
    """An older copy in words: "the copy of 2024-05-06, 3 days old,"."""
    days = (dates.now() - since).days
    return f"the copy of {since.date()}, {days} day{'' if days == 1 else 's'} old,"


def _local(content: bytes, context: SourceContext, name: str) -> Loaded:
    if sniff(content) == "opml":
        raise IsList(name, content)
    given = Given(name=name, content=content, origin=name, max_body=context.max_body)
    return Loaded(document=_document(given, context), name=name)


def _document(given: Given, context: SourceContext) -> Document:
    kind = sniff(given.content)
    try:
        if not given.content.strip():
            raise BadFeed("is empty")
        if kind == "html":
            raise BadFeed("is a web page, not a feed")
        document = json_feed.read(given) if kind == "json" else xml_feed.read(given)
    except RefusedFeed as error:
        raise SourceError(given.name, str(error)) from error
    except BadFeed as error:
        raise NotASource(given.name, str(error)) from error
    for field, reason, costs_entry in document.problems:
        severity: Severity = "entry" if costs_entry else "warning"
        context.warn(Problem(path=given.name, field=field, reason=reason, severity=severity))
    return document


__all__ = [
    "LIMIT",
    "SUFFIXES",
    "FetchError",
    "IsList",
    "Loaded",
    "age",
    "from_answer",
    "from_file",
    "from_standard_input",
    "from_web",
    "is_web",
]
