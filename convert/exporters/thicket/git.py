"""One commit of what a run wrote into a repository."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from convert.errors import ExportError
from convert.exporters.thicket import plain
from convert.text.late import Late

if TYPE_CHECKING:
    import pygit2
else:
    pygit2 = Late("pygit2")

_NAME, _EMAIL = "thicket-convert", "thicket-convert@localhost"
"""Who commits where Git's configuration names nobody."""
_LISTED = 500
"""The most paths that a message lists."""


def commit(top: Path, files: Iterable[str], *, whole: bool) -> str | None:
    """Commit these files, paths below ``top``, and nothing else.

    Returns the new commit's hash, None where all are committed as they are.  A folder in no
    repository becomes one.  ``whole``: the files are all that shall be there, so that tracked
    ones which are gone are gone in the commit too.  What the user has staged of other files
    stays staged.  Raises ExportError where Git does not take it.
    """
    try:
        files = sorted(files)
        plain.require(top, files)
        repository = _open(top)
        index = pygit2.Index()
        if (head := _head_tree(repository)) is not None:
            index.read_tree(head)
        changes = _add_changes(repository, index, top, files, whole=whole)
        if not changes:
            return None
        tree = index.write_tree(repository)
        # Git's own index first: where another program holds it, nothing is committed, and
        # the next run does so.
        staged = repository.index
        staged.read()
        for path, change in changes.items():
            if change != "removed":
                staged.add(index[path])
            elif path in staged:
                staged.remove(path)
        staged.write()
        parents = [] if repository.head_is_unborn else [repository.head.target]
        try:
            signature = repository.default_signature
        except (KeyError, ValueError, pygit2.GitError):
            signature = pygit2.Signature(_NAME, _EMAIL)
        return str(
            repository.create_commit("HEAD", signature, signature, _message(changes), tree, parents)
        )
    except (pygit2.GitError, KeyError, ValueError, OSError) as error:
        raise ExportError(
            f"{top}: is written but not committed: {error}; put it right and run again"
        ) from error


def uncommitted(top: Path, files: Iterable[str], *, committing: bool) -> list[str]:
    """Return those of these files, paths below ``top``, that are there and that Git does not have
    as they are; none where the folder lies in no repository.

    ``committing``: what can be committed is, before it is rewritten.
    """
    try:
        files = sorted(files)
        if pygit2.discover_repository(str(top.resolve())) is None:
            return []
        plain.require(top, files)
        repository = pygit2.Repository(str(top.resolve()))
        if committing and repository.state() == pygit2.enums.RepositoryState.NONE:
            return []
        below = _below(repository, top)
        paths = {f"{below}/{file}" if below else file: file for file in files}
        there = (path for path in paths if _is_plain(Path(repository.workdir), path))
        return [paths[path] for path in there if repository.status_file(path)]
    except (pygit2.GitError, KeyError, ValueError, OSError):
        return []  # where it is to be committed, the commit tells


def _open(top: Path) -> pygit2.Repository:
    """Return the repository that the folder lies in, a new one where there is none.  Raises
    ValueError for one that nothing may be committed to now."""
    if pygit2.discover_repository(str(top.resolve())) is None:
        return pygit2.init_repository(str(top), initial_head="main")
    # By its work tree: Git's own folder does not always know where that is.
    repository = pygit2.Repository(str(top.resolve()))
    if repository.is_bare:
        raise ValueError("the repository is bare")
    below = _below(repository, top)
    head = _head_tree(repository)
    # A folder of a larger repository that it does not know is somebody's choice, not ours.
    if below and (head is None or below not in head):
        raise ValueError(
            f"it lies in the repository {repository.workdir}, which does not know it;"
            " commit it there once, or 'git init' in it"
        )
    if repository.state() != pygit2.enums.RepositoryState.NONE:
        raise ValueError("the repository is in the middle of a merge, a rebase or the like")
    return repository


def _below(repository: pygit2.Repository, top: Path) -> str:
    """Return the path of the folder in the repository; "" for its top."""
    path = top.resolve().relative_to(Path(repository.workdir).resolve()).as_posix()
    return "" if path == "." else path


def _head_tree(repository: pygit2.Repository) -> pygit2.Tree | None:
    return None if repository.head_is_unborn else repository.head.peel(pygit2.Tree)


def _add_changes(
    repository: pygit2.Repository,
    index: pygit2.Index,
    top: Path,
    files: Iterable[str],
    *,
    whole: bool,
) -> dict[str, str]:
    """Add to the index what differs on disk, as Git would; return what happened to each path.

    What is no plain file, and what is ignored, is passed over.
    """
    below = _below(repository, top)
    prefix = f"{below}/" if below else ""
    before = {entry.path: entry for entry in index}
    changes: dict[str, str] = {}
    for path in sorted(f"{prefix}{file}" for file in files):
        old = before.get(path)
        if not _is_plain(Path(repository.workdir), path):
            continue
        if old is None and repository.path_is_ignored(path):
            continue
        blob = repository.create_blob_fromworkdir(path)
        if old is None or old.id != blob:
            changes[path] = "changed" if old is not None else "added"
            # A file keeps its mode: a checkout may have made it executable.
            mode = old.mode if old is not None else pygit2.enums.FileMode.BLOB
            index.add(pygit2.IndexEntry(path, blob, mode))
    # What a sparse checkout keeps off the disk is not gone.
    sparse = "core.sparseCheckout"
    if whole and not (sparse in repository.config and repository.config.get_bool(sparse)):
        for path in sorted(before):
            if path.startswith(prefix) and not Path(repository.workdir, path).exists():
                changes[path] = "removed"
                index.remove(path)
    return changes


def _is_plain(top: Path, path: str) -> bool:
    """Return whether this is a file that no symbolic link leads to."""
    place = top
    for part in path.split("/"):
        place /= part
        if place.is_symlink():
            return False
    return place.is_file()


def _message(changes: dict[str, str]) -> str:
    """Return what changed: counts in the first line, then a path a line."""
    counts = [
        f"{number} {change}"
        for change in ("added", "changed", "removed")
        if (number := sum(each == change for each in changes.values()))
    ]
    lines = [f"{change}: {path}" for path, change in changes.items()][:_LISTED]
    if len(changes) > _LISTED:
        lines.append(f"and {len(changes) - _LISTED} more")
    return "\n".join([f"thicket-convert: {', '.join(counts)}", "", *lines, ""])
