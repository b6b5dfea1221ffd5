"""Which documents a feed output consists of, and how they lead to each other.

One output is one or more feed documents: the feed itself, its further pages (RFC 5005 §3),
the archives of its volumes (RFC 5005 §4), and a feed for each author and category.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import posixpath
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urljoin

from convert.contract import ExportContext
from convert.entryset import EntrySet
from convert.exporters.feeds.entry import identity, web_uri
from convert.exporters.feeds.options import FeedOptions
from convert.exporters.outline import categories, parts, publication_title, updated
from convert.model import Entry, Value, Volume
from convert.text.characters import fold
from convert.text.languages import language_tag
from convert.text.names import folders


class FeedLink(Value, frozen=True, kw_only=True):
    """A link of a feed document to something of the same publication."""

    rel: str
    href: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeedDocument:
    """One file of feed: its entries and what its head says.

    ``archive`` is True where the document is never to change again (RFC 5005 §4): then it
    may hold nothing that later entries bring, such as who cites its entries.  ``home`` is the
    page that the feed belongs to, ``address`` its own address where that is known.
    """

    path: str
    id: str
    title: str
    entries: tuple[Entry, ...]
    updated: dt.datetime
    subtitle: str = ""
    language: str = "en"
    rights: str | None = None
    home: str | None = None
    address: str | None = None
    links: tuple[FeedLink, ...] = ()
    archive: bool = False

    def link(self, rel: str) -> str | None:
        """Return the first link of that relation."""
        return next((link.href for link in self.links if link.rel == rel), None)


class Plan:
    """Which documents one output has, and how they point to each other."""

    def __init__(self, entries: EntrySet, context: ExportContext, suffix: str) -> None:
        options: FeedOptions = context.options
        self.entries = entries
        self.context = context
        self.options = options
        self.suffix = suffix
        base = web_uri(options.base_url or entries.base_url)
        self.base = f"{base.rstrip('/')}/" if base else None
        self.archived = options.makes_archives and bool(entries.volumes)

    def documents(self) -> Iterator[FeedDocument]:
        """Yield the documents of one output: of the whole set, or of one of its volumes."""
        volume = self.entries.volume
        if volume is None:
            yield from self._pages(self._document(self.entries.entries))
            yield from self._groups()
        elif not self.archived:
            yield from self._pages(self._document(self.entries.entries))
        else:
            # One volume, as the archive that it is or, being the newest, will be.
            path = self.context.path
            live = f"{volume.name.removesuffix(f'-{volume.label}')}{self.suffix}"
            current = FeedLink(rel="current", href=self._address(path, live))
            yield dataclasses.replace(
                self._document(self.entries.entries),
                links=(current, *self._to_archive(path, volume)),
                archive=volume.number < volume.total,
            )

    def live_documents(self) -> Iterator[FeedDocument]:
        """Yield the feed that readers subscribe to, where the set is cut into volumes.

        With archives it holds the volumes that still grow, and points to the one before them
        as the newest of the archives (RFC 5005 §4).
        """
        document = self._document(self.live)
        if not self.archived:
            yield from self._pages(document)
        else:
            links = self._to_archive(self.context.path, self._growing)
            yield dataclasses.replace(document, links=links)
        yield from self._groups()

    @property
    def live(self) -> Sequence[Entry]:
        """The entries of the feed that readers subscribe to."""
        entries = self.entries.entries
        if not self.archived:
            return entries
        growing = self._growing
        if self.options.volumes == "year":
            return [each for each in entries if each.date.year >= int(growing.label)]
        before = (growing.number - 1) * int(self.options.volumes)
        by_age = sorted(entries, key=lambda each: (each.date, each.id))
        keys = {each.key for each in by_age[before:]}
        return [each for each in entries if each.key in keys]

    @property
    def _growing(self) -> Volume:
        """The first volume that new entries may still go to."""
        # An entry from the future makes a year of its own: this year's still grows.
        by_year = self.options.volumes == "year"
        return next(
            volume
            for volume in self.entries.volumes
            if volume.number == volume.total
            or (by_year and int(volume.label) >= self.context.now.year)
        )

    def _document(self, chosen: Sequence[Entry], path: str | None = None) -> FeedDocument:
        """Return the feed itself, or one of its kind at another path, on one page."""
        options, entries = self.options, self.entries
        path = path or self.context.path
        # The publication's identity, for its one feed; a feed of another name is another feed.
        volume = entries.volume
        name = volume.name.removesuffix(f"-{volume.label}") if volume else self.context.folder
        return FeedDocument(
            path=path,
            id=identity(entries.id if name == entries.name else f"{entries.id}\n{name}"),
            title=fold(options.title or "") or publication_title(entries),
            subtitle=fold(options.subtitle or entries.subtitle),
            entries=tuple(chosen),
            updated=updated(chosen, self.context.now),
            language=language_tag(options.language) or entries.language,
            rights=fold(options.rights or entries.rights or "") or None,
            home=self._home(path),
            address=self._address(path, path) if self.base else None,
        )

    def _pages(self, document: FeedDocument) -> Iterator[FeedDocument]:
        """Yield the document cut into pages that lead to each other (RFC 5005 §3)."""
        size = self.options.page_size
        if not size or len(document.entries) <= size:
            yield document
            return
        total = -(-len(document.entries) // size)
        stem = document.path.removesuffix(self.suffix)
        paths = [document.path, *(f"{stem}/page/{n}{self.suffix}" for n in range(2, total + 1))]
        for at, path in enumerate(paths):
            near = {"first": 0, "previous": at - 1, "next": at + 1, "last": total - 1}
            yield dataclasses.replace(
                document,
                path=path,
                entries=document.entries[at * size : (at + 1) * size],
                home=self._home(path),
                address=self._address(path, path) if self.base else None,
                links=tuple(
                    FeedLink(rel=rel, href=self._address(path, paths[to]))
                    for rel, to in near.items()
                    if 0 <= to < total
                ),
            )

    def _to_archive(self, path: str, volume: Volume) -> tuple[FeedLink, ...]:
        """Return the link to the volume before that one."""
        if volume.number == 1:
            return ()
        before = self.entries.volumes[volume.number - 2]
        target = self._address(path, f"{before.name}{self.suffix}")
        return (FeedLink(rel="prev-archive", href=target),)

    def _groups(self) -> Iterator[FeedDocument]:
        """Yield a feed for each author, for each category."""
        for kind in dict.fromkeys(self.options.each):
            if kind == "author":
                groups = parts(self.entries, "author")
                names = [group.key for group in groups]
            else:
                groups = categories(self.entries)
                unique = folders(group.key for group in groups)
                names = [unique[group.key] for group in groups]
            for name, group in zip(names, groups, strict=True):
                document = self._document(
                    group.entries, f"{self.context.folder}/{kind}/{name}{self.suffix}"
                )
                yield from self._pages(
                    dataclasses.replace(
                        document,
                        id=identity(f"{document.id}\n{kind}\n{name}"),
                        title=f"{document.title}: {group.title}",
                    )
                )

    def _home(self, path: str) -> str | None:
        """Return the page that the feed belongs to, where its address is known: the site of
        this run, else the base address."""
        site = next((each for each in self.context.outputs if each.exporter == "site"), None)
        if self.base and site is not None:
            return self._address(path, f"{site.path}/")
        return self.base

    def _address(self, start: str, end: str) -> str:
        """Return the address of one path of the output, absolute where the base is known."""
        if self.base:
            return urljoin(self.base, quote(end))
        return quote(posixpath.relpath(end, posixpath.dirname(start) or "."))
