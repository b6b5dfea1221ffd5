"""Which documents a feed output consists of, and how they lead to each other.

One output is one or more feed documents: the feed itself, its further pages (RFC 5005 §3),
the archives of its volumes (RFC 5005 §4), and a feed for each author and category.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import posixpath
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urljoin

from convert.contract import ExportContext
from convert.entryset import EntrySet
from convert.exporters.feeds.options import (
    FeedOptions,
    Group,
    clean,
    identity,
    is_web,
    newest,
)
from convert.model import Entry, Value, Volume
from convert.text.languages import language_tag
from convert.text.names import fold, folders


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
        """The first link of that relation."""
        return next((link.href for link in self.links if link.rel == rel), None)


def documents(entries: EntrySet, context: ExportContext, suffix: str) -> Iterator[FeedDocument]:
    """The documents of one output: of the whole set, or of one of its volumes."""
    plan = _Plan(entries, context, suffix)
    if entries.volume is not None and plan.archived:
        yield plan.archive(entries.volume)
        return
    yield from plan.pages(plan.main(entries.entries))
    if entries.volume is None:
        yield from plan.groups()


def live_documents(
    entries: EntrySet, context: ExportContext, suffix: str
) -> Iterator[FeedDocument]:
    """The feed that readers subscribe to, where the set is cut into volumes.

    With archives it holds the volumes that still grow, and points to the one before them as
    the newest of the archives (RFC 5005 §4).
    """
    plan = _Plan(entries, context, suffix)
    if plan.archived:
        yield plan.subscription()
    else:
        yield from plan.pages(plan.main(entries.entries))
    yield from plan.groups()


def staged(document: FeedDocument, context: ExportContext) -> Path:
    """A file under the staging folder that no other document of this output uses."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, document.path).hex
    context.staging.mkdir(parents=True, exist_ok=True)
    return context.staging / name


class _Plan:
    """Which documents one output has, and how they point to each other."""

    def __init__(self, entries: EntrySet, context: ExportContext, suffix: str) -> None:
        options: FeedOptions = context.options
        self.entries = entries
        self.context = context
        self.options = options
        self.suffix = suffix
        base = options.base_url or entries.base_url
        self.base = f"{base.rstrip('/')}/" if base and is_web(base) else None
        self.archived = (
            options.archives and bool(entries.volumes) and is_chronological(options.volumes)
        )

    def main(self, chosen: Sequence[Entry], path: str | None = None) -> FeedDocument:
        """The feed itself, on one page."""
        options, entries = self.options, self.entries
        path = path or self.context.path
        return FeedDocument(
            path=path,
            id=self._identity(),
            title=clean(options.title or entries.title) or entries.name,
            subtitle=clean(options.subtitle or entries.subtitle),
            entries=tuple(chosen),
            updated=newest(chosen, self.context.now),
            language=language_tag(options.language) or entries.language,
            rights=clean(options.rights or entries.rights) or None,
            home=self._home(path),
            address=self._own(path),
        )

    def _identity(self) -> str:
        """The publication's, for its one feed; a feed of another name is another feed."""
        volume = self.entries.volume
        name = volume.name.removesuffix(f"-{volume.label}") if volume else self.context.folder
        known = self.entries.id
        return identity(known if name == self.entries.name else f"{known}\n{name}")

    def pages(self, document: FeedDocument) -> Iterator[FeedDocument]:
        """The document cut into pages that lead to each other (RFC 5005 §3)."""
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
                address=self._own(path),
                links=tuple(
                    FeedLink(rel=rel, href=self._address(path, paths[to]))
                    for rel, to in near.items()
                    if 0 <= to < total
                ),
            )

    def archive(self, volume: Volume) -> FeedDocument:
        """One volume, as the archive that it is or, being the newest, will be."""
        path = self.context.path
        live = f"{volume.name.removesuffix(f'-{volume.label}')}{self.suffix}"
        current = FeedLink(rel="current", href=self._address(path, live))
        return dataclasses.replace(
            self.main(self.entries.entries),
            links=(current, *self._to_archive(path, volume)),
            archive=volume.number < volume.total,
        )

    def subscription(self) -> FeedDocument:
        """The volumes that may still grow; the archives begin before them.

        An entry from the future makes a year of its own: this year's still grows.
        """
        growing = next(
            volume
            for volume in self.entries.volumes
            if volume.number == volume.total
            or (self.options.volumes == "year" and int(volume.label) >= self.context.now.year)
        )
        return dataclasses.replace(
            self.main(self._entries_from(growing)),
            links=self._to_archive(self.context.path, growing),
        )

    def _to_archive(self, path: str, volume: Volume) -> tuple[FeedLink, ...]:
        """The link to the volume before that one."""
        if volume.number == 1:
            return ()
        before = self.entries.volumes[volume.number - 2]
        target = self._address(path, f"{before.name}{self.suffix}")
        return (FeedLink(rel="prev-archive", href=target),)

    def _entries_from(self, volume: Volume) -> tuple[Entry, ...]:
        """The entries of a volume and of all after it, in the order of the set."""
        entries = self.entries.entries
        if self.options.volumes == "year":
            return tuple(each for each in entries if each.date.year >= int(volume.label))
        before = (volume.number - 1) * int(self.options.volumes)
        by_age = sorted(entries, key=lambda each: (each.date, each.id))
        kept = {each.key for each in by_age[before:]}
        return tuple(each for each in entries if each.key in kept)

    def groups(self) -> Iterator[FeedDocument]:
        """A feed for each author, for each category."""
        for group in dict.fromkeys(self.options.each):
            for name, (label, members) in self._members(group).items():
                whole = self.main(members, f"{self.context.folder}/{group}/{name}{self.suffix}")
                yield from self.pages(
                    dataclasses.replace(
                        whole,
                        id=identity(f"{whole.id}\n{group}\n{name}"),
                        title=f"{whole.title}: {label}",
                    )
                )

    def _members(self, group: Group) -> Mapping[str, tuple[str, tuple[Entry, ...]]]:
        """By file name: what the group is called, and its entries in order."""
        labels: dict[str, str] = {}
        members: dict[str, list[Entry]] = {}
        for entry in self.entries.entries:
            for identity_, label in _groups_of(self.entries, entry, group).items():
                labels.setdefault(identity_, label)
                members.setdefault(identity_, []).append(entry)
        names = folders([*self.entries.users, *members] if group == "author" else members)
        return {names[each]: (labels[each], tuple(members[each])) for each in sorted(members)}

    def _home(self, path: str) -> str | None:
        """The page that the feed belongs to, where its address is known: the site of this run,
        else the base address."""
        site = next((each for each in self.context.outputs if each.exporter == "site"), None)
        if self.base and site is not None:
            return self._address(path, f"{site.path}/")
        return self.base

    def _own(self, path: str) -> str | None:
        return self._address(path, path) if self.base else None

    def _address(self, start: str, end: str) -> str:
        """The address of one path of the output, absolute where the base is known."""
        if self.base:
            return urljoin(self.base, quote(end))
        return quote(posixpath.relpath(end, posixpath.dirname(start) or "."))


def is_chronological(volumes: str) -> bool:
    """Whether this way of cutting fills one volume after the other (``collection.volumes``)."""
    return re.fullmatch(r"year|[1-9]\d*", volumes) is not None


def _groups_of(entries: EntrySet, entry: Entry, group: Group) -> dict[str, str]:
    """Identity and label of each group that the entry belongs to."""
    if group == "author":
        return {entry.user: clean(entries.user(entry).name)}
    return {fold(each.term): each.label or each.term for each in entry.categories if each.term}
