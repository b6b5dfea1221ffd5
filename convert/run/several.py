"""Several sources in one run: nobody bears another's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from convert.contract import Reading
from convert.text import members
from convert.text.members import Claim, ClaimingReading


def call_members(readings: Sequence[Reading], *, alone: bool) -> None:
    """Call the members of all sources so that a name is one member's, whatever order the sources
    are named in: those of a repository as it says; those of a feed that is ``alone`` as it says."""
    if alone:
        return
    claims: list[Claim] = []
    counts = []
    for reading in readings:
        if isinstance(reading, ClaimingReading):
            claimed = [*reading.claims()]
        else:
            claimed = [members.named(user, "given") for user in reading.users.values()]
        claims += claimed
        counts.append(len(claimed))
    claiming = [each for each in readings if isinstance(each, ClaimingReading)]

    def recorded(claim: Claim) -> bool:
        return any(each.recorded(claim) for each in claiming)

    bearers = iter(members.settle(claims, recorded))
    for reading, count in zip(readings, counts, strict=True):
        called = tuple(next(bearers) for _ in range(count))
        if isinstance(reading, ClaimingReading):
            reading.call(called)


def had(reading: Reading, feed: str, id_: str) -> int:
    """Return how surely earlier runs had an entry of this id from a feed: ``ClaimingReading``."""
    return reading.had(feed, id_) if isinstance(reading, ClaimingReading) else 0


def speaks_for(reading: Reading, feed: str) -> bool:
    """Return whether a source is to be believed what it says of a feed, by its id: it is the feed
    itself, or a repository."""
    return not isinstance(reading, ClaimingReading) or feed not in reading.spoken_of


def stated(readings: Iterable[Reading]) -> Mapping[str, str]:
    """Return the addresses on the web that files state, by where these lie."""
    return {
        place: address
        for reading in readings
        if isinstance(reading, ClaimingReading)
        for place, address in reading.stated.items()
    }
