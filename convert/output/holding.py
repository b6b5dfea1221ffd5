"""Holding the place of outputs against other runs, cleaned of what a killed run left."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from convert.errors import OutputError
from convert.model import Problem
from convert.output import lock
from convert.output.manifest import MANIFEST, Manifest, load_manifest, settled
from convert.output.publish import OutputFolder
from convert.output.staging import writing_failed
from convert.text.paths import PRIVATE


def require_free(folder: Path) -> None:
    """Raise OutputError where another run holds the folder now, or nothing can be written."""
    try:
        if folder.exists():
            with lock.held(folder / f"{PRIVATE}.lock"):
                pass
    except OSError as error:
        raise writing_failed(folder, error) from error


@contextmanager
def hold(
    folder: Path,
    warn: Callable[[Problem], None],
    *,
    overwrite: bool = False,
    prune: bool = False,
    owned: bool = True,
    dry: bool = False,
    stem: str = PRIVATE,
) -> Iterator[OutputFolder]:
    """Hold the output folder against other runs, cleaned of what a killed run left.

    ``owned`` folders have a manifest; without it (a single file that was named, a repository
    that is updated in place) files are replaced where they differ and none is removed.
    ``stem`` begins the names of the private files.  A ``dry`` run writes nothing there, so that
    it needs not hold it.  Raises OutputError.
    """
    # An exporter may change the folder that relative paths start from.
    staging = folder.absolute() / f"{stem}.staging"
    with ExitStack() as stack:
        try:
            if dry:
                staging = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            else:
                _hold(folder, staging, folder / f"{stem}.lock", stack)
            mode = _ordinary_mode(staging / "mode")
        except OSError as error:
            raise writing_failed(folder, error) from error
        yield OutputFolder(
            folder,
            recorded(folder, warn, overwrite=overwrite) if owned else Manifest(),
            staging,
            mode=mode,
            owned=owned,
            overwrite=overwrite,
            prune=prune,
            dry=dry,
            warn=warn,
        )


def _hold(folder: Path, staging: Path, file: Path, stack: ExitStack) -> None:
    """Make the folder and the staging folder, and hold the lock, until the stack is closed."""
    if not folder.exists():
        folder.mkdir(parents=True)
        stack.callback(_remove_if_empty, folder)
    stack.enter_context(lock.held(file))
    try:
        _discard(staging)
    except OSError as error:
        raise OutputError(
            f"{staging}: cannot be removed: {error.strerror}; it is of another user's"
            " run: have it removed, or choose another folder"
        ) from error
    for _ in range(2):  # once more where an interrupt cuts the first short
        stack.callback(_discard, staging)
    # Others may write into the folder around it: nobody else looks into this one.
    staging.mkdir(mode=0o700)


def recorded(folder: Path, warn: Callable[[Problem], None], *, overwrite: bool) -> Manifest:
    """Return the ``settled`` record of a folder; of a damaged one, where it may be overwritten,
    none, with a warning.  Raises OutputError."""
    try:
        return settled(load_manifest(folder), folder)
    except OutputError as error:
        if not overwrite:
            raise
        fault = str(error).partition("; ")[0]  # without the ways out, of which one is taken
        reason = "it is begun anew: files that no output makes any more are not known, and stay"
        warn(Problem(path=str(folder / MANIFEST), reason=f"{fault}; {reason}"))
        return Manifest()


@contextmanager
def hold_file(
    path: Path | None, warn: Callable[[Problem], None], *, dry: bool = False
) -> Iterator[OutputFolder]:
    """Do as ``hold`` for one file that the user named; ``place`` puts it there.

    With None nothing is named (standard output), and ``pour`` writes it.
    """
    with ExitStack() as stack:
        target = path.resolve() if path is not None else None
        if target is None or (target.exists() and not target.is_file()):
            # Nothing can be staged beside a device or a pipe, and a known name in the system's
            # temporary folder could be taken by anybody.
            temporary = stack.enter_context(tempfile.TemporaryDirectory())
            yield stack.enter_context(hold(Path(temporary), warn, owned=False, dry=dry))
            return
        stem = f"{PRIVATE}-{hashlib.sha256(os.fsencode(target)).hexdigest()[:8]}"
        yield stack.enter_context(hold(target.parent, warn, owned=False, dry=dry, stem=stem))


def _ordinary_mode(path: Path) -> int:
    """Return the permissions that the user's files get (umask, defaults of the folder)."""
    path.touch()
    mode = stat.S_IMODE(path.stat().st_mode)
    path.unlink()
    return mode


def _discard(path: Path) -> None:
    """Remove a staging folder, whatever stands in its place; never what a link leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # it holds something by now
        folder.rmdir()
