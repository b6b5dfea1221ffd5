"""The time limit of work in this process: what it ends, and that nothing of it stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from convert.errors import Overdue
from convert.run.limit import within


def loops() -> None:
    while True:
        pass


def catches_everything_that_fails() -> None:
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            continue


def catches_even_this_once() -> None:
    try:
        loops()
    except BaseException:
        loops()


def never_ends() -> None:
    def numbers() -> Iterator[int]:
        while True:
            yield 1

    sum(numbers())


@pytest.mark.parametrize(
    "task",
    [
        loops,
        catches_everything_that_fails,
        catches_even_this_once,
        never_ends,
    ],
)
def test_what_never_ends_is_ended(task: Callable[[], None]) -> None:
    with pytest.raises(Overdue):
        within(0.1, task)


def test_in_a_thread_the_thread_is_meant() -> None:
    ended: list[type[BaseException]] = []

    def work() -> None:
        try:
            within(0.1, loops)
        except Overdue as error:
            ended.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert ended == [Overdue]


def test_what_is_in_time_gives_its_result_or_its_error() -> None:
    assert within(30, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(30, lambda: 1 // 0)
    end = time.monotonic() + 30
    while [each for each in threading.enumerate() if each.name == "time limit"]:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_nothing_comes_late() -> None:
    """Work that takes just as long as it may: ended or done, and what comes after is spared."""

    def busy(seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass

    ended = 0
    for turn in range(24):
        try:
            within(0.05, lambda: busy(0.0495 + turn % 8 * 0.0001))  # noqa: B023 - called at once
        except Overdue:
            ended += 1
        busy(0.001)
    assert 0 <= ended <= 24


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_command_wakes_what_sleeps_and_a_library_has_no_signal_handlers() -> None:
    code = (
        "import signal, time\n"
        "import convert, convert.run.driver\n"
        "from convert.errors import Overdue\n"
        "from convert.run import limit\n"
        "assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL\n"
        "limit.let_signals_wake()\n"
        "try: limit.within(0.1, lambda: time.sleep(3600))\n"
        "except Overdue: print('awake')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "awake\n"
