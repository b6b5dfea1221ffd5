"""Source ``thicket``: a Thicket repository, a folder for each user and a file for each entry.

Reads folders, Git work trees, bare repositories, any revision of either, and one entry file.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from convert.contract import Reading, SourceContext
from convert.copied import SourceHead
from convert.errors import NotASource
from convert.model import Feed, Origin, Problem, Severity, StoredEntry, User, Value
from convert.sources import clean, json_fields
from convert.sources.thicket import entry as thicket_entry
from convert.sources.thicket import index, place
from convert.sources.thicket.bounded import BoundedTree
from convert.sources.thicket.lent import LentFile
from convert.sources.thicket.tree import Listed, TooLarge, Tree
from convert.text.late import Late

if TYPE_CHECKING:
    from convert.sources.thicket import clone
else:
    clone = Late("convert.sources.thicket.clone")  # which libgit2 does

_PICTURE_LIMIT = 50_000_000
_LOOKED_AT = 100
"""Files of a folder that are looked at for one that looks like an entry."""
_FEW = 10
"""The same of a whole repository, where it is only asked how sure it is."""
_REMOTE = re.compile(r"(?:git\+)?(?:https?|ssh|git|file)://|[\w.-]+@[\w.-]+:")

_GIT_ADDRESS = re.compile(r"https?://[^/?#]*/[^?#]*\.git/*(?:$|[?#])")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This source has no options."""


class ThicketSource:
    """The entry point; satisfies ``convert.contract.Source``."""

    name = "thicket"
    summary = "a Thicket repository: a folder, a Git repository or one entry file"
    Options: type[msgspec.Struct] = Options

    def recognises(self, address: str) -> int:
        """Return how sure it is: certain of folders with an index.json and of Git, less so of
        any other folder."""
        if _REMOTE.match(address):
            return 90 if not address.startswith("http") or _GIT_ADDRESS.match(address) else 0
        path = Path(address)
        try:
            if not path.exists():
                return 0 if "://" in address or address == "-" else 1  # to say what lies there
            if path.is_dir():
                git = (path / ".git").exists() or (path / "objects").is_dir()
                sure = 80 if git else 70 if _looks_like_one(path) else 30
                return 95 if (path / "index.json").is_file() else sure
            # Who opens a pipe waits for its writer.
            if path.suffix != ".json" or not path.is_file():
                return 0
            start = _start_of(path)
        except (OSError, ValueError):
            return 0
        return 60 if b'"id"' in start and not json_fields.is_feed(start) else 0

    def open(self, address: str, context: SourceContext) -> Reading:
        """Return the reading.  Raises NotASource where the address is no repository and no
        entry file, SourceError where it cannot be read."""
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

    def __init__(self, repository: place.Place, context: SourceContext) -> None:
        self._context = context
        self._origin = repository.origin
        address = repository.origin.address
        self._tree = BoundedTree(repository.tree, address)
        # A character takes six bytes where JSON is kept to ASCII.
        self._limit = 6 * context.max_body + 1_000_000
        loss = "what it says of members (names, pages, icons, feeds) is lost"
        listing = LentFile("index.json", "users", address, context, loss=loss)
        loss = "the duplicates that it names are published"
        equals = LentFile("duplicates.json", "duplicates", address, context, loss=loss)
        users = index.users(repository.tree, listing, context.warn)
        self._users = users or {}
        self._lost: dict[str, None] = {}
        self._only = repository.only
        self._folders = self._find(repository.only)
        if (users is None or listing.missed) and not self._folders and not repository.empty:
            raise NotASource(address, _what_else(self._tree))
        if users is None and not listing.missed and not repository.only:
            self._require_an_entry(address)
        self._feeds = index.feeds(self._users)
        duplicates = index.duplicates(repository.tree, equals)
        self._duplicates = duplicates or {}
        if listing.lost:
            # It leads to folders that nothing else leads to.
            self._lose("")
        if equals.lost:
            self._lose(equals.path)
        self._lent = []
        if users is not None and not listing.faults:
            listed = tuple(users.values())
            self._lent.append(SourceHead(address=listing.address, users=listed))
        if duplicates is not None and not equals.faults:
            pairs = tuple(sorted(duplicates.items()))
            self._lent.append(SourceHead(address=equals.address, duplicates=pairs))

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
    def lost(self) -> tuple[str, ...]:
        return tuple(self._lost)

    def entries(self) -> Iterator[StoredEntry]:
        """Yield the entries in the order of their paths; what cannot be read is a problem."""
        address = self._origin.address
        for folder in self._folders:
            for name in folder.names:
                path = posixpath.join(folder.path, name)
                shown = clean.path(path)
                content = b""
                try:
                    content = self._tree.read(path, self._limit)
                    entry = thicket_entry.read(
                        content,
                        path=shown,
                        user=folder.username,
                        origin=self._origin.address,
                        max_body=self._context.max_body,
                        warn=self._context.warn,
                    )
                except TooLarge as error:
                    self._lose(path)
                    self._warn(shown, f"{error}; --max-body raises it")
                except OSError as error:
                    self._lose(path)
                    self._warn(shown, f"cannot be read: {error.strerror}")
                except thicket_entry.BadEntry as error:
                    # What never was an entry is not lost.
                    if self._context.held(address, shown) or not thicket_entry.is_another(content):
                        self._lose(path)
                    self._warn(shown, error.reason, field=error.field)
                else:
                    if entry.source and entry.source not in self._feeds:
                        user = self._users.get(entry.user) or User(username=entry.user)
                        self._feeds[entry.source] = index.feed(entry.source, user)
                    yield entry

    def _require_an_entry(self, address: str) -> None:
        """Raise NotASource where no file looks like an entry, is damaged, or ever was one: folders
        of other programs hold JSON too."""
        if self._context.held(address, ""):
            return
        for folder in self._folders:
            for name in folder.names[:_LOOKED_AT]:
                try:
                    content = self._tree.read(posixpath.join(folder.path, name), self._limit)
                except (OSError, TooLarge):
                    return  # nobody knows what it was
                if not thicket_entry.is_another(content):
                    return
        if self._folders:
            reason = "is no Thicket repository: it has no index.json, and no file in its folders"
            raise NotASource(address, f"{reason} looks like an entry")

    def lent(self) -> tuple[SourceHead, ...]:
        """Return what index.json and duplicates.json gave, where they are whole."""
        return tuple(self._lent)

    def places(self) -> tuple[str, ...]:
        """Return the members' folders that hold files of entries, whole ones or not."""
        return tuple(f"{self._origin.address}/{clean.path(each.path)}" for each in self._folders)

    def file(self, path: str, entry_path: str) -> bytes | None:
        """Return the bytes of a file beside the entry, else below the top; None without one.

        No path leads out of the repository, to a hidden file or through a link.
        """
        plain = urllib.parse.unquote(re.split(r"[?#]", path, maxsplit=1)[0])
        if plain.startswith("/"):
            return None
        for base in dict.fromkeys((posixpath.dirname(entry_path), "")):
            inside = posixpath.normpath(posixpath.join(base, plain))
            if re.search(r"[\0\\]|(?:^|/)\.", inside):
                return None
            try:
                return self._tree.read(inside, _PICTURE_LIMIT)
            except (OSError, TooLarge, ValueError):
                continue
        return None

    def _find(self, only: str) -> tuple[_Folder, ...]:
        """Return the users' folders in the order of their paths, those of no listed user as
        well; of ``only`` one entry file that file's."""
        owners = {user.directory: user.username for user in self._users.values() if user.directory}
        if only:
            path, _, name = only.rpartition("/")
            username = owners.get(path, "")
            if not username:
                username = clean.line(clean.path(path)) or self._origin.name
                self._users = {username: User(username=username)}
            return (_Folder(path=path, username=username, names=(name,)),)
        for each in self._list(""):
            if each.kind == "link":
                self._warn_of(each, each.name)
                self._miss(each.name)
                owners.pop(each.name, None)
            elif each.kind == "folder" and not each.name.startswith("."):
                owners.setdefault(each.name, "")
        folders = []
        # As the paths of the files sort: "a-b/" before "a/".
        for path in sorted(owners, key=lambda path: path + "/"):
            listed = bool(owners[path])
            names = self._names(path, listed=listed)
            if not names or (not listed and index.is_repository(self._tree, path)):
                continue
            self._tree.count(path, names, self._limit)
            username = owners[path] or clean.line(clean.path(path))
            if username not in self._users:
                self._users[username] = User(username=username, directory=clean.path(path))
            folders.append(_Folder(path=path, username=username, names=names))
        if not folders:
            self._miss("", way_out="--allow-empty")
        self._users = {name: self._users[name] for name in sorted(self._users)}
        return tuple(folders)

    def _names(self, path: str, *, listed: bool) -> tuple[str, ...]:
        """Return the names of the entry files in a folder; one that is listed may come later."""
        names = []
        for each in self._list(path, missing_is_empty=listed):
            if each.name.startswith(".") or not each.name.endswith(".json"):
                continue
            if each.kind == "file":
                names.append(each.name)
                continue
            if each.kind != "folder":
                self._warn_of(each, f"{path}/{each.name}")
            self._miss(f"{path}/{each.name}")
        if listed and not names:
            self._miss(path, way_out="remove the folder and its name in index.json, or --prune")
        return tuple(names)

    def _list(self, folder: str, *, missing_is_empty: bool = False) -> tuple[Listed, ...]:
        try:
            return self._tree.list(folder)
        except FileNotFoundError:
            if missing_is_empty:
                return ()
            self._lose(folder)
        except OSError as error:
            self._lose(folder)
            shown = clean.path(folder) or self._origin.address
            self._warn(shown, f"cannot be read: {error.strerror}")
        return ()

    def _lose(self, path: str) -> None:
        """Note that a file or a folder cannot be read; "" is the whole."""
        self._lost[self._place(path)] = None

    def _miss(self, path: str, *, way_out: str = "") -> None:
        """Note the same of what gives no entry, where it gave some before; warn where there is a
        ``way_out`` for those who mean it.  What a revision lacks it always lacked."""
        address, path = self._origin.address, clean.path(path)
        if self._place(path) in self._lost or self._context.rev is not None:
            return
        if self._context.held(address, path):
            self._lose(path)
            if way_out:
                reason = f"holds no entry any more; if that is meant: {way_out}"
                self._warn(path or address, reason, "warning")

    def _place(self, path: str) -> str:
        address = self._origin.address
        # One file has the address of the source.
        return f"{address}/{clean.path(path)}" if path not in {"", self._only} else address

    def _warn_of(self, listed: Listed, path: str) -> None:
        link = listed.kind == "link"
        reason = "is a symbolic link: not followed" if link else "is no file: not read"
        self._warn(clean.path(path), reason, "warning")

    def _warn(
        self, path: str, reason: str, severity: Severity = "entry", *, field: str = ""
    ) -> None:
        self._context.warn(Problem(path=path, field=field, reason=reason, severity=severity))


def _looks_like_one(folder: Path) -> bool:
    """Return whether a file in the folders of a folder looks like an entry: of the first few."""
    files = (path for path in folder.glob("[!.]*/*.json") if path.is_file())
    return any(thicket_entry.looks_like_one(_start_of(path)) for path in islice(files, _FEW))


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(65_536)


def _what_else(tree: Tree) -> str:
    """Return why a folder is no Thicket repository, and which folder may have been meant."""
    reason = "is no Thicket repository: it has neither index.json nor folders with entries"
    try:
        listed = tree.list("")
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if any(each.name.endswith(".json") for each in listed):
        return f"{reason}; it looks like one user's folder, so name the folder above"
    for each in listed:
        if each.kind == "folder" and not each.name.startswith("."):
            with contextlib.suppress(OSError):
                if any(inside.name == "index.json" for inside in tree.list(each.name)):
                    return f"{reason}; did you mean the folder {clean.path(each.name)!r} in it?"
    return reason


SOURCE = ThicketSource()
