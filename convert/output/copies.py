"""What sources gave when they were last read, beside the outputs that were made from it.

A file for each source, or feed of a list, and for what was asked of it: a line that says how
old it is, then its records, packed.  It comes with a folder that someone else may have made:
what is read is typed, bounded and no path.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import hashlib
import itertools
import os
import re
import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import msgspec

from convert.copied import Again, SourceCopy, SourceHead
from convert.errors import ConvertError
from convert.model import Problem, StoredEntry, Value
from convert.output import lock
from convert.text import files, stale
from convert.text.addresses import path_of, source_key
from convert.text.paths import PRIVATE

COPIES = f"{PRIVATE}.sources"
"""The folder of the copies, beside the manifest or beside the file that was named."""
LIMIT = 2_000_000_000
"""The most bytes of one copy, counted as it is unpacked."""
_LONGEST_LINE = 1_000
_LONGEST_RECORD = 250_000_000
_OF_ONE_GROUP = 24
"""How many copies of one source are kept that differ in days only: a day's window, another."""
_OF_ONE_SOURCE = 96
_NAME = re.compile(rf"{re.escape(PRIVATE)}-[0-9a-f]{{32}}-[0-9a-f]{{8}}-[0-9a-f]{{8}}")
_CHUNK = 1 << 20
_LENGTH = 4
"""Bytes before each record that tell how long it is."""
_T = TypeVar("_T")


class DamagedCopy(ConvertError):
    """A copy that cannot be understood; the message is the reason."""


class _Label(Value, frozen=True, kw_only=True):
    """The first line of a copy.  ``state`` stands for all that it holds."""

    format: int = 1
    answered: dt.date | None = None
    state: str


@dataclasses.dataclass(frozen=True)
class CopyFolders:
    """The copies in some output folders: for each source what one kind of job published.

    ``group`` is the same for jobs that differ in days only, ``scope`` for those alone whose
    outputs are the same.
    """

    folders: tuple[Path, ...]
    group: str
    scope: str
    warn: Callable[[Problem], None]

    def find(self, address: str) -> SourceCopy | None:
        """Return the copy of a source: that of the same scope, if it holds entries, else the one
        that holds most, which is selected from anew; of several the one that was read last."""
        for folder in self.folders:
            same = self._path(folder, address)
            whole = self._whole(same, address)
            answered = whole.answered if whole is not None else None
            if whole is None or not whole.entries:
                # It may have been named through a link, or is now.
                there = path_of(source_key(address, folder), folder)
                of_source = _of_source(same) or self._by_place[folder].get(there, ())
                others = sorted((each for each in of_source if each != same), key=_age)
                read = (self._whole(each, address) for each in others)
                known = [each for each in (whole, *read) if each is not None]
                whole = max(known, key=lambda each: each.entries, default=None)
                # Each day is one on which the source answered, for whatever was selected.
                answered = max((each.answered for each in known if each.answered), default=None)
            if whole is not None:
                return SourceCopy(
                    _renamed_head(whole.head, whole.head.address, address),
                    Again(
                        partial(
                            _renamed, Again(partial(_read_entries, whole.path)), whole.head, address
                        )
                    ),
                    answered,
                )
        return None

    @cached_property
    def _by_place(self) -> Mapping[Path, Mapping[Path | None, Sequence[Path]]]:
        """The copies in each folder by where their sources lie on this machine, links followed."""
        places: dict[Path, dict[Path | None, list[Path]]] = {each: {} for each in self.folders}
        for folder, of_folder in places.items():
            for path, head in self._heads(folder):
                if (there := path_of(head.address, folder)) is not None:
                    of_folder.setdefault(there, []).append(path)
        return places

    def _whole(self, path: Path, address: str) -> _Whole | None:
        """Return what is in a copy; None where there is none, and where it cannot be read, which
        is a warning."""
        try:
            return _read(path)
        except FileNotFoundError:
            return None
        except (OSError, DamagedCopy) as error:
            reason = f"is no copy of {address} that can be read ({error}); remove it"
            self.warn(Problem(path=str(path), reason=reason))
            return None

    def keep(
        self,
        head: SourceHead,
        state: str,
        answered: dt.date | None,
        entries: Iterable[StoredEntry],
    ) -> None:
        """Write a copy into every folder where it, or its date, is another.

        ``state`` stands for the head and the entries, which are read only where it differs.
        Raises OSError, OutputError.
        """
        for folder in self.folders:
            path, key = self._path(folder, head.address), source_key(head.address, folder)
            before = _label(path) if _is_whole(path) else None
            if before is not None and before.answered and answered and answered < before.answered:
                continue  # a copy in the cache, of an answer before the last
            # Counted in days, so that a run of the same day writes nothing.
            label = _Label(answered=answered or (before.answered if before else None), state=state)
            if label == before:
                continue
            if path.parent.is_symlink():
                raise OSError(errno.ELOOP, "is a symbolic link", str(path.parent))
            path.parent.mkdir(exist_ok=True)
            with lock.held(path.parent / f"{PRIVATE}.lock"):
                new = path.parent / f"{PRIVATE}.new"
                new.unlink(missing_ok=True)  # of a run that was killed
                with new.open("xb") as file:
                    file.write(msgspec.json.encode(label) + b"\n")
                    if before is not None and before.state == state:
                        with files.opened(path, follow=False) as old:
                            old.readline(_LONGEST_LINE)
                            shutil.copyfileobj(old, file)
                    else:
                        _write_records(
                            file,
                            _renamed_head(head, head.address, key),
                            _renamed(entries, head, key),
                        )
                new.replace(path)
                by_age = sorted((each for each in _of_source(path) if each != path), key=_age)
                group = [each for each in by_age if each.name[:-8] == path.name[:-8]]
                for each in (*group[_OF_ONE_GROUP - 1 :], *by_age[_OF_ONE_SOURCE - 1 :]):
                    each.unlink(missing_ok=True)

    def forget_others(
        self,
        addresses: Iterable[str],
        repositories: Iterable[str],
        recorded: Callable[[Path, str], bool],
    ) -> None:
        """Remove the copies of this group that are of no source among these addresses, of no file
        at the top of these repositories, and of none that an output still has entries of:
        ``recorded`` says so of a folder and a key.  Raises OSError, OutputError."""
        addresses, repositories = tuple(addresses), tuple(repositories)
        for folder in self.folders:
            named = {source_key(each, folder) for each in addresses}
            tops = {source_key(each, folder) for each in repositories}
            # Everything else of the name is the same for all copies of the group.
            ending = re.compile(rf".*-{self._path(folder, '').name[-17:-9]}-[0-9a-f]{{8}}")
            gone = [
                path
                for path, head in self._heads(folder)
                if ending.fullmatch(path.name)
                and head.address not in named
                and (top := head.address.rpartition("/")[0]) not in tops
                and not recorded(folder, head.address)
                and not recorded(folder, top)
            ]
            if gone:
                with lock.held(folder / COPIES / f"{PRIVATE}.lock"):
                    for path in gone:
                        path.unlink(missing_ok=True)

    def heads(self, folder: Path) -> Iterator[SourceHead]:
        """Return the head of every copy in a folder, of whatever source and scope, that can be
        read."""
        return (head for _, head in self._heads(folder))

    def _heads(self, folder: Path) -> Iterator[tuple[Path, SourceHead]]:
        for path in sorted((folder / COPIES).glob(f"{PRIVATE}-*")):
            if _NAME.fullmatch(path.name):
                with suppress(OSError, DamagedCopy), files.opened(path, follow=False) as file:
                    _label_of(file)
                    yield path, _decoded(_HEAD, next(_records(file), b""))

    def _path(self, folder: Path, address: str) -> Path:
        names = source_key(address, folder), self.group, self.scope
        source, group, scope = (hashlib.sha256(each.encode()).hexdigest() for each in names)
        return folder / COPIES / f"{PRIVATE}-{source[:32]}-{group[:8]}-{scope[:8]}"


def _renamed(
    entries: Iterable[StoredEntry], head: SourceHead, address: str
) -> Iterator[StoredEntry]:
    """Yield entries of a source as they are where its address is another: a feed's stand at it."""
    in_files = head.origin is not None and head.origin.kind == "thicket"
    for entry in entries:
        if entry.path == head.address and not in_files:
            yield msgspec.structs.replace(entry, path=address)
        else:
            yield entry


def _renamed_head(head: SourceHead, before: str, now: str) -> SourceHead:
    """Return the head of a source whose address was spelled in another way before."""
    origin = head.origin and msgspec.structs.replace(head.origin, address=now)
    below = f"{before}/"
    parts = tuple(
        f"{now}/{each.removeprefix(below)}" if each.startswith(below) else each
        for each in head.parts
    )
    return msgspec.structs.replace(head, address=now, origin=origin, parts=parts)


def note_answer(folder: Path) -> None:
    """Note that the feed answered whose entries a folder of a repository holds: by its date, as
    its files change only with the entries."""
    date = stale.note(int(time.time()))
    with suppress(OSError):
        os.utime(folder, ns=(date, date), follow_symlinks=False)


def state_of(head: SourceHead, parts: Iterable[object]) -> str:
    """Return what stands for a head and for entries, or for the digests of these."""
    digest = hashlib.sha256(_ENCODER.encode(head))
    for part in parts:
        digest.update(_ENCODER.encode(part))
    return digest.hexdigest()


_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
_HEAD = msgspec.msgpack.Decoder(SourceHead)
_ENTRY = msgspec.msgpack.Decoder(StoredEntry)
_LABEL = msgspec.json.Decoder(_Label)


def _of_source(path: Path) -> Sequence[Path]:
    """Return the copies of the same source, of whatever scope."""
    stem = path.name[:-17]
    return [each for each in path.parent.glob(f"{stem}*") if len(each.name) == len(path.name)]


def _age(path: Path) -> tuple[int, str]:
    """Return what sorts copies, the one that was read last first."""
    label = _label(path)
    answered = label.answered if label is not None else None
    return -(answered.toordinal() if answered else 0), path.name


def _label(path: Path) -> _Label | None:
    """Return the first line; None where there is none that can be understood."""
    with suppress(OSError, DamagedCopy), files.opened(path, follow=False) as file:
        return _label_of(file)
    return None


def _is_whole(path: Path) -> bool:
    """Return whether a copy ends where it must; its records are not decoded."""
    try:
        with files.opened(path, follow=False) as file:
            _label_of(file)
            for _ in _records(file):
                pass
    except (OSError, DamagedCopy):
        return False
    return True


def _label_of(file: BinaryIO) -> _Label:
    try:
        label = _LABEL.decode(file.readline(_LONGEST_LINE))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DamagedCopy(f"its first line: {error}") from error
    if label.format != 1:
        raise DamagedCopy("a later version of thicket-convert wrote it")
    if label.answered is not None and label.answered > dt.datetime.now(dt.UTC).date():
        return msgspec.structs.replace(label, answered=None)  # a clock was wrong, or a stranger
    return label


class _Whole(NamedTuple):
    """A copy that can be read to its end, and how many entries it holds."""

    path: Path
    head: SourceHead
    entries: int
    answered: dt.datetime | None


def _read(path: Path) -> _Whole:
    """Return a copy; all of it is looked at once, so that what is used is whole.

    Raises OSError, DamagedCopy.
    """
    with files.opened(path, follow=False) as file:
        label = _label_of(file)
        records = _records(file)
        head = _decoded(_HEAD, next(records, b""))
        count = 0
        for record in records:
            _decoded(_ENTRY, record)
            count += 1
    midnight = dt.time(tzinfo=dt.UTC)
    answered = dt.datetime.combine(label.answered, midnight) if label.answered else None
    return _Whole(path, head, count, answered)


def _read_entries(path: Path) -> Iterator[StoredEntry]:
    """Yield the entries of a copy, one in memory at a time."""
    with files.opened(path, follow=False) as file:
        _label_of(file)
        records = _records(file)
        next(records, None)
        for record in records:
            yield _decoded(_ENTRY, record)


def _decoded(decoder: msgspec.msgpack.Decoder[_T], record: bytes) -> _T:
    try:
        return decoder.decode(record)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DamagedCopy(str(error)) from error


def _write_records(file: BinaryIO, head: SourceHead, entries: Iterable[StoredEntry]) -> None:
    packer = zlib.compressobj(1)  # a second for 100 MB; a higher level takes four times as long
    total = 0
    for value in itertools.chain((head,), entries):
        record = _ENCODER.encode(value)
        total += len(record) + _LENGTH
        if total > LIMIT or len(record) > _LONGEST_RECORD:
            raise OSError(errno.EFBIG, f"is larger than {LIMIT:,} bytes")
        file.write(packer.compress(len(record).to_bytes(_LENGTH, "big") + record))
    file.write(packer.flush())


def _records(file: BinaryIO) -> Iterator[bytes]:
    """Yield what ``_write_records`` wrote.  Raises DamagedCopy where it does not end as it must."""
    unpacker = zlib.decompressobj()
    waiting = bytearray()
    total = 0
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail or file.read(_CHUNK)
        try:
            piece = unpacker.decompress(packed, _CHUNK)
        except zlib.error as error:
            raise DamagedCopy(str(error)) from error
        if not packed and not piece:
            raise DamagedCopy("ends too early")
        total += len(piece)
        if total > LIMIT:
            raise DamagedCopy(f"holds more than {LIMIT:,} bytes")
        waiting += piece
        at = 0
        while len(waiting) - at >= _LENGTH:
            length = int.from_bytes(waiting[at : at + _LENGTH], "big")
            if length > _LONGEST_RECORD:
                raise DamagedCopy(f"has a record of {length:,} bytes")
            end = at + _LENGTH + length
            if end > len(waiting):
                break
            yield bytes(waiting[at + _LENGTH : end])
            at = end
        del waiting[:at]
    if waiting:
        raise DamagedCopy("ends in the middle of a record")
