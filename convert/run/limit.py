"""A time limit for work in this process, where no process can be ended in its place.

A thread watches, and once the time is over it raises an exception in the thread that works,
at the next step of Python code there: a loop ends, whatever ``Exception`` it catches.  What
waits outside of Python (a sleep, a read) takes no step: the command lets a signal wake it,
for a library has no right to.  Code in C that never returns cannot be ended here.
"""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Callable
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
    working = threading.get_ident()
    done = threading.Event()

    def watch() -> None:
        # Never before it is watched for, below.
        left = max(seconds, 0.05)
        while not done.wait(left):
            _raise_in(working, ctypes.py_object(Overdue))
            _wake(working)
            left = AGAIN

    watcher = threading.Thread(target=watch, name="time limit", daemon=True)
    watcher.start()

    def end() -> None:
        done.set()
        watcher.join()
        # One that is on its way must not arrive in the caller's work.
        _raise_in(working, ctypes.py_object())

    try:
        try:
            return task()
        finally:
            end()
    except Overdue:
        end()  # again, as it may have come amid the first
        raise


def let_signals_wake() -> None:
    """Let a signal wake what waits in the main thread.  For the command alone."""
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _awake)


def _awake(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that this is Python code is enough for an exception to come through."""


def _wake(thread: int) -> None:
    # Without a function of ours there, the signal would end the process.
    if hasattr(signal, "SIGALRM") and signal.getsignal(signal.SIGALRM) is _awake:
        signal.pthread_kill(thread, signal.SIGALRM)
