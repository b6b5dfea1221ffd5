"""From what an exporter gives to complete files beside the output folder, in any process."""

from __future__ import annotations

import errno
import hashlib
import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from convert.contract import OutputFile
from convert.errors import ContractError, OutputError
from convert.model import Value
from convert.output.manifest import FileRecord, check_path

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO, errno.EACCES}
"""What the disk answers when it takes no more."""


class StagedFile(Value, frozen=True, kw_only=True):
    """A complete file that waits to be published: what it will be, and where it is now."""

    record: FileRecord
    source: str
    """The path of the staged file on disk."""


def stage(
    files: Iterable[OutputFile], staging: Path, *, path: str, folder: str
) -> tuple[StagedFile, ...]:
    """Writes the files of one unit below ``staging``, a private folder that exists.

    ``path`` and ``folder`` are those of the export context: a file may be ``path`` or lie
    below ``folder``, "" for anywhere in the output folder.  Raises ContractError for a path
    or a file that an exporter may not give, and OutputError where the disk does not take it.
    """
    store = staging / "complete"
    staged: list[StagedFile] = []
    taken: set[str] = set()
    try:
        store.mkdir(parents=True)
        for file in files:
            _check(file.path, path, folder, taken)
            target = store / f"{len(staged):06}"
            digest, size = _put(file.content, target, staging)
            record = FileRecord(path=file.path, sha256=digest, size=size)
            staged.append(StagedFile(record=record, source=str(target)))
    except OSError as error:
        # Others are the exporter's own: it reads files too.
        if error.errno in _DISK:
            raise writing_failed(staging, error) from error
        raise
    return tuple(staged)


def writing_failed(place: Path, error: OSError) -> OutputError:
    """The one line for a disk that is full, a folder that is read-only, and the like."""
    where = error.filename or place
    name = f"{error.strerror or error} (errno {error.errno})"
    return OutputError(
        f"{where}: cannot be written: {name}; free it or choose another folder:"
        " every file that was there is still whole"
    )


def same_place(path: str) -> str:
    """Equal for paths that a file system may take for one: case, Unicode form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())


def _check(given: str, path: str, folder: str, taken: set[str]) -> None:
    check_path(given)
    if folder and given != path and not given.startswith(f"{folder}/"):
        raise ContractError(f"output path {given!r}: is neither {path!r} nor below {folder!r}/")
    if same_place(given) in taken:
        raise ContractError(f"output path {given!r}: is given twice (case does not count)")
    taken.add(same_place(given))


def _put(content: bytes | Path, target: Path, staging: Path) -> tuple[str, int]:
    """Writes or moves the content to ``target``; its SHA-256 and its size."""
    if isinstance(content, bytes):
        target.write_bytes(content)
        return hashlib.sha256(content).hexdigest(), len(content)
    inside = content.absolute()
    if content.is_symlink() or not inside.resolve().is_relative_to(staging.resolve()):
        raise ContractError(f"staged file {str(content)!r}: does not lie below context.staging")
    if not content.is_file():
        raise ContractError(f"staged file {str(content)!r}: is no file")
    os.replace(content, target)  # noqa: PTH105 - one word for what publishing does too
    digest = hashlib.sha256()
    size = 0
    for block in _blocks(target):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block
