"""One entry file of a Thicket repository to a stored entry."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from convert.errors import BadDate, ConvertError
from convert.model import Category, Enclosure, Person, Problem, StoredEntry
from convert.sources import clean, json_text
from convert.text import dates
from convert.text.languages import language_tag

T = TypeVar("T")

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


def read(
    data: bytes, *, path: str, user: str, origin: str, max_body: int, warn: Warn
) -> StoredEntry:
    """The entry that the bytes of a file hold; what can be understood in spite of a fault is,
    with a warning.

    Raises BadEntry where it must be left out.
    """
    try:
        text = json_text.utf8(data)
        value = json_text.decode(text)
    except json_text.BadJSON as error:
        raise BadEntry("", str(error)) from error
    file = _typed(value, EntryFile)
    _check_body(file, max_body)

    def note(field: str, reason: str) -> None:
        warn(Problem(path=path, field=field, reason=reason))

    more = _More(value if isinstance(value, dict) else {}, note)
    updated, published = _dates(file, note)
    content_type = file.content_type or "html"
    return StoredEntry(
        path=path,
        user=user,
        id=_id(file),
        updated=updated,
        published=published,
        title=file.title or "",
        title_type=more.get("title_type", str) or "text",
        link=file.link,
        summary=file.summary,
        summary_type=more.get("summary_type", str) or ("html" if file.content else content_type),
        content=file.content,
        content_type=content_type,
        authors=_authors(file, more),
        contributors=_people(more.get("contributors", list[PersonFile])),
        categories=_categories(file, more),
        rights=file.rights,
        source=file.source,
        enclosures=tuple(
            _enclosure(each) for each in more.get("enclosures", list[EnclosureFile]) or ()
        ),
        language=language_tag(more.get("language", str)),
        base=more.get("base", str),
        in_reply_to=tuple(more.get("in_reply_to", list[str]) or ()),
        origin=origin,
        stored=text,
    )


class _More:
    """Keys beyond Thicket's: ours, or those of somebody who means something else by them."""

    def __init__(self, value: dict[str, Any], note: Callable[[str, str], None]) -> None:
        self._value = value
        self._note = note

    def get(self, key: str, kind: type[T]) -> T | None:
        """The key's value; None, with a warning, where it is of another kind."""
        if self._value.get(key) is None:
            return None
        try:
            return msgspec.convert(self._value[key], kind)
        except msgspec.ValidationError as error:
            self._note(key, f"ignored: {_explained(error)[1]}")
            return None


def _typed(value: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise BadEntry(*_explained(error)) from error


def _explained(error: msgspec.ValidationError) -> tuple[str, str]:
    """msgspec's "Expected `str | null`, got `int` - at `$.title`" as field and reason."""
    message, _, place = str(error).partition(" - at ")
    field = place.strip("`").removeprefix("$").removeprefix(".")
    found = re.fullmatch(r"Expected `([^`]+)`, got `([^`]+)`", message)
    if not found:
        return field, message[:1].lower() + message[1:]
    expected = [_TYPES.get(name, name) for name in found[1].split(" | ") if name != "null"]
    got = _TYPES.get(found[2], found[2])
    return field, f"expected {' or '.join(expected)}, found {got}"


def _id(file: EntryFile) -> str:
    if file.id is None:
        raise BadEntry("id", "is missing; every entry needs one")
    if not file.id.strip():
        raise BadEntry("id", "is empty; every entry needs one")
    return file.id


def _check_body(file: EntryFile, limit: int) -> None:
    for field, body in (("content", file.content), ("summary", file.summary)):
        if body is not None and len(body) > limit:
            raise BadEntry(
                field,
                f"{len(body):,} characters, over the limit of {limit:,}; --max-body raises it",
            )


def _dates(
    file: EntryFile, note: Callable[[str, str], None]
) -> tuple[dt.datetime, dt.datetime | None]:
    """``updated`` and ``published``; the one stands in for the other (RFC 4287 §4.2.15)."""
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
    newest = max(used, published or used)
    if dates.is_future(newest):
        note("updated" if newest == updated else "published", f"{newest.date()} is in the future")
    return used, published


def _authors(file: EntryFile, more: _More) -> tuple[Person, ...]:
    several = _people(more.get("authors", list[PersonFile]))
    return several or _people([file.author] if file.author else None)


def _people(found: list[PersonFile] | None) -> tuple[Person, ...]:
    return tuple(
        Person(name=each.name, uri=each.uri or None, email=each.email or None)
        for each in found or ()
        if each.name and each.name.strip()
    )


def _categories(file: EntryFile, more: _More) -> tuple[Category, ...]:
    """Thicket's own key holds terms; ours beside it tells more of the same ones."""
    plain = tuple(_category(each) for each in file.categories or ())
    told = tuple(_category(each) for each in more.get("category_details", list[CategoryFile]) or ())
    same = [each.term for each in told] == [each.term for each in plain]
    return told if told and same else plain


def _category(found: str | CategoryFile) -> Category:
    if isinstance(found, str):
        return Category(term=found)
    return Category(term=found.term, scheme=found.scheme, label=found.label)


def _enclosure(found: EnclosureFile) -> Enclosure:
    return Enclosure(
        href=found.href,
        type=found.type,
        length=clean.count(found.length),
        title=found.title,
        duration=clean.count(found.duration),
    )
