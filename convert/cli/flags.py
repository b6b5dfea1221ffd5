"""Flags of the command line to a ``Job``, alone or over a config file."""

from __future__ import annotations

import datetime as dt
import enum
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from convert.errors import UnknownName, UsageError
from convert.model import Value
from convert.plugins import Registry
from convert.settings import config_file as config
from convert.settings import options
from convert.settings.config_file import SelectTable
from convert.settings.job import Job, OutputRequest, Selection


class FailOn(enum.StrEnum):
    """``--fail-on``: the least that makes the exit code 1."""

    output = "output"
    entry = "entry"
    warning = "warning"


class OrderWord(enum.StrEnum):
    """``--order``."""

    oldest = "oldest"
    newest = "newest"


class Flags(Value, frozen=True, kw_only=True):
    """The flags as they were given; None or False where they were not."""

    sources: list[str] | None = None
    to: list[str] | None = None
    out: Path | None = None
    output: str | None = None
    name: str | None = None
    title: str | None = None
    subtitle: str | None = None
    identity: str | None = None
    language: str | None = None
    base_url: str | None = None
    author: list[str] | None = None
    exclude_author: list[str] | None = None
    category: list[str] | None = None
    exclude: list[str] | None = None
    since: str | None = None
    until: str | None = None
    year: int | None = None
    match: str | None = None
    limit: int | None = None
    order: OrderWord | None = None
    rev: str | None = None
    set_option: list[str] | None = None
    config_file: Path | None = None
    templates: Path | None = None
    into: Path | None = None
    duplicates: Path | None = None
    max_body: int | None = None
    emails: bool = False
    jobs: int | None = None
    report: Path | None = None
    fail_on: FailOn = FailOn.entry
    offline: bool = False
    allow_network: list[str] | None = None
    cache: Path | None = None
    overwrite: bool = False
    checksums: bool = False
    quiet: bool = False


def cores() -> int:
    """How many processes may work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def job(flags: Flags, registry: Registry, now: dt.datetime, *, outputs: bool = True) -> Job:
    """The job that the flags mean; ``outputs`` is False where nothing is to be written.

    Raises UsageError and UnknownName.
    """
    file = flags.config_file
    base = config.load(file, registry, now) if file else Job(sources=(), jobs=0)
    given = _set_options(flags.set_option or ())
    made = _over(base, flags, now)
    wanted = _names(flags) or [request.to for request in base.outputs]
    of_sources, given = _shared_out(given, wanted, registry)
    made = msgspec.structs.replace(
        made, source_options=made.source_options + config.source_options(of_sources, registry)
    )
    if not made.sources:
        raise UsageError("no SOURCE is named: give a folder, a Git repository or a feed")
    if not outputs:
        return msgspec.structs.replace(made, outputs=())
    return msgspec.structs.replace(made, outputs=_outputs(made, flags, given, registry))


def list_exporters(registry: Registry) -> Iterator[str]:
    """One line for each exporter; one for each plug-in that is broken."""
    for name in registry.exporter_names():
        try:
            exporter = registry.exporter(name)
            missing = exporter.unavailable()
        except Exception as error:  # a plug-in's code may raise anything
            yield f"{name}: broken: {error}"
            continue
        yield f"{name}: unavailable: {missing}" if missing else f"{name}: {exporter.summary}"


def _over(base: Job, flags: Flags, now: dt.datetime) -> Job:
    """The job with every flag that was given in place of what the file says."""
    changes: dict[str, Any] = {
        key: value
        for key, value in {
            "sources": tuple(flags.sources or ()),
            "out": flags.out,
            "name": flags.name,
            "title": flags.title,
            "subtitle": flags.subtitle,
            "id": flags.identity,
            "language": config.language(flags.language),
            "base_url": flags.base_url,
            "rev": flags.rev,
            "templates": flags.templates,
            "into": flags.into,
            "duplicates": flags.duplicates,
            "allow_network": tuple(flags.allow_network or ()),
            "cache": flags.cache,
            "report": flags.report,
            "max_body": flags.max_body,
            "emails": flags.emails,
            "offline": flags.offline,
            "overwrite": flags.overwrite,
            "checksums": flags.checksums,
        }.items()
        if value
    }
    return msgspec.structs.replace(
        base,
        jobs=flags.jobs or base.jobs or cores(),
        fail_on=flags.fail_on.value,
        out=changes.pop("out", None) or base.out or Path("out"),
        select=_selection(base.select, flags, now),
        **changes,
    )


def _selection(base: Selection, flags: Flags, now: dt.datetime) -> Selection:
    table = SelectTable(
        author=tuple(flags.author or ()),
        exclude_author=tuple(flags.exclude_author or ()),
        category=tuple(flags.category or ()),
        exclude=tuple(flags.exclude or ()),
        since=flags.since,
        until=flags.until,
        year=flags.year,
        match=flags.match,
        limit=flags.limit,
    )
    asked = config.selection(table, now)
    given = {
        field: value
        for field in asked.__struct_fields__
        if (value := getattr(asked, field)) not in (None, ())
    }
    return msgspec.structs.replace(base, **given)


def _outputs(
    made: Job, flags: Flags, given: Mapping[str, dict[str, object]], registry: Registry
) -> tuple[OutputRequest, ...]:
    names = _names(flags)
    if not names and not made.outputs:
        raise UsageError(
            f"say what to make with --to; there are {', '.join(registry.exporter_names())}"
        )
    common = {"order": flags.order.value} if flags.order else {}
    if flags.output is not None:
        # One file cannot hold several volumes, which are a book's default.
        common |= {"volumes": "none"}
    known = {
        name: registry.exporter(name).name
        for name in dict.fromkeys(names or [request.to for request in made.outputs])
    }
    _refuse_unused(given, set(known.values()), registry)
    wanted = {name: common | given.get(short, {}) for name, short in known.items()}
    requests = (
        tuple(config.output_request(name, registry, wanted[name]) for name in known)
        if names
        else tuple(_changed(request, wanted[request.to], registry) for request in made.outputs)
    )
    if flags.output is not None:
        return (_single(requests, flags.output, registry),)
    return requests


def _changed(
    request: OutputRequest, given: Mapping[str, object], registry: Registry
) -> OutputRequest:
    """An output of the config file with the options that flags give instead."""
    exporter = registry.exporter(request.to)
    typed = options.parse(exporter.Options, given, exporter.name)
    fields = [word.replace("-", "_") for word in given]
    changes = {field: getattr(typed, field) for field in fields}
    return msgspec.structs.replace(
        request, options=msgspec.structs.replace(request.options, **changes)
    )


def _single(requests: tuple[OutputRequest, ...], target: str, registry: Registry) -> OutputRequest:
    """``-o FILE`` takes one exporter that makes a file."""
    if len(requests) != 1:
        raise UsageError("-o FILE takes one output, such as one name in --to; use --out DIR")
    request = requests[0]
    if not registry.exporter(request.to).suffix(request.options):
        raise UsageError(f"-o FILE: {request.to} makes a folder; use --out DIR")
    if Path(target).is_dir():
        raise UsageError(f"-o {target}: is a folder; use --out DIR")
    return msgspec.structs.replace(request, file=target)


def _set_options(words: list[str] | tuple[str, ...]) -> dict[str, dict[str, object]]:
    """``-O epub.parts=year`` to {"epub": {"parts": "year"}}."""
    found: dict[str, dict[str, object]] = {}
    for word in words:
        name, dot, rest = word.partition(".")
        option, equals, value = rest.partition("=")
        if not (dot and equals and option):
            raise UsageError(f"-O {word}: expected NAME.OPTION=VALUE, such as epub.parts=year")
        found.setdefault(name, {})[option] = value
    return found


def _names(flags: Flags) -> list[str]:
    return [part.strip() for each in flags.to or () for part in each.split(",") if part.strip()]


def _shared_out(
    given: Mapping[str, dict[str, object]], asked: list[str], registry: Registry
) -> tuple[dict[str, dict[str, object]], dict[str, dict[str, object]]]:
    """The options of sources and those of exporters.  A name may be both ("opml"): then an
    option is the exporter's where that is asked for and knows it."""
    of_sources: dict[str, dict[str, object]] = {}
    of_exporters: dict[str, dict[str, object]] = {}
    for name, table in given.items():
        known: frozenset[str] = frozenset()
        if name in asked:
            known = frozenset(registry.exporter(name).Options.__struct_fields__)
        for option, value in table.items():
            is_source = name in registry.sources and option.replace("-", "_") not in known
            (of_sources if is_source else of_exporters).setdefault(name, {})[option] = value
    return of_sources, of_exporters


def _refuse_unused(given: Mapping[str, object], used: set[str], registry: Registry) -> None:
    for name in given:
        if name in used:
            continue
        if name in registry.exporters:
            raise UsageError(f"-O {name}.…: --to does not name {name}")
        raise UnknownName("exporter or source", name, {*registry.exporters, *registry.sources})
