"""Footnotes in a view: a list at the end, notes that pop up, or notes of a printed page."""

from __future__ import annotations

from lxml import etree

from convert.content.footnotes.marks import announces_notes
from convert.content.tree import append_text, drop, listed, new, replace, text_of
from convert.content.views.inline import inline_content
from convert.content.views.view import View
from convert.content.vocabulary import HEADINGS
from convert.text.phrases import say

EPUB = "http://www.idpf.org/2007/ops"
EPUB_TYPE = f"{{{EPUB}}}type"
# lxml writes a namespaced attribute with the prefix known for it.
etree.register_namespace("epub", EPUB)

BACK = "\u21a9\ufe0e"
"""The arrow back; the selector keeps it from becoming an emoji."""


def show_notes(root: etree._Element, view: View) -> None:
    """The footnotes as ``View.notes`` says."""
    section = next((each for each in root if each.get("role") == "doc-endnotes"), None)
    references = [each for each in listed(root, "a") if each.get("role") == "doc-noteref"]
    for reference in references:
        reference.set("aria-label", say(view.language, "note", number=text_of(reference)))
    if section is None:
        return
    by_target = _by_target(references)
    if view.notes == "footnotes":
        _place_on_page(section, by_target, view)
    elif view.notes == "popup":
        for reference in references:
            reference.set(EPUB_TYPE, "noteref")
        _as_asides(section, by_target, view)
    else:
        _as_endnotes(section, by_target, view)


def _as_endnotes(
    section: etree._Element, references: dict[str, list[etree._Element]], view: View
) -> None:
    section.set("class", "notes")
    section.set("aria-label", say(view.language, "notes"))
    for note in _notes(section):
        _link_back(note, _referring(note, references), view)


def _link_back(note: etree._Element, origins: list[etree._Element], view: View) -> None:
    """An arrow to each reference, at the end of the note's last paragraph."""
    if not origins:
        return
    last = note[-1] if len(note) else note
    if last is not note and last.tag != "p":
        last = etree.SubElement(note, "p")
    for count, origin in enumerate(origins, start=1):
        append_text(last, "\u00a0")
        back = new("a", BACK, href=f"#{origin.get('id')}", role="doc-backlink")
        back.set("aria-label", say(view.language, "back_to_text"))
        if count > 1:
            back.append(new("sup", str(count)))
        last.append(back)


def _as_asides(
    section: etree._Element, references: dict[str, list[etree._Element]], view: View
) -> None:
    """EPUB 3.3 structural semantics: ``noteref`` and ``footnote`` make a reading system show
    the note where its number is tapped.  The number opens the note and leads back."""
    notes = _notes(section)
    for note in notes:
        origins = _referring(note, references)
        note.tag = "aside"
        note.set(EPUB_TYPE, "footnote")
        note.set("role", "doc-footnote")
        if origins:
            _open_with_number(note, origins[0], view)
    box = new("div", class_="notes")
    box.extend(notes)
    replace(section, box)


def _open_with_number(note: etree._Element, origin: etree._Element, view: View) -> None:
    first = note[0] if len(note) and note[0].tag == "p" else None
    if first is None:
        first = new("p")
        note.insert(0, first)
    back = new("a", text_of(origin), href=f"#{origin.get('id')}", role="doc-backlink")
    back.set("aria-label", say(view.language, "back_to_text"))
    back.tail = ". " + (first.text or "")
    first.text = None
    first.insert(0, back)


def _place_on_page(
    section: etree._Element, references: dict[str, list[etree._Element]], view: View
) -> None:
    """Each note where it is first referred to; what the text does not refer to stays a list.

    A reference in a heading or in another note takes no note along: headings are repeated in
    contents and running heads, and a printed footnote cannot hold another.
    """
    plan = [(note, _referring(note, references)) for note in _notes(section)]
    places = [
        next((each for each in origins if _may_hold_note(each, section)), None)
        for _, origins in plan
    ]
    for (note, origins), first in zip(plan, places, strict=True):
        if first is None:
            _link_back(note, origins, view)
            continue
        for origin in origins:
            if origin is not first:
                origin.set("class", "footnote-again")
        placed = new("span", class_="footnote", id=note.get("id") or "")
        placed.set("data-number", text_of(first))
        inline_content(note, placed)
        above = first.getparent()
        replace(above if above is not None and above.tag == "sup" else first, placed)
        drop(note)
    if not _notes(section):
        _drop_heading(section)
        drop(section)


def _drop_heading(section: etree._Element) -> None:
    """The heading of notes that are all gone from under it."""
    heading = section.getprevious()
    if heading is not None and heading.tag in HEADINGS and announces_notes(heading):
        drop(heading)


def _may_hold_note(reference: etree._Element, section: etree._Element) -> bool:
    return not any(
        above is section or above.tag in _NEVER_HOLD for above in reference.iterancestors()
    )


_NEVER_HOLD = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary", "caption", "figcaption"})


def _notes(section: etree._Element) -> list[etree._Element]:
    return list(section.iterfind("ol/li"))


def _by_target(references: list[etree._Element]) -> dict[str, list[etree._Element]]:
    """The references by the id of the note that they lead to."""
    found: dict[str, list[etree._Element]] = {}
    for reference in references:
        found.setdefault((reference.get("href") or "").removeprefix("#"), []).append(reference)
    return found


def _referring(
    note: etree._Element, references: dict[str, list[etree._Element]]
) -> list[etree._Element]:
    return references.get(note.get("id") or "", [])
