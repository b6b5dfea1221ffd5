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
    """The entries that stay, in the order given, and each decision as a problem."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def resolve(
    entries: Sequence[Entry],
    fingerprints: Sequence[Fingerprint],
    declared: Mapping[str, str],
    bodies: Bodies,
) -> Resolution:
    """The entries without the duplicates, by the rules above; independent of their order.

    ``fingerprints`` go along with ``entries``, one for one.  ``declared`` maps the id of a
    duplicate to the canonical one.  ``bodies`` is asked for the few texts that have to be
    compared word by word.
    """
    cases = [
        _Case(entry, mark, fixed=declared.get(entry.id) == entry.id)
        for entry, mark in zip(entries, fingerprints, strict=True)
    ]
    by_precedence = sorted(cases, key=lambda case: case.precedence)
    _merge_declared(by_precedence, declared)
    _merge_same_address(by_precedence)
    _merge_same_text(by_precedence)
    _merge_nearly_same_text(by_precedence, bodies)
    notes = [_explained(case) for case in cases if case.into is not None]
    notes += _tell_apart([case for case in by_precedence if case.into is None])
    absorbed: dict[int, list[_Case]] = {}
    for case in by_precedence:
        if case.into is not None:
            absorbed.setdefault(id(case.final), []).append(case)
    kept = tuple(
        _with_aliases(case, absorbed.get(id(case), ())) for case in cases if case.into is None
    )
    return Resolution(kept, tuple(notes))


@dataclasses.dataclass(eq=False)
class _Case:
    """One entry under judgement: ``into`` is what it goes for, ``why`` the reason; a ``fixed``
    one goes for none but its like."""

    entry: Entry
    mark: Fingerprint
    fixed: bool
    into: _Case | None = None
    why: str = ""

    @property
    def precedence(self) -> tuple[object, ...]:
        """Sorts the entry that stays before those that go."""
        entry, mark = self.entry, self.mark
        return entry.date, -entry.updated.timestamp(), entry.id, mark.title, mark.text, entry.user

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
        named = self.page if entry.id == entry.link else same_address_key(entry.id)
        pages = {f"id {entry.id}": "id", named: "id"}
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
        """Leaves this one out, for another."""
        if not self.fixed or self.entry.id == into.entry.id:
            self.into, self.why = into.final, why


def _merge_declared(cases: Sequence[_Case], declared: Mapping[str, str]) -> None:
    first: dict[str, _Case] = {}
    for case in cases:
        first.setdefault(case.entry.id, case)
    for case in cases:
        canonical = _canonical(case.entry.id, declared, first)
        if canonical is not None:
            case.go(first[canonical], "declared as such")


def _canonical(
    duplicate: str, declared: Mapping[str, str], present: Mapping[str, _Case]
) -> str | None:
    """The last entry of the declared chain that is there; None for a circle or for none."""
    found = None
    seen = {duplicate}
    at = duplicate
    while at in declared and declared[at] != at:
        at = declared[at]
        if at in seen:
            return None
        seen.add(at)
        found = at if at in present else found
    return found


def _merge_same_address(cases: Sequence[_Case]) -> None:
    same: dict[tuple[str, bytes, bytes], _Case] = {}
    states: dict[tuple[str, bytes], _Case] = {}
    for case in _staying(cases):
        mark = case.mark
        for page, word in case.pages.items():
            twin = same.setdefault((page, mark.title, mark.text), case)
            if twin is not case and case.into is None:
                case.go(twin, f"same {word}, title and text")
        if case.into is None:
            _merge_states(case, states)


def _merge_states(case: _Case, states: dict[tuple[str, bytes], _Case]) -> None:
    key = (case.entry.id, case.mark.title)
    other = states.setdefault(key, case)
    if other is case or other.entry.origin == case.entry.origin:
        return
    why = "an older state of the same entry, from another source"
    if case.entry.updated > other.entry.updated:
        other.go(case, why)
        states[key] = case
    else:
        case.go(other, why)


def _merge_same_text(cases: Sequence[_Case]) -> None:
    holders: dict[bytes, list[_Case]] = {}
    for case in _staying(cases):
        if case.mark.words >= FEW_WORDS:
            known = holders.setdefault(case.mark.text, [])
            twin = next((each for each in known[:COMMON] if each.blog != case.blog), None)
            if twin is None:
                known.append(case)
            else:
                case.go(twin, "same text on another blog")


def _merge_nearly_same_text(cases: Sequence[_Case], bodies: Bodies) -> None:
    """Compares only entries of different blogs that share half of their sketches."""
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
                known = holders.setdefault(sentence, [])
                if len(known) <= COMMON:
                    known.append(case)


def _candidates(case: _Case, holders: Mapping[int, list[_Case]]) -> list[_Case]:
    """The few entries that may be nearly the same text, those that share most first."""
    shared: Counter[int] = Counter()
    found: dict[int, _Case] = {}
    for sentence in case.mark.sketch:
        known = holders.get(sentence, ())
        if len(known) <= COMMON:
            for other in known:
                found[id(other)] = other
                shared[id(other)] += 1
    return [
        found[at]
        for at, count in shared.most_common(5)
        if found[at].blog != case.blog
        and count * 2 >= min(len(case.mark.sketch), len(found[at].mark.sketch))
        and 0.8 <= case.mark.words / found[at].mark.words <= 1.25
    ]


def _tell_apart(staying: Iterable[_Case]) -> Iterator[Problem]:
    """Gives the later of two entries with one id an id of its own; names shared links too."""
    ids: dict[str, _Case] = {}
    pages: dict[str, _Case] = {}
    for case in staying:
        entry = case.entry
        page = case.page
        if entry.id in ids:
            case.entry = msgspec.structs.replace(entry, id=_own_id(case, ids))
            yield _suspicion(case, ids[entry.id], "id", f"now {case.entry.id}")
        elif "/" in page and page in pages:
            yield _suspicion(case, pages[page], "link", "both stay")
        ids[case.entry.id] = case
        pages.setdefault(page, case)


def _own_id(case: _Case, taken: Mapping[str, _Case]) -> str:
    entry = case.entry
    published = entry.published.isoformat() if entry.published else ""
    text = f"{entry.id}\n{entry.title}\n{published}"
    for also in ("", case.mark.text.hex(), entry.user, *map(str, range(len(taken) + 1))):
        text += f"\n{also}" if also else ""
        found = uuid.uuid5(uuid.NAMESPACE_URL, text).urn
        if found not in taken:
            return found
    raise AssertionError("more ids than entries")


def _suspicion(case: _Case, other: _Case, field: str, outcome: str) -> Problem:
    where = other.entry.path or other.entry.id
    reason = f"same {field} as {where}, but not the same title and text: {outcome}"
    return Problem(path=case.entry.path or case.entry.id, field=field, reason=reason)


def _explained(case: _Case) -> Problem:
    kept = case.final.entry
    reason = f"left out as a duplicate of {kept.path or kept.id}: {case.why}"
    return Problem(path=case.entry.path or case.entry.id, reason=reason)


def _with_aliases(case: _Case, absorbed: Iterable[_Case]) -> Entry:
    entry = case.entry
    own = {entry.id, *case.pages}
    given = (
        address
        for each in absorbed
        for address in (each.entry.id, each.entry.link, *each.entry.aliases)
    )
    fresh = [each for each in given if each and not {each, same_address_key(each)} & own]
    aliases = tuple(dict.fromkeys((*entry.aliases, *fresh)))
    return msgspec.structs.replace(entry, aliases=aliases) if fresh else entry


def _staying(cases: Iterable[_Case]) -> Iterator[_Case]:
    return (case for case in cases if case.into is None)
