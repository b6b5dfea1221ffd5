"""What Git reads when it commits: files, for whoever opens a pipe waits for its writer."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path


def require(top: Path, files: Iterable[str]) -> None:
    """Raise ValueError where Git would wait for a pipe, or read a device, to commit these
    files below ``top``."""
    inside = top.resolve()
    folders = {inside.joinpath(*file.split("/")[:-1]) for file in files} | {inside}
    for folder in (inside, *inside.parents):
        folders.add(folder)
        git = folder / ".git"
        if git.is_file():
            git = folder / _line(git).removeprefix("gitdir:").strip()
        if git.is_dir():
            common = git / _line(git / "commondir") if (git / "commondir").is_file() else git
            _require_plain(_special(git, common))
            _require_plain(
                _configuration(common / "config", git / "config", git / "config.worktree")
            )
            break
    _require_plain(
        folder / name for folder in folders for name in (".git", ".gitignore", ".gitattributes")
    )


def _require_plain(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise ValueError(f"{path} is neither a file nor a folder; remove it")


def _special(*folders: Path) -> Iterator[Path]:
    """Yield what is neither a file nor a folder in these, at any depth, and in the folders
    whose objects they borrow."""
    waiting = list(folders)
    lenders: set[Path] = set()
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as entries:
            for each in entries:
                if each.is_dir(follow_symlinks=False):
                    waiting.append(Path(each.path))
                elif not each.is_file(follow_symlinks=False):
                    yield Path(each.path)
                elif each.name == "alternates" and folder.name == "info":
                    lines = Path(each.path).read_text(errors="replace").split("\n")
                    lent = {(folder.parent / line).resolve() for line in lines if line}
                    waiting += [lender for lender in sorted(lent - lenders) if lender.is_dir()]
                    lenders |= lent


def _configuration(*files: Path) -> Iterator[Path]:
    """Yield these files of configuration, and those that they include."""
    waiting, seen = list(files), set(files)
    while waiting:
        path = waiting.pop()
        yield path
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        for name in re.findall(r"(?im)\bpath\s*=\s*\"?([^\"\n]+)", text):
            # A home that nobody has raises in Path's own way to do this.
            expanded = os.path.expanduser(name.strip())  # noqa: PTH111
            included = Path(os.path.normpath(path.parent / expanded))
            if included not in seen:
                seen.add(included)
                waiting.append(included)


def _line(file: Path) -> str:
    return file.read_text(errors="replace").strip()
