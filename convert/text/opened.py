"""Which files code opens: what a plug-in reads shapes its outputs, wherever that lies."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import unquote, urlsplit

_DATABASE = "sqlite3.connect"
_READS = frozenset({"open", "os.listdir", "os.scandir", _DATABASE})
_WRITING = os.O_WRONLY | os.O_RDWR
_OURS = str(Path(__file__).parent.parent) + os.sep
_PYTHON, _PACKAGES = (
    tuple(str(Path(sysconfig.get_path(name))) + os.sep for name in names)
    for names in (("stdlib", "platstdlib"), ("purelib", "platlib"))
)
_NO_FILES = tuple(f"{os.sep}{name}{os.sep}" for name in ("proc", "sys", "dev"))


class Opened:
    """The files and folders that were read, and whether they were there; but for those that were
    written, and those in the folder ``private``."""

    def __init__(self, private: Path | None) -> None:
        self._private = f"{private.absolute()}{os.sep}" if private else os.devnull
        self._there: dict[str, bool] = {}
        self._written: set[str] = set()

    def note(self, path: str, *, writes: bool) -> None:
        """Note that a path is opened now."""
        if path.startswith(self._private):
            return
        if writes:
            self._written.add(path)
        else:
            self._there.setdefault(path, _exists(path))

    @property
    def paths(self) -> tuple[str, ...]:
        """All that shapes what was made, but for what came and went meanwhile."""
        read = self._there.items() - dict.fromkeys(self._written, True).items()
        return tuple(sorted(path for path, there in read if _exists(path) or not there))


_exists = os.path.exists
"""Tells whether something is there, and of what may not be looked at that nothing is."""
_open: list[Opened] = []


@contextmanager
def watched(private: Path | None = None) -> Iterator[Opened]:
    """Note what code opens meanwhile, in any thread, that is neither ours nor installed: what our
    code opens for it, and the files of libraries, count otherwise."""
    _look_on()
    opened = Opened(private)
    _open.append(opened)
    try:
        yield opened
    finally:
        _open.remove(opened)


@cache
def _look_on() -> None:
    """Begin to see what is opened; it cannot be ended."""
    sys.addaudithook(_seen)


def _seen(event: str, arguments: tuple[Any, ...]) -> None:
    if not _open or event not in _READS:
        return
    with suppress(Exception):  # whatever it is, opening it goes on
        place = arguments[0] if arguments[0] is not None else "."
        if isinstance(place, int) or _is_for_us(sys._getframe(1)):
            return
        name = os.fsdecode(place)
        if event == _DATABASE and name.startswith("file:"):
            name = unquote(urlsplit(name).path)
        if event == _DATABASE and name in {"", ":memory:"}:
            return
        path = str(Path(name).absolute())
        if not path.startswith((*_PYTHON, *_PACKAGES, *_NO_FILES, _OURS)):
            writes = event == "open" and bool(arguments[2] & _WRITING)
            writes = writes or (event == _DATABASE and not _exists(path))
            for each in _open:
                each.note(path, writes=writes)


def _is_for_us(frame: FrameType | None) -> bool:
    """Return whether what opens a file was called by our code, or imports a module."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(("<frozen importlib", _OURS)):
            return True
        if file.startswith(_PACKAGES) or not file.startswith(("<frozen", *_PYTHON)):
            return False
        frame = frame.f_back
    return True
