"""The entry files of a repository: which there are, which are new, which change."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from convert.contract import Reading
from convert.exporters.thicket import match, names
from convert.exporters.thicket.encode import read_json
from convert.exporters.thicket.entry import also_ids, changed_keys, file_of, marks_of, rewrite
from convert.exporters.thicket.match import Slot, Slots, Texts
from convert.model import Problem, StoredEntry, User
from convert.text.names import digest, fold

_MOST_IDS = 8
"""Some feeds give an entry a new id whenever they are read: no use in noting them all."""

Warn = Callable[[Problem], None]


class Writer:
    """Takes entries one by one; keeps in memory what tells files apart, and no text.

    ``existing`` is the repository that is updated, None for a new one; ``know`` gets each entry
    of it.  ``staging`` is a private folder for the files.
    """

    def __init__(
        self,
        existing: Reading | None,
        users: Mapping[str, User],
        staging: Path,
        warn: Warn,
        know: Callable[[StoredEntry], None] = lambda _: None,
    ) -> None:
        self.written: dict[str, Path] = {}
        self.folders: dict[str, str] = {}
        """By username."""
        self._existing = existing
        self._users = users
        self._staging = staging
        self._warn = warn
        self._slots = Slots()
        self._taken: set[str] = set()
        """Paths of files and folders, folded: no two may be one on any file system."""
        self._waiting: list[tuple[str, StoredEntry, Mapping[str, int]]] = []
        self._numbers: dict[str, int] = {}
        self._staged = 0
        # The index names folders that may hold no entry yet; entries say theirs.
        for user in existing.users.values() if existing is not None else ():
            if user.directory:
                self._settle(user.username, user.directory)
        for entry in existing.entries() if existing is not None else ():
            know(entry)
            folder = posixpath.dirname(entry.path)
            if entry.user not in self.folders:
                self._settle(entry.user, folder)
            slot = self._know(entry.path, folder, entry)
            slot.first = slot.marks

    def take(self, entry: StoredEntry) -> None:
        """Take an entry of a source; where its place is not certain, it waits."""
        folder = self.settled(entry)
        marks = marks_of(entry)
        slot = self._slots.certain(folder, entry, marks)
        if slot is not None:
            self._put(slot, entry, marks)
        elif self._existing is None:
            self._add(folder, entry)
        else:
            self._waiting.append((folder, entry, marks))

    def settled(self, entry: StoredEntry) -> str:
        """Return the folder of an entry's user; a new one is that of the repository it is from."""
        own = posixpath.dirname(entry.path) if entry.stored else ""
        if own and entry.user not in self.folders:
            self._settle(entry.user, self._free_folder(entry.user, own))
        return self.folder_of(entry.user)

    def finish(self) -> None:
        """Find a place for those that waited, now that it is known which files are left."""
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
            slot = self._slots.certain(folder, entry, marks) or self._same_words(
                entry,
                [
                    *self._slots.linked(folder, match.same_link(entry.link)),
                    *self._slots.dated(folder, entry, marks),
                ],
            )
            if slot is not None:
                self._put(slot, entry, marks)
            else:
                self._add(folder, entry)
        self._waiting.clear()

    def count(self, folder: str) -> int:
        """Return how many entry files the folder has."""
        return self._slots.counts[folder]

    def folder_of(self, username: str) -> str:
        """Return the folder of a user; a new one where there is none yet."""
        if username not in self.folders:
            user = self._users.get(username)
            wanted = (user.directory if user else None) or ""
            self._settle(username, self._free_folder(username, wanted))
        return self.folders[username]

    def _settle(self, username: str, folder: str) -> None:
        self.folders[username] = folder
        self._taken.add(fold(folder))

    def _free_folder(self, username: str, wanted: str) -> str:
        for folder in (wanted, names.folder_of(username)):
            if folder and names.is_portable(folder) and fold(folder) not in self._taken:
                return folder
        return f"{names.folder_of(username)}-{digest(username)}"

    def _know(self, path: str, folder: str, entry: StoredEntry) -> Slot:
        slot = match.slot_of(path, folder, entry)
        self._slots.add(slot)
        self._taken.add(fold(path))
        return slot

    def _add(self, folder: str, entry: StoredEntry) -> None:
        """Write a new file, named as the entry's own where it comes from a repository."""
        path = posixpath.join(folder, posixpath.basename(entry.path)) if entry.stored else ""
        if not path or not names.is_portable(path) or not self._is_free(path):
            stem = posixpath.join(folder, names.stem_of(entry.id))
            # Noted from one entry to the next: a thousand of one name cost a thousand looks.
            number = self._numbers.get(fold(stem), 0)
            path = f"{stem}-{number}.json" if number else f"{stem}.json"
            while not self._is_free(path):
                number += 1
                path = f"{stem}-{number}.json"
            self._numbers[fold(stem)] = number
        slot = self._know(path, folder, entry)
        slot.claimed, slot.rank = entry.origin, match.rank(entry)
        self._stage(slot.path, file_of(entry))

    def _is_free(self, path: str) -> bool:
        if fold(path) in self._taken:
            return False
        # A file that could not be read as an entry is still somebody's.
        return self._existing is None or self._existing.file(quote(path), "") is None

    def _put(self, slot: Slot, entry: StoredEntry, marks: Mapping[str, int]) -> None:
        """Write the entry into its file: of two sources that have it, the later text stands, and
        an excerpt before no whole."""
        whole = self._with_whole_text(entry, slot, marks)
        if whole is not entry:
            entry, marks = whole, marks_of(whole)
        rank = match.rank(entry)
        if slot.claimed and rank <= slot.rank:
            self._fill(slot, entry, marks)
            return
        slot.claimed, slot.rank = entry.origin, rank
        new_id = entry.id != slot.id and entry.id not in slot.also
        keys = changed_keys(slot.marks if slot.first is None else slot.first, marks)
        if entry.id != slot.id and (new_id or set(keys) <= {"updated"}):
            # A new id is often all that changed, and an undated entry looks new for it.
            keys = tuple(key for key in keys if key != "updated")
        if new_id:
            reason = f"has the new id {entry.id!r}; {slot.id!r}, first published, stays"
            self._warn(Problem(path=slot.path, field="id", reason=reason))
            if len(slot.also) < _MOST_IDS:
                self._slots.alias(slot, entry.id)
        slot.marks = marks
        self._slots.note(slot)
        before = self._content(slot)
        # A file that says the same stays as it is, however it is laid out.
        is_same = not keys and also_ids(before) == slot.also
        after = before if is_same else rewrite(before, entry, keys, slot.also)
        if slot.first is not None and after == before:
            # What a lesser source of the same entry had to say is forgotten.
            self.written.pop(slot.path, None)
        elif not names.is_portable(slot.path):
            reason = "is not rewritten: not every file system takes its name; rename it"
            self._warn(Problem(path=slot.path, reason=reason))
        else:
            self._stage(slot.path, after)

    def _with_whole_text(
        self, entry: StoredEntry, slot: Slot, marks: Mapping[str, int]
    ) -> StoredEntry:
        """Return an entry of a feed with the text that its file has, where it says less of it."""
        if entry.stored or all(slot.marks[key] == marks[key] for key in ("content", "summary")):
            return entry
        stored = read_json(self._current(slot)) or {}
        there = Texts(stored.get("title"), stored.get("content"), stored.get("summary"))
        key = match.whole_text(there, Texts(entry.title, entry.content, entry.summary))
        if not key:
            return entry
        kind = stored.get(f"{key}_type")
        types = {f"{key}_type": kind} if isinstance(kind, str) else {}
        return msgspec.structs.replace(entry, **{key: stored[key], **types})

    def _fill(self, slot: Slot, entry: StoredEntry, marks: Mapping[str, int]) -> None:
        """Put the text of a lesser state of an entry into its file, where that has less of it."""
        current = self._current(slot)
        stored = read_json(current) or {}
        there = Texts(stored.get("title"), stored.get("content"), stored.get("summary"))
        own = Texts(entry.title, entry.content, entry.summary)
        if names.is_portable(slot.path) and (key := match.whole_text(own, there)):
            keys = [each for each in (key, f"{key}_type") if each in marks]
            self._stage(slot.path, rewrite(current, entry, keys, slot.also))
            slot.marks = {**slot.marks, **{each: marks[each] for each in keys}}

    def _same_words(self, entry: StoredEntry, slots: Sequence[Slot]) -> Slot | None:
        """Return the one of these files that has the text of an entry, whose id changed."""
        words = match.words_of(entry.content, entry.summary)
        for slot in slots if words else ():
            stored = read_json(self._content(slot)) or {}
            if words == match.words_of(stored.get("content"), stored.get("summary")):
                return slot
        return None

    def _content(self, slot: Slot) -> bytes:
        """Return the file on disk; that of this run where there is none."""
        if slot.first is not None and self._existing is not None:
            return self._existing.file(quote(slot.path), "") or b"{}"
        return self.written[slot.path].read_bytes()

    def _current(self, slot: Slot) -> bytes:
        """Return the file as this run leaves it so far."""
        written = self.written.get(slot.path)
        return written.read_bytes() if written else self._content(slot)

    def _stage(self, path: str, content: bytes) -> None:
        if path not in self.written:
            self._staged += 1
            self.written[path] = self._staging / f"entry-{self._staged:06}"
        self.written[path].write_bytes(content)
