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


_NEVER_HOLD = frozenset({*HEADINGS, "summary", "caption", "figcaption"})
_Notes = list[tuple[etree._Element, list[etree._Element]]]
"""The notes of an entry, each with the references that lead to it."""


def show_notes(root: etree._Element, view: View) -> None:
    """Show the footnotes as ``View.notes`` says."""
    section = next((each for each in root if each.get("role") == "doc-endnotes"), None)
    references = [each for each in listed(root, "a") if each.get("role") == "doc-noteref"]
    by_target: dict[str, list[etree._Element]] = {}
    for reference in references:
        reference.set("aria-label", say(view.language, "note", number=text_of(reference)))
        by_target.setdefault((reference.get("href") or "").removeprefix("#"), []).append(reference)
    if section is None:
        return
    notes = [(note, by_target.get(note.get("id") or "", [])) for note in section.iterfind("ol/li")]
    if view.notes == "footnotes":
        _place_on_page(section, notes, view)
    elif view.notes == "popup":
        for reference in references:
            reference.set(EPUB_TYPE, "noteref")
        _as_asides(section, notes, view)
    else:
        section.set("class", "notes")
        section.set("aria-label", say(view.language, "notes"))
        for note, origins in notes:
            _link_back(note, origins, view)


def _link_back(note: etree._Element, origins: list[etree._Element], view: View) -> None:
    """Put an arrow to each reference at the end of the note's last paragraph."""
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


def _as_asides(section: etree._Element, notes: _Notes, view: View) -> None:
    """Make an ``aside`` of each note, whose number opens it and leads back.

    EPUB 3.3 structural semantics: ``noteref`` and ``footnote`` make a reading system show the
    note where its number is tapped.
    """
    box = new("div", class_="notes")
    for note, origins in notes:
        note.tag = "aside"
        note.set(EPUB_TYPE, "footnote")
        note.set("role", "doc-footnote")
        box.append(note)
        if not origins:
            continue
        if not len(note) or note[0].tag != "p":
            note.insert(0, new("p"))
        first = note[0]
        back = new("a", text_of(origins[0]), href=f"#{origins[0].get('id')}", role="doc-backlink")
        back.set("aria-label", say(view.language, "back_to_text"))
        back.tail = ". " + (first.text or "")
        first.text = None
        first.insert(0, back)
    replace(section, box)


def _place_on_page(section: etree._Element, notes: _Notes, view: View) -> None:
    """Put each note where it is first referred to; what the text does not refer to stays a list.

    A reference in a heading or in another note takes no note along: headings are repeated in
    contents and running heads, and a printed footnote cannot hold another.
    """
    # All places first: a note that moves takes the references in it out of the section.
    places = [
        next(
            (
                each
                for each in origins
                if not any(
                    above is section or above.tag in _NEVER_HOLD for above in each.iterancestors()
                )
            ),
            None,
        )
        for _, origins in notes
    ]
    for (note, origins), first in zip(notes, places, strict=True):
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
    if section.find("ol/li") is None:
        heading = section.getprevious()
        if heading is not None and heading.tag in HEADINGS and announces_notes(heading):
            drop(heading)
        drop(section)
