"""Which file of a repository an entry belongs in."""

from __future__ import annotations

import collections
import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree, html

from convert.exporters.thicket.encode import mark_of
from convert.exporters.thicket.entry import also_ids, marks_of
from convert.model import StoredEntry
from convert.text.excerpts import is_cut, is_excerpt

_FEW = 100
"""Of files that are alike in one respect, so many are looked at: a hostile feed may have
thousands."""


@dataclasses.dataclass
class Slot:
    """One entry file of the repository, without its text.

    ``also`` are further ids of the entry; ``marks`` stand for its values, ``first`` for those
    in the file on disk, None where there is none yet.  ``claimed`` is the source whose entry
    belongs here in this run, "" for none yet.
    """

    path: str
    folder: str
    id: str
    link: str
    marks: Mapping[str, int]
    first: Mapping[str, int] | None = None
    also: tuple[str, ...] = ()
    claimed: str = ""
    rank: tuple[float, bool, int] = (0.0, False, 0)


class Slots:
    """The entry files of a repository, found by what entries have in common with them."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        """Entry files by folder."""
        self._alike: dict[tuple[object, ...], list[Slot]] = {}
        self._by_id: dict[tuple[str, str], list[Slot]] = {}
        self._by_link: dict[tuple[str, str], list[Slot]] = {}
        self._by_date: dict[tuple[str, int, int], list[Slot]] = {}

    def add(self, slot: Slot) -> None:
        """Take a file to what is known."""
        self.counts[slot.folder] += 1
        for identity in dict.fromkeys(map(same_link, (slot.id, *slot.also))):
            self._by_id.setdefault((slot.folder, identity), []).append(slot)
        if slot.link:
            self._by_link.setdefault((slot.folder, slot.link), []).append(slot)
        if date := _date(slot.marks):
            self._by_date.setdefault((slot.folder, slot.marks["title"], date), []).append(slot)
        self.note(slot)

    def note(self, slot: Slot) -> None:
        """Take what the file says now to what it is found by."""
        for identity in dict.fromkeys(map(same_link, (slot.id, *slot.also))):
            for key in _likenesses(slot.folder, identity, slot.path, slot.marks):
                alike = self._alike.setdefault(key, [])
                if not any(each is slot for each in alike[-_FEW:]):
                    alike.append(slot)

    def alias(self, slot: Slot, identity: str) -> None:
        """Note a further id of the file's entry."""
        slot.also = (*slot.also, identity)
        known = self._by_id.setdefault((slot.folder, same_link(identity)), [])
        if not any(each is slot for each in known):
            known.append(slot)

    def certain(self, folder: str, entry: StoredEntry, marks: Mapping[str, int]) -> Slot | None:
        """Return the file of the same id that has the same title or text too; the most alike.

        Several entries of one id are what some feeds have; each finds its own.  Two files of
        one repository are two entries, whatever they hold.
        """
        other = None
        for key in _likenesses(
            folder, same_link(entry.id), entry.path if entry.stored else "", marks
        ):
            for slot in self._alike.get(key, ())[:_FEW]:
                if not slot.claimed:
                    return slot
                if other is None and not (entry.stored and slot.claimed == entry.origin):
                    other = slot
        return other

    def only(self, folder: str, identity: str) -> Slot | None:
        """Return the one file of that id, where no entry has claimed it."""
        slots = self._by_id.get((folder, same_link(identity)), ())
        return slots[0] if len(slots) == 1 and not slots[0].claimed else None

    def linked(self, folder: str, link: str) -> list[Slot]:
        """Return the first files of that link that no entry has claimed."""
        return _unclaimed(self._by_link.get((folder, link), []) if link else [])

    def dated(self, folder: str, entry: StoredEntry, marks: Mapping[str, int]) -> list[Slot]:
        """Return the first files of that title and date, under another address, that no entry has
        claimed."""
        slots = self._by_date.get((folder, marks["title"], _date(marks)), [])
        places = {_page(each) for each in (entry.id, entry.link or "")}
        # Another query of one page is another entry: ?p=1 and ?p=2.
        return [
            slot
            for slot in _unclaimed(slots)
            if places.isdisjoint({_page(slot.id), _page(slot.link)} - {""})
        ]


def _unclaimed(slots: list[Slot]) -> list[Slot]:
    # In place: a hostile feed may have thousands, and asks again for each of its entries.
    slots[:] = [slot for slot in slots if not slot.claimed]
    return slots[:_FEW]


def _date(marks: Mapping[str, int]) -> int:
    """Return the mark of when an entry was published, else updated; 0 where nobody knows."""
    date = next((marks[each] for each in ("published", "updated") if marks[each] != _NONE), 0)
    return 0 if date == _UNDATED else date


def _page(address: str) -> str:
    """Return the address of a page without a query; "" for what has none."""
    return same_link(address).partition("?")[0] if "?" in address else ""


def slot_of(path: str, folder: str, entry: StoredEntry) -> Slot:
    """Return what is kept of an entry and its file."""
    return Slot(
        path=path,
        folder=folder,
        id=entry.id,
        link=same_link(entry.link),
        marks=marks_of(entry),
        also=also_ids(entry.stored),
    )


def rank(entry: StoredEntry) -> tuple[float, bool, int]:
    """Return what orders two sources of one entry: the one updated last, else the one with its
    text, of two the fuller, is the greater."""
    return entry.updated.timestamp(), bool(entry.content), len(entry.content or entry.summary or "")


def same_link(link: str | None) -> str:
    """Return what is the same for the addresses of one page: the scheme and a last slash do
    not count."""
    try:
        parts = urlsplit((link or "").strip())
    except ValueError:
        return link or ""
    if parts.scheme not in {"http", "https"}:
        return link or ""
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}{fragment}"


def words_of(*bodies: object) -> str:
    """Return the words of an entry's body (content, else summary), to be compared; "" where
    there are none."""
    body = next((each for each in bodies if isinstance(each, str) and each.strip()), "")
    if not body:
        return ""
    try:
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        source = body.encode("utf-8", "replace")
        tree = html.document_fromstring(source, parser=parser)  # noqa: TID251 - as it is stored
    except (etree.LxmlError, ValueError):
        return ""
    text = "".join(str(each) for each in tree.itertext(etree.Element))
    return re.sub(r"\s+", " ", text).strip()


class Texts(NamedTuple):
    """What an entry or a file says, as it is stored."""

    title: object
    content: object
    summary: object


def whole_text(one: Texts, other: Texts) -> str:
    """Return the key of the text that one state has whole, where another has but an excerpt of it,
    or none that could stand for it; "" for no key."""
    key, title = "content", str(other.title or "")
    whole, part = words_of(one.content), words_of(other.content)
    if not whole:
        if part:
            return ""
        key, whole, part = "summary", words_of(one.summary), words_of(other.summary)
    is_part = is_excerpt(part or words_of(other.summary), whole, title)
    if part:
        # A part without an end of excerpts was cut by its author.
        return key if is_part and is_cut(part, title) else ""
    return key if whole and (is_part or one.title == other.title) else ""


def _likenesses(
    folder: str, identity: str, path: str, marks: Mapping[str, int]
) -> Iterator[tuple[object, ...]]:
    """Yield what an entry and its file have in common, the surest first; the id always."""
    same = folder, identity
    yield *same, "all", hash(tuple(sorted(marks.items())))
    if path:
        yield *same, "path", path
    title, text = marks["title"], (marks["content"], marks["summary"])
    yield *same, "title and text", title, text
    yield *same, "title and date", title, marks["published"]
    yield *same, "title", title
    if text != _NO_TEXT:
        yield *same, "text", text


_NONE = mark_of(None)
_NO_TEXT = (_NONE, _NONE)
_UNDATED = mark_of("1970-01-01T00:00:00")
