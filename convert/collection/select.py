"""Which entries are meant: sift by what is stored, choose by what is prepared."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from convert.collection.folders import Folders, names_of
from convert.contract import Order
from convert.model import Entry, Prepared, StoredEntry, User
from convert.settings.job import Selection


def sift(
    entry: StoredEntry | Entry, select: Selection, users: Mapping[str, User], folders: Folders
) -> bool:
    """Tell whether the entry's user, authors, categories, id and day are among those selected; the
    folders of its feed are as good as categories.

    ``users`` are by username.  ``match`` and the numbers are not looked at.
    """
    day = (entry.published or entry.updated).date()
    if (select.since and day < select.since.date) or (select.until and day > select.until.date):
        return False
    if entry.id in select.exclude:
        return False
    if select.authors or select.exclude_authors:
        people = _folded(people_of(entry, users))
        if select.authors and not people & _folded(select.authors):
            return False
        if people & _folded(select.exclude_authors):
            return False
    if select.categories:
        filed = _folded(filed_under(entry, folders))
        if not filed & _folded(select.categories):
            return False
    return all(sift(entry, each, users, folders) for each in select.within)


def people_of(entry: StoredEntry | Entry, users: Mapping[str, User]) -> tuple[str, ...]:
    """Return every name by which a selection may mean the entry's user or authors."""
    shown = (users[entry.user].name,) if entry.user in users else ()
    return (entry.user, *shown, *(each.name for each in entry.authors))


def filed_under(entry: StoredEntry | Entry, folders: Folders) -> tuple[str, ...]:
    """Return terms and labels of the entry's categories, and the folders of its feed."""
    own = tuple(word for each in entry.categories for word in (each.term, each.label) if word)
    return (*own, *names_of(folders.of(entry)))


def words(select: Selection) -> tuple[str, ...]:
    """Return what is selected, as the user wrote it, in an order that does not depend on it:
    "ada", "tides", "since 30d", "moon", "without bob", "newest 3 each", "newest 20"; nothing
    for all."""
    since, until = select.since, select.until
    days = [f"since {since.words}"] if since else []
    days += [f"until {until.words}"] if until else []
    if since and until and since.words == until.words:
        days = [since.words]
    return (
        *sorted(select.authors),
        *sorted(select.categories),
        *days,
        *sorted(select.match),
        *(f"without {name}" for name in sorted((*select.exclude_authors, *select.exclude))),
        *((f"newest {select.per_author} each",) if select.per_author is not None else ()),
        *((f"newest {select.limit}",) if select.limit is not None else ()),
        *(word for each in select.within for word in words(each)),
    )


def exact(select: Selection) -> str:
    """Return a text that two selections share only where they select by the same words; ""
    where everything is selected."""
    if select == Selection():
        return ""
    people = (sorted(map(fold_name, each)) for each in (select.authors, select.exclude_authors))
    days = (day.words if day else "" for day in (select.since, select.until))
    others = (sorted(each) for each in (select.categories, select.exclude, select.match))
    within = [exact(each) for each in select.within]
    each = () if select.per_author is None else (f"{select.per_author} each",)
    return repr((*people, *days, *others, *each, select.limit, within))


def matches(prepared: Prepared, select: Selection) -> bool:
    """Tell whether each text of ``select.match`` is in the title or in the text."""
    if not select.match:
        return True
    title, text = fold_name(prepared.entry.title), fold_name(prepared.text)
    return all(each in title or each in text for each in map(fold_name, select.match))


def newest(
    entries: Sequence[Entry],
    limit: int | None,
    of: Callable[[Entry], Hashable] = lambda entry: None,
) -> tuple[Entry, ...]:
    """Return the newest entries, in their order: at most ``limit`` of all that are ``of`` one, a
    member or a feed; of all where they are of nobody.  None keeps all."""
    if limit is None or len(entries) <= limit:
        return tuple(entries)
    counts: Counter[Hashable] = Counter()
    stay = []
    for at in sorted(range(len(entries)), key=lambda at: age(entries[at]), reverse=True):
        group = of(entries[at])
        counts[group] += 1
        if counts[group] <= limit:
            stay.append(at)
    return tuple(entries[at] for at in sorted(stay))


def newest_of(entries: Sequence[Entry], select: Selection) -> tuple[Entry, ...]:
    """Return as many as the selection takes of each member, and of these as many as of all."""
    of_each = newest(entries, select.per_author, lambda entry: entry.user)
    return newest(of_each, select.limit)


def ordered(entries: Iterable[Entry], order: Order) -> tuple[Entry, ...]:
    """Return the entries by date; those of one instant by id.  One order is the other reversed."""
    return tuple(sorted(entries, key=age, reverse=order == "newest"))


def age(entry: Entry) -> tuple[dt.datetime, str, str]:
    """Return what sorts entries from the oldest on, the same in every run."""
    return entry.date, entry.id, entry.digest


def _folded(texts: Iterable[str]) -> set[str]:
    return {fold_name(text) for text in texts}


def fold_name(text: str) -> str:
    """Return the text without case, Unicode form and the way its spaces are written."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
