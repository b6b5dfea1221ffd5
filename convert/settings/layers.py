"""Settings laid over each other: the defaults, a config file, the command line or a program.

Each layer is a table of words and values; what it does not say, or says with None, is as
below it.  An empty text takes away what was said below.
"""

from __future__ import annotations

import datetime as dt
import functools
import typing
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from convert.errors import UnknownName, UsageError
from convert.settings import options
from convert.settings.job import Flag, Job, Selection, SelectSettings


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
    year = changes.pop("year", None)
    if year is not None:
        if not dt.MINYEAR <= year <= dt.MAXYEAR:
            raise UsageError(f"year: {year} is no year of the calendar")
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
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

    ``what`` is a key of the table for people.  Raises UnknownName, UsageError.
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
    field, parse = setting.field, setting.flag.parse
    several = isinstance(field.default, tuple)
    if value == "" and (several or {str, Path, dt.date} & {*options.alternatives(field.type)}):
        return field.default
    if parse is not None:
        # TOML has days and numbers of its own; as text they are what flags give.
        text = value.isoformat() if isinstance(value, dt.date) else str(value)
        text = f"{value.days}d" if isinstance(value, dt.timedelta) else text
        try:
            return parse(text, now)
        except UsageError as error:
            raise UsageError(f"{setting.word}: {error}") from error
    if several and isinstance(value, str):
        value = [value]
    if several and isinstance(value, list | tuple):
        value = [each for each in value if each != ""]
    typed = options.typed(value, field.type, setting.word)
    return folder / typed if isinstance(typed, Path) else typed
