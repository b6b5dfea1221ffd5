"""Footnotes in the dialects of real blogs become one structure.

Every dialect says two things: where a note is referred to, and where it stands.  They are
told apart by what most have in common rather than one by one: a reference is a link with the
text of a marker ("1", "[2]", "*") whose fragment, class or role is that of a footnote; its note
is what opens with the link's target.  Where a feed's reader has taken the ids away, as
feedparser does, a note is found by its link back, else by its number in the list.

What is not sure stays what it was: a link, a list.
"""

from __future__ import annotations

import dataclasses

from lxml import etree

from convert.content.draft import Draft
from convert.content.footnotes.dialects import rewrite_unusual
from convert.content.footnotes.marks import (
    ARROW,
    MARKER,
    fragment,
    is_back_link,
    is_explicit,
    names_footnote,
)
from convert.content.footnotes.notes import Finder
from convert.content.footnotes.section import build
from convert.content.tree import drop, selector, text_of

_LINKS = selector('.//a[contains(@href, "#")]')
_ROLES = selector('.//*[starts-with(@role, "doc-")]')
_HINTS = selector(
    './/*[contains(@class, "note") or contains(@class, "littlefoot") or contains(@class, "bigfoot")'
    ' or starts-with(@role, "doc-")]'
)


@dataclasses.dataclass(frozen=True)
class Reference:
    """A place that refers to a note, and the element that holds the note."""

    anchor: etree._Element
    note: etree._Element


def mark(tree: etree._Element, draft: Draft) -> None:
    """Gives footnotes the form of docs/prepared-markup.md."""
    hinted = bool(_HINTS(tree))
    if hinted:
        rewrite_unusual(tree)
    links = [link for link in _LINKS(tree) if not _is_code(link)]
    found = _pair(tree, links, draft) if links else []
    if found:
        build(tree, [(one.anchor, one.note) for one in found])
    elif links or hinted:
        _forget_roles(tree, links)


def _pair(tree: etree._Element, links: list[etree._Element], draft: Draft) -> list[Reference]:
    """The references whose notes were found, in document order."""
    finder = Finder(tree)
    own = {_without_fragment(one) for one in (draft.base, draft.stored.link) if one}
    likely = [link for link in links if _looks_like_reference(link)]
    for link in likely:
        target = finder.ids.get(fragment(link))
        if target is not None and finder.stands_before(link, target):
            finder.targets.add(target)
    finder.part_runs()
    candidates = [link for link in likely if _may_refer(link, finder, own)]
    found = []
    for link in candidates:
        note = finder.note_of(link)
        if note is not None and link not in set(note.iter("a")):
            found.append(Reference(link, note))
    return _consistent(found, finder)


def _looks_like_reference(link: etree._Element) -> bool:
    text = " ".join(text_of(link).split())
    return not is_back_link(link) and bool(
        MARKER.fullmatch(text) or (len(text) <= 12 and is_explicit(link))
    )


def _may_refer(link: etree._Element, finder: Finder, own: set[str]) -> bool:
    """True for what is spelled as a reference; whether it is one, its note decides."""
    if is_explicit(link) or names_footnote(fragment(link)):
        return True
    address = _without_fragment(link.get("href") or "")
    return (not address or address in own) and finder.is_answered(link)


def _consistent(found: list[Reference], finder: Finder) -> list[Reference]:
    """Without notes that hold other notes, and those that stand before all that refers to
    them: a link back, or a list of contents."""
    notes = {one.note for one in found}
    outer = {above for note in notes for above in note.iterancestors() if above in notes}
    first: dict[etree._Element, etree._Element] = {}
    for one in found:
        first.setdefault(one.note, one.anchor)
    return [
        one
        for one in found
        if one.note not in outer and finder.stands_before(first[one.note], one.note)
    ]


def _forget_roles(tree: etree._Element, links: list[etree._Element]) -> None:
    """No note was found: what claims to be one is what it looks like, a link or a list, and
    arrows lead back to nothing."""
    for link in links:
        if is_back_link(link) and ARROW.fullmatch(text_of(link).strip()):
            drop(link)
    for each in _ROLES(tree):
        del each.attrib["role"]


def _without_fragment(address: str) -> str:
    return address.partition("#")[0].strip()


def _is_code(link: etree._Element) -> bool:
    return next(link.iterancestors("pre"), None) is not None


__all__ = ["Reference", "mark"]
