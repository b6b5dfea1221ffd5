"""The one structure that footnotes get: numbered references, a list of notes at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from convert.content.footnotes.marks import (
    ARROW,
    BACK_WORDS,
    MARKER,
    announces_notes,
    fragment,
    is_back_link,
    is_notes_container,
    says_back,
)
from convert.content.footnotes.notes import own_names
from convert.content.tree import (
    append_text,
    drop,
    is_blank,
    listed,
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
_SHELLS = frozenset(
    {"sup", "sub", "span", "b", "strong", "i", "em", "small", "p", "div", "cite", "a"}
)


def build(tree: etree._Element, pairs: Sequence[Pair]) -> None:
    """Numbers the notes by first reference, moves them to the end, and ties both ends."""
    ordered = _by_first_reference(pairs)
    labels = {fragment(anchor): note for anchor, note in pairs}
    ways_back = {name for anchor, _ in pairs for name in own_names(anchor)}
    notes = list(dict.fromkeys(note for _, note in ordered))
    markers = {note: text_of(anchor) for anchor, note in reversed(ordered)}
    _free_ids(tree, {*notes, *(anchor for anchor, _ in pairs)})
    forgotten = _unreferenced(tree, notes)
    numbers = {note: number for number, note in enumerate(notes, start=1)}
    returns: dict[str, str] = {}
    for note in (*notes, *forgotten):
        _strip(note, markers.get(note, ""), ways_back)
    count: dict[int, int] = {}
    for anchor, note in ordered:
        number = numbers[note]
        count[number] = count.get(number, 0) + 1
        returns |= dict.fromkeys(own_names(anchor), _refer(anchor, number, count[number]))
    section = new("section", role="doc-endnotes")
    entries = etree.SubElement(section, "ol")
    boxes = [_box(tree, note) for note in (*notes, *forgotten)]
    for number, note in enumerate((*notes, *forgotten), start=1):
        entries.append(_entry(note, number))
    for box in dict.fromkeys(boxes):
        _clear(tree, box)
    _drop_last_rules(tree)
    tree.append(section)
    _redirect(tree, {label: numbers[note] for label, note in labels.items()}, returns)
    _keep_roles(tree, section)


def _by_first_reference(pairs: Sequence[Pair]) -> list[Pair]:
    """References of the text first, then those of each note in the order of the notes."""
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
    return ordered + [pair for rest in waiting.values() for pair in rest]


def _free_ids(tree: etree._Element, ours: set[etree._Element]) -> None:
    """Renames what else has an id of the form that we give."""
    for each in tree.iter():
        name = each.get("id")
        if name and each not in ours and _OWN_ID.fullmatch(name):
            each.set("id", f"_{name}")


def _unreferenced(tree: etree._Element, notes: Sequence[etree._Element]) -> list[etree._Element]:
    """What else stands in the lists of notes, where those are lists of notes by their word."""
    found: list[etree._Element] = []
    known = set(notes)
    for siblings in dict.fromkeys(note.getparent() for note in notes if note.tag == "li"):
        if siblings is None:
            continue
        if any(is_notes_container(each) for each in (siblings, *siblings.iterancestors())):
            found += [each for each in siblings.iterchildren("li") if each not in known]
    return [each for each in found if text_of(each).strip() or len(each)]


def _refer(anchor: etree._Element, number: int, count: int) -> str:
    """Makes a reference; gives its id."""
    name = f"fnref-{number}" + (f"-{count}" if count > 1 else "")
    outer = anchor
    above = anchor.getparent()
    while above is not None and above.tag in {"sup", "span", "b", "strong", "i", "em"}:
        alone = is_blank(above.text) and is_blank(outer.tail)
        if len(above) > 1 or not (alone or _in_brackets(outer)):
            break
        outer, above = above, above.getparent()
    _open_brackets(outer)
    made = new("sup")
    link = etree.SubElement(made, "a", role="doc-noteref", id=name, href=f"#fn-{number}")
    link.text = str(number)
    replace(outer, made)
    return name


def _in_brackets(each: etree._Element) -> bool:
    above = each.getparent()
    return (
        above is not None
        and (above.text or "").strip() == "["
        and ((each.tail or "").strip() == "]")
    )


def _open_brackets(each: etree._Element) -> None:
    """Takes away the brackets that stand directly around an element."""
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


def _strip(note: etree._Element, marker: str, ways_back: set[str]) -> None:
    """Takes the ways back and the note's own number out of it."""
    for link in listed(note, "a"):
        if _leads_back(link, ways_back):
            _open_brackets(link)
            _drop_shell(link, note)
    _strip_marker(note, marker.strip(" \xa0[](){}.:"))


def _leads_back(link: etree._Element, ways_back: set[str]) -> bool:
    text = " ".join(text_of(link).split())
    if says_back(link):
        return len(text) <= 30
    if is_back_link(link) or fragment(link) in ways_back:
        bare = text.lower().strip(" .↩↑^\ufe0e\ufe0f")
        return bool(ARROW.fullmatch(text) or MARKER.fullmatch(text)) or bare in BACK_WORDS
    return False


def _drop_shell(each: etree._Element, note: etree._Element) -> None:
    """Drops an element and what it leaves empty above it, inside the note."""
    above = each.getparent()
    last = is_blank(each.tail) and each.getnext() is None
    drop(each)
    while above is not None and above is not note and above.tag in _SHELLS:
        if len(above) or not ARROW.fullmatch(above.text or ""):
            break
        last = is_blank(above.tail) and above.getnext() is None
        each, above = above, above.getparent()
        drop(each)
    if last and above is not None:
        _trim_end(above)


def _trim_end(each: etree._Element) -> None:
    if len(each):
        each[-1].tail = (each[-1].tail or "").rstrip(" \t\r\n\xa0") or None
    else:
        each.text = (each.text or "").rstrip(" \t\r\n\xa0")


def _strip_marker(note: etree._Element, marker: str) -> None:
    """Takes what opens a note before its words away: its number, brackets; a list counts."""
    at = note
    while is_blank(at.text) or _NOTHING.fullmatch(at.text or ""):
        if not len(at):
            return
        child = at[0]
        text = text_of(child).strip(" \xa0\n\t[](){}.:^")
        small = child.tag in _SHELLS - {"p", "div"}
        if small and (not text or text == marker) and next(child.iter("img"), None) is None:
            at.text = None
            drop(child)
        elif child.tag in _SHELLS | {"td", "th", "dd"}:
            at = child
        else:
            return
    if note.tag != "li":
        opening = _OPENING.match(at.text or "")
        if opening and opening["marker"] in {None, marker}:
            at.text = (at.text or "")[opening.end() :]
    at.text = (at.text or "").lstrip(" \t\r\n\xa0")


_OPENING = re.compile(
    r"[\s\xa0]*(?:[\])}.:^]+[\s\xa0]*|[\[(]?(?P<marker>[^\s\xa0\])}.:]{1,8})[\])]?[.:]?[\s\xa0]+)"
)
_NOTHING = re.compile(r"[\s\xa0\[({^]*")


def _entry(note: etree._Element, number: int) -> etree._Element:
    """The ``<li>`` of a note; what held it is gone from the tree, text after it stays."""
    entry = new("li", id=f"fn-{number}")
    for part in _parts(note):
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


def _parts(note: etree._Element) -> list[etree._Element]:
    """The elements whose content is the note."""
    if note.tag in {"tr", "table"}:
        cells = [each for each in note.iter("td", "th") if text_of(each).strip() or len(each)]
        more = [cell for cell in cells if not MARKER.fullmatch(text_of(cell).strip())]
        return more or cells
    if note.tag == "dd":
        term = note.getprevious()
        if term is not None and MARKER.fullmatch(text_of(term).strip()):
            drop(term)
    return [note]


def _into_paragraphs(entry: etree._Element) -> None:
    """Wraps loose text and inline runs, and takes away boxes that only group."""
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


def _box(tree: etree._Element, note: etree._Element) -> etree._Element:
    above = note.getparent()
    return tree if above is None else above


def _drop_last_rules(tree: etree._Element) -> None:
    """The line above the notes goes: each view draws its own."""
    while len(tree) and tree[-1].tag == "hr" and is_blank(tree[-1].tail):
        drop(tree[-1])


def _clear(tree: etree._Element, box: etree._Element) -> None:
    """Removes what only held notes, and puts a heading of the notes at the end."""
    above: etree._Element | None = box
    while above is not None and above is not tree and _holds_nothing(above):
        before, parent = above.getprevious(), above.getparent()
        headings = list(above.iter(*HEADINGS))
        at_end = above.getnext() is None and is_blank(above.tail)
        if before is not None and before.tag == "hr" and is_blank(before.tail):
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


def _holds_nothing(box: etree._Element) -> bool:
    """True where a box has no text but a heading of notes, and nothing to see."""
    if next(box.iter("img", "math", "svg", "video", "audio", "iframe", "object"), None) is not None:
        return False
    rest = text_of(box)
    for heading in box.iter(*HEADINGS):
        if not announces_notes(heading):
            return False
        rest = rest.replace(text_of(heading), "", 1)
    return not rest.strip()


def _redirect(tree: etree._Element, notes: dict[str, int], returns: dict[str, str]) -> None:
    """Links that lead to where a note or a reference was lead to where it is."""
    for link in tree.iter("a"):
        if link.get("role") == "doc-noteref" or not (link.get("href") or "").startswith("#"):
            continue
        label = fragment(link)
        if label in notes:
            link.set("href", f"#fn-{notes[label]}")
        elif label in returns:
            link.set("href", f"#{returns[label]}")


def _keep_roles(tree: etree._Element, section: etree._Element) -> None:
    """No other element claims to be part of the footnotes."""
    for each in tree.iter():
        if each is section or not (each.get("role") or "").startswith("doc-"):
            continue
        above = each.getparent()
        ours = each.tag == "a" and above is not None and above.tag == "sup"
        if not (ours and _OWN_ID.fullmatch(each.get("id") or "")):
            del each.attrib["role"]


__all__ = ["build"]
