"""``index.json`` and ``duplicates.json``: both may be missing, and neither can stop a reading.

Where one was there before and is damaged or gone, what it gave then stands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from convert.model import Category, Feed, Person, Problem, User
from convert.sources import clean
from convert.sources.thicket.bounded import DEEPEST
from convert.sources.thicket.lent import LentFile
from convert.sources.thicket.tree import TooLarge, Tree
from convert.text import duplicates_file, json_text
from convert.text.characters import shortened
from convert.text.languages import language_tag

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
    feed_details: object = None


def users(tree: Tree, file: LentFile, warn: Warn) -> dict[str, User] | None:
    """Return the users of index.json by username, in the order of their names; None without
    the file."""
    index = _object(tree, file)
    if index is None and not file.is_missed():
        return None
    by_name = _users((index or {}).get("users") or {}, file, warn)
    before = file.before()
    if before is not None:
        for user in before.users:
            if file.is_faulty(user.username):
                by_name.setdefault(user.username, user)
    return {name: by_name[name] for name in sorted(by_name)}


def _users(listed: object, index: LentFile, warn: Warn) -> dict[str, User]:
    named: Iterable[tuple[str, object]] = ()
    # An object by username is what Thicket writes; a list is understood as well.
    if isinstance(listed, list):
        named = (("", each) for each in listed)
    elif isinstance(listed, dict):
        named = listed.items()
    else:
        index.note(Problem(path=index.path, field=index.key, reason="ignored: is not an object"))
    by_name: dict[str, User] = {}
    for name, value in named:
        place = f"{index.key}.{clean.line(name)}"
        try:
            file = msgspec.convert(value, UserFile)
        except msgspec.ValidationError as error:
            index.note(Problem(path=index.path, field=place, reason=f"ignored: {error}"))
            continue
        username = clean.line(file.username) or clean.line(name)
        if not username:
            warn(Problem(path="index.json", field=place, reason="ignored: has no username"))
            continue
        directory = file.directory or name or username
        # A folder of the repository on every system, and no hidden one.
        parts = directory.rstrip("/").split("/")
        if any(not part or part[0] == "." or re.search(r"[\\\x00-\x1f:]", part) for part in parts):
            reason = f"{clean.line(directory)!r} is no folder of the repository: ignored"
            warn(Problem(path="index.json", field=f"{place}.directory", reason=reason))
            directory = ""
        if len(parts) > DEEPEST:
            reason = f"more than {DEEPEST} folders inside one another: ignored"
            warn(Problem(path="index.json", field=f"{place}.directory", reason=reason))
            directory = ""
        for field, reason in clean.cuts({"display_name": file.display_name}):
            warn(Problem(path="index.json", field=f"{place}.{field}", reason=reason))
        by_name[username] = User(
            username=username,
            display_name=clean.title(file.display_name),
            email=clean.optional(file.email),
            homepage=clean.web(file.homepage),
            icon=clean.web(file.icon),
            feeds=tuple(dict.fromkeys(filter(None, map(clean.line, file.feeds or ())))),
            directory=directory.strip("/") or None,
            described=tuple(_described(file.feed_details)),
        )
    return by_name


def _described(details: object) -> Iterator[Feed]:
    """Yield the feeds that our own store describes, each with the address that the user's list
    has; what is none is passed over."""
    for address, value in details.items() if isinstance(details, dict) else ():
        if isinstance(value, dict):
            text = {str(key): each for key, each in value.items() if isinstance(each, str)}
            place, people = clean.line(str(address)), value.get("authors")
            folders = value.get("categories")
            yield Feed(
                id=clean.line(text.get("id")) or place,
                title=clean.title(text.get("title")) or "",
                subtitle=clean.title(text.get("subtitle")),
                address=place,
                link=clean.web(text.get("link")),
                rights=clean.title(text.get("rights")),
                icon=clean.web(text.get("icon")),
                logo=clean.web(text.get("logo")),
                language=language_tag(text.get("language")),
                categories=tuple(
                    Category(term=term)
                    for each in (folders if isinstance(folders, list) else ())
                    if isinstance(each, str) and (term := clean.title(each))
                ),
                authors=tuple(
                    Person(name=name, uri=clean.web(str(each.get("uri") or "")))
                    for each in (people if isinstance(people, list) else ())
                    if isinstance(each, dict) and (name := clean.line(str(each.get("name") or "")))
                ),
            )


def is_repository(tree: Tree, folder: str) -> bool:
    """Tell whether a folder is a whole repository of its own, below the one that was named."""
    try:
        return b'"users"' in tree.read(f"{folder}/index.json", _LIMIT)
    except (OSError, TooLarge):
        return False


def duplicates(tree: Tree, file: LentFile) -> dict[str, str] | None:
    """Return duplicate id to canonical id; None without the file."""
    table = _object(tree, file)
    if table is None and not file.is_missed():
        return None
    ids = duplicates_file.parse(table or {}, file.path, file.note)
    before = file.before()
    if before is not None:
        ids = {old: new for old, new in before.duplicates if file.is_faulty(shortened(old))} | ids
    return ids


def feeds(users: Mapping[str, User]) -> dict[str, Feed]:
    """Return the feeds that the users name, by address and by id: entries name theirs by either.
    Of several users, the first's."""
    by_address: dict[str, Feed] = {}
    for user in users.values():
        described = {each.address: each for each in user.described}
        for address in user.feeds:
            by_address.setdefault(address, feed(address, user, described.get(address)))
    # A feed may call itself by another's address.
    return {each.id: each for each in reversed(by_address.values())} | by_address


def feed(address: str, user: User, itself: Feed | None = None) -> Feed:
    """Return what is known of a feed: what is said of it ``itself``, else of its user."""
    itself = itself or Feed(id=address)
    return msgspec.structs.replace(
        itself,
        title=itself.title or user.name,
        address=clean.web(address),
        link=itself.link or user.homepage,
        icon=itself.icon or user.icon,
        authors=itself.authors or (Person(name=user.name, uri=user.homepage),),
    )


def _object(tree: Tree, file: LentFile) -> dict[str, object] | None:
    """Return the object in a file; None without the file, {} with a fault for no object."""
    try:
        data = tree.read(file.path, _LIMIT)
    except FileNotFoundError:
        return None
    except (OSError, TooLarge) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        file.note(Problem(path=file.path, reason=f"ignored: {what}"))
        return {}
    return json_text.decode_object(data, file.path, file.note)
