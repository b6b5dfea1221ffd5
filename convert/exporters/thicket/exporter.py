"""A Thicket repository: a folder for each user, a JSON file for each entry, an index.

The one exporter that is given entries as they were stored.  docs/store.md tells what it
writes, what it keeps and what it never touches.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from convert.contract import ExportContext, ExporterOptions, OutputFile, Reading, StoredBefore
from convert.errors import ExportError
from convert.exporters.thicket import git, index, names
from convert.exporters.thicket.encode import read_json, write_json
from convert.exporters.thicket.index import Member
from convert.exporters.thicket.pictures import Pictures, shown_by
from convert.exporters.thicket.write import Writer
from convert.model import Feed, Problem, StoredEntry, User
from convert.text.characters import several

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
        """Return "": always a folder."""
        return ""

    def unavailable(self) -> str | None:
        """Return None: nothing is missing."""
        return None

    def store(
        self,
        entries: Iterable[StoredEntry],
        readings: tuple[Reading, ...],
        context: ExportContext,
        existing: Reading | None,
        before: StoredBefore | None,
    ) -> Iterator[OutputFile]:
        """Yield the files of a new repository, or those of ``existing`` that change.

        Raises ExportError where ``existing`` cannot be read whole, or its index cannot be
        understood: it holds what only its owner knows.
        """
        address = existing.origin.address if existing is not None else ""
        known = existing.file(_INDEX, "") if existing is not None else None
        if existing is not None and known is not None and read_json(known) is None:
            raise ExportError(
                f"{address}/{_INDEX}: is no JSON object; mend it or restore it"
                " from Git: nothing is changed before"
            )
        # The first source to name a member describes it.
        users = {name: user for each in reversed(readings) for name, user in each.users.items()}
        spellings = names.spellings(existing.users if existing is not None else (), users)
        users = {
            (own := spellings.get(name, name)): msgspec.structs.replace(user, username=own)
            for name, user in users.items()
        }
        context.staging.mkdir(parents=True, exist_ok=True)
        pictures = Pictures(readings, existing, before)
        writer = Writer(existing, users, context.staging, context.warn, pictures.know)
        # A file that gives no entry, but can be read, is not touched.
        lost = [each.removeprefix(f"{address}/") for each in existing.lost] if existing else []
        if existing is not None and any(existing.file(each, "") is None for each in lost):
            raise ExportError(
                f"{address}: a part of it cannot be read, so nothing is changed;"
                " see to its files' permissions"
            )
        active: set[str] = set()
        for entry in entries:
            if entry.user in spellings:
                entry = msgspec.structs.replace(entry, user=spellings[entry.user])  # noqa: PLW2901
            active.add(entry.user)
            writer.take(pictures.take(entry, writer.settled(entry)))
        writer.finish()
        if existing is None:
            top = _new_top(readings, users, writer, active, context.now)
        else:
            feeds = (each.users for each in readings if each.origin.kind != "thicket")
            active |= {spellings.get(name, name) for names in feeds for name in names}
            top = _updated_top(
                readings, users, writer, active, existing=existing, before=known, context=context
            )
        entry_files: Iterable[_File] = sorted(writer.written.items())
        rewritten = []
        for path, content in itertools.chain(entry_files, pictures.files(), top):
            rewritten += [path] if path not in {_INDEX, _DUPLICATES} else []
            place = f"{context.folder}/{path}" if context.folder else path
            yield OutputFile(path=place, content=content)
        folder, committing = Path(address), context.options.commit
        if address and (lost := git.uncommitted(folder, rewritten, committing=committing)):
            reason = f"what stood in {several(lost)} is rewritten, and Git does not have it"
            way_out = "" if committing else " (-O thicket.commit=true commits it first)"
            context.warn(Problem(path=address, reason=f"{reason}{way_out}"))

    def finish(self, stored: Reading, top: Path, context: ExportContext) -> str | None:
        """Commit the repository as it is on disk, where that was asked for, and return the
        commit's hash; "" where there was nothing to commit.

        All that it is made of, and not what this run wrote: one before may have been killed,
        or have written without a commit.
        """
        if not context.options.commit:
            return None
        files = {_INDEX, _DUPLICATES}
        for entry in stored.entries():
            files |= {entry.path, *shown_by(entry, stored)}
        return git.commit(top, files, whole=bool(context.folder)) or ""


EXPORTER = ThicketExporter()


def _new_top(
    readings: tuple[Reading, ...],
    users: Mapping[str, User],
    writer: Writer,
    active: set[str],
    now: dt.datetime,
) -> Iterator[_File]:
    """Yield index.json and duplicates.json of a new repository, after those of the sources."""
    before = next((content for each in readings if (content := each.file(_INDEX, ""))), None)
    # A member of whom no entry is wanted is no member of the new repository.
    left_out = index.with_entries(before) - active if before is not None else set()
    members = []
    for name, user in users.items():
        if name not in left_out:
            folder = writer.folder_of(name)
            members.append(
                Member(
                    user=user,
                    folder=folder,
                    count=writer.count(folder),
                    feeds=_feeds(readings, user),
                )
            )
    yield _INDEX, index.build(before, members, now, left_out)
    yield from _duplicates(readings)


def _updated_top(
    readings: tuple[Reading, ...],
    users: Mapping[str, User],
    writer: Writer,
    active: set[str],
    *,
    existing: Reading,
    before: bytes | None,
    context: ExportContext,
) -> Iterator[_File]:
    """Yield index.json of a repository that is updated, where it changes; duplicates.json
    where it has none.

    Its new members are the ``active`` ones: those with entries, and those of a list of feeds even
    before their feed has any.
    """
    named = {name: users.get(name) or User(username=name) for name in sorted(active)}
    touched = {path.rpartition("/")[0] for path in writer.written}
    members = []
    for name, user in ({**existing.users, **named} if before is None else named).items():
        folder = writer.folder_of(name)
        count = writer.count(folder)
        members.append(
            Member(
                user=user,
                folder=folder,
                count=count,
                touched=folder in touched,
                feeds=_feeds(readings, user),
            )
        )
    content = index.build(before, members, context.now)
    if content != before:
        yield _INDEX, content
    if existing.file(_DUPLICATES, "") is None:
        yield from _duplicates(readings)


def _feeds(readings: tuple[Reading, ...], user: User) -> tuple[Feed, ...]:
    """Return what the sources say of a user's feeds themselves, by the addresses of these."""
    feeds: dict[str, Feed] = {}
    addresses = frozenset(user.feeds)
    for each in readings:
        if each.origin.kind == "thicket":
            # All else that it says of a feed is what it says of the member.
            said = each.users[user.username].described if user.username in each.users else ()
        else:
            said = tuple(each.feeds.values())
        for feed in said:
            if feed.address in addresses:
                feeds.setdefault(feed.address, feed)
    return tuple(feeds[address] for address in user.feeds if address in feeds)


def _duplicates(readings: tuple[Reading, ...]) -> Iterator[_File]:
    """Yield duplicates.json of the first source that has one, with what the others add."""
    files = [each.file(_DUPLICATES, "") for each in readings]
    first = next((content for content in files if content is not None), None)
    if first is None:
        return
    value = read_json(first) or {}
    canonical = value.get("duplicates")
    if isinstance(canonical, dict):
        before = len(canonical)
        for each in readings:
            for duplicate, original in each.duplicates.items():
                canonical.setdefault(duplicate, original)
        if len(canonical) > before:
            first = write_json(value, first)
    yield _DUPLICATES, first
