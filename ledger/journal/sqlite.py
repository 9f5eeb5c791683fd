"""A recorder in one SQLite file: WAL, synchronous=FULL, its tables in schema.py.

    recorder = SQLiteRecorder(Path("ledger.db"), "pnrr.comune.lecce.it/c_e506", create=True)
    recorder.append(rows)        # BEGIN IMMEDIATE ... COMMIT; durable when it returns
    recorder.close()

The object is safe for threads: one connection writes, under a lock; readers are lent from a pool
that grows to as many as read at once, and see the last commit. Several processes may open the same
file. Errors of sqlite3 come out as those of eventsourcing.persistence; a lock that could not be had
within `busy_seconds` as `BusyError`.

Source: design ARCHITECTURE D2, D4, D16; https://www.sqlite.org/wal.html, lang_transaction.html.
"""

from __future__ import annotations

import json
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from eventsourcing.dcb.api import DCBSequencedEvent
from typing_extensions import override

from ledger.errors import Absent, StorageError
from ledger.journal.address import SQLiteFile
from ledger.journal.recorder import JournalRecorder
from ledger.journal.schema import connect, ledger_id, prepare
from ledger.journal.sqlite_failures import translated
from ledger.journal.store import (
    Head,
    KeyedEvent,
    StreamHead,
    name_range,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ledger.journal.store import Batch, NewRow, StoreReader, StoreTransaction

_HEAD: Final = "SELECT position, streams FROM ledger_head WHERE ledger_id = ?"
_STREAM: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = ? AND name = ?"""
_STREAM_HEADS: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = ? AND name IN (SELECT value FROM json_each(?))"""
_STREAM_NAMES: Final = """SELECT name FROM stream
    WHERE ledger_id = ? AND name >= ? AND name < ? ORDER BY ordinal"""
_STREAMS: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?"""
_NAMES: Final = """SELECT ordinal, name FROM stream
    WHERE ledger_id = ? AND ordinal IN (SELECT value FROM json_each(?))"""
_PLACES: Final = """SELECT position FROM stream_event
    WHERE ledger_id = ? AND ordinal = ? AND seq >= ? ORDER BY seq LIMIT ?"""
_ROWS: Final = """SELECT position, type, key, streams, data FROM event
    WHERE ledger_id = ? AND position > ? ORDER BY position LIMIT ?"""
_ROWS_AT: Final = """SELECT position, type, key, streams, data FROM event
    WHERE ledger_id = ? AND position IN (SELECT value FROM json_each(?)) ORDER BY position"""
_FIND: Final = "SELECT position FROM event WHERE ledger_id = ? AND key = ?"
_POSITIONS_OF: Final = """SELECT key, position FROM event
    WHERE ledger_id = ? AND key IN (SELECT value FROM json_each(?))"""
_TILE: Final = "SELECT hashes FROM tile WHERE ledger_id = ? AND level = ? AND number = ?"
_ADD_EVENT: Final = """INSERT INTO event (ledger_id, position, type, key, streams, data)
    VALUES (?, ?, ?, ?, ?, ?)"""
# A stream that is elsewhere than the batch says gets no count, which the table does not take.
_PUT_STREAM: Final = """INSERT INTO stream (ledger_id, name, ordinal, count, last_position)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT (ledger_id, name) DO UPDATE
    SET count = CASE WHEN ordinal = excluded.ordinal AND count < excluded.count
        THEN excluded.count END, last_position = excluded.last_position"""
_ADD_PLACE: Final = """INSERT INTO stream_event (ledger_id, ordinal, seq, position)
    VALUES (?, ?, ?, ?)"""
_ADD_TILE: Final = "INSERT INTO tile (ledger_id, level, number, hashes) VALUES (?, ?, ?, ?)"
_MOVE_HEAD: Final = "UPDATE ledger_head SET position = ?, streams = ? WHERE ledger_id = ?"


class SQLiteRecorder(JournalRecorder):
    """The rows of one ledger in an SQLite file, which may hold other ledgers as well."""

    def __init__(
        self,
        path: Path,
        origin: str,
        *,
        create: bool = False,
        busy_seconds: float = 5.0,
        access: str = "",
    ) -> None:
        """Open the ledger of this origin; with `create`, make file, tables and ledger as needed.

        `access` is `mode=ro` or `immutable=1` for a file that is not to be written, or cannot be.

        Raises:
            Absent: when there is no such file, or no such ledger in it, and `create` is False
                (`no-ledger`).
            StorageError: when the file cannot be used; see `schema.prepare`.
            BusyError: when another process held the lock for over `busy_seconds`.
            eventsourcing.persistence.PersistenceError: when the file cannot be read or is none of
                SQLite's.
        """
        super().__init__(origin)
        self._path = path
        self._busy_seconds = busy_seconds
        self._access = access
        self._ledger_id = ledger_id(origin)
        self._write_lock = threading.Lock()
        self._pool_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._is_closed = False
        if not create and not path.is_file():
            raise Absent(
                "no-ledger",
                f"Il file {path} non c'è: controllare il percorso, o prima fondare il registro.",
            )
        with translated(path):
            self._writer = connect(path, busy_seconds, is_writer=True, access=access)
            try:
                prepare(self._writer, path, origin, busy_seconds, create=create)
            except BaseException:
                self._writer.close()
                raise

    @property
    def address(self) -> SQLiteFile:
        """The file, and how it is opened."""
        return SQLiteFile(self._path, self._access)

    @override
    def close(self) -> None:
        """Close all connections that are not in use; those in use close when they are given back.

        The last one to close a file folds the write-ahead log into it.
        """
        with self._write_lock, self._pool_lock:
            self._is_closed = True
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()

    @override
    def _reading(self) -> AbstractContextManager[StoreReader]:
        return self._lent()

    @override
    def _writing(self) -> AbstractContextManager[StoreTransaction]:
        return self._transaction()

    @contextmanager
    def _lent(self) -> Iterator[StoreReader]:
        with translated(self._path):
            with self._pool_lock:
                self._check_open()
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                connection = self._connect_reader()
            try:
                yield _SQLiteStore(connection, self._ledger_id)
            finally:
                with self._pool_lock:
                    if self._is_closed:
                        connection.close()
                    else:
                        self._idle.append(connection)

    @contextmanager
    def _transaction(self) -> Iterator[StoreTransaction]:
        with translated(self._path), self._write_lock:
            self._check_open()
            try:
                # Within the `try`: who is interrupted waiting for the lock may have got it.
                self._writer.execute("BEGIN IMMEDIATE")
                yield _SQLiteStore(self._writer, self._ledger_id)
                self._writer.execute("COMMIT")
            except BaseException:
                # After some failures SQLite has rolled back by itself.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def _connect_reader(self) -> sqlite3.Connection:
        return connect(self._path, self._busy_seconds, is_writer=False, access=self._access)

    def _check_open(self) -> None:
        if self._is_closed:
            raise StorageError(
                "store-closed",
                f"{self._path} è già stato chiuso da questo programma: aprirlo di nuovo.",
            )


class _SQLiteStore:
    """The primitives over one connection; every statement names the ledger."""

    def __init__(self, connection: sqlite3.Connection, ledger: int) -> None:
        self._connection = connection
        self._ledger = ledger

    def head(self) -> Head:
        return Head(*self._all(_HEAD)[0])

    def stream(self, name: str) -> StreamHead | None:
        rows = self._all(_STREAM, name)
        return StreamHead(*rows[0]) if rows else None

    def stream_heads(self, names: Collection[str]) -> list[StreamHead]:
        return [StreamHead(*row) for row in self._all(_STREAM_HEADS, json.dumps(list(names)))]

    def stream_names(self, prefix: str) -> list[str]:
        return [name for (name,) in self._all(_STREAM_NAMES, *name_range(prefix))]

    def streams(self, after_ordinal: int, limit: int) -> list[StreamHead]:
        return [StreamHead(*row) for row in self._all(_STREAMS, after_ordinal, limit)]

    def places(self, ordinal: int, from_seq: int, limit: int) -> list[int]:
        return [position for (position,) in self._all(_PLACES, ordinal, from_seq, limit)]

    def rows(self, after: int, limit: int) -> list[DCBSequencedEvent]:
        return self._events(self._all(_ROWS, after, limit))

    def rows_at(self, positions: Sequence[int]) -> list[DCBSequencedEvent]:
        return self._events(self._all(_ROWS_AT, _array(positions)))

    def find(self, key: str) -> int | None:
        rows = self._all(_FIND, key)
        return int(rows[0][0]) if rows else None

    def positions_of(self, keys: Collection[str]) -> dict[str, int]:
        return dict(self._all(_POSITIONS_OF, json.dumps(list(keys))))

    def tile(self, level: int, number: int) -> bytes | None:
        rows = self._all(_TILE, level, number)
        return bytes(rows[0][0]) if rows else None

    def write(self, batch: Batch) -> None:
        """Write the batch, parents before the rows that refer to them."""
        ledger, execute_many = self._ledger, self._connection.executemany
        execute_many(_ADD_EVENT, [(ledger, *_columns(row)) for row in batch.rows])
        execute_many(
            _PUT_STREAM,
            [(ledger, s.name, s.ordinal, s.count, s.last_position) for s in batch.streams],
        )
        execute_many(
            _ADD_PLACE,
            [(ledger, *place, row.position) for row in batch.rows for place in row.places],
        )
        execute_many(_ADD_TILE, [(ledger, t.level, t.number, t.hashes) for t in batch.tiles])
        self._connection.execute(_MOVE_HEAD, (batch.head.position, batch.head.streams, ledger))

    def _all(self, sql: str, *arguments: str | int) -> list[tuple[Any, ...]]:
        """Return the rows of a query whose first argument is the ledger; pages are bounded."""
        with closing(self._connection.execute(sql, (self._ledger, *arguments))) as cursor:
            return cursor.fetchall()

    def _events(self, rows: list[tuple[Any, ...]]) -> list[DCBSequencedEvent]:
        """Return rows with the names of their streams in the order in which they were given."""
        ordinals = [[int(text) for text in row[3].split(",") if text] for row in rows]
        wanted = {ordinal for each in ordinals for ordinal in each}
        names: dict[int, str] = dict(self._all(_NAMES, _array(wanted)) if wanted else ())
        return [
            DCBSequencedEvent(
                event=KeyedEvent(type_, bytes(data), [names[ordinal] for ordinal in each], key),
                position=position,
            )
            for (position, type_, key, _, data), each in zip(rows, ordinals, strict=True)
        ]


def _columns(row: NewRow) -> tuple[int, str, str | None, str, bytes]:
    """Return position, type, key, streams and data; streams are ordinals, as in '0,17'."""
    streams = ",".join(str(ordinal) for ordinal, _ in row.places)
    return row.position, row.event.type, row.event.key, streams, row.event.data


def _array(numbers: Iterable[int]) -> str:
    """Return a JSON array, the one argument that stands for any number of values."""
    return f"[{','.join(map(str, numbers))}]"
