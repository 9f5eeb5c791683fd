"""The primitives of a store over one connection to PostgreSQL; every statement names the ledger.

A turn takes two round trips beside what it reads: BEGIN and the locked head in one, all that is
written and COMMIT in another. Rows go as binary arrays joined with the head of the ledger, so that
a distributed planner routes the statement to the one node that has this ledger (a bare
`INSERT ... SELECT unnest` it would coordinate with two-phase commit).

Source: design ARCHITECTURE D4, PERFORMANCE; https://www.psycopg.org/psycopg3/docs/advanced/pipeline.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.pq import TransactionStatus
from typing_extensions import override

from ledger.journal.sql_store import HEAD, Spelling, SQLStore, columns_of, spelled
from ledger.journal.store import Head

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ledger.journal.postgres_link import Connection
    from ledger.journal.store import Batch

_SPELLING: Final = Spelling("%s", "= ANY(%b::text[])", "= ANY(%b::bigint[])")

# The head is read at the last commit, after the wait for its lock, whatever the server's default.
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_LOCK_HEAD: Final = f"{spelled(HEAD, _SPELLING)} FOR UPDATE"
_ADD_EVENTS: Final = """INSERT INTO event (ledger_id, position, type, key, streams, data)
    SELECT h.ledger_id, r.position, r.type, r.key, r.streams, r.data
    FROM ledger_head h, unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::bytea[])
        AS r (position, type, key, streams, data) WHERE h.ledger_id = %s"""
# A stream that is elsewhere than the batch says gets no count, which the table does not take.
_PUT_STREAMS: Final = """INSERT INTO stream (ledger_id, name, ordinal, count, last_position)
    SELECT h.ledger_id, r.name, r.ordinal, r.count, r.last_position
    FROM ledger_head h, unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[])
        AS r (name, ordinal, count, last_position) WHERE h.ledger_id = %s
    ON CONFLICT (ledger_id, name) DO UPDATE
    SET count = CASE WHEN stream.ordinal = excluded.ordinal AND stream.count < excluded.count
        THEN excluded.count END, last_position = excluded.last_position"""
_ADD_PLACES: Final = """INSERT INTO stream_event (ledger_id, ordinal, seq, position)
    SELECT h.ledger_id, r.ordinal, r.seq, r.position
    FROM ledger_head h, unnest(%b::bigint[], %b::bigint[], %b::bigint[])
        AS r (ordinal, seq, position) WHERE h.ledger_id = %s"""
_ADD_TILES: Final = """INSERT INTO tile (ledger_id, level, number, hashes)
    SELECT h.ledger_id, r.level, r.number, r.hashes
    FROM ledger_head h, unnest(%b::bigint[], %b::bigint[], %b::bytea[])
        AS r (level, number, hashes) WHERE h.ledger_id = %s"""
_MOVE_HEAD: Final = "UPDATE ledger_head SET position = %s, streams = %s WHERE ledger_id = %s"


class PostgresStore(SQLStore):
    """The primitives over one connection of psycopg."""

    spelling = _SPELLING

    def __init__(self, connection: Connection, ledger: int) -> None:
        """Read this ledger over this connection."""
        self._connection = connection
        self._ledger = ledger

    @override
    def _fetch(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        arguments = (self._ledger, *values)
        return self._connection.execute(statement.encode(), arguments, binary=True).fetchall()

    @override
    def _listed(self, values: Collection[str] | Collection[int]) -> list[str] | list[int]:
        return list(values)  # type: ignore[return-value]  # all of one kind


class PostgresTransaction(PostgresStore):
    """A write transaction: `begin` takes the lock on the head, it ends by `commit` or `rollback`."""

    def __init__(self, connection: Connection, ledger: int) -> None:
        """Write to this ledger over this connection, which has no transaction."""
        super().__init__(connection, ledger)
        self._head = Head(0, 0)
        self._batch: Batch | None = None

    def begin(self) -> None:
        """Begin, and wait for the lock on the head of the ledger: one round trip."""
        with self._connection.pipeline():
            self._connection.execute(_BEGIN)
            locked = self._connection.execute(_LOCK_HEAD.encode(), (self._ledger,), binary=True)
        self._head = Head(*locked.fetchall()[0])

    @override
    def head(self) -> Head:
        """Return where the ledger ends, as locked."""
        return self._head

    def write(self, batch: Batch) -> None:
        """Keep the batch for the commit, with which it is sent."""
        self._batch = batch

    def commit(self) -> None:
        """Write the batch and commit: one round trip, durable when it returns."""
        with self._connection.pipeline():
            if self._batch is not None:
                self._send(self._batch)
            self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Leave nothing behind; a connection that cannot is closed, which has the same effect."""
        status = self._connection.info.transaction_status
        if status is TransactionStatus.IDLE:
            return
        try:
            if status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
                self._connection.execute("ROLLBACK")
                return
        except psycopg.Error:
            pass
        self._connection.close()

    def _send(self, batch: Batch) -> None:
        """Send the batch, parents before the rows that refer to them."""
        self._put(_ADD_EVENTS, [columns_of(row) for row in batch.rows])
        self._put(
            _PUT_STREAMS, [(s.name, s.ordinal, s.count, s.last_position) for s in batch.streams]
        )
        self._put(
            _ADD_PLACES, [(*place, row.position) for row in batch.rows for place in row.places]
        )
        self._put(_ADD_TILES, [(t.level, t.number, t.hashes) for t in batch.tiles])
        self._connection.execute(
            _MOVE_HEAD, (batch.head.position, batch.head.streams, self._ledger)
        )

    def _put(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Send one statement for all rows, an array a column."""
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self._connection.execute(sql.encode(), (*columns, self._ledger))
