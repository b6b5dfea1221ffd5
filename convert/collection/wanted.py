"""Which entries of the sources a job means: by its own selection, by those of single feeds, and by
dates that lie in the future."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from convert.collection.folders import Folders
from convert.collection.places import entry_address
from convert.collection.select import matches, newest, newest_of, sift
from convert.collection.vocabulary import Vocabulary
from convert.model import Entry, Feed, Origin, Prepared, Problem, StoredEntry, User
from convert.settings.job import FeedRequest, Job, Selection
from convert.text.addresses import shown, source_key
from convert.text.dates import UNDATED, is_future
from convert.text.future import is_ahead, past


class Wanted:
    """Judges entries by what a job and its ``[[feed]]`` tables select."""

    def __init__(
        self,
        job: Job,
        users: Mapping[str, User],
        feeds: Mapping[str, Feed],
        origins: Iterable[Origin],
        stated: Mapping[str, str] | None = None,
    ) -> None:
        """``users`` are by username, ``feeds`` by ``Feed.id``; ``stated`` are the addresses that
        files state, by where these lie."""
        self._stated = stated or {}
        self.users = users
        self.folders = Folders(feeds, (each.feed for each in job.feeds))
        self._job = job
        self._origins = {each.address: each for each in origins}
        self._requests = {source_key(each.feed.address, Path()): each for each in job.feeds}
        self._asked: set[str] = set()
        self._answered: set[str] = set()
        self._excluded = {
            each.feed.address: Vocabulary((_only_excluding(each.select),)) for each in job.feeds
        }
        self._known: dict[tuple[str, str, str | None], FeedRequest | None] = {}

    @property
    def needs_all(self) -> bool:
        """Whether only prepared entries, and all of them, tell which ones are meant."""
        selects = (self._job.select, *(each.select for each in self._job.feeds))
        return any(each.needs_all for each in selects)

    def shaped(self, entry: StoredEntry) -> StoredEntry:
        """Return an entry as the job wants it to be read: without dates in the future, or filed
        under the folders of its feed."""
        if self._job.future_dates == "ignore_date":
            feed = self.folders.feed_of(entry)
            updated = feed.updated if feed is not None else None
            known = updated if updated is not None and not is_future(updated) else UNDATED
            entry = past(entry, known)
        if self._job.folder_categories and (folders := self.folders.of(entry)):
            categories = tuple(dict.fromkeys((*entry.categories, *folders)))
            entry = msgspec.structs.replace(entry, categories=categories)
        return entry

    def sift(self, entry: StoredEntry | Entry) -> bool:
        """Tell whether an entry is meant, by all but texts and numbers."""
        if self._job.future_dates == "ignore_entry" and is_ahead(entry):
            return False
        request = self._request(entry)
        wanted = sift(entry, self._job.select, self.users, self.folders)
        if request is None:
            return wanted
        self._asked.add(request.feed.address)
        self._excluded[request.feed.address].note(entry, self.users, self.folders)
        own = sift(entry, request.select, self.users, self.folders)
        if own and not (wanted and request.select.match):
            self._answered.add(request.feed.address)
        return own and wanted

    def matches(self, prepared: Prepared) -> bool:
        """Tell whether a prepared entry has the texts that are asked for."""
        request = self._request(prepared.entry)
        if request is not None:
            if not matches(prepared, request.select):
                return False
            self._answered.add(request.feed.address)
        return matches(prepared, self._job.select)

    @property
    def unanswered(self) -> Iterator[Problem]:
        """A warning for each feed of which no entry so far was what is asked of the feed, and for
        each name that is left out of a feed and that none of its entries bears."""
        for request in sorted(self._job.feeds, key=lambda each: each.feed.address):
            address, limit = request.feed.address, request.select.limit
            if address not in self._asked:
                continue
            if address not in self._answered or limit == 0:
                reason = "none of its entries is what its [[feed]] selects"
                yield Problem(path=shown(address), reason=reason)
            for error in self._excluded[address].unknown({}, self.folders):
                yield Problem(path=shown(address), field="[[feed]]", reason=str(error))

    def newest(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Return as many as are meant of each feed, of these as many as of each member, and of
        these as many as of all."""
        of_limit: dict[int | None, list[Entry]] = {}
        for entry in entries:
            request = self._request(entry)
            of_limit.setdefault(request.select.limit if request else None, []).append(entry)
        stay = {
            id(each)
            for limit, several in of_limit.items()
            for each in newest(several, limit, self._request)
        }
        return newest_of([each for each in entries if id(each) in stay], self._job.select)

    def _request(self, entry: StoredEntry | Entry) -> FeedRequest | None:
        """Return what is asked of the feed that an entry came from."""
        if not self._requests:
            return None
        key = entry.origin, entry.path, entry.source
        if key not in self._known:
            origin = self._origins.get(entry.origin)
            if origin is not None and origin.kind != "thicket":
                place = entry_address(entry.path, origin)
                places = [place, self._stated.get(place, place)]
            else:
                feed = self.folders.feed_of(entry)
                places = [feed.address] if feed is not None and feed.address else []
            requests = (self._requests.get(source_key(each, Path())) for each in places)
            self._known[key] = next(filter(None, requests), None)
        return self._known[key]


def _only_excluding(select: Selection) -> Selection:
    return Selection(exclude=select.exclude, exclude_authors=select.exclude_authors)
