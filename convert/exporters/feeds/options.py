"""What Atom, RSS and JSON Feed have in common: their options, and how they tell of an entry
what each of them tells.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from html import escape
from typing import Annotated, Literal

import msgspec

from convert.content.views import View, render
from convert.contract import ExporterOptions, ImagePolicy
from convert.model import Content, Entry

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


def summary_of(entry: Entry, text: str) -> str:
    """The entry's own summary, else the first words of its text: at most 280 characters."""
    if entry.summary:
        return entry.summary
    words = " ".join(text[:2000].split())
    if len(words) <= 280:
        return words
    cut = words[:280].rpartition(" ")[0] or words[:280]
    return f"{cut} …"


def newest(entries: Sequence[Entry], now: dt.datetime) -> dt.datetime:
    """The newest ``updated`` that is not in the future; ``now`` where there is none."""
    return max((entry.updated for entry in entries if entry.updated <= now), default=now)


_PLACE = re.compile(r'(<a (?:[^<>]* )?href=")#')
_SCRIPTS = ("javascript:", "data:", "vbscript:", "file:")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff]+")
_WEB = re.compile(r"https?://[^\s/?#<>\"\\^`{|}]+(?:[/?#][^\s<>\"\\^`{|}]*)?", re.IGNORECASE)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
