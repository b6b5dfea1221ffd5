"""The only writer: puts staged files in place, and keeps to what is ours.

At any instant each file of the output folder is complete, old or new.  Before the first is
replaced, the manifest names all that will be; so a run that is killed in the middle leaves
nothing that the next cannot tell apart from a user's own work.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import msgspec

from convert.errors import OutputError
from convert.model import Problem, Severity
from convert.output import lock
from convert.output.manifest import (
    MANIFEST,
    PRIVATE,
    FileRecord,
    Ground,
    Manifest,
    OutputRecord,
    UnitRecord,
    file_digest,
    load_manifest,
)
from convert.output.staging import StagedFile, same_place, writing_failed

SUMS = "SHA256SUMS"
_FEW = 64
"""Up to so many files each is forced to the disk; for more, everything at once is cheaper."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Made:
    """What a run has for one output: its units as they shall be, and the new files.

    ``record`` holds every unit, also those that were kept; ``staged`` the files of those that
    were made.  ``stale`` permits removing what earlier runs wrote for this output and what
    ``record`` no longer names; it must be False where a unit or a source failed.
    """

    record: OutputRecord
    staged: tuple[StagedFile, ...] = ()
    stale: bool = True


class OutputFolder:
    """An output folder that this run holds.  Made by ``hold``."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        staging: Path,
        *,
        owned: bool,
        overwrite: bool,
        warn: Callable[[Problem], None],
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self._staging = staging
        self._owned = owned
        self._overwrite = overwrite
        self._warn = warn
        self._refused: set[str] = set()

    def staging(self, unit: str) -> Path:
        """A new, empty, private folder on the file system of the output folder."""
        path = self._staging / unit
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise writing_failed(path, error) from error
        return path

    def intact(self, unit: UnitRecord) -> bool:
        """Whether the unit's files are still on disk, byte for byte."""
        ground = Ground(self.folder)
        return all(ground.digest(file.path) == file.sha256 for file in unit.files)

    def publish(self, made: Sequence[Made], *, checksums: bool = False) -> None:
        """Puts all files in place, removes what is stale, records it.

        Problems (files that someone edited, links in the way) go to ``warn``.  Raises
        OutputError where the disk does not take it; each file is then complete, old or new.
        """
        try:
            self._publish(made, checksums=checksums)
        except OSError as error:
            raise writing_failed(self.folder, error) from error

    def _publish(self, made: Sequence[Made], *, checksums: bool) -> None:
        _check_distinct(made)
        known = self.manifest.digests()
        records = [self._recorded(output) for output in made]
        staged = index_last(file for output in made for file in output.staged)
        ground = Ground(self.folder)
        fresh = [file for file in staged if self._is_to_write(file.record, known, ground)]
        if self._owned and fresh:
            # What a killed run left pending stays: this run may be killed too.
            pending = (*self.manifest.pending, *records)
            self._record(msgspec.structs.replace(self.manifest, pending=pending))
        _settle([Path(file.source) for file in fresh])
        for parent in dict.fromkeys((self.folder / file.record.path).parent for file in fresh):
            parent.mkdir(parents=True, exist_ok=True)
        for file in fresh:
            os.replace(file.source, self.folder / file.record.path)  # noqa: PTH105 - the point
        if not self._owned:
            return
        after = self.manifest.with_outputs(records)
        self._remove_stale(made, after, known)
        if checksums or self.manifest.find("checksums", SUMS):
            after = self._write_sums(after, known)
        self._record(after)

    def _recorded(self, made: Made) -> OutputRecord:
        record = made.record
        before = self.manifest.written(record.exporter, record.name)
        return record if made.stale else record.leaving(before)

    def _is_to_write(self, file: FileRecord, known: Mapping[str, set[str]], ground: Ground) -> bool:
        """Whether the file differs from what is there, and may replace it; warns where not."""
        obstacle = ground.obstacle(file.path)
        if obstacle is not None:
            self._refuse(file.path, f"not written: {obstacle}; move it away", "output")
            return False
        present = ground.digest(file.path)
        if present == file.sha256:
            return False
        free = present is None or present in known.get(file.path, ())
        if free or self._overwrite or not self._owned:
            return True
        whose = "someone edited it since" if file.path in known else "it was not made by us"
        self._refuse(file.path, f"kept as it is, because {whose}; --overwrite replaces it")
        return False

    def _refuse(self, path: str, reason: str, severity: Severity = "warning") -> None:
        self._refused.add(path)
        self._warn(Problem(path=str(self.folder / path), reason=reason, severity=severity))

    def _remove_stale(
        self, made: Sequence[Made], after: Manifest, known: Mapping[str, set[str]]
    ) -> None:
        ground = Ground(self.folder)
        current = {same_place(file.path) for output in after.outputs for file in output.files}
        for output in made:
            if output.stale:
                for file in self.manifest.written(output.record.exporter, output.record.name):
                    if same_place(file.path) not in current:
                        self._remove(file.path, known[file.path], ground)

    def _remove(self, path: str, ours: set[str], ground: Ground) -> None:
        target = self.folder / path
        if ground.obstacle(path) is not None or not target.exists():
            return
        if ground.digest(path) not in ours and not self._overwrite:
            self._refuse(path, "no longer made, but kept, because someone edited it")
            return
        target.unlink()
        for parent in PurePosixPath(path).parents:
            if str(parent) == "." or any((self.folder / parent).iterdir()):
                break
            (self.folder / parent).rmdir()

    def _write_sums(self, after: Manifest, known: Mapping[str, set[str]]) -> Manifest:
        """Writes the sums of all our files but those that someone edited."""
        files = {
            file.path: file.sha256
            for output in after.outputs
            if output.exporter != "checksums"
            for file in output.files
            if file.path not in self._refused
        }
        source = self._staging / SUMS
        source.write_text("".join(f"{files[path]}  {path}\n" for path in sorted(files)))
        size = source.stat().st_size
        file = FileRecord(path=SUMS, sha256=file_digest(source) or "", size=size)
        unit = UnitRecord(path=SUMS, fingerprint=file.sha256, files=(file,))
        record = OutputRecord(exporter="checksums", name=SUMS, units=(unit,))
        if self._is_to_write(file, known, Ground(self.folder)):
            self._record(msgspec.structs.replace(after, pending=(*after.pending, record)))
            os.replace(source, self.folder / SUMS)  # noqa: PTH105 - the point
        return after.with_outputs([record])

    def _record(self, manifest: Manifest) -> None:
        """Replaces the manifest, on the disk before anything that relies on it."""
        content = manifest.encode()
        path = self.folder / MANIFEST
        if not path.exists() or path.read_bytes() != content:
            source = self._staging / "manifest"
            source.write_bytes(content)
            _settle([source])
            os.replace(source, path)  # noqa: PTH105 - the point
            _settle([self.folder])
        self.manifest = manifest


@contextmanager
def hold(
    folder: Path,
    warn: Callable[[Problem], None],
    *,
    overwrite: bool = False,
    owned: bool = True,
    stem: str = PRIVATE,
) -> Iterator[OutputFolder]:
    """The output folder, held against other runs, cleaned of what a killed run left.

    ``owned`` folders have a manifest; without it (a single file that was named, a repository
    that is updated in place) files are replaced where they differ and none is removed.
    ``stem`` begins the names of the private files.  Raises OutputError.
    """
    staging = folder / f"{stem}.staging"
    with ExitStack() as stack:
        try:
            if not folder.exists():
                folder.mkdir(parents=True)
                stack.callback(_remove_if_empty, folder)
            stack.enter_context(lock.held(folder / f"{stem}.lock"))
            stack.callback(_discard, staging)
            _discard(staging)
            staging.mkdir()
        except OSError as error:
            raise writing_failed(folder, error) from error
        manifest = _manifest(folder, overwrite=overwrite) if owned else Manifest()
        yield OutputFolder(folder, manifest, staging, owned=owned, overwrite=overwrite, warn=warn)


@contextmanager
def hold_file(path: Path, warn: Callable[[Problem], None]) -> Iterator[OutputFolder]:
    """Like ``hold``, for one file that the user named; ``place`` puts it there."""
    target = path.resolve()
    # Nothing can be staged beside a device or a pipe.
    beside = target.is_file() or not target.exists()
    parent = target.parent if beside else Path(tempfile.gettempdir())
    stem = f"{PRIVATE}-{hashlib.sha256(os.fsencode(target)).hexdigest()[:8]}"
    with hold(parent, warn, owned=False, stem=stem) as folder:
        yield folder


def place(file: StagedFile, target: Path) -> None:
    """Puts one staged file where the user said, in one step; a device or pipe is written to.

    Raises OutputError.
    """
    try:
        target = target.resolve()
        if target.exists() and not target.is_file() and not target.is_dir():
            with Path(file.source).open("rb") as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            return
        _settle([Path(file.source)])
        os.replace(file.source, target)  # noqa: PTH105 - the point
    except OSError as error:
        raise writing_failed(target, error) from error


def _check_distinct(made: Iterable[Made]) -> None:
    owners: dict[str, str] = {}
    for output in made:
        whose = f"{output.record.exporter} {output.record.name!r}"
        for file in output.record.files:
            other = owners.setdefault(same_place(file.path), whose)
            if other != whose:
                raise OutputError(
                    f"{file.path}: {other} and {whose} both write it; give one a name of its own"
                )


def index_last(files: Iterable[StagedFile]) -> list[StagedFile]:
    """The files in the order of publishing: pages that lead to others after those others."""
    return sorted(files, key=lambda file: _rank(file.record.path))


def _rank(path: str) -> tuple[bool, int]:
    pure = PurePosixPath(path)
    leads = len(pure.parts) == 1 or pure.stem.casefold() in {"index", "readme"}
    return leads, -len(pure.parts)


def pour(file: StagedFile, stream: BinaryIO) -> None:
    """Writes one staged file to a stream, such as standard output; a reader that has left is
    no error.  Raises OutputError."""
    try:
        with Path(file.source).open("rb") as source:
            shutil.copyfileobj(source, stream)
        stream.flush()
    except BrokenPipeError:
        # What is left in the stream's buffer must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError as error:
        raise writing_failed(Path("standard output"), error) from error


def _manifest(folder: Path, *, overwrite: bool) -> Manifest:
    try:
        return load_manifest(folder)
    except OutputError:
        if not overwrite:
            raise
        return Manifest()


def _settle(paths: Sequence[Path]) -> None:
    """Forces files to the disk, so that a power cut cannot leave a name without its bytes."""
    if len(paths) > _FEW and hasattr(os, "sync"):
        os.sync()
        return
    for path in paths:
        with suppress(PermissionError):  # Windows does not open folders
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _discard(path: Path) -> None:
    """Removes a staging folder, whatever stands in its place; never what a link leads to."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # it holds something by now
        folder.rmdir()
