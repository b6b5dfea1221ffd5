"""One way to read files for folders on disk and for revisions in Git.

Paths are relative, with forward slashes.  Symbolic links are never followed, in either.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from convert.errors import ConvertError
from convert.model import Value
from convert.text.late import Late

if TYPE_CHECKING:
    import pygit2
else:
    pygit2 = Late("pygit2")

Kind = Literal["file", "folder", "link", "other"]

_GIT_KINDS: dict[int, Kind] = {stat.S_IFDIR: "folder", stat.S_IFLNK: "link", 0o160000: "other"}
"""The modes of a tree in Git that are no files; the last is a commit of another repository."""


_LARGEST_FOLDER = 50_000_000
"""The most bytes of a list of names in Git."""


class TooLarge(ConvertError):
    """A file over the limit that it may have; ``size`` and ``limit`` are bytes."""

    def __init__(self, size: int, limit: int) -> None:
        self.size = size
        self.limit = limit
        super().__init__(f"{size:,} bytes, over the limit of {limit:,}")


class Listed(Value, frozen=True, kw_only=True):
    """One name in a folder."""

    name: str
    kind: Kind


class Tree(Protocol):
    """Files by path.  All methods raise OSError for what is missing or unreadable."""

    def list(self, folder: str) -> tuple[Listed, ...]:
        """Return what is in a folder ("" is the top), in the order of the names' code points."""
        ...

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a regular file.  Raises TooLarge before it reads over ``limit``."""
        ...

    def size(self, path: str) -> int:
        """Return how many bytes a file has, without reading them."""
        ...


@dataclasses.dataclass(frozen=True)
class FolderTree:
    """The files below a folder on disk."""

    top: Path

    def list(self, folder: str) -> tuple[Listed, ...]:
        listed = []
        with os.scandir(self._inside(folder)) as entries:
            for each in entries:
                kind: Kind = "other"
                if each.is_symlink():
                    kind = "link"
                elif each.is_dir(follow_symlinks=False):
                    kind = "folder"
                elif each.is_file(follow_symlinks=False):
                    kind = "file"
                listed.append(Listed(name=each.name, kind=kind))
        return tuple(sorted(listed, key=lambda each: each.name))

    def read(self, path: str, limit: int) -> bytes:
        folder, _, name = path.rpartition("/")
        # Follows no link, and does not wait for the writer of a pipe.
        careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        path = f"{self._inside(folder)}/{name}"
        with open(path, "rb", opener=lambda path, flags: os.open(path, flags | careful)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "is not a regular file")
            if status.st_size > limit:
                raise TooLarge(status.st_size, limit)
            content = file.read(status.st_size + 1)
        if len(content) > limit:  # it has grown
            raise TooLarge(len(content), limit)
        return content

    def size(self, path: str) -> int:
        return os.lstat(f"{self.top}/{path}").st_size

    def _inside(self, folder: str) -> str:
        """Return the folder on disk.

        Raises OSError where a link stands on the way, or the way leads out.
        """
        path = os.fspath(self.top)
        for part in folder.split("/") if folder else ():
            path = f"{path}/{part}"
            if part in {"", ".", ".."} or os.path.islink(path):  # noqa: PTH114 - once an entry
                raise OSError(errno.ELOOP, "leads through a symbolic link")
        return path


class GitTree:
    """The files of one revision, read from Git's objects; nothing is checked out."""

    def __init__(self, repository: pygit2.Repository, tree: pygit2.Oid) -> None:
        self._repository = repository
        self._top = tree
        self._folders: dict[str, pygit2.Tree] = {}

    def list(self, folder: str) -> tuple[Listed, ...]:
        listed = [
            Listed(
                name=(each.raw_name or b"").decode("utf-8", "surrogateescape"),
                kind=_GIT_KINDS.get(each.filemode, "file"),
            )
            for each in self.folder(folder)
        ]
        return tuple(sorted(listed, key=lambda each: each.name))

    def read(self, path: str, limit: int) -> bytes:
        size = self.size(path)
        if size > limit:
            raise TooLarge(size, limit)
        blob = self._blob(path)
        try:
            return self._repository.odb.read(blob)[1]
        except (KeyError, pygit2.GitError) as error:
            raise OSError(errno.EIO, f"Git object {blob} cannot be read") from error

    def size(self, path: str) -> int:
        blob = self._blob(path)
        try:
            return self._repository.odb.read_header(blob)[1]
        except (KeyError, pygit2.GitError) as error:
            raise OSError(errno.EIO, f"Git object {blob} cannot be read") from error

    def _blob(self, path: str) -> pygit2.Oid:
        folder, _, name = path.rpartition("/")
        blob = self._entry(self.folder(folder), name)
        if _GIT_KINDS.get(blob.filemode, "file") != "file":
            raise OSError(errno.EINVAL, "is not a regular file")
        return blob.id

    def folder(self, path: str) -> pygit2.Tree:
        """Return Git's own tree of a folder.  Raises OSError where it cannot be read."""
        if path not in self._folders:
            identity = self._top
            if path:
                above, _, name = path.rpartition("/")
                entry = self._entry(self.folder(above), name)
                if entry.filemode != pygit2.enums.FileMode.TREE:
                    raise OSError(errno.ENOTDIR, "is not a folder")
                identity = entry.id
            try:
                # Some kilobytes may unpack to gigabytes, and libgit2 reads a tree whole.
                if self._repository.odb.read_header(identity)[1] > _LARGEST_FOLDER:
                    raise OSError(errno.EFBIG, "holds too many names")
                self._folders[path] = self._repository[identity].peel(pygit2.Tree)
            except (KeyError, pygit2.GitError) as error:
                raise OSError(errno.EIO, f"Git object {identity} cannot be read") from error
        return self._folders[path]

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

    def size(self, path: str) -> int:
        raise FileNotFoundError(errno.ENOENT, "The repository is empty")
