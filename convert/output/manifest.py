"""What the outputs of earlier runs left in a folder, and which paths an output may use."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

import msgspec

from convert.errors import ContractError, OutputError
from convert.model import Value

MANIFEST = ".thicket-convert.json"
"""The record of what we wrote, in the output folder."""
PRIVATE = ".thicket-convert"
"""How the names of all files begin that are ours alone."""

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|\ud800-\udfff]')


class FileRecord(Value, frozen=True, kw_only=True):
    """One file as we wrote it; ``path`` is relative, with forward slashes, ``sha256`` hex."""

    path: str
    sha256: str
    size: int


class UnitRecord(Value, frozen=True, kw_only=True):
    """One unit as it was made: ``fingerprint`` stands for all that shaped its files."""

    path: str
    fingerprint: str
    files: tuple[FileRecord, ...]


class OutputRecord(Value, frozen=True, kw_only=True):
    """What one output (exporter and name) wrote.

    ``left`` holds files that it no longer makes, but that could not be removed yet: a source
    or a unit had failed.
    """

    exporter: str
    name: str
    units: tuple[UnitRecord, ...]
    left: tuple[FileRecord, ...] = ()

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """All files, left and of the units; of one path the last is the current one."""
        return (*self.left, *(file for unit in self.units for file in unit.files))

    def leaving(self, before: Iterable[FileRecord]) -> OutputRecord:
        """This record, and as left what was there before and this has not."""
        now = set(self.files)
        left = tuple(dict.fromkeys(file for file in before if file not in now))
        return msgspec.structs.replace(self, left=left)


class Manifest(Value, frozen=True, kw_only=True):
    """All that we wrote into one folder.

    ``pending`` holds the outputs that a run is putting in place right now.  A run that was
    killed leaves them there, so that the next one knows its files for ours and not for a
    user's edits.
    """

    version: int = 1
    outputs: tuple[OutputRecord, ...] = ()
    pending: tuple[OutputRecord, ...] = ()

    def find(self, exporter: str, name: str) -> OutputRecord | None:
        """The record of one output."""
        for output in self.outputs:
            if (output.exporter, output.name) == (exporter, name):
                return output
        return None

    def unit(self, exporter: str, name: str, path: str) -> UnitRecord | None:
        """The record of one unit."""
        found = self.find(exporter, name)
        return next((unit for unit in found.units if unit.path == path), None) if found else None

    def digests(self) -> dict[str, set[str]]:
        """Per path, the digests of what we wrote there or were about to."""
        known: dict[str, set[str]] = {}
        for output in (*self.outputs, *self.pending):
            for file in output.files:
                known.setdefault(file.path, set()).add(file.sha256)
        return known

    def written(self, exporter: str, name: str) -> tuple[FileRecord, ...]:
        """The files that one output wrote, or was about to when a run was killed."""
        return tuple(
            file
            for output in (*self.outputs, *self.pending)
            if (output.exporter, output.name) == (exporter, name)
            for file in output.files
        )

    def with_outputs(self, made: Iterable[OutputRecord]) -> Manifest:
        """The manifest once these outputs are in place."""
        new = {(output.exporter, output.name): output for output in made}
        old = {(output.exporter, output.name): output for output in self.outputs}
        left = [each for each in self.pending if (each.exporter, each.name) not in new]
        merged = sorted((old | new).items())
        return Manifest(outputs=tuple(output for _, output in merged), pending=tuple(left))

    def encode(self) -> bytes:
        """The bytes of the manifest, readable."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def load_manifest(folder: Path) -> Manifest:
    """The manifest of a folder; an empty one where there is none.

    A manifest may come with a folder that someone else made: paths that lead elsewhere are
    refused.  Raises OutputError.
    """
    path = folder / MANIFEST
    if path.is_symlink():
        raise OutputError(f"{path}: is a symbolic link; remove it")
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
        for file in manifest.digests():
            check_path(file)
    except FileNotFoundError:
        return Manifest()
    except (msgspec.MsgspecError, ContractError, UnicodeError, RecursionError) as error:
        raise OutputError(
            f"{path}: cannot be understood ({error}); remove it, or replace all files"
            " with --overwrite"
        ) from error
    if manifest.version != 1:
        raise OutputError(f"{path}: was written by a later version of thicket-convert; update it")
    return manifest


def check_path(path: str) -> str:
    """The path itself, where it is safe to write below an output folder.

    Relative, forward slashes, no ``..``, no segment over 255 bytes or that Windows refuses,
    neither ours nor Git's own files.  Raises ContractError.
    """
    segments = path.split("/")
    fault = ""
    if not path or _FORBIDDEN.search(path):
        fault = "holds a character that not every file system takes"
    elif any(segment in {"", ".", ".."} or segment[-1] in ". " for segment in segments):
        fault = "has an empty segment, '..', or one that ends in a dot or space"
    elif any(len(segment.encode()) > 255 for segment in segments):
        fault = "has a segment of more than 255 bytes"
    elif any(s.casefold() == ".git" or s.casefold().startswith(PRIVATE) for s in segments):
        fault = "is reserved"
    if fault:
        raise ContractError(f"output path {path[:200]!r}: {fault}")
    return path


class Ground:
    """What is on disk below an output folder; no link is followed.

    Folders are looked at once: make a new one after changing them.
    """

    def __init__(self, folder: Path) -> None:
        self._root = os.fspath(folder)
        self._folders: dict[str, str | None] = {"": None}

    def obstacle(self, path: str) -> str | None:
        """What keeps us from writing ``path``: a parent that is a link or no folder, or a
        folder, a link or a device in its place.  None where nothing does."""
        found = self._in_folder(path.rpartition("/")[0])
        if found is not None:
            return found
        mode = self._mode(path)
        if mode is None or stat.S_ISREG(mode):
            return None
        return f"{self._root}/{path} is {'a symbolic link' if stat.S_ISLNK(mode) else 'no file'}"

    def digest(self, path: str) -> str | None:
        """The SHA-256 (hex) of the file at ``path``; None where there is none."""
        if self._in_folder(path.rpartition("/")[0]) is not None:
            return None
        return file_digest(f"{self._root}/{path}")

    def _in_folder(self, path: str) -> str | None:
        if path not in self._folders:
            found = self._in_folder(path.rpartition("/")[0])
            mode = self._mode(path)
            if found is None and mode is not None and not stat.S_ISDIR(mode):
                what = "a symbolic link" if stat.S_ISLNK(mode) else "no folder"
                found = f"{self._root}/{path} is {what}"
            self._folders[path] = found
        return self._folders[path]

    def _mode(self, path: str) -> int | None:
        try:
            return os.lstat(f"{self._root}/{path}").st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None


def file_digest(path: str | Path) -> str | None:
    """The SHA-256 (hex) of a regular file; None where there is none."""
    try:
        # A pipe in the file's place must not make us wait.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        digest = hashlib.sha256()
        while block := os.read(descriptor, 1 << 20):
            digest.update(block)
        return digest.hexdigest()
    finally:
        os.close(descriptor)
