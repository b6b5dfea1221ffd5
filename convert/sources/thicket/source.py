"""Source ``thicket``: a Thicket repository, a folder for each user and a file for each entry.

Reads folders, Git work trees, bare repositories, any revision of either, and one entry file.
"""

from __future__ import annotations

import posixpath
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from convert.contract import Reading, SourceContext
from convert.errors import NotASource
from convert.model import Feed, Origin, Problem, Severity, StoredEntry, User, Value
from convert.sources import clean
from convert.sources.thicket import clone, index, place
from convert.sources.thicket import entry as thicket_entry
from convert.sources.thicket.tree import Listed, TooLarge, Tree

_PICTURE_LIMIT = 50_000_000
_REMOTE = re.compile(r"(?:git\+)?(?:https?|ssh|git|file)://|[\w.-]+@[\w.-]+:")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This source has no options."""


class ThicketSource:
    """The entry point; satisfies ``convert.contract.Source``."""

    name = "thicket"
    summary = "a Thicket repository: a folder, a Git repository or one entry file"
    Options: type[msgspec.Struct] = Options

    def recognises(self, address: str) -> int:
        """Certain of folders with an index.json and of Git; less so of any other folder."""
        if _REMOTE.match(address):
            return 90 if not address.startswith("http") or _is_git(address) else 0
        path = Path(address)
        try:
            if not path.exists():
                return 0 if "://" in address or address == "-" else 1  # to say what lies there
            if path.is_dir():
                return _folder_score(path)
            return 60 if path.suffix == ".json" and b'"id"' in _start(path) else 0
        except (OSError, ValueError):
            return 0

    def open(self, address: str, context: SourceContext) -> Reading:
        """Raises NotASource where the address is no repository and no entry file."""
        if _REMOTE.match(address):
            copy = clone.copy_of(address, context)
            return ThicketReading(place.of_copy(address, copy, context.rev), context)
        return ThicketReading(place.locate(address, context.rev), context)


class _Folder(Value, frozen=True, kw_only=True):
    """A user's folder and the names of the entry files in it."""

    path: str
    username: str
    names: tuple[str, ...]


class ThicketReading:
    """An opened repository; satisfies ``convert.contract.Reading``."""

    def __init__(self, found: place.Place, context: SourceContext) -> None:
        self._tree: Tree = found.tree
        self._context = context
        self._origin = found.origin
        self._complete = True
        indexed = index.users(found.tree, context.warn)
        self._users = dict(indexed or {})
        self._folders = self._only(found.only) if found.only else self._find()
        if indexed is None and not self._folders and not found.empty:
            raise NotASource(found.origin.address, _what_else(found.tree))
        self._feeds = index.feeds(self._users)
        self._duplicates = index.duplicates(found.tree, context.warn)

    @property
    def origin(self) -> Origin:
        return self._origin

    @property
    def users(self) -> Mapping[str, User]:
        return MappingProxyType(self._users)

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """Grows while the entries are read: entries may name feeds that no user lists."""
        return MappingProxyType(self._feeds)

    @property
    def duplicates(self) -> Mapping[str, str]:
        return MappingProxyType(self._duplicates)

    @property
    def complete(self) -> bool:
        return self._complete

    def entries(self) -> Iterator[StoredEntry]:
        """The entries in the order of their paths; what cannot be read is a problem."""
        for folder in self._folders:
            for name in folder.names:
                path = posixpath.join(folder.path, name)
                entry = self._entry(path, folder.username)
                if entry is not None:
                    yield entry

    def file(self, path: str, entry_path: str) -> bytes | None:
        """The bytes of a file beside the entry, else below the top; None where there is none.

        No path leads out of the repository, to a hidden file or through a link.
        """
        plain = urllib.parse.unquote(re.split(r"[?#]", path, maxsplit=1)[0])
        for base in dict.fromkeys((posixpath.dirname(entry_path), "")):
            inside = posixpath.normpath(posixpath.join(base, plain))
            if plain.startswith("/") or _hidden(inside):
                return None
            try:
                return self._tree.read(inside, _PICTURE_LIMIT)
            except (OSError, TooLarge, ValueError):
                continue
        return None

    def _entry(self, path: str, username: str) -> StoredEntry | None:
        shown = clean.path(path)
        # A character takes six bytes where JSON is kept to ASCII.
        limit = 6 * self._context.max_body + 1_000_000
        try:
            entry = thicket_entry.read(
                self._tree.read(path, limit),
                path=shown,
                user=username,
                origin=self._origin.address,
                max_body=self._context.max_body,
                warn=self._context.warn,
            )
        except TooLarge as error:
            self._warn(shown, f"{error}; --max-body raises it")
        except OSError as error:
            self._complete = False
            self._warn(shown, f"cannot be read: {error.strerror}")
        except thicket_entry.BadEntry as error:
            self._warn(shown, error.reason, field=error.field)
        else:
            self._know_feed(entry)
            return entry
        return None

    def _know_feed(self, entry: StoredEntry) -> None:
        if entry.source and entry.source not in self._feeds:
            user = self._users.get(entry.user) or User(username=entry.user)
            self._feeds[entry.source] = index.feed(entry.source, user)

    def _only(self, path: str) -> tuple[_Folder, ...]:
        folder, _, name = path.rpartition("/")
        for user in self._users.values():
            if user.directory == folder:
                return (_Folder(path=folder, username=user.username, names=(name,)),)
        username = clean.line(clean.path(folder)) or self._origin.name
        self._users = {username: User(username=username)}
        return (_Folder(path=folder, username=username, names=(name,)),)

    def _find(self) -> tuple[_Folder, ...]:
        """The users' folders in the order of their paths; those of no listed user as well."""
        owners = {user.directory: user.username for user in self._users.values() if user.directory}
        for each in self._list(""):
            if each.kind == "link":
                self._warn(clean.path(each.name), "is a symbolic link: not followed", "warning")
                owners.pop(each.name, None)
            elif each.kind == "folder" and not each.name.startswith("."):
                owners.setdefault(each.name, "")
        found = []
        for path in sorted(owners, key=lambda path: path + "/"):
            names = self._names(path, listed=bool(owners[path]))
            username = owners[path] or clean.line(clean.path(path))
            if not names or (not owners[path] and self._is_repository(path, names)):
                continue
            if username not in self._users:
                self._users[username] = User(username=username, directory=clean.path(path))
            found.append(_Folder(path=path, username=username, names=names))
        self._users = {name: self._users[name] for name in sorted(self._users)}
        return tuple(found)

    def _is_repository(self, folder: str, names: tuple[str, ...]) -> bool:
        """Whether a folder is a whole repository of its own, below the one that was named."""
        if "index.json" not in names:
            return False
        try:
            return b'"users"' in self._tree.read(f"{folder}/index.json", _PICTURE_LIMIT)
        except (OSError, TooLarge):
            return False

    def _names(self, folder: str, *, listed: bool) -> tuple[str, ...]:
        names = []
        for each in self._list(folder, missing_is_empty=listed):
            if not each.name.endswith(".json") or each.name.startswith("."):
                continue
            if each.kind == "file":
                names.append(each.name)
            elif each.kind == "link":
                shown = clean.path(f"{folder}/{each.name}")
                self._warn(shown, "is a symbolic link: not followed", "warning")
        return tuple(names)

    def _list(self, folder: str, *, missing_is_empty: bool = False) -> tuple[Listed, ...]:
        try:
            return self._tree.list(folder)
        except FileNotFoundError:
            if missing_is_empty:
                return ()
            self._complete = False
        except OSError as error:
            self._complete = False
            self._warn(
                clean.path(folder) or self._origin.address, f"cannot be read: {error.strerror}"
            )
        return ()

    def _warn(
        self, path: str, reason: str, severity: Severity = "entry", *, field: str = ""
    ) -> None:
        self._context.warn(Problem(path=path, field=field, reason=reason, severity=severity))


def _hidden(path: str) -> bool:
    return "\0" in path or "\\" in path or any(part.startswith(".") for part in path.split("/"))


def _folder_score(path: Path) -> int:
    if (path / "index.json").is_file():
        return 95
    if (path / ".git").exists() or (path / "objects").is_dir():
        return 80
    return 70 if next(path.glob("[!.]*/*.json"), None) else 10


def _is_git(address: str) -> bool:
    return urllib.parse.urlsplit(address).path.rstrip("/").endswith(".git")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        start = file.read(65_536)
    return b"" if b"jsonfeed.org/version" in start else start


def _what_else(tree: Tree) -> str:
    """Why a folder is no Thicket repository, and which folder may have been meant."""
    reason = "is no Thicket repository: it has neither index.json nor folders with entries"
    try:
        listed = tree.list("")
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if any(each.name.endswith(".json") for each in listed):
        return f"{reason}; it looks like one user's folder, so name the folder above"
    for each in listed:
        if each.kind == "folder" and not each.name.startswith("."):
            try:
                inside = {one.name for one in tree.list(each.name)}
            except OSError:
                continue
            if "index.json" in inside:
                return f"{reason}; did you mean the folder {clean.path(each.name)!r} in it?"
    return reason


SOURCE = ThicketSource()
