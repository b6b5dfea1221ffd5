"""Source ``feed``: Atom, RSS, JSON Feed and WordPress exports, from files and from the web."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from convert.contract import Reading, SourceContext
from convert.errors import FetchError, NotASource, SourceError
from convert.model import Feed, Origin, Problem
from convert.sources import clean, json_fields
from convert.sources.feeds import history, kinship, load
from convert.sources.feeds.document import sniff
from convert.sources.feeds.load import Loaded
from convert.sources.feeds.owners import user_of
from convert.sources.feeds.reading import (
    FeedReading,
    Subscription,
    last_copy,
    said_of,
    subscribe,
    titled,
)
from convert.sources.store import Store
from convert.text.source_names import source_name

ListReader = Callable[[bytes, str, SourceContext], Reading]
"""Reads the bytes of a list of feeds that lay at an address."""


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of the source ``feed``."""

    history: Annotated[
        Literal["recent", "all"],
        msgspec.Meta(description="the entries that the feed shows, or all that it leads to"),
    ] = "recent"
    max_pages: Annotated[
        int, msgspec.Meta(ge=1, description="the most pages of the history to fetch")
    ] = 100


class FeedSource:
    """Satisfies ``convert.contract.Source``."""

    name = "feed"
    summary = "Atom, RSS or JSON Feed: a file, a folder of them, - or a web address"
    Options: type[msgspec.Struct] = Options

    def __init__(self, read_list: ListReader | None = None) -> None:
        """``read_list``: what an address may hold instead of a feed is a list of feeds, which
        only its bytes tell; without it ``open`` raises IsList."""
        self._read_list = read_list

    def recognises(self, address: str) -> int:
        """Return how sure it is: certain of files that begin like a feed, less so of web
        addresses."""
        if address == "-" or clean.is_web(address):
            return 90 if address == "-" else 50
        path = Path(address)
        try:
            if path.is_dir():
                return 50 if next(_files(path), None) else 0
            if not path.is_file():
                return 0
            with path.open("rb") as file:
                start = file.read(4096)
        except (OSError, ValueError):
            return 0
        kind = sniff(start)
        if kind == "xml" or (kind == "json" and json_fields.is_feed(start)):
            return 90
        return 40 if path.suffix.lower() in load.SUFFIXES and kind != "opml" else 0

    def open(self, address: str, context: SourceContext) -> Reading:
        """Return the reading.  Raises NotASource where there is no feed, SourceError where
        none can be read."""
        store = Store(context)
        try:
            if clean.is_web(address):
                return _from_web(address, context, store)
            if address != "-" and Path(address).is_dir():
                return _from_folder(address, context, store)
            if address == "-":
                feed = load.from_standard_input(context)
            else:
                feed = load.from_file(Path(address), context, name=address)
        except load.IsList as error:
            if self._read_list is None:
                raise
            return self._read_list(error.content, address, context)
        return FeedReading(
            _origin(address, feed.document.feed, store),
            [_subscription(address, (feed,), store, held=context.held(address, ""))],
            context,
            store,
            one=True,
        )


def _from_web(address: str, context: SourceContext, store: Store) -> Reading:
    """Return the feed at an address with its history, or what the store holds of it."""
    options = context.options if isinstance(context.options, Options) else Options()
    shown = clean.without_credentials(address)
    kin = partial(kinship.require, shown=shown, store=store)
    try:
        first = load.from_web(address, context, kin)
    except load.IsList:
        raise
    except (FetchError, SourceError) as error:
        copy = store.copy(shown)
        instead = last_copy(shown, error.reason, store, copy)
        if copy is not None and instead is not None:
            origin = copy.head.origin or _origin(shown, None, store)
            return FeedReading(origin, [instead], context, store, one=True)
        if isinstance(error, SourceError):
            raise
        raise SourceError(shown, error.reason) from error
    loaded = [first]
    missing = ""
    if options.history == "all":
        try:
            loaded.extend(history.older(first, context, options.max_pages))
        except history.Incomplete as error:
            missing = f"its history ends early: {error}"
    elif reason := history.hint(first):
        context.warn(Problem(path=shown, reason=reason))
    return FeedReading(
        _origin(shown, first.document.feed, store),
        [_subscription(shown, tuple(loaded), store, missing=missing, held=context.held(shown, ""))],
        context,
        store,
        one=True,
    )


def _from_folder(address: str, context: SourceContext, store: Store) -> Reading:
    """Return the feeds in a folder, in the order of their names.  One that cannot be read has
    its copy in its place; what never was a feed is a problem."""
    feeds: list[Loaded | Subscription] = []
    lost = []
    files = frozenset(_files(Path(address)))
    for file in sorted(Path(address).iterdir(), key=lambda each: each.name):
        name = clean.path(file.name)
        if file not in files and not context.held(address, name):
            continue
        try:
            if file not in files:
                raise SourceError(name, "is a symbolic link or no file: not read")
            feeds.append(load.from_file(file, context, name=name))
        except SourceError as error:
            part = f"{address}/{name}"
            instead = last_copy(part, error.reason, store, store.copy(part))
            if instead is not None:
                feeds.append(instead)
            else:
                problem = Problem(
                    path=error.address, reason=error.reason, severity="entry", of_source=True
                )
                context.warn(problem)
                lost += [part] if context.held(address, name) else []
    if not feeds:
        reason = (
            "holds no feed that can be read, and is no Thicket repository (that is the folder"
            " with index.json, above those of the people)"
        )
        raise NotASource(address, reason)
    first, one = feeds[0], len(feeds) == 1 and not lost
    return FeedReading(
        _origin(address, first.document.feed if one and isinstance(first, Loaded) else None, store),
        [
            each
            if isinstance(each, Subscription)
            else _subscription(
                address if one else f"{address}/{each.name}",
                (each,),
                store,
                held=context.held(address, each.name),
            )
            for each in feeds
        ],
        context,
        store,
        lost=lost,
        one=one,
    )


def _files(path: Path) -> Iterator[Path]:
    """Yield the files that may be feeds; links are not followed."""
    for each in path.iterdir():
        fits = each.suffix.lower() in load.SUFFIXES and not each.name.startswith(".")
        if fits and not each.is_symlink() and each.is_file():
            yield each


def _subscription(
    address: str, loaded: tuple[Loaded, ...], store: Store, *, missing: str = "", held: bool
) -> Subscription:
    loaded = titled(address, loaded, store)
    said = said_of(address, loaded[0].document.feed, store.context)
    feed = msgspec.structs.replace(loaded[0].document.feed, categories=said.categories)
    user = user_of(feed, name=said.name)
    if user.username == "feed":
        name = Path(loaded[0].name).stem
        user = msgspec.structs.replace(user_of(feed, name=name), display_name=feed.title or name)
    user = msgspec.structs.replace(user, icon=said.icon or user.icon)
    return subscribe(address, loaded, user, feed, store, missing=missing, held=held)


def _origin(address: str, feed: Feed | None, store: Store) -> Origin:
    """Return what is said of a source; of a feed that has lost its title the one that it had: what
    is made of it is called after that."""
    return Origin(
        address=address,
        kind="feed",
        name=clean.line(source_name(address, "feed")) or "feed",
        title=(feed.title if feed else None) or store.title(address),
        language=feed.language if feed else None,
    )


SOURCE = FeedSource()
