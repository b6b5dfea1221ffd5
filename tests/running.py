"""Runs the command as a user would: another process, its own cache, nothing of ours inside."""

from __future__ import annotations

import importlib.metadata
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from convert.cli import main

COLUMNS = {"COLUMNS": "200"}
_SECONDS = 300
_LOADED = "forkserver" in multiprocessing.get_all_start_methods()
_OF_THE_START = ("PYTHON", "LC_", "LANG", "TZ")
"""Variables that Python reads when it starts."""
_FORMATS = [
    each.module
    for kind in ("sources", "exporters")
    for each in importlib.metadata.entry_points(group=f"thicket_convert.{kind}")
]
_LOADED_LATE = [
    "typer._adapters", "babel.numbers", "convert.testing", "convert.sources.thicket.clone",
    "convert.web.transport", "html_to_markdown", "httpx", "jinja2", "latex2mathml.converter",
    "pygit2", "pygments.lexers",
]  # fmt: skip
"""What others load when they are first called."""
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
    words, folder = [*map(str, arguments)], cwd or ROOT
    added = COLUMNS | (environment or {})
    if _LOADED and not any(key.startswith(_OF_THE_START) for key in added):
        return _copied(words, folder, os.environ | added)
    done = subprocess.run(
        [sys.executable, "-m", "convert", *words],
        capture_output=True,
        cwd=folder,
        env=os.environ | added,
        timeout=_SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr.decode())


def _copied(words: list[str], cwd: Path, environment: dict[str, str]) -> Ended:
    """A run in a copy of a process that has loaded our code, which is most of a short run."""
    context = multiprocessing.get_context("forkserver")
    # Its server does not look beside our tests: this module would be passed over in silence.
    context.set_forkserver_preload(["convert.cli", "pytest", *_LOADED_LATE, *_FORMATS])
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        run = context.Process(target=_run, args=(words, cwd, environment, out, err))
        run.start()
        run.join(_SECONDS)
        if run.exitcode is None:
            run.kill()
            raise subprocess.TimeoutExpired(words, _SECONDS)
        return Ended(run.exitcode, out.read_bytes(), err.read_text(encoding="utf-8"))


def _run(words: list[str], cwd: Path, environment: dict[str, str], out: Path, err: Path) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((1, out), (2, err)):
        file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(file, stream)
        os.close(file)
    sys.argv = ["thicket-convert", *words]
    main()


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path, but for our own record of them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".thicket-convert")
    }


def some(kinds: Iterable[str], quick: Iterable[str]) -> list[Any]:
    """All of these kinds as parameters; those that show what the quick ones show are slow."""
    quick = set(quick)
    return [pytest.param(each, marks=() if each in quick else pytest.mark.slow) for each in kinds]
