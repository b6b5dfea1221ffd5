"""Whose a file of an output folder is, in whatever case or Unicode form it is spelled.

On some systems two spellings are one file; only the disk knows.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from convert.errors import UsageError
from convert.output.manifest import FolderState, KnownFiles, Manifest, WrittenOutput
from convert.text.paths import same_place


class Owners:
    """The outputs of earlier runs but those that are ``ours``, by exporter and name, by their
    files, as far as these still lie there."""

    def __init__(self, manifest: Manifest, ours: Container[tuple[str, str]], folder: Path) -> None:
        self._folder = folder
        self._state = FolderState(folder)
        self._spellings: dict[str, dict[str, WrittenOutput]] = {}
        for output in manifest.outputs:
            for file in output.files:
                if file.sha256 and output.key not in ours:
                    self._spellings.setdefault(same_place(file.path), {})[file.path] = output

    def of(self, path: str) -> WrittenOutput | None:
        """Return the output that has the file at ``path``."""
        for spelling, output in self._spellings.get(same_place(path), {}).items():
            if self._state.lies_at(spelling) and self._state.is_same(path, spelling):
                return output
        return None

    def require_free(self, path: str) -> None:
        """Raise UsageError where another output has the file at ``path``."""
        if (other := self.of(path)) is not None:
            raise UsageError(
                f"{self._folder / path}: belongs to the output {other.name} of"
                f" {other.exporter}; give this one another name (--name, or name in [[output]])"
                " or folder (--out), or replace it (--overwrite)"
            )


def as_spelled(
    manifest: Manifest, now: Mapping[tuple[str, str], Sequence[str]], folder: Path
) -> Manifest:
    """Return the manifest with the names that outputs have ``now``, with the paths of their units
    by exporter and name: where a record differs in case or Unicode form only, and the disk takes
    their files for one or has nothing of the old."""
    known, state = {output.key for output in manifest.outputs}, FolderState(folder)
    new = {_alike(key): (key, paths) for key, paths in now.items() if key not in known}

    def called(output: WrittenOutput) -> WrittenOutput:
        if output.key in now or _alike(output.key) not in new:
            return output
        (_, name), paths = new[_alike(output.key)]
        spelled = {
            unit.path: path
            for unit in output.units
            for path in paths
            if same_place(unit.path) == same_place(path) and state.is_same(unit.path, path)
        }
        if not spelled and any(state.lies_at(file.path) for file in output.files):
            return output  # a disk that keeps both names
        units = tuple(
            msgspec.structs.replace(unit, path=spelled.get(unit.path, unit.path))
            for unit in output.units
        )
        return msgspec.structs.replace(output, name=name, units=units)

    return msgspec.structs.replace(manifest, outputs=tuple(map(called, manifest.outputs)))


def respell(folder: Path, paths: Iterable[str], known: KnownFiles) -> None:
    """Give files, and the folders that they lie in, the case and the Unicode form of these paths,
    where the disk takes them for known ones."""
    state = FolderState(folder)
    for path in paths:
        for spelling in known.spellings(path, state):
            before, now = Path(spelling).parts, Path(path).parts
            for depth, (one, other) in enumerate(zip(before, now, strict=False)):
                if one != other:
                    above = folder.joinpath(*now[:depth])
                    (above / one).rename(above / other)


def _alike(key: tuple[str, str]) -> tuple[str, str]:
    return key[0], same_place(key[1])
