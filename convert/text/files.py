"""Files that others name or put in our way: read only where they are regular, and not without end.

A pipe that nobody writes to would make us wait for ever, a device could fill the memory.
"""

from __future__ import annotations

import errno
import os
import stat
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
