"""The one structure that footnotes get: numbered references, a list of notes at the end."""

from __future__ import annotations

import collections
import re
from collections.abc import Callable, Sequence
from typing import cast

from lxml import etree

from convert.content.footnotes.marks import (
    ARROW,
    BACK_WORDS,
    MARKER,
    announces_notes,
    fragment,
    is_back_link,
    is_notes_container,
    own_names,
    says_back,
)
from convert.content.tree import (
    append_text,
    drop,
    is_bare,
    is_blank,
    listed,
    lone,
    move_content,
    new,
    replace,
    text_of,
    unwrap,
)
from convert.content.vocabulary import BLOCK_WRAPPERS, BLOCKS, HEADINGS, PARTS

Pair = tuple[etree._Element, etree._Element]
"""A reference's anchor and the element that holds its note."""

_BLOCK_TAGS = BLOCKS | PARTS | BLOCK_WRAPPERS | frozenset(HEADINGS)
_OWN_ID = re.compile(r"fn(ref)?-\d+(-\d+)?")
_OPENING = re.compile(
    r"[\s\xa0]*(?:[\])}.:^]+[\s\xa0]*|[\[(]?(?P<marker>[^\s\xa0\])}.:]{1,8})[\])]?[.:]?[\s\xa0]+)"
)
_TEXTS = cast(
    "Callable[[etree._Element], list[str]]",
    etree.XPath(".//text()[not(ancestor::*[" + " or ".join(f"self::{h}" for h in HEADINGS) + "])]"),
)
"""The texts inside an element but for those of headings."""
_NOTHING = re.compile(r"[\s\xa0\[({^]*")
_SEEN = ("img", "math", "svg", "video", "audio", "iframe", "object")
_SHELLS = frozenset(
    {"sup", "sub", "span", "b", "strong", "i", "em", "small", "p", "div", "cite", "a"}
)


def build(tree: etree._Element, pairs: Sequence[Pair]) -> dict[str, str]:
    """Count the notes by first reference, move them to the end, and tie both ends.

    Returns what the page calls the places that get an id of ours, by that id.
    """
    ordered, notes = _in_order(pairs)
    numbers = {note: number for number, note in enumerate(notes, start=1)}
    labels = {fragment(anchor): note for anchor, note in pairs}
    # Read before any is renamed or replaced: a link to it, from a note or the text, stays good.
    named = {anchor: own_names(anchor) for anchor, _ in pairs}
    ways_back = {name for names in named.values() for name in names}
    markers = {note: text_of(anchor) for anchor, note in reversed(ordered)}
    ours = {each for pair in pairs for each in pair}
    led_to = {fragment(link) for link in tree.iter("a")}
    anchors: dict[str, str] = {}
    for each in tree.iter():
        # What else has an id of the form that we give gets another.
        if each not in ours and _OWN_ID.fullmatch(each.get("id") or ""):
            anchors[f"_{each.get('id')}"] = str(each.get("id"))
            each.set("id", f"_{each.get('id')}")
    returns: dict[str, str] = {}
    for note in notes:
        _drop_ways_back(note, ways_back)
        _drop_marker(note, markers.get(note, "").strip(" \xa0[](){}.:"))
    count = collections.Counter[int]()
    for anchor, note in ordered:
        number = numbers[note]
        count[number] += 1
        name = f"fnref-{number}" + (f"-{count[number]}" if count[number] > 1 else "")
        returns |= dict.fromkeys(named[anchor], name)
        if named[anchor]:
            own = (each for each in named[anchor] if each in led_to)
            anchors[name] = next(own, next(iter(named[anchor])))
        _refer(anchor, number, name)
    section = new("section", role="doc-endnotes")
    entries = etree.SubElement(section, "ol")
    # Looked up before the notes leave them.
    boxes = [note.getparent() for note in notes]
    entries.extend([_entry(note, number) for note, number in numbers.items()])
    staying = {tree}
    for box in dict.fromkeys(boxes):
        _clear(tree, box, staying)
    # The line above the notes goes: each view draws its own.
    while len(tree) and tree[-1].tag == "hr" and is_blank(tree[-1].tail):
        drop(tree[-1])
    tree.append(section)
    leads = {label: f"fn-{numbers[note]}" for label, note in labels.items()}
    _settle(tree, section, returns | leads)
    return anchors | {name: label for label, name in reversed(leads.items())}


def _in_order(pairs: Sequence[Pair]) -> tuple[list[Pair], list[etree._Element]]:
    """Return the references and the notes, each in the order in which a reader meets them.

    References of the text come first, then those of each note in the order of the notes; last,
    notes that nothing refers to, where they stand in a list that is one by its own word.
    """
    holders = {note for _, note in pairs}
    waiting: dict[etree._Element | None, list[Pair]] = {}
    for anchor, note in pairs:
        home = next((above for above in anchor.iterancestors() if above in holders), None)
        waiting.setdefault(home, []).append((anchor, note))
    ordered = waiting.pop(None, [])
    place = 0
    while place < len(ordered):  # grows while it is read
        ordered += waiting.pop(ordered[place][1], [])
        place += 1
    # What only notes refer to that nothing refers to.
    ordered += [pair for rest in waiting.values() for pair in rest]
    notes = dict.fromkeys(note for _, note in ordered)
    others: list[etree._Element] = []
    for siblings in dict.fromkeys(note.getparent() for note in notes if note.tag == "li"):
        if siblings is not None and any(
            is_notes_container(each) for each in (siblings, *siblings.iterancestors())
        ):
            others += [each for each in siblings.iterchildren("li") if each not in notes]
    return ordered, [*notes, *(each for each in others if text_of(each).strip() or len(each))]


def _refer(anchor: etree._Element, number: int, name: str) -> None:
    """Put a reference in the place of a link and of what stands around it alone."""
    outer = anchor
    above = anchor.getparent()
    # Markdown engines put sup around the link, MediaWiki [ and ] beside it.
    while above is not None and above.tag in {"sup", "span", "b", "strong", "i", "em"}:
        before, after = above.text or "", outer.tail or ""
        alone = is_blank(before) and is_blank(after)
        if lone(above) is None or not (alone or (before.strip() == "[" and after.strip() == "]")):
            break
        outer, above = above, above.getparent()
    _open_brackets(outer)
    raised = new("sup")
    link = etree.SubElement(raised, "a", role="doc-noteref", id=name, href=f"#fn-{number}")
    link.text = str(number)
    replace(outer, raised)


def _open_brackets(each: etree._Element) -> None:
    """Take away the brackets that stand directly around an element."""
    before = each.getprevious()
    above = each.getparent()
    holder = before if before is not None else above
    if holder is None:
        return
    text = (holder.tail if holder is before else holder.text) or ""
    tail = each.tail or ""
    for opening, closing in ("[]", "()"):
        if text.rstrip().endswith(opening) and tail.lstrip().startswith(closing):
            shorter = text.rstrip()[:-1]
            if holder is before:
                holder.tail = shorter
            else:
                holder.text = shorter
            each.tail = tail.lstrip()[1:]
            return


def _drop_ways_back(note: etree._Element, ways_back: set[str]) -> None:
    """Take the ways back out of a note, with what they leave empty around them."""
    for link in listed(note, "a"):
        text = " ".join(text_of(link).split())
        if says_back(link):
            # On a longer link the class says something else: its text is part of the note.
            leads_back = len(text) <= 30
        else:
            bare = text.lower().strip(" .↩↑^\ufe0e\ufe0f")
            leads_back = (is_back_link(link) or fragment(link) in ways_back) and (
                bool(ARROW.fullmatch(text) or MARKER.fullmatch(text)) or bare in BACK_WORDS
            )
        if not leads_back:
            continue
        _open_brackets(link)
        each, above = link, link.getparent()
        last = is_blank(each.tail) and each.getnext() is None
        drop(each)
        while above is not None and above is not note and above.tag in _SHELLS:
            if not is_bare(above) or not ARROW.fullmatch(above.text or ""):
                break
            each, above = above, above.getparent()
            last = is_blank(each.tail) and each.getnext() is None
            drop(each)
        if last and above is not None:
            _trim_end(above)


def _drop_marker(note: etree._Element, marker: str) -> None:
    """Take what opens a note before its words away: its number, brackets; a list counts."""
    at = note
    while is_blank(at.text) or _NOTHING.fullmatch(at.text or ""):
        child = next(at.iterchildren(), None)
        if child is None:
            return
        text = text_of(child).strip(" \xa0\n\t[](){}.:^")
        small = child.tag in _SHELLS - {"p", "div"}
        if small and (not text or text == marker) and next(child.iter("img"), None) is None:
            at.text = None
            drop(child)
        elif child.tag in _SHELLS | {"td", "th", "dd"}:
            at = child
        else:
            return
    # An item has its number from the list: a digit that opens its text belongs to that.
    if note.tag != "li":
        opening = _OPENING.match(at.text or "")
        if opening and opening["marker"] in {None, marker}:
            at.text = (at.text or "")[opening.end() :]
    at.text = (at.text or "").lstrip(" \t\r\n\xa0")


def _trim_end(each: etree._Element) -> None:
    last = next(each.iterchildren(reversed=True), None)
    if last is not None:
        last.tail = (last.tail or "").rstrip(" \t\r\n\xa0") or None
    else:
        each.text = (each.text or "").rstrip(" \t\r\n\xa0")


def _entry(note: etree._Element, number: int) -> etree._Element:
    """Return the ``<li>`` of a note; what held it is gone from the tree, text after it stays."""
    parts = [note]
    if note.tag in {"tr", "table"}:
        cells = [each for each in note.iter("td", "th") if text_of(each).strip() or len(each)]
        parts = [each for each in cells if not MARKER.fullmatch(text_of(each).strip())] or cells
    elif note.tag == "dd":
        term = note.getprevious()
        if term is not None and MARKER.fullmatch(text_of(term).strip()):
            drop(term)
    entry = new("li", id=f"fn-{number}")
    for part in parts:
        # A note that is a paragraph stays one; of any other element only the content is taken.
        if part.tag == "p":
            part.attrib.clear()
            place = new("p")
            replace(part, place)
            drop(place)
            entry.append(part)
        else:
            move_content(part, entry)
            drop(part)
        if part is not note:
            drop(note)
    _into_paragraphs(entry)
    return entry


def _into_paragraphs(entry: etree._Element) -> None:
    """Wrap loose text and inline runs, and take away boxes that only group."""
    for box in entry.findall("div"):
        _into_paragraphs(box)
        unwrap(box)
    content: list[tuple[etree._Element | None, str | None]] = [(None, entry.text)]
    content += [(child, child.tail) for child in entry]
    entry.text = None
    run: etree._Element | None = None
    for child, tail in content:
        if child is not None:
            child.tail = None
            if child.tag in _BLOCK_TAGS:
                run = None
                entry.append(child)
            else:
                run = etree.SubElement(entry, "p") if run is None else run
                run.append(child)
        if run is None and not is_blank(tail):
            run = etree.SubElement(entry, "p")
            run.text = (tail or "").lstrip()
        elif run is not None:
            append_text(run, tail)
    for paragraph in entry.findall("p"):
        if not len(paragraph) and is_blank(paragraph.text):
            drop(paragraph)
        else:
            _trim_end(paragraph)


def _clear(tree: etree._Element, box: etree._Element | None, staying: set[etree._Element]) -> None:
    """Remove what only held notes, and put a heading of the notes at the end.

    ``staying`` is what was found to hold more, so that each is looked through once.
    """
    above = box
    while above is not None and above not in staying:
        headings = list(above.iter(*HEADINGS))
        seen = next(above.iter(*_SEEN), None) is not None or any(map(str.strip, _TEXTS(above)))
        if seen or not all(announces_notes(each) for each in headings):
            staying.add(above)
            break
        before, parent = above.getprevious(), above.getparent()
        at_end = above.getnext() is None and is_blank(above.tail)
        if before is not None and before.tag == "hr" and is_blank(before.tail):
            # markdown-it draws hr.footnotes-sep; another rule may part sections of the text.
            separates = at_end or "sep" in (before.get("class") or "")
            line, before = before, before.getprevious()
            if separates:
                drop(line)
        if (
            before is not None
            and before.tag in HEADINGS
            and is_blank(before.tail)
            and announces_notes(before)
        ):
            headings.insert(0, before)
        for heading in headings:
            heading.tail = None
            tree.append(heading)
        drop(above)
        above = parent


def _settle(tree: etree._Element, section: etree._Element, places: dict[str, str]) -> None:
    """Lead links to where a note or a reference was to where it is, by ``places``.

    No other element claims to be part of the footnotes.
    """
    for each in tree.iter():
        href = each.get("href") or ""
        if each.tag == "a" and href.startswith("#") and each.get("role") != "doc-noteref":
            place = places.get(fragment(each))
            if place is not None:
                each.set("href", f"#{place}")
        if each is section or not (each.get("role") or "").startswith("doc-"):
            continue
        above = each.getparent()
        ours = each.tag == "a" and above is not None and above.tag == "sup"
        if not (ours and _OWN_ID.fullmatch(each.get("id") or "")):
            del each.attrib["role"]


__all__ = ["Pair", "build"]
