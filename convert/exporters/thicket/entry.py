"""A stored entry as the JSON of its file, and what of a file changes with an entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from convert.exporters.thicket import json as js
from convert.model import Category, Enclosure, Person, StoredEntry

ALSO = "also_ids"
"""Our key for further ids that a feed gave the same entry later."""
KEYS = (
    "id",
    "title",
    "link",
    "updated",
    "published",
    "summary",
    "content",
    "content_type",
    "author",
    "categories",
    "rights",
    "source",
)
"""Thicket's keys, in its order; every file has all of them."""
_MORE = (
    "title_type",
    "summary_type",
    "authors",
    "contributors",
    "category_details",
    "enclosures",
    "language",
    "base",
    "in_reply_to",
)
"""Our keys for what Thicket has no key for; only where there is something to say."""
_DERIVED = ("links", "backlinks")
"""What older stores hold: who links to whom is worked out when it is asked for."""


def form(entry: StoredEntry) -> dict[str, Any]:
    """The keys and values of the entry's file; of ours only those that say something."""
    authors = [_person(each) for each in entry.authors if each.name.strip()]
    values = (
        entry.id,
        entry.title,
        entry.link,
        _date(entry.updated),
        _date(entry.published),
        entry.summary,
        entry.content,
        entry.content_type,
        authors[0] if authors else None,
        [each.term for each in entry.categories],
        entry.rights,
        entry.source,
    )
    implied = "html" if entry.content else entry.content_type
    more = (
        entry.title_type if entry.title_type != "text" else None,
        entry.summary_type if entry.summary is not None and entry.summary_type != implied else None,
        authors if len(authors) > 1 else None,
        [_person(each) for each in entry.contributors if each.name.strip()],
        _details(entry.categories),
        [_enclosure(each) for each in entry.enclosures],
        entry.language,
        entry.base,
        list(entry.in_reply_to),
    )
    said = {key: value for key, value in zip(_MORE, more, strict=True) if value}
    return dict(zip(KEYS, values, strict=True)) | said


def unknown(stored: bytes) -> dict[str, Any]:
    """The keys of a file that neither Thicket nor we know, with their values."""
    known = {*KEYS, *_MORE, *_DERIVED, ALSO}
    return {key: value for key, value in (js.read(stored) or {}).items() if key not in known}


def also_ids(stored: bytes) -> tuple[str, ...]:
    """The further ids that a file names."""
    if f'"{ALSO}"'.encode() not in stored:
        return ()
    named = (js.read(stored) or {}).get(ALSO)
    return tuple(each for each in named if isinstance(each, str)) if isinstance(named, list) else ()


def marks(entry: StoredEntry) -> dict[str, int]:
    """What stands for each value of the entry's file, to tell changes by."""
    values = form(entry) | (unknown(entry.stored) if entry.stored else {})
    return {key: js.mark(value) for key, value in values.items()}


def changed(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[str, ...]:
    """The keys whose values differ; a key of ours that is not said any more is among them.

    ``id`` never is: an entry keeps the one it was first published under.
    """
    new = [key for key in after if key != "id" and before.get(key) != after[key]]
    return (*new, *(key for key in _MORE if key in before and key not in after))


def file_of(entry: StoredEntry) -> bytes:
    """The file of an entry that the repository does not hold yet; as it was stored, where it
    was."""
    if not entry.stored:
        return js.write(form(entry))
    if not any(f'"{key}"'.encode() in entry.stored for key in _DERIVED):
        return entry.stored
    value = js.read(entry.stored) or form(entry)
    if not any(key in value for key in _DERIVED):
        return entry.stored
    return js.write(_without_derived(value), entry.stored)


def rewritten(
    before: bytes, entry: StoredEntry, keys: Iterable[str], also: tuple[str, ...]
) -> bytes:
    """The file ``before`` with the entry's values for these keys; all others as they are."""
    value = _without_derived(js.read(before) or {})
    new = form(entry) | (unknown(entry.stored) if entry.stored else {})
    for key in keys:
        if key in new:
            value[key] = new[key]
        else:
            value.pop(key, None)
    if also:
        value[ALSO] = list(also)
    return js.write(value, before)


def _without_derived(value: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key not in _DERIVED}


def _date(when: dt.datetime | None) -> str | None:
    """Thicket writes UTC without saying so."""
    return when.astimezone(dt.UTC).replace(tzinfo=None).isoformat() if when else None


def _person(person: Person) -> dict[str, Any]:
    return {"name": person.name, "email": person.email, "uri": person.uri}


def _details(categories: Iterable[Category]) -> list[dict[str, Any]]:
    """All categories, where terms alone do not tell them; Thicket's own key holds only terms."""
    every = tuple(categories)
    if not any(each.scheme or each.label for each in every):
        return []
    return [{"term": each.term, "scheme": each.scheme, "label": each.label} for each in every]


def _enclosure(enclosure: Enclosure) -> dict[str, Any]:
    return {
        "href": enclosure.href,
        "type": enclosure.type,
        "length": enclosure.length,
        "title": enclosure.title,
        "duration": enclosure.duration,
    }
