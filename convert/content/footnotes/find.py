"""Footnotes in the dialects of real blogs become one structure.

Every dialect says two things: where a note is referred to, and where it stands.  They are
told apart by what most have in common rather than one by one: a reference is a link with the
text of a marker ("1", "[2]", "*") whose fragment, class or role is that of a footnote; its note
is what opens with the link's target.  Where a feed's reader has taken the ids away, as
feedparser does, a note is found by its link back, else by its number in the list.

What is not sure stays what it was: a link, a list.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from lxml import etree

from convert.content.draft import Draft
from convert.content.footnotes.dialects import DIALECTS
from convert.content.footnotes.marks import (
    ARROW,
    MARKER,
    fragment,
    is_back_link,
    is_explicit,
    is_note,
    is_notes_container,
    name_there,
    names_back,
    names_footnote,
    own_names,
)
from convert.content.footnotes.section import Pair, build
from convert.content.tree import append_text, drop, drop_all, inside, lone, new, selector, text_of
from convert.content.vocabulary import HEADINGS

_LINKS = selector('.//a[contains(@href, "#")]')
_NAMED = selector(".//*[@id or (self::a and @name)]")
_ROLES = selector('.//*[starts-with(@role, "doc-")]')
_HINTS = selector(
    './/*[contains(@class, "note") or contains(@class, "littlefoot") or contains(@class, "bigfoot")'
    ' or starts-with(@role, "doc-")]'
)
_INLINE = frozenset({"a", "sup", "span", "b", "strong", "i", "em", "small"})
_BLOCKS = frozenset({"p", "div", "aside", "section", "blockquote", "li", "dd", "td", "th", "tr"})
_GROUPS = frozenset({"div", "section", "blockquote", "aside"})
_HEADINGS = frozenset(HEADINGS)
_HOLDERS = frozenset({"li", "dd", "aside", "tr", "table"})
_BARE_MARKER = re.compile(r"\[\w{1,3}\]|[*†‡]+")
_OPENING = re.compile(r"[\s\xa0\[({^*]*(?:\d{1,3})?[\s\])}.:]*")


def mark(tree: etree._Element, draft: Draft) -> None:
    """Give footnotes the form of docs/prepared-markup.md."""
    is_called = any("note" in word or "foot" in word for word in draft.called)
    hinted = (is_called or draft.holds("doc-")) and bool(_HINTS(tree))
    if hinted:
        for _, rewrite in DIALECTS:
            rewrite(tree)
    # Listings number their lines with links that lead to themselves (Pygments, Rouge).
    links = [link for link in _LINKS(tree) if not inside(link, "pre")]
    pairs = _pairs(tree, links, draft) if links else []
    if pairs:
        draft.anchors |= build(tree, pairs)
    elif links or hinted:
        # What claims to be a note is what it looks like, a link or a list, and arrows lead
        # back to nothing.
        drop_all(
            tree,
            [
                link
                for link in links
                if is_back_link(link) and ARROW.fullmatch(text_of(link).strip())
            ],
        )
        for each in _ROLES(tree):
            del each.attrib["role"]


def _pairs(tree: etree._Element, links: Sequence[etree._Element], draft: Draft) -> list[Pair]:
    """Return the references with the elements that hold their notes, in document order."""
    finder = _Finder(tree)
    # All targets have to be known before the first note is sought: where one note ends is
    # where the next begins.
    likely = []
    for link in links:
        text = " ".join(text_of(link).split())
        short = MARKER.fullmatch(text) or (len(text) <= 12 and is_explicit(link))
        if short and not is_back_link(link):
            likely.append(link)
            target = finder.ids.get(fragment(link))
            if target is not None and finder.stands_before(link, target):
                finder.targets.add(target)
    finder.part_runs()
    # What comes before the "#" of a link within this page.
    own = {
        "",
        *(each.partition("#")[0].strip() for each in (draft.base, draft.stored.link) if each),
    }
    # How a link is spelled makes it a candidate; whether it is a reference, its note decides.
    candidates = [
        link
        for link in likely
        if is_explicit(link)
        or names_footnote(fragment(link))
        or ((link.get("href") or "").partition("#")[0].strip() in own and finder.is_answered(link))
    ]
    pairs = []
    for link in candidates:
        note = finder.note_of(link)
        if note is not None and note is not link and note not in set(link.iterancestors()):
            pairs.append((link, note))
    # A note that holds other notes is their list.  One that stands before all that refers to
    # it is none: its "reference" is a link back, or it is an entry of a list of contents.
    notes = {note for _, note in pairs}
    outer = {above for note in notes for above in note.iterancestors() if above in notes}
    first: dict[etree._Element, etree._Element] = {}
    for anchor, note in pairs:
        first.setdefault(note, anchor)
    return [
        (anchor, note)
        for anchor, note in pairs
        if note not in outer and finder.stands_before(first[note], note)
    ]


class _Finder:
    """Finds the notes of one body, from a reference to the element that holds its note.

    ``ids`` is every named element, of two with one name the first; ``targets`` are those that
    a reference may lead to: no note holds two of them.
    """

    def __init__(self, tree: etree._Element) -> None:
        self.tree = tree
        self.targets: set[etree._Element] = set()
        # Many links may lead to one note, and many notes stand in one box: each is looked
        # through once.
        self._holders: dict[etree._Element, etree._Element | None] = {}
        self._ways: dict[etree._Element, frozenset[str]] = {}
        self._telling: dict[etree._Element, bool] = {}
        self._openings: dict[etree._Element, dict[etree._Element, bool]] = {}
        self.ids: dict[str, etree._Element] = {}
        for each in _NAMED(tree):
            for name in (each.get("id"), each.get("name") if each.tag == "a" else None):
                if name:
                    self.ids.setdefault(name, each)

    @cached_property
    def order(self) -> dict[etree._Element, int]:
        """Where each element stands in the document."""
        return {each: place for place, each in enumerate(self.tree.iter())}

    @cached_property
    def _targets_in(self) -> Counter[etree._Element]:
        """How many targets stand inside of each element."""
        return Counter(above for each in self.targets for above in each.iterancestors())

    def stands_before(self, one: etree._Element, other: etree._Element) -> bool:
        """Return whether ``one`` opens before ``other`` does."""
        return self._place(one) < self._place(other)

    def _place(self, each: etree._Element) -> int:
        """Return where an element opens; one that we made, where the first of its content does."""
        return next((self.order[one] for one in each.iter() if one in self.order), -1)

    def part_runs(self) -> None:
        """Part ``<p><a name="fn1">1</a> one<br><a name="fn2">2</a> two</p>`` at the breaks."""
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
            # From the last to the first: what is parted off moves, what is before it stays.
            for head in reversed(several):
                line = head.getprevious()
                if line is None or line.tag != "br" or not _OPENING.fullmatch(line.tail or ""):
                    continue
                second = new("p")
                append_text(second, line.tail)
                line.tail = None
                second.extend([head, *head.itersiblings()])
                second.tail, paragraph.tail = paragraph.tail, None
                paragraph.addnext(second)
                drop(line)

    def is_answered(self, link: etree._Element) -> bool:
        """Return whether the link's target comes later and holds a link back to this place."""
        target = self.ids.get(fragment(link))
        if target is None or not self.stands_before(link, target):
            return False
        names = own_names(link)
        holder = self._holder(target)
        if holder is None:
            return False
        if holder not in self._ways:
            self._ways[holder] = frozenset(fragment(back) for back in holder.iter("a"))
        return not names.keys().isdisjoint(self._ways[holder])

    def note_of(self, link: etree._Element) -> etree._Element | None:
        """Return the element that holds the note, or None where there is none to be sure of."""
        label = fragment(link)
        if label in self.ids:
            holder = self._holder(self.ids[label])
            return holder if holder is not None and self._says_something(holder) else None
        # The id has gone: feedparser and other readers take ids away.
        note = self.by_way_back.get(name_there(label))
        if note is not None and self._says_something(note):
            return note
        number = re.search(r"\d+", text_of(link))
        if number is not None and len(self.lists) == 1:
            place = int(number.group()) - 1
            if 0 <= place < len(self.lists[0]) and self._says_something(self.lists[0][place]):
                return self.lists[0][place]
        note = self.by_opening.get(text_of(link).strip())
        if note is not None and self.stands_before(link, note) and self._says_something(note):
            return note
        return None

    def _says_something(self, holder: etree._Element) -> bool:
        if holder not in self._telling:
            self._telling[holder] = _says_something(holder)
        return self._telling[holder]

    def _holder(self, target: etree._Element) -> etree._Element | None:
        """Return the note that a target opens: the outermost element that begins with it."""
        if target not in self._holders:
            self._holders[target] = self._found_holder(target)
        return self._holders[target]

    def _found_holder(self, target: etree._Element) -> etree._Element | None:
        at = target
        while at.tag not in _HOLDERS and not (at.tag not in _INLINE and is_note(at)):
            if at.tag == "dt":
                following = at.getnext()
                return following if following is not None and following.tag == "dd" else None
            above = at.getparent()
            if above is None or above is self.tree or not self._may_climb(at, above):
                break
            at = above
        # Plug-ins that lay notes out in a table have the number in one cell, the note in another.
        if at.tag == "td":
            above = at.getparent()
            return above if above is not None and above.tag == "tr" else at
        if at.tag in _HEADINGS or at is self.tree:
            return None
        # An anchor alone names the place; the note is the loose text after it.
        if at.tag in _INLINE:
            return at if len(text_of(at).split()) > 1 else self._gather(at)
        return at if at.tag in _BLOCKS | _HOLDERS else None

    def _may_climb(self, at: etree._Element, above: etree._Element) -> bool:
        """Return whether the element around a note's opening may be all of the note."""
        if above.tag not in _BLOCKS | _INLINE:
            return False
        if above not in self._openings:
            self._openings[above] = _openings(above)
        if not self._openings[above].get(at, False):
            return False
        groups = above.tag in _GROUPS and at.tag not in _INLINE and not is_note(above)
        if groups and lone(above) is None:
            return False
        # A box with the target of another note in it holds several.
        own = self._targets_in[at] + (at in self.targets)
        return above not in self.targets and self._targets_in[above] == own

    def _gather(self, opening: etree._Element) -> etree._Element | None:
        """Make a paragraph of an anchor and the loose text after it, up to the next block."""
        if opening.tag == "a" and opening.get("href") and not is_back_link(opening):
            return None
        above = opening.getparent()
        if above is None or above.tag in _INLINE | {"p"} | _HEADINGS:
            return None
        paragraph = new("p")
        following = itertools.takewhile(
            lambda each: each.tag not in _BLOCKS | _HEADINGS | {"br", "hr", "ol", "ul"},
            opening.itersiblings(),
        )
        run = [opening, *following]
        opening.addprevious(paragraph)
        paragraph.extend(run)
        # It stands where its opening stood, with the targets of its run.
        self._targets_in[paragraph] = sum(
            self._targets_in[each] + (each in self.targets) for each in run
        )
        if above in self._openings:
            self._openings[above][paragraph] = self._openings[above].get(opening, False)
        return paragraph

    @cached_property
    def lists(self) -> list[list[etree._Element]]:
        """The notes of each list that is one by its own word, else by its links back."""
        lists = []
        for box in self.tree.iter():
            if is_notes_container(box):
                around = (box, *box.iterchildren(), *box.iter("ol", "ul"))
                inner = next((each for each in around if each.tag in {"ol", "ul"}), None)
                if inner is not None:
                    lists.append(list(inner.iterchildren("li")))
                else:
                    lists.append([each for each in box.iterchildren() if is_note(each)])
        if not any(lists):
            lists = [list(each.iterchildren("li")) for each in self.tree.iter("ol")]
            lists = [
                notes
                for notes in lists
                if all(any(is_back_link(link) for link in note.iter("a")) for note in notes)
            ]
        return [notes for notes in lists if notes]

    @cached_property
    def by_way_back(self) -> dict[str, etree._Element]:
        """The notes by the names that their links back give them, the first of a name."""
        notes: dict[str, etree._Element] = {}
        for note in itertools.chain.from_iterable(self.lists):
            for back in note.iter("a"):
                if is_back_link(back):
                    for name in names_back(fragment(back)):
                        notes.setdefault(name, note)
        return notes

    @cached_property
    def by_opening(self) -> dict[str, etree._Element | None]:
        """The one paragraph that opens with a marker in brackets, by that marker; None where
        there are several, or it says no more."""
        paragraphs: dict[str, etree._Element | None] = {}
        for each in self.tree.iter("p"):
            text = text_of(each)
            opening = _BARE_MARKER.match(text.lstrip())
            if opening:
                marker = opening.group()
                alone = marker not in paragraphs and len(text.split(maxsplit=1)) == 2
                paragraphs[marker] = each if alone else None
        return paragraphs


def _says_something(holder: etree._Element) -> bool:
    """Return whether there is more than markers and ways back."""
    if next(holder.iter("img", "video", "iframe", "math", "svg"), None) is not None:
        return True
    ways_back = sum(_letters(link) for link in holder.iter("a") if is_back_link(link))
    return _letters(holder) > ways_back


def _letters(element: etree._Element) -> int:
    """Count the letters inside an element."""
    return sum(map(str.isalpha, text_of(element)))


def _openings(above: etree._Element) -> dict[etree._Element, bool]:
    """Return of the first elements in another whether no more than a marker stands before."""
    openings = {}
    before = above.text or ""
    for each in above.iterchildren():
        # More than a marker is said already; the rest of a long paragraph need not be read.
        if len(before.strip()) > 12:
            break
        openings[each] = _OPENING.fullmatch(before) is not None
        before += text_of(each) + (each.tail or "")
    return openings


__all__ = ["mark"]
