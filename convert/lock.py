"""One run at a time: a lock on a file that says who holds it.

The operating system lets go of it when the process ends, however it ends.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from convert.errors import OutputError

PATIENCE = 1.0
"""Seconds to wait for a lock: the workers of a run that was killed hold it until they notice."""

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        # Locks of Windows keep others from reading: one byte far behind the text is locked.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds the lock; the file is gone afterwards.

    Raises OutputError at once where another run holds it, naming that run, and OSError
    where the file cannot be made.
    """
    descriptor = _acquire(path)
    try:
        yield
    finally:
        # Unlinked while it is held: whoever opened it before notices and tries anew.
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _acquire(path: Path) -> int:
    deadline = time.monotonic() + PATIENCE
    while True:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path, flags, 0o644)
        try:
            _take(descriptor)
            if _is_at(path, descriptor):
                _sign(descriptor)
                return descriptor
        except (BlockingIOError, PermissionError):
            if time.monotonic() > deadline:
                raise OutputError(_held(path, descriptor)) from None
            time.sleep(0.05)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _held(path: Path, descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    holder = os.read(descriptor, 500).decode(errors="replace").strip()
    os.close(descriptor)
    return (
        f"{path.parent}: another run is writing here ({holder or 'it has just begun'});"
        " wait for it or write elsewhere"
    )


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the lock that was taken is the file that others will find."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _sign(descriptor: int) -> None:
    started = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    text = f"process {os.getpid()} on {platform.node() or 'this machine'}, since {started}\n"
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode())
