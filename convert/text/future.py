"""Entries whose dates lie in the future: by a slip, a wrong clock, or to stand above all others."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from msgspec.structs import replace

from convert.model import Entry, Problem, StoredEntry
from convert.text.characters import amount, shortened
from convert.text.dates import is_future

FutureDates = Literal["keep", "ignore_date", "ignore_entry"]
"""What becomes of them."""


def is_ahead(entry: StoredEntry | Entry) -> bool:
    """Return whether a date of the entry lies in the future."""
    return is_future(max(entry.updated, entry.published or entry.updated))


def past(entry: StoredEntry, otherwise: dt.datetime) -> StoredEntry:
    """Return the entry without dates in the future; where neither is left, ``otherwise`` is
    ``updated``."""
    if not is_ahead(entry):
        return entry
    published = entry.published
    if published is not None and is_future(published):
        published = None
    updated = (published or otherwise) if is_future(entry.updated) else entry.updated
    return replace(entry, updated=updated, published=published)


def warning_of(entry: StoredEntry) -> Problem:
    """Return the warning that the later date of an entry lies in the future; ``published``, from
    which a feed that states no other date gives both."""
    field, date = "updated", entry.updated
    if entry.published is not None and entry.published >= date:
        field, date = "published", entry.published
    whose = f"{field} of {shortened(entry.link or entry.id)}"
    return Problem(path=entry.path, field=whose, reason=f"{date.date()} is in the future")


def ignored(count: int, rule: FutureDates) -> str:
    """Return what is said of so many entries of a source of which something is ignored."""
    some = amount(count, "entry is", "entries are")
    what = "left out" if rule == "ignore_entry" else "taken as if it had no such date"
    if count > 1 and rule == "ignore_date":
        what = "taken as if they had no such date"
    return f"{some} dated in the future: {what} (future_dates = {rule})"
