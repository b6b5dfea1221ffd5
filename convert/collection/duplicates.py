"""Which of two equal entries stays.

In this order:

1. What is declared (``duplicates.json``, which speaks of its repository's own entries): a duplicate
   goes where its canonical entry is there.  An entry declared as canonical for itself never goes.
2. The same id or link, and the same title and text: one stays.
3. Of two feeds, or sources, the same id and title, or the same link, title and day, and different
   texts: these are states of one entry.  Of one blog the one updated last stays, but no excerpt
   goes before the whole; of equal ones the fuller.  A file, of which nobody knows whose it is, may
   stand for one of a file that it is like, never for what is whole elsewhere.  Of two the original
   stays, where one is.
   Of one feed those are states that differ in their texts alone, where one is a teaser.
4. The same text on two blogs (users, or hosts of one user), of at least ``FEW_WORDS`` words
   and equal or nearly so, in one repository: an entry that was syndicated.  Of two feeds again the
   original stays, where one is.

The original is the one on the host that its id or link names, else the one that was published from
there before, or is a repository's, else the one that the other, no older one links to.

Of equal entries the one published first stays, then the one updated last, then the one with
the smallest id.  What goes gives its addresses to the one that stays, as aliases.

Otherwise equal ids, links or texts are only a suspicion: both entries stay, and of those with one
id the later, or the one that is not the original, is given an id of its own, made from id, title
and date.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from convert.collection.case import Case
from convert.collection.similarity import resemblance
from convert.collection.standing import Standing
from convert.entryset import Bodies
from convert.model import Entry, Fingerprint, Problem
from convert.text.characters import shortened
from convert.text.excerpts import is_excerpt
from convert.text.members import authority

FEW_WORDS = 30
"""Texts with fewer words are equal by chance: "New release, see the page"."""
NEARLY = 0.85
"""How much of their shingles (five words in a row) two texts share that are nearly equal."""
ALIKE = 0.3
"""How much of them a text shares with what became of it."""
COMMON = 20
"""A sentence in more entries than this is a signature or a licence and tells nothing."""


class Resolution(NamedTuple):
    """The entries that stay, in the order of the set, and each decision as a problem."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def resolve(
    entries: Sequence[Entry],
    fingerprints: Sequence[Fingerprint],
    standings: Sequence[Standing],
    bodies: Bodies,
    *,
    stored: bool = False,
    several: bool = False,
) -> Resolution:
    """Return the entries without the duplicates, by the rules above; independent of their order.

    ``fingerprints`` and ``standings`` go along with ``entries``, one for one.  ``bodies`` is asked
    for the few texts that have to be compared word by word; where they are ``stored`` as well,
    duplicates are in the store.  With ``several`` sources problems say of which.
    """
    where = "; the store holds it" if stored else ""
    cases = [
        Case(entry, mark, standing, several=several)
        for entry, mark, standing in zip(entries, fingerprints, standings, strict=True)
    ]
    by_precedence = sorted(cases, key=lambda case: case.precedence)
    _merge_declared(by_precedence)
    _merge_same_address(by_precedence)
    _merge_states(by_precedence, bodies)
    suspicions = [*_merge_same_text(by_precedence)]
    suspicions += _merge_nearly_same_text(by_precedence, bodies)
    gone = (case for case in cases if case.into is not None)
    problems = [case.problem(f"left out as a duplicate of {case.why}{where}") for case in gone]
    problems += suspicions
    problems += _tell_apart(list(_staying(by_precedence)))
    absorbed: dict[int, list[Case]] = {}
    for case in by_precedence:
        if case.into is not None:
            absorbed.setdefault(id(case.final), []).append(case)
    staying = (case.with_aliases(absorbed.get(id(case), ())) for case in _staying(cases))
    return Resolution(tuple(staying), tuple(problems))


def _merge_declared(cases: Sequence[Case]) -> None:
    """Send each to the last entry of its declared chain that is there; to none in a circle."""
    first: dict[str, Case] = {}
    own: dict[tuple[str, str], Case] = {}
    for case in cases:
        first.setdefault(case.entry.id, case)
        own.setdefault((case.standing.voice, case.entry.id), case)
    for case in cases:
        canonical = None
        declared = case.standing.declared
        at = case.entry.id
        passed = {at}
        while declared.get(at, at) != at:
            at = declared[at]
            if at in passed:
                canonical = None
                break
            passed.add(at)
            canonical = own.get((case.standing.voice, at), first.get(at, canonical))
        if canonical is not None:
            case.go(canonical, "declared as such")


def _merge_same_address(cases: Sequence[Case]) -> None:
    same: dict[tuple[str, bytes, bytes], list[tuple[Case, str]]] = {}
    for case in _staying(cases):
        for page, word in case.pages.items():
            same.setdefault((page, case.mark.title, case.mark.text), []).append((case, word))
    for alike in (each for each in same.values() if len(each) > 1):
        # Of equal right the first is.
        first = min(alike, key=lambda each: each[0].claim(each[1]))[0]
        for case, word in alike:
            if case.final is not first.final:
                case.final.go(first, f"same {word}, title and text")


def _merge_states(cases: Sequence[Case], bodies: Bodies) -> None:
    """Leave one of several states of an entry that different feeds or sources have."""
    states: dict[tuple[str, bytes], list[Case]] = {}
    for case in _staying(cases):
        for page in case.pages:
            others = states.setdefault((page, case.mark.title), [])
            for other in others[:COMMON]:
                if case.into is not None or other.into is not None:
                    continue
                same_id = case.pages[page] == other.pages[page] == "id"
                same_day = case.entry.date.date() == other.entry.date.date()
                if case.standing.voice == other.standing.voice:
                    if same_id and case.is_of_one_moment(other):
                        _leave_one(case, other, bodies, same_id=True)
                elif same_id or same_day:
                    _leave_one(case, other, bodies, same_id=same_id)
            if case.into is None:
                others.append(case)


def _leave_one(case: Case, other: Case, bodies: Bodies, *, same_id: bool) -> None:
    """Leave out one of two states of an entry; neither where nobody can tell whose it is."""
    if not case.standing.is_of_same(other.standing):
        first, second = sorted((case, other), key=lambda each: each.claim("id"))
        # Whoever writes of a page may link to it, and call it by its title; and anybody's may be
        # "1" without one.
        is_claimed = authority(case.entry.id) or (case.page and case.page == other.page)
        if same_id and is_claimed and first.claim("id") != second.claim("id"):
            second.go(first, first.right_to(second))
        return
    of_case, of_other = (each.text for each in bodies.load((case.entry.digest, other.entry.digest)))
    by_age = sorted((case, other), key=lambda each: each.entry.updated)
    by_size = sorted((case, other), key=lambda each: (each.entry.full, each.mark.words))
    is_alike = True
    if is_excerpt(of_case, of_other, case.entry.title):
        lesser, better, why = case, other, "an excerpt"
    elif is_excerpt(of_other, of_case, other.entry.title):
        lesser, better, why = other, case, "an excerpt"
    elif case.entry.updated != other.entry.updated:
        (lesser, better), why, is_alike = by_age, "an older state", False
    elif case.standing.voice != other.standing.voice or case.entry.full != other.entry.full:
        (lesser, better), why = by_size, "a shorter state"
        is_alike = lesser.mark.words < FEW_WORDS
    else:
        return
    if better.may_replace(lesser, lambda: is_alike or resemblance(of_case, of_other) >= ALIKE):
        lesser.go(better, f"{why} of the same entry")


def _merge_same_text(cases: Sequence[Case]) -> Iterator[Problem]:
    holders: dict[bytes, list[Case]] = {}
    for case in _staying(cases):
        if case.mark.words >= FEW_WORDS:
            equal = holders.setdefault(case.mark.text, [])
            twins = (each for each in equal[:COMMON] if each.blog != case.blog)
            yield from _leave_copies(case, ((each, "same text") for each in twins))
            if case.into is None:
                equal.append(case)


def _leave_copies(case: Case, twins: Iterable[tuple[Case, str]]) -> Iterator[Problem]:
    """Compare an entry with its twins until it goes for one; yield that it and the first of those
    that stay both do where nobody can tell which is the copy."""
    doubts: list[tuple[Case, Problem]] = []
    for twin, why in twins:
        if twin.final is not case:
            doubts += ((twin, problem) for problem in _leave_copy(case, twin, why))
        if case.into is not None:
            return
    yield from [problem for twin, problem in doubts if twin.final is not case][:1]


def _leave_copy(case: Case, twin: Case, why: str) -> Iterator[Problem]:
    """Leave out the copy of two entries with one text, the second as it is published; yield that
    both stay where nobody can tell which it is."""
    first, second = twin.final, case
    one, two = first.standing, second.standing
    if one.is_of_same(two) and not first.pages.keys().isdisjoint(second.pages):
        older, newer = sorted((first, second), key=lambda each: each.entry.updated)
        if older.entry.updated < newer.entry.updated and newer.may_replace(older, lambda: True):
            older.go(newer, "an older state of the same entry")
            return
    # Whose blog a page is, anybody may say who has a folder on its host.
    of_same = one.voice == two.voice or one.member == two.member
    if of_same or (one.is_repository and two.is_repository):
        second.go(first, f"{why} on another blog")
        return
    # Of what anybody may copy no date is believed.
    first, second = sorted((first, second), key=lambda each: -each.was_there)
    right = "had it before"
    if first.was_there == second.was_there:
        right = "it names"
        if first.names(second) == second.names(first):
            reason = (
                f"{why} as {first.name(second)}, on another blog: both stay, unless duplicates.json"
            )
            yield second.problem(f"{reason} says which is the copy")
            return
        if first.names(second):
            first, second = second, first
    second.go(first, f"{why} on another blog, which {right}")


def _merge_nearly_same_text(cases: Sequence[Case], bodies: Bodies) -> Iterator[Problem]:
    """Compare only entries of different blogs that share half of their sketches."""
    holders: dict[int, list[Case]] = {}
    for case in _staying(cases):
        if case.mark.words < FEW_WORDS:
            continue
        yield from _leave_copies(case, _nearly_same(case, _candidates(case, holders), bodies))
        if case.into is None:
            for sentence in case.mark.sketch:
                holding = holders.setdefault(sentence, [])
                if len(holding) <= COMMON:
                    holding.append(case)


def _nearly_same(
    case: Case, candidates: Iterable[Case], bodies: Bodies
) -> Iterator[tuple[Case, str]]:
    for each in candidates:
        digests = (case.entry.digest, each.entry.digest)
        shared = resemblance(*(body.text for body in bodies.load(digests)))
        if shared >= NEARLY:
            yield each, f"{shared:.0%} of the text is the same"


def _candidates(case: Case, holders: Mapping[int, list[Case]]) -> list[Case]:
    """Return the few entries that may be nearly the same text, those that share most first."""
    shared: Counter[Case] = Counter()
    for sentence in case.mark.sketch:
        holding = holders.get(sentence, ())
        if len(holding) <= COMMON:
            shared.update(holding)
    return [
        other
        for other, count in shared.most_common(5)
        if other.blog != case.blog
        and other.mark.text != case.mark.text  # that was judged already
        and count * 2 >= min(len(case.mark.sketch), len(other.mark.sketch))
        and 0.8 <= case.mark.words / other.mark.words <= 1.25
    ]


def _tell_apart(staying: Sequence[Case]) -> Iterator[Problem]:
    """Give the later of two entries with one id an id of its own, and never the original; name
    shared links too."""
    sharing: dict[str, list[Case]] = {}
    for case in staying:
        sharing.setdefault(case.entry.id, []).append(case)
    keepers = {
        id_: min(cases, key=lambda each: (each.claim("id"), each.claim("link")[:2]))
        if len(cases) > 1
        else cases[0]
        for id_, cases in sharing.items()
    }
    ids = set(keepers)
    pages: dict[str, Case] = {}
    for case in staying:
        entry, page = case.entry, case.page
        suspicion = "same {} as {}, but not the same title and text: {}"
        if (keeper := keepers[entry.id]) is not case:
            published = entry.published.isoformat() if entry.published else ""
            text = f"{entry.id}\n{entry.title}\n{published}"
            further = filter(None, (case.mark.text.hex(), entry.user, *map(str, range(9999))))
            while (own := uuid.uuid5(uuid.NAMESPACE_URL, text).urn) in ids:
                text += f"\n{next(further)}"
            ids.add(own)
            case.entry = msgspec.structs.replace(entry, id=own)
            yield case.problem(
                suspicion.format(f"id ({shortened(entry.id)})", keeper.name(case), f"now {own}"),
                "id",
            )
        elif "/" in page and page in case.pages and page in pages:
            link = f"link ({shortened(entry.link or page)})"
            yield case.problem(suspicion.format(link, pages[page].name(case), "both stay"), "link")
        pages.setdefault(page, case)


def _staying(cases: Iterable[Case]) -> Iterator[Case]:
    return (case for case in cases if case.into is None)
