"""Connections to PostgreSQL: how they are made, lent and watched.

    database = Database("postgresql://pista@db.comune.lecce.it/pista?sslmode=verify-full")
    database.open(prepare)
    with database.connection() as connection: ...

A URL is one of libpq, with all that libpq knows (sslmode, sslrootcert, target_session_attrs,
options); what it does not say of time limits is filled in, so that no call waits for ever: for a
host that does not answer, for a peer that is gone, for a lock. A commit is only acknowledged when
it is on disk: each connection is asked for its `synchronous_commit`, and set right.

A connection that the server closed is noticed before it is lent, without a round trip.

Source: design ARCHITECTURE D2, D16; https://www.postgresql.org/docs/18/libpq-connect.html.
"""

from __future__ import annotations

import math
import select
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper

from ledger.errors import StorageError
from ledger.journal.address import malformed
from ledger.journal.postgres_failures import not_connected, translated
from ledger.journal.store import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connection = psycopg.Connection[tuple[Any, ...]]

POOL_SIZE: Final = 10
_READS: Final = 10  # more than the last words of a server need
_IDLE_SECONDS: Final = 60  # how long a stopped program may keep the lock of a ledger

# What a URL may say otherwise. Times in seconds but tcp_user_timeout, in milliseconds.
_LIMITS: Final[dict[str, str | int]] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "pista",
}

_CONFIGURE: Final = """SELECT set_config('client_encoding', 'UTF8', false),
    set_config('lock_timeout', %s, false),
    set_config('idle_in_transaction_session_timeout', %s, false),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit')
        WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)"""


class Database:
    """Connections to one database, lent and taken back; safe for threads.

    There are as many as are used at once, up to `POOL_SIZE`. One that broke is not lent again: the
    next caller connects anew, in its own thread, and is told at once when that fails.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0, password: str = "") -> None:
        """Name the database; nothing is connected yet.

        Raises:
            ShapeError: `database-url-malformed`, when libpq cannot read the URL.
        """
        self.busy_seconds = busy_seconds
        self._conninfo = complete(url, password)
        self.place = place_of(self._conninfo)
        self._slots = threading.BoundedSemaphore(POOL_SIZE)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._is_closed = False

    def open(self, prepare: Callable[[Connection], object]) -> None:
        """Connect, so that what is wrong is told; look at the tables; keep the connection.

        Raises:
            Absent: `database-absent`, when the server has no such database.
            StorageError: `database-unreachable`, `database-refused` or `database-not-trusted`,
                when the server does not answer, lets us not in, or shows no valid certificate.
            PistaError: what `prepare` raises.
            eventsourcing.persistence.PersistenceError: when the server fails in another way.
        """
        with self._first() as connection:
            prepare(connection)
            self._give_back(connection)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Lend a connection for this once; the errors of the body are translated.

        Raises:
            PistaError: as `open`.
            eventsourcing.persistence.PersistenceError: for what fails in the body.
        """
        with self._first() as connection, connection:
            yield connection

    def close(self) -> None:
        """Close all connections; those that are lent close when they are given back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection in autocommit mode; the errors of the body are translated.

        Raises:
            StorageError: when the database was closed here (`store-closed`).
            BusyError: when as many connections as there may be were in use for too long.
            eventsourcing.persistence.PersistenceError: when the server cannot be reached, and for
                what fails in the body.
        """
        if not self._slots.acquire(timeout=self.busy_seconds):
            raise BusyError(f"{self.place}: all {POOL_SIZE} connections are in use")
        try:
            with translated(self.place):
                connection = self._alive() or self._connect()
                try:
                    yield connection
                finally:
                    self._give_back(connection)
        finally:
            self._slots.release()

    @contextmanager
    def _first(self) -> Iterator[Connection]:
        """Lend the first connection, which tells what is wrong with the URL; close it on errors."""
        with translated(self.place):
            try:
                connection = self._connect()
            except psycopg.OperationalError as error:
                raise not_connected(self.place, error) from error
            try:
                yield connection
            except BaseException:
                connection.close()
                raise

    def _alive(self) -> Connection | None:
        """Return an idle connection that the server has not closed, None when there is none."""
        while True:
            with self._lock:
                if self._is_closed:
                    raise StorageError(
                        "store-closed",
                        f"{self.place} è già stata chiusa da questo programma: aprirla di nuovo.",
                    )
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if is_alive(connection):
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        """Keep a connection that can be lent again, close any other."""
        is_sound = connection.info.transaction_status is TransactionStatus.IDLE
        with self._lock:
            if is_sound and not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> Connection:
        """Return a new connection, set as every one of ours: a round trip that also verifies it."""
        connection = psycopg.connect(self._conninfo, autocommit=True)
        try:
            self._configure(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _configure(self, connection: Connection) -> None:
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        lock = f"{max(1, math.ceil(self.busy_seconds * 1000))}ms"  # 0 would wait for ever
        row = connection.execute(_CONFIGURE, (lock, f"{_IDLE_SECONDS}s")).fetchone()
        if row is None or row[3] not in {"on", "remote_apply"}:
            raise psycopg.NotSupportedError("the server does not commit durably")


def complete(url: str, password: str = "") -> str:
    """Return the URL as connection string, with time limits where it names none.

    Raises:
        ShapeError: `database-url-malformed`, when libpq cannot read the URL.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # libpq quotes what it cannot read, which may be a password.
        raise malformed(url, "non è un indirizzo di PostgreSQL") from None
    more: dict[str, str | int] = {k: v for k, v in _LIMITS.items() if k not in given}
    if password and not given.get("password"):
        more["password"] = password
    return make_conninfo(url, **more)


def place_of(conninfo: str) -> str:
    """Return what people call the database; never its password."""
    given = conninfo_to_dict(conninfo)
    host = given.get("host") or given.get("hostaddr") or given.get("service") or "localhost"
    name = given.get("dbname") or given.get("user") or "predefinita"
    return f"La base dati {name} su {host}"


def is_alive(connection: Connection) -> bool:
    """Tell whether the server has not closed an idle connection, which it says before it does."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    try:
        for _ in range(_READS):
            if not poll.poll(0):
                return True
            connection.pgconn.consume_input()
    except psycopg.OperationalError:
        pass
    return False
