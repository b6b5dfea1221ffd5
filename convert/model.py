"""The values that flow from sources to exporters: frozen, typed, with RFC 4287's names.

Times are aware and in UTC.  Sequences are tuples.  Two types of entry exist, and the line
between them is the safety of the whole: a ``StoredEntry`` is what a source read, untrusted
markup included; an ``Entry`` is what ``prepare`` made of it, safe to publish.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

import msgspec

Direction = Literal["ltr", "rtl"]
Severity = Literal["warning", "entry", "output"]
"""What a problem cost: nothing, an entry that was left out, or a whole output."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen record; compared by its fields, hashable, picklable."""


class Problem(Value, frozen=True, kw_only=True):
    """One thing that the user should know of: printed as ``path: field: reason``."""

    path: str
    """The file, address or output concerned, as the user would name it."""
    reason: str
    """What is wrong and, where there is one, the way out; one line."""
    field: str = ""
    severity: Severity = "warning"
    of_source: bool = False
    """True where a whole source fails, or a feed of a list, and not one entry."""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.path, self.field, self.reason) if part)

    def of(self, entry: str) -> Problem:
        """Return the same, said of an entry of a file that holds several, by its id."""
        field = f"{self.field} of {entry}" if self.field else entry
        return msgspec.structs.replace(self, field=field)

    def within(self, origin: str) -> Problem:
        """Return the same, its path with the address of its source before it, once."""
        path = self.path
        if not path or (origin.endswith(".json") and origin.endswith(f"/{path}")):
            path = origin
        elif not f"{path}/".startswith(f"{origin}/") and "://" not in path:
            path = f"{origin.rstrip('/')}/{path}"
        return msgspec.structs.replace(self, path=path)


class Person(Value, frozen=True, kw_only=True):
    """RFC 4287 §3.2: an author or contributor.  ``email`` is kept only when asked for; ``icon`` is
    the address of a face (JSON Feed's avatar)."""

    name: str
    uri: str | None = None
    email: str | None = None
    icon: str | None = None


class Category(Value, frozen=True, kw_only=True):
    """RFC 4287 §4.2.2."""

    term: str
    scheme: str | None = None
    label: str | None = None


class Enclosure(Value, frozen=True, kw_only=True):
    """RFC 4287 §4.2.7.2, ``rel="enclosure"``: a file that belongs to an entry; ``length`` in bytes,
    ``duration`` in seconds."""

    href: str
    type: str | None = None
    length: int | None = None
    title: str | None = None
    duration: int | None = None


class Link(Value, frozen=True, kw_only=True):
    """RFC 4287 §4.2.7: a further address that an entry names, by what it is to the entry: "via",
    "related", "license", "replies", or "alternate" for the page in another language or form."""

    rel: str
    href: str
    type: str | None = None
    hreflang: str | None = None
    title: str | None = None


class Feed(Value, frozen=True, kw_only=True):
    """RFC 4287 §4.2.11: the metadata of the feed that an entry came from.

    ``address`` is where the feed itself lives (rel="self"), ``link`` the page it belongs to
    (rel="alternate"); ``categories`` are the folders that a list of feeds has it in.
    """

    id: str
    title: str = ""
    subtitle: str | None = None
    updated: dt.datetime | None = None
    address: str | None = None
    link: str | None = None
    rights: str | None = None
    icon: str | None = None
    logo: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()


class ListedFeed(Value, frozen=True, kw_only=True):
    """What the user says of a feed, by its address or the path of its file: its member's name and
    face, the folders that it is in, and by what its entries are known, their ids or their links."""

    address: str
    name: str = ""
    categories: tuple[Category, ...] = ()
    icon: str | None = None
    ids: Literal["guid", "link"] = "guid"


class User(Value, frozen=True, kw_only=True):
    """A member of the group: one folder of a Thicket repository, one line of a list of feeds."""

    username: str
    display_name: str | None = None
    email: str | None = None
    homepage: str | None = None
    icon: str | None = None
    feeds: tuple[str, ...] = ()
    directory: str | None = None
    described: tuple[Feed, ...] = ()
    """What a repository says of feeds themselves; ``Feed.address`` is one of ``feeds``."""

    @property
    def name(self) -> str:
        """The name to show."""
        return self.display_name or self.username


class Origin(Value, frozen=True, kw_only=True):
    """Where a set of entries was read from, for colophons and the report.

    ``address`` is as the user named it, without credentials; ``commit`` the full hash and
    ``committed`` its time where the source is a Git repository.
    """

    address: str
    kind: str
    name: str
    """A short name made from the address, for file names: "thicket-eeg"."""
    title: str | None = None
    commit: str | None = None
    committed: dt.datetime | None = None
    remote: str | None = None
    language: str | None = None


class StoredEntry(Value, frozen=True, kw_only=True):
    """One entry as a source read it.  Everything in it is hostile until prepared.

    ``path`` names the file (or feed) for problems; ``user`` is the username; ``source`` the
    ``Feed.id`` of the feed it came from.  ``summary`` and ``content`` are markup as stored,
    of ``summary_type`` and ``content_type`` ("text", "html", "xhtml", "markdown", or what the
    file said).  ``base`` is the address that relative references resolve against, where it
    is not ``link``.  ``links`` are further ones, neither the page nor an enclosure; ``image``
    is the address of the picture that stands for the entry.  ``shared_id`` is what its feed gives
    it as an id, and gives others as well, so that it is none.  ``stored`` is the JSON text that
    the entry was read from, unknown keys and all, where there was one.
    """

    path: str
    user: str
    id: str
    updated: dt.datetime
    title: str = ""
    title_type: str = "text"
    published: dt.datetime | None = None
    link: str | None = None
    summary: str | None = None
    summary_type: str = "html"
    content: str | None = None
    content_type: str = "html"
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    rights: str | None = None
    source: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    links: tuple[Link, ...] = ()
    image: str | None = None
    language: str | None = None
    base: str | None = None
    in_reply_to: tuple[str, ...] = ()
    """RFC 4685: addresses or ids that the feed itself says this entry answers."""
    shared_id: str | None = None
    origin: str = ""
    """The ``Origin.address`` that it was read from."""
    stored: bytes = b""


class Fetched(Value, frozen=True, kw_only=True):
    """What an address answered.

    ``address`` is the last of the redirects, ``media_type`` as the host sent it, parameters
    included ("text/xml; charset=utf-8").
    """

    address: str
    media_type: str
    content: bytes
    answered: dt.datetime | None = None
    """When the host last gave it, or said that it is still what it has."""
    failure: str = ""
    """Why this is an older copy ("404 Not Found"); empty where the host did not fail."""

    @property
    def stale_since(self) -> dt.datetime | None:
        """When the host last answered, where this is an older copy because it failed since."""
        return self.answered if self.failure else None


class ImageReference(Value, frozen=True, kw_only=True):
    """A picture that a body refers to, by ``ref`` (``src="image:REF"`` in prepared markup).

    ``address`` is absolute (http, https) or a data: URI, or "" where only ``path`` is known.
    ``path`` is the reference as stored where it was relative: it may name a file in the
    repository.
    """

    ref: str
    address: str
    path: str | None = None
    alt: str = ""


class Rendition(Value, frozen=True, kw_only=True):
    """A picture made fit for one use.  ``digest`` is the SHA-256 (hex) of ``content``;
    ``width`` and ``height`` are pixels, 0 where an SVG does not say."""

    content: bytes
    media_type: str
    suffix: str
    width: int
    height: int
    digest: str


class RenditionRequest(Value, frozen=True, kw_only=True):
    """What an output can show.

    ``use``: "original" keeps the fetched bytes (SVG sanitised); "ereader" gives JPEG, PNG,
    GIF or SVG; "print" the same at print quality; "web" may be WebP too.  ``longest_side`` is
    in pixels; ``max_bytes`` a budget for one picture, met by shrinking.
    """

    use: Literal["original", "ereader", "print", "web"] = "original"
    longest_side: int | None = None
    grey: bool = False
    max_bytes: int | None = None
    raster: bool = False
    """True where the output cannot show SVG either."""


class Entry(Value, frozen=True, kw_only=True):
    """One entry, prepared: the header, safe in every field.  The body loads on demand.

    ``key`` names the entry in file names, anchors and citations
    ("anil/2014-01-13-unikernels"); it is unique in its set, ignoring case, and empty until
    ``relate`` has given it.  ``title``, ``summary`` and ``rights`` are plain text; all addresses
    are http(s) or None.  ``digest`` (hex) stands for the code that
    the entry was prepared with, then for what was stored and the options, and finds the body in
    the prepared store.  ``words`` and ``size`` (bytes of XHTML) measure the body.
    """

    id: str
    user: str
    updated: dt.datetime
    key: str = ""
    title: str = ""
    published: dt.datetime | None = None
    link: str | None = None
    summary: str | None = None
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    rights: str | None = None
    source: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    links: tuple[Link, ...] = ()
    image: str | None = None
    language: str | None = None
    direction: Direction = "ltr"
    path: str = ""
    origin: str = ""
    aliases: tuple[str, ...] = ()
    """Further addresses of this entry: those of duplicates that were dropped for it."""
    full: bool = True
    """False where the source gave only a summary, which then is the body."""
    words: int = 0
    size: int = 0
    digest: str = ""

    @property
    def date(self) -> dt.datetime:
        """``published``, else ``updated``: what sorts and selects."""
        return self.published or self.updated


class Fingerprint(NamedTuple):
    """What is kept of an entry's title and text to compare it by: some 200 bytes."""

    title: bytes
    text: bytes
    words: int
    sketch: tuple[int, ...]


class Prepared(Value, frozen=True, kw_only=True):
    """What ``prepare`` gives for one stored entry; what the prepared store remembers.

    ``body`` is the neutral XHTML described in docs/prepared-markup.md; ``text`` its words;
    ``links`` the addresses it links to, in order of first appearance; ``anchors`` ids of the
    body, each with what the entry's own page calls the place; ``answers`` what the feed says it
    replies to; ``fingerprint`` is what tells duplicates.
    """

    entry: Entry
    body: str
    text: str
    links: tuple[str, ...] = ()
    anchors: tuple[tuple[str, str], ...] = ()
    answers: tuple[str, ...] = ()
    images: tuple[ImageReference, ...] = ()
    problems: tuple[Problem, ...] = ()
    fingerprint: Fingerprint | None = None


class Citation(Value, frozen=True, kw_only=True):
    """A link from one entry of the set to another.

    ``address`` is the link as it stood, ``key`` the entry it leads to, ``fragment`` the id
    in that entry's body, or "".
    """

    address: str
    key: str
    fragment: str = ""
    reply: bool = False
    """True where this is what the citing entry answers."""


class Volume(Value, frozen=True, kw_only=True):
    """One cut of the set: ``label`` is the part added to names ("2024"), ``number`` counts
    from 1 up to ``total``.

    ``name`` is the full name of files without suffix ("eeg-2024"), ``title`` for people.
    """

    label: str
    name: str
    title: str
    number: int
    total: int


class PlannedOutput(Value, frozen=True, kw_only=True):
    """What another output of this run will be called, fixed before any is made."""

    exporter: str
    name: str
    path: str
    media_type: str
    title: str
    volume: Volume | None = None


class Content(Value, frozen=True, kw_only=True):
    """The body of an entry, for exporters: neutral XHTML with citations as ``entry:KEY#frag``.

    Render it with ``content.views``; ``text`` is the same as plain text, ``anchors`` are those of
    ``Prepared``.
    """

    xhtml: str
    text: str
    anchors: tuple[tuple[str, str], ...] = ()


class Elsewhere(Value, frozen=True, kw_only=True):
    """An entry of the publication that lies in another volume."""

    entry: Entry
    volume: Volume
