"""The entries before those that a feed shows: RFC 5005, JSON Feed's next_url, WordPress."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator

from convert.contract import SourceContext
from convert.errors import FetchError, SourceError
from convert.model import Problem
from convert.sources.feeds import load
from convert.sources.feeds.load import Loaded
from convert.text.characters import amount


def older(first: Loaded, context: SourceContext, max_pages: int) -> Iterator[Loaded]:
    """Yield the documents before the first, newest first, until the history or ``max_pages``
    ends.

    Raises Incomplete where a page cannot be fetched.
    """
    visited = {first.address}
    here = first
    for number in range(2, max_pages + 1):
        address, guessed = _next(here, first, number)
        if address is None or address in visited:  # archives that name each other in a ring
            return
        visited.add(address)
        try:
            answer = context.fetcher.get(address, named_by=first.address)
            try:
                loaded = load.from_answer(answer, first.name, context)
            except SourceError as error:
                if guessed:
                    return
                loaded = load.instead(address, answer, error, context, named_by=first.address)
        except (FetchError, SourceError) as error:
            # WordPress has no way to say which page is the last: the one after it fails.
            if guessed:
                return
            raise Incomplete(address, error.reason) from error
        if not loaded.document.entries:  # or it answers with an empty page
            return
        yield loaded
        here = loaded
    if _next(here, first, max_pages + 1)[0]:
        reason = f"has more pages than max_pages = {max_pages}; the older ones are left out"
        context.warn(Problem(path=first.name, reason=reason))


class Incomplete(FetchError):
    """A page of the history could not be read; those before it were."""


def hint(loaded: Loaded) -> str | None:
    """Return the advice for a feed that holds only its newest entries; None where it has all."""
    document = loaded.document
    if not document.older and not (document.paged and loaded.address):
        return None
    entries = document.entries
    oldest = min((entry.published or entry.updated for entry in entries), default=None)
    since = f", the oldest of {oldest.date()}" if oldest else ""
    holds = f"holds {amount(len(entries), 'entry', 'entries')}"
    return f"{holds}{since}; the option history = all fetches those before"


def _next(here: Loaded, first: Loaded, number: int) -> tuple[str | None, bool]:
    """Return the address of the next page, and whether it is only guessed."""
    # What the feed says goes before what WordPress always does.
    if here.document.older:
        return here.document.older, False
    if first.document.paged and first.address:
        parts = urllib.parse.urlsplit(first.address)
        query = [pair for pair in urllib.parse.parse_qsl(parts.query) if pair[0].lower() != "paged"]
        encoded = urllib.parse.urlencode([*query, ("paged", str(number))])
        return urllib.parse.urlunsplit(parts._replace(query=encoded)), True
    return None, False
