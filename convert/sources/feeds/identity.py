"""By what an entry of a feed is known: its id, or what stands for one that is none.

It is the same whatever else the feed shows, and however the entry's text is edited.
"""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from convert.model import Feed, StoredEntry
from convert.sources.feeds.document import made_id
from convert.sources.store import Former
from convert.text.addresses import same_address_key
from convert.text.characters import amount, several, shortened

Shown = tuple[Feed, StoredEntry]
"""An entry, and the feed as the document with it describes it."""
_Item = tuple[str, dt.datetime | None, str]


class Identified(NamedTuple):
    """The entries in their order, each under the id that it is known by, None for an older state of
    another; and what is said of ids that were none."""

    entries: tuple[StoredEntry | None, ...]
    notes: tuple[str, ...]


def of_traits(
    feed: Feed, title: str | None, published: dt.datetime | None, *texts: str | None
) -> str:
    """Return an id for an entry without id and link: made of what stays when it is edited, of its
    text only where it has neither title nor date."""
    # The page of a feed is the same for all documents of its history, and wherever they lie.
    whose, name = feed.link or feed.id, (title or "").strip()
    if published is not None:
        return made_id(whose, name, published.isoformat())
    return made_id(whose, name) if name else made_id(whose, *texts)


def identify(
    shown: Sequence[Shown],
    knew: Callable[[StoredEntry, str], bool],
    bearers: Callable[[str], Sequence[Former]],
) -> Identified:
    """Return the entries of one feed, each under an id of its own.

    Of several states of one entry the newest stays (RFC 4287 §4.1.1).  What different entries
    bear as their id is none, nor is the address of the feed: they are known by their links, else
    by title and date.  ``knew`` tells whether earlier runs knew an entry by such an id, ``bearers``
    which entries they knew by an id: what was another's is shared, and who was known by it stays.
    """
    by_id: dict[str, dict[_Item, list[int]]] = {}
    titled: dict[tuple[str, str, str], _Item] = {}
    for at, (feed, entry) in enumerate(shown):
        items = by_id.setdefault(entry.id, {})
        item = _item(entry, feed)
        if item[0] and entry.title.strip():
            # RSS has but one date, which some move where an entry is edited.
            item = titled.setdefault((entry.id, item[0], entry.title.strip()), item)
        items.setdefault(item, []).append(at)
    ids: dict[int, str] = {}
    older: dict[int, str] = {}
    shared = []
    for id_, items in by_id.items():
        for places in items.values():
            # Of equal ones the whole set judges.
            newest = max(shown[at][1].updated for at in places)
            older |= {at: id_ for at in places if shown[at][1].updated < newest}
        own = dict(_own_ids(items, shown))
        at, candidate = next(iter(own.items()))
        feed, entry = shown[at]
        # A permalink tells of one page, and what earlier runs had costs its reading.
        is_page = bool(entry.link) and same_address_key(id_) == same_address_key(entry.link or "")
        before = () if is_page and len(items) == 1 else bearers(id_)
        others = any(_is_other(each, entry, feed) for each in before)
        if len(items) > 1 or others:
            shared.append(shortened(id_))
        elif id_ not in {feed.id, feed.link, feed.address} and not knew(entry, candidate):
            continue  # no other bears it, or bore it before
        holders = [each for each in before if each.id == id_]
        if len(items) == 1:
            stays = not all(_is_other(each, entry, feed) for each in holders)
            ids |= {} if stays else own
        else:
            held = {_item(each, feed) for each in holders}
            ids |= {
                at: own[at]
                for places in items.values()
                if held.isdisjoint(_item(shown[at][1], feed) for at in places)
                for at in places
            }
    notes = []
    if edited := list(dict.fromkeys(map(shortened, older.values()))):
        some = amount(len(edited), "entry stands", "entries stand")
        reason = f"{some} there in several states ({several(edited)})"
        notes.append(f"{reason}; of each the one updated last is used")
    if shared:
        reason = "each is known by its link, else by title and date"
        notes.append(f"different entries bear one id ({several(shared)}): {reason}")
    named = (
        None
        if at in older
        else msgspec.structs.replace(entry, id=ids[at], shared_id=entry.id)
        if at in ids and entry.id
        else entry
        for at, (_, entry) in enumerate(shown)
    )
    return Identified(tuple(named), tuple(notes))


def _is_other(before: Former, entry: StoredEntry, feed: Feed) -> bool:
    """Return whether an entry is another than one that bore its id before: an entry may move, be
    dated anew and be rewritten, but not all at once."""
    now = Former.of(entry)
    renamed, rewritten = before.title != now.title, before.words != now.words
    one, other = (_page(each.link, feed) for each in (before, now))
    linked, dated = bool(one and other), bool(before.published and now.published)
    if (linked and one == other) or (dated and before.published == now.published):
        return False
    if linked:
        return renamed or rewritten
    return renamed and (dated or rewritten)


def _item(entry: StoredEntry | Former, feed: Feed) -> _Item:
    """Return what is the same for states of one entry, and another for entries that share an id:
    its page, "" where it has none of its own, and the rest that tells."""
    page = _page(entry.link, feed)
    return page, entry.published, "" if page and entry.published else entry.title.strip()


def _page(link: str | None, feed: Feed) -> str:
    """Return what is the same for addresses of one page; "" for none, and for the feed's own."""
    page = same_address_key(link) if link else ""
    return page if not feed.link or page != same_address_key(feed.link) else ""


def _own_ids(
    items: Mapping[_Item, Sequence[int]], shown: Sequence[Shown]
) -> Iterator[tuple[int, str]]:
    """Yield ids for entries whose id is none."""
    pages = collections.Counter(page for page, _, _ in items)
    for (page, _, _), places in items.items():
        for at in places:
            feed, entry = shown[at]
            if entry.link and page and pages[page] == 1 and entry.link != entry.id:
                yield at, entry.link
            else:
                texts = entry.summary, entry.content
                yield at, of_traits(feed, entry.title, entry.published, *texts)
