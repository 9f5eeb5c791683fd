"""Connections to PostgreSQL: how they are made, lent, watched, and how their errors are told.

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

import logging
import math
import re
import select
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg
from eventsourcing import persistence
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8BinaryDumper
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from ledger.errors import Absent, StorageError
from ledger.journal.address import malformed
from ledger.journal.store import BusyError, read_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connection = psycopg.Connection[tuple[Any, ...]]

POOL_SIZE: Final = 10
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

# What libpq and servers say when a connection is refused, in English or Italian.
_ABSENT: Final = re.compile(r"database .* (does not exist|non esiste)")
_UNTRUSTED: Final = re.compile(r"certificate|\bSSL\b|\bTLS\b")
_REFUSED: Final = re.compile(
    r"authentication|password|pg_hba\.conf|role .* (does not exist|is not permitted)"
    r"|permission denied|autenticazione|ruolo .* non"
)

_BUSY: Final = (errors.LockNotAvailable, errors.SerializationFailure, errors.DeadlockDetected)

# From the most special class to the root, as psycopg derives them.
_TRANSLATIONS: Final[tuple[tuple[type[psycopg.Error], type[Exception]], ...]] = (
    (psycopg.DataError, persistence.DataError),
    (psycopg.OperationalError, persistence.OperationalError),
    (psycopg.IntegrityError, persistence.IntegrityError),
    (psycopg.InternalError, persistence.InternalError),
    (psycopg.ProgrammingError, persistence.ProgrammingError),
    (psycopg.NotSupportedError, persistence.NotSupportedError),
    (psycopg.DatabaseError, persistence.DatabaseError),
    (psycopg.InterfaceError, persistence.InterfaceError),
    (psycopg.Error, persistence.PersistenceError),
)


# The pool tells of its failures by our errors; it is not to write on the terminal as well.
logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())


class Database:
    """A pool of connections to one database; safe for threads."""

    def __init__(self, url: str, busy_seconds: float = 5.0, password: str = "") -> None:
        """Name the database; nothing is connected yet.

        Raises:
            ShapeError: `database-url-malformed`, when libpq cannot read the URL.
        """
        self.busy_seconds = busy_seconds
        self._conninfo = complete(url, password)
        self.place = place_of(self._conninfo)
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            self._conninfo,
            kwargs={"autocommit": True},
            min_size=1,
            max_size=POOL_SIZE,
            open=False,
            configure=self._configure,
            check=_check_alive,
            timeout=max(busy_seconds, 1.0),
            reconnect_timeout=max(busy_seconds, 1.0),
        )

    def open(self, prepare: Callable[[Connection], None]) -> None:
        """Connect once, so that what is wrong is told; look at the tables; then open the pool.

        Raises:
            Absent, StorageError: as `connected`, and what `prepare` raises.
            eventsourcing.persistence.PersistenceError: when the server fails in another way.
        """
        with self.connected() as connection:
            prepare(connection)
        self._pool.open()

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Lend a connection of its own, outside the pool; the errors of the body are translated.

        Raises:
            Absent: `database-absent`, when the server has no such database.
            StorageError: `database-unreachable`, `database-refused` or `database-not-trusted`,
                when the server does not answer, lets us not in, or shows no valid certificate.
            eventsourcing.persistence.PersistenceError: for what fails in the body.
        """
        with translated():
            try:
                connection = psycopg.connect(self._conninfo, autocommit=True)
            except psycopg.OperationalError as error:
                raise _not_connected(self.place, error) from error
            with connection:
                self._configure(connection)
                yield connection

    def close(self) -> None:
        """Close all connections; those that are lent close when they are given back."""
        self._pool.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection in autocommit mode; the errors of the body are translated.

        Raises:
            StorageError: when the database was closed here (`store-closed`).
            eventsourcing.persistence.PersistenceError: when there is no connection within the time
                limit, and for what fails in the body.
        """
        with translated():
            try:
                connection = self._pool.getconn()
            except PoolClosed as error:
                raise StorageError(
                    "store-closed",
                    "La base dati è già stata chiusa da questo programma: aprirla di nuovo.",
                ) from error
            except PoolTimeout as error:
                raise self._reason(error) from error
            try:
                yield connection
            finally:
                self._pool.putconn(connection)

    def _reason(self, timeout: PoolTimeout) -> psycopg.Error:
        """Return why there was no connection in time: what one more try is told."""
        try:
            psycopg.connect(self._conninfo).close()
        except psycopg.OperationalError as error:
            return error
        return timeout

    def _configure(self, connection: Connection) -> None:
        """Set what every connection of ours needs, in one round trip, and see that it is so."""
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        lock = f"{math.ceil(self.busy_seconds * 1000)}ms"
        row = connection.execute(_CONFIGURE, (lock, f"{_IDLE_SECONDS}s")).fetchone()
        if row is None or row[3] not in {"on", "remote_apply"}:
            raise psycopg.OperationalError("the server does not commit durably")


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


@contextmanager
def translated() -> Iterator[None]:
    """Raise the library's errors in place of those of psycopg."""
    try:
        yield
    except _BUSY as error:
        raise BusyError(str(error)) from error
    except errors.ReadOnlySqlTransaction as error:
        raise read_only(str(error)) from error
    except psycopg.Error as error:
        translation = next(ours for theirs, ours in _TRANSLATIONS if isinstance(error, theirs))
        raise translation(str(error)) from error


def _not_connected(place: str, error: psycopg.OperationalError) -> StorageError:
    """Return what a refused connection means, by what libpq or the server says of it."""
    told = " ".join(str(error).split())
    reason = told.rpartition("failed: ")[2]
    if _ABSENT.search(reason):
        return Absent(
            "database-absent",
            f"{place} non c'è ({told}): crearla con `createdb`, o correggere l'indirizzo.",
        )
    if _UNTRUSTED.search(reason):
        return StorageError(
            "database-not-trusted",
            f"Il server non dimostra di essere quello cercato ({told}): correggere il nome del"
            " server o sslrootcert nell'indirizzo; non togliere sslmode=verify-full.",
        )
    if _REFUSED.search(reason):
        return StorageError(
            "database-refused",
            f"{place} non ammette questo utente ({told}): controllare utente e password (PGPASSWORD,"
            " ~/.pgpass o PISTA_DATABASE_PASSWORD_FILE) e pg_hba.conf del server.",
        )
    return StorageError(
        "database-unreachable",
        f"{place} non risponde ({told}): controllare indirizzo, rete e server, poi riprovare; nulla"
        " è stato scritto.",
    )


def _check_alive(connection: Connection) -> None:
    """Notice that the server closed an idle connection: then there is something to read."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        connection.pgconn.consume_input()
        if connection.broken or connection.closed:
            raise psycopg.OperationalError("the server closed the connection")
