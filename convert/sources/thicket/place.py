"""Where a Thicket repository lies: a folder, a work tree, a bare repository, one entry file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import re
from pathlib import Path

import pygit2

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
    """The place that a path names; ``rev`` reads a revision instead of the files as they are.

    Raises NotASource where there is no such folder or file, SourceError where Git cannot
    read the repository or does not know the revision.
    """
    path = Path(address)
    try:
        if not path.exists():
            raise NotASource(address, f"does not exist{_nearest(path)}")
        place = path.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(clean.line(address), f"cannot be opened: {error}") from error
    if place.is_dir():
        return _folder(address, place, rev)
    if not place.is_file():
        raise NotASource(address, "is neither a folder nor a file")
    # The folder above the user's is the repository, but only where it says so: a picture
    # beside the entry must not be looked for in whatever else lies above.
    whole = (place.parent.parent / "index.json").is_file()
    top = place.parent.parent if whole else place.parent
    within = _folder(address, top, rev)
    return dataclasses.replace(
        within,
        only=place.relative_to(top).as_posix(),
        origin=_origin(within.origin, name=place.stem),
    )


def of_copy(address: str, copy: Path, rev: str | None) -> Place:
    """The same for a copy of the repository at a web address: only the address is told of."""
    shown = clean.without_credentials(address).removeprefix("git+")
    found = _folder(shown, copy.resolve(), rev)
    name = clean.line(shown.rstrip("/").rpartition("/")[2].removesuffix(".git")) or "thicket"
    return dataclasses.replace(found, origin=_origin(found.origin, name=name))


def _folder(address: str, place: Path, rev: str | None) -> Place:
    origin = Origin(
        address=clean.without_credentials(address),
        kind="thicket",
        name=clean.line(place.name.removesuffix(".git")) or "thicket",
    )
    repository = _around(address, place, required=rev is not None)
    if repository is None:
        return Place(tree=FolderTree(place), origin=origin)
    origin = _origin(origin, remote=_remote(repository.git))
    if rev is None and repository.git.is_empty:
        tree: Tree = FolderTree(place) if repository.worktree else EmptyTree()
        empty = all(each.name.startswith(".") for each in tree.list(""))
        return Place(tree=tree, origin=origin, empty=empty)
    commit = _commit(address, repository, rev)
    if commit is None:
        return Place(tree=FolderTree(place), origin=origin)
    tracked = _subtree(commit.tree, repository.prefix)
    if rev is not None or not repository.worktree:
        if tracked is None:
            raise SourceError(
                address, f"revision {rev or 'HEAD'} has no folder {repository.prefix}"
            )
        tree = GitTree(repository.git, tracked)
    elif tracked is None:
        # A folder that Git does not know has nothing to do with the commit around it.
        return Place(tree=FolderTree(place), origin=_origin(origin, remote=None))
    else:
        tree = FolderTree(place)
    return Place(
        tree=tree,
        origin=_origin(origin, commit=str(commit.id), committed=_time(commit)),
        empty=tracked is not None and len(tracked) == 0,
    )


def _around(address: str, place: Path, *, required: bool) -> _Repository | None:
    """The Git repository that a folder is, or lies in."""
    try:
        found = pygit2.discover_repository(str(place))
        git = pygit2.Repository(found) if found else None
    except (pygit2.GitError, OSError, ValueError) as error:
        if required or (place / "objects").is_dir():
            raise SourceError(address, f"Git cannot open the repository: {error}") from error
        return None
    if git is None:
        if required:
            raise SourceError(address, "is not in a Git repository, so it has no revisions")
        return None
    if git.is_bare or place == Path(git.path).resolve():
        return _Repository(git=git, prefix="", worktree=False)
    top = Path(git.workdir).resolve()
    if not place.is_relative_to(top):
        return None
    prefix = place.relative_to(top).as_posix()
    return _Repository(git=git, prefix="" if prefix == "." else prefix, worktree=True)


def _commit(address: str, repository: _Repository, rev: str | None) -> pygit2.Commit | None:
    """The commit that was asked for; HEAD's, or None, where none was."""
    try:
        return repository.git.revparse_single(rev or "HEAD").peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.GitError) as error:
        if rev is None and repository.worktree:
            return None
        names = [name.removeprefix("refs/") for name in repository.git.references]
        short = [re.sub(r"^(heads|tags|remotes)/", "", name) for name in names]
        close = difflib.get_close_matches(rev or "HEAD", short, n=3) or sorted(short)[:5]
        known = f"; known are {', '.join(close)}" if close else ""
        raise SourceError(address, f"Git knows no commit {rev or 'HEAD'!r}{known}") from error


def _subtree(tree: pygit2.Tree, prefix: str) -> pygit2.Tree | None:
    if not prefix:
        return tree
    try:
        return tree[prefix].peel(pygit2.Tree)
    except (KeyError, ValueError, pygit2.GitError):
        return None


def _remote(git: pygit2.Repository) -> str | None:
    """The address that the repository was cloned from; a path of this machine is none."""
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


def _time(commit: pygit2.Commit) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(commit.commit_time, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _origin(origin: Origin, **changes: object) -> Origin:
    fields = {name: getattr(origin, name) for name in origin.__struct_fields__}
    return Origin(**(fields | changes))


def _nearest(path: Path) -> str:
    """What lies beside a path that does not exist and is called nearly the same."""
    try:
        beside = [each.name for each in path.absolute().parent.iterdir()]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, sorted(beside), n=3)
    return f"; did you mean {' or '.join(clean.path(name) for name in close)}?" if close else ""
