"""What is remembered between runs of prepared entries.  Safe to delete.

Nothing here reaches an output: it only saves work.  The store is bounded, least recently
used first, but what was used within the last day always stays, so that two runs at once
never take anything from each other.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import platformdirs

from convert.cache.files import PROTECTED_HOURS
from convert.errors import CacheError
from convert.model import Prepared, Problem

LIMIT = 2_000_000_000
"""Bytes that the store may hold before the oldest go."""
BATCH = 200
BATCH_BYTES = 16_000_000
_BUSY_SECONDS = 60.0
_DAMAGE = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
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


def _hour() -> int:
    return int(time.time() // 3600)


@contextlib.contextmanager
def cache_folder(folder: Path | None, warn: Callable[[Problem], None]) -> Iterator[Path]:
    """Yield the folder to remember what saves work in: ``folder``, else the user's.

    Where that cannot be written, a private temporary folder takes its place for this run,
    with a warning.
    """
    folder = folder or platformdirs.user_cache_path("thicket-convert")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = f"cannot be written ({error.strerror}); nothing is remembered, see --cache"
        warn(Problem(path=str(folder), field="cache", reason=reason))
        with tempfile.TemporaryDirectory(
            prefix="thicket-convert-", ignore_cleanup_errors=True
        ) as private:
            yield Path(private)
    else:
        yield folder


class PreparedStore:
    """Prepared entries by digest, in one SQLite file in ``folder``.

    Satisfies ``convert.entryset.Bodies``.  Pickles as its folder; each process and thread
    opens the file when it first needs it.  A damaged file is set aside and begun anew.
    Raises CacheError where the folder cannot be written or read.
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
        self._trim()

    def load(self, digests: Iterable[str]) -> Iterator[Prepared]:
        """Yield the prepared entries of these digests, in that order, one at a time.

        Raises CacheError where one is missing or damaged.
        """
        decoder = msgspec.msgpack.Decoder(Prepared)
        query = "SELECT checksum, value FROM prepared WHERE digest = ?"
        try:
            for digest in digests:
                with self._errors():
                    row = self._connection().execute(query, (digest,)).fetchone()
                if row is None:
                    reason = "a prepared entry has gone from it; run again to prepare it anew"
                    raise CacheError(self.path, reason)
                if zlib.crc32(row[1]) != row[0]:
                    raise _Damaged
                yield decoder.decode(row[1])
        except (_Damaged, msgspec.DecodeError) as error:
            self._set_aside()
            reason = "is damaged and was set aside; run again to prepare the entries anew"
            raise CacheError(self.path, reason) from error

    def close(self) -> None:
        """Close this process's connections; the next use opens them again."""
        mine = [key for key in self._open if key[0] == os.getpid()]
        for key in mine:
            self._open.pop(key).close()

    def _connection(self) -> sqlite3.Connection:
        key = (os.getpid(), threading.get_ident())
        if key not in self._open:
            self.folder.mkdir(parents=True, exist_ok=True)
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

    def _write(self, rows: list[tuple[str, int, int, int, bytes]]) -> None:
        try:
            self._insert(rows)
        except _Damaged:
            self._set_aside()
            try:
                self._insert(rows)
            except _Damaged as error:
                reason = "cannot be opened; name another folder with --cache"
                raise CacheError(self.path, reason) from error

    def _insert(self, rows: list[tuple[str, int, int, int, bytes]]) -> None:
        with self._errors():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO prepared VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")

    def _trim(self) -> None:
        """Forget the least recently used until the limit is kept."""
        try:
            with self._errors():
                connection = self._connection()
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
                    excess -= size
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("DELETE FROM prepared WHERE rowid = ?", gone)
                connection.execute("COMMIT")
                connection.executescript("PRAGMA incremental_vacuum")
        except _Damaged:
            self._set_aside()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self._drop()
            # The low byte is the primary code, the rest says where it was seen.
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
                raise _Damaged from error
            reason = f"{error}; name another folder with --cache"
            raise CacheError(self.path, reason) from error

    def _drop(self) -> None:
        """Forget this thread's connection: an error may have left a transaction open."""
        connection = self._open.pop((os.getpid(), threading.get_ident()), None)
        if connection is not None:
            connection.close()

    def _set_aside(self) -> None:
        """Keep a damaged file for whoever wants to look, out of the way."""
        self._drop()
        with contextlib.suppress(OSError):
            self.path.replace(self.path.with_suffix(".damaged"))
        for tail in ("-wal", "-shm"):
            self.path.with_name(self.path.name + tail).unlink(missing_ok=True)


class _Damaged(Exception):
    pass
