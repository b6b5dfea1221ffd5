"""Which of two equal entries stays.

In this order:

1. What is declared (``duplicates.json``): a duplicate goes where its canonical entry is
   there.  An entry declared as canonical for itself never goes.
2. The same id or link, and the same title and text: one stays.  Where two sources give one
   id and one title with different texts, these are states of one entry: the one updated last
   stays.
3. The same text on two blogs (users, or hosts of one user), of at least ``FEW_WORDS`` words
   and equal or nearly so: an entry that was syndicated.

Of equal entries the one published first stays, then the one updated last, then the one with
the smallest id.  What goes gives its addresses to the one that stays, as aliases.

Otherwise equal ids or links are only a suspicion: both entries stay, and of those with one
id the later is given an id of its own, made from id, title and date.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec

from convert.collection.similarity import resemblance
from convert.entryset import Bodies
from convert.model import Entry, Fingerprint, Problem
from convert.text.addresses import same_address_key

FEW_WORDS = 30
"""Texts with fewer words are equal by chance: "New release, see the page"."""
NEARLY = 0.85
"""How much of their shingles (five words in a row) two texts share that are nearly equal."""
COMMON = 20
"""A sentence in more entries than this is a signature or a licence and tells nothing."""


class Resolution(NamedTuple):
    """The entries that stay, in the order of the set, and each decision as a problem."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def resolve(
    entries: Sequence[Entry],
    fingerprints: Sequence[Fingerprint],
    declared: Mapping[str, str],
    bodies: Bodies,
    *,
    stored: bool = False,
    several: bool = False,
) -> Resolution:
    """Return the entries without the duplicates, by the rules above; independent of their order.

    ``fingerprints`` go along with ``entries``, one for one.  ``declared`` maps the id of a
    duplicate to the canonical one.  ``bodies`` is asked for the few texts that have to be
    compared word by word; where they are ``stored`` as well, duplicates are in the store.
    Where the entries are of ``several`` sources, problems say of which.
    """
    where = "; the store holds it" if stored else ""
    cases = [
        _Case(entry, mark, fixed=declared.get(entry.id) == entry.id, several=several)
        for entry, mark in zip(entries, fingerprints, strict=True)
    ]
    by_precedence = sorted(cases, key=lambda case: case.precedence)
    _merge_declared(by_precedence, declared)
    _merge_same_address(by_precedence)
    _merge_same_text(by_precedence)
    _merge_nearly_same_text(by_precedence, bodies)
    problems = [
        case.problem(f"left out as a duplicate of {case.final.name}: {case.why}{where}")
        for case in cases
        if case.into is not None
    ]
    problems += _tell_apart(list(_staying(by_precedence)))
    absorbed: dict[int, list[_Case]] = {}
    for case in by_precedence:
        if case.into is not None:
            absorbed.setdefault(id(case.final), []).append(case)
    staying = (case.with_aliases(absorbed.get(id(case), ())) for case in _staying(cases))
    return Resolution(tuple(staying), tuple(problems))


@dataclasses.dataclass(eq=False)
class _Case:
    """One entry under judgement: ``into`` is what it goes for, ``why`` the reason; a ``fixed``
    one goes for none but its like."""

    entry: Entry
    mark: Fingerprint
    fixed: bool
    several: bool
    into: _Case | None = None
    why: str = ""

    @property
    def precedence(self) -> tuple[object, ...]:
        """Sorts the entry that stays before those that go."""
        entry, mark = self.entry, self.mark
        return entry.date, -entry.updated.timestamp(), entry.id, mark.title, mark.text, entry.user

    @property
    def name(self) -> str:
        """What problems call the entry."""
        return self.problem("").path

    @property
    def blog(self) -> tuple[str, str]:
        """Where the entry appeared: its user, and the host of its link."""
        return self.entry.user, self.page.partition("/")[0]

    @cached_property
    def page(self) -> str:
        """What the entry's link has in common with other spellings; "" where it has none."""
        return same_address_key(self.entry.link) if self.entry.link else ""

    @property
    def pages(self) -> Mapping[str, str]:
        """What the entry's link and id may share with others, and which of them it is."""
        entry = self.entry
        page_of_id = self.page if entry.id == entry.link else same_address_key(entry.id)
        pages = {f"id {entry.id}": "id", page_of_id: "id"}
        return pages | {self.page: "link"} if self.page else pages

    @property
    def final(self) -> _Case:
        """The entry that stays for this one."""
        case = self
        while case.into is not None:
            if case.into.into is not None:
                case.into = case.into.into  # keeps chains short
            case = case.into
        return case

    def go(self, into: _Case, why: str) -> None:
        """Leave this one out, for another."""
        if not self.fixed or self.entry.id == into.entry.id:
            self.into, self.why = into.final, why

    def problem(self, reason: str, field: str = "") -> Problem:
        """Return a problem of this entry."""
        problem = Problem(path=self.entry.path or self.entry.id, field=field, reason=reason)
        return problem.within(self.entry.origin) if self.several else problem

    def with_aliases(self, absorbed: Iterable[_Case]) -> Entry:
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


def _merge_declared(cases: Sequence[_Case], declared: Mapping[str, str]) -> None:
    """Send each to the last entry of its declared chain that is there; to none in a circle."""
    first: dict[str, _Case] = {}
    for case in cases:
        first.setdefault(case.entry.id, case)
    for case in cases:
        canonical = None
        at = case.entry.id
        passed = {at}
        while declared.get(at, at) != at:
            at = declared[at]
            if at in passed:
                canonical = None
                break
            passed.add(at)
            canonical = first.get(at, canonical)
        if canonical is not None:
            case.go(canonical, "declared as such")


def _merge_same_address(cases: Sequence[_Case]) -> None:
    same: dict[tuple[str, bytes, bytes], _Case] = {}
    states: dict[tuple[str, bytes], _Case] = {}
    for case in _staying(cases):
        mark = case.mark
        for page, word in case.pages.items():
            twin = same.setdefault((page, mark.title, mark.text), case)
            if twin is not case and case.into is None:
                case.go(twin, f"same {word}, title and text")
        if case.into is not None:
            continue
        # Of one id and title with different texts: the older state, where sources differ.
        state = (case.entry.id, mark.title)
        other = states.setdefault(state, case)
        if other is case or other.entry.origin == case.entry.origin:
            continue
        older, newer = case, other
        if case.entry.updated > other.entry.updated:
            older, newer = other, case
            states[state] = case
        older.go(newer, "an older state of the same entry, from another source")


def _merge_same_text(cases: Sequence[_Case]) -> None:
    holders: dict[bytes, list[_Case]] = {}
    for case in _staying(cases):
        if case.mark.words >= FEW_WORDS:
            equal = holders.setdefault(case.mark.text, [])
            twin = next((each for each in equal[:COMMON] if each.blog != case.blog), None)
            if twin is None:
                equal.append(case)
            else:
                case.go(twin, "same text on another blog")


def _merge_nearly_same_text(cases: Sequence[_Case], bodies: Bodies) -> None:
    """Compare only entries of different blogs that share half of their sketches."""
    holders: dict[int, list[_Case]] = {}
    for case in _staying(cases):
        if case.mark.words < FEW_WORDS:
            continue
        for candidate in _candidates(case, holders):
            digests = (case.entry.digest, candidate.entry.digest)
            shared = resemblance(*(each.text for each in bodies.load(digests)))
            if shared >= NEARLY:
                case.go(candidate, f"{shared:.0%} of the text is the same on another blog")
                break
        else:
            for sentence in case.mark.sketch:
                holding = holders.setdefault(sentence, [])
                if len(holding) <= COMMON:
                    holding.append(case)


def _candidates(case: _Case, holders: Mapping[int, list[_Case]]) -> list[_Case]:
    """Return the few entries that may be nearly the same text, those that share most first."""
    shared: Counter[_Case] = Counter()
    for sentence in case.mark.sketch:
        holding = holders.get(sentence, ())
        if len(holding) <= COMMON:
            shared.update(holding)
    return [
        other
        for other, count in shared.most_common(5)
        if other.blog != case.blog
        and count * 2 >= min(len(case.mark.sketch), len(other.mark.sketch))
        and 0.8 <= case.mark.words / other.mark.words <= 1.25
    ]


def _tell_apart(staying: Iterable[_Case]) -> Iterator[Problem]:
    """Give the later of two entries with one id an id of its own; name shared links too."""
    ids: dict[str, _Case] = {}
    pages: dict[str, _Case] = {}
    for case in staying:
        entry, page = case.entry, case.page
        suspicion = "same {} as {}, but not the same title and text: {}"
        if entry.id in ids:
            published = entry.published.isoformat() if entry.published else ""
            text = f"{entry.id}\n{entry.title}\n{published}"
            further = filter(None, (case.mark.text.hex(), entry.user, *map(str, range(9999))))
            while (own := uuid.uuid5(uuid.NAMESPACE_URL, text).urn) in ids:
                text += f"\n{next(further)}"
            case.entry = msgspec.structs.replace(entry, id=own)
            yield case.problem(suspicion.format("id", ids[entry.id].name, f"now {own}"), "id")
        elif "/" in page and page in pages:
            yield case.problem(suspicion.format("link", pages[page].name, "both stay"), "link")
        ids[case.entry.id] = case
        pages.setdefault(page, case)


def _staying(cases: Iterable[_Case]) -> Iterator[_Case]:
    return (case for case in cases if case.into is None)
