"""Whose word each entry of a run is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cache, partial

from convert.collection.places import entry_address
from convert.collection.standing import Standing
from convert.contract import PartedReading
from convert.model import Feed
from convert.run import several
from convert.run.gather import PreparedHeader
from convert.run.sources import Sources
from convert.text.members import keys


def standings(
    sources: Sources, headers: Sequence[PreparedHeader], declared: Sequence[Mapping[str, str]]
) -> list[Standing]:
    """Return who says that there is each of the entries; ``declared`` goes along with the sources.

    Of a feed from the web it is known where it was read; of a file what it says of itself.
    """
    feeds = sources.feeds
    homes = {name: keys((*user.feeds, user.homepage)) for name, user in sources.users.items()}
    of_parts = [isinstance(reading, PartedReading) for reading in sources.readings]

    @cache
    def of_blog(at: int, voice: str, user: str, feed: str) -> Standing:
        if not of_parts[at]:
            places = homes.get(user, frozenset())
            return Standing(voice=voice, member=user, places=places, declared=declared[at])
        reading, source = sources.readings[at], feeds.get(feed, Feed(id=""))
        is_own = several.speaks_for(reading, source.id)
        own = source if is_own else Feed(id="")
        return Standing(
            voice=voice,
            member=user,
            is_repository=False,
            places=keys((voice, own.address)) if "://" in voice else frozenset(),
            stated=keys((own.link, own.address)),
            credited=frozenset() if is_own else keys((source.address, source.link)),
            had=partial(several.had, reading, voice),
            declared=declared[at],
        )

    all_of_them = []
    for header in headers:
        entry, at = header.entry, header.source
        voice = entry.origin
        if of_parts[at]:
            voice = entry_address(entry.path, sources.readings[at].origin)
        blog = of_blog(at, voice, entry.user, entry.source or "")
        all_of_them.append(dataclasses.replace(blog, links=header.outgoing.links))
    return all_of_them
