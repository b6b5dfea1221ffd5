"""The feeds of a list, fetched side by side; the last good copy of those that fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from convert.contract import Fetched, NoFeedRead, Reading, SourceContext
from convert.errors import FetchError, NotASource, SourceError
from convert.model import Feed, ListedFeed, Origin, Problem, User
from convert.sources import clean
from convert.sources.feeds import kinship, load
from convert.sources.feeds.load import Loaded
from convert.sources.feeds.owners import user_of
from convert.sources.feeds.reading import (
    FeedReading,
    Subscription,
    last_copy,
    subscribe,
    titled,
)
from convert.sources.opml import outlines
from convert.sources.opml.outlines import FeedList, Outline
from convert.sources.store import Store
from convert.sources.xml_text import RefusedXML
from convert.text.characters import amount
from convert.text.source_names import source_name


def read(content: bytes, address: str, context: SourceContext) -> Reading:
    """Return the feeds that a list names.

    Raises NotASource where the bytes are no list, NoFeedRead where no feed of it can be had,
    SourceError where it is of no use.
    """
    shown = clean.without_credentials(address)
    try:
        feed_list = _list(content, shown)
    except SourceError as error:
        if not clean.is_web(address):
            raise
        before = context.fetcher.reject(address, content, error.reason)
        if before is None:
            raise
        feed_list = _list(before.content, shown)
        load.warn_of_copy(before, shown, context)
    for reason in feed_list.mended:
        context.warn(Problem(path=shown, reason=reason))
    if feed_list.unusable:
        some = amount(feed_list.unusable, "outline has", "outlines have")
        reason = f"{some} no http(s) address: passed over"
        context.warn(Problem(path=shown, reason=reason))
    name = clean.line(source_name(shown, "opml")) or "list"
    origin = Origin(address=shown, kind="opml", name=name, title=feed_list.title or None)
    listed = (_also_said(each, context.said_of(each.address)) for each in feed_list.outlines)
    return _opened(tuple(listed), origin, context)


def of_config(address: str, context: SourceContext) -> Reading:
    """Return the feeds that the config file at an address lists, and no source beside it.

    Raises NoFeedRead where no feed of it can be had.
    """
    name = clean.line(source_name(address, "config")) or "planet"
    origin = Origin(address=address, kind="config", name=name)
    listed = (_also_said(Outline(address=each.address), each) for each in context.listed)
    return _opened(tuple(listed), origin, context)


def _also_said(outline: Outline, said: ListedFeed) -> Outline:
    """Return an outline with what the user says of its feed beside."""
    return msgspec.structs.replace(
        outline,
        name=clean.title(said.name) or outline.name,
        categories=tuple(dict.fromkeys((*said.categories, *outline.categories))),
        icon=said.icon,
    )


def _opened(listed: Sequence[Outline], origin: Origin, context: SourceContext) -> FeedReading:
    store = Store(context)
    on_web = (each.address for each in listed if clean.is_web(each.address))
    answers = context.fetcher.get_all(on_web)
    subscriptions = [
        _subscription(outline, answers.get(outline.address), context, store) for outline in listed
    ]
    reading = FeedReading(origin, subscriptions, context, store)
    if not any(each.loaded or each.copy for each in subscriptions):
        count = len(listed)
        none = "its one feed could not" if count == 1 else f"none of its {count} feeds could"
        raise NoFeedRead(origin.address, f"{none} be read", reading)
    return reading


def _list(content: bytes, shown: str) -> FeedList:
    """Return the list in these bytes, which is whole and names a feed.

    Raises NotASource where it is no list, SourceError where it is of no use.
    """
    try:
        feed_list = outlines.read(content)
    except RefusedXML as error:
        raise SourceError(shown, str(error)) from error
    except outlines.BadList as error:
        raise NotASource(shown, str(error)) from error
    if feed_list.is_cut:
        # What it names no more is not gone: it would go from every output.
        raise SourceError(shown, "ends in the middle, without </opml>; nothing is read from it")
    if not feed_list.outlines:
        raise SourceError(shown, "the list names no feed: no outline has a usable xmlUrl")
    return feed_list


def _subscription(
    outline: Outline, answer: Fetched | Exception | None, context: SourceContext, store: Store
) -> Subscription:
    """Return the feed of an outline, or its last copy; with a problem, what the outline says of
    it, without either.

    Without an ``answer`` of the web it is a file, and lies on the web where it says.  What the list
    knows of it is added: name, page, and the address that it has there.
    """
    address = clean.without_credentials(outline.address)
    loaded: tuple[Loaded, ...] = ()
    feed = Feed(id=address, address=address)
    try:
        if isinstance(answer, FetchError):
            raise answer
        if isinstance(answer, Exception):
            raise FetchError(address, str(answer)) from answer
        kin = partial(kinship.require, shown=address, store=store)
        loaded = (
            load.from_file(Path(address), context, name=address)
            if answer is None
            else load.useful(outline.address, answer, context, kin),
        )
        loaded = titled(address, loaded, store)
        feed = loaded[0].document.feed
    except (FetchError, SourceError) as error:
        copy = last_copy(address, error.reason, store, store.copy(address))
        if copy is not None:
            return _as_listed(copy, outline, address, store)
        context.warn(Problem(path=address, reason=error.reason, severity="entry", of_source=True))
    user = _listed_user(outline, feed, address, store)
    feed, named = _listed_feed(outline, feed, address), bool(outline.user)
    if not loaded:
        return Subscription(address=address, user=user, named=named, feed=feed, cut=True)
    read = subscribe(address, loaded, user, feed, store, held=context.held(address, ""))
    return dataclasses.replace(read, named=named)


def _listed_user(outline: Outline, feed: Feed, address: str, store: Store) -> User:
    """Return the user of a feed: it speaks for itself, but the user wrote the list, and under
    its address there it is known."""
    user = user_of(feed, name=outline.name)
    if user.username == "feed" and not clean.is_web(address):
        name = Path(address).stem
        user = msgspec.structs.replace(user_of(feed, name=name), display_name=feed.title or name)
    return msgspec.structs.replace(
        user,
        username=store.username(address) or outline.user or user.username,
        homepage=user.homepage or outline.link,
        icon=outline.icon or user.icon,
        feeds=(address,) if clean.is_web(address) else user.feeds,
    )


def _listed_feed(outline: Outline, feed: Feed, address: str) -> Feed:
    """Return a feed with what only the list says of it."""
    return msgspec.structs.replace(
        feed,
        title=feed.title or outline.name,
        link=feed.link or outline.link,
        language=feed.language or outline.language,
        address=address if clean.is_web(address) else feed.address,
        categories=outline.categories,
    )


def _as_listed(old: Subscription, outline: Outline, address: str, store: Store) -> Subscription:
    """Return a feed's last copy with what the list says of it: it was read, its word is newer."""
    listed = _listed_user(outline, old.feed, address, store)
    user = msgspec.structs.replace(
        old.user,
        username=listed.username,
        display_name=listed.display_name or old.user.display_name,
        homepage=listed.homepage or old.user.homepage,
        icon=listed.icon or old.user.icon,
        feeds=listed.feeds,
    )
    feed = _listed_feed(outline, old.feed, address)
    return dataclasses.replace(old, user=user, named=bool(outline.user), feed=feed)
