"""The feeds of a list, fetched side by side; the last good copy of those that fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from convert.contract import Fetched, Reading, SourceContext
from convert.errors import FetchError, NotASource, SourceError
from convert.model import Feed, Origin, Problem
from convert.sources import clean
from convert.sources.feeds import load
from convert.sources.feeds.document import BadFeed, RefusedFeed
from convert.sources.feeds.reading import FeedReading, Subscription, user_for
from convert.sources.opml import outlines
from convert.sources.opml.outlines import FeedList, Outline
from convert.sources.store import Store


def read(content: bytes, address: str, context: SourceContext, store: Store) -> Reading:
    """The feeds that a list names.

    Raises NotASource where the bytes are no list, SourceError where no feed of it can be had.
    """
    shown = clean.without_credentials(address)
    try:
        found = outlines.read(content)
    except RefusedFeed as error:
        raise SourceError(shown, str(error)) from error
    except BadFeed as error:
        raise NotASource(shown, str(error)) from error
    for reason in found.mended:
        context.warn(Problem(path=shown, reason=reason))
    if found.unusable:
        reason = f"{found.unusable} outlines have no http(s) address and are passed over"
        context.warn(Problem(path=shown, reason=reason))
    if not found.outlines:
        raise SourceError(shown, "the list names no feed: no outline has a usable xmlUrl")
    subscriptions = []
    complete = True
    for outline, subscription, whole in _fetched(found, context, store):
        complete = complete and whole
        if subscription is not None:
            subscriptions.append(_named(outline, subscription, store))
    if not subscriptions:
        raise SourceError(shown, f"none of its {len(found.outlines)} feeds could be read")
    stem = Path(shown.rpartition("/")[2] or "list").stem
    origin = Origin(
        address=shown, kind="opml", name=clean.line(stem) or "list", title=found.title or None
    )
    return FeedReading(origin, subscriptions, context, store, complete=complete)


def from_store(feed: Feed, store: Store) -> Subscription | None:
    """What the store holds of a feed; None where it holds nothing."""
    entries, _ = store.copy(feed)
    if not entries:
        return None
    return Subscription(loaded=(), user=user_for(feed, store), feed=feed, copy=entries)


def stands_in(address: str, reason: str, subscription: Subscription) -> Problem:
    """The warning that the store's copy of a feed is used, with its age."""
    newest = max(entry.updated for entry in subscription.copy)
    copy = f"the {len(subscription.copy)} entries of it in the store, the newest of"
    return Problem(path=address, reason=f"{reason}; {copy} {newest.date()}, are used")


def _fetched(
    found: FeedList, context: SourceContext, store: Store
) -> Iterator[tuple[Outline, Subscription | None, bool]]:
    """Each outline with its feed or its last copy, and whether that is all of it."""
    answers = context.fetcher.get_all(outline.address for outline in found.outlines)
    for outline in found.outlines:
        answer = answers[outline.address]
        shown = clean.without_credentials(outline.address)
        try:
            loaded = _loaded(answer, outline, context)
        except (FetchError, SourceError) as error:
            copy = from_store(Feed(id=shown, address=shown), store)
            if copy is None:
                context.warn(Problem(path=shown, reason=error.reason, severity="entry"))
            else:
                context.warn(stands_in(shown, error.reason, copy))
            yield outline, copy, False
        else:
            feed = loaded.document.feed
            user = user_for(feed, store, name=outline.name)
            yield outline, Subscription(loaded=(loaded,), user=user, feed=feed), not loaded.stale


def _loaded(answer: Fetched | Exception, outline: Outline, context: SourceContext) -> load.Loaded:
    shown = clean.without_credentials(outline.address)
    if isinstance(answer, FetchError):
        raise answer
    if isinstance(answer, Exception):
        raise FetchError(shown, str(answer)) from answer
    return load.from_answer(answer, shown, context)


def _named(outline: Outline, subscription: Subscription, store: Store) -> Subscription:
    """The subscription with what the list knows of it: name, page, and the address there."""
    feed = subscription.feed
    address = clean.without_credentials(outline.address)
    feed = msgspec.structs.replace(
        feed,
        title=feed.title or outline.name,
        link=feed.link or outline.link,
        language=feed.language or outline.language,
        address=address,
    )
    username = store.username(address)
    user = msgspec.structs.replace(
        subscription.user,
        username=username or outline.user or subscription.user.username,
        homepage=subscription.user.homepage or outline.link,
        feeds=(clean.without_credentials(outline.address),),
    )
    return Subscription(loaded=subscription.loaded, user=user, feed=feed, copy=subscription.copy)
