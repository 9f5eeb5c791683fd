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

from typing_extensions import override

from ledger.errors import Absent, StorageError
from ledger.journal.address import SQLiteFile
from ledger.journal.recorder import JournalRecorder
from ledger.journal.schema import connect, ledger_id, prepare
from ledger.journal.sql_store import Spelling, SQLStore, columns_of
from ledger.journal.sqlite_failures import translated

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ledger.journal.store import Batch, StoreReader, StoreTransaction

_AMONG: Final = "IN (SELECT value FROM json_each(?))"  # one JSON array for any number of values
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


class _SQLiteStore(SQLStore):
    """The primitives over one connection of sqlite3."""

    spelling = Spelling("?", _AMONG, _AMONG)

    def __init__(self, connection: sqlite3.Connection, ledger: int) -> None:
        self._connection = connection
        self._ledger = ledger

    def write(self, batch: Batch) -> None:
        """Write the batch, parents before the rows that refer to them."""
        ledger, execute_many = self._ledger, self._connection.executemany
        execute_many(_ADD_EVENT, [(ledger, *columns_of(row)) for row in batch.rows])
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

    @override
    def _fetch(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with closing(self._connection.execute(statement, (self._ledger, *values))) as cursor:
            return cursor.fetchall()

    @override
    def _listed(self, values: Collection[str] | Collection[int]) -> str:
        return json.dumps(list(values))
