"""A recorder in a PostgreSQL database, its tables in postgres_schema.py.

    recorder = PostgresRecorder("postgresql://db.comune.lecce.it/pista", ORIGIN, create=True)
    recorder.append(rows)        # BEGIN, head locked ... COMMIT; durable when it returns
    recorder.close()

The object is safe for threads, and so is the database for processes: who writes holds the lock on
the one row of `ledger_head` that is this ledger's, so writers of one ledger take turns and those of
other ledgers go on. Nothing else is locked, counted or shared between ledgers. Errors of psycopg
come out as those of eventsourcing.persistence; a lock that could not be had within `busy_seconds`
as `BusyError`.

A connection that breaks at COMMIT leaves it open whether the rows are stored; the sequencer asks.

Source: design ARCHITECTURE D2 to D5.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from typing_extensions import override

from ledger.journal.postgres_durable import check_durable
from ledger.journal.postgres_link import Database
from ledger.journal.postgres_schema import prepare
from ledger.journal.postgres_store import PostgresStore, PostgresTransaction
from ledger.journal.recorder import JournalRecorder
from ledger.journal.schema import ledger_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from ledger.journal.store import StoreReader, StoreTransaction


class PostgresRecorder(JournalRecorder):
    """The rows of one ledger in a PostgreSQL database, which may hold thousands of ledgers."""

    def __init__(
        self,
        url: str,
        origin: str,
        *,
        create: bool = False,
        busy_seconds: float = 5.0,
        password: str = "",
    ) -> None:
        """Open the ledger of this origin; with `create`, make tables and ledger as needed.

        Raises:
            Absent: when there is no such ledger and `create` is False (`no-ledger`).
            StorageError: when the tables cannot be used; see `postgres_schema.prepare`. Those that
                a crash would empty can be read, and are refused by the first write.
            PistaError: when the server cannot be used; see `Database.open`.
            eventsourcing.persistence.PersistenceError: when the server fails.
        """
        super().__init__(origin)
        self._ledger_id = ledger_id(origin)
        self._is_durable = False
        self._database = Database(url, busy_seconds, password)
        place = self._database.place
        self._database.open(lambda link: prepare(link, place, origin, create=create))

    @override
    def close(self) -> None:
        """Close all connections; those in use close when they are given back."""
        self._database.close()

    @override
    def check_durable(self) -> None:
        """Ask the server until it has said yes once; see `JournalRecorder.check_durable`."""
        if not self._is_durable:
            with self._database.connection() as connection:
                check_durable(connection, self._database.place)
            self._is_durable = True

    @override
    def _reading(self) -> AbstractContextManager[StoreReader]:
        return self._lent()

    @override
    def _writing(self) -> AbstractContextManager[StoreTransaction]:
        return self._transaction()

    @contextmanager
    def _lent(self) -> Iterator[StoreReader]:
        with self._database.connection() as connection:
            yield PostgresStore(connection, self._ledger_id)

    @contextmanager
    def _transaction(self) -> Iterator[StoreTransaction]:
        self.check_durable()
        with self._database.connection() as connection:
            transaction = PostgresTransaction(connection, self._ledger_id)
            try:
                transaction.begin()
                yield transaction
                transaction.commit()
            except BaseException:
                transaction.rollback()
                raise
