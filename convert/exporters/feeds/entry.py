"""What feeds say of an entry alike: its texts, its links, its thread, its people."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from urllib.parse import urlsplit

from lxml import etree

from convert.content.views import View, render
from convert.content.vocabulary import names
from convert.entryset import EntrySet
from convert.exporters.feeds.feedgen import NAMESPACES, child
from convert.exporters.outline import relations, web_address
from convert.model import Category, Content, Enclosure, Entry, Link, Person
from convert.text.addresses import is_iri, uri
from convert.text.characters import fold, shortened

UNKNOWN_TYPE = "application/octet-stream"
"""What a file is where nobody can say: readers take a link without a type for a page."""
PAGE_TYPE = "text/html"
_PICTURES = names("avif bmp gif jpeg jpg png svg tif tiff webp")
_RECORDINGS = names("aac flac m4a m4v mkv mov mp3 mp4 oga ogg ogv opus wav webm")
"""Endings of files whose type nobody states."""


def web_uri(address: str | None) -> str | None:
    """Return an http(s) address as feeds state addresses, in ASCII; None for anything else."""
    clean = web_address(address)
    return uri(clean) if clean else None


def body_of(entry: Entry, content: Content, view: View) -> str:
    """Return the body as HTML that stands alone: Atom's schema knows no MathML or SVG in XHTML
    (RFC 4287 appendix B), and readers lose sight of a base.

    Links to places in the body itself lead to these on the entry's own page.
    """
    page = (entry.link or "").partition("#")[0]
    body = render(content, dataclasses.replace(view, page=page, anchors=dict(content.anchors)))
    return f'<div dir="rtl">{body}</div>' if entry.direction == "rtl" and body else body


def summary_of(entry: Entry, text: str) -> str:
    """Return the entry's own summary, else the first words of its text: at most 280
    characters."""
    if entry.summary:
        return entry.summary
    # Enough for 280 characters, and no more: a text may have millions.
    return shortened(text[:2000], 280)


def identity(text: str) -> str:
    """Return an id as Atom and JSON Feed want it: an absolute IRI stays as it is (RFC 4287
    §4.2.6), anything else becomes the UUID that its text always gives (RFC 4122 §4.3)."""
    return text if is_iri(text) else f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}"


def kind_of(file: Enclosure) -> str:
    """Return "audio", "video" and the like, as the type of a file or its ending says; "" where
    neither does."""
    ending = urlsplit(file.href).path.rpartition(".")[2].lower()
    guessed = "audio" if ending in _RECORDINGS else "image" if ending in _PICTURES else ""
    stated = file.type if file.type != UNKNOWN_TYPE else None
    return stated.partition("/")[0].lower() if stated else guessed


def main_file(entry: Entry) -> Enclosure | None:
    """Return the one file that RSS has room for: the first recording, as podcasts need it, else
    the first that is no picture, else the first."""
    files = entry.enclosures
    recordings = (each for each in files if kind_of(each) in {"audio", "video"})
    others = (each for each in files if kind_of(each) != "image")
    return next(itertools.chain(recordings, others, files), None)


def page_links(entry: Entry) -> list[dict[str, str]]:
    """Return Atom's links (RFC 4287 §4.2.7) to the page of an entry, and to those that say the
    same in another language or form."""
    others: dict[tuple[str | None, str | None], dict[str, str]] = {}
    for link in map(_further_link, entry.links):
        form = link.get("type"), link.get("hreflang")
        # §4.1.1: one page of each type in each language.
        if link["rel"] == "alternate" and form not in {(PAGE_TYPE, None), (None, None)}:
            others.setdefault(form, link)
    if not entry.link:
        return list(others.values())
    page = {"rel": "alternate", "href": uri(entry.link)}
    first = page | {"type": PAGE_TYPE}
    # Of several pages most readers open the first, feedparser the last.
    return [first, *others.values(), page] if others else [first]


def file_link(file: Enclosure) -> dict[str, str]:
    """Return the link of Atom to a file that belongs to an entry."""
    return {
        "rel": "enclosure",
        "href": uri(file.href),
        "type": file.type or UNKNOWN_TYPE,
    } | _stated(title=file.title, length=file.length)


def further_links(entries: EntrySet, entry: Entry) -> list[dict[str, str]]:
    """Return Atom's links of an entry to what it names beside its pages and files, and to what it
    cites, each once."""
    pages = {each["href"] for each in page_links(entry)}
    links = []
    for link in map(_further_link, entry.links):
        if link["rel"] != "alternate":
            links.append(link)
        elif link["href"] not in pages:
            links.append(link | {"rel": "related"})
    for cited in entries.answered(entry):
        if cited.link:
            link = {"rel": "related", "href": uri(cited.link), "type": PAGE_TYPE}
            links.append(link | _stated(title=cited.title))
    unique: dict[tuple[str, str], dict[str, str]] = {}
    for link in links:
        unique.setdefault((link["rel"], link["href"]), link)
    return list(unique.values())


def _further_link(link: Link) -> dict[str, str]:
    return {"rel": link.rel, "href": uri(link.href)} | _stated(
        type=link.type, hreflang=link.hreflang, title=link.title
    )


def _stated(**attributes: object) -> dict[str, str]:
    """Return the attributes that say something."""
    return {name: str(value) for name, value in attributes.items() if value}


def add_thread(entries: EntrySet, entry: Entry, element: etree._Element, *, settled: bool) -> None:
    """Add what the entry answers (RFC 4685 §3) and, unless ``settled``, how many entries answer
    it (§5): their number grows with time."""
    related = relations(entries, entry)
    for other in related.answers:
        reply = child(element, "thr:in-reply-to", ref=identity(other.id))
        if other.link:
            reply.set("href", uri(other.link))
            reply.set("type", PAGE_TYPE)
    answering = [
        other
        for other in related.cited_by
        if any(
            each.key == entry.key and each.reply for each in entries.citations.get(other.key, ())
        )
    ]
    if answering and not settled:
        child(element, "thr:total", str(len(answering)))


def add_facts(entry: Entry, element: etree._Element) -> None:
    """Add elements of our own for what no feed format has a field for; the picture that stands
    for the entry, and how long a recording lasts, as readers look for them."""
    child(element, "thicket:user", fold(entry.user))
    if not is_iri(entry.id):
        child(element, "thicket:id", fold(entry.id))
    if entry.image:
        child(element, "media:thumbnail", url=uri(entry.image))
    duration = next((file.duration for file in entry.enclosures if file.duration), None)
    if duration:
        child(element, "itunes:duration", str(duration))


def add_picture(file: Enclosure, element: etree._Element) -> None:
    """Add a picture as Media RSS has it."""
    fields = _stated(type=file.type, fileSize=file.length)
    picture = child(element, "media:content", url=uri(file.href), medium="image", **fields)
    if file.title:
        child(picture, "media:title", file.title, type="plain")


def add_face(person: Person, element: etree._Element) -> None:
    """Add the face of a person to their element as Blogger's feeds have it: Atom has none, and
    Media RSS has no place for one."""
    if face := web_uri(person.icon):
        child(element, "gd:image", rel=f"{NAMESPACES['gd']}#thumbnail", src=face)


def person_fields(person: Person) -> dict[str, str]:
    """Return what RFC 4287 §3.2 says of a person; a name must not be empty to be of any use."""
    fields = {"name": fold(person.name) or "?"}
    if page := web_uri(person.uri):
        fields["uri"] = page
    if person.email and "@" in person.email.strip("@"):
        fields["email"] = fold(person.email)
    return fields


def category_fields(category: Category) -> dict[str, str]:
    """Return what RFC 4287 §4.2.2 says of a category."""
    fields = {"term": category.term}
    if category.scheme and is_iri(category.scheme):
        fields["scheme"] = category.scheme
    if category.label:
        fields["label"] = category.label
    return fields
