"""The Thicket repository that a run writes, as a source of what is known already."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from convert.contract import SourceContext
from convert.errors import SourceError
from convert.model import Feed, StoredEntry
from convert.sources.thicket import place
from convert.sources.thicket.source import ThicketReading


class _AlsoIds(msgspec.Struct, frozen=True):
    """Further ids that feeds gave an entry later, as our own ``thicket`` exporter notes them."""

    also_ids: list[str] = []


@dataclasses.dataclass(frozen=True)
class Store:
    """What ``context.store`` holds; nothing where there is none yet.  Read on first use."""

    context: SourceContext

    @property
    def exists(self) -> bool:
        """Whether this run writes into a store at all, an empty one included."""
        return self.context.store is not None

    def username(self, address: str | None) -> str | None:
        """Return the user that the store's index.json gives a feed's address to."""
        users = self._reading.users.values() if self._reading else ()
        return next((user.username for user in users if address in user.feeds), None)

    def first_seen(self, identity: str) -> dt.datetime | None:
        """Return the date that an entry of this id got when it was first stored."""
        return self._dates.get(identity)

    def copy(self, feed: Feed) -> tuple[StoredEntry, ...]:
        """Return the entries that came from a feed."""
        ids = {feed.id, feed.address}
        username = self.username(feed.address)
        return tuple(
            entry
            for entry in self._entries
            if entry.source in ids or (entry.source is None and entry.user == username)
        )

    @cached_property
    def _reading(self) -> ThicketReading | None:
        folder = self.context.store
        if folder is None or not Path(folder).is_dir():
            return None
        # This run reads feeds; what is wrong in the store is told where it is read itself.
        quiet = dataclasses.replace(self.context, warn=lambda problem: None, rev=None)
        try:
            return ThicketReading(place.locate(str(folder), None), quiet)
        except SourceError:
            return None

    @cached_property
    def _entries(self) -> tuple[StoredEntry, ...]:
        return tuple(self._reading.entries()) if self._reading else ()

    @cached_property
    def _dates(self) -> Mapping[str, dt.datetime]:
        """Dates by id; what an entry is called first goes before another's further ids."""
        further: dict[str, dt.datetime] = {}
        for entry in self._entries:
            if b'"also_ids"' in entry.stored:
                with contextlib.suppress(msgspec.MsgspecError):  # somebody else's key
                    also = msgspec.json.decode(entry.stored, type=_AlsoIds).also_ids
                    further |= dict.fromkeys(also, entry.updated)
        return further | {entry.id: entry.updated for entry in self._entries}
