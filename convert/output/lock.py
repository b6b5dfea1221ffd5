"""One run at a time: a lock on a file that says who holds it.

The operating system lets go of it when the process ends, however it ends.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import signal
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

    def _take(descriptor: int) -> bool:
        """Return whether the lock is ours now; also where it was before."""
        # Locks of Windows keep others from reading: one byte far behind the text is locked.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
else:
    import fcntl

    def _take(descriptor: int) -> bool:
        """Return whether the lock is ours now; also where it was before."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock; the file is gone afterwards.

    Processes that are forked meanwhile hold it too: where this one is killed, the lock is
    free once its workers have ended.  Raises OutputError where another run holds it for
    longer than ``PATIENCE``, naming that run, and OSError where the file cannot be made.
    """
    # Noted as soon as they are there: an interrupt may come between any two steps.
    descriptors: list[int] = []
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    deadline = time.monotonic() + PATIENCE
    try:
        while True:
            with undisturbed():
                descriptors.append(os.open(path, flags, 0o644))
            if _take(descriptors[-1]):
                if _is_at(path, descriptors[-1]):
                    break
            elif time.monotonic() > deadline:
                os.lseek(descriptors[-1], 0, os.SEEK_SET)
                holder = os.read(descriptors[-1], 500).decode(errors="replace").strip()
                raise OutputError(
                    f"{path.parent}: another run is writing here ({holder or 'it has just begun'});"
                    " wait for it or write elsewhere"
                )
            else:
                time.sleep(0.05)
            os.close(descriptors.pop())
        started = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        text = f"process {os.getpid()} on {platform.node() or 'this machine'}, since {started}\n"
        with suppress(OSError):  # a full disk: the lock holds without a name on it
            os.ftruncate(descriptors[-1], 0)
            os.lseek(descriptors[-1], 0, os.SEEK_SET)
            os.write(descriptors[-1], text.encode())
        yield
    finally:
        try:
            _release(path, descriptors)
        except BaseException:  # an interrupt that was already on its way
            _release(path, descriptors)
            raise


def _release(path: Path, descriptors: list[int]) -> None:
    with undisturbed():
        while descriptors:
            descriptor = descriptors.pop()
            # Unlinked while it is held: whoever opened it before notices and tries anew.
            with suppress(OSError):
                if _take(descriptor) and _is_at(path, descriptor):
                    path.unlink()
            os.close(descriptor)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold interrupts back: between making a file and noting it, none may come."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_at(path: Path, descriptor: int) -> bool:
    """Return whether the lock that was taken is the file that others will find."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
