"""The Thicket repository that a run writes, as a source of what is known already."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from convert.contract import SourceContext
from convert.errors import SourceError
from convert.model import Feed, StoredEntry, User
from convert.sources.thicket import place
from convert.sources.thicket.source import ThicketReading


@dataclasses.dataclass(frozen=True)
class Store:
    """What ``context.store`` holds; nothing where there is none yet.  Read when asked."""

    context: SourceContext

    @property
    def exists(self) -> bool:
        """Whether this run writes into a store at all, an empty one included."""
        return self.context.store is not None

    def username(self, address: str | None) -> str | None:
        """The user that the store's index.json gives a feed's address to."""
        for user in self._users.values():
            if address is not None and address in user.feeds:
                return user.username
        return None

    def first_seen(self, identity: str) -> dt.datetime | None:
        """The date that an entry of this id was given when it was first stored."""
        return self._dates.get(identity)

    def copy(self, feed: Feed) -> tuple[tuple[StoredEntry, ...], dt.datetime | None]:
        """The entries that came from a feed, and the date of the newest."""
        ids = {feed.id, feed.address}
        username = self.username(feed.address)
        found = tuple(
            entry
            for entry in self._entries
            if entry.source in ids or (entry.source is None and entry.user == username)
        )
        return found, max((entry.updated for entry in found), default=None)

    @cached_property
    def _reading(self) -> ThicketReading | None:
        folder = self.context.store
        if folder is None or not Path(folder).is_dir():
            return None
        quiet = dataclasses.replace(self.context, warn=lambda problem: None, rev=None)
        try:
            return ThicketReading(place.locate(str(folder), None), quiet)
        except SourceError:
            return None

    @cached_property
    def _users(self) -> Mapping[str, User]:
        return self._reading.users if self._reading else {}

    @cached_property
    def _entries(self) -> tuple[StoredEntry, ...]:
        return tuple(self._reading.entries()) if self._reading else ()

    @cached_property
    def _dates(self) -> Mapping[str, dt.datetime]:
        further = {id_: entry.updated for entry in self._entries for id_ in _also_ids(entry)}
        return further | {entry.id: entry.updated for entry in self._entries}


class _AlsoIds(msgspec.Struct, frozen=True):
    """Further ids that feeds gave an entry later, as our own ``thicket`` exporter notes them."""

    also_ids: list[str] = []


def _also_ids(entry: StoredEntry) -> list[str]:
    if b'"also_ids"' not in entry.stored:
        return []
    try:
        return msgspec.json.decode(entry.stored, type=_AlsoIds).also_ids
    except msgspec.MsgspecError:
        return []  # somebody means something else by it
