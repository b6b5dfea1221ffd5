"""What the outputs of earlier runs left in a folder."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from convert.errors import ContractError, OutputError
from convert.model import Problem, Value
from convert.text import files
from convert.text.paths import check_path, same_place

MANIFEST = ".thicket-convert.json"
"""The record of what we wrote, in the output folder."""
_LARGEST = 1_000_000_000
"""Bytes of a record: some 200 for each file."""


class FileRecord(Value, frozen=True, kw_only=True):
    """One file of an output; ``size`` in bytes, ``sha256`` in hex, "" where what was never ours
    stands in its place."""

    path: str
    size: int
    sha256: str


class Digests(Value, frozen=True, kw_only=True):
    """What stands for all that shapes the files of a unit, by its kind (SHA-256, hex).

    Relations are what is known of the entries as a set: titles, members, feeds, who cites whom.
    """

    entries: str = ""
    relations: str = ""
    options: str = ""
    templates: str = ""
    pictures: str = ""
    code: str = ""
    clock: str = ""

    def differing(self, other: Digests) -> tuple[str, ...]:
        """Return the kinds in which the two differ, as people call them; the clock only where it
        does not follow the entries."""
        kinds = [
            each for each in self.__struct_fields__ if getattr(self, each) != getattr(other, each)
        ]
        if "entries" in kinds and "clock" in kinds:
            kinds.remove("clock")
        return tuple("code and libraries" if each == "code" else each for each in kinds)


class OpenedFile(Value, frozen=True, kw_only=True):
    """A file that the code of a plug-in read, or a folder that it listed: its path from where that
    code lies, and the SHA-256 (hex) of the content, or of the names; "" where nothing was."""

    path: str
    sha256: str


class WrittenUnit(Value, frozen=True, kw_only=True):
    """One unit as it was made: ``digests`` stand for all that shaped its files and is known before,
    ``opened`` for what a plug-in's code read then, ``pictures`` for each picture that could be had
    (four bytes); ``problems`` are what its exporter warned of."""

    path: str
    files: tuple[FileRecord, ...]
    digests: Digests = Digests()
    pictures: bytes = b""
    problems: tuple[Problem, ...] = ()
    opened: tuple[OpenedFile, ...] = ()


class WrittenPart(Value, frozen=True, kw_only=True):
    """A feed, or the folder of a member, that an output has entries of; or a file that lends
    something to entries, and has none.

    ``name`` is for people; ``place`` and ``source`` are the digests of its address and of that
    of its source, ``entries`` four bytes for each of its entries, ``files`` as many, in the same
    order, for the file of each that has one of its own; ``renamed`` are those entries whose id is
    another's, too, so that the output has them under another.  It ``failed`` where its source
    could not be read and its entries were meant to go: so it is known for one.
    """

    name: str
    place: int
    source: int
    entries: bytes
    files: bytes = b""
    renamed: bytes = b""
    failed: bool = False


class WrittenOutput(Value, frozen=True, kw_only=True):
    """What one output (exporter and name) wrote.

    ``left`` holds files that it no longer makes, but that could not be removed yet: a source
    or a unit had failed, or they were too many, ``unpruned``.  ``sources`` are digests of what
    some of its entries and feeds are known by, ``selection`` stands for what it selects by, and
    ``called_after`` for where its name is from: another source of that name must not replace it,
    nor another selection, where not both were named by hand.  ``parts`` tell which of its sources
    are gone.
    """

    exporter: str
    name: str
    units: tuple[WrittenUnit, ...]
    left: tuple[FileRecord, ...] = ()
    selection: str = ""
    called_after: str = ""
    sources: tuple[int, ...] = ()
    parts: tuple[WrittenPart, ...] = ()
    unpruned: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others of the folder."""
        return self.exporter, self.name

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """All files, left and of the units; of one path the last is the current one."""
        return (*self.left, *(file for unit in self.units for file in unit.files))

    def without(self, paths: Container[str]) -> WrittenOutput:
        """Return this record, where the files at these paths were not put in place."""
        units = (
            msgspec.structs.replace(
                unit,
                files=tuple(
                    msgspec.structs.replace(file, sha256="") if file.path in paths else file
                    for file in unit.files
                ),
            )
            for unit in self.units
        )
        left = tuple(file for file in self.left if file.path not in paths)
        return msgspec.structs.replace(self, units=tuple(units), left=left)

    def leaving(self, before: Iterable[FileRecord], *, unpruned: bool) -> WrittenOutput:
        """Return this record, and as left what was there before and this has not."""
        now = set(self.files)
        left = tuple(dict.fromkeys(file for file in before if file not in now))
        return msgspec.structs.replace(self, left=left, unpruned=unpruned)


class Manifest(Value, frozen=True, kw_only=True):
    """All that we wrote into one folder.

    ``pending`` holds the outputs that a run is putting in place right now.  A run that was
    killed leaves them there, so that the next one knows its files for ours and not for a
    user's edits.
    """

    version: int = 1
    outputs: tuple[WrittenOutput, ...] = ()
    pending: tuple[WrittenOutput, ...] = ()

    def find(self, exporter: str, name: str) -> WrittenOutput | None:
        """Return the record of one output."""
        return next((each for each in self.outputs if each.key == (exporter, name)), None)

    def unit(self, exporter: str, name: str, path: str) -> WrittenUnit | None:
        """Return the record of one unit."""
        output = self.find(exporter, name)
        units = output.units if output else ()
        return next((unit for unit in units if unit.path == path), None)

    def digests(self) -> dict[str, set[str]]:
        """Return, by path, the digests of what we wrote there or were about to."""
        digests: dict[str, set[str]] = {}
        for output in (*self.outputs, *self.pending):
            for file in output.files:
                if file.sha256:
                    digests.setdefault(file.path, set()).add(file.sha256)
        return digests

    def written(self, exporter: str, name: str) -> tuple[FileRecord, ...]:
        """Return the files that one output wrote, or was about to when a run was killed."""
        records = [each for each in (*self.outputs, *self.pending) if each.key == (exporter, name)]
        return tuple(file for record in records for file in record.files if file.sha256)

    def with_outputs(self, records: Iterable[WrittenOutput]) -> Manifest:
        """Return the manifest once these outputs are in place; those without a unit are gone."""
        new = {output.key: output for output in records}
        old = {output.key: output for output in self.outputs}
        pending = tuple(output for output in self.pending if output.key not in new)
        outputs = (output for _, output in sorted((old | new).items()))
        return Manifest(
            outputs=tuple(each for each in outputs if each.units or each.left), pending=pending
        )

    def encode(self) -> bytes:
        """Return the manifest as JSON that a person can read."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def load_manifest(folder: Path) -> Manifest:
    """Return the manifest of a folder; an empty one where there is none.

    A manifest may come with a folder that someone else made: paths that lead elsewhere are
    refused.  Raises OutputError.
    """
    path = folder / MANIFEST
    try:
        manifest = _decoded(files.read(path, _LARGEST, follow=False))
    except FileNotFoundError:
        return Manifest()
    except OSError as error:
        what = "is a symbolic link" if path.is_symlink() else error.strerror
        raise OutputError(f"{path}: {what}; move it away") from error
    except (msgspec.MsgspecError, ContractError, UnicodeError, RecursionError) as error:
        raise OutputError(
            f"{path}: cannot be understood ({error}); remove it, or replace all files"
            " with --overwrite"
        ) from error
    if manifest.version != 1:
        raise OutputError(f"{path}: was written by a later version of thicket-convert; update it")
    return manifest


@lru_cache(maxsize=1)  # a run reads it before its outputs are planned, and before they are made
def _decoded(content: bytes) -> Manifest:
    manifest = msgspec.json.decode(content, type=Manifest)
    for file in manifest.digests():
        check_path(file)
    return manifest


class FolderState:
    """What is on disk below an output folder; no link is followed.

    Folders are looked at once: make a new state after changing them.
    """

    def __init__(self, folder: Path) -> None:
        self._root = os.fspath(folder)
        self._folders: dict[str, str | None] = {"": None}

    def obstacle(self, path: str) -> str | None:
        """Return what keeps us from writing ``path``: a parent that is a link or no folder, or a
        folder, a link or a device in its place.  None where nothing does."""
        above = self._obstacle_above(path)
        if above is not None:
            return above
        mode = self._mode(path)
        if mode is None or stat.S_ISREG(mode):
            return None
        return f"what is there is {'a symbolic link' if stat.S_ISLNK(mode) else 'no file'}"

    def digest(self, path: str) -> str | None:
        """Return the SHA-256 (hex) of the file at ``path``; None where there is none."""
        if self._obstacle_above(path) is not None:
            return None
        return file_digest(f"{self._root}/{path}")

    def is_same(self, path: str, other: str) -> bool:
        """Return whether two paths are one file: on some systems they are in any case, in any
        Unicode form, and only the disk knows."""
        if path == other:
            return True
        try:
            here, there = (os.lstat(f"{self._root}/{each}") for each in (path, other))
        except OSError:  # one of them is not there
            return False
        return os.path.samestat(here, there)

    def lies_at(self, path: str) -> bool:
        """Return whether anything lies at ``path``."""
        return self._mode(path) is not None

    def change_of(self, unit: WrittenUnit) -> str:
        """Return what befell the files of a unit since they were written; "" where all of them
        are there, byte for byte."""
        for file in unit.files:
            if not file.sha256:
                return "a file could not be put in place"
            present = self.digest(file.path)
            if present != file.sha256:
                return "a file is missing" if present is None else "a file was edited"
        return ""

    def _obstacle_above(self, path: str) -> str | None:
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            obstacle = self._obstacle_above(folder)
            mode = self._mode(folder)
            if obstacle is None and mode is not None and not stat.S_ISDIR(mode):
                what = "a symbolic link" if stat.S_ISLNK(mode) else "no folder"
                obstacle = f"{self._root}/{folder} is {what}"
            self._folders[folder] = obstacle
        return self._folders[folder]

    def _mode(self, path: str) -> int | None:
        try:
            return os.lstat(f"{self._root}/{path}").st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None


def settled(manifest: Manifest, folder: Path) -> Manifest:
    """Return the record of a folder in which no run is putting anything in place any more: what
    lies there of a run that was killed is left of its outputs, also of those that no later run
    makes."""
    state, outputs = FolderState(folder), {each.key: each for each in manifest.outputs}
    recorded = {file.path for each in manifest.outputs for file in each.files}
    for each in manifest.pending:
        empty = WrittenOutput(exporter=each.exporter, name=each.name, units=())
        before = outputs.get(each.key, empty)
        # In the place of another's file it counts once it is there, in that of nobody's always:
        # it may have been edited since.
        left = [
            file
            for file in each.files
            if file.sha256 and file not in before.files
            if state.digest(file.path) == file.sha256
            or (file.path not in recorded and state.lies_at(file.path))
        ]
        if left:
            left = [*dict.fromkeys((*before.left, *left))]
            outputs[each.key] = msgspec.structs.replace(before, left=tuple(left))
    return msgspec.structs.replace(
        manifest, outputs=tuple(output for _, output in sorted(outputs.items())), pending=()
    )


class KnownFiles:
    """Digests of files by path, in whatever spelling the disk takes for the same one."""

    def __init__(self, digests: Mapping[str, set[str]]) -> None:
        self._digests = digests
        self._spellings: dict[str, list[str]] = {}
        for path in digests:
            self._spellings.setdefault(same_place(path), []).append(path)

    def spellings(self, path: str, state: FolderState) -> list[str]:
        """Return the known paths of the file at ``path``."""
        spellings = self._spellings.get(same_place(path), ())
        return [each for each in spellings if state.is_same(path, each)]

    def of(self, path: str, state: FolderState) -> set[str]:
        """Return the digests of the file at ``path``; none where it is not known."""
        same = self.spellings(path, state)
        return {digest for each in same for digest in self._digests[each]}


def file_digest(path: str | Path) -> str | None:
    """Return the SHA-256 (hex) of a regular file; None where there is none."""
    try:
        file = files.opened(Path(path), follow=False)
    except OSError:
        return None
    with file:
        return hashlib.file_digest(file, "sha256").hexdigest()
