"""The opened sources of a job, as one, and their entries as they were read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from convert.collection.wanted import Wanted
from convert.content import fields
from convert.contract import PlacedReading, Reading
from convert.errors import SourceError, UsageError
from convert.model import Feed, Origin, Problem, StoredEntry, User
from convert.run import several
from convert.settings.job import Job
from convert.text import duplicates_file, files, future, json_text

Warn = Callable[[Problem], None]


@dataclasses.dataclass(frozen=True)
class Sources:
    """The opened sources of a job, as one."""

    readings: tuple[Reading, ...]
    unopened: Mapping[int, Origin]
    """Where those are that could not be opened at all, by their number among all."""

    def wanted(self, job: Job) -> Wanted:
        """Return what judges which of their entries the job means."""
        stated = several.stated(self.readings)
        return Wanted(job, self.users, self.feeds, self.origins, stated)

    @property
    def failed(self) -> tuple[str, ...]:
        """Addresses that could not be opened at all."""
        return tuple(origin.address for origin in self.unopened.values())

    @property
    def several(self) -> bool:
        """Whether a path says nothing without the source that it lies in."""
        return len(self.named) > 1

    @property
    def users(self) -> Mapping[str, User]:
        """Members of all sources by username; the first to name one describes it."""
        return {
            name: fields.of_user(each)
            for reading in reversed(self.readings)
            for name, each in reading.users.items()
        }

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """Feeds of all sources by ``Feed.id``: what others say of one goes last."""
        return {
            id_: fields.of_feed(each)
            for own in (False, True)
            for reading in reversed(self.readings)
            for id_, each in reading.feeds.items()
            if several.speaks_for(reading, id_) is own
        }

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where each of the sources is that could be opened."""
        return tuple(fields.of_origin(reading.origin) for reading in self.readings)

    @property
    def named(self) -> tuple[Origin, ...]:
        """Where each of the sources is, those too that could not be opened."""
        opened = iter(self.origins)
        count = len(self.readings) + len(self.unopened)
        return tuple(self.unopened.get(at) or next(opened) for at in range(count))

    @property
    def known_as(self) -> Mapping[str, str]:
        """What stands for each source, by its address, in what is prepared of it: the same however
        its path is spelled and wherever it lies."""
        names: dict[str, str] = {}
        for origin in self.named:
            alike = sum(name.partition("\n")[0] == origin.name for name in names.values())
            names[origin.address] = f"{origin.name}\n{alike}" if alike else origin.name
        return names

    def declared(self, job: Job, warn: Warn) -> Sequence[Mapping[str, str]]:
        """Return duplicate id to canonical id for the entries of each source: what the user's own
        file says, else the source.

        Raises UsageError for a file of the user's that is no JSON object.
        """
        if job.duplicates is not None:
            path = job.duplicates

            def refuse(problem: Problem) -> None:
                raise UsageError(f"duplicates: {problem}")

            table = json_text.decode_object(files.read_named(path), str(path), refuse)
            return [duplicates_file.parse(table, str(path), warn)] * len(self.readings)
        return [reading.duplicates for reading in self.readings]

    @property
    def addresses(self) -> Iterator[str]:
        """Addresses on the web of all sources, and of the feeds of their members."""
        for reading in self.readings:
            if "://" in reading.origin.address:
                yield reading.origin.address
            if reading.origin.remote:
                yield reading.origin.remote
            for user in reading.users.values():
                yield from user.feeds

    @property
    def places(self) -> Iterator[str]:
        """Addresses of all sources that could be opened, and of their feeds and folders."""
        for reading in self.readings:
            yield from places_of(reading)

    @property
    def lost(self) -> tuple[str, ...]:
        """The addresses of what could not be read: sources, and feeds, folders and files of them;
        final after the entries are read."""
        return (*self.failed, *(place for reading in self.readings for place in reading.lost))


def places_of(reading: Reading) -> Iterator[str]:
    """Yield the addresses of a source, and of its feeds and folders."""
    yield reading.origin.address
    if isinstance(reading, PlacedReading):
        yield from reading.places()


def stored_entries(sources: Sources, job: Job, warn: Warn) -> Iterator[tuple[int, StoredEntry]]:
    """Yield each entry of the sources, with the index of its reading and its ``origin`` set, and
    what the job wants of its dates and categories.

    What a source fails to give is a problem, and the others go on.
    """
    wanted = sources.wanted(job)
    for at, reading in enumerate(sources.readings):
        origin, ahead = reading.origin.address, 0
        try:
            for entry in reading.entries():
                if future.is_ahead(entry):
                    ahead += 1
                    if job.future_dates == "keep":
                        problem = future.warning_of(entry)
                        warn(problem.within(origin) if sources.several else problem)
                yield at, wanted.shaped(msgspec.structs.replace(entry, origin=origin))
        except SourceError as error:
            warn(Problem(path=error.address, reason=error.reason, severity="entry", of_source=True))
        if ahead and job.future_dates != "keep":
            warn(Problem(path=origin, reason=future.ignored(ahead, job.future_dates)))
