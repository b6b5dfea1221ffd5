"""Source ``opml``: a subscription list, and every feed in it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from convert.contract import Reading, SourceContext
from convert.errors import FetchError, SourceError
from convert.sources import clean
from convert.sources.feeds import load
from convert.sources.feeds.document import sniff
from convert.sources.feeds.source import FeedSource
from convert.sources.opml import reading
from convert.text import files

_LIMIT = 20_000_000


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This source has no options."""


class OpmlSource:
    """The entry point; satisfies ``convert.contract.Source``."""

    name = "opml"
    summary = "an OPML subscription list, and every feed in it"
    Options: type[msgspec.Struct] = Options

    def recognises(self, address: str) -> int:
        """Return how sure it is: certain of what begins with <opml> or is called so."""
        if clean.is_web(address):
            return 80 if address.partition("?")[0].lower().endswith(".opml") else 0
        path = Path(address)
        try:
            if not path.is_file():
                return 0
            with path.open("rb") as file:
                return 95 if sniff(file.read(4096)) == "opml" else 60 * (path.suffix == ".opml")
        except (OSError, ValueError):
            return 0

    def open(self, address: str, context: SourceContext) -> Reading:
        """Return the reading; that of ``context.listed`` where there are any, which the config file
        at the address lists.  Raises NotASource for what is no list, SourceError where no feed
        can be had."""
        if context.listed:
            return reading.of_config(address, context)
        shown = clean.without_credentials(address)
        try:
            if clean.is_web(address):
                answer = context.fetcher.get(address)
                load.warn_of_copy(answer, shown, context)
                content = answer.content
            else:
                content = files.read(Path(address), _LIMIT)
        except FetchError as error:
            raise SourceError(shown, error.reason) from error
        except OSError as error:
            raise SourceError(shown, f"cannot be read: {error.strerror}") from error
        if len(content) > _LIMIT:
            raise SourceError(shown, f"is larger than {_LIMIT:,} bytes")
        return reading.read(content, address, context)


SOURCE = OpmlSource()
# What the entry point ``feed`` names: an address given for a feed may hold a list.
FEED = FeedSource(reading.read)
