"""Where a run remembers things: a folder that lasts, and a private one that stands in for it.

Nothing that is remembered is needed: whatever happens to the lasting folder, the run goes on
with the private one, says so once, and makes the same outputs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import platformdirs

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from convert.model import Problem

_PREFIX = "thicket-convert-"
_LOCK = "lock"
WAY_OUT = "name another folder with --cache, or with TMPDIR"


class CacheFolder:
    """``lasting`` is there for the next runs too, ``private`` for this run only.

    Either may be None.  Pickles without ``warn``, which is called with the first fault.
    """

    def __init__(
        self,
        lasting: Path | None,
        private: Path | None = None,
        warn: Callable[[Problem], None] | None = None,
    ) -> None:
        self.lasting = lasting
        self.private = private
        self._warn = warn
        self._warning = threading.Lock()

    def __reduce__(self) -> tuple[Callable[[], CacheFolder], tuple[()]]:
        return partial(CacheFolder, self.lasting, self.private), ()

    @property
    def places(self) -> tuple[Path, ...]:
        """The folders that there are, in the order in which they are tried."""
        return tuple(each for each in (self.lasting, self.private) if each is not None)

    def failed(self, reason: str) -> None:
        """Warn, the first time, that the lasting folder cannot be used for something."""
        with self._warning:
            warn, self._warn = self._warn, None
        if warn is not None:
            text = f"{reason}; not everything is remembered for the next run, see --cache"
            warn(Problem(path=str(self.lasting), field="cache", reason=text))


def cache_folder(folder: Path | None, warn: Callable[[Problem], None]) -> CacheFolder:
    """Return what remembers things for a run: in ``folder``, else in the user's own.

    A fault of it is one warning.  The private folder goes with the value, or with the process.
    """
    folder = folder or platformdirs.user_cache_path("thicket-convert")
    try:
        _remove_left()
        private = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = _locked(private)
    except OSError:
        return CacheFolder(folder)
    cache = CacheFolder(folder, private, warn)
    weakref.finalize(cache, _remove, private, lock, os.getpid())
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # What was fetched with credentials is nobody else's.
        folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        cache.failed(f"cannot be written ({error.strerror})")
    return cache


def _locked(private: Path) -> int:
    """Hold the lock of a private folder until its processes have ended; return its descriptor."""
    # It is called so only once it is held: nobody takes it for that of a run that was killed.
    new = private / f"{_LOCK}.new"
    try:
        lock = os.open(new, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        shutil.rmtree(private, ignore_errors=True)
        raise
    if fcntl is not None:
        fcntl.flock(lock, fcntl.LOCK_EX)
        new.rename(private / _LOCK)
    return lock


def _remove_left() -> None:
    """Remove the private folders of this user's runs that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if fcntl is not None else ():
        with suppress(OSError):  # it lives, or is gone
            if path.lstat().st_uid != os.getuid():
                continue
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
            finally:
                os.close(lock)


def _remove(private: Path, lock: int, owner: int) -> None:
    os.close(lock)
    # A worker that was forked has the value, too, and must not take it from its parent.
    if os.getpid() == owner:
        shutil.rmtree(private, ignore_errors=True)
