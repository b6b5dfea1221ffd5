"""The four steps as functions, for programs: read, select, prepare, convert.

Everything happens in this process unless ``jobs`` asks for more; nothing is printed;
problems are kept where the program can see them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from convert.cache.prepared import PreparedStore, cache_folder
from convert.collection.select import sift
from convert.contract import OutputFile
from convert.entryset import EntrySet
from convert.errors import ExportError
from convert.model import Problem, StoredEntry
from convert.plugins import Registry
from convert.run import deliver, driver
from convert.run.assemble import Assembly
from convert.run.gather import Sources, gather, open_sources
from convert.run.report import Problems, Relayed, Silent
from convert.settings import config_file
from convert.settings.config_file import SelectTable
from convert.settings.job import Job


@dataclasses.dataclass(frozen=True)
class Collection:
    """Opened sources and what is wanted of them; iterating gives the entries as stored."""

    job: Job
    sources: Sources
    registry: Registry
    cache: Path
    found: Problems

    def __iter__(self) -> Iterator[StoredEntry]:
        users = self.sources.users
        for reading in self.sources.readings:
            for entry in reading.entries():
                if sift(entry, self.job.select, users):
                    yield entry

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found so far: files left out, fields that were mended."""
        return self.found.all


@dataclasses.dataclass(frozen=True, kw_only=True)
class PreparedSet(EntrySet):
    """An entry set that ``convert`` can publish; ``problems`` as found until it was made."""

    ready: driver.Ready
    collection: Collection

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found so far."""
        return self.collection.problems


def read(
    *addresses: str | Path,
    rev: str | None = None,
    offline: bool = False,
    cache: Path | None = None,
    allow_network: tuple[str, ...] = (),
    warn: Callable[[Problem], None] | None = None,
) -> Collection:
    """Opens sources: folders, Git repositories, entry files, feeds, lists of feeds.

    ``rev`` is a Git revision; ``cache`` a folder to remember things in (default: the
    user's); ``warn`` is told of each problem as it is found.  Raises NotASource and
    SourceError.
    """
    job = Job(
        sources=tuple(str(address) for address in addresses),
        rev=rev,
        offline=offline,
        cache=cache,
        allow_network=allow_network,
    )
    problems = Problems(warn or Silent().problem)
    registry = Registry.default()
    with ExitStack() as stack:
        folder = stack.enter_context(cache_folder(cache, problems))
        fetcher = stack.enter_context(driver.fetcher(job, folder))
        sources = open_sources(job, registry, fetcher, folder, problems)
        collection = Collection(job, sources, registry, folder, problems)
        # Feeds are read on demand: what was opened stays open as long as the collection.
        weakref.finalize(sources, stack.pop_all().close)
    return collection


def select(
    collection: Collection,
    *,
    author: tuple[str, ...] | str = (),
    exclude_author: tuple[str, ...] | str = (),
    category: tuple[str, ...] | str = (),
    exclude: tuple[str, ...] | str = (),
    since: str | dt.date | None = None,
    until: str | dt.date | None = None,
    year: int | None = None,
    match: str | None = None,
    limit: int | None = None,
) -> Collection:
    """The collection narrowed; the words mean what the flags of the command line mean.

    Raises UsageError for a day that is none.
    """
    table = SelectTable(
        author=author,
        exclude_author=exclude_author,
        category=category,
        exclude=exclude,
        since=since.isoformat() if isinstance(since, dt.date) else since,
        until=until.isoformat() if isinstance(until, dt.date) else until,
        year=year,
        match=match,
        limit=limit,
    )
    chosen = config_file.selection(table, dt.datetime.now(dt.UTC))
    return dataclasses.replace(
        collection, job=msgspec.structs.replace(collection.job, select=chosen)
    )


def prepare(
    collection: Collection,
    *,
    name: str | None = None,
    title: str | None = None,
    language: str | None = None,
    base_url: str | None = None,
    emails: bool = False,
    jobs: int = 1,
) -> PreparedSet:
    """Every selected entry prepared and related, the newest first.

    ``jobs`` is the number of worker processes; 1 works in this one.
    """
    job = msgspec.structs.replace(
        collection.job,
        name=name,
        title=title,
        language=language,
        base_url=base_url,
        emails=emails,
        jobs=jobs,
    )
    store = PreparedStore(collection.cache)
    kept, counts = gather(collection.sources, job, store, collection.found, lambda _: None)
    assembly = Assembly(job, collection.sources, kept, store, collection.found)
    found = assembly.set_of(None, "newest")
    fields = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    ready = driver.Ready(assembly, collection.sources, counts, collection.cache)
    return PreparedSet(**fields, ready=ready, collection=dataclasses.replace(collection, job=job))


def convert(
    entries: PreparedSet, to: str, *, out: Path | None = None, **options: object
) -> tuple[OutputFile, ...]:
    """The files of one format, by the exporter's name and options.

    With ``out`` they are published there, as the command does; without, they are given back
    and nothing is written.  Raises UnknownName, UsageError, ExportError, OutputError.
    """
    collection = entries.collection
    request = config_file.output_request(to, collection.registry, options)
    job = msgspec.structs.replace(collection.job, outputs=(request,))
    before = len(collection.problems)
    told = Relayed(Silent(), collection.found)
    images = driver.needed_pictures(job, entries.ready, collection.found, told)
    with tempfile.TemporaryDirectory() as temporary:
        folder = out or Path(temporary)
        given = deliver.Delivery(
            msgspec.structs.replace(job, out=folder),
            collection.registry,
            entries.ready.assembly,
            collection.sources,
            images,
            told,
        )
        records = deliver.deliver(given)
        failed = [each for each in collection.problems[before:] if each.severity == "output"]
        if failed:
            raise ExportError(str(failed[0]))
        paths = [file.path for record in records for file in record.files]
        return tuple(
            OutputFile(path=path, content=folder / path if out else (folder / path).read_bytes())
            for path in paths
        )


__all__ = ["Collection", "PreparedSet", "convert", "prepare", "read", "select"]
