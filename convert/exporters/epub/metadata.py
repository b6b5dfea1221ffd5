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
from convert.exporters.epub.package import Meta, web_address
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
    """Return the URN of a book: of its publication, name and volume, never of what is in it."""
    return _urn(entries, entries.volume.label if entries.volume else "")


def _urn(entries: EntrySet, *parts: str) -> str:
    name = "\n".join(("epub", entries.id, entries.name, *parts))
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def languages(entries: EntrySet) -> tuple[str, ...]:
    """Return the book's language, then those of its entries, the most frequent first."""
    counted = Counter(tag for entry in entries if (tag := language_tag(entry.language)))
    others = sorted(counted, key=lambda tag: (-counted[tag], tag))
    return tuple(dict.fromkeys((entries.language, *others)))


def summary(entries: EntrySet) -> str:
    """Return one sentence: how many entries, by whom, of which years."""
    count = count_entries(entries.language, len(entries))
    if not entries.entries:
        return count
    by = say(entries.language, "by", names=outline.credit(entries))
    return f"{count} {by}, {outline.period(entries, entries.language)}"


def metadata(entries: EntrySet, context: ExportContext, findings: Findings) -> Iterator[Meta]:
    """Yield the elements of ``metadata``, in order."""
    options: EpubOptions = context.options
    title, subtitle = outline.book_title(entries), fold(entries.subtitle)
    yield _dc("identifier", identifier(entries), id="publication-id")
    yield _dc("title", title, id="title")
    yield _refines("title", "title-type", "main")
    if subtitle:
        yield _dc("title", subtitle, id="subtitle")
        yield _refines("subtitle", "title-type", "subtitle")
        yield _refines("title", "display-seq", "1")
        yield _refines("subtitle", "display-seq", "2")
    yield from (_dc("language", tag) for tag in languages(entries))
    yield from _people(entries)
    yield _dc("publisher", options.publisher or outline.publication_title(entries))
    days = sorted(entry.date for entry in entries)
    if days:
        # The day of the newest entry: no clock is in a book.
        yield _dc("date", f"{days[-1]:%Y-%m-%d}")
        yield _property("dcterms:temporal", f"{days[0]:%Y-%m-%d}/{days[-1]:%Y-%m-%d}")
    yield _property("dcterms:modified", f"{context.now:%Y-%m-%dT%H:%M:%SZ}")
    about = f"{subtitle}. {summary(entries)}." if subtitle else f"{summary(entries)}."
    yield _dc("description", options.description or about)
    counted = Counter(name for entry in entries for _, name in outline.categories_of(entry))
    for name in sorted(counted, key=lambda name: (-counted[name], name))[:SUBJECTS]:
        yield _dc("subject", name)
    addresses = (web_address(source.address) for source in outline.sources(entries))
    yield from (_dc("source", address) for address in dict.fromkeys(addresses) if address)
    yield _dc("rights", outline.rights(entries))
    yield from _series(entries)
    yield from _accessibility(entries, findings)
    yield _named("generator", f"thicket-convert {context.version}")
    # EPUB 2 readers find the cover by this (Kobo and Kindle among them).
    yield _named("cover", "cover-image")


def _people(entries: EntrySet) -> Iterator[Meta]:
    creators = outline.everyone(entries)
    known = {name.casefold() for name in creators}
    others = {fold(person.name) for entry in entries for person in entry.contributors}
    contributors = sorted(name for name in others if name and name.casefold() not in known)
    for kind, role, names in (
        ("creator", "aut", creators),
        ("contributor", "ctb", sorted(contributors, key=str.casefold)),
    ):
        for at, name in enumerate(names, start=1):
            uid = f"{kind}-{at}"
            yield _dc(kind, name, id=uid)
            yield _refines(uid, "role", role, scheme="marc:relators")
            yield _refines(uid, "file-as", file_as(name))


def file_as(name: str) -> str:
    """Return the name as a library sorts it: "Lovelace, Ada".  A name of one word, or one that is
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
    yield _named("calibre:series", title)
    yield _named("calibre:series_index", number)


def _accessibility(entries: EntrySet, findings: Findings) -> Iterator[Meta]:
    """Yield what EPUB Accessibility 1.1, 2 asks for: only what holds of this book.

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
    for feature, holds in (
        ("tableOfContents", True),
        ("structuralNavigation", True),
        ("readingOrder", True),
        ("index", True),
        ("displayTransformability", True),
        ("alternativeText", findings.all_described and findings.pictures),
        ("MathML", findings.formulas),
    ):
        if holds:
            yield _property("schema:accessibilityFeature", feature)
    yield _property("schema:accessibilityHazard", "unknown" if findings.moving else "none")
    words = "accessible" if findings.all_described else "accessible_in_part"
    yield _property("schema:accessibilitySummary", say(entries.language, words))


def _dc(name: str, text: str, **attributes: str) -> Meta:
    return Meta(name=f"dc:{name}", text=fold(text), attributes=tuple(attributes.items()))


def _named(name: str, content: str) -> Meta:
    return Meta(name="meta", attributes=(("name", name), ("content", content)))


def _property(name: str, text: str, **attributes: str) -> Meta:
    return Meta(name="meta", text=fold(text), attributes=(("property", name), *attributes.items()))


def _refines(uid: str, name: str, text: str, **attributes: str) -> Meta:
    return Meta(
        name="meta",
        text=fold(text),
        attributes=(("refines", f"#{uid}"), ("property", name), *attributes.items()),
    )
