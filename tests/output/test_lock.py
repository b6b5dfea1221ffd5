"""The lock on an output folder: who holds it, and until when."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from convert.errors import OutputError
from convert.output.lock import PATIENCE, held

FORK = multiprocessing.get_context("fork")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX processes")


def test_the_lock_of_a_killed_run_lives_as_long_as_its_workers(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    receiver, sender = FORK.Pipe(duplex=False)

    def run() -> None:
        with held(path):
            worker = FORK.Process(target=time.sleep, args=(60,))
            worker.start()
            sender.send(worker.pid)
            time.sleep(60)

    process = FORK.Process(target=run)
    process.start()
    worker = receiver.recv()
    process.kill()
    process.join()
    with pytest.raises(OutputError, match=f"process {process.pid} on "), held(path):
        pass
    os.kill(worker, signal.SIGKILL)
    with held(path):
        pass
    assert not path.exists()


def test_whoever_waits_gets_it_once_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    free = threading.Event()

    def first() -> None:
        with held(path):
            free.wait(PATIENCE / 3)

    thread = threading.Thread(target=first)
    thread.start()
    while not path.exists():
        time.sleep(0.01)
    with held(path):
        assert f"process {os.getpid()} on " in path.read_text()
    thread.join()
    assert list(tmp_path.iterdir()) == []
