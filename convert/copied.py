"""What a source gave when it last answered: stands in where it fails."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from convert.model import Feed, Origin, StoredEntry, User, Value


class KeptPicture(Value, frozen=True, kw_only=True):
    """A picture that a copy of a source shows: its ``ref`` in prepared markup, the SHA-256 of its
    bytes, and the day on which it was last had."""

    ref: str
    digest: str
    day: dt.date


class SourceHead(Value, frozen=True, kw_only=True):
    """What a source, or one feed of a list, says of itself beside its entries.

    ``address`` is the source's without credentials; of a feed that a list names ``origin`` is
    None.  ``parts`` are, of a list, the addresses of its feeds: the entries are theirs.
    ``unnamed`` is how many entries without an id could not be read when nothing was missing,
    where that is known.
    """

    address: str
    origin: Origin | None = None
    users: tuple[User, ...] = ()
    feeds: tuple[Feed, ...] = ()
    duplicates: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()
    pictures: tuple[KeptPicture, ...] = ()
    unnamed: int | None = None


@dataclasses.dataclass(frozen=True)
class Again(Iterable[StoredEntry]):
    """Entries that are read anew whenever somebody goes through them: memory holds one."""

    read: Callable[[], Iterable[StoredEntry]]

    def __iter__(self) -> Iterator[StoredEntry]:
        return iter(self.read())


class SourceCopy(NamedTuple):
    """What a source, or one feed of a list, gave when it last answered: stands in where it fails.

    ``whole`` where all of it could be read, ``read`` where any of it could; ``folder`` holds it
    in the run's repository.  ``newest`` is of its newest entry, where nobody knows ``answered``.
    """

    head: SourceHead
    entries: Iterable[StoredEntry] = ()
    answered: dt.datetime | None = None
    whole: bool = True
    folder: Path | None = None
    read: bool = True
    newest: dt.datetime | None = None
