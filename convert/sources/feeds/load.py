"""Feeds from where they lie: files, standard input, the web."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
import sys
from collections.abc import Callable
from pathlib import Path

from convert.contract import Fetched, SourceContext
from convert.errors import NotASource, SourceError
from convert.sources import clean
from convert.sources.feeds import json_feed, xml_feed
from convert.sources.feeds.document import BadFeed, Document, Received, sniff
from convert.sources.xml_text import RefusedXML
from convert.text import files, stale

LIMIT = 100_000_000
"""The most bytes of one feed file."""
SUFFIXES = (".xml", ".atom", ".rss", ".rdf", ".json", ".cdf")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Loaded:
    """A feed document and where it was: ``name`` as the user knows it, ``answered`` when its
    host last gave it, ``stale`` where that failed to give it anew."""

    document: Document
    name: str
    address: str | None = None
    answered: dt.datetime | None = None
    stale: bool = False


Kin = Callable[[Loaded], None]
"""Raises SourceError for a feed that is not the one that an address led to before."""


class IsList(SourceError):
    """The address holds a list of feeds; ``content`` is its bytes."""

    def __init__(self, address: str, content: bytes) -> None:
        self.content = content
        super().__init__(address, "is a list of feeds, not a feed")


def from_web(address: str, context: SourceContext, kin: Kin) -> Loaded:
    """Return the feed at an address, or the first of those that the page there names; the last
    good one where that is of no use.

    Raises FetchError, SourceError, NotASource where there is neither, IsList.
    """
    shown = clean.without_credentials(address)
    answer = context.fetcher.get(address)
    kind = sniff(answer.content)
    if kind == "opml":
        warn_of_copy(answer, shown, context)
        raise IsList(shown, answer.content)
    if kind != "html":
        return useful(address, answer, context, kin)
    from convert.sources.feeds import discovery  # noqa: PLC0415 - Beautiful Soup takes 0.1 s to load

    page = answer.address
    addresses = discovery.feeds(answer.content, page)
    try:
        if not addresses:
            raise NotASource(shown, "is a page that names no feed; give the feed's own address")
        # A stranger's page names the feed: the user's credentials are for the page alone.
        named = context.fetcher.get(addresses[0], named_by=page)
        loaded = useful(addresses[0], named, context, named_by=page)
        kin(loaded)
    except SourceError as error:
        return instead(address, answer, error, context)
    return loaded


def useful(
    address: str,
    answer: Fetched,
    context: SourceContext,
    kin: Kin = lambda loaded: None,
    *,
    named_by: str | None = None,
) -> Loaded:
    """Return the feed in what an address answered; where that is of no use, in its last good
    answer.

    Raises NotASource where there is none and it is no feed, SourceError where it is refused.
    """
    try:
        loaded = from_answer(answer, clean.without_credentials(address), context)
        kin(loaded)
    except SourceError as error:
        return instead(address, answer, error, context, named_by=named_by)
    cut, entries = loaded.document.cut, loaded.document.entries
    if cut and not entries:
        with contextlib.suppress(SourceError):
            useless = SourceError(loaded.name, cut)
            return instead(address, answer, useless, context, named_by=named_by)
    elif cut or not entries:
        # What came of it is newer, but the next run must be given all of it.
        context.fetcher.reject(address, answer.content, cut, named_by=named_by)
    return loaded


def instead(
    address: str,
    answer: Fetched,
    error: SourceError,
    context: SourceContext,
    *,
    named_by: str | None = None,
) -> Loaded:
    """Return the feed in the last good answer, in place of one that is of no use; raise the error
    that tells why where there is none, IsList where that was one."""
    shown = clean.without_credentials(address)
    before = context.fetcher.reject(address, answer.content, error.reason, named_by=named_by)
    if before is None:
        raise error
    if sniff(before.content) == "opml":
        warn_of_copy(before, shown, context)
        raise IsList(shown, before.content)
    try:
        return from_answer(before, shown, context)
    except SourceError:
        raise error from None


def from_answer(answer: Fetched, name: str, context: SourceContext) -> Loaded:
    """Return the feed in what the web answered; warn where it is an older copy.

    Raises NotASource where it is no feed, SourceError where it is refused.
    """
    # RFC 9110 §8.3.2; quotes, spaces and further parameters come as they like.
    charset = re.search(r"charset=[\"']?([\w.:-]{1,40})", answer.media_type, re.IGNORECASE)
    received = Received(
        name=name,
        content=answer.content,
        address=clean.web(answer.address),
        charset=charset[1] if charset else None,
        max_body=context.max_body,
    )
    document = _document(received, context)
    warn_of_copy(answer, name, context)
    return Loaded(
        document=document,
        name=name,
        address=received.address,
        answered=answer.answered,
        stale=bool(answer.failure),
    )


def warn_of_copy(answer: Fetched, name: str, context: SourceContext) -> None:
    """Report where the answer is an older copy."""
    if answer.failure:
        copy, since = "the copy in the cache", answer.answered
        context.warn(stale.stand_in(name, answer.failure, copy, since, context.max_stale))


def from_file(path: Path, context: SourceContext, *, name: str) -> Loaded:
    """Return the feed in a file.

    Raises SourceError where it cannot be read, NotASource, IsList.
    """
    try:
        content = files.read(path, LIMIT)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceError(name, clean.absent(name)) from error
    except OSError as error:
        raise SourceError(name, f"cannot be read: {error.strerror}") from error
    return _local(content, context, name)


def from_standard_input(context: SourceContext) -> Loaded:
    """Return the feed that is piped in.  Raises as ``from_file``."""
    content = sys.stdin.buffer.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise SourceError("-", f"is larger than {LIMIT:,} bytes")
    return _local(content, context, "-")


def _local(content: bytes, context: SourceContext, name: str) -> Loaded:
    if sniff(content) == "opml":
        raise IsList(name, content)
    received = Received(name=name, content=content, max_body=context.max_body)
    return Loaded(document=_document(received, context), name=name)


def _document(received: Received, context: SourceContext) -> Document:
    """Return what the bytes hold, by their own format, and report its problems."""
    kind = sniff(received.content)
    try:
        if not received.content.strip():
            raise BadFeed("is empty")
        if kind == "html":
            raise BadFeed("is a web page, not a feed")
        document = json_feed.read(received) if kind == "json" else xml_feed.read(received)
    except RefusedXML as error:
        raise SourceError(received.name, str(error)) from error
    except BadFeed as error:
        raise NotASource(received.name, str(error)) from error
    for problem in document.problems:
        context.warn(problem)
    return document
