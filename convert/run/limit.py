"""Limits for work in this process: of time, where no process can be ended in its place, and of
memory.

A thread watches, and once the time is over it raises an exception in the thread that works,
at the next step of Python code there: a loop ends, whatever ``Exception`` it catches.  What
waits outside of Python (a sleep, a read) takes no step: the command lets a signal wake it,
for a library has no right to.  Code in C that never returns cannot be ended here.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TypeVar

from convert.errors import Overdue

AGAIN = 0.5
"""Seconds to the next attempt, where code swallowed the exception."""
_T = TypeVar("_T")
_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)


def within(seconds: float, task: Callable[[], _T]) -> _T:
    """Return what the task returns.  Raises Overdue where it takes more than ``seconds``."""
    limit = _Limit(seconds)
    threading.Thread(target=limit.watch, name="time limit", daemon=True).start()
    try:
        try:
            return task()
        finally:
            limit.end()
    except Overdue:
        limit.end()  # again, as it may have come amid the first
        raise


class _Limit:
    """The end of one task, in the thread that made this.

    Only locks are waited for, in both threads.  Where a tracer looks on (coverage), Python
    3.11 goes round at the begin of any function as long as an exception is on its way to a
    thread: neither may call one of Python's while the other waits for it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = max(seconds, 0.05)  # never before it is watched for
        self._thread = threading.get_ident()
        self._over = threading.Lock()
        self._over.acquire()
        self._raising = threading.Lock()
        self._ended = False
        self._raised = False

    def watch(self) -> None:
        """Raise Overdue in that thread until the task has ended.  Runs in a thread of its own."""
        thread, exception = self._thread, ctypes.py_object(Overdue)
        left = self._seconds
        while not self._over.acquire(timeout=left):
            with self._raising:
                if self._ended:
                    return
                self._raised = True
                wakes = _signals_wake()
                _raise_in(thread, exception)
                if wakes:
                    signal.pthread_kill(thread, signal.SIGALRM)
            left = AGAIN

    def end(self) -> None:
        """Let nothing come any more.  Raises Overdue where it comes right now."""
        with self._raising:
            self._ended = True
        if self._over.locked():
            self._over.release()
        if self._raised:
            # One that is on its way must not arrive in the caller's work.  Another takes its
            # place and comes at once; to take it back would leave the sign that one is there.
            with contextlib.suppress(Overdue):
                _raise_in(self._thread, ctypes.py_object(Overdue))
                while True:
                    pass


@contextlib.contextmanager
def memory(most: int) -> Iterator[None]:
    """Let this process take no more than ``most`` bytes beside what it has, on Linux.

    What asks for more gets MemoryError, or ends the process.  For workers alone.
    """
    try:
        import resource  # noqa: PLC0415 - not on Windows

        # The sixth number: private memory, in pages (proc_pid_statm(5)).
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    except (ImportError, OSError):
        yield
        return
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = pages * resource.getpagesize() + most
    if before == resource.RLIM_INFINITY or before > limit:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


def let_signals_wake() -> None:
    """Let a signal wake what waits in the main thread.  For the command alone."""
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _awake)


def _awake(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that this is Python code is enough for an exception to come through."""


def _signals_wake() -> bool:
    # Without a function of ours there, the signal would end the process.
    return hasattr(signal, "SIGALRM") and signal.getsignal(signal.SIGALRM) is _awake
