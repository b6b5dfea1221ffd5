"""One way to read files for folders on disk and for revisions in Git.

Paths are relative, with forward slashes.  Symbolic links are never followed, in either.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import stat
from pathlib import Path
from typing import Literal, Protocol

import pygit2

from convert.errors import ConvertError
from convert.model import Value

Kind = Literal["file", "folder", "link", "other"]

_GIT_KINDS: dict[int, Kind] = {
    pygit2.enums.FileMode.TREE: "folder",
    pygit2.enums.FileMode.LINK: "link",
    pygit2.enums.FileMode.COMMIT: "other",
}


class TooLarge(ConvertError):
    """A file over the limit it was to be read with; ``size`` and ``limit`` are bytes."""

    def __init__(self, size: int, limit: int) -> None:
        self.size = size
        self.limit = limit
        super().__init__(f"{size:,} bytes, over the limit of {limit:,}")


class Listed(Value, frozen=True, kw_only=True):
    """One name in a folder."""

    name: str
    kind: Kind


class Tree(Protocol):
    """Files by path.  Both methods raise OSError for what is missing or unreadable."""

    def list(self, folder: str) -> tuple[Listed, ...]:
        """What is in a folder ("" is the top), in the order of the names' code points."""
        ...

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a regular file.  Raises TooLarge before it has read over ``limit``."""
        ...


@dataclasses.dataclass(frozen=True)
class FolderTree:
    """The files below a folder on disk."""

    top: Path

    def list(self, folder: str) -> tuple[Listed, ...]:
        with os.scandir(self._inside(folder)) as found:
            listed = [Listed(name=each.name, kind=_kind(each)) for each in found]
        return tuple(sorted(listed, key=lambda each: each.name))

    def read(self, path: str, limit: int) -> bytes:
        folder, _, name = path.rpartition("/")
        place = f"{self._inside(folder)}/{name}"
        with open(place, "rb", opener=_open_itself) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "is not a regular file")
            if status.st_size > limit:
                raise TooLarge(status.st_size, limit)
            data = file.read(status.st_size + 1)
        if len(data) > limit:
            raise TooLarge(len(data), limit)
        return data

    def _inside(self, folder: str) -> str:
        """The folder on disk; OSError where a link stands on the way, or the way leads out."""
        place = os.fspath(self.top)
        for part in folder.split("/") if folder else ():
            place = f"{place}/{part}"
            if part in {"", ".", ".."} or os.path.islink(place):  # noqa: PTH114 - once an entry
                raise OSError(errno.ELOOP, "leads through a symbolic link")
        return place


class GitTree:
    """The files of one revision, read from Git's objects; nothing is checked out."""

    def __init__(self, repository: pygit2.Repository, tree: pygit2.Tree) -> None:
        self._repository = repository
        self._folders: dict[str, pygit2.Tree] = {"": tree}

    def list(self, folder: str) -> tuple[Listed, ...]:
        listed = [
            Listed(name=_name(each), kind=_GIT_KINDS.get(each.filemode, "file"))
            for each in self._folder(folder)
        ]
        return tuple(sorted(listed, key=lambda each: each.name))

    def read(self, path: str, limit: int) -> bytes:
        folder, _, name = path.rpartition("/")
        found = self._entry(self._folder(folder), name)
        if _GIT_KINDS.get(found.filemode, "file") != "file":
            raise OSError(errno.EINVAL, "is not a regular file")
        try:
            _, size = self._repository.odb.read_header(found.id)
            if size > limit:
                raise TooLarge(size, limit)
            return self._repository.odb.read(found.id)[1]
        except (KeyError, pygit2.GitError) as error:
            raise OSError(errno.EIO, f"Git object {found.id} cannot be read") from error

    def _folder(self, folder: str) -> pygit2.Tree:
        if folder not in self._folders:
            parent, _, name = folder.rpartition("/")
            found = self._entry(self._folder(parent), name)
            if found.filemode != pygit2.enums.FileMode.TREE:
                raise OSError(errno.ENOTDIR, "is not a folder")
            try:
                self._folders[folder] = self._repository[found.id].peel(pygit2.Tree)
            except (KeyError, pygit2.GitError) as error:
                raise OSError(errno.EIO, f"Git object {found.id} cannot be read") from error
        return self._folders[folder]

    @staticmethod
    def _entry(tree: pygit2.Tree, name: str) -> pygit2.Object:
        try:
            return tree[name]
        except (KeyError, ValueError, UnicodeError) as error:
            raise FileNotFoundError(errno.ENOENT, "No such file in this revision") from error


class EmptyTree:
    """The tree of a Git repository that has no commit yet."""

    def list(self, folder: str) -> tuple[Listed, ...]:
        return ()

    def read(self, path: str, limit: int) -> bytes:
        raise FileNotFoundError(errno.ENOENT, "The repository is empty")


def _open_itself(path: str, flags: int) -> int:
    """Opens no link, and does not wait for the writer of a pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def _name(entry: pygit2.Object) -> str:
    return (entry.raw_name or b"").decode("utf-8", "surrogateescape")
