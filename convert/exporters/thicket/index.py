"""``index.json``: the users, their folders and counts.  What is known of them stays."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Set
from typing import Any

from convert.exporters.thicket.encode import mark_of, read_json, write_json
from convert.model import Feed, User


@dataclasses.dataclass(frozen=True, kw_only=True)
class Member:
    """A user of the repository, the folder, and how many entry files are in it.  ``touched``:
    this run writes some of them.  ``feeds`` say more of those that the user has."""

    user: User
    folder: str
    count: int
    touched: bool = False
    feeds: tuple[Feed, ...] = ()


def build(
    before: bytes | None,
    members: Iterable[Member],
    now: dt.datetime,
    gone: Set[str] = frozenset(),
) -> bytes:
    """Return the file with these members; ``before`` itself where nothing of it changes.

    Known keys are filled where they were empty and never emptied; feeds are added.  Keys that
    nobody knows stay, and so do members that are not named, but for those that are ``gone``.
    """
    index = (read_json(before) if before is not None else None) or {}
    was = mark_of(index)
    fresh = not index
    users = _users(index)
    touched = users.drop(gone)
    for member in members:
        touched = _update(users, member, now) or touched
    if fresh:
        index.setdefault("created", _moment(now))
    if touched or fresh:
        index["last_updated"] = _later(index.get("last_updated"), now)
    if fresh or (touched and "total_entries" in index):
        index["total_entries"] = sum(_count(record) for record in users.records())
    return before if before is not None and mark_of(index) == was else write_json(index, before)


def with_entries(before: bytes) -> set[str]:
    """Return the usernames of the members who have entries, as the file says."""
    users = _users(read_json(before) or {})
    return {name for name, record in users.named() if _count(record) > 0}


class _Users:
    """The records of an index by username; Thicket's are an object, others may be a list."""

    def __init__(self, held: dict[str, Any] | list[Any]) -> None:
        self._held = held
        # The first of a name; a hostile list has thousands.
        self._by_name = dict(reversed(self.named()))

    def records(self) -> list[dict[str, Any]]:
        return [record for _, record in self.named()]

    def named(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the records with the usernames that they say, or are filed under."""
        held = self._held
        items = held.items() if isinstance(held, dict) else [("", each) for each in held]
        return [
            (str(record.get("username") or name), record)
            for name, record in items
            if isinstance(record, dict)
        ]

    def find(self, username: str) -> dict[str, Any] | None:
        return self._by_name.get(username)

    def add(self, username: str, record: dict[str, Any]) -> None:
        self._by_name[username] = record
        if isinstance(self._held, dict):
            self._held[username] = record
        else:
            self._held.append(record)

    def drop(self, usernames: Set[str]) -> bool:
        """Remove the records of these users; return whether any of them was there."""
        # By identity: two records that are equal are two all the same.
        records = {id(record) for name, record in self.named() if name in usernames}
        held = self._held
        if isinstance(held, dict):
            for name in [name for name, each in held.items() if id(each) in records]:
                del held[name]
        else:
            held[:] = [each for each in held if id(each) not in records]
        self._by_name = {
            name: record for name, record in self._by_name.items() if id(record) not in records
        }
        return bool(records)


def _users(index: dict[str, Any]) -> _Users:
    if not isinstance(index.get("users"), dict | list):
        index["users"] = {}
    return _Users(index["users"])


def _update(users: _Users, member: Member, now: dt.datetime) -> bool:
    """Bring a member's record up to date; return whether anything of it changed."""
    user = member.user
    facts = {
        "display_name": user.display_name,
        "email": user.email,
        "homepage": user.homepage,
        "icon": user.icon,
    }
    record = users.find(user.username)
    if record is None:
        # With the keys that Thicket gives a new member.
        record = {
            "username": user.username,
            **facts,
            "feeds": list(user.feeds),
            "directory": member.folder,
            "created": _moment(now),
            "last_updated": _moment(now),
            "entry_count": member.count,
        }
        users.add(user.username, record)
        _describe(record, member.feeds)
        return True
    was = mark_of(record)
    for key, value in facts.items():
        if value and not record.get(key):
            record[key] = value
    # Thicket takes the username where no folder is named.
    if record.get("directory", user.username) != member.folder:
        record["directory"] = member.folder
    feeds = record.get("feeds")
    listed = [each for each in feeds if isinstance(each, str)] if isinstance(feeds, list) else []
    missing = [each for each in user.feeds if each not in listed]
    if missing:
        record["feeds"] = [*listed, *missing]
    _describe(record, member.feeds)
    if _count(record) != member.count:
        record["entry_count"] = member.count
    changed = member.touched or mark_of(record) != was
    if changed:
        record["last_updated"] = _later(record.get("last_updated"), now)
    return changed


def _describe(record: dict[str, Any], feeds: Iterable[Feed]) -> None:
    """Note what feeds say of themselves, where it is not what the record says of its member."""
    details = record.get("feed_details", {})
    if not isinstance(details, dict):
        return
    for feed in feeds:
        facts = {
            "title": (feed.title, "display_name"),
            "subtitle": (feed.subtitle, ""),
            "link": (feed.link, "homepage"),
            "rights": (feed.rights, ""),
            "icon": (feed.icon, "icon"),
            "logo": (feed.logo, ""),
            "language": (feed.language, ""),
            "id": (feed.id if feed.id != feed.address else "", ""),
        }
        before = details.get(feed.address)
        said = dict(before) if isinstance(before, dict) else {}
        for key, (value, of_member) in facts.items():
            if value and (key in said or value != record.get(of_member)):
                said[key] = value
        authors = [{"name": each.name, "uri": each.uri} for each in feed.authors]
        member = {"name": record.get("display_name"), "uri": record.get("homepage")}
        if authors and ("authors" in said or authors != [member]):
            said["authors"] = authors
        if feed.categories:
            said["categories"] = [each.term for each in feed.categories]
        if said:
            details[feed.address] = said
    if details:
        record["feed_details"] = details


def _count(record: dict[str, Any]) -> int:
    count = record.get("entry_count")
    return count if isinstance(count, int) and not isinstance(count, bool) else 0


def _later(before: object, now: dt.datetime) -> str:
    """Return the later of two moments: what a program wrote by its own clock never goes back."""
    moment = _moment(now)
    return before if isinstance(before, str) and before > moment else moment


def _moment(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0).isoformat()
