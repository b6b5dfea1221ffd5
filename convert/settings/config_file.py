"""thicket-convert.toml to a ``Job``.  examples/thicket-convert.toml documents every key.

The folder of the file is where relative paths in it start.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from convert.contract import PATH_OPTIONS
from convert.errors import UnknownName, UsageError
from convert.model import ListedFeed
from convert.plugins import Registry
from convert.settings import feed_tables, layers, options, texts
from convert.settings.job import FeedRequest, Job, OutputRequest, Selection, SelectSettings
from convert.text import files

FILE_NAME = "thicket-convert.toml"


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The tables of the file; its other keys are settings of the job."""

    select: dict[str, Any] = {}
    source: dict[str, dict[str, Any]] = {}
    feed: tuple[dict[str, Any], ...] = ()
    output: tuple[dict[str, Any], ...] = ()


def understood(path: Path, words: Collection[str], base: Job, now: dt.datetime) -> Job:
    """Return ``base`` with what a config file says of these settings, and where its feeds are, as
    far as it can be understood: the file may be wrong."""
    try:
        table = tomllib.loads(files.read_named(path).decode("utf-8-sig"))
    except (UsageError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return base
    job = base
    for key, value in table.items():
        if key.replace("-", "_") in words:
            with contextlib.suppress(UsageError):
                job = layers.over(job, {key: value}, now, folder=path.parent)
    tables = table.get("feed")
    listed = tables if isinstance(tables, list) else []
    named = (each.get("address") for each in listed if isinstance(each, dict))
    feeds = _placed((each for each in named if isinstance(each, str)), path.parent)
    return msgspec.structs.replace(
        job,
        sources=_placed(job.sources, path.parent),
        feeds=tuple(FeedRequest(feed=ListedFeed(address=each)) for each in feeds),
        read_from=path,
    )


def load(path: Path, registry: Registry, now: dt.datetime, base: Job | None = None) -> Job:
    """Return the job that a config file describes; what it does not say is as in ``base``,
    or the default.

    ``now`` is what "30d" counts back from.  Raises UsageError naming the file and the key.
    """
    try:
        table = tomllib.loads(files.read_named(path).decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    folder, base = path.parent, base or Job()
    with layers.naming(str(path)):
        for word in ("feed", "output"):
            if isinstance(table.get(word), dict):
                raise UsageError(f"{word}: is one table; write [[{word}]], once for each {word}")
        tables = options.typed(table, Tables, "tables")
        for key in table:
            word = key.replace("-", "_")
            if word in layers.settings(SelectSettings) and word not in layers.settings(Job):
                raise UsageError(f"{key}: belongs into the table [select]")
        for key in tables.select:
            word = key.replace("-", "_")
            if word in layers.settings(Job) and word not in layers.settings(SelectSettings):
                raise UsageError(f"[select]: {key}: belongs at the top of the file")
        job = layers.over(base, table, now, folder=folder, skip=Tables.__struct_fields__)
        with layers.naming("[select]"):
            select = layers.chosen(base.select, tables.select, now, "key of [select]")
        with layers.naming("[source]"):
            of_sources = source_options(tables.source, registry)
        feeds = feed_tables.read(tables.feed, folder, now)
        return msgspec.structs.replace(
            job,
            # The feeds that it lists itself are a source as any list is.
            sources=(*_placed(job.sources, folder), *([str(path)] if feeds else [])),
            feeds=feeds,
            outputs=tuple(_output(each, folder, registry, now) for each in tables.output),
            select=select,
            source_options=of_sources,
            read_from=path,
        )


def _placed(sources: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Return the sources: an address stays, a path starts at the file's folder."""
    return tuple(each if "://" in each or each == "-" else str(folder / each) for each in sources)


def output_request(
    to: str,
    registry: Registry,
    words: Mapping[str, object],
    *,
    name: str | None = None,
    select: Selection | None = None,
) -> OutputRequest:
    """Return one output with its options typed.

    Raises UnknownName, UsageError, ContractError.
    """
    exporter = registry.exporter(to)
    typed = options.parse(exporter.Options, words, exporter.name)
    return OutputRequest(to=to, name=name, select=select, options=typed)


def source_options(
    tables: Mapping[str, Mapping[str, object]],
    registry: Registry,
    before: tuple[tuple[str, msgspec.Struct], ...] = (),
) -> tuple[tuple[str, msgspec.Struct], ...]:
    """Return the options of sources by the source's name, typed, over those of ``before``.

    Raises UnknownName, UsageError.
    """
    typed = dict(before)
    for name, words in tables.items():
        kind = registry.source(name).Options
        typed[name] = options.parse(kind, words, name, over=typed.get(name))
    return tuple(sorted(typed.items()))


def _output(
    table: dict[str, Any], folder: Path, registry: Registry, now: dt.datetime
) -> OutputRequest:
    to, name, select = table.get("to"), table.get("name"), table.get("select")
    if not isinstance(to, str):
        raise UsageError('[[output]]: lacks to = "EXPORTER"')
    if to not in registry.exporter_names():
        # A file named here would run code of whoever wrote the config file.
        raise UnknownName("exporter", to, registry.exporter_names())
    words = {
        key: str(folder / value)
        if key in PATH_OPTIONS and isinstance(value, str) and value
        else value
        for key, value in table.items()
        if key not in {"to", "name", "select"}
    }
    known = registry.exporter(to).Options.__struct_fields__
    with layers.naming(f"[[output]] {to}"):
        for key in words:
            word = key.replace("-", "_")
            if word not in known and word in layers.settings(Job):
                raise UsageError(f"{key}: belongs at the top of the file, before all tables")
            if word not in known and word in layers.settings(SelectSettings):
                raise UsageError(f"{key}: belongs into select = {{ {key} = … }}")
        with layers.naming("name"):
            name = texts.name(options.typed(name, str, "")) if name not in {None, ""} else None
        with layers.naming("select"):
            table = options.typed(select or {}, dict[str, Any], "")
            chosen = layers.chosen(Selection(), table, now, "key of select") if table else None
        return output_request(to, registry, words, name=name, select=chosen)
