"""What sources published before stands in for those that fail."""

from __future__ import annotations

import datetime as dt
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path

import msgspec

from convert.collection import marks
from convert.collection.places import entry_address
from convert.collection.select import exact
from convert.contract import MAX_BODY, PlacedReading, Reading, StoreExporter
from convert.copied import Again, SourceCopy, SourceHead
from convert.errors import OutputError, SourceError
from convert.model import Feed, Origin, Problem, StoredEntry, User
from convert.output.copies import CopyFolders
from convert.output.manifest import WrittenPart, load_manifest
from convert.plugins import Registry
from convert.run.fingerprint import combined
from convert.settings.job import Job, OutputRequest
from convert.text import stale
from convert.text.addresses import source_key
from convert.text.characters import several
from convert.text.source_names import source_name

Warn = Callable[[Problem], None]
Known = Callable[[str], SourceCopy | None]
Held = Callable[[str, str], bool]
Had = Callable[[str, str], bool]


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
    """A source of which nothing can be read, or not all: what was lost has what it gave before.

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
        self._copies: tuple[SourceCopy, ...] | None = None
        self._failed = reading is None
        self._users: dict[str, User] = {}
        self._feeds: dict[str, Feed] = {}
        self.stood_in = False
        """True where an entry of a copy was given; final when the entries are."""

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
        if not reading._copied():
            return None
        reading._report(failure)
        return reading

    @property
    def origin(self) -> Origin:
        if self._reading is not None:
            return self._reading.origin
        origin = next((copy.head.origin for copy in self._copied()), None)
        name = source_name(self._address, "feed")  # a list keeps no copy of where its feeds are
        return origin or Origin(address=self._address, kind="copy", name=name or "copy")

    @property
    def users(self) -> Mapping[str, User]:
        users = dict(self._reading.users) if self._reading is not None else {}
        users = self._users | users
        if self._is_lost:
            for copy in self._copied():
                for user in copy.head.users:
                    users.setdefault(user.username, user)
        return {name: users[name] for name in sorted(users)}

    @property
    def feeds(self) -> Mapping[str, Feed]:
        feeds = dict(self._reading.feeds) if self._reading is not None else {}
        feeds |= {name: feed for name, feed in self._feeds.items() if name not in feeds}
        if self._is_lost:
            for copy in self._copied():
                for feed in copy.head.feeds:
                    feeds.setdefault(feed.id, feed)
        return feeds

    @property
    def duplicates(self) -> Mapping[str, str]:
        table = dict(self._reading.duplicates) if self._reading is not None else {}
        if self._is_lost:
            for copy in self._copied():
                table = dict(copy.head.duplicates) | table
        return table

    @property
    def lost(self) -> tuple[str, ...]:
        if self._failed or self._reading is None:
            return (self._address,)
        return self._reading.lost

    @property
    def _is_lost(self) -> bool:
        """Whether the source as a whole could not be read."""
        return self._address in self.lost

    def entries(self) -> Iterator[StoredEntry]:
        """Yield what can be read, then what the copy has of what was lost."""
        read: set[tuple[str, str]] = set()
        failure = ""
        if self._reading is not None:
            try:
                for entry in self._reading.entries():
                    read.add((entry.path, entry.id))
                    yield entry
            except SourceError as error:
                failure, self._failed = error.reason, True
        for copy in self._copied() if self.lost else ():
            users = {each.username: each for each in copy.head.users}
            feeds = {each.id: each for each in copy.head.feeds}
            moved = _moved(read, copy.entries)
            for entry in entries_from(self.lost, copy, self.origin):
                place = posixpath.dirname(entry.path), entry.id
                if (entry.path, entry.id) not in read and place not in moved:
                    if self._reading is not None:
                        places = "" if self._is_lost else f"{several(self.lost)} "
                        self._report(failure or f"{places}could not be read")
                    self.stood_in = True
                    if entry.user in users:
                        self._users[entry.user] = users[entry.user]
                    if entry.source in feeds:
                        self._feeds[entry.source] = feeds[entry.source]
                    yield entry
        if failure and not self._copied():
            raise SourceError(self._address, failure)

    def lent(self) -> Iterable[SourceHead]:
        """Return what files of the reading lent."""
        return self._reading.lent() if isinstance(self._reading, PlacedReading) else ()

    def places(self) -> Iterable[str]:
        """Return what the reading knows of them, or the copy of a list of which feeds it was."""
        if self._reading is None:
            return (part for copy in self._copied() for part in copy.head.parts)
        return self._reading.places() if isinstance(self._reading, PlacedReading) else ()

    def file(self, path: str, entry_path: str) -> bytes | None:
        """Return a picture beside the entries; None where the source cannot be opened."""
        return None if self._reading is None else self._reading.file(path, entry_path)

    def _copied(self) -> tuple[SourceCopy, ...]:
        """Return the copy of the source, or those of the feeds of a list; nothing without one."""
        if self._copies is None:
            copy = self._known(self._address)
            parts = copy.head.parts if copy is not None else ()
            feeds = [each for part in parts if (each := self._known(part)) is not None]
            self._copies = (copy, *feeds) if copy is not None else ()
        return self._copies

    def _report(self, failure: str) -> None:
        """Report that the copy is used."""
        before, answered = "what it gave before", self._copied()[0].answered
        self._warn(stale.stand_in(self._address, failure, before, answered, self._max_stale))


def _moved(read: Set[tuple[str, str]], before: Iterable[StoredEntry]) -> frozenset[tuple[str, str]]:
    """Return folder and id of what was read, by path and id, and stands in another file than
    before.  Of another folder it may be another's entry of the same id: both stay."""
    now = read - {(each.path, each.id) for each in before}
    return frozenset((posixpath.dirname(path), id_) for path, id_ in now)


def lacks_names(reading: Reading) -> bool:
    """Return whether names may be missing in a reading: anything of it could not be read but single
    entries in the folders of members, who are named all the same."""
    top = f"{reading.origin.address}/"
    is_repository = reading.origin.kind == "thicket"
    return not all(is_repository and "/" in place.partition(top)[2] for place in reading.lost)


def entries_from(places: Sequence[str], copy: SourceCopy, origin: Origin) -> Iterator[StoredEntry]:
    """Yield the entries of a source's copy that stood at these addresses or below them."""
    below, exact = tuple(f"{place}/" for place in places), frozenset(places)
    whole = not exact.isdisjoint((origin.address, copy.head.address))
    for entry in copy.entries:
        address = entry_address(entry.path, origin)
        if whole or address in exact or address.startswith(below):
            yield entry


class Before:
    """What earlier runs published of sources: what the records of outputs and the copies have."""

    def __init__(self, copies: CopyFolders, *, meant: bool, max_body: int = MAX_BODY) -> None:
        """``meant``: what gives no entry any more is not held against what it gave before.

        ``max_body`` is the limit of this run, which holds for copies too.
        """
        self._copies = copies
        self._meant = meant
        self._max_body = max_body
        self._paths: dict[str, frozenset[str]] = {}

    def known(self, address: str) -> SourceCopy | None:
        """Return the copy of a source, without what the run takes from nowhere: ``Known``."""
        copy = self._copies.find(address)
        if copy is None:
            return None
        return copy._replace(entries=Again(partial(self._fitting, copy.entries)))

    def _fitting(self, entries: Iterable[StoredEntry]) -> Iterator[StoredEntry]:
        for entry in entries:
            if max(len(entry.content or ""), len(entry.summary or "")) <= self._max_body:
                yield entry

    def held(self, source: str, path: str) -> bool:
        """Return whether there was an entry from a file or a folder of a source, or what a file
        lends: ``Held``."""
        return not self._meant and self._held(source, path)

    def was_source(self, source: str) -> bool:
        """Return whether there was an entry from a source, whatever is meant now."""
        return self._held(source, "")

    def _held(self, source: str, path: str) -> bool:
        if any(marks.holds(self._parts[each], source, path, each) for each in self._parts):
            return True
        if source not in self._paths:
            copy = self._copies.find(source)
            entries = copy.entries if copy is not None else ()
            self._paths[source] = frozenset(entry.path for entry in entries)
        below = f"{path}/" if path else ""
        return any(each == path or each.startswith(below) for each in self._paths[source])

    def was_list(self, source: str) -> bool:
        """Return whether an output has entries of feeds that a source listed."""
        return any(marks.holds_feeds(self._parts[each], source, each) for each in self._parts)

    def had(self, feed: str, id_: str) -> bool:
        """Return whether an output has an entry of this id from a feed, by its address: ``Had``."""
        if feed not in self._entries:
            of_folders = (marks.entries_of(parts, feed, at) for at, parts in self._parts.items())
            self._entries[feed] = frozenset().union(*of_folders)
        return marks.entry_mark(id_) in self._entries[feed]

    @cached_property
    def _entries(self) -> dict[str, frozenset[bytes]]:
        return {}

    @cached_property
    def _parts(self) -> Mapping[Path, Sequence[WrittenPart]]:
        parts: dict[Path, Sequence[WrittenPart]] = {}
        for folder in self._copies.folders:
            with suppress(OutputError):  # told before anything is written there
                outputs = load_manifest(folder).outputs
                parts[folder] = [part for output in outputs for part in output.parts]
        return parts


def is_store(request: OutputRequest, registry: Registry) -> bool:
    """Return whether an output is a repository of entries as they were stored."""
    return isinstance(registry.exporter(request.to), StoreExporter)
