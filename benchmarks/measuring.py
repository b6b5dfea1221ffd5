"""Runs a command and tells how long it took and how much memory its processes held."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

INTERVAL = 0.25
SHARED_EVERY = 12
"""Asking for shared pages stops the process that is asked: every so many samples only."""


class Measured(NamedTuple):
    """Seconds of wall time; bytes of the largest process and of all together, at their peaks.

    ``together`` counts pages that processes share once for each (proportional set size).
    """

    seconds: float
    largest: int
    together: int
    code: int


def measure(command: Sequence[object], *, cwd: Path | None = None, limit: float = 900) -> Measured:
    """Runs a command to its end, or for ``limit`` seconds; then the code is -9."""
    start = time.monotonic()
    process = psutil.Popen(
        [str(part) for part in command],
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # As on a user's machine, where code is compiled once.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
    )
    watcher = _Watcher(process)
    watcher.start()
    try:
        process.wait(limit)
    except psutil.TimeoutExpired:
        for each in [*process.children(recursive=True), process]:
            each.kill()
        process.wait()
    seconds = time.monotonic() - start
    watcher.join()
    return Measured(seconds, watcher.largest, watcher.together, process.returncode)


class _Watcher(threading.Thread):
    """Looks at the memory of a process and its children until it ends."""

    def __init__(self, process: psutil.Popen) -> None:
        super().__init__(daemon=True)
        self._process = process
        self.largest = 0
        self.together = 0

    def run(self) -> None:
        """Samples every ``INTERVAL`` seconds."""
        samples = 0
        while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            family = self._family()
            self.largest = max([self.largest, *map(_held, family)])
            if samples % SHARED_EVERY == 4:
                self.together = max(self.together, sum(map(_share, family)))
            samples += 1
            time.sleep(INTERVAL)
        self.together = max(self.together, self.largest)

    def _family(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return []


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _share(process: psutil.Process) -> int:
    try:
        found = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(found, "pss", found.rss))
