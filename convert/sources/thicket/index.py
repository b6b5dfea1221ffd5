"""``index.json`` and ``duplicates.json``: both may be missing, and neither can stop a reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from convert.model import Feed, Person, Problem, User
from convert.sources import clean, json_text
from convert.sources.thicket.tree import TooLarge, Tree

_LIMIT = 50_000_000

Warn = Callable[[Problem], None]


class UserFile(msgspec.Struct, frozen=True):
    """A user as Thicket writes one in index.json."""

    username: str | None = None
    display_name: str | None = None
    email: str | None = None
    homepage: str | None = None
    icon: str | None = None
    feeds: list[str] | None = None
    directory: str | None = None


def users(tree: Tree, warn: Warn) -> dict[str, User] | None:
    """The users of index.json by username, in the order of their names; None without the file."""
    index = _object(tree, "index.json", warn)
    if index is None:
        return None
    listed = index.get("users") or {}
    if isinstance(listed, list):
        named = [("", each) for each in listed]
    elif isinstance(listed, dict):
        named = list(listed.items())
    else:
        warn(Problem(path="index.json", field="users", reason="ignored: is not an object"))
        named = []
    found = [user for name, each in named if (user := _user(str(name), each, warn)) is not None]
    return {user.username: user for user in sorted(found, key=lambda user: user.username)}


def duplicates(tree: Tree, warn: Warn, path: str = "duplicates.json") -> dict[str, str]:
    """Duplicate id to canonical id, from a file; empty without the file."""
    known = (_object(tree, path, warn) or {}).get("duplicates") or {}
    if not isinstance(known, dict):
        warn(Problem(path=path, field="duplicates", reason="ignored: no object"))
        return {}
    for duplicate, canonical in known.items():
        if not isinstance(canonical, str):
            reason = "ignored: its canonical id is not a string"
            warn(Problem(path=path, field=clean.line(duplicate), reason=reason))
    return {one: other for one, other in known.items() if isinstance(other, str)}


def feeds(known: Mapping[str, User]) -> dict[str, Feed]:
    """The feeds that the users name, by address."""
    found: dict[str, Feed] = {}
    for user in known.values():
        for address in user.feeds:
            found.setdefault(address, feed(address, user))
    return found


def feed(address: str, user: User) -> Feed:
    """What is known of a feed from the user it belongs to."""
    return Feed(
        id=address,
        title=user.name,
        address=clean.web(address),
        link=user.homepage,
        icon=user.icon,
        authors=(Person(name=user.name, uri=user.homepage),),
    )


def _object(tree: Tree, path: str, warn: Warn) -> dict[str, object] | None:
    """The object in a file; None where there is no file, {} with a warning for no object."""
    try:
        value = json_text.decode(json_text.utf8(tree.read(path, _LIMIT)))
    except FileNotFoundError:
        return None
    except OSError as error:
        warn(Problem(path=path, reason=f"ignored: {error.strerror}"))
        return {}
    except (json_text.BadJSON, TooLarge) as error:
        warn(Problem(path=path, reason=f"ignored: {error}"))
        return {}
    if not isinstance(value, dict):
        warn(Problem(path=path, reason="ignored: the top level is not an object"))
        return {}
    return value


def _user(name: str, value: object, warn: Warn) -> User | None:
    place = f"users.{clean.line(name)}"
    try:
        file = msgspec.convert(value, UserFile)
    except msgspec.ValidationError as error:
        warn(Problem(path="index.json", field=place, reason=f"ignored: {error}"))
        return None
    username = clean.line(file.username) or clean.line(name)
    if not username:
        warn(Problem(path="index.json", field=place, reason="ignored: has no username"))
        return None
    directory = file.directory or name or username
    if not _safe(directory):
        reason = f"{clean.line(directory)!r} is no folder of the repository: ignored"
        warn(Problem(path="index.json", field=f"{place}.directory", reason=reason))
        directory = ""
    return User(
        username=username,
        display_name=clean.optional(file.display_name),
        email=clean.optional(file.email),
        homepage=clean.web(file.homepage),
        icon=clean.web(file.icon),
        feeds=tuple(dict.fromkeys(filter(None, map(clean.line, file.feeds or ())))),
        directory=directory.strip("/") or None,
    )


def _safe(directory: str) -> bool:
    parts = directory.rstrip("/").split("/")
    return not any(
        part in {"", ".", ".."} or part.startswith(".") or re.search(r"[\\\x00-\x1f:]", part)
        for part in parts
    )
