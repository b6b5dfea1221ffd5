"""What Atom, RSS and JSON Feed have in common: their options, and which documents they make.

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
from html import escape
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urljoin

import msgspec

from convert.content.views import View, render
from convert.contract import ExportContext, ExporterOptions, ImagePolicy
from convert.entryset import EntrySet
from convert.model import Content, Entry, Value, Volume
from convert.names import fold, folders

GENERATOR = "thicket-convert"
THICKET_NS = "urn:thicket-convert:feed"
"""Names the few elements of our own; docs/formats.md describes them."""

Group = Literal["author", "category"]


class FeedOptions(ExporterOptions, frozen=True, kw_only=True):
    """What every feed format can be asked for."""

    title: Annotated[
        str | None, msgspec.Meta(description="title of the feed; default: the publication's")
    ] = None
    subtitle: Annotated[str | None, msgspec.Meta(description="one line under the title")] = None
    icon: Annotated[str | None, msgspec.Meta(description="address of a small square icon")] = None
    logo: Annotated[
        str | None, msgspec.Meta(description="address of a picture twice as wide as high")
    ] = None
    rights: Annotated[str | None, msgspec.Meta(description="rights in the feed as a whole")] = None
    generator: Annotated[bool, msgspec.Meta(description="say which program made the feed")] = True
    language: Annotated[
        str | None, msgspec.Meta(description="language of the feed, as in en or pt-BR")
    ] = None
    base_url: Annotated[
        str | None,
        msgspec.Meta(
            description="address at which the output will be published; makes its links absolute"
        ),
    ] = None
    hub: Annotated[
        str | None, msgspec.Meta(description="address of a WebSub hub that tells of news")
    ] = None
    content: Annotated[
        Literal["full", "summary"],
        msgspec.Meta(description="the whole of each entry, or a summary"),
    ] = "full"
    each: Annotated[
        tuple[Group, ...],
        msgspec.Meta(description="also a feed for each author, each category"),
    ] = ()
    page_size: Annotated[
        int, msgspec.Meta(ge=0, description="entries on a page of the feed; 0: all on one")
    ] = 0
    archives: Annotated[
        bool,
        msgspec.Meta(
            description="volumes by year or number are the archives (RFC 5005) of the feed"
        ),
    ] = True


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


def feed_view(images: ImagePolicy) -> View:
    """Bodies for feed readers: nothing relative, formulas as MathML, notes at the end."""
    return View(images="link" if images == "embed" else images)


def body_of(entry: Entry, content: Content, view: View) -> str:
    """The body as HTML that stands alone: Atom's schema knows no MathML or SVG in XHTML
    (RFC 4287 appendix B), and readers lose sight of a base.

    Links to places in the body itself lead to the entry's own page.
    """
    body = render(content, view)
    if is_web(entry.link) and 'href="#' in body:
        page = escape(str(entry.link).partition("#")[0])
        # Serialised text and attributes hold no "<", so that this finds tags alone.
        body = _PLACE.sub(lambda found: f"{found[1]}{page}#", body)
    return f'<div dir="rtl">{body}</div>' if entry.direction == "rtl" and body else body


def identity(text: str) -> str:
    """An id as Atom and JSON Feed want it: an absolute IRI stays as it is (RFC 4287 §4.2.6),
    anything else becomes the UUID that its text always gives (RFC 4122 §4.3)."""
    return text if is_iri(text) else f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}"


def is_iri(text: str) -> bool:
    """Whether the text is an absolute IRI: a scheme, and nothing that no IRI may hold."""
    return _IRI.fullmatch(text) is not None and not text.lower().startswith(_SCRIPTS)


def is_web(address: str | None) -> bool:
    """Whether an address can be linked to: http or https, with a host."""
    return bool(address) and _WEB.fullmatch(str(address)) is not None


def clean(text: str | None) -> str:
    """The text without characters that XML 1.0 §2.2 forbids, and without lone surrogates."""
    return _ILLEGAL.sub("", text or "")


def language_tag(text: str | None) -> str | None:
    """The tag where it has the form that ``xml:lang`` takes (BCP 47), else None."""
    return text if text and _LANGUAGE.fullmatch(text) else None


def summary_of(entry: Entry, text: str) -> str:
    """The entry's own summary, else the first words of its text: at most 280 characters."""
    if entry.summary:
        return entry.summary
    words = " ".join(text[:2000].split())
    if len(words) <= 280:
        return words
    cut = words[:280].rpartition(" ")[0] or words[:280]
    return f"{cut} …"


def staged(document: FeedDocument, context: ExportContext) -> Path:
    """A file under the staging folder that no other document of this output uses."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, document.path).hex
    context.staging.mkdir(parents=True, exist_ok=True)
    return context.staging / name


def newest(entries: Sequence[Entry], now: dt.datetime) -> dt.datetime:
    """The newest ``updated`` that is not in the future; ``now`` where there is none."""
    return max((entry.updated for entry in entries if entry.updated <= now), default=now)


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
            language=language_tag(options.language or entries.language) or "en",
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
        """The page that the feed belongs to: the site of this run, else the base address."""
        site = next((each for each in self.context.outputs if each.exporter == "site"), None)
        if site is not None:
            return self._address(path, f"{site.path}/index.html")
        return self.base

    def _own(self, path: str) -> str | None:
        return self._address(path, path) if self.base else None

    def _address(self, start: str, end: str) -> str:
        """The address of one path of the output, absolute where the base is known."""
        if self.base:
            return urljoin(self.base, quote(end))
        return quote(posixpath.relpath(end, posixpath.dirname(start) or "."))


def is_chronological(volumes: str) -> bool:
    """Whether this way of cutting fills one volume after the other (``convert.volumes``)."""
    return re.fullmatch(r"year|[1-9]\d*", volumes) is not None


def _groups_of(entries: EntrySet, entry: Entry, group: Group) -> dict[str, str]:
    """Identity and label of each group that the entry belongs to."""
    if group == "author":
        return {entry.user: clean(entries.user(entry).name)}
    return {fold(each.term): each.label or each.term for each in entry.categories if each.term}


_PLACE = re.compile(r'(<a (?:[^<>]* )?href=")#')
_SCRIPTS = ("javascript:", "data:", "vbscript:", "file:")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff]+")
_WEB = re.compile(r"https?://[^\s/?#<>\"\\^`{|}]+(?:[/?#][^\s<>\"\\^`{|}]*)?", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
