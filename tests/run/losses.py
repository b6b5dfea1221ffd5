"""Repositories that lose a part, in every way, and what runs make of them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

MEMBERS = ("ada", "ben", "cy")


def repository(top: Path) -> Path:
    """Three members with three entries each, of whom the index names two."""
    users = {name: {"directory": name, "display_name": f"{name} B."} for name in MEMBERS[:2]}
    top.mkdir(parents=True, exist_ok=True)
    (top / "index.json").write_text(json.dumps({"users": users}))
    for name in MEMBERS:
        (top / name).mkdir(exist_ok=True)
        for number in (1, 2, 3):
            write_entry(top, name, number)
    return top


def write_entry(top: Path, name: str, number: int) -> None:
    entry = {
        "id": f"urn:{name}:{number}",
        "updated": f"2024-05-0{number}T00:00:00Z",
        "published": f"2024-05-0{number}T00:00:00Z",
        "title": f"{name} writes {number}",
        "content": f"<p>Text {number} of {name}.</p>",
    }
    (top / name / f"{number}.json").write_text(json.dumps(entry))


def _write(content: bytes) -> Callable[[Path], None]:
    def write(top: Path) -> None:
        (top / "ben" / "2.json").write_bytes(content)

    return write


def _cut(top: Path) -> None:
    path = top / "ben" / "2.json"
    path.write_bytes(path.read_bytes()[:40])


def _link(top: Path) -> None:
    path = top / "ben" / "2.json"
    path.rename(top.parent / "2.json")
    path.symlink_to(top.parent / "2.json")


def _folder(top: Path) -> None:
    path = top / "ben" / "2.json"
    path.unlink()
    path.mkdir()


def _pipe(top: Path) -> None:
    path = top / "ben" / "2.json"
    path.unlink()
    os.mkfifo(path)


def _large(top: Path) -> None:
    path = top / "ben" / "2.json"
    with path.open("r+b") as file:
        file.truncate(60_000_000)


def _no_folder(top: Path) -> None:
    shutil.rmtree(top / "ben")


def _empty_folder(top: Path) -> None:
    shutil.rmtree(top / "ben")
    (top / "ben").mkdir()


def _linked_folder(top: Path) -> None:
    (top / "ben").rename(top.parent / "elsewhere")
    (top / "ben").symlink_to(top.parent / "elsewhere")


def _file_for_folder(top: Path) -> None:
    shutil.rmtree(top / "ben")
    (top / "ben").write_text("ben")


def _no_folders(top: Path) -> None:
    for name in MEMBERS:
        shutil.rmtree(top / name)


def _only_an_index(top: Path) -> None:
    _no_folders(top)
    (top / "index.json").write_text('{"users": {}}')


def _nothing_inside(top: Path) -> None:
    shutil.rmtree(top)
    top.mkdir()


def _nothing_there(top: Path) -> None:
    shutil.rmtree(top)


ALL = frozenset(f"{name} writes {number}" for name in MEMBERS for number in (1, 2, 3))
OF_BEN = frozenset(each for each in ALL if "ben" in each)
ONE = frozenset({"ben writes 2"})
LOSSES: dict[str, tuple[Callable[[Path], object], frozenset[str]]] = {
    "an empty file": (_write(b""), ONE),
    "zeros": (_write(b"\0" * 50), ONE),
    "a cut file": (_cut, ONE),
    "no JSON": (_write(b"<html>"), ONE),
    "a list": (_write(b"[]"), ONE),
    "a wrong type": (_write(b'{"id": 3, "updated": "2024-05-02"}'), ONE),
    "no id": (_write(b'{"updated": "2024-05-02"}'), ONE),
    "no date": (_write(b'{"id": "urn:ben:2"}'), ONE),
    "a long file": (_large, ONE),
    "a linked file": (_link, ONE),
    "a folder for a file": (_folder, ONE),
    "a pipe": (_pipe, ONE),
    "no folder": (_no_folder, OF_BEN),
    "an empty folder": (_empty_folder, OF_BEN),
    "a linked folder": (_linked_folder, OF_BEN),
    "a file for a folder": (_file_for_folder, OF_BEN),
    "no folders": (_no_folders, ALL),
    "only an index": (_only_an_index, ALL),
    "an empty clone": (_nothing_inside, ALL),
    "nothing": (_nothing_there, ALL),
}
"""What happens to a repository, and the titles that are lost by it."""

MEANT = "removed"
"""What happens to a file by intent: its entry leaves."""
OF_FILES = ("cut", "empty", "zeros", "link", "folder")
OF_FOLDERS = ("gone", "empty", "link", "file")


def damage(top: Path, name: str, how: str) -> None:
    """Do to a member's folder, or to an entry file ("ada/1.json"), what is said."""
    path, aside = top / name, top.parent / f"aside-{name.replace('/', '-')}"
    if path.is_file():
        content = path.read_bytes()
        path.unlink()
        if how in {"cut", "empty", "zeros"}:
            path.write_bytes({"cut": content[:-1], "empty": b"", "zeros": b"\0" * 9}[how])
        elif how == "link":
            aside.write_bytes(content)
            path.symlink_to(aside)
        elif how == "folder":
            path.mkdir()
    elif path.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
        path.rename(aside)
        if how == "empty":
            path.mkdir()
        elif how == "link":
            path.symlink_to(aside)
        elif how == "file":
            path.write_bytes(b"")


def mend(top: Path, removed: Iterable[str]) -> None:
    """Make a repository whole again, but for the files that were removed by intent."""
    shutil.rmtree(top)
    repository(top)
    for name in removed:
        (top / name).unlink()
