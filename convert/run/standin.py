"""What sources published before stands in for those that fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from convert.collection.select import exact
from convert.content.fields import without_email
from convert.contract import PlacedReading, Reading, StoreExporter
from convert.errors import SourceError
from convert.model import (
    Feed,
    Origin,
    Problem,
    SourceCopy,
    SourceHead,
    StoredEntry,
    User,
)
from convert.output.copies import CopyFolders
from convert.plugins import Registry
from convert.run.fingerprint import combined
from convert.settings.job import Job, OutputRequest
from convert.text import stale
from convert.text.addresses import source_key

Warn = Callable[[Problem], None]
Known = Callable[[str], SourceCopy | None]


def copy_folders(job: Job, registry: Registry, warn: Warn) -> CopyFolders:
    """Return where the copies of the job's sources lie: with its outputs."""
    # A program says which outputs there will be after its sources are read.
    folders: dict[Path, None] = {job.out: None} if job.out and not job.outputs else {}
    for request in job.outputs:
        if request.file:
            file = Path(request.file).resolve()
            # Nothing can be kept beside standard output, a device or a pipe.
            if request.file != "-" and (file.is_file() or not file.exists()):
                folders[file.parent] = None
        elif job.out is not None and not (job.into and is_store(request, registry)):
            folders[job.out] = None
    group, scope = _called(job, registry)
    return CopyFolders(tuple(folders), group, scope, warn)


def _called(job: Job, registry: Registry) -> tuple[str, str]:
    """Return what stands for the outputs of a job as they are called (``CopyFolders``): a name
    that the user gave is the same whatever the days, the others are made from the selection."""
    names = sorted(
        {Path(each.file or each.name or job.name or "").name for each in job.outputs}
        or {job.name or ""}
    )
    named = all(names)
    first = source_key(job.sources[0], job.out or Path()) if job.sources and not named else ""
    stored = any(is_store(request, registry) for request in job.outputs)
    days = msgspec.structs.replace(job.select, since=None, until=None, within=())
    bounds = [bool(job.select.since), bool(job.select.until), bool(job.select.within)]
    group = combined([names, first, exact(days), bounds, stored])
    return group, combined([group, "" if named else exact(job.select)])


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


def without_emails(entry: StoredEntry) -> StoredEntry:
    """Return an entry without the e-mail addresses of people, published only when asked for."""
    if not any(each.email for each in (*entry.authors, *entry.contributors)):
        return entry
    return msgspec.structs.replace(
        entry,
        authors=tuple(map(without_email, entry.authors)),
        contributors=tuple(map(without_email, entry.contributors)),
    )


def is_store(request: OutputRequest, registry: Registry) -> bool:
    """Return whether an output is a repository of entries as they were stored."""
    return isinstance(registry.exporter(request.to), StoreExporter)
