"""A stored entry as the JSON of its file, and what of a file changes with an entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from convert.exporters.thicket.encode import mark_of, read_json, write_json
from convert.model import Person, StoredEntry

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
    "other_links",
    "image",
    "language",
    "base",
    "in_reply_to",
    "shared_id",
)
"""Our keys for what Thicket has no key for; only where there is something to say."""
_DERIVED = ("links", "backlinks")
"""What older stores hold: who links to whom is worked out when it is asked for."""


def form(entry: StoredEntry) -> dict[str, Any]:
    """Return the keys and values of the entry's file; of ours only those that say something."""
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
    # Thicket's own key holds only terms: all categories again, where these do not tell them.
    detailed = any(each.scheme or each.label for each in entry.categories)
    more = (
        entry.title_type if entry.title_type != "text" else None,
        entry.summary_type if entry.summary is not None and entry.summary_type != implied else None,
        authors if len(authors) > 1 else None,
        [_person(each) for each in entry.contributors if each.name.strip()],
        [msgspec.structs.asdict(each) for each in entry.categories] if detailed else None,
        [msgspec.structs.asdict(each) for each in entry.enclosures],
        [msgspec.structs.asdict(each) for each in entry.links],
        entry.image,
        entry.language,
        entry.base,
        list(entry.in_reply_to),
        entry.shared_id,
    )
    ours = {key: value for key, value in zip(_MORE, more, strict=True) if value}
    return dict(zip(KEYS, values, strict=True)) | ours


def unknown(stored: bytes) -> dict[str, Any]:
    """Return the keys of a file that neither Thicket nor we know, with their values."""
    known = {*KEYS, *_MORE, *_DERIVED, ALSO}
    return {key: value for key, value in (read_json(stored) or {}).items() if key not in known}


def also_ids(stored: bytes) -> tuple[str, ...]:
    """Return the further ids that a file names."""
    if f'"{ALSO}"'.encode() not in stored:
        return ()
    ids = (read_json(stored) or {}).get(ALSO)
    return tuple(each for each in ids if isinstance(each, str)) if isinstance(ids, list) else ()


def marks_of(entry: StoredEntry) -> dict[str, int]:
    """Return what stands for each value of the entry's file, to tell changes by."""
    values = form(entry) | (unknown(entry.stored) if entry.stored else {})
    return {key: mark_of(value) for key, value in values.items()}


def changed_keys(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[str, ...]:
    """Return the keys whose values differ; a key of ours that is not said any more is among
    them.

    ``id`` never is: an entry keeps the one it was first published under.
    """
    new = [key for key in after if key != "id" and before.get(key) != after[key]]
    return (*new, *(key for key in _MORE if key in before and key not in after))


def file_of(entry: StoredEntry) -> bytes:
    """Return the file of an entry that the repository does not hold yet; as it was stored,
    where it was."""
    if not entry.stored:
        return write_json(form(entry))
    # Text alone tells most files that need no change: parsing all costs more than the rest.
    if not any(f'"{key}"'.encode() in entry.stored for key in _DERIVED):
        return entry.stored
    value = read_json(entry.stored) or form(entry)
    if not any(key in value for key in _DERIVED):
        return entry.stored
    return write_json(_without_derived(value), entry.stored)


def rewrite(before: bytes, entry: StoredEntry, keys: Iterable[str], also: tuple[str, ...]) -> bytes:
    """Return the file ``before`` with the entry's values for these keys; all others as they
    are."""
    value = _without_derived(read_json(before) or {})
    new = form(entry) | (unknown(entry.stored) if entry.stored else {})
    for key in keys:
        if key in new:
            value[key] = new[key]
        else:
            value.pop(key, None)
    if also:
        value[ALSO] = list(also)
    return write_json(value, before)


def _without_derived(value: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key not in _DERIVED}


def _date(when: dt.datetime | None) -> str | None:
    """Return the moment as Thicket writes it: UTC without saying so."""
    return when.astimezone(dt.UTC).replace(tzinfo=None).isoformat() if when else None


def _person(person: Person) -> dict[str, Any]:
    face = {"icon": person.icon} if person.icon else {}
    return {"name": person.name, "email": person.email, "uri": person.uri} | face
