"""What sources and exporters are given, and what they must give back.

Plug-ins are found by entry point (groups ``thicket_convert.sources`` and
``thicket_convert.exporters``) and need no base class: any object with these attributes
will do.  docs/writing-an-exporter.md is the tutorial, ``convert.testing.check`` the judge.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Protocol, runtime_checkable

import msgspec

from convert.copied import SourceCopy, SourceHead
from convert.entryset import EntrySet
from convert.errors import SourceError, UsageError
from convert.fetcher import Fetcher
from convert.model import (
    Category,
    Entry,
    Feed,
    Fetched,
    ListedFeed,
    Origin,
    PlannedOutput,
    Problem,
    Rendition,
    RenditionRequest,
    StoredEntry,
    User,
    Value,
)
from convert.text import cuts
from convert.text.addresses import source_key
from convert.text.future import FutureDates

CONTRACT_VERSION = 1
"""Raised when a plug-in written for an older contract would no longer work."""

Order = Literal["oldest", "newest"]
DollarMath = Literal["auto", "always", "never"]
"""Where ``$…$`` in a text is TeX: where it can be nothing else, everywhere, nowhere."""
MAX_BODY = 8_000_000
"""Characters of the longest body that is prepared, unless the user says otherwise."""
MAX_STALE = dt.timedelta(days=14)
"""How old a copy may stand in for a source that fails, unless the user says otherwise."""
PATH_OPTIONS = ("cover", "fonts", "styles")
"""Options of these names are files or folders of the user's: a config file names them from
where it stands, and what is in them shapes the output."""
ImagePolicy = Literal["embed", "link", "drop"]


# --- sources ---------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True)
class SourceContext:
    """What a source may use.  ``warn`` takes problems as they are found."""

    fetcher: Fetcher
    warn: Callable[[Problem], None]
    options: Any = None  # an instance of the source's own ``Options``
    rev: str | None = None
    offline: bool = False
    cache: Path | None = None
    private: Path | None = None
    """A folder of this run, for what the cache does not take."""
    store: Path | None = None
    """The Thicket repository that this run writes, where it writes one."""
    known: Callable[[str], SourceCopy | None] = lambda address: None
    """Gives what earlier runs published from a source, or from one feed of a list, by its
    address without credentials; None where nothing is known of it."""
    held: Callable[[str, str], bool] = lambda source, path: False
    """Tells whether earlier runs published what a file or folder of a source, by its address, gave
    ("" is the top): where it is empty or not there now, it is lost, and not new."""
    had: Callable[[str, str], bool] = lambda address, id_: False
    """Tells whether earlier runs published an entry of this id from a feed, by its address."""
    max_body: int = MAX_BODY
    """The most characters of one body; larger ones are left out as a problem."""
    max_stale: dt.timedelta | None = MAX_STALE
    """A source that fails, and of which only an older copy is left, is a problem of an entry."""
    future_dates: FutureDates = "keep"
    feeds: tuple[ListedFeed, ...] = ()
    """What the user says of single feeds, wherever they are named."""
    listed: tuple[ListedFeed, ...] = ()
    """Of these the ones that no source names: where there are any, they are what is opened."""

    def said_of(self, address: str) -> ListedFeed:
        """Return what the user says of the feed at an address; nothing but that where that is."""
        return self._said.get(source_key(address, Path())) or ListedFeed(address=address)

    @cached_property
    def _said(self) -> Mapping[str, ListedFeed]:
        return {source_key(each.address, Path()): each for each in self.feeds}


class Reading(Protocol):
    """A source, opened.  ``users`` is by username, ``feeds`` by ``Feed.id``,
    ``duplicates`` maps a duplicate id to the canonical one."""

    @property
    def origin(self) -> Origin: ...
    @property
    def users(self) -> Mapping[str, User]: ...
    @property
    def feeds(self) -> Mapping[str, Feed]: ...
    @property
    def duplicates(self) -> Mapping[str, str]: ...
    @property
    def lost(self) -> tuple[str, ...]:
        """The addresses of what could not be read (the source's for all of it, a feed's, "#" and
        the id behind for one entry in it, one of a folder or file below the source): what it gave
        before stays.  What a whole feed or folder lacks is not lost.  Final after ``entries``."""
        ...

    def entries(self) -> Iterator[StoredEntry]:
        """Yield the entries, in an order that depends on nothing but their names; streamed."""
        ...

    def file(self, path: str, entry_path: str) -> bytes | None:
        """Return a picture that stands beside the entries: ``path`` as the entry refers to it,
        relative to its file, else (nothing is there) to the top.  Never leaves the source."""
        ...


@runtime_checkable
class PartedReading(Reading, Protocol):
    """What a reading also is where parts of it can fail alone: the feeds of a list."""

    def parts(self) -> Iterator[SourceCopy]:
        """Yield what each part gave, ``whole`` where all of it could be read."""
        ...


class NoFeedRead(SourceError):
    """Of a list that was read no feed could be; ``reading`` has what the list says of them."""

    def __init__(self, address: str, reason: str, reading: Reading) -> None:
        self.reading = reading
        super().__init__(address, reason)


@runtime_checkable
class PlacedReading(Reading, Protocol):
    """What a reading also is where it knows of what it is made: feeds, folders, an index."""

    def places(self) -> Iterable[str]:
        """Return the addresses of the feeds and members' folders, whether they could be read or
        not: the ``path`` of a feed's entries, the folder of a member's below the source."""
        ...

    def lent(self) -> Iterable[SourceHead]:
        """Return what each file gave that lends something to all entries, where it is whole, by an
        address of its own: ``SourceContext.known`` gives it to a run in which it is not."""
        ...


@runtime_checkable
class Source(Protocol):
    """What an entry point in the group ``thicket_convert.sources`` resolves to."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def Options(self) -> type[msgspec.Struct]: ...  # noqa: N802 - the name of a type

    def recognises(self, address: str) -> int:
        """Return how sure the source is that it can read this address: 0 (no) to 100.  Cheap;
        opens no connection."""
        ...

    def open(self, address: str, context: SourceContext) -> Reading:
        """Open the source.  Raises SourceError where nothing can be read, NotASource where it
        is none, UsageError where it has not what is asked of it (``SourceContext.rev``)."""
        ...


# --- exporters -------------------------------------------------------------------------


class ExporterOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options that every exporter has; a format adds its own in a subclass.

    Every field is typed, has a default and a description
    (``Annotated[int, msgspec.Meta(description="…")]``): ``thicket-convert exporters NAME``
    prints them.
    """

    order: Annotated[Order, msgspec.Meta(description="which entries come first")] = "newest"
    images: Annotated[
        ImagePolicy, msgspec.Meta(description="pictures: in the output, as links, or not at all")
    ] = "link"
    volumes: Annotated[
        str,
        msgspec.Meta(description="how to cut: none, year, author, category, a number, 50MB"),
    ] = "none"

    @property
    def encloses_originals(self) -> bool:
        """True where the exporter reads ``EntrySet.originals``; they are kept only then."""
        return False

    @property
    def in_several_files(self) -> str:
        """The name of the option that makes several files of one output; "" where it is one
        file, or a folder."""
        return "volumes" if self.volumes != "none" else ""

    def check(self) -> None:
        """Raise UsageError, naming the option first, for a value that cannot be used.

        Called before anything is read; a format that has more to judge calls this as well.
        """
        cuts.check(self.volumes)
        for name in PATH_OPTIONS:
            path = getattr(self, name, None)
            if path and not (Path(path).is_file() or Path(path).is_dir()):
                what = "is neither" if Path(path).exists() else "no such"
                raise UsageError(f"{name}: {path}: {what} file or folder")


class OutputFile(Value, frozen=True, kw_only=True):
    """One file of an output: where it goes and what is in it.

    ``path`` is relative to the output folder, with forward slashes: ``context.path`` itself,
    or below ``context.folder``.  ``content`` is the bytes, or a file under
    ``context.staging`` that is complete and will be moved.
    """

    path: str
    content: bytes | Path


class Images(Protocol):
    """The pictures that could be had for this run.  Picklable."""

    def rendition(self, ref: str, request: RenditionRequest) -> Rendition | None:
        """Return the picture of ``src="image:REF"``, or None where it could not be had: then its
        alt text and a link stand in."""
        ...


class Templates(Protocol):
    """Finds and renders templates: the user's own, those beside the exporter, those we ship."""

    def render(self, name: str, /, **values: object) -> str:
        """Render a Jinja2 template, with escaping on; ``name`` as in "epub/entry.xhtml"."""
        ...

    def text(self, name: str) -> str:
        """Return a file as it stands, such as a style sheet."""
        ...


Show = Callable[[Entry, str, Callable[[], str]], None]


def show_nobody(entry: Entry, ending: str, text: Callable[[], str]) -> None:
    """Do nothing: what ``ExportContext.show`` is where nobody looks for a fault."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExportContext:
    """What an exporter may use besides the entries.  Picklable.

    ``now`` is the only clock.  ``path`` is where a single file goes ("eeg-2024.epub") or the
    name of the folder ("markdown"); ``folder`` is where further files may go: the same as
    ``path`` for a folder format, the stem for a file ("eeg-2024").  ``staging`` is a private
    folder for files too large for memory.  ``warn`` takes problems.
    """

    now: dt.datetime
    options: Any
    path: str
    folder: str
    staging: Path
    templates: Templates
    images: Images
    warn: Callable[[Problem], None]
    outputs: tuple[PlannedOutput, ...] = ()
    version: str = ""
    """The version of thicket-convert, for generator fields and colophons."""
    show: Show = show_nobody
    """Called with an entry, the ending of a file ("xhtml") and a function that gives what the
    format makes of the entry, as text: for those who look for a fault (``--debug-pipeline``)."""


class ExporterFacts(Protocol):
    """What both kinds of exporter tell of themselves."""

    @property
    def name(self) -> str:
        """As in ``--to NAME``: lower case, digits, hyphens."""
        ...

    @property
    def summary(self) -> str:
        """One line for ``thicket-convert exporters``."""
        ...

    @property
    def media_type(self) -> str: ...
    @property
    def Options(self) -> type[ExporterOptions]: ...  # noqa: N802 - the name of a type

    def suffix(self, options: Any) -> str:
        """Return ".epub"; "" where the exporter makes a folder."""
        ...

    def unavailable(self) -> str | None:
        """Return None where it can run, else what is missing and the command that brings it."""
        ...


@runtime_checkable
class Exporter(ExporterFacts, Protocol):
    """What an entry point in the group ``thicket_convert.exporters`` resolves to."""

    def export(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        """Yield the files of one output.  The same arguments give the same bytes.

        Raises ExportError, or anything: the driver names it and the other outputs go on.
        """
        ...


@runtime_checkable
class VolumeLister(Protocol):
    """What an exporter also has where it can list the volumes of an output that is cut."""

    def list_volumes(self, entries: EntrySet, context: ExportContext) -> Iterable[OutputFile]:
        """Yield what lists all volumes, where the output is cut into several: ``entries.volumes``;
        ``entries`` itself is the whole set.  May be empty."""
        ...


@runtime_checkable
class ListingExporter(ExporterFacts, Protocol):
    """An exporter whose list of volumes holds entries itself, and not all that the volumes do."""

    def listed(self, entries: EntrySet, context: ExportContext) -> Iterable[Entry]:
        """Return the entries that ``list_volumes`` gives in full."""
        ...


class StoredBefore(NamedTuple):
    """The repository that a new one takes the place of: its entries, and what gives those of its
    pictures that are as they were made, by their paths."""

    entries: Iterable[StoredEntry]
    picture: Callable[[str], bytes | None]


@runtime_checkable
class StoreExporter(ExporterFacts, Protocol):
    """The one kind of exporter that is given entries as stored: ``thicket``."""

    def store(
        self,
        entries: Iterable[StoredEntry],
        readings: tuple[Reading, ...],
        context: ExportContext,
        existing: Reading | None,
        before: StoredBefore | None,
    ) -> Iterable[OutputFile]:
        """Yield the files of a Thicket repository.

        ``existing`` is the repository that is updated in place (``context.folder`` is "" then),
        and only files that change are given; None for a new one.  A picture that has gone from
        the sources is taken from ``before``, where an entry showed it there and still does.
        """
        ...

    def finish(self, stored: Reading, top: Path, context: ExportContext) -> str | None:
        """End the output when its files are in place in the folder ``top``, which is still held;
        called also before others are replaced there.  ``stored`` reads it as it is now.

        Return the hash of the commit that was made of it, "" where there was nothing to
        commit, None where none was asked for.  Raises ExportError, which is reported: what
        was written stays.
        """
        ...


__all__ = [
    "CONTRACT_VERSION", "PATH_OPTIONS", "Category", "Entry", "EntrySet", "ExportContext",
    "Exporter", "ExporterOptions", "Fetched", "Fetcher", "Images", "ListedFeed", "OutputFile",
    "PartedReading", "PlacedReading", "PlannedOutput", "Problem", "Reading", "Rendition",
    "RenditionRequest", "Source", "SourceContext", "SourceCopy", "StoreExporter",
    "StoredEntry", "Templates", "VolumeLister",
]  # fmt: skip
