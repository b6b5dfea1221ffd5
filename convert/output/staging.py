"""From what an exporter gives to complete files beside the output folder, in any process."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from convert.contract import OutputFile
from convert.errors import ContractError, OutputError
from convert.model import Value
from convert.output.manifest import FileRecord
from convert.output.paths import UnitPaths

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO, errno.EACCES}
"""What the disk answers when it takes no more."""
_FEW = 64
"""Up to so many files each is forced to the disk; for more, everything at once is cheaper."""


class StagedFile(Value, frozen=True, kw_only=True):
    """A complete file that waits to be published: what it will be, and where it is now."""

    record: FileRecord
    source: str
    """The path of the staged file on disk."""


def stage(
    files: Iterable[OutputFile], staging: Path, *, path: str, folder: str
) -> tuple[StagedFile, ...]:
    """Write the files of one unit below ``staging``, a private folder that exists.

    ``path`` and ``folder`` are those of the export context: a file may be ``path`` or lie
    below ``folder``, "" for anywhere in the output folder.  Raises ContractError for a path
    or a file that an exporter may not give, and OutputError where the disk does not take it.
    """
    store = staging / "complete"
    staged: list[StagedFile] = []
    paths = UnitPaths(path, folder)
    try:
        store.mkdir(parents=True)
        for file in files:
            paths.check(file.path)
            target = store / f"{len(staged):06}"
            digest, size = _put(file.content, target, staging)
            record = FileRecord(path=file.path, sha256=digest, size=size)
            staged.append(StagedFile(record=record, source=str(target)))
    except OSError as error:
        # Others are the exporter's own: it reads files too.
        if error.errno in _DISK:
            raise writing_failed(staging, error) from error
        raise
    finally:
        # Where it stops halfway: what a generator does when it is closed is its own fault too.
        if isinstance(files, Generator):
            files.close()
    return tuple(staged)


def index_last(files: Iterable[StagedFile]) -> list[StagedFile]:
    """Return the files in the order of publishing: pages that lead to others after those."""

    def rank(file: StagedFile) -> tuple[bool, int]:
        path = PurePosixPath(file.record.path)
        leads = len(path.parts) == 1 or path.stem.casefold() in {"index", "readme"}
        return leads, -len(path.parts)

    return sorted(files, key=rank)


def pour(file: StagedFile, stream: BinaryIO) -> None:
    """Write one staged file to a stream, such as standard output.  Raises OutputError."""
    try:
        with Path(file.source).open("rb") as source:
            shutil.copyfileobj(source, stream)
        stream.flush()
    except OSError as error:
        raise writing_failed(Path("standard output"), error) from error


def settle(paths: Sequence[Path]) -> None:
    """Force files to the disk, so that a power cut cannot leave a name without its bytes."""
    if len(paths) > _FEW and hasattr(os, "sync"):
        os.sync()
        return
    for path in paths:
        with suppress(PermissionError):  # Windows does not open folders
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def writing_failed(place: Path, error: OSError) -> OutputError:
    """Return the one line for a disk that is full, a folder that is read-only, and the like."""
    where = error.filename or place
    name = f"{error.strerror or error} (errno {error.errno})"
    return OutputError(
        f"{where}: cannot be written: {name}; free it or choose another folder:"
        " every file that was there is still whole"
    )


def _put(content: bytes | Path, target: Path, staging: Path) -> tuple[str, int]:
    """Write or move the content to ``target``, and return its SHA-256 (hex) and its size."""
    if isinstance(content, bytes):
        target.write_bytes(content)
        return hashlib.sha256(content).hexdigest(), len(content)
    inside = content.absolute()
    if content.is_symlink() or not inside.resolve().is_relative_to(staging.resolve()):
        raise ContractError(f"staged file {str(content)!r}: does not lie below context.staging")
    if not content.is_file():
        raise ContractError(f"staged file {str(content)!r}: is no file")
    os.replace(content, target)  # noqa: PTH105 - one word for what publishing does too
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest, target.stat().st_size
