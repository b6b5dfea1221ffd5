"""Standard output and standard error of the command, and what happens where nobody takes them."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any

from convert.errors import Unread
from convert.output.staging import writing_failed

_OUT, _ERR = 1, 2


def connect() -> None:
    """Let the command print through these streams; one that is closed leads nowhere, as no file
    that is opened may take its number."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= _ERR:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115 - a descriptor
    sys.stdout = _text(_OUT, sys.stdout)
    sys.stderr = _text(_ERR, sys.stderr)


def flush() -> None:
    """Print what is left in buffers.  Raises as printing does."""
    sys.stdout.flush()
    sys.stderr.flush()


def _text(number: int, before: Any) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(_Stream(number, "wb", closefd=False)),
        encoding=before.encoding if before else "utf-8",
        errors=before.errors if before else "backslashreplace",
        line_buffering=number == _ERR or os.isatty(number),
        write_through=bool(before and before.write_through),
    )


class _Stream(io.FileIO):
    """Raises Unread where its reader has left, and OutputError where the disk does not take what
    is printed; what is said of a run on standard error is lost then, and the run goes on."""

    def write(self, content: Any, /) -> int:
        try:
            return super().write(content)
        except OSError as error:
            # What is left in buffers, or comes still, must not fail again.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            # Windows says of a pipe that its argument is invalid.
            if error.errno in {errno.EPIPE, errno.EINVAL}:
                raise Unread from error
            if self.fileno() == _ERR:
                return super().write(content)
            raise writing_failed(Path("standard output"), error) from error
