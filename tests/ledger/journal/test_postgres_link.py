"""Connections to PostgreSQL: lent again, looked at first, bounded; and their errors in our words."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from eventsourcing import persistence
from psycopg import errors

from ledger.errors import StorageError
from ledger.journal.memory import MemoryRecorder
from ledger.journal.postgres_failures import translated
from ledger.journal.postgres_link import POOL_SIZE, Database, complete, place_of
from ledger.journal.store import BusyError
from tests.ledger.journal.sequencer_kit import ORIGIN, Client, assert_proves, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.journal.postgres_link import Connection
    from tests.postgres import PostgresServer


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """An open database, whose limit is short."""
    made = Database(postgres_url, busy_seconds=0.3)
    made.open(pid_of)
    yield made
    made.close()


def pid_of(connection: Connection) -> int:
    return connection.info.backend_pid


def test_a_connection_is_lent_again(database: Database) -> None:
    with database.connection() as connection:
        first = pid_of(connection)
    with database.connection() as connection:
        assert pid_of(connection) == first


def test_a_connection_that_the_server_ended_is_not_lent(
    database: Database, postgres_server: PostgresServer
) -> None:
    with database.connection() as one, database.connection() as two:
        ended = {pid_of(one), pid_of(two)}
    for pid in ended:
        postgres_server.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
    start = time.monotonic()
    with database.connection() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert pid_of(connection) not in ended
    assert time.monotonic() - start < 1


def test_a_connection_left_in_a_transaction_is_not_lent_again(database: Database) -> None:
    with database.connection() as connection:
        left = pid_of(connection)
        connection.execute("BEGIN")
    with database.connection() as connection:
        assert pid_of(connection) != left


def test_there_are_only_so_many_connections(database: Database) -> None:
    held, done = threading.Barrier(POOL_SIZE + 1), threading.Event()

    def hold() -> None:
        with database.connection():
            held.wait(20)
            done.wait(20)

    threads = [threading.Thread(target=hold) for _ in range(POOL_SIZE)]
    for thread in threads:
        thread.start()
    held.wait(20)
    with pytest.raises(BusyError), database.connection():
        pass
    done.set()
    for thread in threads:
        thread.join(20)
    with database.connection() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_closed_database_lends_nothing(database: Database) -> None:
    with database.connection() as connection:
        database.close()
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert connection.closed
    with pytest.raises(StorageError, match="store-closed"), database.connection():
        pass


def test_limits_of_the_url_stand_and_the_others_are_filled_in() -> None:
    told = complete("postgresql://h/d?connect_timeout=60&application_name=x", "segreta")
    for part in ("connect_timeout=60", "application_name=x", "keepalives=1", "password=segreta"):
        assert part in told
    assert "password=dalla-url" in complete("postgresql://u:dalla-url@h/d", "segreta")
    assert place_of(told) == "La base dati d su h"


ERRORS: dict[type[psycopg.Error], type[Exception]] = {
    errors.UniqueViolation: persistence.IntegrityError,
    errors.AdminShutdown: persistence.OperationalError,
    psycopg.InternalError: persistence.InternalError,
    errors.InvalidTextRepresentation: persistence.DataError,
    errors.UndefinedTable: persistence.ProgrammingError,
    errors.FeatureNotSupported: persistence.NotSupportedError,
    psycopg.InterfaceError: persistence.InterfaceError,
    errors.LockNotAvailable: BusyError,
    errors.SerializationFailure: BusyError,
    errors.DeadlockDetected: BusyError,
}


@pytest.mark.parametrize("theirs", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_of_the_driver_is_told_as_one_of_the_library(theirs: type[psycopg.Error]) -> None:
    with pytest.raises(ERRORS[theirs]) as told, translated("La base dati x su y"):
        raise theirs("two\nlines")
    assert type(told.value) is ERRORS[theirs]
    assert str(told.value).endswith("two lines")


def test_a_commit_in_doubt_is_settled_when_a_cluster_calls_it_an_internal_error() -> None:
    recorder = MemoryRecorder(ORIGIN)
    sequencer, client = opened(recorder), Client()
    for step in ("after-commit", "after-write-before-commit"):
        with pytest.raises(persistence.InternalError) as doubt, translated("il coordinatore"):
            raise psycopg.InternalError("connection to the remote node failed at COMMIT")
        recorder.fail_next(step, doubt.value)  # type: ignore[arg-type]  # one of the steps
        event = client.make("cup/a")
        assert_proves(sequencer.submit(event), event)
    assert recorder.head().position == 4
