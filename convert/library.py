"""The four steps as functions, for programs: read, select, prepare, convert.

Everything happens in this process unless ``jobs`` asks for more; nothing is printed;
problems are kept where the program can see them.  The arguments are the settings of the
command line and the config file, by the same names.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from convert.collection.vocabulary import Vocabulary
from convert.contract import MAX_BODY, MAX_STALE, DollarMath, OutputFile
from convert.entryset import EntrySet
from convert.errors import ExportError
from convert.model import Problem, StoredEntry
from convert.plugins import Registry
from convert.run import driver, standin
from convert.run.gather import judge
from convert.run.report import Problems, Silent
from convert.run.sources import stored_entries
from convert.settings import config_file, feed_tables, layers, together
from convert.settings.job import Job, Selection
from convert.text import dates
from convert.text.characters import fold
from convert.text.future import FutureDates


@dataclasses.dataclass(frozen=True)
class Collection:
    """Opened sources and what is selected of them; iterating gives the entries as stored,
    duplicates among them.

    What ``match``, ``per_author`` and ``limit`` select is decided by prepared entries: iterating
    a collection that one of them narrows prepares its entries first.  They are remembered, so
    that ``prepare`` has them at once.
    """

    job: Job
    registry: Registry
    opened: driver.Opened
    collected: Problems

    def __iter__(self) -> Iterator[StoredEntry]:
        wanted = self.opened.sources.wanted(self.job)
        everything = not wanted.needs_all
        if not everything:
            job = msgspec.structs.replace(self.job, allow_empty=True)  # whoever looks may see none
            ready = driver.prepare(job, self.opened, self.collected, Silent())
            selected = ready.assembly.selected(None)
        for _, entry in stored_entries(self.opened.sources, self.job, self.collected):
            if wanted.sift(entry) and (
                everything or (entry.origin, entry.path, fold(entry.id)) in selected
            ):
                yield entry

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What there was so far: files left out, fields that were mended."""
        return self.collected.all


@dataclasses.dataclass(frozen=True, kw_only=True)
class PreparedSet(EntrySet):
    """An entry set that ``convert`` can publish."""

    ready: driver.Ready
    collection: Collection

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What there was so far, of reading, preparing and converting."""
        return self.collection.problems


def read(
    *addresses: str | Path,
    rev: str | None = None,
    max_body: int = MAX_BODY,
    max_stale: str | dt.timedelta = MAX_STALE,
    future_dates: FutureDates = "keep",
    folder_categories: bool = False,
    allow_network: tuple[str, ...] | str = (),
    offline: bool = False,
    cache: str | Path | None = None,
    out: str | Path | None = None,
    options: Mapping[str, Mapping[str, object]] | None = None,
    feeds: Sequence[Mapping[str, object]] = (),
    warn: Callable[[Problem], None] | None = None,
) -> Collection:
    """Open sources: folders, Git repositories, entry files, feeds, lists of feeds.

    ``feeds`` say of feeds among these what the tables ``[[feed]]`` of a config file say.
    ``rev`` is a Git revision; ``cache`` a folder to remember things in (default: the
    user's); ``out`` the folder into which ``convert`` will publish: what it kept there of
    sources stands in for those that fail.  ``options`` are those of sources, by the source's
    name; ``warn`` is called with each problem as it comes up.  Raises UsageError, NotASource
    and SourceError.
    """
    registry = Registry.default()
    job = _over(
        Job(
            source_options=config_file.source_options(options or {}, registry),
            feeds=feed_tables.read(feeds, Path(), dates.now()),
        ),
        sources=[str(address) for address in addresses],
        rev=rev,
        max_body=max_body,
        max_stale=max_stale,
        future_dates=future_dates,
        folder_categories=folder_categories,
        allow_network=allow_network,
        offline=offline,
        cache=cache,
        out=out,
    )
    problems = Problems(warn or Silent().problem)
    with ExitStack() as stack:
        opened = stack.enter_context(driver.open_job(job, registry, problems))
        # Feeds are read on demand: what was opened stays open as long as the collection.
        weakref.finalize(opened.sources, stack.pop_all().close)
    return Collection(job, registry, opened, problems)


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
    match: tuple[str, ...] | str = (),
    per_author: int | None = None,
    limit: int | None = None,
) -> Collection:
    """Return the collection narrowed; the words mean what the flags of the command line mean.

    What was selected before stays in force: an entry must answer every selection.  ``per_author``
    and then ``limit`` count last: the smallest one takes the newest of all that the others
    select.  Raises
    UsageError for a day that is none and the like, UnknownName for a name that nobody bears.
    """
    table = {
        "author": author,
        "exclude_author": exclude_author,
        "category": category,
        "exclude": exclude,
        "since": since,
        "until": until,
        "year": year,
        "match": match,
        "per_author": per_author,
        "limit": limit,
    }
    narrowed = collection.job.select.narrowed(
        layers.chosen(Selection(), table, dates.now(), "argument of select")
    )
    names = Vocabulary((narrowed,))
    if author or exclude_author or category or exclude:
        sources = collection.opened.sources
        wanted = sources.wanted(collection.job)
        for _, entry in stored_entries(sources, collection.job, collection.collected):
            names.note(entry, wanted.users, wanted.folders)
        judge(names, sources, collection.collected)
    job = msgspec.structs.replace(collection.job, select=narrowed)
    return dataclasses.replace(collection, job=job)


def prepare(
    collection: Collection,
    *,
    name: str | None = None,
    title: str | None = None,
    subtitle: str = "",
    id: str | None = None,  # noqa: A002 - the name of the setting
    language: str | None = None,
    rights: str | None = None,
    base_url: str | None = None,
    emails: bool = False,
    dollar_math: DollarMath = "auto",
    duplicates: str | Path | None = None,
    templates: str | Path | None = None,
    allow_empty: bool = False,
    jobs: int = 1,
    timeout: float = 600.0,
) -> PreparedSet:
    """Prepare and relate every selected entry; they come the newest first.

    ``jobs`` is the number of worker processes, for ``convert`` too; 1 works in this one.
    Raises UsageError, and EmptySelection where sources have entries but none is selected,
    unless ``allow_empty``.
    """
    job = _over(
        collection.job,
        name=name,
        title=title,
        subtitle=subtitle,
        id=id,
        language=language,
        rights=rights,
        base_url=base_url,
        emails=emails,
        dollar_math=dollar_math,
        duplicates=duplicates,
        templates=templates,
        allow_empty=allow_empty,
        jobs=jobs,
        timeout=timeout,
    )
    ready = driver.prepare(job, collection.opened, collection.collected, Silent())
    whole = ready.assembly.set_of(None, "newest")
    fields = {field.name: getattr(whole, field.name) for field in dataclasses.fields(whole)}
    return PreparedSet(**fields, ready=ready, collection=dataclasses.replace(collection, job=job))


def convert(
    entries: PreparedSet,
    to: str,
    *,
    out: str | Path | None = None,
    checksums: bool = False,
    overwrite: bool = False,
    prune: bool = False,
    **options: object,
) -> tuple[OutputFile, ...]:
    """Return the files of one format, by the exporter's name and options.

    With ``out`` they are published there, as the command does, and their contents are paths;
    what the sources gave is kept there as well, for ``read``.  Without, they are bytes and
    nothing is written.  Raises UnknownName, UsageError,
    ExportError, OutputError.
    """
    collection = entries.collection
    request = config_file.output_request(to, collection.registry, options)
    # Of this conversion: what failed before and fails again is a failure again.
    problems = Problems(collection.collected)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary if out is None else out)
        job = _over(
            collection.job, out=folder, checksums=checksums, overwrite=overwrite, prune=prune
        )
        job = msgspec.structs.replace(job, outputs=(request,))
        delivered = driver.publish(
            together.check(job, collection.registry),
            collection.registry,
            entries.ready,
            problems,
            Silent(),
        )
        for problem in problems.all:
            if problem.severity == "output":
                raise ExportError(str(problem))
        if out is not None:
            copies = standin.copy_folders(job, collection.registry, problems)
            driver.keep_sources(job, collection.registry, entries.ready, delivered, copies)
        paths = [file.path for record in delivered.units for file in record.files]
        return tuple(
            OutputFile(path=path, content=folder / path if out else (folder / path).read_bytes())
            for path in paths
        )


def _over(job: Job, **settings: Any) -> Job:
    return layers.check(layers.over(job, settings, dates.now()))


__all__ = ["Collection", "PreparedSet", "convert", "prepare", "read", "select"]
