"""Files that others name or put in our way: read only where they are regular, and not without end.

A pipe that nobody writes to would make us wait for ever, a device could fill the memory.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from convert.errors import UsageError

LARGEST = 100_000_000
"""The most bytes of a file that a setting or an option names."""


def opened(path: Path, *, follow: bool = True) -> BufferedReader:
    """Return a regular file, open; a link is followed only where ``follow`` says so.

    Raises OSError, whose ``strerror`` says what stands there instead.
    """
    # Without O_NONBLOCK, a pipe would make us wait before we can see that it is one.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "is no file but a pipe or a device", str(path))
    return open(descriptor, "rb")  # noqa: PTH123 - a descriptor


def read(path: Path, limit: int = LARGEST, *, follow: bool = True) -> bytes:
    """Return the bytes of a regular file, at most ``limit``.  Raises OSError as ``opened``."""
    with opened(path, follow=follow) as file:
        # ``read`` takes the memory for all that it may read, whatever there is.
        content = file.read(min(limit, os.fstat(file.fileno()).st_size) + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"is larger than {limit:,} bytes", str(path))
    return content


def read_named(path: Path) -> bytes:
    """Return the bytes of a file that the user named.

    Raises UsageError, which names the file and the way out.
    """
    try:
        return read(path)
    except OSError as error:
        way = "; write it to a file and name that" if error.errno == errno.EINVAL else ""
        raise UsageError(f"{path}: {error.strerror}{way}") from error


def below(folder: Path, within: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Path]:
    """Yield the files below a folder, those too that links lead to; a loop of links ends where it
    begins again.  ``within`` are the folders that lead there."""
    try:
        state = folder.stat()
        entries = sorted(folder.iterdir())
    except OSError:
        return
    here = (state.st_dev, state.st_ino)
    if here in within:
        return
    for path in entries:
        if path.is_dir():
            yield from below(path, within | {here})
        elif path.is_file():
            yield path


def digest(path: Path, endings: tuple[str, ...] = ("",)) -> str:
    """Return the SHA-256 (hex) of a file of whatever size, or of the files below a folder that
    have one of these endings; "" for what cannot be read, beside which the others count."""
    if not path.is_dir():
        try:
            with opened(path) as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return ""
    combined = hashlib.sha256()
    for each in below(path):
        if each.name.endswith(endings) and "__pycache__" not in each.parts:
            combined.update(
                f"{each.relative_to(path).as_posix()}\n{digest(each)}\n".encode(
                    "utf-8", "surrogatepass"
                )
            )
    return combined.hexdigest()
