"""What is read, without the e-mail addresses of people: these are published only when asked for."""

from __future__ import annotations

from msgspec.structs import replace

from convert.content.fields import without_email
from convert.model import Feed, StoredEntry, User


def entry_without(entry: StoredEntry) -> StoredEntry:
    """Return an entry without the addresses of its authors and contributors."""
    if not any(each.email for each in (*entry.authors, *entry.contributors)):
        return entry
    return replace(
        entry,
        authors=tuple(map(without_email, entry.authors)),
        contributors=tuple(map(without_email, entry.contributors)),
    )


def feed_without(feed: Feed) -> Feed:
    """Return a feed without the addresses of its authors."""
    return replace(feed, authors=tuple(map(without_email, feed.authors)))


def user_without(user: User) -> User:
    """Return a member without an address, also in what is said of the feeds."""
    return replace(user, email=None, described=tuple(map(feed_without, user.described)))
