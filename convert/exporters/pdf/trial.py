"""One entry cannot spoil a volume: what cannot be laid out is found and set in a simpler form."""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from convert.errors import ConvertError, ExportError

Result = TypeVar("Result")

PATIENCE = 60.0
"""Seconds of the processor without a finished page after which a volume counts as stuck, and
more for its size: styles are computed before the first page, and the file is written after the
last.  A busy machine makes no entry slow: the clock on the wall does not count."""
SPEED = 8000
"""Characters of markup a second that the slowest machine we think of gets through."""
ENTRY_PATIENCE = 20.0
"""The same for one entry alone."""
_PROGRESS = logging.getLogger("weasyprint.progress")


class Stuck(Exception):
    """The engine finished no page for too long, or made far more pages than the text can fill."""


def make(
    keys: Sequence[str],
    whole: Callable[[frozenset[str]], Result],
    alone: Callable[[str], object],
    size: int,
    simplified: Callable[[str, str], None],
) -> Result:
    """Return what ``whole`` makes of a volume, where need be with some entries in a simpler form.

    ``whole`` takes the keys of the entries to simplify and ``alone`` makes one entry in its
    full form; both raise what the engine raises.  ``size`` is the characters of markup.
    ``simplified`` is told each key that gives way and why.  Entries are tried one by one only
    when the volume as a whole fails.

    Raises ExportError where not even simpler forms help.
    """
    patience = PATIENCE + size / SPEED
    # A page of fifty characters is the emptiest that markup makes; loops make more.
    most_pages = 500 + size // 50
    try:
        with watched(patience, most_pages):
            return whole(frozenset())
    except ConvertError:
        raise  # a template, say: no entry's fault
    except Exception as error:  # the engine raises whatever markup leads it to
        first = error
    culprits = {}
    for key in keys:
        try:
            with watched(ENTRY_PATIENCE, most_pages):
                alone(key)
        except Exception as error:
            culprits[key] = reason(error)
    # What fails only in company has no culprit: then every entry gives way.
    for key, why in (culprits or dict.fromkeys(keys, reason(first))).items():
        simplified(key, why)
    try:
        with watched(patience, most_pages):
            return whole(frozenset(culprits or keys))
    except Exception as error:
        raise ExportError(f"pdf: the pages cannot be laid out: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Return what went wrong, in one line."""
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextmanager
def watched(patience: float, most_pages: int) -> Iterator[None]:
    """Raise Stuck in this thread where no page is finished for ``patience`` seconds of the
    processor, or more than ``most_pages`` are made.

    The engine is Python, so an exception set from a second thread reaches it between two
    steps; signals would belong to the main thread only, and to whoever uses us as a library.
    """
    watch = _Watch(patience, most_pages)
    level = _PROGRESS.level
    _PROGRESS.addHandler(watch)
    _PROGRESS.setLevel(logging.INFO)
    watch.thread.start()
    try:
        yield
    finally:
        watch.finish()
        _PROGRESS.removeHandler(watch)
        _PROGRESS.setLevel(level)


class _Watch(logging.Handler):
    """Hears of each finished page; a thread looks whether it still does."""

    def __init__(self, patience: float, most_pages: int) -> None:
        super().__init__()
        self._patience = patience
        self._left = most_pages
        self._heard = time.process_time()
        self._fired = False
        self._done = threading.Event()
        self._target = threading.get_ident()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a step; raise Stuck where the pages do not come to an end."""
        self._heard = time.process_time()
        if "Page" in record.msg and threading.get_ident() == self._target:
            self._left -= 1
            if self._left < 0:
                raise Stuck("the pages do not come to an end")

    def finish(self) -> None:
        """End the watch.  An exception that was set but not yet raised is raised here and ends
        here.  (Python 3.11 never forgets one that is taken back: it looks for it for ever.)
        """
        self._done.set()
        self.thread.join()
        if self._fired:
            with suppress(Stuck):
                # The exception is raised between two steps of Python, not at once.
                for _ in range(100):
                    time.sleep(0)

    def _look(self) -> None:
        while not self._done.wait(min(1.0, self._patience / 4)):
            if time.process_time() - self._heard > self._patience:
                self._fired = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._target), ctypes.py_object(Stuck)
                )
                self._heard = time.process_time()  # again, should the engine swallow it
