"""Where a Thicket repository lies: a folder, a work tree, a bare repository, one entry file."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import difflib
import re
from pathlib import Path

import pygit2
from msgspec.structs import replace

from convert.errors import NotASource, SourceError
from convert.model import Origin
from convert.sources import clean
from convert.sources.thicket.tree import EmptyTree, FolderTree, GitTree, Tree


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
    """A tree to read, where it came from, and the one file that was meant ("" for all).

    ``empty`` is True for a Git repository that holds nothing yet, which is no mistake.
    """

    tree: Tree
    origin: Origin
    only: str = ""
    empty: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Repository:
    """A Git repository around a folder, and the folder's path in it ("" at its top)."""

    git: pygit2.Repository
    prefix: str
    worktree: bool


def locate(address: str, rev: str | None) -> Place:
    """Return the place that a path names; ``rev`` reads a revision instead of the files as
    they are.

    Raises NotASource where there is no such folder or file, SourceError where Git cannot
    read the repository or does not know the revision.
    """
    path = Path(address)
    try:
        if not path.exists():
            beside: list[str] = []
            with contextlib.suppress(OSError):
                beside = sorted(each.name for each in path.absolute().parent.iterdir())
            close = difflib.get_close_matches(path.name, beside, n=3)
            hint = f"; did you mean {' or '.join(map(clean.path, close))}?" if close else ""
            raise NotASource(address, f"does not exist{hint}")
        path = path.resolve()  # so that "." has a name
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(clean.line(address), f"cannot be opened: {error}") from error
    if path.is_dir():
        return _folder(address, path, rev)
    if not path.is_file():
        raise NotASource(address, "is neither a folder nor a file")
    # The folder above the user's is the repository, but only where it says so: a picture
    # beside the entry must not be looked for in whatever else lies above.
    whole = (path.parent.parent / "index.json").is_file()
    top = path.parent.parent if whole else path.parent
    place = _folder(address, top, rev)
    return dataclasses.replace(
        place, only=path.relative_to(top).as_posix(), origin=replace(place.origin, name=path.stem)
    )


def of_copy(address: str, copy: Path, rev: str | None) -> Place:
    """Return the same for a copy of the repository at a web address, which alone is named."""
    shown = clean.without_credentials(address).removeprefix("git+")
    place = _folder(shown, copy.resolve(), rev)
    name = clean.line(shown.rstrip("/").rpartition("/")[2].removesuffix(".git")) or "thicket"
    return dataclasses.replace(place, origin=replace(place.origin, name=name))


def _folder(address: str, path: Path, rev: str | None) -> Place:
    origin = Origin(
        address=clean.without_credentials(address),
        kind="thicket",
        name=clean.line(path.name.removesuffix(".git")) or "thicket",
    )
    repository = _around(address, path, required=rev is not None)
    if repository is None:
        return Place(tree=FolderTree(path), origin=origin)
    local = origin
    origin = replace(origin, remote=_remote(repository.git))
    if rev is None and repository.git.is_empty:
        tree: Tree = FolderTree(path) if repository.worktree else EmptyTree()
        empty = all(each.name.startswith(".") for each in tree.list(""))
        return Place(tree=tree, origin=origin, empty=empty)
    commit = _commit(address, repository, rev)
    if commit is None:
        return Place(tree=FolderTree(path), origin=origin)
    tracked = None
    with contextlib.suppress(KeyError, ValueError, pygit2.GitError):
        inside = commit.tree[repository.prefix] if repository.prefix else commit.tree
        tracked = inside.peel(pygit2.Tree)
    if tracked is None and (rev is not None or not repository.worktree):
        raise SourceError(address, f"revision {rev or 'HEAD'} has no folder {repository.prefix}")
    if tracked is None:
        # A folder that Git does not know has nothing to do with the commit around it.
        return Place(tree=FolderTree(path), origin=local)
    as_files = rev is None and repository.worktree
    committed = None
    with contextlib.suppress(OverflowError, ValueError, OSError):  # Git takes any number
        committed = dt.datetime.fromtimestamp(commit.commit_time, dt.UTC)
    return Place(
        tree=FolderTree(path) if as_files else GitTree(repository.git, tracked),
        origin=replace(origin, commit=str(commit.id), committed=committed),
        empty=len(tracked) == 0,
    )


def _around(address: str, path: Path, *, required: bool) -> _Repository | None:
    """Return the Git repository that a folder is, or lies in."""
    try:
        place = pygit2.discover_repository(str(path))
        git = pygit2.Repository(place) if place else None
    except (pygit2.GitError, OSError, ValueError) as error:
        if required or (path / "objects").is_dir():
            raise SourceError(address, f"Git cannot open the repository: {error}") from error
        return None
    if git is None:
        if required:
            raise SourceError(address, "is not in a Git repository, so it has no revisions")
        return None
    # The folder .git of a work tree, too, is read as what was committed.
    if git.is_bare or path == Path(git.path).resolve():
        return _Repository(git=git, prefix="", worktree=False)
    top = Path(git.workdir).resolve()
    if not path.is_relative_to(top):
        return None
    prefix = path.relative_to(top).as_posix()
    return _Repository(git=git, prefix="" if prefix == "." else prefix, worktree=True)


def _commit(address: str, repository: _Repository, rev: str | None) -> pygit2.Commit | None:
    """Return the commit of a revision; without one HEAD's, or None where the files suffice."""
    try:
        return repository.git.revparse_single(rev or "HEAD").peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.GitError) as error:
        if rev is None and repository.worktree:
            return None
        names = [name.removeprefix("refs/") for name in repository.git.references]
        short = [re.sub(r"^(heads|tags|remotes)/", "", name) for name in names]
        close = difflib.get_close_matches(rev or "HEAD", short, n=3) or sorted(short)[:5]
        hint = f"; known are {', '.join(close)}" if close else ""
        raise SourceError(address, f"Git knows no commit {rev or 'HEAD'!r}{hint}") from error


def _remote(git: pygit2.Repository) -> str | None:
    """Return the address that the repository was cloned from; a path of this machine is none."""
    try:
        addresses = {each.name: each.url or "" for each in git.remotes if each.name}
    except pygit2.GitError:
        return None
    address = addresses.get("origin") or next((addresses[name] for name in sorted(addresses)), "")
    if re.match(r"(https?|ssh|git)://", address):
        # A query may hold a token.
        return clean.optional(clean.without_credentials(address).partition("?")[0])
    # git@host:group/store.git, where git is a name that everyone has.
    return clean.line(address) if re.match(r"[\w.-]+@[\w.-]+:", address) else None
