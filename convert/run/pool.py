"""How worker processes begin: so that they end with the process that started them."""

from __future__ import annotations

import os
import signal
import threading

_PAUSE = 0.2
"""Seconds between two looks at whether the parent is still there."""


def end_with_parent(parent: int) -> None:
    """In a new worker: ends it when the process ``parent`` is gone, however it went.

    A parent that is killed can tell its workers nothing, and they would hold its lock on
    the output folder.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_PAUSE)
    os._exit(1)
