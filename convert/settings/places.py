"""Paths that users name, judged before anything is read: what must be there, what can be."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from convert.errors import OutputError, UsageError

STANDARD_OUTPUT = Path("-")
"""What a user writes for it, where one file is meant."""


def file(path: Path) -> None:
    """Raise UsageError unless a file can be read there."""
    if not path.is_file():
        raise UsageError(f"{path}: {'is no file' if path.exists() else 'no such file'}")
    if not os.access(path, os.R_OK):
        raise UsageError(f"{path}: may not be read; see to its permissions")


def folder(path: Path) -> None:
    """Raise UsageError unless there is a folder."""
    if not path.is_dir():
        raise UsageError(f"{path}: {'is no folder' if path.exists() else 'no such folder'}")


def folder_to_be(path: Path) -> None:
    """Raise UsageError where there is no folder and cannot be one."""
    _no_stream(path)
    _folder_around(path, path)


def folder_to_write(path: Path) -> None:
    """Raise UsageError where no folder can be, OutputError where it cannot be written."""
    _no_stream(path)
    _writable(path, _folder_around(path, path))


def file_to_write(path: Path) -> None:
    """Raise UsageError where no file can be, OutputError where it cannot be written; standard
    output is as good."""
    if path == STANDARD_OUTPUT:
        return
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file, or a folder with --out DIR")
    around = _folder_around(path, path.parent)
    if not (path.exists() and os.access(path, os.W_OK)):
        _writable(path, around)


def _no_stream(path: Path) -> None:
    if path == STANDARD_OUTPUT:
        raise UsageError(f"{path}: is standard output, which takes one file; name a folder")


def _folder_around(path: Path, folder: Path) -> Path:
    """Return the folder itself, or the nearest that is there above it."""
    try:
        above = next(p for p in (folder, *folder.absolute().parents) if os.path.lexists(p))
    except (OSError, ValueError) as error:  # a NUL in it
        raise UsageError(f"{str(path)!r} is no path: {error}") from error
    if not above.is_dir():
        where = "" if above.absolute() == path.absolute() else f"{above} "
        raise UsageError(f"{path}: {where}is no folder; name another place")
    return above


def _writable(path: Path, place: Path) -> None:
    """Raise OutputError unless a file can be made there: tried, as some file systems refuse what
    their permissions allow."""
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"{path}: {place} cannot be written ({reason}); name another place"
        ) from error
