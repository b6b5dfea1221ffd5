"""One entry under judgement: which of those that are equal to it has more right to stay."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import msgspec

from convert.collection.standing import Standing
from convert.model import Entry, Fingerprint, Problem
from convert.text.addresses import same_address_key
from convert.text.characters import shortened
from convert.text.members import authority


@dataclasses.dataclass(eq=False)
class Case:
    """One entry under judgement: ``into`` is what it goes for, ``why`` for which and the reason."""

    entry: Entry
    mark: Fingerprint
    standing: Standing
    several: bool
    into: Case | None = None
    why: str = ""

    @property
    def precedence(self) -> tuple[object, ...]:
        """Sorts the entry that stays before those that go."""
        entry, mark = self.entry, self.mark
        return entry.date, -entry.updated.timestamp(), entry.id, mark.title, mark.text, entry.user

    @cached_property
    def was_there(self) -> int:
        """How surely the entry was there before: a repository has it, or an earlier run published
        or stored it from its feed."""
        return 3 if self.standing.is_repository else self.standing.had(self.entry.id)

    def claim(self, word: str) -> tuple[object, ...]:
        """Sorts the entry before those that have less right to its id, or to its link."""
        link = self.entry.link or ""
        if word == "id" and not authority(self.entry.id):
            # "12345" names no site; but who copies it with its link names that one's.  How deep a
            # page lies says nothing of those on other hosts.
            certain, depth = self.standing.rank(link)
            return -certain, -min(depth, 1), -self.was_there
        certain, depth = self.standing.rank(self.entry.id if word == "id" else link)
        return -certain, -depth, -self.was_there

    def right_to(self, other: Case) -> str:
        """Return why an entry bears its id rather than another does."""
        if self.claim("id")[:2] != other.claim("id")[:2]:
            return f"the {'id' if authority(self.entry.id) else 'link'} is of that one's site"
        return "that one was there before"

    def name(self, other: Case) -> str:
        """Return what problems of another call the entry: its file, or its feed and its id."""
        path, id_ = self.problem("").path, self.entry.id
        alone = self.standing.is_repository or id_ == other.entry.id
        return path if alone else f"{path} ({shortened(id_)})"

    @property
    def blog(self) -> tuple[str, str]:
        """Where the entry appeared: its user, and the host of its link."""
        return self.entry.user, self.page.partition("/")[0]

    @cached_property
    def page(self) -> str:
        """What the entry's link has in common with other spellings; "" where it has none."""
        return same_address_key(self.entry.link) if self.entry.link else ""

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """What the entry's link and id may share with others, and which of them it is; a link to
        the page of the whole blog says nothing of one entry."""
        entry = self.entry
        page_of_id = self.page if entry.id == entry.link else same_address_key(entry.id)
        pages = {f"id {entry.id}": "id", page_of_id: "id"}
        is_own = self.page and self.page not in self.standing.stated
        return pages | {self.page: "link"} if is_own else pages

    @property
    def final(self) -> Case:
        """The entry that stays for this one."""
        case = self
        while case.into is not None:
            if case.into.into is not None:
                case.into = case.into.into  # keeps chains short
            case = case.into
        return case

    def names(self, other: Case) -> bool:
        """Return whether the entry links to another that is no younger, or says that it is from
        that one's feed: an original may say where its copies are."""
        linked = bool(other.page) and other.page in map(same_address_key, self.standing.links)
        credited = not self.standing.credited.isdisjoint(
            (*other.standing.places, *other.standing.stated)
        )
        return credited or (linked and self.entry.date >= other.entry.date)

    def may_replace(self, other: Case, is_alike: Callable[[], bool]) -> bool:
        """Return whether the entry may stand for another of its blog: who is known by no more than
        what it says of itself takes nothing whole from who is, and else only what is like it; so
        does who has less right to the entry, and says that a whole host is its blog."""
        if self.standing.is_known:
            rights = ((self.claim(word)[:2], other.claim(word)[:2]) for word in ("id", "link"))
            return all(own <= others for own, others in rights) or is_alike()
        return not (other.standing.is_known and other.entry.full) and is_alike()

    def is_of_one_moment(self, other: Case) -> bool:
        """Return whether a feed has two entries that differ in nothing but their texts."""
        alike = (
            (each.id, each.link, each.published, each.updated) for each in (self.entry, other.entry)
        )
        return not self.standing.is_repository and len(set(alike)) == 1

    def go(self, into: Case, why: str) -> None:
        """Leave this one out, for another."""
        entry = self.entry
        if self.standing.declared.get(entry.id) != entry.id or entry.id == into.entry.id:
            self.into, self.why = into.final, f"{into.name(self)}: {why}"

    def problem(self, reason: str, field: str = "") -> Problem:
        """Return a problem of this entry, of a feed with its id: its file holds others."""
        problem = Problem(path=self.entry.path or self.entry.id, field=field, reason=reason)
        if not self.standing.is_repository:
            problem = problem.of(shortened(self.entry.id))
        return problem.within(self.entry.origin) if self.several else problem

    def with_aliases(self, absorbed: Iterable[Case]) -> Entry:
        """Return the entry with the addresses of those that went for it."""
        entry = self.entry
        own = {entry.id, *self.pages}
        addresses = (
            address
            for each in absorbed
            for address in (each.entry.id, each.entry.link, *each.entry.aliases)
        )
        fresh = [each for each in addresses if each and not {each, same_address_key(each)} & own]
        aliases = tuple(dict.fromkeys((*entry.aliases, *fresh)))
        return msgspec.structs.replace(entry, aliases=aliases) if fresh else entry
