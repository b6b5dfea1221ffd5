"""What the XML feeds say of an entry alike: its links, its thread, its people."""

from __future__ import annotations

from lxml import etree

from convert.entryset import EntrySet
from convert.exporters.feeds import options as feed
from convert.exporters.feeds.feedgen import ITUNES, THREAD
from convert.model import Category, Entry, Feed, Person

UNKNOWN_TYPE = "application/octet-stream"
"""What a file is where nobody says: readers take a link without a type for a page."""


def entry_links(entries: EntrySet, entry: Entry, source: Feed | None) -> list[dict[str, str]]:
    """Atom's links of an entry (RFC 4287 §4.2.7): the page itself, its files, the feed that it
    was taken from, and what it cites."""
    links = []
    if feed.is_web(entry.link):
        links.append({"rel": "alternate", "href": str(entry.link), "type": "text/html"})
    for file in entry.enclosures:
        links.append(
            {"rel": "enclosure", "href": file.href, "type": file.type or UNKNOWN_TYPE}
            | ({"title": file.title} if file.title else {})
            | ({"length": str(file.length)} if file.length is not None else {})
        )
    if source is not None and source.address:
        links.append({"rel": "via", "href": source.address})
    for cited in entries.answered(entry):
        if feed.is_web(cited.link):
            link = {"rel": "related", "href": str(cited.link), "type": "text/html"}
            links.append(link | ({"title": cited.title} if cited.title else {}))
    return links


def answered(entries: EntrySet, entry: Entry) -> tuple[Entry, ...]:
    """The entries that this one answers, each once."""
    replies = {each.key for each in entries.citations.get(entry.key, ()) if each.reply}
    return tuple(each for each in entries.answered(entry) if each.key in replies)


def count_answers(entries: EntrySet, entry: Entry) -> int:
    """How many entries answer this one."""
    return sum(
        any(each.key == entry.key and each.reply for each in entries.citations.get(key, ()))
        for key in entries.cited_by.get(entry.key, ())
    )


def add_thread(entries: EntrySet, entry: Entry, settled: bool, element: etree._Element) -> None:
    """What the entry answers (RFC 4685 §3) and, unless ``settled``, how many entries answer
    it (§5): their number grows with time."""
    for other in answered(entries, entry):
        reply = etree.SubElement(element, f"{{{THREAD}}}in-reply-to", nsmap={"thr": THREAD})
        reply.set("ref", feed.identity(other.id))
        if feed.is_web(other.link):
            reply.set("href", str(other.link))
            reply.set("type", "text/html")
    count = 0 if settled else count_answers(entries, entry)
    if count:
        total = etree.SubElement(element, f"{{{THREAD}}}total", nsmap={"thr": THREAD})
        total.text = str(count)


def add_facts(entry: Entry, element: etree._Element) -> None:
    """Elements of our own for what no feed format has a field for, and how long a recording
    lasts, as podcasts say it."""
    namespaces = {"thicket": feed.THICKET_NS}
    user = etree.SubElement(element, f"{{{feed.THICKET_NS}}}user", nsmap=namespaces)
    user.text = feed.clean(entry.user)
    if not feed.is_iri(entry.id):
        stated = etree.SubElement(element, f"{{{feed.THICKET_NS}}}id", nsmap=namespaces)
        stated.text = feed.clean(entry.id)
    duration = next((file.duration for file in entry.enclosures if file.duration), None)
    if duration:
        lasts = etree.SubElement(element, f"{{{ITUNES}}}duration", nsmap={"itunes": ITUNES})
        lasts.text = str(duration)


def person_fields(person: Person) -> dict[str, str]:
    """RFC 4287 §3.2; a name must not be empty to be of any use."""
    known = {"name": feed.clean(person.name).strip() or "?"}
    if feed.is_web(person.uri):
        known["uri"] = str(person.uri)
    if person.email and "@" in person.email.strip("@"):
        known["email"] = feed.clean(person.email)
    return known


def category_fields(category: Category) -> dict[str, str]:
    """RFC 4287 §4.2.2."""
    known = {"term": category.term}
    if category.scheme and feed.is_iri(category.scheme):
        known["scheme"] = category.scheme
    if category.label:
        known["label"] = category.label
    return known
