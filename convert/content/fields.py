"""The fields around the body: plain text, clean addresses, nothing that acts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from msgspec.structs import replace

from convert.content.draft import Draft, Note, note_nothing
from convert.content.maths.loose import disarmed
from convert.content.parse.choose import kind_of, to_xhtml
from convert.content.parse.parse import read_xhtml
from convert.content.text import plain
from convert.content.vocabulary import names
from convert.model import Category, Enclosure, Feed, Link, Origin, Person, User
from convert.text.addresses import absolute
from convert.text.characters import LONGEST, fold, shortened
from convert.text.languages import language_tag

LITERAL = "text/plain"
"""The type of text of which nothing is markup, as Atom's is that calls itself text."""
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);")
_INLINE_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>a|abbr|b|cite|code|del|em|font|i|kbd|q|s|small|span|strong|sub|sup|tt"
    r"|u|var)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_RELATION = re.compile(r"[a-z][a-z0-9.-]*")
_OF_FEEDS = names(
    "current edit edit-media enclosure first hub last next next-archive prev-archive previous"
    " self service up"
)
"""Relations of a feed, or of a file: what a reader of an entry follows is none of these."""
_MOST_LINKS = 100
_SCHEME = re.compile(r"(?:https?|tag|urn):[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def line(text: str | None, kind: str = "text", note: Note = note_nothing) -> str:
    """Return one line of plain text: of HTML its words, of text what its entities stand for.

    What is called text may be HTML all the same, but for ``LITERAL``: it is where an inline
    element is whole, so ``a <b`` and ``List<T>`` stay.
    """
    if not text:
        return ""
    if kind == LITERAL:
        words = text
    elif kind_of(kind) in {"html", "xhtml"} or _is_marked(text):
        words = html.unescape(text)
        if "<" in text:
            words = plain(read_xhtml(to_xhtml(text, "html", note)))
    else:
        words = html.unescape(text) if _ENTITY.search(text) else text
    return disarmed(fold(words))


def literal(text: str) -> str:
    """Return a text of which nothing is markup as ``line`` reads it whole, whatever its type is
    called.

    >>> literal("AT&T <3"), literal("The <em> tag"), literal("<b>&amp;</b>")
    ('AT&T <3', 'The <em> tag', '&lt;b&gt;&amp;amp;&lt;/b&gt;')
    """
    return text if line(text) == line(text, LITERAL) else html.escape(text, quote=False)


def _is_marked(text: str) -> bool:
    """Tell whether an inline element of HTML is whole in a text."""
    opened: set[str] = set()
    for tag in _INLINE_TAG.finditer(text):
        name = tag["name"].lower()
        if tag["end"] and name in opened:
            return True
        if not tag["end"]:
            opened.add(name)
    return False


def short(draft: Draft, field: str, text: str | None, kind: str = "text") -> str:
    """Return the same for a title or name, cut where it is too long for one; what goes is noted."""
    whole = line(text, kind, lambda reason: draft.warn(field, reason))
    cut = shortened(whole)
    if cut != whole:
        draft.warn(field, f"cut: {len(whole):,} characters, the limit is {LONGEST:,}")
    return cut


def people(draft: Draft, field: str, stored: Iterable[Person]) -> tuple[Person, ...]:
    """Return the persons with a name, each once."""
    persons: list[Person] = []
    for person in stored:
        email = _email(person)
        uri = absolute(person.uri, draft.base) if person.uri else None
        name = (
            short(draft, field, person.name)
            or email.partition("@")[0]
            or (uri or "").partition("//")[2]
        )
        if name:
            icon = absolute(person.icon, draft.base) if person.icon else None
            persons.append(Person(name=name.rstrip("/"), uri=uri, email=email or None, icon=icon))
    return tuple(dict.fromkeys(persons))


def without_email(person: Person) -> Person:
    """Return a person as stored without the e-mail address; where that is all there is, with the
    name that it gives."""
    name = person.name if line(person.name) else _email(person).partition("@")[0]
    return replace(person, name=name, email=None)


def _email(person: Person) -> str:
    email = fold(person.email or "").removeprefix("mailto:")
    return email if _EMAIL.fullmatch(email) else ""


def categories(draft: Draft, stored: Iterable[Category]) -> tuple[Category, ...]:
    """Return the categories with a term, each once."""
    clean = [
        Category(
            term=short(draft, "category", category.term),
            scheme=scheme if _SCHEME.fullmatch(scheme := fold(category.scheme or "")) else None,
            label=short(draft, "category", category.label) or None,
        )
        for category in stored
    ]
    return tuple(dict.fromkeys(category for category in clean if category.term))


def enclosures(draft: Draft, stored: Iterable[Enclosure]) -> tuple[Enclosure, ...]:
    """Return the enclosures with an http(s) address, each address once."""
    by_address: dict[str, Enclosure] = {}
    for each in stored:
        href = absolute(each.href, draft.base)
        if href is None or href in by_address:
            continue
        media_type = (each.type or "").strip()
        by_address[href] = Enclosure(
            href=href,
            type=media_type if _MEDIA_TYPE.fullmatch(media_type) else None,
            length=each.length if each.length and each.length > 0 else None,
            title=short(draft, "enclosure", each.title) or None,
            duration=each.duration if each.duration and each.duration > 0 else None,
        )
    return tuple(by_address.values())


def links(draft: Draft, stored: Iterable[Link], page: str | None) -> tuple[Link, ...]:
    """Return the further links with an http(s) address, each once and none to the page itself; at
    most a hundred."""
    clean = []
    for each in stored:
        href = absolute(each.href, draft.base)
        rel = fold(each.rel).lower()
        # RFC 8288 §2.1: a registered name, or an address.
        if href is None or not (_RELATION.fullmatch(rel) or absolute(rel, None)):
            continue
        if rel in _OF_FEEDS or (rel == "alternate" and href == page):
            continue
        media_type = (each.type or "").strip()
        clean.append(
            Link(
                rel=rel,
                href=href,
                type=media_type if _MEDIA_TYPE.fullmatch(media_type) else None,
                hreflang=language_tag(each.hreflang),
                title=short(draft, "link", each.title) or None,
            )
        )
    return tuple(dict.fromkeys(clean))[:_MOST_LINKS]


def of_feed(feed: Feed) -> Feed:
    """Return a feed whose texts are judged as those of entries are."""
    authors = tuple(replace(each, name=disarmed(each.name)) for each in feed.authors)
    return replace(
        feed,
        title=disarmed(feed.title),
        subtitle=disarmed(feed.subtitle or "") or None,
        rights=disarmed(feed.rights or "") or None,
        authors=authors,
        categories=tuple(replace(each, term=disarmed(each.term)) for each in feed.categories),
    )


def of_user(user: User) -> User:
    """Return a user whose name is judged as those in entries are."""
    return replace(user, display_name=disarmed(user.display_name or "") or None)


def of_origin(origin: Origin) -> Origin:
    """Return where a set was read from, its title judged as those of entries are."""
    return replace(origin, title=disarmed(origin.title or "") or None)


def answers(stored: Iterable[str], marked: Iterable[str]) -> tuple[str, ...]:
    """Return what an entry replies to: addresses clean, other ids (tag:, urn:) as they are."""
    fields = [absolute(each, None) or fold(each) for each in stored]
    return tuple(dict.fromkeys(each for each in [*fields, *marked] if _SCHEME.fullmatch(each)))
