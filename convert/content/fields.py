"""The fields around the body: plain text, clean addresses, nothing that acts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from convert.content.parse.choose import to_tree
from convert.content.text import plain
from convert.model import Category, Enclosure, Person
from convert.text.addresses import absolute
from convert.text.characters import fold

_MARKUP_TYPES = frozenset(("html", "xhtml", "text/html", "application/xhtml+xml"))
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);")
_MARKED = re.compile(
    r"<(a|abbr|b|cite|code|del|em|font|i|kbd|q|s|small|span|strong|sub|sup|tt|u|var)"
    r"(?:\s[^<>]*)?>.*</\1>",
    re.IGNORECASE | re.DOTALL,
)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_SCHEME = re.compile(r"(?:https?|tag|urn):[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def line(text: str | None, kind: str = "text") -> str:
    """One line of plain text: of HTML its words, of text what its entities stand for.

    What is called text may be HTML all the same: it is where an inline element is whole, so
    ``a <b`` and ``List<T>`` stay.
    """
    if not text:
        return ""
    if kind.lower() in _MARKUP_TYPES or _MARKED.search(text):
        if "<" in text:
            return fold(plain(to_tree(text, "html")))
        return fold(html.unescape(text))
    return fold(html.unescape(text) if _ENTITY.search(text) else text)


def people(persons: Iterable[Person], base: str | None) -> tuple[Person, ...]:
    """Persons with a name, each once."""
    kept: dict[Person, None] = {}
    for person in persons:
        email = fold(person.email or "").removeprefix("mailto:")
        email = email if _EMAIL.fullmatch(email) else ""
        uri = absolute(person.uri, base) if person.uri else None
        name = line(person.name) or email.partition("@")[0] or (uri or "").partition("//")[2]
        if name:
            kept[Person(name=name.rstrip("/"), uri=uri, email=email or None)] = None
    return tuple(kept)


def categories(stored: Iterable[Category]) -> tuple[Category, ...]:
    """Categories with a term, each once."""
    kept: dict[Category, None] = {}
    for category in stored:
        term = line(category.term)
        scheme = fold(category.scheme or "")
        if term:
            kept[
                Category(
                    term=term,
                    scheme=scheme if _SCHEME.fullmatch(scheme) else None,
                    label=line(category.label) or None,
                )
            ] = None
    return tuple(kept)


def enclosures(stored: Iterable[Enclosure], base: str | None) -> tuple[Enclosure, ...]:
    """Enclosures with an http(s) address, each address once."""
    kept: dict[str, Enclosure] = {}
    for each in stored:
        href = absolute(each.href, base)
        if href is None or href in kept:
            continue
        media_type = (each.type or "").strip()
        kept[href] = Enclosure(
            href=href,
            type=media_type if _MEDIA_TYPE.fullmatch(media_type) else None,
            length=each.length if each.length and each.length > 0 else None,
            title=line(each.title) or None,
            duration=each.duration if each.duration and each.duration > 0 else None,
        )
    return tuple(kept.values())


def answers(stored: Iterable[str], found: Iterable[str]) -> tuple[str, ...]:
    """What an entry replies to: addresses clean, other ids (tag:, urn:) as they are."""
    named = [absolute(each, None) or fold(each) for each in stored]
    return tuple(dict.fromkeys(each for each in [*named, *found] if _SCHEME.fullmatch(each)))
