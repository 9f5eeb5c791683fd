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
from eventsourcing.dcb.api import DCBSequencedEvent
from psycopg.pq import TransactionStatus

from ledger.journal.store import Head, KeyedEvent, StreamHead, name_range

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ledger.journal.postgres_link import Connection
    from ledger.journal.store import Batch, NewRow

_HEAD: Final = "SELECT position, streams FROM ledger_head WHERE ledger_id = %s"
_STREAM: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = %s AND name = %s"""
_STREAM_HEADS: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = %s AND name = ANY(%b::text[])"""
_STREAM_NAMES: Final = """SELECT name FROM stream
    WHERE ledger_id = %s AND name >= %s AND name < %s ORDER BY ordinal"""
_STREAMS: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = %s AND ordinal > %s ORDER BY ordinal LIMIT %s"""
_NAMES: Final = """SELECT ordinal, name FROM stream
    WHERE ledger_id = %s AND ordinal = ANY(%b::bigint[])"""
_PLACES: Final = """SELECT position FROM stream_event
    WHERE ledger_id = %s AND ordinal = %s AND seq >= %s ORDER BY seq LIMIT %s"""
_ROWS: Final = """SELECT position, type, key, streams, data FROM event
    WHERE ledger_id = %s AND position > %s ORDER BY position LIMIT %s"""
_ROWS_AT: Final = """SELECT position, type, key, streams, data FROM event
    WHERE ledger_id = %s AND position = ANY(%b::bigint[]) ORDER BY position"""
_FIND: Final = "SELECT position FROM event WHERE ledger_id = %s AND key = %s"
_POSITIONS_OF: Final = """SELECT key, position FROM event
    WHERE ledger_id = %s AND key = ANY(%b::text[])"""
_TILE: Final = "SELECT hashes FROM tile WHERE ledger_id = %s AND level = %s AND number = %s"

# The head is read at the last commit, after the wait for its lock, whatever the server's default.
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_LOCK_HEAD: Final = f"{_HEAD} FOR UPDATE"
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


class PostgresStore:
    """The primitives of a reader."""

    def __init__(self, connection: Connection, ledger: int) -> None:
        """Read this ledger over this connection."""
        self._connection = connection
        self._ledger = ledger

    def head(self) -> Head:
        """Return where the ledger ends."""
        return Head(*self._all(_HEAD)[0])

    def stream(self, name: str) -> StreamHead | None:
        """Return where a stream ends."""
        rows = self._all(_STREAM, name)
        return StreamHead(*rows[0]) if rows else None

    def stream_heads(self, names: Collection[str]) -> list[StreamHead]:
        """Return where those of the streams end that are there, in any order."""
        return [StreamHead(*row) for row in self._all(_STREAM_HEADS, list(names))]

    def stream_names(self, prefix: str) -> list[str]:
        """Return the names of the streams that begin with an ASCII text, in order of creation."""
        return [name for (name,) in self._all(_STREAM_NAMES, *name_range(prefix))]

    def streams(self, after_ordinal: int, limit: int) -> list[StreamHead]:
        """Return streams with a larger ordinal, in order of creation."""
        return [StreamHead(*row) for row in self._all(_STREAMS, after_ordinal, limit)]

    def places(self, ordinal: int, from_seq: int, limit: int) -> list[int]:
        """Return positions of a stream's events from number `from_seq` on."""
        return [row[0] for row in self._all(_PLACES, ordinal, from_seq, limit)]

    def rows(self, after: int, limit: int) -> list[DCBSequencedEvent]:
        """Return rows with a larger position, ascending."""
        return self._events(self._all(_ROWS, after, limit))

    def rows_at(self, positions: Sequence[int]) -> list[DCBSequencedEvent]:
        """Return the rows at these positions, ascending."""
        return self._events(self._all(_ROWS_AT, list(positions)))

    def find(self, key: str) -> int | None:
        """Return the position of the row with this key."""
        rows = self._all(_FIND, key)
        return int(rows[0][0]) if rows else None

    def positions_of(self, keys: Collection[str]) -> dict[str, int]:
        """Return the positions of the rows with these keys; a key that is not there is left out."""
        return dict(self._all(_POSITIONS_OF, list(keys)))

    def tile(self, level: int, number: int) -> bytes | None:
        """Return the 8,192 bytes of a full tile."""
        rows = self._all(_TILE, level, number)
        return rows[0][0] if rows else None

    def _all(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query whose first argument is the ledger; pages are bounded."""
        return self._connection.execute(
            sql.encode(), (self._ledger, *arguments), binary=True
        ).fetchall()

    def _events(self, rows: list[tuple[Any, ...]]) -> list[DCBSequencedEvent]:
        """Return rows with the names of their streams in the order in which they were given."""
        ordinals = [[int(text) for text in row[3].split(",") if text] for row in rows]
        wanted = {ordinal for each in ordinals for ordinal in each}
        names: dict[int, str] = dict(self._all(_NAMES, list(wanted)) if wanted else ())
        return [
            DCBSequencedEvent(
                event=KeyedEvent(type_, data, [names[ordinal] for ordinal in each], key),
                position=position,
            )
            for (position, type_, key, _, data), each in zip(rows, ordinals, strict=True)
        ]


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
        self._put(_ADD_EVENTS, [_columns(row) for row in batch.rows])
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


def _columns(row: NewRow) -> tuple[int, str, str | None, str, bytes]:
    """Return position, type, key, streams and data; streams are ordinals, as in '0,17'."""
    streams = ",".join(str(ordinal) for ordinal, _ in row.places)
    return row.position, row.event.type, row.event.key, streams, row.event.data
