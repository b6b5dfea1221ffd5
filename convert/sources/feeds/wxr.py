"""A WordPress export (WXR): RSS with all that a site holds, as its authors wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from convert.model import Person, StoredEntry
from convert.sources.feeds import wordpress
from convert.sources.feeds.document import BadFeed
from convert.sources.feeds.texts import Text
from convert.sources.feeds.vocabulary import Parts
from convert.sources.feeds.wordpress import Picture

_THUMBNAIL, _ALTERNATIVE = "_thumbnail_id", "_wp_attachment_image_alt"
_NO_CATEGORIES = frozenset((
    *("author", "language", "nav_menu", "post_format", "post_translations", "term_language"),
    *("term_translations", "wp_theme"),
))  # fmt: skip
"""Taxonomies of programs, which readers never see; of an author it is another field."""
_SHARED = re.compile(r"<!--\s*wp:block\s(?P<stated>(?:(?!-->).){0,2000}+)-->", re.DOTALL)
_DEEPEST_SHARED = 3
"""Blocks that stand in several entries, in each other."""
_MOST_SHARED = 10
"""So many times what it is an export may grow by them."""


class Site:
    """What an export says of its entries in other places than in them."""

    def __init__(self, feed: Parts, units: Sequence[Parts]) -> None:
        self._feed = feed
        self._units = units
        self._added = 0

    def finish(self, entry: StoredEntry, parts: Parts, size: int) -> StoredEntry:
        """Return an entry as readers of the site see it; as it is where this is no export.

        Raises BadFeed where the blocks that entries share would make far more of an export of this
        size than it is.
        """
        if not parts.all("wp:post_type"):
            return entry
        content = entry.content
        if "wp:block" in (written := parts.text("content:encoded")):
            # There may be nothing to see but what is shared.
            content = self._with_shared(content or written, _MOST_SHARED * size)
            if not content.strip() or Text(content, "html").is_empty:
                content = entry.content
        number = parts.text("wp:post_id")
        people = [each.term for each in entry.categories if each.scheme == "author"]
        # More than one author is the work of a plug-in.
        authors = tuple(Person(name=each) for each in people) or entry.authors
        thumbnail = self.pictures.get(_meta(parts).get(_THUMBNAIL, ""))
        return replace(
            entry,
            content=wordpress.shown(content, self.pictures, self.attached.get(number, ()))
            if content
            else None,
            authors=tuple(
                # Authors are named by their logins, which readers never see.
                replace(each, name=self.names.get(each.name, each.name))
                for each in authors
            ),
            categories=tuple(
                each for each in entry.categories if each.scheme not in _NO_CATEGORIES
            ),
            image=thumbnail.address if thumbnail else entry.image,
        )

    def _with_shared(self, content: str, limit: int) -> str:
        """Return a text with the blocks that it shares with others, each once."""
        left = dict(self.shared)

        def block(match: re.Match[str]) -> str:
            number = re.search(r'"ref"\s*:\s*"?(\d{1,20})', match["stated"])
            text = left.pop(number[1], "") if number else match[0]
            self._added += len(text) if number else 0
            if self._added > limit:
                raise BadFeed(
                    f"the blocks that entries share make more than {_MOST_SHARED} times the export"
                )
            return text

        for _ in range(_DEEPEST_SHARED if left else 0):
            content = _SHARED.sub(block, content)
        return content

    @cached_property
    def shared(self) -> Mapping[str, str]:
        """The blocks that stand in several entries, by their numbers."""
        blocks = (each for each in self._units if each.text("wp:post_type") == "wp_block")
        return {each.text("wp:post_id"): each.text("content:encoded") for each in blocks}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names that readers know, by the logins of authors."""
        authors = map(self._feed.within, self._feed.all("wp:author"))
        names = {each.text("wp:author_login"): _name(each) for each in authors}
        return {login: name for login, name in names.items() if name}

    @cached_property
    def pictures(self) -> Mapping[str, Picture]:
        """The pictures that the site holds, by their numbers."""
        return {
            parts.text("wp:post_id"): Picture(
                address,
                alt=_meta(parts).get(_ALTERNATIVE, ""),
                caption=parts.text("excerpt:encoded"),
            )
            for parts in self._units
            if (address := parts.address_in("wp:attachment_url"))
            and re.search(r"\.(?:avif|gif|jpe?g|png|svg|webp)(?:[?#]|$)", address, re.IGNORECASE)
        }

    @cached_property
    def attached(self) -> Mapping[str, Sequence[str]]:
        """The numbers of the pictures that were put into an entry, by that of the entry."""
        attached: dict[str, list[str]] = {}
        for parts in self._units:
            if (number := parts.text("wp:post_id")) in self.pictures:
                attached.setdefault(parts.text("wp:post_parent"), []).append(number)
        return attached


def _name(author: Parts) -> str:
    full = " ".join(author.text(f"wp:author_{each}_name") for each in ("first", "last"))
    return author.text("wp:author_display_name") or full.strip()


def _meta(parts: Parts) -> Mapping[str, str]:
    fields = map(parts.within, parts.all("wp:postmeta"))
    return {each.text("wp:meta_key"): each.text("wp:meta_value") for each in fields}
