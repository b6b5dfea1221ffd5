"""A Git repository as a stranger may have made it: its references and objects, read as data.

libgit2 follows whatever a repository's files name: configuration that includes other files (a
pipe that nobody writes to), objects borrowed from other repositories of the same user, a file
``.git`` that leads to them, links.  So it is given a copy of the references, no configuration,
and a folder of objects in which there is nothing but plain files.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from convert.sources.thicket.tree import FolderTree, TooLarge
from convert.text.late import Late

if TYPE_CHECKING:
    import pygit2
else:
    pygit2 = Late("pygit2")

_LIMIT = 50_000_000
_LINE = 4_096
"""The most bytes of a file that holds one reference, or one path."""
_MOST_REFERENCES = 500_000
_DEEPEST = 32


@dataclasses.dataclass(frozen=True, kw_only=True)
class Repository:
    """Where a Git repository is: ``own`` has its HEAD, ``common`` references and objects, which
    are elsewhere for a linked work tree.  ``top`` is the work tree's, None for a bare one."""

    own: Path
    common: Path
    top: Path | None

    def remotes(self) -> Mapping[str, str]:
        """Return the addresses of the remotes by name, as its configuration says."""
        remotes: dict[str, str] = {}
        name = None
        with contextlib.suppress(OSError, TooLarge):
            text = FolderTree(self.common).read("config", _LIMIT).decode("utf-8", "replace")
            for line in text.splitlines():
                if section := re.match(r'\s*\[\s*([\w.-]+)(?:\s+"([^"\\]*)")?\s*\]', line):
                    name = section[2] if section[1].lower() == "remote" else None
                elif name and (url := re.match(r'\s*url\s*=\s*"?([^"#;\s]+)', line, re.IGNORECASE)):
                    remotes.setdefault(name, url[1])
        return remotes

    @contextlib.contextmanager
    def opened(self) -> Iterator[pygit2.Repository]:
        """Give what libgit2 may read of it; the objects can be read after the block, too.

        Raises OSError, which names the file, where one is no plain file or leads elsewhere.
        """
        head = _read(self.own, "HEAD").strip()
        if not re.fullmatch(r"ref: refs/[!-~]+|[0-9a-f]{40}", head):
            raise OSError(errno.EINVAL, "HEAD: names no branch and no commit")
        references = self._references()
        _require_plain(FolderTree(self.common), "objects")
        objects = self.common / "objects"
        database = pygit2.Odb()
        database.add_backend(pygit2.OdbBackendPack(str(objects)), 2)
        database.add_backend(pygit2.OdbBackendLoose(str(objects), -1, False), 1)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as private:
            copy = pygit2.init_repository(private, bare=True)
            (Path(private) / "HEAD").write_text(f"{head}\n")
            lines = [f"{references[name]} {name}\n" for name in sorted(references)]
            (Path(private) / "packed-refs").write_bytes(
                "".join(lines).encode("utf-8", "surrogateescape")
            )
            copy.set_odb(database)
            yield copy

    def _references(self) -> dict[str, str]:
        """Return the commits (or tags) of the references by their names."""
        tree = FolderTree(self.common)
        packed = ""
        with contextlib.suppress(FileNotFoundError):
            packed = _read(self.common, "packed-refs", _LIMIT)
        lines = re.findall(r"(?m)^([0-9a-f]{40}) (refs/\S+)$", packed)
        references = {name: identity for identity, name in lines}
        leading: dict[str, str] = {}
        for name in _files(tree, "refs"):
            content = _read(self.common, name).strip()
            if re.fullmatch(r"[0-9a-f]{40}", content):
                references[name] = content
            elif content.startswith("ref: "):
                leading[name] = content.removeprefix("ref: ")
            if len(references) > _MOST_REFERENCES:
                raise OSError(errno.EFBIG, f"more than {_MOST_REFERENCES:,} references")
        resolved = {name: references[to] for name, to in leading.items() if to in references}
        return references | resolved


def find(path: Path) -> Repository | None:
    """Return the repository that a folder is, or lies in; None where there is none.

    Raises OSError where the folder's file ``.git`` leads to one that does not lead back.
    """
    for folder in (path, *path.parents):
        git = folder / ".git"
        if git.is_symlink():
            raise OSError(errno.ELOOP, f"{git}: is a symbolic link: not followed")
        if git.is_file():
            return _linked(folder, git)
        if _is_repository(git):
            return Repository(own=git, common=git, top=folder)
        if _is_repository(folder):
            return Repository(own=folder, common=folder, top=None)
    return None


def _is_repository(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("HEAD", "objects", "refs"))


def _linked(folder: Path, git: Path) -> Repository:
    """Return the repository of a linked work tree or a submodule.

    Both are told from a file that leads to whatever its writer likes: the one has its folder
    in a list of the repository's, the other is kept inside of the repository around it.
    """
    content = _read(folder, ".git").strip()
    own = (folder / content.removeprefix("gitdir:").strip()).resolve()
    if own.parent.name == "worktrees" and own.is_dir():
        with contextlib.suppress(OSError):
            if Path(_read(own, "gitdir").strip()).resolve() == git:
                return Repository(own=own, common=own.parent.parent, top=folder)
    if any(above / ".git" / "modules" in own.parents for above in folder.parents):
        return Repository(own=own, common=own, top=folder)
    raise OSError(errno.ELOOP, f"{git}: leads to {own}, which does not lead back: not followed")


def _read(folder: Path, name: str, limit: int = _LINE) -> str:
    try:
        return FolderTree(folder).read(name, limit).decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OSError(error.errno, f"{name}: {error.strerror}") from error
    except TooLarge as error:
        raise OSError(errno.EFBIG, f"{name}: {error}") from error


def _files(tree: FolderTree, folder: str) -> Iterator[str]:
    """Yield the paths of all files below a folder.  Raises OSError, which names it, for what is
    neither a file nor a folder."""
    if folder.count("/") > _DEEPEST:
        raise OSError(errno.ELOOP, f"{folder}: too many folders")
    try:
        listed = tree.list(folder)
    except OSError as error:
        raise OSError(error.errno, f"{folder}: {error.strerror}") from error
    for each in listed:
        path = f"{folder}/{each.name}"
        if each.kind == "folder":
            yield from _files(tree, path)
        elif each.kind == "file":
            yield path
        else:
            kind = "a symbolic link" if each.kind == "link" else "neither a file nor a folder"
            raise OSError(errno.EINVAL, f"{path}: is {kind}: not followed")


def _require_plain(tree: FolderTree, objects: str) -> None:
    """Raise OSError where not all objects of a repository are plain files of its own."""
    for path in _files(tree, objects):
        if path == "objects/info/alternates" and _read(tree.top, path, _LIMIT).strip():
            reason = "borrows objects of another repository: not followed; run 'git repack -a -d'"
            raise OSError(errno.EINVAL, f"{path}: {reason}")
