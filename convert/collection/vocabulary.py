"""The names that selections may use, and why a selection holds nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from convert.collection.folders import Folders
from convert.collection.select import filed_under, fold_name, people_of
from convert.errors import UnknownName
from convert.model import Entry, StoredEntry, User
from convert.settings.job import FeedRequest, Selection
from convert.text.addresses import shown
from convert.text.characters import fold


class Vocabulary:
    """The names that entries bear, of those kinds by which anything is selected, and their days.

    ``note`` takes every entry, selected or not.
    """

    def __init__(self, selects: Sequence[Selection]) -> None:
        every = list(selects)
        for select in every:
            every.extend(select.within)
        self._people = _Kind("author", fold_name)
        self._categories = _Kind("category", fold_name)
        self._ids = _Kind("entry", str)
        for select in every:
            self._people.want((*select.authors, *select.exclude_authors))
            self._categories.want(select.categories)
            self._ids.want(select.exclude)
        self.days: tuple[dt.date, dt.date] | None = None
        """The first and the last; None where there is no entry."""
        self.partial = False
        """Whether these are not all entries: a part of the sources could not be read."""

    def note(self, entry: StoredEntry | Entry, users: Mapping[str, User], folders: Folders) -> None:
        """Take what one entry is called."""
        # Who selects by no name must not pay for knowing them all.
        if self._people.wanted:
            self._people.know(people_of(entry, users))
        if self._categories.wanted:
            self._categories.know(filed_under(entry, folders))
        if self._ids.wanted:
            self._ids.know((entry.id,))
        day = (entry.published or entry.updated).date()
        first, last = self.days or (day, day)
        self.days = min(first, day), max(last, day)

    def unknown(self, users: Mapping[str, User], folders: Folders) -> Iterator[UnknownName]:
        """Yield an error for each name that is selected by and that no entry, no user and no folder
        bears."""
        self._people.know(name for user in users.values() for name in (user.username, user.name))
        self._categories.know(folders.names)
        for kind in (self._people, self._categories, self._ids):
            yield from kind.unknown()

    def why_empty(self, select: Selection, feeds: Sequence[FeedRequest] = ()) -> str:
        """Return why the selection, with those of single feeds, holds nothing, and the way out."""
        of_feeds = (
            f"{each} of {shown(request.feed.address)}"
            for request in feeds
            for each in _described(request.select)
        )
        reason = f"the selection ({', '.join((*_described(select), *of_feeds))}) holds nothing"
        if select.since and select.until and select.since > select.until:
            reason += ": the first day comes after the last"
        if self.days:
            whose = "the entries that could be had" if self.partial else "all entries"
            reason += f"; the days of {whose} run from {self.days[0]} to {self.days[1]}"
        return f"{reason}; change the selection, or make empty outputs with --allow-empty"


def _described(select: Selection) -> Iterator[str]:
    """Yield what is selected by, with the word for what it is."""
    named = (
        ("author", select.authors),
        ("category", select.categories),
        ("not by author", select.exclude_authors),
        ("not the entry", select.exclude),
    )
    for kind, names in named:
        yield from (f"{kind} {name}" for name in sorted(names))
    if select.since and select.until and select.since.words == select.until.words:
        yield f"of {select.since.words}"
    elif select.since:
        yield f"since {select.since.words}"
    if select.until and not (select.since and select.since.words == select.until.words):
        yield f"until {select.until.words}"
    yield from (f"the text {text!r}" for text in sorted(select.match))
    if select.per_author is not None:
        yield f"the newest {select.per_author} of each member"
    if select.limit is not None:
        yield f"the newest {select.limit}"
    for each in select.within:
        yield from _described(each)


class _Kind:
    """Names of one kind, by what two spellings of one name have in common."""

    def __init__(self, name: str, common: Callable[[str], str]) -> None:
        self._name = name
        self._common = common
        self._known: dict[str, str] = {}
        self.wanted: dict[str, str] = {}

    def want(self, names: Iterable[str]) -> None:
        """Take names that are selected by."""
        self.wanted |= {self._common(name): name for name in names}

    def know(self, names: Iterable[str]) -> None:
        """Take names that are borne."""
        self._known |= {self._common(name): name for name in names if name}

    def unknown(self) -> Iterator[UnknownName]:
        """Yield an error for each name that is wanted and not known."""
        # What strangers wrote is printed here: on one line, without controls.
        known = [fold(name) for name in self._known.values()]
        for common, name in self.wanted.items():
            if common not in self._known:
                yield UnknownName(self._name, name, known)
