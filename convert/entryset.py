"""The entry set: what an exporter is given to publish.

Headers are in memory, bodies load on demand: 20,000 prepared bodies would take 250 MB.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

import msgspec
from lxml import etree

from convert.model import (
    Citation,
    Content,
    Elsewhere,
    Entry,
    Feed,
    Origin,
    Person,
    Prepared,
    User,
    Volume,
)
from convert.text.characters import fold
from convert.text.languages import language_tag
from convert.text.markup import parse


class Bodies(Protocol):
    """Where prepared entries are kept: a store on disk, or a mapping in memory.  Picklable."""

    def load(self, digests: Iterable[str]) -> Iterator[Prepared]:
        """Yield the prepared entries of these digests, in that order, as they are asked for."""
        ...


class Originals(Protocol):
    """Entries as their source stored them, as opaque bytes: for exporters that enclose them
    whole.  Untrusted: never to be read as text or markup.  Picklable."""

    def read(self, entry: Entry) -> bytes | None:
        """Return the JSON that the entry was read from, byte for byte, if there was one."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class EntrySet:
    """An ordered set of entries, or one volume of it, and all that is known of their relations.

    ``id`` is the identity of the publication (an IRI): it depends on neither title nor
    contents.  ``name`` is the stem of file names.  ``citations`` holds, by key, what each
    entry cites, ``cited_by`` the keys of those that cite it, oldest first; both may name
    entries of other volumes, which ``elsewhere`` describes.  ``users`` are by username,
    ``feeds`` by ``Feed.id``.
    """

    id: str
    name: str
    title: str
    entries: tuple[Entry, ...]
    bodies: Bodies
    originals: Originals | None = None
    subtitle: str = ""
    language: str = "en"
    rights: str | None = None
    base_url: str | None = None
    users: Mapping[str, User] = dataclasses.field(default_factory=dict)
    feeds: Mapping[str, Feed] = dataclasses.field(default_factory=dict)
    origins: tuple[Origin, ...] = ()
    citations: Mapping[str, tuple[Citation, ...]] = dataclasses.field(default_factory=dict)
    cited_by: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    elsewhere: Mapping[str, Elsewhere] = dataclasses.field(default_factory=dict)
    volume: Volume | None = None
    volumes: tuple[Volume, ...] = ()
    """All volumes of the publication, in order; empty where it is not cut."""

    def __post_init__(self) -> None:
        # Everything printed in this language, and every statement of it, has the same spelling.
        object.__setattr__(self, "language", language_tag(self.language) or "en")

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    @cached_property
    def by_key(self) -> Mapping[str, Entry]:
        """The entries of this set (of this volume) by key."""
        return {entry.key: entry for entry in self.entries}

    def find(self, key: str) -> Entry | None:
        """Return the entry of that key, in whichever volume it lies."""
        if key in self.by_key:
            return self.by_key[key]
        return self.elsewhere[key].entry if key in self.elsewhere else None

    def content(self, entry: Entry) -> Content:
        """Return the body of one entry, citations resolved."""
        return next(iter(self.contents((entry,))))[1]

    def contents(self, entries: Sequence[Entry] | None = None) -> Iterator[tuple[Entry, Content]]:
        """Yield each entry with its body, one at a time and in order; keep nothing."""
        chosen = self.entries if entries is None else entries
        loaded = self.bodies.load(entry.digest for entry in chosen)
        for entry, prepared in zip(chosen, loaded, strict=True):
            cited = self.citations.get(entry.key, ())
            xhtml = _resolved(prepared.body, cited) if cited else prepared.body
            yield entry, Content(xhtml=xhtml, text=prepared.text, anchors=prepared.anchors)

    def only(
        self, entries: Iterable[Entry], outside: Mapping[str, Elsewhere] | None = None
    ) -> EntrySet:
        """Return the set of these of its entries, in their order, keys unchanged.

        Relations to other entries are kept where ``outside`` describes them, by key.
        """
        chosen = tuple(entries)
        outside = outside or {}
        own = {entry.key for entry in chosen}
        citations: dict[str, tuple[Citation, ...]] = {}
        cited_by: dict[str, tuple[str, ...]] = {}
        further: dict[str, Elsewhere] = {}
        for key in (entry.key for entry in chosen):
            cited = [
                each
                for each in self.citations.get(key, ())
                if each.key in own or each.key in outside
            ]
            citing = [each for each in self.cited_by.get(key, ()) if each in own or each in outside]
            if cited:
                citations[key] = tuple(cited)
            if citing:
                cited_by[key] = tuple(citing)
            others = (*(each.key for each in cited), *citing)
            further |= {each: outside[each] for each in others if each not in own}
        return dataclasses.replace(
            self, entries=chosen, citations=citations, cited_by=cited_by, elsewhere=further
        )

    def answered(self, entry: Entry) -> tuple[Entry, ...]:
        """Return the entries that this one answers or cites, in the order it names them."""
        keys = dict.fromkeys(citation.key for citation in self.citations.get(entry.key, ()))
        return tuple(each for key in keys if (each := self.find(key)) is not None)

    def citing(self, entry: Entry) -> tuple[Entry, ...]:
        """Return the entries that cite this one, oldest first."""
        keys = self.cited_by.get(entry.key, ())
        return tuple(each for key in keys if (each := self.find(key)) is not None)

    def feed(self, entry: Entry) -> Feed | None:
        """Return the feed that an entry came from, where it is known."""
        return self.feeds.get(entry.source) if entry.source else None

    def user(self, entry: Entry) -> User:
        """Return the member whose folder the entry stood in."""
        return self.users.get(entry.user) or User(username=entry.user)

    def authors(self, entry: Entry) -> tuple[Person, ...]:
        """Return the entry's authors; where it names none (RFC 4287 §4.1.2) the folder's user, but
        of a feed that names nobody either its title: a member may be called after another's.

        The user's face is also that of an author of the same name.
        """
        user, feed = self.user(entry), self.feed(entry)
        member = Person(name=user.name, uri=user.homepage, icon=user.icon)
        if not entry.authors:
            if feed is not None and feed.title and not feed.authors:
                member = Person(name=feed.title, uri=feed.link or user.homepage, icon=user.icon)
            return (member,)
        if not user.icon:
            return entry.authors
        return tuple(
            msgspec.structs.replace(each, icon=each.icon or user.icon)
            if fold(each.name).casefold() == fold(member.name).casefold()
            else each
            for each in entry.authors
        )

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Every author of the set once, in the order of their names."""
        people = {person.name: person for entry in self.entries for person in self.authors(entry)}
        names = sorted(people, key=lambda name: (name.casefold(), name))
        return tuple(people[name] for name in names)

    @cached_property
    def updated(self) -> dt.datetime | None:
        """The newest ``updated`` of the set; None where it is empty."""
        return max((entry.updated for entry in self.entries), default=None)

    def neighbours(self) -> tuple[Volume | None, Volume | None]:
        """Return the volumes before and after this one."""
        if self.volume is None:
            return None, None
        at = self.volume.number - 1
        before = self.volumes[at - 1] if at > 0 else None
        after = self.volumes[at + 1] if at + 1 < len(self.volumes) else None
        return before, after


def _resolved(body: str, citations: Iterable[Citation]) -> str:
    """Return the body with each link to an entry of the set as ``entry:KEY#fragment``."""
    targets = {
        cited.address: f"entry:{cited.key}" + (f"#{cited.fragment}" if cited.fragment else "")
        for cited in citations
    }
    root = parse(body)
    for anchor in root.iter("a"):
        target = targets.get(str(anchor.get("href")))
        if target is not None:
            anchor.set("data-address", str(anchor.get("href")))
            anchor.set("href", target)
    return etree.tostring(root, encoding="unicode")
