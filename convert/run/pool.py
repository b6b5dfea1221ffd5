"""Worker processes: a task that hangs or ends its worker is lost, and no other.

A thread of this process waits beside each worker, and sees within moments that it is gone,
whatever its exit code.  Nothing here needs a semaphore, so nothing needs ``/dev/shm``.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from convert.errors import Overdue, in_words, internal_error
from convert.model import Problem
from convert.output.lock import undisturbed
from convert.run.limit import within

# A worker is a child of this process: one of a server, as Python 3.14 starts them, would not
# see when we are gone.  To copy this process is quick and safe on Linux alone.
if sys.platform == "linux":
    _CONTEXT = multiprocessing.get_context("fork")
else:
    _CONTEXT = multiprocessing.get_context("spawn")
_LOOK_SECONDS = 0.2
"""Between two looks at whether the other process is still there."""
_END_SECONDS = 1.0
"""For a worker without a task to end by itself, where a plug-in may have something to close."""
_T = TypeVar("_T")


class TaskEnded(Exception):
    """A task in a worker raised what ends a process: SystemExit, KeyboardInterrupt."""


class WorkerLost(Exception):
    """A task gave no answer, each time that it was tried (``attempts``).

    ``late`` where it took too long; else its worker ended with ``code`` (below zero: by that
    signal), which is None where it had to be ended, as it had closed the pipe to it
    (``closed``), and where none could be started.
    """

    def __init__(
        self,
        *,
        late: bool = False,
        closed: bool = False,
        code: int | None = None,
        attempts: int = 1,
    ) -> None:
        self.late = late
        self.closed = closed
        self.code = code
        self.attempts = attempts
        super().__init__("took too long" if late else f"ended its worker process ({self.ending})")

    @property
    def ending(self) -> str:
        """How the worker ended: "exit code 0", "SIGKILL"."""
        if self.closed:
            return "it closed the pipe to it"
        if self.code is None:
            return "no other could be started"
        if self.code >= 0:
            return f"exit code {self.code}"
        try:
            return signal.Signals(-self.code).name
        except ValueError:
            return f"signal {-self.code}"


class Pool:
    """Worker processes, started as tasks come and ended with the ``with`` block.

    With no ``workers``, or where the system starts none (which ``warn`` is told), a task is
    done in this process once it is waited for.  After ``tasks_per_worker`` tasks (0: never)
    a worker is replaced by a new one.
    """

    def __init__(
        self,
        workers: int,
        *,
        tasks_per_worker: int = 0,
        warn: Callable[[Problem], None] | None = None,
    ) -> None:
        self._workers = workers
        self._tasks_per_worker = tasks_per_worker
        self._warn = warn
        self._threads: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._running: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._ended = False

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        # At once: whatever is still under way, nobody waits for it any more.
        with self._lock:
            self._ended = True
            for worker in self._running:
                worker.end() if worker in self._idle else worker.kill()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def submit(
        self, task: Callable[[], _T], *, seconds: float, attempts: int = 1, last: bool = False
    ) -> Callable[[], _T]:
        """Begin a task, which must pickle (a ``functools.partial``), and return what waits.

        Calling that returns the task's result or raises what the task raised.  A worker that
        ends, or takes more than ``seconds``, is replaced; it raises WorkerLost where one ended
        ``attempts`` times or took too long once.  ``last`` ends the worker, and what the task
        started in it, after the task.
        """
        # Here, where nothing else is under way: a process that is forked while another thread
        # holds a lock may wait for it for ever.
        with self._lock:
            if len(self._running) < self._workers:
                try:
                    self._idle.append(self._begin())
                except OSError as error:
                    self._do_without(error)
        if not self._workers:
            return partial(_here, task, seconds)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._workers)
        return self._threads.submit(self._answer, task, seconds, attempts, last).result

    def _do_without(self, error: OSError) -> None:
        """Go on with the workers there are, or with none."""
        self._workers = len(self._running)
        if not self._workers and self._warn is not None:
            reason = f"no worker process can be started ({error.strerror}); everything is made in"
            self._warn(Problem(path="jobs", reason=f"{reason} this one, one after the other"))

    def _answer(self, task: Callable[[], _T], seconds: float, attempts: int, last: bool) -> _T:
        """Return what the task returns in a worker.  Runs in a thread for each worker."""
        lost = WorkerLost()
        for attempt in range(1, attempts + 1):
            worker = self._take(attempt)
            try:
                returned, value = worker.answer(task, seconds)
            except WorkerLost as error:
                lost = WorkerLost(
                    late=error.late, closed=error.closed, code=error.code, attempts=attempt
                )
                self._retire(worker)
                if lost.late:  # it would be again, and cost its time twice
                    break
                continue
            except BaseException:  # the task does not pickle
                self._retire(worker)
                raise
            if last or worker.tasks == self._tasks_per_worker:
                self._retire(worker, waits=True)
            else:
                with self._lock:
                    self._idle.append(worker)
            if returned:
                return value  # type: ignore[no-any-return]
            raise value
        raise lost

    def _take(self, attempt: int) -> _Worker:
        """Return a worker that waits for a task.  Raises WorkerLost where there can be none."""
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive():
                    return worker
                self._running.remove(worker)
                worker.kill()
            try:
                return self._begin()
            except OSError as error:
                raise WorkerLost(attempts=attempt) from error

    def _begin(self) -> _Worker:
        """Start one more worker.  Raises OSError where the system starts none, and nobody
        needs one."""
        if self._ended:
            raise OSError("the pool has ended")
        worker = _Worker()
        self._running.append(worker)
        return worker

    def _retire(self, worker: _Worker, *, waits: bool = False) -> None:
        with self._lock:
            self._running.remove(worker)
        worker.end() if waits else worker.kill()


def _here(task: Callable[[], _T], seconds: float) -> _T:
    """Return what the task returns, done in this process."""
    try:
        return within(seconds, task)
    except Overdue as error:
        raise WorkerLost(late=True) from error


class _Worker:
    """One worker process and the pipe to it."""

    def __init__(self) -> None:
        self.tasks = 0
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(theirs, os.getpid()))
        try:
            # An interrupt that reached the new process before its own handlers would unwind
            # it as if it were this one.
            with undisturbed():
                self._process.start()
        except OSError:
            self._pipe.close()
            raise
        finally:
            theirs.close()
        if hasattr(os, "setpgid"):
            with contextlib.suppress(OSError):  # it was quicker, or has ended
                os.setpgid(self._process.pid or 0, self._process.pid or 0)

    def answer(self, task: Callable[[], Any], seconds: float) -> tuple[bool, Any]:
        """Return whether the task returned, and what it returned or raised.  Raises WorkerLost."""
        self.tasks += 1
        end = time.monotonic() + seconds
        try:
            self._pipe.send_bytes(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
            # A process that the worker left behind may hold its pipes open: what counts is
            # whether the worker itself is there.
            signs: list[Connection | int] = [self._pipe, self._process.sentinel]
            while not self._pipe.poll():
                left = end - time.monotonic()
                if left <= 0:
                    raise WorkerLost(late=True)
                if not self._process.is_alive() and not self._pipe.poll():
                    raise WorkerLost(code=self._process.exitcode)
                ready = wait(signs, min(left, _LOOK_SECONDS))
                if self._process.sentinel in ready:  # it ends, or only closed this
                    signs = [self._pipe]
            returned, value = self._pipe.recv()
        except (EOFError, OSError) as error:
            code = self._code_soon()
            raise WorkerLost(closed=code is None, code=code) from error
        return returned, value

    def _code_soon(self, seconds: float = _LOOK_SECONDS) -> int | None:
        """Return the exit code of a worker that seems to end, None where it goes on.

        ``join`` with a time limit would wait for ever where the worker closed its sentinel.
        """
        end = time.monotonic() + seconds
        while self._process.is_alive() and time.monotonic() < end:
            time.sleep(_LOOK_SECONDS / 100)
        return self._process.exitcode

    def is_alive(self) -> bool:
        """Return whether its process is there."""
        return self._process.is_alive()

    def end(self) -> None:
        """Tell the worker, which waits for a task, that none comes, and end it; it has a moment
        to do so itself."""
        with contextlib.suppress(OSError):
            self._pipe.send_bytes(b"")
        self._code_soon(_END_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the worker and the processes that it started."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid or 0, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection, parent: int) -> None:
    """Do tasks as they come through the pipe.  This is all that a worker does."""
    _begin(parent)
    while True:
        try:
            sent = pipe.recv_bytes()
        except (EOFError, OSError):  # the parent is gone, or a task closed what it does not know
            return
        if not sent:
            return
        answer: tuple[bool, object]
        try:
            answer = True, pickle.loads(sent)()  # noqa: S301 - it came from our parent, by the pipe
        except Exception as error:
            answer = False, error
        except BaseException as error:  # SystemExit must not end whoever hears of it
            answer = False, TaskEnded(in_words(error))
        try:
            pipe.send(answer)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            pipe.send((False, RuntimeError(internal_error(error))))
        except OSError:
            return


def _begin(parent: int) -> None:
    """Prepare a new worker, and end it when the process ``parent`` is gone, however it went.

    A parent that is killed can tell its workers nothing, and they would hold its lock on
    the output folder.
    """

    def end_with_parent() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    # A group of its own: it can be ended with all that it starts, and Ctrl-C is the parent's.
    if hasattr(os, "setpgid"):
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    # Standard output may be the document (``-o -``): what a plug-in prints goes elsewhere.
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
    # A traceback is no message: what fails in a thread of a plug-in, or when it is closed.
    threading.excepthook = lambda _: None
    sys.unraisablehook = lambda _: None
    threading.Thread(target=end_with_parent, daemon=True).start()
    # What was inherited stays: a collector that went through it would copy every page of it.
    gc.freeze()
