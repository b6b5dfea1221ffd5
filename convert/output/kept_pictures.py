"""The pictures that copies of sources show, beside these: under their digests, in the form of the
cache, so that a file may be the same one.

As with the copies, somebody else may have made the folder: what is read must have its digest.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from convert.cache.files import Shelf, read_sealed, seal
from convert.copied import KeptPicture
from convert.model import Problem
from convert.output import lock
from convert.output.copies import COPIES, LIMIT, CopyFolders
from convert.text.paths import PRIVATE

_STEM = f"{PRIVATE}-picture-"


@dataclasses.dataclass(frozen=True)
class KeptPictures:
    """What is kept of pictures in the folders of some copies."""

    copies: CopyFolders

    @cached_property
    def named(self) -> dict[str, KeptPicture]:
        """What the copies name, by REF; of two the one that was had last."""
        pictures = (
            picture
            for folder in self.copies.folders
            for head in self.copies.heads(folder)
            for picture in head.pictures
        )
        return {each.ref: each for each in sorted(pictures, key=lambda each: each.day)}

    def find(self, ref: str) -> tuple[bytes, dt.date] | None:
        """Return the bytes of a picture, and when it was last had; None where there is none.  A
        damaged one is a warning, and goes, so that the next one can take its place."""
        picture = self.named.get(ref)
        if picture is None:
            return None
        for folder in self.copies.folders:
            path = _path(folder, picture.digest)
            content = read_sealed(path, picture.digest)
            if content is not None and hashlib.sha256(content).hexdigest() == picture.digest:
                return content, picture.day
            if os.path.lexists(path):
                self.copies.warn(Problem(path=str(path), reason="is damaged, and not used"))
                with suppress(OSError):
                    path.unlink()
        return None

    def keep(self, originals: Shelf) -> None:
        """Bring the files of each folder to what its copies name: new ones out of the cache, none
        that no copy names, at most ``LIMIT`` bytes.  Raises OSError, OutputError."""
        for folder in self.copies.folders:
            top = folder / COPIES
            if not top.is_dir() or top.is_symlink():
                continue
            named = {each.digest for head in self.copies.heads(folder) for each in head.pictures}
            there = {each.name.removeprefix(_STEM): each for each in top.glob(f"{_STEM}*")}
            missing = sorted(named - there.keys())
            if not missing and named >= there.keys():
                continue
            with lock.held(top / f"{PRIVATE}.lock"):
                for digest in there.keys() - named:
                    there.pop(digest).unlink(missing_ok=True)
                room = LIMIT - sum(each.lstat().st_size for each in there.values())
                self._fill(folder, missing, originals, room)

    def _fill(self, folder: Path, digests: Iterable[str], originals: Shelf, room: int) -> None:
        for digest in digests:
            content = originals.get(digest)
            if content is None:  # of an earlier run, and gone from the cache since
                continue
            room -= len(content)
            if room < 0:
                reason = f"not all pictures are kept: they take more than {LIMIT:,} bytes"
                self.copies.warn(Problem(path=str(folder / COPIES), reason=reason))
                return
            path = _path(folder, digest)
            for place in originals.paths(digest):
                with suppress(OSError):  # another file system, or one without hard links
                    os.link(place, path)
                    break
            else:
                new = path.parent / f"{PRIVATE}.new"
                new.unlink(missing_ok=True)
                with new.open("xb") as file:
                    file.write(seal(digest, content) + content)
                new.replace(path)


def _path(folder: Path, digest: str) -> Path:
    return folder / COPIES / f"{_STEM}{digest}"
