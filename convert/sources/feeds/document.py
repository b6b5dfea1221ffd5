"""What a feed's bytes are read into, whatever the format, and the choice of the format."""

from __future__ import annotations

import collections
import dataclasses
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from convert.errors import ConvertError
from convert.model import Feed, Problem, StoredEntry
from convert.text import dates

UNDATED = dates.UNDATED
"""Stands in ``updated`` until the reading finds a better date for an entry without one."""

_ALONE = 10
"""Of so many problems of one kind there is a line for each."""
Kind = Literal["xml", "json", "opml", "html", "unknown"]


class BadFeed(ConvertError):
    """Bytes that are no feed, or an item that is no entry; the message does not name the feed."""


class NoItem(BadFeed):
    """What stands for an item and holds nothing: no reader ever saw an entry in it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Received:
    """The bytes of a feed and what is known of them.

    ``name`` is the file or address for problems, ``address`` what relative references
    resolve against, ``charset`` what HTTP said, ``max_body`` the most characters of a body.
    """

    name: str
    content: bytes
    max_body: int
    address: str | None = None
    charset: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Document:
    """One feed document, read.

    ``entries`` have a user only where the feed names one (ours do), and UNDATED for a date
    where the feed gives none.  ``sources`` are the feeds that entries of a merged feed came
    from, by ``Feed.id``.  ``older`` is the address of the document with the entries before
    these.
    """

    feed: Feed
    entries: tuple[StoredEntry, ...]
    sources: Mapping[str, Feed]
    older: str | None
    paged: bool = False
    """True where WordPress made it, whose ``?paged=N`` gives older entries."""
    problems: tuple[Problem, ...]
    cut: str = ""
    """Why entries may be missing: it ends too early.  What stands in for them is told with it."""
    unread: tuple[str, ...] = ()
    """The ids of entries that are there and cannot be read, each a problem."""
    unnamed: tuple[str, ...] = ()
    """Which of these have no id, so that nobody knows what stands in for them."""


def made_id(*traits: str | None) -> str:
    """Return a stable id for a feed or an entry that states none, from what it does state."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(trait or "" for trait in traits)).urn


def counted(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield problems, and many of one kind as one: those that differ in the entry they are of."""
    kinds = collections.defaultdict(list)
    for each in problems:
        field = re.sub(r" of .*", "", re.sub(r"\[\d+\]", "[]", each.field))
        kinds[field, each.reason, each.severity].append(each)
    for (field, reason, severity), members in kinds.items():
        if len(members) <= _ALONE:
            yield from members
        else:
            often = f"{len(members):,} times: {reason}"
            yield Problem(path=members[0].path, field=field, reason=often, severity=severity)


def sniff(content: bytes) -> Kind:
    """Return what the first bytes of a document look like, whatever its name says."""
    # Without NUL bytes and marks, the ASCII of UTF-16 and UTF-32 reads as that of UTF-8.
    start = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start[:1] == b"{":
        return "json"
    # Comments and processing instructions may name any element before the first one does.
    start = re.sub(rb"<\?.*?\?>|<!--.*?-->", b"", start, flags=re.DOTALL).lower()
    root = re.search(rb"<([a-z_][\w.-]*:)?([a-z_][\w.-]*)", start)
    if root is None:
        return "unknown"
    if root[2] in {b"rss", b"feed", b"rdf", b"channel", b"entry"}:
        return "xml"
    if root[2] == b"opml":
        return "opml"
    html = root[2] in {b"html", b"head", b"body", b"meta", b"title", b"script", b"div", b"p"}
    return "html" if html or b"<!doctype html" in start else "unknown"
