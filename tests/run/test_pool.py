"""Worker processes that hang, die and end; none where none is needed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from convert.run.pool import Pool, WorkerLost


def square(number: int) -> int:
    return number * number


def note(marks: str, first: str) -> int:
    """Note the attempt, and at the first one hang or die."""
    path = Path(marks)
    with path.open("a", encoding="utf-8") as file:
        file.write("x")
    if len(path.read_text(encoding="utf-8")) == 1 or first == "always":
        if first == "hang":
            time.sleep(60)
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def close(files: str) -> None:
    """Close files of the worker that are not the task's, and go on."""
    if files == "all":
        os.closerange(3, 256)
    else:
        parent = multiprocessing.parent_process()
        os.close(parent.sentinel if parent else -1)
    time.sleep(1000)


@pytest.mark.parametrize(("files", "says"), [("all", "closed the pipe"), ("one", "took too long")])
def test_a_worker_that_closes_its_files_and_goes_on_is_ended(files: str, says: str) -> None:
    start = time.monotonic()
    with Pool(1) as pool:
        wait = pool.submit(partial(close, files), seconds=3)
        with pytest.raises(WorkerLost, match=says):
            wait()
    assert time.monotonic() - start < 30


def fail() -> None:
    raise ValueError("no luck")


def test_results_come_as_they_are_asked_for() -> None:
    with Pool(2) as pool:
        waiting = [pool.submit(partial(square, number), seconds=30) for number in range(20)]
        assert [wait() for wait in reversed(waiting)] == [n * n for n in reversed(range(20))]
        assert waiting[3]() == 9


def test_a_lost_task_is_tried_again_and_the_others_go_on(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    with Pool(2) as pool:
        lost = pool.submit(partial(note, str(marks), "die"), seconds=30, attempts=2)
        others = [pool.submit(partial(square, number), seconds=30) for number in range(8)]
        assert [wait() for wait in others] == [n * n for n in range(8)]
        assert lost() != os.getpid()
    assert marks.read_text(encoding="utf-8") == "xx"


@pytest.mark.parametrize(("first", "late"), [("hang", True), ("die", False)])
def test_a_task_that_is_lost_as_often_as_it_may_be_tried_says_how(
    tmp_path: Path, first: str, late: bool
) -> None:
    with Pool(1) as pool:
        wait = pool.submit(partial(note, str(tmp_path / "marks"), first), seconds=1.0)
        for _ in range(2):  # whoever asks again hears the same
            with pytest.raises(WorkerLost) as caught:
                wait()
            assert caught.value.late is late
        assert (tmp_path / "marks").read_text(encoding="utf-8") == "x"


def test_a_task_that_took_too_long_is_not_tried_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    with Pool(1) as pool:
        wait = pool.submit(partial(note, str(marks), "hang"), seconds=1.0, attempts=3)
        with pytest.raises(WorkerLost, match="took too long") as caught:
            wait()
    assert (caught.value.late, caught.value.attempts) == (True, 1)
    assert marks.read_text(encoding="utf-8") == "x"


def test_attempts_are_counted(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    with Pool(1) as pool:
        wait = pool.submit(partial(note, str(marks), "always"), seconds=30, attempts=3)
        with pytest.raises(WorkerLost, match="ended its worker process"):
            wait()
    assert marks.read_text(encoding="utf-8") == "xxx"


def test_what_a_task_raises_is_raised() -> None:
    with Pool(1) as pool, pytest.raises(ValueError, match="no luck"):
        pool.submit(fail, seconds=30)()


def test_workers_are_replaced_after_some_tasks() -> None:
    with Pool(1, tasks_per_worker=2) as pool:
        waiting = [pool.submit(os.getpid, seconds=30) for _ in range(6)]
        pids = [wait() for wait in waiting]
    assert len(set(pids)) == 3


def test_a_pool_whose_idle_workers_were_killed_works_on() -> None:
    with Pool(1) as pool:
        pid = pool.submit(os.getpid, seconds=30)()
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
        assert pool.submit(partial(square, 3), seconds=30, attempts=2)() == 9


def test_without_a_task_nothing_is_imported_or_started() -> None:
    code = (
        "import sys, multiprocessing; import convert.run.execute, convert.run.prepare\n"
        "from convert.run.pool import Pool\n"
        "with Pool(4): pass\n"
        "assert not multiprocessing.active_children()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def blocked() -> list[int]:
    return sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_worker_is_deaf_to_the_interrupts_of_its_parent_until_it_ignores_them() -> None:
    """Where one comes right after the fork, the copy of the parent must not clean up as it."""
    code = (
        "import os, signal, sys, threading\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from test_pool import blocked\n"
        "from convert.run.pool import Pool\n"
        "parent = os.getpid()\n"
        "def stop(*_):\n"
        "    assert os.getpid() == parent\n"
        "    sys.exit(130)\n"
        "signal.signal(signal.SIGINT, stop)\n"
        "os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "with Pool(2) as pool:\n"
        "    waiting = [pool.submit(blocked, seconds=30) for _ in range(4)]\n"
        "    assert [wait() for wait in waiting] == [[]] * 4\n"
        "assert blocked() == []\n"
    )
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", code, here], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
