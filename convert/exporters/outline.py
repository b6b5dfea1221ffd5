"""How a publication names, orders and lists its entries: one answer for every format.

Here are text, keys and groups of entries, never markup: a format renders them.  All of it is
plain text on one line each, in the language of the set where the words are ours.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from convert.entryset import EntrySet
from convert.model import Entry
from convert.text.characters import fold, shortened
from convert.text.phrases import format_date, format_month, format_period, join_names, say

Parts = Literal["author", "year", "month", "category", "none"]

UNTITLED_WORDS = 8
"""Words of the summary that stand for a title that is missing."""
NAMESPACE = "urn:thicket-convert:feed"
"""Of the few XML elements of our own; docs/formats.md describes them."""
NO_CATEGORY = frozenset({"uncategorised", "uncategorized"})
"""What WordPress says where nothing was said."""
_NO_IRI = re.compile(r"[\s<>\"\\^`{|}]")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """The entries under one heading, in the order of the set.

    ``key`` tells it from the other groups of its list; ``link`` is the page of the person,
    where it is a person's and has one.
    """

    key: str
    title: str
    entries: tuple[Entry, ...]
    link: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Relations:
    """What an entry has to do with others of the publication, each named once: ``answers``
    those that it replies to, ``cites`` the others that it links to, ``cited_by`` those that
    link to it, replies among them, oldest first."""

    answers: tuple[Entry, ...]
    cites: tuple[Entry, ...]
    cited_by: tuple[Entry, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """Where entries were read from: ``address`` on the web, where there is one, and the
    commit with its time where it is a Git repository."""

    title: str
    address: str | None
    commit: str
    committed: dt.datetime | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Owner:
    """An author with what their entries or feeds say of rights."""

    name: str
    rights: tuple[str, ...]


# --- the publication -------------------------------------------------------------------


def publication_title(entries: EntrySet) -> str:
    """Return the title of all volumes together; the name of the set where it has none."""
    return fold(entries.title) or entries.name


def book_title(entries: EntrySet) -> str:
    """Return the title of the set, its volume's where it is one of several."""
    title = fold(entries.volume.title) if entries.volume else ""
    return title or publication_title(entries)


def volume_name(entries: EntrySet) -> str:
    """Return what tells the volume from the others, as in "2020" or "Volume 1"; "" where the
    publication is not cut."""
    if entries.volume is None:
        return ""
    return fold(fold(entries.volume.title).removeprefix(f"{fold(entries.title)},"))


def period(entries: Iterable[Entry], language: str) -> str:
    """Return the years that the entries span, as in "2014–2024"; "" where there are none."""
    days = [entry.date for entry in entries]
    return format_period(min(days), max(days), language) if days else ""


def updated(entries: Iterable[Entry], now: dt.datetime) -> dt.datetime:
    """Return the newest ``updated`` that is not in the future; ``now`` where there is none."""
    return max((entry.updated for entry in entries if entry.updated <= now), default=now)


def rights(entries: EntrySet) -> str:
    """Return what the publication says of its rights; else that every entry keeps its own."""
    return fold(entries.rights or "") or say(entries.language, "rights_remain")


def owners(entries: EntrySet) -> tuple[Owner, ...]:
    """Return every author, by name, of whom an entry or its feed says something of rights."""
    stated: dict[str, str] = {}
    for entry in entries:
        feed = entries.feed(entry)
        stated[entry.key] = fold(entry.rights or "") or fold((feed and feed.rights) or "")
    authors = (
        Owner(
            name=person.title,
            rights=tuple(dict.fromkeys(filter(None, (stated[e.key] for e in person.entries)))),
        )
        for person in people(entries)
    )
    return tuple(author for author in authors if author.rights)


def sources(entries: EntrySet) -> tuple[Source, ...]:
    """Return where the entries came from.

    A path would tell of one machine, and the same entries in another folder would be another
    file: without an address on the web, the name has to do.
    """
    origins = []
    for origin in entries.origins:
        address = web_address(origin.remote) or web_address(origin.address)
        title = fold(origin.title or "") or (shown_address(address) if address else origin.name)
        origins.append(
            Source(
                title=title,
                address=address,
                commit=fold(origin.commit or ""),
                committed=origin.committed,
            )
        )
    return tuple(origins)


# --- people ----------------------------------------------------------------------------


def people(entries: EntrySet) -> tuple[Group, ...]:
    """Return every author, by name, with what they wrote.

    Names that differ only in case or white space are one person's; the first spelling counts.
    """
    titles: dict[str, str] = {}
    links: dict[str, str] = {}
    written: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        for person in entries.authors(entry):
            if name := fold(person.name):
                key = name.casefold()
                titles.setdefault(key, name)
                written.setdefault(key, {})[entry.key] = entry
                if person.uri:
                    links[key] = person.uri
    return tuple(
        Group(
            key=key,
            title=titles[key],
            entries=tuple(written[key].values()),
            link=links.get(key),
        )
        for key in sorted(written)
    )


def everyone(entries: EntrySet) -> tuple[str, ...]:
    """Return the names of all authors, each once, in their order."""
    return tuple(person.title for person in people(entries))


def credit(
    entries: EntrySet, most: int = 3, shown: Callable[[str], bool] = lambda name: True
) -> str:
    """Return the names of those who wrote most, and how many others, as one phrase.

    ``most`` is how many are named where there are more than one others; ``shown`` tells which
    names can be shown at all.
    """
    ranked = [each.title for each in sorted(people(entries), key=lambda each: -len(each.entries))]
    names = [name for name in ranked if shown(name)]
    if len(ranked) > most + 1:
        names = names[:most]
    if rest := len(ranked) - len(names):
        phrase = "others_one" if rest == 1 else "others"
        names.append(say(entries.language, phrase, count=rest))
    return join_names(names, entries.language)


# --- one entry -------------------------------------------------------------------------


def title_of(entries: EntrySet, entry: Entry) -> str:
    """Return the entry's title; the first words of its summary, or the day, where it has none."""
    if title := fold(entry.title):
        return title
    words = fold(entry.summary or "").split()
    if words:
        dots = "…" if len(words) > UNTITLED_WORDS else ""
        return shortened(" ".join(words[:UNTITLED_WORDS]) + dots)
    return f"{say(entries.language, 'untitled')}, {format_date(entry.date, entries.language)}"


def is_cut_short(entry: Entry) -> bool:
    """Return whether there are some words of a text that stands whole at the entry's address."""
    return bool(not entry.full and entry.words and entry.link)


def author_names(entries: EntrySet, entry: Entry) -> tuple[str, ...]:
    """Return the names of the entry's authors, each once, as it states them."""
    names = (fold(person.name) for person in entries.authors(entry))
    return tuple(dict.fromkeys(name for name in names if name))


def byline(entries: EntrySet, entry: Entry) -> str:
    """Return the names of the entry's authors, joined as the language of the set does it."""
    return join_names(author_names(entries, entry), entries.language)


def categories_of(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Return each category of an entry once: its key among ``categories``, and its title."""
    titles: dict[str, str] = {}
    for category in entry.categories:
        title = fold(category.label or category.term)
        if title and title.casefold() not in NO_CATEGORY:
            titles.setdefault(title.casefold(), title)
    return tuple(titles.items())


def relations(entries: EntrySet, entry: Entry) -> Relations:
    """Return what the entry answers, cites and is cited by, in this volume and in others."""
    cited = [each for each in entries.citations.get(entry.key, ()) if each.key != entry.key]
    replies = {each.key for each in cited if each.reply}
    others = [other for other in entries.answered(entry) if other.key != entry.key]
    citing = {other.key: other for other in entries.citing(entry) if other.key != entry.key}
    return Relations(
        answers=tuple(other for other in others if other.key in replies),
        cites=tuple(other for other in others if other.key not in replies),
        cited_by=tuple(citing.values()),
    )


# --- lists of entries ------------------------------------------------------------------


def parts(entries: EntrySet, by: Parts) -> tuple[Group, ...]:
    """Return the parts that a book is divided into, each entry in one of them.

    Years and months stand in the order of the set, people and categories in that of their
    names.  An entry belongs to its first category; what has none comes last, with the key "".
    """
    if by == "none":
        return (Group(key="", title="", entries=entries.entries),)
    if by == "author":
        return _by_member(entries)
    if by == "category":
        return _by_first_category(entries)
    return _by_period(entries, by, entries.language)


def _by_period(entries: Iterable[Entry], by: Parts, language: str) -> tuple[Group, ...]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        key = f"{entry.date.year:04d}" + (f"-{entry.date.month:02d}" if by == "month" else "")
        groups.setdefault(key, []).append(entry)
    return tuple(
        Group(
            key=key,
            title=format_month(group[0].date, language)
            if by == "month"
            else period(group, language),
            entries=tuple(group),
        )
        for key, group in groups.items()
    )


def _by_member(entries: EntrySet) -> tuple[Group, ...]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.user, []).append(entry)
    users = {name: entries.user(group[0]) for name, group in groups.items()}
    return tuple(
        Group(
            # The folder in the keys is unique even where names differ only in case.
            key=groups[name][0].key.partition("/")[0],
            title=fold(users[name].name),
            entries=tuple(groups[name]),
            link=users[name].homepage,
        )
        for name in sorted(groups, key=lambda name: (users[name].name.casefold(), name))
    )


def _by_first_category(entries: EntrySet) -> tuple[Group, ...]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        first = next(iter(categories_of(entry)), ("", ""))
        groups.setdefault(first[0], []).append(entry)
    titles = {group.key: group.title for group in categories(entries)}
    titles[""] = say(entries.language, "uncategorised")
    return tuple(
        Group(key=key, title=titles[key], entries=tuple(groups[key]))
        for key in sorted(groups, key=lambda key: (not key, key))
    )


def categories(entries: EntrySet) -> tuple[Group, ...]:
    """Return every category, by what it is called, with its entries; the first spelling counts."""
    titles: dict[str, str] = {}
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        for key, title in categories_of(entry):
            titles.setdefault(key, title)
            groups.setdefault(key, []).append(entry)
    return tuple(
        Group(key=key, title=titles[key], entries=tuple(groups[key])) for key in sorted(groups)
    )


def chronology(entries: EntrySet) -> tuple[Group, ...]:
    """Return every entry by year, the oldest first, whatever the order of the set."""
    by_age = sorted(entries, key=lambda entry: (entry.date, entry.key))
    return _by_period(by_age, "year", entries.language)


# --- addresses -------------------------------------------------------------------------


def web_address(address: str | None) -> str | None:
    """Return an http(s) address that names a host, on one line; None for anything else.

    What no address may hold in any script (RFC 3987 §2.2) is percent-encoded.
    """
    text = fold(address or "")
    try:
        parsed = urlsplit(text)
    except ValueError:  # such as a half IPv6 address
        return None
    if parsed.scheme not in ("http", "https") or not parsed.hostname:
        return None
    if _NO_IRI.search(parsed.netloc):
        return None
    return _NO_IRI.sub(lambda sign: quote(sign[0]), text)


def shown_address(address: str) -> str:
    """Return an address as people write it: no scheme, no trailing slash, letters instead of
    percent signs.  Typed as it stands it leads to the same place, so "www." stays."""
    plain = address.strip()
    for scheme in ("https://", "http://", "mailto:"):
        plain = plain.removeprefix(scheme)
    readable = unquote(plain)
    # Where a decoded sign has a meaning of its own ("%2F") the address would be another one.
    same = quote(readable, safe="!#$&'()*+,/:;=?@[]~%").lower() == plain.lower()
    if not same or not readable.isprintable() or " " in readable:
        readable = plain
    return readable.rstrip("/")
