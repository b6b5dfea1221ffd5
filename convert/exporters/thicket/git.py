"""One commit of what a run wrote into a repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pygit2

from convert.errors import ExportError

_NAME, _EMAIL = "thicket-convert", "thicket-convert@localhost"
"""Who commits where Git's configuration names nobody."""
_LISTED = 500
"""The most paths that a message lists."""


def commit(top: Path, files: Sequence[str], *, whole: bool) -> str | None:
    """Commits these files, paths below ``top``, and nothing else; the new commit's hash, None
    where all are committed as they are.

    A folder in no repository becomes one.  ``whole``: the files are all that shall be there,
    so that tracked ones which are gone are gone in the commit too.  What the user has staged
    of other files stays staged.  Raises ExportError where Git does not take it.
    """
    try:
        repository = _repository(top)
        prefix = top.resolve().relative_to(Path(repository.workdir).resolve()).as_posix()
        below = "" if prefix == "." else f"{prefix}/"
        return _commit(repository, below, files, whole=whole)
    except (pygit2.GitError, KeyError, ValueError, OSError) as error:
        raise ExportError(
            f"{top}: is written but not committed: {error}; put it right and run again"
        ) from error


def _repository(top: Path) -> pygit2.Repository:
    found = pygit2.discover_repository(str(top.resolve()))
    if found is None:
        return pygit2.init_repository(str(top), initial_head="main")
    repository = pygit2.Repository(found)
    if repository.is_bare:
        raise ValueError("the repository is bare")
    inside = top.resolve().relative_to(Path(repository.workdir).resolve()).as_posix()
    if inside != "." and _tracked(repository, inside) is None:
        raise ValueError(
            f"it lies in the repository {repository.workdir}, which does not know it;"
            " commit it there once, or 'git init' in it"
        )
    state = repository.state()
    if state != pygit2.enums.RepositoryState.NONE:
        raise ValueError("the repository is in the middle of a merge, a rebase or the like")
    return repository


def _tracked(repository: pygit2.Repository, path: str) -> pygit2.Object | None:
    tree = _head_tree(repository)
    return tree[path] if tree is not None and path in tree else None


def _head_tree(repository: pygit2.Repository) -> pygit2.Tree | None:
    if repository.head_is_unborn:
        return None
    return repository.head.peel(pygit2.Tree)


def _commit(
    repository: pygit2.Repository, below: str, files: Iterable[str], *, whole: bool
) -> str | None:
    head = _head_tree(repository)
    shape = pygit2.Index()
    if head is not None:
        shape.read_tree(head)
    before = {entry.path: entry for entry in shape}
    changes: dict[str, str] = {}
    for path in sorted(f"{below}{file}" for file in files):
        entry = _entry(repository, path, before.get(path))
        if entry is not None and (path not in before or before[path].id != entry.id):
            changes[path] = "changed" if path in before else "added"
            shape.add(entry)
    if whole:
        for path in sorted(before):
            if path.startswith(below) and not Path(repository.workdir, path).exists():
                changes[path] = "removed"
                shape.remove(path)
    if not changes:
        return None
    return _write(repository, shape, changes)


def _entry(
    repository: pygit2.Repository, path: str, before: pygit2.IndexEntry | None
) -> pygit2.IndexEntry | None:
    """The file on disk as Git would add it; None for what is no plain file or is ignored."""
    place = Path(repository.workdir, path)
    if place.is_symlink() or not place.is_file():
        return None
    if before is None and repository.path_is_ignored(path):
        return None
    blob = repository.create_blob_fromworkdir(path)
    mode = before.mode if before is not None else pygit2.enums.FileMode.BLOB
    return pygit2.IndexEntry(path, blob, mode)


def _write(repository: pygit2.Repository, shape: pygit2.Index, changes: dict[str, str]) -> str:
    tree = shape.write_tree(repository)
    # Git's own index first: where another program holds it, nothing is committed, and the
    # next run does so.
    staged = repository.index
    staged.read()
    for path, what in changes.items():
        if what != "removed":
            staged.add(shape[path])
        elif path in staged:
            staged.remove(path)
    staged.write()
    parents = [] if repository.head_is_unborn else [repository.head.target]
    who = _signature(repository)
    return str(repository.create_commit("HEAD", who, who, _message(changes), tree, parents))


def _signature(repository: pygit2.Repository) -> pygit2.Signature:
    try:
        return repository.default_signature
    except (KeyError, ValueError, pygit2.GitError):
        return pygit2.Signature(_NAME, _EMAIL)


def _message(changes: dict[str, str]) -> str:
    """What changed: counts in the first line, then a path a line."""
    counts = [
        f"{number} {what}"
        for what in ("added", "changed", "removed")
        if (number := sum(each == what for each in changes.values()))
    ]
    lines = [f"{what}: {path}" for path, what in changes.items()][:_LISTED]
    if len(changes) > _LISTED:
        lines.append(f"and {len(changes) - _LISTED} more")
    return "\n".join([f"thicket-convert: {', '.join(counts)}", "", *lines, ""])
