"""Whether a Git copy in the cache is as it was left: damage to it must not look like news.

Git's own checks find an object that is damaged once it is read, and never a reference or a
configuration that was.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import stat
from pathlib import Path

_NAME = "thicket-seal"


def write(copy: Path) -> None:
    """Note what is in a copy now.  Raises OSError."""
    new = copy / f"{_NAME}.new"
    new.write_text(_digest(copy), encoding="ascii")
    new.replace(copy / _NAME)


def set_aside_if_broken(copy: Path) -> None:
    """Move a copy that is not as it was left out of the way."""
    with contextlib.suppress(OSError):
        if (copy / _NAME).read_bytes() == _digest(copy).encode():
            return
    damaged = copy.with_name(f"{copy.name}.damaged")
    with contextlib.suppress(OSError):
        shutil.rmtree(damaged, ignore_errors=True)
        copy.rename(damaged)


def _digest(copy: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(copy.rglob("*")):
        # What is no file (a FIFO, a link) is told by its kind and not read.
        mode = path.lstat().st_mode
        if path.name.startswith(_NAME) or stat.S_ISDIR(mode):
            continue
        whole.update(f"{path.relative_to(copy).as_posix()}\n{stat.S_IFMT(mode)}\n".encode())
        if stat.S_ISREG(mode):
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
