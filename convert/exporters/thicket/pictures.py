"""Pictures that stand beside the entries of a repository and that the entries show.

A picture is its repository, folder and path: where two would have one place in the store, the
second gets a name of its own, and its entries show it by that.
"""

from __future__ import annotations

import hashlib
import html
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple
from urllib.parse import quote, unquote

import msgspec

from convert.content.draft import base_of
from convert.content.images import LAST_RESORTS, LATE_SETS, LATE_SOURCES, split_srcset
from convert.contract import Reading, StoredBefore
from convert.exporters.thicket.encode import read_json, write_json
from convert.exporters.thicket.entry import also_ids, form, rewrite
from convert.exporters.thicket.names import is_portable
from convert.model import StoredEntry
from convert.text.addresses import absolute
from convert.text.names import digest, fold

_SOURCE = re.compile(
    # What the names begin with is looked for first: four times as quick.
    rf"""[\s"'/](?=[spd])(?:(?P<set>{"|".join(("srcset", *LATE_SETS))})"""
    rf"""|{"|".join(("src", "poster", *LATE_SOURCES, *LAST_RESORTS))})\s*=\s*"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^"'\s>]+))""",
    re.IGNORECASE,
)
_TARGET = re.compile(r"\]\(\s*<?([^)\s>]+)")
"""References of HTML and of Markdown; one too many costs a look at a file that is not there."""
_ENDING = re.compile(r"\.(?:a?png|jpe?g|jfif|gif|webp|avif|bmp|ico|svg|tiff?)", re.IGNORECASE)


_Read = Callable[[str], bytes | None]


class _Picture(NamedTuple):
    """A picture of a repository, what gives it by its path, and its path in the store."""

    target: str
    read: _Read
    path: str

    @property
    def content(self) -> bytes:
        """Its bytes, read anew."""
        return self.read(self.path) or b""


class _Place(NamedTuple):
    """A file of a repository; ``beside`` where it lies below the folder of the entry."""

    path: str
    beside: bool


class Pictures:
    """The pictures to take along; each is read when it is compared or written.

    ``existing`` is the store that is updated, None for a new one; ``before`` is what a new one
    takes the place of.
    """

    def __init__(
        self,
        readings: tuple[Reading, ...],
        existing: Reading | None,
        before: StoredBefore | None,
    ) -> None:
        self._sources: Mapping[str, _Read] = {
            each.origin.address: partial(_read, each) for each in readings
        }
        self._existing = existing
        self._before = before
        self._placed: dict[str, _Picture | None] = {}
        """By each path, folded, where a reader of the store would look for one; None for none."""
        self._showing: dict[str, dict[str, str]] = {}
        """By such a path the ids of the store's own entries that look there, and where next."""
        self._renamed: dict[str, list[str]] = {}
        """By the ids of the store's own entries the paths with a digest where they look."""
        self._digests: dict[tuple[_Read, str], str] = {}
        self._held: dict[str, str | None] = {}

    def know(self, entry: StoredEntry) -> None:
        """Note where an entry that the store holds looks for its pictures."""
        for body in (entry.content or "", entry.summary or ""):
            for *_, reference in _references(body):
                beside, top = (
                    _joined(posixpath.dirname(entry.path), reference),
                    _joined("", reference),
                )
                self._showing.setdefault(fold(beside), {})[entry.id] = top
                self._showing.setdefault(fold(top), {}).setdefault(entry.id, top)
                named = (each for each in (beside, top) if _without_digest(each) != each)
                self._renamed.setdefault(entry.id, []).extend(named)

    def take(self, entry: StoredEntry, folder: str) -> StoredEntry:
        """Take the pictures of an entry along; return it as it shows them from ``folder``, its
        new place: what it has none of must not become another's."""
        # Nothing lies beside an entry of a feed.
        read = self._sources.get(entry.origin) if entry.stored else None
        names: dict[str, str] = {}
        for body in (entry.content or "", entry.summary or ""):
            for start, end, reference in _references(body):
                beside, top = _joined(folder, reference), _joined("", reference)
                place = _find(read, entry.path, reference) if read is not None else None
                if read is None:
                    picture = None
                elif place is None:
                    picture = self._earlier(entry.id, (beside, top))
                else:
                    picture = _Picture(beside if place.beside else top, read, place.path)
                if picture is None:
                    if not self._claim((beside, top), None, entry.id):
                        # Its address on the web; where there is none, a name of nothing.
                        address = absolute(html.unescape(body[start:end]), base_of(entry))
                        nothing = f"{digest(entry.origin)}-{body[start:end]}"
                        names[body[start:end]] = html.escape(address) if address else nothing
                    continue
                if not is_portable(picture.target):
                    continue
                is_renamed = picture.target not in (beside, top)
                if is_renamed or not self._claim((beside, picture.target), picture, entry.id):
                    stem, ending = posixpath.splitext(picture.target)
                    target = f"{stem}-{self._digest(picture)[:12]}{ending}"
                    if is_renamed:  # by an earlier run
                        target = picture.target
                    self._placed.setdefault(fold(target), picture._replace(target=target))
                    names[body[start:end]] = quote(posixpath.relpath(target, folder or "."))
        return _renamed(entry, names) if names else entry

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the paths in the store and the bytes of what is not there, or differs."""
        for picture in dict.fromkeys(each for each in self._placed.values() if each is not None):
            if self._existing is None or self._there(picture.target) != self._digest(picture):
                yield picture.target, picture.content

    def _claim(self, paths: Iterable[str], picture: _Picture | None, id_: str) -> bool:
        """Take paths of the store for a picture, or for none; return whether the entry of that
        id, which looks there, may see that."""
        if not all(self._is_free(each, picture, id_) for each in paths):
            return False
        for each in paths:
            self._placed.setdefault(fold(each), picture)
        return True

    def _is_free(self, path: str, picture: _Picture | None, id_: str) -> bool:
        """Return whether a path of the store shows this picture, or none, or may be made to."""
        wanted = self._digest(picture) if picture else None
        if fold(path) in self._placed:
            other = self._placed[fold(path)]
            if (self._digest(other) if other else None) != wanted:
                return False
            # One file on some disks, two on others.
            if other and other.target != path and fold(other.target) == fold(path):
                return False
        there, showing = self._there(path), self._showing.get(fold(path), {})
        if there is None and picture and path == picture.target:
            # Nobody's look must end here that went on to another.
            others = (top for other, top in showing.items() if other != id_)
            return all(self._there(each) in (None, wanted) for each in others)
        # What only other entries show, or nobody, is not of this one's repository.
        is_target = picture is None or path == picture.target
        return there in (None, wanted) or (is_target and id_ in showing)

    def _digest(self, picture: _Picture) -> str:
        key = picture.read, picture.path
        if key not in self._digests:
            self._digests[key] = hashlib.sha256(picture.content).hexdigest()
        return self._digests[key]

    def _earlier(self, id_: str, paths: Sequence[str]) -> _Picture | None:
        """Return what an entry showed before from one of these paths, or under such a path with the
        digest of its bytes; None where it showed nothing."""
        if self._before is not None:
            read = self._before.picture
        elif self._existing is not None:
            read = partial(_read, self._existing)
        else:
            return None
        for path in self._shown.get(id_, ()):
            if not {path, _without_digest(path)}.isdisjoint(paths):
                picture = _Picture(path, read, path)
                is_named = path in paths or self._digest(picture)[:12] in path
                if is_named and read(path) is not None:
                    return picture
        return None

    @cached_property
    def _shown(self) -> Mapping[str, Sequence[str]]:
        """The paths where each entry that was there before looked, by its id."""
        if self._before is None:
            return self._renamed
        shown: dict[str, list[str]] = {}
        # Few pictures go: all entries are read for them only.
        for entry in self._before.entries:
            shown.setdefault(entry.id, []).extend(_looked_at(entry))
        return shown

    def _there(self, path: str) -> str | None:
        """Return the digest of a picture that the store holds; None where there is none."""
        if path not in self._held:
            content = _read(self._existing, path) if self._existing is not None else None
            self._held[path] = None if content is None else hashlib.sha256(content).hexdigest()
        return self._held[path]


def shown_by(entry: StoredEntry, reading: Reading) -> Iterator[str]:
    """Yield the paths of the pictures in a repository that an entry of it shows."""
    for body in (entry.content or "", entry.summary or ""):
        for *_, reference in _references(body):
            if (place := _find(partial(_read, reading), entry.path, reference)) is not None:
                yield place.path


def _looked_at(entry: StoredEntry) -> Iterator[str]:
    """Yield the paths of a store where an entry of it looks for pictures."""
    for body in (entry.content or "", entry.summary or ""):
        for *_, reference in _references(body):
            yield from (_joined(posixpath.dirname(entry.path), reference), _joined("", reference))


def _without_digest(path: str) -> str:
    return re.sub(r"-[0-9a-f]{12}(?=\.\w+$)", "", path)


def _find(read: _Read, entry_path: str, reference: str) -> _Place | None:
    """Return the file that a reference names: beside the entry, else at the top, as the source
    looks for it (``Reading.file``)."""
    for base in (posixpath.dirname(entry_path), ""):
        path = _joined(base, reference)
        if read(path) is not None:
            return _Place(path, bool(base))
    return None


def _read(reading: Reading, path: str) -> bytes | None:
    return reading.file(quote(path, errors="replace"), "")


def _joined(base: str, reference: str) -> str:
    return posixpath.normpath(posixpath.join(base, reference))


def _references(body: str) -> Iterator[tuple[int, int, str]]:
    """Yield where in HTML or Markdown a path of what may be a picture is written, and the path."""
    spans: list[tuple[int, int]] = []
    for attribute in _SOURCE.finditer(body):
        kind = attribute.lastgroup or "bare"
        at, end = attribute.span(kind)
        is_set = attribute["set"] is not None
        listed = split_srcset(attribute[kind]) if is_set else [(attribute[kind].strip(),)]
        for address, *_ in listed:
            at = body.find(address, at, end)
            spans.append((at, at + len(address)))
            at += len(address)
    for target in _TARGET.finditer(body):
        # From the end of a link back to its beginning: what only begins could be most of the body.
        before = body.rfind("]", 0, target.start()) + 1
        if body.find("![", before, target.start()) >= 0:
            spans.append(target.span(1))
    for start, end in sorted(spans):
        reference = unquote(re.split(r"[?#]", html.unescape(body[start:end]), maxsplit=1)[0])
        is_picture = _ENDING.fullmatch(posixpath.splitext(reference)[1])
        if is_picture and ":" not in reference and reference[0] != "/":
            yield start, end, reference


def _renamed(entry: StoredEntry, names: Mapping[str, str]) -> StoredEntry:
    """Return the entry with pictures under other names, in its text as it was stored too."""
    bodies = {}
    for field in ("content", "summary"):
        body, pieces, at = getattr(entry, field) or "", [], 0
        for start, end, _ in _references(body):
            if (name := names.get(body[start:end])) is not None and start >= at:
                pieces += [body[at:start], name]
                at = end
        if pieces:
            bodies[field] = "".join([*pieces, body[at:]])
    renamed = msgspec.structs.replace(entry, **bodies)
    stored = write_json(form(renamed))
    if read_json(entry.stored) is not None:
        stored = rewrite(entry.stored, renamed, bodies, also_ids(entry.stored))
    return msgspec.structs.replace(renamed, stored=stored if entry.stored else b"")
