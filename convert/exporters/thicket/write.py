"""The entry files of a repository: which there are, which are new, which change."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from convert.contract import Reading
from convert.exporters.thicket import entry as entries
from convert.exporters.thicket import json as js
from convert.exporters.thicket import match
from convert.exporters.thicket import names as naming
from convert.exporters.thicket.match import Slot, Slots
from convert.model import Problem, StoredEntry, User
from convert.text import names

_MOST_IDS = 8
"""Some feeds give an entry a new id whenever they are read: no use in noting them all."""

Warn = Callable[[Problem], None]


class Writer:
    """Takes entries one by one; keeps in memory what tells files apart, and no text.

    ``existing`` is the repository that is updated, None for a new one.  ``staging`` is a
    private folder for the files.
    """

    def __init__(
        self, existing: Reading | None, users: Mapping[str, User], staging: Path, warn: Warn
    ) -> None:
        self.written: dict[str, Path] = {}
        self.unchanged: dict[str, None] = {}
        self.folders: dict[str, str] = {}
        """By username."""
        self._existing = existing
        self._users = users
        self._staging = staging
        self._warn = warn
        self._slots = Slots()
        self._taken: set[str] = set()
        self._waiting: list[tuple[str, StoredEntry, Mapping[str, int]]] = []
        self._numbers: dict[str, int] = {}
        self._staged = 0
        for user in existing.users.values() if existing is not None else ():
            if user.directory:
                self.folders[user.username] = user.directory
        for entry in existing.entries() if existing is not None else ():
            folder = posixpath.dirname(entry.path)
            self.folders.setdefault(entry.user, folder)
            slot = self._know(entry.path, folder, entry)
            slot.first = slot.marks

    def take(self, entry: StoredEntry) -> None:
        """Takes an entry of a source; where its place is not certain, it waits."""
        folder = self._folder(entry)
        marks = entries.marks(entry)
        slot = self._slots.certain(folder, entry, marks)
        if slot is not None:
            self._put(slot, entry, marks)
        elif self._existing is None:
            self._add(folder, entry)
        else:
            self._waiting.append((folder, entry, marks))

    def finish(self) -> None:
        """Finds a place for those that waited, now that it is known which files are left."""
        titles: dict[tuple[str, str], set[int]] = {}
        for folder, entry, marks in self._waiting:
            titles.setdefault((folder, entry.id), set()).add(marks["title"])
        later = []
        for folder, entry, marks in self._waiting:
            slot = self._slots.certain(folder, entry, marks)
            if slot is None and len(titles[folder, entry.id]) == 1:
                slot = self._slots.only(folder, entry.id)
            if slot is not None:
                self._put(slot, entry, marks)
            else:
                later.append((folder, entry, marks))
        for folder, entry, marks in later:
            # Another of them may have found its place by now.
            slot = self._slots.certain(folder, entry, marks) or self._renamed(folder, entry)
            if slot is not None:
                self._put(slot, entry, marks)
            else:
                self._add(folder, entry)
        self._waiting.clear()

    def count(self, folder: str) -> int:
        """How many entry files the folder has."""
        return self._slots.counts[folder]

    def folder_of(self, username: str) -> str:
        """The folder of a user; a new one where there is none yet."""
        if username not in self.folders:
            user = self._users.get(username)
            wanted = (user.directory if user else None) or ""
            self.folders[username] = self._free_folder(username, wanted)
        return self.folders[username]

    def _folder(self, entry: StoredEntry) -> str:
        if entry.user not in self.folders:
            own = posixpath.dirname(entry.path) if entry.stored else ""
            if own:
                self.folders[entry.user] = self._free_folder(entry.user, own)
        return self.folder_of(entry.user)

    def _free_folder(self, username: str, wanted: str) -> str:
        taken = {names.fold(folder) for folder in self.folders.values()}
        for folder in (wanted, naming.folder_of(username)):
            if folder and naming.is_portable(folder) and names.fold(folder) not in taken:
                return folder
        return f"{naming.folder_of(username)}-{names.digest(username)}"

    def _know(self, path: str, folder: str, entry: StoredEntry) -> Slot:
        slot = match.slot_of(path, folder, entry)
        self._slots.add(slot)
        self._taken.add(names.fold(path))
        return slot

    def _add(self, folder: str, entry: StoredEntry) -> None:
        """A new file, named as the entry's own where it comes from a repository."""
        slot = self._know(self._free_path(folder, entry), folder, entry)
        slot.claimed, slot.rank = entry.origin, match.rank(entry)
        self._stage(slot.path, entries.file_of(entry))

    def _free_path(self, folder: str, entry: StoredEntry) -> str:
        if entry.stored:
            own = posixpath.join(folder, posixpath.basename(entry.path))
            if naming.is_portable(own) and self._is_free(own):
                return own
        stem = posixpath.join(folder, naming.stem_of(entry.id))
        number = self._numbers.get(names.fold(stem), 0)
        path = f"{stem}-{number}.json" if number else f"{stem}.json"
        while not self._is_free(path):
            number += 1
            path = f"{stem}-{number}.json"
        self._numbers[names.fold(stem)] = number
        return path

    def _is_free(self, path: str) -> bool:
        if names.fold(path) in self._taken:
            return False
        # A file that could not be read as an entry is still somebody's.
        return self._existing is None or self._existing.file(quote(path), "") is None

    def _put(self, slot: Slot, entry: StoredEntry, marks: Mapping[str, int]) -> None:
        """The entry into its file: of two sources that have it, the later text stands."""
        rank = match.rank(entry)
        if slot.claimed and rank <= slot.rank:
            return
        slot.claimed, slot.rank = entry.origin, rank
        new_id = entry.id != slot.id and entry.id not in slot.also
        keys = entries.changed(slot.marks if slot.first is None else slot.first, marks)
        if entry.id != slot.id and (new_id or set(keys) <= {"updated"}):
            # A new id is often all that changed, and an undated entry looks new for it.
            keys = tuple(key for key in keys if key != "updated")
        if new_id:
            self._tell_renamed(slot, entry)
        slot.marks = marks
        self._slots.note(slot)
        self._rewrite(slot, entry, keys)

    def _rewrite(self, slot: Slot, entry: StoredEntry, keys: tuple[str, ...]) -> None:
        portable = naming.is_portable(slot.path)
        before = self._content(slot)
        is_same = not keys and entries.also_ids(before) == slot.also
        after = before if is_same else entries.rewritten(before, entry, keys, slot.also)
        if slot.first is not None and after == before:
            # What a lesser source of the same entry had to say is forgotten.
            self.written.pop(slot.path, None)
            if portable:
                self.unchanged[slot.path] = None
        elif not portable:
            reason = "is not rewritten: not every file system takes its name; rename it"
            self._warn(Problem(path=slot.path, reason=reason))
        else:
            self.unchanged.pop(slot.path, None)
            self._stage(slot.path, after)

    def _tell_renamed(self, slot: Slot, entry: StoredEntry) -> None:
        reason = f"has the new id {entry.id!r}; {slot.id!r}, first published, stays"
        self._warn(Problem(path=slot.path, field="id", reason=reason))
        if len(slot.also) < _MOST_IDS:
            self._slots.alias(slot, entry.id)

    def _renamed(self, folder: str, entry: StoredEntry) -> Slot | None:
        """The file of an entry whose id changed, but not its link and its text."""
        text = match.Text(entry.content, entry.summary)
        for slot in self._slots.linked(folder, match.same_link(entry.link)):
            stored = js.read(self._content(slot)) or {}
            if text.is_that_of(stored.get("content"), stored.get("summary")):
                return slot
        return None

    def _content(self, slot: Slot) -> bytes:
        """The file on disk; that of this run where there is none."""
        if slot.first is not None and self._existing is not None:
            return self._existing.file(quote(slot.path), "") or b"{}"
        return self.written[slot.path].read_bytes()

    def _stage(self, path: str, content: bytes) -> None:
        if path not in self.written:
            self._staged += 1
            self.written[path] = self._staging / f"entry-{self._staged:06}"
        self.written[path].write_bytes(content)
