"""Where the notes stand: from the fragment of a reference to the element that holds its note."""

from __future__ import annotations

import re
from functools import cached_property

from lxml import etree

from convert.content.footnotes.marks import (
    fragment,
    is_back_link,
    is_note,
    is_notes_container,
    name_there,
    names_back,
    wrappers,
)
from convert.content.tree import append_text, drop, is_blank, new, selector, text_of

_NAMED = selector(".//*[@id or (self::a and @name)]")
_INLINE = frozenset({"a", "sup", "span", "b", "strong", "i", "em", "small"})
_BLOCKS = frozenset({"p", "div", "aside", "section", "blockquote", "li", "dd", "td", "th", "tr"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HOLDERS = frozenset({"li", "dd", "aside", "tr", "table"})
_BARE_MARKER = re.compile(r"\[\w{1,3}\]|[*†‡]+")
_OPENING = re.compile(r"[\s\xa0\[({^*]*(?:\d{1,3})?[\s\])}.:]*")


class Finder:
    """Finds the notes of one body.

    ``ids`` is every named element, first come first kept; ``targets`` are those
    that a reference may lead to: no note holds two of them.
    """

    def __init__(self, tree: etree._Element) -> None:
        self.tree = tree
        self.targets: set[etree._Element] = set()
        self.ids: dict[str, etree._Element] = {}
        for each in _NAMED(tree):
            for name in (each.get("id"), each.get("name") if each.tag == "a" else None):
                if name:
                    self.ids.setdefault(name, each)

    @cached_property
    def _order(self) -> dict[etree._Element, int]:
        return {each: place for place, each in enumerate(self.tree.iter())}

    def stands_before(self, one: etree._Element, other: etree._Element) -> bool:
        """True where ``one`` opens before ``other`` does."""
        return self._place(one) < self._place(other)

    def _place(self, each: etree._Element) -> int:
        """Where an element opens; one that we made, where the first of its content does."""
        return next((self._order[one] for one in each.iter() if one in self._order), -1)

    def is_answered(self, link: etree._Element) -> bool:
        """True where the link's target comes later and holds a link back to this place."""
        target = self.ids.get(fragment(link))
        if target is None or not self.stands_before(link, target):
            return False
        names = own_names(link)
        holder = self._holder(target)
        return holder is not None and any(fragment(back) in names for back in holder.iter("a"))

    def note_of(self, link: etree._Element) -> etree._Element | None:
        """The element that holds the note, or None where there is none to be sure of."""
        target = self.ids.get(fragment(link))
        if target is not None:
            holder = self._holder(target)
            return holder if holder is not None and _says_something(holder) else None
        for look in (self._answering, self._numbered, self._opening_with):
            note = look(link)
            if note is not None and _says_something(note):
                return note
        return None

    def _holder(self, target: etree._Element) -> etree._Element | None:
        """The note that a target opens: the outermost element that begins with it."""
        at = target
        while at.tag not in _HOLDERS and not (at.tag not in _INLINE and is_note(at)):
            if at.tag == "dt":
                following = at.getnext()
                return following if following is not None and following.tag == "dd" else None
            above = at.getparent()
            if above is None or above is self.tree or not self._may_climb(at, above):
                break
            at = above
        if at.tag == "td":
            above = at.getparent()
            return above if above is not None and above.tag == "tr" else at
        if at.tag in _HEADINGS or at is self.tree:
            return None
        if at.tag in _INLINE:
            return at if len(text_of(at).split()) > 1 else self._gathered(at)
        return at if at.tag in _BLOCKS | _HOLDERS else None

    def _may_climb(self, at: etree._Element, above: etree._Element) -> bool:
        if above.tag not in _BLOCKS | _INLINE or _text_before(at, above):
            return False
        grouping = above.tag in {"div", "section", "blockquote", "aside"} and at.tag not in _INLINE
        if grouping and not (is_note(above) or len(above) == 1):
            return False
        own = set(at.iter())
        return not any(each in self.targets and each not in own for each in above.iter())

    def _gathered(self, opening: etree._Element) -> etree._Element | None:
        """A paragraph made of an anchor and the loose text after it, up to the next block."""
        if opening.tag == "a" and opening.get("href") and not is_back_link(opening):
            return None
        above = opening.getparent()
        if above is None or above.tag in _INLINE | {"p"} | _HEADINGS:
            return None
        paragraph = new("p")
        following = list(opening.itersiblings())
        opening.addprevious(paragraph)
        for each in (opening, *following):
            if each is not opening and (each.tag in _BLOCKS | _HEADINGS | {"br", "hr", "ol", "ul"}):
                break
            paragraph.append(each)
        return paragraph

    # Without ids: feedparser and others take them away ----------------------------------

    @cached_property
    def _lists(self) -> list[list[etree._Element]]:
        """The notes of each list that is one by its own word, or by its links back."""
        boxes = [each for each in self.tree.iter() if is_notes_container(each)]
        found = [_notes_in(box) for box in boxes if not _holds_another(box, boxes)]
        if any(found):
            return [notes for notes in found if notes]
        plain = [list(each.iterchildren("li")) for each in self.tree.iter("ol")]
        return [notes for notes in plain if notes and all(_has_back_link(one) for one in notes)]

    @cached_property
    def _by_way_back(self) -> dict[str, etree._Element]:
        """The notes by the names that their links back give them."""
        found: dict[str, etree._Element] = {}
        for notes in self._lists:
            for note in notes:
                for back in note.iter("a"):
                    if is_back_link(back):
                        for name in names_back(fragment(back)):
                            found.setdefault(name, note)
        return found

    def _answering(self, link: etree._Element) -> etree._Element | None:
        return self._by_way_back.get(name_there(fragment(link)))

    def _numbered(self, link: etree._Element) -> etree._Element | None:
        number = re.search(r"\d+", text_of(link))
        if number is None or len(self._lists) != 1:
            return None
        notes, place = self._lists[0], int(number.group()) - 1
        return notes[place] if 0 <= place < len(notes) else None

    @cached_property
    def _by_opening(self) -> dict[str, list[etree._Element]]:
        """The paragraphs that open with a marker, by that marker."""
        found: dict[str, list[etree._Element]] = {}
        for each in self.tree.iter("p"):
            opening = _BARE_MARKER.match(text_of(each).lstrip())
            if opening:
                found.setdefault(opening.group(), []).append(each)
        return found

    def _opening_with(self, link: etree._Element) -> etree._Element | None:
        """The one later paragraph that opens with the same marker in brackets."""
        found = self._by_opening.get(text_of(link).strip(), [])
        if len(found) != 1 or len(text_of(found[0]).split()) < 2:
            return None
        return found[0] if self.stands_before(link, found[0]) else None

    def part_runs(self) -> None:
        """Parts ``<p><a name="fn1">1</a> one<br><a name="fn2">2</a> two</p>`` at the breaks."""
        heads: dict[etree._Element, list[etree._Element]] = {}
        for each in self.ids.values():
            if each not in self.targets:
                continue
            head = each
            above = head.getparent()
            while above is not None and above.tag in _INLINE:
                head, above = above, above.getparent()
            if above is not None and above.tag == "p" and head.tag in _INLINE:
                heads.setdefault(above, []).append(head)
        for paragraph, several in heads.items():
            for head in reversed(several):
                _part(paragraph, head)


def own_names(link: etree._Element) -> set[str]:
    """The ids that a way back to this reference may lead to: its own and those around it."""
    found = set()
    for each in (link, *wrappers(link), *link.iterchildren()):
        found.update({each.get("id") or "", each.get("name") or ""})
    for each in (link, *wrappers(link)):
        before = each.getprevious()
        if before is not None and is_blank(before.tail) and not text_of(before).strip():
            found.update({before.get("id") or "", before.get("name") or ""})
    return found - {""}


def _part(paragraph: etree._Element, head: etree._Element) -> None:
    """Begins a new paragraph at ``head`` where a line break stands before it."""
    line = head.getprevious()
    if line is None or line.tag != "br" or not _OPENING.fullmatch(line.tail or ""):
        return
    second = new("p")
    append_text(second, line.tail)
    line.tail = None
    following = list(head.itersiblings())
    second.append(head)
    second.extend(following)
    second.tail, paragraph.tail = paragraph.tail, None
    paragraph.addnext(second)
    drop(line)


def _notes_in(box: etree._Element) -> list[etree._Element]:
    """The notes of a container: the items of its list, or its children that are notes."""
    for each in (box, *box.iterchildren(), *box.iter("ol", "ul")):
        if each.tag in {"ol", "ul"}:
            return list(each.iterchildren("li"))
    return [each for each in box.iterchildren() if is_note(each)]


def _holds_another(box: etree._Element, boxes: list[etree._Element]) -> bool:
    return any(other is not box and box in other.iterancestors() for other in boxes) and (
        not _notes_in(box)
    )


def _has_back_link(note: etree._Element) -> bool:
    return any(is_back_link(link) for link in note.iter("a"))


def _says_something(holder: etree._Element) -> bool:
    """True where there is more than markers and ways back."""
    if next(holder.iter("img", "video", "iframe", "math", "svg"), None) is not None:
        return True
    links = {link for link in holder.iter("a") if is_back_link(link)}
    spoken = text_of(holder)
    for link in links:
        spoken = spoken.replace(text_of(link), "", 1)
    return any(each.isalpha() for each in spoken)


def _text_before(at: etree._Element, above: etree._Element) -> bool:
    """True where something is said in ``above`` before ``at``."""
    said = above.text or ""
    for each in above.iterchildren():
        if each is at or len(said.strip()) > 12:
            break
        said += text_of(each) + (each.tail or "")
    return not _OPENING.fullmatch(said)
