"""What feeds say of an entry alike: its texts, its links, its thread, its people."""

from __future__ import annotations

import re
import uuid
from html import escape

from lxml import etree

from convert.content.views import View, render
from convert.entryset import EntrySet
from convert.exporters.feeds.feedgen import child
from convert.exporters.outline import relations, web_address
from convert.model import Category, Content, Entry, Feed, Person
from convert.text.addresses import is_iri
from convert.text.characters import fold, shortened

UNKNOWN_TYPE = "application/octet-stream"
"""What a file is where nobody says: readers take a link without a type for a page."""

_PLACE = re.compile(r'(<a (?:[^<>]* )?href=")#')


def body_of(entry: Entry, content: Content, view: View) -> str:
    """Return the body as HTML that stands alone: Atom's schema knows no MathML or SVG in XHTML
    (RFC 4287 appendix B), and readers lose sight of a base.

    Links to places in the body itself lead to the entry's own page.
    """
    body = render(content, view)
    if entry.link and 'href="#' in body:
        page = escape(entry.link.partition("#")[0])
        # Serialised text and attributes hold no "<", so that this finds tags alone.
        body = _PLACE.sub(lambda start: f"{start[1]}{page}#", body)
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


def entry_links(entries: EntrySet, entry: Entry, source: Feed | None) -> list[dict[str, str]]:
    """Return Atom's links of an entry (RFC 4287 §4.2.7): the page itself, its files, the feed
    that it was taken from, and what it cites."""
    links = []
    if entry.link:
        links.append({"rel": "alternate", "href": entry.link, "type": "text/html"})
    for file in entry.enclosures:
        links.append(
            {"rel": "enclosure", "href": file.href, "type": file.type or UNKNOWN_TYPE}
            | ({"title": file.title} if file.title else {})
            | ({"length": str(file.length)} if file.length is not None else {})
        )
    if source is not None and source.address:
        links.append({"rel": "via", "href": source.address})
    for cited in entries.answered(entry):
        if cited.link:
            link = {"rel": "related", "href": cited.link, "type": "text/html"}
            links.append(link | ({"title": cited.title} if cited.title else {}))
    return links


def add_thread(entries: EntrySet, entry: Entry, element: etree._Element, *, settled: bool) -> None:
    """Add what the entry answers (RFC 4685 §3) and, unless ``settled``, how many entries answer
    it (§5): their number grows with time."""
    related = relations(entries, entry)
    for other in related.answers:
        reply = child(element, "thr:in-reply-to", ref=identity(other.id))
        if other.link:
            reply.set("href", other.link)
            reply.set("type", "text/html")
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
    """Add elements of our own for what no feed format has a field for, and how long a recording
    lasts, as podcasts say it."""
    child(element, "thicket:user", fold(entry.user))
    if not is_iri(entry.id):
        child(element, "thicket:id", fold(entry.id))
    duration = next((file.duration for file in entry.enclosures if file.duration), None)
    if duration:
        child(element, "itunes:duration", str(duration))


def person_fields(person: Person) -> dict[str, str]:
    """Return what RFC 4287 §3.2 says of a person; a name must not be empty to be of any use."""
    fields = {"name": fold(person.name) or "?"}
    if uri := web_address(person.uri):
        fields["uri"] = uri
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
