"""The entry files of a repository: which there are, which are new, which change."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from convert import names
from convert.contract import Reading
from convert.exporters import _thicket_entry as entries
from convert.exporters import _thicket_json as js
from convert.exporters import _thicket_match as match
from convert.exporters import _thicket_names as naming
from convert.exporters._thicket_match import Slot, Slots
from convert.model import Problem, StoredEntry, User

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
        self._waiting: list[tuple[str, StoredEntry]] = []
        for user in existing.users.values() if existing is not None else ():
            if user.directory:
                self.folders[user.username] = user.directory
        for entry in existing.entries() if existing is not None else ():
            folder = posixpath.dirname(entry.path)
            self.folders.setdefault(entry.user, folder)
            self._know(entry.path, folder, entry)

    def take(self, entry: StoredEntry) -> None:
        """Takes an entry of a source; where its place is not certain, it waits."""
        folder = self._folder(entry)
        marks = entries.marks(entry)
        slot = self._slots.certain(folder, entry, marks)
        if slot is not None:
            self._put(slot, entry, marks)
        elif self._existing is None:
            self._add(folder, entry, marks)
        else:
            self._waiting.append((folder, entry))

    def finish(self) -> None:
        """Finds a place for those that waited, now that it is known which files are left."""
        lone: dict[tuple[str, str], int] = {}
        for folder, entry in self._waiting:
            lone[folder, entry.id] = lone.get((folder, entry.id), 0) + 1
        later = []
        for folder, entry in self._waiting:
            slot = self._slots.only(folder, entry.id) if lone[folder, entry.id] == 1 else None
            if slot is not None:
                self._put(slot, entry, entries.marks(entry))
            else:
                later.append((folder, entry))
        for folder, entry in later:
            marks = entries.marks(entry)
            # Another of them may have found its place by now.
            slot = self._slots.certain(folder, entry, marks) or self._renamed(folder, entry)
            if slot is not None:
                self._put(slot, entry, marks)
            else:
                self._add(folder, entry, marks)
        self._waiting.clear()

    def count(self, folder: str) -> int:
        """How many entry files the folder has."""
        return sum(slot.folder == folder for slot in self._slots)

    def claimed(self) -> Iterator[str]:
        """The paths of the files that the sources have entries for."""
        return (slot.path for slot in self._slots if slot.claimed)

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
        slot = match.slot_of(path, folder, entry, entries.marks(entry))
        self._slots.add(slot)
        self._taken.add(names.fold(path))
        return slot

    def _add(self, folder: str, entry: StoredEntry, marks: dict[str, int]) -> None:
        """A new file, named as the entry's own where it comes from a repository."""
        slot = self._know(self._free_path(folder, entry), folder, entry)
        slot.claimed, slot.rank, slot.marks = entry.origin, match.rank(entry), marks
        self._stage(slot.path, entries.file_of(entry))

    def _free_path(self, folder: str, entry: StoredEntry) -> str:
        if entry.stored:
            own = posixpath.join(folder, posixpath.basename(entry.path))
            if naming.is_portable(own) and self._is_free(own):
                return own
        stem = posixpath.join(folder, naming.stem_of(entry.id))
        path, number = f"{stem}.json", 0
        while not self._is_free(path):
            number += 1
            path = f"{stem}-{number}.json"
        return path

    def _is_free(self, path: str) -> bool:
        if names.fold(path) in self._taken:
            return False
        # A file that could not be read as an entry is still somebody's.
        return self._existing is None or self._existing.file(path, "") is None

    def _put(self, slot: Slot, entry: StoredEntry, marks: dict[str, int]) -> None:
        """The entry into its file: of two sources that have it, the later text stands."""
        rank = match.rank(entry)
        if slot.claimed and rank <= slot.rank:
            return
        slot.claimed, slot.rank = entry.origin, rank
        new_id = entry.id != slot.id and entry.id not in slot.also
        keys = entries.changed(slot.marks, marks)
        if entry.id != slot.id and (new_id or set(keys) <= {"updated"}):
            # A new id is often all that changed, and an undated entry looks new for it.
            keys = tuple(key for key in keys if key != "updated")
        if not keys and not new_id:
            if naming.is_portable(slot.path):
                self.unchanged[slot.path] = None
            return
        if not naming.is_portable(slot.path):
            reason = "is not rewritten: not every file system takes its name; rename it"
            self._warn(Problem(path=slot.path, reason=reason))
            return
        if new_id:
            self._slots.alias(slot, entry.id)
            reason = f"has the new id {entry.id!r}; {slot.id!r}, first published, stays"
            self._warn(Problem(path=slot.path, field="id", reason=reason))
        before = self._content(slot.path)
        self._stage(slot.path, entries.rewritten(before, entry, keys, slot.also))
        self.unchanged.pop(slot.path, None)
        slot.marks = marks

    def _renamed(self, folder: str, entry: StoredEntry) -> Slot | None:
        """The file of an entry whose id changed, but not its link and its text."""
        for slot in self._slots.linked(folder, match.same_link(entry.link)):
            stored = js.read(self._content(slot.path)) or {}
            bodies = [each if isinstance(each, str) else None for each in _bodies(stored)]
            if match.same_text((entry.content, entry.summary), bodies):
                return slot
        return None

    def _content(self, path: str) -> bytes:
        if path in self.written:
            return self.written[path].read_bytes()
        return (self._existing.file(path, "") if self._existing else None) or b"{}"

    def _stage(self, path: str, content: bytes) -> None:
        if path not in self.written:
            self.written[path] = self._staging / f"entry-{len(self.written):06}"
        self.written[path].write_bytes(content)


def _bodies(stored: Mapping[str, object]) -> Iterable[object]:
    return stored.get("content"), stored.get("summary")
