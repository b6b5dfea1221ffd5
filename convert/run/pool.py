"""Worker processes: a task that hangs or kills its worker is lost, and no other."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

_LOOK_SECONDS = 0.2
"""Between two looks at whether the parent is still there."""
_T = TypeVar("_T")


class WorkerLost(Exception):
    """The worker of a task ended (``late``: or took too long), as often as it was tried."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("took too long" if late else "ended its worker process")
        self.late = late


class Pool:
    """Worker processes, started with the first task and ended with the ``with`` block.

    Nothing is imported or started where no task comes.  After ``tasks_per_worker`` tasks
    (0: never) a worker is replaced by a new one.
    """

    def __init__(self, workers: int, *, tasks_per_worker: int = 0) -> None:
        self._workers = workers
        self._tasks_per_worker = tasks_per_worker
        self._pool: Any = None

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        # At once: whatever is still under way, nobody waits for it any more.
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()

    def submit(
        self, task: Callable[[], _T], *, seconds: float, attempts: int = 1
    ) -> Callable[[], _T]:
        """Begin a task, which must pickle (a ``functools.partial``), and return what waits.

        Calling that returns the task's result or raises what the task raised.  A worker that
        ends, or takes more than ``seconds``, is replaced; it raises WorkerLost where that
        happened ``attempts`` times.
        """
        from pebble import ProcessExpired  # noqa: PLC0415 - not in runs of one process

        future = self._schedule(task, seconds)
        left = attempts

        def wait() -> _T:
            nonlocal future, left
            while True:
                try:
                    return future.result()
                except (FutureTimeout, ProcessExpired, BrokenExecutor) as error:
                    left -= 1
                    if left <= 0:
                        raise WorkerLost(late=isinstance(error, FutureTimeout)) from error
                    future = self._schedule(task, seconds)

        return wait

    def _schedule(self, task: Callable[[], _T], seconds: float) -> Future[_T]:
        from pebble import ProcessPool  # noqa: PLC0415 - not in runs of one process

        # A worker that dies between two tasks breaks the whole of Pebble's pool.
        if self._pool is None or not self._pool.active:
            self.__exit__()
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=self._tasks_per_worker,
                initializer=_begin,
                initargs=(os.getpid(),),
            )
        scheduled: Future[_T] = self._pool.schedule(task, timeout=seconds)
        return scheduled


def _begin(parent: int) -> None:
    """Prepare a new worker, and end it when the process ``parent`` is gone, however it went.

    A parent that is killed can tell its workers nothing, and they would hold its lock on
    the output folder.
    """

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(_LOOK_SECONDS)
        os._exit(1)

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=watch, daemon=True).start()
    # What was inherited stays: a collector that went through it would copy every page of it.
    gc.freeze()
