"""What Git reads when it commits: files, for whoever opens a pipe waits for its writer."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_DEEPEST = 10
"""The most files of configuration that lead to one another, as for Git itself."""


def require(top: Path, files: Iterable[str]) -> None:
    """Raise ValueError where Git would wait for a pipe, or read a device, to commit these
    files below ``top``."""
    inside = top.resolve()
    folders = {inside.joinpath(*file.split("/")[:-1]) for file in files} | {inside}
    for folder in (inside, *inside.parents):
        folders.add(folder)
        git = folder / ".git"
        if git.is_file():
            git = folder / git.read_text(errors="replace").removeprefix("gitdir:").strip()
        if git.is_dir():
            _require_plain(_below(git))
            _require_plain(_configuration(git, "config", _DEEPEST))
            break
    _require_plain(
        folder / name for folder in folders for name in (".git", ".gitignore", ".gitattributes")
    )


def _require_plain(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise ValueError(f"{path} is neither a file nor a folder; remove it")


def _below(git: Path) -> Iterator[Path]:
    """Yield what may be no plain file, of Git's own folder and of the one that a linked work
    tree shares."""
    with os.scandir(git) as entries:
        for each in entries:
            if each.is_dir(follow_symlinks=False):
                yield from _below(Path(each.path))
            elif not each.is_file(follow_symlinks=False):
                yield Path(each.path)
    common = git / "commondir"
    if common.is_file():
        yield from _below(git / common.read_text(errors="replace").strip())


def _configuration(folder: Path, name: str, depth: int) -> Iterator[Path]:
    """Yield the files of configuration that one includes, and itself."""
    path = folder / Path(name).expanduser()
    yield path
    if depth and path.is_file():
        for included in re.findall(
            r"(?im)\bpath\s*=\s*\"?([^\"\n]+)", path.read_text(errors="replace")
        ):
            yield from _configuration(path.parent, included.strip(), depth - 1)
