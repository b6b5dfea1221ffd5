"""Settings laid over each other: the defaults, a config file, the command line or a program.

Each layer is a table of words and values; what it does not say, or says with None, is as
below it.  An empty text takes away what was said below.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import typing
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from convert.errors import OutputError, UnknownName, UsageError
from convert.settings import options, places
from convert.settings.flag import Flag
from convert.settings.job import Job, Selection, SelectSettings
from convert.settings.periods import Day


class Setting(NamedTuple):
    """One setting, by the word that users write for it."""

    word: str
    field: msgspec.structs.FieldInfo
    flag: Flag


@functools.cache
def settings(kind: type[msgspec.Struct]) -> Mapping[str, Setting]:
    """Return the settings that a struct declares, by their words, in order."""
    known: dict[str, Setting] = {}
    for field in msgspec.structs.fields(kind):
        for fact in typing.get_args(field.type)[1:]:
            if isinstance(fact, Flag):
                word = fact.name or field.name
                known[word] = Setting(word, field, fact)
    return known


@contextlib.contextmanager
def naming(where: str) -> Iterator[None]:
    """Say where it was written, before what a usage error in the block says."""
    try:
        yield
    except UnknownName as error:
        raise error.within(where) from error
    except (UsageError, OutputError) as error:
        raise type(error)(f"{where}: {error}") from error


def check(job: Job, *, outputs: bool = True) -> Job:
    """Return the job itself, where each path that it names can be used.

    ``outputs`` is False where nothing is to be written to the output folder.  Raises
    UsageError naming the setting, OutputError where the disk does not let us write.
    """
    for word, setting in settings(Job).items():
        path = getattr(job, setting.field.name)
        if setting.flag.check is not None and path is not None and (outputs or word != "out"):
            with naming(word):
                setting.flag.check(path)
    return job


def over(
    job: Job,
    table: Mapping[str, object],
    now: dt.datetime,
    *,
    folder: Path = Path(),
    skip: Collection[str] = (),
) -> Job:
    """Return the job with what the table says in place of what it said.

    ``now`` is what "30d" counts back from, ``folder`` where relative paths start; keys in
    ``skip`` are no settings.  Raises UnknownName, UsageError naming the setting.
    """
    changes = values(Job, table, "config key", now, folder=folder, skip=skip)
    return msgspec.structs.replace(job, **changes)


def chosen(
    before: Selection, table: Mapping[str, object], now: dt.datetime, what: str = "selection"
) -> Selection:
    """Return the selection with what the table says in place of what it said.

    Raises UnknownName, UsageError naming the setting.
    """
    changes = values(SelectSettings, table, what, now)
    if "year" in changes and changes["year"] is None:
        changes = {"since": None, "until": None} | changes
    year = changes.pop("year", None)
    if year is not None:
        if not 1000 <= year <= dt.MAXYEAR:
            raise UsageError(f"year: {year} is no year of four digits; write one such as 2024")
        first, last = (
            Day(dt.date(year, 1, 1), f"{year:04}"),
            Day(dt.date(year, 12, 31), f"{year:04}"),
        )
        # Beside since or until in one layer, a year narrows; over another layer it replaces.
        changes["since"] = max(changes.get("since") or first, first)
        changes["until"] = min(changes.get("until") or last, last)
    return msgspec.structs.replace(before, **changes)


def values(
    kind: type[msgspec.Struct],
    table: Mapping[str, object],
    what: str,
    now: dt.datetime,
    *,
    folder: Path = Path(),
    skip: Collection[str] = (),
) -> dict[str, Any]:
    """Return what a table says of the settings of ``kind``, typed, by the fields' names.

    ``what`` is a key of the table for people; keys in ``skip`` are known, and none of these.
    Raises UnknownName, UsageError.
    """
    known = settings(kind)
    changes: dict[str, Any] = {}
    for key, value in table.items():
        word = key.replace("-", "_")
        if key in skip or value is None:
            continue
        # A word that nobody reads is a mistake, and must not pass for a setting.
        if word not in known:
            raise UnknownName(what, key, [*known, *skip])
        changes[known[word].field.name] = _value(known[word], value, now, folder)
    return changes


def _value(setting: Setting, value: object, now: dt.datetime, folder: Path) -> object:
    word, field, flag = setting
    kinds = options.alternatives(field.type)
    if value == "" and not {bool, dt.timedelta} & {*kinds}:
        return field.default
    if {Day, dt.timedelta} & {*kinds}:
        # TOML has days and numbers of its own; as text they are what flags give.
        typed = value.isoformat() if isinstance(value, dt.date) else str(value)
        typed = f"{value.days}d" if isinstance(value, dt.timedelta) else typed
    else:
        if isinstance(field.default, tuple):
            value = [value] if isinstance(value, str) else value
        if isinstance(value, list | tuple):
            value = [each for each in value if each != ""]
        typed = options.typed(value, field.type, word)
    if flag.parse is None:
        is_place = isinstance(typed, Path) and typed != places.STANDARD_OUTPUT
        return folder / typed if is_place else typed
    with naming(word):
        if isinstance(typed, tuple):
            return tuple(flag.parse(each, now) for each in typed)
        return flag.parse(typed, now)
