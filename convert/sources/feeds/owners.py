"""Who the entries of a feed belong to: its own member, or whom it speaks of."""

from __future__ import annotations

import re
import unicodedata
import urllib.parse
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePath

import msgspec

from convert.copied import SourceCopy
from convert.model import Feed, StoredEntry, User
from convert.sources.feeds.document import Document
from convert.text import members
from convert.text.members import Bearer, Claim, Word
from convert.text.names import fold

_GENERAL = frozenset(["blog", "feed", "feeds", "rss", "atom", "index"])
"""Last folders of pages and feeds that say nothing of whose they are."""


class Owners:
    """The users and feeds of one feed, and which user an entry belongs to."""

    def __init__(
        self,
        *,
        user: User,
        word: Word,
        address: str,
        feed: Feed,
        documents: Sequence[Document],
        copy: SourceCopy | None,
    ) -> None:
        """``user`` is the feed's own member, called so by its ``word``; ``copy`` gives entries that
        could not be read."""
        self._own = user
        self._word = word
        self._address = address
        self._feed = feed
        self._claimed: dict[str, User] = {}
        self._of_source: dict[str, str] = {}
        self._feeds: dict[str, Feed] = {}
        self._needs_own = bool(documents)
        if documents or copy is None or copy.head.feeds:
            self._feeds[feed.id] = feed
        if documents:
            self._listen(documents)
        self._former = ""
        if copy is not None:
            former = member_of(copy, address)
            for each in copy.head.users:
                if each == former:
                    self._former, self._needs_own = each.username, True
                else:
                    self._claimed.setdefault(each.username, each)
            for of_copy in copy.head.feeds:
                self._feeds.setdefault(of_copy.id, of_copy)
        self._names: dict[str, str | None] = {}
        self._feed_id = feed.id

    def _listen(self, documents: Sequence[Document]) -> None:
        """Note whom the entries name, and the feeds that they come from."""
        left = names_users = False
        entries = (each for document in documents for each in document.entries)
        sharing = Counter(
            source for source, _ in {(each.source, each.user) for each in entries if each.user}
        )
        for document in documents:
            for id_, described in document.sources.items():
                self._feeds.setdefault(id_, described)
            for entry in document.entries:
                source = document.sources.get(entry.source or "")
                if entry.user:
                    names_users = True
                    user = user_of(self._feeds.get(entry.source or "", Feed(id="")))
                    # What is called after one of several members is not who the others are.
                    name = user.display_name if sharing[entry.source] == 1 else None
                    user = msgspec.structs.replace(
                        user, username=entry.user, display_name=name, icon=None
                    )
                elif source is not None:
                    user = user_of(source)
                    self._of_source[source.id] = user.username
                else:
                    left = True
                    continue
                add_user(self._claimed, user)
        # The feed of a whole group, ours, belongs to nobody in it.
        self._needs_own = left or not names_users

    def claims(self, *, alone: bool) -> Iterator[Claim]:
        """Yield how each wants to be called, the feed's own member first.

        ``alone``: the user chose this feed and nothing else, and its word on who wrote what is
        taken.
        """
        fetched = "://" in self._address
        stated = members.keys((self._feed.address,))
        known = members.keys((self._address,) if fetched else ())
        yield Claim(
            name=self._own.username,
            word=self._word,
            whose=self.whose,
            feeds=known | (stated if alone or fetched else frozenset()),
            stated=stated,
            feed=self._feed.id,
        )
        for name, user in self._claimed.items():
            places = members.keys(user.feeds or (user.homepage,))
            yield Claim(
                name=name,
                word="chosen" if alone else "claimed",
                whose=f"{self.whose} {name}",
                feeds=places,
                stated=members.keys((user.homepage,)) if alone else frozenset(),
            )

    @property
    def whose(self) -> str:
        """What tells the feed from others: its address; of a file that names none what it says
        of itself, wherever it lies; of one that names no page either what it is called, too."""
        fetched = "://" in self._address
        places = members.keys((self._address if fetched else self._feed.address,))
        named = f"{self._feed.id}\n{self._feed.link}\n{self._feed.title}"
        if not self._feed.link:  # all that a title tells is what the feed is called
            named += f"\n{PurePath(self._address).name}"
        return next(iter(places), named)

    def is_own(self, feed: str) -> bool:
        """Return whether an id is that of the feed itself."""
        return feed == self._feed_id and self._feed.id in self._feeds

    def call(self, bearers: Sequence[Bearer]) -> None:
        """Take how those of ``claims`` are called, in their order."""
        names = (each.name for each in bearers)
        self._names = dict(zip(("", *self._claimed), names, strict=True))
        self._feed_id = bearers[0].feed

    def namesakes(self, known: Collection[str]) -> Iterator[str]:
        """Yield the names that it asked for and that are others' of the ``known`` ones, folded."""
        for name, called in self._names.items():
            wanted = name or (self._own.username if self._needs_own else "")
            if fold(wanted) in known and fold(called or "") not in known:
                yield wanted

    def __len__(self) -> int:
        """Return how many ``claims`` there are."""
        return 1 + len(self._claimed)

    @property
    def users(self) -> Mapping[str, User]:
        """Those who have entries, by the names that they bear."""
        users: dict[str, User] = {}
        refused = not all(self._names[name] for name in self._claimed)
        if self._needs_own or refused:
            own = self._names[""] or self._own.username
            add_user(users, msgspec.structs.replace(self._own, username=own))
        for name, user in self._claimed.items():
            if called := self._names[name]:
                add_user(users, msgspec.structs.replace(user, username=called))
        return users

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """The feeds by their ids: its own first, then those that it speaks of."""
        own = self._feeds.get(self._feed.id)
        if own is None or self._feed_id == own.id:
            return self._feeds
        renamed = msgspec.structs.replace(own, id=self._feed_id)
        return {self._feed_id: renamed} | {
            name: each for name, each in self._feeds.items() if name != own.id
        }

    def owned(self, entry: StoredEntry, *, copied: bool = False) -> StoredEntry:
        """Return an entry with whom it belongs to, and its feed: one that is ``copied`` names who
        it belonged to then."""
        if copied:
            name = "" if entry.user == self._former else entry.user
        else:
            name = entry.user or self._of_source.get(entry.source or "", "")
        user = self._names.get(name) or self._names[""] or self._own.username
        source = self._feed_id if entry.source == self._feed.id else entry.source
        return msgspec.structs.replace(entry, user=user, source=source)


def user_of(feed: Feed, *, name: str = "") -> User:
    """Return the user that a feed belongs to, called after ``name``, else after its page: the host
    and the folders, so that different pages are different users."""
    username = slug(name)
    if not username:
        parts = urllib.parse.urlsplit(feed.link or feed.address or "")
        folders = [urllib.parse.unquote(each) for each in parts.path.split("/") if each]
        if folders:
            folders[-1] = re.sub(r"\.\w{1,5}$", "", folders[-1])
        while folders and folders[-1].lower() in _GENERAL:
            folders.pop()
        site = (parts.hostname or "").removeprefix("www.")
        username = slug("-".join((site, *folders))) or "feed"
    # Who writes alone is shown by the face, before a picture of the site.
    face = feed.authors[0].icon if len(feed.authors) == 1 else None
    return User(
        username=username,
        display_name=name or feed.title or None,
        homepage=feed.link,
        icon=face or feed.icon,
        feeds=(feed.address,) if feed.address else (),
    )


def member_of(copy: SourceCopy, address: str) -> User | None:
    """Return the user of a feed's copy whose feed it is, and not one that it speaks of."""
    users, feeds = copy.head.users, copy.head.feeds
    places = members.keys((address, feeds[0].address if feeds else None))
    for user in users:
        if not places.isdisjoint(members.keys(user.feeds)):
            return user
    return users[0] if len(users) == 1 and not users[0].feeds else None


def add_user(users: dict[str, User], user: User) -> None:
    """Add a user; one who is there already gets the further feeds."""
    there = users.get(user.username)
    if there is not None:
        user = msgspec.structs.replace(
            there, feeds=tuple(dict.fromkeys((*there.feeds, *user.feeds)))
        )
    users[user.username] = user


def slug(name: str) -> str:
    """Return a name as a username: "Anil Madhavapeddy's Blog" is "anil-madhavapeddys-blog"."""
    plain = unicodedata.normalize("NFC", name).casefold()
    # An apostrophe belongs to the word; all else that is no letter parts words.
    plain = re.sub(r"['’]", "", plain)
    return re.sub(r"[^\w.]+", "-", plain).strip("-._")[:80]
