"""thicket-convert.toml to a ``Job``.  examples/thicket-convert.toml documents every key.

The folder of the file is where relative paths in it start.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from convert.contract import PATH_OPTIONS
from convert.errors import UnknownName, UsageError
from convert.plugins import AnyExporter, Registry
from convert.settings import options
from convert.settings.job import Job, OutputRequest, Selection
from convert.settings.periods import parse_since, parse_until

FILE_NAME = "thicket-convert.toml"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*", re.ASCII)


class SelectTable(msgspec.Struct, frozen=True, kw_only=True):
    """``[select]``, and the flags of the same names.  A list may be one text."""

    author: tuple[str, ...] | str = ()
    exclude_author: tuple[str, ...] | str = ()
    category: tuple[str, ...] | str = ()
    exclude: tuple[str, ...] | str = ()
    since: str | int | None = None
    until: str | int | None = None
    year: int | None = None
    match: str | None = None
    limit: int | None = None


class ConfigTable(msgspec.Struct, frozen=True, kw_only=True):
    """The top of the file.  ``output`` is checked table by table against its exporter."""

    sources: tuple[str, ...] | str = ()
    out: str | None = None
    name: str | None = None
    title: str | None = None
    subtitle: str = ""
    id: str | None = None
    language: str | None = None
    rights: str | None = None
    base_url: str | None = None
    rev: str | None = None
    emails: bool = False
    dollar_math: bool = False
    max_body: int = 8_000_000
    duplicates: str | None = None
    templates: str | None = None
    into: str | None = None
    jobs: int | None = None
    allow_network: tuple[str, ...] | str = ()
    checksums: bool = False
    select: dict[str, Any] = {}
    source: dict[str, dict[str, Any]] = {}
    output: tuple[dict[str, Any], ...] = ()


def load(path: Path, registry: Registry, now: dt.datetime) -> Job:
    """The job that a config file describes.

    ``now`` is what "30d" counts back from.  Raises UsageError naming the file and the key.
    """
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from error
    try:
        return _job(_table(ConfigTable, raw, "config key"), path.parent, registry, now)
    except UnknownName:
        raise
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def selection(table: SelectTable, now: dt.datetime) -> Selection:
    """The selection that a table or a set of flags means.  Raises UsageError."""
    since = _day(table.since, now, parse_since)
    until = _day(table.until, now, parse_until)
    if table.year is not None:
        if not dt.MINYEAR <= table.year <= dt.MAXYEAR:
            raise UsageError(f"year: {table.year} is no year of the calendar")
        first, last = dt.date(table.year, 1, 1), dt.date(table.year, 12, 31)
        since = max(since, first) if since else first
        until = min(until, last) if until else last
    if table.limit is not None and table.limit < 0:
        raise UsageError(f"limit: {table.limit} is less than nothing")
    return Selection(
        authors=_texts(table.author),
        exclude_authors=_texts(table.exclude_author),
        categories=_texts(table.category),
        exclude=_texts(table.exclude),
        since=since,
        until=until,
        match=table.match,
        limit=table.limit,
    )


def language(text: str | None) -> str | None:
    """The language that a file or a flag names.  Raises UsageError where it has not the form
    of a tag (BCP 47)."""
    if text and _LANGUAGE.fullmatch(text) is None:
        raise UsageError(f"language: {text!r} is no language; write en, fr-CA or the like")
    return text


def output_request(
    to: str,
    registry: Registry,
    given: Mapping[str, object],
    *,
    name: str | None = None,
    select: Selection | None = None,
) -> OutputRequest:
    """One output with its options typed.  Raises UnknownName, UsageError, ContractError."""
    exporter: AnyExporter = registry.exporter(to)
    return OutputRequest(
        to=to,
        name=name,
        select=select,
        options=options.parse(exporter.Options, given, exporter.name),
    )


def _job(table: ConfigTable, folder: Path, registry: Registry, now: dt.datetime) -> Job:
    return Job(
        sources=tuple(_address(source, folder) for source in _texts(table.sources)),
        outputs=tuple(_output(each, folder, registry, now) for each in table.output),
        out=folder / table.out if table.out else None,
        name=table.name,
        title=table.title,
        subtitle=table.subtitle,
        id=table.id,
        language=language(table.language),
        rights=table.rights,
        base_url=table.base_url,
        select=selection(_table(SelectTable, table.select, "key of [select]"), now),
        rev=table.rev,
        source_options=source_options(table.source, registry),
        emails=table.emails,
        dollar_math=table.dollar_math,
        max_body=table.max_body,
        duplicates=folder / table.duplicates if table.duplicates else None,
        templates=folder / table.templates if table.templates else None,
        into=folder / table.into if table.into else None,
        jobs=table.jobs or 0,
        allow_network=_texts(table.allow_network),
        checksums=table.checksums,
    )


def source_options(
    given: Mapping[str, Mapping[str, object]], registry: Registry
) -> tuple[tuple[str, msgspec.Struct], ...]:
    """Options of sources by the source's name, typed.  Raises UnknownName, UsageError."""
    return tuple(
        (name, options.parse(registry.source(name).Options, given[name], name))
        for name in sorted(given)
    )


def _output(
    table: dict[str, Any], folder: Path, registry: Registry, now: dt.datetime
) -> OutputRequest:
    rest = {key: value for key, value in table.items() if key not in ("to", "name", "select")}
    to, name, select = table.get("to"), table.get("name"), table.get("select")
    if not isinstance(to, str):
        raise UsageError('[[output]]: lacks to = "EXPORTER"')
    if to not in registry.exporter_names():
        # A file named here would run code of whoever wrote the config file.
        raise UnknownName("exporter", to, registry.exporter_names())
    if name is not None and not isinstance(name, str):
        raise UsageError(f"[[output]] {to}: name: expected text")
    chosen = selection(_table(SelectTable, select, "key of select"), now) if select else None
    beside = {key: _beside(key, value, folder) for key, value in rest.items()}
    return output_request(to, registry, beside, name=name, select=chosen)


def _beside(key: str, value: object, folder: Path) -> object:
    return (
        str(folder / value) if key in PATH_OPTIONS and isinstance(value, str) and value else value
    )


def _table(kind: type[Any], given: Mapping[str, Any], what: str) -> Any:
    fields = [field.name for field in msgspec.structs.fields(kind)]
    known = {}
    for word, value in given.items():
        name = word.replace("-", "_")
        if name not in fields:
            raise UnknownName(what, word, fields)
        # TOML has days of its own; as text they are what the flags give.
        known[name] = value.isoformat() if isinstance(value, dt.date) else value
    try:
        return msgspec.convert(known, kind)
    except msgspec.ValidationError as error:
        raise UsageError(str(error).replace("$.", "")) from error


def _texts(value: Iterable[str] | str) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _day(
    value: str | int | None, now: dt.datetime, parse: Callable[[str, dt.datetime], dt.date]
) -> dt.date | None:
    return None if value is None else parse(str(value), now)


def _address(source: str, folder: Path) -> str:
    """A source as named: an address stays, a path starts at the file's folder."""
    return source if "://" in source or source == "-" else str(folder / source)
