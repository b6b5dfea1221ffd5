"""What the package document says of the book (EPUB 3.3, 5.5; EPUB Accessibility 1.1)."""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter
from collections.abc import Iterator

from convert.contract import ExportContext
from convert.entryset import EntrySet
from convert.exporters import outline
from convert.exporters.epub.options import EpubOptions
from convert.exporters.epub.package import Meta
from convert.exporters.epub.text import web_address
from convert.text.characters import fold
from convert.text.languages import language_tag
from convert.text.phrases import count_entries, say

SUBJECTS = 20
"""The most categories that the package names: the ones with the most entries."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Findings:
    """What was seen while the pages were made; accessibility metadata follows from it."""

    pictures: bool
    formulas: bool
    all_described: bool
    """True where every picture in a text has words for it."""
    moving: bool


def identifier(entries: EntrySet) -> str:
    """The URN of a book: of its publication, name and volume, never of what is in it."""
    return _urn(entries, entries.volume.label if entries.volume else "")


def _urn(entries: EntrySet, *parts: str) -> str:
    name = "\n".join(("epub", entries.id, entries.name, *parts))
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def languages(entries: EntrySet) -> tuple[str, ...]:
    """The book's language, then those of its entries, the most frequent first."""
    counted = Counter(tag for entry in entries if (tag := language_tag(entry.language)))
    others = sorted(counted, key=lambda tag: (-counted[tag], tag))
    return tuple(dict.fromkeys((entries.language, *others)))


def summary(entries: EntrySet) -> str:
    """One sentence: how many entries, by whom, of which years."""
    count = count_entries(entries.language, len(entries))
    if not entries.entries:
        return count
    by = say(entries.language, "by", names=outline.credit(entries))
    return f"{count} {by}, {outline.period(entries, entries.language)}"


def metadata(entries: EntrySet, context: ExportContext, findings: Findings) -> Iterator[Meta]:
    """The elements of ``metadata``, in order."""
    options: EpubOptions = context.options
    yield _dc("identifier", identifier(entries), id="publication-id")
    yield from _titles(entries)
    for tag in languages(entries):
        yield _dc("language", tag)
    yield from _people(entries)
    yield _dc("publisher", options.publisher or outline.publication_title(entries))
    subtitle = fold(entries.subtitle)
    days = sorted(entry.date for entry in entries)
    if days:
        yield _dc("date", f"{days[-1]:%Y-%m-%d}")
        yield _property("dcterms:temporal", f"{days[0]:%Y-%m-%d}/{days[-1]:%Y-%m-%d}")
    yield _property("dcterms:modified", f"{context.now:%Y-%m-%dT%H:%M:%SZ}")
    yield _dc(
        "description",
        options.description or f"{subtitle}{'. ' if subtitle else ''}{summary(entries)}.",
    )
    counted = Counter(title for entry in entries for _, title in outline.categories_of(entry))
    for title in sorted(counted, key=lambda title: (-counted[title], title))[:SUBJECTS]:
        yield _dc("subject", title)
    addresses = (web_address(source.address) for source in outline.sources(entries))
    yield from (_dc("source", address) for address in dict.fromkeys(addresses) if address)
    yield _dc("rights", outline.rights(entries))
    yield from _series(entries)
    yield from _accessibility(entries, findings)
    yield Meta(
        name="meta",
        attributes=(("name", "generator"), ("content", f"thicket-convert {context.version}")),
    )
    # EPUB 2 readers find the cover by this (Kobo and Kindle among them).
    yield Meta(name="meta", attributes=(("name", "cover"), ("content", "cover-image")))


def _titles(entries: EntrySet) -> Iterator[Meta]:
    yield _dc("title", outline.book_title(entries), id="title")
    yield _refines("title", "title-type", "main")
    if subtitle := fold(entries.subtitle):
        yield _dc("title", subtitle, id="subtitle")
        yield _refines("subtitle", "title-type", "subtitle")
        yield _refines("title", "display-seq", "1")
        yield _refines("subtitle", "display-seq", "2")


def _people(entries: EntrySet) -> Iterator[Meta]:
    creators = outline.everyone(entries)
    known = {name.casefold() for name in creators}
    others = {fold(person.name) for entry in entries for person in entry.contributors}
    contributors = [name for name in others if name and name.casefold() not in known]
    for at, name in enumerate(creators, start=1):
        yield from _person("creator", f"creator-{at}", name, "aut")
    for at, name in enumerate(sorted(contributors, key=lambda name: (name.casefold(), name)), 1):
        yield from _person("contributor", f"contributor-{at}", name, "ctb")


def _person(kind: str, uid: str, name: str, role: str) -> Iterator[Meta]:
    yield _dc(kind, name, id=uid)
    yield _refines(uid, "role", role, scheme="marc:relators")
    yield _refines(uid, "file-as", file_as(name))


def file_as(name: str) -> str:
    """The name as a library sorts it: "Lovelace, Ada".  A name of one word, or one that is
    not written with Latin letters first name first, stays as it is."""
    words = name.split()
    if len(words) < 2 or not name[0].isalpha() or ord(name[0]) > 0x24F or "," in name:
        return name
    # "Ludwig van Beethoven", "Ada Lovelace (Byron)": what is not a capital goes before.
    if not words[-1][:1].isupper():
        return name
    return f"{words[-1]}, {' '.join(words[:-1])}"


def _series(entries: EntrySet) -> Iterator[Meta]:
    if entries.volume is None:
        return
    title, number = outline.publication_title(entries), str(entries.volume.number)
    yield _property("belongs-to-collection", title, id="series")
    yield _refines("series", "collection-type", "series")
    yield _refines("series", "group-position", number)
    yield _refines("series", "dcterms:identifier", _urn(entries))
    # What calibre and the readers that follow it know instead.
    for name, value in (("calibre:series", title), ("calibre:series_index", number)):
        yield Meta(name="meta", attributes=(("name", name), ("content", value)))


def _accessibility(entries: EntrySet, findings: Findings) -> Iterator[Meta]:
    """EPUB Accessibility 1.1, 2: only what holds of this book.

    No conformance to WCAG is claimed: that takes someone who has looked at the pages.
    """
    visual = findings.pictures or findings.formulas
    yield _property("schema:accessMode", "textual")
    if visual:
        yield _property("schema:accessMode", "visual")
    if findings.all_described:
        yield _property("schema:accessModeSufficient", "textual")
    if visual:
        yield _property("schema:accessModeSufficient", "textual,visual")
    features = ["tableOfContents", "structuralNavigation", "readingOrder", "index"]
    features.append("displayTransformability")
    if findings.all_described and findings.pictures:
        features.append("alternativeText")
    if findings.formulas:
        features.append("MathML")
    for feature in features:
        yield _property("schema:accessibilityFeature", feature)
    hazard = "unknown" if findings.moving else "none"
    yield _property("schema:accessibilityHazard", hazard)
    words = "accessible" if findings.all_described else "accessible_in_part"
    yield _property("schema:accessibilitySummary", say(entries.language, words))


def _dc(name: str, text: str, **attributes: str) -> Meta:
    return Meta(name=f"dc:{name}", text=fold(text), attributes=tuple(attributes.items()))


def _property(name: str, text: str, **attributes: str) -> Meta:
    return Meta(name="meta", text=fold(text), attributes=(("property", name), *attributes.items()))


def _refines(uid: str, name: str, text: str, **attributes: str) -> Meta:
    return Meta(
        name="meta",
        text=fold(text),
        attributes=(("refines", f"#{uid}"), ("property", name), *attributes.items()),
    )
