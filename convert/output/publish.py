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
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from convert.errors import UsageError
from convert.model import Problem, Severity
from convert.output.manifest import (
    MANIFEST,
    FileRecord,
    FolderState,
    KnownFiles,
    Manifest,
    WrittenOutput,
    WrittenUnit,
    file_digest,
)
from convert.output.owners import Owners, respell
from convert.output.staging import StagedFile, index_last, settle, writing_failed
from convert.text.characters import amount, several
from convert.text.paths import same_place

SUMS_KEY = ("checksums", "SHA256SUMS")
"""The exporter and the name under which the manifest has the file of sums."""
_NOT_OURS = "no record says that we made it"
_MOST = 5
"""So many files of an output are removed in one run, however few it has; more only where they are
no more than a third of them, or where that is asked for: it may be a slip."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OutputUpdate:
    """What a run has for one output: its units as they shall be, and the new files.

    ``record`` holds every unit, also those that were kept; ``staged`` the files of those that
    were made.  ``stays`` is why and until when what earlier runs wrote for this output, and
    what ``record`` no longer names, is not removed: a unit or a source failed.
    """

    record: WrittenOutput
    staged: tuple[StagedFile, ...] = ()
    stays: str = ""


class OutputFolder:
    """An output folder that this run holds.  Made by ``holding.hold``."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        staging: Path,
        *,
        mode: int,
        owned: bool,
        overwrite: bool,
        dry: bool,
        prune: bool,
        warn: Callable[[Problem], None],
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self._staging = staging
        self._mode = mode
        self._owned = owned
        self._overwrite = overwrite
        self._dry = dry
        self._prune = prune
        self._warn = warn
        self.refused: set[str] = set()
        """Paths of files of this run in whose place stays what the user wrote into ours."""
        self.blocked: dict[str, str] = {}
        """Paths of files of this run in whose place stands what was never ours, and what it is."""
        self._replaced: dict[str, str] = {}
        """Paths of files of this run that replace what is not their output's, and what that is."""
        self._taken: dict[tuple[str, str], set[str]] = {}
        """Paths of those that were another output's, by its exporter and name."""
        self.written: set[str] = set()
        """Paths of the files that this run put in place, new or with another content; of a dry one
        those that it would."""
        self.removed: dict[tuple[str, str], list[str]] = {}
        """Paths of the files that this run removed, or would, by exporter and name of output."""
        self.left: dict[tuple[str, str], list[str]] = {}
        """Paths of files that an output no longer makes, but that someone edited."""

    def staging(self, unit: str) -> Path:
        """Make and return an empty, private folder on the file system of the output folder."""
        path = self._staging / unit
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise writing_failed(path, error) from error
        return path

    def publish(self, updates: Sequence[OutputUpdate], *, checksums: bool = False) -> None:
        """Put all files in place, remove what is stale, record it; of a dry run find out the same.

        Problems (files that someone edited, links in the way) go to ``warn``.  Raises
        UsageError where a file is another output's, OutputError where the disk does not take it;
        each file is then complete, old or new.
        """
        self._require_own(updates)
        try:
            self._publish(updates, checksums=checksums)
        except OSError as error:
            raise writing_failed(self.folder, error) from error

    def _require_own(self, updates: Sequence[OutputUpdate]) -> None:
        """Raise UsageError where two outputs have one file, unless one is of an earlier run and
        is to be replaced."""
        now: dict[str, WrittenOutput] = {}
        for record in (update.record for update in updates):
            for file in record.files:
                other = now.setdefault(same_place(file.path), record)
                if other.key != record.key:
                    raise UsageError(
                        f"{file.path}: {other.exporter} {other.name!r} and {record.exporter}"
                        f" {record.name!r} both write it; give one a name of its own"
                    )
        keys = {update.record.key for update in updates}
        owners = Owners(self.manifest, keys, self.folder)
        for path in (file.record.path for update in updates for file in update.staged):
            if not self._overwrite:
                owners.require_free(path)
            elif (owner := owners.of(path)) is not None:
                self._taken.setdefault(owner.key, set()).add(path)
                self._replaced[path] = f"it belonged to the output {owner.name} of {owner.exporter}"

    def _publish(self, updates: Sequence[OutputUpdate], *, checksums: bool) -> None:
        ours = KnownFiles(self.manifest.digests())
        stale, records = self._part_with(updates)
        staged = index_last(file for update in updates for file in update.staged)
        state = FolderState(self.folder)
        fresh = [file for file in staged if self._is_to_write(file.record, ours, state)]
        self._warn_of_strangers(file.record for file in staged)
        # What was never put in place must not count as ours next time.
        records = [each.without(self.blocked) for each in records]
        others = (each for each in self.manifest.outputs if each.key in self._taken)
        records += [each.without(self._taken[each.key]) for each in others]
        if not checksums and (sums := self.manifest.find(*SUMS_KEY)):
            stale[SUMS_KEY] = [file.path for file in sums.files if file.sha256]
            records.append(msgspec.structs.replace(sums, units=(), left=()))
        if self._owned and fresh:
            self._record(msgspec.structs.replace(self.manifest, pending=tuple(records)))
        if not self._dry:
            for file in fresh:
                self._open_up(file)
            settle([Path(file.source) for file in fresh])
            recorded = (file for record in records for file in record.files if file.sha256)
            spelled = (file.path for file in recorded if file.path not in self.refused)
            respell(self.folder, spelled, ours)
            for parent in dict.fromkeys((self.folder / file.record.path).parent for file in fresh):
                parent.mkdir(parents=True, exist_ok=True)
            for file in fresh:
                os.replace(file.source, self.folder / file.record.path)  # noqa: PTH105 - the point
        self.written.update(file.record.path for file in fresh)
        if not self._owned:
            return
        state = FolderState(self.folder)
        for key, paths in stale.items():
            for path in paths:
                if self._remove(path, ours.of(path, state), state):
                    self.removed.setdefault(key, []).append(path)
                elif path in self.refused:
                    self.left.setdefault(key, []).append(path)
        after = self.manifest.with_outputs(map(self._with_left, records))
        if checksums:
            after = self._write_sums(after, ours)
        self._record(after)

    def _part_with(
        self, updates: Sequence[OutputUpdate]
    ) -> tuple[dict[tuple[str, str], list[str]], list[WrittenOutput]]:
        """Return, by output, the files to remove, which earlier runs wrote and nothing makes any
        more, and the records.  Where they are too many, or ``OutputUpdate.stays`` says so, they
        stay ours, and a line tells."""
        after = self.manifest.with_outputs(update.record for update in updates)
        current = KnownFiles(
            {
                each.path: {each.sha256}
                for output in after.outputs
                for each in output.files
                if each.sha256
            }
        )
        state = FolderState(self.folder)
        stale: dict[tuple[str, str], list[str]] = {}
        records = []
        for update in updates:
            key = update.record.key
            before = self.manifest.written(*key)
            written = dict.fromkeys(file.path for file in before)
            gone = [path for path in written if not current.of(path, state)]
            # Those that lie there: the others only leave the record.
            there = [path for path in gone if (self.folder / path).exists()]
            old = self.manifest.find(*key)
            many = len(there) > max(_MOST, len(written) // 3)
            # Once they were too many they wait, however many there are beside them.
            unpruned = not self._prune and (many or bool(there and old and old.unpruned))
            reason = update.stays
            if unpruned and not reason:
                why = f"are {len(there)} of {len(written)}" if many else "were too many at once"
                reason = f"as they {why}; --prune removes them"
            if not reason:
                stale[key] = gone
                records.append(update.record)
                continue
            now = set(update.record.files)
            fresh = {file.record.path for file in update.staged}
            # What a killed run put in the place of a file that could not be made now is ours, too.
            left = (
                file
                for file in before
                if file.path in there
                or (
                    file not in now
                    and file.path not in fresh
                    and state.digest(file.path) == file.sha256
                )
            )
            records.append(update.record.leaving(left, unpruned=unpruned))
            if there:
                files = amount(len(there), "file stays", "files stay")
                reason = f"{files} that it makes no more ({several(there)}), {reason}"
                self._warn(Problem(path=str(self.folder / update.record.name), reason=reason))
        return stale, records

    def _with_left(self, record: WrittenOutput) -> WrittenOutput:
        """Return the record with the files that it no longer makes and that someone edited: they
        stay ours, and are told of until they are gone."""
        paths = self.left.get(record.key, ())
        left = [file for file in self.manifest.written(*record.key) if file.path in paths]
        return record.leaving(left, unpruned=record.unpruned) if left else record

    def place(self, file: StagedFile, target: Path) -> None:
        """Put one staged file where the user said, in one step; a device or pipe is written to.

        Raises OutputError.
        """
        try:
            target = target.resolve()
            if target.is_file() and file_digest(target) == file.record.sha256:
                return
            self.written.add(file.record.path)
            if self._dry:
                return
            if target.exists() and not target.is_file() and not target.is_dir():
                with Path(file.source).open("rb") as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
                return
            self._open_up(file)
            settle([Path(file.source)])
            os.replace(file.source, target)  # noqa: PTH105 - the point
        except OSError as error:
            raise writing_failed(target, error) from error

    def _open_up(self, file: StagedFile) -> None:
        """Give a file the permissions of the user's others, whatever an exporter did to it."""
        Path(file.source).chmod(self._mode)

    def _is_to_write(self, file: FileRecord, ours: KnownFiles, state: FolderState) -> bool:
        """Return whether the file differs from what is there, and may replace it; warn where
        not.  ``ours`` are the digests of what we wrote, by path."""
        obstacle = state.obstacle(file.path)
        if obstacle is not None:
            self.blocked[file.path] = f"{obstacle}; move it away"
            return False
        present = state.digest(file.path)
        if present == file.sha256:
            return False
        known = ours.of(file.path, state)
        if present is None or present in known or not self._owned:
            return True
        if not known and self._overwrite:
            self._replaced[file.path] = _NOT_OURS
        elif not known:
            whose = "what is there was not made by us"
            if not self.manifest.outputs:
                whose = f"no record ({MANIFEST}) says that what is there was made by us"
            self.blocked[file.path] = f"{whose}; move it away, or replace it with --overwrite"
        elif not self._overwrite:
            reason = "kept as it is, because someone edited it since; --overwrite replaces it"
            self._refuse(file.path, reason)
        return self._overwrite

    def _refuse(self, path: str, reason: str) -> None:
        self.refused.add(path)
        self._warn(Problem(path=str(self.folder / path), reason=reason))

    def _warn_of_strangers(self, files: Iterable[FileRecord]) -> None:
        """Warn of what was never ours and stands in the place of these files, or did: in one line
        what has one reason."""
        by_reason: dict[str, list[str]] = {}
        for file in files:
            path = file.path
            if path in self.blocked:
                by_reason.setdefault(f"not written: {self.blocked[path]}", []).append(path)
            elif path in self._replaced:
                reason = f"replaced, although {self._replaced[path]} (--overwrite)"
                by_reason.setdefault(reason, []).append(path)
        for reason, paths in by_reason.items():
            severity: Severity = "output" if paths[0] in self.blocked else "warning"
            problem = Problem(path=str(self.folder / paths[0]), reason=reason, severity=severity)
            if len(paths) > 1:
                whole = f"{amount(len(paths), 'file', 'files')} ({several(paths)}) {reason}"
                problem = msgspec.structs.replace(problem, path=str(self.folder), reason=whole)
            self._warn(problem)

    def _remove(self, path: str, ours: set[str], state: FolderState) -> bool:
        """Remove a file of ours, and the folders that it leaves empty; return whether it was there
        and could be.  A dry run only finds that out."""
        target = self.folder / path
        if state.obstacle(path) is not None or not target.exists():
            return False
        if state.digest(path) not in ours:
            if not self._overwrite:
                reason = "no longer made, but kept, because someone edited it"
                self._refuse(path, f"{reason}; --overwrite removes it")
                return False
            reason = "no longer made, and removed with what someone wrote into it (--overwrite)"
            self._warn(Problem(path=str(target), reason=reason))
        if self._dry:
            return True
        target.unlink()
        for parent in PurePosixPath(path).parents:
            if str(parent) == "." or any((self.folder / parent).iterdir()):
                break
            (self.folder / parent).rmdir()
        return True

    def _write_sums(self, after: Manifest, ours: KnownFiles) -> Manifest:
        """Write the sums of all our files but those that someone edited or took away, and return
        the manifest with them."""
        state = FolderState(self.folder)
        sums = {
            file.path: file.sha256
            for output in after.outputs
            if output.key != SUMS_KEY
            for file in output.files
            if file.sha256 and (file.path in self.written or state.digest(file.path) == file.sha256)
        }
        source = self._staging / SUMS_KEY[1]
        source.write_text("".join(f"{sums[path]}  {path}\n" for path in sorted(sums)))
        size = source.stat().st_size
        file = FileRecord(path=source.name, sha256=file_digest(source) or "", size=size)
        unit = WrittenUnit(path=source.name, files=(file,))
        record = WrittenOutput(exporter=SUMS_KEY[0], name=SUMS_KEY[1], units=(unit,))
        if self._is_to_write(file, ours, state) and not self._dry:
            self._record(msgspec.structs.replace(after, pending=(*after.pending, record)))
            os.replace(source, self.folder / source.name)  # noqa: PTH105 - the point
        if source.name in self.refused:
            self.left[SUMS_KEY] = [source.name]
        self._warn_of_strangers([file])
        return after.with_outputs([record.without(self.blocked)])

    def _record(self, manifest: Manifest) -> None:
        """Replace the manifest, on the disk before anything that relies on it."""
        if self._dry:
            return
        content = manifest.encode()
        path = self.folder / MANIFEST
        if file_digest(path) != hashlib.sha256(content).hexdigest():
            source = self._staging / "manifest"
            source.write_bytes(content)
            settle([source])
            os.replace(source, path)  # noqa: PTH105 - the point
            settle([self.folder])
        self.manifest = manifest
