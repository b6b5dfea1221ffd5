"""What the outputs of earlier runs left in a folder, and which paths an output may use."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

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
        """All files, of the units and left."""
        return (*(file for unit in self.units for file in unit.files), *self.left)

    def leaving(self, before: Iterable[FileRecord]) -> OutputRecord:
        """This record, and as left what was there before and this has not."""
        now = {file.path for file in self.files}
        left = tuple(file for file in before if file.path not in now)
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


def blocking(folder: Path, path: str) -> str | None:
    """What on disk keeps us from writing ``path``: a parent that is a link or no folder, or a
    folder, a link or a device in its place.  None where nothing does."""
    parts = PurePosixPath(path).parts
    at = folder
    for part in parts[:-1]:
        at = at / part
        if at.is_symlink():
            return f"{at} is a symbolic link"
        if at.exists() and not at.is_dir():
            return f"{at} is a file"
    target = folder / path
    if target.is_symlink():
        return f"{target} is a symbolic link"
    if target.exists() and not target.is_file():
        return f"{target} is no file"
    return None


def file_digest(path: Path) -> str | None:
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
        with open(descriptor, "rb", closefd=False) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    finally:
        os.close(descriptor)
