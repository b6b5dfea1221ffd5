"""A Thicket repository: a folder for each user, a JSON file for each entry, an index.

The one exporter that is given entries as they were stored.  docs/store.md tells what it
writes, what it keeps and what it never touches.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from convert.contract import ExportContext, ExporterOptions, OutputFile, Reading
from convert.errors import ExportError
from convert.exporters.thicket import git, index
from convert.exporters.thicket import json as js
from convert.exporters.thicket.index import Member
from convert.exporters.thicket.pictures import Pictures
from convert.exporters.thicket.write import Writer
from convert.model import StoredEntry, User

_INDEX = "index.json"
_DUPLICATES = "duplicates.json"

_File = tuple[str, bytes | Path]
"""A path in the repository and what is there."""


class ThicketOptions(ExporterOptions, frozen=True, kw_only=True):
    """What a repository can be asked for."""

    commit: Annotated[
        bool, msgspec.Meta(description="commit to Git what changed; one commit a run")
    ] = False


class ThicketExporter:
    """``--to thicket``: see ``convert.contract.StoreExporter``."""

    name = "thicket"
    summary = "Thicket repository: a folder for each user, a JSON file for each entry"
    media_type = "application/json"
    Options = ThicketOptions

    def suffix(self, options: Any) -> str:
        """Always a folder."""
        return ""

    def unavailable(self) -> str | None:
        """Nothing is missing."""
        return None

    def store(
        self,
        entries: Iterable[StoredEntry],
        readings: tuple[Reading, ...],
        context: ExportContext,
        existing: Reading | None,
    ) -> Iterator[OutputFile]:
        """The files of a new repository, or those of ``existing`` that change.

        With ``commit`` also those that the sources say are right as they are: a run that was
        killed may have left them uncommitted.  Raises ExportError where ``existing`` cannot
        be read whole.
        """
        before = _index_of(existing)
        users = _users(readings)
        context.staging.mkdir(parents=True, exist_ok=True)
        writer = Writer(existing, users, context.staging, context.warn)
        if existing is not None and not existing.complete:
            raise ExportError(
                f"{existing.origin.address}: a part of it cannot be read, so nothing is changed;"
                " see to its files' permissions"
            )
        shown = Pictures(readings, existing)
        given: set[str] = set()
        for entry in entries:
            given.add(entry.user)
            writer.take(entry)
            shown.note(entry, writer.folder_of(entry.user))
        writer.finish()
        if existing is None:
            top = _new_top(readings, users, writer, given, context)
        else:
            top = _updated_top(
                readings,
                given,
                writer,
                existing,
                before,
                commit=context.options.commit,
                now=context.now,
            )
        for path, content in (*_entry_files(writer, existing, context), *shown.files(), *top):
            place = f"{context.folder}/{path}" if context.folder else path
            yield OutputFile(path=place, content=content)

    def finish(self, files: Sequence[str], top: Path, context: ExportContext) -> None:
        """Commits the files, where that was asked for and any differs from the last commit."""
        if context.options.commit:
            git.commit(top, files, whole=bool(context.folder))


EXPORTER = ThicketExporter()


def _entry_files(
    writer: Writer, existing: Reading | None, context: ExportContext
) -> Iterator[_File]:
    if existing is not None and context.options.commit:
        for path in writer.unchanged:
            yield path, existing.file(quote(path), "") or b""
    for path in sorted(writer.written):
        yield path, writer.written[path]


def _new_top(
    readings: tuple[Reading, ...],
    users: Mapping[str, User],
    writer: Writer,
    given: set[str],
    context: ExportContext,
) -> Iterator[_File]:
    """index.json and duplicates.json of a new repository, after those of the sources."""
    before = next((raw for each in readings if (raw := each.file(_INDEX, ""))), None)
    # A member of whom no entry was asked for is no member of what is made here.
    left_out = index.with_entries(before) - given if before is not None else set()
    members = [
        Member(user=user, folder=writer.folder_of(name), count=writer.count(writer.folder_of(name)))
        for name, user in users.items()
        if name not in left_out
    ]
    yield _INDEX, index.build(before, members, context.now, left_out)
    yield from _duplicates(readings)


def _updated_top(
    readings: tuple[Reading, ...],
    given: set[str],
    writer: Writer,
    existing: Reading,
    before: bytes | None,
    *,
    commit: bool,
    now: dt.datetime,
) -> Iterator[_File]:
    """index.json of a repository that is updated, where it changes; duplicates.json where it
    has none."""
    users = {**(existing.users if before is None else {}), **_fed(readings, given)}
    touched = {path.rpartition("/")[0] for path in writer.written}
    members = []
    for name, user in users.items():
        folder = writer.folder_of(name)
        count = writer.count(folder)
        members.append(Member(user=user, folder=folder, count=count, touched=folder in touched))
    content = index.build(before, members, now)
    if content != before or commit:
        yield _INDEX, content
    if existing.file(_DUPLICATES, "") is None:
        yield from _duplicates(readings)


def _users(readings: tuple[Reading, ...]) -> Mapping[str, User]:
    """The members of all sources; the first to name one describes it."""
    return {name: user for each in reversed(readings) for name, user in each.users.items()}


def _fed(readings: tuple[Reading, ...], given: set[str]) -> Mapping[str, User]:
    """Who is to be known to the repository: those with entries, and the members of a list of
    feeds even before their feed has any."""
    listed = {name for each in readings if each.origin.kind != "thicket" for name in each.users}
    users = _users(readings)
    return {name: users.get(name) or User(username=name) for name in sorted({*given, *listed})}


def _index_of(existing: Reading | None) -> bytes | None:
    """index.json as it is; None where there is none.  Raises ExportError for one that cannot
    be understood: it holds what only its owner knows."""
    before = existing.file(_INDEX, "") if existing is not None else None
    if existing is not None and before is not None and js.read(before) is None:
        raise ExportError(
            f"{existing.origin.address}/{_INDEX}: is no JSON object; mend it or restore it from"
            " Git: nothing is changed before"
        )
    return before


def _duplicates(readings: tuple[Reading, ...]) -> Iterator[_File]:
    """duplicates.json of the first source that has one, with what the others add."""
    found = [raw for each in readings if (raw := each.file(_DUPLICATES, "")) is not None]
    if not found:
        return
    value = js.read(found[0]) or {}
    known = value.get("duplicates")
    if isinstance(known, dict):
        before = len(known)
        for each in readings:
            for old, new in each.duplicates.items():
                known.setdefault(old, new)
        if len(known) > before:
            yield _DUPLICATES, js.write(value, found[0])
            return
    yield _DUPLICATES, found[0]
