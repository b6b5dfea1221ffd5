"""Prepared entries in a file, by digest.  Safe to delete.

It is bounded, least recently used first, but what was used within the last day always stays.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import stat
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from convert.cache.files import PROTECTED_HOURS
from convert.cache.folder import WAY_OUT
from convert.errors import CacheError
from convert.model import Prepared

LIMIT = 2_000_000_000
"""Bytes that the store may hold before the oldest go."""
BATCH = 200
BATCH_BYTES = 16_000_000
_BUSY_SECONDS = 5.0
"""How long another run may hold the file, which takes it milliseconds."""
# What is no fault of the file: it stays where it is.  All else is damage.
_PASSING = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
)

_SCHEMA = """
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS prepared (
    digest TEXT PRIMARY KEY, used INTEGER NOT NULL, size INTEGER NOT NULL,
    checksum INTEGER NOT NULL, value BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS by_use ON prepared (used, size);
"""


_DECODER = msgspec.msgpack.Decoder(Prepared)


def _hour() -> int:
    return int(time.time() // 3600)


class PreparedStore:
    """Prepared entries by digest, in one SQLite file in ``folder``.

    Pickles as its folder; each process and thread opens the file when it first needs it.  A
    damaged file is set aside and begun anew.  Raises CacheError where the folder cannot be
    written or read.
    """

    def __init__(self, folder: Path, *, limit: int = LIMIT) -> None:
        self.folder = folder
        self.limit = limit
        # A connection must not cross a fork, nor be closed on the other side of one.
        self._open: dict[tuple[int, int], sqlite3.Connection] = {}

    def __reduce__(self) -> tuple[Callable[[], PreparedStore], tuple[()]]:
        return partial(PreparedStore, self.folder, limit=self.limit), ()

    @property
    def path(self) -> Path:
        """The file; its name changes with its layout."""
        return self.folder / "prepared-1.sqlite"

    def known(self, digests: Iterable[str]) -> set[str]:
        """Return which of these are here.  Counts as a use: they stay for a day at least."""
        present: set[str] = set()
        remaining = iter(digests)
        try:
            with self._errors():
                while batch := list(itertools.islice(remaining, BATCH)):
                    connection = self._connection()
                    marks = ",".join("?" * len(batch))
                    query = f"SELECT digest, used FROM prepared WHERE digest IN ({marks})"  # noqa: S608 - only question marks
                    rows = connection.execute(query, batch).fetchall()
                    present.update(digest for digest, _ in rows)
                    now = _hour()
                    aged = [(now, digest) for digest, used in rows if used != now]
                    if aged:
                        connection.execute("BEGIN IMMEDIATE")
                        update = "UPDATE prepared SET used = ? WHERE digest = ?"
                        connection.executemany(update, aged)
                        connection.execute("COMMIT")
        except _Damaged:
            self._set_aside()
            return set()
        return present

    def put(self, items: Iterable[tuple[str, Prepared]]) -> None:
        """Remember prepared entries under their digests, a batch at a time."""
        rows: list[tuple[str, int, int, int, bytes]] = []
        held = 0
        for digest, prepared in items:
            value = msgspec.msgpack.encode(prepared)
            rows.append((digest, _hour(), len(value), zlib.crc32(value), value))
            held += len(value)
            if len(rows) == BATCH or held > BATCH_BYTES:
                self._write(rows)
                rows, held = [], 0
        self._write(rows)

    def find(self, digest: str) -> Prepared | None:
        """Return the prepared entry of a digest, None where it is not here, or not whole."""
        query = "SELECT checksum, value FROM prepared WHERE digest = ?"
        try:
            with self._errors():
                row = self._connection().execute(query, (digest,)).fetchone()
                if row is None:
                    return None
                prepared = _DECODER.decode(row[1])
                if row[0] != zlib.crc32(row[1]) or prepared.entry.digest != digest:
                    raise _Damaged
                return prepared
        except _Damaged:
            self._set_aside()
            return None

    def trim(self) -> None:
        """Forget the least recently used until the limit is kept."""
        try:
            with self._errors():
                connection = self._connection()
                # Of a clock that was wrong then or is now: their day begins again.
                connection.execute("UPDATE prepared SET used = ?1 WHERE used > ?1", (_hour(),))
                (held,) = connection.execute("SELECT total(size) FROM prepared").fetchone()
                excess = int(held) - self.limit
                if excess <= 0:
                    return
                query = "SELECT rowid, size FROM prepared WHERE used < ? ORDER BY used, rowid"
                gone: list[tuple[int]] = []
                for row, size in connection.execute(query, (_hour() - PROTECTED_HOURS,)):
                    if excess <= 0:
                        break
                    gone.append((row,))
                    excess -= int(size)
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("DELETE FROM prepared WHERE rowid = ?", gone)
                connection.execute("COMMIT")
                connection.executescript("PRAGMA incremental_vacuum")
        except _Damaged:
            self._set_aside()

    def close(self) -> None:
        """Close this process's connections; the next use opens them again."""
        mine = [key for key in self._open if key[0] == os.getpid()]
        for key in mine:
            self._open.pop(key).close()

    def _connection(self) -> sqlite3.Connection:
        key = (os.getpid(), threading.get_ident())
        if key not in self._open:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in self._files:
                # SQLite would wait for the writer of a FIFO, and write where a link leads.
                if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
                    raise _Damaged
            # Of one thread each; a later thread of the same number may inherit it.
            connection = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                connection.executescript(_SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._open[key] = connection
        return self._open[key]

    @property
    def _files(self) -> tuple[Path, Path, Path]:
        """The file and the two that SQLite keeps beside it."""
        beside = (self.path.with_name(self.path.name + tail) for tail in ("-wal", "-shm"))
        return (self.path, *beside)  # type: ignore[return-value]

    def _write(self, rows: list[tuple[str, int, int, int, bytes]]) -> None:
        try:
            self._insert(rows)
        except _Damaged:
            self._set_aside()
            try:
                self._insert(rows)
            except _Damaged as error:
                raise CacheError(self.path, f"cannot be opened; {WAY_OUT}") from error

    def _insert(self, rows: list[tuple[str, int, int, int, bytes]]) -> None:
        with self._errors():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO prepared VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, msgspec.MsgspecError, ValueError, TypeError) as error:
            self._drop()
            # The low byte is the primary code, the rest says where it was seen.
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _PASSING:
                raise _Damaged from error
            raise CacheError(self.path, f"{error}; {WAY_OUT}") from error
        except OSError as error:
            self._drop()
            raise CacheError(self.path, f"{error.strerror or error}; {WAY_OUT}") from error

    def _drop(self) -> None:
        """Forget this thread's connection: an error may have left a transaction open."""
        connection = self._open.pop((os.getpid(), threading.get_ident()), None)
        if connection is not None:
            connection.close()

    def _set_aside(self) -> None:
        """Keep a damaged file for whoever wants to look, out of the way."""
        self._drop()
        for path in self._files:
            with contextlib.suppress(OSError):
                path.replace(path.with_name(f"{path.name}.damaged"))


class _Damaged(Exception):
    pass
