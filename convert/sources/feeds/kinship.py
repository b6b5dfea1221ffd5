"""Whether a feed that an address leads to now is the one that it led to before."""

from __future__ import annotations

from convert.copied import SourceCopy
from convert.errors import SourceError
from convert.model import StoredEntry
from convert.sources.feeds.load import Loaded
from convert.sources.store import Store
from convert.text.addresses import same_address_key


def require(loaded: Loaded, shown: str, store: Store) -> None:
    """Raise SourceError where a page, or a redirect, leads from the address ``shown`` to a feed
    that has nothing in common with what was read from there before: a domain that was sold leads
    to its new owner's.

    A feed that moved has its id, its address or an entry in common with itself.
    """
    is_page = loaded.name != shown
    target = loaded.address or loaded.name
    if not is_page and same_address_key(target) == same_address_key(shown):
        return
    before = store.copy(shown)
    if before is None or _is_same(loaded, before, shown):
        return
    if is_page:
        reason = f"is a web page now, which names another feed ({loaded.name})"
        raise SourceError(shown, f"{reason}; give the feed's own address if that is right")
    reason = f"redirects to another feed now ({target}); give that address if it is right"
    raise SourceError(shown, reason)


def _is_same(loaded: Loaded, before: SourceCopy, shown: str) -> bool:
    """Return whether a feed is the one of a copy; of one without entries nobody knows.

    That both were reached from the address ``shown`` tells nothing.
    """
    feed = loaded.document.feed
    names = {each.id for each in before.head.feeds}
    places = {same_address_key(each.address) for each in before.head.feeds if each.address}
    addresses = {loaded.name, loaded.address, feed.address} - {None, shown}
    if feed.id in names or not places.isdisjoint(map(same_address_key, map(str, addresses))):
        return True
    known = {each for entry in before.entries for each in _marks(entry)}
    return not known or any(known & _marks(entry) for entry in loaded.document.entries)


def _marks(entry: StoredEntry) -> set[str]:
    """Return by what an entry is known again."""
    return {entry.id, same_address_key(entry.link)} if entry.link else {entry.id}
