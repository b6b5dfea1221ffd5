"""Runs the command as a user would: another process, its own cache, nothing of ours inside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SALTMARSH = ROOT / "examples" / "saltmarsh"


class Ended(NamedTuple):
    """How a run of the command ended."""

    code: int
    out: bytes
    err: str


def command(
    *arguments: object, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> Ended:
    """``thicket-convert ARGUMENTS``; ``environment`` is added to ours."""
    done = subprocess.run(
        [sys.executable, "-m", "convert", *map(str, arguments)],
        capture_output=True,
        cwd=cwd or ROOT,
        env={**os.environ, "COLUMNS": "200", **(environment or {})},
        timeout=300,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr.decode())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path, but for our own record of them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".thicket-convert")
    }
