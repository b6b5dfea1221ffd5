"""One entry file of a Thicket repository to a stored entry."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from convert.errors import BadDate, ConvertError
from convert.model import Category, Enclosure, Link, Person, Problem, StoredEntry
from convert.sources import clean, json_fields
from convert.text import dates, json_text
from convert.text.languages import language_tag

T = TypeVar("T")

_KEYS = re.compile(rb'"(id|title|link|updated|published|summary|content|author|categories)"\s*:')
_TYPES = {
    "str": "a string",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


class BadEntry(ConvertError):
    """An entry that must be left out; ``field`` is the key at fault, or ""."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}" if field else reason)


class PersonFile(msgspec.Struct, frozen=True):
    """``author`` as Thicket writes it."""

    name: str | None = None
    email: str | None = None
    uri: str | None = None
    icon: str | None = None


class CategoryFile(msgspec.Struct, frozen=True):
    """A category that knows more than its term."""

    term: str
    scheme: str | None = None
    label: str | None = None


class EnclosureFile(msgspec.Struct, frozen=True):
    """An enclosure, as our own ``thicket`` exporter writes it."""

    href: str
    type: str | None = None
    length: int | None = None
    title: str | None = None
    duration: int | None = None


class LinkFile(msgspec.Struct, frozen=True):
    """A further link, as our own ``thicket`` exporter writes it."""

    rel: str
    href: str
    type: str | None = None
    hreflang: str | None = None
    title: str | None = None


class EntryFile(msgspec.Struct, frozen=True):
    """The keys that Thicket gives an entry; any of them may be null or missing."""

    id: str | None = None
    title: str | None = None
    link: str | None = None
    updated: str | None = None
    published: str | None = None
    summary: str | None = None
    content: str | None = None
    content_type: str | None = None
    author: PersonFile | None = None
    categories: list[str | CategoryFile] | None = None
    rights: str | None = None
    source: str | None = None


Warn = Callable[[Problem], None]


class _Further:
    """The keys beyond Thicket's: ours, or those of somebody who means something else by them."""

    def __init__(self, keys: Mapping[str, Any], note: Callable[[str, str], None]) -> None:
        self._keys = keys
        self._note = note

    def get(self, key: str, kind: type[T]) -> T | None:
        """Return a key's value; None, with a warning, where it is of another kind."""
        if self._keys.get(key) is None:
            return None
        try:
            return msgspec.convert(self._keys[key], kind)
        except msgspec.ValidationError as error:
            self._note(key, f"ignored: {_explained(error)[1]}")
            return None


def looks_like_one(content: bytes) -> bool:
    """Return whether the bytes may be an entry, a broken one too: an id and a date stand in it, or
    three of an entry's keys, and it is no JSON Feed."""
    if json_fields.is_feed(content):
        return False
    keys = set(_KEYS.findall(content))
    return len(keys) > 2 or (b"id" in keys and not keys.isdisjoint({b"updated", b"published"}))


def is_another(content: bytes) -> bool:
    """Return whether the bytes are whole, and of another program: what is broken may have been an
    entry."""
    try:
        msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return False
    return not looks_like_one(content)


def read(
    content: bytes, *, path: str, user: str, origin: str, max_body: int, warn: Warn
) -> StoredEntry:
    """Return the entry that the bytes of a file hold; what can be understood in spite of a
    fault is, with a warning.

    Raises BadEntry where it must be left out.
    """
    stored, keys, file = _decoded(content, max_body)

    def note(field: str, reason: str) -> None:
        warn(Problem(path=path, field=field, reason=reason))

    further = _Further(keys, note)
    updated, published = _dates(file, note)
    content_type = file.content_type or "html"
    # Thicket's own key holds terms; ours beside it tells more of the same ones.
    categories = [
        CategoryFile(each) if isinstance(each, str) else each for each in file.categories or ()
    ]
    details = further.get("category_details", list[CategoryFile]) or []
    if [each.term for each in details] == [each.term for each in categories]:
        categories = details
    return StoredEntry(
        path=path,
        user=user,
        id=file.id or "",
        updated=updated,
        published=published,
        title=file.title or "",
        title_type=further.get("title_type", str) or "text",
        link=file.link,
        summary=file.summary,
        summary_type=further.get("summary_type", str) or ("html" if file.content else content_type),
        content=file.content,
        content_type=content_type,
        authors=_people(further.get("authors", list[PersonFile]))
        or _people([file.author] if file.author else None),
        contributors=_people(further.get("contributors", list[PersonFile])),
        categories=tuple(
            Category(term=each.term, scheme=each.scheme, label=each.label) for each in categories
        ),
        rights=file.rights,
        source=file.source,
        enclosures=tuple(
            Enclosure(
                href=each.href,
                type=each.type,
                length=clean.count(each.length),
                title=each.title,
                duration=clean.count(each.duration),
            )
            for each in further.get("enclosures", list[EnclosureFile]) or ()
        ),
        links=tuple(
            Link(
                rel=each.rel,
                href=each.href,
                type=each.type,
                hreflang=each.hreflang,
                title=each.title,
            )
            for each in further.get("other_links", list[LinkFile]) or ()
        ),
        image=further.get("image", str),
        language=language_tag(further.get("language", str)),
        base=further.get("base", str),
        in_reply_to=tuple(further.get("in_reply_to", list[str]) or ()),
        shared_id=further.get("shared_id", str),
        origin=origin,
        stored=stored,
    )


def _decoded(content: bytes, max_body: int) -> tuple[bytes, Mapping[str, Any], EntryFile]:
    """Return a file's JSON text in UTF-8, all its keys, and those that Thicket gives an entry.

    Raises BadEntry without an id, or with a body over the limit of characters.
    """
    try:
        text = json_text.utf8(content)
        keys: Any = json_text.decode(text)
        file = msgspec.convert(keys, EntryFile)
    except json_text.BadJSON as error:
        raise BadEntry("", str(error)) from error
    except msgspec.ValidationError as error:
        raise BadEntry(*_explained(error)) from error
    if file.id is None or not file.id.strip():
        state = "missing" if file.id is None else "empty"
        raise BadEntry("id", f"is {state}; every entry needs one")
    for field, body in (("content", file.content), ("summary", file.summary)):
        if reason := clean.too_long(body, limit=max_body):
            raise BadEntry(field, reason)
    return text, keys, file


def _explained(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return msgspec's "Expected `str | null`, got `int` - at `$.title`" as field and reason."""
    message, _, place = str(error).partition(" - at ")
    field = place.strip("`").removeprefix("$").removeprefix(".")
    types = re.fullmatch(r"Expected `([^`]+)`, got `([^`]+)`", message)
    if not types:
        return field, message[:1].lower() + message[1:]
    expected = [_TYPES.get(name, name) for name in types[1].split(" | ") if name != "null"]
    return field, f"expected {' or '.join(expected)}, found {_TYPES.get(types[2], types[2])}"


def _dates(
    file: EntryFile, note: Callable[[str, str], None]
) -> tuple[dt.datetime, dt.datetime | None]:
    """Return ``updated`` and ``published``; the one stands in for the other (RFC 4287 §4.2.15)."""
    bad: list[tuple[str, str]] = []

    def parsed(field: str, value: str | None) -> dt.datetime | None:
        try:
            return dates.parse(value) if value and value.strip() else None
        except BadDate as error:
            bad.append((field, str(error)))
            return None

    updated = parsed("updated", file.updated)
    published = parsed("published", file.published)
    used = updated or published
    if used is None:
        field, reason = bad[0] if bad else ("updated", "is missing, and so is published")
        raise BadEntry(field, reason)
    for field, reason in bad:
        note(field, f"{reason}; {'published' if field == 'updated' else 'updated'} is used")
    if updated is None and not bad:
        note("updated", "is missing; published is used")
    return used, published


def _people(people: list[PersonFile] | None) -> tuple[Person, ...]:
    return tuple(
        Person(
            name=each.name,
            uri=each.uri or None,
            email=each.email or None,
            icon=each.icon or None,
        )
        for each in people or ()
        if each.name and each.name.strip()
    )
