"""Where a Thicket repository lies: a folder, a work tree, a bare repository, one entry file."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from convert.errors import NotASource, SourceError, UnknownName, UsageError, near
from convert.model import Origin
from convert.sources import clean
from convert.sources.thicket.repository import Repository, find
from convert.sources.thicket.tree import EmptyTree, FolderTree, GitTree, Tree
from convert.text.addresses import named_path
from convert.text.late import Late
from convert.text.source_names import source_name

if TYPE_CHECKING:
    import pygit2
else:
    pygit2 = Late("pygit2")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
    """A tree to read, where it came from, and the one file that was meant ("" for all).

    ``empty`` is True for a Git repository that holds nothing yet, which is no mistake.
    """

    tree: Tree
    origin: Origin
    only: str = ""
    empty: bool = False


def locate(address: str, rev: str | None) -> Place:
    """Return the place that a path names; ``rev`` reads a revision instead of the files as
    they are.

    Raises NotASource where there is no such folder or file, UnknownName where there is no such
    revision, SourceError where Git cannot read the repository.
    """
    named = named_path(address)  # so that "." has a name
    try:
        if not named.exists():
            raise NotASource(address, _why_missing(named, address))
        path = named.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(clean.line(address), f"cannot be opened: {error}") from error
    if path.is_dir():
        return _called(_folder(address, path, rev))
    if not path.is_file():
        raise NotASource(address, "is neither a folder nor a file")
    # The folder above the user's is the repository, but only where it says so: a picture
    # beside the entry must not be looked for in whatever else lies above.
    whole = (path.parent.parent / "index.json").is_file()
    top = path.parent.parent if whole else path.parent
    place = _called(_folder(address, top, rev))
    return dataclasses.replace(place, only=path.relative_to(top).as_posix())


def of_copy(address: str, copy: Path, rev: str | None) -> Place:
    """Return the same for a copy of the repository at a web address, which alone is named."""
    shown = clean.without_credentials(address).removeprefix("git+")
    return _called(_folder(shown, copy.resolve(), rev))


def _called(place: Place) -> Place:
    """Return a place with the name that its address gives."""
    name = clean.line(source_name(place.origin.address, "thicket")) or "thicket"
    return dataclasses.replace(place, origin=replace(place.origin, name=name))


def _why_missing(path: Path, address: str) -> str:
    """Return why nothing is at a path, and what may have been meant."""
    if path.is_symlink():
        return f"is a symbolic link that leads nowhere ({clean.path(str(path.readlink()))})"
    beside: list[str] = []
    with contextlib.suppress(OSError):
        beside = sorted(each.name for each in path.parent.iterdir())
    close = near(path.name, beside)
    if close:
        return f"does not exist; did you mean {' or '.join(map(clean.path, close))}?"
    return clean.absent(address)


def _folder(address: str, path: Path, rev: str | None) -> Place:
    origin = Origin(address=clean.without_credentials(address), kind="thicket", name="thicket")
    repository = None
    try:
        repository = find(path)
        if repository is not None:
            with repository.opened() as git:
                return _committed(path, rev, origin, repository, git)
    except (pygit2.GitError, OSError, ValueError) as error:
        # Where there are files, they can be read without Git.
        if rev is not None or (repository is not None and repository.top is None):
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise SourceError(address, f"Git's repository cannot be read: {reason}") from error
    if rev is not None:
        reason = "is not in a Git repository, so it has no revisions; leave --rev out"
        raise UsageError(f"rev: {address}: {reason}")
    return Place(tree=FolderTree(path), origin=origin)


def _committed(
    path: Path, rev: str | None, origin: Origin, repository: Repository, git: pygit2.Repository
) -> Place:
    """Return the place of a folder in a repository, with what Git knows of it."""
    as_files = rev is None and repository.top is not None
    local = origin
    origin = replace(origin, remote=_remote(repository.remotes()))
    if rev is None and git.head_is_unborn and not list(git.references):
        tree: Tree = FolderTree(path) if as_files else EmptyTree()
        empty = all(each.name.startswith(".") for each in tree.list(""))
        return Place(tree=tree, origin=origin, empty=empty)
    commit = _commit(origin.address, git, rev, required=not as_files)
    if commit is None:
        return Place(tree=FolderTree(path), origin=origin)
    folder = path.relative_to(repository.top).as_posix() if repository.top else "."
    prefix = "" if folder == "." else folder
    try:
        tracked = GitTree(git, commit.tree_id).folder(prefix)
    except OSError as error:
        if as_files:
            # A folder that Git does not know has nothing to do with the commit around it.
            return Place(tree=FolderTree(path), origin=local)
        missing = isinstance(error, FileNotFoundError)
        reason = f"has no folder {prefix}" if missing else f"cannot be read: {error.strerror}"
        raise SourceError(origin.address, f"revision {rev or 'HEAD'} {reason}") from error
    committed = None
    with contextlib.suppress(OverflowError, ValueError, OSError):  # Git takes any number
        committed = dt.datetime.fromtimestamp(commit.commit_time, dt.UTC)
    return Place(
        tree=FolderTree(path) if as_files else GitTree(git, tracked.id),
        origin=replace(origin, commit=str(commit.id), committed=committed),
        empty=len(tracked) == 0,
    )


def _commit(
    address: str, git: pygit2.Repository, rev: str | None, *, required: bool
) -> pygit2.Commit | None:
    """Return the commit of a revision, without one HEAD's; None where there is none and it is
    not ``required``."""
    try:
        return git.revparse_single(rev or "HEAD").peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.GitError) as error:
        if not required:
            return None
        if rev is None:
            raise SourceError(address, "Git knows no commit 'HEAD'") from error
        names = (name.removeprefix("refs/") for name in git.references)
        short = {clean.line(re.sub(r"^(heads|tags|remotes)/", "", name)) for name in names}
        raise UnknownName(f"revision of {address}", rev, short) from error


def _remote(addresses: Mapping[str, str]) -> str | None:
    """Return the address that a repository was cloned from; a path of this machine is none."""
    address = addresses.get("origin") or next((addresses[name] for name in sorted(addresses)), "")
    if re.match(r"(https?|ssh|git)://", address):
        # A query may hold a token.
        return clean.optional(clean.without_credentials(address).partition("?")[0])
    # git@host:group/store.git, where git is a name that everyone has.
    return clean.line(address) if re.match(r"[\w.-]+@[\w.-]+:", address) else None
