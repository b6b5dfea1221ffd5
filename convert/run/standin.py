"""What sources published before stands in for those that fail, and is kept for the next run."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from convert.collection.select import exact
from convert.content.fields import without_email
from convert.contract import PartedReading, PlacedReading, Reading, StoreExporter
from convert.errors import OutputError, SourceError
from convert.model import (
    Entry,
    Feed,
    Origin,
    Problem,
    SourceCopy,
    SourceHead,
    StoredEntry,
    User,
)
from convert.output.copies import CopyFolders, note_answer, state_of
from convert.plugins import Registry
from convert.run.fingerprint import combined
from convert.settings.job import Job, OutputRequest
from convert.text import stale
from convert.text.characters import fold

Warn = Callable[[Problem], None]
Known = Callable[[str], SourceCopy | None]


def copy_folders(job: Job, registry: Registry, warn: Warn) -> CopyFolders:
    """Return where the copies of the job's sources lie: with its outputs."""
    folders: dict[Path, None] = {}
    for request in job.outputs:
        if request.file:
            file = Path(request.file).resolve()
            # Nothing can be kept beside standard output, a device or a pipe.
            if request.file != "-" and (file.is_file() or not file.exists()):
                folders[file.parent] = None
        elif job.out is not None and not (job.into and _is_store(request, registry)):
            folders[job.out] = None
    stored = any(_is_store(request, registry) for request in job.outputs)
    scope = combined([exact(job.select), job.rev, job.source_options, job.emails, stored])
    return CopyFolders(tuple(folders), scope, warn)


class StandIn:
    """A source of which nothing can be read, or not all: what it published before is used.

    Satisfies ``convert.contract.Reading``.  ``reading`` is what could be opened.
    """

    def __init__(
        self,
        address: str,
        reading: Reading | None,
        known: Known,
        max_stale: dt.timedelta | None,
        warn: Warn,
    ) -> None:
        self._address = address
        self._reading = reading
        self._known = known
        self._max_stale = max_stale
        self._warn = warn
        self._copies: tuple[SourceCopy, ...] = ()
        self._failed = reading is None

    @classmethod
    def of(
        cls,
        address: str,
        failure: str,
        known: Known,
        max_stale: dt.timedelta | None,
        warn: Warn,
    ) -> StandIn | None:
        """Return what stands in for a source that cannot be opened; None without a copy."""
        reading = cls(address, None, known, max_stale, warn)
        return reading if reading._take_copies(failure) else None

    @property
    def origin(self) -> Origin:
        if self._reading is not None:
            return self._reading.origin
        origin = self._copies[0].head.origin
        return origin or Origin(address=self._address, kind="copy", name="copy")

    @property
    def users(self) -> Mapping[str, User]:
        read = dict(self._reading.users) if self._reading is not None else {}
        for copy in self._copies:
            for user in copy.head.users:
                read.setdefault(user.username, user)
        return {name: read[name] for name in sorted(read)}

    @property
    def feeds(self) -> Mapping[str, Feed]:
        read = dict(self._reading.feeds) if self._reading is not None else {}
        for copy in self._copies:
            for feed in copy.head.feeds:
                read.setdefault(feed.id, feed)
        return read

    @property
    def duplicates(self) -> Mapping[str, str]:
        read = dict(self._reading.duplicates) if self._reading is not None else {}
        for copy in self._copies:
            read = dict(copy.head.duplicates) | read
        return read

    @property
    def complete(self) -> bool:
        return not self._failed and (self._reading is None or self._reading.complete)

    def entries(self) -> Iterator[StoredEntry]:
        """Yield what can be read, then what the copy has beyond that."""
        seen: set[tuple[str, str]] = set()
        failure = "a part of it could not be read"
        if self._reading is not None:
            try:
                for entry in self._reading.entries():
                    seen.add((entry.path, entry.id))
                    yield entry
            except SourceError as error:
                failure, self._failed = error.reason, True
        if not self.complete and not self._copies and not self._take_copies(failure):
            if self._failed:
                raise SourceError(self._address, failure)
            return
        for copy in self._copies:
            for entry in copy.entries:
                if (entry.path, entry.id) not in seen:
                    yield entry

    def lent(self) -> Iterable[SourceHead]:
        """Return what files of the reading lent."""
        return self._reading.lent() if isinstance(self._reading, PlacedReading) else ()

    def places(self) -> Iterable[str]:
        """Return what the reading knows of them."""
        return self._reading.places() if isinstance(self._reading, PlacedReading) else ()

    def file(self, path: str, entry_path: str) -> bytes | None:
        """Return a picture beside the entries; None where the source cannot be opened."""
        return None if self._reading is None else self._reading.file(path, entry_path)

    def _take_copies(self, failure: str) -> bool:
        """Take the copy of the source, or those of the feeds of a list; report it."""
        copy = self._known(self._address)
        if copy is None:
            return False
        feeds = [each for part in copy.head.parts if (each := self._known(part)) is not None]
        self._copies = (copy, *feeds)
        self._warn(
            stale.stand_in(
                self._address, failure, "what it gave before", copy.answered, self._max_stale
            )
        )
        return True


def keep(
    copies: CopyFolders,
    readings: Sequence[Reading],
    let_through: Iterable[tuple[int, Entry]],
    job: Job,
    registry: Registry,
) -> None:
    """Keep what was published from each source that was read whole.

    ``let_through`` gives each entry that was selected, with the index of its reading.  Of a
    source that is alone no entry is kept: where it fails, no output changes.
    """
    selected: list[dict[tuple[str, str], str]] = [{} for _ in readings]
    for at, entry in let_through:
        key = entry.path, entry.id
        selected[at][key] = selected[at].get(key, "") + entry.digest
    stored = any(_is_store(request, registry) for request in job.outputs)
    clean = _Cleaner(emails=job.emails or stored, stored=stored)
    today = dt.datetime.now(dt.UTC).date()
    try:
        for chosen, reading in zip(selected, readings, strict=True):
            if isinstance(reading, PlacedReading):
                _keep_lent(copies, reading, clean, job, today)
            parts = tuple(reading.parts()) if isinstance(reading, PartedReading) else ()
            if len(job.sources) == 1 and len(parts) < 2:
                continue
            for part in parts:
                if part.folder is not None:
                    note_answer(part.folder)
                if part.whole:
                    entries = tuple(clean.entries(part.entries, chosen))
                    head = clean.head(part.head)
                    answered = part.answered.date() if part.answered else today
                    copies.keep(head, state_of(head, entries), answered, entries)
            # The copy of a single feed is its only part's; a list's leads to those of its feeds.
            if len(job.sources) == 1 or any(part.head.origin for part in parts):
                continue
            if not reading.complete:
                continue
            head = SourceHead(
                address=reading.origin.address,
                origin=reading.origin,
                users=() if parts else tuple(reading.users.values()),
                feeds=() if parts else tuple(reading.feeds.values()),
                duplicates=tuple(sorted(reading.duplicates.items())),
                parts=tuple(part.head.address for part in parts),
            )
            head = clean.head(head)
            copies.keep(
                head,
                state_of(head, () if parts else chosen.values()),
                _answered(head, job, today),
                () if parts else _Chosen(reading, chosen, clean),
            )
    except (OSError, OutputError, UnicodeError) as error:
        reason = f"what the sources gave is not kept for runs in which they fail: {error}"
        copies.warn(Problem(path=str(copies.folders[0]), reason=reason))


def _keep_lent(
    copies: CopyFolders, reading: PlacedReading, clean: _Cleaner, job: Job, today: dt.date
) -> None:
    """Keep what files of a repository lent to its entries."""
    if len(job.sources) == 1:
        # Beside a file that was named no folder is made for it alone.
        copies = dataclasses.replace(
            copies, folders=tuple(each for each in copies.folders if each == job.out)
        )
    for head in map(clean.head, reading.lent()):
        copies.keep(head, state_of(head, ()), _answered(head, job, today), ())


def _answered(head: SourceHead, job: Job, today: dt.date) -> dt.date | None:
    """Return when a source was read: nobody knows of one on the web, where nobody was asked."""
    return None if job.offline and "://" in head.address else today


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Cleaner:
    """Takes out what is not published: e-mail addresses, and the text of the files where no
    output holds it."""

    emails: bool
    stored: bool

    def head(self, head: SourceHead) -> SourceHead:
        """Return the head of a copy."""
        if self.emails:
            return head
        replace = msgspec.structs.replace
        return replace(
            head,
            users=tuple(replace(user, email=None) for user in head.users),
            feeds=tuple(
                replace(feed, authors=tuple(map(without_email, feed.authors)))
                for feed in head.feeds
            ),
        )

    def entries(
        self, entries: Iterable[StoredEntry], chosen: Container[tuple[str, str]]
    ) -> Iterator[StoredEntry]:
        """Yield those entries that were chosen, by path and id."""
        for entry in entries:
            if (entry.path, fold(entry.id)) in chosen:
                cleaned = entry if self.emails else without_emails(entry)
                stored = entry.stored if self.stored else b""
                yield msgspec.structs.replace(cleaned, origin="", stored=stored)


@dataclasses.dataclass(frozen=True)
class _Chosen(Iterable[StoredEntry]):
    """The chosen entries of a reading, read again: only where a copy is to be written."""

    reading: Reading
    chosen: Container[tuple[str, str]]
    clean: _Cleaner

    def __iter__(self) -> Iterator[StoredEntry]:
        return self.clean.entries(self.reading.entries(), self.chosen)


def without_emails(entry: StoredEntry) -> StoredEntry:
    """Return an entry without the e-mail addresses of people, published only when asked for."""
    if not any(each.email for each in (*entry.authors, *entry.contributors)):
        return entry
    return msgspec.structs.replace(
        entry,
        authors=tuple(map(without_email, entry.authors)),
        contributors=tuple(map(without_email, entry.contributors)),
    )


def _is_store(request: OutputRequest, registry: Registry) -> bool:
    return isinstance(registry.exporter(request.to), StoreExporter)
