"""``[[feed]]`` tables of a config file: a planet in one file, or more of the feeds of a list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from convert.errors import UsageError
from convert.model import Category, ListedFeed, Value
from convert.settings import layers, texts
from convert.settings.flag import INPUT, Flag
from convert.settings.job import FeedRequest, Selection
from convert.text.addresses import feed_address, shown, source_key
from convert.text.characters import fold

_about = msgspec.Meta

_SELECTED_BY = ("author", "exclude_author", "exclude", "since", "until", "year", "match", "limit")
"""The keys of [select] that a feed takes; its category is where it is filed."""


class FeedSettings(Value, frozen=True, kw_only=True):
    """What a table says of its feed, beside which entries are meant."""

    address: Annotated[
        str,
        _about(description="Where the feed is: a web address, or a file."),
        Flag(INPUT, "ADDRESS"),
    ] = ""
    name: Annotated[
        str,
        _about(description="What its member is called."),
        Flag(INPUT, default="the title of the feed"),
    ] = ""
    category: Annotated[
        tuple[str, ...],
        _about(description="The folders that it is in; Science/Birds is one in another."),
        Flag(INPUT, "FOLDER"),
    ] = ()
    icon: Annotated[
        str | None,
        _about(description="The address of its member's face."),
        Flag(INPUT, "ADDRESS", "the icon of the feed", parse=texts.address),
    ] = None
    ids: Annotated[
        Literal["guid", "link"],
        _about(description="By what its entries are known: the ids that it states, or links."),
        Flag(INPUT, ""),
    ] = "guid"


def read(
    tables: Sequence[Mapping[str, Any]], folder: Path, now: dt.datetime
) -> tuple[FeedRequest, ...]:
    """Return the feeds of the tables; the paths of files start at ``folder``.

    Raises UnknownName, UsageError naming the table and the key.
    """
    requests: dict[str, FeedRequest] = {}
    for at, table in enumerate(tables, 1):
        which = shown(str(table.get("address") or (at if len(tables) > 1 else "")))
        with layers.naming(f"[[feed]] {which}".rstrip()):
            request = request_of(table, folder, now)
            key = source_key(request.feed.address, Path())
            if key in requests:
                raise UsageError("address: a table above has this feed; say all of it in one")
            requests[key] = request
    return tuple(requests.values())


def request_of(table: Mapping[str, Any], folder: Path, now: dt.datetime) -> FeedRequest:
    """Return the feed of one table.  Raises UnknownName, UsageError naming the key."""
    selecting = {
        key: value for key, value in table.items() if key.replace("-", "_") in _SELECTED_BY
    }
    said = {key: value for key, value in table.items() if key not in selecting}
    settings = FeedSettings(
        **layers.values(FeedSettings, said, "key of [[feed]]", now, skip=_SELECTED_BY)
    )
    if not settings.address:
        raise UsageError('lacks address = "https://…", or the path of a file')
    address = settings.address
    if "://" in address:
        address = feed_address(address)
        with layers.naming("address"):
            texts.address(address, now)
    else:
        address = str(folder / address)
        if Path(address).is_dir():
            raise UsageError("address: is a folder; name it in sources")
    folders = []
    for path in settings.category:
        folders.append("/".join(filter(None, map(fold, path.split("/")))))
        if not folders[-1]:
            raise UsageError(f"category: {path!r} names no folder; write Birds or Science/Birds")
    return FeedRequest(
        feed=ListedFeed(
            address=address,
            name=fold(settings.name),
            categories=tuple(Category(term=each) for each in folders),
            icon=settings.icon,
            ids=settings.ids,
        ),
        select=layers.chosen(Selection(), selecting, now),
    )
