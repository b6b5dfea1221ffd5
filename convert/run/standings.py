"""Whose word each entry of a run is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from convert.collection.marks import entry_address
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
    all_of_them = []
    for header in headers:
        entry, reading = header.entry, sources.readings[header.source]
        if isinstance(reading, PartedReading):
            address = entry_address(entry.path, reading.origin)
            source = feeds.get(entry.source or "", Feed(id=""))
            is_own = several.speaks_for(reading, source.id)
            own = source if is_own else Feed(id="")
            fetched = "://" in address
            standing = Standing(
                voice=address,
                member=entry.user,
                is_repository=False,
                places=keys((address, own.address)) if fetched else frozenset(),
                stated=keys((own.link, own.address)),
                credited=frozenset() if is_own else keys((source.address, source.link)),
                had=partial(several.had, reading, address),
                declared=declared[header.source],
                links=header.outgoing.links,
            )
        else:
            standing = Standing(
                voice=entry.origin,
                member=entry.user,
                places=homes.get(entry.user, frozenset()),
                declared=declared[header.source],
                links=header.outgoing.links,
            )
        all_of_them.append(standing)
    return all_of_them
