"""What one run is asked for, whoever asks: the command line, a config file, a program."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import msgspec

from convert.contract import ExporterOptions
from convert.model import Value


class Selection(Value, frozen=True, kw_only=True):
    """Which entries of the sources are meant.  Empty tuples and None mean all.

    ``since`` and ``until`` are inclusive days in UTC, held against ``Entry.date``; ``limit``
    keeps the newest N.  ``authors`` match a username or a person's name, ``categories`` a
    term, both ignoring case.  ``match`` is text that title or body must contain, ignoring
    case.
    """

    authors: tuple[str, ...] = ()
    exclude_authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    match: str | None = None
    limit: int | None = None


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
    """One run, complete: sources to outputs.

    ``sources`` are addresses as the user named them.  ``name``, ``title`` and the like are
    None where they come from the sources.  ``out`` is None where the files are to be given
    back in memory.  ``jobs`` is the number of worker processes; 1 works in this process.
    ``timeout`` is the seconds that one unit of work may take in a worker.
    """

    sources: tuple[str, ...]
    outputs: tuple[OutputRequest, ...] = ()
    out: Path | None = None
    name: str | None = None
    title: str | None = None
    subtitle: str = ""
    id: str | None = None
    language: str | None = None
    rights: str | None = None
    base_url: str | None = None
    select: Selection = Selection()
    rev: str | None = None
    source_options: tuple[tuple[str, msgspec.Struct], ...] = ()
    emails: bool = False
    dollar_math: bool = False
    max_body: int = 8_000_000
    duplicates: Path | None = None
    templates: Path | None = None
    into: Path | None = None
    jobs: int = 1
    timeout: float = 600.0
    offline: bool = False
    allow_network: tuple[str, ...] = ()
    cache: Path | None = None
    overwrite: bool = False
    checksums: bool = False
    report: Path | None = None
    fail_on: Literal["output", "entry", "warning"] = "entry"
