"""Every setting, once: its name, type, default and description, and the job they make up.

Flags of the command line, keys of the config file and arguments of the library come from
these fields; a field without a ``Flag`` is no setting, but what settings become.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from convert.contract import MAX_BODY, MAX_STALE, DollarMath, ExporterOptions
from convert.model import ListedFeed, Value
from convert.settings import periods, places, texts
from convert.settings.flag import ENTRIES, INPUT, OUTPUT, RUN, TITLES, Flag
from convert.settings.periods import Day
from convert.text.future import FutureDates

_about = msgspec.Meta

NO_SOURCE = "no SOURCE is named: give a folder, a Git repository or a feed"


class Selection(Value, frozen=True, kw_only=True):
    """Which entries of the sources are meant.  Empty tuples and None mean all.

    ``since`` and ``until`` are held against ``Entry.date``.  ``within`` are selections that
    an entry must answer as well; of those, ``match`` and the numbers are not looked at.
    """

    authors: Annotated[
        tuple[str, ...],
        _about(description="A username or a person's name; one of several must fit."),
        Flag(ENTRIES, "NAME", name="author"),
    ] = ()
    exclude_authors: Annotated[
        tuple[str, ...],
        _about(description="A username or a person's name to leave out."),
        Flag(ENTRIES, "NAME", name="exclude_author"),
    ] = ()
    categories: Annotated[
        tuple[str, ...],
        _about(description="A category's term or label; one of several must fit."),
        Flag(ENTRIES, "TERM", name="category"),
    ] = ()
    exclude: Annotated[
        tuple[str, ...], _about(description="The id of an entry to leave out."), Flag(ENTRIES, "ID")
    ] = ()
    since: Annotated[
        Day | None,
        _about(
            description="The first day, in UTC: 2025, 2025-03, 2025-03-04, or 30d for days ago."
        ),
        Flag(ENTRIES, "DAY", parse=periods.parse_since),
    ] = None
    until: Annotated[
        Day | None,
        _about(description="The last day, in UTC and inclusive."),
        Flag(ENTRIES, "DAY", parse=periods.parse_until),
    ] = None
    match: Annotated[
        tuple[str, ...],
        _about(description="Text that title or body holds, in any case; all of several must."),
        Flag(ENTRIES),
    ] = ()
    per_author: Annotated[
        Annotated[int, _about(ge=0)] | None,
        _about(description="At most the newest N of each member."),
        Flag(ENTRIES, "N"),
    ] = None
    limit: Annotated[
        Annotated[int, _about(ge=0)] | None,
        _about(description="At most the newest N."),
        Flag(ENTRIES, "N"),
    ] = None
    within: tuple[Selection, ...] = ()

    @property
    def is_impossible(self) -> bool:
        """Whether the first day comes after the last, so that no entry can answer."""
        return bool(self.since and self.until and self.since > self.until)

    @property
    def needs_all(self) -> bool:
        """Whether only prepared entries, and all of them, tell which ones are selected."""
        return bool(self.match) or self.per_author is not None or self.limit is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The names that somebody or something must bear."""
        return (*self.authors, *self.exclude_authors, *self.categories, *self.exclude)

    def narrowed(self, other: Selection) -> Selection:
        """Return the selection of what both select, ``per_author`` and then ``limit`` counted
        last."""
        # Two names may mean one person, and an entry may have two authors or categories: only
        # the entry can tell whether it answers both lists.
        within = [*self.within, *other.within]
        if self.authors and other.authors:
            within.append(Selection(authors=self.authors))
        if self.categories and other.categories:
            within.append(Selection(categories=self.categories))
        return Selection(
            authors=other.authors or self.authors,
            exclude_authors=_joined(self.exclude_authors, other.exclude_authors),
            categories=other.categories or self.categories,
            exclude=_joined(self.exclude, other.exclude),
            since=max((day for day in (self.since, other.since) if day), default=None),
            until=min((day for day in (self.until, other.until) if day), default=None),
            match=_joined(self.match, other.match),
            per_author=_least(self.per_author, other.per_author),
            limit=_least(self.limit, other.limit),
            within=tuple(within),
        )


class SelectSettings(Selection, frozen=True, kw_only=True):
    """The settings of a selection: its fields, and one word for two of them."""

    year: Annotated[
        int | None, _about(description="The entries of one year, in UTC."), Flag(ENTRIES, "YEAR")
    ] = None


class OutputRequest(Value, frozen=True, kw_only=True):
    """One output: an exporter by name, its typed options, a selection of its own.

    ``name`` is the stem of its files (a folder's name for a folder format); None takes the
    job's.  ``to`` may be a path to a file that holds an exporter (command line only).
    ``file`` is where a single file goes instead of the output folder; "-" is standard output.
    """

    to: str
    options: ExporterOptions
    file: str | None = None
    name: str | None = None
    select: Selection | None = None


class FeedRequest(Value, frozen=True, kw_only=True):
    """One feed of a config file: what is said of it, and which of its entries are meant."""

    feed: ListedFeed
    select: Selection = Selection()


class Publication(Value, frozen=True, kw_only=True):
    """What the outputs are called and say of themselves as a whole.

    ``name`` is the stem of file names; ``id`` an IRI that never changes, made from ``name``
    where it is None.
    """

    name: str
    title: str
    subtitle: str = ""
    id: str | None = None
    language: str = "en"
    rights: str | None = None
    base_url: str | None = None


class Job(Value, frozen=True, kw_only=True):
    """One run, complete: sources to outputs."""

    sources: Annotated[
        tuple[str, ...],
        _about(description="Folders, Git repositories, feeds, lists of feeds."),
        Flag(INPUT, "SOURCE…", parse=texts.source),
    ] = ()
    rev: Annotated[
        str | None,
        _about(description="The Git revision to read."),
        Flag(INPUT, "REV", "the newest"),
    ] = None
    max_body: Annotated[
        int,
        _about(description="Characters of the longest body; longer entries are left out.", ge=1),
        Flag(INPUT, "N"),
    ] = MAX_BODY
    future_dates: Annotated[
        FutureDates,
        _about(description="What becomes of entries with dates in the future, by today's clock."),
        Flag(INPUT, ""),
    ] = "keep"
    folder_categories: Annotated[
        bool,
        _about(description="File entries under the folders that a list has their feed in."),
        Flag(INPUT),
    ] = False
    dollar_math: Annotated[
        DollarMath,
        _about(
            description="Where $…$ is TeX: where it cannot be prices or shell (auto), everywhere,"
            " nowhere."
        ),
        Flag(INPUT, ""),
    ] = "auto"
    duplicates: Annotated[
        Path | None,
        _about(description="Which ids are the same, instead of the sources' duplicates.json."),
        Flag(INPUT, "FILE", check=places.file),
    ] = None
    allow_network: Annotated[
        tuple[str, ...],
        _about(description="A private network that pictures and feeds may come from."),
        Flag(INPUT, "CIDR", parse=texts.network),
    ] = ()
    max_stale: Annotated[
        dt.timedelta | None,
        _about(description="How old a copy may stand in for a source that fails before it counts."),
        Flag(INPUT, "DAYS", "14d", parse=periods.parse_days),
    ] = MAX_STALE
    select: Selection = Selection()
    allow_empty: Annotated[
        bool,
        _about(description="Make empty outputs of a selection that holds nothing."),
        Flag(ENTRIES),
    ] = False
    name: Annotated[
        str | None,
        _about(description="The stem of file names."),
        Flag(TITLES, default="the first source's and what is selected", parse=texts.name),
    ] = None
    title: Annotated[
        str | None,
        _about(description="What the outputs are called."),
        Flag(TITLES, default="the first source's"),
    ] = None
    subtitle: Annotated[str, _about(description="The line below the title."), Flag(TITLES)] = ""
    id: Annotated[
        str | None,
        _about(description="An IRI that never changes."),
        Flag(TITLES, "IRI", "the base URL, else made from the name", parse=texts.iri),
    ] = None
    language: Annotated[
        str | None,
        _about(description="For entries that state none and the words we print: en or fr-CA."),
        Flag(TITLES, "TAG", "the first source's, or en", parse=texts.language),
    ] = None
    rights: Annotated[
        str | None,
        _about(description="The rights of the collection; each entry keeps its author's."),
        Flag(TITLES),
    ] = None
    base_url: Annotated[
        str | None,
        _about(description="Where the outputs will stand."),
        Flag(TITLES, "ADDRESS", parse=texts.address),
    ] = None
    feeds: tuple[FeedRequest, ...] = ()
    """Those that no source names are a list of their own, which the source ``read_from`` is."""
    outputs: tuple[OutputRequest, ...] = ()
    out: Annotated[
        Path | None,
        _about(description="The folder of the outputs."),
        Flag(OUTPUT, "DIR", "out", check=places.folder_to_write),
    ] = None
    """None where the files are to be given back in memory."""
    templates: Annotated[
        Path | None,
        _about(description="Templates that go before those that we ship."),
        Flag(OUTPUT, "DIR", check=places.folder),
    ] = None
    into: Annotated[
        Path | None,
        _about(description="The Thicket repository that the exporter thicket updates."),
        Flag(OUTPUT, "DIR", check=places.folder_to_write),
    ] = None
    emails: Annotated[bool, _about(description="Publish e-mail addresses."), Flag(OUTPUT)] = False
    checksums: Annotated[
        bool, _about(description="Write SHA256SUMS beside the outputs."), Flag(OUTPUT)
    ] = False
    overwrite: Annotated[
        bool,
        _about(description="Replace also files that someone edited, and those that are not ours."),
        Flag(OUTPUT),
    ] = False
    prune: Annotated[
        bool,
        _about(
            description="Remove what is no longer made, however much it is and whatever failed."
        ),
        Flag(OUTPUT),
    ] = False
    source_options: tuple[tuple[str, msgspec.Struct], ...] = ()
    jobs: Annotated[
        int,
        _about(description="Worker processes; 0 for one on each core.", ge=0, le=1_000),
        Flag(RUN, "N", "the cores"),
    ] = 1
    read_from: Path | None = None
    """The config file that it was read from."""
    all_of_file: bool = False
    """True where the outputs are all that a config file names, as it names them."""
    apart: bool = False
    """True where the work of a single job, too, is done in a process of its own: an exporter
    may end the process that it runs in."""
    timeout: Annotated[
        float,
        _about(description="Seconds that one output, or volume of it, may take.", gt=0, le=1e7),
        Flag(RUN, "SECONDS"),
    ] = 600.0
    offline: Annotated[
        bool, _about(description="Open no connection; use what the cache holds."), Flag(RUN)
    ] = False
    cache: Annotated[
        Path | None,
        _about(description="Where to remember things between runs."),
        Flag(RUN, "DIR", "the user's", check=places.folder_to_be),
    ] = None
    report: Annotated[
        Path | None,
        _about(description="Write what happened as JSON; - is standard output."),
        Flag(RUN, "FILE.json", check=places.file_to_write),
    ] = None
    debug_pipeline: Annotated[
        Path | None,
        _about(description="Write each entry there as it is after each stage."),
        Flag(RUN, "DIR", check=places.folder_to_write),
    ] = None
    debug_entry: Annotated[
        tuple[str, ...],
        _about(description="Write only entries whose id, path or key holds this text."),
        Flag(RUN),
    ] = ()
    fail_on: Annotated[
        Literal["output", "entry", "warning"],
        _about(description="The least that makes the exit code 1."),
        Flag(RUN, ""),
    ] = "entry"

    @property
    def workers(self) -> int:
        """How many worker processes there are; 0 where everything is done in this one."""
        return self.jobs if self.apart or self.jobs > 1 else 0


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _least(*numbers: int | None) -> int | None:
    return min((each for each in numbers if each is not None), default=None)
