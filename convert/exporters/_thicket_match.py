"""Which file of a repository an entry belongs in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from lxml import etree, html

from convert.exporters import _thicket_entry as entries
from convert.model import StoredEntry

_LIKE_NONE, _LIKE_ID, _LIKE_TEXT, _LIKE_DATED, _LIKE_FILE, _LIKE_ALL = range(6)


@dataclasses.dataclass
class Slot:
    """One entry file of the repository, without its text.

    ``also`` are further ids of the entry; ``marks`` stand for its values; ``claimed`` is the
    source whose entry belongs here in this run, "" for none yet.
    """

    path: str
    folder: str
    id: str
    link: str
    marks: dict[str, int]
    also: tuple[str, ...] = ()
    claimed: str = ""
    rank: tuple[float, bool] = (0.0, False)


class Slots:
    """The entry files of a repository, found by id and by link."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[str, str], list[Slot]] = {}
        self._by_link: dict[tuple[str, str], list[Slot]] = {}
        self._all: list[Slot] = []

    def __iter__(self) -> Iterator[Slot]:
        return iter(self._all)

    def add(self, slot: Slot) -> None:
        """Takes a file to what is known."""
        self._all.append(slot)
        for identity in dict.fromkeys((slot.id, *slot.also)):
            self._by_id.setdefault((slot.folder, identity), []).append(slot)
        if slot.link:
            self._by_link.setdefault((slot.folder, slot.link), []).append(slot)

    def alias(self, slot: Slot, identity: str) -> None:
        """Notes a further id of the file's entry."""
        slot.also = (*slot.also, identity)
        self._by_id.setdefault((slot.folder, identity), []).append(slot)

    def certain(self, folder: str, entry: StoredEntry, marks: dict[str, int]) -> Slot | None:
        """The file of the same id that has the same title or text too; the most alike.

        Several entries of one id are what some feeds have; each finds its own.  Two files of
        one repository are two entries, whatever they hold.
        """
        best: Slot | None = None
        score = _LIKE_ID
        for slot in self._by_id.get((folder, entry.id), ()):
            own_file = bool(entry.stored)
            if own_file and slot.claimed == entry.origin:
                continue
            like = _likeness(slot, entry, marks)
            if like > score or (like == score > _LIKE_ID and best is not None and best.claimed):
                best, score = slot, like
        return best

    def only(self, folder: str, identity: str) -> Slot | None:
        """The one file of that id, where no entry has claimed it."""
        found = self._by_id.get((folder, identity), ())
        return found[0] if len(found) == 1 and not found[0].claimed else None

    def linked(self, folder: str, link: str) -> Iterator[Slot]:
        """The files of that link that no entry has claimed."""
        for slot in self._by_link.get((folder, link), ()) if link else ():
            if not slot.claimed:
                yield slot


def slot_of(path: str, folder: str, entry: StoredEntry, marks: dict[str, int]) -> Slot:
    """What is kept of an entry and its file."""
    return Slot(
        path=path,
        folder=folder,
        id=entry.id,
        link=same_link(entry.link),
        marks=marks,
        also=entries.also_ids(entry.stored),
    )


def rank(entry: StoredEntry) -> tuple[float, bool]:
    """Of two sources of one entry, the greater counts: updated last, else with its text."""
    return entry.updated.timestamp(), bool(entry.content)


def same_link(link: str | None) -> str:
    """What is the same for the addresses of one page: the scheme and a last slash do not
    count."""
    try:
        parts = urlsplit((link or "").strip())
    except ValueError:
        return link or ""
    if parts.scheme not in {"http", "https"}:
        return link or ""
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}{fragment}"


def same_text(one: Iterable[str | None], other: Iterable[str | None]) -> bool:
    """Whether two bodies (content, else summary) hold the same words, and hold any."""
    first, second = _words(one), _words(other)
    return bool(first) and first == second


def _words(bodies: Iterable[str | None]) -> str:
    body = next((each for each in bodies if each and each.strip()), "")
    try:
        tree = html.document_fromstring(body.encode("utf-8", "replace"), parser=_parser())
    except (etree.LxmlError, ValueError):
        return ""
    text = "".join(str(each) for each in tree.itertext(etree.Element))
    return re.sub(r"\s+", " ", text).strip()


def _parser() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)


def _likeness(slot: Slot, entry: StoredEntry, marks: dict[str, int]) -> int:
    def same(*keys: str) -> bool:
        return all(slot.marks.get(key) == marks.get(key) for key in keys)

    if not entries.changed(slot.marks, marks):
        return _LIKE_ALL
    if entry.stored and slot.path == entry.path:
        return _LIKE_FILE
    if same("title"):
        return _LIKE_DATED if same("published") and entry.published else _LIKE_TEXT
    return _LIKE_TEXT if same("content", "summary") and entry.content else _LIKE_ID
